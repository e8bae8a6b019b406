//! What a kubelet may write: its own node, its own pods, tokens for them. Upstream: plugin/pkg/admission/noderestriction.

use serde_json::Value;

use super::{Attributes, Plugin};
use crate::apimachinery::{Status, meta};
use crate::base::Order as _;
use crate::rbac;
use crate::simulator::storage::Key;
use crate::simulator::{ControlPlane, authorization, release};

const MIRROR: &str = "kubernetes.io/config.mirror";
/// Labels of Kubernetes' own that a kubelet may give its node.
const LABELS: &[&str] = &[
    "beta.kubernetes.io/arch",
    "beta.kubernetes.io/instance-type",
    "beta.kubernetes.io/os",
    "failure-domain.beta.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/zone",
    "failure-domain.kubernetes.io/region",
    "failure-domain.kubernetes.io/zone",
    "kubernetes.io/arch",
    "kubernetes.io/hostname",
    "kubernetes.io/instance-type",
    "kubernetes.io/os",
    "node.kubernetes.io/instance-type",
    "topology.kubernetes.io/region",
    "topology.kubernetes.io/zone",
];

/// `NodeRestriction`
pub struct NodeRestriction;

impl Plugin for NodeRestriction {
    fn name(&self) -> &'static str {
        "NodeRestriction"
    }

    fn admit(&self, plane: &ControlPlane, attributes: &Attributes<'_>, object: &mut Value) -> Result<(), Status> {
        let user = attributes.user;
        let Some(node) = user.name.strip_prefix("system:node:") else { return Ok(()) };
        if !user.groups.iter().any(|group| group == "system:nodes") {
            return Ok(());
        }
        let forbid = |why: String| Err(attributes.refuse(object, &why));
        if node.is_empty() {
            return forbid(format!("could not determine node from user {:?}", user.name));
        }
        let resource = attributes.resource;
        let checked = match (resource.group_version.group, resource.plural) {
            ("", "pods") => admit_pod(plane, attributes, object, node),
            ("", "nodes") => admit_node(attributes, object, node),
            ("", "serviceaccounts") if (attributes.operation, attributes.subresource) == ("CREATE", "token") => {
                return admit_token(plane, attributes, object, node);
            }
            _ => Ok(()),
        };
        checked.or_else(forbid)
    }
}

fn placed_on(pod: &Value) -> &str {
    pod.pointer("/spec/nodeName").and_then(Value::as_str).unwrap_or_default()
}

fn admit_pod(plane: &ControlPlane, attributes: &Attributes<'_>, object: &Value, node: &str) -> Result<(), String> {
    let old = attributes.old.unwrap_or(&Value::Null);
    match (attributes.subresource, attributes.operation) {
        ("", "CREATE") => admit_mirror(object, node),
        ("", "DELETE") if placed_on(old) == node => Ok(()),
        ("", "DELETE") => Err(format!("node {node:?} can only delete pods with spec.nodeName set to itself")),
        ("", operation) => {
            Err(format!("unexpected operation {operation:?}, node {node:?} can only create and delete mirror pods"))
        }
        ("status", "UPDATE") if placed_on(old) != node => {
            Err(format!("node {node:?} can only update pod status for pods with spec.nodeName set to itself"))
        }
        ("status", "UPDATE") if labels(object) != labels(old) => {
            Err(format!("node {node:?} cannot update labels through pod status"))
        }
        ("status", "UPDATE") => Ok(()),
        ("eviction", "CREATE") => {
            let pod = plane.store.get(&Key::new("pods", attributes.namespace, attributes.name));
            match pod {
                Some(pod) if placed_on(&pod) != node => {
                    Err(format!("node {node} can only evict pods with spec.nodeName set to itself"))
                }
                _ => Ok(()),
            }
        }
        ("status" | "eviction", operation) => Err(format!("unexpected operation {operation:?}")),
        (part, _) => Err(format!("unexpected pod subresource {part:?}, only 'status' and 'eviction' are allowed")),
    }
}

fn admit_mirror(pod: &Value, node: &str) -> Result<(), String> {
    if meta::annotation(pod, MIRROR).is_none() {
        return Err(format!("pod does not have {MIRROR:?} annotation, node {node:?} can only create mirror pods"));
    }
    if placed_on(pod) != node {
        return Err(format!("node {node:?} can only create pods with spec.nodeName set to itself"));
    }
    let account = pod.pointer("/spec/serviceAccountName").and_then(Value::as_str).unwrap_or_default();
    if !account.is_empty() {
        return Err(format!("node {node:?} can not create pods that reference a service account"));
    }
    Ok(())
}

