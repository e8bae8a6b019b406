//! One connection of either door: HTTP/1.1 with upgrades, every request handed to the API.

use std::convert::Infallible;
use std::sync::{Arc, Weak};

use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::rbac::User;
use crate::simulator::endpoints::Api;

use super::Body;

/// Serves a connection until the client leaves. `peer` is who the connection belongs to, if its credentials say so.
pub(super) async fn serve<S>(stream: S, api: Weak<Api>, peer: Option<Arc<User>>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request: Request<Incoming>| {
        let (api, peer) = (api.upgrade(), peer.clone());
        async move {
            let response = match api {
                Some(api) => api.handle(request, peer.as_deref()).await,
                // The cluster was ended while a client still held a connection.
                None => gone(),
            };
            Ok::<_, Infallible>(response)
        }
    });
    let connection =
        http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service).with_upgrades();
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a connection ended early");
    }
}

fn gone() -> Response<Body> {
    let mut response = Response::new(Body::default());
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response
}
