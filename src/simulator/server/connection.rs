//! One connection of either door: HTTP/1.1 with upgrades, every request handed to the API.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Weak};

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

use super::{Body, Reached};

/// What a door knows of a connection.
#[derive(Clone)]
pub(super) struct Client {
    /// Who the connection belongs to, if its credentials say so.
    pub user: Option<Arc<User>>,
    /// Where it comes from.
    pub source: IpAddr,
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

/// Serves a connection until the client leaves or the door is closed.
pub(super) async fn serve<S>(stream: S, api: Weak<Api>, client: Client)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let closing = client.closing.clone();
    let service = service_fn(move |mut request: Request<Incoming>| {
        let (api, client) = (api.upgrade(), client.clone());
        async move {
            request.extensions_mut().insert(Source(client.source));
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
    let connection =
        http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service).with_upgrades();
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
