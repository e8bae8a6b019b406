//! The default roles, the store and the words of a denial together.

use serde_json::{Value, json};

use crate::apimachinery::{Release, meta};
use crate::rbac::{Attributes, PolicyRule, User};
use crate::simulator::ControlPlane;
use crate::simulator::authentication::{Impersonated, Refusal, authenticate, impersonate};
use crate::simulator::registry::REVIEWS;
use crate::simulator::serviceaccount::{create_token, service_account, tests as tokens};
use crate::simulator::storage::Key;

use super::{CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, authorize, bootstrappolicy, confirm_no_escalation, forbidden};

fn plane(minor: u8) -> ControlPlane {
    let plane = tokens::plane(minor);
    for object in bootstrappolicy::objects(Release::minor(minor)) {
        let plural = format!("{}s.rbac.authorization.k8s.io", meta::kind(&object).to_lowercase());
        plane
            .store
            .create(Key::new(plural, meta::namespace(&object), meta::name(&object)), object)
            .expect("names differ");
    }
    for (name, role, account) in [("e", "edit", "editor"), ("v", "view", "viewer"), ("a", "admin", "boss")] {
        let binding = json!({"kind": "RoleBinding", "metadata": {"name": name, "namespace": "default"},
            "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": "default"}],
            "roleRef": {"kind": "ClusterRole", "name": role}});
        plane.store.create(Key::new("rolebindings.rbac.authorization.k8s.io", "default", name), binding).expect("new");
    }
    plane
}

fn user(name: &str) -> User {
    let mut user = match name.strip_prefix("sa:") {
        Some(name) => service_account("default", name, "U"),
        None => User { name: name.to_owned(), ..User::default() },
    };
    match name {
        "admin" => user.groups.push("system:masters".to_owned()),
        "kubeadm" => user.groups.push("kubeadm:cluster-admins".to_owned()),
        "system:node:node-1" => user.groups.push("system:nodes".to_owned()),
        // As a token of a pod on this node makes it.
        "sa:agent" => {
            user.extra.insert("authentication.kubernetes.io/node-name".to_owned(), vec!["node-1".to_owned()]);
        }
        _ => {}
    }
    let group = if name == "system:anonymous" { "system:unauthenticated" } else { "system:authenticated" };
    user.groups.push(group.to_owned());
    user
}

fn ask(name: &str, verb: &str, what: &str, namespace: &str) -> Attributes {
    if what.starts_with('/') {
        let path = Some(what.to_owned());
        return Attributes { user: user(name), verb: verb.to_owned(), path, ..Attributes::default() };
    }
    let (group, what) = what.split_once(':').unwrap_or(("", what));
    let (what, object) = what.split_once('=').unwrap_or((what, ""));
    let (resource, subresource) = what.split_once('/').unwrap_or((what, ""));
    Attributes {
        user: user(name),
        verb: verb.to_owned(),
        group: group.to_owned(),
        resource: resource.to_owned(),
        subresource: subresource.to_owned(),
        namespace: namespace.to_owned(),
        name: object.to_owned(),
        fields: Vec::new(),
        path: None,
    }
}

