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
    let mut errors = podvalidation::validate_spec(&object["spec"], &path);
    let (new_spec, old_spec) = (&object["spec"], &old["spec"]);
    for field in ["containers", "initContainers"] {
        let (new, old) = (list(new_spec, &format!("/{field}")), list(old_spec, &format!("/{field}")));
        if new.len() != old.len() {
            errors.forbidden(&path.child(field), "pod updates may not add or remove containers");
            return errors;
        }
    }
    let before = list(old_spec, "/tolerations");
    if before.iter().any(|toleration| !list(new_spec, "/tolerations").contains(toleration)) {
        errors.forbidden(
            &path.child("tolerations"),
            "existing toleration can not be modified except its tolerationSeconds",
        );
        return errors;
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
