//! The core group.

pub mod configmaps;
mod containervalidation;
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
mod volumevalidation;

use serde_json::Value;

use crate::apimachinery::field::{Errors, Path};
use crate::simulator::{ControlPlane, release};

/// The most bytes a secret or a config map may hold.
const MAX_DATA_SIZE: usize = 1024 * 1024;

/// Whether a key of a secret or a config map is well-formed. Upstream: IsConfigMapKey in apimachinery/pkg/util/validation.
fn validate_key(key: &str, path: &Path, errors: &mut Errors) {
    let mut fault = |detail: &str| errors.invalid(path, &key.into(), detail);
    if key.len() > 253 {
        fault("must be no more than 253 characters");
    }
    if key.is_empty() || !key.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'.' | b'_')) {
        fault(
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
        );
    }
    match key {
        "." => fault("must not be '.'"),
        ".." => fault("must not be '..'"),
        key if key.starts_with("..") => fault("must not start with '..'"),
        _ => {}
    }
}

/// What is said of a secret or a config map that holds too much.
fn too_long(plane: &ControlPlane, path: &Path, errors: &mut Errors) {
    errors.too_long(path, MAX_DATA_SIZE, plane.does(release::TOO_LONG_MAY_NOT_BE));
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
