use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Element, Set, compare, fault, from_fields, merge, of_value, path_text, to_fields, without};
use crate::apimachinery::schema::{Schema, empty};

fn schema(kind: &str) -> Schema {
    Schema::of(kind, true)
}

/// The paths that creating an object adds, as `fieldsV1`.
#[track_caller]
fn created(kind: &str, object: Value, want: Value) {
    let added = compare(&schema(kind), &empty(kind), &object).added;
    assert_eq!(to_fields(&added).to_string(), want.to_string());
}

#[test]
fn paths_of_new_objects() {
    created(
        "Pod",
        json!({"spec": {"containers": [{"name": "c", "image": "i", "resources": {},
            "ports": [{"containerPort": 80}]}], "nodeSelector": {"a": "b"}}}),
        json!({"f:spec": {"f:containers": {"k:{\"name\":\"c\"}": {".": {}, "f:image": {}, "f:name": {}, "f:ports": {
            ".": {}, "k:{\"containerPort\":80,\"protocol\":\"TCP\"}": {".": {}, "f:containerPort": {}}},
            "f:resources": {}}}, "f:nodeSelector": {}}}),
    );
    created(
        "Deployment",
        json!({"metadata": {"labels": {"app": "a"}}, "spec": {"selector": {"matchLabels": {"app": "a"}}, "strategy":
            {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%"}}, "template": {"spec": {"containers": []}}}}),
        json!({"f:metadata": {"f:labels": {".": {}, "f:app": {}}}, "f:spec": {"f:strategy": {"f:rollingUpdate":
            {".": {}, "f:maxSurge": {}}, "f:type": {}}}}),
    );
    created(
        "ServiceAccount",
        json!({"secrets": [{"name": "s"}], "imagePullSecrets": [{"name": "p"}], "metadata": {"finalizers": ["a/b"],
            "ownerReferences": [{"uid": "u", "name": "n"}]}}),
        json!({"f:imagePullSecrets": {}, "f:metadata": {"f:finalizers": {".": {}, "v:\"a/b\"": {}},
            "f:ownerReferences": {".": {}, "k:{\"uid\":\"u\"}": {}}}, "f:secrets": {".": {}, "k:{\"name\":\"s\"}": {}}}),
    );
}

#[test]
fn comparisons() {
    let rows = [
        (
            "Secret",
            json!({"data": {"a": "1", "b": "2"}}),
            json!({"data": {"a": "3", "c": "4"}}),
            "+.data.c ~.data.a -.data.b",
        ),
        ("Secret", json!({}), json!({"data": {"a": "1"}}), "+.data +.data.a"),
        ("Secret", json!({"data": null}), json!({"data": {"a": "1"}}), "+.data.a"),
        (
            "Pod",
            json!({"spec": {"containers": [{"name": "a", "args": ["x"]}, {"name": "b"}]}}),
            json!({"spec": {"containers": [{"name": "b"}, {"name": "a", "args": ["y"]}]}}),
            "~.spec.containers[name=\"a\"].args",
        ),
        (
            "RoleBinding",
            json!({"roleRef": {"name": "a", "kind": "Role"}}),
            json!({"roleRef": {"name": "b", "kind": "Role"}}),
            "~.roleRef",
        ),
    ];
    for (kind, old, new, want) in rows {
        let found = compare(&schema(kind), &old, &new);
        let words = [("+", &found.added), ("~", &found.modified), ("-", &found.removed)];
        let shown: Vec<String> = words
            .iter()
            .flat_map(|(sign, set)| set.paths().into_iter().map(move |path| format!("{sign}{}", path_text(&path))))
            .collect();
        assert_eq!(shown.join(" "), want);
    }
}

#[test]
fn merges() {
    let rows = [
        (json!({"data": {"a": "1"}}), json!({"data": {"b": "2"}}), json!({"data": {"a": "1", "b": "2"}})),
        (
            json!({"spec": {"containers": [{"name": "a", "x": 1}, {"name": "b"}, {"name": "c"}]}}),
            json!({"spec": {"containers": [{"name": "c"}, {"name": "new"}, {"name": "a", "y": 2}]}}),
            json!({"spec": {"containers": [{"name": "b"}, {"name": "c"}, {"name": "new"}, {"name": "a", "x": 1, "y": 2}]}}),
        ),
        (
            json!({"spec": {"tolerations": [{"key": "a"}]}}),
            json!({"spec": {"tolerations": [{"key": "b"}]}}),
            json!({"spec": {"tolerations": [{"key": "b"}]}}),
        ),
    ];
    for (under, over, want) in rows {
        assert_eq!(merge(&schema("Pod"), &under, &over), want);
    }
}

#[test]
fn faults() {
    let two = json!({"spec": {"containers": [{"name": "a"}, {"name": "a"}]}});
    assert_eq!(
        fault(&schema("Pod"), &two).as_deref(),
        Some(".spec.containers: duplicate entries for key [name=\"a\"]")
    );
    let none = json!({"spec": {"containers": [{"image": "a"}]}});
    assert!(fault(&schema("Pod"), &none).is_some_and(|fault| fault.contains("omits key field \"name\"")));
    assert_eq!(fault(&schema("Pod"), &json!({"spec": {"containers": [{"name": "a"}]}})), None);
}

#[test]
fn malformed_fields_are_refused() {
    for fields in
        [json!([]), json!({"f": {}}), json!({"k:[]": {}}), json!({"k:{": {}}), json!({"i:x": {}}), json!({"f:a": 1})]
    {
        assert!(from_fields(&fields).is_err(), "{fields}");
    }
    assert!(from_fields(&json!({"x:future": {}})).is_ok_and(|set| set.is_empty()));
}

fn element() -> impl Strategy<Value = Element> {
    prop_oneof![
        "[ab]".prop_map(Element::Field),
        "[ab]".prop_map(|name| Element::Key(vec![("name".to_owned(), json!(name))])),
        "[ab]".prop_map(|name| Element::Value(json!(name))),
    ]
}

fn set() -> impl Strategy<Value = Set> {
    prop::collection::vec(prop::collection::vec(element(), 1..4), 0..12).prop_map(|paths| {
        let mut set = Set::default();
        paths.iter().for_each(|path| set.insert(path));
        set
    })
}

fn paths(set: &Set) -> std::collections::BTreeSet<Vec<Element>> {
    set.paths().into_iter().collect()
}

fn pod() -> impl Strategy<Value = Value> {
    let container = ("[abc]", prop::option::of("[xy]"))
        .prop_map(|(name, image)| image.map_or(json!({"name": name}), |image| json!({"name": name, "image": image})));
    let labels = prop::collection::btree_map("[abc]", "[12]", 0..3);
    (prop::collection::vec(container, 0..3), labels).prop_map(|(mut containers, labels)| {
        let mut seen = std::collections::BTreeSet::new();
        containers.retain(|container| seen.insert(container["name"].to_string()));
        json!({"metadata": {"name": "p", "labels": labels}, "spec": {"containers": containers}})
    })
}

proptest! {
    #[test]
    fn sets_obey_their_laws(a in set(), b in set()) {
        let (in_a, in_b) = (paths(&a), paths(&b));
        prop_assert_eq!(paths(&a.union(&b)), in_a.union(&in_b).cloned().collect());
        prop_assert_eq!(paths(&a.intersection(&b)), in_a.intersection(&in_b).cloned().collect());
        prop_assert_eq!(paths(&a.difference(&b)), in_a.difference(&in_b).cloned().collect());
        prop_assert_eq!(a.union(&b), b.union(&a));
        prop_assert!(a.difference(&a).is_empty());
        let below = |path: &Vec<Element>| (1..=path.len()).any(|end| in_b.contains(&path[..end]));
        let want = in_a.iter().filter(|path| !below(path)).cloned().collect();
        prop_assert_eq!(paths(&a.recursive_difference(&b)), want);
        prop_assert_eq!(paths(&from_fields(&to_fields(&a)).expect("read back")), in_a);
    }

    #[test]
    fn values_obey_their_laws(a in pod(), b in pod()) {
        let pods = schema("Pod");
        let none = compare(&pods, &a, &a);
        prop_assert!(none.added.is_empty() && none.modified.is_empty() && none.removed.is_empty());
        let (there, back) = (compare(&pods, &a, &b), compare(&pods, &b, &a));
        prop_assert_eq!(&there.added, &back.removed);
        prop_assert_eq!(&there.modified, &back.modified);
        let both = merge(&pods, &a, &b);
        prop_assert_eq!(&merge(&pods, &both, &b), &both);
        prop_assert!(compare(&pods, &a, &both).removed.is_empty());
        prop_assert_eq!(without(&pods, &a, &Set::default()), a.clone());
        prop_assert!(of_value(&pods, &without(&pods, &a, &of_value(&pods, &a))).intersection(&of_value(&pods, &a)).paths().iter().all(|path| path.len() < 3));
    }
}
