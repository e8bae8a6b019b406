//! Config maps. Upstream: pkg/registry/core/configmap.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use k8s_openapi::api::core::v1::ConfigMap;
use serde_json::Value;

use super::super::Strategy;
use super::super::common::{ALL_VERBS, age, decode, entries, name};
use crate::apimachinery::field::{Errors, Path};
use crate::apimachinery::strict::Decoded;
use crate::apimachinery::table::Column;
use crate::apimachinery::{GroupVersion, Release, Resource, Status};
use crate::simulator::ControlPlane;

/// `configmaps`
pub static RESOURCE: Resource = Resource {
    group_version: GroupVersion::CORE,
    plural: "configmaps",
    singular: "configmap",
    kind: "ConfigMap",
    short_names: &["cm"],
    categories: &[],
    namespaced: true,
    verbs: ALL_VERBS,
};

/// `configmaps`
pub struct ConfigMaps;

impl Strategy for ConfigMaps {
    fn resource(&self) -> &'static Resource {
        &RESOURCE
    }

    fn decode(&self, object: Value) -> Result<Decoded, Status> {
        decode::<ConfigMap>(&RESOURCE, object)
    }

    fn validate(&self, _plane: &ControlPlane, object: &Value) -> Errors {
        let mut errors = super::validate_keys(object, "data");
        for (key, _) in object.get("data").and_then(Value::as_object).into_iter().flatten() {
            if object.get("binaryData").is_some_and(|binary| binary.get(key).is_some()) {
                errors.invalid(
                    &Path::new("data").key(key),
                    &key.as_str().into(),
                    "duplicate of key present in binaryData",
                );
            }
        }
        errors.extend(super::validate_keys(object, "binaryData"));
        let texts = |field: &str| object.get(field).and_then(Value::as_object).into_iter().flatten();
        let plain: usize = texts("data").filter_map(|(_, value)| Some(value.as_str()?.len())).sum();
        let binary = texts("binaryData").filter_map(|(_, value)| STANDARD.decode(value.as_str()?).ok());
        if plain + binary.map(|bytes| bytes.len()).sum::<usize>() > super::MAX_DATA_SIZE {
            errors.too_long(&Path::new("[]"), "may not be more than 1048576 bytes");
        }
        errors
    }

    fn validate_update(&self, plane: &ControlPlane, object: &Value, old: &Value) -> Errors {
        let mut errors = super::validate_immutable(object, old, &["data", "binaryData"]);
        errors.extend(self.validate(plane, object));
        errors
    }

    fn columns(&self, _release: Release) -> Vec<Column> {
        let data = Column::new(
            "Data",
            "string",
            "Data contains the configuration data. Each key must consist of alphanumeric characters, '-', '_' or '.'. Values with non-UTF-8 byte sequences must use the BinaryData field. The keys stored in Data must not overlap with the keys in the BinaryData field, this is enforced during validation process.",
        );
        vec![Column::name(), data, Column::age()]
    }

    fn cells(&self, plane: &ControlPlane, object: &Value) -> Vec<Value> {
        let data = entries(object, "/data") + entries(object, "/binaryData");
        vec![name(object), data.into(), age(plane, object)]
    }
}
