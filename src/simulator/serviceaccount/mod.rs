//! Service account tokens: claims, keys, signer, validator, OIDC metadata. Upstream: pkg/serviceaccount.

mod claims;
mod issuer;
mod key;
mod seeded;
mod tokenrequest;
mod validator;

#[cfg(test)]
pub(crate) mod tests;

pub use claims::{EXPIRATION_EXTENSION, LEGACY_ISSUER, WARN_ONLY_BOUND_TOKEN_EXPIRATION};
pub use issuer::{DEFAULT_ISSUER, Issuer};
pub use key::KeyError;
pub use tokenrequest::create_token;
pub use validator::{Validated, service_account, validate};
