//! Patches of the three kinds. Upstream: apiserver/pkg/endpoints/handlers/patch.go.

use http::Request;
use hyper::body::Incoming;
use serde_json::{Map, Value};

use crate::apimachinery::field::{Errors, Path};
use crate::apimachinery::patch as patches;
use crate::apimachinery::{Status, StatusReason, meta};
use crate::simulator::registry::Strategy;

use super::options::FieldValidation;
use super::respond::Answer;
use super::scheme::{self, word};
use super::write::{self, Change};
use super::{Call, apply, body, managers, metadata, read};

/// How often a patch is tried again when somebody else wrote in between. Upstream: MaxRetryWhenPatchConflicts.
pub(super) const TRIES: usize = 5;
/// The longest JSON patch. Upstream: maxJSONPatchOperations.
const MOST_OPERATIONS: usize = 10_000;
/// What is taken as a patch.
const MEDIA_TYPES: &str = "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml";

/// The three kinds, beside applied configurations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Json,
    Merge,
    Strategic,
}

/// A patch as it was sent.
struct Patch {
    kind: Kind,
    bytes: Vec<u8>,
    value: Value,
}

pub(super) async fn patch(
    call: &Call<'_>,
    strategy: &'static dyn Strategy,
    request: Request<Incoming>,
) -> Result<Answer, Status> {
    let (bytes, media_type) = body::bytes(request).await?;
    let kind = match media_type.as_str() {
        "application/json-patch+json" => Some(Kind::Json),
        "application/merge-patch+json" => Some(Kind::Merge),
        "application/strategic-merge-patch+json" => Some(Kind::Strategic),
        apply::MEDIA_TYPE => None,
        _ => return Err(body::unknown_format(MEDIA_TYPES)),
    };
    call.check_options(kind.is_none())?;
    let Some(kind) = kind else { return apply::apply(call, strategy, &bytes) };
    // What is not there cannot be patched, whatever the patch.
    read::existing(call, strategy)?;
    let patch = Patch::read(call, kind, bytes)?;
    for _ in 1..TRIES {
        match patch_once(call, strategy, &patch) {
            // The patch does not say which version it was made for, so it may be applied to the new one.
            Err(status) if status.is(StatusReason::Conflict) && !patch.names_a_version() => {}
            done => return done,
        }
    }
    patch_once(call, strategy, &patch)
}

fn patch_once(call: &Call<'_>, strategy: &'static dyn Strategy, patch: &Patch) -> Result<Answer, Status> {
    let old = read::existing(call, strategy)?;
    let mut object = strategy.read_subresource(&call.info.subresource, &old);
    let (api_version, kind) = write::spoken(call, strategy);
    patch.apply(call, &mut object)?;
    let patched = object.clone();
    let invalid = |why: &str| patch.invalid(&patched, why);
    scheme::claim(&mut object, call.expects(&api_version, kind)).map_err(|fault| match fault {
        scheme::Fault::Unrecognized(why) => invalid(&why),
        scheme::Fault::Status(status) => invalid(reason(&status)),
    })?;
    if !call.info.subresource.is_empty() {
        let new = write::with_part(call, strategy, object, &old, Change::Patch).map_err(|status| {
            // A part of a wrong type came of the patch.
            if status.message.contains(" cannot be handled as a ") { invalid(reason(&status)) } else { status }
        })?;
        return write::store(call, strategy, new, &old).map(|answer| write::shown(call, strategy, answer));
    }
    let decoded = strategy.decode(object).map_err(|status| match patch.kind {
        Kind::Strategic => invalid(&converting(reason(&status))),
        Kind::Json | Kind::Merge => invalid(reason(&status)),
    })?;
    let mut object = decoded.object;
    let unknown = decoded.unknown.iter().map(|path| format!("unknown field {path:?}"));
    let faults: Vec<String> = patch.doubles(call).into_iter().chain(unknown).collect();
    let warnings = match call.field_validation() {
        FieldValidation::Strict if !faults.is_empty() => {
            return Err(invalid(&format!("strict decoding error: {}", faults.join(", "))));
        }
        FieldValidation::Warn => faults,
        FieldValidation::Strict | FieldValidation::Ignore => Vec::new(),
    };
    metadata::match_url(strategy, &mut object, &call.info.namespace, Some(&call.info.name))?;
    write::replace(call, strategy, object, &old, Change::Patch).map(|answer| answer.with_warnings(warnings))
}

/// Why an object cannot be read, without the sentence around it.
fn reason(status: &Status) -> &str {
    let around = status.message.split_once(" cannot be handled as a ").and_then(|(_, rest)| rest.split_once(": "));
    around.map_or(status.message.as_str(), |(_, why)| why)
}

/// The decoder's complaint of a wrong type, as the converter of maps words it. Upstream: runtime.fromUnstructured.
fn converting(why: &str) -> String {
    let parts = why.strip_prefix("json: cannot unmarshal ").and_then(|rest| rest.split_once(" into Go "));
    let Some((found, (_, wanted))) = parts.and_then(|(found, rest)| Some((found, rest.rsplit_once(" of type ")?)))
    else {
        return why.to_owned();
    };
    let found = match found.split(' ').next().unwrap_or_default() {
        "number" if found.contains('.') => "float64",
        "number" => "int64",
        "array" => "slice",
        "object" => "map",
        other => other,
    };
    let is_number = matches!(found, "int64" | "float64");
    match wanted {
        wanted if wanted.starts_with("[]") => format!("cannot restore slice from {found}"),
        wanted if wanted.starts_with("map[") => format!("cannot restore map from {found}"),
        wanted if wanted.contains('.') => format!("cannot restore struct from: {found}"),
        "string" if found == "int64" => "cannot convert int64 to string".to_owned(),
        wanted if is_number && wanted.contains("int") => format!("cannot convert {found} to {wanted}"),
        wanted => format!("unrecognized type: {wanted}"),
    }
}

