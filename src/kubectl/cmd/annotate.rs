//! `kubectl label` and `kubectl annotate`. Upstream: kubectl/pkg/cmd/label, kubectl/pkg/cmd/annotate.

use serde_json::{Map, Value, json};

use super::dryrun::{self, DryRun};
use super::{CHANGE, Command, FILENAME, OUTPUT, SELECTOR};
use crate::apimachinery::{meta, names, patch};
use crate::base::Order as _;
use crate::kubectl::builder::{self, From, Info, Wish};
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::release;
use crate::kubectl::rest::Call;

const MARK: &[Flag] = &[
    Flag::new("overwrite", Kind::Bool, "false", "If true, allow what is there to be overwritten."),
    Flag::new("all", Kind::Bool, "false", "Select all resources, in the namespace of the specified resource types"),
    Flag::short("all-namespaces", 'A', Kind::Bool, "false", "If true, check the specified action in all namespaces."),
    Flag::new("list", Kind::Bool, "false", "If true, display what is there for a given resource."),
    Flag::new("local", Kind::Bool, "false", "If true, the command will NOT contact api-server but run locally."),
    Flag::new(
        "resource-version",
        Kind::Text,
        "",
        "If non-empty, the update will only succeed if this is the current resource-version for the object.",
    ),
];

/// `kubectl label`
pub const LABEL: Command = Command {
    name: "label",
    aliases: &[],
    short: "Update the labels on a resource",
    examples: "# Update pod 'foo' with the label 'unhealthy' and the value 'true'\nkubectl label pods foo unhealthy=true",
    usage: "[--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N",
    flags: &[OUTPUT, CHANGE, SELECTOR, FILENAME, MARK],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(run(cx, &LABELS))),
};

/// `kubectl annotate`
pub const ANNOTATE: Command = Command {
    name: "annotate",
    aliases: &[],
    short: "Update the annotations on a resource",
    examples: "# Update pod 'foo' with the annotation 'description' and the value 'my frontend'\nkubectl annotate pods foo description='my frontend'",
    usage: "[--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N",
    flags: &[OUTPUT, CHANGE, SELECTOR, FILENAME, MARK],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(run(cx, &ANNOTATIONS))),
};

/// What the two commands differ in.
struct Sort {
    field: &'static str,
    word: &'static str,
    manager: &'static str,
}

const LABELS: Sort = Sort { field: "labels", word: "label", manager: "kubectl-label" };
const ANNOTATIONS: Sort = Sort { field: "annotations", word: "annotation", manager: "kubectl-annotate" };

async fn run(cx: &mut Context<'_>, sort: &Sort) -> Result<(), Error> {
    let word = sort.word;
    let is_mark = |arg: &String| (arg.contains('=') && !arg.starts_with('=')) || (arg.ends_with('-') && arg.len() > 1);
    let local = cx.given.bool("local");
    if cx.given.bool("list") && !cx.given.text("output").is_empty() {
        return Err(Error::text("--list and --output may not be specified together"));
    }
    let dry = DryRun::of(cx)?;
    let (args, marks) = parted(&cx.given.args, is_mark)
        .map_err(|arg| Error::text(format!("all resources must be specified before {word} changes: {arg}")))?;
    let change = changes(&marks, sort)?;
    let files = cx.given.changed("filename") || cx.given.changed("kustomize");
    if cx.given.bool("all") && !cx.given.text("selector").is_empty() {
        return Err(Error::text("cannot set --all and --selector at the same time"));
    }
    if cx.given.bool("all") && !cx.given.text("field-selector").is_empty() {
        return Err(Error::text("cannot set --all and --field-selector at the same time"));
    }
    if local && !files {
        let text = "can only use local files by -f pod.yaml or --filename=pod.json when --local=true is set";
        return Err(Error::text(text));
    }
    if local && dry == DryRun::Server {
        return Err(Error::text("cannot specify --local and --dry-run=server - did you mean --dry-run=client?"));
    }
    if args.is_empty() && !files {
        return Err(Error::text("one or more resources must be specified as <resource> <name> or <resource>/<name>"));
    }
    if marks.is_empty() && !cx.given.bool("list") {
        return Err(Error::text(format!("at least one {word} update is required")));
    }
    let (infos, mut errors) =
        builder::infos(cx, &args, Wish { lists: false, from: if local { From::Disk } else { From::Server } }).await?;
    let version = cx.given.text("resource-version").to_owned();
    if !version.is_empty() && infos.len() > 1 {
        return Err(Error::text("--resource-version may only be used with a single resource"));
    }
    let several = infos.len() > 1;
    for info in infos {
        if cx.given.bool("list") {
            listed(cx, &info, sort, several)?;
        } else if let Err(error) = one(cx, info, &change, sort, (dry, local, &version)).await? {
            errors.push(error);
        }
    }
    Error::all(errors)
}

