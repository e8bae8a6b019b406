//! `kubectl apply --server-side`: the server does the merging, and says who else manages what would change.
//! Upstream: kubectl/pkg/cmd/apply/apply.go, client-go/util/csaupgrade.

use serde_json::{Value, json};

use super::LAST_APPLIED;
use crate::apimachinery::fieldset::{Element, Set, from_fields, to_fields};
use crate::apimachinery::{StatusReason, meta};
use crate::kubectl::cmd::dryrun::{self, DryRun};
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;
use crate::kubectl::manifest::Manifest;
use crate::kubectl::release;
use crate::kubectl::rest::Call;

/// Who server-side apply is, unless told otherwise.
const MANAGER: &str = "kubectl";
/// Who client-side apply is.
const CLIENT_SIDE: &str = "kubectl-client-side-apply";
/// Who keeps the annotation of client-side apply, so that it stays when its fields change hands.
const ANNOTATION_KEEPER: &str = "kubectl-last-applied";
const APPLY_PATCH: &str = "application/apply-patch+yaml";

/// The faults in how the flags go together.
pub fn check_flags(cx: &Context<'_>, dry: DryRun) -> Result<(), Error> {
    let server_side = cx.given.bool("server-side");
    let fault = match dry {
        _ if cx.given.bool("force-conflicts") && !server_side => "--force-conflicts only works with --server-side",
        DryRun::Client if server_side => {
            "--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)"
        }
        _ if server_side && cx.given.bool("force") => "--force cannot be used with --server-side",
        DryRun::Server if cx.given.bool("force") => "--dry-run=server cannot be used with --force",
        DryRun::None | DryRun::Client | DryRun::Server => return Ok(()),
    };
    Err(Error::text(fault))
}

/// Applies one manifest.
pub async fn apply(cx: &mut Context<'_>, item: &Manifest, dry: DryRun) -> Result<(Value, &'static str), Error> {
    let manager = match cx.given.text("field-manager") {
        "" if !cx.given.changed("field-manager") => MANAGER.to_owned(),
        named => named.to_owned(),
    };
    let force = if cx.given.bool("force-conflicts") { "true" } else { "false" };
    let call = Call::patch(item.path(), APPLY_PATCH, &item.object)
        .query("dryRun", dry.query())
        .query("fieldManager", &manager)
        .query("fieldValidation", dryrun::field_validation(cx))
        .query("force", force);
    let mut object = match cx.send(call.clone()).await {
        Ok(object) => object,
        Err(error) if error.is(StatusReason::Conflict) => return Err(advised(cx, &error)),
        Err(error) => return Err(error),
    };
    if dry == DryRun::None && cx.does(release::APPLY_MIGRATES) {
        object = keep_annotation(cx, item, object, &manager).await?;
        if let Some(patch) = migration(&object, &manager) {
            object = migrate(cx, item, object, &patch, call).await;
        }
    }
    Ok((object, "serverside-applied"))
}

/// A conflict, with what can be done about it.
fn advised(cx: &Context<'_>, conflict: &Error) -> Error {
    let page = match (cx.does(release::CONFLICT_LINK_OLDEST), cx.does(release::CONFLICT_LINK_OLD)) {
        (true, _) => "http://k8s.io/docs/reference/using-api/api-concepts/#conflicts",
        (false, true) => "http://k8s.io/docs/reference/using-api/server-side-apply/#conflicts",
        (false, false) => "https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts",
    };
    Error::text(format!(
        "{}\n\
         Please review the fields above--they currently have other managers. Here\n\
         are the ways you can resolve this warning:\n\
         * If you intend to manage all of these fields, please re-run the apply\n  \
           command with the `--force-conflicts` flag.\n\
         * If you do not intend to manage all of the fields, please edit your\n  \
           manifest to remove references to the fields that should keep their\n  \
           current managers.\n\
         * You may co-own fields by updating your manifest to match the existing\n  \
           value; in this case, you'll become the manager if the other manager(s)\n  \
           stop managing the field (remove it from their configuration).\n\
         See {page}",
        conflict.message()
    ))
}

/// The annotation of client-side apply gets a manager of its own before its fields change hands.
async fn keep_annotation(cx: &mut Context<'_>, item: &Manifest, object: Value, manager: &str) -> Result<Value, Error> {
    let Some(text) = meta::annotation(&object, LAST_APPLIED) else { return Ok(object) };
    if manager != MANAGER || owners(&object, "Apply").next().is_some() {
        return Ok(object);
    }
    let mut only = json!({
        "apiVersion": item.object["apiVersion"], "kind": item.object["kind"],
        "metadata": {"name": meta::name(&object), "annotations": {LAST_APPLIED: text}},
    });
    if !meta::namespace(&object).is_empty() {
        only["metadata"]["namespace"] = json!(meta::namespace(&object));
    }
    let call = Call::patch(item.path(), APPLY_PATCH, &only).query("fieldManager", ANNOTATION_KEEPER);
    cx.send(call).await
}

