//! Proofs of a lesson that is right, and of what is told of one that is not.

use super::*;
use crate::base::{Clock, Ids};
use crate::cluster::{Cluster, Workbench};
use crate::course::embedded;
use futures::FutureExt;

fn fresh() -> Box<Fresh> {
    let bench = Workbench::new(Clock::system(), Ids::seeded(1));
    Box::new(move |release| {
        let bench = bench.clone();
        async move {
            let cluster = Cluster::simulated(&bench, release).map_err(|error| error.to_string())?;
            cluster.ready().await;
            Ok(Ground::from(cluster))
        }
        .boxed()
    })
}

fn told(proof: &Proof) -> String {
    proof.faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// The first; `sa-tutor lessons check` proves all of them, on every release.
#[tokio::test(flavor = "multi_thread")]
async fn an_embedded_lesson_is_proved() {
    let sources = embedded();
    let lesson = super::super::load::parse(&sources[0]).unwrap();
    let proof = verify(&sources[..1], &lesson.releases[..1], &*fresh()).await;
    assert!(proof.faults.is_empty(), "{}", told(&proof));
    assert!(proof.steps >= lesson.steps.len(), "{proof:?}");
}

const LESSON: &str = r#"id: a-lesson
title: A lesson
minutes: 5
releases: ["1.36"]
start: [kubectl create sa before]
steps:
  - id: one
    text: Text.
    task: Make `x`.
    suggest: kubectl create sa x
    checks:
      - say: x exists
        object: {kind: ServiceAccount, name: x}
    wrong:
      - when: {object: {kind: ServiceAccount, name: y}}
        say: That is another name.
    hints: [kubectl create sa x]
    debrief: It is made.
summary: [Something.]
solutions:
  - one: [kubectl create serviceaccount x]
mistakes:
  - {step: one, do: [kubectl create sa y], hears: another name}
"#;

#[tokio::test(flavor = "multi_thread")]
async fn an_unproved_lesson_is_told_where() {
    let rows = [
        ("title", "title", ""),
        ("name: x}", "name: before}", "11:5: on 1.36: step `one` is solved before anything is done"),
        (
            "  - one: [kubectl create serviceaccount x]",
            "  - one: [kubectl get sa]",
            "12:9: on 1.36: `x exists` is not so",
        ),
        ("do: [kubectl create sa y]", "do: [kubectl get sa]", "23:39: on 1.36: the learner hears nothing"),
        (
            "do: [kubectl create sa y]",
            "do: [kubectl create sa y, kubectl create sa x]",
            "23:5: on 1.36: the mistake solves",
        ),
        ("sa before", "sa BEFORE", "5:9: on 1.36: `kubectl create sa BEFORE` fails"),
    ];
    let fresh = fresh();
    for (from, to, want) in rows {
        assert!(LESSON.contains(from), "{from}");
        let source = Source { file: "a-lesson.yaml".to_owned(), text: LESSON.replacen(from, to, 1) };
        let proof = verify_within(Duration::from_millis(500), &[source], &[], &*fresh).await;
        let told = told(&proof);
        match want {
            "" => assert_eq!((told.as_str(), proof.runs, proof.steps), ("", 3, 2)),
            want => assert!(told.starts_with(&format!("a-lesson.yaml:{want}")), "wanted {want}, got {told}"),
        }
    }
}
