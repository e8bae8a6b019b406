//! Events last an hour; then they are gone, without anybody's doing. Upstream: `--event-ttl` and etcd's leases.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::apimachinery::meta;

use super::ControlPlane;
use super::storage::Key;

const EVENTS: &str = "events";
/// `--event-ttl`
const LIFE: SignedDuration = SignedDuration::from_hours(1);

/// Removes events when their time is over. Never ends by itself.
pub async fn run(plane: Arc<ControlPlane>) {
    loop {
        let now = plane.clock.now();
        let (events, _) = plane.store.list(EVENTS, None);
        for event in events.iter().filter(|event| ends(event).is_some_and(|end| end <= now)) {
            let key = Key::new(EVENTS, meta::namespace(event), meta::name(event));
            // One that was written meanwhile lives on.
            drop(plane.store.delete(&key, event));
        }
        let (events, _) = plane.store.list(EVENTS, None);
        match events.iter().filter_map(|event| ends(event)).min() {
            // No later event ends before this one.
            Some(end) => plane.clock.sleep_until(end).await,
            None => {
                let store = &plane.store;
                store.wait_until(|| store.list(EVENTS, None).0.iter().any(|event| ends(event).is_some())).await;
            }
        }
    }
}

/// When an event ends: an hour after it was last written.
fn ends(event: &Value) -> Option<Timestamp> {
    let time = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).and_then(|text| text.parse().ok());
    let written = ["/lastTimestamp", "/series/lastObservedTime", "/metadata/creationTimestamp"];
    let last: Timestamp = written.into_iter().filter_map(time).max()?;
    last.checked_add(LIFE).ok()
}
