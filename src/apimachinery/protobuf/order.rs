//! The order in which Go writes the fields of an object as JSON: that of its types.

use serde_json::{Map, Value};

use super::schema::{Field, Kind, Shape, fields};

/// An object with its fields in Go's order, as far as its kind is known; what is not stays behind them.
pub fn in_go_order(object: Value) -> Value {
    let Value::Object(mut given) = object else { return object };
    let mut ordered = Map::new();
    for key in ["kind", "apiVersion"] {
        if let Some(value) = given.shift_remove(key) {
            ordered.insert(key.to_owned(), value);
        }
    }
    let kind = ordered.get("kind").and_then(Value::as_str).unwrap_or_default();
    let known = fields(kind).or_else(|| fields("ConfigMap")).unwrap_or_default();
    take(known, &mut given, &mut ordered);
    ordered.extend(given);
    Value::Object(ordered)
}

fn take(known: &[Field], given: &mut Map<String, Value>, ordered: &mut Map<String, Value>) {
    for field in known {
        match (field.name, field.kind) {
            (Some(name), _) => {
                if let Some(value) = given.shift_remove(name) {
                    ordered.insert(name.to_owned(), below(field, value));
                }
            }
            (None, Kind::Message(inner)) => take(fields(inner).unwrap_or_default(), given, ordered),
            (None, _) => {}
        }
    }
}

fn below(field: &Field, value: Value) -> Value {
    let Kind::Message(name) = field.kind else { return value };
    match (field.shape, value) {
        (Shape::List, Value::Array(items)) => items.into_iter().map(|item| message(name, item)).collect(),
        (Shape::Map, Value::Object(entries)) => {
            entries.into_iter().map(|(key, entry)| (key, message(name, entry))).collect()
        }
        (_, value) => message(name, value),
    }
}

fn message(name: &str, value: Value) -> Value {
    match (fields(name), value) {
        (Some(known), Value::Object(mut given)) => {
            let mut ordered = Map::new();
            take(known, &mut given, &mut ordered);
            ordered.extend(given);
            Value::Object(ordered)
        }
        (_, value) => value,
    }
}

#[cfg(test)]
mod tests {
    use super::in_go_order;

    #[test]
    fn fields_stand_as_in_gos_types() {
        for (given, want) in [
            (
                r#"{"metadata":{"labels":{"b":"1","a":"2"},"uid":"u","name":"n"},"apiVersion":"v1","secrets":[],"automountServiceAccountToken":true,"imagePullSecrets":[{"name":"x"}],"kind":"ServiceAccount"}"#,
                r#"{"kind":"ServiceAccount","apiVersion":"v1","metadata":{"name":"n","uid":"u","labels":{"b":"1","a":"2"}},"secrets":[],"imagePullSecrets":[{"name":"x"}],"automountServiceAccountToken":true}"#,
            ),
            (
                r#"{"kind":"RoleBinding","roleRef":{"name":"r","kind":"Role","apiGroup":"g"},"subjects":[{"name":"s","kind":"User"}],"x":1}"#,
                r#"{"kind":"RoleBinding","subjects":[{"kind":"User","name":"s"}],"roleRef":{"apiGroup":"g","kind":"Role","name":"r"},"x":1}"#,
            ),
            (
                r#"{"kind":"Pod","status":{},"spec":{"containers":[{"image":"i","name":"c"}],"volumes":[{"emptyDir":{},"name":"v"}]}}"#,
                r#"{"kind":"Pod","spec":{"volumes":[{"name":"v","emptyDir":{}}],"containers":[{"name":"c","image":"i"}]},"status":{}}"#,
            ),
        ] {
            let object = serde_json::from_str(given).expect("JSON");
            assert_eq!(in_go_order(object).to_string(), want);
        }
    }
}
