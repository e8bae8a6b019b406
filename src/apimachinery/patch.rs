//! The patches the API takes. Upstream: apimachinery/pkg/util/strategicpatch; RFC 6902 and 7386 come from `json-patch`.

use serde_json::{Map, Value};

use super::schema::{ANY, Shape, Type};
use crate::base::Order as _;

/// Why a strategic merge patch cannot be applied. Upstream: interpretStrategicMergePatchError.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A directive that is not of its form.
    #[error("{0}")]
    BadRequest(String),
    /// What the patch wants to keep is not what it has.
    #[error("patch content doesn't match retainKeys list")]
    Unprocessable,
    /// Anything else, which the server takes for a fault of its own.
    #[error("{0}")]
    Other(String),
}

/// A value as Go prints a map: `map[a:1 b:[x y]]`.
pub fn go_text(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(go_text).collect::<Vec<_>>().join(" ")),
        Value::Object(fields) => {
            let mut pairs: Vec<_> = fields.iter().collect();
            pairs.order_by_key(|(key, _)| key.as_str());
            let pairs: Vec<String> =
                pairs.into_iter().map(|(key, value)| format!("{key}:{}", go_text(value))).collect();
            format!("map[{}]", pairs.join(" "))
        }
        other => other.to_string(),
    }
}

/// Applies a strategic merge patch to a value of a type.
///
/// # Errors
/// When a directive or a list entry cannot be understood.
pub fn strategic_merge(of: &'static Type, target: &mut Value, patch: &Value) -> Result<(), Refusal> {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => merge_maps(of, target, patch),
        (target, patch) => {
            *target = patch.clone();
            Ok(())
        }
    }
}

/// Applies a JSON merge patch (RFC 7386).
pub fn json_merge(target: &mut Value, patch: &Value) {
    json_patch::merge(target, patch);
}

/// Applies a JSON patch (RFC 6902), whole or not at all.
///
/// # Errors
/// When the patch is not one, or an operation does not fit the document.
pub fn json_patch(target: &mut Value, patch: &Value) -> Result<(), String> {
    let patch: json_patch::Patch = serde_json::from_value(patch.clone()).map_err(|error| error.to_string())?;
    // The crate's own way back forgets what a `move` took when it cannot be put down.
    let mut patched = target.clone();
    json_patch::patch_unsafe(&mut patched, &patch).map_err(|error| error.to_string())?;
    *target = patched;
    Ok(())
}

fn merge_maps(of: &'static Type, target: &mut Map<String, Value>, patch: &Map<String, Value>) -> Result<(), Refusal> {
    match patch.get("$patch").and_then(Value::as_str) {
        None => {}
        Some("replace") => {
            *target = patch
                .iter()
                .filter(|(key, _)| *key != "$patch")
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect();
            return Ok(());
        }
        Some("delete") => {
            target.clear();
            return Ok(());
        }
        Some("merge") => {}
        Some(other) => return Err(unknown_type(other, patch)),
    }
    if let Some(kept) = patch.get("$retainKeys") {
        let Value::Array(kept) = kept else {
            return Err(Refusal::BadRequest("invalid patch format of retainKeys".to_owned()));
        };
        let is_kept = |key: &String| kept.iter().any(|kept| kept == key);
        if patch.iter().any(|(key, value)| !key.starts_with('$') && !value.is_null() && !is_kept(key)) {
            return Err(Refusal::Unprocessable);
        }
        target.retain(|key, _| kept.iter().any(|kept| kept == key));
    }
    for (key, value) in patch {
        if key == "$patch" || key == "$retainKeys" || key.starts_with("$setElementOrder/") {
            continue;
        }
        if let Some(list) = key.strip_prefix("$deleteFromPrimitiveList/") {
            let Value::Array(gone) = value else {
                return Err(Refusal::BadRequest("invalid patch format of primitive list".to_owned()));
            };
            if let Some(Value::Array(values)) = target.get_mut(list) {
                values.retain(|value| !gone.contains(value));
            }
            continue;
        }
        match (target.get_mut(key), value) {
            (_, Value::Null) => {
                target.shift_remove(key);
            }
            (Some(Value::Object(old)), Value::Object(new)) => merge_maps(below(of, key), old, new)?,
            (Some(Value::Array(old)), Value::Array(new)) => merge_lists(of.field(key), old, new)?,
            (_, Value::Object(new)) => {
                let mut made = Map::new();
                merge_maps(below(of, key), &mut made, new)?;
                target.insert(key.clone(), Value::Object(made));
            }
            // What is not there yet is taken as it is.
            (None, Value::Array(_)) => {
                target.insert(key.clone(), without_directives(value));
            }
            (_, new) => {
                target.insert(key.clone(), new.clone());
            }
        }
        if let Some(Value::Array(order)) = patch.get(&format!("$setElementOrder/{key}"))
            && let Some(Value::Array(list)) = target.get_mut(key)
        {
            reorder(of.field(key), list, order);
        }
    }
    for (key, order) in patch {
        if let Some(list) = key.strip_prefix("$setElementOrder/")
            && !patch.contains_key(list)
            && let (Some(Value::Array(list_value)), Value::Array(order)) = (target.get_mut(list), order)
        {
            reorder(of.field(list), list_value, order);
        }
    }
    Ok(())
}

