//! `kubectl rollout status | history | restart | undo | pause | resume`. Upstream: kubectl/pkg/cmd/rollout, kubectl/pkg/polymorphichelpers.

use serde_json::{Map, Value, json};

use super::Command;
use super::dryrun::{self, DryRun};
use crate::apimachinery::meta;
use crate::base::{Columns, Order as _};
use crate::kubectl::builder::{self, Info, Wish};
use crate::kubectl::context::Context;
use crate::kubectl::describe::{self, selector};
use crate::kubectl::discovery::Found;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::rest::Call;
use crate::kubectl::{printers, release};

const REVISION: &str = "deployment.kubernetes.io/revision";
const RESTARTED: &str = "kubectl.kubernetes.io/restartedAt";

const SELECTOR: &[Flag] = &[Flag::short("selector", 'l', Kind::Text, "", "Selector (label query) to filter on.")];

/// `kubectl rollout`
pub const COMMAND: Command = Command {
    name: "rollout",
    aliases: &[],
    short: "Manage the rollout of a resource",
    examples: "# Check the rollout status of a deployment\nkubectl rollout status deployment/foo",
    usage: "SUBCOMMAND",
    flags: &[],
    under: &[
        Command {
            name: "history",
            aliases: &[],
            short: "View rollout history",
            examples: "# View the rollout history of a deployment\nkubectl rollout history deployment/abc",
            usage: "(TYPE NAME | TYPE/NAME) [flags]",
            flags: &[
                super::FILENAME,
                super::OUTPUT,
                SELECTOR,
                &[Flag::new("revision", Kind::Int, "0", "See the details of the revision.")],
            ],
            under: &[],
            when: release::ALWAYS,
            run: Some(|cx| Box::pin(history(cx))),
        },
        Command {
            name: "pause",
            aliases: &[],
            short: "Mark the provided resource as paused",
            examples: "",
            usage: "RESOURCE",
            flags: &[super::FILENAME, super::OUTPUT, SELECTOR],
            under: &[],
            when: release::ALWAYS,
            run: Some(|cx| Box::pin(hold(cx, true))),
        },
        Command {
            name: "resume",
            aliases: &[],
            short: "Resume a paused resource",
            examples: "",
            usage: "RESOURCE",
            flags: &[super::FILENAME, super::OUTPUT, SELECTOR],
            under: &[],
            when: release::ALWAYS,
            run: Some(|cx| Box::pin(hold(cx, false))),
        },
        Command {
            name: "undo",
            aliases: &[],
            short: "Undo a previous rollout",
            examples: "",
            usage: "(TYPE NAME | TYPE/NAME) [flags]",
            flags: &[
                super::FILENAME,
                super::OUTPUT,
                SELECTOR,
                &[
                    super::CHANGE[0],
                    Flag::new(
                        "to-revision",
                        Kind::Int,
                        "0",
                        "The revision to rollback to. Default to 0 (last revision).",
                    ),
                ],
            ],
            under: &[],
            when: release::ALWAYS,
            run: Some(|cx| Box::pin(undo(cx))),
        },
        Command {
            name: "restart",
            aliases: &[],
            short: "Restart a resource",
            examples: "# Restart a deployment\nkubectl rollout restart deployment/nginx",
            usage: "RESOURCE",
            flags: &[super::FILENAME, super::OUTPUT, SELECTOR],
            under: &[],
            when: release::ALWAYS,
            run: Some(|cx| Box::pin(restart(cx))),
        },
        Command {
            name: "status",
            aliases: &[],
            short: "Show the status of the rollout",
            examples: "# Watch the rollout status of a deployment\nkubectl rollout status deployment/nginx",
            usage: "(TYPE NAME | TYPE/NAME) [flags]",
            flags: &[
                super::FILENAME,
                SELECTOR,
                &[
                    Flag::new("revision", Kind::Int, "0", "Pin to a specific revision for showing its status."),
                    Flag::short("watch", 'w', Kind::Bool, "true", "Watch the status of the rollout until it's done."),
                    Flag::new(
                        "timeout",
                        Kind::Duration,
                        "0s",
                        "The length of time to wait before ending watch, zero means never.",
                    ),
                ],
            ],
            under: &[],
            when: release::ALWAYS,
            run: Some(|cx| Box::pin(status(cx))),
        },
    ],
    when: release::ALWAYS,
    run: None,
};

