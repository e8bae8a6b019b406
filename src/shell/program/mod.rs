//! The programs that only a prompt has: those of the session, of its cluster and of the tutor's screen.

mod clear;
mod edit;
mod help;
mod history;
mod kubectl;

use super::Session;
use crate::unix::{Call, Program};

/// In alphabetical order.
pub(super) static OWN: &[Program] =
    &[clear::CLEAR, edit::EDIT, help::HELP, history::HISTORY, kubectl::KUBECTL, edit::NANO, edit::VI, edit::VIM];

/// The session that a program belongs to. Where there is none (it is not a prompt's machine), the program says so.
fn session(call: &mut Call<'_>) -> Option<std::sync::Arc<Session>> {
    let session = std::sync::Arc::clone(&call.shell.machine.owner).downcast::<Session>();
    if session.is_err() {
        call.complain("there is no session here");
    }
    session.ok()
}
