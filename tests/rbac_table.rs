//! Who may do what: `rbac.txt` is the table, and every cell of it is asked.
//!
//! Each cell is asked through SubjectAccessReview, and each that is a request of HTTP is also sent, acting as the
//! subject, with `dryRun=All`. The expectations are upstream's bootstrap policy
//! (`plugin/pkg/auth/authorizer/rbac/bootstrappolicy`) and node authorizer, not what the simulator happened to say.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Request;
use kube::client::Body;
use sa_tutor::apimachinery::Release;
use sa_tutor::base::{Clock, Ids};
use sa_tutor::cluster::{Cluster, Workbench};
use sa_tutor::why::{Origin, Rung, Trace};
use serde_json::{Value, json};

const TABLE: &str = include_str!("rbac.txt");
const PATIENCE: Duration = Duration::from_secs(30);
const RBAC: &str = "rbac.authorization.k8s.io";

const VERBS: [&str; 11] = [
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "escalate",
    "bind",
    "impersonate",
];

/// A subject's short name, its user name, and its groups besides `system:authenticated`.
const SUBJECTS: &[(&str, &str, &[&str])] = &[
    ("anonymous", "system:anonymous", &["system:unauthenticated"]),
    ("jane", "jane", &[]),
    ("bare", "system:serviceaccount:team:bare", &["system:serviceaccounts", "system:serviceaccounts:team"]),
    ("vic", "vic", &[]),
    ("edith", "edith", &[]),
    ("adam", "adam", &[]),
    ("robot", "system:serviceaccount:other:robot", &["system:serviceaccounts", "system:serviceaccounts:other"]),
    ("clerk", "clerk", &[]),
    ("root", "root", &[]),
    ("node-1", "system:node:node-1", &["system:nodes"]),
    ("impostor", "system:node:node-1", &[]),
    ("kubernetes-admin", "kubernetes-admin", &["kubeadm:cluster-admins"]),
    ("master", "anyone", &["system:masters"]),
];

/// A row's group, resource with its subresource, whether it lives in namespaces, and the object it is asked about.
fn resource(row: &str) -> (&'static str, bool, &'static str) {
    let (plural, _) = row.split_once('/').unwrap_or((row, ""));
    match plural {
        "serviceaccounts" => ("", true, "builder"),
        "secrets" | "configmaps" => ("", true, "mounted"),
        "pods" => ("", true, "web"),
        "events" => ("", true, "x"),
        "namespaces" => ("", false, "team"),
        "nodes" => ("", false, "node-1"),
        "users" | "groups" => ("", false, "x"),
        "deployments" | "replicasets" => ("apps", true, "x"),
        "roles" | "rolebindings" => (RBAC, true, "x"),
        "clusterroles" | "clusterrolebindings" => (RBAC, false, "x"),
        "tokenreviews" | "selfsubjectreviews" => ("authentication.k8s.io", false, ""),
        "subjectaccessreviews" | "selfsubjectaccessreviews" | "selfsubjectrulesreviews" => {
            ("authorization.k8s.io", false, "")
        }
        "localsubjectaccessreviews" => ("authorization.k8s.io", true, ""),
        other => panic!("the table names {other}, which this test does not know"),
    }
}

/// The table: section, row, and a mark a verb.
fn table() -> Vec<(String, String, Vec<bool>)> {
    let mut section = String::new();
    let mut rows = Vec::new();
    for line in TABLE.lines().map(str::trim_end).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.split_once(']')) {
            name.0.clone_into(&mut section);
            continue;
        }
        let mut words = line.split_whitespace();
        let row = words.next().expect("a resource or a path").to_owned();
        let marks: Vec<bool> = words
            .map(|mark| match mark {
                "✔" => true,
                "✘" => false,
                other => panic!("{other:?} in {line:?}"),
            })
            .collect();
        let wanted = if row.starts_with('/') { 1 } else { VERBS.len() };
        assert_eq!(marks.len(), wanted, "{section}: {line}");
        rows.push((section.clone(), row, marks));
    }
    rows
}

