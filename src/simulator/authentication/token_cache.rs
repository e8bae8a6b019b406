//! Remembers for a moment that a token was good. Upstream: apiserver/pkg/authentication/token/cache.
//!
//! A deleted account, pod or secret is noticed only when the moment is over. What was refused is not remembered.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::digest::{Context, SHA256};
use jiff::{SignedDuration, Timestamp};

use super::Authenticated;

/// How long. Upstream: pkg/kubeapiserver/options/authentication.go, TokenSuccessCacheTTL.
pub const SUCCESS: SignedDuration = SignedDuration::from_secs(10);
/// How many tokens are remembered at most.
const MOST: usize = 4096;

/// What was found, and what it left in the audit log.
#[derive(Clone)]
struct Record {
    until: Timestamp,
    found: Authenticated,
    annotations: Vec<(&'static str, String)>,
}

/// The accepted tokens of the last [`SUCCESS`], by a digest of token and audiences: the tokens themselves are not kept.
#[derive(Default)]
pub struct TokenCache(Mutex<HashMap<Vec<u8>, Record>>);

impl TokenCache {
    /// Remembers none.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// What was found for this token and these audiences, with its notes for the audit log.
    pub(super) fn get(
        &self,
        now: Timestamp,
        token: &str,
        audiences: &[String],
    ) -> Option<(Authenticated, Vec<(&'static str, String)>)> {
        let records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let record = records.get(&key(token, audiences)).filter(|record| now < record.until)?;
        Some((record.found.clone(), record.annotations.clone()))
    }

    /// Remembers a token that was accepted.
    pub(super) fn put(
        &self,
        now: Timestamp,
        token: &str,
        audiences: &[String],
        found: &Authenticated,
        annotations: Vec<(&'static str, String)>,
    ) {
        let Ok(until) = now.checked_add(SUCCESS) else { return };
        let mut records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if records.len() >= MOST {
            records.retain(|_, record| now < record.until);
        }
        if records.len() >= MOST {
            records.clear();
        }
        records.insert(key(token, audiences), Record { until, found: found.clone(), annotations });
    }
}

fn key(token: &str, audiences: &[String]) -> Vec<u8> {
    let mut context = Context::new(&SHA256);
    for part in audiences.iter().map(String::as_str).chain([token]) {
        context.update(&part.len().to_be_bytes());
        context.update(part.as_bytes());
    }
    context.finish().as_ref().to_vec()
}
