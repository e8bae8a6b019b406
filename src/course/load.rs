//! Reads lessons: those in the binary, and those in an author's directory. What cannot be read is a [`Fault`].

use std::path::Path as FilePath;
use std::{fs, io};

use super::fault::Fault;
use super::glossary;
use super::lint::lint;
use super::locate::{Located, Path};
use super::model::{Lesson, NO_TEST, TWO_TESTS};
use crate::base::{Order as _, nearest};

/// A lesson file before it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name, as faults give it.
    pub file: String,
    /// What is in it.
    pub text: String,
}

/// The lessons in the binary, in the order of their files' names: file and text. All of `lessons/` but the glossary.
pub static EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/lessons.rs"));

/// The lessons in the binary.
pub fn embedded() -> Vec<Source> {
    EMBEDDED.iter().map(|(file, text)| Source { file: (*file).to_owned(), text: (*text).to_owned() }).collect()
}

/// The lesson files of a directory: `*.yaml` and `*.yml`, in the order of their names. The glossary is none.
///
/// # Errors
/// When the directory or one of the files cannot be read; the error names which.
pub fn directory(directory: &FilePath) -> io::Result<Vec<Source>> {
    let named =
        |path: &FilePath, cause: io::Error| io::Error::new(cause.kind(), format!("{}: {cause}", path.display()));
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory).map_err(|cause| named(directory, cause))? {
        let path = entry?.path();
        let is_lesson = path.file_name().is_none_or(|name| name != glossary::FILE);
        if is_lesson && path.extension().is_some_and(|end| end == "yaml" || end == "yml") {
            paths.push(path);
        }
    }
    paths.order();
    let read = |path: &std::path::PathBuf| {
        let text = fs::read_to_string(path).map_err(|cause| named(path, cause))?;
        Ok(Source { file: path.display().to_string(), text })
    };
    paths.iter().map(read).collect()
}

/// Reads and lints lessons; those that can be read come back beside every fault found.
pub fn load(sources: &[Source]) -> (Vec<Lesson>, Vec<Fault>) {
    let (mut lessons, mut faults) = (Vec::<Lesson>::new(), Vec::new());
    for source in sources {
        match parse(source) {
            Ok(lesson) => {
                faults.extend(lint(source, &lesson));
                if lessons.iter().any(|other| other.id == lesson.id) {
                    let (line, column) = Located::new(&source.text).position(&Path::read("id"));
                    let message = format!("another lesson is called `{}` too", lesson.id);
                    let instead = "a name of its own".to_owned();
                    faults.push(Fault { file: source.file.clone(), line, column, message, instead });
                }
                lessons.push(lesson);
            }
            Err(fault) => faults.push(fault),
        }
    }
    faults.order();
    (lessons, faults)
}

/// Reads one lesson.
///
/// # Errors
/// When the file is no YAML, or not the shape of a lesson.
pub fn parse(source: &Source) -> Result<Lesson, Fault> {
    serde_yaml::from_str(&source.text).map_err(|error| explain(source, &error))
}

/// Turns the reader's error into a fault with a place and an advice.
fn explain(source: &Source, error: &serde_yaml::Error) -> Fault {
    let text = error.to_string();
    let (text, _) = text.split_once(" at line ").unwrap_or((&text, ""));
    let (path, message) = match text.split_once(": ") {
        Some((path, message)) if is_path(path) => (Some(Path::read(path)), message),
        _ => (None, text),
    };
    let (instead, key) = advice(message);
    let named = || {
        let mut path = path.clone().unwrap_or_default();
        if let Some(key) = key {
            path = path.key(key);
        }
        Located::new(&source.text).position(&path)
    };
    let (line, column) = match error.location() {
        Some(place) if key.is_none() => (place.line(), place.column()),
        _ => named(),
    };
    Fault { file: source.file.clone(), line, column, message: message.to_owned(), instead }
}

fn is_path(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_.[]".contains(c))
}

