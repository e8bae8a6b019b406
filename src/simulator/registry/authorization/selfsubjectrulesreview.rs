//! What may I do in this namespace? Upstream: pkg/registry/authorization/selfsubjectrulesreview/rest.go.

use serde_json::{Map, Value, json};

use crate::apimachinery::strict::Decoded;
use crate::apimachinery::{Resource, Status};
use crate::rbac::{self, User};
use crate::simulator::ControlPlane;
use crate::simulator::authorization::{self, Stored};
use crate::simulator::registry::common::decode;
use crate::simulator::registry::{Review, review};

use super::{resource, text};

/// `selfsubjectrulesreviews`
pub struct SelfSubjectRulesReview;

static RESOURCE: Resource =
    resource("selfsubjectrulesreviews", "selfsubjectrulesreview", "SelfSubjectRulesReview", false);

impl Review for SelfSubjectRulesReview {
    fn resource(&self) -> &'static Resource {
        &RESOURCE
    }

    fn decode(&self, body: Value) -> Result<Decoded, Status> {
        decode(&RESOURCE, body)
    }

    fn create(&self, plane: &ControlPlane, user: &User, _namespace: &str, body: Value) -> Result<Value, Status> {
        let namespace = body.get("spec").map(|spec| text(spec, "namespace")).unwrap_or_default();
        if namespace.is_empty() {
            return Err(Status::bad_request("no namespace on request"));
        }
        let (rules, mut errors) = rbac::rules_for(user, namespace, &Stored(&plane.store));
        // The node authorizer is asked first, and cannot list what it allows a node.
        if authorization::is_node(user) {
            errors.insert(0, "node authorizer does not support user rule resolution".to_owned());
        }
        let (mut on_resources, mut on_paths) = (Vec::new(), Vec::new());
        for rule in rules {
            if !rule.resources.is_empty() {
                let mut shown = json!({"verbs": rule.verbs, "apiGroups": rule.api_groups, "resources": rule.resources});
                if !rule.resource_names.is_empty() {
                    shown["resourceNames"] = json!(rule.resource_names);
                }
                on_resources.push(shown);
            }
            if !rule.non_resource_urls.is_empty() {
                on_paths.push(json!({"verbs": rule.verbs, "nonResourceURLs": rule.non_resource_urls}));
            }
        }
        let mut status = Map::new();
        status.insert("resourceRules".to_owned(), Value::Array(on_resources));
        status.insert("nonResourceRules".to_owned(), Value::Array(on_paths));
        status.insert("incomplete".to_owned(), json!(!errors.is_empty()));
        match errors.as_slice() {
            [] => {}
            [one] => drop(status.insert("evaluationError".to_owned(), json!(one))),
            several => {
                status.insert("evaluationError".to_owned(), json!(format!("[{}]", several.join(", "))));
            }
        }
        // The question is not repeated in the answer.
        Ok(review::reply(plane, &RESOURCE, &body, Some(json!({})), Value::Object(status)))
    }
}
