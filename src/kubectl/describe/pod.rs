//! `kubectl describe pod`.

use serde_json::Value;

use super::{annotations, events, labels, template, text, time};
use crate::apimachinery::meta;
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;
use crate::kubectl::release;

/// Describes a pod.
pub async fn describe(cx: &mut Context<'_>, pod: &Value, shows: bool) -> Result<String, Error> {
    let (spec, status) = (&pod["spec"], &pod["status"]);
    let mut out = format!("Name:\t{}\nNamespace:\t{}\n", meta::name(pod), meta::namespace(pod));
    if let Some(priority) = spec["priority"].as_i64() {
        out.push_str(&format!("Priority:\t{priority}\n"));
    }
    if !text(spec, "/priorityClassName").is_empty() {
        out.push_str(&format!("Priority Class Name:\t{}\n", text(spec, "/priorityClassName")));
    }
    if cx.does(release::DESCRIBE_POD_SERVICE_ACCOUNT) && !text(spec, "/serviceAccountName").is_empty() {
        out.push_str(&format!("Service Account:\t{}\n", text(spec, "/serviceAccountName")));
    }
    match text(spec, "/nodeName") {
        "" => out.push_str("Node:\t<none>\n"),
        node => out.push_str(&format!("Node:\t{node}/{}\n", text(status, "/hostIP"))),
    }
    if status.get("startTime").is_some() {
        out.push_str(&format!("Start Time:\t{}\n", time(&status["startTime"])));
    }
    out.push_str(&labels("Labels", &pod["metadata"]["labels"]));
    out.push_str(&annotations(pod));
    if let Some(since) = meta::deleting_since(pod) {
        out.push_str(&format!("Status:\tTerminating (lasts {})\n", cx.age(Some(since))));
        let grace = pod["metadata"]["deletionGracePeriodSeconds"].as_i64().unwrap_or(0);
        out.push_str(&format!("Termination Grace Period:\t{grace}s\n"));
    } else {
        out.push_str(&format!("Status:\t{}\n", text(status, "/phase")));
    }
    for (label, at) in [("Reason", "/reason"), ("Message", "/message")] {
        if !text(status, at).is_empty() {
            out.push_str(&format!("{label}:\t{}\n", text(status, at)));
        }
    }
    out.push_str(&format!("IP:\t{}\n", text(status, "/podIP")));
    let ips: Vec<&str> = status["podIPs"].as_array().into_iter().flatten().filter_map(|ip| ip["ip"].as_str()).collect();
    if ips.is_empty() {
        out.push_str("IPs:\t<none>\n");
    } else {
        out.push_str("IPs:\n");
        ips.iter().for_each(|ip| out.push_str(&format!("  IP:\t{ip}\n")));
    }
    if let Some((kind, name, _)) = meta::controller_of(pod) {
        out.push_str(&format!("Controlled By:\t{kind}/{name}\n"));
    }
    template::containers(
        &mut out,
        "Init Containers",
        &spec["initContainers"],
        &status["initContainerStatuses"],
        "",
        true,
    );
    template::containers(&mut out, "Containers", &spec["containers"], &status["containerStatuses"], "", true);
    let conditions: Vec<&Value> = status["conditions"].as_array().into_iter().flatten().collect();
    if !conditions.is_empty() {
        out.push_str("Conditions:\n  Type\tStatus\n");
        for condition in conditions {
            out.push_str(&format!("  {} \t{} \n", text(condition, "/type"), text(condition, "/status")));
        }
    }
    template::volumes(cx, &mut out, &spec["volumes"], "");
    out.push_str(&format!("QoS Class:\t{}\n", text(status, "/qosClass")));
    template::scheduling(&mut out, spec, "");
    out.push_str(&events::about(cx, pod, shows).await);
    Ok(out)
}
