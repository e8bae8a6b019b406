//! Deployments. Upstream: pkg/registry/apps/deployment, pkg/apis/apps/{v1/defaults,validation/validation}.go.

use serde_json::{Map, Value, json};

use super::super::common::{
    ALL_VERBS, APPS, PART_VERBS, age, bump_generation, decode, keep, name, number, set_default, text,
};
use super::super::core::podspec;
use super::super::{Strategy, Subresource};
use crate::apimachinery::field::{Errors, Path};
use crate::apimachinery::strict::Decoded;
use crate::apimachinery::table::Column;
use crate::apimachinery::{Release, Resource, Status, meta};
use crate::simulator::ControlPlane;

/// `deployments`
pub static RESOURCE: Resource = Resource {
    group_version: APPS,
    plural: "deployments",
    singular: "deployment",
    kind: "Deployment",
    short_names: &["deploy"],
    categories: &["all"],
    namespaced: true,
    verbs: ALL_VERBS,
};

const SELECTOR: &str = "Label selector for pods. Existing ReplicaSets whose pods are selected by this will be the ones affected by this deployment. It must match the pod template's labels.";
const UP_TO_DATE: &str =
    "Total number of non-terminating pods targeted by this deployment that have the desired template spec.";
const AVAILABLE: &str =
    "Total number of available non-terminating pods (ready for at least minReadySeconds) targeted by this deployment.";
const PERCENT: &str = "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";

/// `deployments`
pub struct Deployments;

impl Strategy for Deployments {
    fn resource(&self) -> &'static Resource {
        &RESOURCE
    }

    fn subresources(&self) -> &'static [Subresource] {
        &[super::SCALE, ("status", "Deployment", PART_VERBS)]
    }

    fn decode(&self, object: Value) -> Result<Decoded, Status> {
        let mut decoded = decode(&RESOURCE, object)?;
        if let Some(Value::Object(status)) = decoded.object.get_mut("status") {
            status.retain(|field, value| field != "replicas" || *value != 0);
        }
        Ok(decoded)
    }

    fn default(&self, plane: &ControlPlane, object: &mut Value) {
        if let Value::Object(map) = object {
            set_default(map, "status", json!({}));
        }
        let spec = meta::child_mut(object, "spec");
        for (field, value) in [("replicas", 1), ("revisionHistoryLimit", 10), ("progressDeadlineSeconds", 600)] {
            set_default(spec, field, value);
        }
        default_strategy(spec);
        podspec::default_template(plane, spec.entry("template").or_insert_with(|| json!({})));
    }

    fn prepare_for_create(&self, _plane: &ControlPlane, object: &mut Value) {
        object["status"] = json!({});
        super::first_generation(object);
    }

    fn prepare_for_update(&self, _plane: &ControlPlane, object: &mut Value, old: &Value) {
        keep(object, old, "status");
        bump_generation(object, old);
    }

    fn validate(&self, plane: &ControlPlane, object: &Value) -> Errors {
        let mut errors = Errors::default();
        let (spec, path) = (&object["spec"], Path::new("spec"));
        super::not_negative(spec, &["replicas"], &path, &mut errors);
        super::validate_selector_and_template(plane, spec, &path, "deployment", &mut errors);
        validate_strategy(&spec["strategy"], &path.child("strategy"), &mut errors);
        super::not_negative(
            spec,
            &["minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"],
            &path,
            &mut errors,
        );
        if number(spec, "/progressDeadlineSeconds") <= number(spec, "/minReadySeconds") {
            let deadline = &spec["progressDeadlineSeconds"];
            errors.invalid(&path.child("progressDeadlineSeconds"), deadline, "must be greater than minReadySeconds");
        }
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

    fn columns(&self, _release: Release) -> Vec<Column> {
        vec![
            Column::name(),
            Column::new("Ready", "string", "Number of the pod with ready state"),
            Column::new("Up-to-date", "string", UP_TO_DATE),
            Column::new("Available", "string", AVAILABLE),
            Column::age(),
            super::CONTAINERS,
            super::IMAGES,
            Column::new("Selector", "string", SELECTOR).wide(),
        ]
    }

    fn cells(&self, plane: &ControlPlane, object: &Value) -> Vec<Value> {
        let ready = format!("{}/{}", number(object, "/status/readyReplicas"), number(object, "/spec/replicas"));
        let [containers, images, selector] = super::wide_cells(object);
        vec![
            name(object),
            ready.into(),
            number(object, "/status/updatedReplicas").into(),
            number(object, "/status/availableReplicas").into(),
            age(plane, object),
            containers,
            images,
            selector,
        ]
    }
}

fn default_strategy(spec: &mut Map<String, Value>) {
    let strategy = spec.entry("strategy").or_insert_with(|| json!({}));
    let Value::Object(strategy) = strategy else { return };
    set_default(strategy, "type", "RollingUpdate");
    if strategy["type"] == "RollingUpdate"
        && let Value::Object(rolling) = strategy.entry("rollingUpdate").or_insert_with(|| json!({}))
    {
        set_default(rolling, "maxUnavailable", "25%");
        set_default(rolling, "maxSurge", "25%");
    }
}

fn validate_strategy(strategy: &Value, path: &Path, errors: &mut Errors) {
    let rolling = strategy.get("rollingUpdate");
    match (text(strategy, "/type"), rolling) {
        ("Recreate", Some(_)) => {
            errors.forbidden(&path.child("rollingUpdate"), "may not be specified when strategy `type` is 'Recreate'")
        }
        ("Recreate", None) => {}
        ("RollingUpdate", Some(rolling)) => validate_rolling(rolling, &path.child("rollingUpdate"), errors),
        ("RollingUpdate", None) => {
            errors.required(&path.child("rollingUpdate"), "this should be defaulted and never be nil");
        }
        _ => errors.not_supported(path, strategy, &["Recreate", "RollingUpdate"]),
    }
}

fn validate_rolling(rolling: &Value, path: &Path, errors: &mut Errors) {
    let percent = |value: &Value| {
        let digits = value.as_str()?.strip_suffix('%')?;
        if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse::<i64>().ok() } else { None }
    };
    for field in ["maxUnavailable", "maxSurge"] {
        let value = &rolling[field];
        match value.as_i64() {
            Some(number) if number < 0 => errors.invalid(&path.child(field), value, super::NOT_NEGATIVE),
            Some(_) => {}
            None if percent(value).is_none() => errors.invalid(&path.child(field), value, PERCENT),
            None => {}
        }
    }
    let amount = |field: &str| rolling[field].as_i64().or_else(|| percent(&rolling[field])).unwrap_or_default();
    let unavailable = &rolling["maxUnavailable"];
    if amount("maxUnavailable") == 0 && amount("maxSurge") == 0 {
        errors.invalid(&path.child("maxUnavailable"), unavailable, "may not be 0 when `maxSurge` is 0");
    }
    if percent(unavailable).is_some_and(|percent| percent > 100) {
        errors.invalid(&path.child("maxUnavailable"), unavailable, "must not be greater than 100%");
    }
}
