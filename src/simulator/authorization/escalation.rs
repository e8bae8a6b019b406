//! Nobody gives what they do not have. Upstream: pkg/registry/rbac/{escalation_check.go,validation/rule.go}.

use std::collections::BTreeSet;

use crate::rbac::{self, Attributes, PolicyRule, User};
use crate::simulator::ControlPlane;

use super::{Stored, authorize, is_master};

const GROUP: &str = "rbac.authorization.k8s.io";

/// Whether a user may hand out these rules in a namespace (empty: in the whole cluster), because they hold them.
/// The bypasses are asked for apart: [`is_escalation_allowed`] for roles, [`is_bind_allowed`] for bindings.
///
/// # Errors
/// The reason for a 403, after `… is forbidden: `.
pub fn confirm_no_escalation(
    plane: &ControlPlane,
    user: &User,
    rules: &[PolicyRule],
    namespace: &str,
) -> Result<(), String> {
    if is_master(user) {
        return Ok(());
    }
    let (held, errors) = rbac::rules_for(user, namespace, &Stored(&plane.store));
    let missing = rbac::covers(&held, rules);
    if missing.is_empty() {
        return Ok(());
    }
    let lines: BTreeSet<String> = rbac::compact(missing).iter().map(ToString::to_string).collect();
    let lines: Vec<String> = lines.into_iter().collect();
    let groups: Vec<String> = user.groups.iter().map(|group| format!("{group:?}")).collect();
    let mut message = format!(
        "user {:?} (groups=[{}]) is attempting to grant RBAC permissions not currently held:\n{}",
        user.name,
        groups.join(" "),
        lines.join("\n")
    );
    if !errors.is_empty() {
        message.push_str(&format!("; resolution errors: [{}]", errors.join(", ")));
    }
    Err(message)
}

/// Whether a user may write roles beyond their own permissions: verb `escalate` on `roles` or `clusterroles`.
pub fn is_escalation_allowed(plane: &ControlPlane, user: &User, resource: &str, namespace: &str, name: &str) -> bool {
    is_master(user) || may(plane, user, "escalate", resource, namespace, name)
}

/// Whether a user may bind a role (`roles` or `clusterroles`) whatever it holds: verb `bind` on it.
pub fn is_bind_allowed(plane: &ControlPlane, user: &User, resource: &str, namespace: &str, name: &str) -> bool {
    is_master(user) || may(plane, user, "bind", resource, namespace, name)
}

fn may(plane: &ControlPlane, user: &User, verb: &str, resource: &str, namespace: &str, name: &str) -> bool {
    let attributes = Attributes {
        user: user.clone(),
        verb: verb.to_owned(),
        group: GROUP.to_owned(),
        resource: resource.to_owned(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        ..Attributes::default()
    };
    authorize(plane, &attributes).allowed
}
