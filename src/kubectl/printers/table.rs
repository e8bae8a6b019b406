//! Tables the server printed, laid out in columns. Upstream: cli-runtime/pkg/printers/tableprinter.go.

use serde_json::Value;

use crate::apimachinery::meta;
use crate::base::{Columns, Order as _};

/// What is shown beside the server's own columns.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Columns of lower priority too.
    pub wide: bool,
    /// No line of headings.
    pub no_headers: bool,
    /// A first column with the namespace.
    pub namespace: bool,
    /// A last column with all labels.
    pub show_labels: bool,
    /// A column for each of these labels.
    pub label_columns: Vec<String>,
    /// `deployment.apps`, before each name.
    pub prefix: Option<String>,
}

/// The lines of a table, cells parted by tabs, still to be aligned.
pub fn lines(table: &Value, options: &Options, headers: bool) -> String {
    let columns: Vec<&Value> = table["columnDefinitions"].as_array().into_iter().flatten().collect();
    let shown: Vec<usize> =
        (0..columns.len()).filter(|&at| options.wide || columns[at]["priority"].as_i64().unwrap_or(0) == 0).collect();
    let mut text = String::new();
    if headers && !options.no_headers {
        let mut cells: Vec<String> = Vec::new();
        if options.namespace {
            cells.push("NAMESPACE".to_owned());
        }
        cells.extend(shown.iter().map(|&at| columns[at]["name"].as_str().unwrap_or_default().to_uppercase()));
        cells.extend(
            options.label_columns.iter().map(|label| label.rsplit('/').next().unwrap_or_default().to_uppercase()),
        );
        if options.show_labels {
            cells.push("LABELS".to_owned());
        }
        text.push_str(&(cells.join("\t") + "\n"));
    }
    for row in table["rows"].as_array().into_iter().flatten() {
        let object = &row["object"];
        let mut cells: Vec<String> = Vec::new();
        if options.namespace {
            cells.push(meta::namespace(object).to_owned());
        }
        for &at in &shown {
            let mut cell = cell(&row["cells"][at]);
            if at == 0
                && let Some(prefix) = &options.prefix
            {
                cell = format!("{prefix}/{cell}");
            }
            cells.push(cell);
        }
        for label in &options.label_columns {
            cells.push(meta::label(object, label).unwrap_or_default().to_owned());
        }
        if options.show_labels {
            cells.push(labels(object));
        }
        text.push_str(&(cells.join("\t") + "\n"));
    }
    text
}

/// The lines in columns.
pub fn align(lines: &str) -> String {
    Columns::GET.align(lines)
}

/// What a terminal would obey, shown instead, as cli-runtime's `EscapeTerminal` does.
pub fn escape(text: &str) -> String {
    text.replace('\u{1b}', "^[").replace('\r', "\\r")
}

/// A cell stays on its line; what is cut off is marked.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => "<none>".to_owned(),
        Value::String(text) => match text.find(['\n', '\r', '\u{c}']) {
            Some(end) => escape(&format!("{}...", &text[..end])),
            None => escape(&text.replace('\t', " ")),
        },
        other => other.to_string(),
    }
}

fn labels(object: &Value) -> String {
    let Some(labels) = object["metadata"]["labels"].as_object().filter(|labels| !labels.is_empty()) else {
        return "<none>".to_owned();
    };
    let mut shown: Vec<String> =
        labels.iter().map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default())).collect();
    shown.order();
    shown.join(",")
}

#[cfg(test)]
mod tests {
    use super::{Options, align, lines};
    use serde_json::json;

    #[test]
    fn tables() {
        let table = json!({
            "columnDefinitions": [{"name": "Name", "priority": 0}, {"name": "Ready", "priority": 0}, {"name": "IP", "priority": 1}],
            "rows": [{"cells": ["web", "1/1", "10.0.0.1"], "object": {"metadata": {"namespace": "shop", "labels": {"app": "web"}}}}]
        });
        let plain = Options::default();
        assert_eq!(align(&lines(&table, &plain, true)), "NAME   READY\nweb    1/1\n");
        let all = Options { wide: true, namespace: true, show_labels: true, prefix: Some("pod".to_owned()), ..plain };
        assert_eq!(
            align(&lines(&table, &all, true)),
            "NAMESPACE   NAME      READY   IP         LABELS\nshop        pod/web   1/1     10.0.0.1   app=web\n"
        );
    }
}
