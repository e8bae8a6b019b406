//! Config maps. Upstream: pkg/registry/core/configmap.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
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
        decode(&RESOURCE, object)
    }

    fn validate(&self, plane: &ControlPlane, object: &Value) -> Errors {
        let mut errors = Errors::default();
        for (field, other) in [("data", "binaryData"), ("binaryData", "data")] {
            for key in object.get(field).and_then(Value::as_object).into_iter().flat_map(|map| map.keys()) {
                let path = Path::new(field).key(key);
                super::validate_key(key, &path, &mut errors);
                if object.get(other).is_some_and(|other| other.get(key).is_some()) {
                    errors.invalid(&path, &key.as_str().into(), &format!("duplicate of key present in {other}"));
                }
            }
        }
        let texts = |field: &str| object.get(field).and_then(Value::as_object).into_iter().flatten();
        let plain: usize = texts("data").filter_map(|(_, value)| Some(value.as_str()?.len())).sum();
        let binary = texts("binaryData").filter_map(|(_, value)| STANDARD.decode(value.as_str()?).ok());
        if plain + binary.map(|bytes| bytes.len()).sum::<usize>() > super::MAX_DATA_SIZE {
            super::too_long(plane, &Path::new("[]"), &mut errors);
        }
        errors
    }

    fn validate_change(&self, _plane: &ControlPlane, object: &Value, old: &Value) -> Errors {
        super::validate_immutable(object, old, &["data", "binaryData"])
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
