//! What a pod's status says. Upstream: pkg/kubelet/status and kubelet_pods.go.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::apimachinery::{Release, meta};
use crate::simulator::release;

use super::images;

/// The node's address.
pub const HOST_IP: &str = "10.88.0.2";

/// How a container that ended did so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Its exit code.
    pub code: i32,
    /// `Completed`, `Error`, `StartError`
    pub reason: String,
    /// More, if there is more.
    pub message: String,
    /// When it was started.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub finished: Timestamp,
    /// Its id.
    pub id: String,
}

/// What a container does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It is not running yet, or not again.
    Waiting {
        /// One word.
        reason: String,
        /// A sentence, maybe empty.
        message: String,
    },
    /// It runs.
    Running {
        /// Since when.
        started: Timestamp,
    },
    /// It ran.
    Ended(Ended),
}

/// What is known of one container.
#[derive(Clone, Debug)]
pub struct Seen {
    /// What it does.
    pub state: State,
    /// How it ended the last time.
    pub last: Option<Ended>,
    /// How often it was started again.
    pub restarts: u32,
    /// Its id; empty before it was made.
    pub id: String,
    /// The image it runs, with tag; empty before it was pulled.
    pub image: String,
    /// The image with its digest.
    pub image_id: String,
}

impl State {
    /// Whether the container runs.
    pub fn is_running(&self) -> bool {
        matches!(self, Self::Running { .. })
    }

    fn to_value(&self) -> Value {
        match self {
            Self::Waiting { reason, message } if message.is_empty() => json!({"waiting": {"reason": reason}}),
            Self::Waiting { reason, message } => json!({"waiting": {"message": message, "reason": reason}}),
            Self::Running { started } => json!({"running": {"startedAt": meta::time(*started)}}),
            Self::Ended(ended) => json!({"terminated": ended.to_value()}),
        }
    }
}

impl Ended {
    fn to_value(&self) -> Value {
        let mut value = json!({
            "containerID": self.id, "exitCode": self.code, "finishedAt": meta::time(self.finished),
            "reason": self.reason, "startedAt": self.started.map(meta::time),
        });
        if !self.message.is_empty() {
            value["message"] = self.message.as_str().into();
        }
        value
    }
}

/// One entry of `containerStatuses`.
pub fn container(spec: &Value, seen: &Seen, is_init: bool, release: Release) -> Value {
    let running = seen.state.is_running();
    let done = matches!(&seen.state, State::Ended(ended) if ended.code == 0);
    let image = match seen.image.as_str() {
        "" => spec["image"].as_str().unwrap_or_default(),
        full if release::SHORT_IMAGE_NAMES.holds(release) => images::short_name(full),
        full => full,
    };
    let mut status = json!({
        "name": spec["name"],
        "state": seen.state.to_value(),
        "lastState": seen.last.as_ref().map_or_else(|| json!({}), |last| json!({"terminated": last.to_value()})),
        "ready": if is_init { done } else { running },
        "restartCount": seen.restarts,
        "image": image,
        "imageID": seen.image_id,
    });
    if !seen.id.is_empty() {
        status["containerID"] = seen.id.as_str().into();
    }
    status["started"] = running.into();
    if release::CONTAINER_STATUS_RESOURCES.holds(release) && running {
        status["resources"] = spec["resources"].as_object().map_or_else(|| json!({}), |map| json!(map));
        if let Some(requests) = spec["resources"].get("requests") {
            status["allocatedResources"] = requests.clone();
        }
    }
    if release::CONTAINER_STATUS_MOUNTS.holds(release) {
        let mounts = spec["volumeMounts"].as_array().into_iter().flatten().map(|mount| {
            let mut shown = json!({"mountPath": mount["mountPath"], "name": mount["name"]});
            if mount["readOnly"] == true {
                shown["readOnly"] = true.into();
                shown["recursiveReadOnly"] = "Disabled".into();
            }
            shown
        });
        let mounts: Vec<Value> = mounts.collect();
        if !mounts.is_empty() {
            status["volumeMounts"] = mounts.into();
        }
    }
    status
}

/// Where a pod stands, by its containers.
pub fn phase(policy: &str, containers: &[&State], init: &[&State]) -> &'static str {
    let failed = |state: &&&State| matches!(state, State::Ended(ended) if ended.code != 0);
    if policy == "Never" && init.iter().any(|state| failed(&state)) {
        return "Failed";
    }
    if init.iter().any(|state| !matches!(state, State::Ended(ended) if ended.code == 0)) {
        return "Pending";
    }
    let ended = containers.iter().filter(|state| matches!(state, State::Ended(_))).count();
    if ended == containers.len() && policy != "Always" {
        if !containers.iter().any(|state| failed(&state)) {
            return "Succeeded";
        }
        if policy == "Never" {
            return "Failed";
        }
    }
    let began = |state: &&State| match state {
        State::Waiting { reason, .. } => reason == "CrashLoopBackOff",
        _ => true,
    };
    if containers.iter().all(began) { "Running" } else { "Pending" }
}

