//! The faults of volumes. Upstream: ValidateVolumes in pkg/apis/core/validation.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::super::common::{list, text};
use crate::apimachinery::field::{Errors, Path};
use crate::simulator::ControlPlane;

/// The shortest and the longest life of a projected token.
const TOKEN_SECONDS: (i64, i64) = (600, 1 << 32);
/// What files of a pod may be made of.
const FIELDS: &[&str] =
    &["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];
/// The kinds of volumes in the order they are looked for.
const KINDS: &[&str] = &[
    "emptyDir",
    "hostPath",
    "gitRepo",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "secret",
    "nfs",
    "iscsi",
    "glusterfs",
    "flocker",
    "persistentVolumeClaim",
    "rbd",
    "cinder",
    "cephfs",
    "quobyte",
    "downwardAPI",
    "fc",
    "flexVolume",
    "configMap",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "storageos",
    "projected",
    "scaleIO",
    "csi",
    "ephemeral",
    "image",
];
const ONE_KIND: &str = "may not specify more than 1 volume type";

/// Checks the volumes; the names of the sound ones come back, for the mounts.
pub fn validate(plane: &ControlPlane, volumes: &[Value], path: &Path, errors: &mut Errors) -> HashSet<String> {
    let mut names = HashSet::new();
    for (index, volume) in volumes.iter().enumerate() {
        let at = path.index(index);
        let mut own = Errors::default();
        validate_source(volume, &at, &mut own);
        let name = text(volume, "/name");
        match name {
            "" => own.required(&at.child("name"), ""),
            name => own.all_invalid(&at.child("name"), &json!(name), plane.names().dns_label(name)),
        }
        if names.contains(name) {
            own.duplicate(&at.child("name"), &json!(name));
        }
        if own.is_empty() {
            names.insert(name.to_owned());
        }
        errors.extend(own);
    }
    names
}

/// Upstream: validateVolumeSource.
fn validate_source(volume: &Value, path: &Path, errors: &mut Errors) {
    let given: Vec<&str> = KINDS.iter().copied().filter(|kind| volume.get(*kind).is_some()).collect();
    let Some((first, others)) = given.split_first() else {
        return errors.required(path, "must specify a volume type");
    };
    let (source, at) = (&volume[*first], path.child(first));
    match *first {
        "secret" => {
            if text(source, "/secretName").is_empty() {
                errors.required(&at.child("secretName"), "");
            }
            validate_mode(source, "defaultMode", &at, errors);
            validate_items(source, &at, errors);
        }
        "configMap" => {
            if text(source, "/name").is_empty() {
                errors.required(&at.child("name"), "");
            }
            validate_mode(source, "defaultMode", &at, errors);
            validate_items(source, &at, errors);
        }
        "hostPath" => {
            let place = text(source, "/path");
            if place.is_empty() {
                errors.required(&at.child("path"), "");
            } else {
                no_backsteps(place, &at.child("path"), errors);
            }
        }
        "persistentVolumeClaim" if text(source, "/claimName").is_empty() => {
            errors.required(&at.child("claimName"), "");
        }
        "downwardAPI" => {
            validate_mode(source, "defaultMode", &at, errors);
            for file in list(source, "/items") {
                validate_downward_file(file, &at, errors);
            }
        }
        "projected" => {
            validate_mode(source, "defaultMode", &at, errors);
            validate_projected(list(source, "/sources"), &at, errors);
        }
        _ => {}
    }
    for other in others {
        errors.forbidden(&path.child(other), ONE_KIND);
    }
}

fn validate_mode(source: &Value, field: &str, path: &Path, errors: &mut Errors) {
    if let Some(mode) = source.get(field).and_then(Value::as_i64)
        && !(0..=0o777).contains(&mode)
    {
        let why = "must be a number between 0 and 0777 (octal), both inclusive";
        errors.invalid(&path.child(field), &json!(mode), why);
    }
}

/// Upstream: validateKeyToPath, for each item.
fn validate_items(source: &Value, path: &Path, errors: &mut Errors) {
    for (index, item) in list(source, "/items").iter().enumerate() {
        let at = path.child("items").index(index);
        for field in ["key", "path"] {
            if text(item, &format!("/{field}")).is_empty() {
                errors.required(&at.child(field), "");
            }
        }
        validate_local_path(text(item, "/path"), &at.child("path"), errors);
        validate_mode(item, "mode", &at, errors);
    }
}

/// Upstream: validateLocalDescendingPath.
pub fn validate_descending_path(place: &str, path: &Path, errors: &mut Errors) {
    if place.starts_with('/') {
        errors.invalid(path, &json!(place), "must be a relative path");
    }
    no_backsteps(place, path, errors);
}

fn no_backsteps(place: &str, path: &Path, errors: &mut Errors) {
    if place.split('/').any(|part| part == "..") {
        errors.invalid(path, &json!(place), "must not contain '..'");
    }
}

/// Upstream: ValidateLocalNonReservedPath.
fn validate_local_path(place: &str, path: &Path, errors: &mut Errors) {
    validate_descending_path(place, path, errors);
    if place.starts_with("..") && !place.starts_with("../") {
        errors.invalid(path, &json!(place), "must not start with '..'");
    }
}

/// Upstream: validateDownwardAPIVolumeFile.
fn validate_downward_file(file: &Value, path: &Path, errors: &mut Errors) {
    let place = text(file, "/path");
    if place.is_empty() {
        errors.required(&path.child("path"), "");
    }
    validate_local_path(place, &path.child("path"), errors);
    match (file.get("fieldRef"), file.get("resourceFieldRef")) {
        (Some(reference), resource) => {
            validate_field_ref(reference, FIELDS, &path.child("fieldRef"), errors);
            if resource.is_some() {
                let why = "fieldRef and resourceFieldRef can not be specified simultaneously";
                errors.invalid(path, &json!("resource"), why);
            }
        }
        (None, Some(_)) => {}
        (None, None) => errors.required(path, "one of fieldRef and resourceFieldRef is required"),
    }
    validate_mode(file, "mode", path, errors);
}

/// Upstream: validateObjectFieldSelector.
pub fn validate_field_ref(reference: &Value, fields: &[&str], path: &Path, errors: &mut Errors) {
    let field = text(reference, "/fieldPath");
    if text(reference, "/apiVersion").is_empty() {
        return errors.required(&path.child("apiVersion"), "");
    }
    if field.is_empty() {
        return errors.required(&path.child("fieldPath"), "");
    }
    let at = path.child("fieldPath");
    // `metadata.labels['a']` asks for one of them.
    if let Some((map, key)) = field.strip_suffix("']").and_then(|field| field.split_once("['"))
        && matches!(map, "metadata.labels" | "metadata.annotations")
    {
        let faults = crate::apimachinery::names::Rules::default().qualified_name(&key.to_lowercase());
        return errors.all_invalid(&at, &json!(key), faults);
    }
    const KNOWN: &[&str] = &[
        "metadata.annotations",
        "metadata.labels",
        "metadata.name",
        "metadata.namespace",
        "metadata.uid",
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "status.hostIP",
        "status.hostIPs",
        "status.phase",
        "status.podIP",
        "status.podIPs",
        "spec.host",
    ];
    if !KNOWN.contains(&field) {
        let why = format!("error converting fieldPath: field label not supported: {field}");
        errors.invalid(&at, &json!(field), &why);
    } else if !fields.contains(&field) {
        errors.not_supported(&at, &json!(field), fields);
    }
}

/// Upstream: validateProjectionSources. Some faults are reported of the volume, not of the source.
fn validate_projected(sources: &[Value], path: &Path, errors: &mut Errors) {
    let mut places = HashSet::new();
    let mut place = |place: &str, named: &str, errors: &mut Errors| {
        if !place.is_empty() && !places.insert(place.to_owned()) {
            errors.invalid(path, &json!(named), "conflicting duplicate paths");
        }
    };
    let (shortest, longest) = TOKEN_SECONDS;
    for (index, source) in sources.iter().enumerate() {
        let at = path.child("sources").index(index);
        for kind in ["secret", "configMap"] {
            let Some(of) = source.get(kind) else { continue };
            let at = at.child(kind);
            let name = text(of, "/name");
            if name.is_empty() {
                errors.required(&at.child("name"), "");
            }
            validate_items(of, &at, errors);
            for item in list(of, "/items") {
                place(text(item, "/path"), name, errors);
            }
        }
        for file in list(source, "/downwardAPI/items") {
            validate_downward_file(file, &at.child("downwardAPI"), errors);
            place(text(file, "/path"), text(file, "/path"), errors);
        }
        if let Some(token) = source.get("serviceAccountToken") {
            let seconds = token.get("expirationSeconds").and_then(Value::as_i64).unwrap_or_default();
            let field = at.child("serviceAccountToken").child("expirationSeconds");
            if seconds < shortest {
                errors.invalid(&field, &json!(seconds), "may not specify a duration less than 10 minutes");
            }
            if seconds > longest {
                errors.invalid(&field, &json!(seconds), "may not specify a duration larger than 2^32 seconds");
            }
            match text(token, "/path") {
                "" => errors.required(&path.child("path"), ""),
                place => validate_local_path(place, &path.child("path"), errors),
            }
        }
        let kinds =
            ["secret", "configMap", "downwardAPI", "serviceAccountToken", "clusterTrustBundle", "podCertificate"];
        if kinds.into_iter().filter(|kind| source.get(*kind).is_some()).count() > 1 {
            errors.forbidden(&at, ONE_KIND);
        }
    }
}
