//! The layout since 1.27, from a document of OpenAPI 3. Upstream: kubectl/pkg/explain/v2/templates/plaintext.tmpl.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::wrap;
use crate::base::Order as _;

/// A field's short list of values ends after this many.
const SHORT_ENUM: usize = 4;

/// What is printed, and the complaint that ends it, if any.
pub struct Explained {
    /// The text, as far as it got.
    pub text: String,
    /// What went wrong then.
    pub fault: Option<String>,
}

/// What to explain, and how.
pub struct Request<'a> {
    /// The document of the group version.
    pub document: &'a Value,
    /// `/apis/apps/v1`
    pub root: &'a str,
    /// `deployments`
    pub plural: &'a str,
    /// `apps/v1, Resource=deployments`, for complaints.
    pub resource: &'a str,
    /// The fields from the object down.
    pub fields: &'a [String],
    /// Whether fields of fields are listed.
    pub recursive: bool,
    /// Whether enumerations are told.
    pub enums: bool,
}

/// Explains a resource or a field of it.
pub fn explain(request: &Request<'_>) -> Explained {
    let Some(kind) = request.kind() else {
        let fault = format!("error: GVR ({}) not found in OpenAPI schema", request.resource);
        return Explained { text: String::new(), fault: Some(fault) };
    };
    let text_of = |field: &str| kind.get(field).and_then(Value::as_str).unwrap_or_default();
    let mut text = String::new();
    if !text_of("group").is_empty() {
        let _ = writeln!(text, "GROUP:      {}", text_of("group"));
    }
    let _ = write!(text, "KIND:       {}\nVERSION:    {}\n\n", text_of("kind"), text_of("version"));
    let schemas = request.document.pointer("/components/schemas").and_then(Value::as_object);
    let is_it = |schema: &&Value| {
        let kinds = schema.get("x-kubernetes-group-version-kind").and_then(Value::as_array);
        kinds.is_some_and(|kinds| kinds.contains(kind))
    };
    let Some(schema) = schemas.and_then(|schemas| schemas.values().find(is_it)) else {
        return Explained { text, fault: Some(format!("error: GVK {kind} not found in OpenAPI schema")) };
    };
    let mut output = String::new();
    request.output(&mut output, schema, request.fields, &[]);
    if output.is_empty() {
        let field = request.fields.last().map(String::as_str).unwrap_or_default();
        return Explained { text, fault: Some(format!("field {field:?} does not exist")) };
    }
    text.push_str(&output);
    text.push('\n');
    Explained { text, fault: None }
}

