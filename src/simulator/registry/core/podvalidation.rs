//! The faults of a pod's spec, in upstream's order. Upstream: ValidatePodSpec in pkg/apis/core/validation.
//! Not here: affinity, DNS settings, resources, probes and what only runs on Windows.

use serde_json::{Value, json};

use super::super::common::{list, text};
use super::{containervalidation, volumevalidation};
use crate::apimachinery::field::{Errors, Path};
use crate::simulator::ControlPlane;

/// Checks the spec of a pod or of the template of one.
pub fn validate_spec(plane: &ControlPlane, spec: &Value, path: &Path) -> Errors {
    let mut errors = Errors::default();
    let rules = plane.names();
    let volumes = volumevalidation::validate(plane, list(spec, "/volumes"), &path.child("volumes"), &mut errors);
    containervalidation::validate(plane, spec, path, &volumes, &mut errors);
    required_one_of(spec, "restartPolicy", path, &["Always", "OnFailure", "Never"], &mut errors);
    let policies = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
    required_one_of(spec, "dnsPolicy", path, &policies, &mut errors);
    for (key, value) in spec.get("nodeSelector").and_then(Value::as_object).into_iter().flatten() {
        let at = path.child("nodeSelector");
        errors.all_invalid(&at, &json!(key), rules.qualified_name(key));
        errors.all_invalid(&at, value, rules.label_value(value.as_str().unwrap_or_default()));
    }
    validate_identities(&spec["securityContext"], &path.child("securityContext"), &mut errors);
    for field in ["serviceAccountName", "nodeName"] {
        validate_name(spec, field, path, |name| rules.dns_subdomain(name), &mut errors);
    }
    if let Some(seconds) = spec.get("activeDeadlineSeconds").and_then(Value::as_i64)
        && !(1..=i64::from(i32::MAX)).contains(&seconds)
    {
        let why = "must be between 1 and 2147483647, inclusive";
        errors.invalid(&path.child("activeDeadlineSeconds"), &json!(seconds), why);
    }
    for field in ["hostname", "subdomain"] {
        validate_name(spec, field, path, |name| rules.dns_label(name), &mut errors);
    }
    validate_tolerations(plane, list(spec, "/tolerations"), &path.child("tolerations"), &mut errors);
    validate_name(spec, "priorityClassName", path, |name| rules.dns_subdomain(name), &mut errors);
    errors
}

/// What is checked in pods and not in templates, for older templates had it. Upstream: validatePodMetadataAndSpec.
pub fn validate_pod_only(spec: &Value, path: &Path) -> Errors {
    let mut errors = Errors::default();
    if text(spec, "/serviceAccountName").is_empty() {
        for (index, volume) in list(spec, "/volumes").iter().enumerate() {
            let at = path.child("volumes").index(index).child("projected").child("sources");
            for (index, source) in list(volume, "/projected/sources").iter().enumerate() {
                if source.get("serviceAccountToken").is_some() {
                    let why = "must not be specified when serviceAccountName is not set";
                    errors.forbidden(&at.index(index).child("serviceAccountToken"), why);
                }
            }
        }
    }
    for field in ["containers", "initContainers"] {
        for (index, container) in list(spec, &format!("/{field}")).iter().enumerate() {
            untrimmed_image(container, &path.child(field).index(index), &mut errors);
        }
    }
    errors
}

/// Upstream: validateContainerOnlyForPod.
pub fn untrimmed_image(container: &Value, path: &Path, errors: &mut Errors) {
    let image = text(container, "/image");
    if image.trim() != image {
        errors.invalid(&path.child("image"), &json!(image), "must not have leading or trailing whitespace");
    }
}

/// A field that must have one of some values.
pub fn required_one_of(object: &Value, field: &str, path: &Path, supported: &[&str], errors: &mut Errors) {
    match text(object, &format!("/{field}")) {
        "" => errors.required(&path.child(field), ""),
        value if supported.contains(&value) => {}
        value => errors.not_supported(&path.child(field), &json!(value), supported),
    }
}

/// A name that may be left out.
fn validate_name(spec: &Value, field: &str, path: &Path, faults: impl Fn(&str) -> Vec<String>, errors: &mut Errors) {
    let name = text(spec, &format!("/{field}"));
    if !name.is_empty() {
        errors.all_invalid(&path.child(field), &json!(name), faults(name));
    }
}

/// Whom processes run as. Upstream: validatePodSpecSecurityContext and ValidateSecurityContext.
pub fn validate_identities(context: &Value, path: &Path, errors: &mut Errors) {
    for field in ["fsGroup", "runAsUser", "runAsGroup"] {
        if let Some(id) = context.get(field).and_then(Value::as_i64)
            && !(0..=i64::from(i32::MAX)).contains(&id)
        {
            errors.invalid(&path.child(field), &json!(id), "must be between 0 and 2147483647, inclusive");
        }
    }
}

/// Upstream: ValidateTolerations.
pub fn validate_tolerations(plane: &ControlPlane, tolerations: &[Value], path: &Path, errors: &mut Errors) {
    let rules = plane.names();
    for (index, toleration) in tolerations.iter().enumerate() {
        let at = path.index(index);
        let field = |name: &str| text(toleration, &format!("/{name}")).to_owned();
        let (key, operator, value, effect) = (field("key"), field("operator"), field("value"), field("effect"));
        if !key.is_empty() {
            errors.all_invalid(&at.child("key"), &json!(key), rules.qualified_name(&key));
        } else if operator != "Exists" {
            let why = "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
            errors.invalid(&at.child("operator"), &json!(operator), why);
        }
        if toleration.get("tolerationSeconds").is_some() && effect != "NoExecute" {
            let why = "effect must be 'NoExecute' when `tolerationSeconds` is set";
            errors.invalid(&at.child("effect"), &json!(effect), why);
        }
        match operator.as_str() {
            "Equal" | "" => {
                let faults = rules.label_value(&value);
                if !faults.is_empty() {
                    errors.invalid(&at.child("operator"), &json!(value), &faults.join(";"));
                }
            }
            "Exists" => {
                if !value.is_empty() {
                    let why = "value must be empty when `operator` is 'Exists'";
                    errors.invalid(&at.child("operator"), toleration, why);
                }
            }
            _ => errors.not_supported(&at.child("operator"), &json!(operator), &["Equal", "Exists"]),
        }
        let effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
        if !effect.is_empty() && !effects.contains(&effect.as_str()) {
            errors.not_supported(&at.child("effect"), &json!(effect), &effects);
        }
    }
}
