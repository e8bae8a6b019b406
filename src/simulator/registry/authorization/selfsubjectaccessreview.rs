//! May I do this? Upstream: pkg/registry/authorization/selfsubjectaccessreview/rest.go.

use serde_json::Value;

use crate::apimachinery::field::Errors;
use crate::apimachinery::strict::Decoded;
use crate::apimachinery::{Resource, Status};
use crate::rbac::User;
use crate::simulator::ControlPlane;
use crate::simulator::registry::Review;
use crate::simulator::registry::common::decode;

use super::{answer, attributes, refuse, resource, validate_metadata, validate_what};

/// `selfsubjectaccessreviews`
pub struct SelfSubjectAccessReview;

static RESOURCE: Resource =
    resource("selfsubjectaccessreviews", "selfsubjectaccessreview", "SelfSubjectAccessReview", false);

impl Review for SelfSubjectAccessReview {
    fn resource(&self) -> &'static Resource {
        &RESOURCE
    }

    fn decode(&self, body: Value) -> Result<Decoded, Status> {
        decode(&RESOURCE, body)
    }

    fn create(&self, plane: &ControlPlane, user: &User, _namespace: &str, body: Value) -> Result<Value, Status> {
        let spec = body.get("spec").unwrap_or(&Value::Null);
        let mut errors = Errors::default();
        validate_what(plane, spec, &mut errors);
        validate_metadata(&body, "must be empty", &mut errors);
        refuse(errors)?;
        Ok(answer(plane, &RESOURCE, &body, &attributes(spec, user.clone())))
    }
}
