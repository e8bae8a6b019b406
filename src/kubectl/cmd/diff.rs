//! `kubectl diff`: what applying would change, as `diff -u -N` shows it. Upstream: kubectl/pkg/cmd/diff/diff.go.

use serde_json::{Value, json};
use similar::TextDiff;

use super::apply::{LAST_APPLIED, is_builtin, three_way};
use super::{Command, FILENAME, SELECTOR, dryrun};
use crate::apimachinery::labels::Selector;
use crate::apimachinery::meta;
use crate::apimachinery::schema::Schema;
use crate::apimachinery::yaml::to_yaml;
use crate::base::Order as _;
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::manifest::{self, Manifest};
use crate::kubectl::rest::Call;
use crate::kubectl::{printers, release};

/// `kubectl diff`
pub const COMMAND: Command = Command {
    name: "diff",
    aliases: &[],
    short: "Diff the live version against a would-be applied version",
    examples: "# Diff resources included in pod.json\nkubectl diff -f pod.json",
    usage: "-f FILENAME",
    flags: &[
        FILENAME,
        SELECTOR,
        &[
            Flag::new("field-manager", Kind::Text, "kubectl-client-side-apply", "Name of the manager."),
            Flag::new("force-conflicts", Kind::Bool, "false", "If true, server-side apply will force the changes."),
            Flag::new("server-side", Kind::Bool, "false", "If true, apply runs in the server instead of the client."),
            Flag::new("show-managed-fields", Kind::Bool, "false", "If true, include managed fields in the diff."),
        ],
    ],
    under: &[],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(run(cx))),
};

async fn run(cx: &mut Context<'_>) -> Result<(), Error> {
    // Whatever goes wrong here is not a difference: the exit code is above one.
    match compare(cx).await {
        Ok(false) => Ok(()),
        Ok(true) => Err(Error::Exit(1)),
        Err(error) => {
            let (text, code) = error.told();
            cx.complain(&text);
            Err(Error::Exit(code.max(2)))
        }
    }
}

async fn compare(cx: &mut Context<'_>) -> Result<bool, Error> {
    if !cx.given.args.is_empty() {
        return Err(cx.usage_error(&format!("Unexpected args: [{}]", cx.given.args.join(" "))));
    }
    if !cx.given.changed("filename") && !cx.given.changed("kustomize") {
        return Err(Error::text("must specify one of -f and -k"));
    }
    let selector = Selector::labels(cx.given.text("selector")).map_err(Error::text)?;
    let (mut manifests, errors) = manifest::load(cx).await?;
    Error::all(errors)?;
    manifests.retain(|item| selector.matches_labels(&item.object));
    // As upstream names the two folders it compares, by a number that says nothing.
    let stamp = cx.config.clock.now();
    let number = stamp.as_nanosecond().unsigned_abs() % 10_000_000_000;
    let mut told: Vec<(String, String)> = Vec::new();
    for item in manifests {
        if meta::name(&item.object).is_empty() {
            return Err(Error::text("resource name may not be empty"));
        }
        let live = match cx.send(Call::get(item.path())).await {
            Ok(live) => Some(live),
            Err(error) if error.is_not_found() => None,
            Err(error) => return Err(error),
        };
        let merged = merged(cx, &item, live.as_ref()).await?;
        let (mut before, mut after) = (live.unwrap_or_default(), merged);
        if !cx.given.bool("show-managed-fields") {
            printers::drop_managed_fields(&mut before);
            printers::drop_managed_fields(&mut after);
        }
        if item.resource.kind == "Secret" {
            mask(&mut before, &mut after);
        }
        let shown = |value: &Value| if value.is_null() { String::new() } else { to_yaml(value) };
        let (before, after) = (shown(&before), shown(&after));
        if before == after {
            continue;
        }
        let group = if item.resource.group.is_empty() { String::new() } else { format!("{}.", item.resource.group) };
        let file = format!(
            "{group}{}.{}.{}.{}",
            item.resource.version,
            item.resource.kind,
            item.namespace,
            meta::name(&item.object)
        );
        let (left, right) = (format!("/tmp/LIVE-{number}/{file}"), format!("/tmp/MERGED-{number}/{file}"));
        let time = stamp.strftime("%Y-%m-%d %H:%M:%S.%9f +0000");
        let diff = TextDiff::from_lines(&before, &after);
        let hunks = diff.unified_diff().context_radius(3).to_string();
        let text = format!("diff -u -N {left} {right}\n--- {left}\t{time}\n+++ {right}\t{time}\n{hunks}");
        told.push((file, text));
    }
    // The folders are compared file by file, in the order of the names.
    told.order();
    for (_, text) in &told {
        cx.print(text)?;
    }
    Ok(!told.is_empty())
}

/// What the server would make of it.
async fn merged(cx: &mut Context<'_>, item: &Manifest, live: Option<&Value>) -> Result<Value, Error> {
    let manager = cx.given.text("field-manager").to_owned();
    if cx.given.bool("server-side") {
        let force = if cx.given.bool("force-conflicts") { "true" } else { "false" };
        let manager = if cx.given.changed("field-manager") { manager } else { "kubectl".to_owned() };
        let call = Call::patch(item.path(), "application/apply-patch+yaml", &item.object)
            .query("dryRun", "All")
            .query("fieldManager", &manager)
            .query("force", force);
        return cx.send(call).await;
    }
    let mut modified = item.object.clone();
    meta::metadata_map_mut(&mut modified, "annotations").shift_remove(LAST_APPLIED);
    let Some(live) = live else {
        // An object that does not exist yet has no annotation either way.
        let call = Call::post(item.collection(), &item.object)
            .query("dryRun", "All")
            .query("fieldManager", &manager)
            .query("fieldValidation", dryrun::field_validation(cx));
        return cx.send(call).await;
    };
    let original = meta::annotation(live, LAST_APPLIED).and_then(|text| serde_json::from_str(text).ok());
    let strategic = is_builtin(&item.resource.group);
    let of = Schema::of(&item.resource.kind, true).root;
    let change = three_way(strategic.then_some(of), &original.unwrap_or_else(|| json!({})), &modified, live);
    if change.is_empty() {
        return Ok(live.clone());
    }
    let kind = if strategic { "application/strategic-merge-patch+json" } else { "application/merge-patch+json" };
    let call = Call::patch(item.path(), kind, &Value::Object(change))
        .query("dryRun", "All")
        .query("fieldManager", &manager)
        .query("fieldValidation", dryrun::field_validation(cx));
    cx.send(call).await
}

/// A secret's values are stars; where they differ, the stars say which is which. Upstream: Masker.
fn mask(before: &mut Value, after: &mut Value) {
    let keys = |value: &Value| value["data"].as_object().map(|map| map.keys().cloned().collect::<Vec<_>>());
    for key in keys(before).unwrap_or_default() {
        let same = after["data"].get(&key) == before["data"].get(&key);
        let other = after["data"].get(&key).is_some();
        before["data"][&key] = if same || !other { "***" } else { "*** (before)" }.into();
        if other {
            after["data"][&key] = if same { "***" } else { "*** (after)" }.into();
        }
    }
    for key in keys(after).unwrap_or_default() {
        if before["data"].get(&key).is_none() {
            after["data"][&key] = "***".into();
        }
    }
    for value in [before, after] {
        if let Some(Value::String(text)) =
            value.pointer_mut("/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration")
        {
            *text = "***".to_owned();
        }
    }
}
