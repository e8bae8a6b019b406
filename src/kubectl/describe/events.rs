//! The events at the end of a description. Upstream: DescribeEvents and searchEvents.

use jiff::Timestamp;
use serde_json::Value;

use super::View;
use super::page::{Page, number, text};
use super::related::whole;
use crate::apimachinery::meta;
use crate::base::Order as _;
use crate::kubectl::context::Context;
use crate::kubectl::release;
use crate::kubectl::rest::Call;

/// The annotation that names the pod in a manifest file which a mirror pod stands for.
const MIRROR: &str = "kubernetes.io/config.mirror";

/// Which events belong to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// This kind's description shows none.
    Nothing,
    /// Those that name it, its kind and its UID.
    Object,
    /// Those that name it and its UID.
    Pod,
    /// Those that give its UID, and those that give its name for it, as kubelet does.
    Node,
}

/// The events about an object; `None` when they are not shown or the server does not show them.
pub async fn read(cx: &mut Context<'_>, object: &Value, about: About) -> Option<Vec<Value>> {
    let (kind, uid) = (meta::kind(object), meta::uid(object));
    match about {
        About::Nothing => None,
        About::Object => search(cx, object, kind, uid).await,
        About::Pod => search(cx, object, "", meta::annotation(object, MIRROR).unwrap_or(uid)).await,
        About::Node => {
            let mut events = search(cx, object, kind, uid).await?;
            events.extend(search(cx, object, kind, meta::name(object)).await.unwrap_or_default());
            Some(events)
        }
    }
}

async fn search(cx: &mut Context<'_>, object: &Value, kind: &str, uid: &str) -> Option<Vec<Value>> {
    let namespace = meta::namespace(object);
    let mut selector = format!("involvedObject.name={},involvedObject.namespace={namespace}", meta::name(object));
    for (field, value) in [("kind", kind), ("uid", uid)] {
        if !value.is_empty() {
            selector.push_str(&format!(",involvedObject.{field}={value}"));
        }
    }
    let path = match namespace {
        "" => "/api/v1/events".to_owned(),
        _ => format!("/api/v1/namespaces/{namespace}/events"),
    };
    let mut list = whole(cx, Call::get(path).query("fieldSelector", &selector).query("limit", "500")).await.ok()?;
    match list["items"].take() {
        Value::Array(events) => Some(events),
        _ => Some(Vec::new()),
    }
}

/// `Events:` with a line for each, oldest first; nothing when they are not shown.
pub fn show(page: &mut Page, view: &View<'_>) {
    let Some(events) = &view.events else { return };
    if events.is_empty() {
        page.field(0, "Events", "<none>");
        return;
    }
    let when = |value: &Value| value.as_str().and_then(|text| text.parse::<Timestamp>().ok());
    let mut events: Vec<&Value> = events.iter().collect();
    events.order_by_key(|event| when(&event["lastTimestamp"]));
    page.line(0, "Events:");
    page.row(1, &["Type", "Reason", "Age", "From", "Message"]);
    page.row(1, &["----", "------", "----", "----", "-------"]);
    for event in events {
        let first = when(&event["eventTime"]).or_else(|| when(&event["firstTimestamp"]));
        let over = view.age_of(first);
        let age = match (&event["series"], number(&event["count"])) {
            (series @ Value::Object(_), _) => {
                let last = view.age_of(when(&series["lastObservedTime"]));
                format!("{last} (x{} over {over})", number(&series["count"]))
            }
            (_, count) if count > 1 => format!("{} (x{count} over {over})", view.age_of(when(&event["lastTimestamp"]))),
            _ => over,
        };
        let from = match text(event, "/source/component") {
            "" => text(event, "/reportingComponent"),
            component => component,
        };
        let (field, message) = (text(event, "/involvedObject/fieldPath"), text(event, "/message").trim());
        let message = match field {
            "" => message.to_owned(),
            _ if !view.does(release::DESCRIBE_EVENT_FIELD_PATH) => message.to_owned(),
            _ => format!("{field}: {message}"),
        };
        page.row(1, &[text(event, "/type"), text(event, "/reason"), &age, from, &message]);
    }
}
