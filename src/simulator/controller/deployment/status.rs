//! What a deployment says of itself. Upstream: pkg/controller/deployment/{sync,progress}.go.

use jiff::{SignedDuration, Timestamp};

use super::*;

/// The conditions as stored.
pub(super) fn conditions(deployment: &Value) -> Vec<Value> {
    deployment["status"]["conditions"].as_array().cloned().unwrap_or_default()
}

/// Whether, by its status, all pods are of the present template and available, and no others are left.
pub(super) fn is_complete(deployment: &Value) -> bool {
    let wanted = replicas(deployment);
    count(deployment, "updatedReplicas") == wanted
        && count(deployment, "replicas") == wanted
        && count(deployment, "availableReplicas") == wanted
        && deployment["status"]["observedGeneration"] == deployment["metadata"]["generation"]
}

fn counts(turn: &Turn<'_>) -> Value {
    let sum = |field: &str| turn.sets.iter().map(|set| count(set, field)).sum::<i64>();
    let all = sum("replicas");
    let available = sum("availableReplicas");
    let unavailable = (replicas(&turn.deployment).max(all) - available).max(0);
    let updated = turn.new.map_or(0, |index| count(&turn.sets[index], "replicas"));
    let mut status = json!({"observedGeneration": turn.deployment["metadata"]["generation"]});
    for (field, number) in [
        ("replicas", all),
        ("updatedReplicas", updated),
        ("readyReplicas", sum("readyReplicas")),
        ("availableReplicas", available),
        ("unavailableReplicas", unavailable),
    ] {
        if number > 0 {
            status[field] = number.into();
        }
    }
    if release::TERMINATING_REPLICAS.holds(turn.context.settings.release) {
        status["terminatingReplicas"] = sum("terminatingReplicas").into();
    }
    if let Some(collisions) = turn.deployment["status"].get("collisionCount") {
        status["collisionCount"] = collisions.clone();
    }
    status
}

impl Turn<'_> {
    /// Writes the status if it changed; gives when the rollout would be late.
    pub(super) async fn write_status(mut self) -> Answer<Again> {
        let before = self.deployment["status"].clone();
        let mut status = counts(&self);
        self.deployment["status"] = status.clone();
        self.judge_availability();
        self.judge_progress(&before);
        self.pass_on_failures();
        if !self.conditions.is_empty() {
            status["conditions"] = Value::Array(self.conditions.clone());
        }
        let again = self.late_at();
        if status != before {
            self.deployment["status"] = status;
            self.context.api.update(DEPLOYMENTS, &self.deployment, "status").await?;
        }
        Ok(again)
    }

    fn judge_availability(&mut self) {
        let (_, unavailable) = surge_and_unavailable(&self.deployment);
        let enough = count(&self.deployment, "availableReplicas") >= replicas(&self.deployment) - unavailable;
        let (status, reason, message) = match enough {
            true => ("True", "MinimumReplicasAvailable", "Deployment has minimum availability."),
            false => ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability."),
        };
        let now = self.context.now();
        pods::set_condition(
            &mut self.conditions,
            json!({"type": "Available", "status": status, "lastUpdateTime": now, "lastTransitionTime": now,
                "reason": reason, "message": message}),
        );
    }

    fn progressing(&self) -> Option<&Value> {
        self.conditions.iter().find(|condition| condition["type"] == "Progressing")
    }

    fn subject(&self) -> String {
        match self.new {
            Some(index) => format!("ReplicaSet {:?}", meta::name(&self.sets[index])),
            None => format!("Deployment {:?}", meta::name(&self.deployment)),
        }
    }

    fn judge_progress(&mut self, before: &Value) {
        if self.deployment["spec"]["paused"] == true {
            self.progress("Unknown", "DeploymentPaused", "Deployment is paused");
            return;
        }
        let reason = self.progressing().map(|condition| condition["reason"].clone()).unwrap_or_default();
        if reason == "DeploymentPaused" {
            self.progress("Unknown", "DeploymentResumed", "Deployment is resumed");
        }
        let subject = self.subject();
        let more = |field: &str| count(&self.deployment, field) > before[field].as_i64().unwrap_or(0);
        let old =
            |status: &Value| status["replicas"].as_i64().unwrap_or(0) - status["updatedReplicas"].as_i64().unwrap_or(0);
        let moved = more("updatedReplicas")
            || more("readyReplicas")
            || more("availableReplicas")
            || old(&self.deployment["status"]) < old(before);
        let done = is_complete(&self.deployment);
        if done && reason == "NewReplicaSetAvailable" {
            return;
        }
        if done {
            self.progress("True", "NewReplicaSetAvailable", &format!("{subject} has successfully progressed."));
        } else if moved {
            // The time of the last move counts, so an equal condition is renewed.
            self.conditions.retain_mut(|condition| {
                if condition["type"] == "Progressing" && condition["reason"] == "ReplicaSetUpdated" {
                    condition["reason"] = Value::Null;
                }
                true
            });
            self.progress("True", "ReplicaSetUpdated", &format!("{subject} is progressing."));
        } else if self.late_at().is_some_and(|at| at <= self.context.settings.clock.now()) {
            self.progress("False", "ProgressDeadlineExceeded", &format!("{subject} has timed out progressing."));
        }
    }

    /// A set that cannot make its pods says why; so does its deployment.
    fn pass_on_failures(&mut self) {
        let failure = self.new.iter().map(|index| &self.sets[*index]).chain(&self.sets).find_map(|set| {
            set["status"]["conditions"].as_array()?.iter().find(|condition| condition["type"] == "ReplicaFailure")
        });
        match failure.cloned() {
            Some(mut failure) => {
                failure["lastUpdateTime"] = failure["lastTransitionTime"].clone();
                pods::set_condition(&mut self.conditions, failure);
            }
            None => self.conditions.retain(|condition| condition["type"] != "ReplicaFailure"),
        }
    }

    /// When a rollout that does not move counts as late.
    fn late_at(&self) -> Again {
        let condition = self.progressing()?;
        if matches!(
            condition["reason"].as_str(),
            Some("NewReplicaSetAvailable" | "ProgressDeadlineExceeded" | "DeploymentPaused")
        ) {
            return None;
        }
        let limit = self.deployment["spec"]["progressDeadlineSeconds"].as_i64()?;
        let since: Timestamp = condition["lastUpdateTime"].as_str()?.parse().ok()?;
        since.checked_add(SignedDuration::from_secs(limit)).ok()
    }
}
