//! `kubectl patch` and `kubectl replace`. Upstream: kubectl/pkg/cmd/patch, replace.

use serde_json::Value;

use super::dryrun::{self, DryRun};
use super::{CHANGE, Command, FILENAME, OUTPUT};
use crate::apimachinery::schema::Schema;
use crate::apimachinery::yaml::from_yaml;
use crate::apimachinery::{meta, patch};
use crate::kubectl::builder::{self, From, Info, Wish};
use crate::kubectl::context::Context;
use crate::kubectl::discovery::Found;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::manifest::Manifest;
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
        FILENAME,
        &[
            Flag::new("local", Kind::Bool, "false", "If true, patch will operate on the content of the file."),
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
    flags: &[
        OUTPUT,
        CHANGE,
        FILENAME,
        &[
            Flag::new("force", Kind::Bool, "false", "If true, remove the objects first and create them anew."),
            Flag::new(
                "grace-period",
                Kind::Int,
                "-1",
                "Period of time in seconds given to the resource to terminate gracefully.",
            ),
            Flag::new("timeout", Kind::Duration, "0s", "The length of time to wait before giving up on a delete."),
            Flag::new(
                "cascade",
                Kind::OptionalText("background"),
                "background",
                "Must be \"background\", \"orphan\", or \"foreground\".",
            ),
            Flag::new("subresource", Kind::Text, "", "If specified, replace will operate on the subresource."),
        ],
    ],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(replace(cx))),
};

