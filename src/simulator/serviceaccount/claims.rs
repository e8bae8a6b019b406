//! The payloads of tokens, keys sorted as they come out upstream. Upstream: pkg/serviceaccount/{claims.go,legacy.go}.

use serde_json::{Map, Value, json};

/// What the issuer of secret tokens calls itself.
pub const LEGACY_ISSUER: &str = "kubernetes/serviceaccount";
/// The lifetime the admission plugin asks for, in seconds: an odd number, so that it can be told from a wish.
pub const WARN_ONLY_BOUND_TOKEN_EXPIRATION: i64 = 60 * 60 + 7;
/// The lifetime such tokens get instead, in seconds: a year.
pub const EXPIRATION_EXTENSION: i64 = 365 * 24 * 60 * 60;

/// The claims that legacy tokens have, by their long names.
pub mod legacy_claim {
    pub const NAMESPACE: &str = "kubernetes.io/serviceaccount/namespace";
    pub const SECRET: &str = "kubernetes.io/serviceaccount/secret.name";
    pub const ACCOUNT: &str = "kubernetes.io/serviceaccount/service-account.name";
    pub const UID: &str = "kubernetes.io/serviceaccount/service-account.uid";
}

/// `system:serviceaccount:NAMESPACE:NAME`
pub fn username(namespace: &str, name: &str) -> String {
    format!("system:serviceaccount:{namespace}:{name}")
}

/// The claims of a secret's token. It never ends.
pub fn legacy(namespace: &str, secret: &str, account: &str, uid: &str) -> Value {
    json!({
        "iss": LEGACY_ISSUER,
        (legacy_claim::NAMESPACE): namespace,
        (legacy_claim::SECRET): secret,
        (legacy_claim::ACCOUNT): account,
        (legacy_claim::UID): uid,
        "sub": username(namespace, account),
    })
}

/// A name and a uid that a token carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ref {
    pub name: String,
    pub uid: String,
}

impl Ref {
    fn to_value(&self) -> Value {
        // A node that is not there leaves its name alone in the token.
        if self.uid.is_empty() { json!({"name": self.name}) } else { json!({"name": self.name, "uid": self.uid}) }
    }
}

/// What a bound token says.
#[derive(Clone, Debug)]
pub struct Bound<'a> {
    pub issuer: &'a str,
    pub audiences: Vec<String>,
    pub issued_at: i64,
    pub lifetime: i64,
    pub jti: Option<String>,
    pub namespace: &'a str,
    pub account: Ref,
    pub pod: Option<Ref>,
    pub secret: Option<Ref>,
    pub node: Option<Ref>,
    pub warn_after: Option<i64>,
}

impl Bound<'_> {
    /// The payload.
    pub fn to_value(&self) -> Value {
        let mut private = Map::new();
        private.insert("namespace".to_owned(), json!(self.namespace));
        let account = Some(&self.account);
        for (kind, object) in [
            ("node", self.node.as_ref()),
            ("pod", self.pod.as_ref()),
            ("secret", self.secret.as_ref()),
            ("serviceaccount", account),
        ] {
            if let Some(object) = object {
                private.insert(kind.to_owned(), object.to_value());
            }
        }
        if let Some(at) = self.warn_after {
            private.insert("warnafter".to_owned(), json!(at));
        }
        let mut claims = Map::new();
        claims.insert("aud".to_owned(), json!(self.audiences));
        claims.insert("exp".to_owned(), json!(self.issued_at.saturating_add(self.lifetime)));
        claims.insert("iat".to_owned(), json!(self.issued_at));
        claims.insert("iss".to_owned(), json!(self.issuer));
        if let Some(jti) = &self.jti {
            claims.insert("jti".to_owned(), json!(jti));
        }
        claims.insert("kubernetes.io".to_owned(), Value::Object(private));
        claims.insert("nbf".to_owned(), json!(self.issued_at));
        claims.insert("sub".to_owned(), json!(username(self.namespace, &self.account.name)));
        Value::Object(claims)
    }
}
