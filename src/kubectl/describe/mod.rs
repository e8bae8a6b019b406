//! How `kubectl describe` tells of each kind: one file a kind, one entry in the list; others in general form.
//! Upstream: kubectl/pkg/describe/describe.go.

mod binding;
mod configmap;
mod deployment;
mod events;
mod generic;
mod namespace;
mod pod;
mod replicaset;
mod role;
pub mod rules;
mod secret;
mod serviceaccount;
mod template;

pub use deployment::selector;

use futures::future::BoxFuture;
use jiff::Timestamp;
use serde_json::Value;

use super::context::Context;
use super::discovery::Found;
use super::errors::Error;
use crate::base::Columns;

/// How a kind is told: lines with tabs, aligned afterwards.
pub type Describe = for<'x, 'a> fn(&'x mut Context<'a>, &'x Value, bool) -> BoxFuture<'x, Result<String, Error>>;

/// Group, kind, describer.
const DESCRIBERS: &[(&str, &str, Describe)] = &[
    ("", "ConfigMap", |cx, object, events| Box::pin(configmap::describe(cx, object, events))),
    ("", "Namespace", |cx, object, events| Box::pin(namespace::describe(cx, object, events))),
    ("", "Pod", |cx, object, events| Box::pin(pod::describe(cx, object, events))),
    ("", "Secret", |cx, object, events| Box::pin(secret::describe(cx, object, events))),
    ("", "ServiceAccount", |cx, object, events| Box::pin(serviceaccount::describe(cx, object, events))),
    ("apps", "Deployment", |cx, object, events| Box::pin(deployment::describe(cx, object, events))),
    ("apps", "ReplicaSet", |cx, object, events| Box::pin(replicaset::describe(cx, object, events))),
    (RBAC, "ClusterRole", |cx, object, events| Box::pin(role::describe(cx, object, events))),
    (RBAC, "Role", |cx, object, events| Box::pin(role::describe(cx, object, events))),
    (RBAC, "ClusterRoleBinding", |cx, object, events| Box::pin(binding::describe(cx, object, events))),
    (RBAC, "RoleBinding", |cx, object, events| Box::pin(binding::describe(cx, object, events))),
];

const RBAC: &str = "rbac.authorization.k8s.io";

/// All that is told of an object.
///
/// # Errors
/// When what belongs to it cannot be read.
pub async fn object(cx: &mut Context<'_>, resource: &Found, object: &Value, events: bool) -> Result<String, Error> {
    let known = DESCRIBERS.iter().find(|(group, kind, _)| *group == resource.group && *kind == resource.kind);
    let text = match known {
        Some((_, _, describe)) => describe(cx, object, events).await?,
        None => generic::describe(cx, object, events).await?,
    };
    Ok(Columns::DESCRIBE.align(&text))
}

/// `Labels:` and the like: `key=value`, one a line.
fn labels(title: &str, map: &Value) -> String {
    let mut pairs: Vec<String> = map
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
        .collect();
    pairs.sort();
    if pairs.is_empty() {
        return format!("{title}:\t<none>\n");
    }
    format!("{title}:\t{}\n", pairs.join("\n\t"))
}

/// `Annotations:`; long ones on lines of their own, what apply remembers left out.
fn annotations(object: &Value) -> String {
    const LONGEST: usize = 140;
    let cut = |text: &str, longest: usize| match text.char_indices().nth(longest) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text.to_owned(),
    };
    let mut pairs: Vec<(&String, &str)> = object["metadata"]["annotations"]
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(key, _)| *key != super::cmd::LAST_APPLIED)
        .map(|(key, value)| (key, value.as_str().unwrap_or_default()))
        .collect();
    pairs.sort();
    if pairs.is_empty() {
        return "Annotations:\t<none>\n".to_owned();
    }
    let mut text = "Annotations:\t".to_owned();
    for (index, (key, value)) in pairs.into_iter().enumerate() {
        if index > 0 {
            text.push('\t');
        }
        let value = value.strip_suffix('\n').unwrap_or(value);
        if value.len() + key.len() + 2 > LONGEST || value.contains('\n') {
            text.push_str(&format!("{key}:\n"));
            for line in value.split('\n') {
                text.push_str(&format!("\t  {}\n", cut(line, LONGEST - 2)));
            }
        } else {
            text.push_str(&format!("{key}: {value}\n"));
        }
    }
    text
}

/// `Mon, 23 Nov 2026 19:28:35 +0000`
fn time(value: &Value) -> String {
    let at: Option<Timestamp> = value.as_str().and_then(|text| text.parse().ok());
    at.map(|at| at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()).unwrap_or_default()
}

/// A text field, empty when it is not there.
fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}
