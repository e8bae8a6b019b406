//! KYAML: YAML with braces and quoted texts, `-o kyaml`. Upstream: sigs.k8s.io/yaml/kyaml.

use serde_json::Value;

/// One document, its keys as they stand.
pub fn document(value: &Value) -> String {
    let mut text = "---\n".to_owned();
    write(&mut text, value, 0);
    text.push('\n');
    text
}

fn write(text: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Object(map) if map.is_empty() => text.push_str("{}"),
        Value::Object(map) => {
            text.push_str("{\n");
            for (name, value) in map {
                text.push_str(&format!("{}{}: ", " ".repeat(indent + 2), key(name)));
                write(text, value, indent + 2);
                text.push_str(",\n");
            }
            text.push_str(&format!("{}}}", " ".repeat(indent)));
        }
        Value::Array(items) if items.is_empty() => text.push_str("[]"),
        // Braces cuddle: objects in a list stand where the list stands.
        Value::Array(items) if items.iter().all(|item| item.is_object() || item.is_array()) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                text.push_str(if at == 0 { "" } else { ", " });
                write(text, item, indent);
            }
            text.push(']');
        }
        Value::Array(items) => {
            text.push_str("[\n");
            for item in items {
                text.push_str(&" ".repeat(indent + 2));
                write(text, item, indent + 2);
                text.push_str(",\n");
            }
            text.push_str(&format!("{}]", " ".repeat(indent)));
        }
        Value::String(plain) if plain.contains('\n') => {
            // A text of several lines is folded at its line ends, each line continued by a backslash.
            let lines: Vec<String> = plain.split_inclusive('\n').map(inner).collect();
            let gap = format!("\\\n{}", " ".repeat(indent + 3));
            text.push_str(&format!(
                "\"\\\n{}{}\\\n{}\"",
                " ".repeat(indent + 3),
                lines.join(&gap),
                " ".repeat(indent + 2)
            ));
        }
        other => text.push_str(&other.to_string()),
    }
}

/// A text between its quotes.
fn inner(line: &str) -> String {
    let quoted = Value::from(line).to_string();
    quoted.trim_start_matches('"').strip_suffix('"').unwrap_or_default().to_owned()
}

/// A key that YAML could take for something else is quoted.
fn key(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'))
        && !matches!(
            name.to_ascii_lowercase().as_str(),
            "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
        );
    if plain { name.to_owned() } else { Value::from(name).to_string() }
}
