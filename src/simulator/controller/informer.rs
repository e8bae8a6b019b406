//! One list and watch a kind, kept in memory and told to all who care. Upstream: client-go/tools/cache.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::TryStreamExt;
use http::Request;
use kube::core::WatchEvent;
use serde_json::Value;

use crate::apimachinery::meta;

use super::api::{Answer, Api, Failure, Key, Kind};

/// How long to wait before asking an API again that did not answer.
const PAUSE: Duration = Duration::from_millis(100);

/// What happened to one object: `old` is none when it is new, `new` is none when it is gone.
pub struct Change {
    /// Its kind.
    pub kind: Kind,
    /// As it was known before.
    pub old: Option<Arc<Value>>,
    /// As it is now.
    pub new: Option<Arc<Value>>,
}

impl Change {
    /// The object as last known.
    pub fn object(&self) -> &Value {
        static NOTHING: Value = Value::Null;
        self.new.as_ref().or(self.old.as_ref()).map_or(&NOTHING, |object| object)
    }

    /// Whether the object is gone.
    pub fn is_deleted(&self) -> bool {
        self.new.is_none()
    }

    /// The key of the object.
    pub fn key(&self) -> Key {
        Key::of(self.kind, self.object())
    }
}

/// The objects last seen, of every watched kind. Cloning it gives the same one.
#[derive(Clone, Default)]
pub struct Cache(Arc<Mutex<BTreeMap<Key, Arc<Value>>>>);

impl Cache {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Key, Arc<Value>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The object as last seen.
    pub fn get(&self, key: &Key) -> Option<Arc<Value>> {
        self.lock().get(key).cloned()
    }

    /// The keys of the objects that `wanted` picks.
    pub fn keys(&self, wanted: impl Fn(&Key, &Value) -> bool) -> Vec<Key> {
        self.lock().iter().filter(|(key, object)| wanted(key, object)).map(|(key, _)| key.clone()).collect()
    }

    fn put(&self, key: Key, object: Option<Arc<Value>>) -> Option<Arc<Value>> {
        let mut objects = self.lock();
        match object {
            Some(object) => objects.insert(key, object),
            None => objects.remove(&key),
        }
    }
}

/// Follows one kind for good. `query` narrows it (a field selector, say) and may be empty.
pub async fn follow(api: &Api, kind: Kind, query: &str, cache: &Cache, tell: &(dyn Fn(&Change) + Send + Sync)) {
    loop {
        let mut version = match list(api, kind, query, cache, tell).await {
            Ok(version) => version,
            Err(failure) => {
                tracing::debug!(kind = kind.plural, %failure, "list failed");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        // A watch that merely ends is taken up where it ended; one that fails starts over with a list.
        while let Ok(reached) = watch(api, kind, query, version.clone(), cache, tell).await {
            if reached == version {
                tokio::time::sleep(PAUSE).await;
            }
            version = reached;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn list(
    api: &Api,
    kind: Kind,
    query: &str,
    cache: &Cache,
    tell: &(dyn Fn(&Change) + Send + Sync),
) -> Answer<String> {
    let path = format!("{}?{query}", kind.path("", "", ""));
    let mut list = api.get_path(path.trim_end_matches('?')).await?;
    let version = meta::resource_version(&list).to_owned();
    let items = match list["items"].take() {
        Value::Array(items) => items,
        _ => Vec::new(),
    };
    let mut gone = cache.keys(|key, _| key.kind == kind);
    for mut item in items {
        // Items of a list carry no type; whoever reads the cache expects one.
        item["apiVersion"] = kind.api_version.into();
        item["kind"] = kind.kind.into();
        let key = Key::of(kind, &item);
        gone.retain(|known| *known != key);
        let known = cache.get(&key);
        if known.as_ref().is_none_or(|known| meta::resource_version(known) != meta::resource_version(&item)) {
            note(kind, key, Some(Arc::new(item)), cache, tell);
        }
    }
    for key in gone {
        note(kind, key, None, cache, tell);
    }
    Ok(version)
}

fn note(kind: Kind, key: Key, new: Option<Arc<Value>>, cache: &Cache, tell: &(dyn Fn(&Change) + Send + Sync)) {
    let old = cache.put(key, new.clone());
    tell(&Change { kind, old, new });
}

async fn watch(
    api: &Api,
    kind: Kind,
    query: &str,
    since: String,
    cache: &Cache,
    tell: &(dyn Fn(&Change) + Send + Sync),
) -> Answer<String> {
    let separator = if query.is_empty() { "" } else { "&" };
    let path = format!(
        "{}?{query}{separator}watch=true&allowWatchBookmarks=true&resourceVersion={since}",
        kind.path("", "", "")
    );
    let request = Request::builder()
        .uri(path)
        .header("accept", "application/json")
        .body(Vec::new())
        .map_err(|error| Failure::other(error.to_string()))?;
    let events = api.client().request_events::<Value>(request).await?;
    let mut events = std::pin::pin!(events);
    let mut version = since;
    while let Some(event) = events.try_next().await? {
        match event {
            WatchEvent::Added(object) | WatchEvent::Modified(object) => {
                version = meta::resource_version(&object).to_owned();
                note(kind, Key::of(kind, &object), Some(Arc::new(object)), cache, tell);
            }
            WatchEvent::Deleted(object) => {
                version = meta::resource_version(&object).to_owned();
                let key = Key::of(kind, &object);
                let old = cache.put(key, None).or_else(|| Some(Arc::new(object)));
                tell(&Change { kind, old, new: None });
            }
            WatchEvent::Bookmark(bookmark) => version = bookmark.metadata.resource_version,
            WatchEvent::Error(status) => {
                return Err(Failure {
                    code: status.code,
                    reason: status.reason.clone(),
                    message: status.message.clone(),
                });
            }
        }
    }
    Ok(version)
}
