//! `kubectl logs`. Upstream: kubectl/pkg/cmd/logs/logs.go.

use futures::StreamExt;
use serde_json::Value;

use super::Command;
use super::exec::{choose_container, find_pod, find_pods};
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
        Flag::new("since-time", Kind::Text, "", "Only return logs after a specific date (RFC3339)."),
        Flag::new("limit-bytes", Kind::Int, "0", "Maximum bytes of logs to return. Defaults to no limit."),
        Flag::new("max-log-requests", Kind::Int, "5", "Specify maximum number of concurrent logs to follow."),
        Flag::new("ignore-errors", Kind::Bool, "false", "If watching / following pod logs, allow for errors."),
        Flag::new("all-pods", Kind::Bool, "false", "Get logs from all pod(s). Sets prefix to true."),
        Flag::new("pod-running-timeout", Kind::Duration, "20s", "The length of time to wait for a running pod."),
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
    let selecting = !cx.given.text("selector").is_empty();
    match args.len() {
        0 if selecting => {}
        1 if selecting => return Err(cx.usage_error("only a selector (-l) or a POD name is allowed")),
        2 if cx.given.changed("container") => {
            return Err(Error::text("only one of -c or an inline [CONTAINER] arg is allowed"));
        }
        1 | 2 => {}
        _ => {
            return Err(cx.usage_error("expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command"));
        }
    }
    check(cx)?;
    let pods = match args.first() {
        None => {
            let path = format!("/api/v1/namespaces/{}/pods", cx.namespace());
            let list = cx.send(Call::get(path).query("labelSelector", cx.given.text("selector"))).await?;
            list["items"].as_array().cloned().unwrap_or_default()
        }
        Some(pod) if cx.given.bool("all-pods") => find_pods(cx, pod).await.map_err(|error| gone(cx, error))?,
        Some(pod) => vec![find_pod(cx, pod).await.map_err(|error| gone(cx, error))?],
    };
    if pods.is_empty() {
        cx.complain(&format!("No resources found in {} namespace.\n", cx.namespace()));
    }
    let mut sources: Vec<(Value, String)> = Vec::new();
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
        sources.extend(containers.into_iter().map(|container| (pod.clone(), container)));
    }
    let most = cx.given.int("max-log-requests").unwrap_or(5);
    if cx.given.bool("follow") && i64::try_from(sources.len()).is_ok_and(|streams| streams > 1 && streams > most) {
        return Err(Error::text(format!(
            "you are attempting to follow {} log streams, but maximum allowed concurrency is {most}, use --max-log-requests to increase the limit",
            sources.len()
        )));
    }
    for (pod, container) in sources {
        match one(cx, &pod, &container).await {
            Err(error) if cx.given.bool("ignore-errors") => cx.print(&format!("error: {}\n", error.message()))?,
            outcome => outcome?,
        }
    }
    Ok(())
}

/// The options that say how much of a log is wanted.
fn check(cx: &Context<'_>) -> Result<(), Error> {
    let time = cx.given.text("since-time");
    if !time.is_empty() && time.parse::<jiff::Timestamp>().is_err() {
        return Err(Error::text(format!(
            "parsing time {time:?} as \"2006-01-02T15:04:05Z07:00\": cannot parse {time:?} as \"2006\""
        )));
    }
    let since = cx.given.changed("since");
    let nothing = cx.given.duration("since").is_zero();
    if !time.is_empty() && since && (!nothing || cx.given.negative_duration("since")) {
        return Err(Error::text("at most one of `sinceTime` or `sinceSeconds` may be specified"));
    }
    if cx.given.negative_duration("since") {
        return Err(Error::text("--since must be greater than 0"));
    }
    if cx.given.int("limit-bytes").is_some_and(|bytes| bytes < 0) {
        return Err(Error::text("--limit-bytes must be greater than 0"));
    }
    if cx.given.int("tail").is_some_and(|lines| lines < -1) {
        return Err(Error::text("--tail must be greater than or equal to -1"));
    }
    Ok(())
}

/// What is missing is told with the namespace it is missing in.
fn gone(cx: &Context<'_>, error: Error) -> Error {
    if !error.is_not_found() || !cx.does(release::LOGS_SAY_NAMESPACE) {
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
    let bytes = cx.given.int("limit-bytes").unwrap_or(0);
    let call = Call::get(path)
        .query("container", container)
        .query("follow", flag(cx.given.bool("follow")))
        .query("limitBytes", &if bytes == 0 { String::new() } else { bytes.to_string() })
        .query("previous", flag(cx.given.bool("previous")))
        .query("sinceSeconds", &if since == 0 { String::new() } else { since.to_string() })
        .query("sinceTime", cx.given.text("since-time"))
        .query("tailLines", &tail)
        .query("timestamps", flag(cx.given.bool("timestamps")));
    let named = cx.given.bool("prefix") || cx.given.bool("all-pods");
    let prefix = if named { format!("[pod/{}/{container}] ", meta::name(pod)) } else { String::new() };
    let mut lines = cx.lines(call).await?;
    while let Some(line) = lines.next().await {
        cx.print(&format!("{prefix}{line}"))?;
    }
    Ok(())
}
