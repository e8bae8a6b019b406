//! `kubectl scale`. Upstream: kubectl/pkg/cmd/scale/scale.go, kubectl/pkg/scale/scale.go.

use serde_json::{Value, json};

use super::dryrun::{self, DryRun};
use super::{CHANGE, Command, FILENAME, OUTPUT};
use crate::kubectl::builder::{self, Info, Wish};
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::release;
use crate::kubectl::rest::Call;

/// `kubectl scale`
pub const COMMAND: Command = Command {
    name: "scale",
    aliases: &[],
    short: "Set a new size for a deployment, replica set, or replication controller",
    examples: "# Scale a deployment named 'web' to 3\nkubectl scale --replicas=3 deployment/web",
    usage: "--replicas=COUNT (-f FILENAME | TYPE NAME)",
    flags: &[
        OUTPUT,
        FILENAME,
        &[
            CHANGE[0],
            Flag::new("replicas", Kind::Int, "0", "The new desired number of replicas. Required."),
            Flag::new(
                "current-replicas",
                Kind::Int,
                "-1",
                "Precondition for current size. Requires that the current size of the resource match this value in order to scale. -1 (default) for no condition.",
            ),
            Flag::new(
                "resource-version",
                Kind::Text,
                "",
                "Precondition for resource version. Requires that the current resource version match this value in order to scale.",
            ),
            Flag::new(
                "timeout",
                Kind::Duration,
                "0s",
                "The length of time to wait before giving up on a scale operation, zero means don't wait.",
            ),
            Flag::short("selector", 'l', Kind::Text, "", "Selector (label query) to filter on."),
            Flag::new("all", Kind::Bool, "false", "Select all resources in the namespace of the specified types"),
        ],
    ],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(run(cx))),
};

async fn run(cx: &mut Context<'_>) -> Result<(), Error> {
    if !cx.given.changed("replicas") {
        return Err(Error::text("required flag(s) \"replicas\" not set"));
    }
    let replicas = cx.given.int("replicas").unwrap_or(0);
    let dry = DryRun::of(cx)?;
    if replicas < 0 {
        return Err(Error::text("The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0"));
    }
    let args = cx.given.args.clone();
    let (infos, errors) = builder::infos(cx, &args, Wish::default()).await?;
    if infos.len() > 1 && !cx.given.text("resource-version").is_empty() {
        return Err(Error::text("cannot use --resource-version with multiple resources"));
    }
    if infos.is_empty() && errors.is_empty() {
        return Err(Error::text("no objects passed to scale"));
    }
    for info in infos {
        if dry != DryRun::Client {
            one(cx, &info, replicas, dry).await?;
        }
        dryrun::tell(cx, &info.resource, &info.object, "scaled", dry)?;
    }
    Error::all(errors)
}

async fn one(cx: &mut Context<'_>, info: &Info, replicas: i64, dry: DryRun) -> Result<(), Error> {
    // What cannot be scaled has no such path, and the server says so.
    let path = format!("{}/scale", info.path());
    let expected = cx.given.int("current-replicas").unwrap_or(-1);
    let version = cx.given.text("resource-version").to_owned();
    if expected >= 0 || !version.is_empty() {
        let mut scale = cx.send(Call::get(path.clone())).await?;
        let now = size(&scale, "spec");
        if expected >= 0 && expected != now {
            return Err(Error::text(format!("Expected replicas to be {expected}, was {now}")));
        }
        let known = scale["metadata"]["resourceVersion"].as_str().unwrap_or_default();
        if !version.is_empty() && version != known {
            return Err(Error::text(format!("Expected resource version to be {version}, was {known}")));
        }
        scale["spec"]["replicas"] = json!(replicas);
        cx.send(Call::put(path.clone(), &scale).query("dryRun", dry.query())).await?;
    } else {
        let body = json!({"spec": {"replicas": replicas}});
        let call = Call::patch(path.clone(), "application/merge-patch+json", &body);
        cx.send(call.query("dryRun", dry.query())).await?;
    }
    if dry != DryRun::None || cx.given.duration("timeout").is_zero() {
        return Ok(());
    }
    let deadline = cx.deadline(cx.given.duration("timeout"));
    loop {
        let scale = cx.send(Call::get(path.clone())).await?;
        if size(&scale, "spec") == replicas && size(&scale, "status") == replicas {
            return Ok(());
        }
        if cx.pause(&deadline).await.is_err() {
            return Err(Error::text(format!("timed out waiting for {:?} to be synced", info.name)));
        }
    }
}

fn size(scale: &Value, part: &str) -> i64 {
    scale[part]["replicas"].as_i64().unwrap_or(0)
}
