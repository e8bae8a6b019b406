//! What a kubelet may do for the pods of its node. Upstream: plugin/pkg/auth/authorizer/node.
//! Not here: volumes, leases of others, and the graph that makes it quick.

use serde_json::Value;

use crate::rbac::Attributes;
use crate::simulator::ControlPlane;

/// Whether the request is one of those that kubelets need; `None` for who is no node. An error says why not.
pub fn decide(plane: &ControlPlane, attributes: &Attributes) -> Option<Result<(), String>> {
    let node = attributes.user.name.strip_prefix("system:node:")?;
    if attributes.path.is_some() || !attributes.user.groups.iter().any(|group| group == "system:nodes") {
        return None;
    }
    let verb = attributes.verb.as_str();
    let reads = matches!(verb, "get" | "list" | "watch");
    let writes = matches!(verb, "create" | "update" | "patch");
    let related = |test: &dyn Fn(&Value) -> bool| match plane_has_pod(plane, node, &attributes.namespace, test) {
        _ if attributes.name.is_empty() => Err("No Object name found".to_owned()),
        true => Ok(()),
        false => Err(format!("no relationship found between node '{node}' and this object")),
    };
    let (resource, subresource) = (attributes.resource.as_str(), attributes.subresource.as_str());
    let allowed = match (attributes.group.as_str(), resource, subresource) {
        ("", "nodes", "") => reads || writes,
        ("", "nodes" | "pods", "status") => matches!(verb, "update" | "patch"),
        ("", "pods", "") => reads || matches!(verb, "create" | "delete"),
        ("", "pods", "eviction") => verb == "create",
        ("", "services", "") => reads,
        ("", "events", "") | ("events.k8s.io", "events", "") => writes,
        ("coordination.k8s.io", "leases", "") => true,
        ("authentication.k8s.io", "tokenreviews", "")
        | ("authorization.k8s.io", "subjectaccessreviews" | "localsubjectaccessreviews", "") => verb == "create",
        ("", "secrets" | "configmaps", _) => {
            return Some(match (reads, subresource, attributes.namespace.as_str()) {
                (false, ..) => Err("can only read resources of this type".to_owned()),
                (_, part, _) if !part.is_empty() => Err("cannot read subresource".to_owned()),
                (_, _, "") => Err("can only read namespaced object of this type".to_owned()),
                _ => related(&|pod| mentions(&pod["spec"], &attributes.name)),
            });
        }
        ("", "serviceaccounts", "token") if verb == "create" => {
            return Some(related(&|pod| {
                pod.pointer("/spec/serviceAccountName").is_some_and(|name| *name == attributes.name.as_str())
            }));
        }
        ("", "serviceaccounts", "token") => {
            return Some(Err("can only create tokens for individual service accounts".to_owned()));
        }
        _ => false,
    };
    if allowed { Some(Ok(())) } else { Some(Err(String::new())) }
}

/// Whether a pod of this namespace was placed on the node and passes the test.
fn plane_has_pod(plane: &ControlPlane, node: &str, namespace: &str, test: &dyn Fn(&Value) -> bool) -> bool {
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
