//! Server-side apply: a configuration becomes what the object says, field by field, unless others manage those fields.
//! Upstream: applyPatcher in apiserver/pkg/endpoints/handlers/patch.go.

use serde_json::{Value, json};

use crate::apimachinery::fieldset::path_at;
use crate::apimachinery::managed::{self, Refusal, Writer};
use crate::apimachinery::{Status, StatusReason, gojson, meta, strict};
use crate::simulator::registry::Strategy;
use crate::simulator::{audit, authorization, release};

use super::options::FieldValidation;
use super::respond::Answer;
use super::write::{self, Change};
use super::{Call, body, managers, metadata, patch, read};

/// What a configuration is sent as.
pub(super) const MEDIA_TYPE: &str = "application/apply-patch+yaml";

/// Applies a configuration.
pub(super) fn apply(call: &Call<'_>, strategy: &'static dyn Strategy, bytes: &[u8]) -> Result<Answer, Status> {
    let (config, twice) = parse(bytes)?;
    audit::object(&config);
    let force = call.info.flag("force");
    for _ in 1..patch::TRIES {
        match apply_once(call, strategy, &config, twice.as_deref(), force) {
            // Another wrote in between: the configuration may be applied to what is there now.
            Err(status)
                if status.is(StatusReason::Conflict)
                    && status.causes.is_empty()
                    && meta::uid(&config).is_empty()
                    && meta::resource_version(&config).is_empty() => {}
            done => return done,
        }
    }
    apply_once(call, strategy, &config, twice.as_deref(), force)
}

fn parse(bytes: &[u8]) -> Result<(Value, Option<String>), Status> {
    let malformed = |why: &str| Status::bad_request(format!("error decoding YAML: {why}"));
    let (config, twice) =
        body::yaml(bytes).map_err(|why| malformed(&format!("error converting YAML to JSON: {why}")))?;
    match config {
        Value::Object(_) => Ok((config, twice)),
        Value::Null => Ok((json!({}), twice)),
        other => Err(malformed(&format!(
            "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {} into Go value of type map[string]interface {{}}",
            gojson::kind(&other)
        ))),
    }
}

fn apply_once(
    call: &Call<'_>,
    strategy: &'static dyn Strategy,
    config: &Value,
    twice: Option<&str>,
    force: bool,
) -> Result<Answer, Status> {
    let resource = strategy.resource();
    let (namespace, name) = (call.info.namespace.as_str(), call.info.name.as_str());
    let live = call.api.plane.store.get(&read::key(resource, namespace, name));
    let part = call.info.subresource.as_str();
    if live.is_none() && !part.is_empty() {
        return Err(read::not_found(resource, name));
    }
    if live.is_none() {
        may_create(call)?;
    }
    let config = if part == "scale" { of_scale(strategy, config)? } else { config.clone() };
    check(call, strategy, &config)?;
    let applied = merged(call, strategy, live.as_deref(), &config, force)?;
    let warnings = doubles(call, twice)?;
    let Some(old) = live else {
        return create(call, strategy, applied, warnings);
    };
    let version = meta::resource_version(&applied);
    if !part.is_empty() {
        if version != meta::resource_version(&old) {
            let why = crate::simulator::storage::WriteError::Changed.to_string();
            return Err(Status::conflict(resource.group_version.group, resource.plural, name, &why));
        }
        let given = if part == "scale" { strategy.read_subresource(part, &applied) } else { applied.clone() };
        let mut new = write::with_part(call, strategy, given, &old, Change::Apply)?;
        managers::carry(&applied, &mut new);
        return write::store(call, strategy, new, &old)
            .map(|answer| write::shown(call, strategy, answer).with_warnings(warnings));
    }
    let object = decoded(call, strategy, applied)?;
    write::replace(call, strategy, object, &old, Change::Apply).map(|answer| answer.with_warnings(warnings))
}

/// Who applies what is not there yet has to be allowed to create it.
fn may_create(call: &Call<'_>) -> Result<(), Status> {
    let mut attributes = call.info.attributes(call.user.clone());
    "create".clone_into(&mut attributes.verb);
    let decision = authorization::authorize(&call.api.plane, &attributes);
    if decision.allowed { Ok(()) } else { Err(authorization::forbidden(&attributes, &decision.reason)) }
}

/// The configuration of a scale, as one of the object it scales.
fn of_scale(strategy: &dyn Strategy, config: &Value) -> Result<Value, Status> {
    if meta::kind(config) != "Scale" {
        return Err(wrong_type(config));
    }
    let resource = strategy.resource();
    let mut own = json!({"apiVersion": resource.group_version.api_version(), "kind": resource.kind});
    for field in ["metadata", "spec"] {
        if let Some(value) = config.get(field) {
            own[field] = value.clone();
        }
    }
    Ok(own)
}

