//! `kubectl describe secret`: sizes, and tokens in full. Upstream: describeSecret.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::View;
use super::page::{Page, text};
use crate::base::Order as _;
use crate::kubectl::errors::Error;

/// Tells of a secret.
pub fn tell(view: &View<'_>) -> Result<Page, Error> {
    let mut page = Page::of_namespaced(view.object);
    page.labels_and_annotations(view.object);
    page.line(0, "");
    page.field(0, "Type", text(view.object, "/type"));
    page.line(0, "\nData\n====");
    let is_token = text(view.object, "/type") == "kubernetes.io/service-account-token";
    let data = view.object["data"].as_object().into_iter().flatten();
    let mut data: Vec<(&String, Vec<u8>)> = data
        .map(|(key, value)| (key, STANDARD.decode(value.as_str().unwrap_or_default()).unwrap_or_default()))
        .collect();
    // Before 1.34 the order was left to chance.
    data.order();
    for (key, bytes) in data {
        if key == "token" && is_token {
            page.field(0, key, &String::from_utf8_lossy(&bytes));
        } else {
            page.field(0, key, &format!("{} bytes", bytes.len()));
        }
    }
    Ok(page)
}
