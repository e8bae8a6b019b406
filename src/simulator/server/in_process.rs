//! The in-process door: a `kube::Client` whose connections are pipes in memory. HTTP is spoken on them as on any
//! other, so that upgrades (exec) and streams (watch) work the same.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use http::{HeaderValue, Request, Uri, header, uri};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::{TokioExecutor, TokioIo};
use kube::client::Body;
use tokio::io::DuplexStream;
use tower::ServiceBuilder;

use crate::rbac::User;
use crate::simulator::endpoints::Api;
use crate::simulator::trace::{Listener, Told};
use crate::why::Origin;

use super::connection;

/// Where those inside call from: the machine the API itself runs on.
const SOURCE: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 88, 0, 2));
/// How much a pipe holds before its writer waits, in bytes.
const PIPE: usize = 256 * 1024;

/// A client of this API that acts as `peer`; without one it carries no identity. `agent` is what it calls itself.
/// It does not keep the API alive: parts of the cluster hold such clients themselves.
pub fn client(api: Weak<Api>, peer: Option<User>, agent: &'static str, origin: Option<Origin>) -> kube::Client {
    over(Door { api, peer: peer.map(Arc::new), origin, told: None }, agent)
}

/// A client at the learner's prompt that carries no identity. How its requests were answered is told here alone.
pub fn client_that_tells(api: Weak<Api>, agent: &'static str, told: Listener) -> kube::Client {
    over(Door { api, peer: None, origin: Some(Origin::Learner), told: Some(Told(told)) }, agent)
}

fn over(door: Door, agent: &'static str) -> kube::Client {
    let http = Client::builder(TokioExecutor::new()).build::<_, Body>(door);
    let service =
        ServiceBuilder::new().map_request(move |request| with_agent(with_authority(request), agent)).service(http);
    kube::Client::new(service, "default")
}

/// kube sends paths alone; a pooled client wants to know the host.
fn with_authority(mut request: Request<Body>) -> Request<Body> {
    let mut parts = request.uri().clone().into_parts();
    parts.scheme = Some(uri::Scheme::HTTP);
    parts.authority = Some(uri::Authority::from_static("kubernetes.default.svc"));
    if let Ok(absolute) = Uri::from_parts(parts) {
        *request.uri_mut() = absolute;
    }
    request
}

/// A request that does not say who sends it is this agent's.
fn with_agent(mut request: Request<Body>, agent: &'static str) -> Request<Body> {
    if !agent.is_empty() {
        request.headers_mut().entry(header::USER_AGENT).or_insert(HeaderValue::from_static(agent));
    }
    request
}

#[derive(Clone)]
struct Door {
    api: Weak<Api>,
    peer: Option<Arc<User>>,
    origin: Option<Origin>,
    told: Option<Told>,
}

impl tower::Service<Uri> for Door {
    type Response = Pipe;
    type Error = Infallible;
    type Future = Ready<Result<Pipe, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let (near, far) = tokio::io::duplex(PIPE);
        let (user, origin, told) = (self.peer.clone(), self.origin, self.told.clone());
        let client = connection::Client { user, source: SOURCE, origin, told, reached: None, closing: None };
        tokio::spawn(connection::serve(far, Weak::clone(&self.api), client));
        ready(Ok(Pipe(TokioIo::new(near))))
    }
}

/// The client's end of a connection.
struct Pipe(TokioIo<DuplexStream>);

impl Connection for Pipe {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Read for Pipe {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: ReadBufCursor<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl Write for Pipe {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
