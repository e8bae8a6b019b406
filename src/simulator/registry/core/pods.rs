//! Pods. Upstream: pkg/registry/core/pod.

use serde_json::{Value, json};

use super::super::common::{ALL_VERBS, PART_VERBS, bump_generation, decode, keep, list, list_mut, set_default, text};
use super::super::{Deletion, Strategy, Subresource};
use super::{podspec, podtable, podupdate, podvalidation};
use crate::apimachinery::field::{Errors, Path};
use crate::apimachinery::strict::Decoded;
use crate::apimachinery::table::Column;
use crate::apimachinery::{GroupVersion, Release, Resource, Status, StatusReason, meta};
use crate::simulator::{ControlPlane, release};

/// `pods`
pub static RESOURCE: Resource = Resource {
    group_version: GroupVersion::CORE,
    plural: "pods",
    singular: "pod",
    kind: "Pod",
    short_names: &["po"],
    categories: &["all"],
    namespaced: true,
    verbs: ALL_VERBS,
};

/// `pods`
pub struct Pods;

impl Strategy for Pods {
    fn resource(&self) -> &'static Resource {
        &RESOURCE
    }

    fn subresources(&self) -> &'static [Subresource] {
        &[
            ("attach", "PodAttachOptions", &["create", "get"]),
            ("binding", "Binding", &["create"]),
            ("eviction", "policy/v1/Eviction", &["create"]),
            ("exec", "PodExecOptions", &["create", "get"]),
            ("log", "Pod", &["get"]),
            ("portforward", "PodPortForwardOptions", &["create", "get"]),
            ("status", "Pod", PART_VERBS),
        ]
    }

    fn decode(&self, object: Value) -> Result<Decoded, Status> {
        let mut decoded = decode(&RESOURCE, object)?;
        for condition in list_mut(&mut decoded.object, "/status/conditions") {
            if let Value::Object(condition) = condition {
                set_default(condition, "lastProbeTime", Value::Null);
            }
        }
        for field in ["/status/containerStatuses", "/status/initContainerStatuses"] {
            for status in list_mut(&mut decoded.object, field) {
                if let Value::Object(status) = status {
                    set_default(status, "lastState", json!({}));
                    set_default(status, "state", json!({}));
                }
            }
        }
        Ok(decoded)
    }

    fn default(&self, _plane: &ControlPlane, object: &mut Value) {
        let spec = meta::child_mut(object, "spec");
        set_default(spec, "enableServiceLinks", true);
        podspec::default_spec(spec);
        for field in ["containers", "initContainers"] {
            for container in spec.get_mut(field).and_then(Value::as_array_mut).into_iter().flatten() {
                requests_from_limits(container);
            }
        }
        if object.get("status").is_none() {
            object["status"] = json!({});
        }
    }

    fn prepare_for_create(&self, plane: &ControlPlane, object: &mut Value) {
        let class = podspec::qos_class(&object["spec"]);
        object["status"] = json!({"phase": "Pending", "qosClass": class});
        let metadata = meta::metadata_mut(object);
        metadata.shift_remove("generation");
        if plane.does(release::POD_GENERATION) {
            metadata.insert("generation".to_owned(), json!(1));
        }
    }

    fn prepare_for_update(&self, plane: &ControlPlane, object: &mut Value, old: &Value) {
        keep(object, old, "status");
        if plane.does(release::POD_GENERATION) {
            bump_generation(object, old);
        }
    }

    fn validate(&self, plane: &ControlPlane, object: &Value) -> Errors {
        let (spec, path) = (&object["spec"], Path::new("spec"));
        let mut errors = podvalidation::validate_spec(plane, spec, &path);
        errors.extend(podvalidation::validate_pod_only(spec, &path));
        if !list(spec, "/ephemeralContainers").is_empty() {
            errors.forbidden(&path.child("ephemeralContainers"), "cannot be set on create");
        }
        errors
    }

    fn validate_update(&self, plane: &ControlPlane, object: &Value, old: &Value) -> Errors {
        podupdate::validate(plane, object, old)
    }

    /// Upstream: ValidatePodBinding and BindingREST.setPodHostAndAnnotations.
    fn check_subresource(&self, _plane: &ControlPlane, part: &str, object: &Value, old: &Value) -> Result<(), Status> {
        if part != "binding" {
            return Ok(());
        }
        let (kind, node) = (text(object, "/target/kind"), text(object, "/target/name"));
        let plain = |why: String| Err(Status::failure(StatusReason::Unknown, why));
        if !matches!(kind, "" | "Node") {
            return plain(format!("target.kind: Unsupported value: {kind:?}: supported values: \"Node\", \"<empty>\""));
        }
        if node.is_empty() {
            return plain("target.name: Required value".to_owned());
        }
        let name = meta::name(old);
        let conflict = |why: &str| Err(Status::conflict("", "pods/binding", name, why));
        if meta::deleting_since(old).is_some() {
            return conflict(&format!("pod {name} is being deleted, cannot be assigned to a host"));
        }
        match text(old, "/spec/nodeName") {
            "" => Ok(()),
            taken => conflict(&format!("pod {name} is already assigned to node {taken:?}")),
        }
    }

    fn update_subresource(&self, subresource: &str, object: &Value, old: &Value) -> Value {
        let mut new = old.clone();
        if subresource == "binding" {
            new["spec"]["nodeName"] = object.pointer("/target/name").cloned().unwrap_or_default();
            let scheduled = json!({
                "type": "PodScheduled",
                "status": "True",
                "lastProbeTime": null,
                "lastTransitionTime": old.pointer("/metadata/creationTimestamp").cloned().unwrap_or_default(),
            });
            let conditions = meta::child_mut(&mut new, "status").entry("conditions").or_insert_with(|| json!([]));
            if let Value::Array(conditions) = conditions {
                conditions.retain(|condition| condition["type"] != "PodScheduled");
                conditions.push(scheduled);
            }
        } else {
            keep(&mut new, object, "status");
        }
        new
    }

    fn begin_deletion(&self, object: &Value, grace: Option<i64>) -> Deletion {
        let own = object.pointer("/spec/terminationGracePeriodSeconds").and_then(Value::as_i64);
        let over = matches!(text(object, "/status/phase"), "Succeeded" | "Failed");
        match grace.or(own).unwrap_or(30) {
            _ if over || text(object, "/spec/nodeName").is_empty() => Deletion::Graceful(0),
            negative if negative < 0 => Deletion::Graceful(1),
            seconds => Deletion::Graceful(seconds),
        }
    }

    fn returns_deleted_object(&self) -> bool {
        true
    }

    fn selectable(&self, object: &Value) -> Vec<(&'static str, String)> {
        let host_network = object.pointer("/spec/hostNetwork") == Some(&Value::Bool(true));
        let ip = list(object, "/status/podIPs").first().map_or("", |ip| text(ip, "/ip"));
        vec![
            ("spec.nodeName", text(object, "/spec/nodeName").to_owned()),
            ("spec.restartPolicy", text(object, "/spec/restartPolicy").to_owned()),
            ("spec.schedulerName", text(object, "/spec/schedulerName").to_owned()),
            ("spec.serviceAccountName", text(object, "/spec/serviceAccountName").to_owned()),
            ("spec.hostNetwork", host_network.to_string()),
            ("status.phase", text(object, "/status/phase").to_owned()),
            ("status.podIP", ip.to_owned()),
            ("status.nominatedNodeName", text(object, "/status/nominatedNodeName").to_owned()),
        ]
    }

    fn columns(&self, release: Release) -> Vec<Column> {
        podtable::columns(release)
    }

    fn cells(&self, plane: &ControlPlane, object: &Value) -> Vec<Value> {
        podtable::cells(plane, object)
    }
}

/// A limit without a request is the request too.
fn requests_from_limits(container: &mut Value) {
    let Some(Value::Object(limits)) = container.pointer("/resources/limits").cloned() else { return };
    let Some(resources) = container.get_mut("resources") else { return };
    let requests = meta::child_mut(resources, "requests");
    for (what, amount) in limits {
        requests.entry(what).or_insert(amount);
    }
}
