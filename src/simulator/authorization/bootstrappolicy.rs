//! The roles and bindings every cluster starts with. Upstream: plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go,
//! and kubeadm's `kubeadm:cluster-admins`. The roles of the single controllers are in [`super::controllerpolicy`].

use serde_json::{Map, Value, json};

use super::controllerpolicy;
use crate::apimachinery::Release;
use crate::simulator::release;

const READ: &[&str] = &["get", "list", "watch"];
const WRITE: &[&str] = &["create", "delete", "deletecollection", "patch", "update"];
const READ_WRITE: &[&str] = &["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
const RBAC: &str = "rbac.authorization.k8s.io";
const AUTHENTICATION: &str = "authentication.k8s.io";
const CERTIFICATES: &str = "certificates.k8s.io";
const AUTHORIZATION: &str = "authorization.k8s.io";

/// All of them, cluster roles first, each kind by name.
pub fn objects(release: Release) -> Vec<Value> {
    let (view, edit, admin) = (aggregate_to_view(), aggregate_to_edit(release), aggregate_to_admin());
    // The aggregation controller joins the roles a label selects, in the order of their names.
    let whole_edit = joined(&[&edit, &view]);
    let whole_admin = joined(&[&whole_edit, &admin]);
    let mut roles = vec![
        aggregated("admin", "admin", &[], whole_admin),
        role("cluster-admin", &[], vec![rule(&["*"], &["*"], &["*"]), paths(&["*"], &["*"])]),
        aggregated("edit", "edit", &["admin"], whole_edit),
        role("system:aggregate-to-admin", &["admin"], admin),
        role("system:aggregate-to-edit", &["edit"], edit),
        role("system:aggregate-to-view", &["view"], view.clone()),
        role("system:auth-delegator", &[], reviews()),
        role("system:basic-user", &[], basic_user(release)),
        role("system:discovery", &[], vec![paths(&["get"], DISCOVERY)]),
        role(
            "system:heapster",
            &[],
            vec![
                rule(READ, &[""], &["events", "namespaces", "nodes", "pods"]),
                rule(READ, &["extensions"], &["deployments"]),
            ],
        ),
        role("system:kube-aggregator", &[], vec![rule(READ, &[""], &["endpoints", "services"])]),
        role("system:kube-controller-manager", &[], kube_controller_manager()),
        role("system:kube-dns", &[], vec![rule(&["list", "watch"], &[""], &["endpoints", "services"])]),
        role("system:kube-scheduler", &[], kube_scheduler()),
        role("system:kubelet-api-admin", &[], kubelet_api_admin()),
        role("system:monitoring", &[], vec![paths(&["get"], MONITORING)]),
        role("system:node", &[], node()),
        role(
            "system:node-bootstrapper",
            &[],
            vec![rule(&["create", "get", "list", "watch"], &[CERTIFICATES], &["certificatesigningrequests"])],
        ),
        role(
            "system:node-problem-detector",
            &[],
            vec![rule(&["get"], &[""], &["nodes"]), rule(&["patch"], &[""], &["nodes/status"]), write_events()],
        ),
        role("system:node-proxier", &[], node_proxier()),
        role("system:persistent-volume-provisioner", &[], persistent_volume_provisioner()),
        role("system:public-info-viewer", &[], vec![paths(&["get"], PUBLIC_INFO)]),
        role("system:service-account-issuer-discovery", &[], vec![paths(&["get"], ISSUER_DISCOVERY)]),
        role("system:volume-scheduler", &[], volume_scheduler()),
        aggregated("view", "view", &["edit"], view),
    ];
    for part in ["nodeclient", "selfnodeclient"] {
        let requests = format!("certificatesigningrequests/{part}");
        let name = format!("system:certificates.k8s.io:certificatesigningrequests:{part}");
        roles.push(role(&name, &[], vec![rule(&["create"], &[CERTIFICATES], &[&requests])]));
    }
    for signer in ["kube-apiserver-client", "kube-apiserver-client-kubelet", "kubelet-serving", "legacy-unknown"] {
        let name = format!("system:certificates.k8s.io:{signer}-approver");
        let signer = format!("kubernetes.io/{signer}");
        roles.push(role(&name, &[], vec![named(&["approve"], CERTIFICATES, "signers", &signer)]));
    }
    for (controller, rules) in controllerpolicy::roles(release) {
        let name = format!("system:controller:{controller}");
        roles.push(role(&name, &[], rules));
        roles.push(binding(
            &name,
            vec![json!({"kind": "ServiceAccount", "name": controller, "namespace": "kube-system"})],
        ));
    }
    roles.extend(namespaced());
    let group = |name: &str| json!({"kind": "Group", "apiGroup": RBAC, "name": name});
    let user = |name: &str| json!({"kind": "User", "apiGroup": RBAC, "name": name});
    let everyone = || vec![group("system:authenticated")];
    roles.extend([
        binding("cluster-admin", vec![group("system:masters")]),
        // kubeadm makes this one, without the marks of the built-in ones.
        json!({
            "kind": "ClusterRoleBinding",
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "metadata": {"name": "kubeadm:cluster-admins"},
            "subjects": [group("kubeadm:cluster-admins")],
            "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "cluster-admin"},
        }),
        binding("system:basic-user", everyone()),
        binding("system:discovery", everyone()),
        binding("system:kube-controller-manager", vec![user("system:kube-controller-manager")]),
        binding(
            "system:kube-dns",
            vec![json!({"kind": "ServiceAccount", "name": "kube-dns", "namespace": "kube-system"})],
        ),
        binding("system:kube-scheduler", vec![user("system:kube-scheduler")]),
        binding("system:monitoring", vec![group("system:monitoring")]),
        // The node authorizer took its place; the binding stays, bound to nobody.
        binding("system:node", Vec::new()),
        binding("system:node-proxier", vec![user("system:kube-proxy")]),
        binding("system:public-info-viewer", vec![group("system:authenticated"), group("system:unauthenticated")]),
        binding("system:service-account-issuer-discovery", vec![group("system:serviceaccounts")]),
        binding("system:volume-scheduler", vec![user("system:kube-scheduler")]),
    ]);
    roles
}

/// The roles that hold in one namespace, and their bindings. Upstream: namespace_policy.go.
fn namespaced() -> Vec<Value> {
    const SYSTEM: &str = "kube-system";
    let controller = |name: &str| json!({"kind": "ServiceAccount", "name": name, "namespace": SYSTEM});
    let user = |name: &str| json!({"kind": "User", "apiGroup": RBAC, "name": name});
    let leases = || {
        let verbs = &["create", "get", "list", "update", "watch"];
        vec![rule(verbs, &["coordination.k8s.io"], &["leases"])]
    };
    let (manager, scheduler) = ("system:kube-controller-manager", "system:kube-scheduler");
    let rows = [
        (
            "kube-public",
            "system:controller:bootstrap-signer",
            vec![
                rule(READ, &[""], &["configmaps"]),
                named(&["update"], "", "configmaps", "cluster-info"),
                write_events(),
            ],
            vec![controller("bootstrap-signer")],
        ),
        (
            SYSTEM,
            "extension-apiserver-authentication-reader",
            vec![named(READ, "", "configmaps", "extension-apiserver-authentication")],
            vec![user(manager), user(scheduler)],
        ),
        (
            SYSTEM,
            "system::leader-locking-kube-controller-manager",
            leases(),
            vec![user(manager), controller("kube-controller-manager")],
        ),
        (
            SYSTEM,
            "system::leader-locking-kube-scheduler",
            leases(),
            vec![user(scheduler), controller("kube-scheduler")],
        ),
        (
            SYSTEM,
            "system:controller:bootstrap-signer",
            vec![rule(READ, &[""], &["secrets"])],
            vec![controller("bootstrap-signer")],
        ),
        (
            SYSTEM,
            "system:controller:cloud-provider",
            vec![rule(&["create", "get", "list", "watch"], &[""], &["configmaps"])],
            vec![controller("cloud-provider")],
        ),
        (
            SYSTEM,
            "system:controller:token-cleaner",
            vec![rule(&["delete", "get", "list", "watch"], &[""], &["secrets"]), write_events()],
            vec![controller("token-cleaner")],
        ),
    ];
    let inside = |namespace: &str, kind: &str, mut object: Value| {
        object["kind"] = json!(kind);
        object["metadata"]["namespace"] = json!(namespace);
        object
    };
    let mut objects = Vec::new();
    for (namespace, name, rules, subjects) in rows {
        objects.push(inside(namespace, "Role", role(name, &[], rules)));
        let bound = match name {
            "extension-apiserver-authentication-reader" => "system::extension-apiserver-authentication-reader",
            name => name,
        };
        let mut binding = inside(namespace, "RoleBinding", binding(bound, subjects));
        binding["roleRef"] = json!({"apiGroup": RBAC, "kind": "Role", "name": name});
        objects.push(binding);
    }
    objects
}

fn write_events() -> Value {
    rule(&["create", "patch", "update"], &["", "events.k8s.io"], &["events"])
}

fn persistent_volume_provisioner() -> Vec<Value> {
    vec![
        rule(&["create", "delete", "get", "list", "watch"], &[""], &["persistentvolumes"]),
        rule(&["get", "list", "update", "watch"], &[""], &["persistentvolumeclaims"]),
        rule(READ, &["storage.k8s.io"], &["storageclasses"]),
        rule(&["watch"], &[""], &["events"]),
        write_events(),
    ]
}

const DISCOVERY: &[&str] = &[
    "/api",
    "/api/*",
    "/apis",
    "/apis/*",
    "/healthz",
    "/livez",
    "/openapi",
    "/openapi/*",
    "/readyz",
    "/version",
    "/version/",
];
const PUBLIC_INFO: &[&str] = &["/healthz", "/livez", "/readyz", "/version", "/version/"];
const MONITORING: &[&str] =
    &["/healthz", "/healthz/*", "/livez", "/livez/*", "/metrics", "/metrics/slis", "/readyz", "/readyz/*"];
const ISSUER_DISCOVERY: &[&str] =
    &["/.well-known/openid-configuration", "/.well-known/openid-configuration/", "/openid/v1/jwks", "/openid/v1/jwks/"];

fn rule(verbs: &[&str], groups: &[&str], resources: &[&str]) -> Value {
    json!({"verbs": verbs, "apiGroups": groups, "resources": resources})
}

fn named(verbs: &[&str], group: &str, resource: &str, name: &str) -> Value {
    json!({"verbs": verbs, "apiGroups": [group], "resources": [resource], "resourceNames": [name]})
}

fn paths(verbs: &[&str], urls: &[&str]) -> Value {
    json!({"verbs": verbs, "nonResourceURLs": urls})
}

fn joined(lists: &[&[Value]]) -> Vec<Value> {
    let mut rules: Vec<Value> = Vec::new();
    for rule in lists.iter().copied().flatten() {
        if !rules.contains(rule) {
            rules.push(rule.clone());
        }
    }
    rules
}

fn metadata(name: &str, aggregate_to: &[&str]) -> Value {
    let mut labels = Map::new();
    labels.insert("kubernetes.io/bootstrapping".to_owned(), json!("rbac-defaults"));
    for role in aggregate_to {
        labels.insert(format!("rbac.authorization.k8s.io/aggregate-to-{role}"), json!("true"));
    }
    json!({"name": name, "labels": labels, "annotations": {"rbac.authorization.kubernetes.io/autoupdate": "true"}})
}

fn role(name: &str, aggregate_to: &[&str], rules: Vec<Value>) -> Value {
    json!({
        "kind": "ClusterRole",
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "metadata": metadata(name, aggregate_to),
        "rules": rules,
    })
}

fn aggregated(name: &str, from: &str, aggregate_to: &[&str], rules: Vec<Value>) -> Value {
    let mut role = role(name, aggregate_to, rules);
    let label = format!("rbac.authorization.k8s.io/aggregate-to-{from}");
    role["aggregationRule"] = json!({"clusterRoleSelectors": [{"matchLabels": {label: "true"}}]});
    role
}

fn binding(name: &str, subjects: Vec<Value>) -> Value {
    let mut binding = json!({
        "kind": "ClusterRoleBinding",
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "metadata": metadata(name, &[]),
    });
    if !subjects.is_empty() {
        binding["subjects"] = Value::Array(subjects);
    }
    binding["roleRef"] = json!({"apiGroup": RBAC, "kind": "ClusterRole", "name": name});
    binding
}

fn reviews() -> Vec<Value> {
    vec![
        rule(&["create"], &[AUTHENTICATION], &["tokenreviews"]),
        rule(&["create"], &[AUTHORIZATION], &["subjectaccessreviews"]),
    ]
}

fn basic_user(release: Release) -> Vec<Value> {
    let mut rules = vec![rule(&["create"], &[AUTHORIZATION], &["selfsubjectaccessreviews", "selfsubjectrulesreviews"])];
    if release::SELF_SUBJECT_REVIEW_V1BETA1.holds(release) {
        rules.push(rule(&["create"], &[AUTHENTICATION], &["selfsubjectreviews"]));
    }
    rules
}

fn aggregate_to_admin() -> Vec<Value> {
    vec![
        rule(&["create"], &[AUTHORIZATION], &["localsubjectaccessreviews"]),
        rule(READ_WRITE, &[RBAC], &["rolebindings", "roles"]),
    ]
}

fn aggregate_to_edit(release: Release) -> Vec<Value> {
    let streams = ["pods/attach", "pods/exec", "pods/portforward", "pods/proxy"];
    let core = [
        "configmaps",
        "events",
        "persistentvolumeclaims",
        "replicationcontrollers",
        "replicationcontrollers/scale",
        "secrets",
        "serviceaccounts",
        "services",
        "services/proxy",
    ];
    let apps = [
        "daemonsets",
        "deployments",
        "deployments/rollback",
        "deployments/scale",
        "replicasets",
        "replicasets/scale",
        "statefulsets",
        "statefulsets/scale",
    ];
    let extensions = [
        "daemonsets",
        "deployments",
        "deployments/rollback",
        "deployments/scale",
        "ingresses",
        "networkpolicies",
        "replicasets",
        "replicasets/scale",
        "replicationcontrollers/scale",
    ];
    let mut rules = vec![
        rule(READ, &[""], &[&streams[..], &["secrets", "services/proxy"]].concat()),
        rule(&["impersonate"], &[""], &["serviceaccounts"]),
        rule(WRITE, &[""], &[&["pods"], &streams[..]].concat()),
        rule(&["create"], &[""], &["pods/eviction"]),
        rule(WRITE, &[""], &core),
    ];
    if release::EDIT_MAY_CREATE_TOKENS.holds(release) {
        rules.push(rule(&["create"], &[""], &["serviceaccounts/token"]));
    }
    rules.extend([
        rule(WRITE, &["apps"], &apps),
        rule(WRITE, &["autoscaling"], &["horizontalpodautoscalers"]),
        rule(WRITE, &["batch"], &["cronjobs", "jobs"]),
        rule(WRITE, &["extensions"], &extensions),
        rule(WRITE, &["policy"], &["poddisruptionbudgets"]),
        rule(WRITE, &["networking.k8s.io"], &["ingresses", "networkpolicies"]),
        rule(READ_WRITE, &["coordination.k8s.io"], &["leases"]),
    ]);
    rules
}

fn aggregate_to_view() -> Vec<Value> {
    let core = [
        "configmaps",
        "endpoints",
        "persistentvolumeclaims",
        "persistentvolumeclaims/status",
        "pods",
        "replicationcontrollers",
        "replicationcontrollers/scale",
        "serviceaccounts",
        "services",
        "services/status",
    ];
    let more = [
        "bindings",
        "events",
        "limitranges",
        "namespaces/status",
        "pods/log",
        "pods/status",
        "replicationcontrollers/status",
        "resourcequotas",
        "resourcequotas/status",
    ];
    let apps = [
        "controllerrevisions",
        "daemonsets",
        "daemonsets/status",
        "deployments",
        "deployments/scale",
        "deployments/status",
        "replicasets",
        "replicasets/scale",
        "replicasets/status",
        "statefulsets",
        "statefulsets/scale",
        "statefulsets/status",
    ];
    let extensions = [
        "daemonsets",
        "daemonsets/status",
        "deployments",
        "deployments/scale",
        "deployments/status",
        "ingresses",
        "ingresses/status",
        "networkpolicies",
        "replicasets",
        "replicasets/scale",
        "replicasets/status",
        "replicationcontrollers/scale",
    ];
    vec![
        rule(READ, &[""], &core),
        rule(READ, &[""], &more),
        rule(READ, &[""], &["namespaces"]),
        rule(READ, &["discovery.k8s.io"], &["endpointslices"]),
        rule(READ, &["apps"], &apps),
        rule(READ, &["autoscaling"], &["horizontalpodautoscalers", "horizontalpodautoscalers/status"]),
        rule(READ, &["batch"], &["cronjobs", "cronjobs/status", "jobs", "jobs/status"]),
        rule(READ, &["extensions"], &extensions),
        rule(READ, &["policy"], &["poddisruptionbudgets", "poddisruptionbudgets/status"]),
        rule(READ, &["networking.k8s.io"], &["ingresses", "ingresses/status", "networkpolicies"]),
    ]
}

fn leader_election(name: &str) -> Vec<Value> {
    vec![
        rule(&["create", "patch", "update"], &["", "events.k8s.io"], &["events"]),
        rule(&["create"], &["coordination.k8s.io"], &["leases"]),
        named(&["get", "update"], "coordination.k8s.io", "leases", name),
    ]
}

fn kube_controller_manager() -> Vec<Value> {
    let mut rules = leader_election("kube-controller-manager");
    rules.extend([
        rule(&["create"], &[""], &["secrets", "serviceaccounts"]),
        rule(&["delete"], &[""], &["secrets"]),
        rule(&["get"], &[""], &["configmaps", "namespaces", "secrets", "serviceaccounts"]),
        rule(&["update"], &[""], &["secrets", "serviceaccounts"]),
    ]);
    rules.extend(reviews());
    rules.push(rule(&["list", "watch"], &["*"], &["*"]));
    rules.push(rule(&["create"], &[""], &["serviceaccounts/token"]));
    rules
}

fn kube_scheduler() -> Vec<Value> {
    let mut rules = leader_election("kube-scheduler");
    rules.extend([
        rule(READ, &[""], &["nodes"]),
        rule(&["delete", "get", "list", "watch"], &[""], &["pods"]),
        rule(&["create"], &[""], &["bindings", "pods/binding"]),
        rule(&["patch", "update"], &[""], &["pods/status"]),
        rule(READ, &[""], &["replicationcontrollers", "services"]),
        rule(READ, &["apps", "extensions"], &["replicasets"]),
        rule(READ, &["apps"], &["statefulsets"]),
        rule(READ, &["policy"], &["poddisruptionbudgets"]),
        rule(READ, &[""], &["persistentvolumeclaims", "persistentvolumes"]),
    ]);
    rules.extend(reviews());
    rules.push(rule(READ, &["storage.k8s.io"], &["csinodes"]));
    rules.push(rule(READ, &[""], &["namespaces"]));
    rules
}

fn kubelet_api_admin() -> Vec<Value> {
    let parts = ["nodes/log", "nodes/metrics", "nodes/proxy", "nodes/stats"];
    vec![rule(READ, &[""], &["nodes"]), rule(&["proxy"], &[""], &["nodes"]), rule(&["*"], &[""], &parts)]
}

fn node() -> Vec<Value> {
    let mut rules = reviews();
    rules.extend([
        rule(READ, &[""], &["services"]),
        rule(&["create", "get", "list", "watch"], &[""], &["nodes"]),
        rule(&["patch", "update"], &[""], &["nodes/status"]),
        rule(&["patch", "update"], &[""], &["nodes"]),
        rule(&["create", "patch", "update"], &[""], &["events"]),
        rule(READ, &[""], &["pods"]),
        rule(&["create", "delete"], &[""], &["pods"]),
        rule(&["patch", "update"], &[""], &["pods/status"]),
        rule(&["create"], &[""], &["pods/eviction"]),
        rule(READ, &[""], &["configmaps", "secrets"]),
        rule(&["get"], &[""], &["persistentvolumeclaims", "persistentvolumes"]),
        rule(&["get"], &[""], &["endpoints"]),
        rule(&["create", "get", "list", "watch"], &["certificates.k8s.io"], &["certificatesigningrequests"]),
        rule(&["create", "delete", "get", "patch", "update"], &["coordination.k8s.io"], &["leases"]),
        rule(&["get"], &["storage.k8s.io"], &["volumeattachments"]),
        rule(&["create"], &[""], &["serviceaccounts/token"]),
        rule(&["get", "patch", "update"], &[""], &["persistentvolumeclaims/status"]),
        rule(READ, &["storage.k8s.io"], &["csidrivers"]),
        rule(&["create", "delete", "get", "patch", "update"], &["storage.k8s.io"], &["csinodes"]),
        rule(READ, &["node.k8s.io"], &["runtimeclasses"]),
    ]);
    rules
}

fn node_proxier() -> Vec<Value> {
    vec![
        rule(&["list", "watch"], &[""], &["endpoints", "services"]),
        rule(READ, &[""], &["nodes"]),
        rule(&["create", "patch", "update"], &["", "events.k8s.io"], &["events"]),
        rule(&["list", "watch"], &["discovery.k8s.io"], &["endpointslices"]),
    ]
}

fn volume_scheduler() -> Vec<Value> {
    vec![
        rule(&["get", "list", "patch", "update", "watch"], &[""], &["persistentvolumes"]),
        rule(READ, &["storage.k8s.io"], &["storageclasses"]),
        rule(&["get", "list", "patch", "update", "watch"], &[""], &["persistentvolumeclaims"]),
    ]
}
