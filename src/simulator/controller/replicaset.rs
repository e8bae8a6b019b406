//! Keeps as many pods as a replica set asks for. Upstream: pkg/controller/replicaset/replica_set.go.

use futures::future::BoxFuture;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::apimachinery::meta;
use crate::base::Order as _;
use crate::simulator::release;

use super::api::{Answer, Failure, Key, Kind, PODS, REPLICASETS};
use super::informer::{Cache, Change};
use super::recorder::Type;
use super::{Again, Context, Controller, Identity, pods};

/// The controller.
pub struct ReplicaSet;

impl Controller for ReplicaSet {
    fn name(&self) -> &'static str {
        "replicaset-controller"
    }

    fn user(&self) -> Identity {
        Identity::Account("replicaset-controller")
    }

    fn watches(&self) -> &'static [Kind] {
        &[REPLICASETS, PODS]
    }

    fn keys(&self, change: &Change, cache: &Cache) -> Vec<Key> {
        if change.kind == REPLICASETS {
            return if change.is_deleted() { Vec::new() } else { vec![change.key()] };
        }
        let (pod, key) = (change.object(), change.key());
        match meta::controller_of(pod) {
            Some(("ReplicaSet", name, _)) => vec![Key::new(REPLICASETS, &key.namespace, name)],
            Some(_) => Vec::new(),
            // Nobody's pod may be one that a set wants to take in.
            None => cache.keys(|set, object| {
                let wanted = object["spec"]["selector"]["matchLabels"].as_object();
                set.kind == REPLICASETS
                    && set.namespace == key.namespace
                    && wanted.is_some_and(|labels| labels.iter().all(|(k, v)| meta::label(pod, k) == v.as_str()))
            }),
        }
    }

    fn sync<'a>(&'a self, context: &'a Context, key: &'a Key) -> BoxFuture<'a, Answer<Again>> {
        Box::pin(async move {
            let Some(set) = context.api.get(key).await? else { return Ok(None) };
            let mut owned = claim(context, &set).await?;
            let mut failed = None;
            if meta::deleting_since(&set).is_none() {
                match manage(context, &set, &owned).await {
                    Ok(false) => {}
                    Ok(true) => owned = claim(context, &set).await?,
                    Err(failure) => failed = Some(failure),
                }
            }
            let (status, again) = status(context, &set, &owned, failed.as_ref());
            if status != set["status"] {
                let mut changed = set;
                changed["status"] = status;
                context.api.update(REPLICASETS, &changed, "status").await?;
            }
            failed.map_or(Ok(again), Err)
        })
    }
}

/// The pods of the set; such as match and have no controller are taken in.
async fn claim(context: &Context, set: &Value) -> Answer<Vec<Value>> {
    let selector = pods::selector_text(&set["spec"]["selector"]);
    let mut owned = Vec::new();
    for pod in context.api.list(PODS, meta::namespace(set), &selector).await? {
        if pods::controller_uid(&pod) == meta::uid(set) {
            owned.push(pod);
        } else if meta::controller_of(&pod).is_none() && pods::is_active(&pod) && meta::deleting_since(set).is_none() {
            let mut owners = pod["metadata"]["ownerReferences"].as_array().cloned().unwrap_or_default();
            owners.push(pods::controller_reference(set, REPLICASETS.api_version, REPLICASETS.kind));
            let patch = json!({"metadata": {"ownerReferences": owners, "uid": meta::uid(&pod)}});
            owned.push(context.api.patch(&Key::of(PODS, &pod), "", &patch).await?);
        }
    }
    Ok(owned)
}

/// Makes or deletes pods until the number is right; gives whether it had to.
async fn manage(context: &Context, set: &Value, owned: &[Value]) -> Answer<bool> {
    let mut active: Vec<&Value> = owned.iter().filter(|pod| pods::is_active(pod)).collect();
    let wanted = usize::try_from(set["spec"]["replicas"].as_i64().unwrap_or(1)).unwrap_or(0);
    let namespace = meta::namespace(set);
    for _ in active.len()..wanted {
        let pod = pods::from_template(&set["spec"]["template"], set, REPLICASETS.api_version, REPLICASETS.kind);
        match context.api.create(PODS, namespace, &pod).await {
            Ok(pod) => {
                let message = format!("Created pod: {}", meta::name(&pod));
                context.recorder.event(set, Type::Normal, "SuccessfulCreate", &message).await;
            }
            Err(failure) if failure.is_namespace_terminating() => return Ok(false),
            Err(failure) => {
                let message = format!("Error creating: {}", failure.message);
                context.recorder.event(set, Type::Warning, "FailedCreate", &message).await;
                return Err(failure);
            }
        }
    }
    if active.len() > wanted {
        active.order_by_key(|pod| dispensability(pod));
        for pod in &active[..active.len() - wanted] {
            context.api.delete(&Key::of(PODS, pod), meta::uid(pod), None).await?;
            let message = format!("Deleted pod: {}", meta::name(pod));
            context.recorder.event(set, Type::Normal, "SuccessfulDelete", &message).await;
        }
    }
    Ok(active.len() != wanted)
}

/// Who goes first: without a node, not running, not ready, then the youngest.
fn dispensability(pod: &Value) -> (bool, bool, bool, std::cmp::Reverse<Option<Timestamp>>) {
    let placed = pod["spec"]["nodeName"].as_str().is_some_and(|node| !node.is_empty());
    (placed, pod["status"]["phase"] == "Running", pods::is_ready(pod), std::cmp::Reverse(meta::created(pod)))
}

fn status(context: &Context, set: &Value, owned: &[Value], failed: Option<&Failure>) -> (Value, Again) {
    let now = context.settings.clock.now();
    let min_ready = set["spec"]["minReadySeconds"].as_i64().unwrap_or(0);
    let active: Vec<&Value> = owned.iter().filter(|pod| pods::is_active(pod)).collect();
    let labels = set["spec"]["template"]["metadata"]["labels"].as_object();
    let labeled = active
        .iter()
        .filter(|pod| labels.is_none_or(|labels| labels.iter().all(|(k, v)| meta::label(pod, k) == v.as_str())))
        .count();
    let ready = active.iter().filter(|pod| pods::is_ready(pod)).count();
    let starts: Vec<Timestamp> = active.iter().filter_map(|pod| pods::available_from(pod, min_ready)).collect();
    let available = starts.iter().filter(|at| **at <= now).count();
    let again = starts.into_iter().filter(|at| *at > now).min();
    let terminating = owned.iter().filter(|pod| meta::deleting_since(pod).is_some()).count();

    let mut status = json!({"replicas": active.len()});
    for (field, count) in
        [("fullyLabeledReplicas", labeled), ("readyReplicas", ready), ("availableReplicas", available)]
    {
        if count > 0 {
            status[field] = count.into();
        }
    }
    if release::TERMINATING_REPLICAS.holds(context.settings.release) {
        status["terminatingReplicas"] = terminating.into();
    }
    status["observedGeneration"] = set["metadata"]["generation"].clone();
    let mut conditions = set["status"]["conditions"].as_array().cloned().unwrap_or_default();
    match failed {
        Some(failure) => pods::set_condition(
            &mut conditions,
            json!({"type": "ReplicaFailure", "status": "True", "lastTransitionTime": context.now(),
                "reason": "FailedCreate", "message": failure.message}),
        ),
        None => conditions.retain(|condition| condition["type"] != "ReplicaFailure"),
    }
    if !conditions.is_empty() {
        status["conditions"] = Value::Array(conditions);
    }
    (status, again)
}
