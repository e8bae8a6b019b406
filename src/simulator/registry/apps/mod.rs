//! Workloads, and what they share: a selector, a template, a scale. Upstream: pkg/registry/apps, pkg/apis/apps.

pub mod deployments;
pub mod replicasets;

use serde_json::{Map, Value, json};

use super::Subresource;
use super::common::{PART_VERBS, bump_generation, decode, keep, list, number, or_none, text};
use super::core::podvalidation;
use crate::apimachinery::field::{Errors, Path};
use crate::apimachinery::labels::Selector;
use crate::apimachinery::table::Column;
use crate::apimachinery::{GroupVersion, Resource, Status, meta, names};
use crate::base::Order as _;
use crate::simulator::{ControlPlane, release};

const SCALE: Subresource = ("scale", "autoscaling/v1/Scale", PART_VERBS);
/// What a scale is read as.
static SCALE_RESOURCE: Resource = Resource {
    group_version: GroupVersion { group: "autoscaling", version: "v1" },
    plural: "scales",
    singular: "scale",
    kind: "Scale",
    short_names: &[],
    categories: &[],
    namespaced: true,
    verbs: PART_VERBS,
};
const NOT_NEGATIVE: &str = "must be greater than or equal to 0";
const CONTAINERS: Column = Column::new("Containers", "string", "Names of each container in the template.").wide();
const IMAGES: Column = Column::new("Images", "string", "Images referenced by each container in the template.").wide();

