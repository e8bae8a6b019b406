//! The live feed: what is in the lesson's namespace, and each change as it happens.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::StreamExt as _;
use kube::api::{Api, DynamicObject, ListParams, WatchEvent, WatchParams};
use kube::core::{ApiResource, GroupVersionKind};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::Cluster;
use super::connect::said;
use crate::apimachinery::meta;

/// How long to wait before a broken watch is begun again.
const PAUSE: Duration = Duration::from_secs(2);
/// A watch that ends sooner than this was not ended by its time limit.
const SOON: Duration = Duration::from_secs(1);
/// Where `kubectl apply` keeps the whole manifest, the contents of a secret with it.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// A kind of object the feed follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watched {
    /// `apps`, empty for the core group.
    pub group: &'static str,
    /// `Deployment`
    pub kind: &'static str,
    plural: &'static str,
}

/// What the panes show.
pub const WATCHED: &[Watched] = &[
    Watched { group: "", kind: "ServiceAccount", plural: "serviceaccounts" },
    Watched { group: "", kind: "Pod", plural: "pods" },
    Watched { group: "", kind: "Secret", plural: "secrets" },
    Watched { group: "", kind: "ConfigMap", plural: "configmaps" },
    Watched { group: "apps", kind: "Deployment", plural: "deployments" },
    Watched { group: "apps", kind: "ReplicaSet", plural: "replicasets" },
    Watched { group: "rbac.authorization.k8s.io", kind: "Role", plural: "roles" },
    Watched { group: "rbac.authorization.k8s.io", kind: "RoleBinding", plural: "rolebindings" },
];

/// Something the feed has to tell.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// All objects there are; told once every kind was listed.
    Restarted(Vec<Value>),
    /// An object is new or changed.
    Applied(Value),
    /// An object is gone.
    Deleted {
        /// `Pod`
        kind: String,
        /// Its name.
        name: String,
    },
    /// A kind cannot be followed for now, and why.
    Trouble(&'static str, String),
}

