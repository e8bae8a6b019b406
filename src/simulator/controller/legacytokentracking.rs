//! Remembers since when the use of secret tokens is tracked. Upstream: pkg/controlplane/controller/legacytokentracking.

use std::sync::PoisonError;

use futures::future::BoxFuture;
use jiff::SignedDuration;
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::simulator::plane::KUBE_SYSTEM;
use crate::simulator::release;

use super::api::{Answer, CONFIGMAPS, Key, Kind, NAMESPACES};
use super::informer::{Cache, Change};
use super::{Again, Context, Controller, Identity};

/// The config map that says since when.
pub const NAME: &str = "kube-apiserver-legacy-service-account-token-tracking";
/// How days are written.
pub(super) const DAY: &str = "%Y-%m-%d";
/// How long after it was made the config map is made again.
const PAUSE: SignedDuration = SignedDuration::from_mins(30);

/// The controller; part of the API server.
pub struct LegacyTokenTracking;

/// The day that the config map names.
pub fn since(configmap: &Value) -> Option<Date> {
    configmap["data"]["since"].as_str().and_then(|day| Date::strptime(DAY, day).ok())
}

impl Controller for LegacyTokenTracking {
    fn name(&self) -> &'static str {
        "legacytokentracking"
    }

    fn user(&self) -> Identity {
        Identity::User("system:apiserver")
    }

    fn program(&self) -> &'static str {
        "kube-apiserver"
    }

    fn watches(&self) -> &'static [Kind] {
        &[NAMESPACES, CONFIGMAPS]
    }

    fn keys(&self, change: &Change, _cache: &Cache) -> Vec<Key> {
        let key = change.key();
        let its_own = change.kind == CONFIGMAPS && key.namespace == KUBE_SYSTEM && key.name == NAME;
        let its_home = change.kind == NAMESPACES && key.name == KUBE_SYSTEM && change.old.is_none();
        if its_own || its_home { vec![Key::new(CONFIGMAPS, KUBE_SYSTEM, NAME)] } else { Vec::new() }
    }

    fn sync<'a>(&'a self, context: &'a Context, key: &'a Key) -> BoxFuture<'a, Answer<Again>> {
        Box::pin(async move {
            if !release::LEGACY_TOKEN_TRACKING.holds(context.settings.release) {
                return Ok(None);
            }
            let now = context.settings.clock.now();
            let today = now.strftime(DAY).to_string();
            let Some(mut configmap) = context.api.get(key).await? else {
                let made = *context.last.lock().unwrap_or_else(PoisonError::into_inner);
                let next = made.and_then(|made| made.checked_add(PAUSE).ok()).filter(|next| now < *next);
                if next.is_some() {
                    return Ok(next);
                }
                *context.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
                let new = json!({"kind": "ConfigMap", "apiVersion": "v1",
                    "metadata": {"name": NAME, "namespace": KUBE_SYSTEM}, "data": {"since": today}});
                return match context.api.create(CONFIGMAPS, KUBE_SYSTEM, &new).await {
                    Err(failure) if !failure.is_exists() => Err(failure),
                    _ => Ok(None),
                };
            };
            if since(&configmap).is_none() {
                configmap["data"]["since"] = today.into();
                context.api.update(CONFIGMAPS, &configmap, "").await?;
            }
            Ok(None)
        })
    }
}
