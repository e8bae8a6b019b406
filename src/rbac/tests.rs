//! Subjects, resources, verbs: who may, who may not, and why.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Attributes, Outcome, PolicyRule, Source, User, authorize, compact, covers, explain, rules_for};

struct Listed(Vec<Arc<Value>>);

impl Listed {
    fn of(&self, kind: &str, namespace: Option<&str>) -> Vec<Arc<Value>> {
        let fits = |object: &&Arc<Value>| {
            object["kind"] == kind && namespace.is_none_or(|namespace| object["metadata"]["namespace"] == namespace)
        };
        self.0.iter().filter(fits).cloned().collect()
    }
}

impl Source for Listed {
    fn role_bindings(&self, namespace: Option<&str>) -> Vec<Arc<Value>> {
        self.of("RoleBinding", namespace)
    }

    fn cluster_role_bindings(&self) -> Vec<Arc<Value>> {
        self.of("ClusterRoleBinding", None)
    }

    fn role(&self, namespace: &str, name: &str) -> Option<Arc<Value>> {
        self.of("Role", Some(namespace)).into_iter().find(|role| role["metadata"]["name"] == name)
    }

    fn cluster_role(&self, name: &str) -> Option<Arc<Value>> {
        self.of("ClusterRole", None).into_iter().find(|role| role["metadata"]["name"] == name)
    }
}

