//! The one source of *now*. It can be moved forward, and those who sleep on it wake up.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

/// A clock shared by all parts of a session. Cloning it gives the same clock.
#[derive(Clone, Debug)]
pub struct Clock {
    source: Source,
    /// How far the clock was moved forward, in milliseconds.
    advanced: Arc<AtomicI64>,
    /// The last stamp given out, in nanoseconds of the Unix time.
    stamped: Arc<AtomicI64>,
    moved: watch::Sender<u64>,
}

/// How far a clock was moved at some moment; [`Clock::turn_back`] takes it there again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    advanced: i64,
    stamped: i64,
}

impl Mark {
    /// Whether a clock was moved as far at one mark as at the other.
    pub fn is_as_far(self, other: Self) -> bool {
        self.advanced == other.advanced
    }
}

#[derive(Clone, Copy, Debug)]
enum Source {
    System,
    Still(Timestamp),
}

impl Clock {
    /// The machine's clock; [`Clock::advance`] adds to it.
    pub fn system() -> Self {
        Self::with(Source::System)
    }

    /// A clock that stands still at `at` until it is advanced: for tests and replays.
    pub fn still(at: Timestamp) -> Self {
        Self::with(Source::Still(at))
    }

    fn with(source: Source) -> Self {
        Self { source, advanced: Arc::default(), stamped: Arc::default(), moved: watch::Sender::new(0) }
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        let base = match self.source {
            Source::System => Timestamp::now(),
            Source::Still(at) => at,
        };
        let advanced = SignedDuration::from_millis(self.advanced.load(Ordering::Relaxed));
        base.checked_add(advanced).unwrap_or(Timestamp::MAX)
    }

    /// The present moment cut to whole seconds, as Kubernetes stores times.
    pub fn now_seconds(&self) -> Timestamp {
        Timestamp::from_second(self.now().as_second()).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// The present moment in nanoseconds of the Unix time, later than every stamp given before: what is named by its
    /// stamp sorts in the order in which it happened, even while the clock stands still.
    pub fn stamp(&self) -> i64 {
        let now = i64::try_from(self.now().as_nanosecond()).unwrap_or(i64::MAX - 1);
        let next = |last: i64| now.max(last.saturating_add(1));
        match self.stamped.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(next(last))) {
            Ok(last) | Err(last) => next(last),
        }
    }

    /// Moves the clock forward. A negative duration is ignored: time does not run backwards.
    pub fn advance(&self, by: SignedDuration) {
        let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX).max(0);
        let _ =
            self.advanced.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |now| Some(now.saturating_add(millis)));
        self.moved.send_modify(|count| *count += 1);
    }

    /// How far it was moved by now.
    pub fn mark(&self) -> Mark {
        Mark { advanced: self.advanced.load(Ordering::Relaxed), stamped: self.stamped.load(Ordering::Relaxed) }
    }

    /// Takes back what it was moved since the mark. Only a cluster that goes back to what it was then may be shown this:
    /// for all others time goes forward. Whoever sleeps sleeps as long as was left.
    pub fn turn_back(&self, to: Mark) {
        self.advanced.store(to.advanced, Ordering::Relaxed);
        self.stamped.store(to.stamped, Ordering::Relaxed);
        self.moved.send_modify(|count| *count += 1);
    }

    /// What the source shows: the time outside, for what is looked at there (certificates, say).
    pub fn outside(&self) -> Timestamp {
        self.now().checked_sub(self.ahead()).unwrap_or(Timestamp::MIN)
    }

    /// How far the clock is ahead of its source.
    pub fn ahead(&self) -> SignedDuration {
        SignedDuration::from_millis(self.advanced.load(Ordering::Relaxed))
    }

    /// Waits until this clock shows `until`: by the passing of time, or because it was advanced.
    pub async fn sleep_until(&self, until: Timestamp) {
        let mut moved = self.moved.subscribe();
        let (mut until, mut seen) = (until, self.now());
        loop {
            let now = self.now();
            if now < seen {
                until = until.checked_sub(seen.duration_since(now)).unwrap_or(until);
            }
            seen = now;
            let left = until.duration_since(now);
            let Ok(left) = Duration::try_from(left) else { return };
            if left.is_zero() {
                return;
            }
            match self.source {
                // Long sleeps are cut, because the machine may have been suspended meanwhile.
                Source::System => tokio::select! {
                    () = tokio::time::sleep(left.min(Duration::from_secs(60))) => {}
                    _ = moved.changed() => {}
                },
                Source::Still(_) => {
                    let _ = moved.changed().await;
                }
            }
        }
    }

    /// Waits for a span of this clock's time.
    pub async fn sleep(&self, span: SignedDuration) {
        let until = self.now().checked_add(span).unwrap_or(Timestamp::MAX);
        self.sleep_until(until).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_grow_while_the_clock_stands() {
        let clock = Clock::still(Timestamp::UNIX_EPOCH);
        let stamps = [clock.stamp(), clock.clone().stamp(), clock.stamp()];
        assert!(stamps.is_sorted_by(|first, second| first < second), "{stamps:?}");
        clock.advance(SignedDuration::from_secs(1));
        assert_eq!(clock.stamp(), 1_000_000_000);
    }

    #[tokio::test]
    async fn whoever_sleeps_while_the_clock_is_turned_back_sleeps_no_longer() {
        let clock = Clock::still(Timestamp::UNIX_EPOCH);
        let mark = clock.mark();
        clock.advance(SignedDuration::from_hours(9000));
        let mut sleeper = Box::pin(clock.sleep(SignedDuration::from_secs(3)));
        assert!(futures::poll!(&mut sleeper).is_pending());
        clock.turn_back(mark);
        assert_eq!((clock.now(), clock.ahead()), (Timestamp::UNIX_EPOCH, SignedDuration::ZERO));
        assert!(futures::poll!(&mut sleeper).is_pending());
        clock.advance(SignedDuration::from_secs(3));
        sleeper.await;
    }

    #[tokio::test]
    async fn whoever_sleeps_wakes_when_the_clock_is_moved() {
        for clock in [Clock::system(), Clock::still(Timestamp::UNIX_EPOCH)] {
            let slept = tokio::spawn({
                let clock = clock.clone();
                async move { clock.sleep(SignedDuration::from_hours(5)).await }
            });
            // Two steps: the first is not far enough, and it may come before the sleeper lies down.
            clock.advance(SignedDuration::from_hours(2));
            tokio::task::yield_now().await;
            clock.advance(SignedDuration::from_hours(5));
            clock.advance(SignedDuration::from_hours(-9));
            slept.await.expect("awake");
            assert_eq!(clock.ahead(), SignedDuration::from_hours(7));
            assert!(clock.now().duration_since(clock.outside()) > SignedDuration::from_hours(6));
        }
    }
}