/// What the follower of one kind tells the gatherer.
enum Told {
    Listed(&'static str, Vec<Value>),
    Applied(Value),
    Deleted(Value),
    Trouble(&'static str, String),
}

impl Cluster {
    /// Follows the lesson's namespace. The feed ends when the receiver is dropped.
    pub fn feed(&self) -> mpsc::UnboundedReceiver<Event> {
        let (told, parts) = mpsc::unbounded_channel();
        for watched in WATCHED {
            tokio::spawn(follow(self.client.clone(), self.namespace.clone(), *watched, told.clone()));
        }
        let (sender, receiver) = mpsc::unbounded_channel();
        tokio::spawn(gather(parts, sender));
        receiver
    }
}

/// Makes one story of what the followers tell: first everything at once, then each difference.
async fn gather(mut parts: mpsc::UnboundedReceiver<Told>, sender: mpsc::UnboundedSender<Event>) {
    let mut gathered = Gathered::default();
    loop {
        let told = tokio::select! {
            told = parts.recv() => told,
            () = sender.closed() => return,
        };
        let Some(told) = told else { return };
        for event in gathered.take(told) {
            if sender.send(event).is_err() {
                return;
            }
        }
    }
}

/// What is known of the namespace: kind and name → the version last told.
#[derive(Default)]
struct Gathered {
    known: BTreeMap<(String, String), String>,
    /// Objects of kinds that were listed while others are still to come.
    first: Vec<Value>,
    heard_of: BTreeSet<&'static str>,
    /// The kinds that cannot be followed, and why.
    troubled: BTreeMap<&'static str, String>,
}

impl Gathered {
    fn is_begun(&self) -> bool {
        self.heard_of.len() == WATCHED.len()
    }

    fn take(&mut self, told: Told) -> Vec<Event> {
        let was_begun = self.is_begun();
        let mut events = Vec::new();
        match told {
            Told::Listed(kind, objects) => {
                self.troubled.remove(kind);
                let names: BTreeSet<&str> = objects.iter().map(meta::name).collect();
                let gone: Vec<_> = self
                    .known
                    .keys()
                    .filter(|(of, name)| of == kind && !names.contains(name.as_str()))
                    .cloned()
                    .collect();
                for (kind, name) in gone {
                    self.known.remove(&(kind.clone(), name.clone()));
                    events.push(Event::Deleted { kind, name });
                }
                for object in objects {
                    events.extend(self.applied(object));
                }
                self.heard_of.insert(kind);
            }
            Told::Applied(object) => events.extend(self.applied(object)),
            Told::Deleted(object) => {
                let (kind, name) = (meta::kind(&object).to_owned(), meta::name(&object).to_owned());
                self.known.remove(&(kind.clone(), name.clone()));
                events.push(Event::Deleted { kind, name });
            }
            Told::Trouble(kind, why) => {
                self.heard_of.insert(kind);
                // One sentence is enough until the kind was listed again, and for all kinds that have the same trouble.
                let is_known = self.troubled.values().any(|other| *other == why);
                if self.troubled.insert(kind, why.clone()).is_none() && !is_known {
                    events.push(Event::Trouble(kind, why));
                }
            }
        }
        if was_begun {
            return events;
        }
        let mut rest = Vec::new();
        for event in events {
            match event {
                Event::Applied(object) => self.first.push(object),
                Event::Deleted { kind, name } => {
                    self.first.retain(|object| meta::kind(object) != kind || meta::name(object) != name)
                }
                other => rest.push(other),
            }
        }
        if self.is_begun() {
            rest.insert(0, Event::Restarted(std::mem::take(&mut self.first)));
        }
        rest
    }

    fn applied(&mut self, object: Value) -> Option<Event> {
        let key = (meta::kind(&object).to_owned(), meta::name(&object).to_owned());
        let version = meta::resource_version(&object).to_owned();
        if self.known.insert(key, version.clone()).is_some_and(|before| before == version) {
            return None;
        }
        Some(Event::Applied(object))
    }
}

async fn follow(client: kube::Client, namespace: String, watched: Watched, sender: mpsc::UnboundedSender<Told>) {
    let gvk = GroupVersionKind::gvk(watched.group, "v1", watched.kind);
    let resource = ApiResource::from_gvk_with_plural(&gvk, watched.plural);
    let api: Api<DynamicObject> = Api::namespaced_with(client, &namespace, &resource);
    loop {
        let ended = tokio::select! {
            result = once(&api, watched, &sender) => result,
            () = sender.closed() => return,
        };
        if let Err(error) = ended
            && sender.send(Told::Trouble(watched.kind, said(&error))).is_err()
        {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = sender.closed() => return,
        }
    }
}

/// Lists, then follows until the watch breaks or the server ends it.
async fn once(
    api: &Api<DynamicObject>,
    watched: Watched,
    sender: &mpsc::UnboundedSender<Told>,
) -> Result<(), kube::Error> {
    let list = api.list(&ListParams::default()).await?;
    let mut version = list.metadata.resource_version.clone().unwrap_or_default();
    let objects = list.items.into_iter().map(|object| value(object, watched)).collect();
    if sender.send(Told::Listed(watched.kind, objects)).is_err() {
        return Ok(());
    }
    loop {
        let begun = Instant::now();
        let mut events = api.watch(&WatchParams::default(), &version).await?.boxed();
        while let Some(event) = events.next().await {
            let told = match event? {
                WatchEvent::Added(object) | WatchEvent::Modified(object) => {
                    version = object.metadata.resource_version.clone().unwrap_or(version);
                    Told::Applied(value(object, watched))
                }
                WatchEvent::Deleted(object) => {
                    version = object.metadata.resource_version.clone().unwrap_or(version);
                    Told::Deleted(value(object, watched))
                }
                WatchEvent::Bookmark(bookmark) => {
                    version = bookmark.metadata.resource_version;
                    continue;
                }
                WatchEvent::Error(status) if status.code == 410 => return Ok(()),
                WatchEvent::Error(status) => return Err(kube::Error::Api(status)),
            };
            if sender.send(told).is_err() {
                return Ok(());
            }
        }
        // Begun again after a pause, so that a server or proxy that ends every watch is not asked in a tight loop.
        if begun.elapsed() < SOON {
            return Ok(());
        }
    }
}

/// The object as a value that says what it is.
fn value(object: DynamicObject, watched: Watched) -> Value {
    let mut value = serde_json::to_value(object).unwrap_or_default();
    let version = if watched.group.is_empty() { "v1".to_owned() } else { format!("{}/v1", watched.group) };
    value["apiVersion"] = version.into();
    value["kind"] = watched.kind.into();
    if watched.kind == "Secret" {
        keep_sizes(&mut value);
    }
    value
}

/// The contents of a secret stay behind: only their sizes go on, and no copy that `kubectl apply` left in an annotation.
fn keep_sizes(secret: &mut Value) {
    for field in ["data", "stringData"] {
        for content in
            secret.get_mut(field).and_then(Value::as_object_mut).into_iter().flat_map(|data| data.values_mut())
        {
            *content = content.as_str().unwrap_or_default().len().into();
        }
    }
    let annotations = secret.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut);
    if let Some(applied) = annotations.and_then(|annotations| annotations.get_mut(LAST_APPLIED)) {
        let size = applied.as_str().unwrap_or_default().len();
        *applied = format!("({size} bytes)").into();
    }
}

#[cfg(test)]
mod tests {
    use super::{Event, Gathered, LAST_APPLIED, Told, WATCHED, keep_sizes};
    use serde_json::{Value, json};

    fn object(name: &str, version: &str) -> Value {
        json!({"kind": "Pod", "metadata": {"name": name, "resourceVersion": version}})
    }

    #[test]
    fn secrets_stay_behind() {
        let mut secret = json!({
            "metadata": {"name": "s", "annotations": {LAST_APPLIED: "{\"stringData\":{\"p\":\"hunter2\"}}", "a": "b"}},
            "data": {"p": "aHVudGVyMg=="},
            "stringData": {"p": "hunter2"},
        });
        keep_sizes(&mut secret);
        assert_eq!(
            secret,
            json!({
                "metadata": {"name": "s", "annotations": {LAST_APPLIED: "(30 bytes)", "a": "b"}},
                "data": {"p": 12},
                "stringData": {"p": 7},
            })
        );
    }

    #[test]
    fn the_story_begins_whole_and_goes_on_by_differences() {
        let mut gathered = Gathered::default();
        let mut told = Vec::new();
        for watched in WATCHED {
            let objects = if watched.kind == "Pod" { vec![object("a", "1"), object("b", "2")] } else { Vec::new() };
            told.extend(gathered.take(Told::Listed(watched.kind, objects)));
        }
        assert_eq!(told, [Event::Restarted(vec![object("a", "1"), object("b", "2")])]);
        // A broken watch lists again: what is as before is not news, what is missing is gone.
        let again = gathered.take(Told::Listed("Pod", vec![object("a", "1"), object("c", "3")]));
        assert_eq!(
            again,
            [Event::Deleted { kind: "Pod".to_owned(), name: "b".to_owned() }, Event::Applied(object("c", "3"))]
        );
        assert_eq!(gathered.take(Told::Applied(object("a", "4"))), [Event::Applied(object("a", "4"))]);
    }
}
