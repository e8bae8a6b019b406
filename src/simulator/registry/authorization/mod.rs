//! Asking who may do what. Upstream: pkg/registry/authorization.

mod localsubjectaccessreview;
mod selfsubjectaccessreview;
mod selfsubjectrulesreview;
mod subjectaccessreview;

use serde_json::{Map, Value, json};

use crate::apimachinery::field::{Errors, Path};
use crate::apimachinery::{GroupVersion, Resource, Status, names};
use crate::rbac::{Attributes, User};
use crate::simulator::authorization::authorize;
use crate::simulator::{ControlPlane, release};

use super::common::list;
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
fn validate_what(plane: &ControlPlane, spec: &Value, errors: &mut Errors) {
    let path = Path::new("spec");
    match (object(spec, "resourceAttributes"), object(spec, "nonResourceAttributes")) {
        (Some(_), Some(asked)) => {
            let detail = "cannot be specified in combination with resourceAttributes";
            refuse_path(plane, asked, detail, errors);
        }
        (None, None) => {
            let detail = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
            // Older releases print what is not there as a text.
            let nothing = if plane.does(release::FAULTS_PRINT_JSON) { Value::Null } else { json!("null") };
            errors.invalid(&path.child("resourceAttributes"), &nothing, detail);
        }
        _ => {}
    }
    validate_selectors(plane, spec, errors);
}

/// A question about a path that cannot be asked here, printed as upstream keeps it.
fn refuse_path(plane: &ControlPlane, asked: &Value, why: &str, errors: &mut Errors) {
    let at = Path::new("spec").child("nonResourceAttributes");
    let kept = json!({"Path": text(asked, "path"), "Verb": text(asked, "verb")});
    match plane.does(release::FAULTS_PRINT_JSON) {
        true => errors.invalid(&at, &kept, why),
        false => {
            let (path, verb) = (text(asked, "path"), text(asked, "verb"));
            let shown = format!("authorization.NonResourceAttributes{{Path:{path:?}, Verb:{verb:?}}}");
            errors.invalid_go(&at, &shown, why);
        }
    }
}

fn validate_who(spec: &Value, errors: &mut Errors) {
    if text(spec, "user").is_empty() && review::texts(spec.get("groups")).is_empty() {
        errors.invalid(&Path::new("spec").child("user"), &json!(""), "at least one of user or group must be specified");
    }
}

/// The faults of a selection a review asks about. Operators of later releases are let through, as upstream.
fn validate_selectors(plane: &ControlPlane, spec: &Value, errors: &mut Errors) {
    if !plane.does(release::SELECTORS_IN_REVIEWS) {
        return;
    }
    for kind in ["fieldSelector", "labelSelector"] {
        let Some(selector) = spec.pointer(&format!("/resourceAttributes/{kind}")) else { continue };
        let path = Path::new("spec").child("resourceAttributes").child(kind);
        let requirements = list(selector, "/requirements");
        let raw = text(selector, "rawSelector");
        if !raw.is_empty() && !requirements.is_empty() {
            let why = "may not specified at the same time as requirements";
            errors.invalid(&path.child("rawSelector"), &json!(raw), why);
        }
        if raw.is_empty() && requirements.is_empty() {
            let why = format!("when {path} is specified, requirements or rawSelector is required");
            errors.required(&path.child("requirements"), &why);
        }
        for (index, requirement) in requirements.iter().enumerate() {
            let path = path.child("requirements").index(index);
            let key = text(requirement, "key");
            if kind == "fieldSelector" && key.is_empty() {
                errors.required(&path.child("key"), "must be specified");
            }
            let values = path.child("values");
            match (text(requirement, "operator"), list(requirement, "/values").is_empty()) {
                ("In" | "NotIn", true) => {
                    errors.required(&values, "must be specified when `operator` is 'In' or 'NotIn'");
                }
                ("Exists" | "DoesNotExist", false) => {
                    errors.forbidden(&values, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                }
                _ => {}
            }
            if kind == "labelSelector" {
                errors.all_invalid(&path.child("key"), &json!(key), names::Rules::default().qualified_name(key));
            }
        }
    }
}

/// Reviews have no metadata of their own, but for a namespace where they live in one.
fn validate_metadata(body: &Value, why: &str, errors: &mut Errors) {
    let Some(Value::Object(given)) = body.get("metadata") else { return };
    let is_own = |(field, value): &(&String, &Value)| {
        !matches!(field.as_str(), "namespace" | "managedFields") && !value.is_null()
    };
    if given.iter().any(|field| is_own(&field)) {
        errors.invalid(&Path::new("metadata"), &Value::Object(given.clone()), why);
    }
}

/// 422 for the faults. The kind is not told, for upstream's own type does not carry it.
fn refuse(errors: Errors) -> Result<(), Status> {
    if errors.is_empty() { Ok(()) } else { Err(Status::invalid(GROUP, "", "", errors)) }
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
