//! What can be said from outside of a token that was shown: each of the server's checks in the server's order, as far as
//! the token itself, the cluster's keys and its own verdict tell.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::apimachinery::meta;
use crate::token::{self, Bound, Jwks, Token, Verdict};
use crate::why::{Check, Sign};

use super::noted::Shown;
use super::way::{Hidden, Way, segment};

/// How far clocks may differ. Upstream: go-jose's jwt.DefaultLeeway.
const LEEWAY: SignedDuration = SignedDuration::from_secs(60);
/// Who the tokens say they are from that secrets keep.
const LEGACY_ISSUER: &str = "kubernetes/serviceaccount";

/// The checks by the names that the simulator gives them, in the order in which they are made.
const ORDER: [&str; 10] = [
    "form",
    "issuer",
    "signature",
    "claims",
    "audience",
    "time",
    "account",
    "account's uid",
    "secret and account",
    "what it is bound to",
];

/// What the cluster shows of how it looks at tokens.
#[derive(Clone)]
pub(super) struct Known {
    issuer: Result<String, Hidden>,
    keys: Result<Jwks, Hidden>,
}

impl Known {
    /// Reads `/.well-known/openid-configuration` and `/openid/v1/jwks`.
    pub(super) async fn read(way: &Way) -> Self {
        let (about, keys) = tokio::join!(way.get("/.well-known/openid-configuration"), way.get("/openid/v1/jwks"));
        let issuer = about.and_then(|about| about["issuer"].as_str().map(str::to_owned).ok_or(Hidden::Silent));
        Self { issuer, keys: keys.and_then(|keys| Jwks::from_value(&keys).map_err(|_| Hidden::Silent)) }
    }

    /// Whether all was seen that there is to see.
    pub(super) fn is_whole(&self) -> bool {
        self.issuer.is_ok() && self.keys.is_ok()
    }
}

/// What the server says of a token under review.
enum Review {
    Taken,
    Refused(String),
}

async fn review(way: &Way, token: &str) -> Result<Review, Hidden> {
    let body = json!({
        "apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": token},
    });
    let answer = way.review(&Shown::default(), "/apis/authentication.k8s.io/v1/tokenreviews", &body).await?;
    Ok(match answer["status"]["authenticated"] == true {
        true => Review::Taken,
        false => {
            let error = answer["status"]["error"].as_str().unwrap_or_default();
            let own = error.strip_prefix("[invalid bearer token, ").and_then(|error| error.strip_suffix(']'));
            Review::Refused(own.unwrap_or(error).to_owned())
        }
    })
}

fn check(sign: Sign, name: &str, say: impl Into<String>) -> Check {
    Check { sign, name: name.to_owned(), say: say.into() }
}

/// The checks of a token that the server took. What it took has passed them all.
pub(super) fn taken(text: &str, known: &Known, user: Option<&str>) -> Vec<Check> {
    let good = |name: &str, say: String| check(Sign::Good, name, say);
    let token = token::decode(text).ok();
    let is_account = user.is_none_or(|user| user.starts_with("system:serviceaccount:"));
    let Some(token) = token.filter(|token| token.serviceaccount().is_some() && is_account) else {
        let whose = user.map_or_else(String::new, |user| format!(" for that of {user}"));
        return vec![good("token", format!("the cluster took it{whose}; it is no service account's"))];
    };
    let account = token.serviceaccount().map(|bound| bound.name).unwrap_or_default();
    let mut checks = vec![good("issuer", token.iss().unwrap_or_default().to_owned())];
    checks.push(match &known.keys {
        Ok(keys) if matches!(token::verify(&token, keys), Verdict::Verified { .. }) => {
            good("signature", "made with this cluster's key".to_owned())
        }
        Ok(_) => good("signature", "the cluster took it; its key is none of those it shows".to_owned()),
        Err(why) => check(Sign::NotSeen, "the cluster's keys", format!("{}; but it took the signature", why.say())),
    });
    checks.push(good("audience", token.aud().join(", ")));
    if token.is_legacy() {
        checks.push(good("secret and account", "there, and the same".to_owned()));
        return checks;
    }
    let until = token.exp().map_or_else(|| "has no end".to_owned(), |at| format!("valid until {at}"));
    checks.push(good("time", until));
    checks.push(good("account", format!("{}/{account} is there", token.namespace().unwrap_or_default())));
    checks.push(good("account's uid", "the same account that it was made for".to_owned()));
    for (kind, _, bound) in bound_to(&token) {
        checks.push(good(kind, format!("{} is there, and the same", bound.name)));
    }
    checks
}

