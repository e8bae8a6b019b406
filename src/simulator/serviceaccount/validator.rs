//! Finds out whose a bearer token is. Upstream: pkg/serviceaccount/{jwt.go,claims.go,legacy.go}.
//!
//! The errors here go to the log and into TokenReview's status, never to the client.

use std::sync::Arc;

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD, STANDARD, URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use crate::apimachinery::meta;
use crate::rbac::User;
use crate::simulator::ControlPlane;
use crate::simulator::audit;
use crate::simulator::release;
use crate::simulator::storage::Key;
use crate::simulator::trace;
use crate::token::{self, Bound, Token};
use crate::why::{Rung, Sign};

use super::claims::{LEGACY_ISSUER, legacy_claim, username};

/// How far clocks may differ. Upstream: go-jose's jwt.DefaultLeeway.
const LEEWAY: SignedDuration = SignedDuration::from_secs(60);
const LAST_USED: &str = "kubernetes.io/legacy-token-last-used";
const INVALID_SINCE: &str = "kubernetes.io/legacy-token-invalid-since";
const AUTO_GENERATED: &str = "Use tokens from the TokenRequest API or manually created secret-based tokens instead of auto-generated secret-based tokens.";

/// What a good token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validated {
    /// The account, not yet among `system:authenticated`.
    pub user: User,
    /// For which of the wanted audiences it is good.
    pub audiences: Vec<String>,
    /// Sentences for the `Warning` header.
    pub warnings: Vec<String>,
}

/// Looks at a token for these audiences (none: the API server's own). `Ok(None)` is not this issuer's token.
///
/// # Errors
/// What is wrong with a token of this issuer, in upstream's words.
pub fn validate(plane: &ControlPlane, text: &str, audiences: &[String]) -> Result<Option<Validated>, String> {
    let Some(Presented { token, fault }) = Presented::read(text) else {
        let say = || "it is not three parts in base64 with dots between them".to_owned();
        trace::check(Rung::Authentication, Sign::Bad, "form", say);
        return Ok(None);
    };
    let issuer = token.iss().unwrap_or_default();
    let legacy = issuer == LEGACY_ISSUER;
    if !legacy && !plane.issuer.issuers.iter().any(|ours| ours == issuer) {
        let say = || format!("it says it is from {issuer:?}, and this cluster's tokens are from another");
        trace::check(Rung::Authentication, Sign::Bad, "issuer", say);
        return Ok(None);
    }
    trace::check(Rung::Authentication, Sign::Good, "issuer", || issuer.to_owned());
    looked("signature", check_signature(plane, &token), |()| "made with this cluster's key".to_owned())?;
    if let Some(fault) = fault {
        return looked("claims", Err(fault), |_| String::new());
    }
    if let Err(why) = check_types(plane, &token) {
        return looked("claims", Err(why), |_| String::new());
    }
    let audiences = looked("audience", check_audiences(plane, &token, audiences), |audiences| audiences.join(", "))?;
    if legacy {
        let legacy = validate_legacy(plane, &token, text);
        let (user, warnings) = looked("secret and account", legacy, |_| "there, and the same".to_owned())?;
        return Ok(Some(Validated { user, audiences, warnings }));
    }
    let user = validate_bound(plane, &token)?;
    Ok(Some(Validated { user, audiences, warnings: Vec::new() }))
}

/// Notes what came of a look at the token, for who wants to know why it was refused.
fn looked<T>(name: &str, result: Result<T, String>, good: impl FnOnce(&T) -> String) -> Result<T, String> {
    trace::checked(Rung::Authentication, name, result, good)
}

/// Go's base64 reader minds neither line ends nor the bits left over in the last letter.
const BASE64: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, NO_PAD.with_decode_allow_trailing_bits(true));

/// A token as upstream's library reads it. Upstream: jwt.go:hasCorrectIssuer and go-jose's jwt.ParseSigned.
struct Presented {
    /// Written anew, as it is signed.
    token: Token,
    /// What the library finds wrong with the claims, which it says only once the signature is right.
    fault: Option<String>,
}

