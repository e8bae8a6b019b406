//! A cluster on a clock that stands still, and a way to ask it.

use std::time::Duration;

use http::{HeaderMap, Method, Request};
use http_body_util::BodyExt;
use jiff::Timestamp;
use kube::client::Body;
use sa_tutor::apimachinery::Release;
use sa_tutor::base::{Clock, Ids};
use sa_tutor::cluster::{Cluster, Workbench};
use sa_tutor::simulator::storage::Key;
use serde_json::Value;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Bench {
    pub cluster: Cluster,
    pub clock: Clock,
}

pub struct Reply {
    pub code: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Reply {
    pub fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or_default()
    }
}

impl Bench {
    pub async fn new(minor: u8) -> Self {
        let clock = Clock::still("2026-11-23T12:00:00Z".parse::<Timestamp>().expect("a time"));
        let bench = Workbench::new(clock.clone(), Ids::seeded(7));
        let cluster = Cluster::simulated(&bench, Release::minor(minor)).expect("a cluster");
        cluster.ready().await;
        Self { cluster, clock }
    }

    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Reply {
        let text = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let mut request = Request::builder().method(Method::from_bytes(method.as_bytes()).expect("a method")).uri(path);
        if !text.is_empty() && !headers.iter().any(|(name, _)| *name == "Content-Type") {
            request = request.header("Content-Type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(text)).expect("a request");
        let anonymous = headers.iter().any(|(name, _)| *name == "Authorization");
        let client = match self.cluster.anonymous.as_ref().filter(|_| anonymous) {
            Some(client) => client,
            None => &self.cluster.client,
        };
        let reply = client.send(request).await.expect("an answer");
        let (code, headers) = (reply.status().as_u16(), reply.headers().clone());
        let body = tokio::time::timeout(PATIENCE, reply.into_body().collect()).await.expect("an end");
        let bytes = body.expect("a whole body").to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or_else(|_| String::from_utf8_lossy(&bytes).into());
        Reply { code, headers, body }
    }

    pub async fn ask(&self, method: &str, path: &str, body: Value) -> Reply {
        let patch = [("Content-Type", "application/merge-patch+json")];
        self.send(method, path, if method == "PATCH" { &patch } else { &[] }, &body).await
    }

    /// Creates an object and gives it back.
    pub async fn create(&self, path: &str, object: Value) -> Value {
        let reply = self.ask("POST", path, object).await;
        assert_eq!(reply.code, 201, "{path}: {}", reply.body);
        reply.body
    }

    /// Writes so much that the past is forgotten.
    pub fn forget(&self) {
        let store = &self.cluster.simulator.as_ref().expect("the simulator").plane().store;
        for number in 0..20_001 {
            store.create(Key::new("noise", "", format!("n{number}")), serde_json::json!({})).expect("new");
        }
    }

    /// Waits until the store holds an object that is as wanted, or none.
    pub async fn until(&self, plural: &str, name: &str, wanted: impl Fn(Option<&Value>) -> bool) {
        let store = &self.cluster.simulator.as_ref().expect("the simulator").plane().store;
        let key = Key::new(plural, "default", name);
        let done = tokio::time::timeout(PATIENCE, store.wait_until(|| wanted(store.get(&key).as_deref()))).await;
        assert!(done.is_ok(), "{plural} {name} does not become what it should: {:?}", store.get(&key));
    }
}
