//! `kubectl apply -f`: make the server's object as the file says, leaving what others set.
//! Upstream: kubectl/pkg/cmd/apply, apimachinery/pkg/util/strategicpatch.

mod last_applied;
mod server_side;

use serde_json::{Map, Value, json};

use super::dryrun::{self, DryRun};
use super::{CHANGE, Command, FILENAME, OUTPUT};
use crate::apimachinery::gojson::{to_json_compact, to_json_compact_in_order};
use crate::apimachinery::labels::Selector;
use crate::apimachinery::schema::{Schema, Type};
use crate::apimachinery::{StatusReason, meta, patch, protobuf};
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::manifest::{self, Manifest};
use crate::kubectl::rest::Call;
use crate::kubectl::{printers, release};

/// Where the file's last content is kept.
pub const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// `kubectl apply`
pub const COMMAND: Command = Command {
    name: "apply",
    aliases: &[],
    short: "Apply a configuration to a resource by file name or stdin",
    examples: "# Apply the configuration in pod.json to a pod\nkubectl apply -f ./pod.json\n\n# Apply the YAML passed into stdin to a pod\ncat pod.yaml | kubectl apply -f -",
    usage: "(-f FILENAME | -k DIRECTORY)",
    flags: &[
        OUTPUT,
        CHANGE,
        FILENAME,
        &[
            Flag::new("server-side", Kind::Bool, "false", "If true, apply runs in the server instead of the client."),
            Flag::new(
                "force-conflicts",
                Kind::Bool,
                "false",
                "If true, server-side apply will force the changes against conflicts.",
            ),
            Flag::new(
                "force",
                Kind::Bool,
                "false",
                "If true, immediately remove resources from API and bypass graceful deletion.",
            ),
            Flag::short("selector", 'l', Kind::Text, "", "Selector (label query) to filter on."),
            Flag::new("all", Kind::Bool, "false", "Select all resources in the namespace of the specified types."),
            Flag::new(
                "overwrite",
                Kind::Bool,
                "true",
                "Automatically resolve conflicts between the modified and live configuration by using values from the modified configuration",
            ),
        ],
    ],
    under: &[last_applied::VIEW, last_applied::SET],
    when: release::ALWAYS,
    run: Some(|cx| Box::pin(run(cx))),
};

async fn run(cx: &mut Context<'_>) -> Result<(), Error> {
    if !cx.given.args.is_empty() {
        return Err(cx.usage_error(&format!("Unexpected args: [{}]", cx.given.args.join(" "))));
    }
    if !cx.given.changed("filename") && !cx.given.changed("kustomize") {
        return Err(Error::text("must specify one of -f and -k"));
    }
    let dry = DryRun::of(cx)?;
    server_side::check_flags(cx, dry)?;
    printers::check_format(cx, &printers::format_of(cx))?;
    dryrun::check_validate(cx)?;
    let selector = Selector::labels(cx.given.text("selector")).map_err(Error::text)?;
    let (mut manifests, mut errors) = manifest::load(cx).await?;
    manifests.retain(|item| selector.matches_labels(&item.object));
    if manifests.is_empty() && errors.is_empty() {
        return Err(Error::text("no objects passed to apply"));
    }
    for item in manifests {
        let outcome = match checked(&item) {
            Err(error) => Err(error),
            Ok(()) if cx.given.bool("server-side") => server_side::apply(cx, &item, dry).await,
            Ok(()) => one(cx, &item, dry).await,
        };
        match outcome {
            Ok((object, done)) => dryrun::tell(cx, &item.resource, &object, done, dry)?,
            Err(error) => errors.push(error),
        }
    }
    Error::all(errors)
}

/// Writes the last-applied annotation into an object.
pub fn annotate(object: &mut Value) {
    let mut kept = object.clone();
    meta::metadata_map_mut(&mut kept, "annotations").shift_remove(LAST_APPLIED);
    let text = manifest::remembered(&kept);
    meta::metadata_map_mut(object, "annotations").insert(LAST_APPLIED.to_owned(), json!(text));
}

/// The same into an object that kubectl made itself, written as Go writes its structs.
pub fn annotate_typed(object: &mut Value) {
    let text = to_json_compact_in_order(&protobuf::in_order(object.clone())) + "\n";
    meta::metadata_map_mut(object, "annotations").insert(LAST_APPLIED.to_owned(), json!(text));
}

