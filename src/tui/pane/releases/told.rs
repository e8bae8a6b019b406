//! What the pane is told: what each release answered to the session's commands.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::apimachinery::Release;

/// Something the pane hears.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Told {
    /// The session's commands begin anew: the learner works on another cluster from now on.
    Cleared,
    /// A release has answered.
    Answered(Replayed),
}

/// What one release answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Replayed {
    /// The asking it answers.
    pub asked: u64,
    /// The release.
    pub release: Release,
    /// One for each command, in order.
    pub answers: Vec<Answer>,
    /// The objects that are there in the end, whole but for the contents of secrets.
    pub objects: Vec<Value>,
    /// Why there is nothing to compare.
    #[serde(default)]
    pub trouble: Option<String>,
}

/// What a release answered to one command.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The command line.
    pub line: String,
    /// Its exit code.
    pub status: i32,
    /// What it printed; a token in it is told in words.
    pub output: String,
    /// Why it was not run, or not to its end.
    #[serde(default)]
    pub note: Option<String>,
}
