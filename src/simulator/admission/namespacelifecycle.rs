//! Nothing new in a namespace that is missing or on its way out, and three namespaces that stay.
//! Upstream: apiserver/pkg/admission/plugin/namespace/lifecycle.

use serde_json::Value;

use super::{Attributes, Plugin};
use crate::apimachinery::{Cause, Status};
use crate::simulator::ControlPlane;
use crate::simulator::storage::Key;

const IMMORTAL: &[&str] = &["default", "kube-system", "kube-public"];

/// `NamespaceLifecycle`
pub struct NamespaceLifecycle;

impl Plugin for NamespaceLifecycle {
    fn name(&self) -> &'static str {
        "NamespaceLifecycle"
    }

    fn admit(&self, plane: &ControlPlane, attributes: &Attributes<'_>, object: &mut Value) -> Result<(), Status> {
        let resource = attributes.resource;
        let namespace = attributes.namespace;
        if resource.plural == "namespaces" && resource.group_version.group.is_empty() {
            return if attributes.operation == "DELETE" && IMMORTAL.contains(&attributes.name) {
                Err(Status::forbidden("", "namespaces", attributes.name, "this namespace may not be deleted"))
            } else {
                Ok(())
            };
        }
        if namespace.is_empty() || !resource.namespaced || attributes.operation == "DELETE" {
            return Ok(());
        }
        let Some(found) = plane.store.get(&Key::new("namespaces", "", namespace)) else {
            return Err(Status::not_found("", "namespaces", namespace));
        };
        if attributes.operation != "CREATE" || found["status"]["phase"] != "Terminating" {
            return Ok(());
        }
        let why = format!("unable to create new content in namespace {namespace} because it is being terminated");
        let mut status = attributes.refuse(object, &why);
        status.causes.push(Cause {
            reason: "NamespaceTerminating".to_owned(),
            message: format!("namespace {namespace} is being terminated"),
            field: "metadata.namespace".to_owned(),
        });
        Err(status)
    }
}
