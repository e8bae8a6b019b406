//! Reading and writing the metadata of an object that is a JSON value.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// `metadata.FIELD` as text; empty when it is not there.
fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object.get("metadata").and_then(|metadata| metadata.get(field)).and_then(Value::as_str).unwrap_or_default()
}

/// `metadata.name`
pub fn name(object: &Value) -> &str {
    text(object, "name")
}

/// `metadata.namespace`; empty for what lives in none.
pub fn namespace(object: &Value) -> &str {
    text(object, "namespace")
}

/// `metadata.uid`
pub fn uid(object: &Value) -> &str {
    text(object, "uid")
}

/// `metadata.resourceVersion`
pub fn resource_version(object: &Value) -> &str {
    text(object, "resourceVersion")
}

/// Sets `metadata.resourceVersion`; a new one stands behind the uid, where Go has it.
pub fn set_resource_version(object: &mut Value, version: &str) {
    let metadata = metadata_mut(object);
    match metadata.get_mut("resourceVersion") {
        Some(old) => *old = version.into(),
        None => {
            let behind = metadata.keys().position(|key| key == "uid").map_or(metadata.len(), |at| at + 1);
            metadata.shift_insert(behind, "resourceVersion".to_owned(), version.into());
        }
    }
}

/// `kind`
pub fn kind(object: &Value) -> &str {
    object.get("kind").and_then(Value::as_str).unwrap_or_default()
}

/// `metadata.generateName`
pub fn generate_name(object: &Value) -> &str {
    text(object, "generateName")
}

/// `metadata.creationTimestamp`
pub fn created(object: &Value) -> Option<Timestamp> {
    text(object, "creationTimestamp").parse().ok()
}

/// `metadata.deletionTimestamp`
pub fn deleting_since(object: &Value) -> Option<Timestamp> {
    text(object, "deletionTimestamp").parse().ok()
}

/// `metadata.labels[key]`
pub fn label<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object.get("metadata")?.get("labels")?.get(key)?.as_str()
}

/// `metadata.annotations[key]`
pub fn annotation<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object.get("metadata")?.get("annotations")?.get(key)?.as_str()
}

/// The metadata object, made if it is not there.
pub fn metadata_mut(object: &mut Value) -> &mut Map<String, Value> {
    child_mut(object, "metadata")
}

/// `metadata.labels` or `metadata.annotations`, made if it is not there.
pub fn metadata_map_mut<'a>(object: &'a mut Value, field: &str) -> &'a mut Map<String, Value> {
    child_mut(child_value_mut(object, "metadata"), field)
}

/// The object in `field`, made if it is missing or something else.
pub fn child_mut<'a>(object: &'a mut Value, field: &str) -> &'a mut Map<String, Value> {
    match child_value_mut(object, field) {
        Value::Object(map) => map,
        _ => unreachable!("child_value_mut leaves an object"),
    }
}

fn child_value_mut<'a>(object: &'a mut Value, field: &str) -> &'a mut Value {
    if !object.is_object() {
        *object = json!({});
    }
    let child = &mut object[field];
    if !child.is_object() {
        *child = json!({});
    }
    child
}

/// The owner that controls the object: `(kind, name, uid)`.
pub fn controller_of(object: &Value) -> Option<(&str, &str, &str)> {
    let owners = object.get("metadata")?.get("ownerReferences")?.as_array()?;
    let owner = owners.iter().find(|owner| owner["controller"] == true)?;
    Some((owner["kind"].as_str()?, owner["name"].as_str()?, owner["uid"].as_str()?))
}

/// A moment as the API writes it: UTC, whole seconds.
pub fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
