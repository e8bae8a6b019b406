//! Rolls a deployment's template out through replica sets. Upstream: pkg/controller/deployment.

mod rollout;
mod status;

use futures::future::BoxFuture;
use serde_json::{Map, Value, json};

use crate::apimachinery::meta;
use crate::base::Order as _;
use crate::simulator::{gotypes, release};

use super::api::{Answer, DEPLOYMENTS, Failure, Key, Kind, REPLICASETS};
use super::informer::{Cache, Change};
use super::recorder::Type;
use super::{Again, Context, Controller, Identity, pods};

const REVISION: &str = "deployment.kubernetes.io/revision";
const REVISION_HISTORY: &str = "deployment.kubernetes.io/revision-history";
const DESIRED: &str = "deployment.kubernetes.io/desired-replicas";
const MOST: &str = "deployment.kubernetes.io/max-replicas";
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
const HASH: &str = "pod-template-hash";

/// The controller.
pub struct Deployment;

impl Controller for Deployment {
    fn name(&self) -> &'static str {
        "deployment-controller"
    }

    fn user(&self) -> Identity {
        Identity::Account("deployment-controller")
    }

    fn watches(&self) -> &'static [Kind] {
        &[DEPLOYMENTS, REPLICASETS]
    }

    fn keys(&self, change: &Change, _cache: &Cache) -> Vec<Key> {
        if change.kind == DEPLOYMENTS {
            return if change.is_deleted() { Vec::new() } else { vec![change.key()] };
        }
        match meta::controller_of(change.object()) {
            Some(("Deployment", name, _)) => vec![Key::new(DEPLOYMENTS, &change.key().namespace, name)],
            _ => Vec::new(),
        }
    }

    fn sync<'a>(&'a self, context: &'a Context, key: &'a Key) -> BoxFuture<'a, Answer<Again>> {
        Box::pin(async move {
            let Some(deployment) = context.api.get(key).await? else { return Ok(None) };
            let sets = owned_sets(context, &deployment).await?;
            let mut turn = Turn { context, conditions: status::conditions(&deployment), deployment, sets, new: None };
            turn.new = turn.sets.iter().position(|set| same_template(set, &turn.deployment));
            if meta::deleting_since(&turn.deployment).is_none() {
                if turn.deployment["spec"]["paused"] == true {
                    turn.scale_while_paused().await?;
                } else {
                    turn.roll_out().await?;
                }
            }
            turn.write_status().await
        })
    }
}

/// One look at one deployment.
struct Turn<'a> {
    context: &'a Context,
    deployment: Value,
    /// The replica sets it controls, oldest first.
    sets: Vec<Value>,
    /// Which of them has the present template.
    new: Option<usize>,
    conditions: Vec<Value>,
}

async fn owned_sets(context: &Context, deployment: &Value) -> Answer<Vec<Value>> {
    let selector = pods::selector_text(&deployment["spec"]["selector"]);
    let mut sets = context.api.list(REPLICASETS, meta::namespace(deployment), &selector).await?;
    sets.retain(|set| pods::controller_uid(set) == meta::uid(deployment));
    sets.order_by_key(|set| (meta::created(set), revision(set)));
    Ok(sets)
}

fn revision(object: &Value) -> i64 {
    meta::annotation(object, REVISION).and_then(|text| text.parse().ok()).unwrap_or(0)
}

fn replicas(object: &Value) -> i64 {
    object["spec"]["replicas"].as_i64().unwrap_or(1)
}

fn count(object: &Value, field: &str) -> i64 {
    object["status"][field].as_i64().unwrap_or(0)
}

/// Whether a set has the deployment's template, apart from the hash that the set's carries.
fn same_template(set: &Value, deployment: &Value) -> bool {
    let plain = |template: &Value| {
        let mut template = template.clone();
        if let Some(labels) = template["metadata"]["labels"].as_object_mut() {
            labels.shift_remove(HASH);
        }
        without_nulls(&template)
    };
    plain(&set["spec"]["template"]) == plain(&deployment["spec"]["template"])
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(key, value)| (key.clone(), without_nulls(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(without_nulls).collect()),
        other => other.clone(),
    }
}

/// A number of pods from a number or a percentage of all.
fn share(value: &Value, of: i64, round_up: bool) -> i64 {
    if let Some(number) = value.as_i64() {
        return number;
    }
    let percent: i64 = value.as_str().and_then(|text| text.strip_suffix('%')?.parse().ok()).unwrap_or(0);
    let product = percent.saturating_mul(of);
    if round_up { product.saturating_add(99) / 100 } else { product / 100 }
}

/// How many more pods than asked for there may be, and how many fewer.
fn surge_and_unavailable(deployment: &Value) -> (i64, i64) {
    if deployment["spec"]["strategy"]["type"] == "Recreate" {
        return (0, 0);
    }
    let rolling = &deployment["spec"]["strategy"]["rollingUpdate"];
    let of = replicas(deployment);
    let surge = share(&rolling["maxSurge"], of, true);
    let unavailable = share(&rolling["maxUnavailable"], of, false);
    // Without any room to move nothing could ever be replaced.
    if surge == 0 && unavailable == 0 { (0, 1) } else { (surge, unavailable.min(of)) }
}

