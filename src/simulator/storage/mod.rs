//! Where objects are kept: keys, resource versions, history, watches. Upstream: apiserver/pkg/storage (etcd3).
//!
//! The whole state is a value: objects are shared, immutable JSON values behind one revision counter, so that a
//! snapshot costs little. Writers are checked against the revision they read; nobody's update is lost.

mod history;
mod snapshot;
mod ttl;
mod watch;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::watch as signal;

use crate::apimachinery::meta;
use crate::base::Order as _;

use history::History;
pub use history::{Event, EventType};
pub use snapshot::Snapshot;
pub use ttl::expire_events;
pub use watch::{Expired, Watch};

/// Names an object: its resource (`serviceaccounts`, `roles.rbac.authorization.k8s.io`), namespace and name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The resource's plural, with its group unless that is the core group.
    pub resource: String,
    /// Empty for what lives in no namespace.
    pub namespace: String,
    /// `metadata.name`
    pub name: String,
}

impl Key {
    /// A key from its parts.
    pub fn new(resource: impl Into<String>, namespace: impl Into<String>, name: impl Into<String>) -> Self {
        Self { resource: resource.into(), namespace: namespace.into(), name: name.into() }
    }
}

/// Why a write did not happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// An object with this key is there already.
    #[error("key exists")]
    Exists,
    /// No object with this key.
    #[error("key not found")]
    NotFound,
    /// The object was changed since it was read.
    #[error("the object has been modified; please apply your changes to the latest version and try again")]
    Changed,
}

/// The objects of one cluster. Cloning it gives the same store.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Mutex<Inner>>,
    revised: signal::Sender<u64>,
}

#[derive(Debug)]
struct Inner {
    revision: u64,
    objects: BTreeMap<Key, Arc<Value>>,
    history: History,
}

impl Default for Store {
    fn default() -> Self {
        Self::new()
    }
}

impl Store {
    /// An empty store at revision 1.
    pub fn new() -> Self {
        let inner = Inner { revision: 1, objects: BTreeMap::new(), history: History::new() };
        Self { inner: Arc::new(Mutex::new(inner)), revised: signal::Sender::new(1) }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The revision of the last write.
    pub fn revision(&self) -> u64 {
        self.lock().revision
    }

    /// The object as it is now.
    pub fn get(&self, key: &Key) -> Option<Arc<Value>> {
        self.lock().objects.get(key).cloned()
    }

    /// All objects of a resource (of one namespace, or of all), in the order of their keys, and the revision they were read at.
    pub fn list(&self, resource: &str, namespace: Option<&str>) -> (Vec<Arc<Value>>, u64) {
        let inner = self.lock();
        let from = Key::new(resource, namespace.unwrap_or_default(), "");
        let objects = inner
            .objects
            .range(from..)
            .take_while(|(key, _)| {
                key.resource == resource && namespace.is_none_or(|namespace| key.namespace == namespace)
            })
            .map(|(_, object)| Arc::clone(object))
            .collect();
        (objects, inner.revision)
    }

    /// The objects of a resource as they were at a revision, in the order of their paths; without one, as they are.
    ///
    /// # Errors
    /// [`Expired`] when the history no longer reaches back that far.
    pub fn list_at(
        &self,
        resource: &str,
        namespace: Option<&str>,
        revision: Option<u64>,
    ) -> Result<(Vec<Arc<Value>>, u64), Expired> {
        let (mut objects, current) = match revision {
            None => self.list(resource, namespace),
            Some(revision) => (self.past(resource, namespace, revision)?, revision),
        };
        if namespace.is_none() {
            // Upstream's keys are paths, in which a namespace ends with a slash.
            objects.order_by(|a, b| path_order(meta::namespace(a)).cmp(path_order(meta::namespace(b))));
        }
        Ok((objects, current))
    }

    /// Undoes what was written after a revision.
    fn past(&self, resource: &str, namespace: Option<&str>, revision: u64) -> Result<Vec<Arc<Value>>, Expired> {
        let inner = self.lock();
        inner.history.reaches(revision)?;
        let is_wanted =
            |key: &Key| key.resource == resource && namespace.is_none_or(|namespace| key.namespace == namespace);
        let from = Key::new(resource, namespace.unwrap_or_default(), "");
        let now = inner.objects.range(from..).take_while(|(key, _)| is_wanted(key));
        let mut objects: BTreeMap<&Key, &Arc<Value>> = now.collect();
        let events: Vec<&Arc<Event>> = inner.history.after(revision).filter(|event| is_wanted(&event.key)).collect();
        for event in events.into_iter().rev() {
            match &event.previous {
                Some(previous) => objects.insert(&event.key, previous),
                None => objects.remove(&event.key),
            };
        }
        Ok(objects.into_values().cloned().collect())
    }

    /// Whether any object lives in a namespace, other than the namespace itself.
    pub fn keys_in(&self, namespace: &str) -> Vec<Key> {
        self.lock().objects.keys().filter(|key| key.namespace == namespace).cloned().collect()
    }

    /// Adds an object; gives it back with its `resourceVersion`.
    ///
    /// # Errors
    /// [`WriteError::Exists`].
    pub fn create(&self, key: Key, object: Value) -> Result<Arc<Value>, WriteError> {
        let mut inner = self.lock();
        if inner.objects.contains_key(&key) {
            return Err(WriteError::Exists);
        }
        Ok(self.write(&mut inner, key, object, EventType::Added, None))
    }

    /// Replaces an object that is still as `read` (the value an earlier read gave).
    /// A value equal to the stored one is not written again, as upstream.
    ///
    /// # Errors
    /// [`WriteError::NotFound`] and [`WriteError::Changed`].
    pub fn update(&self, key: Key, read: &Arc<Value>, mut object: Value) -> Result<Arc<Value>, WriteError> {
        let mut inner = self.lock();
        let current = inner.objects.get(&key).cloned().ok_or(WriteError::NotFound)?;
        if meta::resource_version(&current) != meta::resource_version(read) {
            return Err(WriteError::Changed);
        }
        meta::set_resource_version(&mut object, meta::resource_version(&current));
        if object == *current {
            return Ok(current);
        }
        Ok(self.write(&mut inner, key, object, EventType::Modified, Some(current)))
    }

    /// Removes an object that is still as `read`. What it was last, with the revision of its removal, is given back.
    ///
    /// # Errors
    /// [`WriteError::NotFound`] and [`WriteError::Changed`].
    pub fn delete(&self, key: &Key, read: &Arc<Value>) -> Result<Arc<Value>, WriteError> {
        let mut inner = self.lock();
        let current = inner.objects.get(key).cloned().ok_or(WriteError::NotFound)?;
        if meta::resource_version(&current) != meta::resource_version(read) {
            return Err(WriteError::Changed);
        }
        self.remove(&mut inner, key).ok_or(WriteError::NotFound)
    }

    fn write(
        &self,
        inner: &mut Inner,
        key: Key,
        mut object: Value,
        kind: EventType,
        previous: Option<Arc<Value>>,
    ) -> Arc<Value> {
        inner.revision += 1;
        let revision = inner.revision;
        stamp(&mut object, revision);
        let object = Arc::new(object);
        inner.objects.insert(key.clone(), Arc::clone(&object));
        inner.history.push(Event { revision, key, kind, object: Arc::clone(&object), previous });
        self.revised.send_replace(revision);
        object
    }

    /// Follows a resource from after a revision.
    ///
    /// # Errors
    /// [`Expired`] when the history no longer reaches back that far.
    pub fn watch(&self, resource: &str, namespace: Option<&str>, since: u64) -> Result<Watch, Expired> {
        let inner = self.lock();
        inner.history.reaches(since)?;
        Ok(Watch::new(self.clone(), self.revised.subscribe(), resource, namespace, since))
    }

    /// Waits until something is so; looks again after each write.
    pub async fn wait_until(&self, is_so: impl Fn() -> bool) {
        let mut revised = self.revised.subscribe();
        while !is_so() {
            // The sender lives as long as this store, so this cannot fail.
            if revised.changed().await.is_err() {
                return;
            }
        }
    }

    /// The events after `since` that `wanted` picks, and the revision read up to.
    fn events_after(&self, since: u64, wanted: impl Fn(&Event) -> bool) -> Result<(Vec<Arc<Event>>, u64), Expired> {
        let inner = self.lock();
        inner.history.reaches(since)?;
        Ok((inner.history.after(since).filter(|event| wanted(event)).cloned().collect(), inner.revision))
    }
}

fn path_order(namespace: &str) -> impl Iterator<Item = u8> {
    namespace.bytes().chain([b'/'])
}

fn stamp(object: &mut Value, revision: u64) {
    meta::set_resource_version(object, &revision.to_string());
}

#[cfg(test)]
mod tests {
    use super::{EventType, Key, Store, WriteError};
    use serde_json::json;