impl Presented {
    fn read(text: &str) -> Option<Self> {
        if text.trim_start().starts_with('{') {
            return None;
        }
        let parts: Vec<&str> = text.split('.').collect();
        let &[header, payload, signature] = parts.as_slice() else { return None };
        let bytes = |part: &str| BASE64.decode(part.replace(['\r', '\n'], "")).ok();
        let (header, payload, signature) = (bytes(header)?, bytes(payload)?, bytes(signature)?);
        let fields = match header.as_slice() {
            [] => Map::new(),
            header => match token::unambiguous(std::str::from_utf8(header).ok()?).ok()? {
                Value::Object(fields) => fields,
                _ => return None,
            },
        };
        let Ok(Value::Object(claims)) = serde_json::from_slice(&payload) else { return None };
        let fault = token::repeated_key(std::str::from_utf8(&payload).ok()?);
        let [head, body, tail] = [&header, &payload, &signature].map(|part| URL_SAFE_NO_PAD.encode(part));
        let token = Token { raw: format!("{head}.{body}.{tail}"), header: fields, claims, signature };
        Some(Self { token, fault: fault.map(|key| format!("json: duplicate key '{key}' in object")) })
    }
}

/// What the token library calls itself in its errors.
fn library(plane: &ControlPlane) -> &'static str {
    if plane.does(release::GO_JOSE_RENAMED) { "go-jose/go-jose" } else { "square/go-jose" }
}

fn check_signature(plane: &ControlPlane, token: &Token) -> Result<(), String> {
    let key = plane.issuer.key().map_err(|error| error.to_string())?;
    let (alg, kid) = (token.alg().unwrap_or_default(), token.kid().unwrap_or_default());
    let by_kid = plane.does(release::KEY_BY_KID) && !kid.is_empty();
    let mut keys = key.jwks.keys.iter().filter(|jwk| !by_kid || kid == jwk.kid).peekable();
    if keys.peek().is_none() {
        return Err("invalid signature, no keys found".to_owned());
    }
    // An extension the library does not know must be understood, so it refuses. An algorithm that does not go with
    // the key is a signature that is not right, as upstream.
    let critical = token.header.get("crit").is_some_and(|names| *names != json!([]));
    if !critical && keys.any(|jwk| jwk.verifies(alg, token.signed().as_bytes(), &token.signature) == Some(true)) {
        return Ok(());
    }
    Err(format!("{}: error in cryptographic primitive", library(plane)))
}

/// Claims of another type than the library reads.
fn check_types(plane: &ControlPlane, token: &Token) -> Result<(), String> {
    let claim = |name: &str| token.claims.get(name).filter(|value| !value.is_null());
    let is_audience = |value: &Value| {
        value.is_string() || value.as_array().is_some_and(|several| several.iter().all(Value::is_string))
    };
    if claim("aud").is_some_and(|value| !is_audience(value)) {
        let library = library(plane);
        return Err(format!("{library}/jwt: expected string or array value to unmarshal to Audience"));
    }
    if ["exp", "nbf", "iat"].into_iter().filter_map(claim).any(|value| !value.is_number()) {
        return Err(format!("{}/jwt: expected number value to unmarshal NumericDate", library(plane)));
    }
    Ok(())
}

fn check_audiences(plane: &ControlPlane, token: &Token, wanted: &[String]) -> Result<Vec<String>, String> {
    let ours = plane.issuer.audiences();
    let wanted = if wanted.is_empty() { ours } else { wanted };
    // A secret's token names nobody; it is for the API server.
    let named = match token.aud() {
        none if none.is_empty() => {
            audit::annotate("authentication.k8s.io/legacy-token", token.sub().unwrap_or_default());
            ours.iter().map(String::as_str).collect()
        }
        named => named,
    };
    let common: Vec<String> = named
        .iter()
        .filter(|audience| wanted.iter().any(|want| want == *audience))
        .map(|&audience| audience.to_owned())
        .collect();
    if common.is_empty() {
        let listed =
            |list: &mut dyn Iterator<Item = &str>| list.map(|item| format!("{item:?}")).collect::<Vec<_>>().join(" ");
        return Err(format!(
            "token audiences [{}] is invalid for the target audiences [{}]",
            listed(&mut named.iter().copied()),
            listed(&mut wanted.iter().map(String::as_str)),
        ));
    }
    Ok(common)
}

