//! Everything the tutor wants done. `update` only asks; the room above does it, and answers with a [`Msg`](super::Msg).

use serde::{Deserialize, Serialize};

use super::msg::TokenSource;
use super::pane::mount::Look;
use crate::course::ProgressEvent;

/// A wish.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Effect {
    /// Run what was typed. Answers: `Output`, `CommandDone`, then `Checks`.
    Run(String),
    /// Stop the running command. Answer: `CommandDone`.
    Cancel,
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
    /// End the session.
    Quit,
}
