//! What could stand where the cursor is: programs, files, variables, and kubectl's words and the cluster's names.

use super::Shell;

/// A word that could be typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The whole word.
    pub text: String,
}

impl Shell {
    /// Placeholder.
    pub fn complete(&self, _line: &str, _cursor: usize) -> Vec<Candidate> {
        Vec::new()
    }
}
