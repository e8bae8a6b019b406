//! Gives pods the number behind their priority class. Upstream: plugin/pkg/admission/priority.

use serde_json::{Value, json};

use super::{Attributes, Plugin};
use crate::apimachinery::{Status, meta};
use crate::simulator::ControlPlane;

/// The classes every cluster has; without one the priority is zero.
const CLASSES: &[(&str, i64)] =
    &[("", 0), ("system-cluster-critical", 2_000_000_000), ("system-node-critical", 2_000_001_000)];
const POLICY: &str = "PreemptLowerPriority";

/// `Priority`
pub struct Priority;

impl Plugin for Priority {
    fn name(&self) -> &'static str {
        "Priority"
    }

    fn admit(&self, _plane: &ControlPlane, attributes: &Attributes<'_>, pod: &mut Value) -> Result<(), Status> {
        if !attributes.is_about_pods() {
            return Ok(());
        }
        match (attributes.operation, attributes.old) {
            ("CREATE", _) => compute(attributes, pod),
            ("UPDATE", Some(old)) => {
                let spec = meta::child_mut(pod, "spec");
                for field in ["priority", "preemptionPolicy"] {
                    if let Some(value) = old["spec"].get(field) {
                        spec.entry(field).or_insert_with(|| value.clone());
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

fn compute(attributes: &Attributes<'_>, pod: &mut Value) -> Result<(), Status> {
    let class = pod.pointer("/spec/priorityClassName").and_then(Value::as_str).unwrap_or_default();
    let Some((_, priority)) = CLASSES.iter().find(|(name, _)| *name == class) else {
        return Err(attributes.refuse(pod, &format!("no PriorityClass with name {class} was found")));
    };
    let computed = "must not be provided in pod spec; priority admission controller computed";
    if let Some(given) = pod.pointer("/spec/priority").and_then(Value::as_i64).filter(|given| given != priority) {
        let why =
            format!("the integer value of priority ({given}) {computed} {priority} from the given PriorityClass name");
        return Err(attributes.refuse(pod, &why));
    }
    if let Some(given) = pod.pointer("/spec/preemptionPolicy").and_then(Value::as_str).filter(|given| *given != POLICY)
    {
        let why = format!(
            "the string value of PreemptionPolicy ({given}) {computed} {POLICY} from the given PriorityClass name"
        );
        return Err(attributes.refuse(pod, &why));
    }
    let spec = meta::child_mut(pod, "spec");
    spec.insert("priority".to_owned(), json!(priority));
    spec.insert("preemptionPolicy".to_owned(), json!(POLICY));
    Ok(())
}