/// The arguments before the first change, and the changes. Nothing else may come after one.
fn parted(args: &[String], is_mark: impl Fn(&String) -> bool) -> Result<(Vec<String>, Vec<String>), String> {
    let at = args.iter().position(&is_mark).unwrap_or(args.len());
    let (args, marks) = args.split_at(at);
    match marks.iter().find(|mark| !is_mark(mark)) {
        Some(other) => Err(other.clone()),
        None => Ok((args.to_vec(), marks.to_vec())),
    }
}

/// What is to be set, and to be removed by `null`.
fn changes(marks: &[String], sort: &Sort) -> Result<Map<String, Value>, Error> {
    let mut change = Map::new();
    let removed: Vec<&str> =
        marks.iter().filter(|mark| !mark.contains('=')).map(|mark| mark.trim_end_matches('-')).collect();
    for mark in marks {
        let Some((key, value)) = mark.split_once('=') else {
            change.insert(mark.trim_end_matches('-').to_owned(), Value::Null);
            continue;
        };
        if removed.contains(&key) {
            let what = if sort.word == "label" { "a label" } else { "an annotation" };
            return Err(Error::text(format!("can not both modify and remove {what} in the same command")));
        }
        if sort.word == "label"
            && let Some(fault) = names::Rules::default().label_value(value).first()
        {
            return Err(Error::text(format!("invalid label value: {mark:?}: {fault}")));
        }
        change.insert(key.to_owned(), json!(value));
    }
    Ok(change)
}

/// `--list`: with a heading where there are several objects.
fn listed(cx: &mut Context<'_>, info: &Info, sort: &Sort, several: bool) -> Result<(), Error> {
    let now = info.object["metadata"][sort.field].as_object().cloned().unwrap_or_default();
    let mut pairs: Vec<String> =
        now.iter().map(|(key, value)| format!("{key}={}\n", value.as_str().unwrap_or_default())).collect();
    pairs.order();
    if several {
        let found = &info.resource;
        cx.print(&format!("Listing {} for {}.{}/{}:\n", sort.field, found.kind, found.group, info.name))?;
    }
    for pair in pairs {
        cx.print(&format!("{}{pair}", if several { " " } else { "" }))?;
    }
    Ok(())
}

/// Changes one object and tells of it. The inner error is this object's alone.
async fn one(
    cx: &mut Context<'_>,
    info: Info,
    change: &Map<String, Value>,
    sort: &Sort,
    (dry, local, version): (DryRun, bool, &str),
) -> Result<Result<(), Error>, Error> {
    let (field, is_label) = (sort.field, sort.word == "label");
    let now = info.object["metadata"][field].as_object().cloned().unwrap_or_default();
    if !cx.given.bool("overwrite") {
        let taken =
            change.iter().filter(|(key, value)| !value.is_null() && now.get(*key).is_some_and(|old| old != *value));
        let told: Vec<String> = taken
            .map(|(key, _)| {
                let old = now[key.as_str()].as_str().unwrap_or_default();
                if is_label {
                    format!("'{key}' already has a value ({old}), and --overwrite is false")
                } else {
                    format!("'{key}' already has a value ({old})")
                }
            })
            .collect();
        if !told.is_empty() {
            return Ok(Err(Error::text(if is_label {
                Error::Many(told.into_iter().map(Error::text).collect()).message()
            } else {
                format!("--overwrite is false but found the following declared annotation(s): {}", told.join("; "))
            })));
        }
    }
    let same = change.iter().all(|(key, value)| now.get(key).unwrap_or(&Value::Null) == value);
    for key in change.iter().filter(|(key, value)| value.is_null() && !now.contains_key(*key)).map(|(key, _)| key) {
        if is_label {
            cx.print(&format!("label {key:?} not found.\n"))?;
        }
    }
    let done = match change.values().all(Value::is_null) {
        _ if same && is_label => "not labeled",
        true if is_label => "unlabeled",
        _ if is_label => "labeled",
        _ => "annotated",
    };
    let mut body = json!({"metadata": {field: change}});
    if !version.is_empty() {
        body["metadata"]["resourceVersion"] = json!(version);
    }
    let mut changed = info.object.clone();
    if dry == DryRun::Client || local {
        patch::json_merge(&mut changed, &body);
        if changed["metadata"][field].as_object().is_some_and(Map::is_empty) && now.is_empty() {
            meta::metadata_mut(&mut changed).shift_remove(field);
        }
    } else if done != "not labeled" {
        let call = Call::patch(info.path(), "application/merge-patch+json", &body)
            .query("dryRun", dry.query())
            .query("fieldManager", manager(cx, sort.manager));
        match cx.send(call).await {
            Ok(object) => changed = object,
            Err(error) => return Ok(Err(error)),
        }
    }
    dryrun::tell(cx, &info.resource, &changed, done, dry)?;
    Ok(Ok(()))
}

fn manager<'c>(cx: &'c Context<'_>, own: &'c str) -> &'c str {
    match cx.given.text("field-manager") {
        "" => own,
        named => named,
    }
}
