//! Panics that no test asked for: those of the program's own code, in whatever task they happen.

use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

static SEEN: AtomicUsize = AtomicUsize::new(0);

/// Begins to count.
pub fn watch() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            // A test that fails panics too, in its own file; that is its own affair.
            if !panic.location().is_some_and(|at| at.file().starts_with("tests")) {
                SEEN.fetch_add(1, Ordering::Relaxed);
            }
            report(panic);
        }));
    });
}

/// Nothing has fallen since [`watch`].
#[track_caller]
pub fn expect_none(after: impl std::fmt::Display) {
    assert_eq!(SEEN.load(Ordering::Relaxed), 0, "panics after {after}");
}
