//! Tokens are made, forged, aged and orphaned here.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::SignedDuration;
use rsa::sha2::Digest as _;
use serde_json::{Value, json};

use crate::apimachinery::{Release, meta};
use crate::base::{Clock, Ids};
use crate::simulator::ControlPlane;
use crate::simulator::controller::LegacyTokens as _;
use crate::simulator::storage::Key;
use crate::token;

use super::{Issuer, Validated, create_token, validate};

/// One key for all tests, for making one takes a while.
fn issuer() -> Issuer {
    static ISSUER: OnceLock<Issuer> = OnceLock::new();
    ISSUER.get_or_init(Issuer::default).clone()
}

/// A cluster with an account, a pod of it on a node, a plain secret and a legacy token secret.
pub(crate) fn plane(minor: u8) -> ControlPlane {
    let clock = Clock::still("2026-11-23T18:59:05.5Z".parse().expect("a time"));
    let plane = ControlPlane::new(Release::minor(minor), clock, Ids::seeded(1), issuer().into());
    let legacy = plane.issuer.sign("default", "legacy", "builder", "U-SA").expect("signed");
    for (resource, namespace, object) in [
        ("serviceaccounts", "default", json!({"metadata": {"name": "builder", "uid": "U-SA"}})),
        ("serviceaccounts", "default", json!({"metadata": {"name": "other", "uid": "U-OTHER"}})),
        (
            "pods",
            "default",
            json!({"metadata": {"name": "web", "uid": "U-POD"},
                "spec": {"serviceAccountName": "builder", "nodeName": "node-1"}}),
        ),
        ("nodes", "", json!({"metadata": {"name": "node-1", "uid": "U-NODE"}})),
        ("secrets", "default", json!({"metadata": {"name": "plain", "uid": "U-SECRET"}})),
        (
            "secrets",
            "default",
            json!({"metadata": {"name": "legacy", "uid": "U-LEGACY"}, "data": {"token": STANDARD.encode(&legacy)}}),
        ),
    ] {
        let key = Key::new(resource, namespace, meta::name(&object));
        plane.store.create(key, object).expect("created");
    }
    plane
}

fn request(plane: &ControlPlane, spec: Value) -> Result<(Value, Vec<String>), String> {
    create_token(plane, "default", "builder", json!({"spec": spec})).map_err(|status| status.message)
}

fn issue(plane: &ControlPlane, spec: Value) -> String {
    let (reply, _) = request(plane, spec).expect("a token");
    reply["status"]["token"].as_str().expect("a text").to_owned()
}

fn refused(plane: &ControlPlane, token: &str) -> String {
    match validate(plane, token, &[]) {
        Ok(Some(Validated { user, .. })) => panic!("accepted as {}", user.name),
        Ok(None) => "not mine".to_owned(),
        Err(why) => why,
    }
}

fn bound_to(kind: &str, name: &str) -> Value {
    json!({"boundObjectRef": {"apiVersion": "v1", "kind": kind, "name": name}})
}

#[test]
fn a_token_is_accepted_in_every_release() {
    for release in Release::all() {
        let plane = plane(release.number());
        for spec in [json!({}), bound_to("Pod", "web"), bound_to("Secret", "plain")] {
            let token = issue(&plane, spec.clone());
            let found = validate(&plane, &token, &[]).expect("good").expect("mine");
            assert_eq!(found.user.name, "system:serviceaccount:default:builder", "{release} {spec}");
            assert_eq!(found.user.uid, "U-SA");
            assert_eq!(found.user.groups, ["system:serviceaccounts", "system:serviceaccounts:default"]);
            assert_eq!(found.audiences, ["https://kubernetes.default.svc.cluster.local"]);
        }
    }
}

