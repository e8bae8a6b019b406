//! What each claim of a token says, for somebody who sees one for the first time.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::base::{human_duration, sanitize_line};

use super::life::life;
use super::{Bound, Token};

/// One claim in plain words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// `aud`, `kubernetes.io.pod`, …; the header's are `header.alg` and `header.kid`.
    pub claim: String,
    /// The value as a reader wants it: times as dates, objects as names.
    pub value: String,
    /// What it means.
    pub meaning: String,
}

/// Explains every claim, in the order a reader asks: who, for whom, how long, tied to what.
pub fn explain(token: &Token, now: Timestamp) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut add = |claim: &str, value: String, meaning: String| {
        let (claim, value) = (sanitize_line(claim).into_owned(), sanitize_line(&value).into_owned());
        lines.push(Line { claim, value, meaning });
    };
    add("header.alg", token.alg().unwrap_or("missing").to_owned(), alg(token.alg()));
    if let Some(kid) = token.kid() {
        let meaning = "Names the key that signed: the cluster lists its public half under /openid/v1/jwks.";
        add("header.kid", kid.to_owned(), meaning.to_owned());
    }
    if let Some(iss) = token.iss() {
        add("iss", iss.to_owned(), issuer(token));
    }
    if let Some(sub) = token.sub() {
        add(
            "sub",
            sub.to_owned(),
            "Whom the token stands for: the user name the API server gives to its bearer.".to_owned(),
        );
    }
    let audiences = token.aud();
    if token.claims.contains_key("aud") {
        add("aud", audiences.join(", "), audience(token, &audiences));
    }
    times(token, now, &mut add);
    if let Some(jti) = token.jti() {
        let meaning = "This token's own id. The audit log has it as the credential id, so that a use can be traced.";
        add("jti", jti.to_owned(), meaning.to_owned());
    }
    objects(token, &mut add);
    for (claim, value) in token.claims.iter().filter(|(claim, _)| !is_known(claim)) {
        add(
            claim,
            plain(value),
            "Not a claim that Kubernetes writes; the API server pays no attention to it.".to_owned(),
        );
    }
    lines
}

fn is_known(claim: &str) -> bool {
    matches!(claim, "iss" | "sub" | "aud" | "exp" | "iat" | "nbf" | "jti" | "kubernetes.io")
        || claim.starts_with("kubernetes.io/serviceaccount/")
}

fn alg(alg: Option<&str>) -> String {
    match alg {
        Some("RS256") => "Signed with an RSA key: who has the public half can check it, only the cluster can sign.",
        Some("ES256" | "ES384" | "ES512") => {
            "Signed with an elliptic curve key: who has the public half can check it, only the cluster can sign."
        }
        Some("none") => "Not signed at all. Anyone could have written this; the API server refuses it.",
        Some(shared) if shared.starts_with("HS") => {
            "Signed with a shared secret, which Kubernetes never does; the API server refuses it."
        }
        Some(_) => "Not an algorithm that Kubernetes signs with.",
        None => "The header does not say how it was signed; the API server refuses it.",
    }
    .to_owned()
}

fn issuer(token: &Token) -> String {
    if token.is_legacy() {
        "Who issued it: the controller that writes tokens into secrets.".to_owned()
    } else {
        "Who issued it: the API server of this cluster. Others find its public keys by this address.".to_owned()
    }
}

fn audience(token: &Token, audiences: &[&str]) -> String {
    match audiences {
        [] => "For nobody: the list is empty.".to_owned(),
        [one] if Some(*one) == token.iss() => {
            "For whom it is: the API server itself. Anybody else should refuse it.".to_owned()
        }
        _ => "For whom it is. Anybody not in this list should refuse it, the API server too.".to_owned(),
    }
}

fn times(token: &Token, now: Timestamp, add: &mut dyn FnMut(&str, String, String)) {
    let age = life(token, now);
    if let Some(at) = token.iat() {
        add("iat", date(at), format!("Issued {}.", ago(now.duration_since(at))));
    }
    if let Some(at) = token.nbf() {
        let meaning = if age.not_yet {
            "Not valid before this moment, which is still to come."
        } else {
            "Not valid before this moment."
        };
        add("nbf", date(at), meaning.to_owned());
    }
    match token.exp() {
        Some(at) if age.expired => {
            let since = now.duration_since(at);
            add(
                "exp",
                date(at),
                format!("Over {}. The API server allows clocks a minute's difference, no more.", ago(since)),
            );
        }
        Some(at) => {
            let left = human_duration(at.duration_since(now));
            add(
                "exp",
                date(at),
                format!("Good for another {left}. It cannot be called back, except by deleting what it is bound to."),
            );
        }
        None => add(
            "exp",
            "none".to_owned(),
            "It never ends. It works until its secret or its service account is deleted.".to_owned(),
        ),
    }
    if let Some(at) = token.warnafter() {
        let meaning = if age.stale {
            "Past: a new token lies in the pod's file, and the old one works by courtesy alone. The API server counts such uses."
        } else {
            "The hour that was asked for ends here. The token got a year, for programs that read the file only once."
        };
        add("kubernetes.io.warnafter", date(at), meaning.to_owned());
    }
}

fn objects(token: &Token, add: &mut dyn FnMut(&str, String, String)) {
    let prefix = if token.is_legacy() { "kubernetes.io/serviceaccount/" } else { "kubernetes.io." };
    if let Some(namespace) = token.namespace() {
        add(&format!("{prefix}namespace"), namespace.to_owned(), "The namespace of the service account.".to_owned());
    }
    let node = if token.pod().is_some() {
        "Where the pod runs. It is told, not checked: the token outlives the node."
    } else {
        "Bound to this node: the token dies with it."
    };
    let secret = if token.is_legacy() {
        "The secret the token is kept in: the token dies with it, and its text must be the same as there."
    } else {
        "Bound to this secret: the token dies with it."
    };
    let account =
        "The service account. Its uid is checked: a new account of the same name does not inherit old tokens.";
    for (claim, bound, meaning) in [
        ("serviceaccount", token.serviceaccount(), account),
        ("pod", token.pod(), "Bound to this pod: the token dies with it."),
        ("node", token.node(), node),
        ("secret", token.secret(), secret),
    ] {
        if let Some(bound) = bound {
            add(&format!("{prefix}{claim}"), name_and_uid(bound), meaning.to_owned());
        }
    }
}

fn name_and_uid(bound: Bound<'_>) -> String {
    if bound.uid.is_empty() { bound.name.to_owned() } else { format!("{} (uid {})", bound.name, bound.uid) }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

pub(super) fn date(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn ago(span: SignedDuration) -> String {
    if span.is_negative() {
        return format!("{} from now", human_duration(SignedDuration::ZERO.saturating_sub(span)));
    }
    format!("{} ago", human_duration(span))
}
