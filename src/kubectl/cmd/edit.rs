//! `kubectl edit`: an object in an editor, and what changed of it as a patch.
//! Upstream: kubectl/pkg/cmd/util/editor/editoptions.go.

use serde_json::{Value, json};

use super::apply::{annotate, is_builtin, three_way};
use super::{CHANGE, Command, FILENAME, dryrun};
use crate::apimachinery::gojson::to_json_pretty;
use crate::apimachinery::schema::Schema;
use crate::apimachinery::yaml::{from_yaml, to_yaml};
use crate::apimachinery::{Status, StatusReason, meta};
use crate::kubectl::context::Context;
use crate::kubectl::discovery::{Found, targets};
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::rest::Call;
use crate::kubectl::{manifest, printers, release};

const HEADER: &str = "# Please edit the object below. Lines beginning with a '#' will be ignored,\n# and an empty file will abort the edit. If an error occurs while saving this file will be\n# reopened with the relevant failures.\n#\n";

/// `kubectl edit`
pub const COMMAND: Command = Command {
    name: "edit",
    aliases: &[],
    short: "Edit a resource on the server",
    examples: "",
    usage: "(RESOURCE/NAME | -f FILENAME)",
    flags: &[
        CHANGE,
        FILENAME,
        &[
            Flag::short("output", 'o', Kind::Text, "yaml", "Output format."),
            Flag::new("show-managed-fields", Kind::Bool, "false", "If true, keep the managedFields."),
            Flag::new("subresource", Kind::Text, "", "If specified, edit will operate on the subresource."),
            Flag::new("output-patch", Kind::Bool, "false", "Output the patch if the resource is edited."),
        ],
    ],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(run(cx))),
};

/// An object on the server and its place there.
struct Live {
    resource: Found,
    path: String,
    object: Value,
}

async fn run(cx: &mut Context<'_>) -> Result<(), Error> {
    let format = cx.given.text("output").to_owned();
    if !matches!(format.as_str(), "yaml" | "json" | "kyaml") {
        return Err(Error::text(format!(
            "unable to match a printer suitable for the output format {format:?}, allowed formats are: json,kyaml,yaml"
        )));
    }
    let live = wanted(cx).await?;
    if live.is_empty() {
        return Err(Error::text("edit cancelled, no objects found"));
    }
    let shown = shown(cx, &live);
    let one = live.len() == 1;
    let mut body = if format == "json" { to_json_pretty(&shown) + "\n" } else { to_yaml(&shown) };
    let mut reasons: Vec<String> = Vec::new();
    let end = if format == "json" { "json" } else { "yaml" };
    let name = format!("kubectl-edit-{}.{end}", meta::uid(&live[0].object).chars().take(8).collect::<String>());
    loop {
        let header = if format == "json" && reasons.is_empty() { String::new() } else { header(&live, &reasons) };
        let text = format!("{header}{body}");
        let edited = cx.files.edit(&name, &text).await.map_err(|cause| Error::text(cause.to_string()))?;
        let stripped = without_comments(&edited);
        if same(&edited, &text) {
            if reasons.is_empty() {
                cx.complain("Edit cancelled, no changes made.\n");
                return Ok(());
            }
            kept(cx, &name, &edited);
            return Err(Error::text("Edit cancelled, no valid changes were saved."));
        }
        body = stripped;
        let new = match read(&body, one) {
            Ok(new) => new,
            Err(fault) => {
                reasons = vec![format!("<nil>: Invalid value: \"The edited file failed validation\": {fault}")];
                tell_invalid(cx, &live);
                continue;
            }
        };
        let pairs = pairs(cx, &live, new).inspect_err(|_| ())?;
        let pairs = match pairs {
            Ok(pairs) => pairs,
            Err(error) => {
                kept(cx, &name, &edited);
                return Err(error);
            }
        };
        match save(cx, &live, pairs, &name, &edited).await? {
            None => return Ok(()),
            Some(why) => {
                reasons = why;
                tell_invalid(cx, &live);
            }
        }
    }
}

