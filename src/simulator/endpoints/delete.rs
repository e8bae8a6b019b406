//! Delete: at once, gracefully, or when the last finalizer is gone. Upstream: apiserver/pkg/endpoints/handlers/delete.go.

use std::sync::Arc;

use http::{Request, StatusCode};
use hyper::body::Incoming;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::apimachinery::field::{Errors, Path};
use crate::apimachinery::protobuf::in_order;
use crate::apimachinery::{Status, StatusReason, gojson, meta};
use crate::simulator::registry::{Deletion, Strategy};
use crate::simulator::storage::WriteError;
use crate::simulator::{ControlPlane, release};

use super::respond::Answer;
use super::{Call, body, negotiation, options, read, write};

/// The group of `DeleteOptions` in a fault.
const META: &str = "meta.k8s.io";
/// Keeps an owner until its dependents are cut loose.
const ORPHAN: &str = "orphan";
/// Keeps an owner until its dependents are gone.
const FOREGROUND: &str = "foregroundDeletion";

fn list<'a>(object: &'a Value, pointer: &str) -> &'a [Value] {
    object.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// What the caller asks of a deletion: `DeleteOptions`.
#[derive(Default)]
struct Options {
    grace: Option<i64>,
    uid: Option<String>,
    resource_version: Option<String>,
    /// What became of `propagationPolicy` before it had a name.
    orphan_dependents: Option<bool>,
    propagation: Option<String>,
    dry_run: Vec<String>,
}

impl Options {
    /// Options come in the body, and only without one in the query.
    async fn read(call: &Call<'_>, request: Request<Incoming>) -> Result<Self, Status> {
        let body = body::options(request).await?;
        let options = match &body {
            None => Self::of_query(call),
            Some(body) => Self::of_body(body),
        }?;
        options.validate(&call.api.plane)?;
        Ok(options)
    }

    fn of_body(body: &Value) -> Result<Self, Status> {
        let wrong = |field: &str, value: &Value, want: &str| {
            let got = gojson::kind(value);
            Status::bad_request(format!(
                "json: cannot unmarshal {got} into Go struct field DeleteOptions.{field} of type {want}"
            ))
        };
        let given = |pointer: &str| body.pointer(pointer).filter(|value| !value.is_null());
        let text = |pointer: &str, field: &str, kind: &str| match given(pointer) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(other) => Err(wrong(field, other, kind)),
        };
        let grace = match given("/gracePeriodSeconds") {
            None => None,
            Some(seconds) => Some(seconds.as_i64().ok_or_else(|| wrong("gracePeriodSeconds", seconds, "int64"))?),
        };
        let orphan_dependents = match given("/orphanDependents") {
            None => None,
            Some(flag) => Some(flag.as_bool().ok_or_else(|| wrong("orphanDependents", flag, "bool"))?),
        };
        let dry_run = match given("/dryRun") {
            None => Vec::new(),
            Some(Value::Array(modes)) => modes
                .iter()
                .map(|mode| mode.as_str().map(str::to_owned).ok_or_else(|| wrong("dryRun", mode, "string")))
                .collect::<Result<_, _>>()?,
            Some(other) => return Err(wrong("dryRun", other, "[]string")),
        };
        if let Some(other) = given("/preconditions").filter(|value| !value.is_object()) {
            return Err(wrong("preconditions", other, "v1.Preconditions"));
        }
        Ok(Self {
            grace,
            uid: text("/preconditions/uid", "preconditions.uid", "types.UID")?,
            resource_version: text("/preconditions/resourceVersion", "preconditions.resourceVersion", "string")?,
            orphan_dependents,
            propagation: text("/propagationPolicy", "propagationPolicy", "v1.DeletionPropagation")?,
            dry_run,
        })
    }

    fn of_query(call: &Call<'_>) -> Result<Self, Status> {
        let given = |name: &str| call.info.param(name).filter(|text| !text.is_empty());
        let grace = match given("gracePeriodSeconds") {
            None => None,
            Some(text) => Some(
                text.parse()
                    .map_err(|_| Status::bad_request(format!("strconv.ParseInt: parsing {text:?}: invalid syntax")))?,
            ),
        };
        Ok(Self {
            grace,
            orphan_dependents: given("orphanDependents").map(|_| call.info.flag("orphanDependents")),
            propagation: given("propagationPolicy").map(str::to_owned),
            dry_run: call.info.params("dryRun").into_iter().map(str::to_owned).collect(),
            ..Self::default()
        })
    }

    /// Upstream: ValidateDeleteOptions.
    fn validate(&self, plane: &ControlPlane) -> Result<(), Status> {
        let path = Path::new("propagationPolicy");
        let mut errors = Errors::default();
        if let Some(policy) = &self.propagation {
            if self.orphan_dependents.is_some() {
                let why = "orphanDependents and deletionPropagation cannot be both set";
                errors.invalid(&path, &json!(policy), why);
            }
            if !matches!(policy.as_str(), "Foreground" | "Background" | "Orphan") {
                errors.not_supported(&path, &json!(policy), &["Foreground", "Background", "Orphan", "nil"]);
            }
        }
        let modes: Vec<&str> = self.dry_run.iter().map(String::as_str).collect();
        options::check_dry_run(plane, &modes, &mut errors);
        if errors.is_empty() { Ok(()) } else { Err(Status::invalid(META, "DeleteOptions", "", errors)) }
    }

    fn is_dry_run(&self) -> bool {
        !self.dry_run.is_empty()
    }

    /// The finalizers of an object that is to be deleted so. Upstream: deletionFinalizersForGarbageCollection.
    fn finalizers(&self, object: &Value) -> Vec<Value> {
        let present = list(object, "/metadata/finalizers");
        let of_ours = |finalizer: &&Value| **finalizer == ORPHAN || **finalizer == FOREGROUND;
        // What is asked for now counts more than what the object was made with.
        let wanted = match (self.orphan_dependents, self.propagation.as_deref()) {
            (Some(true), _) | (None, Some("Orphan")) => Some(json!(ORPHAN)),
            (None, Some("Foreground")) => Some(json!(FOREGROUND)),
            (Some(false), _) | (None, Some(_)) => None,
            (None, None) => present.iter().find(of_ours).cloned(),
        };
        present.iter().filter(|finalizer| !of_ours(finalizer)).cloned().chain(wanted).collect()
    }
}

