//! One message to one JSON object, as Go reads the one into a struct and writes the other from it.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::wire::{Payload, Reader};
use crate::apimachinery::messages::{self, Field, Kind, Shape};

/// Whether there is a message of this name.
pub(super) fn is_known(message: &str) -> bool {
    messages::fields(message).is_some()
}

pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub(super) fn wrong_wire_type(payload: Payload<'_>, field: &str) -> String {
    format!("proto: wrong wireType = {} for field {field}", payload.wire_type())
}

/// The fields of a message that say something, in Go's order.
pub(super) fn decode(message: &str, bytes: &[u8]) -> Result<Map<String, Value>, String> {
    let fields = messages::fields(message).unwrap_or_default();
    // All that came for each field: later parts of a message add to earlier ones, of a single value the last counts.
    let mut came: Vec<Vec<Payload<'_>>> = vec![Vec::new(); fields.len()];
    let mut reader = Reader::new(bytes);
    while let Some(field) = reader.next_field(message) {
        let (number, payload) = field?;
        let Some(at) = fields.iter().position(|field| field.number == number) else { continue };
        let field = &fields[at];
        let fits = match payload {
            Payload::Varint(_) => field.kind.is_number() && field.shape != Shape::Map,
            Payload::Bytes(_) => !field.kind.is_number() || matches!(field.shape, Shape::List | Shape::Map),
            Payload::Other(_) => false,
        };
        if !fits {
            return Err(wrong_wire_type(payload, &go_name(field)));
        }
        if let Some(came) = came.get_mut(at) {
            came.push(payload);
        }
    }
    let mut object = Map::new();
    for (field, came) in fields.iter().zip(came).filter(|(_, came)| !came.is_empty()) {
        let value = match field.shape {
            Shape::One | Shape::Pointer => single(field.kind, &came)?.filter(|value| says_something(field, value)),
            Shape::List => Some(list(field.kind, &came)?),
            Shape::Map => Some(map(field.kind, &came)?),
        };
        match (field.name, value) {
            (Some(name), Some(value)) => drop(object.insert(name.to_owned(), value)),
            (None, Some(Value::Object(inner))) => object.extend(inner),
            _ => {}
        }
    }
    Ok(object)
}

/// Go's name of a field, near enough for a message nobody sees who uses a client.
fn go_name(field: &Field) -> String {
    let Some(name) = field.name else { return String::new() };
    if let ("metadata", Kind::Message(of)) = (name, field.kind) {
        return of.to_owned();
    }
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

/// Whether a value would be in the JSON of Go's struct; clients write the zeros of all fields that are no pointers.
fn says_something(field: &Field, value: &Value) -> bool {
    field.shape == Shape::Pointer
        || match value {
            Value::Bool(value) => *value,
            Value::Number(number) => number.as_i64() != Some(0),
            Value::String(text) => !text.is_empty(),
            _ => true,
        }
}

fn list(kind: Kind, came: &[Payload<'_>]) -> Result<Value, String> {
    let mut items = Vec::with_capacity(came.len());
    for payload in came {
        match payload {
            Payload::Bytes(packed) if kind.is_number() => {
                let mut reader = Reader::new(packed);
                while let Some(number) = reader.next_varint() {
                    items.push(self::number(kind, number?));
                }
            }
            // A moment that is none has its place in the list all the same.
            one => items.push(single(kind, std::slice::from_ref(one))?.unwrap_or(Value::Null)),
        }
    }
    Ok(Value::Array(items))
}

/// A map is a list of messages with a key and a value.
fn map(kind: Kind, came: &[Payload<'_>]) -> Result<Value, String> {
    let mut entries = Map::new();
    for payload in came {
        let Payload::Bytes(bytes) = payload else { continue };
        let (mut key, mut values) = (String::new(), Vec::new());
        let mut reader = Reader::new(bytes);
        while let Some(field) = reader.next_field("Entry") {
            match field? {
                (1, Payload::Bytes(bytes)) => key = text(bytes),
                (2, Payload::Bytes(bytes)) => values = vec![Payload::Bytes(bytes)],
                (1 | 2, other) => return Err(wrong_wire_type(other, "Entry")),
                _ => {}
            }
        }
        if values.is_empty() {
            values.push(Payload::Bytes(&[]));
        }
        entries.insert(key, single(kind, &values)?.unwrap_or_default());
    }
    Ok(Value::Object(entries))
}

fn number(kind: Kind, number: u64) -> Value {
    match kind {
        Kind::Bool => json!(number != 0),
        // As Go: the lower half of a number that is too large.
        #[allow(clippy::cast_possible_truncation)]
        Kind::Int32 => json!(i32::from_ne_bytes((number as u32).to_ne_bytes())),
        _ => json!(i64::from_ne_bytes(number.to_ne_bytes())),
    }
}

/// The bytes of a message that may have come in parts.
fn joined<'b>(came: &[Payload<'b>]) -> Cow<'b, [u8]> {
    let mut parts = came.iter().filter_map(|payload| match payload {
        Payload::Bytes(bytes) => Some(*bytes),
        _ => None,
    });
    let first = parts.next().unwrap_or_default();
    parts.fold(Cow::Borrowed(first), |mut whole, part| {
        whole.to_mut().extend_from_slice(part);
        whole
    })
}

