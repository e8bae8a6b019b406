//! Delete: at once, gracefully, or when the last finalizer is gone. Upstream: apiserver/pkg/endpoints/handlers/delete.go.

use std::sync::Arc;

use http::Request;
use hyper::body::Incoming;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::apimachinery::{Status, StatusReason, meta};
use crate::simulator::registry::{Deletion, Strategy};
use crate::simulator::storage::WriteError;

use super::respond::Answer;
use super::{Call, body, metadata, read, write};

/// What the caller asks of a deletion.
struct Options {
    grace: Option<i64>,
    uid: Option<String>,
    resource_version: Option<String>,
    dry_run: bool,
}

impl Options {
    async fn read(call: &Call<'_>, request: Request<Incoming>) -> Result<Self, Status> {
        let body = body::optional(request).await?;
        let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let asked = call.info.param("gracePeriodSeconds").and_then(|seconds| seconds.parse().ok());
        let dry = body.pointer("/dryRun/0").is_some_and(|mode| mode == "All");
        Ok(Self {
            grace: body.get("gracePeriodSeconds").and_then(Value::as_i64).or(asked),
            uid: text("/preconditions/uid"),
            resource_version: text("/preconditions/resourceVersion"),
            dry_run: dry || call.info.is_dry_run(),
        })
    }
}

pub(super) async fn one(
    call: &Call<'_>,
    strategy: &'static dyn Strategy,
    request: Request<Incoming>,
) -> Result<Answer, Status> {
    let options = Options::read(call, request).await?;
    loop {
        let old = read::existing(call, strategy)?;
        match delete(call, strategy, &old, &options) {
            Err(status)
                if status.is(StatusReason::Conflict) && status.message.ends_with(&WriteError::Changed.to_string()) => {}
            Err(status) => return Err(status),
            Ok((last, accepted)) => return Ok(answer(strategy, &last, accepted)),
        }
    }
}

fn answer(strategy: &dyn Strategy, last: &Value, accepted: bool) -> Answer {
    if strategy.returns_deleted_object() || accepted {
        return Answer::ok(last.clone());
    }
    let resource = strategy.resource();
    let mut status = write::success();
    let mut details = serde_json::Map::new();
    details.insert("name".to_owned(), json!(meta::name(last)));
    if !resource.group_version.group.is_empty() {
        details.insert("group".to_owned(), json!(resource.group_version.group));
    }
    details.insert("kind".to_owned(), json!(resource.plural));
    details.insert("uid".to_owned(), json!(meta::uid(last)));
    status["details"] = Value::Object(details);
    Answer::ok(status)
}

/// Deletes an object or starts to; says whether it is still there.
fn delete(
    call: &Call<'_>,
    strategy: &'static dyn Strategy,
    old: &Arc<Value>,
    options: &Options,
) -> Result<(Arc<Value>, bool), Status> {
    let resource = strategy.resource();
    let plane = &call.api.plane;
    let group = resource.group_version.group;
    let name = meta::name(old);
    write::admit_deletion(call, strategy, old)?;
    let differs = |wanted: &Option<String>, got: &str| wanted.as_ref().filter(|wanted| *wanted != got).cloned();
    if let Some(wanted) = differs(&options.uid, meta::uid(old)) {
        let why = format!(
            "the UID in the precondition ({wanted}) does not match the UID in record ({}). The object might have been deleted and then recreated",
            meta::uid(old)
        );
        return Err(Status::conflict(group, resource.kind, name, &why));
    }
    if let Some(wanted) = differs(&options.resource_version, meta::resource_version(old)) {
        let got = meta::resource_version(old);
        let why = format!(
            "the ResourceVersion in the precondition ({wanted}) does not match the ResourceVersion in record ({got}). The object might have been modified"
        );
        return Err(Status::conflict(group, resource.kind, name, &why));
    }
    let key = read::key(resource, meta::namespace(old), name);
    let failed = |error: WriteError| match error {
        WriteError::NotFound => read::not_found(resource, name),
        other => Status::conflict(group, resource.plural, name, &other.to_string()),
    };
    let held =
        old.pointer("/metadata/finalizers").and_then(Value::as_array).is_some_and(|finalizers| !finalizers.is_empty());
    let deletion = match strategy.begin_deletion(old, options.grace) {
        Deletion::Now if held => Deletion::Graceful(0),
        other => other,
    };
    if options.dry_run {
        return Ok((Arc::clone(old), deletion != Deletion::Now));
    }
    let seconds = match deletion {
        Deletion::Now => return plane.store.delete(&key, old).map(|last| (last, false)).map_err(failed),
        Deletion::Finalize => 0,
        Deletion::Graceful(seconds) => seconds,
    };
    let mut new = Value::clone(old);
    let now = plane.clock.now_seconds();
    let at = now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(now);
    // A second delete may shorten the wait, never lengthen it.
    if meta::deleting_since(old).is_some_and(|already| already <= at) {
        return Ok((Arc::clone(old), true));
    }
    let fields = meta::metadata_mut(&mut new);
    fields.insert("deletionTimestamp".to_owned(), json!(meta::time(at)));
    if deletion != Deletion::Finalize {
        fields.insert("deletionGracePeriodSeconds".to_owned(), json!(seconds));
    }
    if let Some(generation) = fields.get("generation").and_then(Value::as_i64) {
        fields.insert("generation".to_owned(), json!(generation + 1));
    }
    if deletion == Deletion::Finalize {
        meta::child_mut(&mut new, "status").insert("phase".to_owned(), json!("Terminating"));
    }
    plane.store.update(key, old, metadata::in_order(new)).map(|stored| (stored, true)).map_err(failed)
}

pub(super) async fn collection(
    call: &Call<'_>,
    strategy: &'static dyn Strategy,
    request: Request<Incoming>,
) -> Result<Answer, Status> {
    let resource = strategy.resource();
    let options = Options::read(call, request).await?;
    let filter = read::Filter::of(call, strategy)?;
    let namespace = (!call.info.namespace.is_empty() && resource.namespaced).then_some(call.info.namespace.as_str());
    let (objects, revision) = call.api.plane.store.list(&resource.qualified(), namespace);
    let mut deleted = Vec::new();
    for object in objects.iter().filter(|object| filter.matches(object)) {
        match delete(call, strategy, object, &options) {
            Ok((last, _)) => deleted.push(Value::clone(&last)),
            Err(status) if status.is(StatusReason::NotFound) => {}
            Err(status) => return Err(status),
        }
    }
    let version = resource.group_version.api_version();
    let metadata = json!({"resourceVersion": revision.to_string()});
    Ok(Answer::ok(
        json!({"kind": format!("{}List", resource.kind), "apiVersion": version, "metadata": metadata, "items": deleted}),
    ))
}
