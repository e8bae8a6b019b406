//! Create, update, and the writable subresources. Upstream: apiserver/pkg/endpoints/handlers/{create,update}.go
//! and apiserver/pkg/registry/generic/registry/store.go.

use std::sync::Arc;

use http::Request;
use hyper::body::Incoming;
use serde_json::Value;

use crate::apimachinery::protobuf::in_order;
use crate::apimachinery::{Resource, Status, StatusReason, meta, strict};
use crate::simulator::registry::core::serviceaccounts;
use crate::simulator::registry::{Review, Strategy};
use crate::simulator::storage::WriteError;
use crate::simulator::{ControlPlane, admission, audit, release, serviceaccount, trace};

use super::options::FieldValidation;
use super::respond::Answer;
use super::{Call, body, delete, managers, metadata, patch, read};

/// How often a generated name is drawn. Upstream: maxNameGenerationCreateAttempts.
const NAME_TRIES: usize = 8;
/// Reads what a request wants made: the object, and the fields its text has twice.
async fn read_new(
    call: &Call<'_>,
    request: Request<Incoming>,
    api_version: &str,
    kind: &str,
) -> Result<(Value, Vec<String>), Status> {
    call.check_options(false)?;
    let read = body::object(&call.api.plane, request, api_version, kind).await?;
    audit::object(&read.0);
    Ok(read)
}

pub(super) async fn review(
    call: &Call<'_>,
    review: &'static dyn Review,
    request: Request<Incoming>,
) -> Result<Answer, Status> {
    let resource = review.resource();
    let (object, twice) = read_new(call, request, &resource.group_version.api_version(), resource.kind).await?;
    let (mut body, mut warnings) = strictly(call, resource, review.decode(object)?, &twice)?;
    metadata::wipe(&mut body);
    metadata::match_namespace(resource, &mut body, &call.info.namespace)?;
    warnings.extend(metadata::dedup_owners(&mut body));
    managers::note_asked(call, &mut body);
    let reply = review.create(&call.api.plane, &call.user, &call.info.namespace, body)?;
    Ok(Answer::created(in_order(reply)).with_warnings(warnings))
}

/// Answers a token request. Upstream: pkg/registry/core/serviceaccount/storage/token.go behind the create handler.
pub(super) async fn token(
    call: &Call<'_>,
    strategy: &'static dyn Strategy,
    request: Request<Incoming>,
) -> Result<Answer, Status> {
    let (plane, info) = (&call.api.plane, &call.info);
    let resource = &serviceaccounts::TOKEN_REQUEST;
    let (object, twice) = read_new(call, request, &resource.group_version.api_version(), resource.kind).await?;
    let decoded = serviceaccounts::decode_token_request(plane, object)?;
    let (mut body, mut warnings) = strictly(call, resource, decoded, &twice)?;
    if !plane.does(release::TOKEN_REQUEST_UID) {
        metadata::wipe(&mut body);
    }
    metadata::match_url(resource, &body, &info.namespace, None)?;
    warnings.extend(metadata::dedup_owners(&mut body));
    admit(call, strategy, "CREATE", &mut body, None)?;
    let (mut reply, more) = serviceaccount::create_token(plane, &info.namespace, &info.name, body.clone())?;
    warnings.extend(more);
    managers::note_reply(call, body, &mut reply);
    Ok(Answer::created(in_order(reply)).with_warnings(warnings))
}

pub(super) async fn create(
    call: &Call<'_>,
    strategy: &'static dyn Strategy,
    request: Request<Incoming>,
) -> Result<Answer, Status> {
    if !call.info.name.is_empty() {
        return Err(Status::method_not_allowed());
    }
    let resource = strategy.resource();
    let plane = &call.api.plane;
    let (object, twice) = read_new(call, request, &resource.group_version.api_version(), resource.kind).await?;
    let (mut object, mut warnings) = decode(call, strategy, object, &twice)?;
    metadata::match_url(resource, &object, &call.info.namespace, None)?;
    warnings.extend(metadata::dedup_owners(&mut object));
    strategy.default(plane, &mut object);
    managers::note(call, strategy, None, &mut object);
    finish_create(call, strategy, object, warnings)
}

