//! Deletes what its owners left behind. Upstream: pkg/controller/garbagecollector.

use futures::future::BoxFuture;
use serde_json::{Value, json};

use crate::apimachinery::meta;

use super::api::{
    Answer, CONFIGMAPS, DEPLOYMENTS, Key, Kind, NAMESPACES, NODES, PODS, REPLICASETS, ROLEBINDINGS, ROLES, SECRETS,
    SERVICEACCOUNTS,
};
use super::informer::{Cache, Change};
use super::{Again, Context, Controller};

const KINDS: &[Kind] =
    &[NAMESPACES, NODES, DEPLOYMENTS, REPLICASETS, PODS, SECRETS, CONFIGMAPS, SERVICEACCOUNTS, ROLES, ROLEBINDINGS];
const ORPHAN: &str = "orphan";
const FOREGROUND: &str = "foregroundDeletion";

/// The controller.
pub struct GarbageCollector;

impl Controller for GarbageCollector {
    fn name(&self) -> &'static str {
        "garbage-collector"
    }

    fn watches(&self) -> &'static [Kind] {
        KINDS
    }

    fn keys(&self, change: &Change, cache: &Cache) -> Vec<Key> {
        let object = change.object();
        if change.is_deleted() {
            let uid = meta::uid(object);
            let mut keys = dependents(cache, uid);
            // An owner that waits for its dependents may go on now.
            keys.extend(cache.keys(|_, owner| waits(owner) && owners(object).any(|o| o["uid"] == meta::uid(owner))));
            return keys;
        }
        if owners(object).next().is_some() || waits(object) { vec![change.key()] } else { Vec::new() }
    }

    fn sync<'a>(&'a self, context: &'a Context, key: &'a Key) -> BoxFuture<'a, Answer<Again>> {
        Box::pin(async move {
            let Some(object) = context.api.get(key).await? else { return Ok(None) };
            if waits(&object) {
                return release(context, key, &object).await.map(|()| None);
            }
            if owners(&object).next().is_none() || meta::deleting_since(&object).is_some() {
                return Ok(None);
            }
            for owner in owners(&object) {
                if lives(context, owner, &key.namespace).await? {
                    return Ok(None);
                }
            }
            context.api.delete(key, meta::uid(&object), None).await.map(|()| None)
        })
    }
}

fn owners(object: &Value) -> impl Iterator<Item = &Value> {
    object["metadata"]["ownerReferences"].as_array().into_iter().flatten()
}

fn dependents(cache: &Cache, uid: &str) -> Vec<Key> {
    cache.keys(|_, object| owners(object).any(|owner| owner["uid"] == uid))
}

fn has_finalizer(object: &Value, name: &str) -> bool {
    object["metadata"]["finalizers"].as_array().is_some_and(|all| all.iter().any(|finalizer| finalizer == name))
}

/// Whether the object is being deleted and waits for us to settle its dependents first.
fn waits(object: &Value) -> bool {
    meta::deleting_since(object).is_some() && (has_finalizer(object, ORPHAN) || has_finalizer(object, FOREGROUND))
}

/// An owner of a kind not watched here is taken to live: better to keep too much than to delete too much.
async fn lives(context: &Context, owner: &Value, namespace: &str) -> Answer<bool> {
    let known = KINDS.iter().find(|kind| owner["kind"] == kind.kind && owner["apiVersion"] == kind.api_version);
    let Some(kind) = known else { return Ok(true) };
    let namespace = if kind.namespaced { namespace } else { "" };
    let key = Key::new(*kind, namespace, owner["name"].as_str().unwrap_or_default());
    let found = context.api.get(&key).await?;
    Ok(found.is_some_and(|found| owner["uid"] == meta::uid(&found) && !has_finalizer(&found, FOREGROUND)))
}

/// Settles the dependents of an owner that waits: cuts them loose, or deletes them first; then lets the owner go.
async fn release(context: &Context, key: &Key, owner: &Value) -> Answer<()> {
    let uid = meta::uid(owner);
    let dependents = dependents(&context.cache, uid);
    let orphans = has_finalizer(owner, ORPHAN);
    let mut left = 0;
    for dependent in dependents {
        let Some(mut object) = context.api.get(&dependent).await? else { continue };
        if orphans {
            if let Some(owners) = object["metadata"]["ownerReferences"].as_array_mut() {
                owners.retain(|owner| owner["uid"] != uid);
            }
            if object["metadata"]["ownerReferences"].as_array().is_some_and(Vec::is_empty) {
                meta::metadata_mut(&mut object).shift_remove("ownerReferences");
            }
            context.api.update(dependent.kind, &object, "").await?;
        } else {
            left += 1;
            if meta::deleting_since(&object).is_none() {
                let options = json!({"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Foreground",
                        "preconditions": {"uid": meta::uid(&object)}});
                match context
                    .api
                    .send(http::Method::DELETE, &dependent.path(""), "application/json", Some(&options))
                    .await
                {
                    Err(failure) if !failure.is_not_found() => return Err(failure),
                    _ => {}
                }
            }
        }
    }
    if left > 0 {
        return Ok(());
    }
    let mut owner = owner.clone();
    if let Some(finalizers) = owner["metadata"]["finalizers"].as_array_mut() {
        finalizers.retain(|finalizer| finalizer != ORPHAN && finalizer != FOREGROUND);
    }
    match context.api.update(key.kind, &owner, "").await {
        Err(failure) if !failure.is_not_found() => Err(failure),
        _ => Ok(()),
    }
}
