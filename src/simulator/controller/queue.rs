//! Keys waiting to be looked at: each at most once, some later. Upstream: client-go/util/workqueue.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

use crate::base::Clock;

/// Retries that come at once; later ones wait.
const EAGER: u32 = 3;
/// The longest a failing key waits.
const LONGEST: i64 = 60_000;

/// A queue for one worker. A key added twice before it is taken is taken once.
pub struct Queue<K> {
    clock: Clock,
    waiting: Mutex<Waiting<K>>,
    added: Notify,
}

struct Waiting<K> {
    ready: VecDeque<K>,
    queued: BTreeSet<K>,
    later: BTreeMap<K, Timestamp>,
    failures: BTreeMap<K, u32>,
}

impl<K: Ord + Clone> Queue<K> {
    /// An empty queue on this clock.
    pub fn new(clock: Clock) -> Self {
        let waiting = Waiting {
            ready: VecDeque::new(),
            queued: BTreeSet::new(),
            later: BTreeMap::new(),
            failures: BTreeMap::new(),
        };
        Self { clock, waiting: Mutex::new(waiting), added: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<K>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// To be taken soon.
    pub fn add(&self, key: K) {
        let mut waiting = self.lock();
        if waiting.queued.insert(key.clone()) {
            waiting.ready.push_back(key);
        }
        drop(waiting);
        self.added.notify_one();
    }

    /// To be taken when the clock shows `at`; the earlier of two wishes counts.
    pub fn add_at(&self, key: K, at: Timestamp) {
        let mut waiting = self.lock();
        let due = waiting.later.entry(key).or_insert(at);
        *due = (*due).min(at);
        drop(waiting);
        self.added.notify_one();
    }

    /// To be taken again after a failure: at first soon, then after growing pauses.
    pub fn retry(&self, key: K) {
        let failures = {
            let mut waiting = self.lock();
            let count = waiting.failures.entry(key.clone()).or_insert(0);
            *count = count.saturating_add(1);
            *count
        };
        let pause = pause_after(failures);
        if pause.is_zero() {
            self.add(key);
        } else {
            self.add_at(key, self.clock.now().checked_add(pause).unwrap_or(Timestamp::MAX));
        }
    }

    /// The key did well: its failures are forgotten.
    pub fn forget(&self, key: &K) {
        self.lock().failures.remove(key);
    }

    /// The next key; waits for one.
    pub async fn next(&self) -> K {
        loop {
            let (taken, wake) = self.take();
            if let Some(key) = taken {
                return key;
            }
            match wake {
                None => self.added.notified().await,
                Some(at) => tokio::select! {
                    () = self.added.notified() => {}
                    () = self.clock.sleep_until(at) => {}
                },
            }
        }
    }

    fn take(&self) -> (Option<K>, Option<Timestamp>) {
        let now = self.clock.now();
        let mut waiting = self.lock();
        let due: Vec<K> = waiting.later.iter().filter(|(_, at)| **at <= now).map(|(key, _)| key.clone()).collect();
        for key in due {
            waiting.later.remove(&key);
            if waiting.queued.insert(key.clone()) {
                waiting.ready.push_back(key);
            }
        }
        let taken = waiting.ready.pop_front();
        if let Some(key) = &taken {
            waiting.queued.remove(key);
        }
        let wake = waiting.later.values().min().copied();
        (taken, wake)
    }
}

/// How long a key waits after so many failures in a row.
fn pause_after(failures: u32) -> SignedDuration {
    match failures.checked_sub(EAGER + 1) {
        None => SignedDuration::ZERO,
        Some(step) => SignedDuration::from_millis((100_i64 << step.min(16)).min(LONGEST)),
    }
}

#[cfg(test)]
mod tests {
    use super::{Queue, pause_after};
    use crate::base::Clock;
    use jiff::{SignedDuration, Timestamp};

    #[test]
    fn pauses_grow_to_a_limit() {
        for (failures, millis) in [(1, 0), (3, 0), (4, 100), (5, 200), (8, 1600), (40, 60_000)] {
            assert_eq!(pause_after(failures), SignedDuration::from_millis(millis), "{failures}");
        }
    }

    #[tokio::test]
    async fn a_key_is_taken_once_and_late_ones_on_the_clock() {
        let clock = Clock::still(Timestamp::UNIX_EPOCH);
        let queue = Queue::new(clock.clone());
        queue.add("a");
        queue.add("a");
        queue.add_at("late", clock.now() + SignedDuration::from_secs(60));
        queue.add("b");
        assert_eq!((queue.next().await, queue.next().await), ("a", "b"));
        let (late, ()) = tokio::join!(queue.next(), async { clock.advance(SignedDuration::from_secs(61)) });
        assert_eq!(late, "late");
    }
}