pub(super) async fn one(
    call: &Call<'_>,
    strategy: &'static dyn Strategy,
    request: Request<Incoming>,
) -> Result<Answer, Status> {
    let options = Options::read(call, request).await?;
    let done = persist(call, strategy, &call.info.namespace, &call.info.name, &options)?;
    // Only those who say it the old way hear that the object is still there.
    let accepted = matches!(done, Done::Later(_)) && options.orphan_dependents == Some(false);
    let code = if accepted { StatusCode::ACCEPTED } else { StatusCode::OK };
    Ok(Answer::with_code(code, shown(strategy, done)))
}

/// Deletes an object, whatever others write to it meanwhile.
fn persist(
    call: &Call<'_>,
    strategy: &'static dyn Strategy,
    namespace: &str,
    name: &str,
    options: &Options,
) -> Result<Done, Status> {
    let resource = strategy.resource();
    let key = read::key(resource, namespace, name);
    loop {
        let old = call.api.plane.store.get(&key).ok_or_else(|| read::not_found(resource, name))?;
        match delete(call, strategy, &old, options) {
            Err(status)
                if status.is(StatusReason::Conflict) && status.message.ends_with(&WriteError::Changed.to_string()) => {}
            done => return done,
        }
    }
}

/// Deletes a pod for whoever drains its node. No budget stands in the way: there are none.
/// Upstream: EvictionREST in pkg/registry/core/pod/storage/eviction.go.
pub(super) fn evict(call: &Call<'_>, strategy: &'static dyn Strategy, eviction: &Value) -> Result<(), Status> {
    let plane = &call.api.plane;
    let mut options = match eviction.get("deleteOptions") {
        None | Some(Value::Null) => Options::default(),
        Some(options) => Options::of_body(options)?,
    };
    if call.info.is_dry_run() {
        options.dry_run.push("All".to_owned());
    }
    options.validate(plane)?;
    let old = read::existing(call, strategy)?;
    if plane.does(release::DISRUPTION_TARGET) && !options.is_dry_run() {
        check_preconditions(strategy, Deletion::Now, &old, &options)?;
        let mut new = Value::clone(&old);
        let conditions = meta::child_mut(&mut new, "status").entry("conditions").or_insert_with(|| json!([]));
        if let Value::Array(conditions) = conditions {
            conditions.retain(|condition| condition["type"] != "DisruptionTarget");
            conditions.push(json!({
                "type": "DisruptionTarget",
                "status": "True",
                "lastProbeTime": null,
                "lastTransitionTime": meta::time(plane.clock.now()),
                "reason": "EvictionByEvictionAPI",
                "message": "Eviction API: evicting",
            }));
        }
        let key = read::key(strategy.resource(), &call.info.namespace, &call.info.name);
        // Who lost against another writer still has the pod deleted.
        drop(plane.store.update(key, &old, new));
    }
    persist(call, strategy, &call.info.namespace, &call.info.name, &options).map(drop)
}

