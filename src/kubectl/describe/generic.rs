//! Kinds without a describer of their own: every field, by name. Upstream: genericDescriber.

use serde_json::Value;

use super::page::Page;
use super::{View, events};
use crate::base::Order as _;
use crate::kubectl::errors::Error;
use crate::kubectl::jsonpath::shown;

/// What stands at the top already, or is of no use to a reader.
const SKIPPED: [&str; 5] =
    [".metadata.managedFields", ".metadata.name", ".metadata.namespace", ".metadata.labels", ".metadata.annotations"];

/// Tells of anything.
pub fn tell(view: &View<'_>) -> Result<Page, Error> {
    let mut page = Page::of_namespaced(view.object);
    page.labels_and_annotations(view.object);
    fields(&mut page, view.object, "", 0);
    events::show(&mut page, view);
    Ok(page)
}

fn fields(page: &mut Page, value: &Value, path: &str, level: usize) {
    let mut entries: Vec<(&String, &Value)> = value.as_object().into_iter().flatten().collect();
    entries.order_by_key(|(key, _)| key.as_str());
    for (key, value) in entries {
        let path = format!("{path}.{key}");
        if SKIPPED.contains(&path.as_str()) {
            continue;
        }
        let label = label(key);
        match value {
            Value::Object(_) => {
                page.line(level, &format!("{label}:"));
                fields(page, value, &path, level + 1);
            }
            Value::Array(list) => {
                page.line(level, &format!("{label}:"));
                for item in list {
                    if item.is_object() {
                        fields(page, item, &path, level + 1);
                    } else {
                        page.line(level + 1, &go(item));
                    }
                }
            }
            other => page.field(level, &label, &go(other)),
        }
    }
}

/// As Go prints a value with `%v`.
fn go(value: &Value) -> String {
    if value.is_null() { "<nil>".to_owned() } else { shown(value) }
}

/// `creationTimestamp` as `Creation Timestamp`; names with other signs stay as they are.
fn label(field: &str) -> String {
    if field.chars().any(|c| !c.is_alphabetic() && c != '-') {
        return field.to_owned();
    }
    let words = words(field);
    let shown = words.iter().map(|word| {
        if ["API", "URL", "UID", "GUID"].contains(&word.to_uppercase().as_str()) {
            return word.to_uppercase();
        }
        let mut chars = word.chars();
        chars.next().map(|first| first.to_uppercase().to_string() + chars.as_str()).unwrap_or_default()
    });
    shown.collect::<Vec<_>>().join(" ")
}

/// Words begin at capitals; of a run of capitals before small letters the last begins the next word.
fn words(field: &str) -> Vec<String> {
    let chars: Vec<char> = field.chars().collect();
    let mut words: Vec<String> = Vec::new();
    for (at, &c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| chars[at]);
        let after = chars.get(at + 1);
        let begins = match before {
            None => true,
            Some(before) if c.is_uppercase() => {
                !before.is_uppercase() || after.is_some_and(|after| after.is_lowercase())
            }
            Some(before) => c.is_alphabetic() != before.is_alphabetic(),
        };
        match words.last_mut() {
            Some(word) if !begins => word.push(c),
            _ => words.push(c.to_string()),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::recorded::{seen, view};
    use super::label;

    #[test]
    fn labels() {
        let rows = [
            ("apiVersion", "API Version"),
            ("creationTimestamp", "Creation Timestamp"),
            ("uid", "UID"),
            ("apiGroup", "API Group"),
            ("involvedObject", "Involved Object"),
            ("a.b/c", "a.b/c"),
            ("nonResourceURLs", "Non Resource UR Ls"),
        ];
        for (field, want) in rows {
            assert_eq!(label(field), want);
        }
    }

    #[test]
    fn an_event() {
        let event = json!({"apiVersion": "v1", "kind": "Event", "count": 2, "reason": "Pulled", "series": null,
            "metadata": {"name": "e", "namespace": "default", "uid": "u", "managedFields": []},
            "involvedObject": {"kind": "Pod", "name": "web"}});
        let want = "\
Name:         e
Namespace:    default
Labels:       <none>
Annotations:  <none>
API Version:  v1
Count:        2
Involved Object:
  Kind:  Pod
  Name:  web
Kind:    Event
Metadata:
  UID:   u
Reason:  Pulled
Series:  <nil>
Events:  <none>
";
        assert_eq!(seen("", "Event", &view(&event, 36)), want);
    }
}