/// The type of a map in a field.
pub fn below(of: &'static Type, field: &str) -> &'static Type {
    match of.field(field) {
        Shape::Map(of) => of,
        Shape::Plain | Shape::Set | Shape::Keyed(..) | Shape::Merged(..) => ANY,
    }
}

/// The field that names the entries of a list in a field, and their type, for lists whose entries have one.
pub fn merge_key(shape: Shape) -> Option<(&'static str, &'static Type)> {
    match shape {
        Shape::Keyed(keys, of) => keys.first().map(|key| (*key, of)),
        Shape::Merged(key, of) => Some((key, of)),
        Shape::Plain | Shape::Map(_) | Shape::Set => None,
    }
}

/// A value of a patch that has nothing to be merged with. Upstream: dropDirectives.
fn without_directives(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(key, value)| !key.starts_with('$') && !value.is_null());
            kept.map(|(key, value)| (key.clone(), without_directives(value))).collect()
        }
        Value::Array(items) => {
            let directs = |item: &&Value| item.get("$patch").is_some();
            items.iter().filter(|item| !directs(item)).map(without_directives).collect()
        }
        other => other.clone(),
    }
}

fn unknown_type(directive: &str, patch: &Map<String, Value>) -> Refusal {
    Refusal::Other(format!("unknown patch type: {directive} in map: {}", go_text(&Value::Object(patch.clone()))))
}

fn merge_lists(shape: Shape, target: &mut Vec<Value>, patch: &[Value]) -> Result<(), Refusal> {
    let directive = |entry: &Value| entry.get("$patch").and_then(Value::as_str).map(str::to_owned);
    if patch.iter().any(|entry| directive(entry).as_deref() == Some("replace")) {
        *target = patch.iter().filter(|entry| entry.get("$patch").is_none()).cloned().collect();
        return Ok(());
    }
    if matches!(shape, Shape::Set) {
        for value in patch {
            if !target.contains(value) {
                target.push(value.clone());
            }
        }
        return Ok(());
    }
    let Some((name, of)) = merge_key(shape) else {
        *target = patch.to_vec();
        return Ok(());
    };
    for entry in patch {
        let id = entry.get(name).ok_or_else(|| {
            Refusal::Other(format!("map: {} does not contain declared merge key: {name}", go_text(entry)))
        })?;
        let found = target.iter().position(|existing| existing.get(name) == Some(id));
        match (directive(entry).as_deref(), found) {
            (Some("merge"), _) => {
                return Err(Refusal::Other("merging lists cannot yet be specified in the patch".to_owned()));
            }
            (Some(other), _) if other != "delete" => {
                return Err(unknown_type(other, entry.as_object().unwrap_or(&Map::new())));
            }
            (Some(_), found) => {
                if let Some(found) = found {
                    target.remove(found);
                }
            }
            (_, Some(found)) => strategic_merge(of, &mut target[found], entry)?,
            (_, None) => {
                let mut made = Value::Object(Map::new());
                strategic_merge(of, &mut made, entry)?;
                target.push(made);
            }
        }
    }
    Ok(())
}

