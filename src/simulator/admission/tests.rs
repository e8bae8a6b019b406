//! Plugins one by one on small pods, and the whole row of them twice.

use serde_json::{Value, json};

use super::{Attributes, ORDERED, Plugin};
use crate::apimachinery::Status;
use crate::rbac::User;
use crate::simulator::ControlPlane;
use crate::simulator::registry::core::{namespaces, pods, serviceaccounts};
use crate::simulator::serviceaccount::tests;
use crate::simulator::storage::Key;

fn plane(minor: u8) -> ControlPlane {
    let plane = tests::plane(minor);
    let strict = json!({"kubernetes.io/enforce-mountable-secrets": "T"});
    for (plural, namespace, name, object) in [
        ("namespaces", "", "default", json!({"status": {"phase": "Active"}})),
        ("namespaces", "", "dying", json!({"status": {"phase": "Terminating"}})),
        (
            "serviceaccounts",
            "default",
            "strict",
            json!({"metadata": {"name": "strict", "annotations": strict}, "secrets": [{"name": "own"}],
                "imagePullSecrets": [{"name": "pull"}], "automountServiceAccountToken": false}),
        ),
    ] {
        plane.store.create(Key::new(plural, namespace, name), object).expect("new");
    }
    plane
}

fn attributes<'a>(operation: &'static str, namespace: &'a str, user: &'a User) -> Attributes<'a> {
    Attributes { user, operation, resource: &pods::RESOURCE, subresource: "", namespace, name: "", old: None }
}

fn admit(plane: &ControlPlane, namespace: &str, pod: &mut Value) -> Result<(), Status> {
    let user = User::default();
    let attributes = attributes("CREATE", namespace, &user);
    ORDERED.iter().try_for_each(|plugin| plugin.admit(plane, &attributes, pod))?;
    ORDERED.iter().try_for_each(|plugin| plugin.validate(plane, &attributes, pod))
}

#[test]
fn once_is_enough() {
    let plane = plane(36);
    let user = User::default();
    let attributes = attributes("CREATE", "default", &user);
    let mut pod = json!({"metadata": {"name": "p"},
        "spec": {"serviceAccountName": "builder", "containers": [{"name": "c", "image": "i"}]}});
    admit(&plane, "default", &mut pod).unwrap();
    let once = pod.clone();
    for plugin in ORDERED {
        plugin.admit(&plane, &attributes, &mut pod).unwrap();
        assert_eq!(pod, once, "{}", plugin.name());
    }
    assert_eq!(once["spec"]["priority"], 0);
    assert_eq!(once["spec"]["preemptionPolicy"], "PreemptLowerPriority");
    assert_eq!(once["spec"]["tolerations"].as_array().map(Vec::len), Some(2));
    assert_eq!(once["spec"]["volumes"].as_array().map(Vec::len), Some(1));
}