async fn post(client: &kube::Client, path: &str, body: Value) -> Value {
    let request = Request::post(path).header("Content-Type", "application/json").body(body.to_string().into_bytes());
    client.request(request.expect("a request")).await.unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A cluster with the subjects' bindings, and a pod on the node that uses an account, a secret and a config map.
async fn cluster(minor: u8) -> Cluster {
    let bench = Workbench::new(Clock::system(), Ids::seeded(3));
    let cluster = Cluster::simulated(&bench, Release::minor(minor)).expect("a cluster");
    cluster.ready().await;
    let client = &cluster.client;
    for namespace in ["team", "other"] {
        post(client, "/api/v1/namespaces", json!({"metadata": {"name": namespace}})).await;
    }
    let core = "/api/v1/namespaces/team";
    post(client, &format!("{core}/serviceaccounts"), json!({"metadata": {"name": "builder"}})).await;
    post(client, &format!("{core}/secrets"), json!({"metadata": {"name": "mounted"}})).await;
    post(client, &format!("{core}/configmaps"), json!({"metadata": {"name": "mounted"}})).await;
    if minor < 24 {
        // The admission plugin waits for the account's token.
        let store = &cluster.simulator.as_ref().expect("the simulator").plane().store;
        let key = sa_tutor::simulator::storage::Key::new("serviceaccounts", "team", "builder");
        let there = || store.get(&key).is_some_and(|account| account["secrets"][0].is_object());
        tokio::time::timeout(PATIENCE, store.wait_until(there)).await.expect("a token secret");
    }
    let volumes =
        json!([{"name": "s", "secret": {"secretName": "mounted"}}, {"name": "c", "configMap": {"name": "mounted"}}]);
    let spec = json!({"serviceAccountName": "builder", "nodeName": "node-1", "volumes": volumes,
        "containers": [{"name": "c", "image": "my-kubernetes-dashboard"}]});
    post(client, &format!("{core}/pods"), json!({"metadata": {"name": "web"}, "spec": spec})).await;
    let rbac = format!("/apis/{RBAC}/v1");
    let rules = json!([
        {"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["mounted"], "verbs": ["get"]},
        {"apiGroups": [""], "resources": ["serviceaccounts/token"], "resourceNames": ["builder"], "verbs": ["create"]},
        {"apiGroups": [""], "resources": ["pods/*"], "verbs": ["get"]},
        {"apiGroups": ["apps"], "resources": ["*"], "verbs": ["list"]},
        {"apiGroups": ["*"], "resources": ["events"], "verbs": ["*"]},
    ]);
    post(client, &format!("{rbac}/namespaces/team/roles"), json!({"metadata": {"name": "clerk"}, "rules": rules}))
        .await;
    let user = |name: &str| json!({"kind": "User", "apiGroup": RBAC, "name": name});
    let everybody = json!({"kind": "Group", "apiGroup": RBAC, "name": "system:serviceaccounts"});
    for (name, kind, role, subject) in [
        ("vic", "ClusterRole", "view", user("vic")),
        ("edith", "ClusterRole", "edit", user("edith")),
        ("adam", "ClusterRole", "admin", user("adam")),
        ("clerk", "Role", "clerk", user("clerk")),
    ] {
        let binding = json!({"metadata": {"name": name}, "subjects": [subject],
            "roleRef": {"apiGroup": RBAC, "kind": kind, "name": role}});
        post(client, &format!("{rbac}/namespaces/team/rolebindings"), binding).await;
    }
    let binding = json!({"metadata": {"name": "machines"}, "subjects": [everybody],
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "view"}});
    post(client, &format!("{rbac}/namespaces/other/rolebindings"), binding).await;
    let binding = json!({"metadata": {"name": "root"}, "subjects": [user("root")],
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "cluster-admin"}});
    post(client, &format!("{rbac}/clusterrolebindings"), binding).await;
    cluster
}

