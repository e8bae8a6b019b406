//! Patches of three kinds; what is applied is in [`super::apply`]. Upstream: apiserver/pkg/endpoints/handlers/patch.go.

use http::Request;
use http_body::Body as _;
use hyper::body::Incoming;
use serde_json::{Map, Value};

use crate::apimachinery::field::{Errors, Path};
use crate::apimachinery::schema::Type;
use crate::apimachinery::{Status, StatusReason, gojson, meta, patch as patches, strict};
use crate::simulator::registry::Strategy;

use super::respond::Answer;
use super::write::{self, Change};
use super::{Call, apply, body, kinds, managers, metadata, read};

/// How often a patch is tried again when somebody else wrote in between. Upstream: MaxRetryWhenPatchConflicts.
pub(super) const TRIES: usize = 5;
/// The longest JSON patch. Upstream: maxJSONPatchOperations.
const MOST_OPERATIONS: usize = 10_000;
/// The kinds of patches.
const MEDIA_TYPES: [&str; 4] = [
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
    apply::MEDIA_TYPE,
];

pub(super) async fn patch(
    call: &Call<'_>,
    strategy: &'static dyn Strategy,
    request: Request<Incoming>,
) -> Result<Answer, Status> {
    let has_body = request.body().size_hint().exact().is_some_and(|size| size > 0);
    let (bytes, media_type) = body::bytes(request).await?;
    if !MEDIA_TYPES.contains(&media_type.as_str()) {
        // The router says so where it sees that there is a body, and the handler otherwise.
        let why = if has_body {
            "415: Unsupported Media Type".to_owned()
        } else {
            let types = MEDIA_TYPES.join(", ");
            format!("the body of the request was in an unknown format - accepted media types include: {types}")
        };
        return Err(Status::failure(StatusReason::UnsupportedMediaType, why));
    }
    managers::check_options(call, media_type == apply::MEDIA_TYPE)?;
    if media_type == apply::MEDIA_TYPE {
        return apply::apply(call, strategy, &bytes);
    }
    let text = Text { bytes: &bytes, media_type: &media_type, validates: write::field_validation(call) != "Ignore" };
    for _ in 1..TRIES {
        match patch_once(call, strategy, &text) {
            // The patch does not say which version it was made for, so it may be applied to the new one.
            Err(status) if status.is(StatusReason::Conflict) && !text.names_a_version() => {}
            done => return done,
        }
    }
    patch_once(call, strategy, &text)
}

fn patch_once(call: &Call<'_>, strategy: &'static dyn Strategy, text: &Text<'_>) -> Result<Answer, Status> {
    let resource = strategy.resource();
    let plane = &call.api.plane;
    let old = read::existing(call, strategy)?;
    let patch = text.read()?;
    let mut object = strategy.read_subresource(&call.info.subresource, &old);
    let (version, kind) = (resource.group_version.api_version(), meta::kind(&object).to_owned());
    patch.apply(managers::schema(plane, &kind).root, &mut object)?;
    if !call.info.subresource.is_empty() {
        let new = write::with_part(call, strategy, object, &old, Change::Patch)?;
        return write::store(call, strategy, new, &old).map(|answer| write::shown(call, strategy, answer));
    }
    let shown = patch.shown(&object);
    if matches!(patch, Patch::Strategic(_)) {
        // It is read into the type it is a patch of, whatever it says of that.
        object["kind"] = kind.clone().into();
        object["apiVersion"] = version.into();
    } else {
        kinds::check(plane, &mut object, &version, resource.kind).map_err(|fault| invalid(&shown, &fault.bare()))?;
    }
    let decoded = strategy.decode(object).map_err(|status| {
        let prefix = format!("{0} in version {1:?} cannot be handled as a {0}: ", kind, resource.group_version.version);
        let why = status.message.strip_prefix(&prefix).unwrap_or(&status.message);
        invalid(&shown, &patch.words(why))
    })?;
    let strict::Decoded { mut object, unknown } = decoded;
    let mut faults = text.strict_faults();
    faults.extend(write::strict_faults(&[], &unknown));
    let mut warnings = match write::field_validation(call) {
        "Strict" if !faults.is_empty() => {
            return Err(invalid(&shown, &format!("strict decoding error: {}", faults.join(", "))));
        }
        "Warn" => faults,
        _ => Vec::new(),
    };
    metadata::match_url(resource, &object, &call.info.namespace, Some(&call.info.name))?;
    warnings.extend(metadata::dedup_owners(&mut object));
    write::replace(call, strategy, object, &old, Change::Patch).map(|answer| answer.with_warnings(warnings))
}