/// Admits, checks and stores a new object whose managers are noted.
pub(super) fn finish_create(
    call: &Call<'_>,
    strategy: &'static dyn Strategy,
    mut object: Value,
    mut warnings: Vec<String>,
) -> Result<Answer, Status> {
    let resource = strategy.resource();
    let plane = &call.api.plane;
    let draws_name = meta::name(&object).is_empty() && plane.does(release::RETRY_GENERATE_NAME);
    admit(call, strategy, "CREATE", &mut object, None)?;
    strategy.prepare_for_create(plane, &mut object);
    metadata::fill(plane, strategy, &mut object, &call.info.namespace);
    strategy.default(plane, &mut object);
    strategy.authorize_write(plane, &call.user, &object, None)?;
    let mut errors = metadata::validate(plane, strategy, &object);
    errors.extend(strategy.validate(plane, &object));
    if !errors.is_empty() {
        return Err(Status::invalid(resource.group_version.group, resource.kind, meta::name(&object), errors));
    }
    validate_admission(call, strategy, "CREATE", &object, None)?;
    // What is no number is overlooked, as upstream.
    if meta::resource_version(&object).parse::<u64>().is_ok_and(|version| version != 0) {
        let why = "resourceVersion should not be set on objects to be created";
        return Err(Status::failure(StatusReason::Unknown, why));
    }
    meta::metadata_mut(&mut object).shift_remove("resourceVersion");
    warnings.extend(strategy.warnings(plane, &object, None));
    let tries = if draws_name { NAME_TRIES } else { 1 };
    insert(plane, strategy, object, &call.info.namespace, tries, call.info.is_dry_run())
        .map(|stored| Answer::created(Value::clone(&stored)).with_warnings(warnings))
}

/// Stores a new object, under another generated name if its own is taken. Upstream: createWithGenerateNameRetry.
fn insert(
    plane: &ControlPlane,
    strategy: &dyn Strategy,
    mut object: Value,
    namespace: &str,
    tries: usize,
    dry_run: bool,
) -> Result<Arc<Value>, Status> {
    let resource = strategy.resource();
    for left in (0..tries).rev() {
        let shown = in_order(object.clone());
        let key = read::key(resource, namespace, meta::name(&object));
        let present = plane.store.get(&key);
        let stored = match (present.is_some(), dry_run) {
            (true, _) => None,
            (false, true) => Some(Arc::new(shown)),
            (false, false) => plane.store.create(key, shown).ok(),
        };
        if let Some(stored) = stored {
            return Ok(stored);
        }
        if left == 0 {
            return Err(taken(resource, &object, present.as_deref()));
        }
        metadata::draw_name(plane, strategy, &mut object, namespace);
        meta::metadata_mut(&mut object).insert("uid".to_owned(), plane.ids.uuid().into());
    }
    Err(taken(resource, &object, None))
}

/// The refusal of a new object whose name is another's. Upstream: rest.CheckGeneratedNameError and Store.create.
fn taken(resource: &Resource, object: &Value, present: Option<&Value>) -> Status {
    let mut status = Status::already_exists(resource.group_version.group, resource.plural, meta::name(object));
    if !meta::generate_name(object).is_empty() {
        status.message.push_str(", the server was not able to generate a unique name for the object");
        status.retry_after = 1;
    }
    if present.is_some_and(|present| meta::deleting_since(present).is_some()) {
        status.message = format!("object is being deleted: {}", status.message);
    }
    status
}

/// Reads an object through its type.
pub(super) fn decode(
    call: &Call<'_>,
    strategy: &'static dyn Strategy,
    object: Value,
    twice: &[String],
) -> Result<(Value, Vec<String>), Status> {
    strictly(call, strategy.resource(), strategy.decode(object)?, twice)
}