/// The checks of a token that the server did not take, up to the one that failed.
pub(super) async fn refused(text: &str, known: &Known, way: &Way, now: Timestamp) -> Vec<Check> {
    let verdict = review(way, text).await;
    let mut looked = Looked { checks: Vec::new() };
    let said = match &verdict {
        Ok(Review::Refused(said)) => Some(said.as_str()).filter(|said| !said.is_empty()),
        Ok(Review::Taken) | Err(_) => None,
    };
    // What the server calls no token of its own fails before its signature is looked at.
    let own = said.filter(|said| *said != "invalid bearer token");
    let token = token::decode(text);
    if let (Err(error), None) = (&token, own) {
        looked.bad("form", format!("it is not three parts in base64 with dots between them: {error}"));
        return looked.checks;
    }
    let failed = own.and_then(|own| Some((failed_check(own, token.as_ref().ok())?, own)));
    if let Ok(token) = &token {
        looked.at(token, known, failed.as_ref().map(|(name, _)| *name), now);
    }
    match (failed, &verdict) {
        (Some((name, own)), _) if !looked.has_failed() => looked.bad(name, own.to_owned()),
        (None, _) if looked.has_failed() => {}
        (_, Ok(Review::Taken)) => {
            let say = "asked again, the cluster takes it: something has changed since";
            looked.checks.push(check(Sign::Plain, "token", say));
        }
        (None, Ok(Review::Refused(_))) => {
            let say = own.unwrap_or("the cluster calls it an invalid bearer token, and no more");
            looked.bad("token", say.to_owned());
        }
        (None, Err(why)) => {
            if let Ok(token) = &token {
                looked.objects(token, way).await;
            }
            if !looked.has_failed() {
                let say = format!("{}; what is listed is what could be looked at without it", why.say());
                looked.checks.push(check(Sign::NotSeen, "the cluster's own review of the token", say));
            }
        }
        _ => {}
    }
    looked.checks
}

/// Which check says so. Upstream: pkg/serviceaccount/{jwt,claims,legacy}.go and go-jose.
fn failed_check(said: &str, token: Option<&Token>) -> Option<&'static str> {
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    let is_legacy = token.is_some_and(|token| token.iss() == Some(LEGACY_ISSUER));
    Some(if has(&["token audiences"]) {
        "audience"
    } else if has(&["no keys found", "cryptographic primitive", "invalid signature"]) {
        "signature"
    } else if has(&["expired", "not valid yet", "issued in the future", "could not be validated"]) {
        "time"
    } else if has(&["duplicate key", "unmarshal"]) {
        "claims"
    } else if has(&["server's copy", "claim is missing", "claim is invalid"]) || is_legacy && has(&["invalidated"]) {
        "secret and account"
    } else if has(&["serviceaccounts "]) && has(&["not found"]) {
        "account"
    } else if has(&["service account UID", "ServiceAccount UID", "has been deleted"]) {
        "account's uid"
    } else if has(&["invalidated", "UID ("]) {
        // The one that is named, else the one that it can be.
        let named = ["secret", "pod", "node"].into_iter().find(|kind| said.to_lowercase().starts_with(kind));
        named.or_else(|| bound_to(token?).first().map(|(kind, ..)| *kind)).unwrap_or("what it is bound to")
    } else {
        return None;
    })
}

/// What a token is bound to: the kind, its plural, and which one. The node in a pod's token only says where the pod runs.
fn bound_to(token: &Token) -> Vec<(&'static str, &'static str, Bound<'_>)> {
    let node = token.node().filter(|_| token.pod().is_none());
    [("secret", "secrets", token.secret()), ("pod", "pods", token.pod()), ("node", "nodes", node)]
        .into_iter()
        .filter_map(|(kind, plural, bound)| Some((kind, plural, bound?)))
        .collect()
}

/// What was looked at so far.
struct Looked {
    checks: Vec<Check>,
}

impl Looked {
    fn has_failed(&self) -> bool {
        self.checks.iter().any(|check| check.sign == Sign::Bad)
    }

    fn bad(&mut self, name: &str, say: String) {
        self.checks.push(check(Sign::Bad, name, say));
    }

    fn good(&mut self, name: &str, say: impl Into<String>) {
        self.checks.push(check(Sign::Good, name, say));
    }

