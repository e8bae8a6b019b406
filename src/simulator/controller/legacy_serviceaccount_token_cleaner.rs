//! Marks secret tokens that nobody used for long as invalid, and after as long again deletes them. Only those that were
//! made for their account: that it lists. Upstream: pkg/controller/serviceaccount/legacy_serviceaccount_token_cleaner.go.

use std::collections::BTreeSet;

use futures::future::BoxFuture;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::{Value, json};

use crate::apimachinery::meta;
use crate::simulator::plane::KUBE_SYSTEM;
use crate::simulator::release;

use super::api::{Answer, CONFIGMAPS, Failure, Key, Kind, PODS, SECRETS, SERVICEACCOUNTS};
use super::informer::{Cache, Change};
use super::legacytokentracking::{DAY, NAME, since};
use super::{Again, Context, Controller, Identity};

/// `--legacy-service-account-token-clean-up-period`
const PERIOD: SignedDuration = SignedDuration::from_hours(8760);
const EVERY: SignedDuration = SignedDuration::from_hours(24);
const TYPE: &str = "kubernetes.io/service-account-token";
const ACCOUNT: &str = "kubernetes.io/service-account.name";
const UID: &str = "kubernetes.io/service-account.uid";
const LAST_USED: &str = "kubernetes.io/legacy-token-last-used";
const INVALID_SINCE: &str = "kubernetes.io/legacy-token-invalid-since";

/// The controller.
pub struct LegacyTokenCleaner;

impl Controller for LegacyTokenCleaner {
    fn name(&self) -> &'static str {
        "legacy-service-account-token-cleaner"
    }

    fn user(&self) -> Identity {
        Identity::Account("legacy-service-account-token-cleaner")
    }

    fn watches(&self) -> &'static [Kind] {
        &[CONFIGMAPS]
    }

    fn keys(&self, change: &Change, _cache: &Cache) -> Vec<Key> {
        let key = change.key();
        let begins = key.namespace == KUBE_SYSTEM && key.name == NAME && change.old.is_none();
        if begins { vec![key] } else { Vec::new() }
    }

    fn sync<'a>(&'a self, context: &'a Context, key: &'a Key) -> BoxFuture<'a, Answer<Again>> {
        Box::pin(async move {
            if !release::LEGACY_TOKEN_CLEANUP.holds(context.settings.release) {
                return Ok(None);
            }
            let now = context.settings.clock.now();
            if let Some(configmap) = context.api.get(key).await?
                && let Some(tracked) = since(&configmap)
                && is_long_ago(tracked, now)
            {
                clean(context, now).await?;
            }
            Ok(now.checked_add(EVERY).ok())
        })
    }
}

/// Whether tracking goes on for the whole period, counted from the day after it began.
fn is_long_ago(tracked: Date, now: Timestamp) -> bool {
    let begins = tracked.checked_add(1.day()).ok().and_then(|day| day.to_zoned(TimeZone::UTC).ok());
    begins.and_then(|day| day.timestamp().checked_add(PERIOD).ok()).is_some_and(|ripe| now >= ripe)
}

/// What is to be done with one secret.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Keep,
    Mark,
    Delete,
}

/// Judges one secret by itself; who else needs it is asked afterwards.
fn judge(secret: &Value, now: Timestamp) -> Verdict {
    let Ok(limit) = now.checked_sub(PERIOD) else { return Verdict::Keep };
    let day = limit.strftime(DAY).to_string();
    let is_day = |text: &str| Date::strptime(DAY, text).is_ok();
    let is_old = meta::created(secret).is_some_and(|created| created < limit);
    if secret["type"] != TYPE || !is_old || meta::deleting_since(secret).is_some() {
        return Verdict::Keep;
    }
    // Days are compared as they are written; a last use that is no day cannot be judged.
    if meta::label(secret, LAST_USED).is_some_and(|used| !is_day(used) || used >= day.as_str()) {
        return Verdict::Keep;
    }
    match meta::label(secret, INVALID_SINCE) {
        Some(invalid) if is_day(invalid) && invalid >= day.as_str() => Verdict::Keep,
        Some(invalid) if is_day(invalid) => Verdict::Delete,
        _ => Verdict::Mark,
    }
}

/// By when a secret that its account lists and no pod mounts will have been marked as invalid (or, if it is, deleted), if
/// nobody uses it: the cleaner looks once a day.
pub fn due(secret: &Value, tracked: Date) -> Option<Timestamp> {
    if secret["type"] != TYPE || meta::deleting_since(secret).is_some() {
        return None;
    }
    let after = |day: Date| {
        let next = day.checked_add(1.day()).ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp();
        next.checked_add(PERIOD).ok()
    };
    let day = |label| meta::label(secret, label).and_then(|day| Date::strptime(DAY, day).ok()).and_then(after);
    let ripe = [after(tracked), meta::created(secret)?.checked_add(PERIOD).ok(), day(LAST_USED), day(INVALID_SINCE)];
    ripe.into_iter().flatten().max()?.checked_add(EVERY).ok()
}

