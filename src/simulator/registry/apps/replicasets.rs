//! Replica sets. Upstream: pkg/registry/apps/replicaset, pkg/apis/apps/{v1/defaults,validation/validation}.go.

use serde_json::{Value, json};

use super::super::common::{
    ALL_VERBS, APPS, PART_VERBS, age, bump_generation, decode, keep, name, number, set_default,
};
use super::super::core::podspec;
use super::super::{Strategy, Subresource};
use crate::apimachinery::field::{Errors, Path};
use crate::apimachinery::strict::Decoded;
use crate::apimachinery::table::Column;
use crate::apimachinery::{Release, Resource, Status, meta};
use crate::simulator::ControlPlane;

/// `replicasets`
pub static RESOURCE: Resource = Resource {
    group_version: APPS,
    plural: "replicasets",
    singular: "replicaset",
    kind: "ReplicaSet",
    short_names: &["rs"],
    categories: &["all"],
    namespaced: true,
    verbs: ALL_VERBS,
};

const DESIRED: &str = "Replicas is the number of desired pods. This is a pointer to distinguish between explicit zero and unspecified. Defaults to 1. More info: https://kubernetes.io/docs/concepts/workloads/controllers/replicaset";
const CURRENT: &str = "Replicas is the most recently observed number of non-terminating pods. More info: https://kubernetes.io/docs/concepts/workloads/controllers/replicaset";
const READY: &str = "The number of non-terminating pods targeted by this ReplicaSet with a Ready Condition.";
const SELECTOR: &str = "Selector is a label query over pods that should match the replica count. Label keys and values that must match in order to be controlled by this replica set. It must match the pod template's labels. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors";

/// `replicasets`
pub struct ReplicaSets;

impl Strategy for ReplicaSets {
    fn resource(&self) -> &'static Resource {
        &RESOURCE
    }

    fn subresources(&self) -> &'static [Subresource] {
        &[super::SCALE, ("status", "ReplicaSet", PART_VERBS)]
    }

    fn decode(&self, object: Value) -> Result<Decoded, Status> {
        decode(&RESOURCE, object)
    }

    fn default(&self, plane: &ControlPlane, object: &mut Value) {
        // The count is not optional in Go's type.
        set_default(meta::child_mut(object, "status"), "replicas", 0);
        let spec = meta::child_mut(object, "spec");
        set_default(spec, "replicas", 1);
        podspec::default_template(plane, spec.entry("template").or_insert_with(|| json!({})));
    }

    fn prepare_for_create(&self, _plane: &ControlPlane, object: &mut Value) {
        object["status"] = json!({"replicas": 0});
        super::first_generation(object);
    }

    fn prepare_for_update(&self, _plane: &ControlPlane, object: &mut Value, old: &Value) {
        keep(object, old, "status");
        bump_generation(object, old);
    }

    fn validate(&self, plane: &ControlPlane, object: &Value) -> Errors {
        let mut errors = Errors::default();
        let (spec, path) = (&object["spec"], Path::new("spec"));
        super::not_negative(spec, &["replicas", "minReadySeconds"], &path, &mut errors);
        super::validate_selector_and_template(plane, spec, &path, "deployment", &mut errors);
        errors
    }

    fn validate_update(&self, plane: &ControlPlane, object: &Value, old: &Value) -> Errors {
        let mut errors = self.validate(plane, object);
        super::selector_is_immutable(plane, object, old, &mut errors);
        errors
    }

    fn check_subresource(&self, _plane: &ControlPlane, part: &str, object: &Value, _old: &Value) -> Result<(), Status> {
        super::check_part(part, object)
    }

    fn update_subresource(&self, subresource: &str, object: &Value, old: &Value) -> Value {
        super::write_part(subresource, object, old)
    }

    fn read_subresource(&self, subresource: &str, object: &Value) -> Value {
        super::read_part(subresource, object)
    }

    fn selectable(&self, object: &Value) -> Vec<(&'static str, String)> {
        vec![("status.replicas", number(object, "/status/replicas").to_string())]
    }

    fn columns(&self, _release: Release) -> Vec<Column> {
        vec![
            Column::name(),
            Column::new("Desired", "integer", DESIRED),
            Column::new("Current", "integer", CURRENT),
            Column::new("Ready", "integer", READY),
            Column::age(),
            super::CONTAINERS,
            super::IMAGES,
            Column::new("Selector", "string", SELECTOR).wide(),
        ]
    }

    fn cells(&self, plane: &ControlPlane, object: &Value) -> Vec<Value> {
        let [containers, images, selector] = super::wide_cells(object);
        vec![
            name(object),
            number(object, "/spec/replicas").into(),
            number(object, "/status/replicas").into(),
            number(object, "/status/readyReplicas").into(),
            age(plane, object),
            containers,
            images,
            selector,
        ]
    }
}
