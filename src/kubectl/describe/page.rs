//! The lines of a description: text with tabs, aligned when it is whole. Upstream: PrefixWriter and the print…Multiline
//! helpers of kubectl/pkg/describe/describe.go.

use jiff::Timestamp;
use serde_json::Value;

use crate::apimachinery::meta;
use crate::base::{Columns, Order as _};
use crate::kubectl::cmd::LAST_APPLIED;
use crate::kubectl::printers::table::escape;

/// Longer annotations go on lines of their own and are cut.
const LONGEST_ANNOTATION: usize = 140;

/// A description in the making.
#[derive(Debug, Default)]
pub struct Page(String);

impl Page {
    /// Begins with `Name:`.
    pub fn of(object: &Value) -> Self {
        let mut page = Self::default();
        page.field(0, "Name", meta::name(object));
        page
    }

    /// Begins with `Name:` and `Namespace:`.
    pub fn of_namespaced(object: &Value) -> Self {
        let mut page = Self::of(object);
        page.field(0, "Namespace", meta::namespace(object));
        page
    }

    /// A line; each level is two spaces.
    pub fn line(&mut self, level: usize, text: &str) {
        self.0.push_str(&"  ".repeat(level));
        self.0.push_str(text);
        self.0.push('\n');
    }

    /// `LABEL:` and, in the next column, a value.
    pub fn field(&mut self, level: usize, label: &str, value: &str) {
        self.line(level, &format!("{label}:\t{value}"));
    }

    /// The same, if there is a value.
    pub fn field_if(&mut self, level: usize, label: &str, value: &str) {
        if !value.is_empty() {
            self.field(level, label, value);
        }
    }

    /// Cells of a table, parted by tabs.
    pub fn row(&mut self, level: usize, cells: &[&str]) {
        self.line(level, &cells.join("\t"));
    }

    /// A head and the dashes under it.
    pub fn head(&mut self, level: usize, cells: &[&str]) {
        self.row(level, cells);
        let dashes: Vec<String> = cells.iter().map(|cell| "-".repeat(cell.len())).collect();
        self.row(level, &dashes.iter().map(String::as_str).collect::<Vec<_>>());
    }

    /// `LABEL:` with values under each other, or `<none>`.
    pub fn list(&mut self, indent: &str, label: &str, values: &[String]) {
        match values {
            [] => self.line(0, &format!("{indent}{label}:\t<none>")),
            _ => self.line(0, &format!("{indent}{label}:\t{}", values.join(&format!("\n{indent}\t")))),
        }
    }

    /// `LABEL:` with `key=value` under each other, sorted. The indent belongs to the label only.
    pub fn pairs(&mut self, indent: &str, label: &str, map: &Value) {
        let title = format!("{indent}{label}");
        self.list("", &title, &pairs(map));
    }

    /// `Labels:` and `Annotations:` of an object.
    pub fn labels_and_annotations(&mut self, object: &Value) {
        self.pairs("", "Labels", &object["metadata"]["labels"]);
        self.annotations("", &object["metadata"]["annotations"]);
    }

    /// `Annotations:`; what apply remembers is left out.
    pub fn annotations(&mut self, indent: &str, map: &Value) {
        let mut pairs: Vec<(&String, &str)> = map
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(key, _)| *key != LAST_APPLIED)
            .map(|(key, value)| (key, value.as_str().unwrap_or_default()))
            .collect();
        pairs.order();
        let mut lines = Vec::new();
        for (key, value) in pairs {
            let value = value.strip_suffix('\n').unwrap_or(value);
            if value.len() + key.len() + 2 > LONGEST_ANNOTATION || value.contains('\n') {
                lines.push(format!("{key}:"));
                lines.extend(value.split('\n').map(|line| format!("  {}", shorten(line, LONGEST_ANNOTATION - 2))));
            } else {
                lines.push(format!("{key}: {value}"));
            }
        }
        self.list("", &format!("{indent}Annotations"), &lines);
    }

    /// The text with its tabs as they are.
    pub fn unaligned(self) -> String {
        escape(&self.0)
    }

    /// The text, its columns aligned.
    pub fn finish(self) -> String {
        Columns::DESCRIBE.align(&escape(&self.0))
    }
}

/// At most so many bytes of a text; upstream counts bytes, and never cuts a sign in two here.
fn shorten(text: &str, longest: usize) -> String {
    if text.len() <= longest {
        return text.to_owned();
    }
    let end = (0..=longest).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    format!("{}...", &text[..end])
}

/// `key=value`, sorted by key.
fn pairs(map: &Value) -> Vec<String> {
    let mut pairs: Vec<(&String, &Value)> = map.as_object().into_iter().flatten().collect();
    pairs.order_by_key(|(key, _)| key.as_str());
    pairs.into_iter().map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default())).collect()
}

/// `Mon, 23 Nov 2026 19:28:35 +0000`; Go's zero time when there is none.
pub fn time(value: &Value) -> String {
    let at: Option<Timestamp> = value.as_str().and_then(|text| text.parse().ok());
    at.map_or_else(
        || "Mon, 01 Jan 0001 00:00:00 +0000".to_owned(),
        |at| at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string(),
    )
}

/// A text field, empty when it is not there.
pub fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// A number, zero when it is not there.
pub fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or(0)
}

/// The members of a list, none when there is no list.
pub fn each(value: &Value) -> impl Iterator<Item = &Value> + Clone {
    value.as_array().into_iter().flatten()
}

/// The texts of a list.
pub fn words(value: &Value) -> Vec<&str> {
    each(value).filter_map(Value::as_str).collect()
}

/// `Type Status Reason` of a workload's conditions.
pub fn conditions(page: &mut Page, list: &Value) {
    let mut list = each(list).peekable();
    if list.peek().is_none() {
        return;
    }
    page.line(0, "Conditions:");
    page.head(1, &["Type", "Status", "Reason"]);
    for condition in list {
        let kind = format!("{} ", text(condition, "/type"));
        page.row(1, &[&kind, text(condition, "/status"), text(condition, "/reason")]);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Page;

    #[test]
    fn annotations() {
        let long = "x".repeat(150);
        let rows = [
            (json!(null), "Annotations:  <none>\n".to_owned()),
            (json!({"kubectl.kubernetes.io/last-applied-configuration": "{}"}), "Annotations:  <none>\n".to_owned()),
            (json!({"b": "2", "a": "1\n"}), "Annotations:  a: 1\n              b: 2\n".to_owned()),
            (json!({"a": "1\n2"}), "Annotations:  a:\n                1\n                2\n".to_owned()),
            (json!({ "a": long }), format!("Annotations:  a:\n                {}...\n", "x".repeat(138))),
        ];
        for (map, want) in rows {
            let mut page = Page::default();
            page.annotations("", &map);
            assert_eq!(page.finish(), want, "{map}");
        }
    }

    #[test]
    fn labels_of_a_template() {
        let mut page = Page::default();
        page.pairs("  ", "Labels", &json!({"tier": "front", "app": "web"}));
        assert_eq!(page.finish(), "  Labels:  app=web\n           tier=front\n");
    }
}