impl Patch {
    /// Reads a patch. Whoever validates fields reads it strictly first, which words its faults otherwise.
    fn read(call: &Call<'_>, kind: Kind, bytes: Vec<u8>) -> Result<Self, Status> {
        let is_strict = call.field_validation() != FieldValidation::Ignore;
        let refuse = |why: &str| match is_strict && kind != Kind::Strategic {
            true => Status::bad_request(format!("error decoding patch: {why}")),
            false => Status::bad_request(why),
        };
        let value: Value = serde_json::from_slice(&bytes).map_err(|error| refuse(&body::json_error(&bytes, &error)))?;
        let not_a = |found: &Value, wanted: &str| {
            refuse(&format!("json: cannot unmarshal {} into Go value of type {wanted}", word(found)))
        };
        match (kind, &value) {
            (Kind::Merge, Value::Null) => return Err(Status::bad_request("Invalid JSON Patch")),
            (_, Value::Null) | (Kind::Merge | Kind::Strategic, Value::Object(_)) => {}
            (Kind::Merge | Kind::Strategic, other) => return Err(not_a(other, "map[string]interface {}")),
            (Kind::Json, Value::Array(operations)) => {
                let wanted = if is_strict { "handlers.jsonPatchOp" } else { "jsonpatch.Operation" };
                if let Some(other) = operations.iter().find(|one| !one.is_object() && !one.is_null()) {
                    return Err(not_a(other, wanted));
                }
                let texts = operations.iter().flat_map(|one| ["op", "path", "from"].map(|field| (field, &one[field])));
                let mut wrong = texts.filter(|(_, text)| !text.is_null() && !text.is_string());
                if let Some((field, other)) = wrong.next().filter(|_| is_strict) {
                    let other = word(other);
                    let into = format!("Go struct field jsonPatchOp.{field} of type string");
                    return Err(refuse(&format!("json: cannot unmarshal {other} into {into}")));
                }
                if operations.len() > MOST_OPERATIONS {
                    let count = operations.len();
                    let why =
                        format!("The allowed maximum operations in a JSON patch is {MOST_OPERATIONS}, got {count}");
                    let text = format!("Request entity too large: {why}");
                    return Err(Status::failure(StatusReason::RequestEntityTooLarge, text));
                }
            }
            (Kind::Json, other) => {
                return Err(not_a(other, if is_strict { "[]handlers.jsonPatchOp" } else { "jsonpatch.Patch" }));
            }
        }
        Ok(Self { kind, bytes, value })
    }

    fn apply(&self, call: &Call<'_>, object: &mut Value) -> Result<(), Status> {
        if self.value.is_null() {
            return Ok(());
        }
        match self.kind {
            Kind::Json => patches::json_patch(object, &self.value).map_err(|_| {
                Status::failure(StatusReason::Invalid, "the server rejected our request due to an error in our request")
            }),
            Kind::Merge => {
                patches::json_merge(object, &self.value);
                Ok(())
            }
            Kind::Strategic => {
                let of = managers::schema(&call.api.plane, meta::kind(object)).root;
                patches::strategic_merge(of, object, &self.value).map_err(|refusal| match refusal {
                    patches::Refusal::BadRequest(why) => Status::bad_request(why),
                    patches::Refusal::Unprocessable => Status::failure(
                        StatusReason::Invalid,
                        "the server rejected our request due to an error in our request",
                    ),
                    patches::Refusal::Other(why) => Status::failure(StatusReason::Unknown, why),
                })
            }
        }
    }

    /// 422 for what came of the patch; it names nothing but the patch.
    fn invalid(&self, patched: &Value, why: &str) -> Status {
        let shown = match self.kind {
            Kind::Strategic => patches::go_text(&self.value),
            Kind::Json | Kind::Merge => sorted(patched).to_string(),
        };
        let mut errors = Errors::default();
        errors.invalid(&Path::new("patch"), &Value::String(shown), why);
        Status::invalid("", "", "", errors)
    }

    /// What the patch has twice.
    fn doubles(&self, call: &Call<'_>) -> Vec<String> {
        if call.field_validation() == FieldValidation::Ignore {
            return Vec::new();
        }
        let of_what = if self.kind == Kind::Json { "json patch " } else { "" };
        let twice = crate::apimachinery::strict::duplicate_fields(&self.bytes);
        let mut faults: Vec<String> = twice.iter().map(|path| format!("{of_what}duplicate field {path:?}")).collect();
        if self.kind == Kind::Json {
            for (index, operation) in self.value.as_array().into_iter().flatten().enumerate() {
                let fields = operation.as_object().into_iter().flat_map(Map::keys);
                let unknown = fields.filter(|field| !["op", "path", "from", "value"].contains(&field.as_str()));
                faults.extend(unknown.map(|field| format!("json patch unknown field \"[{index}].{field}\"")));
            }
        }
        faults
    }

    fn names_a_version(&self) -> bool {
        self.kind != Kind::Json && !meta::resource_version(&self.value).is_empty()
    }
}

/// An object with its fields in the order of the alphabet, as Go writes a map.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut keys: Vec<&String> = fields.keys().collect();
            keys.sort();
            keys.into_iter().map(|key| (key.clone(), fields.get(key).map(sorted).unwrap_or_default())).collect()
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}
