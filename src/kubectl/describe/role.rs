//! `kubectl describe role` and `clusterrole`.

use serde_json::Value;

use super::{annotations, labels, rules};
use crate::apimachinery::meta;
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;

/// Describes a role.
pub async fn describe(_: &mut Context<'_>, object: &Value, _: bool) -> Result<String, Error> {
    let mut out = format!("Name:\t{}\n", meta::name(object));
    out.push_str(&labels("Labels", &object["metadata"]["labels"]));
    out.push_str(&annotations(object));
    out.push_str("PolicyRule:\n  Resources\tNon-Resource URLs\tResource Names\tVerbs\n  ---------\t-----------------\t--------------\t-----\n");
    let listed = object["rules"].as_array().cloned().unwrap_or_default();
    for rule in rules::compact(&listed) {
        out.push_str(&format!("  {}\n", rules::row(&rule)));
    }
    Ok(out)
}