impl Request<'_> {
    /// The kind that the resource's operations are about.
    fn kind(&self) -> Option<&Value> {
        let paths = self.document.get("paths")?.as_object()?;
        let (root, plural) = (self.root, self.plural);
        let in_namespace = format!("{root}/namespaces/{{namespace}}/{plural}");
        let candidates = [
            format!("{root}/{plural}"),
            format!("{root}/{plural}/{{name}}"),
            in_namespace.clone(),
            format!("{in_namespace}/{{name}}"),
        ];
        candidates.iter().filter_map(|path| paths.get(path)).find_map(|path| {
            ["get", "post", "put", "patch", "delete"]
                .iter()
                .find_map(|method| path.get(method)?.get("x-kubernetes-group-version-kind"))
        })
    }

    /// The type a schema refers to, or the schema itself; and the reference.
    fn resolve<'s>(&'s self, schema: &'s Value) -> (&'s Value, &'s str) {
        let reference = schema.get("$ref").and_then(Value::as_str).unwrap_or_default();
        let name = reference.rsplit('/').next().unwrap_or_default();
        let found = self.document.pointer("/components/schemas").and_then(|schemas| schemas.get(name));
        (found.unwrap_or(schema), reference)
    }

    /// Follows the fields and describes where they lead; nothing when they lead nowhere.
    fn output(&self, out: &mut String, schema: &Value, fields: &[String], history: &[&str]) {
        let (resolved, reference) = self.resolve(schema);
        let Some((first, rest)) = fields.split_first() else {
            let mut description = String::new();
            self.description(&mut description, resolved);
            let description = if description.is_empty() { "<empty>".to_owned() } else { description };
            let lines = wrap::keep(&description, 76);
            let _ = writeln!(out, "DESCRIPTION:\n{}", wrap::indent(&lines, 4));
            let mut list = String::new();
            self.fields(&mut list, resolved, 1, &[]);
            if !list.is_empty() {
                let _ = write!(out, "FIELDS:\n{list}");
            }
            return;
        };
        if !reference.is_empty() && history.contains(&reference) {
            return;
        }
        let history: Vec<&str> = history.iter().copied().chain([reference]).collect();
        if let Some(field) = properties(resolved).and_then(|properties| properties.get(first)) {
            if rest.is_empty() {
                let _ = writeln!(out, "FIELD: {first} <{}>", self.type_of(field));
                if self.enums {
                    let values = values(field);
                    if !values.is_empty() {
                        let _ = write!(out, "ENUM:\n    {}", values.join("\n    "));
                    }
                    out.push('\n');
                }
                out.push('\n');
            }
            self.output(out, field, rest, &[]);
        } else if let Some(items) = resolved.get("items") {
            self.output(out, items, fields, &history);
        } else if let Some(values) = map_values(resolved) {
            self.output(out, values, fields, &history);
        } else {
            for part in all_of(resolved) {
                let before = out.len();
                self.output(out, part, fields, &history);
                if out.len() > before {
                    break;
                }
            }
        }
    }

    fn fields(&self, out: &mut String, schema: &Value, level: usize, history: &[&str]) {
        let (resolved, reference) = self.resolve(schema);
        if !reference.is_empty() && history.contains(&reference) {
            return;
        }
        let history: Vec<&str> = history.iter().copied().chain([reference]).collect();
        let mut named: Vec<(&String, &Value)> = properties(resolved).into_iter().flatten().collect();
        named.order_by_key(|(name, _)| *name);
        for (name, field) in named {
            self.field(out, resolved, name, field, level);
            if self.recursive {
                self.fields(out, field, level + 1, &history);
            }
        }
        for part in all_of(resolved).iter().chain(resolved.get("items")).chain(map_values(resolved)) {
            self.fields(out, part, level, &history);
        }
    }

    fn field(&self, out: &mut String, schema: &Value, name: &str, field: &Value, level: usize) {
        let by = level * 2;
        let _ = write!(out, "{}\t<{}>", wrap::indent(name, by), self.type_of(field));
        let required = schema.get("required").and_then(Value::as_array);
        if required.is_some_and(|required| required.contains(&json!(name))) {
            out.push_str(" -required-");
        }
        let values = values(field);
        if self.enums && !values.is_empty() {
            let more = if values.len() > SHORT_ENUM { ", ...." } else { "" };
            let shown = &values[..values.len().min(SHORT_ENUM)];
            let _ = write!(out, "\n{}enum: {}{more}", " ".repeat(by), shown.join(", "));
        }
        out.push('\n');
        if !self.recursive {
            let description = field.get("description").and_then(Value::as_str).filter(|text| !text.is_empty());
            let lines = wrap::keep(description.unwrap_or("<no description>"), 78_usize.saturating_sub(by));
            let _ = write!(out, "{}\n\n", wrap::indent(&lines, by + 2));
        }
    }

    /// The descriptions of a schema and of all it is made of, each on a line.
    fn description(&self, out: &mut String, schema: &Value) {
        let (resolved, _) = self.resolve(schema);
        if let Some(text) = resolved.get("description").and_then(Value::as_str).filter(|text| !text.is_empty()) {
            out.push_str(text);
            out.push('\n');
        }
        for part in all_of(resolved).iter().chain(resolved.get("items")).chain(map_values(resolved)) {
            self.description(out, part);
        }
    }

    /// `string`, `[]Container`, `map[string]string`
    fn type_of(&self, schema: &Value) -> String {
        if let Some(items) = schema.get("items") {
            return format!("[]{}", self.type_of(items));
        }
        if let Some(values) = map_values(schema) {
            return format!("map[string]{}", self.type_of(values));
        }
        if let ([part], None) = (all_of(schema), properties(schema)) {
            return self.type_of(part);
        }
        let own = |schema: &Value| schema.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
        let (resolved, reference) = self.resolve(schema);
        let kind = own(resolved);
        if !reference.is_empty() && (kind.is_empty() || kind == "object") {
            let name = reference.rsplit(['/', '.']).next().unwrap_or_default();
            return if name.is_empty() { "Object".to_owned() } else { name.to_owned() };
        }
        if kind.is_empty() || kind == "object" { "Object".to_owned() } else { kind }
    }
}

fn properties(schema: &Value) -> Option<&Map<String, Value>> {
    schema.get("properties").and_then(Value::as_object)
}

fn map_values(schema: &Value) -> Option<&Value> {
    schema.get("additionalProperties").filter(|values| values.is_object())
}

fn all_of(schema: &Value) -> &[Value] {
    schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The values of an enumeration; an empty one is shown by its quotes.
fn values(schema: &Value) -> Vec<String> {
    let values = schema.get("enum").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    values
        .iter()
        .map(|value| match value {
            Value::String(text) if text.is_empty() => "\"\"".to_owned(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        })
        .collect()
}
