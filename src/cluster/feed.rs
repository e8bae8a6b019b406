//! The live feed: what is in the lesson's namespace, and each change as it happens.

use std::time::Duration;

use futures::StreamExt as _;
use kube::api::{Api, DynamicObject, ListParams, WatchEvent, WatchParams};
use kube::core::{ApiResource, GroupVersionKind};
use serde_json::Value;
use tokio::sync::mpsc;

use super::Cluster;

/// How long to wait before a broken watch is begun again.
const PAUSE: Duration = Duration::from_secs(2);

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
    /// All objects of a kind, as they are now.
    Listed(&'static str, Vec<Value>),
    /// An object is new or changed.
    Applied(Value),
    /// An object is gone; as it was last.
    Deleted(Value),
    /// A kind cannot be followed for now, and why.
    Trouble(&'static str, String),
}

impl Cluster {
    /// Follows the lesson's namespace. The feed ends when the receiver is dropped.
    pub fn feed(&self) -> mpsc::UnboundedReceiver<Event> {
        let (sender, receiver) = mpsc::unbounded_channel();
        for watched in WATCHED {
            tokio::spawn(follow(self.client.clone(), self.namespace.clone(), *watched, sender.clone()));
        }
        receiver
    }
}

async fn follow(client: kube::Client, namespace: String, watched: Watched, sender: mpsc::UnboundedSender<Event>) {
    let gvk = GroupVersionKind::gvk(watched.group, "v1", watched.kind);
    let resource = ApiResource::from_gvk_with_plural(&gvk, watched.plural);
    let api: Api<DynamicObject> = Api::namespaced_with(client, &namespace, &resource);
    loop {
        let ended = tokio::select! {
            result = once(&api, watched, &sender) => result,
            () = sender.closed() => return,
        };
        if let Err(error) = ended
            && sender.send(Event::Trouble(watched.kind, error.to_string())).is_err()
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
    sender: &mpsc::UnboundedSender<Event>,
) -> Result<(), kube::Error> {
    let list = api.list(&ListParams::default()).await?;
    let mut version = list.metadata.resource_version.clone().unwrap_or_default();
    let objects = list.items.into_iter().map(|object| value(object, watched)).collect();
    if sender.send(Event::Listed(watched.kind, objects)).is_err() {
        return Ok(());
    }
    loop {
        let mut events = api.watch(&WatchParams::default(), &version).await?.boxed();
        while let Some(event) = events.next().await {
            let told = match event? {
                WatchEvent::Added(object) | WatchEvent::Modified(object) => {
                    version = object.metadata.resource_version.clone().unwrap_or(version);
                    Event::Applied(value(object, watched))
                }
                WatchEvent::Deleted(object) => {
                    version = object.metadata.resource_version.clone().unwrap_or(version);
                    Event::Deleted(value(object, watched))
                }
                WatchEvent::Bookmark(bookmark) => {
                    version = bookmark.metadata.resource_version;
                    continue;
                }
                WatchEvent::Error(status) if status.code == 410 => return Ok(()),
                WatchEvent::Error(status) => Event::Trouble(watched.kind, status.message),
            };
            if sender.send(told).is_err() {
                return Ok(());
            }
        }
    }
}

/// The object as a value that says what it is. The contents of secrets stay behind: only their sizes go on.
fn value(object: DynamicObject, watched: Watched) -> Value {
    let mut value = serde_json::to_value(object).unwrap_or_default();
    let version = if watched.group.is_empty() { "v1".to_owned() } else { format!("{}/v1", watched.group) };
    value["apiVersion"] = version.into();
    value["kind"] = watched.kind.into();
    if watched.kind == "Secret"
        && let Some(data) = value.get_mut("data").and_then(Value::as_object_mut)
    {
        for content in data.values_mut() {
            *content = content.as_str().unwrap_or_default().len().into();
        }
    }
    value
}
