//! Many writers at once: no update is lost, watchers see each change once and in order, lists and watches agree.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::join_all;
use http::Request;
use http_body_util::BodyExt as _;
use kube::client::Body;
use sa_tutor::apimachinery::Release;
use sa_tutor::base::{Clock, Ids};
use sa_tutor::cluster::{Cluster, Workbench};
use sa_tutor::simulator::storage::Key;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

const PATIENCE: Duration = Duration::from_secs(60);
const MAPS: &str = "/api/v1/namespaces/race/configmaps";

async fn cluster() -> Cluster {
    let bench = Workbench::new(Clock::system(), Ids::seeded(11));
    let cluster = Cluster::simulated(&bench, Release::DEFAULT).expect("a cluster");
    cluster.ready().await;
    send(&cluster.client, "POST", "/api/v1/namespaces", "", &json!({"metadata": {"name": "race"}})).await;
    cluster
}

/// Sends a request; gives the code and the body.
async fn send(client: &kube::Client, method: &str, path: &str, kind: &str, body: &Value) -> (u16, Value) {
    let kind = if kind.is_empty() { "application/json" } else { kind };
    let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    let request = Request::builder().method(method).uri(path).header("Content-Type", kind).body(Body::from(bytes));
    let answer = async {
        let reply = client.send(request.expect("a request")).await.expect("an answer");
        let code = reply.status().as_u16();
        let bytes = reply.into_body().collect().await.expect("a body").to_bytes();
        (code, serde_json::from_slice(&bytes).expect("JSON"))
    };
    tokio::time::timeout(PATIENCE, answer).await.unwrap_or_else(|_| panic!("no answer to {method} {path}"))
}

fn counter(object: &Value) -> u64 {
    object["data"]["count"].as_str().and_then(|count| count.parse().ok()).unwrap_or_default()
}

fn version(object: &Value) -> u64 {
    object["metadata"]["resourceVersion"].as_str().and_then(|version| version.parse().ok()).expect("a version")
}

