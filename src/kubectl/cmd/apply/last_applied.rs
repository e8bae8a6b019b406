//! `kubectl apply view-last-applied | set-last-applied`: what an object was last applied as.
//! Upstream: kubectl/pkg/cmd/apply/apply_view_last_applied.go, apply_set_last_applied.go.

use serde_json::{Value, json};

use super::LAST_APPLIED;
use crate::apimachinery::meta;
use crate::apimachinery::yaml::to_yaml;
use crate::kubectl::builder::{self, Wish};
use crate::kubectl::cmd::dryrun::{self, DryRun};
use crate::kubectl::cmd::{CHANGE, Command, FILENAME, OUTPUT};
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::rest::Call;
use crate::kubectl::{manifest, release};

/// `kubectl apply view-last-applied`
pub const VIEW: Command = Command {
    name: "view-last-applied",
    aliases: &[],
    short: "View the latest last-applied-configuration annotations of a resource/object",
    examples: "",
    usage: "(TYPE [NAME | -l label] | TYPE/NAME | -f FILENAME)",
    flags: &[
        FILENAME,
        &[
            Flag::short("output", 'o', Kind::Text, "yaml", "Output format. Must be one of (yaml, json)"),
            Flag::short("selector", 'l', Kind::Text, "", "Selector (label query) to filter on."),
            Flag::new("all", Kind::Bool, "false", "Select all resources in the namespace of the specified types"),
        ],
    ],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(view(cx))),
};

/// `kubectl apply set-last-applied`
pub const SET: Command = Command {
    name: "set-last-applied",
    aliases: &[],
    short: "Set the last-applied-configuration annotation on a live object to match the contents of a file",
    examples: "",
    usage: "-f FILENAME",
    flags: &[
        OUTPUT,
        FILENAME,
        &[
            CHANGE[0],
            Flag::new(
                "create-annotation",
                Kind::Bool,
                "false",
                "Will create 'last-applied-configuration' annotations if current objects doesn't have one",
            ),
        ],
    ],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(set(cx))),
};

async fn view(cx: &mut Context<'_>) -> Result<(), Error> {
    let args = cx.given.args.clone();
    let (infos, errors) = builder::infos(cx, &args, Wish::default()).await?;
    Error::all(errors)?;
    let mut kept = Vec::new();
    for info in infos {
        match meta::annotation(&info.object, LAST_APPLIED) {
            Some(text) => kept.push(text.to_owned()),
            None if info.source.is_empty() => {}
            None => {
                let what = format!("no last-applied-configuration annotation found on resource: {}\n", info.name);
                return Err(Error::text(format!("error when {what} {:?}: <nil>", info.source)));
            }
        }
    }
    let output = cx.given.text("output").to_owned();
    for text in kept {
        let value: Value = serde_json::from_str(&text).map_err(|cause| Error::text(cause.to_string()))?;
        match output.as_str() {
            "yaml" => cx.print(&to_yaml(&value))?,
            "json" => {
                let shown = serde_json::to_string_pretty(&value).map_err(|cause| Error::text(cause.to_string()))?;
                cx.print(&format!("{shown}\n"))?;
            }
            other => {
                return Err(cx.usage_error(&format!(
                    "Unexpected -o output mode: {other}, the flag 'output' must be one of yaml|json"
                )));
            }
        }
    }
    Ok(())
}

async fn set(cx: &mut Context<'_>) -> Result<(), Error> {
    let dry = DryRun::of(cx)?;
    if !cx.given.changed("filename") && !cx.given.changed("kustomize") {
        return Err(Error::nothing_named());
    }
    let (manifests, errors) = manifest::load(cx).await?;
    Error::all(errors)?;
    let mut changes = Vec::new();
    for item in manifests {
        let live = cx.send(Call::get(item.path())).await?;
        // As it is in the file: apply itself writes empty annotations into what it keeps, this does not.
        let wanted = manifest::remembered(&item.object);
        let name = meta::name(&item.object).to_owned();
        match meta::annotation(&live, LAST_APPLIED) {
            None if !cx.given.bool("create-annotation") => {
                return Err(Error::text(format!(
                    "no last-applied-configuration annotation found on resource: {name}, to create the annotation, run the command with --create-annotation"
                )));
            }
            Some(known) if known == wanted => {
                cx.print(&format!("set-last-applied {name}: no changes required.\n"))?;
            }
            _ => changes.push((item, wanted, live)),
        }
    }
    for (item, wanted, live) in changes {
        let body = json!({"metadata": {"annotations": {LAST_APPLIED: wanted}}});
        let mut object = live;
        if dry != DryRun::Client {
            let call = Call::patch(item.path(), "application/merge-patch+json", &body).query("dryRun", dry.query());
            object = cx.send(call).await?;
        }
        dryrun::tell(cx, &item.resource, &object, "configured", dry)?;
    }
    Ok(())
}