fn labels(object: &Value) -> Option<&Value> {
    object.get("metadata").and_then(|metadata| metadata.get("labels"))
}

fn admit_node(attributes: &Attributes<'_>, object: &Value, node: &str) -> Result<(), String> {
    let asked = if attributes.name.is_empty() { meta::name(object) } else { attributes.name };
    if asked != node {
        return Err(format!("node {node:?} is not allowed to modify node {asked:?}"));
    }
    let old = attributes.old.unwrap_or(&Value::Null);
    if attributes.operation == "UPDATE" && object.pointer("/spec/taints") != old.pointer("/spec/taints") {
        return Err(format!("node {node:?} is not allowed to modify taints"));
    }
    let of = |object: &Value, key: &str| labels(object).and_then(|labels| labels.get(key)).cloned();
    let mut wrong: Vec<&str> = labels(object)
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(key, _)| key.as_str())
        .filter(|key| of(object, key) != of(old, key) && !may_set(key))
        .collect();
    wrong.order();
    match (wrong.is_empty(), attributes.operation) {
        (true, _) => Ok(()),
        (false, "CREATE") => {
            Err(format!("node {node:?} is not allowed to set the following labels: {}", wrong.join(", ")))
        }
        (false, _) => Err(format!("is not allowed to modify labels: {}", wrong.join(", "))),
    }
}

/// Upstream: getForbiddenLabels, kubeletapis.IsKubeletLabel.
fn may_set(key: &str) -> bool {
    let domain = key.split_once('/').map_or("", |(domain, _)| domain);
    let inside = |parent: &str| domain == parent || domain.ends_with(&format!(".{parent}"));
    if !inside("kubernetes.io") && !inside("k8s.io") {
        return true;
    }
    LABELS.contains(&key) || inside("kubelet.kubernetes.io") || inside("node.kubernetes.io")
}

/// A node asks for tokens for pods it runs, and for the audiences they name.
fn admit_token(plane: &ControlPlane, attributes: &Attributes<'_>, request: &Value, node: &str) -> Result<(), Status> {
    let forbid = |why: &str| Err(attributes.refuse(request, why));
    let bound = &request["spec"]["boundObjectRef"];
    let text = |field: &str| bound[field].as_str().unwrap_or_default();
    if text("apiVersion") != "v1" || text("kind") != "Pod" || text("name").is_empty() {
        return forbid("node requested token not bound to a pod");
    }
    if text("uid").is_empty() {
        return forbid("node requested token with a pod binding without a uid");
    }
    let Some(pod) = plane.store.get(&Key::new("pods", attributes.namespace, text("name"))) else {
        return Err(Status::not_found("", "pods", text("name")));
    };
    if meta::uid(&pod) != text("uid") {
        return forbid(&format!(
            "the UID in the bound object reference ({}) does not match the UID in record. The object might have been deleted and then recreated",
            text("uid")
        ));
    }
    if placed_on(&pod) != node {
        return forbid("node requested token bound to a pod scheduled on a different node");
    }
    if !plane.does(release::NODE_AUDIENCE_RESTRICTION) {
        return Ok(());
    }
    let audiences = request["spec"]["audiences"].as_array().map(Vec::as_slice).unwrap_or_default();
    let audience = match audiences {
        [] => "",
        [one] => one.as_str().unwrap_or_default(),
        _ => return forbid("node may only request 0 or 1 audiences"),
    };
    let volumes = pod.pointer("/spec/volumes").and_then(Value::as_array).into_iter().flatten();
    let mut sources = volumes.filter_map(|volume| volume.pointer("/projected/sources")?.as_array()).flatten();
    let named = sources.any(|source| {
        let token = source.get("serviceAccountToken");
        token.is_some_and(|token| token.get("audience").and_then(Value::as_str).unwrap_or_default() == audience)
    });
    let escape = rbac::Attributes {
        user: attributes.user.clone(),
        verb: "request-serviceaccounts-token-audience".to_owned(),
        resource: audience.to_owned(),
        name: attributes.name.to_owned(),
        namespace: attributes.namespace.to_owned(),
        ..rbac::Attributes::default()
    };
    if named || authorization::authorize(plane, &escape).allowed {
        return Ok(());
    }
    forbid(&format!(
        "audience {audience:?} not found in pod spec volume, {} is not authorized to request tokens for this audience",
        attributes.user.name
    ))
}
