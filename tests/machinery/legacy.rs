//! What the clock does: tokens of secrets that nobody uses, and events.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::bench::Bench;

const CORE: &str = "/api/v1/namespaces/default";
const DAY: SignedDuration = SignedDuration::from_hours(24);
const TRACKING: &str = "kube-apiserver-legacy-service-account-token-tracking";

async fn until_there(
    bench: &Bench,
    plural: &str,
    namespace: &str,
    name: &str,
    wanted: impl Fn(Option<&Value>) -> bool,
) {
    let store = &bench.cluster.simulator.as_ref().expect("the simulator").plane().store;
    let key = sa_tutor::simulator::storage::Key::new(plural, namespace, name);
    let done = store.wait_until(|| wanted(store.get(&key).as_deref()));
    let done = tokio::time::timeout(std::time::Duration::from_secs(20), done).await;
    assert!(done.is_ok(), "{plural} {name}: {:?}", store.get(&key));
}

/// From which release on tracking says since when.
#[tokio::test]
async fn tracking_begins() {
    for (minor, tracked) in [(26, false), (27, true), (36, true)] {
        let bench = Bench::new(minor).await;
        let path = format!("/api/v1/namespaces/kube-system/configmaps/{TRACKING}");
        if !tracked {
            assert_eq!(bench.ask("GET", &path, Value::Null).await.code, 404, "{minor}");
            continue;
        }
        let is_today = |map: Option<&Value>| map.is_some_and(|map| map["data"] == json!({"since": "2026-11-23"}));
        until_there(&bench, "configmaps", "kube-system", TRACKING, is_today).await;
        bench.ask("PATCH", &path, json!({"data": {"since": "ever"}})).await;
        until_there(&bench, "configmaps", "kube-system", TRACKING, is_today).await;
        // One that is deleted comes back, but not within half an hour.
        bench.ask("DELETE", &path, Value::Null).await;
        until_there(&bench, "configmaps", "kube-system", TRACKING, |map| map.is_none()).await;
        bench.clock.advance(SignedDuration::from_mins(31));
        until_there(&bench, "configmaps", "kube-system", TRACKING, is_today).await;
    }
}

#[tokio::test]
async fn unused_tokens_are_marked_and_deleted() {
    let bench = Bench::new(36).await;
    until_there(&bench, "configmaps", "kube-system", TRACKING, |map| map.is_some()).await;
    bench
        .create(
            &format!("{CORE}/serviceaccounts"),
            json!({"metadata": {"name": "bot"}, "secrets": [{"name": "listed"}]}),
        )
        .await;
    for name in ["listed", "manual"] {
        let annotations = json!({"kubernetes.io/service-account.name": "bot"});
        let secret = json!({"metadata": {"name": name, "annotations": annotations}, "type": "kubernetes.io/service-account-token"});
        bench.create(&format!("{CORE}/secrets"), secret).await;
        bench.until("secrets", name, |secret| secret.is_some_and(|s| s["data"]["token"].is_string())).await;
    }
    let secret = bench.ask("GET", &format!("{CORE}/secrets/listed"), Value::Null).await.body;
    let token = secret["data"]["token"].as_str().expect("a token");
    let token = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, token).expect("base64");
    let bearer = format!("Bearer {}", String::from_utf8(token).expect("text"));
    let use_it = async || bench.send("GET", "/api", &[("Authorization", bearer.as_str())], &Value::Null).await;
    let reply = use_it().await;
    let warning = reply.headers.get("warning").and_then(|value| value.to_str().ok()).unwrap_or_default();
    assert_eq!(
        (reply.code, warning),
        (
            200,
            "299 - \"Use tokens from the TokenRequest API or manually created secret-based tokens instead of auto-generated secret-based tokens.\""
        )
    );
    let label = |key: &'static str, day: &'static str| {
        move |secret: Option<&Value>| secret.is_some_and(|s| s["metadata"]["labels"][key] == day)
    };
    bench.until("secrets", "listed", label("kubernetes.io/legacy-token-last-used", "2026-11-23")).await;
    bench.clock.advance(DAY * 370);
    bench.until("secrets", "listed", label("kubernetes.io/legacy-token-invalid-since", "2027-11-28")).await;
    assert_eq!(use_it().await.code, 401);
    // That use counts: the token was wanted, so it is not deleted within another year.
    bench.until("secrets", "listed", label("kubernetes.io/legacy-token-last-used", "2027-11-28")).await;
    bench.clock.advance(DAY * 368);
    bench.until("secrets", "listed", |secret| secret.is_none()).await;
    let manual = bench.ask("GET", &format!("{CORE}/secrets/manual"), Value::Null).await;
    assert_eq!((manual.code, manual.body["metadata"].get("labels")), (200, None));
}

#[tokio::test]
async fn events_last_an_hour() {
    let bench = Bench::new(36).await;
    let event = |name: &str| {
        json!({"metadata": {"name": name, "namespace": "default"},
        "involvedObject": {"kind": "Pod", "name": "p", "namespace": "default"}, "reason": "Test", "message": "m"})
    };
    bench.create(&format!("{CORE}/events"), event("first")).await;
    bench.clock.advance(SignedDuration::from_mins(40));
    bench.create(&format!("{CORE}/events"), event("second")).await;
    bench.clock.advance(SignedDuration::from_mins(21));
    bench.until("events", "first", |event| event.is_none()).await;
    assert_eq!(bench.ask("GET", &format!("{CORE}/events/second"), Value::Null).await.code, 200);
}