/// The words of one release for a refused bound token.
struct Texts {
    expired: &'static str,
    not_yet: &'static str,
    invalidated: &'static str,
    old: bool,
}

impl Texts {
    fn of(plane: &ControlPlane) -> Self {
        if plane.does(release::OLD_TOKEN_TEXTS) {
            Self {
                expired: "Token has expired.",
                not_yet: "Token could not be validated.",
                invalidated: "Token has been invalidated",
                old: true,
            }
        } else {
            Self {
                expired: "service account token has expired",
                not_yet: "service account token is not valid yet",
                invalidated: "service account token has been invalidated",
                old: false,
            }
        }
    }

    fn account_uid(&self, found: &str, claimed: &str) -> String {
        let kind = if self.old { "ServiceAccount" } else { "service account" };
        format!("{kind} UID ({found}) does not match claim ({claimed})")
    }

    fn account_deleted(&self, namespace: &str, name: &str) -> String {
        let kind = if self.old { "ServiceAccount" } else { "service account" };
        format!("{kind} {namespace}/{name} has been deleted")
    }

    fn bound_uid(&self, kind: &BoundKind, found: &str, claimed: &str) -> String {
        if self.old {
            format!("{} UID ({found}) does not match claim ({claimed})", kind.old)
        } else {
            format!("{} UID ({found}) does not match {} ref claim ({claimed})", kind.new, kind.claim)
        }
    }
}

struct BoundKind {
    resource: &'static str,
    old: &'static str,
    new: &'static str,
    claim: &'static str,
}

const SECRET: BoundKind =
    BoundKind { resource: "secrets", old: "Secret", new: "secret", claim: "service account secret" };
const POD: BoundKind = BoundKind { resource: "pods", old: "Pod", new: "pod", claim: "pod" };
const NODE: BoundKind = BoundKind { resource: "nodes", old: "Node", new: "node", claim: "node" };

