//! `kubectl describe secret`: sizes, and tokens in full.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::{annotations, labels, text};
use crate::apimachinery::meta;
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;

/// Describes a secret.
pub async fn describe(_: &mut Context<'_>, object: &Value, _: bool) -> Result<String, Error> {
    let mut out = format!("Name:\t{}\nNamespace:\t{}\n", meta::name(object), meta::namespace(object));
    out.push_str(&labels("Labels", &object["metadata"]["labels"]));
    out.push_str(&annotations(object));
    out.push_str(&format!("\nType:\t{}\n\nData\n====\n", text(object, "/type")));
    let is_token = text(object, "/type") == "kubernetes.io/service-account-token";
    let mut data: Vec<(&String, Vec<u8>)> = object["data"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| (key, STANDARD.decode(value.as_str().unwrap_or_default()).unwrap_or_default()))
        .collect();
    data.sort();
    for (key, bytes) in data {
        if key == "token" && is_token {
            out.push_str(&format!("{key}:\t{}\n", String::from_utf8_lossy(&bytes)));
        } else {
            out.push_str(&format!("{key}:\t{} bytes\n", bytes.len()));
        }
    }
    Ok(out)
}
