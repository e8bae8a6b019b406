//! Puts the fields of objects in the order in which Go's structs declare them, as the API server's JSON has them.

use serde_json::{Map, Value};

use crate::apimachinery::messages::{self, Field, Kind, Shape};

/// The object with its fields in Go's order: `kind`, `apiVersion`, `metadata`, then those of its type. The keys of
/// maps are sorted. What the type does not know stays behind what it knows, as it was.
pub fn in_order(object: Value) -> Value {
    let Value::Object(mut fields) = object else { return object };
    let mut ordered = Map::new();
    for key in ["kind", "apiVersion"] {
        ordered.extend(fields.shift_remove(key).map(|value| (key.to_owned(), value)));
    }
    let kind = ordered.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
    if !super::message::is_known(&kind) {
        // Of a kind that clients never send, the metadata is known all the same.
        let metadata = fields.shift_remove("metadata").map(|metadata| message("ObjectMeta", metadata));
        ordered.extend(metadata.map(|metadata| ("metadata".to_owned(), metadata)));
    }
    arrange(&kind, &mut fields, &mut ordered);
    ordered.extend(fields);
    Value::Object(ordered)
}

/// Moves the fields a message knows from one map to the other, in its order.
fn arrange(message: &str, from: &mut Map<String, Value>, to: &mut Map<String, Value>) {
    for field in messages::fields(message).unwrap_or_default() {
        match (field.name, field.kind) {
            (Some(name), _) => {
                to.extend(from.shift_remove_entry(name).map(|(name, value)| (name, arranged(field, value))));
            }
            (None, Kind::Message(inner)) => arrange(inner, from, to),
            (None, _) => {}
        }
    }
}

fn arranged(field: &Field, value: Value) -> Value {
    let of_kind = |value| if let Kind::Message(name) = field.kind { message(name, value) } else { value };
    match (field.shape, value) {
        (Shape::List, Value::Array(items)) => items.into_iter().map(of_kind).collect(),
        (Shape::Map, Value::Object(mut entries)) => {
            entries.sort_keys();
            entries.into_iter().map(|(key, value)| (key, of_kind(value))).collect()
        }
        (_, value) => of_kind(value),
    }
}

fn message(name: &str, value: Value) -> Value {
    let Value::Object(mut fields) = value else { return value };
    let mut ordered = Map::new();
    arrange(name, &mut fields, &mut ordered);
    ordered.extend(fields);
    Value::Object(ordered)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::in_order;

    #[track_caller]
    fn check(object: Value, want: &str) {
        let once = in_order(object);
        assert_eq!(once.to_string(), want);
        assert_eq!(in_order(once).to_string(), want, "a second time");
    }

    #[test]
    fn fields_stand_as_go_declares_them() {
        check(
            json!({"metadata": {"labels": {"b": "1", "a": "2"}, "name": "x"}, "apiVersion": "v1", "kind": "Gadget", "a": 1}),
            r#"{"kind":"Gadget","apiVersion":"v1","metadata":{"name":"x","labels":{"a":"2","b":"1"}},"a":1}"#,
        );
        check(
            json!({
                "apiVersion": "v1", "kind": "Pod", "status": {"qosClass": "BestEffort", "phase": "Pending"},
                "spec": {
                    "new": 1, "serviceAccount": "s", "serviceAccountName": "s",
                    "containers": [{"image": "i", "name": "c"}],
                    "volumes": [{"projected": {"defaultMode": 420, "sources": [{"configMap": {"items": [], "name": "n"}}]}, "name": "v"}],
                },
                "metadata": {"creationTimestamp": "T", "resourceVersion": "1", "uid": "U", "name": "x"},
            }),
            concat!(
                r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"x","uid":"U","resourceVersion":"1","creationTimestamp":"T"},"#,
                r#""spec":{"volumes":[{"name":"v","projected":{"sources":[{"configMap":{"name":"n","items":[]}}],"defaultMode":420}}],"#,
                r#""containers":[{"name":"c","image":"i"}],"serviceAccountName":"s","serviceAccount":"s","new":1},"#,
                r#""status":{"phase":"Pending","qosClass":"BestEffort"}}"#,
            ),
        );
        check(json!("no object"), r#""no object""#);
    }
}
