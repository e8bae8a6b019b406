//! `settings.yaml` in the state directory: read entry by entry, so that a wrong one costs that one alone, and changed in
//! place, so that what the learner wrote around it stays.

use serde_yaml::Value;

use crate::course::{Located, Part};
use crate::tui::settings::{ENTRIES, Settings};

use super::home::{Home, HomeError};

const FILE: &str = "settings.yaml";

/// Why a choice could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The file cannot be read or written.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The file is written in a way that is not changed here.
    #[error("{file} is not one entry a line; write `{line}` there")]
    Strange {
        /// The file.
        file: String,
        /// What to write.
        line: String,
    },
}

/// What the learner chose, and a sentence for each entry that is wrong; what is wrong is as if it were left out.
pub fn read(home: &Home) -> (Settings, Vec<String>) {
    let file = home.path(FILE).display().to_string();
    match home.read(FILE) {
        Ok(text) => parse(&file, text.as_deref().unwrap_or_default()),
        Err(error) => (Settings::default(), vec![format!("{error}; every setting is as if it were left out")]),
    }
}

fn parse(file: &str, text: &str) -> (Settings, Vec<String>) {
    let (mut settings, mut faults) = (Settings::default(), Vec::new());
    let located = Located::new(text);
    let mut fault = |part: &Part, say: String| {
        let (line, column) = located.position(part);
        faults.push(format!("{file}:{line}:{column}: {say}"));
    };
    let root = Part::default();
    let known = either(&ENTRIES.iter().map(|entry| entry.key).collect::<Vec<_>>(), "and");
    let values = match serde_yaml::from_str::<Value>(text) {
        Ok(Value::Null) => return (settings, faults),
        Ok(Value::Mapping(values)) => values,
        Ok(_) => {
            fault(&root, format!("settings are lines such as `theme: light`; there are {known}"));
            return (settings, faults);
        }
        Err(error) => {
            let part = &root;
            let why = error.to_string();
            match error.location() {
                Some(place) => faults.push(format!(
                    "{file}:{}:{}: this is no YAML ({why}); write lines such as `theme: light`",
                    place.line(),
                    place.column()
                )),
                None => fault(part, format!("this is no YAML ({why}); write lines such as `theme: light`")),
            }
            return (settings, faults);
        }
    };
    for (key, value) in &values {
        let key = as_word(key);
        let part = root.key(&key);
        let Some(entry) = ENTRIES.iter().find(|entry| entry.key == key) else {
            fault(&part, format!("there is no setting `{key}`; there are {known}"));
            continue;
        };
        let word = as_word(value);
        if !entry.set(&mut settings, &word) {
            let allowed = either(entry.words, "or");
            fault(&part, format!("{key} cannot be `{word}`; write {allowed}. Until then it is {}", entry.words[0]));
        }
    }
    (settings, faults)
}

/// A value as the word it was written as. Some readers of YAML take `on` for a truth value.
fn as_word(value: &Value) -> String {
    match value {
        Value::String(word) => word.clone(),
        Value::Bool(true) => "on".to_owned(),
        Value::Bool(false) => "off".to_owned(),
        other => serde_yaml::to_string(other).unwrap_or_default().trim().replace('\n', " "),
    }
}

/// `a, b or c`
fn either(words: &[&str], last: &str) -> String {
    match words {
        [before @ .., end] if !before.is_empty() => format!("{} {last} {end}", before.join(", ")),
        _ => words.concat(),
    }
}

/// Changes one entry, or adds it.
///
/// # Errors
/// When the file cannot be written, or is not one entry a line.
pub fn keep(home: &Home, key: &str, word: &str) -> Result<(), KeepError> {
    let text = home.read(FILE)?.unwrap_or_default();
    let changed = with(&text, key, word);
    let is_kept = |value: Value| value.get(key).map(as_word).is_some_and(|kept| kept == word);
    if !serde_yaml::from_str(&changed).is_ok_and(is_kept) {
        return Err(KeepError::Strange { file: home.path(FILE).display().to_string(), line: format!("{key}: {word}") });
    }
    Ok(home.write(FILE, &changed)?)
}

