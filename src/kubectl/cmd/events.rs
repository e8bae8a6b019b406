//! `kubectl events`. Upstream: kubectl/pkg/cmd/events/events.go.

use serde_json::Value;

use super::Command;
use crate::base::Columns;
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::release;
use crate::kubectl::rest::Call;

/// `kubectl events`
pub const COMMAND: Command = Command {
    name: "events",
    aliases: &[],
    short: "List events",
    examples: "# List recent events in the default namespace\nkubectl events\n\n# List recent events for the specified pod\nkubectl events --for pod/web-pod-13je7",
    usage: "[--for TYPE/NAME] [--types=Normal,Warning]",
    flags: &[&[
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
    ]],
    under: &[],
    when: release::EVENTS_COMMAND,
    run: Some(|cx| Box::pin(run(cx))),
};

async fn run(cx: &mut Context<'_>) -> Result<(), Error> {
    let all = cx.given.bool("all-namespaces");
    let path = if all { "/api/v1/events".to_owned() } else { format!("/api/v1/namespaces/{}/events", cx.namespace()) };
    let types = cx.given.list("types").to_vec();
    if types.iter().any(|kind| !["normal", "warning"].contains(&kind.to_lowercase().as_str())) {
        return Err(Error::text("valid --types are Normal or Warning"));
    }
    let about = match cx.given.text("for").to_owned() {
        text if text.is_empty() => None,
        text => {
            let (kind, name) =
                text.split_once('/').ok_or_else(|| Error::text("--for must be in resource/name form"))?;
            Some((cx.resource(kind).await?.kind, name.to_owned()))
        }
    };
    let list = cx.send(Call::get(path)).await?;
    let text = |event: &Value, at: &str| event.pointer(at).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut events: Vec<&Value> = list["items"].as_array().into_iter().flatten().collect();
    events.retain(|event| {
        about.as_ref().is_none_or(|(kind, name)| {
            event["involvedObject"]["kind"] == *kind && event["involvedObject"]["name"] == *name
        }) && (types.is_empty() || types.iter().any(|wanted| wanted.eq_ignore_ascii_case(&text(event, "/type"))))
    });
    if events.is_empty() {
        let place = if all {
            "No events found.".to_owned()
        } else {
            format!("No events found in {} namespace.", cx.namespace())
        };
        cx.complain(&format!("{place}\n"));
        return Ok(());
    }
    events.sort_by_key(|event| text(event, "/lastTimestamp"));
    let first = if all { "NAMESPACE\t" } else { "" };
    let mut rows = if cx.given.bool("no-headers") {
        String::new()
    } else {
        format!("{first}LAST SEEN\tTYPE\tREASON\tOBJECT\tMESSAGE\n")
    };
    for event in events {
        let namespace = if all { text(event, "/metadata/namespace") + "\t" } else { String::new() };
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
        rows.push_str(&format!(
            "{namespace}{}\t{}\t{}\t{}/{}\t{}\n",
            seen,
            text(event, "/type"),
            text(event, "/reason"),
            text(event, "/involvedObject/kind"),
            text(event, "/involvedObject/name"),
            text(event, "/message").trim()
        ));
    }
    let aligned = Columns::GET.align(&rows);
    cx.print(&aligned)
}
