//! Asks the simulator what a real API server of 1.36 was asked, and compares the answers.
//!
//! `fidelity/api-1.36-cases.json` is a recording: request, code, body. What happened between the requests is in
//! [`between`]. Names a server invents, times, versions, tokens and the names of clients are made alike on both
//! sides; the order of the fields is Go's, and compared.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use http::{Method, Request};
use http_body_util::BodyExt;
use kube::client::Body;
use regex::Regex;
use sa_tutor::apimachinery::Release;
use sa_tutor::base::{Clock, Ids};
use sa_tutor::cluster::{Cluster, Workbench};
use sa_tutor::simulator::storage::Key;
use serde_json::{Value, json};

const CASES: &str = include_str!("fidelity/api-1.36-cases.json");
const CORE: &str = "/api/v1/namespaces/errs";

/// Cases the simulator does not answer as the recording does, and why. One that passes must be taken off.
const DIFFERENT: &[(&str, &str)] = &[];

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(6);

struct Bench {
    cluster: Cluster,
    token: String,
    /// The uid, version and time of an object in the recording, and here.
    known: BTreeMap<String, String>,
}

struct Reply {
    code: u64,
    warnings: Vec<String>,
    body: Value,
}

impl Bench {
    async fn send(&self, who: &str, method: &str, path: &str, headers: &[(String, String)], body: &Value) -> Reply {
        let text = match body {
            Value::Null => Vec::new(),
            Value::String(text) => text.clone().into_bytes(),
            other => other.to_string().into_bytes(),
        };
        let mut request = Request::builder().method(Method::from_bytes(method.as_bytes()).expect("a method")).uri(path);
        if !headers.iter().any(|(name, _)| name == "Content-Type") && !text.is_empty() {
            request = request.header("Content-Type", "application/json");
        }
        if who == "token" {
            request = request.header("Authorization", format!("Bearer {}", self.token));
        }
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let client = match who {
            "admin" => &self.cluster.client,
            _ => self.cluster.anonymous.as_ref().expect("the simulator lets anybody ask"),
        };
        let reply = client.send(request.body(Body::from(text)).expect("a request")).await.expect("an answer");
        let code = u64::from(reply.status().as_u16());
        let warnings = reply.headers().get_all("Warning").iter();
        let warnings = warnings.map(|value| value.to_str().expect("text").to_owned()).collect();
        let body = tokio::time::timeout(PATIENCE, reply.into_body().collect()).await.expect("an end");
        let bytes = body.expect("a whole body").to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or_else(|_| events(&String::from_utf8_lossy(&bytes)));
        Reply { code, warnings, body }
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let reply = self.send("admin", "POST", path, &[], &body).await;
        assert_eq!(reply.code, 201, "{path}: {}", reply.body);
        reply.body
    }

    async fn delete(&self, path: &str) {
        let reply = self.send("admin", "DELETE", path, &[], &Value::Null).await;
        assert_eq!(reply.code, 200, "{path}: {}", reply.body);
    }

    /// Waits until the store holds an object that is as wanted, or none.
    async fn until(&self, plural: &str, name: &str, wanted: impl Fn(Option<&Value>) -> bool) {
        let store = &self.cluster.simulator.as_ref().expect("the simulator").plane().store;
        let key = Key::new(plural, "errs", name);
        let done = tokio::time::timeout(PATIENCE, store.wait_until(|| wanted(store.get(&key).as_deref()))).await;
        assert!(done.is_ok(), "{plural} {name} does not become what it should");
    }

