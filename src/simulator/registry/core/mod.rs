//! The core group.

pub mod configmaps;
pub mod events;
pub mod namespaces;
pub mod nodes;
mod poddiff;
pub mod pods;
pub mod podspec;
mod podtable;
mod podupdate;
pub(super) mod podvalidation;
pub mod secrets;
pub mod serviceaccounts;

use serde_json::Value;

use crate::apimachinery::field::{Errors, Path};

/// The most bytes a secret or a config map may hold.
const MAX_DATA_SIZE: usize = 1024 * 1024;

/// Whether keys of secrets and config maps are well-formed. Upstream: apimachinery/pkg/util/validation:IsConfigMapKey.
pub(super) fn validate_keys(object: &Value, field: &str) -> Errors {
    let mut errors = Errors::default();
    for key in object.get(field).and_then(Value::as_object).into_iter().flat_map(|map| map.keys()) {
        let path = Path::new(field).key(key);
        let mut fault = |detail: &str| errors.invalid(&path, &key.as_str().into(), detail);
        if key.len() > 253 {
            fault("must be no more than 253 characters");
        }
        if key.is_empty() || !key.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'.' | b'_')) {
            fault(
                "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
            );
        }
        match key.as_str() {
            "." => fault("must not be '.'"),
            ".." => fault("must not be '..'"),
            key if key.starts_with("..") => fault("must not start with '..'"),
            _ => {}
        }
    }
    errors
}

/// What an `immutable: true` forbids. Upstream: ValidateSecretUpdate, ValidateConfigMapUpdate.
pub(super) fn validate_immutable(object: &Value, old: &Value, fields: &[&str]) -> Errors {
    let mut errors = Errors::default();
    if old.get("immutable") == Some(&Value::Bool(true)) {
        let why = "field is immutable when `immutable` is set";
        for field in ["immutable"].iter().chain(fields) {
            if object.get(*field) != old.get(*field) {
                errors.forbidden(&Path::new(field), why);
            }
        }
    }
    errors
}
