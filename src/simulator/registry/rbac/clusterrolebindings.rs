//! Cluster role bindings. Upstream: pkg/registry/rbac/clusterrolebinding.

use serde_json::Value;

use super::super::Strategy;
use super::super::common::{ALL_VERBS, RBAC, decode};
use crate::apimachinery::field::Errors;
use crate::apimachinery::strict::Decoded;
use crate::apimachinery::table::Column;
use crate::apimachinery::{Release, Resource, Status, names};
use crate::rbac::User;
use crate::simulator::ControlPlane;

/// `clusterrolebindings`
pub static RESOURCE: Resource = Resource {
    group_version: RBAC,
    plural: "clusterrolebindings",
    singular: "clusterrolebinding",
    kind: "ClusterRoleBinding",
    short_names: &[],
    categories: &[],
    namespaced: false,
    verbs: ALL_VERBS,
};

/// `clusterrolebindings`
pub struct ClusterRoleBindings;

impl Strategy for ClusterRoleBindings {
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
        super::validate_binding(plane, object, &["ClusterRole"])
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
            "Users in the clusterrolebinding",
            "Groups in the clusterrolebinding",
            "ServiceAccounts in the clusterrolebinding",
        )
    }

    fn cells(&self, plane: &ControlPlane, object: &Value) -> Vec<Value> {
        super::binding_cells(plane, object)
    }

    fn validate_name(&self, _rules: names::Rules, name: &str) -> Vec<String> {
        names::path_segment(name)
    }
}
