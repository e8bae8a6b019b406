//! The faults of a pod's spec. Upstream: ValidatePodSpec in pkg/apis/core/validation.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::super::common::{list, text};
use crate::apimachinery::field::{Errors, Path};
use crate::apimachinery::names;

/// The shortest and the longest life of a projected token.
const TOKEN_SECONDS: (i64, i64) = (600, 1 << 32);

/// Checks a spec.
pub fn validate_spec(spec: &Value, path: &Path) -> Errors {
    let mut errors = Errors::default();
    let volumes = validate_volumes(list(spec, "/volumes"), &path.child("volumes"), &mut errors);
    if list(spec, "/containers").is_empty() {
        errors.required(&path.child("containers"), "");
    }
    let mut names = HashSet::new();
    for field in ["containers", "initContainers"] {
        for (index, container) in list(spec, &format!("/{field}")).iter().enumerate() {
            validate_container(container, &path.child(field).index(index), &volumes, &mut names, &mut errors);
        }
    }
    one_of(spec, "restartPolicy", path, &["Always", "OnFailure", "Never"], &mut errors);
    one_of(spec, "dnsPolicy", path, &["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"], &mut errors);
    for (field, rule) in [
        ("serviceAccountName", names::dns_subdomain as fn(&str) -> Result<(), String>),
        ("nodeName", names::dns_subdomain),
        ("hostname", names::dns_label),
    ] {
        let name = text(spec, &format!("/{field}"));
        if !name.is_empty()
            && let Err(why) = rule(name)
        {
            errors.invalid(&path.child(field), &json!(name), &why);
        }
    }
    if let Some(grace) = spec.get("terminationGracePeriodSeconds").filter(|grace| grace.as_i64().is_some_and(|n| n < 0))
    {
        errors.invalid(&path.child("terminationGracePeriodSeconds"), grace, "must be greater than or equal to 0");
    }
    errors
}

fn one_of(object: &Value, field: &str, path: &Path, supported: &[&str], errors: &mut Errors) {
    let value = text(object, &format!("/{field}"));
    if !value.is_empty() && !supported.contains(&value) {
        errors.not_supported(&path.child(field), &json!(value), supported);
    }
}

fn validate_name(name: &str, path: &Path, seen: &mut HashSet<String>, errors: &mut Errors) {
    let path = path.child("name");
    if name.is_empty() {
        errors.required(&path, "");
    } else if let Err(why) = names::dns_label(name) {
        errors.invalid(&path, &json!(name), &why);
    } else if !seen.insert(name.to_owned()) {
        errors.duplicate(&path, &json!(name));
    }
}

fn validate_container(
    container: &Value,
    path: &Path,
    volumes: &HashSet<String>,
    names: &mut HashSet<String>,
    errors: &mut Errors,
) {
    validate_name(text(container, "/name"), path, names, errors);
    let image = text(container, "/image");
    if image.is_empty() {
        errors.required(&path.child("image"), "");
    } else if image.trim() != image {
        errors.invalid(&path.child("image"), &json!(image), "must not have leading or trailing whitespace");
    }
    one_of(container, "imagePullPolicy", path, &["Always", "IfNotPresent", "Never"], errors);
    one_of(container, "terminationMessagePolicy", path, &["FallbackToLogsOnError", "File"], errors);
    for (index, env) in list(container, "/env").iter().enumerate() {
        if text(env, "/name").is_empty() {
            errors.required(&path.child("env").index(index).child("name"), "");
        }
    }
    for (index, port) in list(container, "/ports").iter().enumerate() {
        let at = path.child("ports").index(index).child("containerPort");
        match port.get("containerPort").and_then(Value::as_i64).unwrap_or_default() {
            0 => errors.required(&at, ""),
            1..=65535 => {}
            number => errors.invalid(&at, &json!(number), "must be between 1 and 65535, inclusive"),
        }
    }
    let mut mounted = HashSet::new();
    for (index, mount) in list(container, "/volumeMounts").iter().enumerate() {
        let at = path.child("volumeMounts").index(index);
        let (name, place) = (text(mount, "/name"), text(mount, "/mountPath"));
        if name.is_empty() {
            errors.required(&at.child("name"), "");
        } else if !volumes.contains(name) {
            errors.not_found(&at.child("name"), &json!(name));
        }
        if place.is_empty() {
            errors.required(&at.child("mountPath"), "");
        } else if !mounted.insert(place) {
            errors.invalid(&at.child("mountPath"), &json!(place), "must be unique");
        }
    }
}

/// Checks the volumes; their names come back, for the mounts.
fn validate_volumes(volumes: &[Value], path: &Path, errors: &mut Errors) -> HashSet<String> {
    let mut names = HashSet::new();
    for (index, volume) in volumes.iter().enumerate() {
        let at = path.index(index);
        validate_name(text(volume, "/name"), &at, &mut names, errors);
        let sources = volume.as_object().map_or(0, |map| map.keys().filter(|key| *key != "name").count());
        if sources == 0 {
            errors.required(&at, "must specify a volume type");
        }
        if sources > 1 {
            let second = volume.as_object().and_then(|map| map.keys().filter(|key| *key != "name").nth(1));
            errors.forbidden(&at.child(second.map_or("", |key| key)), "may not specify more than 1 volume type");
        }
        if volume.get("secret").is_some() && text(volume, "/secret/secretName").is_empty() {
            errors.required(&at.child("secret").child("secretName"), "");
        }
        if volume.get("configMap").is_some() && text(volume, "/configMap/name").is_empty() {
            errors.required(&at.child("configMap").child("name"), "");
        }
        validate_projected(volume, &at.child("projected").child("sources"), errors);
    }
    names
}

fn validate_projected(volume: &Value, path: &Path, errors: &mut Errors) {
    let (shortest, longest) = TOKEN_SECONDS;
    for (index, source) in list(volume, "/projected/sources").iter().enumerate() {
        let at = path.index(index);
        for (kind, field) in [("secret", "name"), ("configMap", "name"), ("serviceAccountToken", "path")] {
            if source.get(kind).is_some() && text(source, &format!("/{kind}/{field}")).is_empty() {
                errors.required(&at.child(kind).child(field), "");
            }
        }
        let Some(seconds) = source.pointer("/serviceAccountToken/expirationSeconds") else { continue };
        let at = at.child("serviceAccountToken").child("expirationSeconds");
        match seconds.as_i64().unwrap_or_default() {
            short if short < shortest => {
                errors.invalid(&at, seconds, "may not specify a duration less than 10 minutes")
            }
            long if long > longest => {
                errors.invalid(&at, seconds, "may not specify a duration larger than 2^32 seconds")
            }
            _ => {}
        }
    }
}
