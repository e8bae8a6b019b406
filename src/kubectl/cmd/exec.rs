//! `kubectl exec`: a command inside a container, over a web socket. Upstream: kubectl/pkg/cmd/exec/exec.go.

use futures::{SinkExt, StreamExt};
use serde_json::Value;
use tokio_tungstenite::tungstenite::Message;

use super::{Command, FILENAME};
use crate::apimachinery::{Status, meta};
use crate::base::Order as _;
use crate::kubectl::builder::{self, targets};
use crate::kubectl::context::Context;
use crate::kubectl::discovery::Found;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::release;
use crate::kubectl::rest::Call;

/// `kubectl exec`
pub const COMMAND: Command = Command {
    name: "exec",
    aliases: &[],
    short: "Execute a command in a container",
    examples: "# Get output from running the 'date' command from pod mypod, using the first container by default\nkubectl exec mypod -- date\n\n# Get output from running the 'date' command in ruby-container from pod mypod\nkubectl exec mypod -c ruby-container -- date",
    usage: "(POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...]",
    flags: &[
        FILENAME,
        &[
            Flag::short(
                "container",
                'c',
                Kind::Text,
                "",
                "Container name. If omitted, use the kubectl.kubernetes.io/default-container annotation for selecting the container to be attached or the first container in the pod will be chosen",
            ),
            Flag::short("stdin", 'i', Kind::Bool, "false", "Pass stdin to the container"),
            Flag::short("tty", 't', Kind::Bool, "false", "Stdin is a TTY"),
            Flag::short("quiet", 'q', Kind::Bool, "false", "Only print output from the remote session"),
            Flag::new(
                "pod-running-timeout",
                Kind::Duration,
                "1m0s",
                "The length of time (like 5s, 2m, or 3h, higher than zero) to wait until at least one pod is running",
            ),
        ],
    ],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(run(cx))),
};

async fn run(cx: &mut Context<'_>) -> Result<(), Error> {
    let args = cx.given.args.clone();
    if cx.given.changed("filename") || cx.given.changed("kustomize") {
        return of_file(cx, args).await;
    }
    let (pod, command) = match (cx.given.dash, args.split_first()) {
        (Some(0) | None, None) | (Some(0), _) => {
            return Err(Error::text("pod, type/name or --filename must be specified"));
        }
        (Some(dash), Some((pod, _))) => (pod.clone(), args[dash..].to_vec()),
        (None, Some((pod, []))) => (pod.clone(), Vec::new()),
        (None, Some((pod, rest))) => {
            if cx.does(release::EXEC_NEEDS_DASHES) {
                return Err(cx.usage_error(
                    "exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead",
                ));
            }
            cx.complain("kubectl exec [POD] [COMMAND] is DEPRECATED and will be removed in a future version. Use kubectl exec [POD] -- [COMMAND] instead.\n");
            (pod.clone(), rest.to_vec())
        }
        (Some(_), None) => return Err(Error::text("pod, type/name or --filename must be specified")),
    };
    let pod = pod_for(cx, &pod, &command).await?;
    within(cx, &pod, &command).await
}

/// The pod that a file names; all the arguments are the command then.
async fn of_file(cx: &mut Context<'_>, command: Vec<String>) -> Result<(), Error> {
    if command.is_empty() {
        return Err(Error::text("you must specify at least one command for the container"));
    }
    let (mut infos, errors) = builder::infos(cx, &[], builder::Wish::default()).await?;
    Error::all(errors)?;
    if infos.len() != 1 {
        return Err(Error::text("cannot exec into multiple objects at a time"));
    }
    let info = infos.remove(0);
    let pod = find_pod(cx, &format!("{}/{}", info.resource.qualified(), info.name)).await?;
    within(cx, &pod, &command).await
}

async fn pod_for(cx: &mut Context<'_>, pod: &str, command: &[String]) -> Result<Value, Error> {
    if command.is_empty() {
        return Err(Error::text("you must specify at least one command for the container"));
    }
    find_pod(cx, pod).await
}

