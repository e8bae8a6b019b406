//! Empties a namespace that is being deleted, then lets go of it. Upstream: pkg/controller/namespace.

use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::apimachinery::meta;
use crate::base::Order as _;

use super::api::{
    Answer, CONFIGMAPS, DEPLOYMENTS, EVENTS, Key, Kind, NAMESPACES, PODS, REPLICASETS, ROLEBINDINGS, ROLES, SECRETS,
    SERVICEACCOUNTS,
};
use super::informer::{Cache, Change};
use super::{Again, Context, Controller, Identity};

/// The controller.
pub struct Namespace;

impl Controller for Namespace {
    fn name(&self) -> &'static str {
        "namespace-controller"
    }

    fn user(&self) -> Identity {
        Identity::Account("namespace-controller")
    }

    fn watches(&self) -> &'static [Kind] {
        &[NAMESPACES, PODS, SECRETS, CONFIGMAPS, SERVICEACCOUNTS, REPLICASETS, DEPLOYMENTS, ROLES, ROLEBINDINGS]
    }

    fn keys(&self, change: &Change, cache: &Cache) -> Vec<Key> {
        let key = match (change.kind == NAMESPACES, change.is_deleted()) {
            (true, false) => change.key(),
            (false, true) => Key::new(NAMESPACES, "", &change.key().namespace),
            _ => return Vec::new(),
        };
        let is_going = cache.get(&key).is_some_and(|namespace| meta::deleting_since(&namespace).is_some());
        if is_going { vec![key] } else { Vec::new() }
    }

    fn sync<'a>(&'a self, context: &'a Context, key: &'a Key) -> BoxFuture<'a, Answer<Again>> {
        Box::pin(async move {
            let Some(mut namespace) = context.api.get(key).await? else { return Ok(None) };
            if meta::deleting_since(&namespace).is_none() {
                return Ok(None);
            }
            if empty(context, &key.name).await? > 0 {
                // What is left goes in its own time; each deletion brings us back, the clock is the safety net.
                return Ok(context.settings.clock.now().checked_add(SignedDuration::from_secs(5)).ok());
            }
            if let Some(finalizers) = namespace["spec"]["finalizers"].as_array_mut() {
                finalizers.retain(|finalizer| finalizer != "kubernetes");
            }
            match context.api.send(http::Method::PUT, &key.path("finalize"), "application/json", Some(&namespace)).await
            {
                Err(failure) if !failure.is_not_found() => Err(failure),
                _ => Ok(None::<Timestamp>),
            }
        })
    }
}

/// Deletes all that lives in a namespace; gives how much is still there afterwards.
async fn empty(context: &Context, namespace: &str) -> Answer<usize> {
    let mut left = 0;
    for path in deletable(context).await? {
        let collection = path.replace("{namespace}", namespace);
        let mut list = context.api.get_path(&collection).await?;
        let Value::Array(items) = list["items"].take() else { continue };
        for item in &items {
            if meta::deleting_since(item).is_none() {
                let options = json!({"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"});
                let path = format!("{collection}/{}", meta::name(item));
                match context.api.send(http::Method::DELETE, &path, "application/json", Some(&options)).await {
                    Err(failure) if !failure.is_not_found() => return Err(failure),
                    _ => {}
                }
            }
        }
        if !items.is_empty() {
            let list = context.api.get_path(&collection).await?;
            left += list["items"].as_array().map_or(0, Vec::len);
        }
    }
    Ok(left)
}

/// The paths of all collections whose objects live in namespaces and can be deleted. Events go last, for deleting
/// the rest makes more of them.
async fn deletable(context: &Context) -> Answer<Vec<String>> {
    let mut roots = vec!["/api/v1".to_owned()];
    let groups = context.api.get_path("/apis").await?;
    for group in groups["groups"].as_array().into_iter().flatten() {
        if let Some(version) = group["preferredVersion"]["groupVersion"].as_str() {
            roots.push(format!("/apis/{version}"));
        }
    }
    let mut paths = Vec::new();
    for root in roots {
        let list = context.api.get_path(&root).await?;
        for resource in list["resources"].as_array().into_iter().flatten() {
            let can_delete =
                resource["verbs"].as_array().is_some_and(|verbs| verbs.iter().any(|verb| verb == "delete"));
            let name = resource["name"].as_str().unwrap_or_default();
            if resource["namespaced"] == true && can_delete && !name.contains('/') {
                paths.push(format!("{root}/namespaces/{{namespace}}/{name}"));
            }
        }
    }
    paths.order_by_key(|path| path.ends_with(EVENTS.plural));
    Ok(paths)
}
