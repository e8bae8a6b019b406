//! One rule of a role, and what it allows. Upstream: pkg/apis/rbac/v1/evaluation_helpers.go.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Attributes;

/// A rule of a role. Upstream: rbac.authorization.k8s.io/v1 PolicyRule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PolicyRule {
    /// `get`, `list`, …, `*`
    pub verbs: Vec<String>,
    /// `""` for the core group, `*`
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub api_groups: Vec<String>,
    /// `pods`, `pods/log`, `*/scale`, `*`
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// Only objects of these names; all when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resource_names: Vec<String>,
    /// `/version`, `/apis/*`
    #[serde(rename = "nonResourceURLs", skip_serializing_if = "Vec::is_empty")]
    pub non_resource_urls: Vec<String>,
}

/// The first part of a request that a rule does not cover, in the order a reader would check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mismatch {
    /// The rule is about resources and the request about a path, or the other way round.
    Kind,
    /// Another API group.
    Group,
    /// Another resource or subresource, or another path.
    Resource,
    /// The right thing, and not this verb.
    Verb,
    /// The right thing and verb, and not this object.
    Name,
}

impl PolicyRule {
    /// Reads the rules of a Role or ClusterRole; what is not a list of texts counts as empty.
    pub fn list(role: &Value) -> Vec<Self> {
        role.get("rules")
            .and_then(Value::as_array)
            .map(|rules| rules.iter().map(Self::read).collect())
            .unwrap_or_default()
    }

    /// Reads one rule.
    pub fn read(rule: &Value) -> Self {
        let texts = |field: &str| {
            let list = rule.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        Self {
            verbs: texts("verbs"),
            api_groups: texts("apiGroups"),
            resources: texts("resources"),
            resource_names: texts("resourceNames"),
            non_resource_urls: texts("nonResourceURLs"),
        }
    }

    /// Whether the rule allows the request.
    pub fn allows(&self, attributes: &Attributes) -> bool {
        self.mismatch(attributes).is_none()
    }

    /// What stands between the rule and the request; `None` when the rule allows it.
    pub fn mismatch(&self, attributes: &Attributes) -> Option<Mismatch> {
        let verb = has(&self.verbs, "*") || has(&self.verbs, &attributes.verb);
        let checks = match &attributes.path {
            Some(path) => [
                (Mismatch::Kind, !self.non_resource_urls.is_empty()),
                (Mismatch::Resource, self.non_resource_urls.iter().any(|url| url_covers(url, path))),
                (Mismatch::Verb, verb),
                (Mismatch::Name, true),
                (Mismatch::Name, true),
            ],
            None => [
                (Mismatch::Kind, !self.resources.is_empty()),
                (Mismatch::Group, has(&self.api_groups, "*") || has(&self.api_groups, &attributes.group)),
                (Mismatch::Resource, self.names_resource(&attributes.resource, &attributes.subresource)),
                (Mismatch::Verb, verb),
                (Mismatch::Name, self.resource_names.is_empty() || has(&self.resource_names, &attributes.name)),
            ],
        };
        checks.into_iter().find(|(_, holds)| !holds).map(|(mismatch, _)| mismatch)
    }

    fn names_resource(&self, resource: &str, subresource: &str) -> bool {
        self.resources.iter().any(|rule| match rule.split_once('/') {
            None => rule == "*" || (subresource.is_empty() && rule == resource),
            Some((of, part)) => !subresource.is_empty() && part == subresource && (of == "*" || of == resource),
        })
    }
}

/// As error messages show a rule: `{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}`.
impl fmt::Display for PolicyRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = [
            ("APIGroups", &self.api_groups),
            ("Resources", &self.resources),
            ("NonResourceURLs", &self.non_resource_urls),
            ("ResourceNames", &self.resource_names),
            ("Verbs", &self.verbs),
        ]
        .into_iter()
        .filter(|(_, list)| !list.is_empty())
        .map(|(name, list)| {
            let list: Vec<String> = list.iter().map(|item| format!("{item:?}")).collect();
            format!("{name}:[{}]", list.join(" "))
        })
        .collect();
        write!(f, "{{{}}}", parts.join(", "))
    }
}

pub(super) fn has(list: &[String], wanted: &str) -> bool {
    list.iter().any(|item| item == wanted)
}

/// Whether a path of a rule, perhaps with a star at its end, covers a path.
pub(super) fn url_covers(rule: &str, path: &str) -> bool {
    rule == path || (rule.ends_with('*') && path.starts_with(rule.trim_end_matches('*')))
}
