//! Role bindings. Upstream: pkg/registry/rbac/rolebinding.

use serde_json::Value;

use super::super::Strategy;
use super::super::common::{ALL_VERBS, RBAC, decode};
use crate::apimachinery::field::Errors;
use crate::apimachinery::strict::Decoded;
use crate::apimachinery::table::Column;
use crate::apimachinery::{Release, Resource, Status, names};
use crate::rbac::User;
use crate::simulator::ControlPlane;

/// `rolebindings`
pub static RESOURCE: Resource = Resource {
    group_version: RBAC,
    plural: "rolebindings",
    singular: "rolebinding",
    kind: "RoleBinding",
    short_names: &[],
    categories: &[],
    namespaced: true,
    verbs: ALL_VERBS,
};

/// `rolebindings`
pub struct RoleBindings;

impl Strategy for RoleBindings {
    fn resource(&self) -> &'static Resource {
        &RESOURCE
    }

    fn decode(&self, object: Value) -> Result<Decoded, Status> {
        decode(&RESOURCE, object)
    }

    fn default(&self, _plane: &ControlPlane, object: &mut Value) {
        super::default_binding(object);
    }

    fn validate(&self, plane: &ControlPlane, object: &Value) -> Errors {
        super::validate_binding(plane, object, &["ClusterRole", "Role"])
    }

    fn validate_update(&self, plane: &ControlPlane, object: &Value, old: &Value) -> Errors {
        let mut errors = self.validate(plane, object);
        super::validate_role_ref_unchanged(plane, object, old, &mut errors);
        errors
    }

    fn authorize_write(
        &self,
        plane: &ControlPlane,
        user: &User,
        object: &Value,
        old: Option<&Value>,
    ) -> Result<(), Status> {
        super::authorize_binding(plane, user, &RESOURCE, object, old)
    }

    fn columns(&self, _release: Release) -> Vec<Column> {
        super::binding_columns(
            "Users in the rolebinding",
            "Groups in the rolebinding",
            "ServiceAccounts in the rolebinding",
        )
    }

    fn cells(&self, plane: &ControlPlane, object: &Value) -> Vec<Value> {
        super::binding_cells(plane, object)
    }

    fn validate_name(&self, _rules: names::Rules, name: &str) -> Vec<String> {
        names::path_segment(name)
    }
}
