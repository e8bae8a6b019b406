//! Whatever is sent to the simulator, nothing in it panics: neither the answer nor what works on the objects later.

use std::time::Duration;

use sa_tutor::apimachinery::Release;
use sa_tutor::base::{Clock, Ids};
use sa_tutor::cluster::{Cluster, Workbench};
use serde_json::{Value, json};

use crate::support::panics;

/// Whole objects, of which parts are replaced.
fn samples() -> Vec<(&'static str, Value)> {
    let pod = json!({
        "containers": [{
            "name": "c", "image": "busybox", "command": ["sleep", "5"], "args": ["x"],
            "env": [{"name": "A", "value": "b"}, {"name": "B", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}],
            "envFrom": [{"configMapRef": {"name": "m"}}],
            "ports": [{"containerPort": 80, "name": "http"}],
            "resources": {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"cpu": "1"}},
            "volumeMounts": [{"name": "v", "mountPath": "/v", "subPath": "x"}],
            "securityContext": {"runAsUser": 1, "runAsGroup": 1},
            "readinessProbe": {"httpGet": {"path": "/", "port": 80}, "periodSeconds": 1},
        }],
        "restartPolicy": "Never",
        "tolerations": [{"key": "a", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 3}],
        "securityContext": {"fsGroup": 5},
        "imagePullSecrets": [{"name": "p"}],
        "volumes": [{"name": "v", "projected": {"defaultMode": 420, "sources": [
            {"serviceAccountToken": {"path": "token", "expirationSeconds": 600, "audience": "a"}},
            {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
            {"downwardAPI": {"items": [{"path": "n", "fieldRef": {"fieldPath": "metadata.namespace"}}]}},
        ]}}],
    });
    let meta = json!({
        "generateName": "x-", "labels": {"a": "b"}, "annotations": {"c": "d"}, "finalizers": ["example.com/f"],
        "ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "o", "uid": "u", "controller": true}],
    });
    let template = json!({"metadata": {"labels": {"a": "b"}}, "spec": pod});
    let workload = json!({
        "replicas": 2, "selector": {"matchLabels": {"a": "b"}, "matchExpressions": [{"key": "a", "operator": "Exists"}]},
        "template": template, "minReadySeconds": 0,
    });
    let mut deployment = workload.clone();
    deployment["strategy"] =
        json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 1}});
    deployment["progressDeadlineSeconds"] = json!(5);
    deployment["revisionHistoryLimit"] = json!(1);
    let rules = json!([{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"], "resourceNames": ["x"]}]);
    let subjects = json!([{"kind": "ServiceAccount", "name": "a", "namespace": "default"}]);
    let reference = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"});
    let attributes = json!({"verb": "get", "resource": "pods", "namespace": "default", "group": "", "name": "x"});
    let core = "/api/v1/namespaces/default";
    let rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/default";
    let apps = "/apis/apps/v1/namespaces/default";
    [
        (core, "pods", "v1", "Pod", json!({"spec": pod, "status": {"phase": "Running"}})),
        (
            core,
            "serviceaccounts",
            "v1",
            "ServiceAccount",
            json!({
            "secrets": [{"name": "s"}], "imagePullSecrets": [{"name": "p"}], "automountServiceAccountToken": true}),
        ),
        (
            core,
            "secrets",
            "v1",
            "Secret",
            json!({
            "type": "kubernetes.io/service-account-token", "data": {"a": "Yg=="}, "stringData": {"c": "d"}}),
        ),
        (
            core,
            "configmaps",
            "v1",
            "ConfigMap",
            json!({"data": {"a": "b"}, "binaryData": {"c": "Yg=="}, "immutable": true}),
        ),
        (
            core,
            "events",
            "v1",
            "Event",
            json!({
            "involvedObject": {"kind": "Pod", "name": "x", "namespace": "default"}, "reason": "R", "message": "m",
            "count": 1, "firstTimestamp": "2020-01-01T00:00:00Z", "source": {"component": "c"}}),
        ),
        (
            "/api/v1",
            "namespaces",
            "v1",
            "Namespace",
            json!({"spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}}),
        ),
        (
            "/api/v1",
            "nodes",
            "v1",
            "Node",
            json!({
            "spec": {"taints": [{"key": "a", "effect": "NoSchedule"}], "unschedulable": true},
            "status": {"capacity": {"cpu": "1"}, "conditions": [{"type": "Ready", "status": "True"}]}}),
        ),
        (apps, "deployments", "apps/v1", "Deployment", json!({"spec": deployment, "status": {"replicas": 1}})),
        (apps, "replicasets", "apps/v1", "ReplicaSet", json!({"spec": workload, "status": {"replicas": 1}})),
        (rbac, "roles", "rbac.authorization.k8s.io/v1", "Role", json!({"rules": rules})),
        (
            rbac,
            "rolebindings",
            "rbac.authorization.k8s.io/v1",
            "RoleBinding",
            json!({"subjects": subjects, "roleRef": reference}),
        ),
        (
            "/apis/rbac.authorization.k8s.io/v1",
            "clusterroles",
            "rbac.authorization.k8s.io/v1",
            "ClusterRole",
            json!({
            "rules": rules, "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]}}),
        ),
        (
            "/apis/authorization.k8s.io/v1",
            "subjectaccessreviews",
            "authorization.k8s.io/v1",
            "SubjectAccessReview",
            json!({
            "spec": {"user": "u", "groups": ["g"], "extra": {"a": ["b"]}, "resourceAttributes": attributes}}),
        ),
        (
            "/apis/authentication.k8s.io/v1",
            "tokenreviews",
            "authentication.k8s.io/v1",
            "TokenReview",
            json!({
            "spec": {"token": "a.b.c", "audiences": ["x"]}}),
        ),
        (
            core,
            "serviceaccounts/default/token",
            "authentication.k8s.io/v1",
            "TokenRequest",
            json!({
            "spec": {"audiences": ["x"], "expirationSeconds": 600,
                     "boundObjectRef": {"kind": "Secret", "apiVersion": "v1", "name": "s", "uid": "u"}}}),
        ),
    ]
    .into_iter()
    .map(|(base, plural, version, kind, rest)| {
        let mut object = json!({"apiVersion": version, "kind": kind, "metadata": meta});
        for (field, value) in rest.as_object().into_iter().flatten() {
            object[field] = value.clone();
        }
        (&*Box::leak(format!("{base}/{plural}").into_boxed_str()), object)
    })
    .collect()
}

/// The paths of all parts of a value.
fn parts(value: &Value, path: &str, found: &mut Vec<String>) {
    found.push(path.to_owned());
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                parts(value, &format!("{path}/{}", key.replace('/', "~1")), found);
            }
        }
        Value::Array(list) => {
            for (at, value) in list.iter().enumerate() {
                parts(value, &format!("{path}/{at}"), found);
            }
        }
        _ => {}
    }
}

fn junk() -> [Value; 13] {
    [
        Value::Null,
        json!(""),
        json!("é\u{1b}%"),
        json!("-1%"),
        json!(-1),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1.5),
        json!([]),
        json!([null]),
        json!({}),
        json!({"a": []}),
    ]
}

/// Sends something; a cluster that takes its time has to answer all the same.
async fn send(client: &kube::Client, method: &str, path: &str, kind: &str, body: &Value) -> Option<Value> {
    let body = serde_json::to_vec(body).expect("json");
    let request =
        http::Request::builder().method(method).uri(path).header("Content-Type", kind).body(body).expect("made");
    let answer = tokio::time::timeout(Duration::from_secs(20), client.request::<Value>(request)).await;
    answer.unwrap_or_else(|_| panic!("no answer to {method} {path}")).ok()
}

/// Tries every other replacement, beginning with the first or the second.
async fn garble(release: Release, first: usize) {
    let bench = Workbench::new(Clock::system(), Ids::seeded(1));
    let cluster = Cluster::simulated(&bench, release).expect("a simulator");
    cluster.ready().await;
    let client = &cluster.client;
    for (path, sample) in samples() {
        let mut places = Vec::new();
        parts(&sample, "", &mut places);
        for (at, place) in places.iter().enumerate() {
            for (kind, junk) in junk().into_iter().enumerate().skip((at + first) % 2).step_by(2) {
                let mut object = sample.clone();
                if let Some(part) = object.pointer_mut(place) {
                    *part = junk.clone();
                }
                let made = send(client, "POST", path, "application/json", &object).await;
                let name = made.as_ref().and_then(|made| made.pointer("/metadata/name")).and_then(Value::as_str);
                // Some of what is there is changed in the same ways, by every kind of patch.
                let Some(name) = name.filter(|_| !path.ends_with("/token")).map(|name| format!("{path}/{name}")) else {
                    continue;
                };
                if at % 4 == 0 {
                    let kinds = ["application/merge-patch+json", "application/strategic-merge-patch+json"];
                    send(client, "PATCH", &name, kinds[kind % 2], &object).await;
                    let patch = json!([{"op": "replace", "path": place, "value": junk}]);
                    send(client, "PATCH", &name, "application/json-patch+json", &patch).await;
                    send(
                        client,
                        "PATCH",
                        &format!("{name}/status"),
                        "application/merge-patch+json",
                        &json!({"status": junk}),
                    )
                    .await;
                }
                let gone = json!({"metadata": {"finalizers": null}});
                if kind % 3 != 0 {
                    send(client, "PATCH", &name, "application/merge-patch+json", &gone).await;
                    send(client, "DELETE", &name, "application/json", &json!({"gracePeriodSeconds": 0})).await;
                }
            }
        }
    }
    rest(&cluster).await;
    bench.clock.advance(jiff::SignedDuration::from_hours(2));
    rest(&cluster).await;
}

/// Waits until those who work on the objects have done what they do with them.
async fn rest(cluster: &Cluster) {
    let store = &cluster.simulator.as_ref().expect("a simulator").plane().store;
    let at_rest = async {
        let (mut last, mut same) = (store.revision(), 0);
        while same < 20 {
            tokio::time::sleep(Duration::from_millis(20)).await;
            same = if store.revision() == last { same + 1 } else { 0 };
            last = store.revision();
        }
    };
    tokio::time::timeout(Duration::from_secs(60), at_rest).await.expect("it comes to rest");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_is_refused_and_nothing_panics() {
    panics::watch();
    garble(Release::DEFAULT, 0).await;
    panics::expect_none("garbage");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_it_is_on_the_oldest_release() {
    panics::watch();
    garble(Release::nearest("20").expect("known"), 1).await;
    panics::expect_none("garbage");
}
