//! What was changed in an editor, carried over to the text that an editor would show elsewhere.

use serde_json::Value;

use crate::apimachinery::yaml::{from_yaml, to_yaml};

/// An editor that a command opened: what it showed, and what was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// What it showed.
    pub shown: String,
    /// What was saved in the end.
    pub saved: String,
}

impl Edited {
    /// The other text, changed as this one was. What cannot be read is taken as it was saved.
    pub fn carried(&self, other: &str) -> String {
        match (from_yaml(&self.shown), from_yaml(&self.saved), from_yaml(other)) {
            (Ok(shown), Ok(saved), Ok(mut onto)) if shown != saved => {
                carry(&shown, &saved, &mut onto);
                to_yaml(&onto)
            }
            (Ok(_), Ok(_), Ok(_)) => other.to_owned(),
            _ => self.saved.clone(),
        }
    }
}

/// Changes a value as another was changed: field by field, and in lists place by place.
fn carry(from: &Value, to: &Value, onto: &mut Value) {
    if from == to {
        return;
    }
    match (from, to, onto) {
        (Value::Object(from), Value::Object(to), Value::Object(onto)) => {
            for field in from.keys().filter(|field| !to.contains_key(*field)) {
                onto.remove(field);
            }
            for (field, value) in to {
                match (from.get(field), onto.get_mut(field)) {
                    (Some(before), Some(onto)) => carry(before, value, onto),
                    (Some(before), None) if before == value => {}
                    _ => drop(onto.insert(field.clone(), value.clone())),
                }
            }
        }
        (Value::Array(from), Value::Array(to), Value::Array(onto)) if from.len() <= to.len() => {
            for ((before, value), onto) in from.iter().zip(to).zip(onto.iter_mut()) {
                carry(before, value, onto);
            }
            onto.extend(to.iter().skip(from.len()).cloned());
        }
        (_, _, onto) => *onto = to.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::Edited;

    #[test]
    fn a_change_is_carried_over() {
        for (shown, saved, other, want) in [
            ("a: 1\nuid: x\n", "a: 2\nuid: x\n", "a: 1\nuid: y\n", "a: 2\nuid: y\n"),
            ("a: 1\nb: 2\n", "a: 1\n", "# Please edit\na: 1\nb: 2\nc: 3\n", "a: 1\nc: 3\n"),
            ("l:\n- n: a\n", "l:\n- n: b\n- n: c\n", "l:\n- n: a\n  v: 1\n", "l:\n- n: b\n  v: 1\n- n: c\n"),
            ("l:\n- a\n- b\n", "l:\n- b\n", "l:\n- a\n", "l:\n- b\n"),
            ("a: {}\n", "a:\n  x: y\n", "b: 1\n", "b: 1\na:\n  x: y\n"),
            ("a: 1\n", "a: 1\n", "# one\na: 2\n", "# one\na: 2\n"),
            ("a: 1\n", "a: [\n", "a: 2\n", "a: [\n"),
        ] {
            let edited = Edited { shown: shown.to_owned(), saved: saved.to_owned() };
            let carried = edited.carried(other);
            let read = |text: &str| crate::apimachinery::yaml::from_yaml(text);
            assert!(carried == want || read(&carried) == read(want), "{shown}{saved}{other}: {carried}");
        }
    }
}
