use serde_json::{Value, json};

use super::{Refusal, Writer, apply, update};
use crate::apimachinery::fieldset::Set;
use crate::apimachinery::schema::Schema;

fn writer<'a>(manager: &'a str, second: i64, reset: &'a Set) -> Writer<'a> {
    let now = jiff::Timestamp::from_second(second).expect("a time");
    Writer { manager, api_version: "v1", subresource: "", now, reset }
}

fn secrets() -> Schema {
    Schema::of("Secret", true)
}

/// `manager operation fields` of every entry.
fn shown(object: &Value) -> Vec<String> {
    let list = object["metadata"]["managedFields"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    list.iter()
        .map(|entry| format!("{} {} {}", text(&entry["manager"]), text(&entry["operation"]), entry["fieldsV1"]))
        .collect()
}

fn secret(data: Value) -> Value {
    json!({"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "s"}, "data": data})
}

fn made(manager: &str, data: Value) -> Value {
    let mut object = secret(data);
    update(&secrets(), None, &mut object, &writer(manager, 0, &Set::default()));
    object
}

fn applied(live: Option<&Value>, data: Value, manager: &str, force: bool) -> Result<Value, Refusal> {
    apply(&secrets(), live, &secret(data), &writer(manager, 60, &Set::default()), force)
}

#[track_caller]
fn conflict_text(outcome: Result<Value, Refusal>) -> String {
    match outcome {
        Err(Refusal::Conflict(status)) => status.message,
        other => panic!("no conflict: {other:?}"),
    }
}

#[test]
fn updates() {
    let first = made("a", json!({"x": "1", "y": "1"}));
    assert_eq!(shown(&first), [r#"a Update {"f:data":{".":{},"f:x":{},"f:y":{}}}"#]);
    let mut second = first.clone();
    second["data"] = json!({"x": "2", "z": "1"});
    update(&secrets(), Some(&first), &mut second, &writer("b", 1, &Set::default()));
    assert_eq!(shown(&second), [r#"a Update {"f:data":{}}"#, r#"b Update {"f:data":{"f:x":{},"f:z":{}}}"#]);
    // Who changes nothing leaves no trace, and no new time.
    let mut third = second.clone();
    update(&secrets(), Some(&second), &mut third, &writer("c", 2, &Set::default()));
    assert_eq!(third, second);
    // A request may say anew who manages what; an empty list says: nobody.
    let mut none = second.clone();
    none["metadata"]["managedFields"] = json!([]);
    update(&secrets(), Some(&second), &mut none, &writer("c", 2, &Set::default()));
    assert!(shown(&none).is_empty());
    // What cannot be read is as if it was not said.
    let mut odd = second.clone();
    odd["metadata"]["managedFields"] = json!([{"manager": "x", "operation": "Guess"}]);
    update(&secrets(), Some(&second), &mut odd, &writer("c", 2, &Set::default()));
    assert_eq!(odd, second);
}

#[test]
fn ancient_updaters_are_put_together() {
    let mut object = made("m00", json!({}));
    for index in 0..14_i64 {
        let old = object.clone();
        object["data"][format!("k{index:02}")] = json!("v");
        update(
            &secrets(),
            (index > 0).then_some(&old),
            &mut object,
            &writer(&format!("m{index:02}"), index, &Set::default()),
        );
    }
    let entries = shown(&object);
    assert_eq!(entries.len(), 10);
    assert!(entries[0].starts_with("ancient-changes Update"), "{entries:?}");
    assert!(entries[9].starts_with("m13"), "{entries:?}");
}

#[test]
fn applies() {
    let first = applied(None, json!({"x": "1", "y": "1"}), "a", false).expect("made");
    assert_eq!(shown(&first), [r#"a Apply {"f:data":{"f:x":{},"f:y":{}}}"#]);
    // The same again changes nothing.
    assert_eq!(applied(Some(&first), json!({"x": "1", "y": "1"}), "a", false).expect("applied"), first);
    // What is no longer applied goes.
    let less = applied(Some(&first), json!({"x": "1"}), "a", false).expect("applied");
    assert_eq!(less["data"], json!({"x": "1"}));
    // Agreement is shared ownership; then nobody's leaving removes it.
    let shared = applied(Some(&first), json!({"x": "1"}), "b", false).expect("shared");
    let left = applied(Some(&shared), json!({"y": "1"}), "a", false).expect("left");
    assert_eq!(left["data"], json!({"x": "1", "y": "1"}));
    // Disagreement is a conflict, unless it is forced.
    let text = conflict_text(applied(Some(&first), json!({"x": "2"}), "b", false));
    assert_eq!(text, r#"Apply failed with 1 conflict: conflict with "a": .data.x"#);
    let text = conflict_text(applied(Some(&first), json!({"x": "2", "y": "2"}), "b", false));
    assert_eq!(text, "Apply failed with 2 conflicts: conflicts with \"a\":\n- .data.x\n- .data.y");
    let forced = applied(Some(&first), json!({"x": "2"}), "b", true).expect("forced");
    assert_eq!(shown(&forced), [r#"a Apply {"f:data":{"f:y":{}}}"#, r#"b Apply {"f:data":{"f:x":{}}}"#]);
}

#[test]
fn applies_meet_updates() {
    let made = made("kubectl-client-side-apply", json!({"x": "1"}));
    let text = conflict_text(applied(Some(&made), json!({"x": "2"}), "b", false));
    assert_eq!(text, r#"Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using v1: .data.x"#);
    // The annotation of client-side apply lets kubectl take over what it applied before.
    let mut annotated = made.clone();
    let last = secret(json!({"x": "1"})).to_string();
    annotated["metadata"]["annotations"] = json!({"kubectl.kubernetes.io/last-applied-configuration": last});
    let taken = applied(Some(&annotated), json!({"x": "2"}), "kubectl", false).expect("taken over");
    assert_eq!(taken["data"]["x"], "2");
    let noted = taken["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"].as_str();
    assert!(noted.is_some_and(|text| text.contains(r#""x":"2""#)), "{noted:?}");
    assert!(applied(Some(&annotated), json!({"x": "2"}), "other", false).is_err());
}

proptest::proptest! {
    #[test]
    fn applying_twice_is_applying_once(
        live in proptest::collection::btree_map("[abc]", "[12]", 0..4),
        config in proptest::collection::btree_map("[abc]", "[12]", 0..4),
        again in proptest::collection::btree_map("[abc]", "[12]", 0..4),
    ) {
        let made = made("u", json!(live));
        let once = applied(Some(&made), json!(config), "a", true).expect("forced");
        let twice = applied(Some(&once), json!(config), "a", true).expect("forced");
        proptest::prop_assert_eq!(&once, &twice);
        let other = applied(Some(&once), json!(again), "a", true).expect("forced");
        for key in config.keys().filter(|key| !again.contains_key(*key) && !live.contains_key(*key)) {
            proptest::prop_assert!(other["data"].get(key).is_none());
        }
        for (key, value) in &again {
            proptest::prop_assert_eq!(&other["data"][key], value);
        }
    }
}
