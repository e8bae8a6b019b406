//! `kubectl top`: what a cluster without a metrics server answers. Upstream: kubectl/pkg/cmd/top.

use super::Command;
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::release;
use crate::kubectl::rest::Call;

const FLAGS: &[Flag] = &[
    Flag::short("all-namespaces", 'A', Kind::Bool, "false", "If present, list across all namespaces."),
    Flag::new("containers", Kind::Bool, "false", "If present, print usage of containers within a pod."),
    Flag::new("no-headers", Kind::Bool, "false", "If present, print output without headers."),
    Flag::new("sort-by", Kind::Text, "", "If non-empty, sort the list using specified field."),
];

const fn entry(name: &'static str, aliases: &'static [&'static str], short: &'static str) -> Command {
    Command {
        name,
        aliases,
        short,
        examples: "",
        usage: "",
        flags: &[super::SELECTOR, FLAGS],
        under: &[],
        when: release::ALWAYS,
        run: Some(|cx| Box::pin(run(cx))),
    }
}

/// `kubectl top`
pub const COMMAND: Command = Command {
    name: "top",
    aliases: &[],
    short: "Display resource (CPU/memory) usage",
    examples: "",
    usage: "",
    flags: &[],
    under: &[
        entry("node", &["nodes", "no"], "Display resource (CPU/memory) usage of nodes"),
        entry("pod", &["pods", "po"], "Display resource (CPU/memory) usage of pods"),
    ],
    when: release::ALWAYS,
    run: None,
};

async fn run(cx: &mut Context<'_>) -> Result<(), Error> {
    if !matches!(cx.given.text("sort-by"), "" | "cpu" | "memory") {
        return Err(Error::text("--sort-by accepts only cpu or memory"));
    }
    let groups = cx.send(Call::get("/apis")).await?;
    let measured = groups["groups"].as_array().into_iter().flatten().any(|group| group["name"] == "metrics.k8s.io");
    Err(Error::text(if measured { "this kubectl does not read metrics" } else { "Metrics API not available" }))
}