async fn migrate(cx: &mut Context<'_>, item: &Manifest, object: Value, patch: &Value, again: Call) -> Value {
    let call = Call::patch(item.path(), "application/json-patch+json", patch);
    let non_fatal = "This is non-fatal and will be retried next time you apply.";
    let migrated = match cx.send(call).await {
        Ok(migrated) => migrated,
        Err(error) => {
            cx.complain(&format!(
                "Warning: server rejected managed fields migration to Server-Side Apply. {non_fatal} Error: {}\n",
                error.message()
            ));
            return object;
        }
    };
    // The same configuration once more: what it no longer says can go now.
    match cx.send(again).await {
        Ok(object) => object,
        Err(error) => {
            cx.complain(&format!(
                "Warning: failed to re-apply configuration after performing Server-Side Apply migration. {non_fatal} Error: {}\n",
                error.message()
            ));
            migrated
        }
    }
}

fn entries(object: &Value) -> &[Value] {
    object.pointer("/metadata/managedFields").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn fields(entry: &Value) -> Set {
    from_fields(&entry["fieldsV1"]).unwrap_or_default()
}

/// The entries of this operation that have the annotation of client-side apply.
fn owners<'a>(object: &'a Value, operation: &'a str) -> impl Iterator<Item = &'a Value> {
    let path = ["metadata", "annotations", LAST_APPLIED].map(Element::field);
    entries(object).iter().filter(move |entry| entry["operation"] == operation && fields(entry).has(&path))
}

/// The patch that makes what client-side apply managed `manager`'s own; none when there is nothing.
/// Upstream: csaupgrade.UpgradeManagedFieldsPatch.
fn migration(object: &Value, manager: &str) -> Option<Value> {
    let owner = owners(object, "Update").next().map(|entry| entry["manager"].clone());
    let is_part = |entry: &Value| entry["subresource"].as_str().is_some_and(|part| !part.is_empty());
    let is_old = |entry: &Value| {
        let name = &entry["manager"];
        entry["operation"] == "Update" && !is_part(entry) && (name == CLIENT_SIDE || Some(name) == owner.as_ref())
    };
    let is_own =
        |entry: &Value| entry["operation"] == "Apply" && !is_part(entry) && entry["manager"].as_str() == Some(manager);
    let all = entries(object);
    let old: Vec<&Value> = all.iter().filter(|entry| is_old(entry)).collect();
    let first = old.first()?;
    let mut kept: Vec<Value> = all.iter().filter(|entry| !is_old(entry)).cloned().collect();
    if !kept.iter().any(is_own) {
        let mut own = Value::clone(first);
        own["manager"] = json!(manager);
        own["operation"] = json!("Apply");
        kept.push(own);
    }
    if let Some(own) = kept.iter_mut().find(|entry| is_own(entry)) {
        let together = old.iter().fold(fields(own), |together, entry| together.union(&fields(entry)));
        own["fieldsV1"] = to_fields(&together);
    }
    Some(json!([
        {"op": "replace", "path": "/metadata/managedFields", "value": kept},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": meta::resource_version(object)},
    ]))
}

#[cfg(test)]
mod tests {
    use super::{LAST_APPLIED, migration};
    use serde_json::{Value, json};

    #[test]
    fn what_client_side_apply_managed_changes_hands() {
        let annotation = format!("f:{LAST_APPLIED}");
        let entry = |manager: &str, operation: &str, fields: Value| json!({"manager": manager, "operation": operation, "apiVersion": "v1", "fieldsV1": fields});
        let noted = json!({"f:data": {"f:b": {}}, "f:metadata": {"f:annotations": {annotation: {}}}});
        let object = |entries: Value| json!({"metadata": {"resourceVersion": "7", "managedFields": entries}});
        let both = object(json!([
            entry("kubectl", "Apply", json!({"f:data": {"f:a": {}}})),
            entry("kubectl-client-side-apply", "Update", noted.clone()),
            entry("other", "Update", json!({"f:data": {"f:c": {}}})),
        ]));
        let patch = migration(&both, "kubectl").expect("there is something to migrate");
        let kept = &patch[0]["value"];
        assert_eq!(kept.as_array().map(Vec::len), Some(2));
        assert_eq!(kept[0]["fieldsV1"]["f:data"], json!({"f:a": {}, "f:b": {}}));
        assert_eq!(patch[1]["value"], "7");
        // A manager of another name that has the annotation was client-side apply too.
        let renamed = object(json!([entry("my-ci", "Update", noted)]));
        let patch = migration(&renamed, "kubectl").expect("there is something to migrate");
        assert_eq!(
            (&patch[0]["value"][0]["manager"], &patch[0]["value"][0]["operation"]),
            (&json!("kubectl"), &json!("Apply"))
        );
        assert_eq!(migration(&object(json!([entry("other", "Update", json!({"f:data": {}}))])), "kubectl"), None);
    }
}
