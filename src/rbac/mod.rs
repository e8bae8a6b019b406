//! Who may do what: RBAC evaluated once, purely, with reasons. Upstream: plugin/pkg/auth/authorizer/rbac.

mod authorizer;
mod covers;
mod near;
mod rule;
mod subject;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use authorizer::{Considered, Decision, Outcome, Source, authorize, explain, referenced_rules, rules_for};
pub use covers::{compact, covers};
pub use near::{Near, near};
pub use rule::{Mismatch, PolicyRule};
pub use subject::{describe as describe_subject, is_subject};

/// Who asks, as authentication found out. Upstream: apiserver/pkg/authentication/user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// `system:serviceaccount:default:builder`
    pub name: String,
    /// The account's uid, if it has one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub uid: String,
    /// `system:serviceaccounts`, …
    #[serde(default)]
    pub groups: Vec<String>,
    /// `authentication.kubernetes.io/pod-name`, …
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: BTreeMap<String, Vec<String>>,
}

/// What is asked for. Upstream: apiserver/pkg/authorization/authorizer.Attributes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// Who asks.
    pub user: User,
    /// `get`, `list`, `create`, …; the HTTP method in lower case for paths.
    pub verb: String,
    /// Empty for the core group.
    pub group: String,
    /// `pods`
    pub resource: String,
    /// `exec`, `token`, …
    pub subresource: String,
    /// Empty for the whole cluster.
    pub namespace: String,
    /// Empty when no single object is asked for.
    pub name: String,
    /// Fields that must have these values, of a request that selects by them.
    pub fields: Vec<(String, String)>,
    /// For requests that are about no resource: `/version`.
    pub path: Option<String>,
}