/// What comes of a patch cannot be read.
fn invalid(shown: &str, why: &str) -> Status {
    let mut errors = Errors::default();
    errors.invalid(&Path::new("patch"), &shown.into(), why);
    Status::invalid("", "", "", errors)
}

/// A patch as it was sent.
struct Text<'a> {
    bytes: &'a [u8],
    media_type: &'a str,
    /// Whether fields that do not belong are looked for.
    validates: bool,
}

impl Text<'_> {
    fn read(&self) -> Result<Patch, Status> {
        let refuse = |why: String| match self.media_type {
            "application/strategic-merge-patch+json" => Status::bad_request(why),
            _ if self.validates => Status::bad_request(format!("error decoding patch: {why}")),
            _ => Status::bad_request(why),
        };
        match self.media_type {
            "application/json-patch+json" => {
                let patch = gojson::parse(self.bytes).map_err(refuse)?;
                check_operations(&patch, self.validates).map_err(refuse)?;
                let count = patch.as_array().map_or(0, Vec::len);
                if count > MOST_OPERATIONS {
                    let why =
                        format!("The allowed maximum operations in a JSON patch is {MOST_OPERATIONS}, got {count}");
                    let why = format!("Request entity too large: {why}");
                    return Err(Status::failure(StatusReason::RequestEntityTooLarge, why));
                }
                Ok(Patch::Json(patch))
            }
            "application/merge-patch+json" => {
                let patch = gojson::object(self.bytes).map_err(refuse)?;
                if self.bytes.trim_ascii() == b"null" {
                    return Err(Status::bad_request("Invalid JSON Patch"));
                }
                Ok(Patch::Merge(Value::Object(patch)))
            }
            _ => gojson::object(self.bytes).map(Value::Object).map(Patch::Strategic).map_err(refuse),
        }
    }

    /// The fields that the patch itself has twice, or that are no part of an operation.
    fn strict_faults(&self) -> Vec<String> {
        let twice = strict::duplicate_fields(self.bytes);
        if self.media_type != "application/json-patch+json" {
            return write::strict_faults(&twice, &[]);
        }
        let operations = gojson::parse(self.bytes).unwrap_or_default();
        let operations = operations.as_array().into_iter().flatten().enumerate();
        let known = |field: &str| matches!(field, "op" | "path" | "from" | "value");
        let unknown: Vec<String> = operations
            .flat_map(|(index, operation)| {
                let fields = operation.as_object().into_iter().flat_map(Map::keys);
                fields.filter(|field| !known(field)).map(|field| format!("[{index}].{field}")).collect::<Vec<_>>()
            })
            .collect();
        let twice: Vec<String> = twice.into_iter().filter(|path| !path.contains("].value.")).collect();
        write::strict_faults(&twice, &unknown).into_iter().map(|fault| format!("json patch {fault}")).collect()
    }

    fn names_a_version(&self) -> bool {
        let patch: Value = serde_json::from_slice(self.bytes).unwrap_or_default();
        !meta::resource_version(&patch).is_empty()
    }
}

/// A JSON patch is a list of operations.
fn check_operations(patch: &Value, validates: bool) -> Result<(), String> {
    let (list, one) = if validates {
        ("[]handlers.jsonPatchOp", "handlers.jsonPatchOp")
    } else {
        ("jsonpatch.Patch", "jsonpatch.Operation")
    };
    let not_a = |found: &Value, wanted: &str| {
        Err(format!("json: cannot unmarshal {} into Go value of type {wanted}", gojson::kind(found)))
    };
    let operations = match patch {
        Value::Array(operations) => operations,
        Value::Null => return Ok(()),
        other => return not_a(other, list),
    };
    for operation in operations {
        match operation {
            Value::Object(fields) => {
                let mut texts =
                    ["op", "path", "from"].into_iter().filter_map(|field| Some((field, fields.get(field)?)));
                if let Some((field, value)) =
                    texts.find(|(_, value)| validates && !value.is_string() && !value.is_null())
                {
                    let found = gojson::kind(value);
                    return Err(format!(
                        "json: cannot unmarshal {found} into Go struct field jsonPatchOp.{field} of type string"
                    ));
                }
            }
            Value::Null => {}
            other => return not_a(other, one),
        }
    }
    Ok(())
}

