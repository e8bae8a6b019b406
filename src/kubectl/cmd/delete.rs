//! `kubectl delete`: and wait until it is gone. Upstream: kubectl/pkg/cmd/delete/delete.go.

use http::Method;
use serde_json::{Value, json};

use super::dryrun::DryRun;
use super::{Command, FILENAME, SELECTOR};
use crate::apimachinery::meta;
use crate::kubectl::context::Context;
use crate::kubectl::discovery::{Found, targets};
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::rest::Call;
use crate::kubectl::{manifest, release};

/// `kubectl delete`
pub const COMMAND: Command = Command {
    name: "delete",
    aliases: &[],
    short: "Delete resources by file names, stdin, resources and names, or by resources and label selector",
    examples: "# Delete a pod using the type and name specified in pod.json\nkubectl delete -f ./pod.json\n\n# Delete pods and services with same names \"baz\" and \"foo\"\nkubectl delete pod,service baz foo\n\n# Delete a pod with minimal delay\nkubectl delete pod foo --now",
    usage: "([-f FILENAME] | [-k DIRECTORY] | TYPE [(NAME | -l label | --all)])",
    flags: &[
        FILENAME,
        SELECTOR,
        &[
            Flag::short(
                "output",
                'o',
                Kind::Text,
                "",
                "Output mode. Use \"-o name\" for shorter output (resource/name).",
            ),
            Flag::short(
                "all-namespaces",
                'A',
                Kind::Bool,
                "false",
                "If present, list the requested object(s) across all namespaces.",
            ),
            Flag::new(
                "all",
                Kind::Bool,
                "false",
                "Delete all resources, in the namespace of the specified resource types.",
            ),
            Flag::new(
                "grace-period",
                Kind::Int,
                "-1",
                "Period of time in seconds given to the resource to terminate gracefully. Ignored if negative. Set to 1 for immediate shutdown.",
            ),
            Flag::new(
                "force",
                Kind::Bool,
                "false",
                "If true, immediately remove resources from API and bypass graceful deletion.",
            ),
            Flag::new(
                "now",
                Kind::Bool,
                "false",
                "If true, resources are signaled for immediate shutdown (same as --grace-period=1).",
            ),
            Flag::new(
                "wait",
                Kind::Bool,
                "true",
                "If true, wait for resources to be gone before returning. This waits for finalizers.",
            ),
            Flag::new(
                "timeout",
                Kind::Duration,
                "0s",
                "The length of time to wait before giving up on a delete, zero means determine a timeout from the size of the object",
            ),
            Flag::new("ignore-not-found", Kind::Bool, "false", "Treat \"resource not found\" as a successful delete."),
            Flag::new(
                "cascade",
                Kind::OptionalText("background"),
                "background",
                "Must be \"background\", \"orphan\", or \"foreground\".",
            ),
            Flag::new(
                "dry-run",
                Kind::OptionalText("unchanged"),
                "none",
                "Must be \"none\", \"server\", or \"client\".",
            ),
        ],
    ],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(run(cx))),
};

struct Doomed {
    resource: Found,
    namespace: String,
    name: String,
    source: String,
}

