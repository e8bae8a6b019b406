//! Who am I? Upstream: pkg/registry/authentication/selfsubjectreview/rest.go.

use serde_json::{Value, json};

use crate::apimachinery::strict::Decoded;
use crate::apimachinery::{GroupVersion, Resource, Status, meta};
use crate::rbac::User;
use crate::simulator::ControlPlane;
use crate::simulator::registry::Review;
use crate::simulator::registry::common::decode;
use crate::simulator::release::{self, Behaviour};

use super::{GROUP, user_info};

/// `selfsubjectreviews` of v1.
pub struct SelfSubjectReview;

/// `selfsubjectreviews` of v1beta1, which was all there was in 1.27.
pub struct SelfSubjectReviewV1beta1;

const fn resource(version: &'static str) -> Resource {
    Resource {
        group_version: GroupVersion { group: GROUP, version },
        plural: "selfsubjectreviews",
        singular: "selfsubjectreview",
        kind: "SelfSubjectReview",
        short_names: &[],
        categories: &[],
        namespaced: false,
        verbs: &["create"],
    }
}

static V1: Resource = resource("v1");
static V1BETA1: Resource = resource("v1beta1");

fn answer(plane: &ControlPlane, resource: &Resource, user: &User) -> Value {
    json!({
        "kind": resource.kind,
        "apiVersion": resource.group_version.api_version(),
        "metadata": {"creationTimestamp": meta::time(plane.clock.now_seconds())},
        "status": {"userInfo": user_info(user)},
    })
}

impl Review for SelfSubjectReview {
    fn resource(&self) -> &'static Resource {
        &V1
    }

    fn served(&self) -> Option<Behaviour> {
        Some(release::SELF_SUBJECT_REVIEW_V1)
    }

    fn decode(&self, body: Value) -> Result<Decoded, Status> {
        decode(&V1, body)
    }

    fn create(&self, plane: &ControlPlane, user: &User, _namespace: &str, _body: Value) -> Result<Value, Status> {
        Ok(answer(plane, &V1, user))
    }
}

impl Review for SelfSubjectReviewV1beta1 {
    fn resource(&self) -> &'static Resource {
        &V1BETA1
    }

    fn served(&self) -> Option<Behaviour> {
        Some(release::SELF_SUBJECT_REVIEW_V1BETA1)
    }

    fn decode(&self, body: Value) -> Result<Decoded, Status> {
        // The finished version has the same fields.
        let mut decoded = decode(&V1, body)?;
        decoded.object["apiVersion"] = json!(V1BETA1.group_version.api_version());
        Ok(decoded)
    }

    fn create(&self, plane: &ControlPlane, user: &User, _namespace: &str, _body: Value) -> Result<Value, Status> {
        Ok(answer(plane, &V1BETA1, user))
    }
}
