//! Signs tokens, and publishes what they are verified with. Upstream: pkg/serviceaccount/{jwt.go,openidmetadata.go}.

use std::sync::{Arc, OnceLock};

use serde_json::{Value, json};

use crate::base::Ids;
use crate::simulator::controller::LegacyTokens;

use super::claims;
use super::key::{KeyError, SigningKey};

/// `--service-account-issuer` as kubeadm sets it.
pub const DEFAULT_ISSUER: &str = "https://kubernetes.default.svc.cluster.local";

/// Signs tokens and knows the keys they verify with. Cloning it gives the same issuer.
#[derive(Clone)]
pub struct Issuer {
    /// `--service-account-issuer`: the first signs, all are accepted.
    pub issuers: Vec<String>,
    /// `--api-audiences`; when none is set, all issuers.
    pub api_audiences: Vec<String>,
    /// `--service-account-max-token-expiration` in seconds.
    pub max_expiration: Option<i64>,
    /// `--service-account-extend-token-expiration`
    pub extend_expiration: bool,
    key: Arc<OnceLock<Result<SigningKey, KeyError>>>,
    /// What the key is made from; chance, when it is none.
    seed: Option<Ids>,
}

impl Default for Issuer {
    fn default() -> Self {
        Self::new(DEFAULT_ISSUER)
    }
}

impl Issuer {
    /// An issuer whose RSA key is made when it is first needed, or by [`Self::warm`].
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            issuers: vec![url.into()],
            api_audiences: Vec::new(),
            max_expiration: None,
            extend_expiration: true,
            key: Arc::new(OnceLock::new()),
            seed: None,
        }
    }

    /// An issuer whose key a seed gives, so that a run can be repeated. Whoever knows the seed knows the key.
    pub fn seeded(url: impl Into<String>, ids: &Ids) -> Self {
        Self { seed: Some(ids.of("service account signing key")), ..Self::new(url) }
    }

    /// The same issuer with the key of a PEM file (`--service-account-signing-key-file`).
    ///
    /// # Errors
    /// When there is no RSA or EC private key in it.
    pub fn from_pem(url: impl Into<String>, pem: &str) -> Result<Self, KeyError> {
        let issuer = Self::new(url);
        let key = SigningKey::from_pem(pem)?;
        issuer.key.get_or_init(|| Ok(key));
        Ok(issuer)
    }

    /// Makes the key in the background, so that the first token does not wait for it.
    pub fn warm(&self) {
        let issuer = self.clone();
        // Without a thread the key is made on first use, which is only slower.
        let _ = std::thread::Builder::new().name("service-account-key".to_owned()).spawn(move || issuer.key().is_ok());
    }

    /// The signing key; made now if it is not there yet.
    pub(super) fn key(&self) -> Result<&SigningKey, KeyError> {
        let make = || self.seed.as_ref().map_or_else(SigningKey::generate, SigningKey::seeded);
        self.key.get_or_init(make).as_ref().map_err(Clone::clone)
    }

    /// What tokens name as their issuer.
    pub fn url(&self) -> &str {
        self.issuers.first().map_or(DEFAULT_ISSUER, String::as_str)
    }

    /// The audiences the API server itself answers to.
    pub fn audiences(&self) -> &[String] {
        if self.api_audiences.is_empty() { &self.issuers } else { &self.api_audiences }
    }

    /// Signs any claims.
    ///
    /// # Errors
    /// When the key could not be made or used.
    pub fn sign_claims(&self, claims: &Value) -> Result<String, KeyError> {
        self.key()?.sign(claims)
    }

    /// The id of the signing key.
    ///
    /// # Errors
    /// When the key could not be made.
    pub fn key_id(&self) -> Result<String, KeyError> {
        Ok(self.key()?.kid.clone())
    }

    /// The document at `/openid/v1/jwks`.
    ///
    /// # Errors
    /// When the key could not be made.
    pub fn jwks(&self) -> Result<Value, KeyError> {
        Ok(json!({"keys": [self.key()?.jwk]}))
    }

    /// The document at `/.well-known/openid-configuration` of an API server at `host` (with its port);
    /// `None` when the issuer is no https URL, for then upstream serves none.
    ///
    /// # Errors
    /// When the key could not be made.
    pub fn openid_configuration(&self, host: &str) -> Result<Option<Value>, KeyError> {
        let url = self.url();
        if !url.starts_with("https://") || url.contains(['?', '#']) {
            return Ok(None);
        }
        Ok(Some(json!({
            "issuer": url,
            "jwks_uri": format!("https://{host}/openid/v1/jwks"),
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [self.key()?.alg],
        })))
    }
}

impl LegacyTokens for Issuer {
    fn sign(&self, namespace: &str, secret: &str, account: &str, uid: &str) -> Result<String, String> {
        self.sign_claims(&claims::legacy(namespace, secret, account, uid)).map_err(|error| error.to_string())
    }
}