/// What the command line names, as the server has it.
async fn wanted(cx: &mut Context<'_>) -> Result<Vec<Live>, Error> {
    let mut live = Vec::new();
    if cx.given.changed("filename") || cx.given.changed("kustomize") {
        let (manifests, errors) = manifest::load(cx).await?;
        Error::all(errors)?;
        for item in manifests {
            let path = item.path();
            let object = cx.send(Call::get(path.clone())).await?;
            live.push(Live { resource: item.resource, path, object });
        }
        return Ok(live);
    }
    let args = cx.given.args.clone();
    if args.is_empty() {
        return Err(Error::text(
            "You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'",
        ));
    }
    let namespace = cx.namespace();
    for target in targets(cx, &args).await? {
        if let Some(name) = &target.name {
            let mut path = target.resource.object(&namespace, name);
            if !cx.given.text("subresource").is_empty() {
                path = format!("{path}/{}", cx.given.text("subresource"));
            }
            let object = cx.send(Call::get(path.clone())).await?;
            live.push(Live { resource: target.resource, path, object });
            continue;
        }
        let list = cx.send(Call::get(target.resource.collection(&namespace))).await?;
        for mut object in list["items"].as_array().cloned().unwrap_or_default() {
            object["apiVersion"] = target.resource.api_version().into();
            object["kind"] = target.resource.kind.clone().into();
            let path = target.resource.object(&namespace, meta::name(&object));
            live.push(Live { resource: target.resource.clone(), path, object });
        }
    }
    Ok(live)
}

/// What the editor shows: the object, or a list of several.
fn shown(cx: &Context<'_>, live: &[Live]) -> Value {
    let mut objects: Vec<Value> = live.iter().map(|live| live.object.clone()).collect();
    if !cx.given.bool("show-managed-fields") {
        objects.iter_mut().for_each(printers::drop_managed_fields);
    }
    if objects.len() == 1 {
        objects.remove(0)
    } else {
        json!({"apiVersion": "v1", "items": objects, "kind": "List", "metadata": {}})
    }
}

fn header(live: &[Live], reasons: &[String]) -> String {
    let mut text = HEADER.to_owned();
    if !reasons.is_empty() {
        text.push_str(&format!("# {} was not valid:\n", described(&live[0])));
        for reason in reasons {
            text.push_str(&format!("# * {}\n", reason.replace('\n', "\n# ")));
        }
        text.push_str("#\n");
    }
    text
}

/// `configmaps "c1"`
fn described(live: &Live) -> String {
    format!("{} {:?}", live.resource.qualified(), meta::name(&live.object))
}

fn tell_invalid(cx: &mut Context<'_>, live: &[Live]) {
    cx.complain(&format!("error: {} is invalid\n", described(&live[0])));
}

/// Says where the edits are that could not be saved.
fn kept(cx: &mut Context<'_>, name: &str, edited: &str) {
    let path = format!("/tmp/{name}");
    if cx.files.write(&path, edited.as_bytes()).is_ok() {
        cx.complain(&format!("A copy of your changes has been stored to {path:?}\n"));
    }
}

