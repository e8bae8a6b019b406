//! Nodes. Upstream: pkg/registry/core/node, printNode in pkg/printers/internalversion.

use serde_json::{Value, json};

use super::super::common::{ALL_VERBS, PART_VERBS, age, decode, keep, list, list_mut, name, or_none, text};
use super::super::{Strategy, Subresource};
use crate::apimachinery::strict::Decoded;
use crate::apimachinery::table::Column;
use crate::apimachinery::{GroupVersion, Release, Resource, Status};
use crate::base::Order as _;
use crate::simulator::{ControlPlane, release};

/// `nodes`
pub static RESOURCE: Resource = Resource {
    group_version: GroupVersion::CORE,
    plural: "nodes",
    singular: "node",
    kind: "Node",
    short_names: &["no"],
    categories: &[],
    namespaced: false,
    verbs: ALL_VERBS,
};

const ROLE_PREFIX: &str = "node-role.kubernetes.io/";
const ADDRESSES: &str = "List of addresses reachable to the node. Queried from cloud provider, if available. More info: https://kubernetes.io/docs/reference/node/node-status/#addresses Note: This field is declared as mergeable, but the merge key is not sufficiently unique, which can cause data corruption when it is merged. Callers should instead use a full-replacement patch. See https://pr.k8s.io/79391 for an example. Consumers should assume that addresses can change during the lifetime of a Node. However, there are some exceptions where this may not be possible, such as Pods that inherit a Node's address in its own status or consumers of the downward API (status.hostIP).";

/// `nodes`
pub struct Nodes;

impl Strategy for Nodes {
    fn resource(&self) -> &'static Resource {
        &RESOURCE
    }

    fn subresources(&self) -> &'static [Subresource] {
        &[
            ("proxy", "NodeProxyOptions", &["create", "delete", "get", "patch", "update"]),
            ("status", "Node", PART_VERBS),
        ]
    }

    fn decode(&self, object: Value) -> Result<Decoded, Status> {
        decode(&RESOURCE, object)
    }

    fn default(&self, _plane: &ControlPlane, object: &mut Value) {
        // Neither is optional in Go's type.
        for part in ["spec", "status"] {
            if object.get(part).is_none() {
                object[part] = json!({});
            }
        }
        for taint in list_mut(object, "/spec/taints") {
            super::super::common::prune(taint);
        }
    }

    fn prepare_for_update(&self, _plane: &ControlPlane, object: &mut Value, old: &Value) {
        keep(object, old, "status");
    }

    fn selectable(&self, object: &Value) -> Vec<(&'static str, String)> {
        let unschedulable = object.pointer("/spec/unschedulable") == Some(&Value::Bool(true));
        vec![("spec.unschedulable", unschedulable.to_string())]
    }

    fn columns(&self, _release: Release) -> Vec<Column> {
        vec![
            Column::name(),
            Column::new("Status", "string", "The status of the node"),
            Column::new("Roles", "string", "The roles of the node"),
            Column::age(),
            Column::new("Version", "string", "Kubelet Version reported by the node."),
            Column::new("Internal-IP", "string", ADDRESSES).wide(),
            Column::new("External-IP", "string", ADDRESSES).wide(),
            Column::new(
                "OS-Image",
                "string",
                "OS Image reported by the node from /etc/os-release (e.g. Debian GNU/Linux 7 (wheezy)).",
            )
            .wide(),
            Column::new(
                "Kernel-Version",
                "string",
                "Kernel Version reported by the node from 'uname -r' (e.g. 3.16.0-0.bpo.4-amd64).",
            )
            .wide(),
            Column::new(
                "Container-Runtime",
                "string",
                "ContainerRuntime Version reported by the node through runtime remote API (e.g. containerd://1.4.2).",
            )
            .wide(),
        ]
    }

    fn cells(&self, plane: &ControlPlane, object: &Value) -> Vec<Value> {
        let ready = list(object, "/status/conditions").iter().find(|condition| condition["type"] == "Ready");
        let mut status = match ready.map(|condition| text(condition, "/status")) {
            Some("True") => "Ready".to_owned(),
            Some(_) => "NotReady".to_owned(),
            None => "Unknown".to_owned(),
        };
        if object.pointer("/spec/unschedulable") == Some(&Value::Bool(true)) {
            status.push_str(",SchedulingDisabled");
        }
        let info = |field: &str| match text(object, &format!("/status/nodeInfo/{field}")) {
            "" => "<unknown>".to_owned(),
            text => text.to_owned(),
        };
        let kernel = match text(object, "/status/nodeInfo/architecture") {
            architecture if plane.does(release::NODE_ARCHITECTURE_COLUMN) && !architecture.is_empty() => {
                format!("{} ({architecture})", info("kernelVersion"))
            }
            _ => info("kernelVersion"),
        };
        let address = |kind: &str| {
            let found = list(object, "/status/addresses").iter().find(|address| address["type"] == kind);
            or_none(found.map_or("", |address| text(address, "/address")))
        };
        vec![
            name(object),
            status.into(),
            or_none(&roles(object).join(",")),
            age(plane, object),
            text(object, "/status/nodeInfo/kubeletVersion").into(),
            address("InternalIP"),
            address("ExternalIP"),
            info("osImage").into(),
            kernel.into(),
            info("containerRuntimeVersion").into(),
        ]
    }
}

/// The roles its labels name, sorted.
fn roles(object: &Value) -> Vec<String> {
    let labels = object.pointer("/metadata/labels").and_then(Value::as_object);
    let mut roles: Vec<String> = labels
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| match key.strip_prefix(ROLE_PREFIX) {
            Some(role) => Some(role.to_owned()),
            None if key == "kubernetes.io/role" => value.as_str().map(str::to_owned),
            None => None,
        })
        .filter(|role| !role.is_empty())
        .collect();
    roles.order();
    roles.dedup();
    roles
}
