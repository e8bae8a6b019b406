//! Gives secrets of type service-account-token their tokens, and takes them away with the account. Up to 1.23 it
//! also makes one for every account. Upstream: pkg/controller/serviceaccount/tokens_controller.go.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::future::BoxFuture;
use serde_json::{Value, json};

use crate::apimachinery::meta;
use crate::simulator::release;

use super::api::{Answer, Failure, Key, Kind, SECRETS, SERVICEACCOUNTS};
use super::informer::{Cache, Change};
use super::{Again, Context, Controller, Identity};

const TYPE: &str = "kubernetes.io/service-account-token";
const NAME: &str = "kubernetes.io/service-account.name";
const UID: &str = "kubernetes.io/service-account.uid";
/// What is left of an account's name in a secret's, so that the suffix fits.
const LONGEST_BASE: usize = 58;

/// The controller.
pub struct Tokens;

impl Controller for Tokens {
    fn name(&self) -> &'static str {
        "serviceaccount-token-controller"
    }

    fn user(&self) -> Identity {
        Identity::User("system:kube-controller-manager")
    }

    fn watches(&self) -> &'static [Kind] {
        &[SERVICEACCOUNTS, SECRETS]
    }

    fn keys(&self, change: &Change, _cache: &Cache) -> Vec<Key> {
        let key = change.key();
        if change.kind == SERVICEACCOUNTS {
            return vec![key];
        }
        let secret = change.object();
        if secret["type"] != TYPE {
            return Vec::new();
        }
        // The account hears of a secret that is gone: it may list it, or lack one now.
        let account = meta::annotation(secret, NAME).unwrap_or_default();
        let account = Key::new(SERVICEACCOUNTS, &key.namespace, account);
        if change.is_deleted() { vec![account] } else { vec![key] }
    }

    fn sync<'a>(&'a self, context: &'a Context, key: &'a Key) -> BoxFuture<'a, Answer<Again>> {
        Box::pin(async move {
            if key.name.is_empty() {
                return Ok(None);
            }
            if key.kind == SECRETS { sync_secret(context, key).await } else { sync_account(context, key).await }
                .map(|()| None)
        })
    }
}

/// Whether the secret is a token of this very account; one without a uid may be.
fn is_token_of(secret: &Value, account: &Value) -> bool {
    let uid = meta::annotation(secret, UID).unwrap_or_default();
    secret["type"] == TYPE
        && meta::annotation(secret, NAME) == Some(meta::name(account))
        && (uid.is_empty() || uid == meta::uid(account))
}

async fn sync_account(context: &Context, key: &Key) -> Answer<()> {
    let account = context.api.get(key).await?;
    let secrets = context.api.list(SECRETS, &key.namespace, "").await?;
    for secret in &secrets {
        let names_it = secret["type"] == TYPE && meta::annotation(secret, NAME) == Some(key.name.as_str());
        if names_it && account.as_ref().is_none_or(|account| !is_token_of(secret, account)) {
            context.api.delete(&Key::of(SECRETS, secret), meta::uid(secret), None).await?;
        }
    }
    let Some(account) = account else { return Ok(()) };
    let Some(account) = drop_dead_references(context, account, &secrets).await? else { return Ok(()) };
    if release::AUTO_TOKEN_SECRET.holds(context.settings.release) {
        ensure_referenced_token(context, &account, &secrets).await?;
    }
    Ok(())
}

/// Takes token secrets that are gone from the account's list. `None` when the account was changed: we shall hear of it.
async fn drop_dead_references(context: &Context, mut account: Value, secrets: &[Value]) -> Answer<Option<Value>> {
    let namespace = meta::namespace(&account).to_owned();
    let Some(listed) = account["secrets"].as_array() else { return Ok(Some(account)) };
    let mut kept = listed.clone();
    kept.retain(|reference| {
        let name = reference["name"].as_str().unwrap_or_default();
        let lives = secrets.iter().any(|secret| meta::name(secret) == name);
        // A reference to a secret that never was is the learner's own affair.
        let was_token = context
            .cache
            .get(&Key::new(SECRETS, &namespace, name))
            .map_or_else(|| name.starts_with(&format!("{}-token-", meta::name(&account))), |seen| seen["type"] == TYPE);
        lives || !was_token
    });
    if kept.len() == listed.len() {
        return Ok(Some(account));
    }
    account["secrets"] = Value::Array(kept);
    context.api.update(SERVICEACCOUNTS, &account, "").await?;
    Ok(None)
}

