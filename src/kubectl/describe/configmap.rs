//! `kubectl describe configmap`. Upstream: ConfigMapDescriber.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::page::Page;
use super::{View, events};
use crate::base::Order as _;
use crate::kubectl::errors::Error;
use crate::kubectl::release;

/// Tells of a config map.
pub fn tell(view: &View<'_>) -> Result<Page, Error> {
    let mut page = Page::of_namespaced(view.object);
    page.labels_and_annotations(view.object);
    page.line(0, "\nData\n====");
    for (key, value) in sorted(&view.object["data"]) {
        page.line(0, &format!("{key}:\n----\n{value}"));
        if view.does(release::DESCRIBE_CONFIG_MAP_GAPS) {
            page.line(0, "");
        }
    }
    if view.does(release::DESCRIBE_BINARY_DATA) {
        page.line(0, "\nBinaryData\n====");
        for (key, value) in sorted(&view.object["binaryData"]) {
            page.line(0, &format!("{key}: {} bytes", STANDARD.decode(value).unwrap_or_default().len()));
        }
        page.line(0, "");
    }
    events::show(&mut page, view);
    Ok(page)
}

fn sorted(map: &Value) -> Vec<(&str, &str)> {
    let pairs = map.as_object().into_iter().flatten();
    let mut pairs: Vec<(&str, &str)> =
        pairs.map(|(key, value)| (key.as_str(), value.as_str().unwrap_or_default())).collect();
    pairs.order();
    pairs
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::recorded::{seen, view};

    #[test]
    fn data_and_binary_data() {
        let map = json!({"metadata": {"name": "c", "namespace": "default"}, "data": {"b": "2", "a": "1"},
            "binaryData": {"x": "AAEC"}});
        let head = "Name:         c\nNamespace:    default\nLabels:       <none>\nAnnotations:  <none>\n\nData\n====\n";
        let rows = [
            (20, "a:\n----\n1\nb:\n----\n2\nEvents:  <none>\n"),
            (25, "a:\n----\n1\nb:\n----\n2\n\nBinaryData\n====\nx: 3 bytes\n\nEvents:  <none>\n"),
            (36, "a:\n----\n1\n\nb:\n----\n2\n\n\nBinaryData\n====\nx: 3 bytes\n\nEvents:  <none>\n"),
        ];
        for (minor, rest) in rows {
            assert_eq!(seen("", "ConfigMap", &view(&map, minor)), format!("{head}{rest}"), "1.{minor}");
        }
    }
}
