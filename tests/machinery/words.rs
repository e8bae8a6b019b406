//! What is answered to bodies, patches, paths and options that are not right, word by word.
//! The words are those of apiserver/pkg/endpoints/handlers and of what it decodes and validates with.

use serde_json::{Value, json};

use super::bench::Bench;

const CORE: &str = "/api/v1/namespaces/default";
const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";
const REVIEWS: &str = "/apis/authorization.k8s.io/v1";

/// Method, path, media type, body, code, message.
type Row = (&'static str, String, &'static str, Value, u16, &'static str);

async fn check(bench: &Bench, rows: Vec<Row>) {
    for (method, path, media_type, body, code, message) in rows {
        let headers: &[(&str, &str)] = if media_type.is_empty() { &[] } else { &[("Content-Type", media_type)] };
        let reply = bench.send(method, &path, headers, &body).await;
        let said = if reply.body.is_string() { reply.body.as_str() } else { reply.body["message"].as_str() };
        assert_eq!((reply.code, said.unwrap_or_default()), (code, message), "{method} {path} {body}");
    }
}

#[tokio::test]
async fn bodies_that_are_something_else() {
    let bench = Bench::new(36).await;
    let accounts = || format!("{CORE}/serviceaccounts");
    let account = |fields: Value| json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": fields});
    check(&bench, vec![
        (
            "POST",
            accounts(),
            "",
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}}),
            400,
            r#"Secret in version "v1" cannot be handled as a ServiceAccount: converting (v1.Secret) to (core.ServiceAccount): unknown conversion"#,
        ),
        (
            "POST",
            accounts(),
            "",
            json!({"apiVersion": "v1", "kind": "Serviceaccount", "metadata": {"name": "x"}}),
            400,
            r#"Serviceaccount in version "v1" cannot be handled as a ServiceAccount: no kind "Serviceaccount" is registered for version "v1" in scheme "pkg/api/legacyscheme/scheme.go:30""#,
        ),
        ("POST", accounts(), "", json!({"metadata": {"name": "x", "labels": {"a": 1}}}), 400, r#"ServiceAccount in version "v1" cannot be handled as a ServiceAccount: json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string"#),
        ("POST", accounts(), "", account(json!({"name": "x", "resourceVersion": "5"})), 500, "resourceVersion should not be set on objects to be created"),
        ("PUT", format!("{CORE}/serviceaccounts/default"), "", account(json!({"name": "default", "resourceVersion": "abc"})), 500, r#"strconv.ParseUint: parsing "abc": invalid syntax"#),
        ("POST", accounts(), "text/plain", json!({}), 415, "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf"),
        ("POST", format!("{CORE}/serviceaccounts/default/token"), "", json!({"kind": "TokenReview"}), 400, r#"TokenReview in version "v1" cannot be handled as a TokenRequest: converting (v1.TokenReview) to (authentication.TokenRequest): unknown conversion"#),
        ("POST", format!("{CORE}/serviceaccounts/default/token?fieldValidation=Strict"), "", json!({"spec": {"foo": 1}}), 400, r#"TokenRequest in version "v1" cannot be handled as a TokenRequest: strict decoding error: unknown field "spec.foo""#),
    ])
    .await;
    // What has no namespace loses the one it was given; a warning tells of fields that are not known.
    let role = json!({"metadata": {"name": "r", "namespace": "zz"}, "rules": [], "foo": 1});
    let reply = bench.ask("POST", &format!("{RBAC}/clusterroles"), role).await;
    assert_eq!((reply.code, &reply.body["metadata"]["namespace"]), (201, &Value::Null), "{}", reply.body);
    assert_eq!(reply.headers["Warning"], r#"299 - "unknown field \"foo\"""#);
    let keys: Vec<&String> = reply.body["metadata"].as_object().expect("metadata").keys().collect();
    assert_eq!(keys, ["name", "uid", "resourceVersion", "creationTimestamp"]);
}

#[tokio::test]
async fn patches_that_do_not_fit() {
    const MERGE: &str = "application/merge-patch+json";
    const JSON: &str = "application/json-patch+json";
    const STRATEGIC: &str = "application/strategic-merge-patch+json";
    let bench = Bench::new(36).await;
    bench.create(&format!("{CORE}/serviceaccounts"), json!({"metadata": {"name": "bot"}})).await;
    let bot = || format!("{CORE}/serviceaccounts/bot");
    let failed = "the server rejected our request due to an error in our request";
    check(&bench, vec![
        ("PATCH", bot(), "application/json", json!({}), 415, "415: Unsupported Media Type"),
        ("PATCH", format!("{CORE}/serviceaccounts/nope"), MERGE, json!([]), 404, r#"serviceaccounts "nope" not found"#),
        ("PATCH", bot(), MERGE, json!([]), 400, "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}"),
        ("PATCH", bot(), STRATEGIC, json!([]), 400, "json: cannot unmarshal array into Go value of type map[string]interface {}"),
        ("PATCH", bot(), JSON, json!({}), 400, "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp"),
        ("PATCH", format!("{}?fieldValidation=Ignore", bot()), JSON, json!({}), 400, "json: cannot unmarshal object into Go value of type jsonpatch.Patch"),
        ("PATCH", bot(), JSON, json!([5]), 400, "error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp"),
        ("PATCH", bot(), JSON, json!([{"op": "test", "path": "/metadata/name", "value": "x"}]), 422, failed),
        ("PATCH", bot(), MERGE, json!({"metadata": {"name": "x"}}), 400, "the name of the object (x) does not match the name on the URL (bot)"),
        ("PATCH", bot(), STRATEGIC, json!({"metadata": {"labels": {"a": 1}}}), 422, r#" "" is invalid: patch: Invalid value: "map[metadata:map[labels:map[a:1]]]": cannot convert int64 to string"#),
        ("PATCH", bot(), STRATEGIC, json!({"secrets": "x"}), 422, r#" "" is invalid: patch: Invalid value: "map[secrets:x]": cannot restore slice from string"#),
        ("PATCH", bot(), STRATEGIC, json!({"automountServiceAccountToken": "x"}), 422, r#" "" is invalid: patch: Invalid value: "map[automountServiceAccountToken:x]": unrecognized type: bool"#),
        ("PATCH", format!("{}?fieldValidation=Strict", bot()), STRATEGIC, json!({"foo": 1}), 422, r#" "" is invalid: patch: Invalid value: "map[foo:1]": strict decoding error: unknown field "foo""#),
        ("PATCH", bot(), STRATEGIC, json!({"$patch": "frob"}), 500, "unknown patch type: frob in map: map[$patch:frob]"),
        ("PATCH", bot(), STRATEGIC, json!({"secrets": [{"name": "s"}]}), 200, ""),
        ("PATCH", bot(), STRATEGIC, json!({"secrets": [{"foo": "bar"}]}), 500, "map: map[foo:bar] does not contain declared merge key: name"),
        ("PATCH", bot(), STRATEGIC, json!({"$retainKeys": ["secrets"], "metadata": {}}), 422, failed),
    ])
    .await;
    // What came of the patch is told as it would be read: its keys in the order of the alphabet.
    let reply = bench.send("PATCH", &bot(), &[("Content-Type", MERGE)], &json!({"kind": "Secret"})).await;
    assert_eq!((reply.code, &reply.body["details"]["kind"]), (422, &Value::Null), "{}", reply.body);
    let start = r#" "" is invalid: patch: Invalid value: "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{"#;
    let end = "converting (v1.Secret) to (core.ServiceAccount): unknown conversion";
    assert!(reply.message().starts_with(start) && reply.message().ends_with(end), "{}", reply.message());
}

#[tokio::test]
async fn paths_that_lead_nowhere() {
    const NOWHERE: &str = "the server could not find the requested resource";
    const PLAIN: &str = "404 page not found\n";
    const NO_METHOD: &str = "the server does not allow this method on the requested resource";
    let bench = Bench::new(36).await;
    let row = |method: &'static str, path: &str, code: u16, message: &'static str| {
        (method, path.to_owned(), "", Value::Null, code, message)
    };
    check(
        &bench,
        vec![
            row("GET", "/nope", 404, PLAIN),
            row("GET", "/apis/nope/v1", 404, PLAIN),
            row("GET", "/apis/nope/v1/foos", 404, PLAIN),
            row("GET", "//api/v1/pods", 404, PLAIN),
            row("GET", "/readyz/nope", 404, PLAIN),
            row("GET", "/apis/apps/v2", 404, NOWHERE),
            row("GET", "/apis/apps/v1/nope", 404, NOWHERE),
            row("GET", "/api/v1//pods", 404, NOWHERE),
            row("GET", "/api/v1/pods/x", 404, NOWHERE),
            row("GET", "/api/v1/namespaces/default/namespaces", 404, NOWHERE),
            row("GET", "/api/v1/namespaces/default/pods/a%2Fb", 404, NOWHERE),
            row("GET", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews/x", 404, NOWHERE),
            row("POST", "/apis/authorization.k8s.io/v1/localsubjectaccessreviews", 404, NOWHERE),
            row("POST", "/api/v1/serviceaccounts", 405, NO_METHOD),
            row("DELETE", "/api/v1/serviceaccounts", 405, NO_METHOD),
            row("GET", "/api/v1/namespaces/default/pods/..", 400, r#"Name parameter invalid: "..": may not be '..'"#),
            row(
                "GET",
                "/api/v1/namespaces/default/pods/a%25b",
                400,
                r#"Name parameter invalid: "a%b": may not contain '%'"#,
            ),
            row("GET", "/healthz", 200, "ok"),
            row("POST", "/livez", 200, "ok"),
            row("GET", "/readyz/ping", 200, "ok"),
            row(
                "GET",
                &format!("{CORE}/pods?watch=1&resourceVersion=abc"),
                422,
                r#"resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax"#,
            ),
            row(
                "GET",
                &format!("{CORE}/pods?timeoutSeconds=x"),
                400,
                r#"strconv.ParseInt: parsing "x": invalid syntax"#,
            ),
        ],
    )
    .await;
    let reply = bench.ask("GET", "/readyz?verbose&exclude=etcd&exclude=nope", Value::Null).await;
    let text = reply.body.as_str().expect("text");
    assert!(text.starts_with("[+]ping ok\n[+]log ok\n[+]etcd excluded: ok\n"), "{text}");
    let end =
        "[+]shutdown ok\nwarn: some health checks cannot be excluded: no matches for \"nope\"\nreadyz check passed\n";
    assert!(text.ends_with(end), "{text}");
    for header in ["x-kubernetes-pf-flowschema-uid", "x-kubernetes-pf-prioritylevel-uid", "audit-id"] {
        assert!(reply.headers.contains_key(header), "{header}");
    }
}

#[tokio::test]
async fn options_that_are_not_known() {
    for (minor, shown) in [(36, r#"["Some"]"#), (32, r#"[]string{"Some"}"#)] {
        let bench = Bench::new(minor).await;
        let path = format!("{CORE}/serviceaccounts?dryRun=Some&fieldValidation=Nope&fieldManager={}", "a".repeat(129));
        let reply = bench.ask("POST", &path, json!({"metadata": {"name": "x"}})).await;
        let want = format!(
            "CreateOptions.meta.k8s.io \"\" is invalid: [fieldManager: Too long: may not be more than 128 bytes, dryRun: Unsupported value: {shown}: supported values: \"All\", fieldValidation: Unsupported value: \"Nope\": supported values: \"\", \"Ignore\", \"Strict\", \"Warn\"]"
        );
        assert_eq!((reply.code, reply.message()), (422, want.as_str()), "{minor}");
    }
}

#[tokio::test]
async fn reviews_that_ask_too_much() {
    let bench = Bench::new(36).await;
    let pods = json!({"verb": "list", "resource": "pods", "namespace": "default"});
    let selecting = |field: &str, selector: Value| {
        let mut asked = pods.clone();
        asked[field] = selector;
        json!({"spec": {"user": "jane", "resourceAttributes": asked}})
    };
    let sar = || format!("{REVIEWS}/subjectaccessreviews");
    let local = || format!("{REVIEWS}/namespaces/default/localsubjectaccessreviews");
    check(&bench, vec![
        ("POST", sar(), "", json!({"spec": {"resourceAttributes": pods}}), 422, r#".authorization.k8s.io "" is invalid: spec.user: Invalid value: "": at least one of user or group must be specified"#),
        ("POST", sar(), "", json!({"spec": {"user": "jane"}}), 422, r#".authorization.k8s.io "" is invalid: spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified"#),
        ("POST", sar(), "", json!({"spec": {"user": 5}}), 400, r#"SubjectAccessReview in version "v1" cannot be handled as a SubjectAccessReview: json: cannot unmarshal number into Go struct field SubjectAccessReviewSpec.spec.user of type string"#),
        ("POST", sar(), "", selecting("fieldSelector", json!({})), 422, r#".authorization.k8s.io "" is invalid: spec.resourceAttributes.fieldSelector.requirements: Required value: when spec.resourceAttributes.fieldSelector is specified, requirements or rawSelector is required"#),
        ("POST", sar(), "", selecting("fieldSelector", json!({"rawSelector": "a", "requirements": [{"key": "a", "operator": "Exists"}]})), 422, r#".authorization.k8s.io "" is invalid: spec.resourceAttributes.fieldSelector.rawSelector: Invalid value: "a": may not specified at the same time as requirements"#),
        ("POST", sar(), "", selecting("labelSelector", json!({"requirements": [{"key": "a", "operator": "In"}]})), 422, r#".authorization.k8s.io "" is invalid: spec.resourceAttributes.labelSelector.requirements[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'"#),
        ("POST", local(), "", json!({"metadata": {"namespace": "x"}, "spec": {"user": "jane", "resourceAttributes": pods}}), 400, "the namespace of the provided object does not match the namespace sent on the request"),
        ("POST", local(), "", json!({"spec": {"user": "jane", "nonResourceAttributes": {"path": "/x", "verb": "get"}}}), 422, r#".authorization.k8s.io "" is invalid: spec.nonResourceAttributes: Invalid value: {"Path":"/x","Verb":"get"}: disallowed on this kind of request"#),
    ])
    .await;
    let reply = bench.ask("POST", &local(), json!({"spec": {"user": "jane", "resourceAttributes": pods}})).await;
    assert_eq!((reply.code, &reply.body["metadata"]["namespace"]), (201, &json!("default")), "{}", reply.body);
    let node = [("Impersonate-User", "system:node:node-1"), ("Impersonate-Group", "system:nodes")];
    let asked = json!({"spec": {"namespace": "default"}});
    let reply = bench.send("POST", &format!("{REVIEWS}/selfsubjectrulesreviews"), &node, &asked).await;
    let (incomplete, why) = (&reply.body["status"]["incomplete"], &reply.body["status"]["evaluationError"]);
    assert_eq!((incomplete, why), (&json!(true), &json!("node authorizer does not support user rule resolution")));
}

/// What is accepted, the code, the media type, and the kind or the message.
#[tokio::test]
async fn languages_and_forms() {
    let bench = Bench::new(36).await;
    let (one, all) = (format!("{CORE}/serviceaccounts/default"), format!("{CORE}/serviceaccounts"));
    bench.ask("POST", &all, json!({"metadata": {"name": "bot"}})).await;
    const JSON: &str = "application/json";
    let of = |kind: &str| format!("{JSON};as={kind};v=v1;g=meta.k8s.io");
    for (path, accept, code, media_type, said) in [
        (&one, of("Table"), 200, JSON, "Table"),
        (&one, of("PartialObjectMetadata"), 200, JSON, "PartialObjectMetadata"),
        (&all, of("PartialObjectMetadataList"), 200, JSON, "PartialObjectMetadataList"),
        (&all, format!("{},{JSON}", of("Nope")), 200, JSON, "ServiceAccountList"),
        (
            &all,
            of("PartialObjectMetadata"),
            406,
            JSON,
            "you requested PartialObjectMetadata, but the requested object is a list (*core.ServiceAccountList)",
        ),
        (
            &one,
            of("PartialObjectMetadataList"),
            406,
            JSON,
            "you requested PartialObjectMetadataList, but the requested object is not a list (*core.ServiceAccount)",
        ),
    ] {
        let reply = bench.send("GET", path, &[("Accept", &accept)], &Value::Null).await;
        let found = if reply.code == 200 { reply.body["kind"].as_str().unwrap_or_default() } else { reply.message() };
        assert_eq!((reply.code, found), (code, said), "{accept}");
        assert_eq!(reply.headers["Content-Type"], media_type, "{accept}");
    }
    let reply = bench.send("GET", &one, &[("Accept", "application/yaml")], &Value::Null).await;
    assert_eq!(reply.headers["Content-Type"], "application/yaml");
    assert!(reply.body.as_str().is_some_and(|text| text.starts_with("apiVersion: v1\nkind: ServiceAccount\n")));
    let path = format!("{all}?includeObject=Nope");
    let reply = bench.send("GET", &path, &[("Accept", &of("Table"))], &Value::Null).await;
    let want = "Unable to convert to Table as requested: includeObject: Invalid value: \"Nope\": must be 'Metadata', 'Object', 'None', or empty";
    assert_eq!((reply.code, reply.message()), (400, want));
}

/// Path, media type, and who may keep it.
#[tokio::test]
async fn documents_that_look_the_same_to_everybody() {
    let bench = Bench::new(36).await;
    const NOT_KEPT: &str = "no-cache, private";
    const PUBLIC: &str = "public, max-age=3600";
    for (path, media_type, cache) in [
        ("/version", "application/json", NOT_KEPT),
        ("/", "application/json", NOT_KEPT),
        ("/api", "application/json", NOT_KEPT),
        ("/.well-known/openid-configuration", "application/json", PUBLIC),
        ("/openid/v1/jwks", "application/jwk-set+json", PUBLIC),
    ] {
        for agent in ["curl/8.0", "tests"] {
            let reply = bench.send("GET", path, &[("User-Agent", agent)], &Value::Null).await;
            let headers = [&reply.headers["Content-Type"], &reply.headers["Cache-Control"]];
            assert_eq!(headers, [media_type, cache], "{path}");
            let length: usize = reply.headers["Content-Length"].to_str().expect("text").parse().expect("a number");
            let want = match (path, agent) {
                ("/version" | "/", _) => serde_json::to_string_pretty(&reply.body).expect("JSON").len(),
                ("/api", "tests") => reply.body.to_string().len() + 1,
                ("/api", _) => serde_json::to_string_pretty(&reply.body).expect("JSON").len(),
                _ => reply.body.to_string().len(),
            };
            assert_eq!(length, want, "{path} for {agent}");
        }
    }
}

/// A denial names the object, and its part only where it says what cannot be done.
#[tokio::test]
async fn denials_of_parts() {
    let bench = Bench::new(36).await;
    bench
        .create(
            &format!("{RBAC}/clusterroles"),
            json!({"metadata": {"name": "r"}, "rules": [
        {"verbs": ["create"], "apiGroups": ["rbac.authorization.k8s.io"], "resources": ["rolebindings"]},
        {"verbs": ["impersonate-on:user-info:create"], "apiGroups": ["*"], "resources": ["*"]}]}),
        )
        .await;
    let subjects = json!([{"kind": "Group", "name": "dev", "apiGroup": "rbac.authorization.k8s.io"}]);
    let role = json!({"kind": "ClusterRole", "name": "r", "apiGroup": "rbac.authorization.k8s.io"});
    bench
        .create(
            &format!("{RBAC}/clusterrolebindings"),
            json!({"metadata": {"name": "b"}, "subjects": subjects, "roleRef": role}),
        )
        .await;
    let jane = [("Impersonate-User", "jane"), ("Impersonate-Group", "dev")];
    let nobody = json!({"metadata": {"name": "b"}, "subjects": subjects,
        "roleRef": {"kind": "Role", "name": "nobody", "apiGroup": "rbac.authorization.k8s.io"}});
    for (path, body, code, message) in [
        (
            format!("{CORE}/serviceaccounts/default/token"),
            json!({}),
            403,
            r#"serviceaccounts "default" is forbidden: User "jane" cannot create resource "serviceaccounts/token" in API group "" in the namespace "default""#,
        ),
        (
            format!("{CORE}/pods/web/exec?command=ls"),
            Value::Null,
            403,
            r#"pods "web" is forbidden: User "jane" cannot create resource "pods/exec" in API group "" in the namespace "default""#,
        ),
        (
            format!("{RBAC}/namespaces/default/rolebindings"),
            nobody,
            404,
            r#"roles.rbac.authorization.k8s.io "nobody" not found"#,
        ),
    ] {
        let reply = bench.send("POST", &path, &jane, &body).await;
        assert_eq!((reply.code, reply.message()), (code, message), "{path}");
    }
}
