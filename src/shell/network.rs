//! The network of a prompt: the session's API server and nothing else, reached without any identity.

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use http::header::AUTHORIZATION;
use http::{Request, Uri};
use http_body_util::BodyExt;
use kube::client::Body;

use super::sent::Sent;
use crate::unix::{Answer, Network, Reach, Unreached};

/// Names the API server goes by inside the cluster. The same requests work here, so that what is read about pods can be tried.
const INSIDE: [&str; 4] =
    ["kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"];

/// A session's server.
pub(super) struct Session {
    client: kube::Client,
    host: String,
    port: u16,
    tls: bool,
    /// Where the tokens that are sent are noted.
    sent: Sent,
}

impl Session {
    /// The server with this URL, reached through this client.
    pub fn new(client: kube::Client, server: &str, sent: Sent) -> Self {
        let uri: Uri = server.parse().unwrap_or_default();
        let tls = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if tls { 443 } else { 80 });
        Self { client, host: uri.host().unwrap_or_default().to_owned(), port, tls, sent }
    }
}

fn is_local(host: &str) -> bool {
    matches!(host, "127.0.0.1" | "localhost" | "[::1]")
}

impl Network for Session {
    fn reach(&self, host: &str, port: u16) -> Result<Reach, Unreached> {
        let is_inside = INSIDE.contains(&host);
        let is_same = host == self.host || (is_local(host) && is_local(&self.host));
        if is_inside && port == 443 {
            return Ok(Reach { tls: true });
        }
        if is_same && port == self.port {
            return Ok(Reach { tls: self.tls });
        }
        let is_address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok();
        Err(match is_inside || is_same || is_address || is_local(host) {
            true => Unreached::Refused,
            false => Unreached::NoSuchHost,
        })
    }

    fn send<'a>(&'a self, _: &'a str, _: u16, request: Request<Bytes>) -> BoxFuture<'a, Result<Answer, String>> {
        if let Some(carried) = request.headers().get(AUTHORIZATION) {
            self.sent.note(&String::from_utf8_lossy(carried.as_bytes()));
        }
        send(&self.client, request).boxed()
    }
}

async fn send(client: &kube::Client, request: Request<Bytes>) -> Result<Answer, String> {
    let answer = client.send(request.map(|bytes| Body::from(bytes.to_vec()))).await.map_err(|e| e.to_string())?;
    Ok(answer.map(|body| {
        let frames = BodyExt::into_data_stream(body);
        frames.map(|frame| frame.map_err(|error| error.to_string())).boxed()
    }))
}