    /// Looks at the token itself, up to what is not as it should be, or to the check that the server says failed.
    fn at(&mut self, token: &Token, known: &Known, failed: Option<&str>, now: Timestamp) {
        let place = |name: &str| ORDER.iter().position(|check| *check == name).unwrap_or(ORDER.len() - 1);
        // What comes before the check that failed was good, whatever it looks like from here.
        let passed = |name: &str| failed.is_some_and(|failed| place(name) < place(failed));
        let reached = |name: &str| failed.is_none_or(|failed| place(name) < place(failed));
        let issuer = token.iss().unwrap_or_default();
        match &known.issuer {
            Ok(ours) if ours == issuer || issuer == LEGACY_ISSUER || passed("issuer") => self.good("issuer", issuer),
            Ok(_) => {
                let say = format!("it says it is from {issuer:?}, and this cluster's tokens are from another");
                self.bad("issuer", say);
                return;
            }
            Err(_) if passed("issuer") => self.good("issuer", issuer),
            Err(why) => self.checks.push(check(Sign::NotSeen, "the cluster's issuer", why.say())),
        }
        if !reached("signature") {
            return;
        }
        match &known.keys {
            _ if passed("signature") => self.good("signature", "made with this cluster's key"),
            Err(why) => self.checks.push(check(Sign::NotSeen, "the cluster's keys", why.say())),
            Ok(keys) => match token::verify(token, keys) {
                Verdict::Verified { .. } => self.good("signature", "made with this cluster's key"),
                verdict => {
                    self.bad("signature", words(&verdict));
                    return;
                }
            },
        }
        if !reached("audience") {
            return;
        }
        let audiences = token.aud().join(", ");
        let is_for_it = known.issuer.as_ref().is_ok_and(|issuer| token.aud().contains(&issuer.as_str()));
        if passed("audience") || is_for_it || token.aud().is_empty() {
            self.good("audience", audiences);
        } else {
            let ours =
                known.issuer.as_deref().map_or_else(|_| String::new(), |issuer| format!(" and not for {issuer}"));
            let say = format!("it is for {audiences}{ours}; for whom it must be, the API server alone knows for sure");
            self.checks.push(check(Sign::NotSeen, "audience", say));
        }
        if issuer == LEGACY_ISSUER || !reached("time") {
            return;
        }
        match wrong_time(token, now) {
            Some(why) if !passed("time") => {
                self.bad("time", why);
                return;
            }
            _ => {
                let until = token.exp().map_or_else(|| "has no end".to_owned(), |at| format!("valid until {at}"));
                self.good("time", until);
            }
        }
        let account = token.serviceaccount().map(|bound| bound.name).unwrap_or_default();
        if passed("account") {
            self.good("account", format!("{}/{account} is there", token.namespace().unwrap_or_default()));
        }
        if passed("account's uid") {
            self.good("account's uid", "the same account that it was made for");
        }
    }

    /// Looks for what the token names, where the server does not say.
    async fn objects(&mut self, token: &Token, way: &Way) {
        let (Some(account), Some(namespace)) = (token.serviceaccount(), token.namespace()) else { return };
        if self.has_failed() || token.is_legacy() {
            return;
        }
        let mut named = vec![("account", "serviceaccounts", account)];
        named.extend(bound_to(token));
        for (kind, plural, bound) in named {
            let place = if kind == "node" { String::new() } else { format!("/namespaces/{}", segment(namespace)) };
            let found = way.get(&format!("/api/v1{place}/{plural}/{}", segment(bound.name))).await;
            match found.as_ref().map(meta::uid) {
                Ok(uid) if uid == bound.uid => self.good(kind, format!("{} is there, and the same", bound.name)),
                Ok(_) => return self.bad(kind, format!("{} is another than it was made for", bound.name)),
                Err(Hidden::Missing) => return self.bad(kind, format!("{} is not there", bound.name)),
                Err(why) => self.checks.push(check(Sign::NotSeen, &format!("{kind} {}", bound.name), why.say())),
            }
        }
    }
}

fn words(verdict: &Verdict) -> String {
    match verdict {
        Verdict::UnknownKey { kid } => format!("the cluster shows no key with the id {kid:?}: another one signed it"),
        Verdict::Unsupported { alg } => format!("{alg:?} is no signature that proves anything"),
        Verdict::Forged | Verdict::Verified { .. } => {
            "it does not fit the cluster's key: the token was changed".to_owned()
        }
    }
}

/// What is wrong with a token's times, in the words of newer servers.
fn wrong_time(token: &Token, now: Timestamp) -> Option<String> {
    let is_ahead = |at: Timestamp| now.checked_add(LEEWAY).is_ok_and(|now| now < at);
    let is_over = |at: Timestamp| now.checked_sub(LEEWAY).is_ok_and(|now| now > at);
    if token.nbf().is_some_and(is_ahead) {
        return Some("service account token is not valid yet".to_owned());
    }
    token.exp().is_some_and(is_over).then(|| "service account token has expired".to_owned())
}

/// The sentence of a kubeconfig's own credentials that were not taken.
pub(super) fn own(value: &str) -> Vec<Check> {
    vec![check(Sign::Bad, value, "the cluster did not take it; it may have expired")]
}