/// The deployments named, and what could not be had. Others are refused in the words that `refused` finds.
async fn named(
    cx: &mut Context<'_>,
    refused: impl Fn(&Found, &str) -> String,
) -> Result<(Vec<Info>, Vec<Error>), Error> {
    let args = cx.given.args.clone();
    if args.is_empty() && !cx.given.changed("filename") && !cx.given.changed("kustomize") {
        return Err(Error::text("required resource not specified"));
    }
    let (infos, errors) = builder::infos(cx, &args, Wish { lists: true, ..Wish::default() }).await?;
    if infos.is_empty() && errors.is_empty() {
        cx.complain(&format!("No resources found in {} namespace.\n", cx.namespace()));
    }
    match infos.iter().find(|info| info.resource.kind != "Deployment") {
        Some(info) => Err(Error::text(refused(&info.resource, &info.name))),
        None => Ok((infos, errors)),
    }
}

/// `serviceaccounts "default" restarting is not supported`
fn unsupported(what: &'static str) -> impl Fn(&Found, &str) -> String {
    move |found, name| format!("{} {name:?} {what} is not supported", found.qualified())
}

/// The replica sets of a deployment with their revisions, the oldest first.
async fn revisions(cx: &mut Context<'_>, object: &Value) -> Result<Vec<(i64, Value)>, Error> {
    let namespace = meta::namespace(object).to_owned();
    let call = Call::get(format!("/apis/apps/v1/namespaces/{namespace}/replicasets"));
    let list = cx.send(call.query("labelSelector", &selector(&object["spec"]))).await?;
    let own = |set: &&Value| meta::controller_of(set).is_some_and(|(_, _, uid)| uid == meta::uid(object));
    let sets = list["items"].as_array().into_iter().flatten().filter(own);
    let mut found: Vec<(i64, Value)> =
        sets.filter_map(|set| Some((meta::annotation(set, REVISION)?.parse().ok()?, set.clone()))).collect();
    found.order_by_key(|(revision, _)| *revision);
    Ok(found)
}

/// `rollout pause` and `rollout resume`.
async fn hold(cx: &mut Context<'_>, pause: bool) -> Result<(), Error> {
    let (doing, done) = if pause { ("pausing", "paused") } else { ("resuming", "resumed") };
    let (infos, mut errors) = named(cx, unsupported(doing)).await?;
    for info in infos {
        if info.object["spec"]["paused"].as_bool().unwrap_or(false) == pause {
            let why = if pause { "is already paused" } else { "is not paused" };
            errors.push(Error::text(format!("{} {:?} {why}", info.resource.qualified(), info.name)));
            continue;
        }
        let change = json!({"spec": {"paused": if pause { json!(true) } else { Value::Null }}});
        let call = Call::patch(info.path(), "application/strategic-merge-patch+json", &change);
        let object = cx.send(call.query("fieldManager", "kubectl-rollout")).await?;
        dryrun::tell_typed(cx, &info.resource, &object, done, DryRun::None)?;
    }
    Error::all(errors)
}

async fn undo(cx: &mut Context<'_>) -> Result<(), Error> {
    let dry = DryRun::of(cx)?;
    let wanted = cx.given.int("to-revision").unwrap_or(0);
    let refused = |found: &Found, _: &str| {
        let kind = &found.kind;
        format!("error retrieving rollbacker for {kind:?}, no visitor method exists for {{{} {kind}}}", found.group)
    };
    let (infos, errors) = named(cx, refused).await?;
    for info in infos {
        let done = back(cx, &info, wanted, dry).await?;
        let suffix = if done == "rolled back" { dry } else { DryRun::None };
        match (done.as_str(), printers::format_of(cx).as_str()) {
            ("rolled back", _) | (_, "name" | "yaml" | "json") => {
                dryrun::tell_typed(cx, &info.resource, &info.object, &done, suffix)?;
            }
            _ => cx.print(&format!("{} {done}\n", info.shown()))?,
        }
    }
    Error::all(errors)
}

