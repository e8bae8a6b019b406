//! Forgeries of a token: what somebody can try who may read one and cannot sign one. An API server refuses each of them.

use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::explain::date;
use super::{Jwks, Token, decode};

/// A year, in seconds.
const YEAR: i64 = 365 * 24 * 3600;
/// Letters that look right in a claim.
const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// What is done to a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Forgery {
    /// Nothing, for comparison.
    Nothing,
    /// It stands for another account.
    Subject,
    /// It lives a year longer.
    Longer,
    /// It is for somebody else.
    Audience,
    /// One letter of the claims is another.
    ClaimLetter,
    /// One letter of the signature is another.
    SignatureLetter,
    /// The header says `alg: none`, and there is no signature.
    Unsigned,
    /// It is signed anew, with a key of the forger's.
    OtherKey,
    /// The header says `HS256`, and the cluster's public key is used as the secret.
    SharedSecret,
}

impl Forgery {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Nothing,
        Self::Subject,
        Self::Longer,
        Self::Audience,
        Self::ClaimLetter,
        Self::SignatureLetter,
        Self::Unsigned,
        Self::OtherKey,
        Self::SharedSecret,
    ];

    /// What is done, in a few words.
    pub fn say(self) -> &'static str {
        match self {
            Self::Nothing => "change nothing, to compare",
            Self::Subject => "stand for another account (sub)",
            Self::Longer => "live a year longer (exp)",
            Self::Audience => "be for somebody else (aud)",
            Self::ClaimLetter => "change one letter of the claims",
            Self::SignatureLetter => "change one letter of the signature",
            Self::Unsigned => "alg: none, and no signature",
            Self::OtherKey => "sign it with a key of your own",
            Self::SharedSecret => "HS256, with the public key as the secret",
        }
    }
}

/// A forged token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forged {
    /// The token.
    pub token: String,
    /// What was changed: `sub: a → b`. It shows nothing that could be used as a token.
    pub changed: String,
}

/// Why a token cannot be forged in this way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ForgeError {
    /// There is no signature to change.
    #[error("it has no signature that could be changed")]
    NoSignature,
    /// No letter was found that would leave the claims readable.
    #[error("no letter of its claims can be changed so that they can still be read")]
    NoLetter,
    /// The machine gave no key.
    #[error("a key of your own could not be made")]
    NoKey,
    /// The public key cannot be written as forgers of this kind use it.
    #[error("the cluster shows no RSA key that could be taken for a secret")]
    NoPublicKey,
}

/// A forger: has what everybody has, and a key that the cluster does not know.
#[derive(Default)]
pub struct Forger(OnceLock<Option<RsaKeyPair>>);

