//! Who the parts of the control plane are, what roles a cluster is born with, and what a node may do.

use serde_json::{Value, json};

use super::bench::Bench;

/// What real clusters listed.
const RECORDED: &str = include_str!("../fidelity/bootstrap.json");
const CORE: &str = "/api/v1/namespaces/default";
const NODE: &[(&str, &str)] = &[("Impersonate-User", "system:node:node-1"), ("Impersonate-Group", "system:nodes")];

async fn names(bench: &Bench, path: &str) -> Vec<String> {
    let list = bench.ask("GET", path, Value::Null).await.body;
    let name = |item: &Value| item["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    list["items"].as_array().into_iter().flatten().map(name).collect()
}

#[tokio::test]
async fn what_a_cluster_is_born_with() {
    let recorded: Value = serde_json::from_str(RECORDED).expect("a recording");
    for (minor, what, path) in [
        (36, "clusterroles-1.36", "/apis/rbac.authorization.k8s.io/v1/clusterroles"),
        (36, "clusterrolebindings-1.36", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"),
        (20, "serviceaccounts-1.20", "/api/v1/namespaces/kube-system/serviceaccounts"),
        (25, "serviceaccounts-1.25", "/api/v1/namespaces/kube-system/serviceaccounts"),
    ] {
        let bench = Bench::new(minor).await;
        let store = &bench.cluster.simulator.as_ref().expect("the simulator").plane().store;
        let key = sa_tutor::simulator::storage::Key::new("serviceaccounts", "kube-system", "default");
        store.wait_until(|| store.get(&key).is_some()).await;
        assert_eq!(json!(names(&bench, path).await), recorded[what], "{what}");
    }
}

/// Method, path, body, code, message: all asked by the node.
#[tokio::test]
async fn what_a_node_may_do() {
    let bench = Bench::new(36).await;
    for (name, node) in [("mine", "node-1"), ("theirs", "node-2")] {
        let spec = json!({"nodeName": node, "containers": [{"name": "c", "image": "i"}]});
        bench.create(&format!("{CORE}/pods"), json!({"metadata": {"name": name}, "spec": spec})).await;
    }
    bench.create(&format!("{CORE}/secrets"), json!({"metadata": {"name": "s"}})).await;
    let pod = bench.ask("GET", &format!("{CORE}/pods/mine"), Value::Null).await.body;
    let theirs = bench.ask("GET", &format!("{CORE}/pods/theirs"), Value::Null).await.body;
    let request =
        |reference: Value, audiences: Value| json!({"spec": {"boundObjectRef": reference, "audiences": audiences}});
    let bound = |pod: &Value| json!({"apiVersion": "v1", "kind": "Pod", "name": pod["metadata"]["name"], "uid": pod["metadata"]["uid"]});
    let token = format!("{CORE}/serviceaccounts/default/token");
    let refused = |why: &str| format!("serviceaccounts \"default\" is forbidden: {why}");
    let rows: Vec<(&str, String, Value, u16, String)> = vec![
        ("POST", token.clone(), request(bound(&pod), json!([])), 201, String::new()),
        ("POST", token.clone(), request(Value::Null, json!([])), 403, refused("node requested token not bound to a pod")),
        (
            "POST",
            token.clone(),
            request(json!({"apiVersion": "v1", "kind": "Pod", "name": "mine"}), json!([])),
            403,
            refused("node requested token with a pod binding without a uid"),
        ),
        (
            "POST",
            token.clone(),
            request(bound(&theirs), json!([])),
            403,
            refused("node requested token bound to a pod scheduled on a different node"),
        ),
        (
            "POST",
            token,
            request(bound(&pod), json!(["vault"])),
            403,
            refused("audience \"vault\" not found in pod spec volume, system:node:node-1 is not authorized to request tokens for this audience"),
        ),
        (
            "GET",
            format!("{CORE}/secrets/s"),
            Value::Null,
            403,
            "secrets \"s\" is forbidden: User \"system:node:node-1\" cannot get resource \"secrets\" in API group \"\" in the namespace \"default\": no relationship found between node 'node-1' and this object".into(),
        ),
        (
            "DELETE",
            format!("{CORE}/pods/theirs"),
            Value::Null,
            403,
            "pods \"theirs\" is forbidden: node \"node-1\" can only delete pods with spec.nodeName set to itself".into(),
        ),
        (
            "POST",
            format!("{CORE}/pods"),
            json!({"metadata": {"name": "new"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}),
            403,
            "pods \"new\" is forbidden: pod does not have \"kubernetes.io/config.mirror\" annotation, node \"node-1\" can only create mirror pods".into(),
        ),
        (
            "PATCH",
            "/api/v1/nodes/node-1".into(),
            json!({"metadata": {"labels": {"node-restriction.kubernetes.io/x": "y"}}}),
            403,
            "nodes \"node-1\" is forbidden: is not allowed to modify labels: node-restriction.kubernetes.io/x".into(),
        ),
        (
            "PATCH",
            "/api/v1/nodes/node-1".into(),
            json!({"metadata": {"labels": {"mine": "y"}}}),
            200,
            String::new(),
        ),
    ];
    let store = &bench.cluster.simulator.as_ref().expect("the simulator").plane().store;
    let key = sa_tutor::simulator::storage::Key::new("nodes", "", "node-1");
    store.wait_until(|| store.get(&key).is_some()).await;
    for (method, path, body, code, message) in rows {
        let mut headers = NODE.to_vec();
        if method == "PATCH" {
            headers.push(("Content-Type", "application/merge-patch+json"));
        }
        let reply = bench.send(method, &path, &headers, &body).await;
        assert_eq!((reply.code, reply.message()), (code, message.as_str()), "{method} {path} {body}");
    }
}

/// A role of one's own that carries the label is part of `view`, and of what takes in `view`, until it is gone.
#[tokio::test]
async fn aggregated_roles_follow_their_parts() {
    const ROLES: &str = "/apis/rbac.authorization.k8s.io/v1/clusterroles";
    for (minor, manager, operation) in
        [(20, "kube-controller-manager", "Update"), (36, "clusterrole-aggregation-controller", "Apply")]
    {
        let bench = Bench::new(minor).await;
        let store = &bench.cluster.simulator.as_ref().expect("the simulator").plane().store;
        let rule = json!({"apiGroups": ["stable.example.com"], "resources": ["crontabs"], "verbs": ["get", "list"]});
        let labels = json!({"rbac.authorization.k8s.io/aggregate-to-view": "true"});
        let part = json!({"metadata": {"name": "crontab-viewer", "labels": labels.clone()}, "rules": [rule.clone()]});
        bench.create(ROLES, part).await;
        let whole = json!({"metadata": {"name": "mine"}, "rules": null,
            "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": labels}]}});
        bench.create(ROLES, whole).await;
        let holds = |name: &str| {
            let role =
                store.get(&sa_tutor::simulator::storage::Key::new("clusterroles.rbac.authorization.k8s.io", "", name));
            role.is_some_and(|role| role["rules"].as_array().is_some_and(|rules| rules.contains(&rule)))
        };
        let limit = std::time::Duration::from_secs(20);
        for (there, why) in [(true, "joined"), (false, "taken out again")] {
            let everywhere = || ["view", "edit", "admin", "mine"].iter().all(|name| holds(name) == there);
            let done = tokio::time::timeout(limit, store.wait_until(everywhere)).await;
            let missed: Vec<_> =
                ["view", "edit", "admin", "mine"].into_iter().filter(|name| holds(name) != there).collect();
            assert!(done.is_ok(), "{minor}: not {why}: {missed:?}");
            let view = bench.ask("GET", &format!("{ROLES}/view"), Value::Null).await.body;
            let managed = view["metadata"]["managedFields"].as_array().expect("managers");
            let mine = managed.iter().find(|entry| entry["manager"] == manager && entry["operation"] == operation);
            assert!(mine.is_some(), "{minor}: {managed:?}");
            bench.ask("DELETE", &format!("{ROLES}/crontab-viewer"), Value::Null).await;
        }
    }
}
