//! `kubectl logs`. Upstream: kubectl/pkg/cmd/logs/logs.go.

use futures::StreamExt;
use serde_json::Value;

use super::Command;
use super::exec::{choose_container, find_pod};
use crate::apimachinery::meta;
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::release;
use crate::kubectl::rest::Call;

/// `kubectl logs`
pub const COMMAND: Command = Command {
    name: "logs",
    aliases: &[],
    short: "Print the logs for a container in a pod or specified resource",
    examples: "# Return snapshot logs from pod nginx with only one container\nkubectl logs nginx\n\n# Begin streaming the logs\nkubectl logs -f nginx",
    usage: "[-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]",
    flags: &[&[
        Flag::short("container", 'c', Kind::Text, "", "Print the logs of this container"),
        Flag::short("follow", 'f', Kind::Bool, "false", "Specify if the logs should be streamed."),
        Flag::short(
            "previous",
            'p',
            Kind::Bool,
            "false",
            "If true, print the logs for the previous instance of the container in a pod if it exists.",
        ),
        Flag::short("selector", 'l', Kind::Text, "", "Selector (label query) to filter on."),
        Flag::new("all-containers", Kind::Bool, "false", "Get all containers' logs in the pod(s)."),
        Flag::new(
            "tail",
            Kind::Int,
            "-1",
            "Lines of recent log file to display. Defaults to -1 with no selector, showing all log lines otherwise 10, if a selector is provided.",
        ),
        Flag::new("since", Kind::Duration, "0s", "Only return logs newer than a relative duration like 5s, 2m, or 3h."),
        Flag::new("timestamps", Kind::Bool, "false", "Include timestamps on each line in the log output"),
        Flag::new(
            "prefix",
            Kind::Bool,
            "false",
            "Prefix each log line with the log source (pod name and container name)",
        ),
    ]],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(run(cx))),
};

async fn run(cx: &mut Context<'_>) -> Result<(), Error> {
    let args = cx.given.args.clone();
    let pods = match args.as_slice() {
        [] if cx.given.changed("selector") => {
            let path = format!("/api/v1/namespaces/{}/pods", cx.namespace());
            let list = cx.send(Call::get(path).query("labelSelector", cx.given.text("selector"))).await?;
            list["items"].as_array().cloned().unwrap_or_default()
        }
        [pod] | [pod, _] => vec![find_pod(cx, pod).await.map_err(|error| gone(cx, pod, error))?],
        _ => {
            return Err(cx.usage_error("expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command"));
        }
    };
    if pods.is_empty() {
        cx.complain(&format!("No resources found in {} namespace.\n", cx.namespace()));
    }
    for pod in pods {
        let containers: Vec<String> = if cx.given.bool("all-containers") {
            let all = ["initContainers", "containers"].into_iter();
            all.flat_map(|field| pod["spec"][field].as_array().cloned().unwrap_or_default())
                .filter_map(|container: Value| container["name"].as_str().map(str::to_owned))
                .collect()
        } else if let [_, container] = args.as_slice() {
            vec![container.clone()]
        } else {
            vec![choose_container(cx, &pod)?]
        };
        for container in containers {
            one(cx, &pod, &container).await?;
        }
    }
    Ok(())
}

fn gone(cx: &Context<'_>, pod: &str, error: Error) -> Error {
    if !error.is_not_found() || pod.contains('/') || !cx.does(release::LOGS_SAY_NAMESPACE) {
        return error;
    }
    Error::text(format!("error from server (NotFound): {} in namespace {:?}", error.message(), cx.namespace()))
}

async fn one(cx: &mut Context<'_>, pod: &Value, container: &str) -> Result<(), Error> {
    let flag = |on: bool| if on { "true" } else { "" };
    let path = format!("/api/v1/namespaces/{}/pods/{}/log", meta::namespace(pod), meta::name(pod));
    let tail = match (cx.given.changed("tail"), cx.given.changed("selector")) {
        (true, _) if cx.given.text("tail") != "-1" => cx.given.text("tail").to_owned(),
        (false, true) => "10".to_owned(),
        _ => String::new(),
    };
    let since = cx.given.duration("since").as_secs();
    let call = Call::get(path)
        .query("container", container)
        .query("follow", flag(cx.given.bool("follow")))
        .query("previous", flag(cx.given.bool("previous")))
        .query("sinceSeconds", &if since == 0 { String::new() } else { since.to_string() })
        .query("tailLines", &tail)
        .query("timestamps", flag(cx.given.bool("timestamps")));
    let prefix =
        if cx.given.bool("prefix") { format!("[pod/{}/{container}] ", meta::name(pod)) } else { String::new() };
    let mut lines = cx.lines(call).await?;
    while let Some(line) = lines.next().await {
        cx.print(&format!("{prefix}{line}"))?;
    }
    Ok(())
}
