//! Asking who may do what. Upstream: pkg/registry/authorization.

mod localsubjectaccessreview;
mod selfsubjectaccessreview;
mod selfsubjectrulesreview;
mod subjectaccessreview;

use serde_json::{Map, Value, json};

use crate::apimachinery::field::{Errors, Path};
use crate::apimachinery::{GroupVersion, Resource, Status};
use crate::rbac::{Attributes, User};
use crate::simulator::ControlPlane;
use crate::simulator::authorization::authorize;

use super::review;

pub use localsubjectaccessreview::LocalSubjectAccessReview;
pub use selfsubjectaccessreview::SelfSubjectAccessReview;
pub use selfsubjectrulesreview::SelfSubjectRulesReview;
pub use subjectaccessreview::SubjectAccessReview;

const GROUP: &str = "authorization.k8s.io";

const fn resource(plural: &'static str, singular: &'static str, kind: &'static str, namespaced: bool) -> Resource {
    Resource {
        group_version: GroupVersion { group: GROUP, version: "v1" },
        plural,
        singular,
        kind,
        short_names: &[],
        categories: &[],
        namespaced,
        verbs: &["create"],
    }
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn object<'a>(spec: &'a Value, field: &str) -> Option<&'a Value> {
    spec.get(field).filter(|value| value.is_object())
}

/// What the spec asks about. Upstream: pkg/registry/authorization/util/helpers.go.
fn attributes(spec: &Value, user: User) -> Attributes {
    if let Some(asked) = object(spec, "nonResourceAttributes") {
        let path = Some(text(asked, "path").to_owned());
        return Attributes { user, verb: text(asked, "verb").to_owned(), path, ..Attributes::default() };
    }
    let asked = spec.get("resourceAttributes").unwrap_or(&Value::Null);
    Attributes {
        user,
        verb: text(asked, "verb").to_owned(),
        group: text(asked, "group").to_owned(),
        resource: text(asked, "resource").to_owned(),
        subresource: text(asked, "subresource").to_owned(),
        namespace: text(asked, "namespace").to_owned(),
        name: text(asked, "name").to_owned(),
        fields: fields(asked),
        path: None,
    }
}

/// The fields that must have one value, of a review that asks about a selection.
fn fields(asked: &Value) -> Vec<(String, String)> {
    let requirements = asked.pointer("/fieldSelector/requirements").and_then(Value::as_array);
    let exact = requirements.into_iter().flatten().filter(|requirement| text(requirement, "operator") == "In");
    exact
        .filter_map(|requirement| match review::texts(requirement.get("values")).as_slice() {
            [value] => Some((text(requirement, "key").to_owned(), value.clone())),
            _ => None,
        })
        .collect()
}

/// The user a spec names.
fn subject(spec: &Value) -> User {
    let extra = spec.get("extra").and_then(Value::as_object);
    User {
        name: text(spec, "user").to_owned(),
        uid: text(spec, "uid").to_owned(),
        groups: review::texts(spec.get("groups")),
        extra: extra
            .into_iter()
            .flatten()
            .map(|(key, values)| (key.to_lowercase(), review::texts(Some(values))))
            .collect(),
    }
}

/// Upstream: pkg/apis/authorization/validation/validation.go.
fn validate_what(spec: &Value, errors: &mut Errors) {
    let path = Path::new("spec");
    match (object(spec, "resourceAttributes"), object(spec, "nonResourceAttributes")) {
        (Some(_), Some(asked)) => {
            let detail = "cannot be specified in combination with resourceAttributes";
            errors.invalid(&path.child("nonResourceAttributes"), asked, detail);
        }
        (None, None) => {
            let detail = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
            errors.invalid(&path.child("resourceAttributes"), &Value::Null, detail);
        }
        _ => {}
    }
}

fn validate_who(spec: &Value, errors: &mut Errors) {
    if text(spec, "user").is_empty() && review::texts(spec.get("groups")).is_empty() {
        errors.invalid(&Path::new("spec").child("user"), &json!(""), "at least one of user or group must be specified");
    }
}

fn refuse(resource: &Resource, errors: Errors) -> Result<(), Status> {
    if errors.is_empty() { Ok(()) } else { Err(Status::invalid(GROUP, resource.kind, "", errors)) }
}

/// The review with the decision in its status.
fn answer(plane: &ControlPlane, resource: &Resource, body: &Value, attributes: &Attributes) -> Value {
    let decision = authorize(plane, attributes);
    let mut status = Map::new();
    status.insert("allowed".to_owned(), json!(decision.allowed));
    if !decision.reason.is_empty() {
        status.insert("reason".to_owned(), json!(decision.reason));
    }
    review::reply(plane, resource, body, None, Value::Object(status))
}
