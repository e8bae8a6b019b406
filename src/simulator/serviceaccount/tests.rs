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
use crate::simulator::storage::{Key, Store};
use crate::token;

use super::{Issuer, Validated, create_token, validate};

/// One key for all tests, for making one takes a while.
fn issuer() -> Issuer {
    static ISSUER: OnceLock<Issuer> = OnceLock::new();
    ISSUER.get_or_init(Issuer::default).clone()
}

/// A cluster with an account, a pod of it on a node, a plain secret and a legacy token secret.
pub(crate) fn plane(minor: u8) -> ControlPlane {
    let plane = ControlPlane {
        release: Release::minor(minor),
        clock: Clock::still("2026-11-23T18:59:05.5Z".parse().expect("a time")),
        ids: Ids::seeded(1),
        store: Store::new(),
        issuer: issuer(),
        ca_pem: String::new(),
    };
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
