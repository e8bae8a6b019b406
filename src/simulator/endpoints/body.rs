//! Reading request bodies: size limit, JSON, YAML or protobuf by content type.

use std::time::Duration;

use http::{Request, header};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use serde_json::Value;

use crate::apimachinery::yaml::from_yaml;
use crate::apimachinery::{Status, StatusReason, protobuf, strict};

use super::scheme::{self, Expected};

/// The largest body, as upstream: 3 MiB.
pub const LIMIT: usize = 3 * 1024 * 1024;

/// How long a client may take over a body. Upstream: `--request-timeout`.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the API takes as a body of a create or an update.
const MEDIA_TYPES: &str = "application/json, application/yaml, application/vnd.kubernetes.protobuf";

/// The whole body and its media type without parameters.
pub async fn bytes(request: Request<Incoming>) -> Result<(Vec<u8>, String), Status> {
    let media_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = media_type.filter(|media_type| !media_type.is_empty()).unwrap_or("application/json");
    let media_type = media_type.split(';').next().unwrap_or_default().trim().to_lowercase();
    let collected = tokio::time::timeout(PATIENCE, Limited::new(request.into_body(), LIMIT).collect());
    let collected = collected.await.map_err(|_| too_late())?.map_err(|error| {
        if error.is::<http_body_util::LengthLimitError>() {
            Status::failure(StatusReason::RequestEntityTooLarge, format!("Request entity too large: limit is {LIMIT}"))
        } else {
            Status::bad_request(format!("couldn't read the request body: {error}"))
        }
    })?;
    Ok((collected.to_bytes().to_vec(), media_type))
}

fn too_late() -> Status {
    const WHY: &str = "Timeout: request did not complete within requested timeout - context deadline exceeded";
    Status::failure(StatusReason::Timeout, WHY)
}

/// A body that must be an object of this kind, and the faults that are no hindrance: fields that are there twice.
pub async fn object(request: Request<Incoming>, expected: Expected<'_>) -> Result<(Value, Vec<String>), Status> {
    let (bytes, media_type) = bytes(request).await?;
    read(&bytes, &media_type, expected)
}

/// Reads a document of a given media type, which must be an object of this kind.
pub fn read(bytes: &[u8], media_type: &str, expected: Expected<'_>) -> Result<(Value, Vec<String>), Status> {
    let kind = expected.kind;
    let refuse = |why: &str| Status::bad_request(unrecognized(kind, why, bytes));
    let mut twice = Vec::new();
    let mut object = match media_type {
        "application/yaml" => {
            let (object, doubles) = yaml(bytes).map_err(|why| refuse(&why))?;
            twice.extend(doubles);
            object
        }
        "application/json" => {
            let object = serde_json::from_slice(bytes).map_err(|error| {
                refuse(&format!("couldn't get version/kind; json parse error: {}", json_error(bytes, &error)))
            })?;
            twice.extend(strict::duplicate_fields(bytes).iter().map(|path| format!("duplicate field {path:?}")));
            object
        }
        protobuf::MEDIA_TYPE => protobuf::decode(bytes, expected.api_version, kind).map_err(|fault| {
            let protobuf::Fault { message, claimed } = fault;
            // Upstream: transformDecodeError.
            match claimed {
                Some((version, claimed)) => Status::bad_request(format!(
                    "{claimed} in version {version:?} cannot be handled as a {kind}: {message}"
                )),
                None => refuse(&message),
            }
        })?,
        _ => return Err(unknown_format(MEDIA_TYPES)),
    };
    scheme::claim(&mut object, expected).map_err(|fault| match fault {
        scheme::Fault::Unrecognized(why) => refuse(&why),
        scheme::Fault::Status(status) => status,
    })?;
    Ok((object, twice))
}

/// A YAML document, of which the last of equal keys counts, and what the strict reader says of keys that are there twice.
///
/// # Errors
/// What Go's reader says of a text that is no YAML.
pub fn yaml(bytes: &[u8]) -> Result<(Value, Option<String>), String> {
    let text = String::from_utf8_lossy(bytes);
    let strictly = from_yaml(&text);
    match (serde_yaml::from_slice(bytes), strictly) {
        (Ok(object), strictly) => Ok((object, strictly.err().and_then(|why| twice_in_yaml(&text, &why)))),
        (Err(_), Err(why)) => Err(why),
        (Err(error), Ok(_)) => Err(format!("yaml: {error}")),
    }
}

