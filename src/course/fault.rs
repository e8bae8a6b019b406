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

/// The word of `known` that `word` was probably meant to be.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |other: &str| edits(&word.to_lowercase(), &other.to_lowercase());
    let best = known.into_iter().min_by_key(|other| distance(other))?;
    (distance(best) <= word.chars().count().max(3) / 2).then_some(best)
}

/// How many letters have to be changed, added or dropped to make one word of the other.
fn edits(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, a) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn meant_words() {
        let known = ["task", "text", "title", "checks"];
        assert_eq!(nearest("taks", known), Some("task"));
        assert_eq!(nearest("check", known), Some("checks"));
        assert_eq!(nearest("Title", known), Some("title"));
        assert_eq!(nearest("solutions", known), None);
        assert_eq!(nearest("x", []), None);
    }
}