impl Forger {
    /// Forges a token. The first signature of the forger's own takes a while: a key is made for it.
    ///
    /// # Errors
    /// When this token, or this cluster's keys, leave no way to do it.
    pub fn forge(
        &self,
        token: &Token,
        forgery: Forgery,
        jwks: Option<&Jwks>,
        now: Timestamp,
    ) -> Result<Forged, ForgeError> {
        let [header, claims, signature] = parts(token);
        let joined = |header: &str, claims: &str, signature: &str| format!("{header}.{claims}.{signature}");
        let claim = |name: &str, value: Value| {
            let mut changed = token.claims.clone();
            changed.insert(name.to_owned(), value);
            joined(header, &encoded(&changed), signature)
        };
        let (token, changed) = match forgery {
            Forgery::Nothing => (token.raw.clone(), "nothing".to_owned()),
            Forgery::Subject => {
                let is_that = token.sub() == Some(ANOTHER[0]);
                let another = ANOTHER[usize::from(is_that)];
                let was = token.sub().unwrap_or("none");
                (claim("sub", another.into()), format!("sub: {was} → {another}"))
            }
            Forgery::Longer => {
                let until = token.exp().unwrap_or(now).as_second().saturating_add(YEAR);
                let said = |at: Option<Timestamp>| at.map_or_else(|| "none".to_owned(), date);
                let changed = format!("exp: {} → {}", said(token.exp()), said(Timestamp::from_second(until).ok()));
                (claim("exp", until.into()), changed)
            }
            Forgery::Audience => {
                let (was, own) = (token.aud(), token.iss().unwrap_or_default());
                let another = if was.is_empty() || was.contains(&own) { "vault" } else { own };
                let said = if was.is_empty() { "none".to_owned() } else { was.join(", ") };
                (claim("aud", json!([another])), format!("aud: {said} → {another}"))
            }
            Forgery::ClaimLetter => {
                let (claims, changed) = other_letter(token).ok_or(ForgeError::NoLetter)?;
                (joined(header, &claims, signature), changed)
            }
            Forgery::SignatureLetter => {
                // The last letter has bits that no reader looks at; one in the middle has none.
                let at = signature.len() / 2;
                let (was, is) = next_letter(signature, at, 1).ok_or(ForgeError::NoSignature)?;
                let changed = format!("letter {} of {} in the signature", at + 1, signature.len());
                (joined(header, claims, &with_letter(signature, at, is)), format!("{changed}: {was} → {is}"))
            }
            Forgery::Unsigned => {
                let header = headed(token, "none");
                let was = token.alg().unwrap_or("none");
                (joined(&header, claims, ""), format!("alg: {was} → none; the signature is left out"))
            }
            Forgery::OtherKey => {
                let header = headed(token, "RS256");
                let key = self.key().ok_or(ForgeError::NoKey)?;
                let message = format!("{header}.{claims}");
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)
                    .map_err(|_| ForgeError::NoKey)?;
                let changed = "the signature: made with your own key; the header still names the cluster's";
                (format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)), changed.to_owned())
            }
            Forgery::SharedSecret => {
                let secret = jwks.and_then(|jwks| public_pem(token, jwks)).ok_or(ForgeError::NoPublicKey)?;
                let message = format!("{}.{claims}", headed(token, "HS256"));
                let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
                let signature = hmac::sign(&key, message.as_bytes());
                let was = token.alg().unwrap_or("none");
                let changed = format!("alg: {was} → HS256; the signature: made with the public key");
                (format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref())), changed)
            }
        };
        Ok(Forged { token, changed })
    }

    fn key(&self) -> Option<&RsaKeyPair> {
        self.0.get_or_init(|| RsaKeyPair::generate(KeySize::Rsa2048).ok()).as_ref()
    }
}

/// Who a forger would like to be; the second for who is the first.
const ANOTHER: [&str; 2] = ["system:serviceaccount:kube-system:default", "system:serviceaccount:default:default"];

/// The three texts of a token.
fn parts(token: &Token) -> [&str; 3] {
    let mut parts = token.raw.splitn(3, '.');
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}

fn encoded(object: &Map<String, Value>) -> String {
    URL_SAFE_NO_PAD.encode(Value::Object(object.clone()).to_string())
}

/// The header with another algorithm.
fn headed(token: &Token, alg: &str) -> String {
    if token.alg() == Some(alg) {
        return parts(token)[0].to_owned();
    }
    let mut header = token.header.clone();
    header.insert("alg".to_owned(), alg.into());
    encoded(&header)
}

/// A letter of base64url, and the one that is so many places further.
fn next_letter(text: &str, at: usize, by: usize) -> Option<(char, char)> {
    let was = *text.as_bytes().get(at)?;
    let place = LETTERS.iter().position(|letter| *letter == was)?;
    let is = LETTERS.get((place + by) % LETTERS.len())?;
    Some((char::from(was), char::from(*is)))
}

fn with_letter(text: &str, at: usize, letter: char) -> String {
    text.char_indices().map(|(place, was)| if place == at { letter } else { was }).collect()
}

/// The claims with one letter changed so that a text in them is another, and all else is as it was: with that alone nothing but
/// the signature can tell.
fn other_letter(token: &Token) -> Option<(String, String)> {
    let [header, claims, signature] = parts(token);
    let old = Value::Object(token.claims.clone());
    let places = (claims.len() / 2..claims.len()).chain(0..claims.len() / 2);
    places.into_iter().find_map(|at| {
        (1..LETTERS.len()).find_map(|by| {
            let (was, is) = next_letter(claims, at, by)?;
            let changed = with_letter(claims, at, is);
            let read = decode(&format!("{header}.{changed}.{signature}")).ok()?;
            let (path, old, new) = differing(&old, &Value::Object(read.claims), "")?;
            let is_plain = new.chars().all(|c| c.is_ascii_alphanumeric() || "-.:_".contains(c));
            // Another issuer would be asked, or none; other audiences are a forgery of their own.
            if !is_plain || path == "iss" || path.starts_with("aud") {
                return None;
            }
            let letter = format!("letter {} of {} in the claims: {was} → {is}", at + 1, claims.len());
            Some((changed, format!("{letter}, which makes {path}: {old} → {new}")))
        })
    })
}