fn wrong_type(config: &Value) -> Status {
    let version = config.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
    Status::bad_request(format!("invalid object type: {}, Kind={}", slashed(version), meta::kind(config)))
}

/// A version as Go prints it: with a slash even before the core group's.
fn slashed(api_version: &str) -> String {
    if api_version.contains('/') { api_version.to_owned() } else { format!("/{api_version}") }
}

/// Whether the configuration is one of this resource, and says nothing the resource does not know.
fn check(call: &Call<'_>, strategy: &dyn Strategy, config: &Value) -> Result<(), Status> {
    let resource = strategy.resource();
    let version = resource.group_version.api_version();
    let given = config.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
    if meta::kind(config) != resource.kind || given != version {
        return Err(wrong_type(config));
    }
    if config.get("metadata").and_then(|metadata| metadata.get("managedFields")).is_some_and(|list| !list.is_null()) {
        return Err(Status::bad_request("metadata.managedFields must be nil"));
    }
    let strict::Decoded { unknown, .. } = strategy.decode(config.clone())?;
    let schema = managers::schema(&call.api.plane, resource.kind);
    let faults: Vec<String> = unknown
        .iter()
        .map(|path| format!("{}: field not declared in schema", path_at(&schema, config, path)))
        .collect();
    match faults.as_slice() {
        [] => Ok(()),
        [only] => Err(malformed(call, config, only)),
        many => Err(malformed(call, config, &format!("errors:\n  {}", many.join("\n  ")))),
    }
}

/// What cannot be read by the rules of its type.
fn malformed(call: &Call<'_>, config: &Value, why: &str) -> Status {
    let about = if call.api.plane.does(release::APPLY_NAMES_THE_OBJECT) {
        let version = config.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
        let (namespace, name) = (meta::namespace(config), meta::name(config));
        format!(" ({namespace}/{name}; {}, Kind={})", slashed(version), meta::kind(config))
    } else {
        String::new()
    };
    Status::failure(StatusReason::Unknown, format!("failed to create typed patch object{about}: {why}"))
}

fn merged(
    call: &Call<'_>,
    strategy: &dyn Strategy,
    live: Option<&Value>,
    config: &Value,
    force: bool,
) -> Result<Value, Status> {
    let plane = &call.api.plane;
    let resource = strategy.resource();
    let writer = Writer {
        manager: managers::manager(call),
        api_version: &resource.group_version.api_version(),
        subresource: managers::part(call),
        now: plane.clock.now(),
        reset: &managers::reset(plane, strategy, &call.info.subresource),
    };
    let schema = managers::schema(plane, resource.kind);
    managed::apply(&schema, live, config, &writer, force).map_err(|refusal| match refusal {
        Refusal::Conflict(status) => status,
        Refusal::Malformed(why) => malformed(call, config, &why),
    })
}

/// Fields that are there twice are refused, reported or passed over, as the request asks.
fn doubles(call: &Call<'_>, twice: Option<&str>) -> Result<Vec<String>, Status> {
    let Some(twice) = twice else { return Ok(Vec::new()) };
    let why = format!("error converting YAML to JSON: {twice}");
    match call.field_validation() {
        FieldValidation::Strict => Err(Status::bad_request(format!("error strict decoding YAML: {why}"))),
        FieldValidation::Ignore => Ok(Vec::new()),
        FieldValidation::Warn => Ok(vec![why]),
    }
}

fn decoded(call: &Call<'_>, strategy: &'static dyn Strategy, object: Value) -> Result<Value, Status> {
    let mut object = strategy.decode(object)?.object;
    metadata::match_url(strategy.resource(), &object, &call.info.namespace, Some(&call.info.name))?;
    strategy.default(&call.api.plane, &mut object);
    Ok(object)
}

fn create(
    call: &Call<'_>,
    strategy: &'static dyn Strategy,
    applied: Value,
    warnings: Vec<String>,
) -> Result<Answer, Status> {
    let resource = strategy.resource();
    let uid = meta::uid(&applied);
    if !uid.is_empty() {
        let why = format!("uid mismatch: the provided object specified uid {uid}, and no existing object was found");
        return Err(Status::conflict(resource.group_version.group, resource.plural, &call.info.name, &why));
    }
    let mut object = decoded(call, strategy, applied)?;
    meta::metadata_mut(&mut object).shift_remove("resourceVersion");
    write::finish_create(call, strategy, object, warnings)
}