fn cluster() -> Listed {
    let role = |kind: &str, namespace: &str, name: &str, rules: Value| json!({"kind": kind, "metadata": {"name": name, "namespace": namespace}, "rules": rules});
    let binding = |kind: &str, namespace: &str, name: &str, role: &str, subject: Value| {
        let (of, role) = role.split_once('/').expect("KIND/NAME");
        json!({"kind": kind, "metadata": {"name": name, "namespace": namespace}, "subjects": [subject],
            "roleRef": {"kind": of, "name": role}})
    };
    let account = |namespace: &str, name: &str| json!({"kind": "ServiceAccount", "namespace": namespace, "name": name});
    let reader = json!([{"verbs": ["get", "list"], "apiGroups": [""], "resources": ["pods", "pods/log"]}]);
    let named = json!([{"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["db"]}]);
    let scaler = json!([{"verbs": ["update"], "apiGroups": ["apps"], "resources": ["*/scale"]}]);
    let all =
        json!([{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}, {"verbs": ["*"], "nonResourceURLs": ["*"]}]);
    let paths = json!([{"verbs": ["get"], "nonResourceURLs": ["/version", "/apis/*"]}]);
    Listed(
        [
            role("Role", "shop", "reader", reader.clone()),
            role("Role", "shop", "named", named),
            role("Role", "shop", "empty", Value::Null),
            role("ClusterRole", "", "reader", reader),
            role("ClusterRole", "", "scaler", scaler),
            role("ClusterRole", "", "all", all),
            role("ClusterRole", "", "paths", paths),
            binding("RoleBinding", "shop", "b", "Role/reader", account("shop", "builder")),
            // A service account without a namespace is one of the binding's.
            binding("RoleBinding", "shop", "n", "Role/named", json!({"kind": "ServiceAccount", "name": "builder"})),
            binding("RoleBinding", "shop", "c", "ClusterRole/all", json!({"kind": "User", "name": "jane"})),
            binding("RoleBinding", "shop", "gone", "Role/gone", json!({"kind": "User", "name": "joe"})),
            binding("ClusterRoleBinding", "", "p", "ClusterRole/paths", json!({"kind": "Group", "name": "everyone"})),
            binding("ClusterRoleBinding", "", "s", "ClusterRole/scaler", account("ops", "scaler")),
        ]
        .map(Arc::new)
        .into(),
    )
}

fn ask(user: &str, verb: &str, what: &str, namespace: &str) -> Attributes {
    let user = User { name: user.to_owned(), groups: vec!["everyone".to_owned()], ..User::default() };
    if what.starts_with('/') {
        return Attributes { user, verb: verb.to_owned(), path: Some(what.to_owned()), ..Attributes::default() };
    }
    let (group, what) = what.split_once(':').unwrap_or(("", what));
    let (what, name) = what.split_once('=').unwrap_or((what, ""));
    let (resource, subresource) = what.split_once('/').unwrap_or((what, ""));
    Attributes {
        user,
        verb: verb.to_owned(),
        group: group.to_owned(),
        resource: resource.to_owned(),
        subresource: subresource.to_owned(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        fields: Vec::new(),
        path: None,
    }
}

const BUILDER: &str = "system:serviceaccount:shop:builder";
const SCALER: &str = "system:serviceaccount:ops:scaler";

#[test]
fn who_may_do_what() {
    let by_b = r#"RBAC: allowed by RoleBinding "b/shop" of Role "reader" to ServiceAccount "builder/shop""#;
    let by_n = r#"RBAC: allowed by RoleBinding "n/shop" of Role "named" to ServiceAccount "builder/shop""#;
    let by_c = r#"RBAC: allowed by RoleBinding "c/shop" of ClusterRole "all" to User "jane""#;
    let by_p = r#"RBAC: allowed by ClusterRoleBinding "p" of ClusterRole "paths" to Group "everyone""#;
    let by_s = r#"RBAC: allowed by ClusterRoleBinding "s" of ClusterRole "scaler" to ServiceAccount "scaler/ops""#;
    let joe = r#"RBAC: role.rbac.authorization.k8s.io "gone" not found"#;
    for (user, verb, what, namespace, allowed, reason) in [
        (BUILDER, "list", "pods", "shop", true, by_b),
        (BUILDER, "get", "pods/log=web", "shop", true, by_b),
        (BUILDER, "get", "pods/exec=web", "shop", false, ""),
        (BUILDER, "delete", "pods=web", "shop", false, ""),
        (BUILDER, "list", "pods", "default", false, ""),
        (BUILDER, "list", "pods", "", false, ""),
        (BUILDER, "list", "apps:pods", "shop", false, ""),
        (BUILDER, "get", "secrets=db", "shop", true, by_n),
        (BUILDER, "get", "secrets=web", "shop", false, ""),
        (BUILDER, "get", "secrets", "shop", false, ""),
        (BUILDER, "*", "*", "shop", false, ""),
        ("system:serviceaccount:default:builder", "list", "pods", "shop", false, ""),
        ("system:serviceaccount:shop:builder2", "list", "pods", "shop", false, ""),
        ("jane", "*", "*:*", "shop", true, by_c),
        ("jane", "create", "serviceaccounts/token=x", "shop", true, by_c),
        ("jane", "get", "/metrics", "", false, ""),
        ("jane", "get", "/version", "", true, by_p),
        ("jane", "get", "/apis/apps/v1", "", true, by_p),
        ("jane", "get", "/apis", "", false, ""),
        ("jane", "post", "/version", "", false, ""),
        (SCALER, "update", "apps:deployments/scale=x", "shop", true, by_s),
        (SCALER, "update", "apps:deployments/scale=x", "", true, by_s),
        (SCALER, "update", "apps:deployments=x", "shop", false, ""),
        (SCALER, "update", "apps:deployments/status=x", "shop", false, ""),
        ("joe", "list", "pods", "shop", false, joe),
    ] {
        let decision = authorize(&ask(user, verb, what, namespace), &cluster());
        assert_eq!((decision.allowed, decision.reason.as_str()), (allowed, reason), "{user} {verb} {what} {namespace}");
    }
}

#[test]
fn every_binding_says_why_it_did_not_do() {
    for (user, verb, what, namespace, binding, want) in [
        (BUILDER, "list", "pods", "shop", "RoleBinding \"b/shop\" of Role \"reader\"", "allows it"),
        (
            BUILDER,
            "list",
            "pods",
            "shop",
            "ClusterRoleBinding \"s\" of ClusterRole \"scaler\"",
            "is for others: the user is none of its subjects",
        ),
        (
            BUILDER,
            "list",
            "pods",
            "default",
            "RoleBinding \"b/shop\" of Role \"reader\"",
            "is for this user, but counts only in its own namespace",
        ),
        (
            BUILDER,
            "delete",
            "pods",
            "shop",
            "RoleBinding \"b/shop\" of Role \"reader\"",
            "is for this user and this resource, but not for this verb",
        ),
        (
            BUILDER,
            "get",
            "secrets=web",
            "shop",
            "RoleBinding \"n/shop\" of Role \"named\"",
            "is for this user, resource and verb, but only for objects with other names",
        ),
        (
            "joe",
            "get",
            "pods",
            "shop",
            "RoleBinding \"gone/shop\" of Role \"gone\"",
            "is for this user, but the role it names does not exist",
        ),
    ] {
        let decision = explain(&ask(user, verb, what, namespace), &cluster());
        let found = decision.considered.iter().find(|considered| considered.binding == binding).expect("considered");
        assert_eq!(found.outcome.to_string(), want);
        assert_eq!(decision.allowed, decision.considered.iter().any(|c| c.outcome == Outcome::Allows));
    }
}

fn rules(value: Value) -> Vec<PolicyRule> {
    PolicyRule::list(&json!({ "rules": value }))
}

#[test]
fn nobody_gives_what_they_do_not_have() {
    let rule = |verbs: &[&str], group: &str, resources: &[&str]| json!({"verbs": verbs, "apiGroups": [group], "resources": resources});
    for (held, wanted, missing) in [
        (json!([]), json!([]), ""),
        (
            json!([]),
            json!([rule(&["get", "list"], "", &["pods"])]),
            r#"{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}"#,
        ),
        (
            json!([rule(&["get"], "", &["pods"])]),
            json!([rule(&["get", "list"], "", &["pods"])]),
            r#"{APIGroups:[""], Resources:["pods"], Verbs:["list"]}"#,
        ),
        (json!([rule(&["*"], "*", &["*"])]), json!([rule(&["get"], "apps", &["deployments/scale"])]), ""),
        (json!([rule(&["get"], "", &["*/log"])]), json!([rule(&["get"], "", &["pods/log"])]), ""),
        (
            json!([rule(&["get"], "", &["pods"])]),
            json!([rule(&["*"], "", &["pods"])]),
            r#"{APIGroups:[""], Resources:["pods"], Verbs:["*"]}"#,
        ),
        (
            json!([{"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["a"]}]),
            json!([{"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["a", "b"]}]),
            r#"{APIGroups:[""], Resources:["secrets"], ResourceNames:["b"], Verbs:["get"]}"#,
        ),
        (
            json!([{"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["a"]}]),
            json!([rule(&["get"], "", &["secrets"])]),
            r#"{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}"#,
        ),
        (
            json!([{"verbs": ["get"], "nonResourceURLs": ["/apis/*"]}]),
            json!([{"verbs": ["get"], "nonResourceURLs": ["/apis/apps", "/metrics"]}]),
            r#"{NonResourceURLs:["/metrics"], Verbs:["get"]}"#,
        ),
    ] {
        let shown: Vec<String> =
            compact(covers(&rules(held), &rules(wanted))).iter().map(ToString::to_string).collect();
        assert_eq!(shown.join("\n"), missing);
    }
}

#[test]
fn rules_are_those_of_the_namespace_and_of_the_cluster() {
    for (user, namespace, count, faults) in [
        (BUILDER, "shop", 3, 0),
        (BUILDER, "default", 1, 0),
        (SCALER, "", 2, 0),
        ("joe", "shop", 1, 1),
        ("jane", "shop", 3, 0),
    ] {
        let (rules, errors) = rules_for(&ask(user, "get", "x", "").user, namespace, &cluster());
        assert_eq!((rules.len(), errors.len()), (count, faults), "{user} {namespace}");
    }
}
