//! `kubectl set serviceaccount | image`. Upstream: kubectl/pkg/cmd/set.

use serde_json::{Value, json};

use super::dryrun::{self, DryRun};
use super::{CHANGE, Command, OUTPUT};
use crate::apimachinery::schema::Schema;
use crate::apimachinery::{meta, patch};
use crate::kubectl::context::Context;
use crate::kubectl::discovery::targets;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::release;
use crate::kubectl::rest::Call;

const ALL: &[Flag] =
    &[Flag::new("all", Kind::Bool, "false", "Select all resources, in the namespace of the specified resource types")];

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
            flags: &[OUTPUT, CHANGE, ALL],
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
            flags: &[OUTPUT, CHANGE, ALL],
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
    if args.is_empty() {
        return Err(Error::text("one or more resources must be specified as <resource> <name> or <resource>/<name>"));
    }
    let change = json!({"serviceAccountName": account});
    template(cx, &args, "serviceaccount updated", "failed to patch ServiceAccountName ", |_| Ok(Some(change.clone())))
        .await
}

async fn image(cx: &mut Context<'_>) -> Result<(), Error> {
    let (pairs, args): (Vec<String>, Vec<String>) =
        cx.given.args.clone().into_iter().partition(|arg| arg.contains('='));
    if args.is_empty() {
        return Err(Error::text("one or more resources must be specified as <resource> <name> or <resource>/<name>"));
    }
    if pairs.is_empty() {
        return Err(Error::text("at least one image update is required"));
    }
    template(cx, &args, "image updated", "failed to patch image update to pod template: ", |spec| {
        let mut containers = Vec::new();
        for pair in &pairs {
            let (name, image) = pair.split_once('=').unwrap_or_default();
            let fits: Vec<&Value> = spec["containers"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|c| name == "*" || c["name"] == name)
                .collect();
            if fits.is_empty() {
                return Err(Error::text(format!("unable to find container named {name:?}")));
            }
            containers.extend(
                fits.into_iter().filter(|c| c["image"] != image).map(|c| json!({"name": c["name"], "image": image})),
            );
        }
        Ok((!containers.is_empty()).then(|| json!({"containers": containers})))
    })
    .await
}

/// Patches the pod template of each object named.
async fn template(
    cx: &mut Context<'_>,
    args: &[String],
    done: &str,
    failed: &str,
    change: impl Fn(&Value) -> Result<Option<Value>, Error> + Send,
) -> Result<(), Error> {
    let dry = DryRun::of(cx)?;
    let namespace = cx.namespace();
    let mut errors = Vec::new();
    for target in targets(cx, args).await? {
        let Some(name) = &target.name else {
            return Err(Error::text("resource(s) were provided, but no name was specified"));
        };
        let path = target.resource.object(&namespace, name);
        let object = match cx.send(Call::get(path.clone())).await {
            Ok(object) => object,
            Err(error) => {
                errors.push(error);
                continue;
            }
        };
        let pointer = match target.resource.kind.as_str() {
            "Pod" => "/spec",
            "CronJob" => "/spec/jobTemplate/spec/template/spec",
            _ => "/spec/template/spec",
        };
        let Some(spec) = object.pointer(pointer) else {
            errors.push(Error::text(format!(
                "{}/{name}: the object is not a pod or does not have a pod template",
                target.resource.plural
            )));
            continue;
        };
        let Some(inner) = change(spec)? else { continue };
        let body = pointer
            .split('/')
            .skip(1)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .fold(inner, |inner, key| json!({key: inner}));
        let mut changed = object;
        if dry == DryRun::Client {
            let of = Schema::of(meta::kind(&changed), true).root;
            patch::strategic_merge(of, &mut changed, &body).map_err(|refusal| Error::text(refusal.to_string()))?;
        } else {
            let call = Call::patch(path, "application/strategic-merge-patch+json", &body)
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
        if crate::kubectl::printers::format_of(cx).is_empty() {
            let text = format!("{}/{} {done}{}\n", target.resource.printed(), meta::name(&changed), dry.suffix());
            cx.print(&text)?;
        } else {
            dryrun::tell(cx, &target.resource, &changed, done, dry)?;
        }
    }
    Error::all(errors)
}
