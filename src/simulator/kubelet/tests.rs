//! The kubelet and the controllers at work on a whole cluster.

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use kube::api::{AttachParams, LogParams};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

use crate::apimachinery::Release;
use crate::base::{Clock, Ids};
use crate::simulator::controller::api::{Api, EVENTS, Key, PODS};
use crate::simulator::serviceaccount::Issuer;
use crate::simulator::{Options, Simulator};

async fn cluster() -> Simulator {
    let clock = Clock::still("2026-11-23T19:28:35Z".parse().expect("a time"));
    let issuer = Arc::new(Issuer::default());
    let options = Options { release: Release::DEFAULT, clock, ids: Ids::seeded(1), issuer };
    let cluster = Simulator::start(options).expect("started");
    tokio::time::timeout(Duration::from_secs(10), cluster.ready()).await.expect("ready");
    cluster
}

/// Waits until a pod is as wanted.
async fn pod_where(api: &Api, name: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let key = Key::new(PODS, "default", name);
    let mut last = Value::Null;
    for _ in 0..500 {
        last = api.get(&key).await.expect("an answer").unwrap_or_default();
        if wanted(&last) {
            return last;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let events = api.list(EVENTS, "default", "").await;
    panic!("{name} never came to be so: {last:#} {events:#?}");
}

fn pod(name: &str, image: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name},
        "spec": {"containers": [{"name": "c", "image": image}]}})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pod_lives_and_dies() {
    let cluster = cluster().await;
    let api = Api::new(cluster.admin());
    api.create(PODS, "default", &pod("dash", "my-kubernetes-dashboard")).await.expect("created");
    let running = pod_where(&api, "dash", |pod| pod["status"]["phase"] == "Running").await;
    let kinds: Vec<&str> = running["status"]["conditions"]
        .as_array()
        .expect("conditions")
        .iter()
        .filter_map(|condition| condition["type"].as_str())
        .collect();
    assert_eq!(kinds, ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"]);

    let pods: kube::Api<Pod> = kube::Api::namespaced(cluster.admin(), "default");
    for (command, want) in [
        (vec!["ls", "/var/run/secrets/kubernetes.io/serviceaccount"], "ca.crt\nnamespace\ntoken\n"),
        (vec!["sh", "-c", "cd /var/run/secrets/kubernetes.io/serviceaccount && cat namespace | wc -c"], "7\n"),
        (vec!["sh", "-c", "for i in a 'b c'; do echo \"<$i>\"; done; false || echo $?"], "<a>\n<b c>\n1\n"),
    ] {
        let mut process = pods.exec("dash", command, &AttachParams::default()).await.expect("attached");
        let mut text = String::new();
        process.stdout().expect("stdout").read_to_string(&mut text).await.expect("text");
        assert_eq!(text, want);
    }
    let log = pods.logs("dash", &LogParams::default()).await.expect("a log");
    assert!(log.contains("GET /api/v1/namespaces/default/pods 403: pods is forbidden"), "{log}");

    let events = api.list(EVENTS, "default", "").await.expect("events");
    let mut reasons: Vec<&str> = events.iter().filter_map(|event| event["reason"].as_str()).collect();
    reasons.sort_unstable();
    assert_eq!(reasons, ["Created", "Pulled", "Pulling", "Scheduled", "Started"]);

    api.delete(&Key::new(PODS, "default", "dash"), "", None).await.expect("deleted");
    pod_where(&api, "dash", Value::is_null).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_pulled_or_mounted_waits() {
    let cluster = cluster().await;
    let api = Api::new(cluster.admin());
    api.create(PODS, "default", &pod("absent", "nosuch-image")).await.expect("created");
    pod_where(&api, "absent", |pod| {
        // The first failure turns into waiting for the next try at once.
        let reason = &pod["status"]["containerStatuses"][0]["state"]["waiting"]["reason"];
        reason == "ErrImagePull" || reason == "ImagePullBackOff"
    })
    .await;
    let mut lacking = pod("lacking", "busybox");
    lacking["spec"]["volumes"] = json!([{"name": "v", "secret": {"secretName": "s"}}]);
    api.create(PODS, "default", &lacking).await.expect("created");
    let waits =
        |pod: &Value| pod["status"]["containerStatuses"][0]["state"]["waiting"]["reason"] == "ContainerCreating";
    pod_where(&api, "lacking", waits).await;
}
