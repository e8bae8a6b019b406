//! Everything the tutor wants done. `update` only asks; the room above does it, and answers with a [`Msg`](super::Msg).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::msg::TokenSource;
use super::pane::mount::Look;
use crate::apimachinery::Release;
use crate::course::ProgressEvent;
use crate::token::Forgery;

/// How far the clock is to be moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Jump {
    /// By so many seconds.
    By(i64),
    /// To this moment: what comes next has happened then.
    To(Timestamp),
}

/// A wish.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Effect {
    /// Run what was typed. Answers: `Output`, `CommandDone`, then `Checks`.
    Run(String),
    /// Stop the running command. Answer: `CommandDone`.
    Cancel,
    /// Take back what the last command changed. Answer: `Turned`, or `Notice` why not.
    Undo,
    /// Do again what was taken back. Answer: `Turned`, or `Notice` why not.
    Redo,
    /// Move the simulated clock forward. Answer: `News::Clock`, or `Notice` why not.
    Advance(Jump),
    /// Go to a step of a lesson (counted from 0). Answer: `LessonOpened`.
    OpenLesson {
        /// The lesson's name.
        id: String,
        /// The step, from 0.
        step: usize,
        /// Whether it must have a cluster made anew, whatever was done on the one that is there.
        afresh: bool,
    },
    /// Read the course list again, with its progress. Answer: `Course`.
    ListCourse,
    /// Keep what the learner has done.
    Remember(ProgressEvent),
    /// Keep what the learner chose of the looks.
    KeepSetting {
        /// The setting.
        key: String,
        /// What it is from now on.
        word: String,
    },
    /// Take the mouse, or give it to the terminal.
    Mouse(bool),
    /// Put a text into the terminal's clipboard. It holds no token.
    Copy(String),
    /// Keep a line of the prompt's history. Lines that hold a token are never handed over.
    SaveHistory(String),
    /// Fetch and decode a token. Answer: `Token`, or `Failure`.
    ReadToken {
        /// The namespace it lives in.
        namespace: String,
        /// What holds it.
        from: TokenSource,
    },
    /// Look at a mount from within its container. Answer: `News::Mount`.
    LookInto(Box<Look>),
    /// Forge the token with this number, and try it on the step's cluster. Answer: `Tampered`.
    Tamper {
        /// The number, as `TokenSeen` has it.
        token: u64,
        /// What is done to it.
        forgery: Forgery,
    },
    /// Write a file of the learner's home directory. Answer: `FileSaved`, or `Failure`.
    SaveFile {
        /// Its path, as it was given to the editor.
        path: String,
        /// All of it.
        content: String,
    },
    /// Find what could stand at the cursor. Answer: `Completions`.
    Complete {
        /// The whole prompt.
        line: String,
        /// The cursor, in bytes.
        cursor: usize,
    },
    /// Run the session's commands on fresh simulators of these releases. Answers: `Pane(News::Releases(…))`, one for each
    /// release as it is ready.
    Replay {
        /// The number of the asking; the answers carry it.
        asked: u64,
        /// The releases, at most three.
        releases: Vec<Release>,
    },
    /// Stop for now, and give the terminal to the shell.
    Suspend,
    /// End the session.
    Quit,
}
