//! Roles and bindings, and what they share. Upstream: pkg/registry/rbac, pkg/apis/rbac/validation.

pub mod clusterrolebindings;
pub mod clusterroles;
pub mod rolebindings;
pub mod roles;

use serde_json::{Value, json};

use super::common::{Shown, age, list, list_mut, name, set_default, shown_in_fault, strings_in_fault, text};
use crate::apimachinery::field::{Errors, Path};
use crate::apimachinery::table::Column;
use crate::apimachinery::{Resource, Status, meta};
use crate::rbac::{self, PolicyRule, User};
use crate::simulator::ControlPlane;
use crate::simulator::authorization::{self, Stored};

const GROUP: &str = "rbac.authorization.k8s.io";

/// The faults of a role's rules. Upstream: ValidatePolicyRule.
fn validate_rules(plane: &ControlPlane, object: &Value, namespaced: bool) -> Errors {
    let mut errors = Errors::default();
    for (index, rule) in list(object, "/rules").iter().enumerate() {
        let path = Path::new("rules").index(index);
        if list(rule, "/verbs").is_empty() {
            errors.required(&path.child("verbs"), "verbs must contain at least one value");
        }
        let (groups, resources) = (list(rule, "/apiGroups"), list(rule, "/resources"));
        let urls = list(rule, "/nonResourceURLs");
        if !urls.is_empty() {
            let at = path.child("nonResourceURLs");
            let urls: Vec<&str> = urls.iter().filter_map(Value::as_str).collect();
            let urls = strings_in_fault(plane, &urls);
            if namespaced {
                errors.invalid_go(&at, &urls, "namespaced rules cannot apply to non-resource URLs");
            }
            if !groups.is_empty() || !resources.is_empty() || !list(rule, "/resourceNames").is_empty() {
                let why = "rules cannot apply to both regular resources and non-resource URLs";
                errors.invalid_go(&at, &urls, why);
            }
            continue;
        }
        if groups.is_empty() {
            errors.required(&path.child("apiGroups"), "resource rules must supply at least one api group");
        }
        if resources.is_empty() {
            errors.required(&path.child("resources"), "resource rules must supply at least one resource");
        }
    }
    errors
}

/// Whether a change is none but of what the garbage collector needs to change.
fn is_for_garbage_collection_only(object: &Value, old: &Value) -> bool {
    let without = |object: &Value| {
        let mut object = object.clone();
        for field in ["ownerReferences", "finalizers"] {
            meta::metadata_mut(&mut object).shift_remove(field);
        }
        object
    };
    object != old && without(object) == without(old)
}

/// Whether a user may write a role: they hold all it grants, or may escalate.
fn authorize_role(
    plane: &ControlPlane,
    user: &User,
    resource: &Resource,
    object: &Value,
    old: Option<&Value>,
) -> Result<(), Status> {
    let (name, namespace) = (meta::name(object), meta::namespace(object));
    if old.is_some_and(|old| is_for_garbage_collection_only(object, old))
        || authorization::is_escalation_allowed(plane, user, resource.plural, namespace, name)
    {
        return Ok(());
    }
    let refuse = |why: String| Status::forbidden(GROUP, resource.plural, name, &why);
    let aggregates = |role: &Value| role.get("aggregationRule").is_some();
    // What is aggregated is not known beforehand, so it takes everything.
    if aggregates(object) || old.is_some_and(aggregates) {
        let everything = [
            json!({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}),
            json!({"verbs": ["*"], "nonResourceURLs": ["*"]}),
        ];
        let everything = everything.iter().map(PolicyRule::read).collect::<Vec<_>>();
        authorization::confirm_no_escalation(plane, user, &everything, "")
            .map_err(|why| refuse(format!("must have cluster-admin privileges to use an aggregationRule: {why}")))?;
    }
    authorization::confirm_no_escalation(plane, user, &PolicyRule::list(object), namespace).map_err(refuse)
}

/// Whether a user may write a binding: they hold all its role grants, or may bind it.
fn authorize_binding(
    plane: &ControlPlane,
    user: &User,
    resource: &Resource,
    object: &Value,
    old: Option<&Value>,
) -> Result<(), Status> {
    let (name, namespace) = (meta::name(object), meta::namespace(object));
    let role = &object["roleRef"];
    let roles = if text(role, "/kind") == "Role" { "roles" } else { "clusterroles" };
    if old.is_some_and(|old| is_for_garbage_collection_only(object, old))
        || authorization::is_bind_allowed(plane, user, roles, namespace, text(role, "/name"))
    {
        return Ok(());
    }
    let rules = rbac::referenced_rules(role, namespace, &Stored(&plane.store))
        .map_err(|_| Status::not_found(GROUP, roles, text(role, "/name")))?;
    authorization::confirm_no_escalation(plane, user, &rules, namespace)
        .map_err(|why| Status::forbidden(GROUP, resource.plural, name, &why))
}