/// What a delete came to.
enum Done {
    /// The object is gone; this is what it was last.
    Gone(Arc<Value>),
    /// It goes when its time or its last finalizer is over.
    Later(Arc<Value>),
    /// It was on its way before, and nothing about that changed.
    Already(Arc<Value>),
}

fn shown(strategy: &dyn Strategy, done: Done) -> Value {
    let last = match done {
        Done::Later(last) => return Value::clone(&last),
        Done::Gone(last) | Done::Already(last) if strategy.returns_deleted_object() => return Value::clone(&last),
        Done::Already(last) if strategy.begin_deletion(&last, None) == Deletion::Finalize => {
            return Value::clone(&last);
        }
        Done::Gone(last) | Done::Already(last) => last,
    };
    let resource = strategy.resource();
    let mut status = write::success();
    let mut details = serde_json::Map::new();
    details.insert("name".to_owned(), json!(meta::name(&last)));
    if !resource.group_version.group.is_empty() {
        details.insert("group".to_owned(), json!(resource.group_version.group));
    }
    details.insert("kind".to_owned(), json!(resource.plural));
    details.insert("uid".to_owned(), json!(meta::uid(&last)));
    status["details"] = Value::Object(details);
    status
}

/// Deletes an object, or starts to. Upstream: Store.Delete, rest.BeforeDelete, and the namespaces' own Delete.
fn delete(
    call: &Call<'_>,
    strategy: &'static dyn Strategy,
    old: &Arc<Value>,
    options: &Options,
) -> Result<Done, Status> {
    let resource = strategy.resource();
    let plane = &call.api.plane;
    let name = meta::name(old);
    let deletion = strategy.begin_deletion(old, options.grace);
    check_preconditions(strategy, deletion, old, options)?;
    let since = meta::deleting_since(old);
    let left = old.pointer("/metadata/deletionGracePeriodSeconds").and_then(Value::as_i64).unwrap_or_default();
    let now = plane.clock.now_seconds();
    let after =
        |from: Timestamp, seconds: i64| from.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX);
    // When it is to end, and how many seconds it is given for that.
    let graceful = match (deletion, since) {
        (Deletion::Finalize, Some(_)) if !list(old, "/spec/finalizers").is_empty() => {
            return Ok(Done::Already(Arc::clone(old)));
        }
        // A second delete may shorten the wait, never lengthen it.
        (Deletion::Graceful(_), Some(at)) if left != 0 => {
            match options.grace.map(|grace| if grace < 0 { 1 } else { grace }) {
                Some(grace) if grace < left => Some((after(at, grace - left), grace)),
                _ => return Ok(Done::Already(Arc::clone(old))),
            }
        }
        (Deletion::Graceful(seconds), None) => Some((after(now, seconds), seconds)),
        _ => None,
    };
    write::admit_deletion(call, strategy, old)?;

    let mut new = Value::clone(old);
    let finalizers = match strategy.has_dependents() {
        true => options.finalizers(old),
        false => list(old, "/metadata/finalizers").to_vec(),
    };
    let held = !finalizers.is_empty();
    let first = since.is_none();
    let fields = meta::metadata_mut(&mut new);
    if held {
        fields.insert("finalizers".to_owned(), Value::Array(finalizers));
    } else {
        fields.shift_remove("finalizers");
    }
    let namespace = deletion == Deletion::Finalize && first;
    let ends_now = !held && !namespace && graceful.is_none_or(|(_, seconds)| seconds == 0);
    if let Some((at, seconds)) = graceful {
        fields.insert("deletionTimestamp".to_owned(), json!(meta::time(at)));
        fields.insert("deletionGracePeriodSeconds".to_owned(), json!(seconds));
    } else if namespace {
        fields.insert("deletionTimestamp".to_owned(), json!(meta::time(now)));
    } else if held {
        let at = since.map_or(now, |since| since.min(now));
        fields.insert("deletionTimestamp".to_owned(), json!(meta::time(at)));
        fields.insert("deletionGracePeriodSeconds".to_owned(), json!(0));
    }
    let generation = fields.get("generation").and_then(Value::as_i64).filter(|_| first && !namespace);
    if let Some(generation) = generation.filter(|_| graceful.is_some() || held) {
        fields.insert("generation".to_owned(), json!(generation + 1));
    }
    if namespace {
        meta::child_mut(&mut new, "status").insert("phase".to_owned(), json!("Terminating"));
    }
    let new = in_order(new);
    if options.is_dry_run() {
        let new = Arc::new(new);
        return Ok(if ends_now { Done::Gone(new) } else { Done::Later(new) });
    }
    let key = read::key(resource, meta::namespace(old), name);
    let failed = |error: WriteError| match error {
        WriteError::NotFound => read::not_found(resource, name),
        other => Status::conflict(resource.group_version.group, resource.plural, name, &other.to_string()),
    };
    // Whoever watches sees how it is marked, and then that it is gone.
    let marked = match ends_now && graceful.is_none() {
        true => Arc::clone(old),
        false => plane.store.update(key.clone(), old, new).map_err(failed)?,
    };
    if !ends_now {
        return Ok(Done::Later(marked));
    }
    if Arc::ptr_eq(&marked, old) {
        return plane.store.delete(&key, &marked).map(Done::Gone).map_err(failed);
    }
    // Whoever saw the mark may be quicker than we are, or write to it once more; gone it is all the same.
    let mut last = marked;
    loop {
        match plane.store.delete(&key, &last) {
            Ok(gone) => return Ok(Done::Gone(gone)),
            Err(WriteError::Changed) => match plane.store.get(&key) {
                Some(now) if meta::uid(&now) == meta::uid(&last) => last = now,
                _ => return Ok(Done::Gone(last)),
            },
            Err(WriteError::NotFound) => return Ok(Done::Gone(last)),
            Err(error) => return Err(failed(error)),
        }
    }
}