async fn run(cx: &mut Context<'_>) -> Result<(), Error> {
    let dry = DryRun::of(cx)?;
    let mut grace = cx.given.int("grace-period").unwrap_or(-1);
    let force = cx.given.bool("force");
    if cx.given.bool("now") {
        if grace != -1 {
            return Err(Error::text("--now and --grace-period cannot be specified together"));
        }
        grace = 1;
    }
    if grace == 0 && !force {
        // Only --force may skip the waiting; a period of nought alone means one second.
        grace = 1;
    }
    if force && grace < 0 {
        grace = 0;
    }
    let cascade = match cx.given.text("cascade") {
        "background" | "true" => "Background",
        "orphan" | "false" => "Orphan",
        "foreground" => "Foreground",
        other => {
            return Err(Error::text(format!(
                "invalid cascade value ({other}). Must be \"background\", \"foreground\", or \"orphan\""
            )));
        }
    };
    let (doomed, mut errors) = select(cx).await?;
    if force && grace == 0 {
        cx.warn("Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.");
    }
    if doomed.is_empty() && errors.is_empty() {
        cx.print("No resources found\n")?;
        return Ok(());
    }
    let mut gone = Vec::new();
    for item in doomed {
        let path = item.resource.object(&item.namespace, &item.name);
        let mut uid = String::new();
        if dry != DryRun::Client {
            let mut options = json!({"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": cascade});
            if grace >= 0 {
                options["gracePeriodSeconds"] = json!(grace);
            }
            if dry == DryRun::Server {
                options["dryRun"] = json!(["All"]);
            }
            match cx.send(Call::new(Method::DELETE, path.clone()).json(&options)).await {
                Ok(answer) => uid = answer_uid(&answer),
                Err(error) if error.is_not_found() && cx.given.bool("ignore-not-found") => continue,
                Err(error) => {
                    errors.push(error.with_source("deleting", &item.source));
                    continue;
                }
            }
        }
        tell(cx, &item, dry, force && grace == 0)?;
        gone.push((path, uid));
    }
    if dry == DryRun::None && cx.given.bool("wait") && !(force && grace == 0) {
        let deadline = cx.deadline(cx.given.duration("timeout"));
        for (path, uid) in gone {
            loop {
                match cx.send(Call::get(path.clone())).await {
                    Ok(object) if uid.is_empty() || meta::uid(&object) == uid => {
                        if let Err(error) = cx.pause(&deadline).await {
                            errors.push(error);
                            break;
                        }
                    }
                    // Whoever may delete but not look is not made to wait.
                    Ok(_) | Err(_) => break,
                }
            }
        }
    }
    Error::all(errors)
}

fn answer_uid(answer: &Value) -> String {
    let details = answer.pointer("/details/uid").and_then(Value::as_str);
    details.map_or_else(|| meta::uid(answer).to_owned(), str::to_owned)
}

fn tell(cx: &mut Context<'_>, item: &Doomed, dry: DryRun, forced: bool) -> Result<(), Error> {
    if cx.given.text("output") == "name" {
        return cx.print(&format!("{}/{}\n", item.resource.printed(), item.name));
    }
    let verb = if forced { "force deleted" } else { "deleted" };
    let place = if item.resource.namespaced && cx.does(release::DELETE_NAMES_NAMESPACE) {
        format!(" from {} namespace", item.namespace)
    } else {
        String::new()
    };
    cx.print(&format!("{} {:?} {verb}{place}{}\n", item.resource.printed(), item.name, dry.suffix()))
}

async fn select(cx: &mut Context<'_>) -> Result<(Vec<Doomed>, Vec<Error>), Error> {
    let mut doomed = Vec::new();
    if cx.given.changed("filename") || cx.given.changed("kustomize") {
        let (manifests, errors) = manifest::load(cx).await?;
        doomed.extend(manifests.into_iter().map(|item| Doomed {
            name: meta::name(&item.object).to_owned(),
            resource: item.resource,
            namespace: item.namespace,
            source: item.source,
        }));
        return Ok((doomed, errors));
    }
    let args = cx.given.args.clone();
    if args.is_empty() {
        return Err(Error::nothing_named());
    }
    let selecting = cx.given.changed("selector") || cx.given.changed("field-selector");
    let namespace = if cx.given.bool("all-namespaces") { String::new() } else { cx.namespace() };
    for target in targets(cx, &args).await? {
        if let Some(name) = target.name {
            if selecting || cx.given.bool("all") {
                return Err(Error::text("name cannot be provided when a selector is specified"));
            }
            doomed.push(Doomed {
                resource: target.resource,
                namespace: namespace.clone(),
                name,
                source: String::new(),
            });
            continue;
        }
        if !selecting && !cx.given.bool("all") {
            return Err(Error::text("resource(s) were provided, but no name was specified"));
        }
        for item in cx.select(&target.resource, &namespace).await? {
            doomed.push(Doomed {
                resource: target.resource.clone(),
                namespace: meta::namespace(&item).to_owned(),
                name: meta::name(&item).to_owned(),
                source: String::new(),
            });
        }
    }
    Ok((doomed, Vec::new()))
}
