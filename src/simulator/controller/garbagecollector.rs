//! Deletes what its owners left behind. Upstream: pkg/controller/garbagecollector.

use futures::future::BoxFuture;
use serde_json::{Value, json};

use crate::apimachinery::meta;

use super::api::{
    Answer, CONFIGMAPS, DEPLOYMENTS, Key, Kind, NAMESPACES, NODES, PODS, REPLICASETS, ROLEBINDINGS, ROLES, SECRETS,
    SERVICEACCOUNTS,
};
use super::informer::{Cache, Change};
use super::{Again, Context, Controller, Identity};

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

    fn user(&self) -> Identity {
        Identity::Account("generic-garbage-collector")
    }

    fn watches(&self) -> &'static [Kind] {
        KINDS
    }

    fn keys(&self, change: &Change, cache: &Cache) -> Vec<Key> {
        let object = change.object();
        if change.is_deleted() {
            let mut keys = dependents(cache, meta::uid(object));
            // An owner that waits for its dependents may go on now.
            keys.extend(cache.keys(|_, owner| waits(owner) && owners(object).any(|o| o["uid"] == meta::uid(owner))));
            return keys;
        }
        let mut keys = if owners(object).next().is_some() || waits(object) { vec![change.key()] } else { Vec::new() };
        // Dependents of an owner that begins to wait for them have to go before it.
        if deletes_dependents(object) && !change.old.as_deref().is_some_and(deletes_dependents) {
            keys.extend(dependents(cache, meta::uid(object)));
        }
        // A dependent that no longer names or blocks an owner may be what the owner waited for.
        if let Some(old) = &change.old {
            let left = |owner: &Value| owners(old).any(|o| o["uid"] == meta::uid(owner));
            keys.extend(cache.keys(|_, owner| waits(owner) && left(owner)));
        }
        keys
    }

    fn sync<'a>(&'a self, context: &'a Context, key: &'a Key) -> BoxFuture<'a, Answer<Again>> {
        Box::pin(async move {
            let Some(object) = context.api.get(key).await? else { return Ok(None) };
            if meta::deleting_since(&object).is_some() {
                if has_finalizer(&object, ORPHAN) {
                    orphan_dependents(context, key, &object).await?;
                } else if has_finalizer(&object, FOREGROUND) {
                    delete_dependents(context, key, &object).await?;
                }
                return Ok(None);
            }
            attempt_to_delete(context, key, &object).await.map(|()| None)
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

/// Whether the object is being deleted, and its dependents before it.
fn deletes_dependents(object: &Value) -> bool {
    meta::deleting_since(object).is_some() && has_finalizer(object, FOREGROUND)
}

/// What has become of an owner.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    Solid,
    Gone,
    WaitsForDependents,
}

/// An owner of a kind not watched here is taken to live: better to keep too much than to delete too much.
async fn state_of(context: &Context, owner: &Value, namespace: &str) -> Answer<Owner> {
    let known = KINDS.iter().find(|kind| owner["kind"] == kind.kind && owner["apiVersion"] == kind.api_version);
    let Some(kind) = known else { return Ok(Owner::Solid) };
    let namespace = if kind.namespaced { namespace } else { "" };
    let key = Key::new(*kind, namespace, owner["name"].as_str().unwrap_or_default());
    Ok(match context.api.get(&key).await? {
        Some(found) if owner["uid"] != meta::uid(&found) => Owner::Gone,
        Some(found) if deletes_dependents(&found) => Owner::WaitsForDependents,
        Some(_) => Owner::Solid,
        None => Owner::Gone,
    })
}

/// Deletes an object none of whose owners keeps it. Upstream: attemptToDeleteItem.
async fn attempt_to_delete(context: &Context, key: &Key, object: &Value) -> Answer<()> {
    let (mut solid, mut others, mut waiting) = (false, Vec::new(), false);
    for owner in owners(object) {
        match state_of(context, owner, &key.namespace).await? {
            Owner::Solid => solid = true,
            state => {
                waiting |= state == Owner::WaitsForDependents;
                others.push(owner["uid"].as_str().unwrap_or_default().to_owned());
            }
        }
    }
    if others.is_empty() {
        return Ok(());
    }
    if solid {
        return disown(context, key, object, &others).await;
    }
    let dependents = dependents(&context.cache, meta::uid(object));
    let policy = if waiting && !dependents.is_empty() {
        // Two that own each other would wait for ever: this one no longer blocks its owner.
        let circle = |dependent: &Key| context.cache.get(dependent).is_some_and(|object| deletes_dependents(&object));
        if dependents.iter().any(circle) {
            unblock(context, key, object).await?;
        }
        "Foreground"
    } else if has_finalizer(object, ORPHAN) {
        "Orphan"
    } else if has_finalizer(object, FOREGROUND) {
        "Foreground"
    } else {
        "Background"
    };
    let options = json!({"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": policy,
        "preconditions": {"uid": meta::uid(object)}});
    forgive_missing(context.api.send(http::Method::DELETE, &key.path(""), "application/json", Some(&options)).await)
}

fn forgive_missing(answer: Answer) -> Answer<()> {
    match answer {
        Err(failure) if !failure.is_not_found() => Err(failure),
        _ => Ok(()),
    }
}

/// Changes metadata of an object that is still the one we read.
async fn patch(context: &Context, key: &Key, read: &Value, field: &str, value: Value) -> Answer<()> {
    let mut metadata = json!({"uid": meta::uid(read), "resourceVersion": meta::resource_version(read)});
    metadata[field] = value;
    forgive_missing(context.api.patch(key, "", &json!({"metadata": metadata})).await)
}

/// Takes owners from an object.
async fn disown(context: &Context, key: &Key, object: &Value, uids: &[String]) -> Answer<()> {
    let gone = |owner: &&Value| uids.iter().any(|uid| owner["uid"] == uid.as_str());
    let kept: Vec<Value> = owners(object).filter(|owner| !gone(owner)).cloned().collect();
    let kept = if kept.is_empty() { Value::Null } else { Value::Array(kept) };
    patch(context, key, object, "ownerReferences", kept).await
}

/// Lets an object block none of its owners any more.
async fn unblock(context: &Context, key: &Key, object: &Value) -> Answer<()> {
    let owners: Vec<Value> = owners(object)
        .map(|owner| {
            let mut owner = owner.clone();
            if owner["blockOwnerDeletion"] == true {
                owner["blockOwnerDeletion"] = false.into();
            }
            owner
        })
        .collect();
    patch(context, key, object, "ownerReferences", owners.into()).await
}

/// Cuts the dependents loose, then lets the owner go. Upstream: attemptToOrphan.
async fn orphan_dependents(context: &Context, key: &Key, owner: &Value) -> Answer<()> {
    let uid = meta::uid(owner);
    for dependent in dependents(&context.cache, uid) {
        if let Some(object) = context.api.get(&dependent).await? {
            disown(context, &dependent, &object, &[uid.to_owned()]).await?;
        }
    }
    let_go(context, key, owner, ORPHAN).await
}

/// Lets the owner go once no dependent blocks it; the dependents are looked at each by itself.
/// Upstream: processDeletingDependentsItem.
async fn delete_dependents(context: &Context, key: &Key, owner: &Value) -> Answer<()> {
    let uid = meta::uid(owner);
    let mut blocked = false;
    for dependent in dependents(&context.cache, uid) {
        let Some(object) = context.api.get(&dependent).await? else { continue };
        blocked |= owners(&object).any(|owner| owner["uid"] == uid && owner["blockOwnerDeletion"] == true);
        if meta::deleting_since(&object).is_none() {
            attempt_to_delete(context, &dependent, &object).await?;
        }
    }
    if blocked { Ok(()) } else { let_go(context, key, owner, FOREGROUND).await }
}

async fn let_go(context: &Context, key: &Key, owner: &Value, by: &str) -> Answer<()> {
    let finalizers = owner["metadata"]["finalizers"].as_array().into_iter().flatten();
    let kept: Vec<Value> = finalizers.filter(|finalizer| **finalizer != by).cloned().collect();
    patch(context, key, owner, "finalizers", kept.into()).await
}
