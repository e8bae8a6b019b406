//! Service account tokens: claims, keys, signer, validator, OIDC metadata. Upstream: pkg/serviceaccount.

/// Signs tokens and knows the keys they verify with.
pub struct Issuer {}

use serde_json::Value;

use crate::apimachinery::Status;

use super::ControlPlane;

/// Answers `POST …/serviceaccounts/NAME/token`: the TokenRequest with its status, and warnings for the header.
///
/// # Errors
/// As upstream, in upstream's order (facts section 3.1).
pub fn create_token(
    plane: &ControlPlane,
    namespace: &str,
    name: &str,
    body: Value,
) -> Result<(Value, Vec<String>), Status> {
    let _ = (plane, body);
    Err(Status::not_found("", "serviceaccounts", &format!("{namespace}/{name}")))
}
