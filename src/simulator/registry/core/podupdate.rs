//! What may change in a pod. Upstream: ValidatePodUpdate in pkg/apis/core/validation.

use serde_json::{Value, json};

use super::super::common::{list, list_mut};
use super::podvalidation;
use crate::apimachinery::field::{Errors, Path};
use crate::simulator::{ControlPlane, release};

const IMAGES: &str = "`spec.containers[*].image`";
const INIT_IMAGES: &str = "`spec.initContainers[*].image`";
const DEADLINE: &str = "`spec.activeDeadlineSeconds`";
const TOLERATIONS: &str = "`spec.tolerations` (only additions to existing tolerations)";
const GRACE: &str = "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/// Checks a changed pod.
pub fn validate(plane: &ControlPlane, object: &Value, old: &Value) -> Errors {
    let path = Path::new("spec");
    let (new_spec, old_spec) = (&object["spec"], &old["spec"]);
    let mut errors = podvalidation::validate_spec(plane, new_spec, &path);
    errors.extend(podvalidation::validate_pod_only(new_spec, &path));
    for field in ["containers", "initContainers"] {
        let (new, old) = (list(new_spec, &format!("/{field}")), list(old_spec, &format!("/{field}")));
        if new.len() != old.len() {
            errors.forbidden(&path.child(field), "pod updates may not add or remove containers");
            return errors;
        }
        for (index, container) in new.iter().enumerate() {
            let at = path.child(field).index(index);
            if container["image"].as_str().unwrap_or_default().is_empty() {
                errors.required(&at.child("image"), "");
            }
            podvalidation::untrimmed_image(container, &at, &mut errors);
        }
    }
    if deadline_moved(new_spec, old_spec, &path.child("activeDeadlineSeconds"), &mut errors) {
        return errors;
    }
    let (new, before) = (list(new_spec, "/tolerations"), list(old_spec, "/tolerations"));
    if before.iter().all(|old| new.iter().any(|new| is_same_toleration(new, old))) {
        podvalidation::validate_tolerations(plane, new, &path.child("tolerations"), &mut errors);
    } else {
        let why = "existing toleration can not be modified except its tolerationSeconds";
        errors.forbidden(&path.child("tolerations"), why);
    }
    // What may change is made equal; what differs then may not.
    let mut munged = new_spec.clone();
    for field in ["/containers", "/initContainers"] {
        for (container, old) in list_mut(&mut munged, field).zip(list(old_spec, field)) {
            if let Some(image) = old.get("image") {
                container["image"] = image.clone();
            }
        }
    }
    for field in ["activeDeadlineSeconds", "tolerations"] {
        super::super::common::keep(&mut munged, old_spec, field);
    }
    let negative = old_spec["terminationGracePeriodSeconds"].as_i64().is_some_and(|seconds| seconds < 0);
    if negative && munged["terminationGracePeriodSeconds"] == json!(1) {
        super::super::common::keep(&mut munged, old_spec, "terminationGracePeriodSeconds");
    }
    if munged != *old_spec {
        let why = format!(
            "pod updates may not change fields other than {}\n{}",
            changeable(plane),
            super::poddiff::diff(plane.release, old_spec, &munged)
        );
        errors.forbidden(&path, &why);
    }
    errors
}

/// Whether two tolerations differ in nothing but their time.
fn is_same_toleration(one: &Value, other: &Value) -> bool {
    let timeless = |toleration: &Value| {
        let mut toleration = toleration.clone();
        if let Value::Object(fields) = &mut toleration {
            fields.shift_remove("tolerationSeconds");
        }
        toleration
    };
    timeless(one) == timeless(other)
}

/// A deadline may be set, and come nearer.
fn deadline_moved(new: &Value, old: &Value, path: &Path, errors: &mut Errors) -> bool {
    let of = |spec: &Value| spec.get("activeDeadlineSeconds").and_then(Value::as_i64);
    let why = match (of(new), of(old)) {
        (Some(seconds), _) if !(0..=i64::from(i32::MAX)).contains(&seconds) => {
            "must be between 0 and 2147483647, inclusive"
        }
        (Some(seconds), Some(before)) if before < seconds => "must be less than or equal to previous value",
        (None, Some(_)) => "must not update from a positive integer to nil value",
        _ => return false,
    };
    errors.invalid(path, &json!(of(new)), why);
    true
}

/// The fields that may change, as this release lists them.
fn changeable(plane: &ControlPlane) -> String {
    if plane.does(release::POD_UPDATE_LISTS_FOUR) {
        format!("{IMAGES}, {INIT_IMAGES}, {DEADLINE} or {TOLERATIONS}")
    } else if plane.does(release::POD_UPDATE_LISTS_BARE_COMMAS) {
        [IMAGES, INIT_IMAGES, DEADLINE, TOLERATIONS, GRACE].join(",")
    } else {
        format!("{IMAGES}, {INIT_IMAGES}, {DEADLINE}, {TOLERATIONS} or {GRACE}")
    }
}
