//! Sees that every active namespace has a service account called `default`.
//! Upstream: pkg/controller/serviceaccount/serviceaccounts_controller.go.

use futures::future::BoxFuture;
use serde_json::{Value, json};

use super::api::{Answer, Key, Kind, NAMESPACES, SERVICEACCOUNTS};
use super::informer::{Cache, Change};
use super::{Again, Context, Controller, Identity};

/// The controller.
pub struct ServiceAccount;

impl Controller for ServiceAccount {
    fn name(&self) -> &'static str {
        "service-account-controller"
    }

    fn user(&self) -> Identity {
        Identity::Account("service-account-controller")
    }

    fn watches(&self) -> &'static [Kind] {
        &[NAMESPACES, SERVICEACCOUNTS]
    }

    fn keys(&self, change: &Change, _cache: &Cache) -> Vec<Key> {
        let key = change.key();
        match (change.kind == NAMESPACES, change.is_deleted()) {
            (true, false) => vec![key],
            (false, true) => vec![Key::new(NAMESPACES, "", &key.namespace)],
            _ => Vec::new(),
        }
    }

    fn sync<'a>(&'a self, context: &'a Context, key: &'a Key) -> BoxFuture<'a, Answer<Again>> {
        Box::pin(async move {
            let Some(namespace) = context.api.get(key).await? else { return Ok(None) };
            if !is_active(&namespace) {
                return Ok(None);
            }
            if context.api.get(&Key::new(SERVICEACCOUNTS, &key.name, "default")).await?.is_some() {
                return Ok(None);
            }
            let account = json!({
                "kind": "ServiceAccount", "apiVersion": "v1",
                "metadata": {"name": "default", "namespace": key.name},
            });
            match context.api.create(SERVICEACCOUNTS, &key.name, &account).await {
                Err(failure)
                    if !(failure.is_exists() || failure.is_not_found() || failure.is_namespace_terminating()) =>
                {
                    Err(failure)
                }
                _ => Ok(None),
            }
        })
    }
}

/// A namespace that takes in new objects.
pub fn is_active(namespace: &Value) -> bool {
    namespace["metadata"].get("deletionTimestamp").is_none_or(Value::is_null)
        && namespace["status"]["phase"].as_str().is_none_or(|phase| phase == "Active")
}