async fn within(cx: &mut Context<'_>, pod: &Value, command: &[String]) -> Result<(), Error> {
    let phase = pod["status"]["phase"].as_str().unwrap_or_default();
    if matches!(phase, "Succeeded" | "Failed") {
        return Err(Error::text(format!("cannot exec into a container in a completed pod; current phase is {phase}")));
    }
    let container = choose_container(cx, pod)?;
    let stdin = cx.given.bool("stdin");
    if cx.given.bool("tty") && stdin {
        cx.complain("Unable to use a TTY - input is not a terminal or the right kind of file\n");
    }
    let path = format!("/api/v1/namespaces/{}/pods/{}/exec", meta::namespace(pod), meta::name(pod));
    let mut call = Call::get(path);
    for word in command {
        call = call.word("command", word);
    }
    call = call.query("container", &container).query("stderr", "true").query("stdout", "true");
    if stdin {
        call = call.query("stdin", "true");
    }
    let request = call.into_upgrade(&cx.rest.headers)?;
    let connection = cx.rest.client.connect(request).await.map_err(|cause| {
        let error = cx.rest.unreachable(&cause);
        let refused = matches!(error, Error::Status(_)) && cx.does(release::EXEC_NAMES_UPGRADE);
        if refused { error.wrap("unable to upgrade connection: ") } else { error }
    })?;
    let may_close = connection.supports_stream_close();
    let mut socket = connection.into_stream();
    if stdin {
        for chunk in cx.streams.stdin.chunks(16 * 1024) {
            let mut frame = vec![0];
            frame.extend_from_slice(chunk);
            socket.send(Message::binary(frame)).await.map_err(|cause| Error::text(cause.to_string()))?;
        }
        if may_close {
            // Not every server listens for the end of input any more.
            let _ = socket.send(Message::binary(vec![255, 0])).await;
        }
    }
    while let Some(message) = socket.next().await {
        let frame = match message {
            Ok(Message::Binary(frame)) => frame.to_vec(),
            Ok(Message::Text(text)) => text.as_bytes().to_vec(),
            Ok(Message::Close(_)) | Err(_) => break,
            Ok(_) => continue,
        };
        let Some((channel, data)) = frame.split_first() else { continue };
        match channel {
            1 => cx.streams.stdout.write_all(data).map_err(|_| Error::Exit(1))?,
            2 => drop(cx.streams.stderr.write_all(data)),
            3 => return ended(data),
            _ => {}
        }
    }
    Ok(())
}

/// What the last message says of the command's end.
fn ended(data: &[u8]) -> Result<(), Error> {
    let value: Value = serde_json::from_slice(data).unwrap_or_default();
    if value["status"] == "Success" {
        return Ok(());
    }
    let cause = value.pointer("/details/causes").and_then(Value::as_array).into_iter().flatten();
    let code = cause
        .filter(|cause| cause["reason"] == "ExitCode")
        .find_map(|cause| cause["message"].as_str().and_then(|text| text.parse().ok()));
    match code {
        Some(code) if value["reason"] == "NonZeroExitCode" => Err(Error::Remote(code)),
        _ => Err(Error::text(match value["message"].as_str() {
            Some(message) => message.to_owned(),
            None => String::from_utf8_lossy(data).into_owned(),
        })),
    }
}

/// The pod itself, or one of those a workload selects.
pub async fn find_pod(cx: &mut Context<'_>, word: &str) -> Result<Value, Error> {
    let mut found = find_pods(cx, word).await?;
    let count = found.len();
    found.retain(|pod| pod["metadata"].get("deletionTimestamp").is_none());
    found.order_by_key(|pod| pod["status"]["phase"] != "Running");
    match found.into_iter().next() {
        Some(pod) => {
            if count > 1 && cx.path == "kubectl logs" {
                cx.complain(&format!("Found {count} pods, using pod/{}\n", meta::name(&pod)));
            }
            Ok(pod)
        }
        None => Err(Error::text("timed out waiting for the condition")),
    }
}

