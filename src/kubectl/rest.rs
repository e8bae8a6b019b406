//! Requests to the API server, and how its refusals read.

use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use kube::client::Body;
use serde_json::Value;

use super::errors::Error;
use crate::apimachinery::Status;
use crate::apimachinery::gojson::to_json_compact;

/// `Accept` for plain objects.
pub const JSON: &str = "application/json";
/// `Accept` for what the server prints itself.
pub const TABLE: &str =
    "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";
/// `Accept` for discovery in one document.
pub const DISCOVERY: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

/// A request as the verbs build it.
#[derive(Debug, Clone)]
pub struct Call {
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    accept: &'static str,
    body: Option<(&'static str, Vec<u8>)>,
}

impl Call {
    /// A request without a body.
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), query: Vec::new(), accept: JSON, body: None }
    }

    /// Reads `path`.
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    /// Posts an object to `path`.
    pub fn post(path: impl Into<String>, body: &Value) -> Self {
        Self::new(Method::POST, path).json(body)
    }

    /// Replaces the object at `path`.
    pub fn put(path: impl Into<String>, body: &Value) -> Self {
        Self::new(Method::PUT, path).json(body)
    }

    /// Patches the object at `path`.
    pub fn patch(path: impl Into<String>, content_type: &'static str, body: &Value) -> Self {
        let mut call = Self::new(Method::PATCH, path);
        call.body = Some((content_type, to_json_compact(body).into_bytes()));
        call
    }

    /// With a JSON body.
    #[must_use]
    pub fn json(mut self, body: &Value) -> Self {
        self.body = Some((JSON, body.to_string().into_bytes()));
        self
    }

    /// With a body as it stands.
    #[must_use]
    pub fn body(mut self, content_type: &'static str, body: Vec<u8>) -> Self {
        self.body = Some((content_type, body));
        self
    }

    /// With a query parameter; an empty value leaves it out.
    #[must_use]
    pub fn query(mut self, key: &str, value: &str) -> Self {
        if !value.is_empty() {
            self.query.push((key.to_owned(), value.to_owned()));
        }
        self
    }

    /// With a query parameter that may be empty.
    #[must_use]
    pub fn word(mut self, key: &str, value: &str) -> Self {
        self.query.push((key.to_owned(), value.to_owned()));
        self
    }

    /// Wants this form of answer.
    #[must_use]
    pub fn accept(mut self, accept: &'static str) -> Self {
        self.accept = accept;
        self
    }

    fn uri(&self) -> String {
        let mut uri = self.path.clone();
        for (index, (key, value)) in self.query.iter().enumerate() {
            uri.push(if index == 0 && !uri.contains('?') { '?' } else { '&' });
            uri.push_str(&format!("{key}={}", escape(value)));
        }
        uri
    }

    /// The request without a body, for an upgrade.
    ///
    /// # Errors
    /// When the path is no path.
    pub fn into_upgrade(self, headers: &HeaderMap) -> Result<Request<Vec<u8>>, Error> {
        let mut request = Request::builder()
            .method(self.method.clone())
            .uri(self.uri())
            .body(Vec::new())
            .map_err(|cause| Error::text(cause.to_string()))?;
        request.headers_mut().extend(headers.clone());
        Ok(request)
    }
}

/// What cannot stand in a path as one segment. Upstream: client-go/rest/request.go, IsValidPathSegmentName.
///
/// # Errors
/// `invalid namespace "a/b": [may not contain '/']`
pub fn check_segment(what: &str, name: &str) -> Result<(), Error> {
    let faults: Vec<String> = match name {
        "." | ".." => vec![format!("may not be '{name}'")],
        _ => ["/", "%"]
            .iter()
            .filter(|sign| name.contains(**sign))
            .map(|sign| format!("may not contain '{sign}'"))
            .collect(),
    };
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::text(format!("invalid {what} {name:?}: [{}]", faults.join(" "))))
    }
}

/// Everything but unreserved signs as `%XX`.
pub fn escape(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(b).to_string(),
            b => format!("%{b:02X}"),
        })
        .collect()
}

/// The client and what every request of this command carries.
pub struct Rest {
    /// How to reach the server.
    pub client: kube::Client,
    /// Credentials and impersonation given on the command line.
    pub headers: HeaderMap,
    /// The server's address, for messages.
    pub server: String,
}

