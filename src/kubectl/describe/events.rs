//! The events at the end of a description.

use serde_json::Value;

use crate::apimachinery::meta;
use crate::kubectl::context::Context;
use crate::kubectl::release;
use crate::kubectl::rest::Call;

/// `Events:` with a line for each, oldest first; nothing when the server does not show them.
pub async fn about(cx: &mut Context<'_>, object: &Value, wanted: bool) -> String {
    if !wanted {
        return String::new();
    }
    let namespace = meta::namespace(object);
    let mut selector = format!("involvedObject.name={},involvedObject.namespace={namespace}", meta::name(object));
    if !meta::uid(object).is_empty() {
        selector.push_str(&format!(",involvedObject.uid={}", meta::uid(object)));
    }
    let path = if namespace.is_empty() {
        "/api/v1/events".to_owned()
    } else {
        format!("/api/v1/namespaces/{namespace}/events")
    };
    let Ok(list) = cx.send(Call::get(path).query("fieldSelector", &selector).query("limit", "500")).await else {
        return String::new();
    };
    let mut events = list["items"].as_array().cloned().unwrap_or_default();
    if events.is_empty() {
        return "Events:\t<none>\n".to_owned();
    }
    events.sort_by_key(|event| last(event).to_owned());
    let mut text = "Events:\n  Type\tReason\tAge\tFrom\tMessage\n  ----\t------\t----\t----\t-------\n".to_owned();
    for event in &events {
        let parse = |text: &str| text.parse().ok();
        let count = event["series"]["count"].as_i64().or_else(|| event["count"].as_i64()).unwrap_or(0);
        let first =
            [&event["firstTimestamp"], &event["eventTime"]].into_iter().find_map(Value::as_str).unwrap_or_default();
        let age = if count > 1 {
            format!("{} (x{count} over {})", cx.age(parse(last(event))), cx.age(parse(first)))
        } else {
            cx.age(parse(if first.is_empty() { last(event) } else { first }))
        };
        let from = ["/source/component", "/reportingComponent"]
            .into_iter()
            .map(|at| super::text(event, at))
            .find(|from| !from.is_empty());
        let field = super::text(event, "/involvedObject/fieldPath");
        let message = super::text(event, "/message").trim();
        let message = if cx.does(release::DESCRIBE_EVENT_FIELD_PATH) && !field.is_empty() {
            format!("{field}: {message}")
        } else {
            message.to_owned()
        };
        text.push_str(&format!(
            "  {}\t{}\t{age}\t{}\t{message}\n",
            super::text(event, "/type"),
            super::text(event, "/reason"),
            from.unwrap_or_default()
        ));
    }
    text
}

/// When an event happened last.
fn last(event: &Value) -> &str {
    ["/series/lastObservedTime", "/lastTimestamp", "/eventTime", "/firstTimestamp"]
        .into_iter()
        .map(|at| super::text(event, at))
        .find(|time| !time.is_empty())
        .unwrap_or_default()
}
