//! `kubectl describe node`. Upstream: describeNode, describeNodeResource.

use std::collections::BTreeSet;

use serde_json::Value;

use super::page::{Page, each, text, time, words};
use super::quantity::Quantity;
use super::related::Want;
use super::{View, events};
use crate::apimachinery::{StatusReason, meta};
use crate::base::Order as _;
use crate::kubectl::errors::Error;
use crate::kubectl::release;

const ROLE_PREFIX: &str = "node-role.kubernetes.io/";

/// Tells of a node, its lease and the pods on it.
pub fn tell(view: &View<'_>) -> Result<Page, Error> {
    let (node, spec, status) = (view.object, &view.object["spec"], &view.object["status"]);
    let mut page = Page::of(node);
    let roles = roles(node).join(",");
    page.field(0, "Roles", if roles.is_empty() { "<none>" } else { &roles });
    page.labels_and_annotations(node);
    page.field(0, "CreationTimestamp", &time(&node["metadata"]["creationTimestamp"]));
    page.list("", "Taints", &taints(spec));
    page.field(0, "Unschedulable", if spec["unschedulable"] == true { "true" } else { "false" });
    lease(&mut page, view);
    conditions(&mut page, status);
    page.line(0, "Addresses:");
    for address in each(&status["addresses"]) {
        page.field(1, text(address, "/type"), text(address, "/address"));
    }
    for (label, field) in [("Capacity", "capacity"), ("Allocatable", "allocatable")] {
        let mut amounts: Vec<(&String, &Value)> = status[field].as_object().into_iter().flatten().collect();
        amounts.order_by_key(|(name, _)| name.as_str());
        if !amounts.is_empty() {
            page.line(0, &format!("{label}:"));
        }
        for (name, amount) in amounts {
            page.field(1, name, amount.as_str().unwrap_or_default());
        }
    }
    system_info(&mut page, view, &status["nodeInfo"]);
    page.field_if(0, "PodCIDR", text(spec, "/podCIDR"));
    page.field_if(0, "PodCIDRs", &words(&spec["podCIDRs"]).join(","));
    page.field_if(0, "ProviderID", text(spec, "/providerID"));
    match view.related.get(Want::PodsOnNode) {
        Some(Err(error)) if !error.is(StatusReason::Forbidden) => return Err(error.clone()),
        Some(Err(_)) | None => page.field(0, "Pods", "not authorized"),
        Some(Ok(_)) => pods(&mut page, view, view.related.items(Want::PodsOnNode).unwrap_or_default()),
    }
    events::show(&mut page, view);
    Ok(page)
}

fn roles(node: &Value) -> Vec<&str> {
    let labels = node["metadata"]["labels"].as_object().into_iter().flatten();
    let roles: BTreeSet<&str> = labels
        .filter_map(|(key, value)| match key.strip_prefix(ROLE_PREFIX) {
            Some(role) => Some(role),
            None if key == "kubernetes.io/role" => value.as_str(),
            None => None,
        })
        .filter(|role| !role.is_empty())
        .collect();
    roles.into_iter().collect()
}

fn taints(spec: &Value) -> Vec<String> {
    let mut taints: Vec<&Value> = each(&spec["taints"]).collect();
    taints.order_by_key(|taint| (text(taint, "/effect"), text(taint, "/key")));
    let told = |taint: &Value| {
        let [key, value, effect] = ["/key", "/value", "/effect"].map(|at| text(taint, at));
        match (value, effect) {
            ("", "") => key.to_owned(),
            (value, "") => format!("{key}={value}:"),
            ("", effect) => format!("{key}:{effect}"),
            (value, effect) => format!("{key}={value}:{effect}"),
        }
    };
    taints.into_iter().map(told).collect()
}

fn lease(page: &mut Page, view: &View<'_>) {
    match view.related.get(Want::Lease) {
        Some(Ok(lease)) => {
            let spec = &lease["spec"];
            let when = |field: &str| if spec[field].is_string() { time(&spec[field]) } else { "<unset>".to_owned() };
            page.line(0, "Lease:");
            page.field(1, "HolderIdentity", spec["holderIdentity"].as_str().unwrap_or("<unset>"));
            page.field(1, "AcquireTime", &when("acquireTime"));
            page.field(1, "RenewTime", &when("renewTime"));
        }
        Some(Err(error)) => {
            let mut why = error.message();
            // A server without the group answers without a `Status`: client-go then says what it asked for.
            if why == "the server could not find the requested resource" {
                let name = view.object["metadata"]["name"].as_str().unwrap_or_default();
                why.push_str(&format!(" (get leases.coordination.k8s.io {name})"));
            }
            page.field(0, "Lease", &format!("Failed to get lease: {why}"));
        }
        None => {}
    }
}

