//! What the controllers of pods ask of a pod, and how they make one. Upstream: pkg/controller/controller_utils.go.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::apimachinery::meta;

/// Whether the pod runs or is going to: not finished, not being deleted.
pub fn is_active(pod: &Value) -> bool {
    !matches!(pod["status"]["phase"].as_str(), Some("Succeeded" | "Failed")) && meta::deleting_since(pod).is_none()
}

/// The pod's Ready condition, when it is true.
fn ready_condition(pod: &Value) -> Option<&Value> {
    pod["status"]["conditions"].as_array()?.iter().find(|c| c["type"] == "Ready" && c["status"] == "True")
}

/// Whether the pod is ready.
pub fn is_ready(pod: &Value) -> bool {
    ready_condition(pod).is_some()
}

/// From when the pod counts as available; `None` while it is not ready.
pub fn available_from(pod: &Value, min_ready_seconds: i64) -> Option<Timestamp> {
    let since = ready_condition(pod)?["lastTransitionTime"].as_str()?.parse::<Timestamp>().ok()?;
    since.checked_add(SignedDuration::from_secs(min_ready_seconds)).ok()
}

/// The uid of the object's controller.
pub fn controller_uid(object: &Value) -> &str {
    meta::controller_of(object).map_or("", |(_, _, uid)| uid)
}

/// A reference to an owner that controls the object.
pub fn controller_reference(owner: &Value, api_version: &str, kind: &str) -> Value {
    json!({
        "apiVersion": api_version, "kind": kind, "name": meta::name(owner), "uid": meta::uid(owner),
        "controller": true, "blockOwnerDeletion": true,
    })
}

/// A pod from a template, to be named by the API server.
pub fn from_template(template: &Value, owner: &Value, api_version: &str, kind: &str) -> Value {
    let mut metadata = json!({"generateName": format!("{}-", meta::name(owner))});
    for field in ["labels", "annotations", "finalizers"] {
        if let Some(value) = template["metadata"].get(field).filter(|value| !value.is_null()) {
            metadata[field] = value.clone();
        }
    }
    metadata["ownerReferences"] = json!([controller_reference(owner, api_version, kind)]);
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]})
}

/// A label selector's text form, from `matchLabels` and `matchExpressions`.
pub fn selector_text(selector: &Value) -> String {
    let mut parts = Vec::new();
    for (key, value) in selector["matchLabels"].as_object().into_iter().flatten() {
        parts.push(format!("{key}={}", value.as_str().unwrap_or_default()));
    }
    for expression in selector["matchExpressions"].as_array().into_iter().flatten() {
        let key = expression["key"].as_str().unwrap_or_default();
        let values: Vec<&str> =
            expression["values"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        match expression["operator"].as_str() {
            Some("In") => parts.push(format!("{key} in ({})", values.join(","))),
            Some("NotIn") => parts.push(format!("{key} notin ({})", values.join(","))),
            Some("Exists") => parts.push(key.to_owned()),
            Some("DoesNotExist") => parts.push(format!("!{key}")),
            _ => {}
        }
    }
    parts.join(",")
}

/// Sets a condition by its type. One that says the same already is left as it is; a changed one moves to the end,
/// and keeps the time of its last transition unless its status turned.
pub fn set_condition(conditions: &mut Vec<Value>, mut new: Value) {
    if let Some(at) = conditions.iter().position(|old| old["type"] == new["type"]) {
        let old = &conditions[at];
        if old["status"] == new["status"] && old["reason"] == new["reason"] {
            return;
        }
        if old["status"] == new["status"] {
            new["lastTransitionTime"] = old["lastTransitionTime"].clone();
        }
        conditions.remove(at);
    }
    conditions.push(new);
}

#[cfg(test)]
mod tests {
    use super::{from_template, selector_text, set_condition};
    use serde_json::json;

    #[test]
    fn selectors_read_as_text() {
        let selector = json!({"matchLabels": {"app": "x"}, "matchExpressions": [
            {"key": "tier", "operator": "In", "values": ["a", "b"]}, {"key": "gone", "operator": "DoesNotExist"}]});
        assert_eq!(selector_text(&selector), "app=x,tier in (a,b),!gone");
    }

    #[test]
    fn conditions_keep_their_transition() {
        let mut conditions = vec![
            json!({"type": "P", "status": "True", "reason": "A", "lastTransitionTime": "1"}),
            json!({"type": "Q"}),
        ];
        set_condition(
            &mut conditions,
            json!({"type": "P", "status": "True", "reason": "B", "lastTransitionTime": "2"}),
        );
        assert_eq!(conditions[1], json!({"type": "P", "status": "True", "reason": "B", "lastTransitionTime": "1"}));
        let same = conditions.clone();
        set_condition(
            &mut conditions,
            json!({"type": "P", "status": "True", "reason": "B", "lastTransitionTime": "3"}),
        );
        assert_eq!(conditions, same);
    }

    #[test]
    fn pods_are_named_by_the_server_and_owned() {
        let owner = json!({"metadata": {"name": "web-1", "uid": "u"}});
        let pod =
            from_template(&json!({"metadata": {"labels": {"a": "b"}}, "spec": {}}), &owner, "apps/v1", "ReplicaSet");
        assert_eq!(pod["metadata"]["generateName"], "web-1-");
        assert_eq!(pod["metadata"]["ownerReferences"][0]["controller"], true);
    }
}
