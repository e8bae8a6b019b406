//! The table of pods. Upstream: printPod in pkg/printers/internalversion/printers.go.

use serde_json::Value;

use super::super::common::{age, list, name, number, or_none, since, text};
use crate::apimachinery::table::Column;
use crate::apimachinery::{Release, meta};
use crate::simulator::{ControlPlane, release};

/// The columns of pods.
pub fn columns(release: Release) -> Vec<Column> {
    let text = |name, description| Column::new(name, "string", description);
    let restarts = if release::POD_RESTARTS_WITH_AGE.holds(release) {
        text(
            "Restarts",
            "The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.",
        )
    } else {
        Column::new("Restarts", "integer", "The number of times the containers in this pod have been restarted.")
    };
    vec![
        Column::name(),
        text("Ready", "The aggregate readiness state of this pod for accepting traffic."),
        text("Status", "The aggregate status of the containers in this pod."),
        restarts,
        Column::age(),
        text("IP", "podIP address allocated to the pod. Routable at least within the cluster. Empty if not yet allocated.").wide(),
        text("Node", "NodeName indicates in which node this pod is scheduled. If empty, this pod is a candidate for scheduling by the scheduler defined in schedulerName. Once this field is set, the kubelet for this node becomes responsible for the lifecycle of this pod. This field should not be used to express a desire for the pod to be scheduled on a specific node. https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#nodename").wide(),
        text("Nominated Node", "nominatedNodeName is set only when this pod preempts other pods on the node, but it cannot be scheduled right away as preemption victims receive their graceful termination periods. This field does not guarantee that the pod will be scheduled on this node. Scheduler may decide to place the pod elsewhere if other nodes become available sooner. Scheduler may also decide to give the resources on this node to a higher priority pod that is created after preemption. As a result, this field may be different than PodSpec.nodeName when the pod is scheduled.").wide(),
        text("Readiness Gates", "If specified, all readiness gates will be evaluated for pod readiness. A pod is ready when all its containers are ready AND all conditions specified in the readiness gates have status equal to \"True\" More info: https://git.k8s.io/enhancements/keps/sig-network/580-pod-readiness-gates").wide(),
    ]
}

/// The row of one pod.
pub fn cells(plane: &ControlPlane, pod: &Value) -> Vec<Value> {
    let Summary { ready, total, reason, restarts, last_restart } = summary(plane, pod);
    let restarts = match last_restart {
        _ if !plane.does(release::POD_RESTARTS_WITH_AGE) => restarts.into(),
        Some(at) if restarts > 0 => format!("{restarts} ({} ago)", since(plane, at)).into(),
        _ => restarts.to_string().into(),
    };
    let gates = list(pod, "/spec/readinessGates");
    let passed = gates.iter().filter(|gate| condition(pod, text(gate, "/conditionType"))).count();
    let gates = if gates.is_empty() { String::new() } else { format!("{passed}/{}", gates.len()) };
    vec![
        name(pod),
        format!("{ready}/{total}").into(),
        reason.into(),
        restarts,
        age(plane, pod),
        or_none(text(pod, "/status/podIP")),
        or_none(text(pod, "/spec/nodeName")),
        or_none(text(pod, "/status/nominatedNodeName")),
        or_none(&gates),
    ]
}

struct Summary<'p> {
    ready: usize,
    total: usize,
    reason: String,
    restarts: i64,
    last_restart: Option<&'p str>,
}

fn condition(pod: &Value, kind: &str) -> bool {
    list(pod, "/status/conditions").iter().any(|condition| condition["type"] == kind && condition["status"] == "True")
}

/// Why a container ended: its reason, else its signal or exit code.
fn ending(terminated: &Value) -> String {
    match (text(terminated, "/reason"), number(terminated, "/signal")) {
        ("", 0) => format!("ExitCode:{}", number(terminated, "/exitCode")),
        ("", signal) => format!("Signal:{signal}"),
        (reason, _) => reason.to_owned(),
    }
}

fn summary<'p>(plane: &ControlPlane, pod: &'p Value) -> Summary<'p> {
    let phase = text(pod, "/status/phase");
    let inits = list(pod, "/spec/initContainers");
    let sidecar = |name: &str| inits.iter().any(|init| init["name"] == name && init["restartPolicy"] == "Always");
    let (mut ready, mut restarts, mut sidecar_restarts) = (0, 0, 0);
    let mut last_restart: Option<&str> = None;
    // Times in RFC 3339 and UTC compare as texts.
    let mut seen = |container: &'p Value| {
        let at = text(container, "/lastState/terminated/finishedAt");
        if !at.is_empty() && last_restart.is_none_or(|last| last < at) {
            last_restart = Some(at);
        }
    };
    let mut reason = match text(pod, "/status/reason") {
        "" => phase.to_owned(),
        reason => reason.to_owned(),
    };
    let gated = list(pod, "/status/conditions")
        .iter()
        .any(|condition| condition["type"] == "PodScheduled" && condition["reason"] == "SchedulingGated");
    if gated {
        "SchedulingGated".clone_into(&mut reason);
    }
    let mut initializing = false;
    for (index, container) in list(pod, "/status/initContainerStatuses").iter().enumerate() {
        let is_sidecar = sidecar(text(container, "/name"));
        restarts += number(container, "/restartCount");
        sidecar_restarts += if is_sidecar { number(container, "/restartCount") } else { 0 };
        seen(container);
        let terminated = container.pointer("/state/terminated");
        let waiting = text(container, "/state/waiting/reason");
        if terminated.is_some_and(|state| number(state, "/exitCode") == 0) {
            continue;
        }
        if is_sidecar && container["started"] == true {
            ready += usize::from(container["ready"] == true);
            continue;
        }
        reason = match (terminated, waiting) {
            (Some(state), _) => format!("Init:{}", ending(state)),
            (None, "" | "PodInitializing") => format!("Init:{index}/{}", inits.len()),
            (None, waiting) => format!("Init:{waiting}"),
        };
        initializing = true;
        break;
    }
    if !initializing || condition(pod, "Initialized") {
        restarts = sidecar_restarts;
        let mut running = false;
        for container in list(pod, "/status/containerStatuses").iter().rev() {
            restarts += number(container, "/restartCount");
            seen(container);
            match (text(container, "/state/waiting/reason"), container.pointer("/state/terminated")) {
                ("", Some(state)) => reason = ending(state),
                ("", None) if container["ready"] == true && container.pointer("/state/running").is_some() => {
                    running = true;
                    ready += 1;
                }
                ("", None) => {}
                (waiting, _) => waiting.clone_into(&mut reason),
            }
        }
        if reason == "Completed" && running {
            let word = if condition(pod, "Ready") { "Running" } else { "NotReady" };
            word.clone_into(&mut reason);
        }
    }
    if meta::deleting_since(pod).is_some() {
        let over = matches!(phase, "Succeeded" | "Failed") && plane.does(release::POD_FINISHED_IS_NOT_TERMINATING);
        if text(pod, "/status/reason") == "NodeLost" {
            "Unknown".clone_into(&mut reason);
        } else if !over {
            "Terminating".clone_into(&mut reason);
        }
    }
    let sidecars = inits.iter().filter(|init| init["restartPolicy"] == "Always").count();
    let total = list(pod, "/spec/containers").len() + sidecars;
    Summary { ready, total, reason, restarts, last_restart }
}
