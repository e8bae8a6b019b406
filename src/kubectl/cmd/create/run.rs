//! `kubectl run`: one pod from an image. Upstream: kubectl/pkg/cmd/run/run.go.

use serde_json::{Value, json};

use super::super::dryrun;
use super::super::{CHANGE, Command, OUTPUT};
use super::{builtin, object};
use crate::apimachinery::patch;
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::release;

/// `kubectl run`
pub const COMMAND: Command = Command {
    name: "run",
    aliases: &[],
    short: "Create and run a particular image in a pod",
    examples: "# Start a nginx pod\nkubectl run nginx --image=nginx",
    usage: "NAME --image=image [--env=\"key=value\"] [--port=port] [--dry-run=server|client] [--overrides=inline-json] [--command] -- [COMMAND] [args...]",
    flags: &[
        OUTPUT,
        CHANGE,
        &[
            Flag::new("image", Kind::Text, "", "The image for the container to run."),
            Flag::new("env", Kind::Array, "[]", "Environment variables to set in the container."),
            Flag::new("port", Kind::Text, "", "The port that this container exposes."),
            Flag::short("labels", 'l', Kind::List, "", "Comma separated labels to apply to the pod."),
            Flag::new(
                "restart",
                Kind::Text,
                "Always",
                "The restart policy for this Pod. Legal values [Always, OnFailure, Never].",
            ),
            Flag::new("overrides", Kind::Text, "", "An inline JSON override for the generated object."),
            Flag::new(
                "command",
                Kind::Bool,
                "false",
                "If true and extra arguments are present, use them as the 'command' field in the container, rather than the 'args' field which is the default.",
            ),
            Flag::new("image-pull-policy", Kind::Text, "", "The image pull policy for the container."),
            Flag::new("serviceaccount", Kind::Text, "", "Service account to set in the pod spec."),
        ],
    ],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(run(cx))),
};

async fn run(cx: &mut Context<'_>) -> Result<(), Error> {
    if cx.given.text("image").is_empty() {
        return Err(Error::text("required flag(s) \"image\" not set"));
    }
    let Some((name, words)) = cx.given.args.split_first() else {
        return Err(cx.usage_error("NAME is required for run"));
    };
    let (name, words) = (name.clone(), words.to_vec());
    if cx.given.changed("serviceaccount") && !cx.does(release::RUN_SERVICE_ACCOUNT) {
        return Err(Error::text("unknown flag: --serviceaccount\nSee 'kubectl run --help' for usage."));
    }
    let image = cx.given.text("image").to_owned();
    let restart = cx.given.text("restart").to_owned();
    if !["Always", "OnFailure", "Never"].contains(&restart.as_str()) {
        return Err(Error::text(format!("invalid restart policy: {restart}")));
    }
    let mut container = json!({"image": image, "name": name, "resources": {}});
    if !words.is_empty() {
        container[if cx.given.bool("command") { "command" } else { "args" }] = json!(words);
    }
    let mut env: Vec<Value> = Vec::new();
    for pair in cx.given.list("env") {
        let (key, value) = pair.split_once('=').ok_or_else(|| Error::text(format!("invalid env: {pair}")))?;
        env.push(json!({"name": key, "value": value}));
    }
    if !env.is_empty() {
        container["env"] = json!(env);
    }
    if cx.given.changed("port") {
        let port: u16 =
            cx.given.text("port").parse().map_err(|_| {
                Error::text(format!("strconv.Atoi: parsing {:?}: invalid syntax", cx.given.text("port")))
            })?;
        container["ports"] = json!([{"containerPort": port}]);
    }
    if cx.given.changed("image-pull-policy") {
        container["imagePullPolicy"] = json!(cx.given.text("image-pull-policy"));
    }
    let resource = builtin("", "pods", "Pod", true);
    let mut pod = object(&resource, &name);
    let mut labels = json!({});
    for pair in cx.given.list("labels") {
        let (key, value) = pair.split_once('=').ok_or_else(|| Error::text(format!("unexpected label spec: {pair}")))?;
        labels[key] = json!(value);
    }
    pod["metadata"]["labels"] = if cx.given.changed("labels") { labels } else { json!({"run": name}) };
    pod["spec"] = json!({"containers": [container], "dnsPolicy": "ClusterFirst", "restartPolicy": restart});
    if cx.given.changed("serviceaccount") {
        pod["spec"]["serviceAccountName"] = json!(cx.given.text("serviceaccount"));
    }
    if cx.given.text("dry-run") == "client" {
        pod["status"] = json!({});
    }
    if cx.given.changed("overrides") {
        let overrides: Value = serde_json::from_str(cx.given.text("overrides"))
            .map_err(|cause| Error::text(format!("invalid JSON in --overrides: {cause}")))?;
        patch::json_merge(&mut pod, &overrides);
    }
    dryrun::create(cx, &resource, pod).await
}
