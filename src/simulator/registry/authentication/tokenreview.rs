//! Whose token is this? Upstream: pkg/registry/authentication/tokenreview/storage.go.

use serde_json::{Map, Value, json};

use crate::apimachinery::strict::Decoded;
use crate::apimachinery::{GroupVersion, Resource, Status};
use crate::rbac::User;
use crate::simulator::ControlPlane;
use crate::simulator::authentication::authenticate_token;
use crate::simulator::registry::common::decode;
use crate::simulator::registry::{Review, review};

use super::{GROUP, user_info};

/// `tokenreviews`
pub struct TokenReview;

static RESOURCE: Resource = Resource {
    group_version: GroupVersion { group: GROUP, version: "v1" },
    plural: "tokenreviews",
    singular: "tokenreview",
    kind: "TokenReview",
    short_names: &[],
    categories: &[],
    namespaced: false,
    verbs: &["create"],
};

impl Review for TokenReview {
    fn resource(&self) -> &'static Resource {
        &RESOURCE
    }

    fn decode(&self, body: Value) -> Result<Decoded, Status> {
        decode(&RESOURCE, body)
    }

    fn create(&self, plane: &ControlPlane, _user: &User, _namespace: &str, body: Value) -> Result<Value, Status> {
        let token = body.pointer("/spec/token").and_then(Value::as_str).unwrap_or_default();
        if token.is_empty() {
            return Err(Status::bad_request("token is required for TokenReview in authentication"));
        }
        let audiences = review::texts(body.pointer("/spec/audiences"));
        let status = match authenticate_token(plane, token, &audiences) {
            Ok(found) => {
                json!({"authenticated": true, "user": user_info(&found.user), "audiences": found.audiences})
            }
            Err(why) => json!({"user": {}, "error": why}),
        };
        let mut spec = Map::new();
        spec.insert("token".to_owned(), json!(token));
        if !audiences.is_empty() {
            spec.insert("audiences".to_owned(), json!(audiences));
        }
        Ok(review::reply(plane, &RESOURCE, &body, Some(Value::Object(spec)), status))
    }
}
