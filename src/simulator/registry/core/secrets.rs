//! Secrets. Upstream: pkg/registry/core/secret, ValidateSecret in pkg/apis/core/validation.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::super::Strategy;
use super::super::common::{ALL_VERBS, age, decode, entries, name, set_default, text};
use crate::apimachinery::field::{Errors, Path};
use crate::apimachinery::strict::Decoded;
use crate::apimachinery::table::Column;
use crate::apimachinery::{GroupVersion, Release, Resource, Status, gojson, meta};
use crate::simulator::{ControlPlane, release};

/// `secrets`
pub static RESOURCE: Resource = Resource {
    group_version: GroupVersion::CORE,
    plural: "secrets",
    singular: "secret",
    kind: "Secret",
    short_names: &[],
    categories: &[],
    namespaced: true,
    verbs: ALL_VERBS,
};

const ACCOUNT_NAME: &str = "kubernetes.io/service-account.name";

/// `secrets`
pub struct Secrets;

impl Strategy for Secrets {
    fn resource(&self) -> &'static Resource {
        &RESOURCE
    }

    fn decode(&self, object: Value) -> Result<Decoded, Status> {
        decode(&RESOURCE, object)
    }

    fn default(&self, _plane: &ControlPlane, object: &mut Value) {
        let Value::Object(map) = object else { return };
        if let Some(Value::Object(plain)) = map.shift_remove("stringData") {
            let data = meta::child_mut(object, "data");
            for (key, value) in plain {
                data.insert(key, json!(STANDARD.encode(value.as_str().unwrap_or_default())));
            }
        }
        if let Value::Object(map) = object {
            set_default(map, "type", "Opaque");
        }
    }

    fn validate(&self, plane: &ControlPlane, object: &Value) -> Errors {
        let mut errors = Errors::default();
        let data = Path::new("data");
        let values = object.get("data").and_then(Value::as_object);
        for key in values.into_iter().flat_map(|map| map.keys()) {
            super::validate_key(key, &data.key(key), &mut errors);
        }
        let size: usize = values
            .into_iter()
            .flatten()
            .map(|(_, value)| value.as_str().map_or(0, |text| STANDARD.decode(text).map_or(0, |bytes| bytes.len())))
            .sum();
        if size > super::MAX_DATA_SIZE {
            super::too_long(plane, &data, &mut errors);
        }
        let missing = |key: &str| values.is_none_or(|values| !values.contains_key(key));
        match text(object, "/type") {
            "kubernetes.io/service-account-token"
                if meta::annotation(object, ACCOUNT_NAME).unwrap_or_default().is_empty() =>
            {
                errors.required(&Path::new("metadata").child("annotations").key(ACCOUNT_NAME), "");
            }
            "kubernetes.io/dockercfg" if missing(".dockercfg") => errors.required(&data.key(".dockercfg"), ""),
            "kubernetes.io/dockercfg" => check_json(&mut errors, object, &data, ".dockercfg"),
            "kubernetes.io/dockerconfigjson" if missing(".dockerconfigjson") => {
                errors.required(&data.key(".dockerconfigjson"), "");
            }
            "kubernetes.io/dockerconfigjson" => check_json(&mut errors, object, &data, ".dockerconfigjson"),
            "kubernetes.io/basic-auth" if missing("username") && missing("password") => {
                errors.required(&data.key("username"), "");
                errors.required(&data.key("password"), "");
            }
            // A key that is there and empty is none.
            "kubernetes.io/ssh-auth" if text(object, "/data/ssh-privatekey").is_empty() => {
                errors.required(&data.key("ssh-privatekey"), "");
            }
            "kubernetes.io/tls" => {
                for key in ["tls.crt", "tls.key"].into_iter().filter(|key| missing(key)) {
                    errors.required(&data.key(key), "");
                }
            }
            _ => {}
        }
        errors
    }

    fn validate_change(&self, _plane: &ControlPlane, object: &Value, old: &Value) -> Errors {
        let mut errors = Errors::default();
        if object.get("type") != old.get("type") {
            errors.invalid(&Path::new("type"), &object["type"], "field is immutable");
        }
        errors.extend(super::validate_immutable(object, old, &["data"]));
        errors
    }

    fn selectable(&self, object: &Value) -> Vec<(&'static str, String)> {
        vec![("type", text(object, "/type").to_owned())]
    }

    fn columns(&self, release: Release) -> Vec<Column> {
        let kind = Column::new(
            "Type",
            "string",
            if release::SECRET_TYPES_LINKED.holds(release) {
                "Used to facilitate programmatic handling of secret data. More info: https://kubernetes.io/docs/concepts/configuration/secret/#secret-types"
            } else {
                "Used to facilitate programmatic handling of secret data."
            },
        );
        let data = Column::new(
            "Data",
            "string",
            "Data contains the secret data. Each key must consist of alphanumeric characters, '-', '_' or '.'. The serialized form of the secret data is a base64 encoded string, representing the arbitrary (possibly non-string) data value here. Described in https://tools.ietf.org/html/rfc4648#section-4",
        );
        vec![Column::name(), kind, data, Column::age()]
    }

    fn cells(&self, plane: &ControlPlane, object: &Value) -> Vec<Value> {
        vec![name(object), text(object, "/type").into(), entries(object, "/data").into(), age(plane, object)]
    }
}

/// Registry credentials must be JSON; the value is not repeated in the message.
fn check_json(errors: &mut Errors, object: &Value, data: &Path, key: &str) {
    let encoded = object.get("data").and_then(|data| data.get(key)).and_then(Value::as_str).unwrap_or_default();
    let bytes = STANDARD.decode(encoded).unwrap_or_default();
    if let Err(why) = gojson::object(&bytes) {
        errors.invalid(&data.key(key), &"<secret contents redacted>".into(), &why);
    }
}
