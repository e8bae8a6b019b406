//! What is written of a request, by release: and what never is.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Request;
use http_body_util::BodyExt;
use jiff::{SignedDuration, Timestamp};
use kube::client::Body;
use serde_json::{Value, json};

use crate::apimachinery::Release;
use crate::base::{Clock, Ids};
use crate::simulator::serviceaccount::Issuer;
use crate::simulator::{Options, Simulator};

const NAMESPACE: &str = "/api/v1/namespaces/default";

/// Keeps what is written.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("ours").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

struct Bench {
    simulator: Simulator,
    kept: Kept,
    clock: Clock,
}

impl Bench {
    async fn new(minor: u8) -> Self {
        let clock = Clock::still("2026-11-23T10:00:00Z".parse::<Timestamp>().expect("a time"));
        let options = Options {
            release: Release::minor(minor),
            clock: clock.clone(),
            ids: Ids::seeded(1),
            issuer: Arc::new(Issuer::default()),
        };
        let simulator = Simulator::start(options).expect("started");
        tokio::time::timeout(Duration::from_secs(20), simulator.ready()).await.expect("ready");
        let kept = Kept::default();
        simulator.audit().write_to(Box::new(kept.clone()));
        Self { simulator, kept, clock }
    }

    /// Sends a request under a name of its own, and gives code, body and the events of it.
    async fn send(&self, id: &str, request: Request<Body>) -> (u16, Value, Vec<Value>) {
        let anonymous = request.headers().contains_key("authorization") || request.headers().contains_key("x-nobody");
        let client = if anonymous { self.simulator.anonymous() } else { self.simulator.admin() };
        let (mut parts, body) = request.into_parts();
        parts.headers.insert("audit-id", id.parse().expect("a header"));
        let answer = client.send(Request::from_parts(parts, body)).await.expect("an answer");
        assert_eq!(answer.headers()["audit-id"], id);
        let code = answer.status().as_u16();
        let bytes = answer.into_body().collect().await.expect("a body").to_bytes();
        (code, serde_json::from_slice(&bytes).unwrap_or_default(), self.events(id))
    }

    fn events(&self, id: &str) -> Vec<Value> {
        let text = String::from_utf8(self.kept.0.lock().expect("ours").clone()).expect("text");
        let all = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        all.filter(|event| event["auditID"] == id).collect()
    }

    async fn token(&self, account: &str) -> String {
        let body = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}});
        let path = format!("{NAMESPACE}/serviceaccounts/{account}/token");
        let (_, answer, _) = self.send("token", post(&path, &body)).await;
        answer["status"]["token"].as_str().expect("a token").to_owned()
    }
}

fn post(path: &str, body: &Value) -> Request<Body> {
    let request = Request::post(path).header("content-type", "application/json").header("user-agent", "kubectl/v1.36");
    request.body(Body::from(body.to_string().into_bytes())).expect("a request")
}

fn get(path: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let request = headers.iter().fold(Request::get(path), |request, (name, value)| request.header(*name, *value));
    request.body(Body::empty()).expect("a request")
}

#[tokio::test]
async fn a_request_is_written_as_kubernetes_writes_it() {
    let bench = Bench::new(36).await;
    let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "bot"}});
    let (code, _, events) = bench.send("made", post(&format!("{NAMESPACE}/serviceaccounts?x=1"), &account)).await;
    assert_eq!(code, 201);
    let stages: Vec<&Value> = events.iter().map(|event| &event["stage"]).collect();
    assert_eq!(stages, ["RequestReceived", "ResponseComplete"]);
    let mut last = events[1].clone();
    last["user"].as_object_mut().expect("a user").shift_remove("extra");
    let reason = "RBAC: allowed by ClusterRoleBinding \"kubeadm:cluster-admins\" of ClusterRole \"cluster-admin\" to Group \"kubeadm:cluster-admins\"";
    let want = json!({
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata", "auditID": "made",
        "stage": "ResponseComplete", "requestURI": "/api/v1/namespaces/default/serviceaccounts?x=1", "verb": "create",
        "user": {"username": "kubernetes-admin", "groups": ["kubeadm:cluster-admins", "system:authenticated"]},
        "sourceIPs": ["10.88.0.2"], "userAgent": "kubectl/v1.36",
        "objectRef": {"resource": "serviceaccounts", "namespace": "default", "name": "bot", "apiVersion": "v1"},
        "responseStatus": {"metadata": {}, "code": 201},
        "requestReceivedTimestamp": "2026-11-23T10:00:00.000000Z", "stageTimestamp": "2026-11-23T10:00:00.000000Z",
        "annotations": {"authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": reason},
    });
    assert_eq!(last.to_string(), want.to_string());

    // The body names what is refused, too.
    let (code, _, events) = bench.send("again", post(&format!("{NAMESPACE}/serviceaccounts"), &account)).await;
    assert_eq!((code, &events[1]["objectRef"]["name"]), (409, &json!("bot")));
    assert_eq!(events[1]["responseStatus"]["reason"], "AlreadyExists");
}

