//! `kubectl set serviceaccount | image`. Upstream: kubectl/pkg/cmd/set.

use serde_json::{Map, Value, json};

use super::dryrun::{self, DryRun};
use super::{CHANGE, Command, FILENAME, OUTPUT};
use crate::apimachinery::schema::Schema;
use crate::apimachinery::{meta, patch};
use crate::kubectl::builder::{self, From, Info, Wish};
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::release;
use crate::kubectl::rest::Call;

const ALL: &[Flag] = &[
    Flag::new("all", Kind::Bool, "false", "Select all resources, in the namespace of the specified resource types"),
    Flag::new("local", Kind::Bool, "false", "If true, the command will NOT contact api-server but run locally."),
];

const SELECTOR: &[Flag] = &[Flag::short("selector", 'l', Kind::Text, "", "Selector (label query) to filter on.")];

/// `kubectl set`
pub const COMMAND: Command = Command {
    name: "set",
    aliases: &[],
    short: "Set specific features on objects",
    examples: "",
    usage: "SUBCOMMAND",
    flags: &[],
    under: &[
        Command {
            name: "image",
            aliases: &[],
            short: "Update the image of a pod template",
            examples: "# Set a deployment's nginx container image to 'nginx:1.9.1'\nkubectl set image deployment/nginx nginx=nginx:1.9.1",
            usage: "(-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N",
            flags: &[OUTPUT, CHANGE, FILENAME, ALL, SELECTOR],
            under: &[],
            when: release::ALWAYS,
            run: Some(|cx| Box::pin(image(cx))),
        },
        Command {
            name: "serviceaccount",
            aliases: &["sa"],
            short: "Update the service account of a resource",
            examples: "# Set deployment nginx-deployment's service account to serviceaccount1\nkubectl set serviceaccount deployment nginx-deployment serviceaccount1",
            usage: "(-f FILENAME | TYPE NAME) SERVICE_ACCOUNT",
            flags: &[OUTPUT, CHANGE, FILENAME, ALL],
            under: &[],
            when: release::ALWAYS,
            run: Some(|cx| Box::pin(service_account(cx))),
        },
    ],
    when: release::ALWAYS,
    run: None,
};

async fn service_account(cx: &mut Context<'_>) -> Result<(), Error> {
    let mut args = cx.given.args.clone();
    let Some(account) = args.pop() else { return Err(Error::text("serviceaccount is required")) };
    let infos = wanted(cx, &args).await?;
    let change = json!({"serviceAccountName": account});
    template(cx, infos, "serviceaccount updated", "failed to patch ServiceAccountName ", |_, _| Some(change.clone()))
        .await
}

async fn image(cx: &mut Context<'_>) -> Result<(), Error> {
    let is_pair = |arg: &String| (arg.contains('=') && !arg.starts_with('=')) || (arg.ends_with('-') && arg.len() > 1);
    let at = cx.given.args.iter().position(is_pair).unwrap_or(cx.given.args.len());
    let (args, pairs) = cx.given.args.split_at(at);
    if let Some(other) = pairs.iter().find(|arg| !is_pair(arg)) {
        return Err(Error::text(format!("all resources must be specified before image changes: {other}")));
    }
    let (args, pairs) = (args.to_vec(), pairs.to_vec());
    let infos = wanted(cx, &args).await?;
    let mut faults = Vec::new();
    if cx.given.bool("all") && !cx.given.text("selector").is_empty() {
        faults.push(Error::text("cannot set --all and --selector at the same time"));
    }
    if pairs.is_empty() {
        faults.push(Error::text("at least one image update is required"));
    } else if pairs.len() > 1 && pairs.iter().any(|pair| pair.starts_with("*=")) {
        faults.push(Error::text(
            "all containers are already specified by *, but saw more than one container_name=container_image pairs",
        ));
    }
    Error::all(faults)?;
    template(cx, infos, "image updated", "failed to patch image update to pod template: ", |spec, errors| {
        images(spec, &pairs, errors)
    })
    .await
}