/// Who, and where: `jane in team`, `root in the whole cluster`.
fn place(section: &str) -> (&str, &str) {
    let (who, place) = section.split_once(" in ").expect("somebody in some place");
    (who, if place == "the whole cluster" { "" } else { place })
}

fn subject(who: &str) -> (&'static str, Vec<&'static str>) {
    let (_, user, groups) =
        SUBJECTS.iter().find(|(name, _, _)| *name == who).unwrap_or_else(|| panic!("who is {who}?"));
    let mut groups = groups.to_vec();
    if who != "anonymous" {
        groups.push("system:authenticated");
    }
    (user, groups)
}

/// What SubjectAccessReview says of a cell.
async fn reviewed(client: &kube::Client, who: &str, namespace: &str, row: &str, verb: &str) -> bool {
    let (user, groups) = subject(who);
    let mut spec = json!({"user": user, "groups": groups});
    if row.starts_with('/') {
        spec["nonResourceAttributes"] = json!({"path": row, "verb": verb});
    } else {
        let (group, namespaced, name) = resource(row);
        let (plural, subresource) = row.split_once('/').unwrap_or((row, ""));
        let named = !matches!(verb, "list" | "watch" | "create" | "deletecollection") || !subresource.is_empty();
        let (name, namespace) = match (plural, namespace) {
            // A namespace is inside itself.
            ("namespaces", "") => (name, if named { name } else { "" }),
            ("namespaces", namespace) => (namespace, if named { namespace } else { "" }),
            (_, namespace) => (name, if namespaced { namespace } else { "" }),
        };
        spec["resourceAttributes"] = json!({
            "verb": verb, "group": group, "resource": plural, "subresource": subresource,
            "namespace": namespace, "name": if named { name } else { "" },
        });
    }
    let path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
    post(client, path, json!({"spec": spec})).await["status"]["allowed"] == true
}