#[tokio::test]
async fn who_acts_as_somebody_else_and_who_is_nobody() {
    let bench = Bench::new(36).await;
    let jane = get(&format!("{NAMESPACE}/pods"), &[("impersonate-user", "jane"), ("x-forwarded-for", "10.1.2.3")]);
    let (code, _, events) = bench.send("jane", jane).await;
    let event = &events[1];
    assert_eq!(code, 403);
    assert_eq!(event["user"]["username"], "kubernetes-admin");
    assert_eq!(event["impersonatedUser"], json!({"username": "jane", "groups": ["system:authenticated"]}));
    assert_eq!(event["authenticationMetadata"], json!({"impersonationConstraint": "impersonate:user-info"}));
    assert_eq!(event["sourceIPs"], json!(["10.1.2.3", "10.88.0.2"]));
    assert_eq!(
        event["annotations"],
        json!({"authorization.k8s.io/decision": "forbid", "authorization.k8s.io/reason": ""})
    );
    assert_eq!(
        event["responseStatus"]["message"].as_str().map(|text| text.contains("cannot list resource")),
        Some(true)
    );

    let (code, _, events) = bench.send("forged", get("/version", &[("authorization", "Bearer not.a.token")])).await;
    assert_eq!((code, events.len()), (401, 1));
    assert_eq!((&events[0]["stage"], &events[0]["user"]), (&json!("ResponseStarted"), &json!({})));
    let status = json!({"metadata": {}, "message": "Authentication failed, attempted: bearer", "code": 401});
    assert_eq!(events[0]["responseStatus"], status);

    let (code, _, events) = bench.send("nobody", get("/version", &[("x-nobody", "")])).await;
    assert_eq!((code, &events[1]["user"]["username"]), (200, &json!("system:anonymous")));
}

#[tokio::test]
async fn a_failure_is_written_with_its_message_from_1_24_on() {
    for (minor, message) in [(23, false), (24, true)] {
        let bench = Bench::new(minor).await;
        let (_, _, events) = bench.send("gone", get(&format!("{NAMESPACE}/pods/gone"), &[])).await;
        let status = &events[1]["responseStatus"];
        assert_eq!((&status["status"], &status["reason"]), (&json!("Failure"), &json!("NotFound")), "1.{minor}");
        assert_eq!(status.get("message").is_some(), message, "1.{minor}");
    }
}

#[tokio::test]
async fn tokens_leave_their_id_and_never_themselves() {
    for (minor, issued) in [(29, false), (30, true), (36, true)] {
        let bench = Bench::new(minor).await;
        let token = bench.token("default").await;
        let annotations = bench.events("token")[1]["annotations"].clone();
        let id = annotations["authentication.kubernetes.io/issued-credential-id"].clone();
        assert_eq!(id.as_str().is_some_and(|id| id.starts_with("JTI=")), issued, "1.{minor}: {id}");
        let used = get(&format!("/version?who={token}"), &[("authorization", &format!("Bearer {token}"))]);
        let (code, _, events) = bench.send("used", used).await;
        assert_eq!(code, 200, "1.{minor}");
        assert_eq!(events[1]["requestURI"], "/version?who=[token]");
        if issued {
            assert_eq!(events[1]["user"]["extra"]["authentication.kubernetes.io/credential-id"], json!([id]));
        }
        let text = String::from_utf8(bench.kept.0.lock().expect("ours").clone()).expect("text");
        let signature = token.rsplit('.').next().expect("a signature");
        assert!(!text.contains(signature) && !text.contains("Bearer"), "1.{minor}");
    }
}

