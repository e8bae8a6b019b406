//! Roles. Upstream: pkg/registry/rbac/role.

use serde_json::Value;

use super::super::Strategy;
use super::super::common::{ALL_VERBS, RBAC, decode, set_default};
use crate::apimachinery::field::Errors;
use crate::apimachinery::strict::Decoded;
use crate::apimachinery::table::Column;
use crate::apimachinery::{Release, Resource, Status, names};
use crate::rbac::User;
use crate::simulator::ControlPlane;

/// `roles`
pub static RESOURCE: Resource = Resource {
    group_version: RBAC,
    plural: "roles",
    singular: "role",
    kind: "Role",
    short_names: &[],
    categories: &[],
    namespaced: true,
    verbs: ALL_VERBS,
};

/// `roles`
pub struct Roles;

impl Strategy for Roles {
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
        super::validate_rules(plane, object, true)
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
