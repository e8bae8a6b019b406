//! Roles and bindings. Upstream: pkg/registry/rbac.

use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding, Role, RoleBinding};
use serde_json::{Value, json};

use super::Strategy;
use super::common::{ALL_VERBS, RBAC, age, decode, list, list_mut, name, set_default, text};
use crate::apimachinery::field::{Errors, Path};
use crate::apimachinery::strict::Decoded;
use crate::apimachinery::table::Column;
use crate::apimachinery::{Release, Resource, Status, names};
use crate::simulator::ControlPlane;

const GROUP: &str = "rbac.authorization.k8s.io";

fn validate_rules(object: &Value) -> Errors {
    let mut errors = Errors::default();
    for (index, rule) in list(object, "/rules").iter().enumerate() {
        let path = Path::new("rules").index(index);
        if list(rule, "/verbs").is_empty() {
            errors.required(&path.child("verbs"), "verbs must contain at least one value");
        }
        if !list(rule, "/nonResourceURLs").is_empty() {
            continue;
        }
        if list(rule, "/apiGroups").is_empty() {
            errors.required(&path.child("apiGroups"), "resource rules must supply at least one api group");
        }
        if list(rule, "/resources").is_empty() {
            errors.required(&path.child("resources"), "resource rules must supply at least one resource");
        }
    }
    errors
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

fn validate_binding(object: &Value, roles: &[&str]) -> Errors {
    let mut errors = Errors::default();
    let path = Path::new("roleRef");
    let kind = text(object, "/roleRef/kind");
    if !roles.contains(&kind) {
        errors.not_supported(&path.child("kind"), &json!(kind), roles);
    }
    if text(object, "/roleRef/name").is_empty() {
        errors.required(&path.child("name"), "");
    }
    for (index, subject) in list(object, "/subjects").iter().enumerate() {
        let path = Path::new("subjects").index(index);
        if text(subject, "/name").is_empty() {
            errors.required(&path.child("name"), "");
        }
        match text(subject, "/kind") {
            "ServiceAccount" if text(subject, "/namespace").is_empty() => errors.required(&path.child("namespace"), ""),
            "ServiceAccount" | "User" | "Group" => {}
            kind => errors.not_supported(&path.child("kind"), &json!(kind), &["ServiceAccount", "User", "Group"]),
        }
    }
    errors
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

macro_rules! resources {
    ($($(#[$doc:meta])* $strategy:ident $kind:ident $plural:literal $singular:literal $namespaced:literal $roles:expr;)*) => {
        $($(#[$doc])* pub struct $strategy;

        impl Strategy for $strategy {
            fn resource(&self) -> &'static Resource {
                static RESOURCE: Resource = Resource {
                    group_version: RBAC,
                    plural: $plural,
                    singular: $singular,
                    kind: stringify!($kind),
                    short_names: &[],
                    categories: &[],
                    namespaced: $namespaced,
                    verbs: ALL_VERBS,
                };
                &RESOURCE
            }

            fn decode(&self, object: Value) -> Result<Decoded, Status> {
                let roles: Option<&[&str]> = $roles;
                let mut decoded = decode::<$kind>(self.resource(), object)?;
                if let (None, Value::Object(map)) = (roles, &mut decoded.object) {
                    set_default(map, "rules", Value::Null);
                }
                Ok(decoded)
            }

            fn default(&self, _plane: &ControlPlane, object: &mut Value) {
                default_binding(object);
            }

            fn validate(&self, _plane: &ControlPlane, object: &Value) -> Errors {
                let roles: Option<&[&str]> = $roles;
                roles.map_or_else(|| validate_rules(object), |roles| validate_binding(object, roles))
            }

            fn validate_update(&self, plane: &ControlPlane, object: &Value, old: &Value) -> Errors {
                let mut errors = self.validate(plane, object);
                if object.get("roleRef") != old.get("roleRef") {
                    errors.invalid(&Path::new("roleRef"), &object["roleRef"], "cannot change roleRef");
                }
                errors
            }

            fn columns(&self, _release: Release) -> Vec<Column> {
                let roles: Option<&[&str]> = $roles;
                if roles.is_none() {
                    return vec![Column::name(), Column::new("Created At", "date", Column::age().description)];
                }
                let text = |name, description| Column::new(name, "string", description);
                vec![
                    Column::name(),
                    text("Role", "The role that is granted."),
                    Column::age(),
                    text("Users", concat!("Users in the ", $singular)).wide(),
                    text("Groups", concat!("Groups in the ", $singular)).wide(),
                    text("ServiceAccounts", concat!("ServiceAccounts in the ", $singular)).wide(),
                ]
            }

            fn cells(&self, plane: &ControlPlane, object: &Value) -> Vec<Value> {
                let roles: Option<&[&str]> = $roles;
                match roles {
                    None => vec![name(object), text(object, "/metadata/creationTimestamp").into()],
                    Some(_) => binding_cells(plane, object),
                }
            }

            fn validate_name(&self, name: &str) -> Result<(), String> {
                names::path_segment(name)
            }
        })*
    };
}

resources! {
    /// `clusterrolebindings`
    ClusterRoleBindings ClusterRoleBinding "clusterrolebindings" "clusterrolebinding" false Some(&["ClusterRole"]);
    /// `clusterroles`
    ClusterRoles ClusterRole "clusterroles" "clusterrole" false None;
    /// `rolebindings`
    RoleBindings RoleBinding "rolebindings" "rolebinding" true Some(&["ClusterRole", "Role"]);
    /// `roles`
    Roles Role "roles" "role" true None;
}
