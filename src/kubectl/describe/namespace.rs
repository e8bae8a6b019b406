//! `kubectl describe namespace`.

use serde_json::Value;

use super::{annotations, labels, text};
use crate::apimachinery::meta;
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;

/// Describes a namespace.
pub async fn describe(_: &mut Context<'_>, object: &Value, _: bool) -> Result<String, Error> {
    let mut out = format!("Name:\t{}\n", meta::name(object));
    out.push_str(&labels("Labels", &object["metadata"]["labels"]));
    out.push_str(&annotations(object));
    out.push_str(&format!("Status:\t{}\n", text(object, "/status/phase")));
    out.push_str("\nNo resource quota.\n\nNo LimitRange resource.\n");
    Ok(out)
}
