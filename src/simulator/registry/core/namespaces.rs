//! Namespaces. Upstream: pkg/registry/core/namespace.

use serde_json::{Value, json};

use super::super::common::{PART_VERBS, age, decode, keep, name, text};
use super::super::{Deletion, Strategy, Subresource};
use crate::apimachinery::names::Rules;
use crate::apimachinery::strict::Decoded;
use crate::apimachinery::table::Column;
use crate::apimachinery::{GroupVersion, Release, Resource, Status, meta};
use crate::simulator::{ControlPlane, release};

/// `namespaces`
pub static RESOURCE: Resource = Resource {
    group_version: GroupVersion::CORE,
    plural: "namespaces",
    singular: "namespace",
    kind: "Namespace",
    short_names: &["ns"],
    categories: &[],
    namespaced: false,
    verbs: &["create", "delete", "get", "list", "patch", "update", "watch"],
};

const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// `namespaces`
pub struct Namespaces;

impl Strategy for Namespaces {
    fn resource(&self) -> &'static Resource {
        &RESOURCE
    }

    fn subresources(&self) -> &'static [Subresource] {
        &[("finalize", "Namespace", &["update"]), ("status", "Namespace", PART_VERBS)]
    }

    fn decode(&self, object: Value) -> Result<Decoded, Status> {
        decode(&RESOURCE, object)
    }

    fn default(&self, plane: &ControlPlane, object: &mut Value) {
        let name = meta::name(object).to_owned();
        if !name.is_empty() && plane.does(release::NAMESPACE_NAME_LABEL) {
            meta::metadata_map_mut(object, "labels").insert(NAME_LABEL.to_owned(), name.into());
        }
    }

    fn prepare_for_create(&self, _plane: &ControlPlane, object: &mut Value) {
        object["status"] = json!({"phase": "Active"});
        let spec = meta::child_mut(object, "spec");
        let finalizers = spec.entry("finalizers").or_insert_with(|| json!([]));
        if let Value::Array(list) = finalizers
            && !list.iter().any(|finalizer| finalizer == "kubernetes")
        {
            list.push("kubernetes".into());
        }
    }

    fn prepare_for_update(&self, _plane: &ControlPlane, object: &mut Value, old: &Value) {
        keep(object, old, "spec");
        keep(object, old, "status");
    }

    fn update_subresource(&self, subresource: &str, object: &Value, old: &Value) -> Value {
        let mut new = old.clone();
        if subresource == "finalize" {
            keep(&mut new, object, "spec");
        } else {
            keep(&mut new, object, "status");
        }
        new
    }

    fn begin_deletion(&self, _object: &Value, _grace: Option<i64>) -> Deletion {
        Deletion::Finalize
    }

    fn selectable(&self, object: &Value) -> Vec<(&'static str, String)> {
        vec![("status.phase", text(object, "/status/phase").to_owned())]
    }

    fn columns(&self, _release: Release) -> Vec<Column> {
        vec![Column::name(), Column::new("Status", "string", "The status of the namespace"), Column::age()]
    }

    fn cells(&self, plane: &ControlPlane, object: &Value) -> Vec<Value> {
        vec![name(object), text(object, "/status/phase").into(), age(plane, object)]
    }

    fn validate_name(&self, rules: Rules, name: &str) -> Vec<String> {
        rules.dns_label(name)
    }
}
