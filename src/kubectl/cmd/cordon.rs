//! `kubectl cordon` and `uncordon`. Upstream: kubectl/pkg/cmd/drain/drain.go, kubectl/pkg/drain/cordon.go.

use serde_json::json;

use super::dryrun::DryRun;
use super::{Command, SELECTOR};
use crate::apimachinery::meta;
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::release;
use crate::kubectl::rest::Call;

const FLAGS: &[&[Flag]] = &[
    SELECTOR,
    &[Flag::new("dry-run", Kind::OptionalText("unchanged"), "none", "Must be \"none\", \"server\", or \"client\".")],
];

/// `kubectl cordon`
pub const CORDON: Command = Command {
    name: "cordon",
    aliases: &[],
    short: "Mark node as unschedulable",
    examples: "# Mark node \"foo\" as unschedulable\nkubectl cordon foo",
    usage: "NODE",
    flags: FLAGS,
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(run(cx, true))),
};

/// `kubectl uncordon`
pub const UNCORDON: Command = Command {
    name: "uncordon",
    short: "Mark node as schedulable",
    examples: "# Mark node \"foo\" as schedulable\nkubectl uncordon foo",
    run: Some(|cx| Box::pin(run(cx, false))),
    ..CORDON
};

async fn run(cx: &mut Context<'_>, desired: bool) -> Result<(), Error> {
    let word = if desired { "cordon" } else { "uncordon" };
    let names = cx.given.args.clone();
    let selected = !cx.given.text("selector").is_empty();
    if names.is_empty() && !cx.given.changed("selector") {
        return Err(cx.usage_error(&format!("USAGE: {word} NODE [flags]")));
    }
    if !names.is_empty() && selected {
        return Err(cx.usage_error("error: cannot specify both a node name and a --selector option"));
    }
    let dry = DryRun::of(cx)?;
    let nodes = cx.resource("nodes").await?;
    let mut found = Vec::new();
    if selected {
        found = cx.select(&nodes, "").await?;
    }
    // All are looked for before the first is changed.
    for name in names {
        let name = name.strip_prefix("node/").or(name.strip_prefix("nodes/")).unwrap_or(&name).to_owned();
        found.push(cx.send(Call::get(nodes.object("", &name))).await?);
    }
    for node in found {
        let name = meta::name(&node).to_owned();
        let already = (node["spec"]["unschedulable"] == true) == desired;
        if !already && dry != DryRun::Client {
            let change = json!({"spec": {"unschedulable": desired.then_some(true)}});
            let call = Call::patch(nodes.object("", &name), "application/strategic-merge-patch+json", &change)
                .query("dryRun", dry.query());
            if let Err(error) = cx.send(call).await {
                cx.complain(&format!("error: unable to {word} node {name:?}: {}\n", error.message()));
                continue;
            }
        }
        let already = if already { "already " } else { "" };
        cx.print(&format!("node/{name} {already}{word}ed{}\n", dry.suffix()))?;
    }
    Ok(())
}
