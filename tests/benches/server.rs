//! What a client of the simulator waits for: calls, lists, tokens, watches, and what ten thousand objects weigh.
//!
//! `one RSA-2048 signature` stands beside them, so that a figure can be read on any machine.

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use criterion::{Criterion, criterion_group, criterion_main};
use http_body_util::BodyExt as _;
use kube::client::Body;
use sa_tutor::apimachinery::Release;
use sa_tutor::base::{Clock, Ids};
use sa_tutor::cluster::{Cluster, Workbench};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::sync::watch;

const MAPS: &str = "/api/v1/namespaces/bench/configmaps";
const ACCOUNT: &str = "/api/v1/namespaces/default/serviceaccounts/default";
const MANY: u64 = 10_000;
const WATCHERS: u64 = 1_000;

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

fn cluster(runtime: &Runtime) -> Cluster {
    static BENCH: std::sync::OnceLock<Workbench> = std::sync::OnceLock::new();
    let bench = BENCH.get_or_init(|| Workbench::new(Clock::system(), Ids::seeded(1)));
    runtime.block_on(async {
        let cluster = Cluster::simulated(bench, Release::DEFAULT).expect("started");
        cluster.ready().await;
        send(&cluster.client, "POST", "/api/v1/namespaces", json!({"metadata": {"name": "bench"}})).await;
        cluster
    })
}

/// One call through the in-process door, to the last byte of its answer.
async fn send(client: &kube::Client, method: &str, path: &str, body: Value) -> bytes::Bytes {
    let kind = if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
    let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    let request = http::Request::builder().method(method).uri(path).header("content-type", kind);
    let reply = client.send(request.body(Body::from(bytes)).expect("a request")).await.expect("an answer");
    assert!(reply.status().is_success(), "{method} {path}: {}", reply.status());
    reply.into_body().collect().await.expect("a body").to_bytes()
}

fn map(name: &str) -> Value {
    json!({"metadata": {"name": name, "labels": {"app": "bench"}}, "data": {"key": "value", "text": "x".repeat(100)}})
}

async fn fill(client: &kube::Client) {
    for number in 0..MANY {
        send(client, "POST", MAPS, map(&format!("m-{number:05}"))).await;
    }
}

fn calls(c: &mut Criterion) {
    let runtime = runtime();
    let cluster = cluster(&runtime);
    let client = &cluster.client;
    c.bench_function("get one service account", |bencher| {
        bencher.to_async(&runtime).iter(|| send(client, "GET", ACCOUNT, Value::Null));
    });
    // The closure runs once for warming up and once for measuring; names must not come twice.
    let created = AtomicU64::new(0);
    c.bench_function("create one config map", |bencher| {
        bencher.to_async(&runtime).iter(|| {
            let number = created.fetch_add(1, Ordering::Relaxed);
            send(client, "POST", MAPS, map(&format!("bench-{number}")))
        });
    });
    let patched = format!("{MAPS}/bench-0");
    c.bench_function("patch one config map", |bencher| {
        bencher.to_async(&runtime).iter(|| {
            let number = created.fetch_add(1, Ordering::Relaxed);
            send(client, "PATCH", &patched, json!({"data": {"key": number.to_string()}}))
        });
    });
    c.bench_function("ask whether somebody may", |bencher| {
        let spec = json!({"spec": {"user": "system:serviceaccount:default:default",
            "resourceAttributes": {"verb": "list", "resource": "pods", "namespace": "default"}}});
        let path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
        bencher.to_async(&runtime).iter(|| send(client, "POST", path, spec.clone()));
    });
}