/// What to write instead, and the key the message is about when it names one that stands in the file.
fn advice(message: &str) -> (String, Option<&str>) {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let first = quoted.next().unwrap_or_default();
    if message.starts_with("unknown field") {
        let known: Vec<&str> = quoted.collect();
        let instead = match nearest(first, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("one of `{}`", known.join("`, `")),
        };
        return (instead, Some(first));
    }
    if message.starts_with("unknown variant") {
        let known: Vec<&str> = quoted.collect();
        let instead = match nearest(first, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("one of `{}`", known.join("`, `")),
        };
        return (instead, None);
    }
    if message.starts_with("duplicate") {
        return ("keep one of the two".to_owned(), Some(first));
    }
    let instead = if message.starts_with("missing field") {
        format!("add `{first}:` here")
    } else if message.contains("is not a release known here") {
        "a release from 1.20 to 1.37 in quotes, such as \"1.36\"".to_owned()
    } else if message == NO_TEST || message == TWO_TESTS {
        "exactly one of `object:`, `canI:`, `ran:`, `token:`, `any:`".to_owned()
    } else if message.contains("map, expected a string") || message.contains("expected ',' or ']'") {
        "put the text in quotes: it has `: ` or, within brackets, `{{` or `,` in it".to_owned()
    } else if message.contains("expected a string") {
        "put the value in quotes".to_owned()
    } else if message.contains("expected a sequence") {
        "a list: each item on a line of its own that starts with `- `".to_owned()
    } else if message.contains("mapping values are not allowed") {
        "put the text in quotes: it contains `: `".to_owned()
    } else if message.contains("found character that cannot start any token") {
        "put the text in quotes: it starts with a sign YAML keeps for itself".to_owned()
    } else {
        "compare with the example in CONTRIBUTING.md, which has every part".to_owned()
    };
    (instead, None)
}

#[cfg(test)]
mod tests {
    use super::{EMBEDDED, Source, embedded, load, parse};

    const GOOD: &str = r#"id: a-lesson
title: A lesson
minutes: 5
releases: ["1.36"]
steps:
  - id: one
    text: Text.
    task: Make `x`.
    suggest: kubectl create sa x
    checks:
      - say: x exists
        object: {kind: ServiceAccount, name: x}
    hints: [Which verb makes things?, kubectl create sa x]
    debrief: It is made.
summary: [Something.]
solutions:
  - one: [kubectl create serviceaccount x]
"#;

    /// The first fault of the file with one piece of it replaced.
    fn fault(from: &str, to: &str) -> String {
        assert!(GOOD.contains(from), "{from:?} is not in the lesson");
        let source = Source { file: "a-lesson.yaml".to_owned(), text: GOOD.replacen(from, to, 1) };
        let (_, faults) = load(&[source]);
        faults.first().map(ToString::to_string).unwrap_or_default()
    }

    #[test]
    fn the_good_lesson_has_no_fault() {
        assert_eq!(fault("Text.", "Text."), "");
    }

    #[test]
    fn broken_files() {
        let rows = [
            ("task:", "taks:", "8:5: unknown field `taks`", "did you mean `task`?"),
            ("kind:", "knid:", "12:18: unknown field `knid`", "did you mean `kind`?"),
            ("title: A lesson\n", "", "1:1: missing field `title`", "add `title:` here"),
            ("minutes: 5", "minutes: five", "3:10: invalid type", "compare with"),
            ("\"1.36\"", "1.2", "4:11: `1.2` is not a release", "in quotes"),
            ("\"1.36\"", "\"1.99\"", "4:11: `1.99` is not a release", "from 1.20 to 1.37"),
            ("object: {kind: ServiceAccount, name: x}", "hint: none", "11:7: nothing is looked at", "exactly one of"),
            ("[Something.]", "Something.", "15:10: invalid type: string", "a list"),
            ("Text.", "Text: more: text", "7:15: mapping values are not allowed", "put the text in quotes"),
            ("Text.", "Text.\n    support: blanks", "8:14: unknown variant `blanks`", "did you mean `blank`?"),
            ("[kubectl create serviceaccount x]", "[kubectl get {{namespace}}:x]", "17:", "`{{`"),
            ("Text.", "@home", "7:11: found character that cannot start any token", "put the text in quotes"),
            ("title: A lesson", "title: A lesson\ntitle: B", "3:1: duplicate field `title`", "keep one"),
        ];
        for (from, to, place, instead) in rows {
            let fault = fault(from, to);
            let place = format!("a-lesson.yaml:{place}");
            assert!(fault.starts_with(&place), "{from} → {to}: wanted {place}, got {fault}");
            assert!(fault.contains(instead), "{from} → {to}: wanted {instead}, got {fault}");
        }
    }

    #[test]
    fn embedded_lessons_are_clean() {
        let (lessons, faults) = load(&embedded());
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert!(told.is_empty(), "{}", told.join("\n"));
        assert_eq!(lessons.len(), EMBEDDED.len());
    }

    #[test]
    fn a_lesson_survives_being_written_and_filled() {
        for source in embedded() {
            let lesson = parse(&source).map_err(|fault| fault.to_string());
            let lesson = lesson.unwrap_or_else(|fault| panic!("{fault}"));
            let json = serde_json::to_value(&lesson).unwrap();
            assert_eq!(serde_json::from_value::<super::Lesson>(json).unwrap(), lesson);
            let filled = lesson.for_cluster("shop", "python:3");
            let told = serde_json::to_string(&filled).unwrap();
            assert!(!told.contains("{{"), "{}: a placeholder is left in {told}", source.file);
        }
    }
}
