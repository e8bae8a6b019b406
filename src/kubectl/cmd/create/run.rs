//! `kubectl run`: one pod from an image. Upstream: kubectl/pkg/cmd/run/run.go.

use serde_json::{Value, json};

use super::super::dryrun;
use super::super::{CHANGE, Command, OUTPUT};
use super::{builtin, object};
use crate::apimachinery::patch;
use crate::apimachinery::schema::Schema;
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
            Flag::new("override-type", Kind::Text, "merge", "The method used to override the generated object."),
            Flag::new("annotations", Kind::Array, "[]", "Annotations to apply to the pod."),
            Flag::new("privileged", Kind::Bool, "false", "If true, run the container in privileged mode."),
            Flag::short("quiet", 'q', Kind::Bool, "false", "If true, suppress prompt messages."),
            Flag::short("stdin", 'i', Kind::Bool, "false", "Keep stdin open on the container in the pod."),
            Flag::short("tty", 't', Kind::Bool, "false", "Allocate a TTY for the container in the pod."),
            Flag::new("attach", Kind::Bool, "false", "If true, wait for the pod to start running, and then attach."),
            Flag::new("rm", Kind::Bool, "false", "If true, delete the pod after it exits."),
            Flag::new("expose", Kind::Bool, "false", "If true, create a ClusterIP service associated with the pod."),
            Flag::new("leave-stdin-open", Kind::Bool, "false", "If true, stdin will be left open."),
            Flag::new("pod-running-timeout", Kind::Duration, "1m0s", "The length of time to wait for a running pod."),
            Flag::new("serviceaccount", Kind::Text, "", "Service account to set in the pod spec."),
        ],
    ],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(run(cx))),
};

async fn run(cx: &mut Context<'_>) -> Result<(), Error> {
    if !cx.given.changed("image") {
        return Err(Error::text("required flag(s) \"image\" not set"));
    }
    let Some((name, words)) = cx.given.args.split_first() else {
        return Err(cx.usage_error("NAME is required for run"));
    };
    let (name, words) = (name.clone(), words.to_vec());
    if cx.given.changed("serviceaccount") && !cx.does(release::RUN_SERVICE_ACCOUNT) {
        return Err(Error::text("unknown flag: --serviceaccount\nSee 'kubectl run --help' for usage."));
    }
    check(cx)?;
    let image = cx.given.text("image").to_owned();
    let restart = cx.given.text("restart").to_owned();
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
    for (flag, field) in [("stdin", "stdin"), ("tty", "tty")] {
        if cx.given.bool(flag) {
            container[field] = json!(true);
        }
    }
    if cx.given.bool("stdin") && !cx.given.bool("leave-stdin-open") {
        container["stdinOnce"] = json!(true);
    }
    if cx.given.bool("privileged") {
        container["securityContext"] = json!({"privileged": true});
    }
    if cx.given.changed("port") {
        let port: u16 =
            cx.given.text("port").parse().map_err(|_| {
                Error::text(format!("strconv.Atoi: parsing {:?}: invalid syntax", cx.given.text("port")))
            })?;
        container["ports"] = json!([{"containerPort": port}]);
    }
    if !cx.given.text("image-pull-policy").is_empty() {
        container["imagePullPolicy"] = json!(cx.given.text("image-pull-policy"));
    }
    let resource = builtin("", "pods", "Pod", true);
    let mut pod = object(&resource, &name);
    pod["metadata"]["labels"] = match labels(cx)? {
        Some(labels) => labels,
        None => json!({"run": name}),
    };
    let mut annotations = json!({});
    for pair in cx.given.list("annotations") {
        let (key, value) = pair.split_once('=').ok_or_else(|| Error::text(format!("unexpected annotation: {pair}")))?;
        annotations[key] = json!(value);
    }
    if cx.given.changed("annotations") {
        pod["metadata"]["annotations"] = annotations;
    }
    pod["spec"] = json!({"containers": [container], "dnsPolicy": "ClusterFirst", "restartPolicy": restart});
    if cx.given.changed("serviceaccount") {
        pod["spec"]["serviceAccountName"] = json!(cx.given.text("serviceaccount"));
    }
    if cx.given.text("dry-run") == "client" {
        pod["status"] = json!({});
    }
    override_with(cx, &mut pod)?;
    dryrun::create(cx, &resource, pod).await
}

/// What `run` refuses before it makes anything, in upstream's order.
fn check(cx: &Context<'_>) -> Result<(), Error> {
    let on = |flag: &str| cx.given.bool(flag);
    let attached = on("attach") || on("stdin") || on("tty");
    let dry = !matches!(cx.given.text("dry-run"), "" | "none");
    if on("expose") && cx.given.text("port").is_empty() {
        return Err(cx.usage_error("--port must be set when exposing a service"));
    }
    if cx.given.duration("pod-running-timeout").is_zero() {
        return Err(cx.usage_error("--pod-running-timeout must be higher than zero"));
    }
    let image = cx.given.text("image");
    if image.is_empty() || image.contains(char::is_whitespace) || image.starts_with('/') {
        return Err(Error::text(format!("Invalid image name {image:?}: invalid reference format")));
    }
    if on("tty") && !on("stdin") {
        return Err(cx.usage_error("-i/--stdin is required for containers with -t/--tty=true"));
    }
    let restart = cx.given.text("restart");
    if !["Always", "OnFailure", "Never"].contains(&restart) {
        return Err(cx.usage_error(&format!("invalid restart policy: {restart}")));
    }
    if attached && dry {
        return Err(cx.usage_error(
            "--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)",
        ));
    }
    if on("rm") && !attached {
        return Err(cx.usage_error("--rm should only be used for attached containers"));
    }
    let policy = cx.given.text("image-pull-policy");
    if !["", "Always", "IfNotPresent", "Never"].contains(&policy) {
        return Err(cx.usage_error(&format!("invalid image pull policy: {policy}")));
    }
    for flag in ["attach", "stdin", "tty", "rm", "expose"] {
        if on(flag) {
            return Err(Error::text(format!("--{flag} is a flag of kubectl that this one does not have")));
        }
    }
    Ok(())
}

/// `--labels`, if any were given.
fn labels(cx: &Context<'_>) -> Result<Option<Value>, Error> {
    if !cx.given.changed("labels") {
        return Ok(None);
    }
    let mut labels = json!({});
    for pair in cx.given.list("labels") {
        let (key, value) = pair.split_once('=').ok_or_else(|| Error::text(format!("unexpected label spec: {pair}")))?;
        labels[key] = json!(value);
    }
    Ok(Some(labels))
}

/// `--overrides`, put over the pod as `--override-type` says.
fn override_with(cx: &Context<'_>, pod: &mut Value) -> Result<(), Error> {
    let kind = cx.given.text("override-type");
    if !["merge", "json", "strategic"].contains(&kind) {
        return Err(Error::text(format!("invalid override type: {kind}")));
    }
    if cx.given.text("overrides").is_empty() {
        return Ok(());
    }
    let change: Value =
        serde_json::from_str(cx.given.text("overrides")).map_err(|_| Error::text("Invalid JSON Patch"))?;
    match kind {
        "json" => patch::json_patch(pod, &change).map_err(|refusal| Error::text(refusal.to_string())),
        "strategic" => patch::strategic_merge(Schema::of("Pod", true).root, pod, &change)
            .map_err(|refusal| Error::text(refusal.to_string())),
        _ => {
            patch::json_merge(pod, &change);
            Ok(())
        }
    }
}
