//! Asks for the tokens of pods and renews them in time. Upstream: pkg/kubelet/token/token_manager.go.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::apimachinery::meta;
use crate::base::{Clock, Ids};
use crate::simulator::controller::api::{Api, Key, SERVICEACCOUNTS};

/// However long a token lives, it is renewed at this age.
const OLDEST: i64 = 24 * 3600;
/// Refreshes are spread over this many seconds.
const JITTER: u64 = 10;

/// A token and when it ends.
#[derive(Clone, Debug)]
pub struct Held {
    token: String,
    expires: Timestamp,
    refresh: Timestamp,
}

/// How long a pod's token lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Life {
    /// The pod's uid.
    pub pod: String,
    /// When the token ends.
    pub ends: Timestamp,
    /// When the kubelet asks for the next.
    pub renewed: Timestamp,
}

/// Keeps the tokens of one node's pods. Cloning it gives the same one.
#[derive(Clone)]
pub struct TokenManager {
    api: Api,
    clock: Clock,
    ids: Ids,
    held: Arc<Mutex<BTreeMap<String, Held>>>,
}

impl TokenManager {
    /// A manager without any token.
    pub fn new(api: Api, clock: Clock, ids: Ids) -> Self {
        Self { api, clock, ids, held: Arc::default() }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The token that a projected source of this pod asks for, renewed if it is time.
    ///
    /// # Errors
    /// Why there is none, in the kubelet's words.
    pub async fn token(&self, pod: &Value, source: &Value) -> Result<String, String> {
        let (namespace, uid) = (meta::namespace(pod), meta::uid(pod));
        let account = pod["spec"]["serviceAccountName"].as_str().unwrap_or("default");
        let seconds = source["expirationSeconds"].as_i64().unwrap_or(3600);
        let audience = source["audience"].as_str().unwrap_or_default();
        let audiences: Vec<&str> = Some(audience).into_iter().filter(|audience| !audience.is_empty()).collect();
        let slot = format!("{uid}/{namespace}/{account}/{audience}/{seconds}");
        let held = self.lock().get(&slot).cloned();
        let now = self.clock.now();
        if let Some(held) = held.as_ref().filter(|held| now <= held.refresh) {
            return Ok(held.token.clone());
        }
        let review = json!({
            "kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1",
            "spec": {
                "audiences": audiences,
                "expirationSeconds": seconds,
                "boundObjectRef": {"kind": "Pod", "apiVersion": "v1", "name": meta::name(pod), "uid": uid},
            },
        });
        let key = Key::new(SERVICEACCOUNTS, namespace, account);
        let failure = match self.api.post(&key, "token", &review).await {
            Ok(answer) => {
                let token = answer["status"]["token"].as_str().unwrap_or_default().to_owned();
                let expires = answer["status"]["expirationTimestamp"].as_str().and_then(|text| text.parse().ok());
                let expires = expires.unwrap_or(now);
                let asked = answer["spec"]["expirationSeconds"].as_i64().unwrap_or(seconds);
                let jitter = i64::try_from(self.ids.between(0, JITTER)).unwrap_or(0);
                let refresh = refresh_at(expires, asked, jitter);
                self.lock().insert(slot, Held { token: token.clone(), expires, refresh });
                return Ok(token);
            }
            Err(failure) => failure.message,
        };
        match held {
            // A token that still lives is better than none: the next look tries again.
            Some(held) if now < held.expires => {
                tracing::debug!(account, namespace, failure, "Couldn't update token");
                Ok(held.token)
            }
            Some(_) => Err(format!("token {account:?}/{namespace:?} expired and refresh failed: {failure}")),
            None => Err(format!("failed to fetch token: {failure}")),
        }
    }

    /// All tokens: they can be put back by [`TokenManager::set`].
    pub fn all(&self) -> BTreeMap<String, Held> {
        self.lock().clone()
    }

    /// Puts these in place of all tokens.
    pub fn set(&self, all: BTreeMap<String, Held>) {
        *self.lock() = all;
    }

    /// The tokens of each pod (by uid): when each ends, and when it is renewed.
    pub fn lives(&self) -> Vec<Life> {
        let uid = |slot: &str| slot.split('/').next().unwrap_or_default().to_owned();
        let life = |(slot, held): (&String, &Held)| Life { pod: uid(slot), ends: held.expires, renewed: held.refresh };
        self.lock().iter().map(life).collect()
    }

    /// Forgets the tokens of a pod.
    pub fn forget(&self, uid: &str) {
        let prefix = format!("{uid}/");
        self.lock().retain(|slot, _| !slot.starts_with(&prefix));
    }

    /// When the next token of a pod is due.
    pub fn next_refresh(&self, uid: &str) -> Option<Timestamp> {
        let prefix = format!("{uid}/");
        self.lock().iter().filter(|(slot, _)| slot.starts_with(&prefix)).map(|(_, held)| held.refresh).min()
    }
}

/// When a token is renewed: after 80 % of the life asked for, or a day, a little early.
fn refresh_at(expires: Timestamp, seconds: i64, jitter: i64) -> Timestamp {
    let issued = expires.checked_sub(SignedDuration::from_secs(seconds)).unwrap_or(expires);
    let age = (seconds - seconds / 5).min(OLDEST) - jitter;
    issued.checked_add(SignedDuration::from_secs(age.max(0))).unwrap_or(expires)
}

#[cfg(test)]
mod tests {
    use super::refresh_at;
    use jiff::{SignedDuration, Timestamp};

    #[test]
    fn refreshes_come_in_time() {
        for (life, jitter, want) in [(3607, 0, 2886), (3607, 10, 2876), (600, 0, 480), (30 * 86400, 5, 86395)] {
            let expires = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(life);
            assert_eq!(refresh_at(expires, life, jitter).as_second(), want, "{life} s");
        }
    }
}
