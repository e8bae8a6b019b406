//! Events do not stay: each goes an hour after it was last written, as `--event-ttl` has it by default.
//! Upstream: etcd leases, asked for in pkg/registry/core/event/storage.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{EventType, Key, Store};
use crate::apimachinery::meta;
use crate::base::Clock;

/// The resource whose objects do not stay.
const EVENTS: &str = "events";
/// How long they are kept.
const EVENT_TTL: SignedDuration = SignedDuration::from_hours(1);

/// Removes events when their time is over. Never ends by itself.
pub async fn expire_events(store: Store, clock: Clock) {
    let end = || clock.now().checked_add(EVENT_TTL).unwrap_or(Timestamp::MAX);
    loop {
        let (objects, revision) = store.list(EVENTS, None);
        let mut due: BTreeMap<Key, Timestamp> = objects
            .iter()
            .map(|object| (Key::new(EVENTS, meta::namespace(object), meta::name(object)), end()))
            .collect();
        let Ok(mut watch) = store.watch(EVENTS, None, revision) else { continue };
        loop {
            let next = due.values().min().copied().unwrap_or(Timestamp::MAX);
            tokio::select! {
                written = watch.next() => {
                    // Too slow to have seen all: begin again with what is there.
                    let Ok(written) = written else { break };
                    for event in written {
                        match event.kind {
                            EventType::Deleted => due.remove(&event.key),
                            _ => due.insert(event.key.clone(), end()),
                        };
                    }
                }
                () = clock.sleep_until(next) => {
                    let now = clock.now();
                    let over: Vec<Key> =
                        due.iter().filter(|(_, at)| **at <= now).map(|(key, _)| key.clone()).collect();
                    for key in over {
                        due.remove(&key);
                        if let Some(read) = store.get(&key) {
                            // One that is written just now has another hour, which its change brings.
                            let _ = store.delete(&key, &read);
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::{SignedDuration, Timestamp};
    use serde_json::json;

    use super::expire_events;
    use crate::base::Clock;
    use crate::simulator::storage::{Key, Store};

    #[tokio::test]
    async fn an_event_goes_an_hour_after_its_last_writing() {
        let (store, clock) = (Store::new(), Clock::still(Timestamp::UNIX_EPOCH));
        let task = tokio::spawn(expire_events(store.clone(), clock.clone()));
        let key = |name: &str| Key::new("events", "default", name);
        let made = |name: &str| json!({"kind": "Event", "metadata": {"name": name, "namespace": "default"}});
        let kept = Key::new("configmaps", "default", "kept");
        store.create(kept.clone(), json!({"metadata": {"name": "kept", "namespace": "default"}})).expect("made");
        for name in ["once", "again"] {
            store.create(key(name), made(name)).expect("made");
        }
        let settle = || async {
            for _ in 0..20 {
                tokio::task::yield_now().await
            }
        };
        settle().await;
        clock.advance(SignedDuration::from_mins(40));
        settle().await;
        let read = store.get(&key("again")).expect("there");
        let mut counted = made("again");
        counted["count"] = json!(2);
        store.update(key("again"), &read, counted).expect("written");
        settle().await;
        clock.advance(SignedDuration::from_mins(40));
        let gone =
            tokio::time::timeout(Duration::from_secs(10), store.wait_until(|| store.get(&key("once")).is_none()));
        gone.await.expect("gone");
        assert!(store.get(&key("again")).is_some());
        clock.advance(SignedDuration::from_mins(30));
        let gone =
            tokio::time::timeout(Duration::from_secs(10), store.wait_until(|| store.get(&key("again")).is_none()));
        gone.await.expect("gone");
        assert!(store.get(&kept).is_some());
        task.abort();
    }
}