/// A hash of the template, as Go holds it. Upstream: controller.ComputeHash.
fn template_hash(release: crate::apimachinery::Release, template: &Value, collisions: i64) -> String {
    let reader = gotypes::Reader { package: gotypes::Package::V1, release };
    gotypes::spew::hash(&reader.read("PodTemplateSpec", template), collisions)
}

/// The annotations a set takes from its deployment.
fn inherited_annotations(deployment: &Value) -> Map<String, Value> {
    let mut all = deployment["metadata"]["annotations"].as_object().cloned().unwrap_or_default();
    for own in [LAST_APPLIED, REVISION, REVISION_HISTORY, DESIRED, MOST, "deprecated.deployment.rollback.to"] {
        all.shift_remove(own);
    }
    all
}

/// A new replica set for the present template.
fn new_set(deployment: &Value, hash: &str, revision: i64, size: i64) -> Value {
    let mut annotations = inherited_annotations(deployment);
    let (surge, _) = surge_and_unavailable(deployment);
    annotations.insert(DESIRED.to_owned(), replicas(deployment).to_string().into());
    annotations.insert(MOST.to_owned(), (replicas(deployment) + surge).to_string().into());
    annotations.insert(REVISION.to_owned(), revision.to_string().into());
    let mut template = without_nulls(&deployment["spec"]["template"]);
    meta::metadata_map_mut(&mut template, "labels").insert(HASH.to_owned(), hash.into());
    let mut selector = deployment["spec"]["selector"].clone();
    meta::child_mut(&mut selector, "matchLabels").insert(HASH.to_owned(), hash.into());
    json!({
        "apiVersion": REPLICASETS.api_version,
        "kind": REPLICASETS.kind,
        "metadata": {
            "name": format!("{}-{hash}", meta::name(deployment)),
            "namespace": meta::namespace(deployment),
            "labels": template["metadata"]["labels"],
            "annotations": annotations,
            "ownerReferences": [pods::controller_reference(deployment, DEPLOYMENTS.api_version, DEPLOYMENTS.kind)],
        },
        "spec": {
            "replicas": size,
            "minReadySeconds": deployment["spec"]["minReadySeconds"].as_i64().unwrap_or(0),
            "selector": selector,
            "template": template,
        },
    })
}

/// The event's sentence for a set that was scaled; `created` is one that is new.
fn scaled(release: crate::apimachinery::Release, name: &str, from: i64, to: i64, created: bool) -> String {
    let direction = if to >= from { "up" } else { "down" };
    if release::SCALED_FROM_FIRST.holds(release) {
        format!("Scaled {direction} replica set {name} from {from} to {to}")
    } else if release::SCALED_FROM.holds(release) && !created {
        format!("Scaled {direction} replica set {name} to {to} from {from}")
    } else {
        format!("Scaled {direction} replica set {name} to {to}")
    }
}

#[cfg(test)]
mod tests {
    use super::{new_set, same_template, scaled, surge_and_unavailable, template_hash};
    use crate::apimachinery::Release;
    use serde_json::json;

    #[test]
    fn events_by_release() {
        for (minor, from, to, created, want) in [
            (20, 0, 1, true, "Scaled up replica set x to 1"),
            (20, 1, 0, false, "Scaled down replica set x to 0"),
            (25, 0, 1, true, "Scaled up replica set x to 1"),
            (25, 1, 0, false, "Scaled down replica set x to 0 from 1"),
            (36, 0, 1, true, "Scaled up replica set x from 0 to 1"),
            (36, 1, 0, false, "Scaled down replica set x from 1 to 0"),
        ] {
            assert_eq!(scaled(Release::minor(minor), "x", from, to, created), want, "1.{minor}");
        }
    }

    #[test]
    fn room_to_move() {
        for (replicas, surge, unavailable, want) in [
            (1, json!("25%"), json!("25%"), (1, 0)),
            (4, json!("25%"), json!("25%"), (1, 1)),
            (10, json!(3), json!(0), (3, 0)),
            (2, json!(0), json!(0), (0, 1)),
        ] {
            let deployment = json!({"spec": {"replicas": replicas, "strategy": {"type": "RollingUpdate",
                "rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}}}});
            assert_eq!(surge_and_unavailable(&deployment), want);
        }
    }

    #[test]
    fn a_set_is_known_by_its_template() {
        let deployment = json!({"metadata": {"name": "web", "uid": "u"}, "spec": {"replicas": 1, "selector": {"matchLabels": {"a": "b"}},
            "template": {"metadata": {"creationTimestamp": null, "labels": {"a": "b"}}, "spec": {"x": 1}}}});
        let hash = template_hash(Release::DEFAULT, &deployment["spec"]["template"], 0);
        assert!(hash.chars().all(|c| "bcdfghjklmnpqrstvwxz2456789".contains(c)), "{hash}");
        assert_ne!(hash, template_hash(Release::DEFAULT, &deployment["spec"]["template"], 1));
        let set = new_set(&deployment, &hash, 1, 1);
        assert!(same_template(&set, &deployment));
        assert_eq!(set["spec"]["selector"]["matchLabels"]["pod-template-hash"], hash);
        let mut other = deployment;
        other["spec"]["template"]["spec"]["x"] = json!(2);
        assert!(!same_template(&set, &other));
    }
}
