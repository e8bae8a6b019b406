//! What a kubelet may do for the pods of its node. Upstream: plugin/pkg/auth/authorizer/node/node_authorizer.go.
//! Not here: volumes and their claims, and the graph that makes it quick.

use serde_json::Value;

use crate::rbac::{Attributes, User};
use crate::simulator::{ControlPlane, release};

use super::Decision;

/// Whether a user is a node.
pub fn is_node(user: &User) -> bool {
    user.name.starts_with("system:node:") && user.groups.iter().any(|group| group == "system:nodes")
}

/// What the authorizer thinks of a request; `None` of one that comes from no node.
pub fn decide(plane: &ControlPlane, attributes: &Attributes) -> Option<Decision> {
    let node = attributes.user.name.strip_prefix("system:node:").filter(|_| is_node(&attributes.user))?;
    let decided = Request { plane, node, attributes }.decide();
    Some(match decided {
        Ok(allowed) => Decision { allowed, reason: String::new() },
        Err(reason) => Decision { allowed: false, reason },
    })
}

struct Request<'a> {
    plane: &'a ControlPlane,
    node: &'a str,
    attributes: &'a Attributes,
}

/// Whether it is allowed, or why not.
type Opinion = Result<bool, String>;

impl Request<'_> {
    fn decide(&self) -> Opinion {
        let Attributes { group, resource, subresource, verb, path, .. } = self.attributes;
        let (subresource, verb) = (subresource.as_str(), verb.as_str());
        let among = |verbs: &[&str]| Ok(verbs.contains(&verb));
        if path.is_some() {
            return Ok(false);
        }
        let reads_are_selected = self.plane.does(release::NODE_READS_OWN);
        match (group.as_str(), resource.as_str(), subresource) {
            ("", "secrets" | "configmaps", _) => self.read_related(),
            ("", "serviceaccounts", _) => self.account(),
            ("coordination.k8s.io", "leases", _) => self.lease(),
            ("", "nodes", "") if reads_are_selected => self.own_node(),
            ("", "pods", "") if reads_are_selected => self.own_pods(),
            ("", "nodes", "") => among(&["create", "get", "list", "watch", "patch", "update"]),
            ("", "pods", "") => among(&["get", "list", "watch", "create", "delete"]),
            ("", "nodes" | "pods", "status") => among(&["patch", "update"]),
            ("", "pods", "eviction") => among(&["create"]),
            ("", "services", "") => among(&["get", "list", "watch"]),
            ("", "endpoints", "") => among(&["get"]),
            ("" | "events.k8s.io", "events", "") => among(&["create", "patch", "update"]),
            ("authentication.k8s.io", "tokenreviews", "") | ("authorization.k8s.io", "subjectaccessreviews", "") => {
                among(&["create"])
            }
            _ => Ok(false),
        }
    }

    /// Secrets and config maps are read one by one, and only for a pod of the node.
    fn read_related(&self) -> Opinion {
        if !matches!(self.attributes.verb.as_str(), "get" | "list" | "watch") {
            return Err("can only read resources of this type".to_owned());
        }
        if !self.attributes.subresource.is_empty() {
            return Err("cannot read subresource".to_owned());
        }
        if self.attributes.namespace.is_empty() {
            return Err("can only read namespaced object of this type".to_owned());
        }
        if self.attributes.name.is_empty() {
            return Err("No Object name found".to_owned());
        }
        self.related(|pod| pod.get("spec").is_some_and(|spec| mentions(spec, &self.attributes.name)))
    }

    fn account(&self) -> Opinion {
        let Attributes { verb, subresource, name, .. } = self.attributes;
        let of_account = |pod: &Value| pod.pointer("/spec/serviceAccountName").is_some_and(|its| its == name.as_str());
        if verb == "get" && subresource.is_empty() && self.plane.does(release::NODE_READS_ACCOUNTS) {
            return if name.is_empty() { Err("No Object name found".to_owned()) } else { self.related(of_account) };
        }
        if verb != "create" || name.is_empty() {
            return Err("can only create tokens for individual service accounts".to_owned());
        }
        if subresource != "token" {
            return Err("can only create token subresource of serviceaccount".to_owned());
        }
        self.related(of_account)
    }

    fn lease(&self) -> Opinion {
        const NAMESPACE: &str = "kube-node-lease";
        let Attributes { verb, namespace, name, .. } = self.attributes;
        if !matches!(verb.as_str(), "get" | "create" | "update" | "patch" | "delete") {
            return Err("can only get, create, update, patch, or delete a node lease".to_owned());
        }
        if namespace != NAMESPACE {
            return Err(format!("can only access leases in the {NAMESPACE:?} system namespace"));
        }
        if verb != "create" && name != self.node {
            return Err("can only access node lease with the same name as the requesting node".to_owned());
        }
        Ok(true)
    }

    fn own_node(&self) -> Opinion {
        let (node, name) = (self.node, self.attributes.name.as_str());
        match self.attributes.verb.as_str() {
            "create" | "update" | "patch" => Ok(true),
            "get" | "list" | "watch" => match name {
                "" => Err(format!("node '{node}' cannot read all nodes, only its own Node object")),
                name if name == node => Ok(true),
                name => Err(format!("node '{node}' cannot read '{name}', only its own Node object")),
            },
            _ => Ok(false),
        }
    }

    fn own_pods(&self) -> Opinion {
        let Attributes { verb, name, fields, .. } = self.attributes;
        let is_it = |pod: &Value| pod.pointer("/metadata/name").is_some_and(|its| its == name.as_str());
        match verb.as_str() {
            "get" if name.is_empty() => Err("No Object name found".to_owned()),
            "get" => self.related(is_it),
            "list" | "watch" if fields.iter().any(|(field, value)| field == "spec.nodeName" && value == self.node) => {
                Ok(true)
            }
            "list" | "watch" if !name.is_empty() => self.related(is_it),
            "list" | "watch" => Err("can only list/watch pods with spec.nodeName field selector".to_owned()),
            "create" | "delete" => Ok(true),
            _ => Ok(false),
        }
    }

    /// Whether a pod of this namespace was placed on the node and passes the test.
    fn related(&self, test: impl Fn(&Value) -> bool) -> Opinion {
        let (pods, _) = self.plane.store.list("pods", Some(&self.attributes.namespace));
        let here = |pod: &Value| pod.pointer("/spec/nodeName").is_some_and(|name| name == self.node);
        if pods.iter().any(|pod| here(pod) && test(pod)) {
            return Ok(true);
        }
        Err(format!("no relationship found between node '{}' and this object", self.node))
    }
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
