//! Decoding an object through its type, and reporting what the type does not know. Upstream: strict decoding in
//! apimachinery/pkg/runtime/serializer/json.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// An object read through its type.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// The object without unknown fields.
    pub object: Value,
    /// The paths of the unknown fields: `spec.foo`, `spec.containers[0].imag`.
    pub unknown: Vec<String>,
}

/// Reads `object` as a `T`.
///
/// # Errors
/// What is wrong with a field that has the wrong type.
pub fn decode<T: DeserializeOwned + Serialize>(object: Value) -> Result<Decoded, String> {
    let mut unknown = Vec::new();
    let typed: T =
        serde_ignored::deserialize(object, |path| unknown.push(path.to_string())).map_err(|error| error.to_string())?;
    let object = serde_json::to_value(&typed).map_err(|error| error.to_string())?;
    Ok(Decoded { object, unknown })
}