    fn key(name: &str) -> Key {
        Key::new("serviceaccounts", "default", name)
    }

    #[test]
    fn no_update_is_lost() {
        let store = Store::new();
        let first = store.create(key("a"), json!({"metadata": {"name": "a"}})).expect("created");
        assert_eq!(store.create(key("a"), json!({})), Err(WriteError::Exists));
        let second = store.update(key("a"), &first, json!({"metadata": {"name": "a"}, "x": 1})).expect("updated");
        assert_eq!(store.update(key("a"), &first, json!({"x": 2})), Err(WriteError::Changed));
        assert_eq!(store.delete(&key("a"), &first).err(), Some(WriteError::Changed));
        assert!(store.delete(&key("a"), &second).is_ok());
        assert_eq!(store.delete(&key("a"), &second).err(), Some(WriteError::NotFound));
    }

    #[test]
    fn writing_the_same_again_changes_nothing() {
        let store = Store::new();
        let first = store.create(key("a"), json!({"metadata": {"name": "a"}})).expect("created");
        let again = store.update(key("a"), &first, json!({"metadata": {"name": "a"}})).expect("unchanged");
        assert_eq!(first, again);
        assert_eq!(store.revision(), 2);
    }

    #[test]
    fn lists_keep_to_the_resource_and_the_namespace() {
        let store = Store::new();
        for (resource, namespace, name) in
            [("pods", "a", "x"), ("pods", "b", "y"), ("podsecrets", "a", "z"), ("secrets", "a", "w")]
        {
            store.create(Key::new(resource, namespace, name), json!({"metadata": {"name": name}})).expect("created");
        }
        let names = |namespace| {
            store.list("pods", namespace).0.iter().map(|o| o["metadata"]["name"].to_string()).collect::<Vec<_>>()
        };
        assert_eq!(names(None), ["\"x\"", "\"y\""]);
        assert_eq!(names(Some("b")), ["\"y\""]);
    }

    #[tokio::test]
    async fn a_watch_sees_what_happened_and_what_happens() {
        let store = Store::new();
        let a = store.create(key("a"), json!({"metadata": {"name": "a"}})).expect("created");
        let mut watch = store.watch("serviceaccounts", Some("default"), 1).expect("in reach");
        store.create(Key::new("secrets", "default", "s"), json!({})).expect("created");
        store.delete(&key("a"), &a).expect("deleted");
        let mut seen = Vec::new();
        while seen.len() < 2 {
            seen.extend(watch.next().await.expect("in reach").iter().map(|event| event.kind));
        }
        assert_eq!(seen, [EventType::Added, EventType::Deleted]);
    }
}
