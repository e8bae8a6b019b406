//! Answers on the wire: JSON, pretty for curl, warnings in headers. Upstream: apiserver/pkg/endpoints/handlers/responsewriters.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, Uri, header};
use http_body::Body as _;
use http_body_util::{BodyExt, Full};
use serde_json::Value;

use crate::apimachinery::Status;
use crate::simulator::audit::Entry;
use crate::simulator::server::Body;

use super::layout::Layout;

/// An answer before it is written.
pub enum Answer {
    /// An object, or a `Status`.
    Object {
        /// The HTTP code.
        code: StatusCode,
        /// The object.
        value: Value,
        /// `application/json`, with the table's parameters when it is one.
        content_type: &'static str,
        /// Sentences for `Warning` headers.
        warnings: Vec<String>,
    },
    /// A few words: `ok`, or what Go's server says by itself.
    Text {
        /// The HTTP code.
        code: StatusCode,
        /// The words.
        text: String,
    },
    /// An answer that is complete as it is: a stream, an upgrade.
    Raw(Response<Body>),
}

impl Answer {
    /// 200 with an object.
    pub fn ok(value: Value) -> Self {
        Self::with_code(StatusCode::OK, value)
    }

    /// 201 with an object.
    pub fn created(value: Value) -> Self {
        Self::with_code(StatusCode::CREATED, value)
    }

    /// Any code with an object.
    pub fn with_code(code: StatusCode, value: Value) -> Self {
        Self::Object { code, value, content_type: "application/json", warnings: Vec::new() }
    }

    /// The same answer under another media type.
    #[must_use]
    pub fn with_type(mut self, media_type: &'static str) -> Self {
        if let Self::Object { content_type, .. } = &mut self {
            *content_type = media_type;
        }
        self
    }

    /// The same answer with warnings.
    #[must_use]
    pub fn with_warnings(mut self, more: Vec<String>) -> Self {
        if let Self::Object { warnings, .. } = &mut self {
            warnings.extend(more);
        }
        self
    }

    /// The object of the answer, when it is a `Status`.
    pub fn status(&self) -> Option<Value> {
        match self {
            Self::Object { value, .. } if value["kind"] == "Status" => Some(value.clone()),
            _ => None,
        }
    }

    /// Writes the answer.
    pub fn into_response(self, layout: Layout) -> Response<Body> {
        let is_text = matches!(self, Self::Text { .. });
        let retry_after = match &self {
            Self::Object { value, .. } if value["status"] == "Failure" => {
                value["details"]["retryAfterSeconds"].as_u64()
            }
            _ => None,
        };
        let (code, text, content_type, warnings) = match self {
            Self::Raw(response) => return response,
            Self::Text { code, text } => (code, text, "text/plain; charset=utf-8", Vec::new()),
            Self::Object { code, value, content_type, warnings } => {
                (code, layout.write(&value), layout.media_type(content_type), warnings)
            }
        };
        let mut response = Response::new(full(text));
        *response.status_mut() = code;
        let headers = response.headers_mut();
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, private"));
        if is_text || code == StatusCode::FORBIDDEN {
            headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        }
        for warning in warnings {
            let quoted = warning.replace('\\', "\\\\").replace('"', "\\\"");
            if let Ok(value) = HeaderValue::from_str(&format!("299 - \"{quoted}\"")) {
                headers.append(header::WARNING, value);
            }
        }
        response
    }
}

impl From<Status> for Answer {
    fn from(status: Status) -> Self {
        let code = StatusCode::from_u16(status.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::with_code(code, status.to_value())
    }
}

/// 500 in plain words. Upstream: responsewriters.InternalError.
pub fn internal_error(uri: &Uri, why: &str) -> Answer {
    let asked = uri.path_and_query().map_or("/", |asked| asked.as_str());
    let text = format!("Internal Server Error: {asked:?}: {why}\n");
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    Answer::Text { code: StatusCode::INTERNAL_SERVER_ERROR, text }
}

/// 404 in the plain words of Go's server, for paths that belong to no group.
pub fn not_found() -> Answer {
    Answer::Text { code: StatusCode::NOT_FOUND, text: "404 page not found\n".to_owned() }
}

/// The same answer; the audit entry is held until the last of it was sent.
pub fn until_the_end(response: Response<Body>, entry: Arc<Entry>) -> Response<Body> {
    let (parts, body) = response.into_parts();
    // The size of a body that is known must stay known: it becomes the `Content-Length`.
    if body.size_hint().exact().is_some() {
        return Response::from_parts(parts, body);
    }
    let held = body.map_frame(move |frame| {
        let _ = &entry;
        frame
    });
    Response::from_parts(parts, held.boxed_unsync())
}

/// A body of one piece.
pub fn full(text: impl Into<Bytes>) -> Body {
    Full::new(text.into()).boxed_unsync()
}