    /// What was done before a case of this name, besides the cases before it.
    async fn between(&mut self, name: &str) {
        match name {
            "sa-create-no-kind-400" => {
                self.post(&format!("{CORE}/serviceaccounts"), json!({"metadata": {"generateName": "gen-"}})).await;
            }
            "sa-patch-404" => {
                let merge = [("Content-Type".to_owned(), "application/merge-patch+json".to_owned())];
                let patch = json!({"metadata": {"labels": {"a": "b"}}});
                let reply = self.send("admin", "PATCH", &format!("{CORE}/serviceaccounts/bot"), &merge, &patch).await;
                assert_eq!(reply.code, 200, "{}", reply.body);
            }
            "token-bound-secret-201" => {
                self.post(&format!("{CORE}/secrets"), json!({"metadata": {"name": "sec"}})).await;
            }
            "token-bound-pod-201" => {
                let spec = json!({"serviceAccountName": "bot", "terminationGracePeriodSeconds": 0,
                    "containers": [{"name": "c", "image": "my-kubernetes-dashboard"}]});
                self.post(&format!("{CORE}/pods"), json!({"metadata": {"name": "p"}, "spec": spec})).await;
            }
            "secret-sa-token-missing-sa-after" => {
                self.post(&format!("{CORE}/secrets"), token_secret("orph", "nobody")).await;
                self.until("secrets", "orph", |secret| secret.is_none()).await;
            }
            "secret-sa-token-after" => {
                self.post(&format!("{CORE}/secrets"), token_secret("legacy", "bot")).await;
                let filled = |secret: Option<&Value>| secret.is_some_and(|secret| secret["data"]["token"].is_string());
                self.until("secrets", "legacy", filled).await;
            }
            // The difference shows the node, so the pod must have come to it.
            "pod-change-automount-422" => {
                self.until("pods", "p", |pod| pod.is_some_and(|pod| pod["spec"]["nodeName"].is_string())).await;
            }
            "as-sa-list-pods-403" => {
                let asked = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}});
                let reply = self.post(&format!("{CORE}/serviceaccounts/bot/token"), asked).await;
                self.token = reply["status"]["token"].as_str().expect("a token").to_owned();
            }
            "bearer-garbage" => self.token = "garbage".to_owned(),
            "bearer-not-a-token" => self.token = "not-a-token".to_owned(),
            "bearer-three-dots" => self.token = "a.b.c".to_owned(),
            "secret-legacy-gone" => {
                self.delete(&format!("{CORE}/serviceaccounts/bot")).await;
                self.until("secrets", "legacy", |secret| secret.is_none()).await;
            }
            "sa-default-recreated" => self.made_again("serviceaccounts", "default").await,
            "cm-root-ca-recreated" => self.made_again("configmaps", "kube-root-ca.crt").await,
            "sa-create-terminating-403" => {
                self.post("/api/v1/namespaces", json!({"metadata": {"name": "dying"}})).await;
                let held = json!({"metadata": {"name": "held", "finalizers": ["example.com/hold"]}});
                self.post("/api/v1/namespaces/dying/configmaps", held).await;
                self.delete("/api/v1/namespaces/dying").await;
            }
            _ => {}
        }
    }

    async fn made_again(&self, plural: &str, name: &str) {
        let path = format!("{CORE}/{plural}/{name}");
        let old = self.send("admin", "GET", &path, &[], &Value::Null).await.body;
        self.delete(&path).await;
        let new =
            |object: Option<&Value>| object.is_some_and(|object| object["metadata"]["uid"] != old["metadata"]["uid"]);
        self.until(plural, name, new).await;
    }

    /// A recorded body that speaks of this cluster's objects.
    fn translated(&self, body: &Value) -> Value {
        match body {
            Value::String(text) => self.known.get(text).map_or_else(|| body.clone(), |here| json!(here)),
            Value::Array(items) => items.iter().map(|item| self.translated(item)).collect(),
            Value::Object(fields) => {
                fields.iter().map(|(field, value)| (field.clone(), self.translated(value))).collect()
            }
            other => other.clone(),
        }
    }

    fn learn(&mut self, recorded: &Value, here: &Value) {
        for field in ["uid", "resourceVersion", "creationTimestamp"] {
            let text = |object: &Value| object["metadata"][field].as_str().map(str::to_owned);
            if let (Some(recorded), Some(here)) = (text(recorded), text(here)) {
                self.known.insert(recorded, here);
            }
        }
    }
}

/// The events of a watch, or the text as it is.
fn events(text: &str) -> Value {
    let events: Result<Vec<Value>, _> = text.lines().map(serde_json::from_str).collect();
    events.map_or_else(|_| json!(text), Value::from)
}

