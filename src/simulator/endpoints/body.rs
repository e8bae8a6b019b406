//! Reading request bodies: size limit, JSON, YAML or protobuf by content type.

use http::{Request, header};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use serde_json::Value;

use crate::apimachinery::{Status, StatusReason, protobuf, strict};

/// The largest body, as upstream: 3 MiB.
pub const LIMIT: usize = 3 * 1024 * 1024;

/// What the API takes as a body of a create or an update.
const MEDIA_TYPES: &str = "application/json, application/yaml, application/vnd.kubernetes.protobuf";

/// The whole body and its media type without parameters.
pub async fn bytes(request: Request<Incoming>) -> Result<(Vec<u8>, String), Status> {
    let media_type =
        request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("application/json");
    let media_type = media_type.split(';').next().unwrap_or_default().trim().to_owned();
    let collected = Limited::new(request.into_body(), LIMIT).collect().await.map_err(|error| {
        if error.is::<http_body_util::LengthLimitError>() {
            Status::failure(StatusReason::RequestEntityTooLarge, format!("Request entity too large: limit is {LIMIT}"))
        } else {
            Status::bad_request(format!("couldn't read the request body: {error}"))
        }
    })?;
    Ok((collected.to_bytes().to_vec(), media_type))
}

/// A body that must be an object; `kind` and `api_version` say of what, if it does not.
pub async fn json(request: Request<Incoming>, api_version: &str, kind: &str) -> Result<Value, Status> {
    let (bytes, media_type) = bytes(request).await?;
    parse(&bytes, &media_type, api_version, kind)
}

/// Reads a document of a given media type.
pub fn parse(bytes: &[u8], media_type: &str, api_version: &str, kind: &str) -> Result<Value, Status> {
    match media_type {
        "application/yaml" => serde_yaml::from_slice(bytes).map_err(|error| undecodable(&error)),
        "application/json" | "*/*" => serde_json::from_slice(bytes).map_err(|error| undecodable(&error)),
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

fn unrecognized(kind: &str, why: &str, bytes: &[u8]) -> String {
    format!("the object provided is unrecognized (must be of type {kind}): {why} ({})", summary(bytes))
}

/// A body that must be an object of this kind, and the fields it has twice.
pub async fn object(request: Request<Incoming>, api_version: &str, kind: &str) -> Result<(Value, Vec<String>), Status> {
    let (bytes, media_type) = bytes(request).await?;
    if media_type != "application/json" {
        return parse(&bytes, &media_type, api_version, kind).map(|object| (object, Vec::new()));
    }
    let object = serde_json::from_slice(&bytes).map_err(|error| {
        let why = format!("couldn't get version/kind; json parse error: {}", json_error(&bytes, &error));
        Status::bad_request(unrecognized(kind, &why, &bytes))
    })?;
    Ok((object, strict::duplicate_fields(&bytes)))
}

/// What Go's decoder says of a text that is no JSON.
fn json_error(bytes: &[u8], error: &serde_json::Error) -> String {
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

fn undecodable(error: &dyn std::fmt::Display) -> Status {
    Status::bad_request(format!("couldn't get version/kind; json parse error: {error}"))
}

/// The options of a delete may be left out.
pub async fn options(request: Request<Incoming>) -> Result<Value, Status> {
    let (bytes, media_type) = bytes(request).await?;
    if bytes.is_empty() { Ok(Value::Null) } else { parse(&bytes, &media_type, "v1", "DeleteOptions") }
}

#[cfg(test)]
mod tests {
    use super::parse;

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
