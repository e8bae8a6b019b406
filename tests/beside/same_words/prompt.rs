//! The same lines at the tutor's prompt.

use std::time::Duration;

use sa_tutor::apimachinery::Release;
use sa_tutor::base::{Clock, Ids};
use sa_tutor::cluster::{Cluster, Workbench};
use sa_tutor::shell::{Screen, Shell};

use super::{Row, Typed, rows, said};

/// How long anything may take, and how often a state must be the same to count as settled.
const LIMIT: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(40);
const SAME: usize = 8;

/// Lines that differ from the binary's, and why.
pub const DIFFERENT: &[(&str, &str)] = &[
    ("kubectl get pods --as-group=devs", CONTEXT),
    ("kubectl config current-context", CONTEXT),
    ("kubectl config get-contexts", CONTEXT),
    ("kubectl config get-contexts -o name", CONTEXT),
    ("kubectl config view", CONTEXT),
    ("kubectl config view --minify -o jsonpath='{.contexts[0].name}'", CONTEXT),
    ("kubectl get pods --certificate-authority=missing", CONTEXT),
    ("kubectl config get-users", CONTEXT),
    ("kubectl config view --minify", CONTEXT),
    ("kubectl config set-context --current", CONTEXT),
    ("kubectl get pods --server=https://127.0.0.1:1 --request-timeout=1s", REACH),
    ("kubectl create token builder --duration=1h --audience=vault", TERMINAL),
    ("kubectl create token builder --audience=a --audience=b --duration=10m", TERMINAL),
    ("EDITOR='sed -i s/name:.settings/name:.other/' kubectl edit cm settings 2>&1 | sed s,/tmp/.*yaml,FILE,", EDITOR),
    ("EDITOR='sed -i s/1[.]27/1.28/' kubectl edit deploy shop --output-patch", EDITOR),
];

const REACH: &str = "the prompt reaches the session's server alone, so it never asks another what it has";
const TERMINAL: &str = "at a terminal, as the prompt is, a token's line is ended";
const EDITOR: &str = "the prompt opens the tutor's own editor, and this test has no screen for it";
const CONTEXT: &str = "the simulator's context at the prompt is called simulator";

/// Types the lines into the learner's shell, on a cluster of its own, and gives each with all it printed.
pub async fn play() -> Vec<Typed> {
    let bench = Workbench::new(Clock::system(), Ids::seeded(7));
    let cluster = Cluster::simulated(&bench, Release::DEFAULT).expect("started");
    cluster.ready().await;
    let mut shell = Shell::new(cluster.kubeconfig());
    shell.anonymous.clone_from(&cluster.anonymous);
    settle(&mut shell).await;
    let mut typed = Vec::new();
    for row in rows() {
        match row {
            Row::File(name, body) => shell.unix.files.write(name, body.as_bytes()).expect("written"),
            Row::Settle => settle(&mut shell).await,
            Row::Type(line) => typed.push((line, run(&mut shell, line).await)),
        }
    }
    typed
}

async fn run(shell: &mut Shell, line: &str) -> String {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut screen = Screen { stdout: &mut out, stderr: &mut err };
    let outcome = tokio::time::timeout(LIMIT, shell.run(line, &mut screen)).await;
    let status = outcome.unwrap_or_else(|_| panic!("{line} does not end")).status;
    let text = said(&String::from_utf8_lossy(&out), &String::from_utf8_lossy(&err), status);
    text.replace("/home/learner/.kube/config", "<kubeconfig>")
}

/// Waits until nothing changes any more: the newest version of anything stays what it is.
async fn settle(shell: &mut Shell) {
    let rest = async {
        let (mut last, mut same) = (String::new(), 0);
        while same < SAME {
            let now = run(shell, "kubectl get namespaces -o jsonpath={.metadata.resourceVersion}").await;
            same = if now == last { same + 1 } else { 0 };
            last = now;
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::time::timeout(LIMIT, rest).await.expect("the cluster comes to rest");
}