async fn ensure_referenced_token(context: &Context, account: &Value, secrets: &[Value]) -> Answer<()> {
    let has_one = account["secrets"].as_array().into_iter().flatten().any(|reference| {
        secrets
            .iter()
            .any(|secret| Some(meta::name(secret)) == reference["name"].as_str() && is_token_of(secret, account))
    });
    if has_one {
        return Ok(());
    }
    let (namespace, name, uid) = (meta::namespace(account), meta::name(account), meta::uid(account));
    let base: String = format!("{name}-token-").chars().take(LONGEST_BASE).collect();
    let secret_name =
        format!("{base}{}", context.settings.ids.of(&format!("token secret {namespace}/{name}")).suffix(5));
    let secret = json!({
        "kind": "Secret", "apiVersion": "v1",
        "metadata": {"name": secret_name, "namespace": namespace, "annotations": {NAME: name, UID: uid}},
        "type": TYPE,
    });
    let secret = fill(context, secret, account)?;
    let created = match context.api.create(SECRETS, namespace, &secret).await {
        Err(failure) if failure.is_namespace_terminating() => return Ok(()),
        created => created?,
    };
    let mut changed = account.clone();
    let reference = json!({"name": secret_name});
    match changed["secrets"].as_array_mut() {
        Some(listed) => listed.push(reference),
        None => changed["secrets"] = json!([reference]),
    }
    if let Err(failure) = context.api.update(SERVICEACCOUNTS, &changed, "").await {
        // Nobody refers to the secret: without this it would stay for good.
        context.api.delete(&Key::of(SECRETS, &created), meta::uid(&created), None).await?;
        return Err(failure);
    }
    Ok(())
}

async fn sync_secret(context: &Context, key: &Key) -> Answer<()> {
    let Some(secret) = context.api.get(key).await? else { return Ok(()) };
    let Some(name) = meta::annotation(&secret, NAME).filter(|_| secret["type"] == TYPE) else { return Ok(()) };
    let account = context.api.get(&Key::new(SERVICEACCOUNTS, &key.namespace, name)).await?;
    match account.filter(|account| is_token_of(&secret, account)) {
        None => context.api.delete(key, meta::uid(&secret), None).await,
        Some(account) => {
            let filled = fill(context, secret.clone(), &account)?;
            if filled != secret {
                context.api.update(SECRETS, &filled, "").await?;
            }
            Ok(())
        }
    }
}

/// The secret with what it lacks: certificate, namespace, token, and both annotations. A token it has is kept.
fn fill(context: &Context, mut secret: Value, account: &Value) -> Answer {
    let namespace = meta::namespace(account).to_owned();
    let settings = &context.settings;
    let ca = STANDARD.encode(&settings.ca_pem);
    let has = |field: &str| secret["data"][field].as_str().is_some_and(|value| !value.is_empty());
    let (has_token, has_namespace) = (has("token"), has("namespace"));
    if has_token && has_namespace && secret["data"]["ca.crt"] == ca {
        return Ok(secret);
    }
    let token = match has_token {
        true => None,
        false => Some(
            settings
                .legacy_tokens
                .sign(&namespace, meta::name(&secret), meta::name(account), meta::uid(account))
                .map_err(Failure::other)?,
        ),
    };
    let data = meta::child_mut(&mut secret, "data");
    data.insert("ca.crt".to_owned(), ca.into());
    if !has_namespace {
        data.insert("namespace".to_owned(), STANDARD.encode(&namespace).into());
    }
    if let Some(token) = token {
        data.insert("token".to_owned(), STANDARD.encode(token).into());
    }
    let annotations = meta::metadata_map_mut(&mut secret, "annotations");
    annotations.insert(NAME.to_owned(), meta::name(account).into());
    annotations.insert(UID.to_owned(), meta::uid(account).into());
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::{NAME, TYPE, UID, is_token_of};
    use serde_json::json;

    #[test]
    fn whose_token() {
        let account = json!({"metadata": {"name": "a", "uid": "1"}});
        let secret = |kind: &str, name: &str, uid: &str| json!({"type": kind, "metadata": {"annotations": {NAME: name, UID: uid}}});
        for (kind, name, uid, want) in [
            (TYPE, "a", "1", true),
            (TYPE, "a", "", true),
            (TYPE, "a", "2", false),
            (TYPE, "b", "1", false),
            ("Opaque", "a", "1", false),
        ] {
            assert_eq!(is_token_of(&secret(kind, name, uid), &account), want, "{kind} {name} {uid}");
        }
    }
}