/// A patch of one of the three kinds.
enum Patch {
    Json(Value),
    Merge(Value),
    Strategic(Value),
}

impl Patch {
    fn apply(&self, of: &'static Type, object: &mut Value) -> Result<(), Status> {
        match self {
            Self::Json(Value::Null) => Ok(()),
            Self::Json(patch) => patches::json_patch(object, patch).map_err(|_| {
                let why = "the server rejected our request due to an error in our request";
                Status::failure(StatusReason::Invalid, why)
            }),
            Self::Merge(patch) => {
                patches::json_merge(object, patch);
                Ok(())
            }
            Self::Strategic(patch) => {
                patches::strategic_merge(of, object, patch).map_err(|why| Status::failure(StatusReason::Unknown, why))
            }
        }
    }

    /// What is shown of a patch that does not lead to a sound object: that object, or the patch itself.
    fn shown(&self, object: &Value) -> String {
        let mut object = object.clone();
        match self {
            Self::Strategic(patch) => return patches::go_value(patch),
            Self::Merge(patch) => sort_where(&mut object, patch),
            Self::Json(operations) => {
                sort_where(&mut object, &Value::Null);
                for operation in operations.as_array().into_iter().flatten() {
                    let path = operation["path"].as_str().unwrap_or_default();
                    for (end, _) in path.match_indices('/').skip(1) {
                        if let Some(part) = object.pointer_mut(&path[..end]) {
                            sort_where(part, &Value::Null);
                        }
                    }
                }
            }
        }
        object.to_string()
    }

    /// The fault of a value of the wrong type, in the words of whom reads what this kind of patch makes.
    fn words(&self, why: &str) -> String {
        match self {
            Self::Strategic(_) => from_unstructured(why),
            Self::Json(_) | Self::Merge(_) => why.to_owned(),
        }
    }
}

/// Puts the fields of an object into their order, and of those below that a patch reaches: Go writes them so.
fn sort_where(object: &mut Value, patch: &Value) {
    let Value::Object(fields) = object else { return };
    fields.sort_keys();
    for (field, below) in patch.as_object().into_iter().flatten() {
        if let (Some(value), true) = (fields.get_mut(field), below.is_object()) {
            sort_where(value, below);
        }
    }
}

/// What is wrong with a value, as the converter says it that reads no JSON.
/// Upstream: fromUnstructured in apimachinery/pkg/runtime/converter.go.
fn from_unstructured(why: &str) -> String {
    if why.starts_with("illegal base64") {
        return format!("error decoding from json: {why}");
    }
    let Some((found, wanted)) = why.strip_prefix("json: cannot unmarshal ").and_then(|rest| {
        let (found, rest) = rest.split_once(" into Go ")?;
        Some((found, rest.rsplit_once(" of type ")?.1))
    }) else {
        return why.to_owned();
    };
    let found = match found {
        "array" => "slice",
        "object" => "map",
        "number" => "int64",
        number if number.starts_with("number ") => "float64",
        other => other,
    };
    match wanted {
        list if list.starts_with("[]") => format!("cannot restore slice from {found}"),
        map if map.starts_with("map[") => format!("cannot restore map from {found}"),
        text if found == "int64" && (text == "string" || strict::is_named_text(text)) => {
            format!("cannot convert int64 to {text}")
        }
        text if strict::is_named_text(text) => "unrecognized type: string".to_owned(),
        number if number.starts_with("int") && found == "float64" => format!("cannot convert float64 to {number}"),
        "string" | "bool" | "int32" | "int64" => format!("unrecognized type: {wanted}"),
        _ => format!("cannot restore struct from: {found}"),
    }
}
