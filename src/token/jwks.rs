//! Checking a signature with a published key set. Upstream: go-jose; the set is what `/openid/v1/jwks` answers.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::Token;
use super::decode::unambiguous;

/// One public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jwk {
    /// Its id.
    pub kid: String,
    /// The algorithm it says it is for; may be empty.
    pub alg: String,
    material: Material,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Material {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    Ec { curve: Curve, point: Vec<u8> },
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Curve {
    P256,
    P384,
    P521,
}

/// A set of public keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Jwks {
    /// The keys, as listed.
    pub keys: Vec<Jwk>,
}

/// Why a text is no key set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not a JSON Web Key Set: {0}")]
pub struct JwksError(String);

/// What a signature check says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The signature is right, made by this key.
    Verified {
        /// The key's id.
        kid: String,
    },
    /// The key is known and the signature is not its.
    Forged,
    /// No key of the set has the id the header names.
    UnknownKey {
        /// The id, empty when the header names none.
        kid: String,
    },
    /// An algorithm that proves nothing here (`none`, `HS256`, …).
    Unsupported {
        /// What the header says.
        alg: String,
    },
}

impl Jwks {
    /// Reads a key set.
    ///
    /// # Errors
    /// When the text is no JSON object with a list of keys, or a key has broken numbers.
    pub fn parse(json: &str) -> Result<Self, JwksError> {
        Self::from_value(&unambiguous(json).map_err(JwksError)?)
    }

    /// Reads a key set from its JSON value.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn from_value(value: &Value) -> Result<Self, JwksError> {
        let keys =
            value.get("keys").and_then(Value::as_array).ok_or_else(|| JwksError("it has no list `keys`".to_owned()))?;
        Ok(Self { keys: keys.iter().map(Jwk::read).collect::<Result<_, _>>()? })
    }
}

impl Jwk {
    fn read(value: &Value) -> Result<Self, JwksError> {
        let text = |field: &str| value.get(field).and_then(Value::as_str).unwrap_or_default();
        let number =
            |field: &str| {
                URL_SAFE_NO_PAD.decode(text(field)).ok().filter(|bytes| !bytes.is_empty()).ok_or_else(|| {
                    JwksError(format!("the field `{field}` of the key {:?} is not base64url", text("kid")))
                })
            };
        let curve = match text("crv") {
            "P-256" => Some((Curve::P256, 32)),
            "P-384" => Some((Curve::P384, 48)),
            "P-521" => Some((Curve::P521, 66)),
            _ => None,
        };
        let material = match (text("kty"), curve) {
            ("RSA", _) => Material::Rsa { n: number("n")?, e: number("e")? },
            ("EC", Some((curve, size))) => {
                let (x, y) = (number("x")?, number("y")?);
                if x.len() > size || y.len() > size {
                    return Err(JwksError(format!("the key {:?} does not fit its curve", text("kid"))));
                }
                let mut point = vec![4_u8];
                for coordinate in [x, y] {
                    point.resize(point.len() + size - coordinate.len(), 0);
                    point.extend(coordinate);
                }
                Material::Ec { curve, point }
            }
            _ => Material::Other,
        };
        Ok(Self { kid: text("kid").to_owned(), alg: text("alg").to_owned(), material })
    }

    /// The numbers of an RSA key.
    pub(super) fn rsa(&self) -> Option<RsaPublicKeyComponents<&[u8]>> {
        match &self.material {
            Material::Rsa { n, e } => Some(RsaPublicKeyComponents { n, e }),
            Material::Ec { .. } | Material::Other => None,
        }
    }

    /// Whether this key made this signature with this algorithm; `None` when the two do not go together.
    pub fn verifies(&self, alg: &str, message: &[u8], signature: &[u8]) -> Option<bool> {
        let verified = match (&self.material, alg) {
            (Material::Rsa { n, e }, "RS256" | "RS384" | "RS512") => {
                let padding = match alg {
                    "RS256" => &RSA_PKCS1_2048_8192_SHA256,
                    "RS384" => &RSA_PKCS1_2048_8192_SHA384,
                    _ => &RSA_PKCS1_2048_8192_SHA512,
                };
                RsaPublicKeyComponents { n, e }.verify(padding, message, signature)
            }
            (Material::Ec { curve: Curve::P256, point }, "ES256") => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            (Material::Ec { curve: Curve::P384, point }, "ES384") => {
                UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point).verify(message, signature)
            }
            (Material::Ec { curve: Curve::P521, point }, "ES512") => {
                UnparsedPublicKey::new(&ECDSA_P521_SHA512_FIXED, point).verify(message, signature)
            }
            _ => return None,
        };
        Some(verified.is_ok())
    }
}

/// Checks a token's signature with the key its header names; without a name, with every key.
/// Only signatures by a private key count: `none` and the shared-secret algorithms are refused whatever the set holds.
pub fn verify(token: &Token, jwks: &Jwks) -> Verdict {
    let alg = token.alg().unwrap_or_default();
    if !matches!(alg, "RS256" | "RS384" | "RS512" | "ES256" | "ES384" | "ES512") {
        return Verdict::Unsupported { alg: alg.to_owned() };
    }
    let kid = token.kid().unwrap_or_default();
    let mut candidates = jwks.keys.iter().filter(|key| kid.is_empty() || key.kid == kid).peekable();
    if candidates.peek().is_none() {
        return Verdict::UnknownKey { kid: kid.to_owned() };
    }
    match candidates.find(|key| key.verifies(alg, token.signed().as_bytes(), &token.signature) == Some(true)) {
        Some(key) => Verdict::Verified { kid: key.kid.clone() },
        None => Verdict::Forged,
    }
}
