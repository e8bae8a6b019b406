//! May they do this in this namespace? Upstream: pkg/registry/authorization/localsubjectaccessreview/rest.go.

use k8s_openapi::api::authorization::v1 as api;
use serde_json::{Value, json};

use crate::apimachinery::field::{Errors, Path};
use crate::apimachinery::strict::Decoded;
use crate::apimachinery::{Resource, Status};
use crate::rbac::User;
use crate::simulator::ControlPlane;
use crate::simulator::registry::Review;
use crate::simulator::registry::common::decode;

use super::{answer, attributes, object, refuse, resource, subject, text, validate_what, validate_who};

/// `localsubjectaccessreviews`
pub struct LocalSubjectAccessReview;

static RESOURCE: Resource =
    resource("localsubjectaccessreviews", "localsubjectaccessreview", "LocalSubjectAccessReview", true);

impl Review for LocalSubjectAccessReview {
    fn resource(&self) -> &'static Resource {
        &RESOURCE
    }

    fn decode(&self, object: Value) -> Result<Decoded, Status> {
        decode::<api::LocalSubjectAccessReview>(&RESOURCE, object)
    }

    fn create(&self, plane: &ControlPlane, _user: &User, namespace: &str, body: Value) -> Result<Value, Status> {
        let spec = body.get("spec").unwrap_or(&Value::Null);
        let mut errors = Errors::default();
        validate_what(spec, &mut errors);
        validate_who(spec, &mut errors);
        let path = Path::new("spec");
        match object(spec, "resourceAttributes") {
            None => errors.invalid(
                &path.child("resourceAttributes"),
                &Value::Null,
                "must be specified for LocalSubjectAccessReview",
            ),
            Some(asked) if text(asked, "namespace") != namespace => errors.invalid(
                &path.child("resourceAttributes").child("namespace"),
                &json!(text(asked, "namespace")),
                "must match metadata.namespace",
            ),
            Some(_) => {}
        }
        refuse(&RESOURCE, errors)?;
        Ok(answer(plane, &RESOURCE, &body, &attributes(spec, subject(spec))))
    }
}