#[tokio::test]
async fn an_old_token_leaves_a_trace() {
    let bench = Bench::new(36).await;
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {"containers": [{"name": "c", "image": "x"}]}});
    let (_, pod, _) = bench.send("pod", post(&format!("{NAMESPACE}/pods"), &pod)).await;
    let uid = &pod["metadata"]["uid"];
    let spec = json!({"expirationSeconds": 3607, "boundObjectRef": {"kind": "Pod", "apiVersion": "v1", "name": "web", "uid": uid}});
    let body = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec});
    let (_, answer, _) = bench.send("bound", post(&format!("{NAMESPACE}/serviceaccounts/default/token"), &body)).await;
    let token = format!("Bearer {}", answer["status"]["token"].as_str().expect("a token"));
    for (id, ahead, stale) in [("fresh", 0, false), ("stale", 3607 + 60, true)] {
        bench.clock.advance(SignedDuration::from_secs(ahead));
        let (code, _, events) = bench.send(id, get("/version", &[("authorization", &token)])).await;
        let want = "subject: system:serviceaccount:default:default, seconds after warning threshold: 60";
        let noted = events[1]["annotations"].get("authentication.k8s.io/stale-token").and_then(Value::as_str);
        assert_eq!((code, noted), (200, stale.then_some(want)), "{id}");
    }
}

#[tokio::test]
async fn a_secret_token_is_told_apart_by_release() {
    for (minor, named) in [(23, None), (28, None), (36, Some("authentication.k8s.io/legacy-token-manual-secret"))] {
        let bench = Bench::new(minor).await;
        let secret = json!({"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token",
            "metadata": {"name": "by-hand", "annotations": {"kubernetes.io/service-account.name": "default"}}});
        bench.send("secret", post(&format!("{NAMESPACE}/secrets"), &secret)).await;
        let key = crate::simulator::storage::Key::new("secrets", "default", "by-hand");
        let store = &bench.simulator.plane().store;
        let filled = || store.get(&key).is_some_and(|secret| secret.pointer("/data/token").is_some());
        tokio::time::timeout(Duration::from_secs(20), store.wait_until(filled)).await.expect("filled");
        let token = store.get(&key).expect("there")["data"]["token"].as_str().map(str::to_owned).expect("a token");
        let token = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, token).expect("base64");
        let bearer = format!("Bearer {}", String::from_utf8(token).expect("text"));
        let (code, _, events) = bench.send("used", get("/version", &[("authorization", &bearer)])).await;
        assert_eq!(code, 200);
        let annotations = &events[1]["annotations"];
        assert_eq!(annotations["authentication.k8s.io/legacy-token"], "system:serviceaccount:default:default");
        let keys = annotations.as_object().expect("annotations").keys();
        let secrets: Vec<&String> = keys.filter(|key| key.ends_with("-secret")).collect();
        assert_eq!(secrets.first().map(|key| key.as_str()), named, "1.{minor}");
    }
}

#[tokio::test]
async fn a_watch_begins_and_ends() {
    let bench = Bench::new(36).await;
    let path = format!("{NAMESPACE}/pods?watch=true&timeoutSeconds=60");
    let request = Request::get(path).header("audit-id", "watch").body(Body::empty()).expect("a request");
    let answer = bench.simulator.admin().send(request).await.expect("an answer");
    let stages = || bench.events("watch").iter().map(|event| event["stage"].clone()).collect::<Vec<_>>();
    assert_eq!(stages(), ["RequestReceived", "ResponseStarted"]);
    bench.clock.advance(SignedDuration::from_secs(61));
    answer.into_body().collect().await.expect("the end");
    assert_eq!(stages(), ["RequestReceived", "ResponseStarted", "ResponseComplete"]);
}
