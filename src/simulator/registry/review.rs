//! What the answers to reviews have in common.

use serde_json::{Value, json};

use crate::apimachinery::Resource;
use crate::simulator::ControlPlane;
use crate::simulator::release;

/// The review with its status, fields in the order the API server writes them.
pub fn reply(plane: &ControlPlane, resource: &Resource, body: &Value, spec: Option<Value>, status: Value) -> Value {
    let mut metadata = json!({});
    if plane.does(release::NULL_CREATION_TIMESTAMP) {
        metadata["creationTimestamp"] = Value::Null;
    }
    if let Some(given) = body.get("metadata").and_then(Value::as_object) {
        for (field, value) in given.iter().filter(|(_, value)| !value.is_null()) {
            metadata[field] = value.clone();
        }
    }
    json!({
        "kind": resource.kind,
        "apiVersion": resource.group_version.api_version(),
        "metadata": metadata,
        "spec": spec.unwrap_or_else(|| body.get("spec").cloned().unwrap_or_else(|| json!({}))),
        "status": status,
    })
}

/// The texts of a list; nothing when it is none.
pub fn texts(list: Option<&Value>) -> Vec<String> {
    let list = list.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}
