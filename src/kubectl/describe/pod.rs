//! `kubectl describe pod`. Upstream: describePod.

use serde_json::Value;

use super::page::{Page, each, number, text, time};
use super::{View, container, events, template, volume};
use crate::apimachinery::meta;
use crate::kubectl::errors::Error;
use crate::kubectl::release;

/// Tells of a pod.
pub fn tell(view: &View<'_>) -> Result<Page, Error> {
    let (pod, spec, status) = (view.object, &view.object["spec"], &view.object["status"]);
    let mut page = Page::of_namespaced(pod);
    if let Some(priority) = spec["priority"].as_i64() {
        page.field(0, "Priority", &priority.to_string());
    }
    page.field_if(0, "Priority Class Name", text(spec, "/priorityClassName"));
    page.field_if(0, "Runtime Class Name", text(spec, "/runtimeClassName"));
    if view.does(release::DESCRIBE_POD_SERVICE_ACCOUNT) {
        page.field_if(0, "Service Account", text(spec, "/serviceAccountName"));
    }
    match text(spec, "/nodeName") {
        "" => page.field(0, "Node", "<none>"),
        node => page.field(0, "Node", &format!("{node}/{}", text(status, "/hostIP"))),
    }
    if status["startTime"].is_string() {
        page.field(0, "Start Time", &time(&status["startTime"]));
    }
    page.labels_and_annotations(pod);
    let phase = text(status, "/phase");
    match meta::deleting_since(pod) {
        Some(since) if !matches!(phase, "Failed" | "Succeeded") => {
            page.field(0, "Status", &format!("Terminating (lasts {})", view.age_of(Some(since))));
            let grace = number(&pod["metadata"]["deletionGracePeriodSeconds"]);
            page.field(0, "Termination Grace Period", &format!("{grace}s"));
        }
        _ => page.field(0, "Status", phase),
    }
    page.field_if(0, "Reason", text(status, "/reason"));
    page.field_if(0, "Message", text(status, "/message"));
    container::seccomp(&mut page, &spec["securityContext"], 0);
    page.field(0, "IP", text(status, "/podIP"));
    let mut ips = each(&status["podIPs"]).peekable();
    page.line(0, if ips.peek().is_some() { "IPs:" } else { "IPs:\t<none>" });
    for ip in ips {
        page.field(1, "IP", text(ip, "/ip"));
    }
    if let Some((kind, name, _)) = meta::controller_of(pod) {
        page.field(0, "Controlled By", &format!("{kind}/{name}"));
    }
    page.field_if(0, "NominatedNodeName", text(status, "/nominatedNodeName"));
    if spec["resources"].is_object() {
        page.line(0, "Resources:");
        container::resources(&mut page, &spec["resources"], 1);
    }
    let kinds = [
        ("Init Containers", "initContainers", "initContainerStatuses"),
        ("Containers", "containers", "containerStatuses"),
        ("Ephemeral Containers", "ephemeralContainers", "ephemeralContainerStatuses"),
    ];
    for (title, containers, statuses) in kinds {
        if containers == "containers" || each(&spec[containers]).next().is_some() {
            container::show(&mut page, title, &spec[containers], Some((pod, &status[statuses])), "");
        }
    }
    readiness_gates(&mut page, spec, status);
    let mut conditions = each(&status["conditions"]).peekable();
    if conditions.peek().is_some() {
        page.line(0, "Conditions:");
        page.row(1, &["Type", "Status"]);
    }
    for condition in conditions {
        page.line(1, &format!("{} \t{} ", text(condition, "/type"), text(condition, "/status")));
    }
    volume::show(&mut page, view, &spec["volumes"], "");
    page.field(0, "QoS Class", &qos(spec, status));
    page.pairs("", "Node-Selectors", &spec["nodeSelector"]);
    template::tolerations(&mut page, spec, "");
    template::spread(&mut page, spec, "");
    events::show(&mut page, view);
    Ok(page)
}

fn readiness_gates(page: &mut Page, spec: &Value, status: &Value) {
    let mut gates = each(&spec["readinessGates"]).peekable();
    if gates.peek().is_some() {
        page.line(0, "Readiness Gates:");
        page.row(1, &["Type", "Status"]);
    }
    for gate in gates {
        let kind = text(gate, "/conditionType");
        let met = each(&status["conditions"]).find(|condition| text(condition, "/type") == kind);
        page.line(1, &format!("{kind} \t{} ", met.map_or("<none>", |condition| text(condition, "/status"))));
    }
}

/// What the server says, or what follows from the containers' resources.
fn qos(spec: &Value, status: &Value) -> String {
    let said = text(status, "/qosClass");
    if !said.is_empty() {
        return said.to_owned();
    }
    let amount = |container: &Value, kind: &str, name: &str| container["resources"][kind][name].clone();
    let names = ["cpu", "memory"];
    let all = || each(&spec["containers"]).chain(each(&spec["initContainers"]));
    let asks = |container: &Value| {
        names.iter().any(|name| ["limits", "requests"].iter().any(|kind| !amount(container, kind, name).is_null()))
    };
    let exact = |container: &Value| {
        names.iter().all(|name| {
            let (limit, request) = (amount(container, "limits", name), amount(container, "requests", name));
            !limit.is_null() && (request.is_null() || request == limit)
        })
    };
    let class = match () {
        () if !all().any(asks) => "BestEffort",
        () if all().all(exact) => "Guaranteed",
        () => "Burstable",
    };
    class.to_owned()
}