/// Fields that are unknown or there twice are refused, reported or dropped as the request asks.
fn strictly(
    call: &Call<'_>,
    resource: &Resource,
    decoded: strict::Decoded,
    twice: &[String],
) -> Result<(Value, Vec<String>), Status> {
    let strict::Decoded { object, unknown } = decoded;
    let faults = strict_faults(twice, &unknown);
    match call.field_validation() {
        FieldValidation::Strict if !faults.is_empty() => {
            let version = resource.group_version.version;
            let (kind, faults) = (resource.kind, faults.join(", "));
            Err(Status::bad_request(format!(
                "{kind} in version {version:?} cannot be handled as a {kind}: strict decoding error: {faults}"
            )))
        }
        FieldValidation::Warn => Ok((object, faults)),
        FieldValidation::Strict | FieldValidation::Ignore => Ok((object, Vec::new())),
    }
}

pub(super) fn strict_faults(twice: &[String], unknown: &[String]) -> Vec<String> {
    twice.iter().cloned().chain(unknown.iter().map(|path| format!("unknown field {path:?}"))).collect()
}

fn attributes<'a>(
    call: &'a Call<'_>,
    strategy: &'static dyn Strategy,
    operation: &'static str,
    old: Option<&'a Value>,
) -> admission::Attributes<'a> {
    admission::Attributes {
        user: &call.user,
        operation,
        resource: strategy.resource(),
        subresource: &call.info.subresource,
        namespace: &call.info.namespace,
        name: &call.info.name,
        old,
    }
}

pub(super) fn admit(
    call: &Call<'_>,
    strategy: &'static dyn Strategy,
    operation: &'static str,
    object: &mut Value,
    old: Option<&Value>,
) -> Result<(), Status> {
    let attributes = attributes(call, strategy, operation, old);
    admission::ORDERED.iter().try_for_each(|plugin| {
        let before = trace::is_on().then(|| object.clone());
        let done = plugin.admit(&call.api.plane, &attributes, object);
        trace::admitted(plugin.name(), before.as_ref(), object, &done);
        done
    })
}

fn validate_admission(
    call: &Call<'_>,
    strategy: &'static dyn Strategy,
    operation: &'static str,
    object: &Value,
    old: Option<&Value>,
) -> Result<(), Status> {
    let attributes = attributes(call, strategy, operation, old);
    admission::ORDERED.iter().try_for_each(|plugin| {
        let done = plugin.validate(&call.api.plane, &attributes, object);
        trace::admitted(plugin.name(), None, object, &done);
        done
    })
}

/// Asks admission whether an object may be deleted.
pub(super) fn admit_deletion(call: &Call<'_>, strategy: &'static dyn Strategy, old: &Value) -> Result<(), Status> {
    admit(call, strategy, "DELETE", &mut Value::Null, Some(old))?;
    validate_admission(call, strategy, "DELETE", old, Some(old))
}

pub(super) async fn update(
    call: &Call<'_>,
    strategy: &'static dyn Strategy,
    request: Request<Incoming>,
) -> Result<Answer, Status> {
    let resource = strategy.resource();
    let version = resource.group_version.api_version();
    let (object, twice) = body::object(&call.api.plane, request, &version, resource.kind).await?;
    audit::object(&object);
    let (mut object, mut warnings) = decode(call, strategy, object, &twice)?;
    metadata::match_url(resource, &object, &call.info.namespace, Some(&call.info.name))?;
    warnings.extend(metadata::dedup_owners(&mut object));
    let old = read::existing(call, strategy)?;
    replace(call, strategy, object, &old, Change::Update).map(|answer| answer.with_warnings(warnings))
}

