//! Tokens in what a command printed, told in words: what they are for can be compared, and they themselves go no further.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::token;

/// Letters of base64 from which on a word may hold a whole token.
const LONG: usize = 120;

/// The text with each token replaced by what it says of itself.
pub fn in_words(text: &str) -> String {
    let mut told = text.to_owned();
    for found in token::find_in(text) {
        if let Ok(token) = token::decode(found) {
            told = told.replace(found, &format!("<token: {}>", words(&token.claims)));
        }
    }
    in_base64(&told)
}

/// The same for what a secret's data holds: the text in base64 once more.
fn in_base64(text: &str) -> String {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    let mut told = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(begin) = rest.find(is_letter) {
        let (before, from) = rest.split_at(begin);
        let (word, after) = from.split_at(from.find(|c| !is_letter(c)).unwrap_or(from.len()));
        told.push_str(before);
        match decoded(word) {
            Some(say) => told.push_str(&say),
            None => told.push_str(word),
        }
        rest = after;
    }
    told + rest
}

fn decoded(word: &str) -> Option<String> {
    if word.len() < LONG {
        return None;
    }
    let bytes = STANDARD.decode(word).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    if text.starts_with("-----BEGIN CERTIFICATE") {
        return Some("<certificate in base64>".to_owned());
    }
    let token = token::decode(&text).ok()?;
    Some(format!("<token in base64: {}>", words(&token.claims)))
}

/// What of a token's claims differs by release: how long it lives, what it is bound to, and what names it.
fn words(claims: &Map<String, Value>) -> String {
    let number = |value: Option<&Value>| value.and_then(Value::as_i64);
    let life = match (number(claims.get("exp")), number(claims.get("iat"))) {
        (Some(exp), Some(iat)) => lasts(exp.saturating_sub(iat)),
        (Some(_), None) => "an end".to_owned(),
        (None, _) => "no end".to_owned(),
    };
    let mut parts = vec![life];
    let own = claims.get("kubernetes.io");
    let named = |kind: &str| own.and_then(|own| own.get(kind)?.get("name")?.as_str());
    let legacy = claims.get("kubernetes.io/serviceaccount/secret.name").and_then(Value::as_str);
    parts.push(match (named("pod"), named("secret"), named("node"), legacy) {
        (Some(pod), ..) => format!("bound to pod {pod}"),
        (None, Some(secret), ..) => format!("bound to secret {secret}"),
        (None, None, Some(node), _) => format!("bound to node {node}"),
        (None, None, None, Some(secret)) => format!("kept in secret {secret}"),
        (None, None, None, None) => "bound to nothing".to_owned(),
    });
    if named("pod").is_some()
        && let Some(node) = named("node")
    {
        parts.push(format!("on node {node}"));
    }
    if claims.contains_key("jti") {
        parts.push("has a jti".to_owned());
    }
    if !claims.contains_key("aud") {
        parts.push("for any audience".to_owned());
    }
    parts.join(", ")
}

/// A life in words.
fn lasts(seconds: i64) -> String {
    let of = |count: i64, one: &str, many: &str| match count {
        1 => one.to_owned(),
        count => format!("{count} {many}"),
    };
    match seconds {
        31_536_000 => "a year".to_owned(),
        seconds if seconds >= 86_400 && seconds % 86_400 == 0 => of(seconds / 86_400, "a day", "days"),
        seconds if seconds >= 3_600 && seconds % 3_600 == 0 => of(seconds / 3_600, "one hour", "hours"),
        seconds if seconds >= 60 && seconds % 60 == 0 => of(seconds / 60, "a minute", "minutes"),
        seconds => of(seconds, "a second", "seconds"),
    }
}

#[cfg(test)]
mod tests {
    use super::in_words;
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use serde_json::{Value, json};

    fn token(claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.c2ln", part(&json!({"alg": "RS256", "kid": "k"})), part(claims))
    }

    #[test]
    fn tokens_are_told_and_never_shown() {
        let pod = json!({"pod": {"name": "web"}, "node": {"name": "n1"}});
        for (claims, want) in [
            (
                json!({"iat": 5, "exp": 31_536_005, "aud": ["a"], "jti": "j", "kubernetes.io": pod}),
                "a year, bound to pod web, on node n1, has a jti",
            ),
            (json!({"iat": 5, "exp": 3605, "aud": ["a"], "kubernetes.io": {}}), "one hour, bound to nothing"),
            (json!({"kubernetes.io/serviceaccount/secret.name": "s"}), "no end, kept in secret s, for any audience"),
        ] {
            let token = token(&claims);
            assert_eq!(in_words(&format!("token: {token}\n")), format!("token: <token: {want}>\n"));
            let encoded = STANDARD.encode(&token);
            assert!(encoded.len() >= super::LONG, "as long as a real one");
            assert_eq!(in_words(&format!("token: {encoded}")), format!("token: <token in base64: {want}>"));
        }
        assert_eq!(in_words("NAME  é\nLS0= x"), "NAME  é\nLS0= x");
    }
}