fn single(kind: Kind, came: &[Payload<'_>]) -> Result<Option<Value>, String> {
    let last = match came.last() {
        Some(Payload::Varint(number)) => return Ok(Some(self::number(kind, *number))),
        Some(Payload::Bytes(bytes)) => *bytes,
        _ => return Ok(None),
    };
    Ok(match kind {
        Kind::String => Some(json!(text(last))),
        Kind::Bytes => Some(json!(STANDARD.encode(last))),
        Kind::Message(name) => Some(Value::Object(decode(name, &joined(came))?)),
        Kind::Time | Kind::MicroTime => time(kind, &joined(came))?,
        Kind::Quantity => Some(json!(texts(&joined(came))?.pop().unwrap_or_else(|| "0".to_owned()))),
        Kind::Items => Some(json!(texts(&joined(came))?)),
        Kind::IntOrString => Some(int_or_string(&joined(came))?),
        Kind::Json => texts(&joined(came))?.pop().and_then(|text| serde_json::from_str(&text).ok()),
        Kind::Bool | Kind::Int32 | Kind::Int64 => None,
    })
}

/// The texts of a message that has nothing else, in its field 1.
fn texts(bytes: &[u8]) -> Result<Vec<String>, String> {
    let mut texts = Vec::new();
    let mut reader = Reader::new(bytes);
    while let Some(field) = reader.next_field("Items") {
        match field? {
            (1, Payload::Bytes(bytes)) => texts.push(text(bytes)),
            (1, other) => return Err(wrong_wire_type(other, "Items")),
            _ => {}
        }
    }
    Ok(texts)
}

/// The numbers of a message by their field, and its text in field 3.
fn numbers(message: &str, bytes: &[u8]) -> Result<([i64; 2], String), String> {
    let (mut numbers, mut said) = ([0; 2], String::new());
    let mut reader = Reader::new(bytes);
    while let Some(field) = reader.next_field(message) {
        match field? {
            (1, Payload::Varint(number)) => numbers[0] = i64::from_ne_bytes(number.to_ne_bytes()),
            (2, Payload::Varint(number)) => numbers[1] = i64::from_ne_bytes(number.to_ne_bytes()),
            (3, Payload::Bytes(bytes)) => said = text(bytes),
            (1..=3, other) => return Err(wrong_wire_type(other, message)),
            _ => {}
        }
    }
    Ok((numbers, said))
}

fn int_or_string(bytes: &[u8]) -> Result<Value, String> {
    let ([is_text, number], said) = numbers("IntOrString", bytes)?;
    // A 32-bit number, of which Go keeps the lower half.
    let number = self::number(Kind::Int32, u64::from_ne_bytes(number.to_ne_bytes()));
    Ok(if is_text == 0 { number } else { json!(said) })
}

fn time(kind: Kind, bytes: &[u8]) -> Result<Option<Value>, String> {
    let ([seconds, nanoseconds], _) = numbers("Timestamp", bytes)?;
    if seconds == 0 && nanoseconds == 0 {
        return Ok(None);
    }
    // Whole seconds, as those who read it as JSON would get.
    let (nanoseconds, format) = match kind {
        Kind::MicroTime => (i32::try_from(nanoseconds).unwrap_or_default(), "%Y-%m-%dT%H:%M:%S.%6fZ"),
        _ => (0, "%Y-%m-%dT%H:%M:%SZ"),
    };
    let at = Timestamp::new(seconds, nanoseconds).map_err(|_| "Time.MarshalJSON: year outside of range [0,9999]")?;
    Ok(Some(json!(at.strftime(format).to_string())))
}
