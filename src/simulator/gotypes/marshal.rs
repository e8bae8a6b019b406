//! A value of the server's own types as `encoding/json` writes it: by Go's names, with every field.

use serde::Serialize as _;
use serde_json::{Map, Value as Json};

use super::{Field, Name, Node, Type, Value};

/// JSON indented by one space, as `json.MarshalIndent(value, "", " ")`.
pub fn indented(node: &Node) -> String {
    let mut out = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b" ");
    if marshal(node).serialize(&mut serde_json::Serializer::with_formatter(&mut out, formatter)).is_err() {
        return String::new();
    }
    // Go keeps what HTML could misread out of strings, the only place where these can be.
    let mut text = String::from_utf8(out).unwrap_or_default();
    for letter in ['<', '>', '&', '\u{2028}', '\u{2029}'] {
        if text.contains(letter) {
            text = text.replace(letter, &format!("\\u{:04x}", u32::from(letter)));
        }
    }
    text
}

fn marshal(node: &Node) -> Json {
    match &node.value {
        Value::Nil => Json::Null,
        Value::Bool(flag) => (*flag).into(),
        Value::Int(number) => (*number).into(),
        Value::Text(text) => text.as_str().into(),
        Value::Marshaler(json, _) => json.clone(),
        Value::Pointer(to) => marshal(to),
        Value::List(items) => items.iter().map(marshal).collect(),
        Value::Map(entries) => entries.iter().map(|(key, value)| (key.clone(), marshal(value))).collect(),
        Value::Struct(fields) => {
            let mut map = Map::new();
            // Of these, only the structs that are the API's as well say how they look in JSON.
            let tagged = matches!(node.ty, Type::Named(name) if name.starts_with("meta."));
            collect(fields, tagged, &mut map);
            Json::Object(map)
        }
    }
}

fn collect(fields: &[(&'static Field, Node)], tagged: bool, map: &mut Map<String, Json>) {
    for (field, node) in fields {
        match (field.name, &node.value) {
            (Name::Embedded(_), Value::Struct(inner)) => {
                collect(inner, matches!(node.ty, Type::Named(name) if name.starts_with("meta.")), map);
            }
            (Name::Plain { omits: true, .. }, _) if tagged && node.is_zero() => {}
            (Name::Plain { json, .. }, _) if tagged => {
                map.insert(json.to_owned(), marshal(node));
            }
            _ => {
                map.insert(field.go.to_owned(), marshal(node));
            }
        }
    }
}