/// Puts the entries that `order` names into its order; the others keep their places behind their neighbours.
fn reorder(shape: Shape, list: &mut [Value], order: &[Value]) {
    let name = merge_key(shape).map(|(name, _)| name);
    let place = |entry: &Value| {
        order.iter().position(|ordered| match name {
            Some(name) => ordered.get(name).is_some() && ordered.get(name) == entry.get(name),
            None => ordered == entry,
        })
    };
    let slots: Vec<usize> = (0..list.len()).filter(|&at| place(&list[at]).is_some()).collect();
    let mut ordered: Vec<Value> = slots.iter().map(|&at| list[at].clone()).collect();
    ordered.order_by_key(|entry| place(entry));
    for (slot, entry) in slots.into_iter().zip(ordered) {
        list[slot] = entry;
    }
}

#[cfg(test)]
mod tests {
    use super::strategic_merge;
    use crate::apimachinery::schema::Schema;
    use serde_json::{Value, json};

    #[track_caller]
    fn check(mut target: Value, patch: Value, want: Value) {
        let pod = Schema::of("Pod", true).root;
        strategic_merge(pod, &mut target, &patch).expect("the patch applies");
        assert_eq!(target, want);
    }

    #[test]
    fn strategic_merges() {
        check(json!({"a": 1, "b": {"c": 2}}), json!({"a": null, "b": {"d": 3}}), json!({"b": {"c": 2, "d": 3}}));
        check(
            json!({"spec": {"containers": [{"name": "a", "image": "x"}, {"name": "b"}]}}),
            json!({"spec": {"containers": [{"name": "a", "image": "y"}, {"name": "c"}]}}),
            json!({"spec": {"containers": [{"name": "a", "image": "y"}, {"name": "b"}, {"name": "c"}]}}),
        );
        check(
            json!({"spec": {"containers": [{"name": "a"}, {"name": "b"}]}}),
            json!({"spec": {"containers": [{"name": "a", "$patch": "delete"}]}}),
            json!({"spec": {"containers": [{"name": "b"}]}}),
        );
        check(json!({"args": ["a"]}), json!({"args": ["b"]}), json!({"args": ["b"]}));
        check(
            json!({"metadata": {"finalizers": ["a"]}}),
            json!({"metadata": {"finalizers": ["b"]}}),
            json!({"metadata": {"finalizers": ["a", "b"]}}),
        );
        check(
            json!({"metadata": {"finalizers": ["a", "b"]}}),
            json!({"metadata": {"$deleteFromPrimitiveList/finalizers": ["a"]}}),
            json!({"metadata": {"finalizers": ["b"]}}),
        );
        check(
            json!({"strategy": {"type": "RollingUpdate", "rollingUpdate": {}}}),
            json!({"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}),
            json!({"strategy": {"type": "Recreate"}}),
        );
        check(
            json!({"spec": {"volumes": [{"name": "a"}, {"name": "b"}]}}),
            json!({"spec": {"$setElementOrder/volumes": [{"name": "c"}, {"name": "a"}], "volumes": [{"name": "c"}]}}),
            json!({"spec": {"volumes": [{"name": "c"}, {"name": "b"}, {"name": "a"}]}}),
        );
    }

    #[test]
    fn an_entry_without_its_name_is_refused() {
        assert!(
            strategic_merge(
                Schema::of("Pod", true).root,
                &mut json!({"spec": {"containers": [{"name": "a"}]}}),
                &json!({"spec": {"containers": [{"image": "x"}]}})
            )
            .is_err()
        );
    }
}