/// Whether a change was made for another version than the one that is there. No version, or zero, is any.
fn is_outdated(object: &Value, old: &Value) -> Result<bool, Status> {
    match meta::resource_version(object) {
        "" => Ok(false),
        version => match version.parse::<u64>() {
            Ok(number) => Ok(number != 0 && version != meta::resource_version(old)),
            Err(_) => {
                let why = format!("strconv.ParseUint: parsing {version:?}: invalid syntax");
                Err(Status::failure(StatusReason::Unknown, why))
            }
        },
    }
}

/// How a changed object came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// The client sent it whole.
    Update,
    /// By a patch.
    Patch,
    /// By a configuration, whose managers are noted already.
    Apply,
}

/// Checks and stores a changed object.
pub(super) fn replace(
    call: &Call<'_>,
    strategy: &'static dyn Strategy,
    mut object: Value,
    old: &Arc<Value>,
    by: Change,
) -> Result<Answer, Status> {
    let resource = strategy.resource();
    let plane = &call.api.plane;
    let group = resource.group_version.group;
    let name = &call.info.name;
    if is_outdated(&object, old)? {
        return Err(Status::conflict(group, resource.plural, name, &WriteError::Changed.to_string()));
    }
    if by == Change::Update && !meta::uid(&object).is_empty() && meta::uid(&object) != meta::uid(old) {
        let why = format!(
            "StorageError: invalid object, Code: 4, Key: /registry/{}/{}{name}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: {}, UID in object meta: {}",
            resource.plural,
            if resource.namespaced { format!("{}/", call.info.namespace) } else { String::new() },
            meta::uid(&object),
            meta::uid(old)
        );
        return Err(Status::conflict(group, resource.plural, name, &why));
    }
    strategy.default(plane, &mut object);
    if by != Change::Apply {
        managers::note(call, strategy, Some(old), &mut object);
    }
    admit(call, strategy, "UPDATE", &mut object, Some(old))?;
    metadata::carry_over(strategy, &mut object, old);
    strategy.prepare_for_update(plane, &mut object, old);
    strategy.default(plane, &mut object);
    strategy.authorize_write(plane, &call.user, &object, Some(old))?;
    // Upstream looks at the metadata for any type first, and by the rules of its own type then.
    let mut errors = metadata::validate_common(plane, &object, old);
    errors.extend(metadata::validate_change(plane, &object, old));
    errors.extend(strategy.validate_change(plane, &object, old));
    errors.extend(metadata::validate(plane, strategy, &object));
    errors.extend(strategy.validate_update(plane, &object, old));
    if !errors.is_empty() {
        return Err(Status::invalid(group, resource.kind, name, errors));
    }
    validate_admission(call, strategy, "UPDATE", &object, Some(old))?;
    let warnings = strategy.warnings(plane, &object, Some(old));
    store(call, strategy, object, old).map(|answer| answer.with_warnings(warnings))
}

/// Stores a checked change; an object that only waited for its last finalizer goes away.
pub(super) fn store(
    call: &Call<'_>,
    strategy: &'static dyn Strategy,
    object: Value,
    old: &Arc<Value>,
) -> Result<Answer, Status> {
    let resource = strategy.resource();
    let plane = &call.api.plane;
    let key = read::key(resource, &call.info.namespace, &call.info.name);
    let mut object = object;
    meta::set_resource_version(&mut object, meta::resource_version(old));
    let object = in_order(object);
    if call.info.is_dry_run() {
        return Ok(Answer::ok(object));
    }
    let group = resource.group_version.group;
    let failed = |error: WriteError| match error {
        WriteError::NotFound => read::not_found(resource, &call.info.name),
        other => Status::conflict(group, resource.plural, &call.info.name, &other.to_string()),
    };
    if nothing_keeps(&object, old) {
        return plane.store.delete(&key, old).map(|_| Answer::ok(object)).map_err(failed);
    }
    plane.store.update(key, old, object).map(|stored| Answer::ok(Value::clone(&stored))).map_err(failed)
}

