//! A compact JWT taken apart, without trusting it. Upstream: go-jose's jwt.ParseSigned.

use std::fmt;

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};
use jiff::Timestamp;
use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// The longest token that is looked at. Real ones are one or two thousand bytes long.
pub const MAX_BYTES: usize = 256 * 1024;

/// One of the three parts of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The first: which key signed it, and how.
    Header,
    /// The second: the claims.
    Payload,
    /// The third.
    Signature,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "first part (the header)",
            Self::Payload => "second part (the claims)",
            Self::Signature => "third part (the signature)",
        })
    }
}

/// Why a text is no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Nothing but blanks.
    #[error("there is no token: the input is empty")]
    Empty,
    /// Longer than [`MAX_BYTES`].
    #[error("this is {0} bytes long; a service account token has one or two thousand")]
    TooLong(usize),
    /// A JWS in JSON.
    #[error("this token is written as JSON; Kubernetes takes only the compact form, three parts joined by dots")]
    JsonSerialised,
    /// Not three parts.
    #[error("a token has three parts joined by dots, this has {0}")]
    Parts(usize),
    /// A part with letters that are not base64url's.
    #[error("the {part} is not base64url: {why}")]
    Base64 {
        /// Which part.
        part: Part,
        /// What is wrong with it.
        why: String,
    },
    /// A part that is no JSON object.
    #[error("the {part} is not a JSON object: {why}")]
    Json {
        /// Which part.
        part: Part,
        /// What is wrong with it.
        why: String,
    },
}

/// A token taken apart. Nothing in it is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// As it was given, without blanks around it.
    pub raw: String,
    /// `{"alg":"RS256","kid":…}`
    pub header: Map<String, Value>,
    /// The payload.
    pub claims: Map<String, Value>,
    /// The bytes of the third part.
    pub signature: Vec<u8>,
}

/// An object a token names: `{"name":…,"uid":…}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its uid; empty when the token does not say.
    pub uid: &'a str,
}

/// Takes a token apart.
///
/// # Errors
/// Says in plain words which part is wrong, and how.
pub fn decode(text: &str) -> Result<Token, DecodeError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(DecodeError::Empty);
    }
    if text.len() > MAX_BYTES {
        return Err(DecodeError::TooLong(text.len()));
    }
    if text.starts_with('{') {
        return Err(DecodeError::JsonSerialised);
    }
    let parts: Vec<&str> = text.split('.').collect();
    let &[header, payload, signature] = parts.as_slice() else {
        return Err(DecodeError::Parts(parts.len()));
    };
    Ok(Token {
        raw: text.to_owned(),
        header: object(Part::Header, header)?,
        claims: object(Part::Payload, payload)?,
        signature: bytes(Part::Signature, signature)?,
    })
}

/// Go's reader pays no attention to the bits left over in the last letter, so two texts can be one signature.
const BASE64: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, NO_PAD.with_decode_allow_trailing_bits(true));

fn bytes(part: Part, text: &str) -> Result<Vec<u8>, DecodeError> {
    BASE64.decode(text).map_err(|error| {
        let why = match error {
            base64::DecodeError::InvalidByte(at, byte) if byte != b'=' => {
                format!("{:?} at place {} is none of its letters", char::from(byte), at + 1)
            }
            base64::DecodeError::InvalidLength(_) => "its end is missing".to_owned(),
            _ => "it ends with a `=`, which tokens leave out".to_owned(),
        };
        DecodeError::Base64 { part, why }
    })
}

fn object(part: Part, text: &str) -> Result<Map<String, Value>, DecodeError> {
    let json = bytes(part, text)?;
    let wrong = |why: String| DecodeError::Json { part, why };
    let mut reader = serde_json::Deserializer::from_slice(&json);
    let value = Unambiguous.deserialize(&mut reader).map_err(|error| wrong(error.to_string()))?;
    reader.end().map_err(|error| wrong(error.to_string()))?;
    match value {
        Value::Object(map) => Ok(map),
        other => Err(wrong(format!("it is {other}"))),
    }
}

/// Reads JSON and refuses an object with the same key twice: two readers could take it to mean two things.
struct Unambiguous;

impl<'de> DeserializeSeed<'de> for Unambiguous {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unambiguous {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Self)? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(Self)?;
            if map.contains_key(&key) {
                return Err(A::Error::custom(format!("the key {key:?} is there twice")));
            }
            map.insert(key, value);
        }
        Ok(map.into())
    }
}

const LEGACY: &str = "kubernetes.io/serviceaccount/";

impl Token {
    /// What is signed: the first two parts and the dot between them.
    pub fn signed(&self) -> &str {
        self.raw.rsplit_once('.').map_or("", |(signed, _)| signed)
    }