async fn patch(cx: &mut Context<'_>) -> Result<(), Error> {
    let dry = DryRun::of(cx)?;
    let (given, file) = (cx.given.text("patch").to_owned(), cx.given.text("patch-file").to_owned());
    let local = cx.given.bool("local");
    let args = cx.given.args.clone();
    if !given.is_empty() && !file.is_empty() {
        return Err(Error::text("cannot specify --patch and --patch-file together"));
    }
    if given.is_empty() && file.is_empty() {
        return Err(Error::text("must specify --patch or --patch-file containing the contents of the patch"));
    }
    if local && !args.is_empty() {
        return Err(Error::text("cannot specify --local and server resources"));
    }
    if local && dry == DryRun::Server {
        return Err(Error::text("cannot specify --local and --dry-run=server - did you mean --dry-run=client?"));
    }
    let kind = match cx.given.text("type").to_lowercase().as_str() {
        "strategic" => "application/strategic-merge-patch+json",
        "merge" => "application/merge-patch+json",
        "json" => "application/json-patch+json",
        _ => {
            let other = cx.given.text("type");
            return Err(Error::text(format!("--type must be one of [json merge strategic], not {other:?}")));
        }
    };
    let text = if file.is_empty() {
        given
    } else {
        let bytes = cx.files.read(&file).map_err(|cause| {
            Error::text(format!("unable to read patch file: open {file}: {}", manifest::os(&cause)))
        })?;
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let body = json_of(&text)?;
    let from = if local { From::Disk } else { From::File };
    let (infos, mut errors) = builder::infos(cx, &args, Wish { lists: false, from }).await?;
    if infos.is_empty() && errors.is_empty() {
        return Err(Error::text("no objects passed to patch"));
    }
    for info in infos {
        let after = if local || dry == DryRun::Client {
            here(&info.object, kind, &body)
        } else {
            there(cx, &info, kind, &body, dry).await
        };
        match after {
            Ok(after) => {
                let done = if info.object == after { "patched (no change)" } else { "patched" };
                let resource = Found::guessed(&after);
                // Upstream tells nothing of a dry run of the client here.
                let told = if dry == DryRun::Client { DryRun::None } else { dry };
                dryrun::tell(cx, &resource, &after, done, told)?;
            }
            Err(error) => errors.push(error),
        }
    }
    Error::all(errors)
}

/// The patch as it is sent: JSON as it was typed, YAML made into JSON. Upstream: util/yaml.ToJSON.
fn json_of(text: &str) -> Result<Vec<u8>, Error> {
    if text.trim_start().starts_with('{') {
        return Ok(text.as_bytes().to_vec());
    }
    let value = from_yaml(text).map_err(|fault| Error::text(format!("unable to parse {text:?}: {fault}")))?;
    Ok(value.to_string().into_bytes())
}

async fn there(
    cx: &mut Context<'_>,
    info: &Info,
    kind: &'static str,
    body: &[u8],
    dry: DryRun,
) -> Result<Value, Error> {
    let subresource = cx.given.text("subresource");
    let path = if subresource.is_empty() { info.path() } else { format!("{}/{subresource}", info.path()) };
    let manager = match cx.given.text("field-manager") {
        "" => "kubectl-patch",
        named => named,
    };
    let call = Call::new(http::Method::PATCH, path)
        .body(kind, body.to_vec())
        .query("dryRun", dry.query())
        .query("fieldManager", manager);
    cx.send(call).await
}

/// The patch worked without the server.
fn here(object: &Value, kind: &str, body: &[u8]) -> Result<Value, Error> {
    let change: Value = serde_json::from_slice(body).map_err(|cause| Error::text(cause.to_string()))?;
    let mut after = object.clone();
    match kind {
        "application/json-patch+json" => {
            patch::json_patch(&mut after, &change).map_err(|refusal| Error::text(refusal.to_string()))?
        }
        "application/merge-patch+json" => patch::json_merge(&mut after, &change),
        _ => {
            let of = Schema::of(meta::kind(object), true).root;
            patch::strategic_merge(of, &mut after, &change).map_err(|refusal| Error::text(refusal.to_string()))?;
        }
    }
    Ok(after)
}

async fn replace(cx: &mut Context<'_>) -> Result<(), Error> {
    dryrun::check_validate(cx)?;
    super::delete::cascade(cx)?;
    if cx.given.int("grace-period").is_some_and(|seconds| seconds >= 0) && !cx.given.bool("force") {
        return Err(Error::text("--grace-period must have --force specified"));
    }
    if !cx.given.duration("timeout").is_zero() && !cx.given.bool("force") {
        return Err(Error::text("--timeout must have --force specified"));
    }
    if !cx.given.changed("filename") && !cx.given.changed("kustomize") {
        return Err(Error::text("must specify one of -f and -k"));
    }
    let dry = DryRun::of(cx)?;
    if cx.given.bool("force") && dry != DryRun::None {
        return Err(Error::text("--dry-run can not be used when --force is set"));
    }
    let (manifests, mut errors) = manifest::load(cx).await?;
    if cx.given.bool("force") {
        Error::all(errors)?;
        return anew(cx, manifests).await;
    }
    let subresource = cx.given.text("subresource").to_owned();
    for item in manifests {
        if meta::name(&item.object).is_empty() {
            errors.push(Error::text("resource name may not be empty").with_source("replacing", &item.source));
            continue;
        }
        let path = if subresource.is_empty() { item.path() } else { format!("{}/{subresource}", item.path()) };
        let mut object = item.object.clone();
        if cx.given.bool("save-config") {
            super::apply::annotate(&mut object);
        }
        if dry == DryRun::Client {
            dryrun::tell(cx, &item.resource, &object, "replaced", dry)?;
            continue;
        }
        let call = Call::put(path, &object)
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

/// `replace --force`: all are deleted, then all are made again.
async fn anew(cx: &mut Context<'_>, manifests: Vec<Manifest>) -> Result<(), Error> {
    let deadline = cx.deadline(cx.given.duration("timeout"));
    for item in &manifests {
        let mut call = Call::new(http::Method::DELETE, item.path());
        if let Some(seconds) = cx.given.int("grace-period").filter(|seconds| *seconds >= 0) {
            call = call.query("gracePeriodSeconds", &seconds.to_string());
        }
        match cx.send(call).await {
            Ok(_) => {}
            Err(error) if error.is_not_found() => continue,
            Err(error) => return Err(error),
        }
        let name = meta::name(&item.object);
        let place = if item.namespace.is_empty() || !cx.does(release::DELETE_NAMES_NAMESPACE) {
            String::new()
        } else {
            format!(" from {} namespace", item.namespace)
        };
        cx.print(&format!("{} {name:?} deleted{place}\n", item.resource.printed()))?;
    }
    for item in &manifests {
        loop {
            match cx.send(Call::get(item.path())).await {
                Ok(_) => cx.pause(&deadline).await?,
                Err(error) if error.is_not_found() => break,
                Err(error) => return Err(error),
            }
        }
    }
    let mut errors = Vec::new();
    for item in manifests {
        let mut object = item.object.clone();
        meta::metadata_mut(&mut object).shift_remove("resourceVersion");
        if cx.given.bool("save-config") {
            super::apply::annotate(&mut object);
        }
        let call = Call::post(item.collection(), &object)
            .query("fieldManager", "kubectl-replace")
            .query("fieldValidation", dryrun::field_validation(cx));
        match cx.send(call).await {
            Ok(object) => dryrun::tell(cx, &item.resource, &object, "replaced", DryRun::None)?,
            Err(error) => errors.push(error),
        }
    }
    Error::all(errors)
}
