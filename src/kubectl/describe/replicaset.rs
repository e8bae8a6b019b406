//! `kubectl describe replicaset`. Upstream: describeReplicaSet.

use super::page::{Page, conditions, number, text};
use super::related::Want;
use super::{View, events, template};
use crate::apimachinery::meta;
use crate::kubectl::errors::Error;

/// Tells of a replica set and the pods it has.
pub fn tell(view: &View<'_>) -> Result<Page, Error> {
    let (object, spec, status) = (view.object, &view.object["spec"], &view.object["status"]);
    let mut page = Page::of_namespaced(object);
    page.field(0, "Selector", &template::shown_selector(spec));
    page.labels_and_annotations(object);
    if let Some((kind, name, _)) = meta::controller_of(object) {
        page.field(0, "Controlled By", &format!("{kind}/{name}"));
    }
    let (current, desired) = (number(&status["replicas"]), number(&spec["replicas"]));
    page.field(0, "Replicas", &format!("{current} current / {desired} desired"));
    let pods = match view.related.get(Want::Pods) {
        Some(Err(error)) => format!("error in fetching pods: {}", error.message()),
        _ => {
            let pods = view.related.items(Want::Pods).unwrap_or_default();
            let phase = |phase: &str| {
                let own = pods.iter().filter(|pod| {
                    meta::controller_of(pod).is_some_and(|(_, _, uid)| uid == meta::uid(object))
                        && text(pod, "/status/phase") == phase
                });
                own.count()
            };
            let [running, waiting, succeeded, failed] = ["Running", "Pending", "Succeeded", "Failed"].map(phase);
            format!("{running} Running / {waiting} Waiting / {succeeded} Succeeded / {failed} Failed")
        }
    };
    page.field(0, "Pods Status", &pods);
    template::show(&mut page, view, &spec["template"]);
    conditions(&mut page, &status["conditions"]);
    events::show(&mut page, view);
    Ok(page)
}
