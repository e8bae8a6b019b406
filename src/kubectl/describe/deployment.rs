//! `kubectl describe deployment`. Upstream: describeDeployment, kubectl/pkg/util/deployment.

use serde_json::Value;

use super::page::{Page, conditions, number, text, time};
use super::related::Want;
use super::{View, events, template};
use crate::apimachinery::meta;
use crate::base::Order as _;
use crate::kubectl::errors::Error;
use crate::kubectl::jsonpath::shown;
use crate::kubectl::release;

/// Tells of a deployment and its replica sets.
pub fn tell(view: &View<'_>) -> Result<Page, Error> {
    let (object, spec, status) = (view.object, &view.object["spec"], &view.object["status"]);
    let mut page = Page::of_namespaced(object);
    page.field(0, "CreationTimestamp", &time(&object["metadata"]["creationTimestamp"]));
    page.labels_and_annotations(object);
    page.field(0, "Selector", &template::selector(spec));
    let desired = number(&spec["replicas"]);
    let [updated, total, available, unavailable] =
        ["updatedReplicas", "replicas", "availableReplicas", "unavailableReplicas"].map(|field| number(&status[field]));
    let replicas = format!(
        "{desired} desired | {updated} updated | {total} total | {available} available | {unavailable} unavailable"
    );
    page.field(0, "Replicas", &replicas);
    page.field(0, "StrategyType", text(spec, "/strategy/type"));
    page.field(0, "MinReadySeconds", &number(&spec["minReadySeconds"]).to_string());
    if let Some(rolling) = spec.pointer("/strategy/rollingUpdate").filter(|rolling| rolling.is_object()) {
        let (most, surge) = (shown(&rolling["maxUnavailable"]), shown(&rolling["maxSurge"]));
        page.field(0, "RollingUpdateStrategy", &format!("{most} max unavailable, {surge} max surge"));
    }
    template::show(&mut page, view, &spec["template"]);
    conditions(&mut page, &status["conditions"]);
    if let Some(sets) = view.related.items(Want::ReplicaSets) {
        replica_sets(&mut page, view, sets);
    }
    events::show(&mut page, view);
    Ok(page)
}

fn replica_sets(page: &mut Page, view: &View<'_>, sets: &[Value]) {
    let owned = |set: &&Value| meta::controller_of(set).is_some_and(|(_, _, uid)| uid == meta::uid(view.object));
    let sets: Vec<&Value> = sets.iter().filter(owned).collect();
    let mut by_age = sets.clone();
    by_age.order_by_key(|set| (meta::created(set), meta::name(set)));
    let new = by_age.into_iter().find(|set| same_template(&set["spec"]["template"], &view.object["spec"]["template"]));
    let scaled_down_too = view.does(release::DESCRIBE_SCALED_DOWN_REPLICA_SETS);
    let is_new = |set: &Value| new.is_some_and(|new| meta::uid(new) == meta::uid(set));
    let old: Vec<&Value> = sets
        .into_iter()
        .filter(|set| !is_new(set) && (scaled_down_too || number(&set["spec"]["replicas"]) != 0))
        .collect();
    if scaled_down_too && old.is_empty() && new.is_none() {
        return;
    }
    page.field(0, "OldReplicaSets", &told(&old));
    page.field(0, "NewReplicaSet", &told(new.as_slice()));
}

/// Whether two templates differ in nothing but the hash that the controller adds.
fn same_template(a: &Value, b: &Value) -> bool {
    let bare = |template: &Value| {
        let mut template = template.clone();
        if let Some(labels) = template.pointer_mut("/metadata/labels").and_then(Value::as_object_mut) {
            labels.shift_remove("pod-template-hash");
        }
        template
    };
    bare(a) == bare(b)
}

fn told(sets: &[&Value]) -> String {
    let each = |set: &&Value| {
        let (created, wanted) = (number(&set["status"]["replicas"]), number(&set["spec"]["replicas"]));
        format!("{} ({created}/{wanted} replicas created)", meta::name(set))
    };
    match sets {
        [] => "<none>".to_owned(),
        sets => sets.iter().map(each).collect::<Vec<_>>().join(", "),
    }
}
