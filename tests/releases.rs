//! One session on several releases: which lines are marked as different, and by what they were made so.

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use sa_tutor::apimachinery::Release;
use sa_tutor::app::replay::{Script, replay};
use sa_tutor::cluster::ISSUER;
use sa_tutor::course::{self, Lesson};
use sa_tutor::simulator::serviceaccount::Issuer;
use sa_tutor::tui::pane::releases::Replayed;
use sa_tutor::tui::pane::releases::compare::{Block, Row, compare};

static KEY: LazyLock<Arc<Issuer>> = LazyLock::new(|| Arc::new(Issuer::new(ISSUER)));

fn lesson(id: &str) -> Lesson {
    let (lessons, _) = course::load(&course::embedded());
    lessons.into_iter().find(|lesson| lesson.id == id).expect("a lesson of ours")
}

async fn on(releases: &[u8], lesson: Lesson, step: usize, lines: &[&str]) -> Vec<Replayed> {
    let at: Timestamp = "2026-11-23T10:42:07Z".parse().expect("a time");
    let script = Arc::new(Script::of_lines(lesson, step, at, lines, Arc::clone(&KEY)));
    let run = |minor: &u8| {
        let (script, release) = (Arc::clone(&script), Release::minor(*minor));
        tokio::spawn(async move { replay(&script, 1, release).await })
    };
    let mut answers = Vec::new();
    for run in releases.iter().map(run).collect::<Vec<_>>() {
        answers.push(run.await.expect("no panic"));
    }
    answers
}

/// The rows of a block, for who has to find out what went wrong.
fn shown(block: &Block) -> String {
    let row = |row: &Row| {
        let cell = |at: usize| row.cells[at].as_ref().map_or("-", |line| line.text.as_str());
        let cells: Vec<&str> = (0..row.cells.len()).map(cell).collect();
        let by: Vec<String> = row.made_by.iter().map(|change| format!("{} {}", change.name, change.since)).collect();
        format!(
            "{} {} {} {by:?}",
            if row.differs { '≠' } else { '=' },
            row.about.as_deref().unwrap_or(""),
            cells.join(" | ")
        )
    };
    let rows: Vec<String> = block.rows.iter().map(row).collect();
    format!("{}\n{}", block.command, rows.join("\n"))
}