fn tokens(c: &mut Criterion) {
    let runtime = runtime();
    let cluster = cluster(&runtime);
    let client = &cluster.client;
    let path = format!("{ACCOUNT}/token");
    c.bench_function("create one token", |bencher| {
        bencher.to_async(&runtime).iter(|| send(client, "POST", &path, json!({"spec": {}})));
    });
    // More tokens than the server remembers, so that each is looked at anew; then one that it remembers.
    let reviews: Vec<Value> = (0..5_000)
        .map(|number| {
            let spec = json!({"spec": {"expirationSeconds": 3600 + number}});
            let reply: Value =
                serde_json::from_slice(&runtime.block_on(send(client, "POST", &path, spec))).expect("JSON");
            json!({"spec": {"token": reply["status"]["token"]}})
        })
        .collect();
    let path = "/apis/authentication.k8s.io/v1/tokenreviews";
    let next = AtomicU64::new(0);
    c.bench_function("review one token", |bencher| {
        bencher.to_async(&runtime).iter(|| {
            let number = next.fetch_add(1, Ordering::Relaxed) as usize % reviews.len();
            send(client, "POST", path, reviews[number].clone())
        });
    });
    c.bench_function("review one token again", |bencher| {
        bencher.to_async(&runtime).iter(|| send(client, "POST", path, reviews[0].clone()));
    });
    let pair = KeyPair::generate(KeySize::Rsa2048).expect("a key");
    let random = SystemRandom::new();
    let mut signature = vec![0; pair.public_modulus_len()];
    c.bench_function("one RSA-2048 signature", |bencher| {
        bencher.iter(|| pair.sign(&RSA_PKCS1_SHA256, &random, black_box(&[7; 700]), &mut signature).expect("signed"));
    });
}

/// Bytes of this process that are in memory; nothing where that cannot be asked.
fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or_default() * 4096
}

/// The first of the targets, so that nothing else is in memory yet.
fn many(c: &mut Criterion) {
    let runtime = runtime();
    let cluster = cluster(&runtime);
    let client = &cluster.client;
    let before = resident();
    runtime.block_on(fill(client));
    #[expect(clippy::print_stdout, reason = "a figure that is no time")]
    {
        let (all, more) = (resident() / 1024, resident().saturating_sub(before) / 1024);
        println!("memory: {all} KiB resident with {MANY} config maps, {more} KiB of them since the first");
    }
    c.bench_function("list 10,000 config maps", |bencher| {
        bencher.to_async(&runtime).iter(|| send(client, "GET", MAPS, Value::Null));
    });
    let page = format!("{MAPS}?limit=500");
    c.bench_function("list 500 of 10,000 config maps", |bencher| {
        bencher.to_async(&runtime).iter(|| send(client, "GET", &page, Value::Null));
    });
    c.bench_function("get one of 10,000 config maps", |bencher| {
        let path = format!("{MAPS}/m-05000");
        bencher.to_async(&runtime).iter(|| send(client, "GET", &path, Value::Null));
    });
}

/// One write until the last of a thousand watchers has read it.
fn fan_out(c: &mut Criterion) {
    let runtime = runtime();
    let cluster = cluster(&runtime);
    let client = &cluster.client;
    runtime.block_on(send(client, "POST", MAPS, map("watched")));
    let seen = watch::Sender::new(0_u64);
    runtime.block_on(async {
        for _ in 0..WATCHERS {
            let request = http::Request::get(format!("{MAPS}?watch=true&fieldSelector=metadata.name%3Dwatched"));
            let request = request.body(Body::empty()).expect("a request");
            let mut body = client.send(request).await.expect("a stream").into_body();
            body.frame().await.expect("the object as it is").expect("a frame");
            let seen = seen.clone();
            tokio::spawn(async move {
                while let Some(Ok(frame)) = body.frame().await {
                    let lines = frame.into_data().expect("data").iter().filter(|byte| **byte == b'\n').count();
                    seen.send_modify(|count| *count += lines as u64);
                }
            });
        }
    });
    let written = AtomicU64::new(0);
    let path = format!("{MAPS}/watched");
    c.bench_function("one write to 1,000 watchers", |bencher| {
        bencher.to_async(&runtime).iter_custom(|rounds| {
            let (mut reached, written, path) = (seen.subscribe(), &written, &path);
            async move {
                let began = Instant::now();
                for _ in 0..rounds {
                    let number = written.fetch_add(1, Ordering::Relaxed) + 1;
                    send(client, "PATCH", path, json!({"data": {"key": number.to_string()}})).await;
                    reached.wait_for(|count| *count >= number * WATCHERS).await.expect("the watchers read");
                }
                began.elapsed()
            }
        });
    });
}

criterion_group! {
    name = server;
    config = Criterion::default().sample_size(20).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(4));
    targets = many, calls, tokens, fan_out
}
criterion_main!(server);