fn default_binding(object: &mut Value) {
    if let Some(Value::Object(role)) = object.get_mut("roleRef") {
        set_default(role, "apiGroup", GROUP);
    }
    for subject in list_mut(object, "/subjects") {
        let group = matches!(text(subject, "/kind"), "User" | "Group");
        if let (true, Value::Object(subject)) = (group, subject) {
            set_default(subject, "apiGroup", GROUP);
        }
    }
}

/// The faults of a binding to one of these kinds of roles. Upstream: ValidateRoleBinding, ValidateRoleBindingSubject.
fn validate_binding(plane: &ControlPlane, object: &Value, roles: &[&str]) -> Errors {
    let mut errors = Errors::default();
    let path = Path::new("roleRef");
    let group = text(object, "/roleRef/apiGroup");
    if group != GROUP {
        errors.not_supported(&path.child("apiGroup"), &json!(group), &[GROUP]);
    }
    let kind = text(object, "/roleRef/kind");
    if !roles.contains(&kind) {
        errors.not_supported(&path.child("kind"), &json!(kind), roles);
    }
    validate_role_name(text(object, "/roleRef/name"), &path.child("name"), &mut errors);
    for (index, subject) in list(object, "/subjects").iter().enumerate() {
        validate_subject(plane, subject, &Path::new("subjects").index(index), &mut errors);
    }
    errors
}

fn validate_role_name(name: &str, path: &Path, errors: &mut Errors) {
    if name.is_empty() {
        errors.required(path, "");
    }
    errors.all_invalid(path, &json!(name), crate::apimachinery::names::path_segment(name));
}

fn validate_subject(plane: &ControlPlane, subject: &Value, path: &Path, errors: &mut Errors) {
    let name = text(subject, "/name");
    if name.is_empty() {
        errors.required(&path.child("name"), "");
    }
    let group = text(subject, "/apiGroup");
    match text(subject, "/kind") {
        "ServiceAccount" => {
            if !name.is_empty() {
                let faults = plane.names().dns_subdomain(name);
                errors.all_invalid(&path.child("name"), &json!(name), faults);
            }
            if !group.is_empty() {
                errors.not_supported(&path.child("apiGroup"), &json!(group), &[""]);
            }
            if text(subject, "/namespace").is_empty() {
                errors.required(&path.child("namespace"), "");
            }
        }
        "User" | "Group" => {
            if group != GROUP {
                errors.not_supported(&path.child("apiGroup"), &json!(group), &[GROUP]);
            }
        }
        kind => errors.not_supported(&path.child("kind"), &json!(kind), &["ServiceAccount", "User", "Group"]),
    }
}

/// A binding is made again to name another role.
fn validate_role_ref_unchanged(plane: &ControlPlane, object: &Value, old: &Value, errors: &mut Errors) {
    if object.get("roleRef") == old.get("roleRef") {
        return;
    }
    let field = |field: &str| json!(text(&object["roleRef"], field));
    let role = json!({"APIGroup": field("/apiGroup"), "Kind": field("/kind"), "Name": field("/name")});
    match shown_in_fault(plane, "rbac.RoleRef", &role) {
        Shown::Json(value) => errors.invalid(&Path::new("roleRef"), &value, "cannot change roleRef"),
        Shown::Go(text) => errors.invalid_go(&Path::new("roleRef"), &text, "cannot change roleRef"),
    }
}

fn role_columns() -> Vec<Column> {
    vec![Column::name(), Column::new("Created At", "date", Column::age().description)]
}

fn role_cells(object: &Value) -> Vec<Value> {
    vec![name(object), text(object, "/metadata/creationTimestamp").into()]
}

fn binding_columns(users: &'static str, groups: &'static str, accounts: &'static str) -> Vec<Column> {
    vec![
        Column::name(),
        Column::new("Role", "string", "The role that is granted."),
        Column::age(),
        Column::new("Users", "string", users).wide(),
        Column::new("Groups", "string", groups).wide(),
        Column::new("ServiceAccounts", "string", accounts).wide(),
    ]
}

fn binding_cells(plane: &ControlPlane, object: &Value) -> Vec<Value> {
    let of = |kind: &str| {
        let subjects = list(object, "/subjects").iter().filter(|subject| subject["kind"] == kind);
        let shown: Vec<String> = subjects
            .map(|subject| match text(subject, "/namespace") {
                namespace if kind == "ServiceAccount" => format!("{namespace}/{}", text(subject, "/name")),
                _ => text(subject, "/name").to_owned(),
            })
            .collect();
        Value::from(shown.join(", "))
    };
    let role = format!("{}/{}", text(object, "/roleRef/kind"), text(object, "/roleRef/name"));
    vec![name(object), role.into(), age(plane, object), of("User"), of("Group"), of("ServiceAccount")]
}
