//! Kubernetes' protobuf: objects clients send, read into the JSON objects everything here works on.
//! Upstream: apimachinery/pkg/runtime/serializer/protobuf and the types' Unmarshal methods.
//! The same table tells in which order Go writes an object's fields.

mod message;
mod order;
mod wire;

use serde_json::{Map, Value, json};

pub use order::in_order;
use wire::{Payload, Reader};

/// The media type.
pub const MEDIA_TYPE: &str = "application/vnd.kubernetes.protobuf";

/// Every body begins with it.
const PREFIX: &[u8] = b"k8s\0";

/// Why a body could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// In upstream's words.
    pub message: String,
    /// The version and the kind the body says it is, when it got so far.
    pub claimed: Option<(String, String)>,
}

impl Fault {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), claimed: None }
    }
}

/// What is around each object: runtime.Unknown.
#[derive(Default)]
struct Envelope {
    api_version: String,
    kind: String,
    raw: Vec<u8>,
}

/// Reads a body. What does not say what it is, is taken for a `kind` of `api_version`.
///
/// Fields of a later release are passed over, and values that say nothing (an empty text that Go always writes) are
/// left out, so that the object looks like one that came as JSON.
///
/// # Errors
/// What is wrong with it.
pub fn decode(body: &[u8], api_version: &str, kind: &str) -> Result<Value, Fault> {
    if body.is_empty() {
        return Err(Fault::new("empty data"));
    }
    let Some(rest) = body.strip_prefix(PREFIX) else {
        return Err(Fault::new(format!(
            "provided data does not appear to be a protobuf message, expected prefix [{}]",
            PREFIX.iter().map(u8::to_string).collect::<Vec<_>>().join(" ")
        )));
    };
    if rest.is_empty() {
        return Err(Fault::new("empty body"));
    }
    let mut envelope = envelope(rest).map_err(Fault::new)?;
    if envelope.api_version.is_empty() {
        api_version.clone_into(&mut envelope.api_version);
    }
    if envelope.kind.is_empty() {
        kind.clone_into(&mut envelope.kind);
    }
    let Envelope { api_version, kind, raw } = envelope;
    let version = api_version.rsplit('/').next().unwrap_or_default().to_owned();
    let fault = |message| Fault { message, claimed: Some((version.clone(), kind.clone())) };
    if !message::is_known(&kind) {
        return Err(fault(format!(
            "no kind {kind:?} is registered for version {api_version:?} in scheme \"pkg/api/legacyscheme/scheme.go:30\""
        )));
    }
    let fields = message::decode(&kind, &raw).map_err(fault)?;
    let mut object = Map::new();
    object.insert("kind".to_owned(), json!(kind));
    object.insert("apiVersion".to_owned(), json!(api_version));
    object.extend(fields);
    Ok(Value::Object(object))
}

fn envelope(bytes: &[u8]) -> Result<Envelope, String> {
    let mut envelope = Envelope::default();
    let mut reader = Reader::new(bytes);
    while let Some(field) = reader.next_field("Unknown") {
        match field? {
            (1, Payload::Bytes(bytes)) => {
                let mut reader = Reader::new(bytes);
                while let Some(field) = reader.next_field("TypeMeta") {
                    match field? {
                        (1, Payload::Bytes(text)) => envelope.api_version = message::text(text),
                        (2, Payload::Bytes(text)) => envelope.kind = message::text(text),
                        (1, other) => return Err(message::wrong_wire_type(other, "APIVersion")),
                        (2, other) => return Err(message::wrong_wire_type(other, "Kind")),
                        _ => {}
                    }
                }
            }
            (2, Payload::Bytes(raw)) => envelope.raw = raw.to_vec(),
            (1, other) => return Err(message::wrong_wire_type(other, "TypeMeta")),
            (2, other) => return Err(message::wrong_wire_type(other, "Raw")),
            // How the object is encoded; upstream looks at neither.
            _ => {}
        }
    }
    Ok(envelope)
}

#[cfg(test)]
mod tests;
