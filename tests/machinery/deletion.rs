//! Deleting: what becomes of dependents, what finalizers hold, what preconditions and options say.

use serde_json::{Value, json};

use super::bench::Bench;

const MAPS: &str = "/api/v1/namespaces/default/configmaps";

fn map(name: &str, finalizers: &[&str], owners: Value) -> Value {
    let mut metadata = json!({"name": name});
    if !finalizers.is_empty() {
        metadata["finalizers"] = json!(finalizers);
    }
    if owners != Value::Null {
        metadata["ownerReferences"] = owners;
    }
    json!({"metadata": metadata})
}

fn owned_by(owners: &[&Value], blocks: bool) -> Value {
    let owner = |owner: &&Value| {
        json!({"apiVersion": "v1", "kind": "ConfigMap", "name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"],
            "blockOwnerDeletion": blocks})
    };
    owners.iter().map(owner).collect()
}

/// Options, finalizers before, whether the object is gone at once, finalizers after.
#[tokio::test]
async fn what_a_delete_asks_for() {
    let bench = Bench::new(36).await;
    let policy = |policy: &str| json!({"propagationPolicy": policy});
    #[allow(clippy::type_complexity, reason = "a table is read by its rows")]
    let rows: &[(Value, &str, &[&str], u16, Option<&[&str]>)] = &[
        (Value::Null, "", &[], 200, None),
        (policy("Background"), "", &[], 200, None),
        (Value::Null, "", &["a.io/x"], 200, Some(&["a.io/x"])),
        (Value::Null, "?propagationPolicy=Orphan", &["a.io/x"], 200, Some(&["a.io/x", "orphan"])),
        (policy("Foreground"), "", &["a.io/x"], 200, Some(&["a.io/x", "foregroundDeletion"])),
        // What is said now counts more than what the object came with.
        (policy("Foreground"), "", &["orphan", "a.io/x"], 200, Some(&["a.io/x", "foregroundDeletion"])),
        (policy("Background"), "", &["orphan", "a.io/x"], 200, Some(&["a.io/x"])),
        (json!({"orphanDependents": true}), "", &["a.io/x"], 200, Some(&["a.io/x", "orphan"])),
        (json!({"orphanDependents": false}), "", &["orphan", "a.io/x"], 202, Some(&["a.io/x"])),
        // The query counts only without a body.
        (json!({"kind": "DeleteOptions"}), "?propagationPolicy=Orphan", &["a.io/x"], 200, Some(&["a.io/x"])),
    ];
    for (index, (options, query, before, code, after)) in rows.iter().enumerate() {
        let name = format!("row-{index}");
        let made = bench.create(MAPS, map(&name, before, Value::Null)).await;
        let reply = bench.ask("DELETE", &format!("{MAPS}/{name}{query}"), options.clone()).await;
        assert_eq!(reply.code, *code, "{name}: {}", reply.body);
        match after {
            None => {
                let details = json!({"name": name, "kind": "configmaps", "uid": made["metadata"]["uid"]});
                assert_eq!((&reply.body["status"], &reply.body["details"]), (&json!("Success"), &details), "{name}");
            }
            Some(after) => {
                // The garbage collector takes its own finalizer off again, so the reply is looked at.
                let metadata = &reply.body["metadata"];
                assert_eq!(metadata["finalizers"], json!(after), "{name}");
                assert_eq!(metadata["deletionTimestamp"], "2026-11-23T12:00:00Z", "{name}");
                assert_eq!(metadata["deletionGracePeriodSeconds"], 0, "{name}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_refused() {
    let bench = Bench::new(36).await;
    let made = bench.create(MAPS, map("here", &["a.io/x"], Value::Null)).await;
    let (uid, version) = (&made["metadata"]["uid"], &made["metadata"]["resourceVersion"]);
    let uid = uid.as_str().expect("a uid");
    let rows: &[(Value, u16, String)] = &[
        (
            json!({"propagationPolicy": "Orphan", "orphanDependents": true}),
            422,
            "DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Invalid value: \"Orphan\": orphanDependents and deletionPropagation cannot be both set".into(),
        ),
        (
            json!({"propagationPolicy": "Never"}),
            422,
            "DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Unsupported value: \"Never\": supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\"".into(),
        ),
        (
            json!({"dryRun": ["Some"]}),
            422,
            "DeleteOptions.meta.k8s.io \"\" is invalid: dryRun: Unsupported value: [\"Some\"]: supported values: \"All\"".into(),
        ),
        (
            json!({"preconditions": {"uid": "other"}}),
            409,
            format!("Operation cannot be fulfilled on ConfigMap \"here\": the UID in the precondition (other) does not match the UID in record ({uid}). The object might have been deleted and then recreated"),
        ),
        (
            json!({"preconditions": {"resourceVersion": "1"}}),
            409,
            format!("Operation cannot be fulfilled on ConfigMap \"here\": the ResourceVersion in the precondition (1) does not match the ResourceVersion in record ({}). The object might have been modified", version.as_str().expect("a version")),
        ),
    ];
    for (options, code, message) in rows {
        let reply = bench.ask("DELETE", &format!("{MAPS}/here"), options.clone()).await;
        assert_eq!((reply.code, reply.message()), (*code, message.as_str()));
    }
    let namespace = bench.create("/api/v1/namespaces", json!({"metadata": {"name": "shop"}})).await;
    let reply = bench.ask("DELETE", "/api/v1/namespaces/shop", json!({"preconditions": {"uid": "other"}})).await;
    let message = format!(
        "Operation cannot be fulfilled on namespaces \"shop\": Precondition failed: UID in precondition: other, UID in object meta: {}",
        namespace["metadata"]["uid"].as_str().expect("a uid")
    );
    assert_eq!((reply.code, reply.message()), (409, message.as_str()));
}

#[tokio::test]
async fn finalizers_hold_and_let_go() {
    let bench = Bench::new(36).await;
    let here = format!("{MAPS}/held");
    bench.create(MAPS, map("held", &["a.io/x", "a.io/y"], Value::Null)).await;
    assert_eq!(bench.ask("DELETE", &here, Value::Null).await.code, 200);
    // A second delete changes nothing and says so with the object.
    let again = bench.ask("DELETE", &here, Value::Null).await;
    assert_eq!(again.body["metadata"]["deletionTimestamp"], "2026-11-23T12:00:00Z");
    let reply = bench.ask("PATCH", &here, json!({"metadata": {"finalizers": ["a.io/x", "a.io/z"]}})).await;
    let message = "ConfigMap \"held\" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{\"a.io/z\"}";
    assert_eq!((reply.code, reply.message()), (422, message));
    let reply = bench.ask("PATCH", &here, json!({"metadata": {"finalizers": ["a.io/y"]}})).await;
    assert_eq!((reply.code, &reply.body["metadata"]["finalizers"]), (200, &json!(["a.io/y"])));
    assert_eq!(bench.ask("PATCH", &here, json!({"metadata": {"finalizers": null}})).await.code, 200);
    assert_eq!(bench.ask("GET", &here, Value::Null).await.code, 404);
    for (finalizers, message) in [
        (
            json!(["plain"]),
            "metadata.finalizers[0]: Invalid value: \"plain\": name is neither a standard finalizer name nor is it fully qualified",
        ),
        (
            json!(["orphan", "foregroundDeletion"]),
            "metadata.finalizers: Invalid value: [\"orphan\",\"foregroundDeletion\"]: finalizer orphan and foregroundDeletion cannot be both set",
        ),
    ] {
        let reply = bench.ask("POST", MAPS, json!({"metadata": {"name": "new", "finalizers": finalizers}})).await;
        assert_eq!(reply.message(), format!("ConfigMap \"new\" is invalid: {message}"));
    }
}

/// How the owner is deleted, whether the dependent blocks it, and what is left of the dependent.
#[tokio::test]
async fn what_becomes_of_dependents() {
    let bench = Bench::new(36).await;
    for (index, (policy, blocks, stays)) in
        [("Background", true, false), ("Foreground", true, false), ("Foreground", false, false), ("Orphan", true, true)]
            .into_iter()
            .enumerate()
    {
        let (owner, child) = (format!("owner-{index}"), format!("child-{index}"));
        let made = bench.create(MAPS, map(&owner, &[], Value::Null)).await;
        bench.create(MAPS, map(&child, &[], owned_by(&[&made], blocks))).await;
        let reply = bench.ask("DELETE", &format!("{MAPS}/{owner}"), json!({"propagationPolicy": policy})).await;
        assert_eq!(reply.code, 200, "{}", reply.body);
        bench.until("configmaps", &owner, |owner| owner.is_none()).await;
        let settled = |child: Option<&Value>| match child {
            None => !stays,
            Some(child) => stays && child["metadata"].get("ownerReferences").is_none(),
        };
        bench.until("configmaps", &child, settled).await;
    }
}

#[tokio::test]
async fn a_dependent_with_another_owner_stays() {
    let bench = Bench::new(36).await;
    for policy in ["Foreground", "Background"] {
        let (one, two) = (format!("one-{}", policy.to_lowercase()), format!("two-{}", policy.to_lowercase()));
        let first = bench.create(MAPS, map(&one, &[], Value::Null)).await;
        let second = bench.create(MAPS, map(&two, &[], Value::Null)).await;
        let child = format!("child-{}", policy.to_lowercase());
        bench.create(MAPS, map(&child, &[], owned_by(&[&first, &second], true))).await;
        bench.ask("DELETE", &format!("{MAPS}/{one}"), json!({"propagationPolicy": policy})).await;
        bench.until("configmaps", &one, |owner| owner.is_none()).await;
        let left = owned_by(&[&second], true);
        bench
            .until("configmaps", &child, |child| child.is_some_and(|c| c["metadata"]["ownerReferences"] == left))
            .await;
    }
}

#[tokio::test]
async fn a_blocking_dependent_keeps_its_owner() {
    let bench = Bench::new(36).await;
    let owner = bench.create(MAPS, map("owner", &[], Value::Null)).await;
    bench.create(MAPS, map("child", &["a.io/x"], owned_by(&[&owner], true))).await;
    bench.ask("DELETE", &format!("{MAPS}/owner"), json!({"propagationPolicy": "Foreground"})).await;
    bench.until("configmaps", "child", |c| c.is_some_and(|c| c["metadata"]["deletionTimestamp"].is_string())).await;
    assert_eq!(bench.ask("GET", &format!("{MAPS}/owner"), Value::Null).await.code, 200);
    bench.ask("PATCH", &format!("{MAPS}/child"), json!({"metadata": {"finalizers": null}})).await;
    bench.until("configmaps", "owner", |owner| owner.is_none()).await;
}

/// The grace period asked for, one after another, and what the pod shows.
#[tokio::test]
async fn a_wait_may_only_be_shortened() {
    let bench = Bench::new(36).await;
    let pods = "/api/v1/namespaces/default/pods";
    let spec = json!({"nodeName": "elsewhere", "containers": [{"name": "c", "image": "i"}]});
    bench.create(pods, json!({"metadata": {"name": "p"}, "spec": spec})).await;
    for (asked, seconds, at) in [
        (Value::Null, 30, "2026-11-23T12:00:30Z"),
        (json!(60), 30, "2026-11-23T12:00:30Z"),
        (json!(10), 10, "2026-11-23T12:00:10Z"),
        (json!(-5), 1, "2026-11-23T12:00:01Z"),
    ] {
        let reply = bench.ask("DELETE", &format!("{pods}/p"), json!({"gracePeriodSeconds": asked})).await;
        let metadata = &reply.body["metadata"];
        assert_eq!(
            (&metadata["deletionGracePeriodSeconds"], &metadata["deletionTimestamp"]),
            (&json!(seconds), &json!(at))
        );
    }
    assert_eq!(bench.ask("DELETE", &format!("{pods}/p"), json!({"gracePeriodSeconds": 0})).await.code, 200);
    assert_eq!(bench.ask("GET", &format!("{pods}/p"), Value::Null).await.code, 404);
}

#[tokio::test]
async fn a_dry_run_shows_what_would_be() {
    let bench = Bench::new(36).await;
    bench.create(MAPS, map("here", &[], Value::Null)).await;
    let options = json!({"dryRun": ["All"], "propagationPolicy": "Foreground"});
    let reply = bench.ask("DELETE", &format!("{MAPS}/here"), options).await;
    assert_eq!(reply.body["metadata"]["finalizers"], json!(["foregroundDeletion"]));
    let there = bench.ask("GET", &format!("{MAPS}/here"), Value::Null).await;
    assert_eq!((there.code, there.body["metadata"].get("finalizers")), (200, None));
}
