//! One connection of either door: HTTP/1.1 with upgrades, every request handed to the API.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures::StreamExt as _;
use http::{Request, Response, StatusCode};
use http_body::Body as _;
use http_body_util::{BodyExt as _, BodyStream, StreamBody};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;

use crate::rbac::User;
use crate::simulator::audit::Source;
use crate::simulator::endpoints::Api;
use crate::simulator::trace::Told;
use crate::why::Origin;

use super::{Body, Reached};

/// What a door knows of a connection.
#[derive(Clone)]
pub(super) struct Client {
    /// Who the connection belongs to, if its credentials say so.
    pub user: Option<Arc<User>>,
    /// Where it comes from.
    pub source: IpAddr,
    /// Whose requests they are, where somebody may want to know how they were answered.
    pub origin: Option<Origin>,
    /// Who is told how they were answered, when it is not whoever is told of all.
    pub told: Option<Told>,
    /// The address it came to, at a door that has one.
    pub reached: Option<SocketAddr>,
    /// Tells when the door is closed; a door that is never closed has none.
    pub closing: Option<Closing>,
}

/// Tells when a door is closed: by a word, or because nobody holds it any more.
#[derive(Clone)]
pub(super) struct Closing(pub watch::Receiver<bool>);

impl Closing {
    /// Waits for it.
    pub async fn wait(mut self) {
        // The door is gone: that is the same.
        let _ = self.0.wait_for(|closed| *closed).await;
    }
}

/// How long a client may take over the head of a request, as upstream.
const PATIENCE: Duration = Duration::from_secs(32);
/// The longest head of a request, as Go's server has it.
const LONGEST_HEAD: usize = (1 << 20) + 4096;
/// How many headers a request may have; room for them is made at each request.
const MOST_HEADERS: usize = 200;

/// Serves a connection until the client leaves or the door is closed.
pub(super) async fn serve<S>(stream: S, api: Weak<Api>, client: Client)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    serve_with(stream, api, client, PATIENCE).await;
}

async fn serve_with<S>(stream: S, api: Weak<Api>, client: Client, patience: Duration)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let closing = client.closing.clone();
    let service = service_fn(move |mut request: Request<Incoming>| {
        let (api, client) = (api.upgrade(), client.clone());
        async move {
            request.extensions_mut().insert(Source(client.source));
            if let Some(origin) = client.origin {
                request.extensions_mut().insert(origin);
            }
            if let Some(told) = client.told {
                request.extensions_mut().insert(told);
            }
            if let Some(reached) = client.reached {
                request.extensions_mut().insert(Reached(reached));
            }
            let response = match api {
                Some(api) => api.handle(request, client.user.as_deref()).await,
                // The cluster was ended while a client still held a connection.
                None => gone(),
            };
            Ok::<_, Infallible>(match client.closing {
                Some(closing) => until_closed(response, closing),
                None => response,
            })
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .max_buf_size(LONGEST_HEAD)
        .max_headers(MOST_HEADERS)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let closed = async {
        match closing {
            Some(closing) => closing.wait().await,
            None => std::future::pending().await,
        }
    };
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = closed => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// The same answer; one without a known end (a watch) ends as by itself when the door is closed.
fn until_closed(response: Response<Body>, closing: Closing) -> Response<Body> {
    let (parts, body) = response.into_parts();
    if body.size_hint().exact().is_some() {
        return Response::from_parts(parts, body);
    }
    let frames = BodyStream::new(body).take_until(Box::pin(closing.wait()));
    Response::from_parts(parts, StreamBody::new(frames).boxed_unsync())
}

fn gone() -> Response<Body> {
    let mut response = Response::new(Body::default());
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response
}

#[cfg(test)]
mod tests {
    use super::{Client, serve_with};
    use std::net::{IpAddr, Ipv4Addr};
    use std::sync::Weak;
    use std::time::Duration;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    #[tokio::test]
    async fn a_client_that_dawdles_is_left() {
        for begun in ["", "GET /api HTTP/1.1\r\n", "GET /api HTTP/1.1\r\nHost: x\r\nAuthoriza"] {
            let (mut near, far) = tokio::io::duplex(4096);
            let source = IpAddr::V4(Ipv4Addr::LOCALHOST);
            let client = Client { user: None, source, origin: None, told: None, reached: None, closing: None };
            tokio::spawn(serve_with(far, Weak::new(), client, Duration::from_millis(20)));
            near.write_all(begun.as_bytes()).await.expect("written");
            let mut answer = Vec::new();
            let end = tokio::time::timeout(Duration::from_secs(20), near.read_to_end(&mut answer)).await;
            assert!(end.is_ok(), "{begun:?} is waited for forever");
        }
    }
}
