//! Asking who somebody is. Upstream: pkg/registry/authentication.

mod selfsubjectreview;
mod tokenreview;

use serde_json::{Map, Value, json};

use crate::rbac::User;

pub use selfsubjectreview::{SelfSubjectReview, SelfSubjectReviewV1beta1};
pub use tokenreview::TokenReview;

const GROUP: &str = "authentication.k8s.io";

/// A user as `status.userInfo` and audit events show them: what is empty is left out.
pub fn user_info(user: &User) -> Value {
    let mut info = Map::new();
    info.insert("username".to_owned(), json!(user.name));
    if !user.uid.is_empty() {
        info.insert("uid".to_owned(), json!(user.uid));
    }
    if !user.groups.is_empty() {
        info.insert("groups".to_owned(), json!(user.groups));
    }
    if !user.extra.is_empty() {
        info.insert("extra".to_owned(), json!(user.extra));
    }
    Value::Object(info)
}
