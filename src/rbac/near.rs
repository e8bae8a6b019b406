//! What came near to allowing a request, and the smallest change that would allow it.

use serde_json::Value;

use super::authorizer::{Outcome, Source, explain_each};
use super::subject::{describe, text};
use super::{Attributes, PolicyRule};

/// What came near.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Near {
    /// A binding or role, and why it did not do; the nearest first.
    pub misses: Vec<(String, String)>,
    /// Command lines that would allow the request, by the least that is missing.
    pub changes: Vec<String>,
}

/// Looks for what came near to allowing a request. The bindings are judged as by [`super::authorize`].
pub fn near(attributes: &Attributes, source: &dyn Source) -> Near {
    let mut near = Near::default();
    let account = account_of(&attributes.user.name);
    for (object, considered) in explain_each(attributes, source) {
        let name = text(object.get("metadata").unwrap_or(&Value::Null), "name");
        let namespace = text(object.get("metadata").unwrap_or(&Value::Null), "namespace");
        let kind = if namespace.is_empty() { "ClusterRoleBinding" } else { "RoleBinding" };
        let title = format!("{kind} {name}");
        let role_ref = object.get("roleRef").unwrap_or(&Value::Null);
        let (role_kind, role) = (text(role_ref, "kind"), text(role_ref, "name"));
        match considered {
            Outcome::Allows => {}
            // Those that everybody has are about other things.
            _ if name.starts_with("system:") => {}
            Outcome::NotSubject => {
                let here = namespace.is_empty() || namespace == attributes.namespace;
                if let Some(say) = meant(&object, account, namespace).filter(|_| here) {
                    near.misses.push((title, say));
                }
            }
            Outcome::OtherNamespace => {
                let say = format!("counts in namespace {namespace} alone; the request is about {}", place(attributes));
                near.misses.push((title, say));
            }
            Outcome::NoSuchRole => {
                near.misses.push((title, format!("names {role_kind} {role}, and there is none of that name")));
            }
            Outcome::NoRules => near.misses.push((title, format!("{role_kind} {role} has no rules"))),
            Outcome::NoRule(_) => {
                let rules = super::referenced_rules(role_ref, namespace, source).unwrap_or_default();
                let allows: Vec<String> = rules.iter().map(short).collect();
                near.misses.push((title, format!("{role_kind} {role} allows only: {}", allows.join("; "))));
            }
        }
    }
    let fitting = |role: &Value| PolicyRule::list(role).iter().any(|rule| rule.allows(attributes));
    let roles = if attributes.namespace.is_empty() { Vec::new() } else { source.roles(&attributes.namespace) };
    let role = roles.iter().find(|role| fitting(role)).map(|role| text(&role["metadata"], "name").to_owned());
    if let Some(role) = &role {
        let whom = account.map_or_else(|| attributes.user.name.clone(), |(_, name)| name.to_owned());
        near.misses.push((format!("Role {role}"), format!("allows it, and no binding gives it to {whom}")));
    }
    // A name with a line end or the like in it is no part of a line to be typed.
    let lines = changes(attributes, account, role.as_deref());
    near.changes = lines.into_iter().filter(|line| !line.contains(char::is_control)).collect();
    near
}

/// A name as a word of a command line. Some names hold what a shell would take for its own.
fn word(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/@+,".contains(c);
    if !name.is_empty() && name.chars().all(is_plain) {
        name.to_owned()
    } else {
        format!("'{}'", name.replace('\'', "'\\''"))
    }
}

/// Namespace and name of the account, when the user is one.
fn account_of(user: &str) -> Option<(&str, &str)> {
    user.strip_prefix("system:serviceaccount:")?.split_once(':')
}

fn place(attributes: &Attributes) -> String {
    match attributes.namespace.as_str() {
        "" => "the whole cluster".to_owned(),
        namespace => format!("namespace {namespace}"),
    }
}

/// A subject that means the account and does not reach it: why.
fn meant(binding: &Value, account: Option<(&str, &str)>, namespace: &str) -> Option<String> {
    let (own, name) = account?;
    binding.get("subjects")?.as_array()?.iter().find_map(|subject| {
        let called = text(subject, "name");
        let alike = called == name || called.ends_with(&format!(":{name}"));
        match text(subject, "kind") {
            "ServiceAccount" if called == name => {
                Some(format!("is for {}; this one is of namespace {own}", describe(subject, namespace)))
            }
            "ServiceAccount" => None,
            kind if alike => {
                Some(format!("is for the {kind} {called:?}, and this is a ServiceAccount: another kind of subject"))
            }
            _ => None,
        }
    })
}

/// `get, list on pods`
fn short(rule: &PolicyRule) -> String {
    let what = if rule.non_resource_urls.is_empty() { &rule.resources } else { &rule.non_resource_urls };
    let names = match rule.resource_names.as_slice() {
        [] => String::new(),
        names => format!(" named {}", names.join(", ")),
    };
    format!("{} on {}{names}", rule.verbs.join(", "), what.join(", "))
}

/// The command lines that would allow it: a binding, and before it a role where there is none.
fn changes(attributes: &Attributes, account: Option<(&str, &str)>, role: Option<&str>) -> Vec<String> {
    let subject = match account {
        Some((namespace, name)) => format!("--serviceaccount={}", word(&format!("{namespace}:{name}"))),
        // Who is not known is not given rights: who they are is what is missing.
        None if attributes.user.name == "system:anonymous" => return Vec::new(),
        None => format!("--user={}", word(&attributes.user.name)),
    };
    let resource = match (attributes.resource.as_str(), attributes.group.as_str()) {
        (resource, "") => resource.to_owned(),
        (resource, group) => format!("{resource}.{group}"),
    };
    let resource = match attributes.subresource.as_str() {
        "" => resource,
        subresource => format!("{resource}/{subresource}"),
    };
    let verb = &word(&attributes.verb);
    let (what, made) = match &attributes.path {
        Some(path) => (format!("--non-resource-url={}", word(path)), format!("{}-path", attributes.verb)),
        None => (format!("--resource={}", word(&resource)), format!("{}-{}", attributes.verb, attributes.resource)),
    };
    if attributes.namespace.is_empty() {
        return vec![
            format!("kubectl create clusterrole {} --verb={verb} {what}", word(&made)),
            format!("kubectl create clusterrolebinding {0} --clusterrole={0} {subject}", word(&made)),
        ];
    }
    let place = format!("-n {}", word(&attributes.namespace));
    let mut lines = Vec::new();
    let role = role.map_or_else(
        || {
            lines.push(format!("kubectl create role {} --verb={verb} {what} {place}", word(&made)));
            made.clone()
        },
        str::to_owned,
    );
    let name = account.map_or_else(|| made.clone(), |(_, name)| format!("{name}-{role}"));
    lines.push(format!("kubectl create rolebinding {} --role={} {subject} {place}", word(&name), word(&role)));
    lines
}
