//! The node agent: runs pods, materialises their volumes, refreshes tokens, serves exec and logs. Upstream: pkg/kubelet.
//!
//! It uses a client, as upstream, and runs containers that are small honest programs of ours.

use http::{Request, Response};
use hyper::body::Incoming;

use crate::apimachinery::Release;
use crate::base::{Clock, Ids};

use super::server::Body;

/// What a kubelet is started with.
#[derive(Clone)]
pub struct Settings {
    /// The node's name.
    pub node: String,
    /// Which Kubernetes to be.
    pub release: Release,
    /// The cluster's time.
    pub clock: Clock,
    /// Container ids and addresses come from here.
    pub ids: Ids,
    /// Acts as the node.
    pub client: kube::Client,
    /// Carries no identity: what a process in a container reaches the API with.
    pub anonymous: kube::Client,
}

/// The agent of one node. Cloning it gives the same one.
#[derive(Clone)]
pub struct Kubelet {
    settings: Settings,
}

impl Kubelet {
    /// A kubelet that does nothing until [`Kubelet::run`].
    pub fn new(settings: Settings) -> Self {
        Self { settings }
    }

    /// Registers the node and keeps its pods as they should be. Never ends by itself.
    pub async fn run(&self) {
        let _ = &self.settings;
        std::future::pending::<()>().await;
    }

    /// Answers `pods/NAME/exec` and `pods/NAME/log`, already authorized by the API server. Exec upgrades to a WebSocket.
    pub async fn serve(
        &self,
        request: Request<Incoming>,
        namespace: &str,
        pod: &str,
        subresource: &str,
    ) -> Response<Body> {
        let _ = (request, namespace, pod, subresource);
        Response::new(Body::default())
    }
}
