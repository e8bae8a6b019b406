//! `kubectl patch`, `kubectl replace` and `kubectl edit`. Upstream: kubectl/pkg/cmd/patch, replace, edit.

use serde_json::Value;

use super::dryrun::{self, DryRun};
use super::{CHANGE, Command, FILENAME, OUTPUT};
use crate::kubectl::context::Context;
use crate::kubectl::discovery::targets;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::rest::Call;
use crate::kubectl::{manifest, release};

/// `kubectl patch`
pub const COMMAND: Command = Command {
    name: "patch",
    aliases: &[],
    short: "Update fields of a resource",
    examples: "# Partially update a service account\nkubectl patch serviceaccount default -p '{\"automountServiceAccountToken\":false}'",
    usage: "(-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE]",
    flags: &[
        OUTPUT,
        CHANGE,
        &[
            Flag::short("patch", 'p', Kind::Text, "", "The patch to be applied to the resource JSON file."),
            Flag::new("patch-file", Kind::Text, "", "A file containing a patch to be applied to the resource."),
            Flag::new(
                "type",
                Kind::Text,
                "strategic",
                "The type of patch being provided; one of [json merge strategic]",
            ),
            Flag::new(
                "subresource",
                Kind::Text,
                "",
                "If specified, patch will operate on the subresource of the requested object.",
            ),
        ],
    ],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(patch(cx))),
};

/// `kubectl replace`
pub const REPLACE: Command = Command {
    name: "replace",
    aliases: &[],
    short: "Replace a resource by file name or stdin",
    examples: "# Replace a pod using the data in pod.json\nkubectl replace -f ./pod.json",
    usage: "-f FILENAME",
    flags: &[OUTPUT, CHANGE, FILENAME],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(replace(cx))),
};

/// `kubectl edit`
pub const EDIT: Command = Command {
    name: "edit",
    aliases: &[],
    short: "Edit a resource on the server",
    examples: "",
    usage: "(RESOURCE/NAME | -f FILENAME)",
    flags: &[OUTPUT, FILENAME],
    under: &[],
    when: release::ALWAYS,
    run: Some(|_| {
        Box::pin(async {
            Err(Error::text(
                "no editor can be opened here; write the object to a file (kubectl get ... -o yaml > FILE), change it with `edit FILE`, then kubectl apply -f FILE",
            ))
        })
    }),
};

async fn patch(cx: &mut Context<'_>) -> Result<(), Error> {
    let dry = DryRun::of(cx)?;
    let text = if cx.given.changed("patch-file") {
        let path = cx.given.text("patch-file");
        let bytes = cx.files.read(path).map_err(|cause| {
            Error::text(format!("unable to read patch file: open {path}: {}", manifest::os(&cause)))
        })?;
        String::from_utf8_lossy(&bytes).into_owned()
    } else {
        cx.given.text("patch").to_owned()
    };
    if text.is_empty() {
        return Err(Error::text("must specify --patch or --patch-file containing the contents of the patch"));
    }
    let body: Value =
        serde_yaml::from_str(&text).map_err(|cause| Error::text(format!("unable to parse {text:?}: yaml: {cause}")))?;
    let kind = match cx.given.text("type") {
        "strategic" => "application/strategic-merge-patch+json",
        "merge" => "application/merge-patch+json",
        "json" => "application/json-patch+json",
        other => return Err(Error::text(format!("--type must be one of [json merge strategic], not {other:?}"))),
    };
    let (args, namespace) = (cx.given.args.clone(), cx.namespace());
    if args.is_empty() {
        return Err(cx.usage_error("one or more resources must be specified as <resource> <name> or <resource>/<name>"));
    }
    for target in targets(cx, &args).await? {
        let Some(name) = &target.name else {
            return Err(Error::text("resource(s) were provided, but no name was specified"));
        };
        let mut path = target.resource.object(&namespace, name);
        let before = cx.send(Call::get(path.clone())).await?;
        if cx.given.changed("subresource") {
            path = format!("{path}/{}", cx.given.text("subresource"));
        }
        let call = Call::patch(path, kind, &body)
            .query("dryRun", if dry == DryRun::None { "" } else { "All" })
            .query("fieldManager", "kubectl-patch");
        let after = cx.send(call).await?;
        let done = if before == after { "patched (no change)" } else { "patched" };
        dryrun::tell(cx, &target.resource, &after, done, dry)?;
    }
    Ok(())
}

async fn replace(cx: &mut Context<'_>) -> Result<(), Error> {
    if !cx.given.changed("filename") {
        return Err(Error::text("must specify one of -f and -k"));
    }
    let dry = DryRun::of(cx)?;
    let (manifests, mut errors) = manifest::load(cx).await?;
    for item in manifests {
        let call = Call::put(item.path(), &item.object)
            .query("dryRun", dry.query())
            .query("fieldManager", "kubectl-replace")
            .query("fieldValidation", dryrun::field_validation(cx));
        match cx.send(call).await {
            Ok(object) => dryrun::tell(cx, &item.resource, &object, "replaced", dry)?,
            Err(error) => errors.push(error.with_source("replacing", &item.source)),
        }
    }
    Error::all(errors)
}