/// Rolls one deployment back and says in which words.
async fn back(cx: &mut Context<'_>, info: &Info, wanted: i64, dry: DryRun) -> Result<String, Error> {
    let (object, name) = (&info.object, &info.name);
    let revisions = revisions(cx, object).await?;
    let chosen = match wanted {
        0 => revisions.iter().rev().nth(1),
        number => revisions.iter().find(|(revision, _)| *revision == number),
    };
    let Some((revision, set)) = chosen else {
        return Err(Error::text(if wanted == 0 {
            format!("no rollout history found for deployment {name:?}")
        } else {
            format!("unable to find specified revision {wanted} in history")
        }));
    };
    if dry == DryRun::Client {
        let text = describe::template_of(cx.config.release, &set["spec"]["template"], cx.config.clock.now());
        return Ok(format!("{text} (dry run)"));
    }
    if object["spec"]["paused"] == true {
        return Err(Error::text(
            "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again",
        ));
    }
    let mut template = set["spec"]["template"].clone();
    if let Some(Value::Object(labels)) = template.pointer_mut("/metadata/labels") {
        labels.shift_remove("pod-template-hash");
    }
    if template == object["spec"]["template"] {
        return Ok(format!("skipped rollback (current template already matches revision {revision})"));
    }
    // What belongs to the rollout itself stays; the rest is as the revision was made with.
    let keeps = |key: &str| key.starts_with("deployment.kubernetes.io/") || key == super::LAST_APPLIED;
    let mut annotations: Map<String, Value> = Map::new();
    for (of, keep) in [(object, true), (set, false)] {
        let map = of["metadata"]["annotations"].as_object().into_iter().flatten();
        annotations.extend(map.filter(|(key, _)| keeps(key) == keep).map(|(key, value)| (key.clone(), value.clone())));
    }
    let change = json!([
        {"op": "replace", "path": "/spec/template", "value": template},
        {"op": "replace", "path": "/metadata/annotations", "value": annotations},
    ]);
    cx.send(Call::patch(info.path(), "application/json-patch+json", &change).query("dryRun", dry.query())).await?;
    Ok("rolled back".to_owned())
}

async fn status(cx: &mut Context<'_>) -> Result<(), Error> {
    let deadline = cx.deadline(cx.given.duration("timeout"));
    let wanted = cx.given.int("revision").unwrap_or(0);
    if wanted < 0 {
        return Err(Error::text(format!("revision must be a positive integer: {wanted}")));
    }
    let refused = |found: &Found, _: &str| {
        let group = if found.group.is_empty() { String::new() } else { format!(".{}", found.group) };
        format!("no status viewer has been implemented for {}{group}", found.kind)
    };
    let (infos, errors) = named(cx, refused).await?;
    for info in infos {
        let (mut last, mut object) = (String::new(), info.object.clone());
        loop {
            let running: i64 = meta::annotation(&object, REVISION).and_then(|text| text.parse().ok()).unwrap_or(0);
            if wanted > 0 && wanted != running {
                return Err(Error::text(format!(
                    "desired revision ({wanted}) is different from the running revision ({running})"
                )));
            }
            let (text, done) = progress(&object)?;
            if text != last {
                cx.print(&text)?;
                last = text;
            }
            if done || !cx.given.bool("watch") {
                break;
            }
            cx.pause(&deadline).await?;
            object = cx.send(Call::get(info.path())).await?;
        }
    }
    Error::all(errors)
}