    fn text(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim)?.as_str()
    }

    fn moment(&self, value: Option<&Value>) -> Option<Timestamp> {
        let value = value?;
        // Numbers with a fraction are allowed by the standard, though Kubernetes writes none.
        #[expect(clippy::cast_possible_truncation, reason = "a cast from a float saturates; the range is checked next")]
        let second = value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64))?;
        Timestamp::from_second(second).ok()
    }

    /// `alg` of the header.
    pub fn alg(&self) -> Option<&str> {
        self.header.get("alg")?.as_str()
    }

    /// `kid` of the header: which key signed.
    pub fn kid(&self) -> Option<&str> {
        self.header.get("kid")?.as_str()
    }

    /// Who issued it.
    pub fn iss(&self) -> Option<&str> {
        self.text("iss")
    }

    /// Whom it stands for.
    pub fn sub(&self) -> Option<&str> {
        self.text("sub")
    }

    /// For whom it is; a single text counts as a list of one.
    pub fn aud(&self) -> Vec<&str> {
        match self.claims.get("aud") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// When it ends.
    pub fn exp(&self) -> Option<Timestamp> {
        self.moment(self.claims.get("exp"))
    }

    /// When it was issued.
    pub fn iat(&self) -> Option<Timestamp> {
        self.moment(self.claims.get("iat"))
    }

    /// When it begins.
    pub fn nbf(&self) -> Option<Timestamp> {
        self.moment(self.claims.get("nbf"))
    }

    /// Its own id.
    pub fn jti(&self) -> Option<&str> {
        self.text("jti")
    }

    fn private(&self) -> Option<&Map<String, Value>> {
        self.claims.get("kubernetes.io")?.as_object()
    }

    fn legacy(&self, claim: &str) -> Option<&str> {
        self.text(&format!("{LEGACY}{claim}"))
    }

    fn bound(&self, kind: &str) -> Option<Bound<'_>> {
        let object = self.private()?.get(kind)?;
        Some(Bound {
            name: object.get("name")?.as_str()?,
            uid: object.get("uid").and_then(Value::as_str).unwrap_or(""),
        })
    }

    /// After which it should long have been replaced (only in tokens that were given a year).
    pub fn warnafter(&self) -> Option<Timestamp> {
        self.moment(self.private()?.get("warnafter"))
    }

    /// Whether it has the shape of a secret's token: no end, claims with long names.
    pub fn is_legacy(&self) -> bool {
        self.private().is_none() && self.claims.keys().any(|claim| claim.starts_with(LEGACY))
    }

    /// The namespace of its account.
    pub fn namespace(&self) -> Option<&str> {
        self.private().and_then(|claims| claims.get("namespace")?.as_str()).or_else(|| self.legacy("namespace"))
    }

    /// Its account.
    pub fn serviceaccount(&self) -> Option<Bound<'_>> {
        self.bound("serviceaccount").or_else(|| {
            let uid = self.legacy("service-account.uid").unwrap_or_default();
            Some(Bound { name: self.legacy("service-account.name")?, uid })
        })
    }

    /// The pod it is bound to.
    pub fn pod(&self) -> Option<Bound<'_>> {
        self.bound("pod")
    }

    /// The node it is bound to, or the node of its pod.
    pub fn node(&self) -> Option<Bound<'_>> {
        self.bound("node")
    }

    /// The secret it is bound to, or kept in.
    pub fn secret(&self) -> Option<Bound<'_>> {
        self.bound("secret").or_else(|| Some(Bound { name: self.legacy("secret.name")?, uid: "" }))
    }
}

/// Reads JSON that must not be ambiguous: no object in it has a key twice.
///
/// # Errors
/// What is wrong with it, and where.
pub fn unambiguous(json: &str) -> Result<Value, String> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let value = Unambiguous.deserialize(&mut reader).map_err(|error| error.to_string())?;
    reader.end().map_err(|error| error.to_string())?;
    Ok(value)
}

