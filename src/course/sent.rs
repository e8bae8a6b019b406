//! Whether a command sent the token that a step asks for. An answer alone does not tell: every rubbish is refused.

use super::check::{CheckError, Evidence, Ran, get};
use super::model::SentTest;
use super::near::fields;
use super::objects::Kind;
use crate::apimachinery::meta;
use crate::token::{Jwks, Token, Verdict, decode, verify};
use serde_json::Value;

/// What the tokens that a command sent lack, in a sentence; `None` when one of them is what the step asks for.
///
/// # Errors
/// When the cluster does not answer.
pub(super) async fn lacks(test: &SentTest, ran: &Ran, evidence: &Evidence) -> Result<Option<String>, CheckError> {
    let mut lacking = "That command sent no token.".to_owned();
    let tokens: Vec<Token> = ran.sent.iter().filter_map(|text| decode(text).ok()).collect();
    if tokens.is_empty() {
        return Ok(Some(lacking));
    }
    let keys = keys(evidence).await;
    for token in &tokens {
        match of_one(test, token, keys.as_ref(), evidence).await? {
            None => return Ok(None),
            Some(lacks) => lacking = lacks,
        }
    }
    Ok(Some(lacking))
}

async fn of_one(
    test: &SentTest,
    token: &Token,
    keys: Option<&Jwks>,
    evidence: &Evidence,
) -> Result<Option<String>, CheckError> {
    let is_signed = keys.is_none_or(|keys| matches!(verify(token, keys), Verdict::Verified { .. }));
    if !is_signed {
        return Ok(Some("The token that was sent was not signed by this cluster, or it was changed.".to_owned()));
    }
    let claims = Value::Object(token.claims.clone());
    if let Some(lacking) = fields("In the token that was sent", &claims, &test.claims, &test.has) {
        return Ok(Some(lacking));
    }
    match &test.outlived {
        Some(kind) => outlived(kind, &claims, evidence).await,
        None => Ok(None),
    }
}

/// What is wrong when the object that the token names should be gone.
async fn outlived(kind: &str, claims: &Value, evidence: &Evidence) -> Result<Option<String>, CheckError> {
    let known = Kind::named(kind).ok_or_else(|| CheckError::UnknownKind(kind.to_owned()))?;
    let named = |field: &str| {
        let pointer = format!("/kubernetes.io/{}/{field}", kind.to_ascii_lowercase());
        claims.pointer(&pointer).and_then(Value::as_str)
    };
    let (Some(name), Some(uid)) = (named("name"), named("uid")) else {
        return Ok(Some(format!("The token that was sent was made for no {kind}.")));
    };
    let there = get(evidence, &format!("{}/{name}", known.path(&evidence.namespace))).await?;
    let is_there = there.is_some_and(|object| meta::uid(&object) == uid);
    Ok(is_there.then(|| format!("{kind} `{name}`, which the token that was sent names, is still there.")))
}

/// The keys of the cluster. Where they are not shown, no signature is judged.
async fn keys(evidence: &Evidence) -> Option<Jwks> {
    let request = http::Request::get("/openid/v1/jwks").body(Vec::new()).ok()?;
    Jwks::parse(&evidence.client.request_text(request).await.ok()?).ok()
}
