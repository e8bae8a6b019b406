//! Forged, aged and orphaned tokens are refused at the network door, and TokenReview says why in the release's words.
//!
//! The door answers every one of them alike, 401; the reasons are upstream's (`pkg/serviceaccount/{jwt,claims,legacy}.go`
//! and go-jose), which reach the API server's log and TokenReview alone.

use std::sync::{Arc, Mutex};

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RSA_PSS_SHA256,
    RsaEncoding,
};
use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use sa_tutor::base::Clock;
use sa_tutor::simulator::serviceaccount::{DEFAULT_ISSUER, Issuer};
use sa_tutor::why::{Rung, Sign, Trace};
use serde_json::{Value, json};

use crate::support::door::{Door, PATIENCE};

const REFUSED: &str = r#"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}"#;
const ACCOUNTS: &str = "/api/v1/namespaces/default/serviceaccounts";
/// What TokenReview says of a token that is not this issuer's at all.
const FOREIGN: &str = "invalid bearer token";
const OLD_CRYPTO: &str = "square/go-jose: error in cryptographic primitive";
const CRYPTO: &str = "go-jose/go-jose: error in cryptographic primitive";
const ACCEPTED: &str = "accepted";
const OLD_UID: &str = "00000000-0000-4000-8000-000000000000";

/// What 1.20, 1.24 and 1.36 say.
pub type Says = [&'static str; 3];
const RELEASES: [u8; 3] = [20, 24, 36];

const fn always(text: &'static str) -> Says {
    [text; 3]
}

/// The signature does not fit.
const BAD_SIGNATURE: Says = [OLD_CRYPTO, OLD_CRYPTO, CRYPTO];
/// Newer servers look for the key by its id first.
const BAD_KID: Says = [OLD_CRYPTO, OLD_CRYPTO, "invalid signature, no keys found"];
const EXPIRED: Says = ["Token has expired.", "service account token has expired", "service account token has expired"];
const NOT_YET: Says = [
    "Token could not be validated.",
    "service account token is not valid yet",
    "service account token is not valid yet",
];
const FUTURE: Says = [ACCEPTED, ACCEPTED, "service account token is issued in the future"];
const WRONG_AUDIENCE: Says = always(
    r#"token audiences ["vault" "x"] is invalid for the target audiences ["https://kubernetes.default.svc.cluster.local"]"#,
);
const WRONG_ACCOUNT: Says = [
    "ServiceAccount UID ({account}) does not match claim ({old})",
    "service account UID ({account}) does not match claim ({old})",
    "service account UID ({account}) does not match claim ({old})",
];
const INVALIDATED: Says = [
    "Token has been invalidated",
    "service account token has been invalidated",
    "service account token has been invalidated",
];
const NO_NUMBER: Says = [
    "square/go-jose/jwt: expected number value to unmarshal NumericDate",
    "square/go-jose/jwt: expected number value to unmarshal NumericDate",
    "go-jose/go-jose/jwt: expected number value to unmarshal NumericDate",
];
const NO_AUDIENCE: Says = [
    "square/go-jose/jwt: expected string or array value to unmarshal to Audience",
    "square/go-jose/jwt: expected string or array value to unmarshal to Audience",
    "go-jose/go-jose/jwt: expected string or array value to unmarshal to Audience",
];

/// What a forger has: the cluster's key pair (only its public half, unless a row says otherwise), another one, and the
/// claims of a good token.
pub struct Forge {
    pub door: Door,
    pub traces: Arc<Mutex<Vec<Trace>>>,
    key: KeyPair,
    other: KeyPair,
    kid: String,
    good: String,
    claims: Value,
    now: i64,
}

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn signed(key: &KeyPair, how: &'static dyn RsaEncoding, message: &str) -> String {
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(how, &SystemRandom::new(), message.as_bytes(), &mut signature).expect("signed");
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

impl Forge {
    pub async fn new(minor: u8) -> Self {
        let key = KeyPair::generate(KeySize::Rsa2048).expect("a key");
        let private: Pkcs8V1Der<'_> = key.as_der().expect("DER");
        let issuer = Issuer::from_pem(DEFAULT_ISSUER, &pem("PRIVATE KEY", private.as_ref())).expect("a key");
        let kid = issuer.key_id().expect("a key");
        let now = Timestamp::now().as_second();
        let clock = Clock::still(Timestamp::from_second(now).expect("a time"));
        let door = Door::open_with(minor, clock, issuer).await;
        let other = KeyPair::generate(KeySize::Rsa2048).expect("a key");
        let traces = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&traces);
        door.simulator.traces().tell(move |trace| told.lock().expect("no panic").push(trace));
        let mut forge = Self { door, traces, key, other, kid, good: String::new(), claims: Value::Null, now };
        forge.good = forge.request("default", json!({})).await;
        let payload = forge.good.split('.').nth(1).expect("a payload");
        forge.claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).expect("base64url")).expect("JSON");
        forge
    }

    pub async fn post(&self, path: &str, body: &Value) -> Value {
        let reply = self.door.ask_as_admin("POST", path, body).await;
        assert_eq!(reply.code, 201, "{path}: {}", reply.text);
        reply.json()
    }

    pub async fn request(&self, account: &str, spec: Value) -> String {
        let reply = self.post(&format!("{ACCOUNTS}/{account}/token"), &json!({"spec": spec})).await;
        reply["status"]["token"].as_str().expect("a token").to_owned()
    }

    /// As the cluster's own: the forger has its private key.
    fn sign(&self, claims: &Value) -> String {
        self.sign_text(&claims.to_string())
    }

    fn sign_text(&self, claims: &str) -> String {
        let header = json!({"alg": "RS256", "kid": self.kid});
        signed(&self.key, &RSA_PKCS1_SHA256, &format!("{}.{}", part(&header), URL_SAFE_NO_PAD.encode(claims)))
    }

    /// The claims of a good token with one of them changed.
    fn with(&self, pointer: &str, value: Value) -> Value {
        let mut claims = self.claims.clone();
        *claims.pointer_mut(pointer).expect("a claim") = value;
        claims
    }

    fn without(&self, claim: &str) -> Value {
        let mut claims = self.claims.clone();
        claims.as_object_mut().expect("claims").shift_remove(claim);
        claims
    }

    /// A header, the good claims, a signature made of whatever the row likes.
    fn headed(&self, header: &Value, sign: impl Fn(&str) -> Vec<u8>) -> String {
        let message = format!("{}.{}", part(header), part(&self.claims));
        let signature = sign(&message);
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn hs256(&self, secret: &[u8]) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        self.headed(&json!({"alg": "HS256", "kid": self.kid}), |message| {
            hmac::sign(&key, message.as_bytes()).as_ref().to_vec()
        })
    }

    fn public(&self) -> Vec<u8> {
        let der: PublicKeyX509Der<'_> = self.key.public_key().as_der().expect("DER");
        der.as_ref().to_vec()
    }

    fn parts(&self) -> [&str; 3] {
        let parts: Vec<&str> = self.good.split('.').collect();
        parts.try_into().expect("three parts")
    }

    /// What the door says, and what TokenReview says.
    async fn verdict(&self, token: &str) -> (String, String) {
        let bearer = [b"Bearer ", token.as_bytes()].concat();
        let reply = self.door.ask("GET", "/api", &[("Authorization", &bearer)], b"").await;
        let at_the_door = match reply.code {
            200 => ACCEPTED.to_owned(),
            _ => format!("{} {}", reply.code, reply.text.trim_end()),
        };
        let review = self.review(token, &[]).await;
        self.shown(&review);
        (at_the_door, review)
    }

    /// What the ladder of the request shows is what decided: the check that failed, in the words of the review.
    fn shown(&self, review: &str) {
        let trace = self.traces.lock().expect("no panic").iter().find(|trace| trace.asks == "get /api").cloned();
        self.traces.lock().expect("no panic").clear();
        let trace = trace.expect("traced");
        let step = trace.deciding().expect("a rung");
        assert_eq!(trace.code == 401, step.stopped && step.rung == Rung::Authentication, "{trace:?}");
        if trace.code == 401 {
            let failed = step.checks.iter().find(|check| check.sign == Sign::Bad).expect("a check that failed");
            assert!(failed.say == review || review == FOREIGN, "shown {failed:?}, decided {review}");
        }
    }

    /// `accepted`, or the error in the status.
    async fn review(&self, token: &str, audiences: &[&str]) -> String {
        let body = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview",
            "spec": {"token": token, "audiences": audiences}});
        let reply = self.post("/apis/authentication.k8s.io/v1/tokenreviews", &body).await;
        let status = &reply["status"];
        if status["authenticated"] == true {
            let user = status["user"]["username"].as_str().expect("a name");
            return match user.strip_prefix("system:serviceaccount:default:") {
                Some(_) => ACCEPTED.to_owned(),
                None => format!("{ACCEPTED} as {user}"),
            };
        }
        let error = status["error"].as_str().expect("an error");
        match error.strip_prefix("[invalid bearer token, ").and_then(|error| error.strip_suffix(']')) {
            Some(error) => error.to_owned(),
            None => error.to_owned(),
        }
    }
}

