//! The server's description of its types, and files checked by it, as clients did before servers could.
//! Upstream: kubectl/pkg/util/openapi, kubectl/pkg/validation, kube-openapi/pkg/util/proto/validation.

use serde_json::{Map, Value, json};

use super::context::Context;
use super::errors::Error;
use super::release;
use super::rest::Call;
use crate::base::Order as _;

/// Where each group version is described in version 3.
///
/// # Errors
/// 404 from a server that has none.
pub async fn index(cx: &mut Context<'_>) -> Result<Value, Error> {
    cx.send(Call::get("/openapi/v3")).await
}

/// The description of everything in version 2.
///
/// # Errors
/// The server's refusal.
pub async fn swagger(cx: &mut Context<'_>) -> Result<Value, Error> {
    cx.send(Call::get("/openapi/v2")).await
}

/// The type of a kind and its name.
pub fn definition<'a>(document: &'a Value, group: &str, version: &str, kind: &str) -> Option<(&'a str, &'a Value)> {
    let wanted = json!({"group": group, "kind": kind, "version": version});
    let definitions = document.get("definitions")?.as_object()?;
    let is_it = |schema: &Value| {
        let kinds = schema.get("x-kubernetes-group-version-kind").and_then(Value::as_array);
        kinds.is_some_and(|kinds| kinds.contains(&wanted))
    };
    definitions.iter().find(|(_, schema)| is_it(schema)).map(|(name, schema)| (name.as_str(), schema))
}

/// What is wrong with an object by its type.
fn faults(document: &Value, object: &Value) -> Vec<String> {
    let text = |field: &str| object.get(field).and_then(Value::as_str).unwrap_or_default();
    let (group, version) = text("apiVersion").split_once('/').unwrap_or(("", text("apiVersion")));
    let mut checker = Checker { document, faults: Vec::new() };
    if let Some((name, schema)) = definition(document, group, version, text("kind")) {
        checker.check(object, schema, text("kind"), name);
    }
    checker.faults
}

struct Checker<'a> {
    document: &'a Value,
    faults: Vec<String>,
}

impl<'a> Checker<'a> {
    fn fault(&mut self, path: &str, what: &str) {
        self.faults.push(format!("ValidationError({path}): {what}"));
    }

    /// `name` is how faults call the type: its own name, or the path to it from the type it stands in.
    fn check(&mut self, value: &Value, schema: &'a Value, path: &str, name: &str) {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let target = reference.rsplit('/').next().unwrap_or_default();
            if let Some(schema) = self.document.get("definitions").and_then(|definitions| definitions.get(target)) {
                self.check(value, schema, path, target);
            }
            return;
        }
        let kind = schema.get("type").and_then(Value::as_str).unwrap_or_default();
        if let Some(fields) = schema.get("properties").and_then(Value::as_object) {
            self.object(value, schema, fields, path, name);
        } else if let Some(items) = schema.get("items") {
            match value {
                Value::Array(entries) => {
                    for (at, entry) in entries.iter().enumerate() {
                        let inner = format!("{path}[{at}]");
                        if entry.is_null() {
                            self.fault(path, &format!("unknown object type \"nil\" in {inner}"));
                        } else {
                            self.check(entry, items, &inner, name);
                        }
                    }
                }
                other => self.wrong_type(other, "array", path, name),
            }
        } else if kind == "object" {
            match (value, schema.get("additionalProperties")) {
                (Value::Object(entries), Some(inner)) => {
                    for (key, entry) in sorted(entries) {
                        let path = format!("{path}.{key}");
                        if entry.is_null() {
                            self.faults.push(format!("unknown object type \"nil\" in {path}"));
                        } else {
                            self.check(entry, inner, &path, name);
                        }
                    }
                }
                (Value::Object(_), None) => {}
                (other, _) => self.wrong_type(other, "map", path, name),
            }
        } else if !kind.is_empty() && !fits(kind, value) {
            self.wrong_type(value, kind, path, name);
        }
    }

    fn object(&mut self, value: &Value, schema: &'a Value, fields: &'a Map<String, Value>, path: &str, name: &str) {
        let Value::Object(given) = value else { return self.wrong_type(value, "map", path, name) };
        for (field, inner) in sorted(given).into_iter().filter(|(_, inner)| !inner.is_null()) {
            match fields.get(field) {
                Some(schema) => self.check(inner, schema, &format!("{path}.{field}"), &format!("{name}.{field}")),
                None => self.fault(path, &format!("unknown field {field:?} in {name}")),
            }
        }
        for field in schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
            if given.get(field).is_none_or(Value::is_null) {
                self.fault(path, &format!("missing required field {field:?} in {name}"));
            }
        }
    }

    fn wrong_type(&mut self, value: &Value, expected: &str, path: &str, name: &str) {
        self.fault(path, &format!("invalid type for {name}: got {:?}, expected {expected:?}", type_of(value)));
    }
}

fn sorted(entries: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut entries: Vec<(&String, &Value)> = entries.iter().collect();
    entries.order_by_key(|(key, _)| *key);
    entries
}