/// What the conditions are made of.
pub struct Facts {
    /// The pod's phase.
    pub phase: &'static str,
    /// Whether volumes and network are there.
    pub sandbox: bool,
    /// Init containers that are not done.
    pub uninitialized: Vec<String>,
    /// Containers that are not ready.
    pub unready: Vec<String>,
    /// The present moment.
    pub now: Timestamp,
}

/// The pod's conditions, in the order of its release; times are kept where nothing turned.
pub fn conditions(pod: &Value, facts: &Facts, release: Release) -> Vec<Value> {
    let generation = &pod["metadata"]["generation"];
    let old = pod["status"]["conditions"].as_array().cloned().unwrap_or_default();
    let names = |names: &[String]| names.join(" ");
    let ended = matches!(facts.phase, "Succeeded" | "Failed");
    let initialized = match (facts.phase, facts.uninitialized.is_empty()) {
        ("Succeeded", _) => (true, "PodCompleted", String::new()),
        (_, true) => (true, "", String::new()),
        (_, false) => (
            false,
            "ContainersNotInitialized",
            format!("containers with incomplete status: [{}]", names(&facts.uninitialized)),
        ),
    };
    let ready = match facts.phase {
        "Succeeded" => (false, "PodCompleted", String::new()),
        "Failed" => (false, "PodFailed", String::new()),
        _ if facts.unready.is_empty() => (true, "", String::new()),
        _ => (false, "ContainersNotReady", format!("containers with unready status: [{}]", names(&facts.unready))),
    };
    let mut rows = vec![
        ("Initialized", initialized),
        ("Ready", ready.clone()),
        ("ContainersReady", ready),
        ("PodScheduled", (true, "", String::new())),
    ];
    if release::HOST_IPS.holds(release) {
        rows.insert(0, ("PodReadyToStartContainers", (facts.sandbox && !ended, "", String::new())));
    }
    rows.into_iter()
        .map(|(kind, (holds, reason, message))| {
            let status = if holds { "True" } else { "False" };
            let before = old.iter().find(|condition| condition["type"] == kind && condition["status"] == status);
            let since = before.map_or_else(|| meta::time(facts.now).into(), |old| old["lastTransitionTime"].clone());
            let mut condition =
                json!({"type": kind, "status": status, "lastProbeTime": null, "lastTransitionTime": since});
            if !reason.is_empty() {
                condition["reason"] = reason.into();
            }
            if !message.is_empty() {
                condition["message"] = message.into();
            }
            if release::POD_OBSERVED_GENERATION.holds(release) && !generation.is_null() {
                condition["observedGeneration"] = generation.clone();
            }
            condition
        })
        .collect()
}

/// How well a pod is served when resources run short. Upstream: pkg/apis/core/v1/helper/qos.
pub fn qos_class(pod: &Value) -> &'static str {
    let mut any = false;
    let mut all = true;
    for container in ["containers", "initContainers"].iter().flat_map(|list| pod["spec"][list].as_array()).flatten() {
        let resources = &container["resources"];
        for name in ["cpu", "memory"] {
            let (request, limit) = (&resources["requests"][name], &resources["limits"][name]);
            any |= !request.is_null() || !limit.is_null();
            all &= !limit.is_null() && (request.is_null() || request == limit);
        }
    }
    match (any, all) {
        (false, _) => "BestEffort",
        (true, true) => "Guaranteed",
        (true, false) => "Burstable",
    }
}

#[cfg(test)]
mod tests {
    use super::{Ended, State, phase};
    use jiff::Timestamp;

    #[test]
    fn phases() {
        let at = Timestamp::UNIX_EPOCH;
        let running = State::Running { started: at };
        let waiting = State::Waiting { reason: "ContainerCreating".to_owned(), message: String::new() };
        let ended = |code| {
            State::Ended(Ended {
                code,
                reason: String::new(),
                message: String::new(),
                started: None,
                finished: at,
                id: String::new(),
            })
        };
        for (policy, state, want) in [
            ("Always", &running, "Running"),
            ("Always", &waiting, "Pending"),
            ("Always", &ended(0), "Running"),
            ("Never", &ended(0), "Succeeded"),
            ("Never", &ended(1), "Failed"),
            ("OnFailure", &ended(1), "Running"),
        ] {
            assert_eq!(phase(policy, &[state], &[]), want, "{policy} {state:?}");
        }
        assert_eq!(phase("Always", &[&waiting], &[&running]), "Pending");
        assert_eq!(phase("Never", &[&waiting], &[&ended(2)]), "Failed");
    }
}
