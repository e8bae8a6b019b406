//! Writes what happened to an object as events, counting repetitions. Upstream: client-go/tools/record.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use serde_json::{Value, json};

use crate::apimachinery::meta;
use crate::base::Clock;

use super::api::{Api, EVENTS, Key};

/// Whether an event is good or bad news.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    /// As it should be.
    Normal,
    /// Worth a look.
    Warning,
}

impl Type {
    fn word(self) -> &'static str {
        match self {
            Self::Normal => "Normal",
            Self::Warning => "Warning",
        }
    }
}

/// Reports as one component. Cloning it gives the same one.
#[derive(Clone)]
pub struct Recorder {
    api: Api,
    clock: Clock,
    component: &'static str,
    host: String,
    seen: Arc<std::sync::Mutex<BTreeMap<String, (Key, u64)>>>,
}

impl Recorder {
    /// A recorder for a component, on a host (or none, when empty).
    pub fn new(api: Api, clock: Clock, component: &'static str, host: &str) -> Self {
        Self { api, clock, component, host: host.to_owned(), seen: Arc::default() }
    }

    /// Records one event about an object. That it cannot be written is nobody's failure.
    pub async fn event(&self, object: &Value, kind: Type, reason: &str, message: &str) {
        self.event_at(object, "", kind, reason, message).await;
    }

    /// Records one event about a part of an object, such as `spec.containers{app}`.
    pub async fn event_at(&self, object: &Value, field_path: &str, kind: Type, reason: &str, message: &str) {
        let same = [meta::uid(object), field_path, kind.word(), reason, message].join("\u{0}");
        let now = meta::time(self.clock.now());
        let known = self.lock().get(&same).cloned();
        if let Some((key, count)) = known {
            let patch = json!({"count": count + 1, "lastTimestamp": now});
            if self.api.patch(&key, "", &patch).await.is_ok() {
                self.lock().insert(same, (key, count + 1));
                return;
            }
        }
        let namespace = match meta::namespace(object) {
            "" => "default",
            namespace => namespace,
        };
        let mut involved = json!({
            "kind": object["kind"],
            "namespace": meta::namespace(object),
            "name": meta::name(object),
            "uid": meta::uid(object),
            "apiVersion": object["apiVersion"],
            "resourceVersion": meta::resource_version(object),
        });
        if !field_path.is_empty() {
            involved["fieldPath"] = field_path.into();
        }
        if meta::namespace(object).is_empty() {
            involved.as_object_mut().map(|map| map.shift_remove("namespace"));
        }
        let mut source = json!({"component": self.component});
        if !self.host.is_empty() {
            source["host"] = self.host.as_str().into();
        }
        let event = json!({
            "kind": "Event",
            "apiVersion": "v1",
            "metadata": {"name": self.name(meta::name(object)), "namespace": namespace},
            "involvedObject": involved,
            "reason": reason,
            "message": message,
            "source": source,
            "firstTimestamp": now,
            "lastTimestamp": now,
            "count": 1,
            "type": kind.word(),
            "reportingComponent": self.component,
            "reportingInstance": self.host,
        });
        match self.api.create(EVENTS, namespace, &event).await {
            Ok(created) => {
                self.lock().insert(same, (Key::of(EVENTS, &created), 1));
            }
            Err(failure) => tracing::debug!(reason, %failure, "event not recorded"),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, (Key, u64)>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The object's name and the time in hexadecimal nanoseconds: a list of an object's events is in their order.
    fn name(&self, object: &str) -> String {
        format!("{object}.{:016x}", self.clock.stamp())
    }
}
