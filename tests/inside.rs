//! What one finds in a container: a shell and programs that say what those of the image say.

use std::time::Duration;

use sa_tutor::apimachinery::Release;
use sa_tutor::base::{Clock, Ids};
use sa_tutor::cluster::{Cluster, Workbench};
use sa_tutor::shell::{Screen, Shell};

/// How long anything may take.
const LIMIT: Duration = Duration::from_secs(60);

const ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// A pod's image, what runs in it, what is printed, and the exit code.
type Row = (&'static str, &'static str, &'static str, i32);

const ROWS: &[Row] = &[
    // The language.
    ("busybox", r#"T=a.b.c; echo "[${T%%.*}] [${T#*.}] [${#T}]""#, "[a] [b.c] [5]\n", 0),
    ("busybox", "set -e; false; echo not-reached", "command terminated with exit code 1\n", 1),
    ("busybox", "set -e; if false; then :; fi; false || true; ! true; echo reached", "reached\n", 0),
    ("busybox", "trap 'echo bye' EXIT; echo body", "body\nbye\n", 0),
    ("busybox", "(trap 'echo in' EXIT; exit 3); echo $?", "in\n3\n", 0),
    ("busybox", "echo /etc/host*", "/etc/hostname /etc/hosts\n", 0),
    ("busybox", "f() { local x=$1; echo \"<$x>\"; }; f a; f b", "<a>\n<b>\n", 0),
    ("busybox", "cat <<EOF\n$((1 + 1))\nEOF", "2\n", 0),
    ("busybox", "for f in a b; do echo $f; done | tail -n 1; case abc in a*) echo yes;; esac", "b\nyes\n", 0),
    ("busybox", "printf '#!/bin/sh\\necho \"$1!\"\\n' > /tmp/x; chmod +x /tmp/x; /tmp/x hey", "hey!\n", 0),
    ("busybox", "exec echo gone; echo never", "gone\n", 0),
    (
        "busybox",
        "cd /tmp; echo : > f; [ -x f ] || echo no; chmod +x f; [ -x f ] && [ -r f ] && echo yes",
        "no\nyes\n",
        0,
    ),
    ("busybox", "[ -L $A/token ] && ! [ -L $A/../.. ] && echo link", "link\n", 0),
    ("guest", "[ -w /etc ] || [ -x /root ] || echo neither", "neither\n", 0),
    // What is there.
    ("busybox", "cut -d. -f1 $A/token | base64 -d | grep -c RS256", "1\nbase64: truncated input\n", 0),
    ("busybox", "env | sort | grep -c KUBERNETES", "8\n", 0),
    (
        "busybox",
        "ls $A; readlink $A/token; realpath $A",
        "ca.crt\nnamespace\ntoken\n..data/token\n/run/secrets/kubernetes.io/serviceaccount\n",
        0,
    ),
    ("busybox", "cat /run/secrets/kubernetes.io/serviceaccount/namespace", "default", 0),
    ("busybox", "grep -c serviceaccount /proc/mounts; mount | grep -c serviceaccount", "1\n1\n", 0),
    (
        "busybox",
        "find $A/ -type l | wc -l; find $A/ -maxdepth 1 -name 'to*'",
        "4
/var/run/secrets/kubernetes.io/serviceaccount/token
",
        0,
    ),
    ("busybox", "id; whoami; hostname", "uid=0(root) gid=0(root) groups=0(root)\nroot\nbusybox\n", 0),
    ("busybox", "ln -s /tmp/a /tmp/b; echo x > /tmp/b; cat /tmp/a; ls -l /tmp/b | cut -c1-10", "x\nlrwxrwxrwx\n", 0),
    // In whose words.
    ("busybox", "nope", "sh: nope: not found\ncommand terminated with exit code 127\n", 127),
    (
        "busybox",
        "cat /nope",
        "cat: can't open '/nope': No such file or directory\ncommand terminated with exit code 1\n",
        1,
    ),
    ("busybox", "ls /nope", "ls: /nope: No such file or directory\ncommand terminated with exit code 1\n", 1),
    (
        "busybox",
        "cd /nope",
        "sh: cd: can't cd to /nope: No such file or directory\ncommand terminated with exit code 1\n",
        1,
    ),
    (
        "busybox",
        "mkdir /tmp",
        "mkdir: can't create directory '/tmp': File exists\ncommand terminated with exit code 1\n",
        1,
    ),
    (
        "busybox",
        "echo x > $A/x",
        "sh: /var/run/secrets/kubernetes.io/serviceaccount/x: Read-only file system\ncommand terminated with exit code 1\n",
        1,
    ),
    ("debian", "cat /nope", "cat: /nope: No such file or directory\ncommand terminated with exit code 1\n", 1),
    (
        "debian",
        "ls /nope",
        "ls: cannot access '/nope': No such file or directory\ncommand terminated with exit code 2\n",
        2,
    ),
    ("debian", "nope", "sh: 1: nope: not found\ncommand terminated with exit code 127\n", 127),
    // Who may not.
    (
        "guest",
        "id -u; cat $A/namespace; echo x > /x",
        "1000\ndefaultsh: /x: Permission denied\ncommand terminated with exit code 1\n",
        1,
    ),
];

const PODS: &str = r#"
for IMAGE in busybox debian; do kubectl run $IMAGE --image=$IMAGE --command -- sleep 100000; done
kubectl run guest --image=busybox --overrides='{"spec":{"securityContext":{"runAsUser":1000}}}' --command -- sleep 100000
kubectl wait pod/busybox pod/debian pod/guest --for=condition=Ready
"#;

async fn run(shell: &mut Shell, line: &str) -> (String, i32) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut screen = Screen { stdout: &mut out, stderr: &mut err };
    let outcome = tokio::time::timeout(LIMIT, shell.run(line, &mut screen)).await;
    let status = outcome.unwrap_or_else(|_| panic!("{line} does not end")).status;
    out.extend_from_slice(&err);
    (String::from_utf8_lossy(&out).into_owned(), status)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn as_in_the_image() {
    let bench = Workbench::new(Clock::system(), Ids::seeded(7));
    let cluster = Cluster::simulated(&bench, Release::DEFAULT).expect("a cluster");
    tokio::time::timeout(LIMIT, cluster.ready()).await.expect("ready");
    let mut shell = Shell::new(cluster.kubeconfig());
    let (said, status) = run(&mut shell, PODS).await;
    assert_eq!(status, 0, "{said}");
    let mut wrong = String::new();
    for (pod, script, want, code) in ROWS {
        shell.unix.variables.insert("SCRIPT".to_owned(), format!("A={ACCOUNT}; {script}"));
        let got = run(&mut shell, &format!("kubectl exec {pod} -- sh -c \"$SCRIPT\"")).await;
        if (got.0.as_str(), got.1) != (*want, *code) {
            wrong.push_str(&format!("\n{pod}: {script}\n  want {want:?} {code}\n  got  {:?} {}\n", got.0, got.1));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What becomes of a pod that has arguments and no command: the line that makes it, one that looks, and what it comes to say.
const ARGUMENTS: &[(&str, &str, &str)] = &[
    (
        "kubectl run server --image=registry.example.com/team/controller:v1 -- --namespace=default --v=2",
        "kubectl get pod server",
        "1/1     Running",
    ),
    ("kubectl run says --image=team/tools --restart=Never -- sh -c 'echo hi'", "kubectl logs says", "hi\n"),
    ("kubectl run bare --image=busybox --restart=Never -- --v=2", "kubectl get pod bare", "0/1     StartError"),
    (
        "kubectl run late --image=busybox --restart=Never -- --v=2",
        "kubectl get pod late -o jsonpath='{.status.containerStatuses[0].state.terminated.startedAt}'",
        "1970-01-01T00:00:00Z",
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn arguments_go_to_the_entry_point() {
    let bench = Workbench::new(Clock::system(), Ids::seeded(7));
    let cluster = Cluster::simulated(&bench, Release::DEFAULT).expect("a cluster");
    tokio::time::timeout(LIMIT, cluster.ready()).await.expect("ready");
    let mut shell = Shell::new(cluster.kubeconfig());
    for (line, look, want) in ARGUMENTS {
        let (said, status) = run(&mut shell, line).await;
        assert_eq!(status, 0, "{said}");
        let mut last = String::new();
        let comes = async {
            while !last.contains(want) {
                last = run(&mut shell, look).await.0;
                tokio::task::yield_now().await;
            }
        };
        let ended = tokio::time::timeout(LIMIT, comes).await;
        assert!(ended.is_ok(), "{line}: {look} says {last:?}");
    }
}
