//! What is wrong with a lesson file, said to its author: where, what, and what to write instead.

use std::fmt;

/// One fault in a lesson file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The file, as the author knows it: `lessons/1-create-service-account.yaml`.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub instead: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, message, instead } = self;
        write!(f, "{file}:{line}:{column}: {message}\n  instead: {instead}")
    }
}

impl std::error::Error for Fault {}
