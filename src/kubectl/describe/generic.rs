//! Kinds without a describer of their own: every field, by name.

use serde_json::Value;

use super::{annotations, events, labels};
use crate::apimachinery::meta;
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;

/// Describes anything.
pub async fn describe(cx: &mut Context<'_>, object: &Value, shows: bool) -> Result<String, Error> {
    let mut out = format!("Name:\t{}\nNamespace:\t{}\n", meta::name(object), meta::namespace(object));
    out.push_str(&labels("Labels", &object["metadata"]["labels"]));
    out.push_str(&annotations(object));
    let mut rest = object.clone();
    if let Some(metadata) = rest["metadata"].as_object_mut() {
        for known in ["name", "namespace", "labels", "annotations", "managedFields"] {
            metadata.shift_remove(known);
        }
    }
    fields(&mut out, &rest, 0);
    out.push_str(&events::about(cx, object, shows).await);
    Ok(out)
}

fn fields(out: &mut String, value: &Value, level: usize) {
    let indent = "  ".repeat(level);
    let mut entries: Vec<(&String, &Value)> = value.as_object().into_iter().flatten().collect();
    entries.sort_by_key(|(key, _)| key.as_str());
    for (key, value) in entries {
        let label = smart_label(key);
        match value {
            Value::Object(map) if map.is_empty() => out.push_str(&format!("{indent}{label}:\n")),
            Value::Object(_) => {
                out.push_str(&format!("{indent}{label}:\n"));
                fields(out, value, level + 1);
            }
            Value::Array(list) => {
                out.push_str(&format!("{indent}{label}:\n"));
                for item in list {
                    if item.is_object() {
                        fields(out, item, level + 1);
                    } else {
                        out.push_str(&format!("{indent}  {}\n", crate::kubectl::jsonpath::shown(item)));
                    }
                }
            }
            other => out.push_str(&format!("{indent}{label}:\t{}\n", crate::kubectl::jsonpath::shown(other))),
        }
    }
}

/// `creationTimestamp` as `Creation Timestamp`.
fn smart_label(field: &str) -> String {
    let mut words = vec![String::new()];
    for c in field.chars() {
        if c.is_uppercase() && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(c);
        }
    }
    let shown: Vec<String> = words
        .into_iter()
        .map(|word| match word.as_str() {
            "api" | "url" | "uid" | "osb" | "guid" => word.to_uppercase(),
            _ => word.chars().next().map(|c| c.to_uppercase().to_string() + &word[c.len_utf8()..]).unwrap_or_default(),
        })
        .collect();
    shown.join(" ")
}
