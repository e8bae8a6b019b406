//! Reading request bodies: size limit, JSON, YAML or protobuf by content type.

use std::time::Duration;

use http::{Request, header};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use serde_json::Value;

use super::kinds;
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
    let mut object = parse(&bytes, &media_type, api_version, kind)?;
    kinds::check(plane, &mut object, api_version, kind).map_err(|fault| match fault {
        kinds::Fault::Unrecognized(why) => Status::bad_request(unrecognized(kind, &why, &bytes)),
        kinds::Fault::Refused(status) => status,
    })?;
    let twice = if media_type == "application/json" { strict::duplicate_fields(&bytes) } else { Vec::new() };
    Ok((object, twice))
}

/// Reads a document of a given media type.
pub fn parse(bytes: &[u8], media_type: &str, api_version: &str, kind: &str) -> Result<Value, Status> {
    match media_type {
        "application/yaml" => serde_yaml::from_slice(bytes)
            .map_err(|error| Status::bad_request(unrecognized(kind, &yaml_error(&error), bytes))),
        "application/json" | "*/*" => gojson::parse(bytes).map_err(|why| {
            let why = format!("couldn't get version/kind; json parse error: {why}");
            Status::bad_request(unrecognized(kind, &why, bytes))
        }),
        protobuf::MEDIA_TYPE => protobuf::decode(bytes, api_version, kind).map_err(|fault| {
            let protobuf::Fault { message, claimed } = fault;
            // Upstream: transformDecodeError.
            Status::bad_request(match claimed {
                Some((version, claimed)) => {
                    format!("{claimed} in version {version:?} cannot be handled as a {kind}: {message}")
                }
                None => unrecognized(kind, &message, bytes),
            })
        }),
        _ => Err(Status::failure(
            StatusReason::UnsupportedMediaType,
            format!("the body of the request was in an unknown format - accepted media types include: {MEDIA_TYPES}"),
        )),
    }
}

/// What Go's reader says of a text that is no YAML: the line comes first, unless it is the first.
pub fn yaml_error(error: &serde_yaml::Error) -> String {
    let said = error.to_string();
    let why = said.split(" at line ").next().unwrap_or_default();
    match error.location().map(|location| location.line()) {
        Some(line) if line > 1 => format!("yaml: line {line}: {why}"),
        _ => format!("yaml: {why}"),
    }
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

/// The options of a delete may be left out. Any group's may be sent, and what is wrong is said without more ado.
pub async fn options(request: Request<Incoming>) -> Result<Option<Value>, Status> {
    let (bytes, media_type) = bytes(request).await?;
    if bytes.is_empty() {
        return Ok(None);
    }
    let mut options = match media_type.as_str() {
        "application/json" => gojson::parse(&bytes)
            .map_err(|why| Status::bad_request(format!("couldn't get version/kind; json parse error: {why}")))?,
        _ => parse(&bytes, &media_type, "v1", "DeleteOptions")?,
    };
    kinds::check_options(&mut options)?;
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
