//! `kubectl describe deployment`, and the pod template it shares with replica sets.

use serde_json::Value;

use super::{annotations, events, labels, template, text, time};
use crate::apimachinery::meta;
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;
use crate::kubectl::release;
use crate::kubectl::rest::Call;

const REVISION: &str = "deployment.kubernetes.io/revision";

/// Describes a deployment with its replica sets.
pub async fn describe(cx: &mut Context<'_>, object: &Value, shows: bool) -> Result<String, Error> {
    let (spec, status) = (&object["spec"], &object["status"]);
    let number = |value: &Value| value.as_i64().unwrap_or(0);
    let mut out = format!("Name:\t{}\nNamespace:\t{}\n", meta::name(object), meta::namespace(object));
    out.push_str(&format!("CreationTimestamp:\t{}\n", time(&object["metadata"]["creationTimestamp"])));
    out.push_str(&labels("Labels", &object["metadata"]["labels"]));
    out.push_str(&annotations(object));
    out.push_str(&format!("Selector:\t{}\n", selector(spec)));
    out.push_str(&format!(
        "Replicas:\t{} desired | {} updated | {} total | {} available | {} unavailable\n",
        number(&spec["replicas"]),
        number(&status["updatedReplicas"]),
        number(&status["replicas"]),
        number(&status["availableReplicas"]),
        number(&status["unavailableReplicas"])
    ));
    out.push_str(&format!("StrategyType:\t{}\n", text(spec, "/strategy/type")));
    out.push_str(&format!("MinReadySeconds:\t{}\n", number(&spec["minReadySeconds"])));
    if let Some(rolling) = spec.pointer("/strategy/rollingUpdate") {
        let shown = |key: &str| crate::kubectl::jsonpath::shown(&rolling[key]);
        out.push_str(&format!(
            "RollingUpdateStrategy:\t{} max unavailable, {} max surge\n",
            shown("maxUnavailable"),
            shown("maxSurge")
        ));
    }
    pod_template(cx, &mut out, &spec["template"]);
    let conditions: Vec<&Value> = status["conditions"].as_array().into_iter().flatten().collect();
    if !conditions.is_empty() {
        out.push_str("Conditions:\n  Type\tStatus\tReason\n  ----\t------\t------\n");
        for condition in conditions {
            out.push_str(&format!(
                "  {}\t{}\t{}\n",
                text(condition, "/type"),
                text(condition, "/status"),
                text(condition, "/reason")
            ));
        }
    }
    let (old, new) = replica_sets(cx, object).await;
    out.push_str(&format!("OldReplicaSets:\t{old}\nNewReplicaSet:\t{new}\n"));
    out.push_str(&events::about(cx, object, shows).await);
    Ok(out)
}

/// `app=web,tier=front`
pub fn selector(spec: &Value) -> String {
    let labels = spec["selector"]["matchLabels"].as_object();
    let mut pairs: Vec<String> = labels
        .into_iter()
        .flatten()
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
        .collect();
    pairs.sort();
    pairs.join(",")
}

/// `Pod Template:`
pub fn pod_template(cx: &Context<'_>, out: &mut String, template: &Value) {
    let spec = &template["spec"];
    out.push_str("Pod Template:\n");
    out.push_str(&super::labels("  Labels", &template["metadata"]["labels"]).replace("\n\t", "\n  \t"));
    if template["metadata"]["annotations"].as_object().is_some_and(|map| !map.is_empty()) {
        out.push_str(&annotations(template).lines().map(|line| format!("  {line}\n")).collect::<String>());
    }
    if !text(spec, "/serviceAccountName").is_empty() {
        out.push_str(&format!("  Service Account:\t{}\n", text(spec, "/serviceAccountName")));
    }
    self::template::containers(out, "Init Containers", &spec["initContainers"], &Value::Null, "  ", false);
    self::template::containers(out, "Containers", &spec["containers"], &Value::Null, "  ", false);
    self::template::volumes(cx, out, &spec["volumes"], "  ");
    if cx.does(release::DESCRIBE_TEMPLATE_SCHEDULING) {
        self::template::scheduling(out, spec, "  ");
    }
}

async fn replica_sets(cx: &mut Context<'_>, object: &Value) -> (String, String) {
    let none = || "<none>".to_owned();
    let path = format!("/apis/apps/v1/namespaces/{}/replicasets", meta::namespace(object));
    let Ok(list) = cx.send(Call::get(path).query("labelSelector", &selector(&object["spec"]))).await else {
        return (none(), none());
    };
    let scaled = |set: &Value| set["spec"]["replicas"].as_i64().unwrap_or(0);
    let told = |set: &Value| {
        format!(
            "{} ({}/{} replicas created)",
            meta::name(set),
            set["status"]["replicas"].as_i64().unwrap_or(0),
            scaled(set)
        )
    };
    let revision = meta::annotation(object, REVISION).unwrap_or_default();
    let own = |set: &&Value| meta::controller_of(set).is_some_and(|(_, _, uid)| uid == meta::uid(object));
    let (mut old, mut new) = (Vec::new(), None);
    for set in list["items"].as_array().into_iter().flatten().filter(own) {
        if meta::annotation(set, REVISION) == Some(revision) {
            new = Some(told(set));
        } else if scaled(set) > 0 || cx.does(release::DESCRIBE_SCALED_DOWN_REPLICA_SETS) {
            old.push(told(set));
        }
    }
    (if old.is_empty() { none() } else { old.join(", ") }, new.unwrap_or_else(none))
}