/// Whether two texts say the same, comments apart. Upstream: util.StripComments.
fn same(one: &str, other: &str) -> bool {
    match (from_yaml(one), from_yaml(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => without_comments(one) == without_comments(other),
    }
}

fn without_comments(text: &str) -> String {
    text.split_inclusive('\n').filter(|line| !line.trim_start().starts_with('#')).collect()
}

/// The objects of what was edited.
fn read(text: &str, one: bool) -> Result<Vec<Value>, String> {
    let value = from_yaml(text)?;
    if !value.is_object() {
        return Err("invalid object to validate".to_owned());
    }
    if one {
        return Ok(vec![value]);
    }
    Ok(value["items"].as_array().cloned().unwrap_or_default())
}

type Pairs = Vec<(usize, Value)>;

/// Which edited object belongs to which. The inner error ends the edit and keeps the file.
fn pairs(cx: &Context<'_>, live: &[Live], new: Vec<Value>) -> Result<Result<Pairs, Error>, Error> {
    let mut pairs = Pairs::new();
    for object in new {
        let own = meta::namespace(&object);
        let namespace = cx.namespace();
        if live.iter().any(|live| live.resource.namespaced) && !own.is_empty() && own != namespace {
            return Ok(Err(Error::text(format!(
                "the namespace from the provided object {own:?} does not match the namespace {namespace:?}. You must pass '--namespace={own}' to perform this operation."
            ))));
        }
        let same = |live: &&Live| {
            ["apiVersion", "kind"].iter().all(|key| live.object[*key] == object[*key])
                && meta::name(&live.object) == meta::name(&object)
        };
        match live.iter().enumerate().find(|(_, live)| same(live)) {
            Some((index, _)) => pairs.push((index, object)),
            None => return Ok(Err(Error::text("At least one of apiVersion, kind and name was changed"))),
        }
    }
    Ok(Ok(pairs))
}

/// Sends what changed. `Some` are the reasons why the server found it invalid: the editor opens again.
async fn save(
    cx: &mut Context<'_>,
    live: &[Live],
    pairs: Pairs,
    name: &str,
    edited: &str,
) -> Result<Option<Vec<String>>, Error> {
    let mut failed = false;
    for (index, mut object) in pairs {
        let Some(before) = live.get(index) else { continue };
        let mut original = before.object.clone();
        if !cx.given.bool("show-managed-fields") {
            printers::drop_managed_fields(&mut original);
        }
        if cx.given.bool("save-config") {
            annotate(&mut object);
        }
        let strategic = is_builtin(&before.resource.group);
        let of = Schema::of(&before.resource.kind, true).root;
        let change = three_way(strategic.then_some(of), &original, &object, &original);
        let printed = format!("{}/{}", before.resource.printed(), meta::name(&before.object));
        if change.is_empty() {
            cx.print(&format!("{printed} skipped\n"))?;
            continue;
        }
        let change = Value::Object(change);
        if cx.given.bool("output-patch") {
            let text = crate::apimachinery::gojson::to_json_compact(&change);
            cx.print(&format!("Patch: {text}\n"))?;
        }
        let kind = if strategic { "application/strategic-merge-patch+json" } else { "application/merge-patch+json" };
        let call = Call::patch(before.path.clone(), kind, &change)
            .query(
                "fieldManager",
                match cx.given.text("field-manager") {
                    "" => "kubectl-edit",
                    named => named,
                },
            )
            .query("fieldValidation", dryrun::field_validation(cx));
        match cx.send(call).await {
            Ok(object) if cx.given.changed("output") => {
                let format = cx.given.text("output").to_owned();
                printers::object(cx, &format, &object)?;
            }
            Ok(_) => cx.print(&format!("{printed} edited\n"))?,
            Err(Error::Status(status)) if status.is(StatusReason::Invalid) => return Ok(Some(reasons(&status))),
            Err(error) if error.is_not_found() => {
                failed = true;
                kept(cx, name, edited);
                cx.complain(&format!("error: {} could not be found on the server\n", described(before)));
            }
            Err(error) => {
                failed = true;
                // The edits stay, so that they can be tried again.
                let path = format!("/tmp/{name}");
                let _ = cx.files.write(&path, edited.as_bytes());
                cx.complain(&format!(
                    "error: {} could not be patched: {}\nYou can run `kubectl replace -f {path}` to try this update again.\n",
                    described(before),
                    error.message()
                ));
            }
        }
    }
    if failed { Err(Error::Exit(1)) } else { Ok(None) }
}

fn reasons(status: &Status) -> Vec<String> {
    let told: Vec<String> = status.causes.iter().map(|cause| format!("{}: {}", cause.field, cause.message)).collect();
    if told.is_empty() { vec![status.message.clone()] } else { told }
}