/// Upstream's words for a key that its reader found twice in a mapping.
fn twice_in_yaml(text: &str, why: &str) -> Option<String> {
    let (before, key) = why.split_once("duplicate entry with key ")?;
    let begins: usize =
        before.split_once("line ").and_then(|(_, rest)| rest.split(':').next()?.parse().ok()).unwrap_or(1);
    let bare = key.trim_matches('"');
    let says =
        |line: &str| line.trim_start_matches([' ', '-']).split(':').next().map(|it| it.trim_matches('"') == bare);
    let mut lines = text.lines().enumerate().skip(begins - 1).filter(|(_, line)| says(line) == Some(true));
    let at = lines.nth(1).map_or(begins, |(index, _)| index + 1);
    Some(format!("yaml: unmarshal errors:\n  line {at}: key {key} already set in map"))
}

/// 415, with what is read instead.
pub fn unknown_format(media_types: &str) -> Status {
    Status::failure(
        StatusReason::UnsupportedMediaType,
        format!("the body of the request was in an unknown format - accepted media types include: {media_types}"),
    )
}

fn unrecognized(kind: &str, why: &str, bytes: &[u8]) -> String {
    format!("the object provided is unrecognized (must be of type {kind}): {why} ({})", summary(bytes))
}

/// What Go's decoder says of a text that is no JSON.
pub fn json_error(bytes: &[u8], error: &serde_json::Error) -> String {
    if error.is_eof() {
        return "unexpected end of JSON input".to_owned();
    }
    let line = bytes.split(|byte| *byte == b'\n').nth(error.line().saturating_sub(1)).unwrap_or_default();
    let found = line.get(error.column().saturating_sub(1)).copied().map_or(' ', char::from);
    let said = error.to_string();
    let place = [
        ("key must be a string", "looking for beginning of object key string"),
        ("expected value", "looking for beginning of value"),
        ("expected `:`", "after object key"),
        ("expected `,` or `}`", "after object key:value pair"),
        ("expected `,` or `]`", "after array element"),
        ("trailing characters", "after top-level value"),
    ];
    match place.iter().find(|(start, _)| said.starts_with(start)) {
        Some((_, place)) => format!("invalid character '{found}' {place}"),
        None => said,
    }
}

/// The beginning of a body. Upstream: summarizeData.
fn summary(bytes: &[u8]) -> String {
    const LONGEST: usize = 30;
    let start = bytes.get(..LONGEST).unwrap_or(bytes);
    let shown = match bytes.first() {
        None => return "<empty>".to_owned(),
        Some(b'{') => String::from_utf8_lossy(start).into_owned(),
        Some(_) => start.iter().map(|byte| format!("{byte:02x}")).collect(),
    };
    if bytes.len() > LONGEST { format!("{shown} ...") } else { shown }
}

/// The options of a delete may be left out. What cannot be read is the server's fault upstream.
pub async fn options(request: Request<Incoming>) -> Result<Value, Status> {
    let (bytes, media_type) = bytes(request).await?;
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    let failed = |why: String| Status::failure(StatusReason::Unknown, why);
    match media_type.as_str() {
        "application/yaml" => yaml(&bytes).map(|(options, _)| options).map_err(failed),
        "application/json" => serde_json::from_slice(&bytes).map_err(|error| {
            failed(format!("couldn't get version/kind; json parse error: {}", json_error(&bytes, &error)))
        }),
        protobuf::MEDIA_TYPE => {
            protobuf::decode(&bytes, "v1", "DeleteOptions").map_err(|protobuf::Fault { message, .. }| failed(message))
        }
        _ => Err(unknown_format(MEDIA_TYPES)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::scheme::Expected;
    use super::read;
    use crate::apimachinery::Release;

    #[test]
    fn bodies_that_are_refused() {
        for (media_type, body, code, message) in [
            (
                "text/csv",
                "a,b",
                415,
                "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf",
            ),
            (
                "application/json",
                "[]",
                400,
                r#"the object provided is unrecognized (must be of type Secret): couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" } (5b5d)"#,
            ),
            (
                "application/yaml",
                "a: b: c",
                400,
                "the object provided is unrecognized (must be of type Secret): yaml: mapping values are not allowed in this context (613a20623a2063)",
            ),
            (
                "application/vnd.kubernetes.protobuf",
                "{}",
                400,
                "the object provided is unrecognized (must be of type Secret): provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] ({})",
            ),
            (
                "application/vnd.kubernetes.protobuf",
                "k8s\0\x0a\x0c\x0a\x02v1\x12\x06Secret\x12\x02\x0a\x09",
                400,
                "Secret in version \"v1\" cannot be handled as a Secret: unexpected EOF",
            ),
        ] {
            let expected = Expected { api_version: "v1", kind: "Secret", release: Release::NEWEST };
            let status = read(body.as_bytes(), media_type, expected).unwrap_err();
            assert_eq!((status.code, status.message.as_str()), (code, message), "{body:?}");
        }
    }
}
