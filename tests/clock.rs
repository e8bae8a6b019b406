//! The simulated clock: who may move it, and what follows it.

use std::time::Duration;

use http::Request;
use http_body_util::BodyExt as _;
use kube::client::Body;
use sa_tutor::apimachinery::Release;
use sa_tutor::base::{Clock, Ids};
use sa_tutor::cluster::{Cluster, Workbench};
use sa_tutor::shell::{Screen, Shell};
use serde_json::{Value, json};

/// How long anything may take.
const LIMIT: Duration = Duration::from_secs(60);
const NAMESPACE: &str = "/api/v1/namespaces/default";

async fn simulated(minor: u8) -> Cluster {
    let bench = Workbench::new(Clock::system(), Ids::seeded(1));
    let cluster = Cluster::simulated(&bench, Release::minor(minor)).expect("started");
    tokio::time::timeout(LIMIT, cluster.ready()).await.expect("ready");
    cluster
}

fn request(method: &str, path: &str, body: &str) -> http::request::Builder {
    let _ = body;
    Request::builder().method(method).uri(path).header("content-type", "application/json")
}

async fn send(client: &kube::Client, request: Request<Body>) -> (u16, Value) {
    let answer = client.send(request).await.expect("an answer");
    let code = answer.status().as_u16();
    let bytes = answer.into_body().collect().await.expect("a body").to_bytes();
    (code, serde_json::from_slice(&bytes).unwrap_or_default())
}

async fn call(client: &kube::Client, method: &str, path: &str, body: &str) -> (u16, Value) {
    let request = request(method, path, body).body(Body::from(body.as_bytes().to_vec())).expect("a request");
    send(client, request).await
}

#[tokio::test]
async fn the_administrator_alone_moves_it() {
    for minor in [20, 36, 37] {
        let cluster = simulated(minor).await;
        let admin = &cluster.client;
        let anonymous = cluster.anonymous.as_ref().expect("a simulator lets anybody ask");
        let (code, before) = call(admin, "GET", "/sim/clock", "").await;
        assert_eq!((code, &before["ahead"]), (200, &json!("0s")));
        let (code, after) = call(admin, "POST", "/sim/clock", r#"{"advance":"90m"}"#).await;
        assert_eq!((code, &after["ahead"]), (200, &json!("1h30m0s")));
        assert!(after["now"].as_str() > before["now"].as_str(), "{before} {after}");

        // An account that may do everything is still no administrator by certificate.
        let binding = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "all"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": "default"}]});
        let path = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";
        assert_eq!(call(admin, "POST", path, &binding.to_string()).await.0, 201);
        let spec = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}});
        let (_, token) =
            call(admin, "POST", &format!("{NAMESPACE}/serviceaccounts/default/token"), &spec.to_string()).await;
        let token = token["status"]["token"].as_str().expect("a token").to_owned();
        let bearer = || request("GET", "/sim/clock", "").header("authorization", format!("Bearer {token}"));
        let (code, status) = send(anonymous, bearer().body(Body::empty()).expect("a request")).await;
        assert_eq!((code, &status["reason"]), (403, &json!("Forbidden")));
        let masters = request("POST", "/sim/clock", "")
            .header("impersonate-user", "root")
            .header("impersonate-group", "system:masters");
        let body = Body::from(br#"{"advance":"1h"}"#.to_vec());
        assert_eq!(send(admin, masters.body(body).expect("a request")).await.0, 403);
        let (code, status) = call(anonymous, "POST", "/sim/clock", r#"{"advance":"1h"}"#).await;
        assert_eq!(code, 403);
        assert_eq!(
            status,
            json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
                "message": "forbidden: User \"system:anonymous\" cannot post path \"/sim/clock\": only the administrator's certificate shows and moves the simulated clock",
                "reason": "Forbidden", "details": {}, "code": 403})
        );

        for (body, say) in [
            ("", "it is empty"),
            (r#"{"advance":"-1h"}"#, "cannot be moved back"),
            (r#"{"advance":"1000000h"}"#, "too far"),
            (r#"{"advance":"soon"}"#, "no duration"),
        ] {
            let (code, status) = call(admin, "POST", "/sim/clock", body).await;
            let message = status["message"].as_str().unwrap_or_default();
            assert!(code == 400 && message.contains(say), "{body}: {status}");
        }
        assert_eq!(call(admin, "DELETE", "/sim/clock", "").await.0, 405);
        assert_eq!(call(admin, "GET", "/sim/clock", "").await.1["ahead"], "1h30m0s");
        let (_, paths) = call(admin, "GET", "/", "").await;
        assert!(!paths.to_string().contains("/sim"), "{paths}");
    }
}

struct Kubectl(Shell);

impl Kubectl {
    async fn run(&mut self, line: &str) -> (i32, String) {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let mut screen = Screen { stdout: &mut stdout, stderr: &mut stderr };
        let status = self.0.run(line, &mut screen).await.status;
        (status, String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned())
    }
}

#[tokio::test]
async fn tokens_expire_and_the_kubelet_renews_its_own() {
    let cluster = simulated(36).await;
    let mut kubectl = Kubectl(Shell::new(cluster.kubeconfig()));
    assert_eq!(kubectl.run("kubectl run web --image my-kubernetes-dashboard").await.0, 0);
    let (code, said) = kubectl.run("kubectl wait --for=condition=Ready pod/web --timeout=60s").await;
    assert_eq!(code, 0, "{said}");
    let read = "kubectl exec web -- cat /var/run/secrets/kubernetes.io/serviceaccount/token";
    let (_, mounted) = kubectl.run(read).await;
    let (_, made) = kubectl.run("kubectl create token default --duration 10m").await;
    assert_eq!(kubectl.run(&format!("kubectl --token {} auth whoami", made.trim())).await.0, 0);

    // 48 of 60 minutes: the kubelet's time to ask again, long after the other token's end.
    let (code, _) = call(&cluster.client, "POST", "/sim/clock", r#"{"advance":"49m"}"#).await;
    assert_eq!(code, 200);
    let renewed = tokio::time::timeout(LIMIT, async {
        loop {
            let (_, now) = kubectl.run(read).await;
            if now != mounted && now.starts_with("eyJ") {
                return now;
            }
        }
    });
    renewed.await.expect("a new token in the volume");
    let anonymous = cluster.anonymous.as_ref().expect("a simulator lets anybody ask");
    let bearer = request("GET", "/version", "").header("authorization", format!("Bearer {}", made.trim()));
    assert_eq!(send(anonymous, bearer.body(Body::empty()).expect("a request")).await.0, 401);
    // The old one lives on: its year is not over.
    let bearer = request("GET", "/version", "").header("authorization", format!("Bearer {}", mounted.trim()));
    assert_eq!(send(anonymous, bearer.body(Body::empty()).expect("a request")).await.0, 200);
    let (_, table) = kubectl.run("kubectl get pod web").await;
    assert!(table.contains("49m"), "{table}");
}