fn validate_bound(plane: &ControlPlane, token: &Token) -> Result<User, String> {
    let (texts, now) = (Texts::of(plane), plane.clock.now());
    let until = |()| token.exp().map_or_else(|| "has no end".to_owned(), |at| format!("valid until {at}"));
    looked("time", check_times(plane, token, &texts, now), |&()| until(()))?;
    let namespace = token.namespace().unwrap_or_default();
    let account = token.serviceaccount().unwrap_or(Bound { name: "", uid: "" });
    let found = find(plane, "serviceaccounts", namespace, account.name)
        .ok_or_else(|| format!("serviceaccounts {:?} not found", account.name));
    let found = looked("account", found, |_| format!("{namespace}/{} is there", account.name))?;
    let uid = || match meta::uid(&found) {
        uid if uid == account.uid => Ok(()),
        uid => Err(texts.account_uid(uid, account.uid)),
    };
    let deleted = || {
        if gone(&found, now) { Err(texts.account_deleted(namespace, account.name)) } else { Ok(()) }
    };
    let same = if plane.does(release::DELETION_BEFORE_UID) {
        deleted().and_then(|()| uid())
    } else {
        uid().and_then(|()| deleted())
    };
    looked("account's uid", same, |()| "the same account that it was made for".to_owned())?;
    let check = |kind: &BoundKind, namespace: &str, bound: Option<Bound<'_>>| -> Result<(), String> {
        let Some(bound) = bound else { return Ok(()) };
        let found = find(plane, kind.resource, namespace, bound.name).ok_or_else(|| texts.invalidated.to_owned())?;
        let uid = || match meta::uid(&found) {
            uid if uid == bound.uid => Ok(()),
            uid => Err(texts.bound_uid(kind, uid, bound.uid)),
        };
        let deleted = || if gone(&found, now) { Err(texts.invalidated.to_owned()) } else { Ok(()) };
        if plane.does(release::DELETION_BEFORE_UID) {
            deleted().and_then(|()| uid())
        } else {
            uid().and_then(|()| deleted())
        }
    };
    let check = |kind: &BoundKind, namespace: &str, bound: Option<Bound<'_>>| -> Result<(), String> {
        match bound {
            None => Ok(()),
            Some(bound) => {
                let name = bound.name.to_owned();
                looked(kind.new, check(kind, namespace, Some(bound)), |()| format!("{name} is there, and the same"))
            }
        }
    };
    check(&SECRET, namespace, token.secret())?;
    check(&POD, namespace, token.pod())?;
    // The node in a pod's token only says where the pod runs.
    let node = token.node().filter(|_| plane.does(release::TOKEN_NODE_CLAIM));
    check(&NODE, "", node.filter(|_| token.pod().is_none()))?;

    note_staleness(token, now);
    let mut user = service_account(namespace, account.name, account.uid);
    let mut add = |key: &str, value: &str| {
        if !value.is_empty() {
            user.extra.insert(format!("authentication.kubernetes.io/{key}"), vec![value.to_owned()]);
        }
    };
    if let Some(jti) = token.jti().filter(|_| plane.does(release::TOKEN_JTI)) {
        add("credential-id", &format!("JTI={jti}"));
    }
    for (kind, bound) in [("pod", token.pod()), ("node", node)] {
        if let Some(bound) = bound {
            add(&format!("{kind}-name"), bound.name);
            add(&format!("{kind}-uid"), bound.uid);
        }
    }
    Ok(user)
}

/// A token that only the one-year extension keeps alive leaves a trace.
fn note_staleness(token: &Token, now: Timestamp) {
    let late = token.warnafter().map(|after| now.duration_since(after)).filter(|late| late.is_positive());
    if let Some(late) = late {
        let subject = token.sub().unwrap_or_default();
        let seconds = late.as_secs_f64();
        let text = format!("subject: {subject}, seconds after warning threshold: {seconds:.0}");
        audit::annotate("authentication.k8s.io/stale-token", text);
    }
}

fn check_times(plane: &ControlPlane, token: &Token, texts: &Texts, now: Timestamp) -> Result<(), String> {
    let is_ahead = |at: Timestamp| now.checked_add(LEEWAY).is_ok_and(|now| now < at);
    if token.nbf().is_some_and(is_ahead) {
        return Err(texts.not_yet.to_owned());
    }
    if token.exp().is_some_and(|at| now.checked_sub(LEEWAY).is_ok_and(|now| now > at)) {
        return Err(texts.expired.to_owned());
    }
    if plane.does(release::ISSUED_IN_THE_FUTURE) && token.iat().is_some_and(is_ahead) {
        return Err("service account token is issued in the future".to_owned());
    }
    Ok(())
}

/// Whether an object's time is over by more than the leeway. A pod's includes its grace period.
fn gone(object: &Value, now: Timestamp) -> bool {
    meta::deleting_since(object).is_some_and(|at| now.checked_sub(LEEWAY).is_ok_and(|now| at < now))
}

fn find(plane: &ControlPlane, resource: &str, namespace: &str, name: &str) -> Option<Arc<Value>> {
    plane.store.get(&Key::new(resource, namespace, name))
}

/// Upstream: apiserver/pkg/authentication/serviceaccount/util.go:UserInfo.
pub fn service_account(namespace: &str, name: &str, uid: &str) -> User {
    User {
        name: username(namespace, name),
        uid: uid.to_owned(),
        groups: vec!["system:serviceaccounts".to_owned(), format!("system:serviceaccounts:{namespace}")],
        ..User::default()
    }
}

