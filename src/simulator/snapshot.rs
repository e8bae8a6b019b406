//! A whole cluster as it was at a moment, and going back to it.
//!
//! Going back is not a new cluster: clients, doors and watches stay, and see each difference as a change.

use super::{Simulator, kubelet, set_to_work, storage};
use crate::base::Mark;

/// A cluster at a moment: its objects, what its node runs, and its time. It shares what can be shared.
#[derive(Clone)]
pub struct Snapshot {
    /// The objects.
    pub objects: storage::Snapshot,
    /// What the node runs.
    pub node: kubelet::Snapshot,
    /// How far the clock was moved.
    pub clock: Mark,
}

impl Simulator {
    /// The cluster as it is now.
    pub async fn snapshot(&self) -> Snapshot {
        // The node first: what it does between the two, it does again, and finds it done.
        let node = self.api.kubelet.snapshot().await;
        let plane = &self.api.plane;
        Snapshot { objects: plane.store.snapshot(), node, clock: plane.clock.mark() }
    }

    /// Goes back (or on) to what was at a moment. The clock is turned for all clusters that share it.
    pub async fn restore(&self, snapshot: &Snapshot) {
        let mut work = self.work.lock().await;
        // Nobody may act on what is no longer so.
        work.shutdown().await;
        let plane = &self.api.plane;
        plane.clock.turn_back(snapshot.clock);
        plane.accepted_tokens.clear();
        plane.impersonations.clear();
        self.api.kubelet.restore(&snapshot.node).await;
        plane.store.restore(&snapshot.objects);
        set_to_work(&mut work, &self.api, &self.controllers);
        let kubelet = self.api.kubelet.clone();
        work.spawn(async move { kubelet.resume().await });
    }
}
