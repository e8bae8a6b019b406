//! What happened lately, so that a watch can begin in the past.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::Value;

use super::{Expired, Key};

/// How many events are kept. A watch from before them gets `410 Gone` and lists again.
const KEPT: usize = 20_000;

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventType {
    /// It was created.
    Added,
    /// It was changed.
    Modified,
    /// It was removed.
    Deleted,
}

/// One write.
#[derive(Clone, Debug)]
pub struct Event {
    /// The revision the write made.
    pub revision: u64,
    /// The object written.
    pub key: Key,
    /// What happened to it.
    pub kind: EventType,
    /// The object after the write; as it was last, if it was removed.
    pub object: Arc<Value>,
    /// The object before the write.
    pub previous: Option<Arc<Value>>,
}

/// The last events, in order.
#[derive(Debug)]
pub(super) struct History {
    events: VecDeque<Arc<Event>>,
    /// The newest revision whose event is no longer kept.
    forgotten: u64,
}

impl History {
    pub(super) fn new() -> Self {
        Self { events: VecDeque::new(), forgotten: 0 }
    }

    pub(super) fn push(&mut self, event: Event) {
        if self.events.len() == KEPT
            && let Some(oldest) = self.events.pop_front()
        {
            self.forgotten = oldest.revision;
        }
        self.events.push_back(Arc::new(event));
    }

    pub(super) fn reaches(&self, since: u64) -> Result<(), Expired> {
        if since < self.forgotten { Err(Expired { asked: since, oldest: self.forgotten }) } else { Ok(()) }
    }

    pub(super) fn after(&self, since: u64) -> impl Iterator<Item = &Arc<Event>> {
        // Whoever watches has read nearly all.
        let unread = self.events.iter().rev().take_while(|event| event.revision > since).count();
        self.events.range(self.events.len() - unread..)
    }
}
