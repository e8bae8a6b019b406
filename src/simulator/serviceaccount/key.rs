//! The key pair that signs tokens. Upstream: pkg/serviceaccount/jwt.go and staging/src/k8s.io/client-go/util/keyutil.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair,
    KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::seeded;
use crate::base::Ids;
use crate::token::Jwks;

/// A key pair, and what is said of its public half.
pub struct SigningKey {
    pair: Pair,
    /// `RS256`, `ES256`, …
    pub alg: &'static str,
    /// The hash of the public key.
    pub kid: String,
    /// The encoded header of every token it signs.
    header: String,
    /// As `/openid/v1/jwks` lists it.
    pub jwk: Value,
    /// The same, ready to verify with.
    pub jwks: Jwks,
}

enum Pair {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
}

/// Why there is no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The text is not PEM.
    #[error("no PEM block with a private key in it (-----BEGIN … PRIVATE KEY-----)")]
    NoPem,
    /// The block holds something else.
    #[error("a {0:?} block does not hold an RSA or EC private key (2048 bits and up; P-256, P-384, P-521)")]
    Rejected(String),
    /// The machine gave no randomness, or the like.
    #[error("the key could not be {0}")]
    Failed(&'static str),
}

impl SigningKey {
    /// A new RSA key of 2048 bits, as kubeadm makes it.
    pub fn generate() -> Result<Self, KeyError> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::Failed("made"))?;
        Self::rsa(pair)
    }

    /// The RSA key that a seed gives. Whoever knows the seed knows it.
    pub fn seeded(ids: &Ids) -> Result<Self, KeyError> {
        let der = seeded::rsa_2048(ids).ok_or(KeyError::Failed("made"))?;
        Self::rsa(RsaKeyPair::from_der(&der).map_err(|_| KeyError::Failed("made"))?)
    }

    /// Reads `--service-account-signing-key-file`: PKCS#1, PKCS#8 or SEC 1.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let (label, der) = blocks(pem).find(|(label, _)| label.ends_with("PRIVATE KEY")).ok_or(KeyError::NoPem)?;
        let rejected = || KeyError::Rejected(label.to_owned());
        if let Ok(pair) = RsaKeyPair::from_pkcs8(&der).or_else(|_| RsaKeyPair::from_der(&der)) {
            return Self::rsa(pair);
        }
        [
            (&ECDSA_P256_SHA256_FIXED_SIGNING, "ES256", "P-256"),
            (&ECDSA_P384_SHA384_FIXED_SIGNING, "ES384", "P-384"),
            (&ECDSA_P521_SHA512_FIXED_SIGNING, "ES512", "P-521"),
        ]
        .into_iter()
        .find_map(|(algorithm, alg, curve)| {
            EcdsaKeyPair::from_pkcs8(algorithm, &der)
                .or_else(|_| EcdsaKeyPair::from_private_key_der(algorithm, &der))
                .ok()
                .map(|pair| (pair, alg, curve))
        })
        .ok_or_else(rejected)
        .and_then(|(pair, alg, curve)| Self::ec(pair, alg, curve))
    }

    fn rsa(pair: RsaKeyPair) -> Result<Self, KeyError> {
        let public = pair.public_key();
        let spki: PublicKeyX509Der<'_> = public.as_der().map_err(|_| KeyError::Failed("encoded"))?;
        let kid = key_id(spki.as_ref());
        let (n, e) = modulus_and_exponent(public.as_ref()).ok_or(KeyError::Failed("encoded"))?;
        let jwk = json!({"use": "sig", "kty": "RSA", "kid": kid, "alg": "RS256",
            "n": URL_SAFE_NO_PAD.encode(n), "e": URL_SAFE_NO_PAD.encode(e)});
        Self::with(Pair::Rsa(pair), "RS256", kid, jwk)
    }

    fn ec(pair: EcdsaKeyPair, alg: &'static str, curve: &str) -> Result<Self, KeyError> {
        let public = pair.public_key();
        let spki: PublicKeyX509Der<'_> = public.as_der().map_err(|_| KeyError::Failed("encoded"))?;
        let kid = key_id(spki.as_ref());
        // The point is written uncompressed: 4, x, y.
        let coordinates = public.as_ref().get(1..).ok_or(KeyError::Failed("encoded"))?;
        let (x, y) = coordinates.split_at(coordinates.len() / 2);
        let jwk = json!({"use": "sig", "kty": "EC", "kid": kid, "crv": curve, "alg": alg,
            "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y)});
        Self::with(Pair::Ec(pair), alg, kid, jwk)
    }

    fn with(pair: Pair, alg: &'static str, kid: String, jwk: Value) -> Result<Self, KeyError> {
        let jwks = Jwks::from_value(&json!({"keys": [jwk]})).map_err(|_| KeyError::Failed("encoded"))?;
        let header = URL_SAFE_NO_PAD.encode(json!({"alg": alg, "kid": kid}).to_string());
        Ok(Self { pair, alg, kid, header, jwk, jwks })
    }

    /// The compact token of these claims.
    pub fn sign(&self, claims: &Value) -> Result<String, KeyError> {
        let mut token = format!("{}.{}", self.header, URL_SAFE_NO_PAD.encode(claims.to_string()));
        let (message, random, failed) = (token.as_bytes(), SystemRandom::new(), |_| KeyError::Failed("used"));
        let signature = match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).map_err(failed)?;
                URL_SAFE_NO_PAD.encode(signature)
            }
            Pair::Ec(pair) => URL_SAFE_NO_PAD.encode(pair.sign(&random, message).map_err(failed)?),
        };
        token.push('.');
        token.push_str(&signature);
        Ok(token)
    }
}

/// Upstream: keyIDFromPublicKey.
fn key_id(spki: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, spki))
}

/// The PEM blocks of a text, decoded.
fn blocks(pem: &str) -> impl Iterator<Item = (&str, Vec<u8>)> {
    pem.split("-----BEGIN ").skip(1).filter_map(|rest| {
        let (label, rest) = rest.split_once("-----")?;
        let (body, _) = rest.split_once("-----END ")?;
        let body: String = body.split_whitespace().collect();
        Some((label, STANDARD.decode(body).ok()?))
    })
}

/// The two numbers of a DER `RSAPublicKey`, without leading zeros.
fn modulus_and_exponent(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (sequence, _) = element(der, 0x30)?;
    let (modulus, rest) = element(sequence, 0x02)?;
    let (exponent, _) = element(rest, 0x02)?;
    Some((without_zeros(modulus)?, without_zeros(exponent)?))
}

fn without_zeros(number: &[u8]) -> Option<&[u8]> {
    number.get(number.iter().position(|byte| *byte != 0)?..)
}

/// The contents of the DER element that `der` starts with, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        (digits.iter().try_fold(0_usize, |length, digit| Some(length.checked_mul(256)? + usize::from(*digit)))?, rest)
    };
    (found == tag).then(|| rest.split_at_checked(length)).flatten()
}