#[test]
fn the_default_roles_allow_what_they_should() {
    for (minor, name, verb, what, namespace, want) in [
        (36, "admin", "delete", "nodes", "", true),
        (36, "kubeadm", "delete", "nodes", "", true),
        (36, "sa:nobody", "list", "pods", "default", false),
        (36, "sa:nobody", "get", "/api", "", true),
        (36, "sa:nobody", "get", "/openid/v1/jwks", "", true),
        (36, "sa:nobody", "create", "authentication.k8s.io:selfsubjectreviews", "", true),
        (25, "sa:nobody", "create", "authentication.k8s.io:selfsubjectreviews", "", false),
        (36, "system:anonymous", "get", "/version", "", true),
        (36, "system:anonymous", "get", "/api", "", false),
        (36, "sa:viewer", "list", "pods", "default", true),
        (36, "sa:viewer", "list", "secrets", "default", false),
        (36, "sa:viewer", "list", "pods", "kube-system", false),
        (36, "sa:editor", "create", "serviceaccounts/token=x", "default", true),
        (23, "sa:editor", "create", "serviceaccounts/token=x", "default", false),
        (36, "sa:editor", "create", "rbac.authorization.k8s.io:roles", "default", false),
        (36, "sa:boss", "create", "rbac.authorization.k8s.io:roles", "default", true),
        (36, "sa:boss", "impersonate", "serviceaccounts=x", "default", true),
        (36, "system:node:node-1", "create", "serviceaccounts/token=builder", "default", true),
        (36, "system:node:node-1", "create", "serviceaccounts/token=other", "default", false),
        (36, "system:node:node-1", "patch", "pods/status=web", "default", true),
        (36, "system:node:node-1", "get", "secrets=plain", "default", false),
        (36, "system:kube-scheduler", "create", "pods/binding=x", "default", true),
    ] {
        let allowed = authorize(&plane(minor), &ask(name, verb, what, namespace)).allowed;
        assert_eq!(allowed, want, "1.{minor} {name} {verb} {what} {namespace}");
    }
}