/// Only what has a name can be applied.
fn checked(item: &Manifest) -> Result<(), Error> {
    if !meta::name(&item.object).is_empty() {
        return Ok(());
    }
    match meta::generate_name(&item.object) {
        "" => Err(unread(Error::text("resource name may not be empty"), item)),
        name => Err(Error::text(format!("from {name}: cannot use generate name with apply"))),
    }
}

/// Why the object as it is now could not be read.
fn unread(error: Error, item: &Manifest) -> Error {
    let what = format!("retrieving current configuration of:\n{}\nfrom server for:", described(item));
    error.with_source(&what, &item.source)
}

async fn one(cx: &mut Context<'_>, item: &Manifest, dry: DryRun) -> Result<(Value, &'static str), Error> {
    let manager = match cx.given.text("field-manager") {
        "" => "kubectl-client-side-apply".to_owned(),
        named => named.to_owned(),
    };
    let mut modified = item.object.clone();
    annotate(&mut modified);
    // Another may write between our look and our patch: look again, a few times.
    for attempt in 0.. {
        let current = match cx.send(Call::get(item.path())).await {
            Ok(current) => current,
            Err(error) if error.is_not_found() => {
                if dry == DryRun::Client {
                    return Ok((modified, "created"));
                }
                let call = Call::post(item.collection(), &modified)
                    .query("dryRun", dry.query())
                    .query("fieldManager", &manager)
                    .query("fieldValidation", dryrun::field_validation(cx));
                let created = cx.send(call).await.map_err(|error| error.with_source("creating", &item.source))?;
                return Ok((created, "created"));
            }
            Err(error) => {
                return Err(unread(error, item));
            }
        };
        let original = match meta::annotation(&current, LAST_APPLIED) {
            Some(text) => serde_json::from_str(text).unwrap_or_else(|_| json!({})),
            None => {
                let command = "kubectl apply";
                cx.warn(&format!(
                    "resource {}/{} is missing the {LAST_APPLIED} annotation which is required by {command}. {command} should only be used on resources created declaratively by either kubectl create --save-config or {command}. The missing annotation will be patched automatically.",
                    item.resource.plural,
                    meta::name(&current)
                ));
                json!({})
            }
        };
        let strategic = is_builtin(&item.resource.group);
        let of = Schema::of(&item.resource.kind, true).root;
        let change = three_way(strategic.then_some(of), &original, &modified, &current);
        if change.is_empty() {
            return Ok((current, "unchanged"));
        }
        let change = Value::Object(change);
        if dry == DryRun::Client {
            let mut merged = current.clone();
            patch::strategic_merge(of, &mut merged, &change).map_err(|refusal| Error::text(refusal.to_string()))?;
            return Ok((merged, "configured"));
        }
        let kind = if strategic { "application/strategic-merge-patch+json" } else { "application/merge-patch+json" };
        let call = Call::patch(item.path(), kind, &change)
            .query("dryRun", dry.query())
            .query("fieldManager", &manager)
            .query("fieldValidation", dryrun::field_validation(cx));
        match cx.send(call).await {
            Ok(object) => return Ok((object, "configured")),
            Err(error) if error.is(StatusReason::Conflict) && attempt < 5 => {}
            Err(error) => {
                let what = format!("applying patch:\n{}\nto:\n{}\nfor:", to_json_compact(&change), described(item));
                let twice = cx.does(release::APPLY_NAMES_PATCHING);
                let error = if twice { error.with_source("patching", &item.source) } else { error };
                return Err(error.with_source(&what, &item.source));
            }
        }
    }
    Err(Error::Exit(1))
}

/// As messages describe an object. Upstream: resource.Info.String.
fn described(item: &Manifest) -> String {
    let found = &item.resource;
    format!(
        "Resource: \"{0}/{1}, Resource={2}\", GroupVersionKind: \"{0}/{1}, Kind={3}\"\nName: {4:?}, Namespace: {5:?}",
        found.group,
        found.version,
        found.plural,
        found.kind,
        meta::name(&item.object),
        item.namespace
    )
}

/// Whether lists of this group's kinds merge by key.
pub fn is_builtin(group: &str) -> bool {
    !group.contains('.') || group.ends_with(".k8s.io")
}

