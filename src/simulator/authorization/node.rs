//! What a kubelet may do for the pods of its node. Upstream: plugin/pkg/auth/authorizer/node.
//! Not here: volumes, leases of others, and the graph that makes it quick.

use serde_json::Value;

use crate::rbac::Attributes;
use crate::simulator::ControlPlane;

/// Whether the request is one of those that kubelets need.
pub fn allows(plane: &ControlPlane, attributes: &Attributes) -> bool {
    let Some(node) = attributes.user.name.strip_prefix("system:node:") else { return false };
    if attributes.path.is_some() || !attributes.user.groups.iter().any(|group| group == "system:nodes") {
        return false;
    }
    let reads = matches!(attributes.verb.as_str(), "get" | "list" | "watch");
    let writes = matches!(attributes.verb.as_str(), "create" | "update" | "patch" | "delete");
    let (resource, subresource) = (attributes.resource.as_str(), attributes.subresource.as_str());
    match (attributes.group.as_str(), resource, subresource) {
        ("", "nodes", "" | "status") => reads || (writes && attributes.verb != "delete"),
        ("", "pods", "" | "status" | "eviction") => reads || writes,
        ("", "services", "") => reads,
        ("", "events", "") | ("events.k8s.io", "events", "") => writes && attributes.verb != "delete",
        ("coordination.k8s.io", "leases", "") => true,
        ("", "secrets" | "configmaps", "") => {
            reads && plane_has_pod(plane, node, &attributes.namespace, |pod| mentions(pod, &attributes.name))
        }
        ("", "serviceaccounts", "token") => {
            attributes.verb == "create"
                && plane_has_pod(plane, node, &attributes.namespace, |pod| {
                    pod.pointer("/spec/serviceAccountName").is_some_and(|name| *name == attributes.name.as_str())
                })
        }
        ("", "serviceaccounts", "") => attributes.verb == "get",
        _ => false,
    }
}

/// Whether a pod of this namespace was placed on the node and passes the test.
fn plane_has_pod(plane: &ControlPlane, node: &str, namespace: &str, test: impl Fn(&Value) -> bool) -> bool {
    let (pods, _) = plane.store.list("pods", Some(namespace));
    pods.iter().any(|pod| pod.pointer("/spec/nodeName").is_some_and(|name| name == node) && test(pod))
}

/// Whether a pod's spec names a secret or a config map anywhere.
fn mentions(value: &Value, name: &str) -> bool {
    match value {
        Value::String(text) => text == name,
        Value::Array(items) => items.iter().any(|item| mentions(item, name)),
        Value::Object(fields) => fields.values().any(|field| mentions(field, name)),
        _ => false,
    }
}
