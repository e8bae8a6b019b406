//! All objects as they were at a moment, and going back to them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::{Event, EventType, Key, Store};
use crate::apimachinery::meta;

/// The objects of a store at a moment. It shares them with the store.
#[derive(Clone, Debug)]
pub struct Snapshot(BTreeMap<Key, Arc<Value>>);

impl Snapshot {
    /// How many objects there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every object, in the order of the keys.
    pub fn objects(&self) -> impl Iterator<Item = (&Key, &Arc<Value>)> {
        self.0.iter()
    }

    /// The object of a key.
    pub fn get(&self, key: &Key) -> Option<&Arc<Value>> {
        self.0.get(key)
    }
}

impl Store {
    /// The objects as they are now.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot(self.lock().objects.clone())
    }

    /// Writes what differs from the snapshot, so that all is as it was then. The revision goes on: whoever watches sees
    /// each difference as a change, as if somebody had made it.
    pub fn restore(&self, snapshot: &Snapshot) {
        let mut inner = self.lock();
        let gone: Vec<Key> = inner.objects.keys().filter(|key| !snapshot.0.contains_key(*key)).cloned().collect();
        for key in gone {
            self.remove(&mut inner, &key);
        }
        for (key, object) in &snapshot.0 {
            let current = inner.objects.get(key).cloned();
            match current {
                Some(current) if same(&current, object) => {}
                Some(current) if meta::uid(&current) == meta::uid(object) => {
                    self.write(&mut inner, key.clone(), Value::clone(object), EventType::Modified, Some(current));
                }
                // Another object of the same name: nobody may take the one for the other.
                Some(_) => {
                    self.remove(&mut inner, key);
                    self.write(&mut inner, key.clone(), Value::clone(object), EventType::Added, None);
                }
                None => drop(self.write(&mut inner, key.clone(), Value::clone(object), EventType::Added, None)),
            }
        }
    }

    /// Removes an object; what it was last, with the revision of its removal.
    pub(super) fn remove(&self, inner: &mut super::Inner, key: &Key) -> Option<Arc<Value>> {
        let current = inner.objects.remove(key)?;
        inner.revision += 1;
        let revision = inner.revision;
        let mut last = Value::clone(&current);
        super::stamp(&mut last, revision);
        let last = Arc::new(last);
        inner.history.push(Event {
            revision,
            key: key.clone(),
            kind: EventType::Deleted,
            object: Arc::clone(&last),
            previous: Some(current),
        });
        self.revised.send_replace(revision);
        Some(last)
    }
}

/// Whether two are the same but for the revision they were written at.
fn same(one: &Arc<Value>, other: &Arc<Value>) -> bool {
    if Arc::ptr_eq(one, other) {
        return true;
    }
    let mut one = Value::clone(one);
    meta::set_resource_version(&mut one, meta::resource_version(other));
    one == **other
}

#[cfg(test)]
mod tests {
    use super::{EventType, Key, Store};
    use serde_json::json;

    #[tokio::test]
    async fn going_back_is_seen_as_changes() {
        let store = Store::new();
        let key = |name: &str| Key::new("secrets", "default", name);
        let object = |name: &str, uid: &str, value: u8| json!({"metadata": {"name": name, "uid": uid}, "x": value});
        for name in ["kept", "changed", "deleted", "replaced"] {
            store.create(key(name), object(name, name, 1)).expect("created");
        }
        let before = store.snapshot();
        let stored = |name: &str| store.get(&key(name)).expect("there");
        store.update(key("changed"), &stored("changed"), object("changed", "changed", 2)).expect("updated");
        for name in ["deleted", "replaced"] {
            store.delete(&key(name), &stored(name)).expect("deleted");
        }
        store.create(key("replaced"), object("replaced", "another", 1)).expect("created");
        store.create(key("made"), object("made", "made", 1)).expect("created");
        let after = store.snapshot();
        for (there, want) in
            [(&before, ["changed", "deleted", "kept", "replaced"]), (&after, ["changed", "kept", "made", "replaced"])]
        {
            let mut watch = store.watch("secrets", None, store.revision()).expect("in reach");
            store.restore(there);
            let objects = store.snapshot();
            let names: Vec<&str> = objects.objects().map(|(key, _)| key.name.as_str()).collect();
            assert_eq!(names, want);
            assert!(there.objects().all(|(key, object)| super::same(object, objects.get(key).expect("there"))));
            let events = watch.next().await.expect("in reach");
            let told = events.iter().filter(|event| event.key.name == "replaced").map(|event| event.kind);
            assert_eq!(told.collect::<Vec<_>>(), [EventType::Deleted, EventType::Added]);
            assert!(!events.iter().any(|event| event.key.name == "kept"));
        }
    }
}
