//! `kubectl label` and `kubectl annotate`. Upstream: kubectl/pkg/cmd/label, kubectl/pkg/cmd/annotate.

use serde_json::{Map, Value, json};

use super::dryrun::{self, DryRun};
use super::{CHANGE, Command, OUTPUT, SELECTOR};
use crate::apimachinery::{meta, patch};
use crate::kubectl::context::Context;
use crate::kubectl::discovery::targets;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::release;
use crate::kubectl::rest::Call;

const MARK: &[Flag] = &[
    Flag::new("overwrite", Kind::Bool, "false", "If true, allow what is there to be overwritten."),
    Flag::new("all", Kind::Bool, "false", "Select all resources, in the namespace of the specified resource types"),
    Flag::new("list", Kind::Bool, "false", "If true, display what is there for a given resource."),
];

/// `kubectl label`
pub const LABEL: Command = Command {
    name: "label",
    aliases: &[],
    short: "Update the labels on a resource",
    examples: "# Update pod 'foo' with the label 'unhealthy' and the value 'true'\nkubectl label pods foo unhealthy=true",
    usage: "[--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N",
    flags: &[OUTPUT, CHANGE, SELECTOR, MARK],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(run(cx, "labels", "label"))),
};

/// `kubectl annotate`
pub const ANNOTATE: Command = Command {
    name: "annotate",
    aliases: &[],
    short: "Update the annotations on a resource",
    examples: "# Update pod 'foo' with the annotation 'description' and the value 'my frontend'\nkubectl annotate pods foo description='my frontend'",
    usage: "[--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N",
    flags: &[OUTPUT, CHANGE, SELECTOR, MARK],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(run(cx, "annotations", "annotation"))),
};

async fn run(cx: &mut Context<'_>, field: &str, word: &str) -> Result<(), Error> {
    let dry = DryRun::of(cx)?;
    let is_mark = |arg: &String| arg.contains('=') || (arg.ends_with('-') && arg.len() > 1);
    let (marks, args): (Vec<String>, Vec<String>) = cx.given.args.clone().into_iter().partition(is_mark);
    if args.is_empty() {
        return Err(cx.usage_error("one or more resources must be specified as <resource> <name> or <resource>/<name>"));
    }
    if marks.is_empty() && !cx.given.bool("list") {
        return Err(Error::text(format!("at least one {word} update is required")));
    }
    let mut change = Map::new();
    for mark in &marks {
        match mark.split_once('=') {
            Some((key, value)) => change.insert(key.to_owned(), json!(value)),
            None => change.insert(mark.trim_end_matches('-').to_owned(), Value::Null),
        };
    }
    let namespace = cx.namespace();
    let mut wanted = Vec::new();
    for target in targets(cx, &args).await? {
        match target.name {
            Some(name) => wanted.push((target.resource, name)),
            None if cx.given.bool("all") || cx.given.changed("selector") => {
                for item in cx.select(&target.resource, &namespace).await? {
                    wanted.push((target.resource.clone(), meta::name(&item).to_owned()));
                }
            }
            None => return Err(Error::text("resource(s) were provided, but no name was specified")),
        }
    }
    let mut errors = Vec::new();
    for (resource, name) in wanted {
        let path = resource.object(&namespace, &name);
        let object = match cx.send(Call::get(path.clone())).await {
            Ok(object) => object,
            Err(error) => {
                errors.push(error);
                continue;
            }
        };
        let now = object["metadata"][field].as_object().cloned().unwrap_or_default();
        if cx.given.bool("list") {
            let mut pairs: Vec<String> =
                now.iter().map(|(key, value)| format!("{key}={}\n", value.as_str().unwrap_or_default())).collect();
            pairs.sort();
            cx.print(&pairs.concat())?;
            continue;
        }
        let taken =
            change.iter().find(|(key, value)| !value.is_null() && now.get(*key).is_some_and(|old| old != *value));
        if let Some((key, _)) = taken.filter(|_| !cx.given.bool("overwrite")) {
            let old = now[key.as_str()].as_str().unwrap_or_default();
            errors.push(Error::text(if word == "label" {
                format!("'{key}' already has a value ({old}), and --overwrite is false")
            } else {
                format!("--overwrite is false but found the following declared annotation(s): '{key}' already has a value ({old})")
            }));
            continue;
        }
        let done = match change.values().all(Value::is_null) {
            _ if change.iter().all(|(key, value)| now.get(key).unwrap_or(&Value::Null) == value) && word == "label" => {
                for key in change.iter().filter(|(_, value)| value.is_null()).map(|(key, _)| key) {
                    cx.print(&format!("label {key:?} not found.\n"))?;
                }
                "not labeled"
            }
            true if word == "label" => "unlabeled",
            _ if word == "label" => "labeled",
            _ => "annotated",
        };
        let body = json!({"metadata": {field: change}});
        let mut changed = object;
        if dry == DryRun::Client {
            patch::json_merge(&mut changed, &body);
        } else if done != "not labeled" {
            let manager = if word == "label" { "kubectl-label" } else { "kubectl-annotate" };
            let call = Call::patch(path, "application/merge-patch+json", &body)
                .query("dryRun", dry.query())
                .query("fieldManager", manager);
            match cx.send(call).await {
                Ok(object) => changed = object,
                Err(error) => {
                    errors.push(error);
                    continue;
                }
            }
        }
        dryrun::tell(cx, &resource, &changed, done, dry)?;
    }
    Error::all(errors)
}