/// The first key that an object in this JSON has twice.
pub fn repeated_key(json: &str) -> Option<String> {
    let why = unambiguous(json).err()?;
    let (key, _) = why.strip_prefix("the key ")?.split_once(" is there twice")?;
    Some(serde_json::from_str(key).unwrap_or_else(|_| key.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{DecodeError, MAX_BYTES, Part, decode};
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use proptest::prelude::*;

    fn token(header: &str, payload: &str) -> String {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.{}", part(header), part(payload), part("signature"))
    }

    #[test]
    fn what_is_wrong_is_said_plainly() {
        let good = token("{}", "{}");
        let rows = [
            ("  ".to_owned(), "there is no token: the input is empty"),
            ("a".repeat(MAX_BYTES + 1), "this is 262145 bytes long; a service account token has one or two thousand"),
            (
                "{\"payload\":\"\"}".to_owned(),
                "this token is written as JSON; Kubernetes takes only the compact form, three parts joined by dots",
            ),
            ("abc".to_owned(), "a token has three parts joined by dots, this has 1"),
            (format!("{good}.x"), "a token has three parts joined by dots, this has 4"),
            (
                "a+b.e30.e30".to_owned(),
                "the first part (the header) is not base64url: '+' at place 2 is none of its letters",
            ),
            (
                "e30.e30=.e30".to_owned(),
                "the second part (the claims) is not base64url: it ends with a `=`, which tokens leave out",
            ),
            (token("{}", "[]"), "the second part (the claims) is not a JSON object: it is []"),
            (
                token("{", "{}"),
                "the first part (the header) is not a JSON object: EOF while parsing an object at line 1 column 1",
            ),
            (
                token("{}", r#"{"sub":"a","sub":"b"}"#),
                "the second part (the claims) is not a JSON object: the key \"sub\" is there twice at line 1 column 21",
            ),
        ];
        for (text, want) in rows {
            assert_eq!(decode(&text).map_err(|error| error.to_string()).err().as_deref(), Some(want));
        }
        assert!(decode(&format!(" {good}\n")).is_ok());
        let not_json = matches!(decode("e30.aGk.e30"), Err(DecodeError::Json { part: Part::Payload, .. }));
        assert!(not_json);
    }

    #[test]
    fn both_shapes_are_read() {
        let bound = r#"{"aud":["a","b"],"exp":20,"iat":10,"iss":"https://x","jti":"j","kubernetes.io":{"namespace":"n",
            "node":{"name":"no","uid":"nu"},"pod":{"name":"p","uid":"pu"},"serviceaccount":{"name":"s","uid":"su"},
            "warnafter":15},"nbf":10,"sub":"system:serviceaccount:n:s"}"#;
        let token_read = decode(&token(r#"{"alg":"RS256","kid":"k"}"#, bound)).expect("a token");
        assert_eq!((token_read.alg(), token_read.kid(), token_read.jti()), (Some("RS256"), Some("k"), Some("j")));
        assert_eq!(token_read.aud(), ["a", "b"]);
        let seconds = [token_read.iat(), token_read.nbf(), token_read.warnafter(), token_read.exp()];
        assert_eq!(seconds.map(|at| at.map(|at| at.as_second())), [Some(10), Some(10), Some(15), Some(20)]);
        assert_eq!(token_read.namespace(), Some("n"));
        let names = [token_read.serviceaccount(), token_read.pod(), token_read.node()];
        assert_eq!(
            names.map(|bound| bound.map(|bound| (bound.name, bound.uid))),
            [Some(("s", "su")), Some(("p", "pu")), Some(("no", "nu"))]
        );
        assert!(!token_read.is_legacy());

        let legacy = r#"{"iss":"kubernetes/serviceaccount","kubernetes.io/serviceaccount/namespace":"n",
            "kubernetes.io/serviceaccount/secret.name":"t","kubernetes.io/serviceaccount/service-account.name":"s",
            "kubernetes.io/serviceaccount/service-account.uid":"su","sub":"system:serviceaccount:n:s"}"#;
        let token_read = decode(&token("{}", legacy)).expect("a token");
        assert!(token_read.is_legacy());
        assert_eq!(token_read.namespace(), Some("n"));
        assert_eq!(token_read.serviceaccount().map(|account| (account.name, account.uid)), Some(("s", "su")));
        assert_eq!(token_read.secret().map(|secret| secret.name), Some("t"));
        assert_eq!((token_read.exp(), token_read.aud().len()), (None, 0));
    }

    proptest! {
        #[test]
        fn nothing_makes_it_fall(text in ".{0,200}", a in "[A-Za-z0-9_-]{0,40}", b in "[A-Za-z0-9_-]{0,40}") {
            let now = jiff::Timestamp::UNIX_EPOCH;
            let _ = crate::token::find_in(&text);
            let _ = crate::token::mask(&text);
            for text in [text, format!("{a}.{b}.{a}")] {
                if let Ok(token) = decode(&text) {
                    let _ = crate::token::report(&token, now, None);
                }
            }
        }

        #[test]
        fn any_claims_can_be_explained(key in "[a-z.]{1,12}", text in ".{0,30}", number in any::<i64>()) {
            let claims = serde_json::json!({
                "exp": number, "iat": text, "nbf": number, "aud": text,
                "kubernetes.io": {"warnafter": number, "pod": {"name": text}, key.as_str(): number}, key.as_str(): text});
            let token = decode(&token("{}", &claims.to_string())).expect("a token");
            let now = jiff::Timestamp::UNIX_EPOCH;
            let shown = crate::token::report(&token, now, None);
            prop_assert!(!shown.chars().any(|c| c == char::from(0x1b)));
        }
    }
}