#[test]
fn denials_read_as_the_api_servers() {
    for (verb, what, namespace, want) in [
        (
            "list",
            "pods",
            "errs",
            r#"pods is forbidden: User "bot" cannot list resource "pods" in API group "" in the namespace "errs""#,
        ),
        (
            "list",
            "nodes",
            "",
            r#"nodes is forbidden: User "bot" cannot list resource "nodes" in API group "" at the cluster scope"#,
        ),
        (
            "create",
            "serviceaccounts/token=x",
            "a",
            r#"serviceaccounts "x" is forbidden: User "bot" cannot create resource "serviceaccounts/token" in API group "" in the namespace "a""#,
        ),
        ("get", "/metrics", "", r#"forbidden: User "bot" cannot get path "/metrics""#),
        ("get", "/a&b<c>", "", r#"forbidden: User "bot" cannot get path "/a&amp;b&lt;c&gt;""#),
    ] {
        assert_eq!(forbidden(&ask("bot", verb, what, namespace), "").message, want);
    }
}

#[test]
fn escalation_is_refused_with_what_is_missing() {
    let rules = [PolicyRule::read(&json!({"verbs": ["get", "list"], "apiGroups": [""], "resources": ["pods"]}))];
    let refused = "user \"jane\" (groups=[\"system:authenticated\"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"get\" \"list\"]}";
    for (name, namespace, want) in
        [("admin", "", Ok(())), ("sa:viewer", "default", Ok(())), ("jane", "default", Err(refused.to_owned()))]
    {
        assert_eq!(confirm_no_escalation(&plane(36), &user(name), &rules, namespace), want);
    }
}

#[test]
fn headers_make_users() {
    let plane = plane(36);
    let (reply, _) = create_token(&plane, "default", "builder", json!({})).expect("a token");
    let token = reply["status"]["token"].as_str().expect("a text");
    let builder = Some("system:serviceaccount:default:builder");
    for (header, want) in [
        (None, Some("system:anonymous")),
        (Some("Basic abc".to_owned()), Some("system:anonymous")),
        (Some("Bearer ".to_owned()), Some("system:anonymous")),
        (Some(format!("Bearer {token}")), builder),
        (Some(format!("bEaReR {token}")), builder),
        (Some(format!("Bearer  {token}")), Some("system:anonymous")),
        (Some("Bearer not.a.token".to_owned()), None),
    ] {
        let found = authenticate(&plane, None, header.as_deref());
        assert_eq!(found.as_ref().map(|user| user.name.as_str()), want, "{header:?}");
    }
    let peer = user("admin");
    assert_eq!(authenticate(&plane, Some(&peer), Some("Bearer x")).map(|user| user.name), Some("admin".to_owned()));
    let groups = authenticate(&plane, None, Some(&format!("Bearer {token}"))).map(|user| user.groups);
    let want = ["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"];
    assert_eq!(groups.as_deref(), Some(want.map(str::to_owned).as_slice()));
}

/// Asks to act so, listing the pods of the namespace `shop`, and tells who one is then, or what is answered.
fn acting(plane: &ControlPlane, who: &str, verb: &str, headers: &[(&'static str, &'static str)]) -> String {
    let mut map = http::HeaderMap::new();
    for (name, value) in headers {
        map.append(http::HeaderName::from_static(name), http::HeaderValue::from_static(value));
    }
    match impersonate(plane, &ask(who, verb, "pods", "shop"), &map) {
        Ok(None) => "nobody else".to_owned(),
        Ok(Some(Impersonated { user, constraint })) => {
            let extra: String = user.extra.iter().map(|(key, values)| format!(" {key}={}", values.join(","))).collect();
            let uid = if user.uid.is_empty() { String::new() } else { format!(" uid={}", user.uid) };
            let by = if constraint.is_empty() { String::new() } else { format!(" by {constraint}") };
            format!("{} [{}]{uid}{extra}{by}", user.name, user.groups.join(" "))
        }
        Err(Refusal::Status(status)) => format!("{} {}", status.code, status.message),
        Err(Refusal::Internal(why)) => format!("500 {why}"),
    }
}

#[test]
fn acting_as_somebody_else() {
    const USER: (&str, &str) = ("impersonate-user", "joe");
    const SHOPKEEPER: (&str, &str) = ("impersonate-user", "system:serviceaccount:shop:x");
    for (minor, who, headers, want) in [
        (36, "jane", vec![], "nobody else"),
        (35, "admin", vec![USER], "joe [system:authenticated]"),
        (36, "admin", vec![USER], "joe [system:authenticated] by impersonate:user-info"),
        (35, "admin", vec![USER, ("impersonate-group", "dev")], "joe [dev system:authenticated]"),
        (35, "admin", vec![USER, ("impersonate-group", "system:unauthenticated")], "joe [system:unauthenticated]"),
        (35, "admin", vec![("impersonate-user", "system:anonymous")], "system:anonymous [system:unauthenticated]"),
        (21, "admin", vec![USER, ("impersonate-uid", "7")], "joe [system:authenticated]"),
        (22, "admin", vec![USER, ("impersonate-uid", "7")], "joe [system:authenticated] uid=7"),
        (35, "admin", vec![USER, ("impersonate-extra-a%2fb", "c")], "joe [system:authenticated] a/b=c"),
        (35, "admin", vec![USER, ("impersonate-extra-a%2fb%zz", "c")], "joe [system:authenticated] a%2fb%zz=c"),
        (
            35,
            "admin",
            vec![SHOPKEEPER],
            "system:serviceaccount:shop:x [system:serviceaccounts system:serviceaccounts:shop system:authenticated]",
        ),
        (
            36,
            "admin",
            vec![SHOPKEEPER],
            "system:serviceaccount:shop:x [system:serviceaccounts system:serviceaccounts:shop system:authenticated] by impersonate:serviceaccount",
        ),
        (35, "admin", vec![("impersonate-user", "system:node:n")], "system:node:n [system:authenticated]"),
        (
            36,
            "admin",
            vec![("impersonate-user", "system:node:n")],
            "system:node:n [system:nodes system:authenticated] by impersonate:arbitrary-node",
        ),
        // The plain kind is still there, and the only one that gives the masters' rights.
        (36, "admin", vec![USER, ("impersonate-group", "system:masters")], "joe [system:masters system:authenticated]"),
        (36, "admin", vec![USER, ("impersonate-extra-scopes", "c")], "joe [system:authenticated] scopes=c"),
        (
            36,
            "sa:boss",
            vec![("impersonate-user", "system:serviceaccount:default:x")],
            "system:serviceaccount:default:x [system:serviceaccounts system:serviceaccounts:default system:authenticated]",
        ),
        (
            35,
            "jane",
            vec![SHOPKEEPER],
            r#"403 serviceaccounts "x" is forbidden: User "jane" cannot impersonate resource "serviceaccounts" in API group "" in the namespace "shop""#,
        ),
        (
            35,
            "jane",
            vec![USER],
            r#"403 users "joe" is forbidden: User "jane" cannot impersonate resource "users" in API group "" at the cluster scope"#,
        ),
        // The mode that was tried first tells why not.
        (
            36,
            "jane",
            vec![USER],
            r#"403 pods is forbidden: User "jane" cannot impersonate-on:user-info:list resource "pods" in API group "" in the namespace "shop""#,
        ),
        (
            36,
            "jane",
            vec![SHOPKEEPER],
            r#"403 pods is forbidden: User "jane" cannot impersonate-on:serviceaccount:list resource "pods" in API group "" in the namespace "shop""#,
        ),
        (
            34,
            "admin",
            vec![("impersonate-group", "a"), ("impersonate-uid", "7"), ("impersonate-extra-k", "v")],
            "500 requested [{Group  a    } {UserExtra  v  authentication.k8s.io/v1  k} {UID  7  authentication.k8s.io/v1  }] without impersonating a user",
        ),
        (35, "admin", vec![("impersonate-group", "a")], "400 requested [{Group  a    }] without impersonating a user"),
        (
            36,
            "admin",
            vec![("impersonate-group", "a")],
            r#"400 requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"a"}, Extra:map[string][]string(nil)} without impersonating a user name"#,
        ),
    ] {
        assert_eq!(acting(&plane(minor), who, "list", &headers), want, "1.{minor} {who} {headers:?}");
    }
}

/// Roles with these rules, bound in the whole cluster to `jane` and to the service account `default:agent`.
fn plane_with(rules: &[Value]) -> ControlPlane {
    let plane = plane(36);
    let role = json!({"metadata": {"name": "r"}, "rules": rules});
    let subjects = json!([{"kind": "User", "name": "jane", "apiGroup": "rbac.authorization.k8s.io"},
        {"kind": "ServiceAccount", "name": "agent", "namespace": "default"}]);
    let reference = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "r"});
    let binding = json!({"metadata": {"name": "b"}, "roleRef": reference, "subjects": subjects});
    plane.store.create(Key::new(CLUSTER_ROLES, "", "r"), role).expect("new");
    plane.store.create(Key::new(CLUSTER_ROLE_BINDINGS, "", "b"), binding).expect("new");
    plane
}