#[test]
fn anyone_can_verify_a_token_with_the_published_keys() {
    let plane = plane(36);
    let token = issue(&plane, json!({}));
    let jwks = plane.issuer.jwks().expect("keys");
    let number = |field: &str| {
        let text = jwks["keys"][0][field].as_str().expect("a text");
        rsa::BoxedUint::from_be_slice_vartime(&URL_SAFE_NO_PAD.decode(text).expect("base64url"))
    };
    let key = rsa::PublicKey::new(number("n"), number("e")).expect("a key");
    let (signed, signature) = token.rsplit_once('.').expect("three parts");
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    let hash = rsa::sha2::Sha256::digest(signed.as_bytes());
    key.verify(rsa::Pkcs1v15Sign::new::<rsa::sha2::Sha256>(), &hash, &signature).expect("verified");
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// The payload of a good token, to be spoilt.
fn payload(plane: &ControlPlane) -> Value {
    let token = issue(plane, bound_to("Pod", "web"));
    Value::Object(token::decode(&token).expect("a token").claims)
}

fn with(mut claims: Value, pointer: &str, value: Value) -> Value {
    *claims.pointer_mut(pointer).expect("a claim") = value;
    claims
}

/// A token with the header's kid signed by a key that is not the cluster's.
fn by_another_key(plane: &ControlPlane, claims: &Value, kid: &str) -> String {
    static OTHER: OnceLock<Issuer> = OnceLock::new();
    let other = OTHER.get_or_init(Issuer::default);
    let token = other.sign_claims(claims).expect("signed");
    let (_, rest) = token.split_once('.').expect("parts");
    let (claims, signature) = rest.split_once('.').expect("parts");
    let kid = if kid.is_empty() { plane.issuer.key_id().expect("a key") } else { kid.to_owned() };
    format!("{}.{claims}.{signature}", encoded(&json!({"alg": "RS256", "kid": kid})))
}

#[test]
fn forged_tokens_are_refused() {
    let plane = plane(36);
    let good = issue(&plane, json!({}));
    let (signed, signature) = good.rsplit_once('.').expect("parts");
    let (header, body) = signed.split_once('.').expect("parts");
    let claims = payload(&plane);
    let sign = |claims: &Value| plane.issuer.sign_claims(claims).expect("signed");
    let kid = plane.issuer.key_id().expect("a key");
    let hs256 = {
        let header = encoded(&json!({"alg": "HS256", "kid": kid}));
        let message = format!("{header}.{body}");
        let public = plane.issuer.jwks().expect("keys").to_string();
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, public.as_bytes());
        let tag = aws_lc_rs::hmac::sign(&key, message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
    };
    let none = encoded(&json!({"alg": "none"}));
    let changed = encoded(&with(claims.clone(), "/sub", json!("system:serviceaccount:kube-system:default")));
    let twice = body.replace(
        body,
        &URL_SAFE_NO_PAD.encode(claims.to_string().replacen(
            '{',
            r#"{"iss":"https://kubernetes.default.svc.cluster.local","#,
            1,
        )),
    );
    let now = plane.clock.now().as_second();
    let crypto = "go-jose/go-jose: error in cryptographic primitive";
    for (what, token, want) in [
        ("nothing", String::new(), "not mine"),
        ("no token", "a.b.c".to_owned(), "not mine"),
        ("alg none, no signature", format!("{none}.{body}."), crypto),
        ("alg none, old signature", format!("{none}.{body}.{signature}"), crypto),
        ("HS256 with the public key", hs256, crypto),
        ("another key", by_another_key(&plane, &claims, ""), crypto),
        ("kid of nobody", by_another_key(&plane, &claims, "nobody"), "invalid signature, no keys found"),
        ("payload changed", format!("{header}.{changed}.{signature}"), crypto),
        ("signature cut", good[..good.len() - 8].to_owned(), crypto),
        ("duplicate claims", format!("{header}.{twice}.{signature}"), crypto),
        ("JSON", json!({"payload": body, "protected": header, "signature": signature}).to_string(), "not mine"),
        ("a megabyte", format!("{header}.{}.{signature}", "A".repeat(1 << 20)), "not mine"),
        ("another issuer", sign(&with(claims.clone(), "/iss", json!("https://evil.example"))), "not mine"),
        (
            "another audience",
            sign(&with(claims.clone(), "/aud", json!(["vault", "x"]))),
            r#"token audiences ["vault" "x"] is invalid for the target audiences ["https://kubernetes.default.svc.cluster.local"]"#,
        ),
        ("over", sign(&with(claims.clone(), "/exp", json!(now - 61))), "service account token has expired"),
        ("not begun", sign(&with(claims.clone(), "/nbf", json!(now + 62))), "service account token is not valid yet"),
        (
            "from the future",
            sign(&with(claims.clone(), "/iat", json!(now + 62))),
            "service account token is issued in the future",
        ),
        (
            "an account of old",
            sign(&with(claims.clone(), "/kubernetes.io/serviceaccount/uid", json!("U-OLD"))),
            "service account UID (U-SA) does not match claim (U-OLD)",
        ),
        (
            "no such account",
            sign(&with(claims.clone(), "/kubernetes.io/serviceaccount/name", json!("nobody"))),
            "serviceaccounts \"nobody\" not found",
        ),
        (
            "no such pod",
            sign(&with(claims.clone(), "/kubernetes.io/pod/name", json!("gone"))),
            "service account token has been invalidated",
        ),
        (
            "a pod made again",
            sign(&with(claims.clone(), "/kubernetes.io/pod/uid", json!("U-OLD"))),
            "pod UID (U-POD) does not match pod ref claim (U-OLD)",
        ),
        (
            "no claims of ours",
            sign(&with(claims.clone(), "/kubernetes.io", json!({}))),
            "serviceaccounts \"\" not found",
        ),
        (
            "a legacy token nobody keeps",
            plane.issuer.sign("default", "plain", "builder", "U-SA").expect("signed"),
            "Token does not match server's copy",
        ),
        (
            "a legacy token whose secret is gone",
            plane.issuer.sign("default", "gone", "builder", "U-SA").expect("signed"),
            "Token has been invalidated",
        ),
    ] {
        assert_eq!(refused(&plane, &token), want, "{what}");
    }
    // Within the minute that clocks may differ.
    for (claim, at) in [("/exp", now - 59), ("/nbf", now + 59), ("/iat", now + 59)] {
        let token = sign(&with(claims.clone(), claim, json!(at)));
        assert!(matches!(validate(&plane, &token, &[]), Ok(Some(_))), "{claim}");
    }
}

#[test]
fn the_words_follow_the_release() {
    for (minor, token, want) in [
        (20, "over", "Token has expired."),
        (21, "early", "Token could not be validated."),
        (23, "over", "service account token has expired"),
        (26, "future", "accepted"),
        (27, "future", "service account token is issued in the future"),
        (20, "old account", "ServiceAccount UID (U-SA) does not match claim (U-OLD)"),
        (21, "old pod", "Pod UID (U-POD) does not match claim (U-OLD)"),
        (29, "other kid", "square/go-jose: error in cryptographic primitive"),
        (31, "other kid", "invalid signature, no keys found"),
    ] {
        let plane = plane(minor);
        let now = plane.clock.now().as_second();
        let claims = payload(&plane);
        let claims = match token {
            "over" => with(claims, "/exp", json!(now - 100)),
            "early" => with(claims, "/nbf", json!(now + 100)),
            "future" => with(claims, "/iat", json!(now + 100)),
            "old account" => with(claims, "/kubernetes.io/serviceaccount/uid", json!("U-OLD")),
            "old pod" => with(claims, "/kubernetes.io/pod/uid", json!("U-OLD")),
            _ => claims,
        };
        let token = match token {
            "other kid" => by_another_key(&plane, &claims, "nobody"),
            _ => plane.issuer.sign_claims(&claims).expect("signed"),
        };
        let said = match validate(&plane, &token, &[]) {
            Ok(Some(_)) => "accepted".to_owned(),
            _ => refused(&plane, &token),
        };
        assert_eq!(said, want, "1.{minor}");
    }
}

#[test]
fn a_token_dies_with_what_it_is_bound_to() {
    for (kind, name, resource, namespace, want) in [
        ("Pod", "web", "pods", "default", "service account token has been invalidated"),
        ("Secret", "plain", "secrets", "default", "service account token has been invalidated"),
        ("Node", "node-1", "nodes", "", "service account token has been invalidated"),
        ("Pod", "builder", "serviceaccounts", "default", "serviceaccounts \"builder\" not found"),
    ] {
        let plane = plane(36);
        let bound = if resource == "serviceaccounts" { "web" } else { name };
        let token = issue(&plane, bound_to(kind, bound));
        let key = Key::new(resource, namespace, name);
        let read = plane.store.get(&key).expect("there");
        let mut leaving = Value::clone(&read);
        leaving["metadata"]["deletionTimestamp"] = json!(meta::time(plane.clock.now()));
        let read = plane.store.update(key.clone(), &read, leaving).expect("updated");
        assert!(matches!(validate(&plane, &token, &[]), Ok(Some(_))), "{resource}: a minute of grace");
        plane.clock.advance(SignedDuration::from_secs(62));
        let deleted = "service account default/builder has been deleted";
        assert_eq!(refused(&plane, &token), if resource == "serviceaccounts" { deleted } else { want });
        plane.store.delete(&key, &read).expect("deleted");
        assert_eq!(refused(&plane, &token), want);
    }
    // The node in a pod's token is told, not checked.
    let plane = plane(36);
    let token = issue(&plane, bound_to("Pod", "web"));
    let key = Key::new("nodes", "", "node-1");
    let node = plane.store.get(&key).expect("there");
    plane.store.delete(&key, &node).expect("deleted");
    assert!(matches!(validate(&plane, &token, &[]), Ok(Some(_))));
}

#[test]
fn claims_follow_the_release() {
    let iss = "https://kubernetes.default.svc.cluster.local";
    let pod = json!({"boundObjectRef": {"kind": "Pod", "apiVersion": "v1", "name": "web"}, "expirationSeconds": 3607});
    let vault = with(pod.clone(), "/expirationSeconds", json!(3607));
    let mut vault = vault;
    vault["audiences"] = json!(["vault"]);
    for (minor, spec, want) in [
        (20, json!({}), "aud exp+3600 iat iss kubernetes.io{namespace serviceaccount} nbf sub"),
        (20, pod.clone(), "aud exp+31536000 iat iss kubernetes.io{namespace pod serviceaccount warnafter} nbf sub"),
        (23, vault.clone(), "aud exp+31536000 iat iss kubernetes.io{namespace pod serviceaccount warnafter} nbf sub"),
        (24, vault, "aud exp+3607 iat iss kubernetes.io{namespace pod serviceaccount} nbf sub"),
        (
            25,
            bound_to("Secret", "plain"),
            "aud exp+3600 iat iss kubernetes.io{namespace secret serviceaccount} nbf sub",
        ),
        (29, json!({}), "aud exp+3600 iat iss kubernetes.io{namespace serviceaccount} nbf sub"),
        (30, json!({}), "aud exp+3600 iat iss jti kubernetes.io{namespace serviceaccount} nbf sub"),
        (36, pod, "aud exp+31536000 iat iss jti kubernetes.io{namespace node pod serviceaccount warnafter} nbf sub"),
        (
            36,
            bound_to("Node", "node-1"),
            "aud exp+3600 iat iss jti kubernetes.io{namespace node serviceaccount} nbf sub",
        ),
    ] {
        let plane = plane(minor);
        let token = token::decode(&issue(&plane, spec)).expect("a token");
        let header: Vec<&str> = token.header.keys().map(String::as_str).collect();
        assert_eq!((header, token.alg(), token.iss()), (vec!["alg", "kid"], Some("RS256"), Some(iss)));
        let lifetime = token.exp().zip(token.iat()).map(|(exp, iat)| exp.as_second() - iat.as_second());
        let shown: Vec<String> = token
            .claims
            .iter()
            .map(|(claim, value)| match (claim.as_str(), value) {
                ("exp", _) => format!("exp+{}", lifetime.unwrap_or_default()),
                (claim, Value::Object(inner)) => {
                    format!("{claim}{{{}}}", inner.keys().map(String::as_str).collect::<Vec<_>>().join(" "))
                }
                (claim, _) => claim.to_owned(),
            })
            .collect();
        assert_eq!(shown.join(" "), want, "1.{minor}");
    }
}

#[test]
fn extras_follow_the_release() {
    for (minor, bound, want) in [
        (20, bound_to("Pod", "web"), "pod-name=web pod-uid=U-POD"),
        (29, bound_to("Pod", "web"), "pod-name=web pod-uid=U-POD"),
        (30, bound_to("Pod", "web"), "credential-id node-name=node-1 node-uid=U-NODE pod-name=web pod-uid=U-POD"),
        (36, bound_to("Node", "node-1"), "credential-id node-name=node-1 node-uid=U-NODE"),
        (25, json!({}), ""),
        (36, json!({}), "credential-id"),
    ] {
        let plane = plane(minor);
        let user = validate(&plane, &issue(&plane, bound), &[]).expect("good").expect("mine").user;
        let shown: Vec<String> = user
            .extra
            .iter()
            .map(|(key, values)| {
                let key = key.trim_start_matches("authentication.kubernetes.io/");
                if key == "credential-id" { key.to_owned() } else { format!("{key}={}", values.join(",")) }
            })
            .collect();
        assert_eq!(shown.join(" "), want, "1.{minor}");
    }
}

#[test]
fn requests_are_refused_in_the_words_of_the_api() {
    let ask = |minor: u8, name: &str, body: Value| {
        let status = create_token(&plane(minor), "default", name, body).expect_err("refused");
        format!("{} {}", status.code, status.message)
    };
    let spec = |spec: Value| json!({"spec": spec});
    let seconds = |seconds: i64| spec(json!({"expirationSeconds": seconds}));
    for (minor, name, body, want) in [
        (36, "nope", spec(json!({})), "404 serviceaccounts \"nope\" not found"),
        (36, "nope", seconds(60), "404 serviceaccounts \"nope\" not found"),
        (
            20,
            "nope",
            seconds(60),
            "422 TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes",
        ),
        (
            36,
            "builder",
            seconds(4_294_967_297),
            "422 TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds",
        ),
        (
            36,
            "builder",
            json!({"metadata": {"name": "zzz"}}),
            "422 TokenRequest.authentication.k8s.io \"builder\" is invalid: metadata.name: Invalid value: \"zzz\": must match the service account name if specified",
        ),
        (
            36,
            "builder",
            json!({"metadata": {"uid": "U1"}}),
            "409 Operation cannot be fulfilled on TokenRequest.authentication.k8s.io \"builder\": the UID in the token request (U1) does not match the UID of the service account (U-SA)",
        ),
        (36, "builder", spec(bound_to("Pod", "nope")), "404 pods \"nope\" not found"),
        (36, "builder", spec(bound_to("Pod", "")), "400 Name parameter required."),
        (36, "builder", spec(bound_to("Secret", "a/b")), "400 Name parameter invalid: \"a/b\": may not contain '/'"),
        (
            36,
            "builder",
            spec(json!({"boundObjectRef": {"kind": "Pod", "apiVersion": "a/b/c", "name": "nope"}})),
            "404 pods \"nope\" not found",
        ),
        (
            36,
            "other",
            spec(bound_to("Pod", "web")),
            "400 cannot bind token for serviceaccount \"other\" to pod running with different serviceaccount name.",
        ),
        (36, "builder", spec(bound_to("Node", "nope")), "404 nodes \"nope\" not found"),
        (
            30,
            "builder",
            spec(bound_to("Node", "node-1")),
            "400 cannot bind token to a Node object as the \"ServiceAccountTokenNodeBinding\" feature-gate is disabled",
        ),
        (28, "builder", spec(bound_to("Node", "node-1")), "400 cannot bind token to object of type /v1, Kind=Node"),
        (
            36,
            "builder",
            spec(bound_to("ConfigMap", "x")),
            "400 cannot bind token to object of type /v1, Kind=ConfigMap",
        ),
        (
            36,
            "builder",
            spec(json!({"boundObjectRef": {"kind": "Deployment", "apiVersion": "apps/v1", "name": "x"}})),
            "400 cannot bind token to object of type apps/v1, Kind=Deployment",
        ),
        (
            36,
            "builder",
            spec(json!({"boundObjectRef": {"kind": "Pod", "apiVersion": "v1", "name": "web", "uid": "U1"}})),
            "409 Operation cannot be fulfilled on Pod \"web\": the UID in the bound object reference (U1) does not match the UID in record. The object might have been deleted and then recreated",
        ),
    ] {
        assert_eq!(ask(minor, name, body), want);
    }
}

#[test]
fn replies_follow_the_release() {
    for (minor, metadata) in [
        (20, json!({"creationTimestamp": null})),
        (25, json!({"name": "builder", "namespace": "default", "creationTimestamp": "2026-11-23T18:59:05Z"})),
        (
            36,
            json!({"name": "builder", "namespace": "default", "uid": "U-SA", "creationTimestamp": "2026-11-23T18:59:05Z"}),
        ),
    ] {
        let (mut reply, warnings) = request(&plane(minor), json!({})).expect("a token");
        reply["status"]["token"] = json!("T");
        let want = json!({
            "kind": "TokenRequest",
            "apiVersion": "authentication.k8s.io/v1",
            "metadata": metadata,
            "spec": {"audiences": ["https://kubernetes.default.svc.cluster.local"], "expirationSeconds": 3600, "boundObjectRef": null},
            "status": {"token": "T", "expirationTimestamp": "2026-11-23T19:59:05Z"},
        });
        assert_eq!((reply.to_string(), warnings), (want.to_string(), Vec::new()), "1.{minor}");
    }
    let mut plane = plane(36);
    let mut capped = issuer();
    capped.max_expiration = Some(86400);
    plane.issuer = capped.into();
    let (reply, warnings) = request(&plane, json!({"expirationSeconds": 315_360_000})).expect("a token");
    assert_eq!(reply["spec"]["expirationSeconds"], 86400);
    assert_eq!(warnings, ["requested expiration of 315360000 seconds shortened to 86400 seconds"]);
}

#[test]
fn legacy_tokens_are_tracked() {
    let key = Key::new("secrets", "default", "legacy");
    for (minor, label, auto, want) in [
        (26, None, true, "accepted"),
        (27, Some("2026-11-23"), false, "accepted"),
        (36, Some("2026-11-23"), true, "accepted, warned"),
    ] {
        let plane = plane(minor);
        let account = Key::new("serviceaccounts", "default", "builder");
        let read = plane.store.get(&account).expect("there");
        let mut object = Value::clone(&read);
        if auto {
            object["secrets"] = json!([{"name": "legacy"}]);
        }
        plane.store.update(account, &read, object).expect("updated");
        let token = plane.issuer.sign("default", "legacy", "builder", "U-SA").expect("signed");
        let found = validate(&plane, &token, &[]).expect("good").expect("mine");
        let said = if found.warnings.is_empty() { "accepted" } else { "accepted, warned" };
        assert_eq!((said, found.user.extra.len()), (want, 0), "1.{minor}");
        let secret = plane.store.get(&key).expect("there");
        assert_eq!(meta::label(&secret, "kubernetes.io/legacy-token-last-used"), label, "1.{minor}");
        let mut marked = Value::clone(&secret);
        meta::metadata_map_mut(&mut marked, "labels")
            .insert("kubernetes.io/legacy-token-invalid-since".to_owned(), json!("2026-01-01"));
        plane.store.update(key.clone(), &secret, marked).expect("updated");
        let refused = validate(&plane, &token, &[]).is_err_and(|why| why.contains("has been marked invalid"));
        assert_eq!(refused, minor == 36, "1.{minor}");
    }
}

#[test]
fn documents_are_as_the_api_server_writes_them() {
    let issuer = issuer();
    let kid = issuer.key_id().expect("a key");
    let jwks = issuer.jwks().expect("keys").to_string();
    assert!(
        jwks.starts_with(&format!(r#"{{"keys":[{{"use":"sig","kty":"RSA","kid":"{kid}","alg":"RS256","n":""#)),
        "{jwks}"
    );
    assert!(jwks.ends_with(r#"","e":"AQAB"}]}"#), "{jwks}");
    let document = issuer.openid_configuration("10.88.0.2:6443").expect("a key").expect("an https issuer");
    assert_eq!(
        document.to_string(),
        r#"{"issuer":"https://kubernetes.default.svc.cluster.local","jwks_uri":"https://10.88.0.2:6443/openid/v1/jwks","response_types_supported":["id_token"],"subject_types_supported":["public"],"id_token_signing_alg_values_supported":["RS256"]}"#
    );
}

#[test]
fn keys_are_read_from_pem() {
    use aws_lc_rs::encoding::AsDer as _;
    let pem =
        |label: &str, der: &[u8]| format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der));
    let ec = aws_lc_rs::signature::EcdsaKeyPair::generate(&aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING);
    let ec = ec.and_then(|pair| pair.to_pkcs8v1()).expect("a key");
    let rsa = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).expect("a key");
    let rsa: aws_lc_rs::encoding::Pkcs8V1Der<'_> = rsa.as_der().expect("DER");
    for (text, want) in [
        (pem("PRIVATE KEY", ec.as_ref()), Ok("ES256")),
        (pem("PRIVATE KEY", rsa.as_ref()), Ok("RS256")),
        (
            pem("PRIVATE KEY", b"nonsense"),
            Err(
                "a \"PRIVATE KEY\" block does not hold an RSA or EC private key (2048 bits and up; P-256, P-384, P-521)",
            ),
        ),
        ("nonsense".to_owned(), Err("no PEM block with a private key in it (-----BEGIN … PRIVATE KEY-----)")),
    ] {
        let issuer = Issuer::from_pem("https://example.com", &text).map_err(|error| error.to_string());
        let signed = issuer.map(|issuer| {
            let token = token::decode(&issuer.sign_claims(&json!({})).expect("signed")).expect("a token");
            let jwks = token::Jwks::parse(&issuer.jwks().expect("keys").to_string()).expect("keys");
            let kid = issuer.key_id().expect("a key");
            assert_eq!(token::verify(&token, &jwks), token::Verdict::Verified { kid });
            token.alg().map(str::to_owned).unwrap_or_default()
        });
        assert_eq!(signed.as_deref().map_err(String::as_str), want);
    }
}
