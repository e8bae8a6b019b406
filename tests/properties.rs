//! What holds for any input: paths, selectors, patches and tokens are read without falling, and mean what they say.

use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Method, Uri};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use sa_tutor::apimachinery::Release;
use sa_tutor::apimachinery::labels::Selector;
use sa_tutor::apimachinery::patch::{json_merge, json_patch, strategic_merge};
use sa_tutor::apimachinery::schema::{ANY, Schema};
use sa_tutor::base::{Clock, Ids};
use sa_tutor::rbac::User;
use sa_tutor::simulator::authentication::{authenticate, authenticate_token};
use sa_tutor::simulator::endpoints::RequestInfo;
use sa_tutor::simulator::serviceaccount::{DEFAULT_ISSUER, Issuer, create_token};
use sa_tutor::simulator::storage::Key;
use sa_tutor::simulator::{ControlPlane, NODE};
use sa_tutor::token;
use serde_json::{Map, Value, json};

// ---- Paths ----

fn segment() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9-]{0,12}"
}

/// A resource that is not a word of the grammar itself.
fn plural() -> impl Strategy<Value = String> {
    segment().prop_filter("a word of the grammar", |word| !matches!(word.as_str(), "namespaces" | "watch"))
}

proptest! {
    #[test]
    fn a_path_means_what_it_was_made_of(
        group in prop_oneof![Just(String::new()), "[a-z]{1,8}(\\.[a-z]{1,6})?"], namespace in prop_oneof![Just(String::new()), segment()],
        resource in plural(), name in prop_oneof![Just(String::new()), segment()],
        subresource in prop_oneof![Just(String::new()), select(vec!["status".to_owned(), "scale".to_owned(), "token".to_owned()])],
        method in select(vec![Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE]), watch in any::<bool>(),
    ) {
        let base = if group.is_empty() { "/api/v1".to_owned() } else { format!("/apis/{group}/v1") };
        let subresource = if name.is_empty() { String::new() } else { subresource };
        let mut path = base;
        if !namespace.is_empty() {
            path.push_str(&format!("/namespaces/{namespace}"));
        }
        for part in [&resource, &name, &subresource] {
            if !part.is_empty() {
                path.push('/');
                path.push_str(part);
            }
        }
        // Inside a namespace these words are the namespace's own parts.
        prop_assume!(namespace.is_empty() || !matches!(resource.as_str(), "status" | "finalize"));
        let query = if watch { "?watch=true" } else { "" };
        let info = RequestInfo::parse(&method, &format!("{path}{query}").parse::<Uri>().expect("a URI"));
        let verb = match (method.as_str(), name.is_empty()) {
            ("GET", _) if watch => "watch",
            ("GET", true) => "list",
            ("GET", false) => "get",
            ("POST", _) => "create",
            ("PUT", _) => "update",
            ("PATCH", _) => "patch",
            (_, true) => "deletecollection",
            (_, false) => "delete",
        };
        prop_assert!(info.is_resource);
        prop_assert_eq!(
            [info.verb.as_str(), &info.group, &info.namespace, &info.resource, &info.name, &info.subresource],
            [verb, &group, &namespace, &resource, &name, &subresource]
        );
    }

    #[test]
    fn any_path_is_read(path in "/[ -~]{0,120}", method in "[A-Z]{1,10}") {
        if let (Ok(uri), Ok(method)) = (path.parse::<Uri>(), Method::from_bytes(method.as_bytes())) {
            let info = RequestInfo::parse(&method, &uri);
            let attributes = info.attributes(User::default());
            // What is no resource is judged by its path, and never both.
            prop_assert_eq!(attributes.path.is_some(), !info.is_resource);
            prop_assert!(attributes.path.is_none() || attributes.resource.is_empty());
        }
    }
}

// ---- Selectors ----

fn label() -> impl Strategy<Value = String> {
    "[a-c]"
}

fn requirement() -> impl Strategy<Value = String> {
    prop_oneof![
        (label(), select(vec!["=", "==", "!=", " = ", " != "]), "[x-z]?")
            .prop_map(|(key, op, value)| format!("{key}{op}{value}")),
        (label(), select(vec!["in", "notin"]), vec("[x-z]", 1..4))
            .prop_map(|(key, op, values)| format!("{key} {op} ({})", values.join(", "))),
        label(),
        label().prop_map(|key| format!("!{key}")),
    ]
}

/// What one requirement means, read in another way than the code does.
fn holds(text: &str, labels: &Map<String, Value>) -> bool {
    let value = |key: &str| labels.get(key).and_then(Value::as_str);
    let listed = |list: &str| -> Vec<String> {
        list.trim_matches(['(', ')', ' ']).split(',').map(|value| value.trim().to_owned()).collect()
    };
    if let Some((key, list)) = text.split_once(" notin ") {
        return value(key).is_none_or(|value| !listed(list).contains(&value.to_owned()));
    }
    if let Some((key, list)) = text.split_once(" in ") {
        return value(key).is_some_and(|value| listed(list).contains(&value.to_owned()));
    }
    if let Some(key) = text.strip_prefix('!') {
        return value(key).is_none();
    }
    if let Some((key, wanted)) = text.split_once("!=") {
        return value(key.trim()) != Some(wanted.trim());
    }
    match text.split_once('=') {
        Some((key, wanted)) => value(key.trim()) == Some(wanted.trim_start_matches('=').trim()),
        None => value(text).is_some(),
    }
}