/// A name, the token, and what each release says of it.
pub type Row = (&'static str, fn(&Forge) -> String, Says);

/// Rows in which the forger has no private key of the cluster.
pub const FORGED: &[Row] = &[
    ("a good token, for comparison", |f| f.good.clone(), always(ACCEPTED)),
    ("alg none, no signature", |f| f.headed(&json!({"alg": "none"}), |_| Vec::new()), BAD_SIGNATURE),
    (
        "alg none, its kid, no signature",
        |f| f.headed(&json!({"alg": "none", "kid": f.kid}), |_| Vec::new()),
        BAD_SIGNATURE,
    ),
    ("alg NONE", |f| f.headed(&json!({"alg": "NONE"}), |_| Vec::new()), BAD_SIGNATURE),
    (
        "alg none, the old signature",
        |f| format!("{}.{}.{}", part(&json!({"alg": "none"})), f.parts()[1], f.parts()[2]),
        BAD_SIGNATURE,
    ),
    ("no alg", |f| f.headed(&json!({"kid": f.kid}), |_| vec![1; 256]), BAD_SIGNATURE),
    ("HS256 with the public key as DER", |f| f.hs256(&f.public()), BAD_SIGNATURE),
    ("HS256 with the public key as PEM", |f| f.hs256(pem("PUBLIC KEY", &f.public()).as_bytes()), BAD_SIGNATURE),
    ("HS256 with the modulus alone", |f| f.hs256(f.key.public_key().as_ref()), BAD_SIGNATURE),
    ("HS256 with nothing", |f| f.hs256(b""), BAD_SIGNATURE),
    (
        "another key, its kid",
        |f| signed(&f.other, &RSA_PKCS1_SHA256, &format!("{}.{}", f.parts()[0], f.parts()[1])),
        BAD_SIGNATURE,
    ),
    (
        "another key, no kid",
        |f| {
            f.headed(&json!({"alg": "RS256"}), |m| {
                URL_SAFE_NO_PAD
                    .decode(signed(&f.other, &RSA_PKCS1_SHA256, m).rsplit('.').next().expect("a part"))
                    .expect("base64url")
            })
        },
        BAD_SIGNATURE,
    ),
    (
        "another key, a kid of nobody",
        |f| f.headed(&json!({"alg": "RS256", "kid": "nobody"}), |_| vec![7; 256]),
        BAD_KID,
    ),
    (
        "a kid that is a path",
        |f| f.headed(&json!({"alg": "RS256", "kid": "../../../../dev/null"}), |_| Vec::new()),
        BAD_KID,
    ),
    (
        "a key of its own in the header",
        |f| f.headed(&json!({"alg": "RS256", "jwk": {"kty": "oct", "k": "AA"}}), |_| vec![7; 256]),
        BAD_SIGNATURE,
    ),
    (
        "a key to be fetched",
        |f| f.headed(&json!({"alg": "RS256", "kid": f.kid, "jku": "https://evil.example/jwks"}), |_| vec![7; 256]),
        BAD_SIGNATURE,
    ),
    (
        "ES256 by a key of its own",
        |f| {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
            f.headed(&json!({"alg": "ES256", "kid": f.kid}), |m| {
                pair.sign(&SystemRandom::new(), m.as_bytes()).expect("signed").as_ref().to_vec()
            })
        },
        BAD_SIGNATURE,
    ),
    (
        "ES256 with an empty signature",
        |f| f.headed(&json!({"alg": "ES256", "kid": f.kid}), |_| vec![0; 64]),
        BAD_SIGNATURE,
    ),
    (
        "payload changed",
        |f| {
            format!(
                "{}.{}.{}",
                f.parts()[0],
                part(&f.with("/sub", json!("system:serviceaccount:kube-system:default"))),
                f.parts()[2]
            )
        },
        BAD_SIGNATURE,
    ),
    (
        "life made longer",
        |f| format!("{}.{}.{}", f.parts()[0], part(&f.with("/exp", json!(f.now + 1_000_000))), f.parts()[2]),
        BAD_SIGNATURE,
    ),
    (
        "header changed",
        |f| format!("{}.{}.{}", part(&json!({"alg": "RS256", "kid": f.kid, "typ": "JWT"})), f.parts()[1], f.parts()[2]),
        BAD_SIGNATURE,
    ),
    (
        "signature of zeros",
        |f| format!("{}.{}.{}", f.parts()[0], f.parts()[1], URL_SAFE_NO_PAD.encode([0; 256])),
        BAD_SIGNATURE,
    ),
    (
        "signature of one",
        |f| format!("{}.{}.{}", f.parts()[0], f.parts()[1], URL_SAFE_NO_PAD.encode([&[0; 255][..], &[1]].concat())),
        BAD_SIGNATURE,
    ),
    (
        "signature is the hash",
        |f| {
            let message = format!("{}.{}", f.parts()[0], f.parts()[1]);
            let hash = digest::digest(&digest::SHA256, message.as_bytes());
            format!("{message}.{}", URL_SAFE_NO_PAD.encode(hash.as_ref()))
        },
        BAD_SIGNATURE,
    ),
    ("signature cut short", |f| f.good[..f.good.len() - 8].to_owned(), BAD_SIGNATURE),
    ("signature twice", |f| format!("{}{}", f.good, f.parts()[2]), BAD_SIGNATURE),
    ("no signature", |f| format!("{}.{}.", f.parts()[0], f.parts()[1]), BAD_SIGNATURE),
    ("no header", |f| format!(".{}.{}", f.parts()[1], f.parts()[2]), BAD_SIGNATURE),
    ("no payload", |f| format!("{}..{}", f.parts()[0], f.parts()[2]), always(FOREIGN)),
    ("two dots", |_| "..".to_owned(), always(FOREIGN)),
    ("one part", |f| f.parts()[0].to_owned(), always(FOREIGN)),
    ("two parts", |f| format!("{}.{}", f.parts()[0], f.parts()[1]), always(FOREIGN)),
    ("four parts", |f| format!("{}.x", f.good), always(FOREIGN)),
    ("five parts, as an encrypted one", |f| format!("{}.a.b", f.good), always(FOREIGN)),
    ("a dot at the end", |f| format!("{}.", f.good), always(FOREIGN)),
    ("a dot before it", |f| format!(".{}", f.good), always(FOREIGN)),
    ("padded header", |f| format!("{}=.{}.{}", f.parts()[0], f.parts()[1], f.parts()[2]), always(FOREIGN)),
    ("padded payload", |f| format!("{}.{}=.{}", f.parts()[0], f.parts()[1], f.parts()[2]), always(FOREIGN)),
    ("padded signature", |f| format!("{}==", f.good), always(FOREIGN)),
    ("ordinary base64", |f| format!("{}.{}.{}+/", f.parts()[0], f.parts()[1], f.parts()[2]), always(FOREIGN)),
    ("a letter that is none", |f| format!("{}!", f.good), always(FOREIGN)),
    ("percent", |f| f.good.replace('.', "%2E"), always(FOREIGN)),
    (
        "JSON serialisation",
        |f| json!({"payload": f.parts()[1], "protected": f.parts()[0], "signature": f.parts()[2]}).to_string(),
        always(FOREIGN),
    ),
    (
        "JSON serialisation, general",
        |f| {
            json!({"payload": f.parts()[1], "signatures": [{"protected": f.parts()[0], "signature": f.parts()[2]}]})
                .to_string()
        },
        always(FOREIGN),
    ),
    ("JSON with dots in it", |f| format!("{{\"payload\":\".{}.\"}}", f.parts()[1]), always(FOREIGN)),
    ("header is a list", |f| format!("{}.{}.{}", part(&json!([])), f.parts()[1], f.parts()[2]), always(FOREIGN)),
    ("header is a text", |f| format!("{}.{}.{}", part(&json!("RS256")), f.parts()[1], f.parts()[2]), always(FOREIGN)),
    (
        "header with a field twice",
        |f| {
            format!(
                "{}.{}.{}",
                URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"none","alg":"RS256","kid":"{}"}}"#, f.kid)),
                f.parts()[1],
                f.parts()[2]
            )
        },
        always(FOREIGN),
    ),
    (
        "header with something after it",
        |f| {
            format!(
                "{}.{}.{}",
                URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"RS256","kid":"{}"}}x"#, f.kid)),
                f.parts()[1],
                f.parts()[2]
            )
        },
        always(FOREIGN),
    ),
    (
        "payload is a list",
        |f| format!("{}.{}.{}", f.parts()[0], part(&json!([f.claims])), f.parts()[2]),
        always(FOREIGN),
    ),
    (
        "payload is no JSON",
        |f| format!("{}.{}.{}", f.parts()[0], URL_SAFE_NO_PAD.encode("sub=admin"), f.parts()[2]),
        always(FOREIGN),
    ),
    (
        "a claim twice",
        |f| {
            format!(
                "{}.{}.{}",
                f.parts()[0],
                URL_SAFE_NO_PAD.encode(f.claims.to_string().replacen('{', r#"{"sub":"system:admin","#, 1)),
                f.parts()[2]
            )
        },
        BAD_SIGNATURE,
    ),
    (
        "another issuer, unsigned",
        |f| format!("{}.{}.{}", f.parts()[0], part(&f.with("/iss", json!("https://evil.example"))), f.parts()[2]),
        always(FOREIGN),
    ),
    (
        "issuer twice, the last one ours",
        |f| {
            format!(
                "{}.{}.{}",
                f.parts()[0],
                URL_SAFE_NO_PAD.encode(f.claims.to_string().replacen('{', r#"{"iss":"https://evil.example","#, 1)),
                f.parts()[2]
            )
        },
        BAD_SIGNATURE,
    ),
    (
        "a legacy token made up",
        |f| {
            let claims = json!({"iss": "kubernetes/serviceaccount", "kubernetes.io/serviceaccount/namespace": "default",
            "kubernetes.io/serviceaccount/secret.name": "x", "kubernetes.io/serviceaccount/service-account.name": "default",
            "kubernetes.io/serviceaccount/service-account.uid": f.claims["kubernetes.io"]["serviceaccount"]["uid"],
            "sub": "system:serviceaccount:default:default"});
            format!("{}.{}.{}", f.parts()[0], part(&claims), f.parts()[2])
        },
        BAD_SIGNATURE,
    ),
    (
        "a hundred thousand letters of payload",
        |f| format!("{}.{}.{}", f.parts()[0], "A".repeat(100_000), f.parts()[2]),
        always(FOREIGN),
    ),
    (
        "a hundred thousand letters of header",
        |f| format!("{}.{}.{}", part(&json!({"alg": "RS256", "kid": "k".repeat(100_000)})), f.parts()[1], f.parts()[2]),
        BAD_KID,
    ),
    (
        "a hundred thousand letters of signature",
        |f| format!("{}.{}.{}", f.parts()[0], f.parts()[1], "A".repeat(100_000)),
        BAD_SIGNATURE,
    ),
    (
        "deeply nested claims",
        |f| format!("{}.{}.{}", f.parts()[0], URL_SAFE_NO_PAD.encode("[".repeat(20_000)), f.parts()[2]),
        always(FOREIGN),
    ),
    ("the password of an old cluster", |_| "admin".to_owned(), always(FOREIGN)),
    ("a bootstrap token", |_| "abcdef.0123456789abcdef".to_owned(), always(FOREIGN)),
];

/// Rows in which the signature is right: only the claims are wrong.
pub const SIGNED: &[Row] = &[
    (
        "no kid",
        |f| signed(&f.key, &RSA_PKCS1_SHA256, &format!("{}.{}", part(&json!({"alg": "RS256"})), part(&f.claims))),
        always(ACCEPTED),
    ),
    (
        "a kid of nobody",
        |f| {
            signed(
                &f.key,
                &RSA_PKCS1_SHA256,
                &format!("{}.{}", part(&json!({"alg": "RS256", "kid": "nobody"})), part(&f.claims)),
            )
        },
        [ACCEPTED, ACCEPTED, "invalid signature, no keys found"],
    ),
    (
        "RS512",
        |f| signed(&f.key, &RSA_PKCS1_SHA512, &format!("{}.{}", part(&json!({"alg": "RS512"})), part(&f.claims))),
        always(ACCEPTED),
    ),
    (
        "RS512 that says it is RS256",
        |f| signed(&f.key, &RSA_PKCS1_SHA512, &format!("{}.{}", f.parts()[0], f.parts()[1])),
        BAD_SIGNATURE,
    ),
    (
        "PSS that says it is RS256",
        |f| signed(&f.key, &RSA_PSS_SHA256, &format!("{}.{}", f.parts()[0], f.parts()[1])),
        BAD_SIGNATURE,
    ),
    (
        "an extension that must be understood",
        |f| {
            signed(
                &f.key,
                &RSA_PKCS1_SHA256,
                &format!("{}.{}", part(&json!({"alg": "RS256", "crit": ["exp"], "exp": 1})), part(&f.claims)),
            )
        },
        BAD_SIGNATURE,
    ),
    ("expired, within the leeway", |f| f.sign(&f.with("/exp", json!(f.now - 60))), always(ACCEPTED)),
    ("expired, beyond it", |f| f.sign(&f.with("/exp", json!(f.now - 61))), EXPIRED),
    ("expired long ago", |f| f.sign(&f.with("/exp", json!(1))), EXPIRED),
    ("expired before time began", |f| f.sign(&f.with("/exp", json!(-1))), EXPIRED),
    ("never expires", |f| f.sign(&f.without("exp")), always(ACCEPTED)),
    ("an end that is a text", |f| f.sign(&f.with("/exp", json!((f.now + 1000).to_string()))), NO_NUMBER),
    ("an end that is an object", |f| f.sign(&f.with("/exp", json!({}))), NO_NUMBER),
    ("begins soon, within the leeway", |f| f.sign(&f.with("/nbf", json!(f.now + 60))), always(ACCEPTED)),
    ("begins later", |f| f.sign(&f.with("/nbf", json!(f.now + 61))), NOT_YET),
    (
        "expired and not begun",
        |f| {
            let mut c = f.with("/nbf", json!(f.now + 61));
            c["exp"] = json!(1);
            f.sign(&c)
        },
        NOT_YET,
    ),
    ("issued in the future", |f| f.sign(&f.with("/iat", json!(f.now + 61))), FUTURE),
    ("issued in the future, within the leeway", |f| f.sign(&f.with("/iat", json!(f.now + 60))), always(ACCEPTED)),
    ("another audience", |f| f.sign(&f.with("/aud", json!(["vault", "x"]))), WRONG_AUDIENCE),
    ("one of its audiences is ours", |f| f.sign(&f.with("/aud", json!(["vault", DEFAULT_ISSUER]))), always(ACCEPTED)),
    ("an audience that is a text", |f| f.sign(&f.with("/aud", json!(DEFAULT_ISSUER))), always(ACCEPTED)),
    ("an audience that is a number", |f| f.sign(&f.with("/aud", json!(1))), NO_AUDIENCE),
    ("audiences that are numbers", |f| f.sign(&f.with("/aud", json!([1]))), NO_AUDIENCE),
    ("another issuer", |f| f.sign(&f.with("/iss", json!("https://evil.example"))), always(FOREIGN)),
    ("the issuer with a slash", |f| f.sign(&f.with("/iss", json!(format!("{DEFAULT_ISSUER}/")))), always(FOREIGN)),
    ("no issuer", |f| f.sign(&f.without("iss")), always(FOREIGN)),
    ("issuers in a list", |f| f.sign(&f.with("/iss", json!([DEFAULT_ISSUER]))), always(FOREIGN)),
    (
        "an account that is not there",
        |f| f.sign(&f.with("/kubernetes.io/serviceaccount/name", json!("nobody"))),
        always(r#"serviceaccounts "nobody" not found"#),
    ),
    (
        "an account of another namespace",
        |f| f.sign(&f.with("/kubernetes.io/namespace", json!("nowhere"))),
        always(r#"serviceaccounts "default" not found"#),
    ),
    (
        "an account that was another",
        |f| f.sign(&f.with("/kubernetes.io/serviceaccount/uid", json!(OLD_UID))),
        WRONG_ACCOUNT,
    ),
    ("no claims of ours", |f| f.sign(&f.without("kubernetes.io")), always(r#"serviceaccounts "" not found"#)),
    (
        "a pod that is not there",
        |f| {
            let mut c = f.claims.clone();
            c["kubernetes.io"]["pod"] = json!({"name": "gone", "uid": OLD_UID});
            f.sign(&c)
        },
        INVALIDATED,
    ),
    (
        "a secret that is not there",
        |f| {
            let mut c = f.claims.clone();
            c["kubernetes.io"]["secret"] = json!({"name": "gone", "uid": OLD_UID});
            f.sign(&c)
        },
        INVALIDATED,
    ),
    (
        "a claim twice",
        |f| f.sign_text(&f.claims.to_string().replacen('{', r#"{"sub":"x","#, 1)),
        always("json: duplicate key 'sub' in object"),
    ),
    (
        "a legacy token nobody keeps",
        |f| {
            f.sign(&json!({"iss": "kubernetes/serviceaccount", "kubernetes.io/serviceaccount/namespace": "default",
            "kubernetes.io/serviceaccount/secret.name": "x", "kubernetes.io/serviceaccount/service-account.name": "default",
            "kubernetes.io/serviceaccount/service-account.uid": f.claims["kubernetes.io"]["serviceaccount"]["uid"],
            "sub": "system:serviceaccount:default:default"}))
        },
        always("Token has been invalidated"),
    ),
    (
        "a legacy token for another",
        |f| {
            f.sign(&json!({"iss": "kubernetes/serviceaccount", "kubernetes.io/serviceaccount/namespace": "default",
            "kubernetes.io/serviceaccount/secret.name": "x", "kubernetes.io/serviceaccount/service-account.name": "default",
            "kubernetes.io/serviceaccount/service-account.uid": "u", "sub": "system:serviceaccount:kube-system:default"}))
        },
        always("sub claim is invalid"),
    ),
    (
        "a legacy token without a namespace",
        |f| f.sign(&json!({"iss": "kubernetes/serviceaccount", "sub": "x"})),
        always("namespace claim is missing"),
    ),
    (
        "bound claims under the legacy issuer",
        |f| f.sign(&f.with("/iss", json!("kubernetes/serviceaccount"))),
        always("namespace claim is missing"),
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forged_tokens_are_refused() {
    let mut faults = Vec::new();
    for (column, minor) in RELEASES.into_iter().enumerate() {
        let forge = Forge::new(minor).await;
        let account = forge.claims["kubernetes.io"]["serviceaccount"]["uid"].as_str().expect("a uid");
        for (what, make, says) in FORGED.iter().chain(SIGNED) {
            let wanted = says[column].replace("{account}", account).replace("{old}", OLD_UID);
            let door = if wanted == ACCEPTED { ACCEPTED.to_owned() } else { format!("401 {REFUSED}") };
            let got = forge.verdict(&make(&forge)).await;
            if got != (door.clone(), wanted.clone()) {
                faults.push(format!("1.{minor} {what}:\n  want {:?}\n  got  {got:?}", (door, wanted)));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What may stand in the header, and what comes of it: the user's name, 401, or a warning too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn headers_are_read_as_upstream_reads_them() {
    const ACCOUNT: &str = "system:serviceaccount:default:default";
    const NOBODY: &str = "system:anonymous";
    let extra =
        "299 - \"the provided Authorization header contains extra space before the bearer token, and is ignored\"";
    for minor in RELEASES {
        let forge = Forge::new(minor).await;
        let good = forge.good.as_str();
        for (header, want) in [
            (format!("Bearer {good}"), ACCOUNT),
            (format!("bearer {good}"), ACCOUNT),
            (format!("BEARER {good}"), ACCOUNT),
            (format!("Bearer {good} and more"), ACCOUNT),
            (format!("Bearer {good}  "), ACCOUNT),
            (format!("Bearer  {good}"), NOBODY),
            (format!("Bearer\t{good}"), NOBODY),
            (format!("Basic {good}"), NOBODY),
            (format!("Token {good}"), NOBODY),
            (good.to_owned(), NOBODY),
            ("Bearer".to_owned(), NOBODY),
            ("Bearer ".to_owned(), NOBODY),
            (String::new(), NOBODY),
            (format!("Bearer {good},"), "401"),
            (format!("Bearer \"{good}\""), "401"),
            (format!("Bearer {good}\t"), ACCOUNT),
            (format!("Bearer {good}é"), "401"),
            ("Bearer \u{fffd}".to_owned(), "401"),
            ("Bearer null".to_owned(), "401"),
            ("Bearer undefined".to_owned(), "401"),
        ] {
            let reply = forge.door.ask("GET", "/api/v1/nodes", &[("Authorization", header.as_bytes())], b"").await;
            let got = match reply.code {
                403 => reply.message().split('"').nth(1).unwrap_or_default().to_owned(),
                code => code.to_string(),
            };
            // Names of nodes are forbidden to all of these, so the refusal says who asked.
            assert_eq!(got, want, "1.{minor} {header:?}: {}", reply.text);
            let warned = reply.headers.get("Warning").map(|value| value.to_str().expect("text").to_owned());
            let warns = header.starts_with("Bearer  ") && minor >= 28;
            assert_eq!(warned.as_deref(), warns.then_some(extra), "1.{minor} {header:?}");
        }
        // What TokenReview is given is read in the same way.
        for (token, want) in [
            (format!("{good} and more"), ACCEPTED),
            (format!("{good}\n"), ACCEPTED),
            (good.replacen('.', ".\n", 1), ACCEPTED),
            (format!(" {good}"), "accepted as system:anonymous"),
            (format!("{good},"), FOREIGN),
            (format!("Bearer {good}"), FOREIGN),
            (format!("{}.{}.{}", forge.parts()[0], "A".repeat(1 << 20), forge.parts()[2]), FOREIGN),
        ] {
            assert_eq!(forge.review(&token, &[]).await, want, "1.{minor} {token:.60}");
        }
        // A token of more than a megabyte does not get past the limit of headers.
        let long = format!("Bearer {}.{}.{}", forge.parts()[0], "A".repeat(2 << 20), forge.parts()[2]);
        let raw =
            forge.door.raw(format!("GET /api HTTP/1.1\r\nHost: x\r\nAuthorization: {long}\r\n\r\n").as_bytes()).await;
        assert!(raw.is_empty() || raw.starts_with("HTTP/1.1 431 "), "1.{minor} {raw:.200}");
    }
}

/// Audiences asked for, and what comes of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn audiences_are_kept_apart() {
    let forge = Forge::new(36).await;
    let vault = forge.request("default", json!({"audiences": ["vault"]})).await;
    let both = forge.request("default", json!({"audiences": ["vault", DEFAULT_ISSUER]})).await;
    let not =
        |has: &str, wants: &str| format!("token audiences [{has:?}] is invalid for the target audiences [{wants:?}]");
    for (token, audiences, want) in [
        (&forge.good, vec![], ACCEPTED.to_owned()),
        (&forge.good, vec!["vault"], not(DEFAULT_ISSUER, "vault")),
        (&forge.good, vec!["vault", DEFAULT_ISSUER], ACCEPTED.to_owned()),
        (&vault, vec![], not("vault", DEFAULT_ISSUER)),
        (&vault, vec!["vault"], ACCEPTED.to_owned()),
        (&vault, vec!["Vault"], not("vault", "Vault")),
        (&both, vec![], ACCEPTED.to_owned()),
        (&both, vec!["vault"], ACCEPTED.to_owned()),
    ] {
        assert_eq!(forge.review(token, &audiences).await, want, "{audiences:?}");
    }
    let (at_the_door, _) = forge.verdict(&vault).await;
    assert_eq!(at_the_door, format!("401 {REFUSED}"));
}

/// What is done after the token was made.
enum Then {
    /// Time passes.
    Pass(i64),
    /// An object goes: its plural and name.
    Delete(&'static str, &'static str),
    /// It goes, and another of the same name comes.
    Replace(&'static str, &'static str),
}

fn object(plural: &str, name: &str) -> Value {
    let mut object = json!({"metadata": {"name": name}});
    if plural == "pods" {
        object["spec"] = json!({"serviceAccountName": "builder", "terminationGracePeriodSeconds": 0,
            "containers": [{"name": "c", "image": "my-kubernetes-dashboard"}]});
    }
    object
}

/// Tokens that were good, and what becomes of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn good_tokens_end() {
    let bound = |kind: &str, name: &str| json!({"boundObjectRef": {"apiVersion": "v1", "kind": kind, "name": name}});
    let no_account: Says = always(r#"serviceaccounts "builder" not found"#);
    let other_pod: Says = [
        "Pod UID ({now}) does not match claim ({then})",
        "pod UID ({now}) does not match pod ref claim ({then})",
        "pod UID ({now}) does not match pod ref claim ({then})",
    ];
    let other_secret: Says = [
        "Secret UID ({now}) does not match claim ({then})",
        "secret UID ({now}) does not match service account secret ref claim ({then})",
        "secret UID ({now}) does not match service account secret ref claim ({then})",
    ];
    let other_account: Says = [
        "ServiceAccount UID ({now}) does not match claim ({then})",
        "service account UID ({now}) does not match claim ({then})",
        "service account UID ({now}) does not match claim ({then})",
    ];
    let year = 365 * 24 * 3600;
    for (column, minor) in RELEASES.into_iter().enumerate() {
        let rows: Vec<(&str, Value, Then, Says)> = vec![
            ("its last second and the leeway", json!({}), Then::Pass(3600 + 60), always(ACCEPTED)),
            ("a second more", json!({}), Then::Pass(3600 + 61), EXPIRED),
            ("the shortest life", json!({"expirationSeconds": 600}), Then::Pass(661), EXPIRED),
            ("3607 s without a pod", json!({"expirationSeconds": 3607}), Then::Pass(3607 + 61), EXPIRED),
            (
                "3607 s with a pod: nearly a year",
                json!({"expirationSeconds": 3607, "boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": "web"}}),
                Then::Pass(year + 60),
                always(ACCEPTED),
            ),
            (
                "3607 s with a pod: a year",
                json!({"expirationSeconds": 3607, "boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": "web"}}),
                Then::Pass(year + 61),
                EXPIRED,
            ),
            ("its pod is gone", bound("Pod", "web"), Then::Delete("pods", "web"), INVALIDATED),
            ("its pod is another", bound("Pod", "web"), Then::Replace("pods", "web"), other_pod),
            ("its secret is gone", bound("Secret", "plain"), Then::Delete("secrets", "plain"), INVALIDATED),
            ("its secret is another", bound("Secret", "plain"), Then::Replace("secrets", "plain"), other_secret),
            ("its account is gone", json!({}), Then::Delete("serviceaccounts", "builder"), no_account),
            ("its account is another", json!({}), Then::Replace("serviceaccounts", "builder"), other_account),
        ];
        let forge = Forge::new(minor).await;
        for (what, spec, then, says) in rows {
            for (plural, name) in [("serviceaccounts", "builder"), ("secrets", "plain"), ("pods", "web")] {
                let path = format!("/api/v1/namespaces/default/{plural}");
                if forge.door.ask_as_admin("GET", &format!("{path}/{name}"), &Value::Null).await.code == 404 {
                    if plural == "serviceaccounts" && minor < 24 {
                        // Its secret token of before must be gone, or the new pod would find the old one.
                        forge.post(&path, &object(plural, name)).await;
                        forge
                            .door
                            .until(plural, "default", name, |made| {
                                made.is_some_and(|made| made["secrets"][0].is_object())
                            })
                            .await;
                    } else {
                        forge.post(&path, &object(plural, name)).await;
                    }
                }
            }
            let token = forge.request("builder", spec).await;
            assert_eq!(forge.verdict(&token).await.0, ACCEPTED, "1.{minor} {what}: at first");
            let (mut before, mut after) = (Value::Null, Value::Null);
            match then {
                Then::Pass(seconds) => forge.door.clock.advance(SignedDuration::from_secs(seconds)),
                Then::Delete(plural, name) | Then::Replace(plural, name) => {
                    let path = format!("/api/v1/namespaces/default/{plural}");
                    before = forge.door.ask_as_admin("GET", &format!("{path}/{name}"), &Value::Null).await.json();
                    let zero = json!({"gracePeriodSeconds": 0});
                    let reply = forge.door.ask_as_admin("DELETE", &format!("{path}/{name}"), &zero).await;
                    assert_eq!(reply.code, 200, "{}", reply.text);
                    forge.door.until(plural, "default", name, |found| found.is_none()).await;
                    if matches!(then, Then::Replace(..)) {
                        after = forge.post(&path, &object(plural, name)).await;
                    }
                }
            }
            if !matches!(then, Then::Pass(_)) {
                assert_eq!(forge.verdict(&token).await.0, ACCEPTED, "1.{minor} {what}: remembered");
                forge.door.clock.advance(REMEMBERED);
            }
            let uid = |object: &Value| object["metadata"]["uid"].as_str().unwrap_or_default().to_owned();
            let wanted = says[column].replace("{now}", &uid(&after)).replace("{then}", &uid(&before));
            let door = if wanted == ACCEPTED { ACCEPTED.to_owned() } else { format!("401 {REFUSED}") };
            assert_eq!(forge.verdict(&token).await, (door, wanted), "1.{minor} {what}");
        }
    }
}

/// For so long the server does not look again at a token it accepted.
const REMEMBERED: SignedDuration = SignedDuration::from_secs(10);

/// A pod that is leaving keeps its token until its grace is over and a minute more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leaving_pod_keeps_its_token_for_a_while() {
    for (column, minor) in RELEASES.into_iter().enumerate() {
        let forge = Forge::new(minor).await;
        let mut pod = object("pods", "web");
        pod["spec"]["serviceAccountName"] = json!("default");
        pod["spec"]["terminationGracePeriodSeconds"] = json!(30);
        // No kubelet of this cluster looks after it, so nobody ends it early.
        pod["spec"]["nodeName"] = json!("elsewhere");
        forge.post("/api/v1/namespaces/default/pods", &pod).await;
        let bound = |seconds: u32| json!({"boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": "web"}, "expirationSeconds": seconds});
        let token = forge.request("default", bound(3600)).await;
        let unseen = forge.request("default", bound(3601)).await;
        let path = "/api/v1/namespaces/default/pods/web";
        let leaving = forge.door.ask_as_admin("DELETE", path, &Value::Null).await.json();
        let at: Timestamp = leaving["metadata"]["deletionTimestamp"].as_str().expect("a time").parse().expect("a time");
        let left = at.duration_since(forge.door.clock.now());
        forge.door.clock.advance(left + SignedDuration::from_secs(60));
        assert_eq!(forge.verdict(&token).await, (ACCEPTED.to_owned(), ACCEPTED.to_owned()), "1.{minor}");
        forge.door.clock.advance(SignedDuration::from_secs(1));
        let refused = (format!("401 {REFUSED}"), INVALIDATED[column].to_owned());
        assert_eq!(forge.verdict(&unseen).await, refused, "1.{minor}");
        forge.door.clock.advance(REMEMBERED);
        assert_eq!(forge.verdict(&token).await, refused, "1.{minor}");
    }
}

/// The tokens that secrets keep.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secret_tokens_end_with_their_secret() {
    for minor in RELEASES {
        let forge = Forge::new(minor).await;
        let secret = json!({"metadata": {"name": "kept", "annotations": {"kubernetes.io/service-account.name": "default"}},
            "type": "kubernetes.io/service-account-token"});
        let path = "/api/v1/namespaces/default/secrets";
        forge.post(path, &secret).await;
        forge
            .door
            .until("secrets", "default", "kept", |found| found.is_some_and(|found| found["data"]["token"].is_string()))
            .await;
        let read = forge.door.ask_as_admin("GET", &format!("{path}/kept"), &Value::Null).await.json();
        let token = STANDARD.decode(read["data"]["token"].as_str().expect("a token")).expect("base64");
        let token = String::from_utf8(token).expect("text");
        assert_eq!(forge.verdict(&token).await, (ACCEPTED.to_owned(), ACCEPTED.to_owned()), "1.{minor}");
        // Half a century later it is still good: it never ends by itself.
        forge.door.clock.advance(SignedDuration::from_hours(24 * 365 * 50));
        assert_eq!(forge.verdict(&token).await.0, ACCEPTED, "1.{minor}");
        // The same claims by the same key, written in another way, are not what the secret keeps.
        let claims: Value = serde_json::from_slice(
            &URL_SAFE_NO_PAD.decode(token.split('.').nth(1).expect("a part")).expect("base64url"),
        )
        .expect("JSON");
        let mut again = claims.clone();
        again["x"] = json!(1);
        let copy = forge.sign(&again);
        assert_eq!(forge.verdict(&copy).await.1, "Token does not match server's copy", "1.{minor}");
        let reply = forge.door.ask_as_admin("DELETE", &format!("{path}/kept"), &Value::Null).await;
        assert_eq!(reply.code, 200, "{}", reply.text);
        forge.door.clock.advance(REMEMBERED);
        assert_eq!(
            forge.verdict(&token).await,
            (format!("401 {REFUSED}"), "Token has been invalidated".to_owned()),
            "1.{minor}"
        );
        // Another secret of this name has another token.
        forge.post(path, &secret).await;
        let filled = tokio::time::timeout(PATIENCE, async {
            forge
                .door
                .until("secrets", "default", "kept", |found| {
                    found.is_some_and(|found| found["data"]["token"].is_string())
                })
                .await;
        });
        assert!(filled.await.is_ok());
    }
}
