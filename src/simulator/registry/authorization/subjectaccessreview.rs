//! May they do this? Upstream: pkg/registry/authorization/subjectaccessreview/rest.go.

use serde_json::Value;

use crate::apimachinery::field::Errors;
use crate::apimachinery::strict::Decoded;
use crate::apimachinery::{Resource, Status};
use crate::rbac::User;
use crate::simulator::ControlPlane;
use crate::simulator::registry::Review;
use crate::simulator::registry::common::decode;

use super::{answer, attributes, refuse, resource, subject, validate_metadata, validate_what, validate_who};

/// `subjectaccessreviews`
pub struct SubjectAccessReview;

static RESOURCE: Resource = resource("subjectaccessreviews", "subjectaccessreview", "SubjectAccessReview", false);

impl Review for SubjectAccessReview {
    fn resource(&self) -> &'static Resource {
        &RESOURCE
    }

    fn decode(&self, body: Value) -> Result<Decoded, Status> {
        decode(&RESOURCE, body)
    }

    fn create(&self, plane: &ControlPlane, _user: &User, _namespace: &str, body: Value) -> Result<Value, Status> {
        let spec = body.get("spec").unwrap_or(&Value::Null);
        let mut errors = Errors::default();
        validate_what(plane, spec, &mut errors);
        validate_who(spec, &mut errors);
        validate_metadata(&body, "must be empty", &mut errors);
        refuse(errors)?;
        Ok(answer(plane, &RESOURCE, &body, &attributes(spec, subject(spec))))
    }
}