/// Whether an object that is being deleted has nothing left that keeps it. Upstream: ShouldDeleteDuringUpdate.
fn nothing_keeps(object: &Value, old: &Value) -> bool {
    let held = |pointer: &str| {
        object.pointer(pointer).and_then(Value::as_array).is_some_and(|finalizers| !finalizers.is_empty())
    };
    let grace = old.pointer("/metadata/deletionGracePeriodSeconds").and_then(Value::as_i64).unwrap_or_default();
    meta::deleting_since(old).is_some() && grace == 0 && !held("/metadata/finalizers") && !held("/spec/finalizers")
}

pub(super) async fn subresource(
    call: &Call<'_>,
    strategy: &'static dyn Strategy,
    request: Request<Incoming>,
) -> Result<Answer, Status> {
    if call.info.verb == "patch" {
        return patch::patch(call, strategy, request).await;
    }
    let resource = strategy.resource();
    let (api_version, kind) = spoken(call, strategy);
    call.check_options(false)?;
    let (object, _) = body::object(&call.api.plane, request, &api_version, kind).await?;
    audit::object(&object);
    let version = meta::resource_version(&object);
    loop {
        let old = read::existing(call, strategy)?;
        if is_outdated(&object, &old)? {
            let group = resource.group_version.group;
            return Err(Status::conflict(group, resource.plural, &call.info.name, &WriteError::Changed.to_string()));
        }
        let new = with_part(call, strategy, object.clone(), &old, Change::Update)?;
        match store(call, strategy, new, &old) {
            Err(status) if status.is(StatusReason::Conflict) && version.is_empty() => {}
            Err(status) => return Err(status),
            Ok(answer) => return Ok(shown(call, strategy, answer)),
        }
    }
}

/// Does what a part that is only ever posted to asks for, and says that it went well.
pub(super) async fn action(
    call: &Call<'_>,
    strategy: &'static dyn Strategy,
    request: Request<Incoming>,
) -> Result<Answer, Status> {
    let (api_version, kind) = spoken(call, strategy);
    let (mut object, _) = read_new(call, request, &api_version, kind).await?;
    let info = &call.info;
    let said = meta::namespace(&object);
    if !said.is_empty() && said != info.namespace {
        let why = "the namespace of the provided object does not match the namespace sent on the request";
        return Err(Status::bad_request(why));
    }
    admit(call, strategy, "CREATE", &mut object, None)?;
    if meta::name(&object) != info.name {
        return Err(Status::bad_request(format!("name in URL does not match name in {kind} object")));
    }
    if info.subresource == "binding" {
        bind(call, strategy, object)?;
    } else {
        delete::evict(call, strategy, &object)?;
    }
    let mut done = success();
    done["code"] = 201.into();
    Ok(Answer::created(done))
}

fn bind(call: &Call<'_>, strategy: &'static dyn Strategy, object: Value) -> Result<(), Status> {
    loop {
        let old = read::existing(call, strategy)?;
        let new = with_part(call, strategy, object.clone(), &old, Change::Update)?;
        match store(call, strategy, new, &old) {
            Err(status)
                if status.is(StatusReason::Conflict) && status.message.ends_with(&WriteError::Changed.to_string()) => {}
            done => return done.map(drop),
        }
    }
}

/// The version and the kind that is spoken of the object, or of its part.
pub(super) fn spoken(call: &Call<'_>, strategy: &'static dyn Strategy) -> (String, &'static str) {
    let resource = strategy.resource();
    let own = resource.group_version.api_version();
    if call.info.subresource.is_empty() {
        return (own, resource.kind);
    }
    let mut parts = strategy.subresources().iter();
    let spoken = parts.find(|(name, _, _)| *name == call.info.subresource).map_or("", |(_, kind, _)| kind);
    spoken.rsplit_once('/').map_or((own, spoken), |(version, kind)| (version.to_owned(), kind))
}

