//! One session on several releases: which lines are marked as different, and by what they were made so.

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use sa_tutor::apimachinery::Release;
use sa_tutor::app::replay::{Script, replay};
use sa_tutor::cluster::ISSUER;
use sa_tutor::course::{self, Lesson};
use sa_tutor::simulator::serviceaccount::Issuer;
use sa_tutor::tui::pane::releases::Replayed;
use sa_tutor::tui::pane::releases::compare::{Block, Comparison, compare};

static KEY: LazyLock<Arc<Issuer>> = LazyLock::new(|| Arc::new(Issuer::new(ISSUER)));

fn lesson(id: &str) -> Lesson {
    let (lessons, _) = course::load(&course::embedded());
    lessons.into_iter().find(|lesson| lesson.id == id).expect("a lesson of ours")
}

async fn on(releases: &[u8], lesson: Lesson, step: usize, lines: &[&str]) -> Vec<Replayed> {
    let at: Timestamp = "2026-11-23T10:42:07Z".parse().expect("a time");
    let script = Arc::new(Script::of_lines(lesson, step, at, lines, Arc::clone(&KEY)));
    let runs = releases.iter().map(|minor| {
        let (script, release) = (Arc::clone(&script), Release::minor(*minor));
        tokio::spawn(async move { replay(&script, 1, release).await })
    });
    let mut answers = Vec::new();
    for run in runs.collect::<Vec<_>>() {
        answers.push(run.await.expect("no panic"));
    }
    answers
}

fn show(block: &Block) -> String {
    let mut out = format!("{}\n", block.command);
    for row in &block.rows {
        let sign = if row.differs { "≠" } else { "=" };
        let cells: Vec<&str> =
            row.cells.iter().map(|cell| cell.as_ref().map_or("-", |line| line.text.as_str())).collect();
        let by: Vec<&str> = row.made_by.iter().map(|change| change.name).collect();
        out.push_str(&format!(
            "{sign} {}{} {by:?}\n",
            row.about.as_deref().map(|a| format!("{a}  ")).unwrap_or_default(),
            cells.join(" | ")
        ));
    }
    out
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn explore() {
    let began = std::time::Instant::now();
    let answers = on(
        &[20, 24, 36],
        lesson("inspect-the-mount"),
        0,
        &[
            "kubectl create sa dashboard-sa",
            "kubectl get sa",
            "kubectl describe sa dashboard-sa",
            "kubectl get secrets",
            "kubectl apply -f pod.yaml",
            "kubectl get pods",
            "kubectl describe pod my-kubernetes-dashboard",
            "kubectl get pod my-kubernetes-dashboard -o yaml",
            "kubectl exec my-kubernetes-dashboard -- cat /var/run/secrets/kubernetes.io/serviceaccount/token",
            "kubectl create token dashboard-sa",
            "kubectl auth whoami",
            "kubectl get cm kube-root-ca.crt -o yaml",
            "kubectl logs my-kubernetes-dashboard",
            "kubectl delete sa dashboard-sa",
            "sleep 5",
        ],
    )
    .await;
    println!("{:?}", began.elapsed());
    let answers: Vec<&Replayed> = answers.iter().collect();
    for answer in &answers {
        println!("{:?}", answer.trouble);
    }
    let Comparison { blocks, .. } = compare(&answers);
    for block in &blocks {
        println!("{}", show(block));
    }
}