/// What is found of a row: a part of one release's line, and what made the difference.
type Found = (&'static str, &'static [&'static str]);

/// Commands, and the rows that differ on 1.20, 1.24 and 1.36: all of them, in order.
const COMMANDS: &[(&str, &[Found])] = &[
    ("kubectl create sa builder", &[]),
    (
        "kubectl get sa",
        &[
            ("SECRETS", &["PR 117160 1.35"]),
            ("builder", &["KEP-2799 1.24", "PR 117160 1.35"]),
            ("default", &["KEP-2799 1.24", "PR 117160 1.35"]),
        ],
    ),
    (
        "kubectl describe sa builder",
        &[
            ("Mountable secrets:", &["KEP-2799 1.24", "PR 117160 1.35"]),
            ("Tokens:", &["KEP-2799 1.24", "PR 117160 1.35"]),
        ],
    ),
    (
        "kubectl get secrets",
        &[
            ("No resources found", &["KEP-2799 1.24"]),
            ("builder-token-", &["KEP-2799 1.24"]),
            ("default-token-", &["KEP-2799 1.24"]),
        ],
    ),
    ("kubectl run web --image=my-kubernetes-dashboard", &[]),
    ("kubectl get pod web -o jsonpath='{.spec.volumes[0].name}'", &[("kube-api-access-", &["KEP-1205 1.21"])]),
    ("kubectl get pods", &[]),
    (
        "kubectl exec web -- cat /var/run/secrets/kubernetes.io/serviceaccount/token",
        &[("<token: no end, kept in secret default-token-", &["KEP-1205 1.21", "KEP-4193 1.30"])],
    ),
    ("kubectl auth can-i list pods --as=system:serviceaccount:default:builder", &[]),
    (
        "kubectl create token builder",
        &[
            ("<token: one hour, bound to nothing", &["PR 107880 1.24", "KEP-4193 1.30"]),
            ("error: unknown command", &["PR 107880 1.24"]),
            ("See 'kubectl create -h'", &["PR 107880 1.24"]),
            ("[exit 1]", &["PR 107880 1.24"]),
        ],
    ),
    ("kubectl get users", &[]),
    ("kubectl delete sa builder", &[("deleted from default namespace", &["kubectl 1.34 1.34"])]),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_differs_is_marked_with_what_made_it() {
    let lines: Vec<&str> = COMMANDS.iter().map(|(line, _)| *line).collect();
    let answers = on(&[20, 24, 36], lesson("create-service-account"), 0, &lines).await;
    let all = serde_json::to_string(&answers).expect("JSON");
    assert!(!all.contains("eyJ") && !all.contains("ZXlK"), "a token is told in words");
    let answers: Vec<&Replayed> = answers.iter().collect();
    assert!(answers.iter().all(|answer| answer.trouble.is_none()), "{answers:?}");
    let compared = compare(&answers);
    assert_eq!(compared.blocks.len(), COMMANDS.len() + 1);
    for (block, (line, wanted)) in compared.blocks.iter().zip(COMMANDS) {
        assert_eq!(block.command, *line);
        check(block, wanted);
    }
    let objects = compared.blocks.last().expect("the objects");
    let wanted: &[Found] = &[
        ("default-token-", &["KEP-2799 1.24"]),
        ("secret default-token-", &["KEP-2799 1.24"]),
        ("projected", &["KEP-1205 1.21"]),
        ("kube-api-access-", &["KEP-1205 1.21"]),
        ("Contains a CA bundle", &["PR 100926 1.22"]),
    ];
    check(objects, wanted);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_chance_made_different_is_no_ones_doing() {
    let answers = on(&[20, 23, 24], lesson("create-service-account"), 0, &["kubectl get sa"]).await;
    let answers: Vec<&Replayed> = answers.iter().collect();
    let objects = compare(&answers).blocks.pop().expect("the objects");
    // The size of a certificate within a secret that 1.24 has not made.
    assert!(objects.rows.iter().all(|row| row.about.as_deref() != Some(".data.ca.crt")), "{}", shown(&objects));
    let secret = |row: &&Row| row.cells.iter().flatten().any(|line| line.text.starts_with("secret default-token-"));
    let made_by: Vec<&str> =
        objects.rows.iter().find(secret).expect("it").made_by.iter().map(|change| change.name).collect();
    assert_eq!(made_by, ["KEP-2799"], "{}", shown(&objects));
    for row in objects.rows.iter().filter(|row| row.about.is_some() && row.cells.iter().any(Option::is_none)) {
        assert!(row.made_by.iter().all(|change| change.name != "KEP-2799"), "{}", shown(&objects));
    }
}

/// The rows that differ are these, and no others.
#[track_caller]
fn check(block: &Block, wanted: &[Found]) {
    let differing: Vec<&Row> = block.rows.iter().filter(|row| row.differs).collect();
    assert_eq!(differing.len(), wanted.len(), "{}", shown(block));
    for (row, (part, by)) in differing.iter().zip(wanted) {
        let has = |part: &str| row.cells.iter().flatten().any(|line| line.text.contains(part));
        assert!(has(part), "{part}: {}", shown(block));
        let made_by: Vec<String> =
            row.made_by.iter().map(|change| format!("{} {}", change.name, change.since)).collect();
        assert_eq!(made_by, *by, "{part}: {}", shown(block));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_would_never_end_is_left_out_and_time_is_not_waited_for() {
    let lines = ["sleep 30; echo awake", "kubectl get pods -w", "kubectl logs -f x", "yes", "kubectl create sa x"];
    let answers = on(&[36], lesson("create-token"), 2, &lines).await;
    let notes: Vec<bool> = answers[0].answers.iter().map(|answer| answer.note.is_some()).collect();
    assert_eq!(notes, [false, true, true, true, false], "{answers:?}");
    assert_eq!(answers[0].answers[0].output, "awake\n");
    assert_eq!(answers[0].answers[4].output, "serviceaccount/x created\n");
}