/// The object with a part of it written anew. It still has to be what its type says: controllers rely on that.
pub(super) fn with_part(
    call: &Call<'_>,
    strategy: &'static dyn Strategy,
    mut object: Value,
    old: &Arc<Value>,
    by: Change,
) -> Result<Value, Status> {
    let (plane, part) = (&call.api.plane, &call.info.subresource);
    if call.info.verb != "create" {
        let before = strategy.read_subresource(part, old);
        admit(call, strategy, "UPDATE", &mut object, Some(&before))?;
    }
    strategy.check_subresource(plane, part, &object, old)?;
    let mut new = strategy.update_subresource(part, &object, old);
    if part == "status" {
        with_metadata(&mut new, &object);
    }
    strategy.default(plane, &mut new);
    strategy.decode(new.clone())?;
    if call.info.verb != "create" {
        validate_admission(call, strategy, "UPDATE", &object, Some(old))?;
    }
    if by != Change::Apply {
        managers::note(call, strategy, Some(old), &mut new);
    }
    Ok(new)
}

/// Who writes a status may annotate and label as well; a deployment's labels alone are not to be changed this way.
fn with_metadata(new: &mut Value, given: &Value) {
    let Some(given) = given.get("metadata").and_then(Value::as_object) else { return };
    let fields: &[&str] = match meta::kind(new) {
        "Deployment" => &["annotations", "finalizers"],
        _ => &["labels", "annotations", "finalizers"],
    };
    for field in fields {
        let metadata = meta::metadata_mut(new);
        match given.get(*field) {
            Some(value) => metadata.insert((*field).to_owned(), value.clone()),
            None => metadata.shift_remove(*field),
        };
    }
}

/// What a written part is answered with: that part.
pub(super) fn shown(call: &Call<'_>, strategy: &'static dyn Strategy, answer: Answer) -> Answer {
    match answer {
        Answer::Object { value, .. } => Answer::ok(strategy.read_subresource(&call.info.subresource, &value)),
        other => other,
    }
}

/// The `Status` of something that went well and has nothing to show.
pub(super) fn success() -> Value {
    serde_json::json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"})
}

#[cfg(test)]
mod tests {
    use super::{NAME_TRIES, insert};
    use crate::base::Ids;
    use crate::simulator::registry::core::configmaps::ConfigMaps;
    use crate::simulator::serviceaccount::tests;
    use crate::simulator::storage::Key;
    use serde_json::json;

    #[test]
    fn a_taken_name_is_drawn_again() {
        // How many of the names to come are taken, how often one may be drawn, and what comes of it.
        for (taken, tries, want) in [
            (0, 1, None),
            (
                1,
                1,
                Some(
                    "configmaps \"a-FIRST\" already exists, the server was not able to generate a unique name for the object",
                ),
            ),
            (1, NAME_TRIES, None),
            (NAME_TRIES - 1, NAME_TRIES, None),
        ] {
            let mut plane = tests::plane(36);
            plane.ids = Ids::seeded(11);
            let twin = Ids::seeded(11);
            let mut names = vec!["a-FIRST".to_owned()];
            for _ in 1..taken {
                names.push(format!("a-{}", twin.suffix(5)));
                twin.uuid();
            }
            for name in names.iter().take(taken) {
                plane.store.create(Key::new("configmaps", "default", name), json!({})).expect("new");
            }
            let object = json!({"metadata": {"generateName": "a-", "name": "a-FIRST"}});
            let got = insert(&plane, &ConfigMaps, object, "default", tries, false);
            match (want, got) {
                (None, Ok(stored)) => assert_eq!(stored["metadata"]["name"] == "a-FIRST", taken == 0),
                (Some(want), Err(status)) => {
                    assert_eq!((status.message.as_str(), status.code, status.retry_after), (want, 409, 1));
                }
                (want, got) => panic!("{taken} {tries}: {want:?} {got:?}"),
            }
        }
    }
}
