//! What a step works with and may lose: a pod that was deleted, say. Then it cannot be solved any more.

use super::check::{Evidence, holds, objects};
use super::model::{ObjectTest, Step, Test};
use super::words;
use crate::apimachinery::meta;

/// What the step works with and what is gone: with it the step cannot be solved any more, unless it is made again.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Needs(Vec<ObjectTest>);

/// The kinds a step may lean on.
const LEANS_ON: &[&str] = &["Pod", "Deployment", "ServiceAccount", "Secret", "Role", "RoleBinding"];

impl Needs {
    /// What is there when the step begins and its solution names without taking it away.
    pub async fn of(step: &Step, evidence: &Evidence) -> Self {
        let lines = step.solution();
        let mut needs = Vec::new();
        for kind in LEANS_ON {
            let all = ObjectTest { kind: (*kind).to_owned(), ..ObjectTest::default() };
            for object in objects(&all, evidence).await.unwrap_or_default() {
                let name = meta::name(&object);
                let is_named = |line: &String| words::says(line, name);
                let goes = lines.iter().any(|line| words::says(line, &format!("kubectl delete {name}")));
                // A file may bring it along.
                let comes = lines.iter().any(|line| words::says(line, "kubectl apply|create"));
                if name != "default" && !goes && !comes && lines.iter().any(is_named) {
                    needs.push(ObjectTest { name: Some(name.to_owned()), ..all.clone() });
                }
            }
        }
        Self(needs)
    }

    /// What to say when something of it is gone.
    pub async fn gone(&self, evidence: &Evidence) -> Option<String> {
        for need in &self.0 {
            if let Ok(false) = holds(&Test::Object(need.clone()), evidence, &[]).await {
                let (kind, name) = (&need.kind, need.name.as_deref().unwrap_or_default());
                return Some(format!(
                    "{kind} `{name}` is gone, and this step works with it. Make it again, or press F8: that puts the step back to its start."
                ));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::Needs;
    use crate::course::Evidence;
    use crate::course::check::tests::cluster;
    use crate::course::near::tests::{evidence, step};

    #[tokio::test]
    async fn what_a_step_works_with_is_missed() {
        for (solution, missed) in [
            ("kubectl exec web -- ls", true),
            ("kubectl delete pod web", false),
            ("kubectl apply -f pod.yaml", false),
            ("kubectl get sa", false),
        ] {
            let step = step("ran: {command: kubectl}", solution);
            let needs = Needs::of(&step, &evidence("", 0, "")).await;
            assert_eq!(needs.gone(&evidence("", 0, "")).await, None);
            let (client, _) = cluster(&[]);
            let empty = Evidence { client, ..evidence("", 0, "") };
            let said = needs.gone(&empty).await;
            assert_eq!(
                said.is_some_and(|said| said.contains("Pod `web` is gone") && said.contains("F8")),
                missed,
                "{solution}"
            );
        }
    }
}
