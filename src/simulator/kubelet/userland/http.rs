//! The network of a container: one API server, reached without any identity but what a header carries.

use http::{Method, Request, Response};
use http_body_util::BodyExt;

use super::Process;

/// Names the API server goes by inside the cluster.
const HOSTS: &[&str] = &[
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
    "10.96.0.1",
];

/// A URL taken apart.
pub struct Url {
    /// Whether it begins with `https`.
    pub secure: bool,
    /// The host's name or address.
    pub host: String,
    /// The port, given or not.
    pub port: u16,
    /// What follows.
    pub path: String,
}

impl Url {
    /// Reads a URL; one without a scheme is plain HTTP.
    pub fn parse(text: &str) -> Self {
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let secure = scheme == "https";
        let (authority, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, "/"),
        };
        let (host, port) = authority.rsplit_once(':').unwrap_or((authority, ""));
        let port = port.parse().unwrap_or(if secure { 443 } else { 80 });
        Self { secure, host: host.to_owned(), port, path: path.to_owned() }
    }

    /// Whether the API server listens there.
    pub fn is_api_server(&self) -> bool {
        HOSTS.contains(&self.host.as_str())
    }
}

/// Sends one request to the API server; gives the answer with its whole body.
pub async fn send(
    process: &Process,
    method: Method,
    url: &Url,
    headers: &[(String, String)],
    body: Vec<u8>,
) -> Result<Response<Vec<u8>>, String> {
    let mut request = Request::builder().method(method).uri(url.path.as_str());
    for (name, value) in headers {
        request = request.header(name.as_str(), value.as_str());
    }
    let request = request.body(kube::client::Body::from(body)).map_err(|error| error.to_string())?;
    let answer = process.world.api.send(request).await.map_err(|error| error.to_string())?;
    let (parts, body) = answer.into_parts();
    let body = body.collect().await.map_err(|error| error.to_string())?.to_bytes().to_vec();
    Ok(Response::from_parts(parts, body))
}

/// `Name: value` taken apart.
pub fn header(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once(':')?;
    Some((name.trim().to_owned(), value.trim().to_owned()))
}