/// Numbers pass for one another, and any simple value for a text.
fn fits(kind: &str, value: &Value) -> bool {
    match (kind, type_of(value)) {
        ("string", given) => !matches!(given, "array" | "map"),
        ("integer" | "number", "integer" | "number") => true,
        (kind, given) => kind == given,
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "nil",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "map",
    }
}

/// The faults as kubectl reports them for a file; nothing when there are none.
fn complaint(source: &str, faults: &[String]) -> Option<Error> {
    let listed = match faults {
        [] => return None,
        [one] => one.clone(),
        several => format!("[{}]", several.join(", ")),
    };
    Some(Error::text(format!(
        "error validating {source:?}: error validating data: {listed}; if you choose to ignore these errors, turn validation off with --validate=false"
    )))
}

/// Checks the objects of one document, where this kubectl does so itself.
///
/// # Errors
/// What is wrong with them, or why the server's description could not be had.
pub async fn validate(cx: &mut Context<'_>, source: &str, objects: &[Value]) -> Result<(), Error> {
    let asked = !matches!(cx.given.text("validate"), "" | "false" | "ignore");
    if !asked {
        return Ok(());
    }
    if cx.does(release::FIELD_VALIDATION) {
        return kinds(cx, source, objects).await;
    }
    let faults: Vec<String> = match swagger(cx).await {
        Ok(document) => objects.iter().flat_map(|object| faults(&document, object)).collect(),
        Err(error) => vec![error.message()],
    };
    complaint(source, &faults).map_or(Ok(()), Err)
}

/// A kind that its group does not have could be one that somebody defined: the server is asked for all of those.
/// Upstream: cli-runtime/pkg/resource (crd_finder.go, query_param_verifier_v3.go).
async fn kinds(cx: &mut Context<'_>, source: &str, objects: &[Value]) -> Result<(), Error> {
    for object in objects {
        let text = |field: &str| object[field].as_str().unwrap_or_default();
        if cx.resource_of(text("apiVersion"), text("kind")).await?.is_some() {
            continue;
        }
        let root = if text("apiVersion").contains('/') { "apis" } else { "api" };
        if cx.send(Call::get(format!("/{root}/{}", text("apiVersion")))).await.is_err() {
            continue;
        }
        if let Err(error) = cx.send(Call::get("/apis/apiextensions.k8s.io/v1/customresourcedefinitions")).await {
            let fault = format!("failed to check CRD: failed to list CRDs: {}", error.message());
            return complaint(source, &[fault]).map_or(Ok(()), Err);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{complaint, faults};

    #[test]
    fn what_is_wrong_with_an_object() {
        let thing = "io.k8s.Thing";
        let document = json!({"definitions": {
            thing: {
                "x-kubernetes-group-version-kind": [{"group": "", "kind": "Thing", "version": "v1"}],
                "properties": {
                    "kind": {"type": "string"}, "apiVersion": {"type": "string"}, "on": {"type": "boolean"},
                    "count": {"type": "integer"}, "parts": {"type": "array", "items": {"$ref": "#/definitions/io.k8s.Part"}},
                    "labels": {"type": "object", "additionalProperties": {"type": "string"}}, "free": {"type": "object"},
                },
            },
            "io.k8s.Part": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
        }});
        let rows = [
            (
                json!({"on": true, "count": 1.5, "labels": {"a": 1}, "free": {"x": []}, "parts": [{"name": "a"}]}),
                vec![],
            ),
            (json!({"no": 1}), vec!["ValidationError(Thing): unknown field \"no\" in io.k8s.Thing"]),
            (
                json!({"on": "yes"}),
                vec![
                    "ValidationError(Thing.on): invalid type for io.k8s.Thing.on: got \"string\", expected \"boolean\"",
                ],
            ),
            (
                json!({"parts": [{"nam": "a"}]}),
                vec![
                    "ValidationError(Thing.parts[0]): unknown field \"nam\" in io.k8s.Part",
                    "ValidationError(Thing.parts[0]): missing required field \"name\" in io.k8s.Part",
                ],
            ),
            (
                json!({"parts": {}}),
                vec![
                    "ValidationError(Thing.parts): invalid type for io.k8s.Thing.parts: got \"map\", expected \"array\"",
                ],
            ),
            (
                json!({"parts": [null], "on": null}),
                vec!["ValidationError(Thing.parts): unknown object type \"nil\" in Thing.parts[0]"],
            ),
            (
                json!({"labels": []}),
                vec![
                    "ValidationError(Thing.labels): invalid type for io.k8s.Thing.labels: got \"array\", expected \"map\"",
                ],
            ),
        ];
        for (mut object, expected) in rows {
            object["apiVersion"] = json!("v1");
            object["kind"] = json!("Thing");
            assert_eq!(faults(&document, &object), expected, "{object}");
        }
        assert!(faults(&document, &json!({"apiVersion": "v2", "kind": "Thing", "no": 1})).is_empty());
        assert!(complaint("file", &[]).is_none());
    }
}
