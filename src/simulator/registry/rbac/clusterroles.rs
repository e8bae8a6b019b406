//! Cluster roles. Upstream: pkg/registry/rbac/clusterrole.

use serde_json::Value;

use super::super::Strategy;
use super::super::common::{ALL_VERBS, RBAC, decode, set_default};
use crate::apimachinery::field::Errors;
use crate::apimachinery::strict::Decoded;
use crate::apimachinery::table::Column;
use crate::apimachinery::{Release, Resource, Status, names};
use crate::rbac::User;
use crate::simulator::ControlPlane;

/// `clusterroles`
pub static RESOURCE: Resource = Resource {
    group_version: RBAC,
    plural: "clusterroles",
    singular: "clusterrole",
    kind: "ClusterRole",
    short_names: &[],
    categories: &[],
    namespaced: false,
    verbs: ALL_VERBS,
};

/// `clusterroles`
pub struct ClusterRoles;

impl Strategy for ClusterRoles {
    fn resource(&self) -> &'static Resource {
        &RESOURCE
    }

    fn decode(&self, object: Value) -> Result<Decoded, Status> {
        let mut decoded = decode(&RESOURCE, object)?;
        // The rules are not optional in Go's type.
        if let Value::Object(map) = &mut decoded.object {
            set_default(map, "rules", Value::Null);
        }
        Ok(decoded)
    }

    fn validate(&self, plane: &ControlPlane, object: &Value) -> Errors {
        super::validate_rules(plane, object, false)
    }

    fn authorize_write(
        &self,
        plane: &ControlPlane,
        user: &User,
        object: &Value,
        old: Option<&Value>,
    ) -> Result<(), Status> {
        super::authorize_role(plane, user, &RESOURCE, object, old)
    }

    fn columns(&self, _release: Release) -> Vec<Column> {
        super::role_columns()
    }

    fn cells(&self, _plane: &ControlPlane, object: &Value) -> Vec<Value> {
        super::role_cells(object)
    }

    fn validate_name(&self, _rules: names::Rules, name: &str) -> Vec<String> {
        names::path_segment(name)
    }
}
