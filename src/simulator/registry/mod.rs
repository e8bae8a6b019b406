//! What the API server keeps, resource by resource: one file each over one generic store.
//! Upstream: pkg/registry.

pub mod apps;
mod authentication;
mod authorization;
mod common;
pub mod core;
pub mod rbac;
mod review;

use serde_json::Value;

use crate::apimachinery::field::Errors;
use crate::apimachinery::names::Rules;
use crate::apimachinery::table::Column;
use crate::apimachinery::{Release, Resource, Status};

use super::ControlPlane;
use super::release::Behaviour;
use crate::rbac::User;

pub use authentication::user_info;
pub use common::strings_in_fault;

/// What deleting an object does at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// It goes at once (unless finalizers hold it).
    Now,
    /// It gets a deletion timestamp this many seconds ahead; its keeper (the kubelet) ends it with a second delete.
    /// With none ahead it is marked first and goes at once.
    Graceful(i64),
    /// It gets a deletion timestamp and stays until its `spec.finalizers` are gone (namespaces).
    Finalize,
}

/// A part that can be addressed by itself, for discovery: its name, the kind it speaks (`Pod`, or
/// `authentication.k8s.io/v1/TokenRequest` when group and version are not the resource's own) and its verbs.
pub type Subresource = (&'static str, &'static str, &'static [&'static str]);

/// How one resource is created, changed, selected and shown. Upstream: rest.RESTCreateStrategy and its kin.
///
/// Objects arrive here decoded: of the right types, without unknown fields. `metadata` is handled by the generic
/// store (names, uid, timestamps, generation of objects that have one, immutability).
pub trait Strategy: Send + Sync {
    /// Its place in discovery.
    fn resource(&self) -> &'static Resource;

    /// Parts that can be addressed by themselves (`status`, `scale`, …).
    fn subresources(&self) -> &'static [Subresource] {
        &[]
    }

    /// Reads an object from the wire through its type: drops unknown fields and reports them.
    ///
    /// # Errors
    /// 400 when a field has the wrong type.
    fn decode(&self, object: Value) -> Result<crate::apimachinery::strict::Decoded, Status>;

    /// Fills in defaults. Run on create and on update, before validation.
    fn default(&self, _plane: &ControlPlane, _object: &mut Value) {}

    /// Clears or sets what a creator may not choose (`status`, `generation`).
    fn prepare_for_create(&self, _plane: &ControlPlane, _object: &mut Value) {}

    /// Keeps what an updater may not change (`status`), bumps `generation` when the spec changed.
    fn prepare_for_update(&self, _plane: &ControlPlane, _object: &mut Value, _old: &Value) {}

    /// The faults of a new object, besides those of its metadata.
    fn validate(&self, _plane: &ControlPlane, _object: &Value) -> Errors {
        Errors::default()
    }

    /// What a change may not touch, looked at before the new object is.
    fn validate_change(&self, _plane: &ControlPlane, _object: &Value, _old: &Value) -> Errors {
        Errors::default()
    }

    /// The faults of a changed object, besides those of its metadata. It stands alone: [`Strategy::validate`] is not
    /// called for an update, as upstream's updates check the new object in an order of their own.
    fn validate_update(&self, plane: &ControlPlane, object: &Value, _old: &Value) -> Errors {
        self.validate(plane, object)
    }

    /// Sentences for the `Warning` header of a create (`old` is none) or an update.
    fn warnings(&self, _plane: &ControlPlane, _object: &Value, _old: Option<&Value>) -> Vec<String> {
        Vec::new()
    }

    /// The new object when a subresource is written: by default, `status` alone is taken from `object`.
    fn update_subresource(&self, _subresource: &str, object: &Value, old: &Value) -> Value {
        let mut new = old.clone();
        if let Some(status) = object.get("status") {
            new["status"] = status.clone();
        }
        new
    }

    /// Refuses what may not be written to a subresource.
    ///
    /// # Errors
    /// The refusal, as the client sees it.
    fn check_subresource(
        &self,
        _plane: &ControlPlane,
        _subresource: &str,
        _object: &Value,
        _old: &Value,
    ) -> Result<(), Status> {
        Ok(())
    }

    /// What reading a subresource shows: by default the object itself.
    fn read_subresource(&self, _subresource: &str, object: &Value) -> Value {
        object.clone()
    }

    /// Whether this user may write these contents, beyond the verb itself (RBAC's escalation checks).
    ///
    /// # Errors
    /// The refusal, as the client sees it.
    fn authorize_write(
        &self,
        _plane: &ControlPlane,
        _user: &User,
        _object: &Value,
        _old: Option<&Value>,
    ) -> Result<(), Status> {
        Ok(())
    }

    /// What a delete does at first; `grace` is what the caller asked for.
    fn begin_deletion(&self, _object: &Value, _grace: Option<i64>) -> Deletion {
        Deletion::Now
    }

    /// Whether other objects may depend on one of these, so that a delete settles what becomes of them.
    fn has_dependents(&self) -> bool {
        true
    }

    /// Whether a delete answers with the object instead of a `Status`.
    fn returns_deleted_object(&self) -> bool {
        false
    }

    /// Values a field selector may ask for, besides `metadata.name` and `metadata.namespace`.
    fn selectable(&self, _object: &Value) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// The columns of its table.
    fn columns(&self, release: Release) -> Vec<Column>;

    /// The cells of one row, one for each column.
    fn cells(&self, plane: &ControlPlane, object: &Value) -> Vec<Value>;

    /// The faults of a name.
    fn validate_name(&self, rules: Rules, name: &str) -> Vec<String> {
        rules.dns_subdomain(name)
    }
}

