//! The tokens that a command line sends: what its `curl` carries, and what its `kubectl` was handed.

use std::sync::{Arc, Mutex, PoisonError};

use crate::token;

/// How many tokens of one line are kept.
const KEPT: usize = 32;

/// The tokens that were sent since the line began. All of the line's programs share it.
#[derive(Clone, Default)]
pub(super) struct Sent(Arc<Mutex<Vec<String>>>);

impl Sent {
    /// Keeps the tokens in something that is sent.
    pub(super) fn note(&self, text: &str) {
        let mut sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = KEPT.saturating_sub(sent.len());
        sent.extend(token::find_in(text).into_iter().take(room).map(str::to_owned));
    }

    /// What was kept, which is forgotten here.
    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