proptest! {
    #[test]
    fn a_selector_selects_what_it_says(
        requirements in vec(requirement(), 0..4), labels in btree_map(label(), "[x-z]?", 0..4)
    ) {
        let text = requirements.join(",");
        let selector = Selector::labels(&text).map_err(|why| TestCaseError::fail(format!("{text}: {why}")))?;
        let object = json!({"metadata": {"labels": labels}});
        let labels: Map<String, Value> = labels.into_iter().map(|(key, value)| (key, json!(value))).collect();
        let want = requirements.iter().all(|requirement| holds(requirement, &labels));
        prop_assert_eq!(selector.matches_labels(&object), want, "{} on {}", text, object);
        // Written out and read again it selects the same.
        let again = Selector::labels(&selector.to_string()).map_err(TestCaseError::fail)?;
        prop_assert_eq!(again.matches_labels(&object), want, "{} on {}", selector, object);
    }

    #[test]
    fn any_selector_is_read(text in "[ -~é]{0,60}", grammar in "[a-c=!,() in]{0,40}") {
        for text in [text, grammar] {
            for selector in [Selector::labels(&text), Selector::fields(&text)].into_iter().flatten() {
                let _ = (selector.to_string(), selector.matches_labels(&json!({"metadata": {"labels": {"a": "x"}}})));
            }
        }
    }
}

// ---- Patches ----

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3..3_i64).prop_map(Value::from),
        "[a-c]{0,2}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(key(), inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Names of fields: ordinary ones, lists with keys, and directives.
fn key() -> impl Strategy<Value = String> {
    select(vec![
        "a",
        "b",
        "name",
        "containers",
        "env",
        "ports",
        "containerPort",
        "finalizers",
        "metadata",
        "data",
        "$patch",
        "$retainKeys",
        "$setElementOrder/containers",
        "$deleteFromPrimitiveList/finalizers",
        "$setElementOrder/finalizers",
    ])
    .prop_map(str::to_owned)
}

fn plain_map() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![Just(Value::Null), (-3..3_i64).prop_map(Value::from), "[a-c]{0,2}".prop_map(Value::from)];
    let inner = leaf.prop_recursive(3, 16, 4, |inner| {
        btree_map("[a-d]", inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect()))
    });
    btree_map("[a-d]", inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect()))
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(
            map.iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| (key.clone(), without_nulls(value)))
                .collect(),
        ),
        other => other.clone(),
    }
}

/// Containers with names of their own, in some order.
fn containers() -> impl Strategy<Value = Value> {
    btree_map("[a-e]", "[x-z]", 0..5)
        .prop_map(|map| map.into_iter().map(|(name, image)| json!({"name": name, "image": image})).collect::<Vec<_>>())
        .prop_shuffle()
        .prop_map(|list| json!({"spec": {"containers": list}}))
}

proptest! {
    #[test]
    fn a_merge_patch_is_the_same_twice(target in value(), patch in value()) {
        let mut once = target;
        json_merge(&mut once, &patch);
        let mut twice = once.clone();
        json_merge(&mut twice, &patch);
        prop_assert_eq!(once, twice);
    }

    #[test]
    fn a_merge_patch_of_nothing_makes_what_it_says(patch in plain_map()) {
        let mut made = json!({});
        json_merge(&mut made, &patch);
        prop_assert_eq!(made, without_nulls(&patch));
    }

    #[test]
    fn without_lists_both_merges_agree(target in plain_map(), patch in plain_map()) {
        let target = without_nulls(&target);
        let (mut plain, mut strategic) = (target.clone(), target);
        json_merge(&mut plain, &patch);
        strategic_merge(ANY, &mut strategic, &patch).map_err(|refusal| TestCaseError::fail(refusal.to_string()))?;
        prop_assert_eq!(plain, strategic);
    }

    #[test]
    fn containers_merge_by_name(target in containers(), patch in containers()) {
        let names = |value: &Value| -> Vec<String> {
            value["spec"]["containers"].as_array().expect("a list").iter().map(|c| c["name"].as_str().expect("a name").to_owned()).collect()
        };
        let image = |value: &Value, name: &str| {
            value["spec"]["containers"].as_array().expect("a list").iter().find(|c| c["name"] == name).map(|c| c["image"].clone())
        };
        let pod = Schema::of("Pod", true).root;
        let mut merged = target.clone();
        strategic_merge(pod, &mut merged, &patch).map_err(|refusal| TestCaseError::fail(refusal.to_string()))?;
        for name in names(&target).iter().chain(&names(&patch)) {
            let want = image(&patch, name).or_else(|| image(&target, name));
            prop_assert_eq!(image(&merged, name), want, "{}", name);
        }
        let mut all = names(&merged);
        let count = all.len();
        all.sort();
        all.dedup();
        prop_assert_eq!(all.len(), count, "each name once: {}", merged);
        let mut twice = merged.clone();
        strategic_merge(pod, &mut twice, &patch).map_err(|refusal| TestCaseError::fail(refusal.to_string()))?;
        prop_assert_eq!(merged, twice);
    }

    #[test]
    fn any_strategic_patch_is_taken_or_refused(target in value(), patch in value()) {
        for of in [ANY, Schema::of("Pod", true).root, Schema::of("Deployment", true).root] {
            let (target, patch) = (json!({"spec": target, "metadata": target}), json!({"spec": patch, "metadata": patch}));
            let _ = strategic_merge(of, &mut target.clone(), &patch);
        }
    }

    #[test]
    fn a_json_patch_is_done_whole_or_not_at_all(
        target in value(),
        operations in vec((select(vec!["add", "remove", "replace", "move", "copy", "test", "frob"]), "(/[a-c0-9~-]{0,2}){0,3}", "(/[a-c0-9-]{0,2}){0,3}", value()), 0..5)
    ) {
        let patch: Vec<Value> = operations
            .into_iter()
            .map(|(op, path, from, value)| json!({"op": op, "path": path, "from": from, "value": value}))
            .collect();
        let mut patched = target.clone();
        if json_patch(&mut patched, &Value::from(patch)).is_err() {
            prop_assert_eq!(patched, target);
        }
    }

    #[test]
    fn any_json_patch_is_taken_or_refused(target in value(), patch in value()) {
        let mut target = target;
        let _ = json_patch(&mut target, &patch);
    }
}

