//! Who manages which fields: what a request says of its sender, and what each part of an object leaves alone.
//! Upstream: apiserver/pkg/endpoints/handlers/fieldmanager and each strategy's GetResetFields.

use serde_json::{Value, json};

use crate::apimachinery::field::{Errors, Path};
use crate::apimachinery::fieldset::Set;
use crate::apimachinery::managed::{self, Writer};
use crate::apimachinery::schema::Schema;
use crate::apimachinery::{Status, meta};
use crate::simulator::registry::Strategy;
use crate::simulator::{ControlPlane, release};

use super::Call;

/// Who the objects belong to that a cluster is born with.
const OWN: &str = "kube-apiserver";

/// The longest name of a manager, in bytes.
const LONGEST_NAME: usize = 128;

/// The rules for the objects of a resource.
pub(super) fn schema(plane: &ControlPlane, kind: &str) -> Schema {
    Schema::of(kind, plane.does(release::WHOLE_REFERENCES))
}

/// The name under which a request's sender manages fields.
pub(super) fn manager<'a>(call: &'a Call<'_>) -> &'a str {
    match call.info.param("fieldManager") {
        Some(manager) if !manager.is_empty() => manager,
        _ => call.agent.split('/').next().unwrap_or_default(),
    }
}

/// Checks the options of a request that writes. Upstream: apimachinery/pkg/apis/meta/v1/validation.
///
/// # Errors
/// 422 for a name of a manager that is missing, too long or not printable, for force where nothing is applied, for an
/// unknown kind of dry run or field validation.
pub(super) fn check_options(call: &Call<'_>, apply: bool) -> Result<(), Status> {
    let plane = &call.api.plane;
    let mut errors = Errors::default();
    let options = match call.info.verb.as_str() {
        "create" => "CreateOptions",
        "update" => "UpdateOptions",
        _ => "PatchOptions",
    };
    let given = call.info.param("fieldManager").unwrap_or_default();
    let path = Path::new("fieldManager");
    if apply && given.is_empty() {
        errors.required(&path, "is required for apply patch");
    }
    if !apply && options == "PatchOptions" && call.info.param("force").is_some_and(|force| !force.is_empty()) {
        errors.forbidden(&Path::new("force"), "may not be specified for non-apply patch");
    }
    if given.len() > LONGEST_NAME {
        errors.too_long(&path, LONGEST_NAME, plane.does(release::TOO_LONG_MAY_NOT_BE));
    }
    for (at, letter) in given.char_indices().filter(|(_, letter)| letter.is_control()) {
        errors.invalid(&path, &json!(given), &format!("invalid character U+{:04X} (at {at})", u32::from(letter)));
    }
    check_dry_run(plane, &call.info.params("dryRun"), &mut errors);
    if plane.does(release::FIELD_VALIDATION) {
        let given = call.info.param("fieldValidation").unwrap_or_default();
        let supported = ["", "Ignore", "Strict", "Warn"];
        if !supported.contains(&given) {
            errors.not_supported(&Path::new("fieldValidation"), &json!(given), &supported);
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Status::invalid("meta.k8s.io", options, "", errors)) }
}

/// There is one kind of dry run.
pub(super) fn check_dry_run(plane: &ControlPlane, modes: &[&str], errors: &mut Errors) {
    if modes.iter().all(|mode| *mode == "All") {
        return;
    }
    let path = Path::new("dryRun");
    if plane.does(release::FAULTS_PRINT_JSON) {
        errors.not_supported(&path, &json!(modes), &["All"]);
    } else {
        let listed: Vec<String> = modes.iter().map(|mode| format!("{mode:?}")).collect();
        errors.not_supported_go(&path, &format!("[]string{{{}}}", listed.join(", ")), &["All"]);
    }
}

/// The part of an object a request writes to, as its managers see it.
pub(super) fn part<'a>(call: &'a Call<'_>) -> &'a str {
    if call.api.plane.does(release::MANAGED_PARTS) { &call.info.subresource } else { "" }
}

/// What writing to a part of an object leaves as it is.
pub(super) fn reset(plane: &ControlPlane, strategy: &dyn Strategy, subresource: &str) -> Set {
    if !plane.does(release::RESET_FIELDS) {
        return Set::default();
    }
    let has_status = || strategy.subresources().iter().any(|(name, _, _)| *name == "status");
    match (subresource, strategy.resource().kind) {
        ("" | "finalize", _) if has_status() => Set::of_names(&[&["status"]]),
        ("status", "Pod") => {
            Set::of_names(&[&["spec"], &["metadata", "deletionTimestamp"], &["metadata", "ownerReferences"]])
        }
        ("status", "Deployment") => Set::of_names(&[&["spec"], &["metadata", "labels"]]),
        ("status", _) => Set::of_names(&[&["spec"]]),
        _ => Set::default(),
    }
}

/// Notes in an object that a request makes or changes whose its fields are now.
pub(super) fn note(call: &Call<'_>, strategy: &dyn Strategy, old: Option<&Value>, new: &mut Value) {
    let plane = &call.api.plane;
    let subresource = call.info.subresource.as_str();
    // A binding is no change of the object's fields for its managers; the size was none before parts were known.
    if subresource == "binding" || (subresource == "scale" && !plane.does(release::MANAGED_PARTS)) {
        return;
    }
    let resource = strategy.resource();
    let writer = Writer {
        manager: manager(call),
        api_version: &resource.group_version.api_version(),
        subresource: part(call),
        now: plane.clock.now(),
        reset: &reset(plane, strategy, subresource),
    };
    managed::update(&schema(plane, resource.kind), old, new, &writer);
}

/// Notes in an object that the cluster is born with that it is the API server's own.
pub(super) fn note_own(plane: &ControlPlane, strategy: &dyn Strategy, object: &mut Value) {
    let resource = strategy.resource();
    let writer = Writer {
        manager: OWN,
        api_version: &resource.group_version.api_version(),
        subresource: "",
        now: plane.clock.now(),
        reset: &reset(plane, strategy, ""),
    };
    managed::update(&schema(plane, resource.kind), None, object, &writer);
}

/// Notes in the reply to a review or a token request who asked for what.
pub(super) fn note_reply(call: &Call<'_>, mut asked: Value, reply: &mut Value) {
    let plane = &call.api.plane;
    if !asked.is_object() {
        return;
    }
    for field in ["kind", "apiVersion"] {
        asked[field] = reply.get(field).cloned().unwrap_or_default();
    }
    if meta::kind(reply) == "TokenRequest" {
        let spec = meta::child_mut(&mut asked, "spec");
        spec.entry("expirationSeconds").or_insert_with(|| reply["spec"]["expirationSeconds"].clone());
    }
    let version = asked["apiVersion"].as_str().unwrap_or_default().to_owned();
    let writer = Writer {
        manager: manager(call),
        api_version: &version,
        subresource: part(call),
        now: plane.clock.now(),
        reset: &Set::default(),
    };
    managed::update(&schema(plane, meta::kind(reply)), None, &mut asked, &writer);
    let metadata = meta::metadata_mut(reply);
    if let Some(entries) = asked["metadata"].get("managedFields") {
        metadata.insert("managedFields".to_owned(), entries.clone());
    }
}

/// Takes the managers noted in one object over into another.
pub(super) fn carry(from: &Value, to: &mut Value) {
    let metadata = meta::metadata_mut(to);
    match from.get("metadata").and_then(|metadata| metadata.get("managedFields")) {
        Some(entries) => metadata.insert("managedFields".to_owned(), entries.clone()),
        None => metadata.shift_remove("managedFields"),
    };
}
