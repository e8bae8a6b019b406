//! Which moment a list shows, in pieces or whole, and which wishes make no sense.

use serde_json::{Value, json};

use super::bench::{Bench, Reply};

const MAPS: &str = "/api/v1/namespaces/default/configmaps";

fn names(reply: &Reply) -> Vec<String> {
    let items = reply.body["items"].as_array().expect("a list");
    items.iter().map(|item| item["metadata"]["name"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Release, query, code, what the message holds.
#[tokio::test]
async fn wishes_that_make_no_sense() {
    let rows: &[(u8, &str, u16, &str)] = &[
        (
            36,
            "resourceVersionMatch=Exact",
            422,
            "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided",
        ),
        (
            36,
            "resourceVersionMatch=Soon&resourceVersion=5",
            422,
            "resourceVersionMatch: Unsupported value: \"Soon\": supported values: \"Exact\", \"NotOlderThan\", \"\"",
        ),
        (
            36,
            "resourceVersionMatch=Exact&resourceVersion=0",
            422,
            "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"",
        ),
        (36, "sendInitialEvents=true", 422, "sendInitialEvents is forbidden for list"),
        (
            36,
            "resourceVersion=5&resourceVersionMatch=Exact&continue=x",
            422,
            "resourceVersionMatch is forbidden when continue is provided",
        ),
        (36, "resourceVersion=soon", 400, "strconv.ParseUint: parsing \"soon\": invalid syntax"),
        (36, "resourceVersion=99999999", 504, "Too large resource version: 99999999, current: "),
        (
            36,
            "continue=!",
            400,
            "invalid continue token: continue key is not valid: illegal base64 data at input byte 0",
        ),
        (
            36,
            "resourceVersion=5&continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6NSwic3RhcnQiOiJhXHUwMDAwIn0",
            400,
            "specifying resource version is not allowed when using continue",
        ),
        (
            36,
            "watch=1&resourceVersionMatch=NotOlderThan",
            422,
            "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
        ),
        (
            36,
            "watch=1&sendInitialEvents=true",
            422,
            "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
        ),
        (
            30,
            "watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan",
            422,
            "unless the WatchList feature gate is enabled",
        ),
    ];
    for minor in [30, 36] {
        let bench = Bench::new(minor).await;
        for (_, query, code, says) in rows.iter().filter(|row| row.0 == minor) {
            let reply = bench.ask("GET", &format!("{MAPS}?{query}"), Value::Null).await;
            assert_eq!(reply.code, *code, "{query}: {}", reply.message());
            assert!(reply.message().contains(says), "{query}: {}", reply.message());
        }
    }
}

#[tokio::test]
async fn a_list_in_pieces_is_of_one_moment() {
    let bench = Bench::new(36).await;
    for name in ["a", "b", "c", "d"] {
        bench.create(MAPS, json!({"metadata": {"name": name}})).await;
    }
    let first = bench.ask("GET", &format!("{MAPS}?limit=2"), Value::Null).await;
    assert_eq!(names(&first), ["a", "b"]);
    let version = first.body["metadata"]["resourceVersion"].as_str().expect("a version").to_owned();
    let token = first.body["metadata"]["continue"].as_str().expect("a token").to_owned();
    // What happens meanwhile is not in it.
    bench.ask("DELETE", &format!("{MAPS}/c"), Value::Null).await;
    bench.create(MAPS, json!({"metadata": {"name": "cc"}})).await;
    let second = bench.ask("GET", &format!("{MAPS}?limit=2&continue={token}"), Value::Null).await;
    assert_eq!(names(&second), ["c", "d"]);
    assert_eq!(second.body["metadata"]["resourceVersion"], version.as_str());
    let exact = format!("{MAPS}?resourceVersionMatch=Exact&resourceVersion={version}");
    let then = bench.ask("GET", &exact, Value::Null).await;
    let now = bench.ask("GET", MAPS, Value::Null).await;
    let since = |reply: &Reply| names(reply).into_iter().filter(|name| name.len() < 3).collect::<Vec<_>>();
    assert_eq!(since(&then), ["a", "b", "c", "d"]);
    assert_eq!(since(&now), ["a", "b", "cc", "d"]);
    // With a selector nobody counts what is left.
    let some = bench.ask("GET", &format!("{MAPS}?limit=1&labelSelector=!x"), Value::Null).await;
    assert!(some.body["metadata"]["continue"].is_string() && some.body["metadata"]["remainingItemCount"].is_null());
}

/// Namespaces come in the order of their paths: `default-x/` before `default/`.
#[tokio::test]
async fn namespaces_in_the_order_of_their_paths() {
    let bench = Bench::new(36).await;
    bench.create("/api/v1/namespaces", json!({"metadata": {"name": "default-x"}})).await;
    for namespace in ["default", "default-x"] {
        let path = format!("/api/v1/namespaces/{namespace}/configmaps");
        bench.create(&path, json!({"metadata": {"name": "one", "labels": {"mine": "yes"}}})).await;
    }
    let all = bench.ask("GET", "/api/v1/configmaps?labelSelector=mine", Value::Null).await;
    let order: Vec<&Value> =
        all.body["items"].as_array().expect("a list").iter().map(|item| &item["metadata"]["namespace"]).collect();
    assert_eq!(order, ["default-x", "default"]);
    let first = bench.ask("GET", "/api/v1/configmaps?labelSelector=mine&limit=1", Value::Null).await;
    let token = first.body["metadata"]["continue"].as_str().expect("a token");
    let path = format!("/api/v1/configmaps?labelSelector=mine&limit=1&continue={token}");
    let rest = bench.ask("GET", &path, Value::Null).await;
    assert_eq!(rest.body["items"][0]["metadata"]["namespace"], "default");
}

#[tokio::test]
async fn a_token_that_is_too_old() {
    let bench = Bench::new(36).await;
    bench.create(MAPS, json!({"metadata": {"name": "a"}})).await;
    bench.create(MAPS, json!({"metadata": {"name": "b"}})).await;
    let first = bench.ask("GET", &format!("{MAPS}?limit=1"), Value::Null).await;
    let token = first.body["metadata"]["continue"].as_str().expect("a token").to_owned();
    bench.forget();
    let reply = bench.ask("GET", &format!("{MAPS}?limit=1&continue={token}"), Value::Null).await;
    assert_eq!((reply.code, reply.body["reason"].as_str()), (410, Some("Expired")));
    assert!(reply.message().starts_with("The provided continue parameter is too old"), "{}", reply.message());
    // The answer has a token that goes on with what is there now.
    let token = reply.body["metadata"]["continue"].as_str().expect("a token");
    let rest = bench.ask("GET", &format!("{MAPS}?limit=1&continue={token}"), Value::Null).await;
    assert_eq!(names(&rest), ["b"]);
    let version = first.body["metadata"]["resourceVersion"].as_str().expect("a version");
    let exact = format!("{MAPS}?resourceVersionMatch=Exact&resourceVersion={version}");
    let reply = bench.ask("GET", &exact, Value::Null).await;
    assert_eq!((reply.code, reply.message()), (410, "The resourceVersion for the provided list is too old."));
}