#[test]
fn acting_for_some_requests_alone() {
    let rule = |verb: &str, group: &str, resource: &str, names: &[&str]| {
        let mut rule = json!({"verbs": [verb], "apiGroups": [group], "resources": [resource]});
        if !names.is_empty() {
            rule["resourceNames"] = json!(names);
        }
        rule
    };
    const USERS: &str = "authentication.k8s.io";
    let rules = [
        rule("impersonate:user-info", USERS, "users", &["joe"]),
        rule("impersonate:user-info", USERS, "groups", &["dev"]),
        rule("impersonate:user-info", USERS, "userextras/example.com/a", &["b"]),
        rule("impersonate-on:user-info:list", "", "pods", &[]),
        rule("impersonate:serviceaccount", USERS, "serviceaccounts", &["x"]),
        rule("impersonate-on:serviceaccount:list", "", "pods", &[]),
        rule("impersonate:associated-node", USERS, "nodes", &[]),
        rule("impersonate-on:associated-node:list", "", "pods", &[]),
        rule("impersonate-on:arbitrary-node:list", "", "pods", &[]),
        rule("impersonate", "", "users", &["old"]),
    ];
    const USER: (&str, &str) = ("impersonate-user", "joe");
    const NODE: (&str, &str) = ("impersonate-user", "system:node:node-1");
    for (who, verb, headers, want) in [
        ("jane", "list", vec![USER], "joe [system:authenticated] by impersonate:user-info"),
        (
            "jane",
            "list",
            vec![USER, ("impersonate-group", "dev"), ("impersonate-extra-example.com%2fa", "b")],
            "joe [dev system:authenticated] example.com/a=b by impersonate:user-info",
        ),
        (
            "jane",
            "get",
            vec![USER],
            r#"403 pods is forbidden: User "jane" cannot impersonate-on:user-info:get resource "pods" in API group "" in the namespace "shop""#,
        ),
        (
            "jane",
            "list",
            vec![("impersonate-user", "eve")],
            r#"403 users.authentication.k8s.io "eve" is forbidden: User "jane" cannot impersonate:user-info resource "users" in API group "authentication.k8s.io" at the cluster scope"#,
        ),
        ("jane", "list", vec![("impersonate-user", "old")], "old [system:authenticated]"),
        (
            "jane",
            "list",
            vec![USER, ("impersonate-group", "ops")],
            r#"403 groups.authentication.k8s.io "ops" is forbidden: User "jane" cannot impersonate:user-info resource "groups" in API group "authentication.k8s.io" at the cluster scope"#,
        ),
        (
            "jane",
            "list",
            vec![USER, ("impersonate-group", "system:masters")],
            r#"403 groups.authentication.k8s.io "system:masters" is forbidden: User "jane" cannot impersonate:user-info resource "groups" in API group "authentication.k8s.io" at the cluster scope: impersonating the system:masters group is not allowed"#,
        ),
        (
            "jane",
            "list",
            vec![USER, ("impersonate-extra-scopes", "b")],
            r#"403 userextras.authentication.k8s.io is forbidden: User "jane" cannot impersonate:user-info resource "userextras" in API group "authentication.k8s.io" at the cluster scope: impersonating an invalid key in extra is not allowed: extra.key: Invalid value: "scopes": must be a domain-prefixed path (such as "acme.io/foo")"#,
        ),
        (
            "jane",
            "list",
            vec![USER, ("impersonate-extra-example.com%2fa", "c")],
            r#"403 userextras.authentication.k8s.io "c" is forbidden: User "jane" cannot impersonate:user-info resource "userextras/example.com/a" in API group "authentication.k8s.io" at the cluster scope"#,
        ),
        (
            "jane",
            "list",
            vec![("impersonate-user", "system:serviceaccount:default:x")],
            "system:serviceaccount:default:x [system:serviceaccounts system:serviceaccounts:default system:authenticated] by impersonate:serviceaccount",
        ),
        // With groups it is neither a service account's mode nor anybody's else.
        (
            "jane",
            "list",
            vec![("impersonate-user", "system:serviceaccount:default:x"), ("impersonate-group", "dev")],
            r#"403 serviceaccounts "x" is forbidden: User "jane" cannot impersonate resource "serviceaccounts" in API group "" in the namespace "default""#,
        ),
        // Its own node, by the token of its pod; not another, and not without one.
        (
            "sa:agent",
            "list",
            vec![NODE],
            "system:node:node-1 [system:nodes system:authenticated] by impersonate:associated-node",
        ),
        (
            "sa:agent",
            "list",
            vec![("impersonate-user", "system:node:node-2")],
            r#"403 nodes.authentication.k8s.io "node-2" is forbidden: User "system:serviceaccount:default:agent" cannot impersonate:arbitrary-node resource "nodes" in API group "authentication.k8s.io" at the cluster scope"#,
        ),
        (
            "jane",
            "list",
            vec![NODE],
            r#"403 nodes.authentication.k8s.io "node-1" is forbidden: User "jane" cannot impersonate:arbitrary-node resource "nodes" in API group "authentication.k8s.io" at the cluster scope"#,
        ),
    ] {
        assert_eq!(acting(&plane_with(&rules), who, verb, &headers), want, "{who} {verb} {headers:?}");
    }
    // What was allowed stays so for ten seconds, for requests like it.
    let plane = plane_with(&rules);
    let allowed = "joe [system:authenticated] by impersonate:user-info";
    assert_eq!(acting(&plane, "jane", "list", &[USER]), allowed);
    let key = Key::new(CLUSTER_ROLE_BINDINGS, "", "b");
    let binding = plane.store.get(&key).expect("there");
    plane.store.delete(&key, &binding).expect("gone");
    assert_eq!(acting(&plane, "jane", "list", &[USER]), allowed);
    plane.clock.advance(jiff::SignedDuration::from_secs(11));
    assert!(acting(&plane, "jane", "list", &[USER]).starts_with("403 pods is forbidden"));
}

