//! To whom a binding gives its role. Upstream: plugin/pkg/auth/authorizer/rbac and pkg/registry/rbac/validation.

use serde_json::Value;

use super::User;

/// Whether a subject of a binding is this user. A service account without a namespace is one of the binding's.
pub fn is_subject(subject: &Value, user: &User, binding_namespace: &str) -> bool {
    let name = text(subject, "name");
    match text(subject, "kind") {
        "User" => user.name == name,
        "Group" => user.groups.iter().any(|group| group == name),
        "ServiceAccount" => {
            let namespace = namespace_of(subject, binding_namespace);
            // Compared piece by piece, for this runs for every subject of every binding.
            !namespace.is_empty()
                && user
                    .name
                    .strip_prefix("system:serviceaccount:")
                    .and_then(|rest| rest.strip_prefix(namespace)?.strip_prefix(':'))
                    == Some(name)
        }
        _ => false,
    }
}

/// `ServiceAccount "builder/default"`, `Group "system:masters"`
pub fn describe(subject: &Value, binding_namespace: &str) -> String {
    let (kind, name) = (text(subject, "kind"), text(subject, "name"));
    if kind == "ServiceAccount" {
        return format!("{kind} {:?}", format!("{name}/{}", namespace_of(subject, binding_namespace)));
    }
    format!("{kind} {name:?}")
}

fn namespace_of<'a>(subject: &'a Value, binding_namespace: &'a str) -> &'a str {
    match text(subject, "namespace") {
        "" => binding_namespace,
        given => given,
    }
}

pub(super) fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}
