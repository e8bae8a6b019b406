//! `kubectl delete`: and wait until it is gone. Upstream: kubectl/pkg/cmd/delete/delete.go.

use http::Method;
use serde_json::{Value, json};

use super::dryrun::DryRun;
use super::{Command, FILENAME, SELECTOR};
use crate::apimachinery::meta;
use crate::kubectl::builder::{self, targets};
use crate::kubectl::context::Context;
use crate::kubectl::discovery::Found;
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
            Flag::short("interactive", 'i', Kind::Bool, "false", "If true, delete resource only when user confirms."),
            Flag::new("raw", Kind::Text, "", "Raw URI to DELETE to the server."),
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
    if force && cx.given.int("grace-period").is_some_and(|seconds| seconds > 0) {
        return Err(Error::text("--force and --grace-period greater than 0 cannot be specified together"));
    }
    match cx.given.text("output") {
        "" | "name" => {}
        other => return Err(Error::text(format!("unexpected -o output mode: {other}. We only support '-o name'"))),
    }
    let cascade = cascade(cx)?;
    if !cx.given.text("raw").is_empty() {
        return raw(cx).await;
    }
    let (doomed, mut errors) = select(cx).await?;
    if force && grace == 0 {
        cx.warn("Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.");
    }
    if doomed.is_empty() && errors.is_empty() {
        cx.print("No resources found\n")?;
        return Ok(());
    }
    if cx.given.bool("interactive") && !agreed(cx, &doomed)? {
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

/// How what depends on the objects is dealt with.
///
/// # Errors
/// When the word is none of the known.
pub fn cascade(cx: &mut Context<'_>) -> Result<&'static str, Error> {
    match cx.given.text("cascade") {
        "background" => Ok("Background"),
        "orphan" => Ok("Orphan"),
        "foreground" => Ok("Foreground"),
        "true" => {
            cx.complain("warning: --cascade=true is deprecated (boolean value) and can be replaced with --cascade=background.\n");
            Ok("Background")
        }
        "false" => {
            cx.complain(
                "warning: --cascade=false is deprecated (boolean value) and can be replaced with --cascade=orphan.\n",
            );
            Ok("Orphan")
        }
        other => Err(Error::text(format!(
            "invalid cascade value ({other}). Must be \"background\", \"foreground\", or \"orphan\""
        ))),
    }
}

/// `--raw`: the answer as it comes.
async fn raw(cx: &mut Context<'_>) -> Result<(), Error> {
    let path = cx.given.text("raw").to_owned();
    if !path.starts_with('/') {
        return Err(cx.usage_error(&format!("--raw must be a valid URL path: parse {path:?}: invalid URI for request")));
    }
    let body = cx.send_raw(Call::new(Method::DELETE, path)).await?;
    cx.print(&String::from_utf8_lossy(&body))
}

/// `--interactive`: shows what is about to be deleted and asks.
fn agreed(cx: &mut Context<'_>, doomed: &[Doomed]) -> Result<bool, Error> {
    cx.print(&format!("You are about to delete the following {} resource(s):\n", doomed.len()))?;
    for item in doomed {
        cx.print(&format!("{}/{}\n", item.resource.printed(), item.name))?;
    }
    cx.print("Do you want to continue? (y/N): ")?;
    let said = String::from_utf8_lossy(cx.streams.stdin).lines().next().unwrap_or_default().trim().to_lowercase();
    if matches!(said.as_str(), "y" | "yes") {
        return Ok(true);
    }
    cx.print("deletion is cancelled\n")?;
    Ok(false)
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
        if !cx.given.args.is_empty() {
            return Err(builder::mixed());
        }
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
    let selecting = !cx.given.text("selector").is_empty() || !cx.given.text("field-selector").is_empty();
    if selecting && cx.given.bool("all") {
        return Err(Error::text("setting 'all' parameter but found a non empty selector. "));
    }
    let namespace = if cx.given.bool("all-namespaces") { String::new() } else { cx.namespace() };
    for target in targets(cx, &args).await? {
        if let Some(name) = target.name {
            if selecting || cx.given.bool("all") {
                return Err(Error::text("name cannot be provided when a selector is specified"));
            }
            if cx.given.bool("all-namespaces") && target.resource.namespaced {
                return Err(Error::text("a resource cannot be retrieved by name across all namespaces"));
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