/// The one text that differs between two values of the same shape: where it is, and both.
fn differing(old: &Value, new: &Value, path: &str) -> Option<(String, String, String)> {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            if !old.keys().eq(new.keys()) {
                return None;
            }
            let (key, old) = old.iter().find(|(key, value)| new.get(*key) != Some(value))?;
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            differing(old, new.get(key)?, &path)
        }
        (Value::String(old), Value::String(new)) if old != new => Some((path.to_owned(), old.clone(), new.clone())),
        _ => None,
    }
}

/// The public key that a token names, as a file would have it.
fn public_pem(token: &Token, jwks: &Jwks) -> Option<String> {
    let kid = token.kid().unwrap_or_default();
    let key = jwks.keys.iter().find(|key| kid.is_empty() || key.kid == kid).or(jwks.keys.first())?;
    let der: PublicKeyX509Der<'_> = key.rsa()?.as_der().ok()?;
    let body = STANDARD.encode(der.as_ref());
    let rows: Vec<&str> = (0..body.len()).step_by(64).filter_map(|at| body.get(at..body.len().min(at + 64))).collect();
    Some(format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", rows.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::{Forger, Forgery, YEAR};
    use crate::token::{Jwks, Token, decode};
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use jiff::Timestamp;
    use serde_json::{Value, json};

    fn token(claims: &Value) -> Token {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signature = URL_SAFE_NO_PAD.encode([7; 256]);
        let header = json!({"alg": "RS256", "kid": "k"});
        decode(&format!("{}.{}.{signature}", part(&header), part(claims))).expect("a token")
    }

    #[test]
    fn each_forgery_changes_what_it_says() {
        let jwks = json!({"keys": [{"kty": "RSA", "kid": "k", "e": "AQAB", "n": URL_SAFE_NO_PAD.encode([0xf1; 256])}]});
        let jwks = Jwks::from_value(&jwks).expect("keys");
        let (now, forger) = (Timestamp::UNIX_EPOCH, Forger::default());
        let bound = json!({"aud": ["https://api"], "exp": 10, "iss": "https://api",
            "kubernetes.io": {"namespace": "shop"}, "sub": "system:serviceaccount:shop:web"});
        let legacy = json!({"iss": "kubernetes/serviceaccount", "sub": "system:serviceaccount:kube-system:default"});
        for claims in [bound, legacy] {
            let good = token(&claims);
            for forgery in Forgery::ALL {
                let forged = forger.forge(&good, forgery, Some(&jwks), now).expect("forged");
                let read = decode(&forged.token).expect("readable");
                assert_eq!(forged.token == good.raw, forgery == Forgery::Nothing, "{forgery:?}");
                assert_eq!(read.iss(), good.iss(), "{forgery:?}");
                let same = [read.header == good.header, read.claims == good.claims, read.signature == good.signature];
                let want = match forgery {
                    Forgery::Nothing => [true, true, true],
                    Forgery::Subject | Forgery::Longer | Forgery::Audience | Forgery::ClaimLetter => {
                        [true, false, true]
                    }
                    Forgery::SignatureLetter | Forgery::OtherKey => [true, true, false],
                    Forgery::Unsigned | Forgery::SharedSecret => [false, true, false],
                };
                assert_eq!(same, want, "{forgery:?}: {}", forged.changed);
                match forgery {
                    Forgery::Subject => assert_ne!(read.sub(), good.sub()),
                    Forgery::Longer => {
                        let until = good.exp().unwrap_or(now).as_second() + YEAR;
                        assert_eq!(read.exp().map(Timestamp::as_second), Some(until));
                    }
                    Forgery::Audience => assert_eq!(read.aud(), ["vault"]),
                    Forgery::Unsigned => assert_eq!((read.alg(), read.signature.len()), (Some("none"), 0)),
                    Forgery::SharedSecret => assert_eq!((read.alg(), read.signature.len()), (Some("HS256"), 32)),
                    _ => {}
                }
            }
        }
    }
}
