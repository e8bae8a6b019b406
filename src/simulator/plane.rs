//! What all parts of the control plane share.

use std::sync::Arc;

use crate::apimachinery::Release;
use crate::apimachinery::names::Rules;
use crate::base::{Clock, Ids};

use super::authentication::{TokenCache, Tracker};
use super::release::{self, Behaviour};
use super::serviceaccount::Issuer;
use super::storage::Store;

/// The name of the one node, as kubeadm's default would be on a machine called so.
pub const NODE: &str = "node-1";
/// The namespace the control plane's own objects live in.
pub const KUBE_SYSTEM: &str = "kube-system";

/// The shared state of one cluster.
pub struct ControlPlane {
    /// Which Kubernetes to be.
    pub release: Release,
    /// The cluster's time.
    pub clock: Clock,
    /// Where generated names come from.
    pub ids: Ids,
    /// The objects.
    pub store: Store,
    /// Signs and knows service account tokens.
    pub issuer: Arc<Issuer>,
    /// The tokens that were accepted a moment ago.
    pub accepted_tokens: TokenCache,
    /// Who acted as whom a moment ago.
    pub impersonations: Tracker,
    /// The certificate authority, as PEM: what `kube-root-ca.crt` publishes.
    pub ca_pem: String,
    /// SHA-256 of the administrator's certificate.
    pub admin_fingerprint: String,
}

impl ControlPlane {
    /// A cluster that holds nothing yet, and nobody's certificate.
    pub fn new(release: Release, clock: Clock, ids: Ids, issuer: Arc<Issuer>) -> Self {
        Self {
            release,
            clock,
            ids,
            store: Store::new(),
            issuer,
            accepted_tokens: TokenCache::default(),
            impersonations: Tracker::default(),
            ca_pem: String::new(),
            admin_fingerprint: String::new(),
        }
    }

    /// Whether this cluster's release behaves so.
    pub fn does(&self, behaviour: Behaviour) -> bool {
        behaviour.holds(self.release)
    }

    /// The words of this release for names that are not well-formed.
    pub fn names(&self) -> Rules {
        Rules { has_label_keys: self.does(release::LABEL_KEYS), tells_of_dots: self.does(release::LABELS_TOLD_OF_DOTS) }
    }
}