#[test]
fn reviews_answer_as_recorded() {
    let plane = plane(36);
    let (reply, _) =
        create_token(&plane, "default", "builder", json!({"spec": {"audiences": ["vault"]}})).expect("a token");
    let token = &reply["status"]["token"];
    let answer = |kind: &str, who: &str, body| {
        let review = REVIEWS.iter().find(|review| review.resource().kind == kind).expect("served");
        match review.create(&plane, &user(who), "default", body) {
            Ok(answer) => answer["status"].to_string(),
            Err(status) => format!("{} {}", status.code, status.message),
        }
    };
    let pods = json!({"verb": "list", "resource": "pods", "namespace": "default"});
    let wrong = r#"{"user":{},"error":"[invalid bearer token, token audiences [\"vault\"] is invalid for the target audiences [\"https://kubernetes.default.svc.cluster.local\"]]"}"#;
    for (kind, who, body, want) in [
        ("TokenReview", "admin", json!({}), "400 token is required for TokenReview in authentication"),
        (
            "TokenReview",
            "admin",
            json!({"spec": {"token": "not.a.token"}}),
            r#"{"user":{},"error":"invalid bearer token"}"#,
        ),
        ("TokenReview", "admin", json!({"spec": {"token": token}}), wrong),
        ("SelfSubjectAccessReview", "admin", json!({"spec": {"resourceAttributes": pods}}), r#"{"allowed":true}"#),
        ("SelfSubjectAccessReview", "jane", json!({"spec": {"resourceAttributes": pods}}), r#"{"allowed":false}"#),
        (
            "SubjectAccessReview",
            "admin",
            json!({"spec": {"resourceAttributes": pods, "user": "system:serviceaccount:default:viewer"}}),
            r#"{"allowed":true,"reason":"RBAC: allowed by RoleBinding \"v/default\" of ClusterRole \"view\" to ServiceAccount \"viewer/default\""}"#,
        ),
        (
            "SubjectAccessReview",
            "admin",
            json!({"spec": {"resourceAttributes": pods}}),
            "422 SubjectAccessReview.authorization.k8s.io \"\" is invalid: spec.user: Invalid value: \"\": at least one of user or group must be specified",
        ),
        (
            "LocalSubjectAccessReview",
            "admin",
            json!({"spec": {"resourceAttributes": {"verb": "get", "namespace": "x"}, "user": "jane"}}),
            "422 LocalSubjectAccessReview.authorization.k8s.io \"\" is invalid: spec.resourceAttributes.namespace: Invalid value: \"x\": must match metadata.namespace",
        ),
        ("SelfSubjectRulesReview", "jane", json!({}), "400 no namespace on request"),
        (
            "SelfSubjectReview",
            "jane",
            json!({}),
            r#"{"userInfo":{"username":"jane","groups":["system:authenticated"]}}"#,
        ),
    ] {
        assert_eq!(answer(kind, who, body), want);
    }
    let found = answer("TokenReview", "admin", json!({"spec": {"token": token, "audiences": ["vault", "x"]}}));
    assert!(found.starts_with(r#"{"authenticated":true,"user":{"username":"system:serviceaccount:default:builder","uid":"U-SA","groups":["system:serviceaccounts","system:serviceaccounts:default","system:authenticated"],"extra":{"authentication.kubernetes.io/credential-id":["JTI="#), "{found}");
    assert!(found.ends_with(r#""audiences":["vault"]}"#), "{found}");
    let found = answer("SelfSubjectRulesReview", "jane", json!({"spec": {"namespace": "default"}}));
    assert!(found.starts_with(r#"{"resourceRules":[{"verbs":["create"],"apiGroups":["authorization.k8s.io"],"resources":["selfsubjectaccessreviews","selfsubjectrulesreviews"]}"#), "{found}");
    assert!(found.ends_with(r#""incomplete":false}"#), "{found}");
}