fn validate_legacy(plane: &ControlPlane, token: &Token, presented: &str) -> Result<(User, Vec<String>), String> {
    let claim = |name: &str, called: &str| match token.claims.get(name).and_then(Value::as_str) {
        Some(value) if !value.is_empty() => Ok(value),
        _ => Err(format!("{called} claim is missing")),
    };
    let sub = claim("sub", "sub")?;
    let namespace = claim(legacy_claim::NAMESPACE, "namespace")?;
    let secret_name = claim(legacy_claim::SECRET, "secretName")?;
    let account_name = claim(legacy_claim::ACCOUNT, "serviceAccountName")?;
    let uid = claim(legacy_claim::UID, "serviceAccountUID")?;
    if sub != username(namespace, account_name) {
        return Err("sub claim is invalid".to_owned());
    }
    let secret = find(plane, "secrets", namespace, secret_name)
        .filter(|secret| meta::deleting_since(secret).is_none())
        .ok_or("Token has been invalidated")?;
    let copy = secret.pointer("/data/token").and_then(Value::as_str).and_then(|data| STANDARD.decode(data).ok());
    if copy.as_deref() != Some(presented.as_bytes()) {
        return Err("Token does not match server's copy".to_owned());
    }
    let account = find(plane, "serviceaccounts", namespace, account_name)
        .ok_or_else(|| format!("serviceaccounts {account_name:?} not found"))?;
    if meta::deleting_since(&account).is_some() {
        return Err(format!("ServiceAccount {namespace}/{account_name} has been deleted"));
    }
    if meta::uid(&account) != uid {
        return Err(format!("ServiceAccount UID ({}) does not match claim ({uid})", meta::uid(&account)));
    }
    let mut warnings = Vec::new();
    if plane.does(release::LEGACY_TOKEN_TRACKING) {
        note_use(plane, namespace, secret_name);
        let marked = meta::label(&secret, INVALID_SINCE).is_some_and(|since| !since.is_empty());
        if marked && plane.does(release::LEGACY_TOKEN_CLEANUP) {
            audit::annotate("authentication.k8s.io/legacy-token-invalidated", format!("{secret_name}/{namespace}"));
            return Err(format!(
                "the token in secret {namespace}/{secret_name} for service account {namespace}/{account_name} has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the '{INVALID_SINCE}' label from the secret to temporarily allow use of this token"
            ));
        }
        let listed = account.get("secrets").and_then(Value::as_array);
        let is_auto = listed.is_some_and(|secrets| secrets.iter().any(|reference| reference["name"] == secret_name));
        if is_auto {
            warnings.push(AUTO_GENERATED.to_owned());
        }
        if plane.does(release::AUDIT_LEGACY_SECRET) {
            let key = if is_auto {
                "authentication.k8s.io/legacy-token-autogenerated-secret"
            } else {
                "authentication.k8s.io/legacy-token-manual-secret"
            };
            audit::annotate(key, secret_name);
        }
    }
    Ok((service_account(namespace, account_name, uid), warnings))
}

/// Writes the day of use on the secret, once a day.
fn note_use(plane: &ControlPlane, namespace: &str, secret: &str) {
    let key = Key::new("secrets", namespace, secret);
    let day = |at: Timestamp| at.strftime("%Y-%m-%d").to_string();
    let now = plane.clock.now();
    let today = day(now);
    let tomorrow = now.checked_add(SignedDuration::from_hours(24)).map(day).unwrap_or_default();
    // Somebody else may write the secret between our read and our write.
    for _ in 0..3 {
        let Some(read) = plane.store.get(&key) else { return };
        if meta::label(&read, LAST_USED).is_some_and(|used| used == today || used == tomorrow) {
            return;
        }
        let mut object = Value::clone(&read);
        meta::metadata_map_mut(&mut object, "labels").insert(LAST_USED.to_owned(), today.clone().into());
        if plane.store.update(key.clone(), &read, object).is_ok() {
            return;
        }
    }
}
