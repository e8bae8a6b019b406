//! A learner's session on a simulated cluster: what the course and the recordings type works as written.

use std::time::Duration;

use sa_tutor::apimachinery::Release;
use sa_tutor::base::{Clock, Ids};
use sa_tutor::cluster::{Cluster, Workbench};
use sa_tutor::shell::{Screen, Shell};

/// How long anything may take.
const LIMIT: Duration = Duration::from_secs(120);

pub async fn cluster() -> Cluster {
    let bench = Workbench::new(Clock::system(), Ids::seeded(1));
    let cluster = Cluster::simulated(&bench, Release::DEFAULT).expect("started");
    tokio::time::timeout(LIMIT, cluster.ready()).await.expect("ready");
    cluster
}

pub fn shell(cluster: &Cluster) -> Shell {
    let mut shell = Shell::new(cluster.kubeconfig());
    shell.anonymous.clone_from(&cluster.anonymous);
    shell
}

async fn run(shell: &mut Shell, line: &str) -> (String, String, i32) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut screen = Screen { stdout: &mut out, stderr: &mut err };
    let outcome = tokio::time::timeout(LIMIT, shell.run(line, &mut screen)).await;
    let status = outcome.unwrap_or_else(|_| panic!("{line} does not end")).status;
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    (text(&out), text(&err), status)
}

/// What the shell says when it is the shell that cannot do something.
fn is_the_shells_fault(err: &str) -> bool {
    err.contains("not part of this shell") || err.contains("command not found") || err.contains("bash: ")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_course_s_own_lines() {
    let cluster = cluster().await;
    let mut shell = shell(&cluster);
    let rows: &[(&str, &str, i32)] = &[
        ("kubectl create serviceaccount dashboard-sa", "serviceaccount/dashboard-sa created\n", 0),
        ("TOKEN=$(kubectl create token dashboard-sa); echo ${#TOKEN} | grep -c '^[0-9][0-9][0-9]'", "1\n", 0),
        (
            "jq -R 'split(\".\") | select(length > 0) | .[0],.[1] | @base64d | fromjson' <<< $TOKEN | jq -r '.alg // .sub'",
            "RS256\nsystem:serviceaccount:default:dashboard-sa\n",
            0,
        ),
        (
            "SERVER=$(kubectl config view --minify -o jsonpath='{.clusters[0].cluster.server}'); echo $SERVER | cut -d: -f1",
            "https\n",
            0,
        ),
        ("curl $SERVER/api --insecure --header \"Authorization: Bearer $TOKEN\" | jq -r .kind", "APIVersions\n", 0),
        (
            "curl -sk $SERVER/api/v1/namespaces/default/pods -H \"Authorization: Bearer $TOKEN\" | jq -r .code",
            "403\n",
            0,
        ),
        (
            "kubectl get sa -o name | sort | while read name; do echo \"<$name>\"; done",
            "<serviceaccount/dashboard-sa>\n<serviceaccount/default>\n",
            0,
        ),
        ("for sa in $(kubectl get sa -o jsonpath='{.items[*].metadata.name}'); do echo $sa; done | wc -l", "2\n", 0),
        (
            "cat <<EOF | kubectl apply -f -\napiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: written\nEOF",
            "serviceaccount/written created\n",
            0,
        ),
        ("kubectl get sa -w | head -n 2 | wc -l; echo ${PIPESTATUS[@]}", "2\n141 0 0\n", 0),
        ("kubectl get sa --watch | grep --line-buffered written | cut -d' ' -f1 | head -1", "written\n", 0),
        ("kubectl create sa late | true; kubectl get sa late -o name", "serviceaccount/late\n", 0),
        (
            "kubectl get nothing 2>&1 >/dev/null | head -1",
            "error: the server doesn't have a resource type \"nothing\"\n",
            0,
        ),
        (
            "kubectl get configmap kube-root-ca.crt -o jsonpath='{.data.ca\\.crt}' > ca.crt; openssl x509 -in ca.crt -noout -subject | cut -d= -f1",
            "subject\n",
            0,
        ),
        ("curl -s --cacert ca.crt $SERVER/version | jq -r .major", "1\n", 0),
        ("kubectl get sa dashboard-sa -o yaml | sed -n 's/^  name: //p'", "dashboard-sa\n", 0),
    ];
    let mut wrong = Vec::new();
    for (line, want, status) in rows {
        let (out, err, code) = run(&mut shell, line).await;
        if (out.as_str(), code) != (*want, *status) || is_the_shells_fault(&err) {
            wrong.push(format!("{line}\n  gave {out:?} {err:?} {code}\n  want {want:?} {status}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Lines of the recorded session that a learner types, and the files it works with.
const SEED: &str = include_str!("seed.scn");

#[tokio::test(flavor = "multi_thread")]
async fn every_recorded_line_can_be_typed() {
    let cluster = cluster().await;
    let mut shell = shell(&cluster);
    let mut lines = SEED.lines();
    let mut typed = 0;
    while let Some(line) = lines.next() {
        let line = match line.strip_prefix("file ") {
            _ if line.is_empty() || line.starts_with('#') => continue,
            Some(path) => {
                let content: Vec<&str> = lines.by_ref().take_while(|line| *line != "end").collect();
                format!("cat > {path} <<'EOF'\n{}\nEOF", content.join("\n"))
            }
            // Nothing is waited for: what is asked is whether the line can be read and run.
            None if line.starts_with("sleep") => "sleep 0".to_owned(),
            None => line.to_owned(),
        };
        let (out, err, code) = run(&mut shell, &line).await;
        assert!(!is_the_shells_fault(&err), "{line}: {err}");
        assert!(code != 127 && code != 126, "{line}: {out} {err}");
        typed += 1;
    }
    assert!(typed > 90, "{typed}");
}