/// What reading a part of a workload shows: its scale, or itself.
fn read_part(part: &str, object: &Value) -> Value {
    if part != SCALE.0 {
        return object.clone();
    }
    let mut metadata = Map::new();
    for field in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
        if let Some(value) = object.get("metadata").and_then(|metadata| metadata.get(field)) {
            metadata.insert(field.to_owned(), value.clone());
        }
    }
    let mut spec = json!({});
    if number(object, "/spec/replicas") != 0 {
        spec["replicas"] = object["spec"]["replicas"].clone();
    }
    let mut status = json!({"replicas": number(object, "/status/replicas")});
    let selector = Selector::from_object(&object["spec"]["selector"]).to_string();
    if !selector.is_empty() {
        status["selector"] = json!(selector);
    }
    json!({"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata, "spec": spec, "status": status})
}

/// The workload after a part of it was written.
fn write_part(part: &str, object: &Value, old: &Value) -> Value {
    let mut new = old.clone();
    if part == SCALE.0 {
        new["spec"]["replicas"] = json!(number(object, "/spec/replicas"));
        bump_generation(&mut new, old);
    } else {
        keep(&mut new, object, "status");
    }
    new
}

/// Refuses a scale that is none. Upstream: ValidateScale.
fn check_part(part: &str, object: &Value) -> Result<(), Status> {
    if part != SCALE.0 {
        return Ok(());
    }
    let scale = decode(&SCALE_RESOURCE, object.clone())?.object;
    let mut errors = Errors::default();
    not_negative(&scale["spec"], &["replicas"], &Path::new("spec"), &mut errors);
    if errors.is_empty() { Ok(()) } else { Err(Status::invalid("autoscaling", "Scale", meta::name(object), errors)) }
}

/// The first generation, whatever the creator says.
fn first_generation(object: &mut Value) {
    meta::metadata_mut(object).insert("generation".to_owned(), json!(1));
}

fn not_negative(spec: &Value, fields: &[&str], path: &Path, errors: &mut Errors) {
    for field in fields {
        if let Some(value) = spec.get(field).filter(|value| value.as_i64().is_some_and(|value| value < 0)) {
            errors.invalid(&path.child(field), value, NOT_NEGATIVE);
        }
    }
}

/// Checks the selector, and the template against it. Upstream: ValidatePodTemplateSpecForReplicaSet.
fn validate_selector_and_template(
    plane: &ControlPlane,
    spec: &Value,
    path: &Path,
    workload: &str,
    errors: &mut Errors,
) {
    let at = path.child("selector");
    let selector = spec.get("selector").filter(|selector| selector.is_object());
    match selector {
        None => errors.required(&at, ""),
        Some(selector) => {
            validate_selector(plane.names(), selector, &at, errors);
            if Selector::from_object(selector).is_empty() {
                let why = format!("empty selector is invalid for {workload}");
                if plane.does(release::FAULTS_PRINT_JSON) {
                    errors.invalid(&at, selector, &why);
                } else {
                    errors.invalid_go(&at, &go_selector(selector), &why);
                }
            }
        }
    }
    let template = &spec["template"];
    let at = path.child("template");
    let parsed = selector.map(Selector::from_object).unwrap_or_default();
    if selector.is_none() || !parsed.is_empty() && !parsed.matches_labels(template) {
        let labels = template.pointer("/metadata/labels").cloned().unwrap_or_default();
        let why = "`selector` does not match template `labels`";
        let at = at.child("metadata").child("labels");
        if plane.does(release::FAULTS_PRINT_JSON) {
            errors.invalid(&at, &labels, why);
        } else {
            errors.invalid_go(&at, &go_labels(Some(&labels)), why);
        }
    }
    validate_labels(plane.names(), template.pointer("/metadata/labels"), &at.child("metadata").child("labels"), errors);
    let at = at.child("spec");
    errors.extend(podvalidation::validate_spec(plane, &template["spec"], &at));
    let policy = text(template, "/spec/restartPolicy");
    if policy != "Always" {
        errors.not_supported(&at.child("restartPolicy"), &json!(policy), &["Always"]);
    }
    if template.pointer("/spec/activeDeadlineSeconds").is_some() {
        let why = "activeDeadlineSeconds in ReplicaSet is not Supported";
        errors.forbidden(&at.child("activeDeadlineSeconds"), why);
    }
}

fn validate_labels(rules: names::Rules, labels: Option<&Value>, path: &Path, errors: &mut Errors) {
    for (key, value) in labels.and_then(Value::as_object).into_iter().flatten() {
        errors.all_invalid(path, &json!(key), rules.qualified_name(key));
        errors.all_invalid(path, value, rules.label_value(value.as_str().unwrap_or_default()));
    }
}

/// Upstream: ValidateLabelSelector.
fn validate_selector(rules: names::Rules, selector: &Value, path: &Path, errors: &mut Errors) {
    validate_labels(rules, selector.get("matchLabels"), &path.child("matchLabels"), errors);
    for (index, expression) in list(selector, "/matchExpressions").iter().enumerate() {
        let at = path.child("matchExpressions").index(index);
        let operator = text(expression, "/operator");
        let values = list(expression, "/values");
        match operator {
            "In" | "NotIn" if values.is_empty() => {
                errors.required(&at.child("values"), "must be specified when `operator` is 'In' or 'NotIn'");
            }
            "Exists" | "DoesNotExist" if !values.is_empty() => {
                let why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
                errors.forbidden(&at.child("values"), why);
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            _ => errors.invalid(&at.child("operator"), &json!(operator), "not a valid selector operator"),
        }
        let key = text(expression, "/key");
        errors.all_invalid(&at.child("key"), &json!(key), rules.qualified_name(key));
    }
}

/// The fault of a changed selector.
fn selector_is_immutable(plane: &ControlPlane, object: &Value, old: &Value, errors: &mut Errors) {
    let (new, old) = (&object["spec"]["selector"], &old["spec"]["selector"]);
    if new == old {
        return;
    }
    let path = Path::new("spec").child("selector");
    if plane.does(release::FAULTS_PRINT_JSON) {
        errors.invalid(&path, new, "field is immutable");
    } else {
        errors.invalid_go(&path, &go_selector(new), "field is immutable");
    }
}

/// Labels as Go would write them in a program.
fn go_labels(labels: Option<&Value>) -> String {
    let Some(Value::Object(labels)) = labels else { return "map[string]string(nil)".to_owned() };
    let mut labels: Vec<String> = labels.iter().map(|(key, value)| format!("{key:?}:{value}")).collect();
    labels.order();
    format!("map[string]string{{{}}}", labels.join(", "))
}

/// A selector as Go would write it in a program.
fn go_selector(selector: &Value) -> String {
    const TYPE: &str = "[]v1.LabelSelectorRequirement";
    let expressions: Vec<String> = list(selector, "/matchExpressions")
        .iter()
        .map(|expression| {
            let values: Vec<String> = list(expression, "/values").iter().map(Value::to_string).collect();
            let values = match values.is_empty() {
                true => "[]string(nil)".to_owned(),
                false => format!("[]string{{{}}}", values.join(", ")),
            };
            let (key, operator) = (&expression["key"], &expression["operator"]);
            format!("v1.LabelSelectorRequirement{{Key:{key}, Operator:{operator}, Values:{values}}}")
        })
        .collect();
    let expressions = match expressions.is_empty() {
        true => format!("{TYPE}(nil)"),
        false => format!("{TYPE}{{{}}}", expressions.join(", ")),
    };
    let labels = go_labels(selector.get("matchLabels"));
    format!("v1.LabelSelector{{MatchLabels:{labels}, MatchExpressions:{expressions}}}")
}

/// The cells of the columns `Containers`, `Images` and `Selector`.
fn wide_cells(object: &Value) -> [Value; 3] {
    let containers = list(object, "/spec/template/spec/containers");
    let joined =
        |field: &str| containers.iter().map(|container| text(container, field)).collect::<Vec<_>>().join(",").into();
    let selector = Selector::from_object(&object["spec"]["selector"]).to_string();
    [joined("/name"), joined("/image"), or_none(&selector)]
}
