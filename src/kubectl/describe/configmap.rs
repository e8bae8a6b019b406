//! `kubectl describe configmap`.

use base64::Engine;
use serde_json::Value;

use super::{annotations, events, labels};
use crate::apimachinery::meta;
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;

/// Describes a config map.
pub async fn describe(cx: &mut Context<'_>, object: &Value, shows: bool) -> Result<String, Error> {
    let mut out = format!("Name:\t{}\nNamespace:\t{}\n", meta::name(object), meta::namespace(object));
    out.push_str(&labels("Labels", &object["metadata"]["labels"]));
    out.push_str(&annotations(object));
    out.push_str("\nData\n====\n");
    let sorted = |field: &str| -> Vec<(String, String)> {
        let mut pairs: Vec<(String, String)> = object[field]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned()))
            .collect();
        pairs.sort();
        pairs
    };
    for (key, value) in sorted("data") {
        out.push_str(&format!("{key}:\n----\n{value}\n\n"));
    }
    out.push_str("\nBinaryData\n====\n");
    for (key, value) in sorted("binaryData") {
        let bytes = base64::engine::general_purpose::STANDARD.decode(value).unwrap_or_default();
        out.push_str(&format!("{key}: {} bytes\n", bytes.len()));
    }
    out.push('\n');
    out.push_str(&events::about(cx, object, shows).await);
    Ok(out)
}