fn check_preconditions(
    strategy: &dyn Strategy,
    deletion: Deletion,
    old: &Value,
    options: &Options,
) -> Result<(), Status> {
    let resource = strategy.resource();
    let conflict =
        |kind: &str, why: &str| Err(Status::conflict(resource.group_version.group, kind, meta::name(old), why));
    let differs = |wanted: &Option<String>, got: &str| wanted.as_ref().filter(|wanted| *wanted != got).cloned();
    for (what, wanted, got, happened) in [
        ("UID", &options.uid, meta::uid(old), "deleted and then recreated"),
        ("ResourceVersion", &options.resource_version, meta::resource_version(old), "modified"),
    ] {
        let Some(wanted) = differs(wanted, got) else { continue };
        // Namespaces look for themselves, in words of their own.
        if deletion == Deletion::Finalize {
            let why = format!("Precondition failed: {what} in precondition: {wanted}, {what} in object meta: {got}");
            return conflict(resource.plural, &why);
        }
        let why = format!(
            "the {what} in the precondition ({wanted}) does not match the {what} in record ({got}). The object might have been {happened}"
        );
        return conflict(resource.kind, &why);
    }
    Ok(())
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
        match persist(call, strategy, meta::namespace(object), meta::name(object), &options) {
            Ok(_) => deleted.push(object.as_ref()),
            Err(status) if status.is(StatusReason::NotFound) => {}
            Err(status) => return Err(status),
        }
    }
    let metadata = json!({"resourceVersion": revision.to_string()});
    Ok(Answer::ok(negotiation::list(resource, metadata, deleted.into_iter())))
}