// ---- Tokens ----

/// A cluster's state with one account, and a good token of it.
fn plane() -> &'static (ControlPlane, String) {
    static PLANE: OnceLock<(ControlPlane, String)> = OnceLock::new();
    PLANE.get_or_init(|| {
        let clock = Clock::still("2026-11-23T18:59:05Z".parse().expect("a time"));
        let issuer = Arc::new(Issuer::new(DEFAULT_ISSUER));
        let plane = ControlPlane::new(Release::DEFAULT, clock, Ids::seeded(1), issuer);
        for (resource, namespace, name) in [("serviceaccounts", "default", "builder"), ("nodes", "", NODE)] {
            let object = json!({"metadata": {"name": name, "uid": format!("U-{name}")}});
            plane.store.create(Key::new(resource, namespace, name), object).expect("created");
        }
        let (reply, _) = create_token(&plane, "default", "builder", json!({"spec": {}})).expect("a token");
        let token = reply["status"]["token"].as_str().expect("a text").to_owned();
        (plane, token)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn only_the_token_itself_is_accepted(at in any::<prop::sample::Index>(), letter in "[ -~]", cut in any::<bool>()) {
        let (plane, good) = plane();
        let mut forged: Vec<u8> = good.clone().into_bytes();
        let at = at.index(forged.len());
        if cut {
            forged.remove(at);
        } else {
            forged[at] = letter.as_bytes()[0];
        }
        let forged = String::from_utf8(forged).expect("text");
        let read = |text: &str| token::decode(text).map(|token| (token.header, token.claims, token.signature)).ok();
        let accepted = authenticate_token(plane, &forged, &[]).is_ok_and(|found| found.user.name.ends_with(":builder"));
        // The last letter of a part has bits that mean nothing; a blank ends the token before the rest.
        prop_assert!(!accepted || read(&forged) == read(good), "{}", forged);
        if forged == *good {
            prop_assert!(accepted);
        }
    }

    #[test]
    fn no_claims_are_believed_without_the_key(
        alg in select(vec!["none", "None", "HS256", "RS256", "RS512", "ES256", "PS256", "EdDSA", ""]), kid in "[ -~]{0,10}",
        name in "[a-z]{1,8}", exp in any::<i64>(), signature in vec(any::<u8>(), 0..300)
    ) {
        let (plane, _) = plane();
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let claims = json!({"iss": DEFAULT_ISSUER, "aud": [DEFAULT_ISSUER], "exp": exp, "sub": "x",
            "kubernetes.io": {"namespace": "default", "serviceaccount": {"name": name, "uid": "U-builder"}}});
        let header = json!({"alg": alg, "kid": kid});
        let forged = format!("{}.{}.{}", part(&header), part(&claims), URL_SAFE_NO_PAD.encode(signature));
        prop_assert!(authenticate_token(plane, &forged, &[]).is_err());
        let header = format!("Bearer {forged}");
        prop_assert!(authenticate(plane, None, Some(&header)).is_none());
    }

    #[test]
    fn any_credentials_are_read(header in "[ -~é]{0,80}", parts in vec("[A-Za-z0-9_=+/-]{0,20}", 0..5)) {
        let (plane, _) = plane();
        let _ = authenticate(plane, None, Some(&header));
        let _ = authenticate_token(plane, &header, &[]);
        let header = format!("Bearer {}", parts.join("."));
        let found = authenticate(plane, None, Some(&header));
        prop_assert!(found.is_none_or(|user| user.name == "system:anonymous"));
    }
}
