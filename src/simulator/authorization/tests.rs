//! The default roles, the store and the words of a denial together.

use serde_json::json;

use crate::apimachinery::{Release, meta};
use crate::rbac::{Attributes, PolicyRule, User};
use crate::simulator::ControlPlane;
use crate::simulator::authentication::{authenticate, impersonate};
use crate::simulator::registry::REVIEWS;
use crate::simulator::serviceaccount::{create_token, service_account, tests as tokens};
use crate::simulator::storage::Key;

use super::{authorize, bootstrappolicy, confirm_no_escalation, denial};

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
        ("list", "pods", "errs", r#"User "bot" cannot list resource "pods" in API group "" in the namespace "errs""#),
        ("list", "nodes", "", r#"User "bot" cannot list resource "nodes" in API group "" at the cluster scope"#),
        (
            "create",
            "serviceaccounts/token=x",
            "a",
            r#"User "bot" cannot create resource "serviceaccounts/token" in API group "" in the namespace "a""#,
        ),
        ("get", "/metrics", "", r#"User "bot" cannot get path "/metrics""#),
    ] {
        assert_eq!(denial(&ask("bot", verb, what, namespace)), want);
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

#[test]
fn acting_as_somebody_else() {
    let plane = plane(36);
    for (who, headers, want) in [
        ("jane", vec![], "jane [system:authenticated]"),
        ("admin", vec![("impersonate-user", "joe")], "joe [system:authenticated]"),
        ("admin", vec![("impersonate-user", "joe"), ("impersonate-group", "dev")], "joe [dev system:authenticated]"),
        ("admin", vec![("impersonate-user", "system:anonymous")], "system:anonymous [system:unauthenticated]"),
        (
            "admin",
            vec![("impersonate-user", "system:serviceaccount:shop:x")],
            "system:serviceaccount:shop:x [system:serviceaccounts system:serviceaccounts:shop system:authenticated]",
        ),
        (
            "sa:boss",
            vec![("impersonate-user", "system:serviceaccount:default:x")],
            "system:serviceaccount:default:x [system:serviceaccounts system:serviceaccounts:default system:authenticated]",
        ),
        (
            "jane",
            vec![("impersonate-user", "system:serviceaccount:shop:x")],
            r#"403 serviceaccounts "x" is forbidden: User "jane" cannot impersonate resource "serviceaccounts" in API group "" in the namespace "shop""#,
        ),
        (
            "jane",
            vec![("impersonate-user", "joe")],
            r#"403 users "joe" is forbidden: User "jane" cannot impersonate resource "users" in API group "" at the cluster scope"#,
        ),
        (
            "admin",
            vec![("impersonate-user", "joe"), ("impersonate-extra-a%2fb", "c")],
            "joe [system:authenticated] a/b=c",
        ),
    ] {
        let mut map = http::HeaderMap::new();
        for (name, value) in headers {
            map.append(http::HeaderName::from_static(name), http::HeaderValue::from_static(value));
        }
        let said = match impersonate(&plane, &user(who), &map) {
            Ok(user) => {
                let extra: String =
                    user.extra.iter().map(|(key, values)| format!(" {key}={}", values.join(","))).collect();
                format!("{} [{}]{extra}", user.name, user.groups.join(" "))
            }
            Err(status) => format!("{} {}", status.code, status.message),
        };
        assert_eq!(said, want);
    }
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
