//! The kubelet and the controllers at work on a whole cluster.

use std::sync::Arc;
use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use k8s_openapi::api::core::v1::Pod;
use kube::api::{AttachParams, LogParams, WatchEvent, WatchParams};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::apimachinery::{Release, meta};
use crate::base::{Clock, Ids, Order as _};
use crate::simulator::controller::api::{Api, CONFIGMAPS, EVENTS, Key, PODS};
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
        (
            vec!["sh", "-c", "i=0; while [ $i -lt 3 ]; do i=$((i+1)); echo $((i * 2))$(( $i > 2 )); done"],
            "20\n40\n61\n",
        ),
        (vec!["sh", "-c", "echo a; echo $((1/0)); echo no"], "a\n"),
        (vec!["sh", "-c", "echo b; echo $((1 +)); echo no"], "b\n"),
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
    reasons.order();
    assert_eq!(reasons, ["Created", "Pulled", "Pulling", "Scheduled", "Started"]);

    api.delete(&Key::new(PODS, "default", "dash"), "", None).await.expect("deleted");
    pod_where(&api, "dash", Value::is_null).await;
}

/// What a watcher sees of one pod: each state once, as `kubectl get pods -w` shows it.
async fn states_seen(api: &Api, cluster: &Simulator, pod: &Value) -> Vec<String> {
    let name = meta::name(pod).to_owned();
    let of_that_name = WatchParams::default().fields(&format!("metadata.name={name}"));
    let pods: kube::Api<Pod> = kube::Api::namespaced(cluster.admin(), "default");
    let mut watch = pods.watch(&of_that_name, "0").await.expect("a watch").boxed();
    api.create(PODS, "default", pod).await.expect("created");
    let mut seen: Vec<String> = Vec::new();
    while seen.last().is_none_or(|state| state != "running") {
        let event = tokio::time::timeout(Duration::from_secs(10), watch.next()).await.expect("in time");
        let (WatchEvent::Added(pod) | WatchEvent::Modified(pod)) = event.expect("an event").expect("no error") else {
            panic!("an event of another kind")
        };
        let status = json!(pod.status);
        let state = &status["containerStatuses"][0]["state"];
        let state = match state["waiting"]["reason"].as_str() {
            Some(reason) => reason,
            None if state["running"].is_object() => "running",
            None if pod.spec.is_some_and(|spec| spec.node_name.is_some()) => "scheduled",
            None => "pending",
        };
        if seen.last().is_none_or(|last| last != state) {
            seen.push(state.to_owned());
        }
    }
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pod_is_seen_to_start() {
    let cluster = cluster().await;
    let api = Api::new(cluster.admin());
    let plain = states_seen(&api, &cluster, &pod("plain", "my-kubernetes-dashboard")).await;
    assert_eq!(plain, ["pending", "scheduled", "ContainerCreating", "running"]);
    let mut with_init = pod("with-init", "my-kubernetes-dashboard");
    with_init["spec"]["initContainers"] = json!([{"name": "first", "image": "busybox", "command": ["true"]}]);
    let with_init = states_seen(&api, &cluster, &with_init).await;
    assert_eq!(with_init, ["pending", "scheduled", "PodInitializing", "running"]);
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

/// Talks to an exec frame by frame, as kubectl does, and gives what came: channel and text, then how it was closed.
async fn frames(cluster: &Simulator, query: &str, typed: &[&[u8]]) -> (Vec<(u8, String)>, Option<u16>) {
    let request = http::Request::get(format!("/api/v1/namespaces/default/pods/dash/exec?{query}"))
        .header("connection", "Upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        .header("sec-websocket-protocol", "v5.channel.k8s.io")
        .body(kube::client::Body::empty())
        .expect("a request");
    let answer = cluster.admin().send(request).await.expect("an answer");
    assert_eq!(answer.status(), 101);
    let stream = hyper_util::rt::TokioIo::new(hyper::upgrade::on(answer).await.expect("upgraded"));
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Client, None).await;
    for bytes in typed {
        socket.send(Message::Binary(bytes.to_vec().into())).await.expect("sent");
    }
    let mut came = Vec::new();
    while let Some(message) = socket.next().await {
        match message.expect("a frame") {
            Message::Binary(bytes) => came.push((bytes[0], String::from_utf8_lossy(&bytes[1..]).into_owned())),
            Message::Close(close) => return (came, close.map(|close| close.code.into())),
            _ => {}
        }
    }
    (came, None)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exec_is_closed_as_kubectl_expects_it() {
    let cluster = cluster().await;
    let api = Api::new(cluster.admin());
    api.create(PODS, "default", &pod("dash", "my-kubernetes-dashboard")).await.expect("created");
    pod_where(&api, "dash", |pod| pod["status"]["phase"] == "Running").await;
    let code = |status: &str| {
        let status: Value = serde_json::from_str(status).expect("JSON");
        status.pointer("/details/causes/0/message").and_then(Value::as_str).unwrap_or("0").to_owned()
    };
    // What is asked, what is typed (on channel 0), the exit code, and a piece of what is printed.
    let tty = "stdin=true&stdout=true&tty=true";
    let rows: &[(&str, &[&[u8]], &str, &str)] = &[
        ("stdout=true&command=echo&command=hi", &[], "0", "hi"),
        ("stdout=true&command=sh&command=-c&command=exit%203", &[], "3", ""),
        ("stdin=true&stdout=true&command=cat", &[b"\0one", b"\0two", b"\xff\0"], "0", "onetwo"),
        (
            &format!("{tty}&command=sh"),
            &[b"\0echo hi\r", b"\x04{\"Width\":9,\"Height\":9}", b"\0exit 5\r"],
            "5",
            "hi\r\n",
        ),
        (&format!("{tty}&command=sh"), &[b"\0sleep 100\recho \x03exit\r"], "130", "sleep 100"),
        (&format!("{tty}&command=sh"), &[b"\0sleep 100\r", b"\0\x03", b"\0exit\r"], "130", "^C"),
        (&format!("{tty}&command=sleep&command=100"), &[b"\0\x03"], "130", ""),
        // The first hands on what is typed, the second finds nothing typed and is the end.
        (&format!("{tty}&command=cat"), &[b"\0abc\x04\x04"], "0", "abcabc"),
        (
            &format!("{tty}&command=sh"),
            &[b"\0cat\r", b"\0abc\r\x04", b"\0echo $((1+1))\r", b"\0\x04"],
            "0",
            "2\r\n/ # ",
        ),
    ];
    for (query, typed, exit, printed) in rows {
        let talk = frames(&cluster, query, typed);
        let (came, close) = tokio::time::timeout(Duration::from_secs(10), talk).await.expect("in time");
        assert_eq!(close, Some(1000), "{query}");
        let (channel, status) = came.last().expect("a status");
        assert_eq!((*channel, code(status).as_str()), (3, *exit), "{query}: {came:?}");
        let text: String = came.iter().filter(|(channel, _)| *channel == 1).map(|(_, text)| text.as_str()).collect();
        assert!(text.contains(printed), "{query}: {came:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_a_volume_stays_as_it_was() {
    let cluster = cluster().await;
    let api = Api::new(cluster.admin());
    let map = |word: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "words"}, "data": {"a": word, "b": "b"}});
    api.create(CONFIGMAPS, "default", &map("old")).await.expect("created");
    let mut wanted = pod("web", "my-kubernetes-dashboard");
    wanted["spec"]["volumes"] = json!([{"name": "words", "configMap": {"name": "words"}}]);
    wanted["spec"]["containers"][0]["volumeMounts"] =
        json!([{"name": "words", "mountPath": "/all"}, {"name": "words", "mountPath": "/etc/a", "subPath": "a"}]);
    api.create(PODS, "default", &wanted).await.expect("created");
    pod_where(&api, "web", |pod| pod["status"]["phase"] == "Running").await;
    let pods: kube::Api<Pod> = kube::Api::namespaced(cluster.admin(), "default");
    let read = async || {
        let command = vec!["sh", "-c", "cat /all/a /etc/a"];
        let mut process = pods.exec("web", command, &AttachParams::default()).await.expect("attached");
        let mut text = String::new();
        process.stdout().expect("stdout").read_to_string(&mut text).await.expect("text");
        text
    };
    assert_eq!(read().await, "oldold");
    let mut changed = api.get(&Key::new(CONFIGMAPS, "default", "words")).await.expect("an answer").expect("there");
    changed["data"]["a"] = json!("new");
    api.update(CONFIGMAPS, &changed, "").await.expect("changed");
    cluster.plane().clock.advance(jiff::SignedDuration::from_secs(120));
    let mut last = String::new();
    for _ in 0..500 {
        last = read().await;
        if last == "newold" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the volume was not written anew: {last}");
}
