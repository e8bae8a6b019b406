//! Publishes the cluster's root certificate as the config map `kube-root-ca.crt` of every namespace.
//! Upstream: pkg/controller/certificates/rootcacertpublisher/publisher.go.

use futures::future::BoxFuture;
use serde_json::{Value, json};

use crate::apimachinery::meta;
use crate::simulator::release;

use super::api::{Answer, CONFIGMAPS, Key, Kind, NAMESPACES};
use super::informer::{Cache, Change};
use super::serviceaccount::is_active;
use super::{Again, Context, Controller, Identity};

const NAME: &str = "kube-root-ca.crt";
const DESCRIPTION_KEY: &str = "kubernetes.io/description";
const DESCRIPTION: &str = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.";

/// The controller.
pub struct RootCaCertPublisher;

impl Controller for RootCaCertPublisher {
    fn name(&self) -> &'static str {
        "root-ca-cert-publisher"
    }

    fn user(&self) -> Identity {
        Identity::Account("root-ca-cert-publisher")
    }

    fn watches(&self) -> &'static [Kind] {
        &[NAMESPACES, CONFIGMAPS]
    }

    fn keys(&self, change: &Change, _cache: &Cache) -> Vec<Key> {
        let key = change.key();
        match change.kind == NAMESPACES {
            true if !change.is_deleted() => vec![key],
            false if key.name == NAME => vec![Key::new(NAMESPACES, "", &key.namespace)],
            _ => Vec::new(),
        }
    }

    fn sync<'a>(&'a self, context: &'a Context, key: &'a Key) -> BoxFuture<'a, Answer<Again>> {
        Box::pin(async move {
            let Some(namespace) = context.api.get(key).await? else { return Ok(None) };
            if !is_active(&namespace) {
                return Ok(None);
            }
            let described = release::ROOT_CA_DESCRIPTION.holds(context.settings.release);
            let ca = context.settings.ca_pem.as_str();
            let stored = context.api.get(&Key::new(CONFIGMAPS, &key.name, NAME)).await?;
            let Some(configmap) = stored else {
                let new = repair(
                    json!({"kind": "ConfigMap", "apiVersion": "v1",
                    "metadata": {"name": NAME, "namespace": key.name}}),
                    ca,
                    described,
                );
                return match context.api.create(CONFIGMAPS, &key.name, &new).await {
                    Err(failure) if !(failure.is_not_found() || failure.is_namespace_terminating()) => Err(failure),
                    _ => Ok(None),
                };
            };
            let wanted = repair(configmap.clone(), ca, described);
            if wanted == configmap {
                return Ok(None);
            }
            context.api.update(CONFIGMAPS, &wanted, "").await?;
            Ok(None)
        })
    }
}

/// The config map with exactly the data it should have; a description of somebody else's is left alone.
fn repair(mut configmap: Value, ca: &str, described: bool) -> Value {
    configmap["data"] = json!({"ca.crt": ca});
    if described && meta::annotation(&configmap, DESCRIPTION_KEY).is_none_or(str::is_empty) {
        meta::metadata_map_mut(&mut configmap, "annotations").insert(DESCRIPTION_KEY.to_owned(), DESCRIPTION.into());
    }
    configmap
}

#[cfg(test)]
mod tests {
    use super::{DESCRIPTION, DESCRIPTION_KEY, repair};
    use serde_json::json;

    #[test]
    fn repairs() {
        let broken = json!({"metadata": {"name": "x"}, "data": {"ca.crt": "old", "extra": "1"}});
        let whole = repair(broken.clone(), "CA", true);
        assert_eq!(whole["data"], json!({"ca.crt": "CA"}));
        assert_eq!(whole["metadata"]["annotations"][DESCRIPTION_KEY], DESCRIPTION);
        assert_eq!(repair(whole.clone(), "CA", true), whole);
        assert!(repair(broken, "CA", false)["metadata"].get("annotations").is_none());
    }
}
