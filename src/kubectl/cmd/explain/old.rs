//! The layout before 1.27, from a document of version 2. Upstream: kubectl/pkg/explain/model_printer.go and
//! kube-openapi/pkg/util/proto.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::wrap;
use crate::base::Order as _;

const WIDTH: usize = 80;
const FIELD: usize = 3;
const DESCRIPTION: usize = 5;

/// Explains a kind, or the field that `fields` lead to.
///
/// # Errors
/// `field "x" does not exist`
pub fn explain(
    document: &Value,
    schema: &Value,
    (kind, api_version): (&str, &str),
    fields: &[String],
    recursive: bool,
) -> Result<String, String> {
    let model = Model { document };
    let found = model.find(schema, fields)?;
    let mut text = format!("KIND:     {kind}\nVERSION:  {api_version}\n\n");
    model.print(&mut text, found, fields.last().map(String::as_str).unwrap_or_default(), recursive);
    Ok(text)
}

struct Model<'a> {
    document: &'a Value,
}

impl<'a> Model<'a> {
    fn target(&self, schema: &'a Value) -> Option<(&'a str, &'a Value)> {
        let reference = schema.get("$ref")?.as_str()?;
        let name = reference.rsplit('/').next()?;
        Some((reference, self.document.get("definitions")?.get(name)?))
    }

    /// Follows the fields; references, lists and maps are looked through.
    fn find(&self, schema: &'a Value, fields: &[String]) -> Result<&'a Value, String> {
        let Some((first, rest)) = fields.split_first() else { return Ok(schema) };
        if let Some((_, target)) = self.target(schema) {
            return self.find(target, fields);
        }
        if let Some(properties) = properties(schema) {
            let field = properties.get(first).ok_or_else(|| format!("field {first:?} does not exist"))?;
            return self.find(field, rest);
        }
        match inner(schema) {
            Some(inner) => self.find(inner, fields),
            None => Err(format!("field {first:?} does not exist")),
        }
    }

    fn print(&self, out: &mut String, schema: &'a Value, name: &str, recursive: bool) {
        let kind = self.type_of(schema);
        let mut descriptions = Vec::new();
        let mut end = schema;
        // What stands before the end of references and lists describes the same thing.
        while let Some(next) = self.target(end).map(|(_, target)| target).or_else(|| inner(end)) {
            descriptions.push(description(end));
            end = next;
        }
        descriptions.push(description(end));
        let free = properties(end).is_none() && end.get("type").and_then(Value::as_str) == Some("object");
        if free {
            // A map of anything is described as the map, and again as anything; and it has no name.
            descriptions.push(description(end));
        }
        match (properties(end), name) {
            (Some(_), "") => {}
            (None, _) if free => {}
            (Some(_), name) => {
                let _ = write!(out, "RESOURCE: {name} <{kind}>\n\n");
            }
            (None, name) => {
                let _ = write!(out, "FIELD:    {name} <{kind}>\n\n");
            }
        }
        out.push_str("DESCRIPTION:\n");
        let mut empty = true;
        for (at, text) in descriptions.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
            if at > 0 {
                out.push('\n');
            }
            empty = false;
            wrapped(out, text, DESCRIPTION);
        }
        if empty {
            wrapped(out, "<empty>", DESCRIPTION);
        }
        if properties(end).is_some() {
            out.push_str("\nFIELDS:\n");
            if recursive {
                self.tree(out, end, FIELD, &mut Vec::new());
            } else {
                self.list(out, end);
            }
        }
    }

    fn list(&self, out: &mut String, schema: &'a Value) {
        for (name, field) in named(schema) {
            let _ = writeln!(out, "{}{name}\t<{}>{}", " ".repeat(FIELD), self.type_of(field), required(schema, name));
            wrapped(out, description(field), DESCRIPTION);
            out.push('\n');
        }
    }

    fn tree(&self, out: &mut String, schema: &'a Value, by: usize, above: &mut Vec<&'a str>) {
        if let Some((reference, target)) = self.target(schema) {
            if !above.contains(&reference) {
                above.push(reference);
                self.tree(out, target, by, above);
                above.pop();
            }
        } else if properties(schema).is_some() {
            for (name, field) in named(schema) {
                let _ = writeln!(out, "{}{name}\t<{}>", " ".repeat(by), self.type_of(field));
                self.tree(out, field, by + FIELD, above);
            }
        } else if let Some(inner) = inner(schema) {
            self.tree(out, inner, by, above);
        }
    }

    /// `string`, `Object`, `[]Object`, `map[string]string`
    fn type_of(&self, schema: &'a Value) -> String {
        if let Some((_, target)) = self.target(schema) {
            return self.type_of(target);
        }
        if properties(schema).is_some() {
            return "Object".to_owned();
        }
        match (schema.get("type").and_then(Value::as_str).unwrap_or_default(), inner(schema)) {
            ("array", Some(items)) => format!("[]{}", self.type_of(items)),
            (_, Some(values)) => format!("map[string]{}", self.type_of(values)),
            ("object", None) => "map[string]".to_owned(),
            (kind, None) => kind.to_owned(),
        }
    }
}

fn properties(schema: &Value) -> Option<&Map<String, Value>> {
    schema.get("properties").and_then(Value::as_object)
}

/// What a list or a map holds.
fn inner(schema: &Value) -> Option<&Value> {
    schema.get("items").or_else(|| schema.get("additionalProperties").filter(|values| values.is_object()))
}

fn named(schema: &Value) -> Vec<(&String, &Value)> {
    let mut named: Vec<(&String, &Value)> = properties(schema).into_iter().flatten().collect();
    named.order_by_key(|(name, _)| *name);
    named
}

fn required(schema: &Value, name: &str) -> &'static str {
    let required = schema.get("required").and_then(Value::as_array);
    if required.is_some_and(|required| required.contains(&json!(name))) { " -required-" } else { "" }
}

fn description(schema: &Value) -> &str {
    schema.get("description").and_then(Value::as_str).unwrap_or_default()
}

fn wrapped(out: &mut String, text: &str, by: usize) {
    for line in wrap::lines(text, WIDTH - by) {
        if line.is_empty() {
            out.push('\n');
        } else {
            let _ = writeln!(out, "{}{line}", " ".repeat(by));
        }
    }
}