/// The change that gives containers their new images; a container that is not there is an error of its own.
fn images(spec: &Value, pairs: &[String], errors: &mut Vec<Error>) -> Option<Value> {
    let mut change = Map::new();
    for pair in pairs {
        let (name, image) = pair.split_once('=').unwrap_or_default();
        let mut fits = false;
        for field in ["initContainers", "containers"] {
            for container in spec[field].as_array().into_iter().flatten() {
                if name != "*" && container["name"] != name {
                    continue;
                }
                fits = true;
                if container["image"] != image
                    && let Some(list) = change.entry(field).or_insert_with(|| json!([])).as_array_mut()
                {
                    list.push(json!({"name": container["name"], "image": image}));
                }
            }
        }
        if !fits {
            errors.push(Error::text(format!("error: unable to find container named {name:?}")));
        }
    }
    (!change.is_empty()).then_some(Value::Object(change))
}

/// The objects that a `set` command names.
async fn wanted(cx: &mut Context<'_>, args: &[String]) -> Result<Vec<Info>, Error> {
    let local = cx.given.bool("local");
    let from = if local { From::Disk } else { From::Server };
    if local && !args.is_empty() {
        return Err(Error::text(
            "error: you must specify resources by --filename when --local is set.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'",
        ));
    }
    let (infos, errors) = builder::infos(cx, args, Wish { lists: false, from }).await?;
    Error::all(errors)?;
    Ok(infos)
}

/// Where an object keeps the spec of its pods.
fn pods_of(object: &Value) -> &'static str {
    match meta::kind(object) {
        "Pod" => "/spec",
        "CronJob" => "/spec/jobTemplate/spec/template/spec",
        _ => "/spec/template/spec",
    }
}

/// Patches the pod template of each object. What goes wrong is told together, after all that went well.
async fn template(
    cx: &mut Context<'_>,
    infos: Vec<Info>,
    done: &str,
    failed: &str,
    change: impl Fn(&Value, &mut Vec<Error>) -> Option<Value> + Send,
) -> Result<(), Error> {
    let dry = DryRun::of(cx)?;
    let local = cx.given.bool("local");
    let (mut errors, mut bodies) = (Vec::new(), Vec::new());
    for info in &infos {
        let pointer = pods_of(&info.object);
        bodies.push(match info.object.pointer(pointer) {
            Some(spec) => Ok(change(spec, &mut errors).map(|inner| nested(pointer, inner))),
            None => Err(()),
        });
    }
    for (info, body) in infos.into_iter().zip(bodies) {
        let body = match body {
            Ok(Some(body)) => body,
            Ok(None) => continue,
            Err(()) => {
                let kinds = if local { &info.resource.singular } else { &info.resource.plural };
                let what = format!("*{}.{}", info.resource.version, info.resource.kind);
                errors.push(Error::text(format!(
                    "error: {kinds}/{} the object is not a pod or does not have a pod template: {what}\n",
                    info.name
                )));
                continue;
            }
        };
        let mut changed = info.object.clone();
        if dry == DryRun::Client || local {
            let of = Schema::of(meta::kind(&changed), true).root;
            patch::strategic_merge(of, &mut changed, &body).map_err(|refusal| Error::text(refusal.to_string()))?;
        } else {
            let call = Call::patch(info.path(), "application/strategic-merge-patch+json", &body)
                .query("dryRun", dry.query())
                .query("fieldManager", "kubectl-set");
            match cx.send(call).await {
                Ok(object) => changed = object,
                Err(error) => {
                    errors.push(error.wrap(failed));
                    continue;
                }
            }
        }
        dryrun::tell_typed(cx, &info.resource, &changed, done, dry)?;
    }
    Error::all(errors)
}

/// `/spec/template` around a value.
fn nested(pointer: &str, inner: Value) -> Value {
    pointer.split('/').skip(1).collect::<Vec<_>>().into_iter().rev().fold(inner, |inner, key| json!({key: inner}))
}
