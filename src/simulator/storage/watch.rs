//! A watch: reads the history onwards, and sleeps while there is nothing new.

use std::sync::Arc;

use tokio::sync::watch as signal;

use super::{Event, Store};

/// The history no longer holds what a watch needs. Upstream's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too old resource version: {asked} ({oldest})")]
pub struct Expired {
    /// The revision asked for.
    pub asked: u64,
    /// The newest one that is no longer kept.
    pub oldest: u64,
}

/// The events of one resource, in order, none missing.
#[derive(Debug)]
pub struct Watch {
    store: Store,
    revised: signal::Receiver<u64>,
    resource: String,
    namespace: Option<String>,
    seen: u64,
}

impl Watch {
    pub(super) fn new(
        store: Store,
        revised: signal::Receiver<u64>,
        resource: &str,
        namespace: Option<&str>,
        since: u64,
    ) -> Self {
        Self { store, revised, resource: resource.to_owned(), namespace: namespace.map(str::to_owned), seen: since }
    }

    /// The revision up to which everything was seen.
    pub fn revision(&self) -> u64 {
        self.seen
    }

    /// The next events; waits until there are some.
    ///
    /// # Errors
    /// [`Expired`] when this watcher was too slow.
    pub async fn next(&mut self) -> Result<Vec<Arc<Event>>, Expired> {
        loop {
            self.revised.borrow_and_update();
            let wanted = |event: &Event| {
                event.key.resource == self.resource
                    && self.namespace.as_ref().is_none_or(|namespace| *namespace == event.key.namespace)
            };
            let (events, revision) = self.store.events_after(self.seen, wanted)?;
            self.seen = revision;
            if !events.is_empty() {
                return Ok(events);
            }
            if self.revised.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}
