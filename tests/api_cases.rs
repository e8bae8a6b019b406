//! Asks the simulator what a real API server of 1.36 was asked, and compares the answers; and what upstream's sources
//! answer, in a table.
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

/// What upstream's sources say of these: method, path below the namespace, body, code and message. A body that is a
/// text is sent as it is. The content type of a patch stands before its path.
fn sources() -> Vec<(&'static str, &'static str, Value, u64, &'static str)> {
    let account = |metadata: Value| json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata});
    let token = |spec: Value| json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec});
    let bound = |reference: Value| token(json!({"boundObjectRef": reference}));
    let pod = |spec: Value| json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": spec});
    let container = |more: Value| {
        let mut container = json!({"name": "c", "image": "i"});
        container.as_object_mut().expect("a map").extend(more.as_object().expect("a map").clone());
        pod(json!({"containers": [container]}))
    };
    let projected = |sources: Value| {
        pod(
            json!({"containers": [{"name": "c", "image": "i"}], "volumes": [{"name": "t", "projected": {"sources": sources}}]}),
        )
    };
    vec![
        // Another kind, another version, no body, no JSON.
        (
            "POST",
            "serviceaccounts",
            json!({"apiVersion": "v1", "kind": "Pod"}),
            400,
            "Pod in version \"v1\" cannot be handled as a ServiceAccount: converting (v1.Pod) to (core.ServiceAccount): unknown conversion",
        ),
        (
            "POST",
            "serviceaccounts",
            json!({"apiVersion": "v2", "kind": "ServiceAccount"}),
            400,
            "ServiceAccount in version \"v2\" cannot be handled as a ServiceAccount: no kind \"ServiceAccount\" is registered for version \"v2\" in scheme \"pkg/api/legacyscheme/scheme.go:30\"",
        ),
        (
            "POST",
            "serviceaccounts",
            json!("[]"),
            400,
            "the object provided is unrecognized (must be of type ServiceAccount): couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type struct { APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" } (5b5d)",
        ),
        (
            "POST",
            "serviceaccounts/acc/token",
            json!(null),
            400,
            "the object provided is unrecognized (must be of type TokenRequest): couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)",
        ),
        (
            "POST",
            "serviceaccounts/acc/token",
            json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview"}),
            400,
            "TokenReview in version \"v1\" cannot be handled as a TokenRequest: converting (v1.TokenReview) to (authentication.TokenRequest): unknown conversion",
        ),
        // Options.
        (
            "POST",
            "serviceaccounts/acc/token?dryRun=",
            token(json!({})),
            422,
            "CreateOptions.meta.k8s.io \"\" is invalid: dryRun: Unsupported value: [\"\"]: supported values: \"All\"",
        ),
        (
            "POST",
            "serviceaccounts/acc/token?fieldValidation=Strict",
            token(json!({"foo": 1})),
            400,
            "TokenRequest in version \"v1\" cannot be handled as a TokenRequest: strict decoding error: unknown field \"spec.foo\"",
        ),
        (
            "DELETE",
            "serviceaccounts/acc",
            json!({"dryRun": "All"}),
            400,
            "json: cannot unmarshal string into Go struct field DeleteOptions.dryRun of type []string",
        ),
        // Tokens.
        (
            "POST",
            "serviceaccounts/acc/token",
            token(json!({"audiences": "a"})),
            400,
            "TokenRequest in version \"v1\" cannot be handled as a TokenRequest: json: cannot unmarshal string into Go struct field TokenRequestSpec.spec.audiences of type []string",
        ),
        (
            "POST",
            "serviceaccounts/acc/token",
            token(json!({"expirationSeconds": 600.5})),
            400,
            "TokenRequest in version \"v1\" cannot be handled as a TokenRequest: json: cannot unmarshal number 600.5 into Go struct field TokenRequestSpec.spec.expirationSeconds of type int64",
        ),
        (
            "POST",
            "serviceaccounts/acc/token",
            bound(json!({"kind": "Secret", "apiVersion": "v1", "name": "a/b"})),
            400,
            "Name parameter invalid: \"a/b\": may not contain '/'",
        ),
        ("POST", "serviceaccounts/acc/token", bound(json!({})), 400, "cannot bind token to object of type /, Kind="),
        // Metadata.
        (
            "POST",
            "serviceaccounts",
            account(json!({"name": "a", "labels": {"k": "a".repeat(64)}})),
            422,
            "ServiceAccount \"a\" is invalid: metadata.labels: Invalid value: \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\": must be no more than 63 bytes",
        ),
        (
            "POST",
            "serviceaccounts",
            account(json!({"name": "a", "annotations": {"k": "x".repeat(262_144)}})),
            422,
            "ServiceAccount \"a\" is invalid: metadata.annotations: Too long: may not be more than 262144 bytes",
        ),
        (
            "POST",
            "serviceaccounts",
            account(json!({"name": "a", "ownerReferences": [{}]})),
            422,
            "ServiceAccount \"a\" is invalid: [metadata.ownerReferences.apiVersion: Invalid value: \"\": version must not be empty, metadata.ownerReferences.kind: Invalid value: \"\": must not be empty, metadata.ownerReferences.name: Invalid value: \"\": must not be empty, metadata.ownerReferences.uid: Invalid value: \"\": must not be empty]",
        ),
        (
            "POST",
            "serviceaccounts",
            account(json!({"name": "a", "resourceVersion": "5"})),
            500,
            "resourceVersion should not be set on objects to be created",
        ),
        (
            "POST",
            "serviceaccounts",
            account(json!({"name": "a", "creationTimestamp": "yesterday"})),
            400,
            "ServiceAccount in version \"v1\" cannot be handled as a ServiceAccount: parsing time \"yesterday\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"yesterday\" as \"2006\"",
        ),
        (
            "PUT",
            "serviceaccounts/acc",
            account(json!({"name": "acc", "resourceVersion": "abc"})),
            500,
            "strconv.ParseUint: parsing \"abc\": invalid syntax",
        ),
        (
            "PUT",
            "serviceaccounts/acc",
            account(json!({"name": "acc", "deletionTimestamp": "2020-01-01T00:00:00Z"})),
            422,
            "ServiceAccount \"acc\" is invalid: metadata.deletionTimestamp: Invalid value: 2020-01-01 00:00:00 +0000 UTC: field is immutable",
        ),
        // Patches.
        ("PATCH", "application/json serviceaccounts/acc", json!({}), 415, "415: Unsupported Media Type"),
        (
            "PATCH",
            "application/json-patch+json serviceaccounts/acc",
            json!({}),
            400,
            "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp",
        ),
        (
            "PATCH",
            "application/merge-patch+json serviceaccounts/acc",
            json!([]),
            400,
            "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}",
        ),
        (
            "PATCH",
            "application/strategic-merge-patch+json serviceaccounts/acc",
            json!("{not"),
            400,
            "invalid character 'n' looking for beginning of object key string",
        ),
        (
            "PATCH",
            "application/strategic-merge-patch+json serviceaccounts/acc",
            json!({"automountServiceAccountToken": "no"}),
            422,
            " \"\" is invalid: patch: Invalid value: \"map[automountServiceAccountToken:no]\": unrecognized type: bool",
        ),
        (
            "PATCH",
            "application/strategic-merge-patch+json serviceaccounts/acc",
            json!({"secrets": {"name": "s"}}),
            422,
            " \"\" is invalid: patch: Invalid value: \"map[secrets:map[name:s]]\": cannot restore slice from map",
        ),
        (
            "PATCH",
            "application/strategic-merge-patch+json serviceaccounts/acc?fieldValidation=Strict",
            json!({"foo": 1}),
            422,
            " \"\" is invalid: patch: Invalid value: \"map[foo:1]\": strict decoding error: unknown field \"foo\"",
        ),
        (
            "PATCH",
            "application/strategic-merge-patch+json serviceaccounts/acc",
            json!({"secrets": [{"namespace": "s"}]}),
            500,
            "map: map[namespace:s] does not contain declared merge key: name",
        ),
        (
            "PATCH",
            "application/merge-patch+json serviceaccounts/nobody",
            json!("{not"),
            404,
            "serviceaccounts \"nobody\" not found",
        ),
        // Secrets and config maps.
        (
            "POST",
            "secrets",
            json!({"metadata": {"name": "s"}, "data": {"a": "a-b"}}),
            400,
            "Secret in version \"v1\" cannot be handled as a Secret: illegal base64 data at input byte 1",
        ),
        (
            "POST",
            "secrets",
            json!({"metadata": {"name": "s"}, "type": "kubernetes.io/dockercfg", "stringData": {".dockercfg": "x"}}),
            422,
            "Secret \"s\" is invalid: data[.dockercfg]: Invalid value: \"<secret contents redacted>\": invalid character 'x' looking for beginning of value",
        ),
        (
            "POST",
            "secrets",
            json!({"metadata": {"name": "s"}, "type": "kubernetes.io/ssh-auth", "data": {"ssh-privatekey": ""}}),
            422,
            "Secret \"s\" is invalid: data[ssh-privatekey]: Required value",
        ),
        (
            "POST",
            "configmaps",
            json!({"metadata": {"name": "m"}, "data": {"a": "b"}, "binaryData": {"a": "YQ=="}}),
            422,
            "ConfigMap \"m\" is invalid: [data[a]: Invalid value: \"a\": duplicate of key present in binaryData, binaryData[a]: Invalid value: \"a\": duplicate of key present in data]",
        ),
        // Pods.
        (
            "POST",
            "pods",
            projected(json!([{"serviceAccountToken": {"expirationSeconds": -1}}])),
            422,
            "Pod \"x\" is invalid: [spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: -1: may not specify a duration less than 10 minutes, spec.volumes[0].projected.path: Required value]",
        ),
        (
            "POST",
            "pods",
            projected(json!([{"serviceAccountToken": {"path": "../t"}}])),
            422,
            "Pod \"x\" is invalid: spec.volumes[0].projected.path: Invalid value: \"../t\": must not contain '..'",
        ),
        (
            "POST",
            "pods",
            projected(json!([{"serviceAccountToken": {"path": "t"}, "secret": {"name": "s"}}])),
            422,
            "Pod \"x\" is invalid: spec.volumes[0].projected.sources[0]: Forbidden: may not specify more than 1 volume type",
        ),
        (
            "POST",
            "pods",
            projected(json!([{"downwardAPI": {"items": [{"path": "n", "fieldRef": {"fieldPath": "metadata.foo"}}]}}])),
            422,
            "Pod \"x\" is invalid: spec.volumes[0].projected.sources[0].downwardAPI.fieldRef.fieldPath: Invalid value: \"metadata.foo\": error converting fieldPath: field label not supported: metadata.foo",
        ),
        (
            "POST",
            "pods",
            container(json!({"volumeMounts": [{}]})),
            422,
            "Pod \"x\" is invalid: [spec.containers[0].volumeMounts[0].name: Required value, spec.containers[0].volumeMounts[0].name: Not found: \"\", spec.containers[0].volumeMounts[0].mountPath: Required value]",
        ),
        (
            "POST",
            "pods",
            container(json!({"env": [{"name": "a=b"}]})),
            422,
            "Pod \"x\" is invalid: spec.containers[0].env[0].name: Invalid value: \"a=b\": a valid environment variable name must consist only of printable ASCII characters other than '='",
        ),
        (
            "POST",
            "pods",
            container(json!({"name": "a.b"})),
            422,
            "Pod \"x\" is invalid: spec.containers[0].name: Invalid value: \"a.b\": must not contain dots",
        ),
        // Reviews.
        (
            "POST",
            "/apis/authentication.k8s.io/v1/tokenreviews",
            json!({"spec": {"token": 5}}),
            400,
            "TokenReview in version \"v1\" cannot be handled as a TokenReview: json: cannot unmarshal number into Go struct field TokenReviewSpec.spec.token of type string",
        ),
        (
            "POST",
            "/apis/authentication.k8s.io/v1/tokenreviews",
            json!({"apiVersion": "authentication.k8s.io/v1beta1", "kind": "TokenReview"}),
            400,
            "the API version in the data (authentication.k8s.io/v1beta1) does not match the expected API version (authentication.k8s.io/v1)",
        ),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_are_those_of_upstreams_sources() {
    let bench = Workbench::new(Clock::system(), Ids::seeded(7));
    let cluster = Cluster::simulated(&bench, Release::minor(36)).expect("a cluster");
    cluster.ready().await;
    let bench = Bench { cluster, token: String::new(), known: BTreeMap::new() };
    bench.post("/api/v1/namespaces", json!({"metadata": {"name": "errs"}})).await;
    bench.until("serviceaccounts", "default", |account| account.is_some()).await;
    let account = json!({"metadata": {"name": "acc"}, "secrets": [{"name": "known"}]});
    bench.post(&format!("{CORE}/serviceaccounts"), account).await;
    let mut faults = Vec::new();
    for (method, path, body, code, message) in sources() {
        let (content_type, below) = path.split_once(' ').unwrap_or(("application/json", path));
        let path = if below.starts_with('/') { below.to_owned() } else { format!("{CORE}/{below}") };
        let headers = [("Content-Type".to_owned(), content_type.to_owned())];
        let reply = bench.send("admin", method, &path, &headers, &body).await;
        let said = reply.body["message"].as_str().unwrap_or_default();
        if (reply.code, said) != (code, message) {
            faults
                .push(format!("{method} {path} {body:.200}\n  wanted: {code} {message}\n  got: {} {said}", reply.code));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
