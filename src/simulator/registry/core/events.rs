//! Events. Upstream: pkg/registry/core/event, printEvent in pkg/printers/internalversion.

use serde_json::{Value, json};

use super::super::Strategy;
use super::super::common::{ALL_VERBS, decode, name, number, set_default, since, text};
use crate::apimachinery::strict::Decoded;
use crate::apimachinery::table::Column;
use crate::apimachinery::{GroupVersion, Release, Resource, Status};
use crate::simulator::ControlPlane;

/// `events`
pub static RESOURCE: Resource = Resource {
    group_version: GroupVersion::CORE,
    plural: "events",
    singular: "event",
    kind: "Event",
    short_names: &["ev"],
    categories: &[],
    namespaced: true,
    verbs: ALL_VERBS,
};

/// `events`
pub struct Events;

impl Strategy for Events {
    fn resource(&self) -> &'static Resource {
        &RESOURCE
    }

    fn decode(&self, object: Value) -> Result<Decoded, Status> {
        let mut decoded = decode(&RESOURCE, object)?;
        // Go's type writes these even when they are empty.
        if let Value::Object(map) = &mut decoded.object {
            for field in ["eventTime", "firstTimestamp", "lastTimestamp"] {
                set_default(map, field, Value::Null);
            }
            for field in ["reportingComponent", "reportingInstance"] {
                set_default(map, field, "");
            }
            for field in ["involvedObject", "source"] {
                set_default(map, field, json!({}));
            }
        }
        Ok(decoded)
    }

    fn selectable(&self, object: &Value) -> Vec<(&'static str, String)> {
        [
            ("involvedObject.kind", "/involvedObject/kind"),
            ("involvedObject.namespace", "/involvedObject/namespace"),
            ("involvedObject.name", "/involvedObject/name"),
            ("involvedObject.uid", "/involvedObject/uid"),
            ("involvedObject.apiVersion", "/involvedObject/apiVersion"),
            ("involvedObject.resourceVersion", "/involvedObject/resourceVersion"),
            ("involvedObject.fieldPath", "/involvedObject/fieldPath"),
            ("reason", "/reason"),
            ("reportingComponent", "/reportingComponent"),
            ("source", "/source/component"),
            ("type", "/type"),
        ]
        .into_iter()
        .map(|(field, pointer)| (field, text(object, pointer).to_owned()))
        .collect()
    }

    fn has_dependents(&self) -> bool {
        false
    }

    fn columns(&self, _release: Release) -> Vec<Column> {
        let text = |name, description| Column::new(name, "string", description);
        vec![
            text("Last Seen", "The time at which the most recent occurrence of this event was recorded."),
            text("Type", "Type of this event (Normal, Warning), new types could be added in the future"),
            text(
                "Reason",
                "This should be a short, machine understandable string that gives the reason for the transition into the object's current status.",
            ),
            text("Object", "The object that this event is about."),
            text(
                "Subobject",
                "If referring to a piece of an object instead of an entire object, this string should contain a valid JSON/Go field access statement, such as desiredState.manifest.containers[2]. For example, if the object reference is to a container within a pod, this would take on a value like: \"spec.containers{name}\" (where \"name\" refers to the name of the container that triggered the event) or if no container name is specified \"spec.containers[2]\" (container with index 2 in this pod). This syntax is chosen only to have some well-defined way of referencing a part of an object.",
            )
            .wide(),
            text("Source", "The component reporting this event. Should be a short machine understandable string.").wide(),
            text("Message", "A human-readable description of the status of this operation."),
            text("First Seen", "The time at which the event was first recorded. (Time of server receipt is in TypeMeta.)")
                .wide(),
            text("Count", "The number of times this event has occurred.").wide(),
            Column::name().wide(),
        ]
    }

    fn cells(&self, plane: &ControlPlane, object: &Value) -> Vec<Value> {
        let at = |field: &str| text(object, field);
        let first = [at("/firstTimestamp"), at("/eventTime")].into_iter().find(|time| !time.is_empty());
        let last = [at("/series/lastObservedTime"), at("/lastTimestamp")].into_iter().find(|time| !time.is_empty());
        let first = since(plane, first.unwrap_or_default());
        let last = last.map_or_else(|| first.clone(), |time| since(plane, time));
        let count = match (number(object, "/series/count"), number(object, "/count")) {
            (0, 0) => 1,
            (0, count) | (count, _) => count,
        };
        let about = match (at("/involvedObject/kind").to_lowercase(), at("/involvedObject/name")) {
            (kind, "") => kind,
            (kind, name) => format!("{kind}/{name}"),
        };
        let component = [at("/source/component"), at("/reportingComponent")].into_iter().find(|text| !text.is_empty());
        let host = [at("/source/host"), at("/reportingInstance")].into_iter().find(|text| !text.is_empty());
        let source: Vec<&str> = component.into_iter().chain(host).collect();
        vec![
            last.into(),
            at("/type").into(),
            at("/reason").into(),
            about.into(),
            at("/involvedObject/fieldPath").into(),
            source.join(", ").into(),
            at("/message").trim().into(),
            first.into(),
            count.to_string().into(),
            name(object),
        ]
    }
}