/// The pod itself, or all those a workload selects.
pub async fn find_pods(cx: &mut Context<'_>, word: &str) -> Result<Vec<Value>, Error> {
    let namespace = cx.namespace();
    let pods = Found { plural: "pods".to_owned(), version: "v1".to_owned(), namespaced: true, ..Found::default() };
    if !word.contains('/') {
        let found = cx.send(Call::get(pods.object(&namespace, word))).await;
        if let Err(error) = &found {
            cx.unreached(error, 4);
        }
        return Ok(vec![found?]);
    }
    let target = targets(cx, &[word.to_owned()]).await?.remove(0);
    let object =
        cx.send(Call::get(target.resource.object(&namespace, target.name.as_deref().unwrap_or_default()))).await?;
    if target.resource.kind == "Pod" {
        return Ok(vec![object]);
    }
    let labels = object.pointer("/spec/selector/matchLabels").or_else(|| object.pointer("/spec/selector"));
    let Some(labels) = labels.and_then(Value::as_object) else {
        let what = format!("*{}.{}", target.resource.version, target.resource.kind);
        let doing = if cx.path == "kubectl logs" { "get the logs from" } else { "attach to" };
        return Err(Error::text(format!("cannot {doing} {what}: selector for {what} not implemented")));
    };
    let selector: Vec<String> =
        labels.iter().map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default())).collect();
    let list = cx.send(Call::get(pods.collection(&namespace)).query("labelSelector", &selector.join(","))).await?;
    Ok(list["items"].as_array().cloned().unwrap_or_default())
}

/// The container named, or the default one; says so when there was a choice.
pub fn choose_container(cx: &mut Context<'_>, pod: &Value) -> Result<String, Error> {
    let spec = &pod["spec"];
    let names = |field: &str| -> Vec<String> {
        spec[field].as_array().into_iter().flatten().filter_map(|c| c["name"].as_str()).map(str::to_owned).collect()
    };
    let (containers, init, ephemeral) = (names("containers"), names("initContainers"), names("ephemeralContainers"));
    let named = cx.given.text("container").to_owned();
    if !named.is_empty() {
        if containers.iter().chain(&init).chain(&ephemeral).any(|name| *name == named) {
            return Ok(named);
        }
        if !cx.does(release::CONTAINERS_LISTED) {
            let status = Status::bad_request(format!("container {named} is not valid for pod {}", meta::name(pod)));
            return Err(if cx.path == "kubectl logs" { Error::text(status.message) } else { status.into() });
        }
        let mut all = containers;
        all.extend(init.into_iter().map(|name| format!("{name} (init)")));
        all.extend(ephemeral.into_iter().map(|name| format!("{name} (ephem)")));
        return Err(Error::text(format!(
            "container {named} is not valid for pod {} out of: {}",
            meta::name(pod),
            all.join(", ")
        )));
    }
    if let Some(chosen) = meta::annotation(pod, "kubectl.kubernetes.io/default-container")
        && containers.iter().any(|name| name == chosen)
    {
        return Ok(chosen.to_owned());
    }
    let Some(first) = containers.first().cloned() else {
        return Err(Error::text(format!("pod {} has no containers", meta::name(pod))));
    };
    let quiet = cx.given.bool("quiet");
    if containers.len() + init.len() + ephemeral.len() > 1 && !quiet {
        if cx.does(release::DEFAULTED_CONTAINER) {
            let mut all = containers;
            all.extend(ephemeral.into_iter().map(|name| format!("{name} (ephem)")));
            all.extend(init.into_iter().map(|name| format!("{name} (init)")));
            cx.complain(&format!("Defaulted container {first:?} out of: {}\n", all.join(", ")));
        } else {
            cx.complain(&format!("Defaulting container name to {first}.\nUse 'kubectl describe pod/{} -n {}' to see all of the containers in this pod.\n", meta::name(pod), meta::namespace(pod)));
        }
    }
    Ok(first)
}

#[cfg(test)]
mod tests {
    use super::ended;

    #[test]
    fn ends() {
        assert!(ended(br#"{"status":"Success"}"#).is_ok());
        let failed = br#"{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"3"}]}}"#;
        let error = ended(failed).map_err(|error| error.told());
        assert_eq!(error, Err(("command terminated with exit code 3\n".to_owned(), 3)));
        let refused = br#"{"status":"Failure","message":"Internal error occurred: no"}"#;
        assert_eq!(ended(refused).map_err(|e| e.told()), Err(("error: Internal error occurred: no\n".to_owned(), 1)));
    }
}