/// How far a deployment's rollout is, and whether it is done.
fn progress(object: &Value) -> Result<(String, bool), Error> {
    let (name, status) = (meta::name(object), &object["status"]);
    let number = |value: &Value| value.as_i64().unwrap_or(0);
    let waiting = |what: String| Ok((format!("Waiting for deployment {name:?} rollout to finish: {what}...\n"), false));
    if number(&object["metadata"]["generation"]) > number(&status["observedGeneration"]) {
        return Ok(("Waiting for deployment spec update to be observed...\n".to_owned(), false));
    }
    let stuck = status["conditions"].as_array().into_iter().flatten();
    if stuck
        .into_iter()
        .any(|condition| condition["type"] == "Progressing" && condition["reason"] == "ProgressDeadlineExceeded")
    {
        return Err(Error::text(format!("deployment {name:?} exceeded its progress deadline")));
    }
    let (wanted, updated) = (number(&object["spec"]["replicas"]), number(&status["updatedReplicas"]));
    let (all, available) = (number(&status["replicas"]), number(&status["availableReplicas"]));
    if updated < wanted {
        return waiting(format!("{updated} out of {wanted} new replicas have been updated"));
    }
    if all > updated {
        return waiting(format!("{} old replicas are pending termination", all - updated));
    }
    if available < updated {
        return waiting(format!("{available} of {updated} updated replicas are available"));
    }
    Ok((format!("deployment {name:?} successfully rolled out\n"), true))
}

async fn history(cx: &mut Context<'_>) -> Result<(), Error> {
    let refused = |found: &Found, _: &str| {
        let kind = &found.kind;
        format!("error retrieving history for {kind:?}, no visitor method exists for {{{} {kind}}}", found.group)
    };
    let wanted = cx.given.int("revision").unwrap_or(0);
    if wanted < 0 {
        return Err(Error::text(format!("revision must be a positive integer: {wanted}")));
    }
    let format = printers::format_of(cx);
    printers::check_format(cx, &format)?;
    let (infos, errors) = named(cx, refused).await?;
    for info in infos {
        let found = revisions(cx, &info.object).await?;
        let shown = info.shown();
        if !format.is_empty() {
            for (_, set) in found.iter().filter(|(revision, _)| wanted == 0 || *revision == wanted) {
                let mut set = set.clone();
                set["kind"] = json!("ReplicaSet");
                set["apiVersion"] = json!("apps/v1");
                printers::typed(cx, &format, &set)?;
            }
            continue;
        }
        if wanted > 0 {
            let Some((_, set)) = found.iter().find(|(revision, _)| *revision == wanted) else {
                return Err(Error::text("unable to find the specified revision"));
            };
            let text = describe::template_of(cx.config.release, &set["spec"]["template"], cx.config.clock.now());
            cx.print(&format!("{shown} with revision #{wanted}\n{text}\n"))?;
            continue;
        }
        let mut text = "REVISION\tCHANGE-CAUSE\n".to_owned();
        for (revision, set) in &found {
            let cause = meta::annotation(set, "kubernetes.io/change-cause").unwrap_or("<none>");
            text.push_str(&format!("{revision}\t{cause}\n"));
        }
        cx.print(&format!("{shown} \n{}\n", Columns::DESCRIBE.align(&text)))?;
    }
    Error::all(errors)
}

async fn restart(cx: &mut Context<'_>) -> Result<(), Error> {
    let (infos, mut errors) = named(cx, unsupported("restarting")).await?;
    for info in infos {
        if info.object["spec"]["paused"] == true {
            errors.push(Error::text(format!(
                "{} {:?} can't restart paused deployment (run rollout resume first)",
                info.resource.qualified(),
                info.name
            )));
            continue;
        }
        let now = meta::time(cx.config.clock.now());
        if info
            .object
            .pointer("/spec/template/metadata/annotations")
            .is_some_and(|known| known[RESTARTED] == json!(now))
        {
            errors.push(Error::text(format!(
                "failed to create patch for {}: if restart has already been triggered within the past second, please wait before attempting to trigger another",
                info.name
            )));
            continue;
        }
        let change = json!({"spec": {"template": {"metadata": {"annotations": {RESTARTED: now}}}}});
        let call = Call::patch(info.path(), "application/strategic-merge-patch+json", &change);
        let object = cx.send(call.query("fieldManager", "kubectl-rollout")).await?;
        dryrun::tell_typed(cx, &info.resource, &object, "restarted", DryRun::None)?;
    }
    Error::all(errors)
}
