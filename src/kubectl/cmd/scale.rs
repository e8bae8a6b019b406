//! `kubectl scale`. Upstream: kubectl/pkg/cmd/scale/scale.go.

use serde_json::json;

use super::Command;
use crate::kubectl::context::Context;
use crate::kubectl::discovery::targets;
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
    flags: &[&[
        Flag::new("replicas", Kind::Int, "0", "The new desired number of replicas. Required."),
        Flag::new(
            "current-replicas",
            Kind::Int,
            "-1",
            "Precondition for current size. Requires that the current size of the resource match this value in order to scale. -1 (default) for no condition.",
        ),
    ]],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(run(cx))),
};

async fn run(cx: &mut Context<'_>) -> Result<(), Error> {
    if !cx.given.changed("replicas") {
        return Err(Error::text("required flag(s) \"replicas\" not set"));
    }
    let replicas = cx.given.int("replicas").unwrap_or(0);
    if replicas < 0 {
        return Err(Error::text("The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0"));
    }
    let (args, namespace) = (cx.given.args.clone(), cx.namespace());
    for target in targets(cx, &args).await? {
        let Some(name) = &target.name else {
            return Err(Error::text("resource(s) were provided, but no name was specified"));
        };
        // What cannot be scaled has no such path, and the server says so.
        let path = format!("{}/scale", target.resource.object(&namespace, name));
        let expected = cx.given.int("current-replicas").unwrap_or(-1);
        if expected >= 0 {
            let scale = cx.send(Call::get(path.clone())).await?;
            let now = scale["spec"]["replicas"].as_i64().unwrap_or(0);
            if expected != now {
                return Err(Error::text(format!("Expected replicas to be {expected}, was {now}")));
            }
        }
        let body = json!({"spec": {"replicas": replicas}});
        cx.send(Call::patch(path, "application/merge-patch+json", &body)).await?;
        cx.print(&format!("{}/{name} scaled\n", target.resource.printed()))?;
    }
    Ok(())
}