#[test]
fn refusals() {
    let mirror = |spec: Value| json!({"metadata": {"name": "p", "annotations": {"kubernetes.io/config.mirror": "x"}}, "spec": spec});
    let strict = |container: Value, volumes: Value, pull: Value| {
        json!({"metadata": {"name": "p"}, "spec": {"serviceAccountName": "strict", "containers": [container],
            "volumes": volumes, "imagePullSecrets": pull}})
    };
    let env =
        json!({"name": "c", "env": [{"name": "E", "valueFrom": {"secretKeyRef": {"name": "other", "key": "k"}}}]});
    let env_from = json!({"name": "c", "envFrom": [{"secretRef": {"name": "other"}}]});
    let plain = json!({"name": "c"});
    let not_ours = "is not allowed because service account strict does not reference that";
    for (namespace, mut pod, want) in [
        ("none", json!({"metadata": {"name": "p"}}), "namespaces \"none\" not found".to_owned()),
        (
            "dying",
            json!({"metadata": {"generateName": "p-"}}),
            "pods \"p-\" is forbidden: unable to create new content in namespace dying because it is being terminated"
                .to_owned(),
        ),
        (
            "default",
            json!({"metadata": {}, "spec": {"serviceAccountName": "nobody"}}),
            "pods \"Unknown\" is forbidden: error looking up service account default/nobody: serviceaccount \"nobody\" not found"
                .to_owned(),
        ),
        (
            "default",
            mirror(json!({"serviceAccountName": "builder"})),
            "pods \"p\" is forbidden: a mirror pod may not reference service accounts".to_owned(),
        ),
        (
            "default",
            mirror(json!({"volumes": [{"name": "v", "secret": {"secretName": "s"}}]})),
            "pods \"p\" is forbidden: a mirror pod may not reference secrets".to_owned(),
        ),
        (
            "default",
            mirror(json!({"volumes": [{"name": "v", "projected": {"sources": [{"serviceAccountToken": {}}]}}]})),
            "pods \"p\" is forbidden: a mirror pod may not use ServiceAccountToken volume projections".to_owned(),
        ),
        (
            "default",
            strict(plain.clone(), json!([{"name": "v", "secret": {"secretName": "other"}}]), json!([])),
            format!("pods \"p\" is forbidden: volume with secret.secretName=\"other\" {not_ours} secret"),
        ),
        (
            "default",
            strict(env, json!([]), json!([])),
            format!("pods \"p\" is forbidden: container c with envVar E referencing secret.secretName=\"other\" {not_ours} secret"),
        ),
        (
            "default",
            strict(env_from, json!([]), json!([])),
            format!("pods \"p\" is forbidden: container c with envFrom referencing secret.secretName=\"other\" {not_ours} secret"),
        ),
        (
            "default",
            strict(plain, json!([{"name": "v", "secret": {"secretName": "own"}}]), json!([{"name": "mine"}])),
            format!("pods \"p\" is forbidden: imagePullSecrets[0].name=\"mine\" {not_ours} imagePullSecret"),
        ),
        (
            "default",
            json!({"metadata": {"name": "p"}, "spec": {"serviceAccountName": "builder", "priority": 7}}),
            "pods \"p\" is forbidden: the integer value of priority (7) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name".to_owned(),
        ),
        (
            "default",
            json!({"metadata": {"name": "p"}, "spec": {"serviceAccountName": "builder", "priorityClassName": "x"}}),
            "pods \"p\" is forbidden: no PriorityClass with name x was found".to_owned(),
        ),
    ] {
        assert_eq!(admit(&plane(36), namespace, &mut pod).unwrap_err().message, want);
    }
}

#[test]
fn namespaces_that_stay() {
    let user = User::default();
    for (name, stays) in [("default", true), ("kube-system", true), ("kube-public", true), ("mine", false)] {
        let attributes = Attributes { resource: &namespaces::RESOURCE, name, ..attributes("DELETE", name, &user) };
        let verdict = super::namespacelifecycle::NamespaceLifecycle.admit(&plane(36), &attributes, &mut Value::Null);
        assert_eq!(verdict.is_err(), stays, "{name}");
    }
    let accounts = Attributes { resource: &serviceaccounts::RESOURCE, ..attributes("DELETE", "dying", &user) };
    assert!(super::namespacelifecycle::NamespaceLifecycle.admit(&plane(36), &accounts, &mut Value::Null).is_ok());
}

#[test]
fn tolerations_of_ones_own_are_left_alone() {
    let user = User::default();
    for (own, want) in [
        (json!([]), 2),
        (json!([{"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute"}]), 2),
        (json!([{"operator": "Exists"}]), 1),
        (json!([{"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}]), 3),
    ] {
        let mut pod = json!({"spec": {"tolerations": own}});
        let attributes = attributes("CREATE", "default", &user);
        super::defaulttolerationseconds::DefaultTolerationSeconds.admit(&plane(36), &attributes, &mut pod).unwrap();
        assert_eq!(pod["spec"]["tolerations"].as_array().map(Vec::len), Some(want));
    }
}