/// Whether a secret carries the mark.
pub fn is_marked(secret: &Value) -> bool {
    meta::label(secret, INVALID_SINCE).is_some()
}

/// The names of the secrets that a pod's spec speaks of.
pub fn mounted_by(pod: &Value) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    secrets_of(&pod["spec"], "", &mut named);
    named
}

async fn clean(context: &Context, now: Timestamp) -> Answer<()> {
    for secret in context.api.list(SECRETS, "", "").await? {
        let verdict = judge(&secret, now);
        if verdict == Verdict::Keep || !is_listed(context, &secret).await? || is_mounted(context, &secret).await? {
            continue;
        }
        let key = Key::of(SECRETS, &secret);
        let done = if verdict == Verdict::Mark {
            let today = now.strftime(DAY).to_string();
            let metadata =
                json!({"labels": {INVALID_SINCE: today}, "resourceVersion": meta::resource_version(&secret)});
            context.api.patch(&key, "", &json!({"metadata": metadata})).await
        } else {
            let options = json!({"kind": "DeleteOptions", "apiVersion": "v1",
                "preconditions": {"resourceVersion": meta::resource_version(&secret)}});
            context.api.send(http::Method::DELETE, &key.path(""), "application/json", Some(&options)).await
        };
        match done {
            // Somebody touched it: it is looked at again tomorrow.
            Err(failure) if failure.is_conflict() || failure.is_not_found() => {}
            done => drop(done?),
        }
    }
    Ok(())
}

/// Whether the account the token is for lists the secret.
async fn is_listed(context: &Context, secret: &Value) -> Result<bool, Failure> {
    let name = meta::annotation(secret, ACCOUNT).unwrap_or_default();
    let account = context.api.get(&Key::new(SERVICEACCOUNTS, meta::namespace(secret), name)).await?;
    let uid = meta::annotation(secret, UID).unwrap_or_default();
    Ok(account.filter(|account| uid.is_empty() || meta::uid(account) == uid).is_some_and(|account| {
        account["secrets"].as_array().into_iter().flatten().any(|reference| reference["name"] == meta::name(secret))
    }))
}

/// Whether a pod of the namespace speaks of the secret.
async fn is_mounted(context: &Context, secret: &Value) -> Result<bool, Failure> {
    let mut named = BTreeSet::new();
    for pod in context.api.list(PODS, meta::namespace(secret), "").await? {
        secrets_of(&pod["spec"], "", &mut named);
    }
    Ok(named.contains(meta::name(secret)))
}

/// Upstream: podutil.VisitPodSecretNames.
fn secrets_of(value: &Value, field: &str, named: &mut BTreeSet<String>) {
    match value {
        Value::String(name) if field == "secretName" => drop(named.insert(name.clone())),
        Value::Array(items) => items.iter().for_each(|item| secrets_of(item, field, named)),
        Value::Object(fields) => {
            let refers = matches!(field, "secret" | "secretRef" | "secretKeyRef" | "imagePullSecrets");
            if let Some(name) = fields.get("name").and_then(Value::as_str).filter(|_| refers) {
                named.insert(name.to_owned());
            }
            fields.iter().for_each(|(field, value)| secrets_of(value, field, named));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::{INVALID_SINCE, LAST_USED, TYPE, Verdict, judge};
    use serde_json::json;

    #[test]
    fn verdicts() {
        let now = "2030-06-15T12:00:00Z".parse().expect("a time");
        // Created, last used, invalid since. A year before is 2029-06-15.
        for (created, used, invalid, want) in [
            ("2030-01-01", "", "", Verdict::Keep),
            ("2028-01-01", "", "", Verdict::Mark),
            ("2028-01-01", "2029-06-15", "", Verdict::Keep),
            ("2028-01-01", "2029-06-14", "", Verdict::Mark),
            ("2028-01-01", "yesterday", "", Verdict::Keep),
            ("2028-01-01", "", "nonsense", Verdict::Mark),
            ("2028-01-01", "", "2029-06-15", Verdict::Keep),
            ("2028-01-01", "", "2029-06-14", Verdict::Delete),
            ("2028-01-01", "2030-06-14", "2029-06-14", Verdict::Keep),
        ] {
            let mut secret =
                json!({"type": TYPE, "metadata": {"creationTimestamp": format!("{created}T00:00:00Z"), "labels": {}}});
            for (label, value) in [(LAST_USED, used), (INVALID_SINCE, invalid)] {
                if !value.is_empty() {
                    secret["metadata"]["labels"][label] = json!(value);
                }
            }
            assert_eq!(judge(&secret, now), want, "{created} {used} {invalid}");
        }
    }
}
