//! How `kubectl describe` tells of each kind: one file a kind, one entry in the list; others in general form.
//! Upstream: kubectl/pkg/describe/describe.go.
//!
//! Reading and telling are apart: [`object`] reads what a kind's entry asks for into a [`View`], and the entry's
//! function makes text of it without any server.

mod binding;
mod configmap;
mod container;
mod deployment;
mod events;
mod generic;
mod namespace;
mod node;
mod page;
mod pod;
mod quantity;
#[cfg(test)]
mod recorded;
mod related;
mod replicaset;
mod role;
pub mod rules;
mod secret;
mod serviceaccount;
mod template;
mod volume;

pub use quantity::Quantity;
pub use related::whole;
pub use template::selector;

use jiff::Timestamp;
use serde_json::Value;

use self::events::About;
use self::page::Page;
use self::related::{Related, Want};
use super::context::Context;
use super::discovery::Found;
use super::errors::Error;
use super::release::{self, Behaviour};
use crate::apimachinery::Release;
use crate::base::human_duration;

/// All that a description is made of.
pub struct View<'a> {
    /// The object itself.
    pub object: &'a Value,
    /// What belongs to it.
    pub related: Related,
    /// Its events; `None` when they are not shown.
    pub events: Option<Vec<Value>>,
    /// The present moment, for ages.
    pub now: Timestamp,
    /// Which kubectl tells it.
    pub release: Release,
}

impl View<'_> {
    /// Whether this kubectl behaves so.
    pub fn does(&self, behaviour: Behaviour) -> bool {
        behaviour.holds(self.release)
    }

    /// The age of something that began then.
    pub fn age_of(&self, since: Option<Timestamp>) -> String {
        since.map_or_else(|| "<unknown>".to_owned(), |since| human_duration(self.now.duration_since(since)))
    }
}

/// The pod template of a revision, as `rollout history --revision` shows it.
pub fn template_of(release: Release, template: &Value, now: Timestamp) -> String {
    let view = View { object: template, related: Related::default(), events: None, now, release };
    let mut page = Page::default();
    template::show(&mut page, &view, template);
    page.unaligned()
}

/// How a kind is told.
struct Describer {
    group: &'static str,
    kind: &'static str,
    about: About,
    wants: &'static [(Want, Behaviour)],
    tell: fn(&View<'_>) -> Result<Page, Error>,
}

const RBAC: &str = "rbac.authorization.k8s.io";
const ALWAYS: Behaviour = release::ALWAYS;

/// Kinds with a form of their own.
const DESCRIBERS: &[Describer] = &[
    Describer { group: "", kind: "ConfigMap", about: About::Object, wants: &[], tell: configmap::tell },
    Describer {
        group: "",
        kind: "Namespace",
        about: About::Nothing,
        wants: &[(Want::ResourceQuotas, ALWAYS), (Want::LimitRanges, ALWAYS)],
        tell: namespace::tell,
    },
    Describer {
        group: "",
        kind: "Node",
        about: About::Node,
        wants: &[(Want::PodsOnNode, ALWAYS), (Want::Lease, ALWAYS)],
        tell: node::tell,
    },
    Describer { group: "", kind: "Pod", about: About::Pod, wants: &[], tell: pod::tell },
    Describer { group: "", kind: "Secret", about: About::Nothing, wants: &[], tell: secret::tell },
    Describer {
        group: "",
        kind: "ServiceAccount",
        about: About::Object,
        wants: &[(Want::Secrets, release::DESCRIBE_SA_SECRETS)],
        tell: serviceaccount::tell,
    },
    Describer {
        group: "apps",
        kind: "Deployment",
        about: About::Object,
        wants: &[(Want::ReplicaSets, ALWAYS)],
        tell: deployment::tell,
    },
    Describer {
        group: "apps",
        kind: "ReplicaSet",
        about: About::Object,
        wants: &[(Want::Pods, ALWAYS)],
        tell: replicaset::tell,
    },
    Describer { group: RBAC, kind: "ClusterRole", about: About::Nothing, wants: &[], tell: role::tell },
    Describer { group: RBAC, kind: "ClusterRoleBinding", about: About::Nothing, wants: &[], tell: binding::tell },
    Describer { group: RBAC, kind: "Role", about: About::Nothing, wants: &[], tell: role::tell },
    Describer { group: RBAC, kind: "RoleBinding", about: About::Nothing, wants: &[], tell: binding::tell },
];

/// Every other kind, among them `Event`.
const GENERIC: Describer = Describer { group: "", kind: "", about: About::Object, wants: &[], tell: generic::tell };

fn describer(group: &str, kind: &str) -> &'static Describer {
    DESCRIBERS.iter().find(|entry| entry.group == group && entry.kind == kind).unwrap_or(&GENERIC)
}

/// All that is told of an object.
///
/// # Errors
/// When what belongs to it cannot be read.
pub async fn object(cx: &mut Context<'_>, resource: &Found, object: &Value, events: bool) -> Result<String, Error> {
    let entry = describer(&resource.group, &resource.kind);
    let wants: Vec<Want> = entry.wants.iter().filter(|(_, when)| cx.does(*when)).map(|(want, _)| *want).collect();
    let related = Related::read(cx, object, &wants).await;
    let events = if events { events::read(cx, object, entry.about).await } else { None };
    let view = View { object, related, events, now: cx.config.clock.now(), release: cx.config.release };
    (entry.tell)(&view).map(Page::finish)
}
