//! Goes through the bindings until one allows the request. Upstream: plugin/pkg/auth/authorizer/rbac/rbac.go.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::rule::Mismatch;
use super::subject::{describe, is_subject, text};
use super::{Attributes, PolicyRule, User};

/// Where roles and bindings are read: a store, a client's answers, a test's list.
pub trait Source {
    /// The role bindings of a namespace, or of all.
    fn role_bindings(&self, namespace: Option<&str>) -> Vec<Arc<Value>>;
    /// All cluster role bindings.
    fn cluster_role_bindings(&self) -> Vec<Arc<Value>>;
    /// A role.
    fn role(&self, namespace: &str, name: &str) -> Option<Arc<Value>>;
    /// A cluster role.
    fn cluster_role(&self, name: &str) -> Option<Arc<Value>>;
    /// The roles of a namespace, for who looks for what would do; none where they cannot be listed.
    fn roles(&self, _namespace: &str) -> Vec<Arc<Value>> {
        Vec::new()
    }
}

/// The answer to "may they?".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// Whether a binding allows it.
    pub allowed: bool,
    /// `RBAC: allowed by RoleBinding "b/ns" of Role "r" to ServiceAccount "x/ns"`; the faults met, when there were any.
    pub reason: String,
    /// The bindings looked at and why each did not do; filled by [`explain`] alone.
    pub considered: Vec<Considered>,
}

/// A binding that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Considered {
    /// `RoleBinding "b/ns" of Role "r"`
    pub binding: String,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of looking at one binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It allows the request.
    Allows,
    /// The user is none of its subjects.
    NotSubject,
    /// The user is a subject, and the binding counts in another namespace only.
    OtherNamespace,
    /// The user is a subject, and the role it names is not there.
    NoSuchRole,
    /// The user is a subject, and the role has no rules.
    NoRules,
    /// The user is a subject; the rule that comes nearest fails in this.
    NoRule(Mismatch),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Allows => "allows it",
            Self::NotSubject => "is for others: the user is none of its subjects",
            Self::OtherNamespace => "is for this user, but counts only in its own namespace",
            Self::NoSuchRole => "is for this user, but the role it names does not exist",
            Self::NoRules => "is for this user, but its role has no rules",
            Self::NoRule(Mismatch::Kind) => "is for this user, but no rule is about such a request",
            Self::NoRule(Mismatch::Group) => "is for this user, but no rule has this API group",
            Self::NoRule(Mismatch::Resource) => "is for this user, but no rule names this resource",
            Self::NoRule(Mismatch::Verb) => "is for this user and this resource, but not for this verb",
            Self::NoRule(Mismatch::Name) => {
                "is for this user, resource and verb, but only for objects with other names"
            }
        })
    }
}

/// Decides on a request; stops at the first binding that allows it.
pub fn authorize(attributes: &Attributes, source: &dyn Source) -> Decision {
    let mut errors = Vec::new();
    let mut reason = None;
    visit(&attributes.user, &attributes.namespace, source, &mut |binding, subject, role| {
        match role {
            Ok(role) => {
                let rules = role.get("rules").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                if rules.iter().any(|rule| PolicyRule::read(rule).allows(attributes)) {
                    let to = describe(subject, binding.namespace);
                    reason = Some(format!("RBAC: allowed by {binding} to {to}"));
                }
            }
            Err(error) => errors.push(error),
        }
        reason.is_none()
    });
    match reason {
        Some(reason) => Decision { allowed: true, reason, ..Decision::default() },
        None => Decision { reason: aggregate(&errors), ..Decision::default() },
    }
}

/// Decides on a request and tells what came of each binding of the cluster.
pub fn explain(attributes: &Attributes, source: &dyn Source) -> Decision {
    let considered = explain_each(attributes, source)
        .into_iter()
        .map(|(object, outcome)| Considered { binding: Binding::of(&object).to_string(), outcome })
        .collect();
    Decision { considered, ..authorize(attributes, source) }
}

/// What comes of each binding of the cluster.
pub(super) fn explain_each(attributes: &Attributes, source: &dyn Source) -> Vec<(Arc<Value>, Outcome)> {
    let outcome = |object: &Arc<Value>| {
        let binding = Binding::of(object);
        if binding.subject_for(&attributes.user).is_none() {
            return Outcome::NotSubject;
        }
        if !binding.namespace.is_empty() && binding.namespace != attributes.namespace {
            return Outcome::OtherNamespace;
        }
        let Ok(role) = binding.role(source) else { return Outcome::NoSuchRole };
        let rules = PolicyRule::list(&role);
        let mismatches: Vec<_> = rules.iter().map(|rule| rule.mismatch(attributes)).collect();
        if mismatches.contains(&None) {
            return Outcome::Allows;
        }
        mismatches.into_iter().flatten().max().map_or(Outcome::NoRules, Outcome::NoRule)
    };
    let bindings = source.cluster_role_bindings().into_iter().chain(source.role_bindings(None));
    bindings.map(|object| (Arc::clone(&object), outcome(&object))).collect()
}

