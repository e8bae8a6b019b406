//! `kubectl create`: from a file, or from words with one sub-command a kind. Upstream: kubectl/pkg/cmd/create.

mod objects;
mod rbac;
pub mod run;
mod secret;
mod token;

use serde_json::{Value, json};

use super::dryrun::{self, DryRun};
use super::{CHANGE, Command, FILENAME, OUTPUT};
use crate::kubectl::context::Context;
use crate::kubectl::discovery::Found;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::rest::Call;
use crate::kubectl::{manifest, printers, release};

/// `kubectl create`
pub const COMMAND: Command = Command {
    name: "create",
    aliases: &[],
    short: "Create a resource from a file or from stdin",
    examples: "# Create a pod using the data in pod.json\nkubectl create -f ./pod.json\n\n# Create a service account\nkubectl create serviceaccount dashboard-sa",
    usage: "-f FILENAME",
    flags: &[
        OUTPUT,
        CHANGE,
        FILENAME,
        &[
            Flag::new("raw", Kind::Text, "", "Raw URI to POST to the server."),
            Flag::new("edit", Kind::Bool, "false", "Edit the API resource before creating"),
        ],
    ],
    under: &[
        rbac::CLUSTER_ROLE,
        rbac::CLUSTER_ROLE_BINDING,
        objects::CONFIG_MAP,
        objects::DEPLOYMENT,
        objects::NAMESPACE,
        rbac::ROLE,
        rbac::ROLE_BINDING,
        objects::SECRET,
        objects::SERVICE_ACCOUNT,
        token::COMMAND,
    ],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(from_files(cx))),
};

async fn from_files(cx: &mut Context<'_>) -> Result<(), Error> {
    if !cx.given.changed("filename") && !cx.given.changed("kustomize") {
        if cx.does(release::CREATE_ALONE_SAYS_LITTLE) {
            return Err(if cx.given.args.is_empty() {
                Error::text("must specify one of -f and -k")
            } else {
                cx.usage_error(&format!("Unexpected args: [{}]", cx.given.args.join(" ")))
            });
        }
        cx.complain("Error: must specify one of -f and -k\n\n");
        if cx.given.args.is_empty() {
            let text = cx.help.clone();
            cx.complain(&text);
            return Err(Error::Exit(1));
        }
        return Err(cx.usage_error(&format!("unknown command {:?}", cx.given.args.join(" "))));
    }
    if !cx.given.args.is_empty() {
        return Err(cx.usage_error(&format!("Unexpected args: [{}]", cx.given.args.join(" "))));
    }
    let dry = DryRun::of(cx)?;
    dryrun::check_validate(cx)?;
    printers::check_format(cx, &printers::format_of(cx))?;
    let (manifests, mut errors) = manifest::load(cx).await?;
    if manifests.is_empty() && errors.is_empty() {
        return Err(Error::text("no objects passed to create"));
    }
    for item in manifests {
        let mut object = item.object.clone();
        if cx.given.bool("save-config") {
            super::apply::annotate(&mut object);
        }
        if dry != DryRun::Client {
            let call = Call::post(item.collection(), &object)
                .query("dryRun", dry.query())
                .query("fieldManager", "kubectl-create")
                .query("fieldValidation", dryrun::field_validation(cx));
            match cx.send(call).await {
                Ok(created) => object = created,
                Err(error) => {
                    errors.push(error.with_source("creating", &item.source));
                    continue;
                }
            }
        }
        dryrun::tell(cx, &item.resource, &object, "created", dry)?;
    }
    Error::all(errors)
}

/// The one name a command wants.
fn one_name(cx: &Context<'_>) -> Result<String, Error> {
    match cx.given.args.as_slice() {
        [name] => Ok(name.clone()),
        other => Err(cx.usage_error(&format!("exactly one NAME is required, got {}", other.len()))),
    }
}

/// A resource every server has.
fn builtin(group: &str, plural: &str, kind: &str, namespaced: bool) -> Found {
    Found {
        group: group.to_owned(),
        version: "v1".to_owned(),
        plural: plural.to_owned(),
        singular: kind.to_lowercase(),
        kind: kind.to_owned(),
        namespaced,
        ..Found::default()
    }
}

fn object(resource: &Found, name: &str) -> Value {
    json!({"apiVersion": resource.api_version(), "kind": resource.kind, "metadata": {"name": name}})
}
