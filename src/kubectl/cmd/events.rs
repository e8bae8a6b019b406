//! `kubectl events`. Upstream: kubectl/pkg/cmd/events/events.go.

use futures::StreamExt;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Command, OUTPUT};
use crate::base::{Columns, Order as _};
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::rest::Call;
use crate::kubectl::{printers, release};

/// `kubectl events`
pub const COMMAND: Command = Command {
    name: "events",
    aliases: &[],
    short: "List events",
    examples: "# List recent events in the default namespace\nkubectl events\n\n# List recent events for the specified pod\nkubectl events --for pod/web-pod-13je7",
    usage: "[--for TYPE/NAME] [--types=Normal,Warning]",
    flags: &[
        OUTPUT,
        &[
            Flag::short(
                "all-namespaces",
                'A',
                Kind::Bool,
                "false",
                "If present, list the requested object(s) across all namespaces.",
            ),
            Flag::new("for", Kind::Text, "", "Filter events to only those pertaining to the specified resource."),
            Flag::new("types", Kind::List, "[]", "Output only events of given types."),
            Flag::new("no-headers", Kind::Bool, "false", "When using the default output format, don't print headers."),
            Flag::short(
                "watch",
                'w',
                Kind::Bool,
                "false",
                "After listing the requested events, watch for more events.",
            ),
            Flag::new("chunk-size", Kind::Int, "500", "Return large lists in chunks rather than all at once."),
        ],
    ],
    under: &[],
    when: release::EVENTS_COMMAND,
    run: Some(|cx| Box::pin(run(cx))),
};

/// What is asked for, and how it is shown.
struct Asked {
    /// The collection's path.
    path: String,
    /// Whether events of all namespaces are shown.
    all: bool,
    /// `involvedObject.kind=Pod,involvedObject.name=web`, or nothing.
    about: String,
    types: Vec<String>,
    format: String,
}

impl Asked {
    fn wants(&self, event: &Value) -> bool {
        let kind = text(event, "/type");
        self.types.is_empty() || self.types.iter().any(|wanted| wanted.eq_ignore_ascii_case(&kind))
    }
}

async fn run(cx: &mut Context<'_>) -> Result<(), Error> {
    let all = cx.given.bool("all-namespaces");
    let about = about(cx).await?;
    let types = cx.given.list("types").to_vec();
    let format = printers::format_of(cx);
    printers::check_format(cx, &format)?;
    if types.iter().any(|kind| !["normal", "warning"].contains(&kind.to_lowercase().as_str())) {
        return Err(Error::text("valid --types are Normal or Warning"));
    }
    let path = if all { "/api/v1/events".to_owned() } else { format!("/api/v1/namespaces/{}/events", cx.namespace()) };
    let asked = Asked { path, all, about, types, format };
    if cx.given.bool("watch") { watch(cx, &asked).await } else { list(cx, &asked).await }
}

/// The field selector that `--for` means. A kind without a name after it chooses nothing.
async fn about(cx: &mut Context<'_>) -> Result<String, Error> {
    let wanted = cx.given.text("for").to_owned();
    if wanted.is_empty() {
        return Ok(String::new());
    }
    let parts: Vec<&str> = wanted.split('/').collect();
    match parts.as_slice() {
        [_] => Err(Error::text("--for must be in resource/name form")),
        [kind, name] => {
            // Upstream tells this fault without the word `error`.
            let kind = cx.resource(kind).await.map_err(|error| match error {
                Error::Text(text) => Error::Raw(text),
                other => other,
            })?;
            Ok(match *name {
                "" => String::new(),
                name => format!("involvedObject.kind={},involvedObject.name={name}", kind.kind),
            })
        }
        _ => Err(Error::text("arguments in resource/name form may not have more than one slash")),
    }
}

