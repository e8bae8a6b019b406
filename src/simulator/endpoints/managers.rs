//! Who manages which fields: what a request says of its sender, and what each part of an object leaves alone.
//! Upstream: apiserver/pkg/endpoints/handlers/fieldmanager and each strategy's GetResetFields.

use serde_json::Value;

use crate::apimachinery::fieldset::Set;
use crate::apimachinery::managed::{self, Writer};
use crate::apimachinery::meta;
use crate::apimachinery::schema::Schema;
use crate::simulator::registry::Strategy;
use crate::simulator::{ControlPlane, release};

use super::Call;

/// Who the objects belong to that a cluster is born with.
const OWN: &str = "kube-apiserver";

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

/// Notes in a review or a token request who asked for what.
pub(super) fn note_asked(call: &Call<'_>, asked: &mut Value) {
    let plane = &call.api.plane;
    let (kind, version) = (meta::kind(asked).to_owned(), asked["apiVersion"].as_str().unwrap_or_default().to_owned());
    let writer = Writer {
        manager: manager(call),
        api_version: &version,
        subresource: part(call),
        now: plane.clock.now(),
        reset: &Set::default(),
    };
    managed::update(&schema(plane, &kind), None, asked, &writer);
}

/// Notes in the reply to a token request who asked for what.
pub(super) fn note_reply(call: &Call<'_>, mut asked: Value, reply: &mut Value) {
    let spec = meta::child_mut(&mut asked, "spec");
    spec.entry("expirationSeconds").or_insert_with(|| reply["spec"]["expirationSeconds"].clone());
    note_asked(call, &mut asked);
    if let Some(entries) = asked["metadata"].get("managedFields") {
        meta::metadata_mut(reply).insert("managedFields".to_owned(), entries.clone());
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
