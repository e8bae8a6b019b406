//! May they do this in this namespace? Upstream: pkg/registry/authorization/localsubjectaccessreview/rest.go.

use serde_json::{Value, json};

use crate::apimachinery::field::{Errors, Path};
use crate::apimachinery::strict::Decoded;
use crate::apimachinery::{Resource, Status};
use crate::rbac::User;
use crate::simulator::ControlPlane;
use crate::simulator::registry::Review;
use crate::simulator::registry::common::decode;

use super::{
    answer, attributes, object, refuse, refuse_path, resource, subject, text, validate_metadata, validate_what,
    validate_who,
};

/// `localsubjectaccessreviews`
pub struct LocalSubjectAccessReview;

static RESOURCE: Resource =
    resource("localsubjectaccessreviews", "localsubjectaccessreview", "LocalSubjectAccessReview", true);

impl Review for LocalSubjectAccessReview {
    fn resource(&self) -> &'static Resource {
        &RESOURCE
    }

    fn decode(&self, body: Value) -> Result<Decoded, Status> {
        decode(&RESOURCE, body)
    }

    fn create(&self, plane: &ControlPlane, _user: &User, namespace: &str, body: Value) -> Result<Value, Status> {
        let spec = body.get("spec").unwrap_or(&Value::Null);
        let mut errors = Errors::default();
        validate_what(plane, spec, &mut errors);
        validate_who(spec, &mut errors);
        validate_metadata(&body, "must be empty except for namespace", &mut errors);
        let asked = object(spec, "resourceAttributes").map(|asked| text(asked, "namespace"));
        if let Some(asked) = asked.filter(|asked| *asked != namespace) {
            let path = Path::new("spec").child("resourceAttributes").child("namespace");
            errors.invalid(&path, &json!(asked), "must match metadata.namespace");
        }
        if let Some(asked) = object(spec, "nonResourceAttributes") {
            refuse_path(plane, asked, "disallowed on this kind of request", &mut errors);
        }
        refuse(errors)?;
        Ok(answer(plane, &RESOURCE, &body, &attributes(spec, subject(spec))))
    }
}