/// The rules that hold for a user in a namespace (empty: for the whole cluster alone), and the faults met.
pub fn rules_for(user: &User, namespace: &str, source: &dyn Source) -> (Vec<PolicyRule>, Vec<String>) {
    let (mut rules, mut errors) = (Vec::new(), Vec::new());
    visit(user, namespace, source, &mut |_, _, role| {
        match role {
            Ok(role) => rules.extend(PolicyRule::list(&role)),
            Err(error) => errors.push(error),
        }
        true
    });
    (rules, errors)
}

/// The rules of the role a binding names, given as its `roleRef`.
///
/// # Errors
/// `role.rbac.authorization.k8s.io "x" not found`
pub fn referenced_rules(role_ref: &Value, namespace: &str, source: &dyn Source) -> Result<Vec<PolicyRule>, String> {
    role_of(role_ref, namespace, source).map(|role| PolicyRule::list(&role))
}

type Visitor<'a> = dyn FnMut(&Binding<'_>, &Value, Result<Arc<Value>, String>) -> bool + 'a;

/// Shows every binding that has the user among its subjects, with its role, until the visitor has seen enough.
fn visit(user: &User, namespace: &str, source: &dyn Source, visitor: &mut Visitor<'_>) {
    let mut all = |objects: Vec<Arc<Value>>| {
        objects.iter().all(|object| {
            let binding = Binding::of(object);
            binding.subject_for(user).is_none_or(|subject| visitor(&binding, subject, binding.role(source)))
        })
    };
    if all(source.cluster_role_bindings()) && !namespace.is_empty() {
        all(source.role_bindings(Some(namespace)));
    }
}

/// A RoleBinding or ClusterRoleBinding, read where it lies.
struct Binding<'a> {
    object: &'a Value,
    name: &'a str,
    /// Empty for the whole cluster.
    namespace: &'a str,
}

impl<'a> Binding<'a> {
    fn of(object: &'a Value) -> Self {
        let metadata = object.get("metadata").unwrap_or(&Value::Null);
        Self { object, name: text(metadata, "name"), namespace: text(metadata, "namespace") }
    }

    fn subject_for(&self, user: &User) -> Option<&'a Value> {
        let subjects = self.object.get("subjects")?.as_array()?;
        subjects.iter().find(|subject| is_subject(subject, user, self.namespace))
    }

    fn role_ref(&self) -> &'a Value {
        self.object.get("roleRef").unwrap_or(&Value::Null)
    }

    fn role(&self, source: &dyn Source) -> Result<Arc<Value>, String> {
        role_of(self.role_ref(), self.namespace, source)
    }
}

fn role_of(role_ref: &Value, namespace: &str, source: &dyn Source) -> Result<Arc<Value>, String> {
    let name = text(role_ref, "name");
    let (role, kind) = match text(role_ref, "kind") {
        "ClusterRole" => (source.cluster_role(name), "clusterrole"),
        "Role" => (source.role(namespace, name), "role"),
        other => return Err(format!("unsupported role reference kind: {other:?}")),
    };
    role.ok_or_else(|| format!("{kind}.rbac.authorization.k8s.io {name:?} not found"))
}

impl fmt::Display for Binding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, role) = (text(self.role_ref(), "kind"), text(self.role_ref(), "name"));
        if self.namespace.is_empty() {
            write!(f, "ClusterRoleBinding {:?} of {kind} {role:?}", self.name)
        } else {
            write!(f, "RoleBinding {:?} of {kind} {role:?}", format!("{}/{}", self.name, self.namespace))
        }
    }
}

/// Upstream: apimachinery/pkg/util/errors.NewAggregate.
fn aggregate(errors: &[String]) -> String {
    let mut once: Vec<&str> = Vec::new();
    for error in errors {
        if !once.contains(&error.as_str()) {
            once.push(error);
        }
    }
    match once.as_slice() {
        [] => String::new(),
        [one] => format!("RBAC: {one}"),
        several => format!("RBAC: [{}]", several.join(", ")),
    }
}
