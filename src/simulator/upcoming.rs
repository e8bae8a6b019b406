//! What will happen by itself as time goes on, as far as it is known now.

use jiff::Timestamp;
use serde_json::Value;

use super::controller::legacy_serviceaccount_token_cleaner as cleaner;
use super::controller::legacytokentracking as tracking;
use super::plane::KUBE_SYSTEM;
use super::storage::Key;
use super::{Simulator, release};
use crate::apimachinery::meta;
use crate::base::Order as _;

/// Something that will happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upcoming {
    /// When.
    pub at: Timestamp,
    /// What, as the middle of a sentence: `the kubelet renews the token of pod web`.
    pub what: String,
}

impl Simulator {
    /// What will happen by itself, the next first: tokens that the kubelet renews, secrets that are cleaned up.
    pub fn upcoming(&self) -> Vec<Upcoming> {
        let store = &self.plane().store;
        let (pods, _) = store.list("pods", None);
        let mut upcoming: Vec<Upcoming> = Vec::new();
        for life in self.api.kubelet.token_lives() {
            if let Some(pod) = pods.iter().find(|pod| meta::uid(pod) == life.pod) {
                let what = format!("the kubelet renews the token of pod {}", meta::name(pod));
                upcoming.push(Upcoming { at: life.renewed, what });
            }
        }
        upcoming.extend(self.clean_up(&pods));
        upcoming.order_by(|one, other| (one.at, &one.what).cmp(&(other.at, &other.what)));
        upcoming.dedup();
        upcoming
    }

    fn clean_up(&self, pods: &[std::sync::Arc<Value>]) -> Vec<Upcoming> {
        let store = &self.plane().store;
        let tracked = store.get(&Key::new("configmaps", KUBE_SYSTEM, tracking::NAME));
        let Some(tracked) = tracked.as_deref().and_then(tracking::since) else { return Vec::new() };
        if !self.plane().does(release::LEGACY_TOKEN_CLEANUP) {
            return Vec::new();
        }
        let mut found = Vec::new();
        for account in store.list("serviceaccounts", None).0 {
            let namespace = meta::namespace(&account);
            for reference in account["secrets"].as_array().into_iter().flatten() {
                let name = reference["name"].as_str().unwrap_or_default();
                let in_use =
                    pods.iter().any(|pod| meta::namespace(pod) == namespace && cleaner::mounted_by(pod).contains(name));
                let secret = store.get(&Key::new("secrets", namespace, name)).filter(|_| !in_use);
                let Some(secret) = secret else { continue };
                if let Some(at) = cleaner::due(&secret, tracked) {
                    let what = match cleaner::is_marked(&secret) {
                        true => format!("secret {name}, still unused, has been deleted"),
                        false => format!("secret {name}, unused for a year, has been marked as invalid"),
                    };
                    found.push(Upcoming { at, what });
                }
            }
        }
        found
    }
}
