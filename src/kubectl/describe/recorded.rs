//! Descriptions that real clients printed, held against ours.
//!
//! A recording is an object as `get -o yaml` showed it, a line `===`, and what `describe` printed. The events and the
//! objects around it are made from what was printed.

use serde::Deserialize;
use serde_json::{Value, json};

use super::related::{Related, Want};
use super::{Page, View, describer};
use crate::apimachinery::{Release, meta};

/// The moment at which every test looks.
const NOW: &str = "2026-11-23T20:00:00Z";

/// A view with nothing around the object and no events.
pub fn view(object: &Value, minor: u8) -> View<'_> {
    View {
        object,
        related: Related::default(),
        events: Some(Vec::new()),
        now: NOW.parse().unwrap(),
        release: Release::minor(minor),
    }
}

/// What a client prints of it.
pub fn seen(group: &str, kind: &str, view: &View<'_>) -> String {
    (describer(group, kind).tell)(view).map(Page::finish).unwrap()
}

macro_rules! recordings {
    ($($minor:literal $name:literal;)*) => {
        &[$(($minor, $name, include_str!(concat!("recordings/", $name)))),*]
    };
}

const RECORDINGS: &[(u8, &str, &str)] = recordings! {
    20 "deployment-1.20.txt";
    20 "pod-default-1.20.txt";
    20 "pod-no-automount-1.20.txt";
    20 "pod-projected-1.20.txt";
    20 "secret-1.20.txt";
    20 "serviceaccount-1.20.txt";
    23 "deployment-1.23.txt";
    23 "pod-default-1.23.txt";
    23 "pod-no-automount-1.23.txt";
    23 "pod-projected-1.23.txt";
    23 "serviceaccount-1.23.txt";
    25 "deployment-1.25.txt";
    25 "pod-default-1.25.txt";
    25 "pod-no-automount-1.25.txt";
    25 "pod-projected-1.25.txt";
    25 "serviceaccount-1.25.txt";
    36 "deployment-1.36.txt";
    36 "pod-default-1.36.txt";
    36 "pod-no-automount-1.36.txt";
    36 "pod-projected-1.36.txt";
    36 "secret-1.36.txt";
    36 "serviceaccount-1.36.txt";
};

/// `8s` as the moment so long before [`NOW`].
fn before(age: &str) -> String {
    let now: jiff::Timestamp = NOW.parse().unwrap();
    let seconds: i64 = age.trim_end_matches('s').parse().unwrap();
    meta::time(now - jiff::SignedDuration::from_secs(seconds))
}

/// The events of a printed table.
fn events(printed: &str) -> Vec<Value> {
    let rows = printed.split("\nEvents:\n").nth(1).unwrap_or_default().lines().skip(2);
    let row = |line: &str| {
        let mut words = line.split("  ").filter(|word| !word.trim().is_empty());
        let mut next = || words.next().unwrap_or_default().trim().to_owned();
        let (kind, reason, age, from) = (next(), next(), next(), next());
        let message = next();
        let (field, message) = match message.split_once("}: ") {
            Some((field, message)) if field.starts_with("spec.containers{") => {
                (format!("{field}}}"), message.to_owned())
            }
            _ => (String::new(), message),
        };
        json!({"type": kind, "reason": reason, "firstTimestamp": before(&age), "lastTimestamp": before(&age),
            "count": 1, "source": {"component": from}, "message": message, "involvedObject": {"fieldPath": field}})
    };
    rows.map(row).collect()
}

/// The replica sets that a deployment's description names; an old one stands for those that are scaled down.
fn replica_sets(object: &Value, printed: &str) -> Value {
    let owner =
        json!([{"controller": true, "kind": "Deployment", "name": meta::name(object), "uid": meta::uid(object)}]);
    let new = printed.split("NewReplicaSet:").nth(1).unwrap_or_default().split_whitespace().next().unwrap_or_default();
    let old =
        printed.split("Scaled down replica set ").nth(1).unwrap_or_default().split(' ').next().unwrap_or_default();
    let mut template = object["spec"]["template"].clone();
    template["metadata"]["labels"]["pod-template-hash"] = json!("h");
    let set = |name: &str, replicas: i64, template: Value| {
        json!({"metadata": {"name": name, "uid": name, "ownerReferences": owner},
            "spec": {"replicas": replicas, "template": template}, "status": {"replicas": replicas}})
    };
    json!({"items": [set(new, 1, template), set(old, 0, json!({}))]})
}

/// The secrets that a service account's description names.
fn secrets(object: &Value, printed: &str) -> Value {
    let tokens = printed.split("Tokens:").nth(1).unwrap_or_default().split("Events:").next().unwrap_or_default();
    let secret = |name: &str| {
        json!({"metadata": {"name": name, "annotations": {"kubernetes.io/service-account.name": meta::name(object),
            "kubernetes.io/service-account.uid": meta::uid(object)}}, "type": "kubernetes.io/service-account-token"})
    };
    json!({"items": tokens.split_whitespace().filter(|name| *name != "<none>").map(secret).collect::<Vec<_>>()})
}

#[test]
fn as_real_clients_print() {
    for (minor, name, recording) in RECORDINGS {
        let (yaml, printed) = recording.split_once("===\n").unwrap();
        let object = Value::deserialize(serde_yaml::Deserializer::from_str(yaml)).unwrap();
        let group = if meta::kind(&object) == "Deployment" { "apps" } else { "" };
        let mut view = view(&object, *minor);
        view.events = Some(events(printed));
        view.related = Related(vec![
            (Want::ReplicaSets, Ok(replica_sets(&object, printed))),
            (Want::Secrets, Ok(secrets(&object, printed))),
        ]);
        assert_eq!(seen(group, meta::kind(&object), &view), printed, "{name}");
    }
}

#[test]
fn events_are_sorted_and_counted() {
    let sa = json!({"metadata": {"name": "x", "namespace": "default"}});
    let event = |count: i64, first: &str, last: &str, message: &str| {
        json!({"type": "Warning", "reason": "FailedMount", "count": count, "firstTimestamp": before(first),
            "lastTimestamp": before(last), "source": {"component": "kubelet"}, "message": message})
    };
    let mut view = view(&sa, 36);
    view.events = Some(vec![
        event(4, "7s", "3s", "later \n"),
        event(1, "5s", "5s", "earlier"),
        json!({"type": "Normal", "reason": "Scheduled", "eventTime": "2026-11-23T19:59:52.123456Z",
            "firstTimestamp": null, "lastTimestamp": null, "source": {}, "reportingComponent": "default-scheduler",
            "message": "first"}),
    ]);
    let want = "Events:
  Type     Reason       Age              From               Message
  ----     ------       ----             ----               -------
  Normal   Scheduled    7s               default-scheduler  first
  Warning  FailedMount  5s               kubelet            earlier
  Warning  FailedMount  3s (x4 over 7s)  kubelet            later
";
    let text = seen("", "ServiceAccount", &view);
    assert!(text.ends_with(want), "{text}");
    view.events = None;
    assert!(!seen("", "ServiceAccount", &view).contains("Events"));
}
