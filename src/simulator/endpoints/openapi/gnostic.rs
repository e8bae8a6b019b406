//! A version 2 document as the protobuf message kubectl reads. Upstream: google/gnostic, openapiv2/OpenAPIv2.proto.

use serde_json::{Map, Value};

/// The document as an `openapi.v2.Document`.
pub fn document(document: &Value) -> Vec<u8> {
    let mut message = Message::default();
    message.text(1, &document["swagger"]);
    let mut info = Message::default();
    info.text(1, &document["info"]["title"]);
    info.text(2, &document["info"]["version"]);
    message.message(2, info);
    message.message(8, named(2, &document["paths"], path_item));
    message.message(9, named(1, &document["definitions"], schema));
    for requirement in list(&document["security"]) {
        message.message(12, named(1, requirement, texts));
    }
    message.message(
        13,
        named(1, &document["securityDefinitions"], |scheme| {
            let mut key = Message::default();
            for (field, name) in [(1, "type"), (2, "name"), (3, "in"), (4, "description")] {
                key.text(field, &scheme[name]);
            }
            Message::of(2, key)
        }),
    );
    message.0
}

/// Bytes of a message in the making.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn of(field: u8, inner: Self) -> Self {
        let mut message = Self::default();
        message.message(field, inner);
        message
    }

    fn varint(&mut self, mut value: usize) {
        while value >= 0x80 {
            self.0.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn bytes(&mut self, field: u8, bytes: &[u8]) {
        self.varint(usize::from(field) << 3 | 2);
        self.varint(bytes.len());
        self.0.extend_from_slice(bytes);
    }

    fn message(&mut self, field: u8, inner: Self) {
        self.bytes(field, &inner.0);
    }

    /// A text, if there is one.
    fn text(&mut self, field: u8, value: &Value) {
        if let Some(text) = value.as_str().filter(|text| !text.is_empty()) {
            self.bytes(field, text.as_bytes());
        }
    }

    fn texts(&mut self, field: u8, value: &Value) {
        for text in list(value).iter().filter_map(Value::as_str) {
            self.bytes(field, text.as_bytes());
        }
    }

    fn boolean(&mut self, field: u8, value: &Value) {
        if value == &Value::Bool(true) {
            self.varint(usize::from(field) << 3);
            self.varint(1);
        }
    }

    /// The fields that begin with `x-`.
    fn extensions(&mut self, field: u8, value: &Value) {
        for (name, value) in map(value).filter(|(name, _)| name.starts_with("x-")) {
            let mut entry = Message::default();
            entry.bytes(1, name.as_bytes());
            entry.message(2, any(value));
            self.message(field, entry);
        }
    }
}

/// A map as a list of named values.
fn named(field: u8, value: &Value, write: impl Fn(&Value) -> Message) -> Message {
    let mut message = Message::default();
    for (name, value) in map(value) {
        let mut entry = Message::default();
        entry.bytes(1, name.as_bytes());
        entry.message(2, write(value));
        message.message(field, entry);
    }
    message
}

fn map(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn texts(value: &Value) -> Message {
    let mut message = Message::default();
    message.texts(1, value);
    message
}

/// Values of any shape travel as YAML, of which JSON is a part.
fn any(value: &Value) -> Message {
    let mut message = Message::default();
    message.bytes(2, value.to_string().as_bytes());
    message
}

fn path_item(item: &Value) -> Message {
    let mut message = Message::default();
    for (field, method) in [(2, "get"), (3, "put"), (4, "post"), (5, "delete")] {
        if let Some(written) = item.get(method) {
            message.message(field, operation(written));
        }
    }
    if let Some(written) = item.get("patch") {
        message.message(8, operation(written));
    }
    for written in list(&item["parameters"]) {
        message.message(9, parameter(written));
    }
    message
}

fn operation(written: &Value) -> Message {
    let mut message = Message::default();
    message.texts(1, &written["tags"]);
    message.text(3, &written["description"]);
    message.text(5, &written["operationId"]);
    message.texts(6, &written["produces"]);
    message.texts(7, &written["consumes"]);
    for entry in list(&written["parameters"]) {
        message.message(8, parameter(entry));
    }
    let responses = named(1, &written["responses"], |response| {
        let mut inner = Message::default();
        inner.text(1, &response["description"]);
        if let Some(answer) = response.get("schema") {
            inner.message(2, Message::of(1, schema(answer)));
        }
        Message::of(1, inner)
    });
    message.message(9, responses);
    message.texts(10, &written["schemes"]);
    message.extensions(13, written);
    message
}

/// A `ParametersItem`.
fn parameter(written: &Value) -> Message {
    let place = written["in"].as_str().unwrap_or_default();
    let mut inner = Message::default();
    if place == "body" {
        inner.text(2, &written["name"]);
        inner.text(3, &written["in"]);
        inner.boolean(4, &written["required"]);
        inner.message(5, schema(&written["schema"]));
        return Message::of(1, Message::of(1, inner));
    }
    inner.boolean(1, &written["required"]);
    inner.text(2, &written["in"]);
    inner.text(3, &written["description"]);
    inner.text(4, &written["name"]);
    let (kind, type_field, unique_field) = if place == "query" { (3, 6, 20) } else { (4, 5, 19) };
    inner.text(type_field, &written["type"]);
    inner.boolean(unique_field, &written["uniqueItems"]);
    Message::of(1, Message::of(2, Message::of(kind, inner)))
}

fn schema(written: &Value) -> Message {
    let mut message = Message::default();
    message.text(1, &written["$ref"]);
    message.text(2, &written["format"]);
    message.text(4, &written["description"]);
    message.texts(19, &written["required"]);
    for value in list(&written["enum"]) {
        message.message(20, any(value));
    }
    if let Some(inner) = written.get("additionalProperties") {
        message.message(21, Message::of(1, schema(inner)));
    }
    if written.get("type").is_some() {
        let mut types = Message::default();
        types.text(1, &written["type"]);
        message.message(22, types);
    }
    if let Some(inner) = written.get("items") {
        message.message(23, Message::of(1, schema(inner)));
    }
    if let Some(inner) = written.get("properties") {
        message.message(25, named(1, inner, schema));
    }
    message.extensions(31, written);
    message
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{document, schema};

    #[test]
    fn schemas_on_the_wire() {
        let rows = [
            (json!({"$ref": "#/definitions/A"}), b"\x0a\x0f#/definitions/A".to_vec()),
            (json!({"type": "string"}), b"\xb2\x01\x08\x0a\x06string".to_vec()),
            (json!({"required": ["a", "b"]}), b"\x9a\x01\x01a\x9a\x01\x01b".to_vec()),
            (json!({"x-a": "b"}), b"\xfa\x01\x0c\x0a\x03x-a\x12\x05\x12\x03\"b\"".to_vec()),
        ];
        for (value, bytes) in rows {
            assert_eq!(schema(&value).0, bytes, "{value}");
        }
    }

    #[test]
    fn a_document_without_anything_is_still_one() {
        assert!(document(&json!({"swagger": "2.0"})).starts_with(b"\x0a\x032.0"));
    }
}