/// What becomes of the request itself; `None` for a cell that is none.
async fn sent(client: &kube::Client, who: &str, namespace: &str, row: &str, verb: &str) -> Option<bool> {
    let (method, collection) = match verb {
        "get" => ("GET", false),
        "list" | "watch" => ("GET", true),
        "create" => ("POST", true),
        "update" => ("PUT", false),
        "patch" => ("PATCH", false),
        "delete" => ("DELETE", false),
        "deletecollection" => ("DELETE", true),
        _ => return None,
    };
    let path = if row.starts_with('/') {
        row.to_owned()
    } else {
        let (group, namespaced, name) = resource(row);
        let (plural, subresource) = row.split_once('/').unwrap_or((row, ""));
        if name.is_empty() && !collection || !subresource.is_empty() && collection && verb != "create" {
            return None;
        }
        let name = if plural == "namespaces" && !namespace.is_empty() { namespace } else { name };
        let base = if group.is_empty() { "/api/v1".to_owned() } else { format!("/apis/{group}/v1") };
        let place =
            if namespaced && !namespace.is_empty() { format!("/namespaces/{namespace}") } else { String::new() };
        let name = if collection && subresource.is_empty() { String::new() } else { format!("/{name}") };
        let part = if subresource.is_empty() { String::new() } else { format!("/{subresource}") };
        let query = if verb == "watch" { "?watch=true" } else { "?dryRun=All" };
        format!("{base}{place}/{plural}{name}{part}{query}")
    };
    let (user, groups) = subject(who);
    let mut request = Request::builder().method(method).uri(&path).header("Impersonate-User", user);
    for group in groups {
        request = request.header("Impersonate-Group", group);
    }
    let kind = if verb == "patch" { "application/merge-patch+json" } else { "application/json" };
    let body = if method == "GET" || method == "DELETE" { Vec::new() } else { b"{}".to_vec() };
    let request = request.header("Content-Type", kind).body(Body::from(body)).expect("a request");
    let reply = tokio::time::timeout(PATIENCE, client.send(request)).await.expect("in time").expect("an answer");
    if reply.status() != 403 {
        return Some(true);
    }
    let bytes = http_body_util::BodyExt::collect(reply.into_body()).await.expect("a body").to_bytes();
    let status: Value = serde_json::from_slice(&bytes).expect("a status");
    // Admission and the escalation check forbid too, in other words.
    let message = status["message"].as_str().expect("a message");
    Some(!message.contains(&format!("cannot {verb} ")))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_cell_of_the_table_holds() {
    let cluster = cluster(36).await;
    let client = &cluster.client;
    // What is shown of a request is what decided it.
    let simulator = cluster.simulator.as_ref().expect("the simulator");
    let (learner, traces) = (simulator.learner(), Arc::new(Mutex::new(Vec::<Trace>::new())));
    let told = Arc::clone(&traces);
    simulator.traces().tell(move |trace| {
        if trace.origin == Origin::Learner {
            told.lock().expect("no panic").push(trace);
        }
    });
    let (mut faults, mut cells) = (Vec::new(), 0);
    for (section, row, marks) in table() {
        let (who, namespace) = place(&section);
        let mut got = String::new();
        let mut differs = Vec::new();
        for (verb, wanted) in VERBS.into_iter().zip(marks) {
            let reviewed = reviewed(client, who, namespace, &row, verb).await;
            let sent = sent(&learner, who, namespace, &row, verb).await;
            let traced = traces.lock().expect("no panic").drain(..).next_back();
            let shown = traced.as_ref().and_then(Trace::deciding);
            let refused = shown.is_some_and(|step| step.stopped && step.rung == Rung::Authorization);
            if sent.is_some_and(|sent| sent == refused) {
                differs.push(format!("{verb} (request {sent:?}, shown {shown:?})"));
            }
            cells += 1;
            got.push_str(if reviewed { " ✔" } else { " ✘" });
            if reviewed != wanted || sent.is_some_and(|sent| sent != wanted) {
                differs.push(format!("{verb} (want {wanted}, review {reviewed}, request {sent:?})"));
            }
        }
        if !differs.is_empty() {
            faults.push(format!("[{section}] {row:28}{got}   {}", differs.join(", ")));
        }
    }
    assert!(faults.is_empty(), "{} rows of {cells} cells differ:\n{}", faults.len(), faults.join("\n"));
    assert!(cells > 3000, "only {cells} cells");
}

/// What changed between releases: who, what, and the first release it is allowed in (or the last).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cells_that_changed_between_releases() {
    let rows: &[(&str, &str, &str, [bool; 4])] = &[
        // Subject and place, resource, verb, and whether in 1.20, 1.24, 1.27 and 1.36.
        ("edith in team", "serviceaccounts/token", "create", [false, true, true, true]),
        ("adam in team", "serviceaccounts/token", "create", [false, true, true, true]),
        ("vic in team", "serviceaccounts/token", "create", [false, false, false, false]),
        ("jane in team", "selfsubjectreviews", "create", [false, false, true, true]),
        ("jane in team", "selfsubjectaccessreviews", "create", [true, true, true, true]),
        ("node-1 in team", "nodes", "list", [true, true, true, false]),
        ("node-1 in team", "nodes", "get", [true, true, true, true]),
        ("node-1 in team", "pods", "list", [true, true, true, false]),
        ("node-1 in team", "serviceaccounts", "get", [false, false, false, true]),
        ("node-1 in team", "serviceaccounts/token", "create", [true, true, true, true]),
        ("node-1 in team", "secrets", "get", [true, true, true, true]),
    ];
    let mut got: BTreeMap<usize, Vec<bool>> = BTreeMap::new();
    for minor in [20, 24, 27, 36] {
        let cluster = cluster(minor).await;
        for (at, (section, row, verb, _)) in rows.iter().enumerate() {
            let (who, namespace) = place(section);
            got.entry(at).or_default().push(reviewed(&cluster.client, who, namespace, row, verb).await);
        }
    }
    for (at, row) in rows.iter().enumerate() {
        assert_eq!(got[&at], row.3, "{row:?}");
    }
}
