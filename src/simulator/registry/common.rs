//! What the strategies share: reading through types, Go's `omitempty`, ages, verbs.

use serde_json::{Map, Value, json};

use crate::apimachinery::strict::{self, Decoded};
use crate::apimachinery::{GroupVersion, Resource, Status, meta};
use crate::base::human_duration;
use crate::simulator::{ControlPlane, release};

/// What can be asked of most resources.
pub const ALL_VERBS: &[&str] = &["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
/// What can be asked of a part that belongs to the object.
pub const PART_VERBS: &[&str] = &["get", "patch", "update"];
/// The group of workloads.
pub const APPS: GroupVersion = GroupVersion { group: "apps", version: "v1" };
/// The group of roles.
pub const RBAC: GroupVersion = GroupVersion { group: "rbac.authorization.k8s.io", version: "v1" };

/// Fields whose values are maps of the user's own keys: they vanish when empty, and nothing inside them is touched.
const MAPS: &[&str] = &[
    "labels",
    "annotations",
    "data",
    "stringData",
    "binaryData",
    "matchLabels",
    "nodeSelector",
    "limits",
    "requests",
    "capacity",
    "allocatable",
    "fieldsV1",
];
/// Fields that are left out when they are false or zero.
const OMITTED_ZEROES: &[&str] = &[
    "readOnly",
    "hostNetwork",
    "hostPID",
    "hostIPC",
    "stdin",
    "stdinOnce",
    "tty",
    "paused",
    "unschedulable",
    "observedGeneration",
    "updatedReplicas",
    "readyReplicas",
    "availableReplicas",
    "unavailableReplicas",
    "fullyLabeledReplicas",
    "minReadySeconds",
    "generation",
    "hostPort",
];

/// Reads an object of `resource` through its type.
///
/// # Errors
/// 400, as the API server words it.
pub fn decode(resource: &Resource, mut object: Value) -> Result<Decoded, Status> {
    let (kind, version) = (resource.kind, resource.group_version.version);
    let refuse = |given: &str, why: &str| {
        Status::bad_request(format!("{given} in version \"{version}\" cannot be handled as a {kind}: {why}"))
    };
    let Value::Object(map) = &mut object else {
        return Err(refuse(kind, &format!("json: cannot unmarshal into Go value of type {version}.{kind}")));
    };
    let api_version = resource.group_version.api_version();
    map.insert("apiVersion".to_owned(), json!(api_version));
    map.insert("kind".to_owned(), json!(kind));
    let mut decoded = strict::decode(kind, object).map_err(|why| refuse(kind, &why))?;
    prune(&mut decoded.object);
    Ok(decoded)
}

/// Leaves out what Go's `omitempty` leaves out.
pub fn prune(object: &mut Value) {
    match object {
        Value::Object(map) => {
            map.retain(|key, value| match value {
                Value::Null => false,
                Value::String(text) => !text.is_empty(),
                Value::Array(items) => !items.is_empty(),
                Value::Object(inner) => !(inner.is_empty() && MAPS.contains(&key.as_str())),
                Value::Bool(false) => !OMITTED_ZEROES.contains(&key.as_str()),
                Value::Number(number) => number.as_i64() != Some(0) || !OMITTED_ZEROES.contains(&key.as_str()),
                Value::Bool(true) => true,
            });
            for (key, value) in map.iter_mut() {
                if !MAPS.contains(&key.as_str()) {
                    prune(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(prune),
        _ => {}
    }
}

/// The text at a JSON pointer; empty when there is none.
pub fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The list at a JSON pointer; empty when there is none.
pub fn list<'a>(object: &'a Value, pointer: &str) -> &'a [Value] {
    object.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The number at a JSON pointer; zero when there is none.
pub fn number(object: &Value, pointer: &str) -> i64 {
    object.pointer(pointer).and_then(Value::as_i64).unwrap_or_default()
}

/// How many entries the map at a JSON pointer has.
pub fn entries(object: &Value, pointer: &str) -> usize {
    object.pointer(pointer).and_then(Value::as_object).map_or(0, Map::len)
}

/// The mutable list in a field, if there is one.
pub fn list_mut<'a>(object: &'a mut Value, pointer: &str) -> impl Iterator<Item = &'a mut Value> {
    object.pointer_mut(pointer).and_then(Value::as_array_mut).into_iter().flatten()
}

/// Sets a field that is not there.
pub fn set_default(map: &mut Map<String, Value>, field: &str, value: impl Into<Value>) {
    map.entry(field.to_owned()).or_insert_with(|| value.into());
}

/// How long ago an RFC 3339 time was; `<unknown>` for none.
pub fn since(plane: &ControlPlane, time: &str) -> String {
    time.parse::<jiff::Timestamp>()
        .map_or_else(|_| "<unknown>".to_owned(), |at| human_duration(plane.clock.now().duration_since(at)))
}

/// The `Age` cell.
pub fn age(plane: &ControlPlane, object: &Value) -> Value {
    since(plane, text(object, "/metadata/creationTimestamp")).into()
}

/// The `Name` cell.
pub fn name(object: &Value) -> Value {
    meta::name(object).into()
}

/// `text`, or `<none>` for nothing.
pub fn or_none(text: &str) -> Value {
    if text.is_empty() { "<none>".into() } else { text.into() }
}

/// Copies a part from the old object, or removes it if the old one has none.
pub fn keep(object: &mut Value, old: &Value, field: &str) {
    if let Value::Object(map) = object {
        match old.get(field) {
            Some(part) => map.insert(field.to_owned(), part.clone()),
            None => map.shift_remove(field),
        };
    }
}

/// Counts a change of the spec.
pub fn bump_generation(object: &mut Value, old: &Value) {
    let generation = number(old, "/metadata/generation") + i64::from(object.get("spec") != old.get("spec"));
    if generation > 0 {
        meta::metadata_mut(object).insert("generation".to_owned(), generation.into());
    }
}

/// How a fault prints a value that is no plain text, number or truth.
pub enum Shown {
    /// As JSON.
    Json(Value),
    /// As Go would write it in a program.
    Go(String),
}

/// Prints a struct of texts as this release prints it in a fault.
pub fn shown_in_fault(plane: &ControlPlane, go_type: &str, fields: &Value) -> Shown {
    if plane.does(release::FAULTS_PRINT_JSON) {
        return Shown::Json(fields.clone());
    }
    let fields = fields.as_object().into_iter().flatten().map(|(name, value)| format!("{name}:{value}"));
    Shown::Go(format!("{go_type}{{{}}}", fields.collect::<Vec<_>>().join(", ")))
}

/// Prints a list of texts as this release prints it in a fault.
pub fn strings_in_fault(plane: &ControlPlane, texts: &[&str]) -> String {
    if plane.does(release::FAULTS_PRINT_JSON) {
        return json!(texts).to_string();
    }
    let texts: Vec<String> = texts.iter().map(|text| format!("{text:?}")).collect();
    format!("[]string{{{}}}", texts.join(", "))
}