/// What has to change in `current` so that it says what `modified` says and no longer what only `original` said.
/// Lists are merged by the rules of the type, if one is given.
pub(super) fn three_way(
    of: Option<&'static Type>,
    original: &Value,
    modified: &Value,
    current: &Value,
) -> Map<String, Value> {
    let mut change = Map::new();
    let empty = Map::new();
    let modified = modified.as_object().unwrap_or(&empty);
    for (key, wanted) in modified {
        let (before, now) = (&original[key.as_str()], &current[key.as_str()]);
        match wanted {
            Value::Object(_) if now.is_object() => {
                let inner = three_way(of.map(|of| patch::below(of, key)), before, wanted, now);
                if !inner.is_empty() {
                    change.insert(key.clone(), Value::Object(inner));
                }
            }
            Value::Object(map) if map.is_empty() && now.is_null() => {}
            Value::Array(list) if now.is_array() => match of.and_then(|of| patch::merge_key(of.field(key))) {
                Some(entries) => lists(&mut change, key, entries, before, list, now),
                None if wanted != now => drop(change.insert(key.clone(), wanted.clone())),
                None => {}
            },
            Value::Null if now.is_null() => {}
            _ if wanted != now => drop(change.insert(key.clone(), wanted.clone())),
            _ => {}
        }
    }
    for key in original.as_object().into_iter().flat_map(Map::keys) {
        if !modified.contains_key(key) && current.get(key).is_some() {
            change.insert(key.clone(), Value::Null);
        }
    }
    change
}

/// The change to a list whose entries are known by a key.
fn lists(
    change: &mut Map<String, Value>,
    name: &str,
    (key, of): (&str, &'static Type),
    before: &Value,
    wanted: &[Value],
    now: &Value,
) {
    let find = |list: &Value, entry: &Value| -> Option<Value> {
        list.as_array().into_iter().flatten().find(|other| other[key] == entry[key]).cloned()
    };
    let mut entries = Vec::new();
    for entry in wanted {
        match find(now, entry) {
            None => entries.push(entry.clone()),
            Some(live) => {
                let mut inner = three_way(Some(of), &find(before, entry).unwrap_or_default(), entry, &live);
                if !inner.is_empty() {
                    inner.insert(key.to_owned(), entry[key].clone());
                    entries.push(Value::Object(inner));
                }
            }
        }
    }
    for entry in before.as_array().into_iter().flatten() {
        if !wanted.iter().any(|other| other[key] == entry[key]) && find(now, entry).is_some() {
            entries.push(json!({"$patch": "delete", key: entry[key]}));
        }
    }
    if !entries.is_empty() {
        let order: Vec<Value> = wanted.iter().map(|entry| json!({key: entry[key]})).collect();
        change.insert(format!("$setElementOrder/{name}"), json!(order));
        change.insert(name.to_owned(), json!(entries));
    }
}

#[cfg(test)]
mod tests {
    use super::three_way;
    use crate::apimachinery::schema::Schema;
    use serde_json::{Value, json};

    #[track_caller]
    fn check(original: Value, modified: Value, current: Value, want: Value) {
        let root = Schema::of("Pod", true).root;
        assert_eq!(Value::Object(three_way(Some(root), &original, &modified, &current)), want);
    }

    #[test]
    fn patches() {
        check(json!({}), json!({"a": 1}), json!({"a": 1, "b": 2}), json!({}));
        check(json!({"a": 1, "b": 2}), json!({"a": 3}), json!({"a": 1, "b": 2, "c": 4}), json!({"a": 3, "b": null}));
        let spec = |image: &str| json!({"spec": {"containers": [{"name": "a", "image": image}]}});
        let live = json!({"spec": {"containers": [{"name": "a", "image": "x", "imagePullPolicy": "Always"}]}});
        check(spec("x"), spec("x"), live.clone(), json!({}));
        check(
            spec("x"),
            spec("y"),
            live,
            json!({"spec": {"$setElementOrder/containers": [{"name": "a"}], "containers": [{"name": "a", "image": "y"}]}}),
        );
        check(
            json!({"spec": {"volumes": [{"name": "a"}, {"name": "b"}]}}),
            json!({"spec": {"volumes": [{"name": "a"}]}}),
            json!({"spec": {"volumes": [{"name": "a"}, {"name": "b"}, {"name": "other"}]}}),
            json!({"spec": {"$setElementOrder/volumes": [{"name": "a"}], "volumes": [{"$patch": "delete", "name": "b"}]}}),
        );
    }
}