async fn list(cx: &mut Context<'_>, asked: &Asked) -> Result<(), Error> {
    let first = Call::get(&asked.path).query("fieldSelector", &asked.about).query("limit", "500");
    let (mut events, mut token) = (Vec::new(), String::new());
    loop {
        let answer = cx.send(first.clone().query("continue", &token)).await?;
        events.extend(answer["items"].as_array().cloned().unwrap_or_default());
        token = text(&answer, "/metadata/continue");
        if token.is_empty() {
            break;
        }
    }
    events.retain(|event| asked.wants(event));
    if events.is_empty() {
        let place = if asked.all { ".".to_owned() } else { format!(" in {} namespace.", cx.namespace()) };
        cx.complain(&format!("No events found{place}\n"));
        return Ok(());
    }
    events.order_by_key(time);
    // A list has no name, and upstream says nothing of that.
    if asked.format == "name" {
        return Ok(());
    }
    if !asked.format.is_empty() {
        let items: Vec<Value> = events.into_iter().map(named).collect();
        let list = json!({"kind": "EventList", "apiVersion": "v1", "metadata": {}, "items": items});
        return printers::typed(cx, &asked.format, &list);
    }
    let mut rows = headers(cx, asked);
    for event in &events {
        rows.push_str(&row(cx, asked, event));
    }
    cx.print(&Columns::GET.align(&rows))
}

/// Tells the events there are, in order of their names, and then each new one as it happens.
async fn watch(cx: &mut Context<'_>, asked: &Asked) -> Result<(), Error> {
    let call = Call::get(&asked.path).query("fieldSelector", &asked.about).query("limit", "500").query("watch", "true");
    let mut lines = cx.lines(call).await?;
    let mut shown = String::new();
    let mut documents = 0;
    while let Some(line) = lines.next().await {
        let Ok(change) = serde_json::from_str::<Value>(&line) else { continue };
        let event = change["object"].clone();
        if matches!(change["type"].as_str(), Some("DELETED" | "BOOKMARK"))
            || event["kind"] != "Event"
            || !asked.wants(&event)
        {
            continue;
        }
        if !asked.format.is_empty() {
            if documents > 0 && matches!(asked.format.as_str(), "yaml" | "kyaml") {
                cx.print("---\n")?;
            }
            documents += 1;
            printers::typed(cx, &asked.format, &named(event))?;
            continue;
        }
        if shown.is_empty() {
            shown = headers(cx, asked);
        }
        // Earlier lines keep the columns where they were.
        let before = if documents == 0 { 0 } else { shown.lines().count() };
        documents += 1;
        shown.push_str(&row(cx, asked, &event));
        let fresh: String = Columns::GET.align(&shown).split_inclusive('\n').skip(before).collect();
        cx.print(&fresh)?;
    }
    Ok(())
}

fn text(value: &Value, at: &str) -> String {
    value.pointer(at).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// An event of a list, which does not say there what it is.
fn named(mut event: Value) -> Value {
    let mut object = json!({"kind": "Event", "apiVersion": "v1"});
    printers::drop_managed_fields(&mut event);
    if let (Some(object), Value::Object(event)) = (object.as_object_mut(), event) {
        object.extend(event);
    }
    object
}

/// When it happened last. Upstream: eventTime.
fn time(event: &Value) -> Option<Timestamp> {
    let at = ["/series/lastObservedTime", "/lastTimestamp", "/eventTime"];
    at.into_iter().find_map(|at| text(event, at).parse().ok())
}

fn headers(cx: &Context<'_>, asked: &Asked) -> String {
    if cx.given.bool("no-headers") {
        return String::new();
    }
    let first = if asked.all { "NAMESPACE\t" } else { "" };
    format!("{first}LAST SEEN\tTYPE\tREASON\tOBJECT\tMESSAGE\n")
}

fn row(cx: &Context<'_>, asked: &Asked, event: &Value) -> String {
    let namespace = if asked.all { text(event, "/metadata/namespace") + "\t" } else { String::new() };
    let age = |at: &str| cx.age(text(event, at).parse().ok());
    let first = if text(event, "/eventTime").is_empty() { age("/firstTimestamp") } else { age("/eventTime") };
    let number = |at: &str| event.pointer(at).and_then(Value::as_i64).unwrap_or(0);
    let seen = if event["series"].is_object() {
        format!("{} (x{} over {first})", age("/series/lastObservedTime"), number("/series/count"))
    } else if number("/count") > 1 {
        format!("{} (x{} over {first})", age("/lastTimestamp"), number("/count"))
    } else {
        first
    };
    format!(
        "{namespace}{seen}\t{}\t{}\t{}/{}\t{}\n",
        text(event, "/type"),
        text(event, "/reason"),
        text(event, "/involvedObject/kind"),
        text(event, "/involvedObject/name"),
        text(event, "/message").trim()
    )
}
