//! What the asker may do: RBAC over the stored roles and bindings, and the built-in ones. Upstream: pkg/kubeapiserver/authorizer.

pub mod bootstrappolicy;
pub mod controllerpolicy;
mod escalation;
mod node;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde_json::Value;

use crate::apimachinery::Status;
use crate::rbac::{self, Attributes, Source, User};

use super::ControlPlane;
use super::storage::{Key, Store};

pub use escalation::{confirm_no_escalation, is_bind_allowed, is_escalation_allowed};
pub use node::is_node;

/// The group that may do everything.
pub const MASTERS: &str = "system:masters";

const ROLES: &str = "roles.rbac.authorization.k8s.io";
const CLUSTER_ROLES: &str = "clusterroles.rbac.authorization.k8s.io";
const ROLE_BINDINGS: &str = "rolebindings.rbac.authorization.k8s.io";
const CLUSTER_ROLE_BINDINGS: &str = "clusterrolebindings.rbac.authorization.k8s.io";

/// The answer to "may they?".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// Whether it is allowed.
    pub allowed: bool,
    /// The reason, as SubjectAccessReview's status gives it; may be empty.
    pub reason: String,
}

/// The roles and bindings that the store holds.
pub struct Stored<'a>(pub &'a Store);

impl Source for Stored<'_> {
    fn role_bindings(&self, namespace: Option<&str>) -> Vec<Arc<Value>> {
        self.0.list(ROLE_BINDINGS, namespace).0
    }

    fn cluster_role_bindings(&self) -> Vec<Arc<Value>> {
        self.0.list(CLUSTER_ROLE_BINDINGS, None).0
    }

    fn role(&self, namespace: &str, name: &str) -> Option<Arc<Value>> {
        self.0.get(&Key::new(ROLES, namespace, name))
    }

    fn cluster_role(&self, name: &str) -> Option<Arc<Value>> {
        self.0.get(&Key::new(CLUSTER_ROLES, "", name))
    }

    fn roles(&self, namespace: &str) -> Vec<Arc<Value>> {
        self.0.list(ROLES, Some(namespace)).0
    }
}

/// Decides on one request: the masters, then the node authorizer, then RBAC.
pub fn authorize(plane: &ControlPlane, attributes: &Attributes) -> Decision {
    if is_master(&attributes.user) {
        return Decision { allowed: true, reason: String::new() };
    }
    let node = node::decide(plane, attributes).unwrap_or_default();
    if node.allowed {
        return node;
    }
    let rbac::Decision { allowed, reason, .. } = rbac::authorize(attributes, &Stored(&plane.store));
    if allowed || node.reason.is_empty() {
        return Decision { allowed, reason };
    }
    // Who has no opinion is heard too, in the order they were asked.
    let reasons = if reason.is_empty() { node.reason } else { format!("{}\n{reason}", node.reason) };
    Decision { allowed, reason: reasons }
}

fn is_master(user: &User) -> bool {
    user.groups.iter().any(|group| group == MASTERS)
}

/// `User "U" cannot list resource "pods" in API group "" in the namespace "default"`.
/// Upstream: apiserver/pkg/endpoints/handlers/responsewriters/errors.go:forbiddenMessage.
fn denial(attributes: &Attributes) -> String {
    let (user, verb) = (&attributes.user.name, &attributes.verb);
    if let Some(path) = &attributes.path {
        return format!("User {user:?} cannot {verb} path {path:?}");
    }
    let resource = match attributes.subresource.as_str() {
        "" => attributes.resource.clone(),
        subresource => format!("{}/{subresource}", attributes.resource),
    };
    let place = match attributes.namespace.as_str() {
        "" => "at the cluster scope".to_owned(),
        namespace => format!("in the namespace {namespace:?}"),
    };
    format!("User {user:?} cannot {verb} resource {resource:?} in API group {:?} {place}", attributes.group)
}

/// 403 for a request that is not allowed, with what its authorizers said. The object is named without its subresource.
/// Upstream: apiserver/pkg/endpoints/handlers/responsewriters/errors.go:ForbiddenStatusError.
pub fn forbidden(attributes: &Attributes, reason: &str) -> Status {
    let mut why = denial(attributes).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    if !reason.is_empty() {
        why = format!("{why}: {reason}");
    }
    Status::forbidden(&attributes.group, &attributes.resource, &attributes.name, &why)
}
