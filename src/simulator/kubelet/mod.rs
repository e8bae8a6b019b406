//! The node agent: runs pods, materialises their volumes, refreshes tokens, serves exec and logs. Upstream: pkg/kubelet.
//!
//! It uses a client, as upstream, and runs containers that are small honest programs of ours.

mod containers;
mod environment;
mod exec;
mod images;
mod logs;
mod network;
mod node;
mod pods;
pub mod program;
mod serve;
mod snapshot;
mod status;
mod token_manager;
mod volume;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;

use crate::apimachinery::{Release, Status, meta};
use crate::base::{Clock, Ids};

use super::controller::api::{Api, Key, PODS};
use super::controller::informer::{self, Cache, Change};
use super::controller::queue::Queue;
use super::controller::recorder::Recorder;
use super::server::Body;
use pods::Running;
use token_manager::TokenManager;

pub use snapshot::Snapshot;
pub use token_manager::Life;

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
    api: Api,
    recorder: Recorder,
    tokens: TokenManager,
    queue: Arc<Queue<Key>>,
    pods: Arc<Mutex<BTreeMap<Key, Arc<tokio::sync::Mutex<Running>>>>>,
    next_address: Arc<std::sync::atomic::AtomicU32>,
}

impl Kubelet {
    /// A kubelet that does nothing until [`Kubelet::run`].
    pub fn new(settings: Settings) -> Self {
        let api = Api::new(settings.client.clone());
        let (clock, ids) = (settings.clock.clone(), settings.ids.clone());
        let recorder = Recorder::new(api.clone(), clock.clone(), "kubelet", &settings.node);
        let tokens = TokenManager::new(api.clone(), clock.clone(), ids);
        Self {
            settings,
            api,
            recorder,
            tokens,
            queue: Arc::new(Queue::new(clock)),
            pods: Arc::default(),
            next_address: Arc::default(),
        }
    }

    /// Registers the node and keeps its pods as they should be. Never ends by itself.
    pub async fn run(&self) {
        node::register(&self.api, &self.settings).await;
        self.resume().await;
    }

    /// Keeps the pods of the node as they should be. Never ends by itself.
    pub async fn resume(&self) {
        let cache = Cache::default();
        let tell = |change: &Change| self.queue.add(change.key());
        let query = format!("fieldSelector=spec.nodeName%3D{}", self.settings.node);
        let follow = informer::follow(&self.api, PODS, &query, &cache, &tell);
        let work = async {
            loop {
                let key = self.queue.next().await;
                match self.sync(&key).await {
                    Ok(again) => {
                        self.queue.forget(&key);
                        if let Some(at) = again {
                            self.queue.add_at(key, at);
                        }
                    }
                    Err(failure) => {
                        tracing::debug!(?key, %failure, "pod sync failed");
                        self.queue.retry(key);
                    }
                }
                tokio::task::yield_now().await;
            }
        };
        futures::future::join(follow, work).await;
    }

    /// The tokens that the kubelet holds for its pods, and how long each lives.
    pub fn token_lives(&self) -> Vec<Life> {
        self.tokens.lives()
    }

    fn running(&self, key: &Key) -> Option<Arc<tokio::sync::Mutex<Running>>> {
        self.pods.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// Answers `pods/NAME/exec` and `pods/NAME/log`, already authorized by the API server. Exec upgrades to a WebSocket.
    pub async fn serve(
        &self,
        request: Request<Incoming>,
        namespace: &str,
        pod: &str,
        subresource: &str,
    ) -> Response<Body> {
        let key = Key::new(PODS, namespace, pod);
        serve::serve(self, request, &key, subresource).await.unwrap_or_else(|status| refusal(&status))
    }
}

fn refusal(status: &Status) -> Response<Body> {
    let mut response = Response::new(Full::from(status.to_value().to_string()).boxed_unsync());
    *response.status_mut() = http::StatusCode::from_u16(status.code).unwrap_or(http::StatusCode::BAD_REQUEST);
    let json = http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(http::header::CONTENT_TYPE, json);
    response
}

/// `ns/name` of an object for the kubelet's sentences.
fn pod_name(pod: &serde_json::Value) -> String {
    format!("{}_{}({})", meta::name(pod), meta::namespace(pod), meta::uid(pod))
}