/// The text with the entry's line changed, or with one more line.
fn with(text: &str, key: &str, word: &str) -> String {
    let entry = format!("{key}: {word}");
    let is_it = |line: &str| line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(':'));
    let mut out = String::new();
    let mut found = false;
    for line in text.lines() {
        if is_it(line) {
            found = true;
            let comment = line.find(" #").map_or("", |at| &line[at..]);
            out.push_str(&entry);
            out.push_str(comment);
        } else {
            out.push_str(line);
        }
        out.push('\n');
    }
    if found { out } else { format!("{out}{entry}\n") }
}

#[cfg(test)]
mod tests {
    use super::{keep, parse, read, with};
    use crate::app::home::Home;
    use crate::tui::settings::{Colours, ENTRIES, Motion, Mouse, Settings, Signs};

    #[track_caller]
    fn check(text: &str, want: Settings, faults: &[&str]) {
        assert_eq!(
            parse("s.yaml", text),
            (want, faults.iter().map(|fault| (*fault).to_owned()).collect::<Vec<_>>()),
            "{text}"
        );
    }

    #[test]
    fn a_wrong_entry_costs_that_one_alone() {
        let usual = Settings::default();
        check("", usual, &[]);
        check("# nothing yet\n", usual, &[]);
        check(
            "theme: light\nmotion: reduced\nmouse: off\nsigns: ascii\n",
            Settings { theme: Colours::Light, motion: Motion::Reduced, mouse: Mouse::Off, signs: Signs::Ascii },
            &[],
        );
        check("mouse: false\n", Settings { mouse: Mouse::Off, ..usual }, &[]);
        check(
            "theme: blue\nmotion: reduced\n",
            Settings { motion: Motion::Reduced, ..usual },
            &[
                "s.yaml:1:1: theme cannot be `blue`; write auto, dark, light, high-contrast or colour-blind. Until then it is auto",
            ],
        );
        check(
            "# mine\ncolour: light\nmouse: 3\nsigns: unicode\n",
            Settings { signs: Signs::Unicode, ..usual },
            &[
                "s.yaml:2:1: there is no setting `colour`; there are theme, motion, mouse and signs",
                "s.yaml:3:1: mouse cannot be `3`; write on or off. Until then it is on",
            ],
        );
        check(
            "- theme\n",
            usual,
            &["s.yaml:1:1: settings are lines such as `theme: light`; there are theme, motion, mouse and signs"],
        );
        let (settings, faults) = parse("s.yaml", "theme: light\nmotion: [\n");
        assert_eq!((settings, faults.len()), (usual, 1));
        assert!(faults[0].starts_with("s.yaml:") && faults[0].contains("this is no YAML"), "{faults:?}");
    }

    #[test]
    fn what_is_around_an_entry_stays() {
        assert_eq!(with("", "theme", "dark"), "theme: dark\n");
        assert_eq!(with("mouse: off", "theme", "dark"), "mouse: off\ntheme: dark\n");
        assert_eq!(with("# a\ntheme: x # why\nmouse: off\n", "theme", "dark"), "# a\ntheme: dark # why\nmouse: off\n");
        assert_eq!(with("themes: x\n", "theme", "dark"), "themes: x\ntheme: dark\n");
    }

    #[test]
    fn what_is_kept_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let home = Home::at(folder.path().to_owned()).expect("made");
        for entry in ENTRIES {
            for word in entry.words {
                let mut want = read(&home).0;
                assert!(entry.set(&mut want, word), "{} {word}", entry.key);
                keep(&home, entry.key, word).expect("kept");
                assert_eq!(read(&home), (want, Vec::new()));
            }
        }
        home.write("settings.yaml", "{theme: dark}\n").expect("written");
        let error = keep(&home, "theme", "light").expect_err("strange").to_string();
        assert!(error.ends_with("settings.yaml is not one entry a line; write `theme: light` there"), "{error}");
        assert_eq!(home.read("settings.yaml").expect("read").as_deref(), Some("{theme: dark}\n"));
    }
}
