//! `kubectl rollout status | history | restart`. Upstream: kubectl/pkg/cmd/rollout, kubectl/pkg/polymorphichelpers.

use serde_json::{Value, json};

use super::Command;
use crate::apimachinery::meta;
use crate::base::Columns;
use crate::kubectl::context::Context;
use crate::kubectl::describe::selector;
use crate::kubectl::discovery::{Target, targets};
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::release;
use crate::kubectl::rest::Call;

const REVISION: &str = "deployment.kubernetes.io/revision";

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
            flags: &[],
            under: &[],
            when: release::ALWAYS,
            run: Some(|cx| Box::pin(history(cx))),
        },
        Command {
            name: "restart",
            aliases: &[],
            short: "Restart a resource",
            examples: "# Restart a deployment\nkubectl rollout restart deployment/nginx",
            usage: "RESOURCE",
            flags: &[],
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
            flags: &[&[
                Flag::short("watch", 'w', Kind::Bool, "true", "Watch the status of the rollout until it's done."),
                Flag::new(
                    "timeout",
                    Kind::Duration,
                    "0s",
                    "The length of time to wait before ending watch, zero means never.",
                ),
            ]],
            under: &[],
            when: release::ALWAYS,
            run: Some(|cx| Box::pin(status(cx))),
        },
    ],
    when: release::ALWAYS,
    run: None,
};

async fn named(cx: &mut Context<'_>) -> Result<Vec<(Target, String)>, Error> {
    let args = cx.given.args.clone();
    if args.is_empty() {
        return Err(Error::text("required resource not specified"));
    }
    let namespace = cx.namespace();
    let mut found = Vec::new();
    for target in targets(cx, &args).await? {
        let Some(name) = &target.name else {
            return Err(Error::text("resource(s) were provided, but no name was specified"));
        };
        let path = target.resource.object(&namespace, name);
        if target.resource.kind != "Deployment" {
            return Err(Error::text(format!(
                "no status viewer has been implemented for {}.{}",
                target.resource.kind, target.resource.group
            )));
        }
        found.push((target, path));
    }
    Ok(found)
}

async fn status(cx: &mut Context<'_>) -> Result<(), Error> {
    let deadline = cx.deadline(cx.given.duration("timeout"));
    for (_, path) in named(cx).await? {
        let mut last = String::new();
        loop {
            let object = cx.send(Call::get(path.clone())).await?;
            let (text, done) = progress(&object)?;
            if text != last {
                cx.print(&text)?;
                last = text;
            }
            if done || !cx.given.bool("watch") {
                break;
            }
            cx.pause(&deadline).await?;
        }
    }
    Ok(())
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
    let namespace = cx.namespace();
    for (target, path) in named(cx).await? {
        let object = cx.send(Call::get(path)).await?;
        let call = Call::get(format!("/apis/apps/v1/namespaces/{namespace}/replicasets"));
        let list = cx.send(call.query("labelSelector", &selector(&object["spec"]))).await?;
        let own = |set: &&Value| meta::controller_of(set).is_some_and(|(_, _, uid)| uid == meta::uid(&object));
        let mut rows: Vec<(i64, String)> = list["items"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(own)
            .filter_map(|set| {
                let revision = meta::annotation(set, REVISION)?.parse().ok()?;
                let cause = meta::annotation(set, "kubernetes.io/change-cause").unwrap_or("<none>");
                Some((revision, cause.to_owned()))
            })
            .collect();
        rows.sort();
        let mut text = "REVISION\tCHANGE-CAUSE\n".to_owned();
        rows.iter().for_each(|(revision, cause)| text.push_str(&format!("{revision}\t{cause}\n")));
        let name = target.name.unwrap_or_default();
        cx.print(&format!("{}/{name} \n{}\n", target.resource.printed(), Columns::DESCRIBE.align(&text)))?;
    }
    Ok(())
}

async fn restart(cx: &mut Context<'_>) -> Result<(), Error> {
    for (target, path) in named(cx).await? {
        let now = meta::time(cx.config.clock.now());
        let change =
            json!({"spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": now}}}}});
        let call = Call::patch(path, "application/strategic-merge-patch+json", &change);
        cx.send(call.query("fieldManager", "kubectl-rollout")).await?;
        let name = target.name.unwrap_or_default();
        cx.print(&format!("{}/{name} restarted\n", target.resource.printed()))?;
    }
    Ok(())
}
