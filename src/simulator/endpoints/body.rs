//! Reading request bodies: size limit, JSON or YAML by content type.

use http::{Request, header};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use serde_json::Value;

use crate::apimachinery::{Status, StatusReason};

/// The largest body, as upstream: 3 MiB.
pub const LIMIT: usize = 3 * 1024 * 1024;

/// What the API takes as a body of a create or an update.
const MEDIA_TYPES: &str = "application/json, application/yaml";

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

/// A body that must be an object.
pub async fn json(request: Request<Incoming>) -> Result<Value, Status> {
    let (bytes, media_type) = bytes(request).await?;
    parse(&bytes, &media_type)
}

/// Reads a document of a given media type.
pub fn parse(bytes: &[u8], media_type: &str) -> Result<Value, Status> {
    match media_type {
        "application/yaml" => serde_yaml::from_slice(bytes).map_err(|error| undecodable(&error)),
        "application/json" | "*/*" => serde_json::from_slice(bytes).map_err(|error| undecodable(&error)),
        other => Err(Status::failure(
            StatusReason::UnsupportedMediaType,
            format!(
                "the body of the request was in an unknown format - accepted media types include: {MEDIA_TYPES} (got {other})"
            ),
        )),
    }
}

fn undecodable(error: &dyn std::fmt::Display) -> Status {
    Status::bad_request(format!("couldn't get version/kind; json parse error: {error}"))
}

/// The body of a delete or of a create may be left out.
pub async fn optional(request: Request<Incoming>) -> Result<Value, Status> {
    let (bytes, media_type) = bytes(request).await?;
    if bytes.is_empty() { Ok(Value::Null) } else { parse(&bytes, &media_type) }
}
