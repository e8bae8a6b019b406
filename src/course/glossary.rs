//! The words of the course, from `lessons/glossary.yaml`: what each means, in three lines.

use std::sync::LazyLock;

use serde::Deserialize;

/// The name of the file; it is no lesson.
pub const FILE: &str = "glossary.yaml";

const TEXT: &str = include_str!("../../lessons/glossary.yaml");

/// The most lines of an entry, and the most columns of a line.
pub const ROOM: (usize, usize) = (3, 76);

/// A word.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The word.
    pub word: String,
    /// Its other forms.
    #[serde(default)]
    pub also: Vec<String>,
    /// What it means: Markdown, at most [`ROOM`].
    pub say: String,
}

/// Every word, in the order of the alphabet. A file that cannot be read has none: the tests hold that ours can.
pub static ALL: LazyLock<Vec<Entry>> = LazyLock::new(|| serde_yaml::from_str(TEXT).unwrap_or_default());

/// The place in [`ALL`] of the word that is written so: in upper or lower case, as one or many.
pub fn find(text: &str) -> Option<usize> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    if text.is_empty() {
        return None;
    }
    let is = |form: &str| {
        ALL.iter()
            .position(|entry| entry.word.to_lowercase() == form)
            .or_else(|| ALL.iter().position(|entry| entry.also.iter().any(|also| also.to_lowercase() == form)))
    };
    let one = |ending: &str, instead: &str| text.strip_suffix(ending).map(|stem| format!("{stem}{instead}"));
    let singular = || [one("ies", "y"), one("es", ""), one("s", "")].into_iter().flatten().find_map(|form| is(&form));
    is(&text).or_else(singular)
}

/// The words that a text marks: those that stand in **bold**, in their order, each once. `Err` is one that has no entry.
pub fn marked(text: &str) -> Vec<Result<usize, String>> {
    let mut found = Vec::new();
    for (at, part) in text.split("**").enumerate() {
        let part = part.split_whitespace().collect::<Vec<_>>().join(" ");
        let word = find(&part).ok_or(part);
        if at % 2 == 1 && !found.contains(&word) {
            found.push(word);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{ALL, ROOM, find, marked};

    #[test]
    fn each_word_is_short_and_stands_once() {
        let words: Vec<String> = ALL.iter().map(|entry| entry.word.to_lowercase()).collect();
        assert!(words.len() > 60 && words.is_sorted(), "{words:?}");
        let mut forms = Vec::new();
        for entry in ALL.iter() {
            let lines: Vec<&str> = entry.say.lines().collect();
            let widest = lines.iter().map(|line| line.chars().count()).max().unwrap_or_default();
            assert!(lines.len() <= ROOM.0 && widest <= ROOM.1, "{}: {} × {widest}", entry.word, lines.len());
            assert!(entry.say.trim_end().ends_with('.') && !entry.say.contains('!'), "{}", entry.word);
            for form in std::iter::once(&entry.word).chain(&entry.also) {
                let form = form.to_lowercase();
                assert!(!forms.contains(&form), "`{form}` stands twice");
                forms.push(form);
            }
        }
    }

    #[test]
    fn words_are_found_in_all_their_forms() {
        for (text, want) in [
            ("ServiceAccount", "service account"),
            ("serviceaccounts", "service account"),
            ("Service\n  accounts", "service account"),
            ("sa", "service account"),
            ("SubjectAccessReviews", "SubjectAccessReview"),
            ("audience", "aud"),
            ("RoleBinding", "binding"),
            ("ConfigMap", "config map"),
            ("aud", "aud"),
            ("Unauthorized", "401"),
        ] {
            assert_eq!(find(text).and_then(|at| ALL.get(at)).map(|entry| entry.word.as_str()), Some(want), "{text}");
        }
        assert_eq!(find("my-pod"), None);
        assert_eq!(find(""), None);
    }

    /// A lesson's author marks a word by writing it in bold; then it can be asked for.
    #[test]
    fn every_word_that_our_lessons_mark_is_here() {
        let (lessons, _) = crate::course::load(&crate::course::embedded());
        let mut seen = 0;
        for lesson in &lessons {
            for step in &lesson.steps {
                for text in [&step.text, &step.task, &step.debrief] {
                    for word in marked(text) {
                        assert!(
                            word.is_ok(),
                            "{} {}: {word:?} is marked, and lessons/glossary.yaml lacks it",
                            lesson.id,
                            step.id
                        );
                        seen += 1;
                    }
                }
            }
        }
        assert!(seen > 15, "{seen}");
    }
}
