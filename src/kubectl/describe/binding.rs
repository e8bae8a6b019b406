//! `kubectl describe rolebinding` and `clusterrolebinding`.

use serde_json::Value;

use super::{annotations, labels, text};
use crate::apimachinery::meta;
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;

/// Describes a binding.
pub async fn describe(_: &mut Context<'_>, object: &Value, _: bool) -> Result<String, Error> {
    let mut out = format!("Name:\t{}\n", meta::name(object));
    out.push_str(&labels("Labels", &object["metadata"]["labels"]));
    out.push_str(&annotations(object));
    out.push_str(&format!(
        "Role:\n  Kind:\t{}\n  Name:\t{}\n",
        text(object, "/roleRef/kind"),
        text(object, "/roleRef/name")
    ));
    out.push_str("Subjects:\n  Kind\tName\tNamespace\n  ----\t----\t---------\n");
    for subject in object["subjects"].as_array().into_iter().flatten() {
        out.push_str(&format!(
            "  {}\t{}\t{}\n",
            text(subject, "/kind"),
            text(subject, "/name"),
            text(subject, "/namespace")
        ));
    }
    Ok(out)
}