/// Follows a collection until an event is the last one; gives all events.
fn follow(
    client: &kube::Client,
    path: String,
    is_last: impl Fn(&Value) -> bool + Send + 'static,
) -> JoinHandle<Vec<Value>> {
    let client = client.clone();
    tokio::spawn(async move {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        let mut body = client.send(request).await.expect("a stream").into_body();
        let (mut events, mut rest) = (Vec::new(), Vec::new());
        loop {
            let frame = tokio::time::timeout(PATIENCE, body.frame()).await.expect("an event in time");
            let frame = frame.expect("the stream goes on").expect("a frame");
            rest.extend_from_slice(&frame.into_data().expect("data"));
            while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = rest.drain(..=end).collect();
                let event: Value = serde_json::from_slice(&line).expect("JSON");
                let last = is_last(&event);
                events.push(event);
                if last {
                    return events;
                }
            }
        }
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_update_is_lost() {
    const WRITERS: u64 = 16;
    const TIMES: u64 = 25;
    let cluster = cluster().await;
    let client = &cluster.client;
    let made = json!({"metadata": {"name": "shared"}, "data": {"count": "0"}});
    let (_, first) = send(client, "POST", MAPS, "", &made).await;
    // Some watch from the start, some begin while it is going on, one reads a table.
    let all = |object: &Value| counter(object) == WRITERS * TIMES;
    let path = format!("{MAPS}?watch=true&resourceVersion={}&fieldSelector=metadata.name%3Dshared", version(&first));
    let watchers: Vec<_> = (0..8).map(|_| follow(client, path.clone(), move |event| all(&event["object"]))).collect();
    let writers = (0..WRITERS).map(|writer| {
        let client = client.clone();
        tokio::spawn(async move {
            let (mut done, mut conflicts) = (0, 0_u64);
            while done < TIMES {
                let path = format!("{MAPS}/shared");
                let (_, mut read) = send(&client, "GET", &path, "", &Value::Null).await;
                read["data"]["count"] = json!((counter(&read) + 1).to_string());
                read["data"][format!("writer-{writer}")] = json!((done + 1).to_string());
                match send(&client, "PUT", &path, "", &read).await {
                    (200, _) => done += 1,
                    (409, status) => {
                        assert_eq!(status["reason"], "Conflict", "{status}");
                        conflicts += 1;
                    }
                    (code, status) => panic!("{code} {status}"),
                }
            }
            conflicts
        })
    });
    let conflicts: u64 = join_all(writers).await.into_iter().map(|done| done.expect("no writer failed")).sum();
    let (_, last) = send(client, "GET", &format!("{MAPS}/shared"), "", &Value::Null).await;
    assert_eq!(counter(&last), WRITERS * TIMES, "with {conflicts} conflicts");
    for writer in 0..WRITERS {
        assert_eq!(last["data"][format!("writer-{writer}")], TIMES.to_string(), "of writer {writer}");
    }
    for watcher in watchers {
        let events = watcher.await.expect("a watcher ends");
        let counts: Vec<u64> = events.iter().map(|event| counter(&event["object"])).collect();
        assert_eq!(counts, (1..=WRITERS * TIMES).collect::<Vec<_>>(), "each change once, in order");
        assert!(events.windows(2).all(|pair| version(&pair[0]["object"]) < version(&pair[1]["object"])));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn patches_at_once_all_count() {
    const WRITERS: u64 = 12;
    const TIMES: u64 = 20;
    let cluster = cluster().await;
    let client = &cluster.client;
    send(client, "POST", MAPS, "", &json!({"metadata": {"name": "patched"}, "data": {"x": "y"}})).await;
    let writers = (0..WRITERS).map(|writer| {
        let client = client.clone();
        tokio::spawn(async move {
            for time in 0..TIMES {
                // Every kind of patch writes a key of its own; nobody's may be undone by another's.
                let (key, value) = (format!("w{writer}-{time}"), json!(time.to_string()));
                let (kind, patch) = match (writer + time) % 3 {
                    0 => ("application/merge-patch+json", json!({"data": {key: value}})),
                    1 => ("application/strategic-merge-patch+json", json!({"data": {key: value}})),
                    _ => {
                        let path = format!("/data/{key}");
                        ("application/json-patch+json", json!([{"op": "add", "path": path, "value": value}]))
                    }
                };
                // The server tries again by itself a few times, then says so, as upstream.
                loop {
                    match send(&client, "PATCH", &format!("{MAPS}/patched"), kind, &patch).await {
                        (200, _) => break,
                        (409, _) => {}
                        (code, status) => panic!("{code} {status}"),
                    }
                }
            }
        })
    });
    for done in join_all(writers).await {
        done.expect("no writer failed");
    }
    let (_, last) = send(client, "GET", &format!("{MAPS}/patched"), "", &Value::Null).await;
    let count = last["data"].as_object().expect("data").len() as u64;
    assert_eq!(count, WRITERS * TIMES + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_list_and_a_watch_come_to_what_is_stored() {
    let cluster = cluster().await;
    let client = &cluster.client;
    let store = cluster.simulator.as_ref().expect("the simulator").plane().store.clone();
    // Writers make, change, label and delete objects; each has names of its own and some that all share.
    let writers: Vec<_> = (0..6_u64)
        .map(|writer| {
            let client = client.clone();
            tokio::spawn(async move {
                for time in 0..40_u64 {
                    let name = if time % 3 == 0 { format!("all-{}", time % 5) } else { format!("w{writer}-{}", time % 4) };
                    let path = format!("{MAPS}/{name}");
                    let colour = if (writer + time) % 2 == 0 { "red" } else { "blue" };
                    let object = json!({"metadata": {"name": name, "labels": {"colour": colour}}, "data": {"t": time.to_string()}});
                    match (writer * 7 + time * 5) % 4 {
                        0 => send(&client, "DELETE", &path, "", &Value::Null).await,
                        1 => send(&client, "PUT", &path, "", &object).await,
                        2 => send(&client, "PATCH", &path, "application/merge-patch+json", &json!({"metadata": {"labels": {"colour": colour}}})).await,
                        _ => send(&client, "POST", MAPS, "", &object).await,
                    };
                }
            })
        })
        .collect();
    // Readers list at some moment, then follow from there; one follows a selection.
    let readers = ["", "&labelSelector=colour%3Dred", "&fieldSelector=metadata.name%3Dall-0"].map(|selector| {
        let client = client.clone();
        tokio::spawn(async move {
            let (_, list) = send(&client, "GET", &format!("{MAPS}?limit=500{selector}"), "", &Value::Null).await;
            let since = version(&list);
            let mut state: BTreeMap<String, Value> = BTreeMap::new();
            let name = |object: &Value| object["metadata"]["name"].as_str().expect("a name").to_owned();
            for item in list["items"].as_array().expect("items") {
                state.insert(name(item), item["metadata"]["resourceVersion"].clone());
            }
            let path = format!("{MAPS}?watch=true&resourceVersion={since}{selector}");
            // The last object carries every mark a selector asks for, so that each reader sees it.
            let done = |event: &Value| event["object"]["data"]["end"] == "yes";
            let mut seen = since;
            for event in follow(&client, path, done).await.expect("a watcher ends") {
                let object = &event["object"];
                assert!(version(object) > seen, "in order");
                seen = version(object);
                let was_there = state.contains_key(&name(object));
                match event["type"].as_str().expect("a type") {
                    "ADDED" => assert!(!was_there, "{event}"),
                    "MODIFIED" => assert!(was_there, "{event}"),
                    "DELETED" => {
                        assert!(was_there, "{event}");
                        state.remove(&name(object));
                        continue;
                    }
                    other => panic!("{other}"),
                }
                state.insert(name(object), object["metadata"]["resourceVersion"].clone());
            }
            (selector, state)
        })
    });
    for writer in writers {
        writer.await.expect("no writer failed");
    }
    send(client, "DELETE", &format!("{MAPS}/all-0"), "", &Value::Null).await;
    let end = json!({"metadata": {"name": "all-0", "labels": {"colour": "red"}}, "data": {"end": "yes"}});
    let (code, status) = send(client, "POST", MAPS, "", &end).await;
    assert_eq!(code, 201, "{status}");
    for reader in readers {
        let (selector, state) = reader.await.expect("a reader ends");
        let stored: BTreeMap<String, Value> = store
            .list("configmaps", Some("race"))
            .0
            .iter()
            .filter(|object| match selector {
                "" => true,
                red if red.contains("red") => object["metadata"]["labels"]["colour"] == "red",
                _ => object["metadata"]["name"] == "all-0",
            })
            .map(|object| {
                (
                    object["metadata"]["name"].as_str().expect("a name").to_owned(),
                    object["metadata"]["resourceVersion"].clone(),
                )
            })
            .collect();
        assert_eq!(state, stored, "{selector:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn creating_deleting_and_finalizing_race_to_one_end() {
    let cluster = cluster().await;
    let client = &cluster.client;
    let store = cluster.simulator.as_ref().expect("the simulator").plane().store.clone();
    // Of those who create the same thing at once, one does.
    for round in 0..10 {
        let body = json!({"metadata": {"name": format!("once-{round}")}});
        let creators = join_all((0..8).map(|_| send(client, "POST", MAPS, "", &body))).await;
        let made = creators.iter().filter(|(code, _)| *code == 201).count();
        assert_eq!(made, 1, "{creators:?}");
        assert!(creators.iter().all(|(code, status)| *code == 201 || status["reason"] == "AlreadyExists"));
        // Of those who delete it, one does; the others find nothing.
        let path = format!("{MAPS}/once-{round}");
        let removers = join_all((0..8).map(|_| send(client, "DELETE", &path, "", &Value::Null))).await;
        let done = removers.iter().filter(|(code, _)| *code == 200).count();
        assert_eq!(done, 1, "{removers:?}");
        assert!(removers.iter().all(|(code, status)| *code == 200 || status["reason"] == "NotFound"));
    }
    // An object held by several is gone when the last lets go, and not before; everybody lets go at once.
    for round in 0..10 {
        let holders: Vec<String> = (0..6).map(|holder| format!("example.com/h{holder}")).collect();
        let name = format!("held-{round}");
        let body = json!({"metadata": {"name": name, "finalizers": holders}});
        let (code, made) = send(client, "POST", MAPS, "", &body).await;
        assert_eq!(code, 201, "{made}");
        let path = format!("{MAPS}/{name}");
        let since = version(&made);
        let watch = format!("{MAPS}?watch=true&resourceVersion={since}&fieldSelector=metadata.name%3D{name}");
        let watcher = follow(client, watch, |event| event["type"] == "DELETED");
        let (code, leaving) = send(client, "DELETE", &path, "", &Value::Null).await;
        assert_eq!(code, 200);
        assert!(leaving["metadata"]["deletionTimestamp"].is_string(), "{leaving}");
        let (code, refused) = send(client, "POST", MAPS, "", &body).await;
        assert_eq!((code, &refused["reason"]), (409, &json!("AlreadyExists")), "it is still there");
        join_all(holders.iter().map(|holder| {
            let path = path.clone();
            async move {
                let mut tries = 0;
                loop {
                    let (code, mut read) = send(client, "GET", &path, "", &Value::Null).await;
                    assert_eq!(code, 200, "gone before {holder} let go: {read}");
                    read["metadata"]["finalizers"]
                        .as_array_mut()
                        .expect("finalizers")
                        .retain(|held| held != holder.as_str());
                    match send(client, "PUT", &path, "", &read).await {
                        (200, _) => return,
                        (409, _) => tries += 1,
                        (code, status) => panic!("{code} {status}"),
                    }
                    assert!(tries < 1000, "{holder} does not get its turn");
                }
            }
        }))
        .await;
        assert!(store.get(&Key::new("configmaps", "race", name)).is_none());
        let events = watcher.await.expect("a watcher ends");
        let kinds: Vec<&str> = events.iter().map(|event| event["type"].as_str().expect("a type")).collect();
        assert_eq!(kinds.iter().filter(|kind| **kind == "DELETED").count(), 1, "{kinds:?}");
        // Deletion began once, then five let go; the sixth made it disappear.
        assert_eq!(kinds, ["MODIFIED", "MODIFIED", "MODIFIED", "MODIFIED", "MODIFIED", "MODIFIED", "DELETED"]);
    }
    // Names that the server makes up do not collide, or are tried again.
    let unnamed = json!({"metadata": {"generateName": "g-"}});
    let made = join_all((0..200).map(|_| send(client, "POST", MAPS, "", &unnamed))).await;
    let mut names: Vec<String> = made
        .iter()
        .map(|(code, object)| {
            assert_eq!(*code, 201, "{object}");
            object["metadata"]["name"].as_str().expect("a name").to_owned()
        })
        .collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 200);
}