fn conditions(page: &mut Page, status: &Value) {
    let mut conditions = each(&status["conditions"]).peekable();
    if conditions.peek().is_none() {
        return;
    }
    page.line(0, "Conditions:");
    page.head(1, &["Type", "Status", "LastHeartbeatTime", "LastTransitionTime", "Reason", "Message"]);
    for condition in conditions {
        let [kind, status, reason] = ["/type", "/status", "/reason"].map(|at| format!("{} ", text(condition, at)));
        let [heartbeat, transition] =
            ["lastHeartbeatTime", "lastTransitionTime"].map(|field| format!("{} ", time(&condition[field])));
        page.row(1, &[&kind, &status, &heartbeat, &transition, &reason, text(condition, "/message")]);
    }
}

fn system_info(page: &mut Page, view: &View<'_>, info: &Value) {
    page.line(0, "System Info:");
    let fields = [
        ("Machine ID", "/machineID"),
        ("System UUID", "/systemUUID"),
        ("Boot ID", "/bootID"),
        ("Kernel Version", "/kernelVersion"),
        ("OS Image", "/osImage"),
        ("Operating System", "/operatingSystem"),
        ("Architecture", "/architecture"),
        ("Container Runtime Version", "/containerRuntimeVersion"),
        ("Kubelet Version", "/kubeletVersion"),
    ];
    for (label, at) in fields {
        page.field(1, label, text(info, at));
    }
    if view.does(release::DESCRIBE_KUBE_PROXY_VERSION) {
        page.field(1, "Kube-Proxy Version", text(info, "/kubeProxyVersion"));
    }
}

/// What a pod asks for or may use: its containers together, or one init container if that is more.
fn of_pod(pod: &Value, kind: &str, name: &str) -> Quantity {
    let spec = &pod["spec"];
    let amount = |of: &Value| Quantity::parse(of["resources"][kind][name].as_str().unwrap_or_default());
    if spec["resources"][kind][name].is_string() {
        return amount(spec);
    }
    let mut sum = each(&spec["containers"]).map(amount).fold(Quantity::default(), Quantity::plus);
    let (mut sidecars, mut most) = (Quantity::default(), Quantity::default());
    for container in each(&spec["initContainers"]) {
        let now = if text(container, "/restartPolicy") == "Always" {
            sidecars = sidecars.plus(amount(container));
            sidecars
        } else {
            sidecars.plus(amount(container))
        };
        most = most.max(now);
    }
    sum = sum.plus(sidecars).max(most);
    let overhead = Quantity::parse(spec["overhead"][name].as_str().unwrap_or_default());
    if kind == "limits" && sum == Quantity::default() { sum } else { sum.plus(overhead) }
}