fn token_secret(name: &str, account: &str) -> Value {
    json!({"metadata": {"name": name, "annotations": {"kubernetes.io/service-account.name": account}},
        "type": "kubernetes.io/service-account-token"})
}

/// Replaces what differs from cluster to cluster.
struct Alike(Vec<(Regex, &'static str)>);

impl Alike {
    fn new() -> Self {
        let rules = [
            (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UID"),
            (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME"),
            (r"eyJ[\w-]+\.[\w-]+\.[\w-]+", "TOKEN"),
            (r"kube-api-access-\w{5}", "kube-api-access-XXXXX"),
            (r"gen-\w{5}", "gen-XXXXX"),
            (r"(?s)-----BEGIN CERTIFICATE-----.*-----END CERTIFICATE-----\n", "CERTIFICATE"),
            (r"LS0tLS1[\w+/=]+", "CERTIFICATE"),
            (r"ZXlK[\w+/=]+", "TOKEN"),
        ];
        Self(rules.into_iter().map(|(rule, word)| (Regex::new(rule).expect("a rule"), word)).collect())
    }

    fn text(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (rule, word)| rule.replace_all(&text, *word).into_owned())
    }

    fn value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => json!(self.text(text)),
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            Value::Object(fields) => fields
                .iter()
                .map(|(field, value)| match field.as_str() {
                    "resourceVersion" => (field.clone(), json!("VERSION")),
                    "manager" if !value.as_str().is_some_and(|name| name.starts_with("kube-")) => {
                        (field.clone(), json!("CLIENT"))
                    }
                    _ => (field.clone(), self.value(value)),
                })
                .collect(),
            other => other.clone(),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_are_those_of_a_real_api_server() {
    let bench = Workbench::new(Clock::system(), Ids::seeded(7));
    let cluster = Cluster::simulated(&bench, Release::minor(36)).expect("a cluster");
    cluster.ready().await;
    let mut bench = Bench { cluster, token: String::new(), known: BTreeMap::new() };
    bench.post("/api/v1/namespaces", json!({"metadata": {"name": "errs"}})).await;
    for (plural, name) in [("serviceaccounts", "default"), ("configmaps", "kube-root-ca.crt")] {
        bench.until(plural, name, |object| object.is_some()).await;
    }
    let alike = Alike::new();
    let cases: Vec<Value> = serde_json::from_str(CASES).expect("cases");
    let mut faults = Vec::new();
    let mut different: BTreeSet<&str> = DIFFERENT.iter().map(|(name, _)| *name).collect();
    for case in &cases {
        let text = |pointer: &str| case.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let name = text("/name");
        bench.between(&name).await;
        let headers: Vec<(String, String)> =
            serde_json::from_value::<BTreeMap<_, _>>(case["request"]["headers"].clone())
                .expect("headers")
                .into_iter()
                .collect();
        let body = bench.translated(&case["request"]["body"]);
        let reply =
            bench.send(&text("/request/as"), &text("/request/method"), &text("/request/path"), &headers, &body).await;
        let recorded = case["body"].as_str().map_or_else(|| case["body"].clone(), events);
        bench.learn(&recorded, &reply.body);
        let warning = case.pointer("/headers/Warning").and_then(Value::as_str).map(str::to_owned);
        let wanted = (case["code"].as_u64(), Vec::from_iter(warning), alike.value(&recorded).to_string());
        let got = (Some(reply.code), reply.warnings, alike.value(&reply.body).to_string());
        match (wanted == got, different.remove(name.as_str())) {
            (true, true) => faults.push(format!("{name}: passes now, take it off the list")),
            (false, false) => faults.push(format!("{name}\n  real: {wanted:?}\n  here: {got:?}")),
            _ => {}
        }
    }
    faults.extend(different.iter().map(|name| format!("{name}: no such case")));
    assert!(faults.is_empty(), "{} of {} cases:\n{}", faults.len(), cases.len(), faults.join("\n"));
}