impl Rest {
    /// Adds a header; signs that no header can have are a complaint.
    ///
    /// # Errors
    /// When the value cannot stand in a header.
    pub fn header(&mut self, name: &str, value: &str) -> Result<(), Error> {
        let fault = || Error::text(format!("invalid value for header {name}"));
        let name: HeaderName = name.parse().map_err(|_| fault())?;
        let value = HeaderValue::from_str(value).map_err(|_| fault())?;
        self.headers.append(name, value);
        Ok(())
    }

    /// A call as it goes on the wire, and its body once more.
    ///
    /// # Errors
    /// When the path is no path.
    pub fn request(&self, call: Call) -> Result<(Request<Body>, Vec<u8>), Error> {
        let uri = call.uri();
        let mut builder = Request::builder().method(call.method.clone()).uri(&uri).header("Accept", call.accept);
        let (body, copy) = match call.body {
            Some((content_type, body)) => {
                builder = builder.header("Content-Type", content_type);
                (Body::from(body.clone()), body)
            }
            None => (Body::empty(), Vec::new()),
        };
        let mut request = builder.body(body).map_err(|cause| Error::text(cause.to_string()))?;
        request.headers_mut().extend(self.headers.clone());
        Ok((request, copy))
    }

    /// Sends a request. The body of the answer is still to be read.
    ///
    /// # Errors
    /// Why the server was not reached.
    pub async fn send(&self, request: Request<Body>) -> Result<Response<Body>, Error> {
        self.client.send(request).await.map_err(|cause| self.unreachable(&cause))
    }

    /// Whether an answer with this code is a refusal.
    pub fn is_refusal(code: StatusCode) -> bool {
        !code.is_success() && code != StatusCode::SWITCHING_PROTOCOLS
    }

    /// The server's refusal, as its body words it.
    pub fn refusal(code: StatusCode, text: &[u8]) -> Error {
        let value: Option<Value> = serde_json::from_slice(text).ok();
        value.as_ref().and_then(Status::from_value).unwrap_or_else(|| bare_status(code, text)).into()
    }

    /// The whole body.
    ///
    /// # Errors
    /// When the connection broke.
    pub async fn body(&self, response: Response<Body>) -> Result<Vec<u8>, Error> {
        match response.into_body().collect().await {
            Ok(body) => Ok(body.to_bytes().to_vec()),
            Err(cause) => Err(self.unreachable(&cause)),
        }
    }

    /// Says that the server was not reached.
    pub fn unreachable(&self, cause: &kube::Error) -> Error {
        if let kube::Error::Api(status) = cause {
            let value = serde_json::to_value(status).unwrap_or_default();
            let mut read = Status::from_value(&value).unwrap_or_default();
            if read.message.is_empty() {
                read.message.clone_from(&status.message);
                read.reason.clone_from(&status.reason);
            }
            return read.into();
        }
        let mut deepest: &dyn std::error::Error = cause;
        let mut refused = deepest.to_string().contains("onnection refused");
        while let Some(source) = deepest.source() {
            deepest = source;
            refused |= deepest.to_string().contains("onnection refused");
        }
        let host = self.server.split("://").last().unwrap_or_default();
        Error::Unreachable(if refused {
            format!("The connection to the server {host} was refused - did you specify the right host or port?")
        } else {
            format!("Unable to connect to the server: {deepest}")
        })
    }
}

/// A refusal without a `Status`. Upstream: errors.NewGenericServerResponse.
fn bare_status(code: StatusCode, text: &[u8]) -> Status {
    let text = String::from_utf8_lossy(text);
    let (reason, message) = match code.as_u16() {
        401 => ("Unauthorized", "the server has asked for the client to provide credentials".to_owned()),
        403 => ("Forbidden", text.trim().to_owned()),
        404 => ("NotFound", "the server could not find the requested resource".to_owned()),
        405 => ("MethodNotAllowed", "the server does not allow this method on the requested resource".to_owned()),
        429 => (
            "TooManyRequests",
            "the server has received too many requests and has asked us to try again later".to_owned(),
        ),
        500 => (
            "InternalError",
            format!("an error on the server ({:?}) has prevented the request from succeeding", text.trim()),
        ),
        503 => ("ServiceUnavailable", "the server is currently unable to handle the request".to_owned()),
        _ => (
            "",
            format!("the server responded with the status code {} but did not return more information", code.as_u16()),
        ),
    };
    Status { code: code.as_u16(), reason: reason.to_owned(), message, ..Status::default() }
}
