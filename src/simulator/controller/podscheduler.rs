//! Gives each new pod its node. Upstream: pkg/scheduler, under its name `default-scheduler`.

use futures::future::BoxFuture;
use serde_json::{Value, json};

use crate::apimachinery::meta;

use super::api::{Answer, Key, Kind, NODES, PODS};
use super::informer::{Cache, Change};
use super::recorder::Type;
use super::{Again, Context, Controller, Identity};

const NAME: &str = "default-scheduler";

/// The scheduler.
pub struct PodScheduler;

impl Controller for PodScheduler {
    fn name(&self) -> &'static str {
        NAME
    }

    fn user(&self) -> Identity {
        Identity::User("system:kube-scheduler")
    }

    fn program(&self) -> &'static str {
        "kube-scheduler"
    }

    fn watches(&self) -> &'static [Kind] {
        &[PODS, NODES]
    }

    fn keys(&self, change: &Change, cache: &Cache) -> Vec<Key> {
        if change.kind == NODES {
            // A node that came or changed may take who could not be placed.
            return cache.keys(|key, object| key.kind == PODS && is_ours(object));
        }
        if !change.is_deleted() && is_ours(change.object()) { vec![change.key()] } else { Vec::new() }
    }

    fn sync<'a>(&'a self, context: &'a Context, key: &'a Key) -> BoxFuture<'a, Answer<Again>> {
        Box::pin(async move {
            let Some(mut pod) = context.api.get(key).await?.filter(is_ours) else { return Ok(None) };
            let nodes = context.api.list(NODES, "", "").await?;
            match place(&pod, &nodes) {
                Ok(node) => {
                    let binding = json!({
                        "kind": "Binding", "apiVersion": "v1",
                        "metadata": {"name": key.name, "namespace": key.namespace, "uid": meta::uid(&pod)},
                        "target": {"kind": "Node", "name": node},
                    });
                    context.api.post(key, "binding", &binding).await?;
                    let message = format!("Successfully assigned {}/{} to {node}", key.namespace, key.name);
                    context.recorder.event(&pod, Type::Normal, "Scheduled", &message).await;
                }
                Err(why) => {
                    let known = pod["status"]["conditions"].as_array().is_some_and(|conditions| {
                        conditions.iter().any(|c| c["type"] == "PodScheduled" && c["message"] == why.as_str())
                    });
                    if !known {
                        let condition = json!({"lastProbeTime": null, "lastTransitionTime": context.now(),
                            "message": why, "reason": "Unschedulable", "status": "False", "type": "PodScheduled"});
                        pod["status"]["conditions"] = json!([condition]);
                        pod["status"]["phase"] = "Pending".into();
                        context.api.update(PODS, &pod, "status").await?;
                        context.recorder.event(&pod, Type::Warning, "FailedScheduling", &why).await;
                    }
                }
            }
            Ok(None)
        })
    }
}

/// A pod without a node that asks for this scheduler.
fn is_ours(pod: &Value) -> bool {
    pod["spec"]["nodeName"].as_str().is_none_or(str::is_empty)
        && meta::deleting_since(pod).is_none()
        && pod["spec"]["schedulerName"].as_str().is_none_or(|name| name == NAME)
}

/// The first node that suits, or the scheduler's sentence of why none does.
fn place(pod: &Value, nodes: &[Value]) -> Result<String, String> {
    if nodes.is_empty() {
        return Err("no nodes available to schedule pods".to_owned());
    }
    let mut cordoned = 0;
    for node in nodes {
        if node["spec"]["unschedulable"] == true {
            cordoned += 1;
            continue;
        }
        let wanted = pod["spec"]["nodeSelector"].as_object();
        if wanted.is_none_or(|wanted| wanted.iter().all(|(key, value)| meta::label(node, key) == value.as_str())) {
            return Ok(meta::name(node).to_owned());
        }
    }
    let mut reasons = Vec::new();
    let others = nodes.len() - cordoned;
    if others > 0 {
        reasons.push(format!("{others} node(s) didn't match Pod's node affinity/selector"));
    }
    if cordoned > 0 {
        reasons.push(format!("{cordoned} node(s) were unschedulable"));
    }
    Err(format!("0/{} nodes are available: {}.", nodes.len(), reasons.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::place;
    use serde_json::json;

    #[test]
    fn placing() {
        let node = json!({"metadata": {"name": "n", "labels": {"disk": "ssd"}}});
        let cordoned = json!({"metadata": {"name": "n"}, "spec": {"unschedulable": true}});
        let pod = |disk: &str| json!({"spec": {"nodeSelector": {"disk": disk}}});
        let rows = [
            (json!({}), vec![], Err("no nodes available to schedule pods")),
            (json!({}), vec![node.clone()], Ok("n")),
            (pod("ssd"), vec![node.clone()], Ok("n")),
            (
                pod("hdd"),
                vec![node],
                Err("0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."),
            ),
            (json!({}), vec![cordoned], Err("0/1 nodes are available: 1 node(s) were unschedulable.")),
        ];
        for (pod, nodes, want) in rows {
            assert_eq!(place(&pod, &nodes).as_deref().map_err(String::as_str), want);
        }
    }
}
