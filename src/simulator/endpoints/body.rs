//! Reading request bodies: size limit, JSON, YAML or protobuf by content type.

use std::time::Duration;

use http::{Request, header};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use serde_json::Value;

use super::kinds;
use crate::apimachinery::yaml::from_yaml;
use crate::apimachinery::{Status, StatusReason, gojson, protobuf, strict};
use crate::simulator::ControlPlane;

/// The largest body, as upstream: 3 MiB.
pub const LIMIT: usize = 3 * 1024 * 1024;

/// How long a client may take over a body. Upstream: `--request-timeout`.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the API takes as a body of a create or an update.
const MEDIA_TYPES: &str = "application/json, application/yaml, application/vnd.kubernetes.protobuf";

/// The whole body and its media type without parameters.
pub async fn bytes(request: Request<Incoming>) -> Result<(Vec<u8>, String), Status> {
    let media_type =
        request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("application/json");
    let media_type = media_type.split(';').next().unwrap_or_default().trim().to_owned();
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

/// A body that must be an object of this kind, and the fields it has twice.
pub async fn object(
    plane: &ControlPlane,
    request: Request<Incoming>,
    api_version: &str,
    kind: &str,
) -> Result<(Value, Vec<String>), Status> {
    let (bytes, media_type) = bytes(request).await?;
    let (mut object, twice) = parse(&bytes, &media_type, api_version, kind)?;
    kinds::check(plane, &mut object, api_version, kind).map_err(|fault| match fault {
        kinds::Fault::Unrecognized(why) => Status::bad_request(unrecognized(kind, &why, &bytes)),
        kinds::Fault::Refused(status) => status,
    })?;
    Ok((object, twice))
}

/// Reads a document of a given media type, and the faults that are no hindrance: fields that are there twice.
pub fn parse(bytes: &[u8], media_type: &str, api_version: &str, kind: &str) -> Result<(Value, Vec<String>), Status> {
    let refuse = |why: &str| Status::bad_request(unrecognized(kind, why, bytes));
    match media_type {
        "application/yaml" => {
            let (object, twice) = yaml(bytes).map_err(|why| refuse(&why))?;
            Ok((object, twice.into_iter().collect()))
        }
        "application/json" | "*/*" => {
            let object = gojson::parse(bytes)
                .map_err(|why| refuse(&format!("couldn't get version/kind; json parse error: {why}")))?;
            let twice =
                strict::duplicate_fields(bytes).iter().map(|path| format!("duplicate field {path:?}")).collect();
            Ok((object, twice))
        }
        protobuf::MEDIA_TYPE => {
            protobuf::decode(bytes, api_version, kind).map(|object| (object, Vec::new())).map_err(|fault| {
                let protobuf::Fault { message, claimed } = fault;
                // Upstream: transformDecodeError.
                Status::bad_request(match claimed {
                    Some((version, claimed)) => {
                        format!("{claimed} in version {version:?} cannot be handled as a {kind}: {message}")
                    }
                    None => unrecognized(kind, &message, bytes),
                })
            })
        }
        _ => Err(Status::failure(
            StatusReason::UnsupportedMediaType,
            format!("the body of the request was in an unknown format - accepted media types include: {MEDIA_TYPES}"),
        )),
    }
}

/// A YAML document, of which the last of equal keys counts, and what the strict reader says of keys that are there twice.
///
/// # Errors
/// What Go's reader says of a text that is no YAML.
pub fn yaml(bytes: &[u8]) -> Result<(Value, Option<String>), String> {
    let text = String::from_utf8_lossy(bytes);
    let strictly = from_yaml(&text);
    match (serde_yaml::from_slice(bytes), strictly) {
        (_, Ok(object)) => Ok((object, None)),
        (Ok(object), Err(why)) => Ok((object, twice_in_yaml(&text, &why))),
        (Err(_), Err(why)) => Err(why),
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

fn unrecognized(kind: &str, why: &str, bytes: &[u8]) -> String {
    format!("the object provided is unrecognized (must be of type {kind}): {why} ({})", summary(bytes))
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

/// The options of a delete may be left out. Any group's may be sent. What cannot be read is the server's fault upstream.
pub async fn options(request: Request<Incoming>) -> Result<Option<Value>, Status> {
    let (bytes, media_type) = bytes(request).await?;
    if bytes.is_empty() {
        return Ok(None);
    }
    let unread = |why: String| Status::failure(StatusReason::Unknown, why);
    let mut options = match media_type.as_str() {
        "application/json" => gojson::parse(&bytes)
            .map_err(|why| unread(format!("couldn't get version/kind; json parse error: {why}")))?,
        "application/yaml" => yaml(&bytes).map_err(unread)?.0,
        protobuf::MEDIA_TYPE => {
            protobuf::decode(&bytes, "v1", "DeleteOptions").map_err(|fault| unread(fault.message))?
        }
        _ => parse(&bytes, &media_type, "v1", "DeleteOptions")?.0,
    };
    kinds::check_options(&mut options).map_err(unread)?;
    Ok(Some(options))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn bodies_that_are_refused() {
        for (media_type, body, code, message) in [
            (
                "application/yaml",
                "a: b: c",
                400,
                "the object provided is unrecognized (must be of type Secret): yaml: mapping values are not allowed in this context (613a20623a2063)",
            ),
            (
                "application/json",
                "",
                400,
                "the object provided is unrecognized (must be of type Secret): couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)",
            ),
            (
                "text/csv",
                "a,b",
                415,
                "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf",
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
            let status = parse(body.as_bytes(), media_type, "v1", "Secret").unwrap_err();
            assert_eq!((status.code, status.message.as_str()), (code, message), "{body:?}");
        }
    }
}
