//! What makes the cluster's objects agree with each other: one file a controller, over one queue. Upstream: pkg/controller.

use crate::apimachinery::Release;
use crate::base::{Clock, Ids};

/// What controllers are started with.
#[derive(Clone)]
pub struct Settings {
    /// Which Kubernetes to be.
    pub release: Release,
    /// The cluster's time.
    pub clock: Clock,
    /// Generated names come from here.
    pub ids: Ids,
    /// Acts as the controller manager.
    pub client: kube::Client,
    /// The root certificate that `kube-root-ca.crt` publishes, as PEM.
    pub ca_pem: String,
    /// Signs a legacy token (without expiry) for a secret.
    pub legacy_tokens: std::sync::Arc<dyn LegacyTokens>,
}

/// Signs tokens for secrets. The tokens controller holds the private key upstream too.
pub trait LegacyTokens: Send + Sync {
    /// The token of `secret` for a service account of this namespace, name and uid.
    ///
    /// # Errors
    /// When the key cannot sign.
    fn sign(&self, namespace: &str, secret: &str, account: &str, uid: &str) -> Result<String, String>;
}

/// Runs every controller. Never ends by itself.
pub async fn run(settings: Settings) {
    let _ = settings;
    std::future::pending::<()>().await;
}
