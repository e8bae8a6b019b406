//! `kubectl cluster-info dump`: all there is to know of some namespaces, on one heap or in a tree of files.
//! Upstream: kubectl/pkg/cmd/clusterinfo/clusterinfo_dump.go.

use serde_json::Value;

use super::{Command, OUTPUT};
use crate::apimachinery::meta;
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::rest::Call;
use crate::kubectl::{manifest, printers, release};

/// What is dumped of each namespace: the collection's root, its name, and the file's.
const KINDS: &[(&str, &str, &str)] = &[
    ("/api/v1", "events", "events"),
    ("/api/v1", "replicationcontrollers", "replication-controllers"),
    ("/api/v1", "services", "services"),
    ("/apis/apps/v1", "daemonsets", "daemonsets"),
    ("/apis/apps/v1", "deployments", "deployments"),
    ("/apis/apps/v1", "replicasets", "replicasets"),
    ("/api/v1", "pods", "pods"),
];

pub const COMMAND: Command = Command {
    name: "dump",
    aliases: &[],
    short: "Dump relevant information for debugging and diagnosis",
    examples: "# Dump current cluster state to stdout\nkubectl cluster-info dump",
    usage: "",
    flags: &[
        OUTPUT,
        &[
            Flag::new("output-directory", Kind::Text, "", "Where to output the files."),
            Flag::new("namespaces", Kind::List, "[]", "A comma separated list of namespaces to dump."),
            Flag::short("all-namespaces", 'A', Kind::Bool, "false", "If true, dump all namespaces."),
            Flag::new("pod-running-timeout", Kind::Duration, "20s", "How long to wait until a pod runs."),
        ],
    ],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(run(cx))),
};

async fn run(cx: &mut Context<'_>) -> Result<(), Error> {
    let format = match printers::format_of(cx) {
        format if format.is_empty() => "json".to_owned(),
        format => format,
    };
    printers::check_format(cx, &format)?;
    let end = match format.as_str() {
        "json" => ".json",
        "yaml" => ".yaml",
        _ => ".txt",
    };
    let nodes = cx.send(Call::get("/api/v1/nodes")).await?;
    object(cx, &format, &nodes, &format!("nodes{end}"))?;
    for namespace in namespaces(cx).await? {
        let mut pods = Value::Null;
        for (root, plural, file) in KINDS {
            let path = format!("{root}/namespaces/{namespace}/{plural}");
            let list = match cx.send(Call::get(path)).await {
                Ok(list) => list,
                // A cluster that keeps no such things has none; kubectl gives up there, and with it the pods.
                Err(error) if error.is_not_found() && !cx.files.outside() => continue,
                Err(error) => return Err(error),
            };
            object(cx, &format, &list, &format!("{namespace}/{file}{end}"))?;
            pods = list;
        }
        for pod in pods["items"].as_array().into_iter().flatten() {
            let logs = logs(cx, pod, &namespace).await;
            write(cx, &logs, &format!("{namespace}/{}/logs.txt", meta::name(pod)))?;
        }
    }
    match directory(cx) {
        None => Ok(()),
        Some(directory) => cx.print(&format!("Cluster info dumped to {directory}\n")),
    }
}

async fn namespaces(cx: &mut Context<'_>) -> Result<Vec<String>, Error> {
    if cx.given.bool("all-namespaces") {
        let list = cx.send(Call::get("/api/v1/namespaces")).await?;
        return Ok(list["items"].as_array().into_iter().flatten().map(|item| meta::name(item).to_owned()).collect());
    }
    Ok(match cx.given.list("namespaces") {
        [] => vec!["kube-system".to_owned(), cx.namespace()],
        named => named.to_vec(),
    })
}

fn directory(cx: &Context<'_>) -> Option<String> {
    Some(cx.given.text("output-directory").to_owned()).filter(|path| !matches!(path.as_str(), "" | "-"))
}

/// Prints a list, or writes it into its file.
fn object(cx: &mut Context<'_>, format: &str, list: &Value, file: &str) -> Result<(), Error> {
    let text = printers::typed_text(cx, format, list)?;
    write(cx, &text, file)
}

fn write(cx: &mut Context<'_>, text: &str, file: &str) -> Result<(), Error> {
    let Some(directory) = directory(cx) else { return cx.print(text) };
    let path = format!("{}/{file}", directory.trim_end_matches('/'));
    let failed = |cause: std::io::Error| Error::text(format!("open {path}: {}", manifest::os(&cause)));
    cx.files.write(&path, text.as_bytes()).map_err(failed)
}

/// The logs of a pod's containers, those that began it first.
async fn logs(cx: &mut Context<'_>, pod: &Value, namespace: &str) -> String {
    let mut text = String::new();
    let name = meta::name(pod).to_owned();
    for field in ["initContainers", "containers"] {
        for container in pod["spec"][field].as_array().into_iter().flatten() {
            let container = container["name"].as_str().unwrap_or_default();
            let of = format!("logs for container {container} of pod {namespace}/{name} ====\n");
            let call =
                Call::get(format!("/api/v1/namespaces/{namespace}/pods/{name}/log")).query("container", container);
            let logged = match cx.send_raw(call).await {
                Ok(logged) => String::from_utf8_lossy(&logged).into_owned(),
                Err(error) => format!("Request log error: {}\n", error.message()),
            };
            text.push_str(&format!("==== START {of}{logged}==== END {of}"));
        }
    }
    text
}