/// Every resource that is kept, in discovery's order.
pub static ALL: &[&dyn Strategy] = &[
    &core::configmaps::ConfigMaps,
    &core::events::Events,
    &core::namespaces::Namespaces,
    &core::nodes::Nodes,
    &core::pods::Pods,
    &core::secrets::Secrets,
    &core::serviceaccounts::ServiceAccounts,
    &apps::deployments::Deployments,
    &apps::replicasets::ReplicaSets,
    &rbac::clusterrolebindings::ClusterRoleBindings,
    &rbac::clusterroles::ClusterRoles,
    &rbac::rolebindings::RoleBindings,
    &rbac::roles::Roles,
];

/// Resources of which there are none here, and which discovery does not name: group, version, plural, kind of the list.
/// Kubectl asks whether a kind was defined before it says that there is no such kind.
pub const EMPTY: &[(&str, &str, &str, &str)] =
    &[("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinitionList")];

/// The strategy of a resource by group and plural.
pub fn find(group: &str, plural: &str) -> Option<&'static dyn Strategy> {
    ALL.iter().copied().find(|strategy| {
        let resource = strategy.resource();
        resource.plural == plural && resource.group_version.group == group
    })
}

/// A resource that is only ever created and never kept: the reviews. The answer is the object with its status.
pub trait Review: Send + Sync {
    /// Its place in discovery.
    fn resource(&self) -> &'static Resource;

    /// The releases it is served in; `None` for all.
    fn served(&self) -> Option<Behaviour> {
        None
    }

    /// Reads a review from the wire through its type.
    ///
    /// # Errors
    /// 400 when a field has the wrong type.
    fn decode(&self, body: Value) -> Result<crate::apimachinery::strict::Decoded, Status>;

    /// Answers one review. `body` is decoded, `namespace` is from the URL.
    ///
    /// # Errors
    /// 400 and 422 for what cannot be reviewed.
    fn create(&self, plane: &ControlPlane, user: &User, namespace: &str, body: Value) -> Result<Value, Status>;
}

/// Every review, in discovery's order.
pub const REVIEWS: &[&dyn Review] = &[
    &authentication::SelfSubjectReview,
    &authentication::SelfSubjectReviewV1beta1,
    &authentication::TokenReview,
    &authorization::LocalSubjectAccessReview,
    &authorization::SelfSubjectAccessReview,
    &authorization::SelfSubjectRulesReview,
    &authorization::SubjectAccessReview,
];
