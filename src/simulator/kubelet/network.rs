//! The network of a container: one API server, reached without any identity but what a request carries.

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use http::Request;
use http_body_util::BodyExt;
use kube::client::Body;

use crate::unix::{Answer, Network, Reach, Unreached};

/// Names the API server goes by inside the cluster, and its address there.
const HOSTS: &[&str] = &[
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
    "10.96.0.1",
];

/// What a container reaches.
pub struct Inside {
    /// Carries no identity.
    pub api: kube::Client,
}

impl Network for Inside {
    fn reach(&self, host: &str, port: u16) -> Result<Reach, Unreached> {
        match HOSTS.contains(&host) {
            true if port == 443 => Ok(Reach { tls: true }),
            false if host.parse::<std::net::IpAddr>().is_err() && host != "localhost" => Err(Unreached::NoSuchHost),
            _ => Err(Unreached::Refused),
        }
    }

    fn send<'a>(&'a self, _: &'a str, _: u16, request: Request<Bytes>) -> BoxFuture<'a, Result<Answer, String>> {
        async move {
            let request = request.map(|bytes| Body::from(bytes.to_vec()));
            let answer = self.api.send(request).await.map_err(|error| error.to_string())?;
            Ok(answer.map(|body| {
                BodyExt::into_data_stream(body).map(|frame| frame.map_err(|error| error.to_string())).boxed()
            }))
        }
        .boxed()
    }
}
