//! The pod template of workloads. Upstream: DescribePodTemplate.

use serde_json::Value;

use super::page::{Page, each, text, words};
use super::{View, container, volume};
use crate::base::Order as _;
use crate::kubectl::release;

/// `app=web,tier in (a,b)`: a selector as the server takes it and kubectl shows it.
pub fn selector(spec: &Value) -> String {
    let selector = &spec["selector"];
    let mut terms: Vec<(String, String)> = Vec::new();
    for (key, value) in selector["matchLabels"].as_object().into_iter().flatten() {
        terms.push((key.clone(), format!("{key}={}", value.as_str().unwrap_or_default())));
    }
    for expression in each(&selector["matchExpressions"]) {
        let key = text(expression, "/key");
        let mut values = words(&expression["values"]);
        values.order();
        let values = values.join(",");
        let term = match text(expression, "/operator") {
            "In" => format!("{key} in ({values})"),
            "NotIn" => format!("{key} notin ({values})"),
            "DoesNotExist" => format!("!{key}"),
            _ => key.to_owned(),
        };
        terms.push((key.to_owned(), term));
    }
    terms.order_by(|a, b| a.0.cmp(&b.0));
    terms.into_iter().map(|(_, term)| term).collect::<Vec<_>>().join(",")
}

/// The same, `<none>` when it selects nothing.
pub fn shown_selector(spec: &Value) -> String {
    let selector = selector(spec);
    if selector.is_empty() { "<none>".to_owned() } else { selector }
}

/// `Pod Template:`
pub fn show(page: &mut Page, view: &View<'_>, template: &Value) {
    let spec = &template["spec"];
    page.line(0, "Pod Template:");
    page.pairs("  ", "Labels", &template["metadata"]["labels"]);
    if template["metadata"]["annotations"].as_object().is_some_and(|map| !map.is_empty()) {
        page.annotations("  ", &template["metadata"]["annotations"]);
    }
    page.field_if(1, "Service Account", text(spec, "/serviceAccountName"));
    if each(&spec["initContainers"]).next().is_some() {
        container::show(page, "Init Containers", &spec["initContainers"], None, "  ");
    }
    container::show(page, "Containers", &spec["containers"], None, "  ");
    volume::show(page, view, &spec["volumes"], "  ");
    spread(page, spec, "  ");
    page.field_if(1, "Priority Class Name", text(spec, "/priorityClassName"));
    if view.does(release::DESCRIBE_TEMPLATE_SCHEDULING) {
        page.pairs("  ", "Node-Selectors", &spec["nodeSelector"]);
        tolerations(page, spec, "  ");
    }
}

/// `Topology Spread Constraints:`, when there are any.
pub fn spread(page: &mut Page, spec: &Value, indent: &str) {
    let mut constraints: Vec<&Value> = each(&spec["topologySpreadConstraints"]).collect();
    constraints.order_by_key(|constraint| text(constraint, "/topologyKey"));
    let told = |constraint: &&Value| {
        let (key, otherwise) = (text(constraint, "/topologyKey"), text(constraint, "/whenUnsatisfiable"));
        let skew = constraint["maxSkew"].as_i64().unwrap_or(0);
        let mut line = format!("{key}:{otherwise} when max skew {skew} is exceeded");
        if constraint.get("labelSelector").is_some() {
            let selector = shown_selector(&serde_json::json!({ "selector": constraint["labelSelector"] }));
            line.push_str(&format!(" for selector {selector}"));
        }
        line
    };
    if !constraints.is_empty() {
        page.list(indent, "Topology Spread Constraints", &constraints.iter().map(told).collect::<Vec<_>>());
    }
}

/// `Tolerations:`
pub fn tolerations(page: &mut Page, spec: &Value, indent: &str) {
    let mut list: Vec<&Value> = each(&spec["tolerations"]).collect();
    list.order_by_key(|toleration| text(toleration, "/key"));
    let told = |toleration: &&Value| {
        let [key, value, effect, operator] = ["/key", "/value", "/effect", "/operator"].map(|at| text(toleration, at));
        let mut line = key.to_owned();
        if !value.is_empty() {
            line.push_str(&format!("={value}"));
        }
        if !effect.is_empty() {
            line.push_str(&format!(":{effect}"));
        }
        if operator == "Exists" && value.is_empty() {
            line.push_str(if line.is_empty() { "op=Exists" } else { " op=Exists" });
        }
        if let Some(seconds) = toleration["tolerationSeconds"].as_i64() {
            line.push_str(&format!(" for {seconds}s"));
        }
        line
    };
    page.list(indent, "Tolerations", &list.iter().map(told).collect::<Vec<_>>());
}
