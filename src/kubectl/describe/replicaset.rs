//! `kubectl describe replicaset`.

use serde_json::Value;

use super::{annotations, deployment, events, labels};
use crate::apimachinery::meta;
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;
use crate::kubectl::rest::Call;

/// Describes a replica set with the pods it has.
pub async fn describe(cx: &mut Context<'_>, object: &Value, shows: bool) -> Result<String, Error> {
    let spec = &object["spec"];
    let mut out = format!("Name:\t{}\nNamespace:\t{}\n", meta::name(object), meta::namespace(object));
    out.push_str(&format!("Selector:\t{}\n", deployment::selector(spec)));
    out.push_str(&labels("Labels", &object["metadata"]["labels"]));
    out.push_str(&annotations(object));
    if let Some((kind, name, _)) = meta::controller_of(object) {
        out.push_str(&format!("Controlled By:\t{kind}/{name}\n"));
    }
    let number = |value: &Value| value.as_i64().unwrap_or(0);
    out.push_str(&format!(
        "Replicas:\t{} current / {} desired\n",
        number(&object["status"]["replicas"]),
        number(&spec["replicas"])
    ));
    let path = format!("/api/v1/namespaces/{}/pods", meta::namespace(object));
    if let Ok(list) = cx.send(Call::get(path).query("labelSelector", &deployment::selector(spec))).await {
        let own = |pod: &&Value| meta::controller_of(pod).is_some_and(|(_, _, uid)| uid == meta::uid(object));
        let pods: Vec<&Value> = list["items"].as_array().into_iter().flatten().filter(own).collect();
        let phase = |phase: &str| pods.iter().filter(|pod| pod["status"]["phase"] == phase).count();
        out.push_str(&format!(
            "Pods Status:\t{} Running / {} Waiting / {} Succeeded / {} Failed\n",
            phase("Running"),
            phase("Pending"),
            phase("Succeeded"),
            phase("Failed")
        ));
    }
    deployment::pod_template(cx, &mut out, &spec["template"]);
    out.push_str(&events::about(cx, object, shows).await);
    Ok(out)
}