fn pods(page: &mut Page, view: &View<'_>, pods: &[Value]) {
    let status = &view.object["status"];
    let has = if status["allocatable"].is_object() { &status["allocatable"] } else { &status["capacity"] };
    let whole = |name: &str| Quantity::parse(has[name].as_str().unwrap_or_default());
    let share = |amount: Quantity, name: &str| format!("{amount} ({}%)", amount.percent_of(whole(name)));
    page.field(0, "Non-terminated Pods", &format!("({} in total)", pods.len()));
    page.head(1, &["Namespace", "Name", "", "CPU Requests", "CPU Limits", "Memory Requests", "Memory Limits", "Age"]);
    let columns = [("cpu", "requests"), ("cpu", "limits"), ("memory", "requests"), ("memory", "limits")];
    for pod in pods {
        let mut cells = vec![meta::namespace(pod).to_owned(), meta::name(pod).to_owned(), String::new()];
        cells.extend(columns.iter().map(|(name, kind)| share(of_pod(pod, kind, name), name)));
        cells.push(view.age_of(meta::created(pod)));
        page.row(1, &cells.iter().map(String::as_str).collect::<Vec<_>>());
    }
    page.line(0, "Allocated resources:");
    page.line(1, "(Total limits may be over 100 percent, i.e., overcommitted.)");
    page.head(1, &["Resource", "Requests", "Limits"]);
    let sum = |kind: &str, name: &str| {
        pods.iter().map(|pod| of_pod(pod, kind, name)).fold(Quantity::default(), Quantity::plus)
    };
    let mut names: Vec<&str> = has.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    names.order();
    let standard = ["cpu", "memory", "ephemeral-storage"];
    let (huge, other): (Vec<&str>, Vec<&str>) = names
        .into_iter()
        .filter(|name| !standard.contains(name) && *name != "pods")
        .partition(|name| name.starts_with("hugepages-"));
    for name in standard.into_iter().chain(huge) {
        page.row(1, &[name, &share(sum("requests", name), name), &share(sum("limits", name), name)]);
    }
    for name in other {
        page.row(1, &[name, &sum("requests", name).to_string(), &sum("limits", name).to_string()]);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::recorded::{seen, view};
    use super::super::related::{Related, Want};
    use crate::apimachinery::Status;

    #[test]
    fn a_node() {
        let node = json!({
            "metadata": {"name": "node-1", "creationTimestamp": "2026-11-23T18:00:00Z",
                "labels": {"node-role.kubernetes.io/control-plane": "", "kubernetes.io/os": "linux"}},
            "spec": {"podCIDR": "10.244.0.0/24", "podCIDRs": ["10.244.0.0/24"],
                "taints": [{"key": "k", "effect": "NoSchedule"}]},
            "status": {"capacity": {"cpu": "2", "memory": "4Gi", "pods": "110"},
                "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "kubelet is posting ready status",
                    "lastHeartbeatTime": "2026-11-23T19:00:00Z", "lastTransitionTime": "2026-11-23T18:00:00Z"}],
                "addresses": [{"type": "InternalIP", "address": "10.88.0.2"}],
                "nodeInfo": {"kubeletVersion": "v1.36.3"}},
        });
        let pod = json!({"metadata": {"name": "web", "namespace": "default", "creationTimestamp": "2026-11-23T19:59:52Z"},
            "spec": {"containers": [{"resources": {"requests": {"cpu": "500m", "memory": "1Gi"}}}]}});
        let want = "\
Name:               node-1
Roles:              control-plane
Labels:             kubernetes.io/os=linux
                    node-role.kubernetes.io/control-plane=
Annotations:        <none>
CreationTimestamp:  Mon, 23 Nov 2026 18:00:00 +0000
Taints:             k:NoSchedule
Unschedulable:      false
Lease:              Failed to get lease: leases.coordination.k8s.io \"node-1\" not found
Conditions:
  Type    Status  LastHeartbeatTime                 LastTransitionTime                Reason         Message
  ----    ------  -----------------                 ------------------                ------         -------
  Ready   True    Mon, 23 Nov 2026 19:00:00 +0000   Mon, 23 Nov 2026 18:00:00 +0000   KubeletReady   kubelet is posting ready status
Addresses:
  InternalIP:  10.88.0.2
Capacity:
  cpu:     2
  memory:  4Gi
  pods:    110
System Info:
  Machine ID:                 
  System UUID:                
  Boot ID:                    
  Kernel Version:             
  OS Image:                   
  Operating System:           
  Architecture:               
  Container Runtime Version:  
  Kubelet Version:            v1.36.3
PodCIDR:                      10.244.0.0/24
PodCIDRs:                     10.244.0.0/24
Non-terminated Pods:          (1 in total)
  Namespace                   Name    CPU Requests  CPU Limits  Memory Requests  Memory Limits  Age
  ---------                   ----    ------------  ----------  ---------------  -------------  ---
  default                     web     500m (25%)    0 (0%)      1Gi (25%)        0 (0%)         8s
Allocated resources:
  (Total limits may be over 100 percent, i.e., overcommitted.)
  Resource           Requests    Limits
  --------           --------    ------
  cpu                500m (25%)  0 (0%)
  memory             1Gi (25%)   0 (0%)
  ephemeral-storage  0 (0%)      0 (0%)
Events:              <none>
";
        let mut view = view(&node, 36);
        view.related = Related(vec![
            (Want::Lease, Err(Status::not_found("coordination.k8s.io", "leases", "node-1").into())),
            (Want::PodsOnNode, Ok(json!({ "items": [pod] }))),
        ]);
        assert_eq!(seen("", "Node", &view), want);
    }
}
