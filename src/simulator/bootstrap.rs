//! What is there before anybody asks: namespaces, the default roles and bindings. Upstream: pkg/controlplane.

use serde_json::{Value, json};

use crate::apimachinery::meta;

use super::registry::{self, Strategy};
use super::storage::Key;
use super::{ControlPlane, authorization, endpoints};

const NAMESPACES: &[&str] = &["default", "kube-node-lease", "kube-public", super::plane::KUBE_SYSTEM];

/// Puts the first objects into an empty store.
pub fn run(plane: &ControlPlane) {
    let namespaces =
        NAMESPACES.iter().map(|name| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}));
    // The accounts that the controllers act as; upstream makes each when its controller starts.
    let accounts = authorization::controllerpolicy::accounts(plane.release).into_iter().map(|name| {
        let metadata = json!({"name": name, "namespace": super::plane::KUBE_SYSTEM});
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata})
    });
    for object in namespaces.chain(accounts).chain(authorization::bootstrappolicy::objects(plane.release)) {
        put(plane, object);
    }
}

fn put(plane: &ControlPlane, object: Value) {
    let version = object["apiVersion"].as_str().unwrap_or_default();
    let wanted = |strategy: &&&'static dyn Strategy| {
        let resource = strategy.resource();
        resource.kind == meta::kind(&object) && resource.group_version.api_version() == version
    };
    let Some(strategy) = registry::ALL.iter().find(wanted) else {
        tracing::error!(kind = meta::kind(&object), "no resource for an object every cluster has");
        return;
    };
    let namespace = meta::namespace(&object).to_owned();
    match endpoints::prepare(plane, *strategy, object, &namespace) {
        Ok(object) => {
            let key = Key::new(strategy.resource().qualified(), namespace, meta::name(&object));
            if plane.store.create(key, object).is_err() {
                tracing::error!("an object every cluster has is there twice");
            }
        }
        Err(status) => tracing::error!(%status, "an object every cluster has is not valid"),
    }
}
