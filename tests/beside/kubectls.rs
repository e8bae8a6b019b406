//! Every kubectl from 1.20 to 1.37 does its everyday work against a server of its own release.
//!
//! The kubectls come from `.ci/kubectls`; see [`crate::served::kubectl`].

use std::path::Path;
use std::process::Command;

use libtest_mimic::Trial;

use crate::served::{Served, kubectl};
use crate::{Compared, sweep, trial};

/// A line of bash, the releases it is for (first and last minor), its exit code, and what it must print.
struct Row {
    line: &'static str,
    minors: (u32, u32),
    code: i32,
    prints: &'static str,
}

const fn row(line: &'static str, prints: &'static str) -> Row {
    Row { line, minors: (20, 99), code: 0, prints }
}

impl Row {
    const fn since(self, minor: u32) -> Self {
        Self { minors: (minor, self.minors.1), ..self }
    }

    const fn through(self, minor: u32) -> Self {
        Self { minors: (self.minors.0, minor), ..self }
    }

    const fn exits(self, code: i32) -> Self {
        Self { code, ..self }
    }
}

const POD: &str = "apiVersion: v1
kind: Pod
metadata:
  name: probe
  labels: {colour: blue}
spec:
  serviceAccountName: builder
  containers:
  - name: app
    image: my-kubernetes-dashboard
";

const ROWS: &[Row] = &[
    row("kubectl version -o yaml", "serverVersion:"),
    row("kubectl api-resources --namespaced=true", "serviceaccounts"),
    row("kubectl api-versions", "rbac.authorization.k8s.io/v1"),
    row("kubectl get nodes", "node-1"),
    row("kubectl get sa", "default"),
    row("kubectl get sa default -o jsonpath='{.metadata.name}'", "default"),
    row("kubectl create serviceaccount builder", "serviceaccount/builder created"),
    row("kubectl create serviceaccount builder", "already exists").exits(1),
    row("kubectl create serviceaccount dry --dry-run=server -o name", "serviceaccount/dry"),
    row("kubectl get sa dry", "not found").exits(1),
    row("kubectl describe sa builder", "Image pull secrets:"),
    row("kubectl create token builder", "ey").since(24),
    row("kubectl create token builder --duration=1s", "may not specify a duration less than 10 minutes").since(24).exits(1),
    row("kubectl create secret generic pass --from-literal=a=b", "secret/pass created"),
    row("kubectl create configmap colours --from-literal=sky=blue", "configmap/colours created"),
    row("kubectl create namespace team", "namespace/team created"),
    row("kubectl create role reader --verb=get,list --resource=pods", "created"),
    row("kubectl create rolebinding reads --role=reader --serviceaccount=default:builder", "created"),
    row("kubectl create clusterrole wide --verb=get --resource=nodes", "created"),
    row("kubectl create clusterrolebinding wide --clusterrole=wide --group=ops", "created"),
    row("kubectl auth can-i list pods --as=system:serviceaccount:default:builder", "yes"),
    row("kubectl auth can-i delete pods --as=system:serviceaccount:default:builder", "no").exits(1),
    row("kubectl auth can-i --list --as=system:serviceaccount:default:builder", "[get list]"),
    row("kubectl auth whoami", "kubernetes-admin").since(28),
    row("kubectl apply -f pod.yaml", "pod/probe created"),
    row("kubectl apply -f pod.yaml", "pod/probe unchanged"),
    row("sed -i s/blue/red/ pod.yaml; kubectl apply -f pod.yaml", "pod/probe configured"),
    row("kubectl get pod probe -L colour", "red"),
    row("sed s/image:/imgae:/ pod.yaml | kubectl apply -f -", "imgae").exits(1),
    row("sed s/builder/nobody/ pod.yaml | kubectl apply --dry-run=server -f -", "Forbidden").exits(1),
    row("kubectl wait --for=condition=Ready pod/probe --timeout=60s", "pod/probe condition met"),
    row("kubectl logs probe", "/api"),
    row("kubectl get pods -o wide", "node-1"),
    row("kubectl describe pod probe", "Successfully assigned default/probe to node-1"),
    row("kubectl get events", "Started"),
    row("kubectl exec probe -- cat /var/run/secrets/kubernetes.io/serviceaccount/namespace", "default").since(30),
    row("kubectl exec probe -- sh -c 'exit 3'", "exit code 3").since(30).exits(3),
    row("echo hello | kubectl exec -i probe -- cat", "hello").since(30),
    row(
        "KUBECTL_REMOTE_COMMAND_WEBSOCKETS=true kubectl exec probe -- cat /var/run/secrets/kubernetes.io/serviceaccount/namespace",
        "default",
    )
    .since(29),
    row("kubectl exec probe -- id", "WebSocket").through(28).exits(1),
    row("kubectl label sa builder team=blue", "labeled"),
    row("kubectl annotate sa builder note=mine", "annotate"),
    row("kubectl get sa -l team=blue -o name", "serviceaccount/builder"),
    row("kubectl get pods --field-selector spec.serviceAccountName=builder -o name", "pod/probe").since(21),
    row("kubectl patch sa builder -p '{\"automountServiceAccountToken\":false}'", "patched"),
    row("kubectl patch sa builder --type=json -p '[{\"op\":\"remove\",\"path\":\"/automountServiceAccountToken\"}]'", "patched"),
    row("kubectl patch cm colours --type=merge -p '{\"data\":{\"sea\":\"blue\"}}'", "patched"),
    row("EDITOR='sed -i s/blue/green/' kubectl edit configmap colours", "configmap/colours edited"),
    row("kubectl get cm colours -o jsonpath='{.data}'", "green"),
    row("kubectl get cm colours -o json | sed s/green/grey/ | kubectl replace -f -", "replaced"),
    row("kubectl explain serviceaccount.automountServiceAccountToken", "AutomountServiceAccountToken indicates whether pods"),
    row("kubectl explain pod.spec --recursive", "automountServiceAccountToken"),
    row("kubectl explain pod.spec.nonsense", "field \"nonsense\" does not exist").exits(1),
    row("kubectl create deployment web --image=my-kubernetes-dashboard", "deployment.apps/web created"),
    row("kubectl rollout status deployment/web --timeout=60s", "successfully rolled out"),
    row("kubectl set serviceaccount deployment/web builder", "serviceaccount updated"),
    row("kubectl rollout status deployment/web --timeout=60s", "successfully rolled out"),
    row("kubectl rollout history deployment/web", "REVISION"),
    row("kubectl rollout undo deployment/web", "rolled back"),
    row("kubectl rollout restart deployment/web", "restarted"),
    row("kubectl rollout status deployment/web --timeout=60s", "successfully rolled out"),
    row("kubectl scale deployment web --replicas=3", "scaled"),
    row("kubectl wait --for=condition=Available deployment/web --timeout=60s", "condition met"),
    row(
        "kubectl get sa -w -o name > seen & for turn in $(seq 30); do kubectl create sa late-$turn >/dev/null; grep late- seen && break; done; kill $!",
        "serviceaccount/late-",
    ),
    row("kubectl apply --server-side -f config.yaml", "serverside-applied"),
    row("kubectl apply --server-side --field-manager=other -f other.yaml", "conflict").exits(1),
    row("kubectl apply --server-side --field-manager=other --force-conflicts -f other.yaml", "serverside-applied"),
    row("kubectl diff -f config.yaml", "-  key: other").exits(1),
    row("kubectl run one --image=my-kubernetes-dashboard", "pod/one created"),
    row("kubectl get --raw /version", "\"major\""),
    row("kubectl --kubeconfig nobody --token=nonsense get pods", "You must be logged in").exits(1),
    row("kubectl get pods --as=nobody", "cannot list resource \"pods\"").exits(1),
    row("kubectl get nonsense", "the server doesn't have a resource type \"nonsense\"").exits(1),
    row("kubectl top pods", "Metrics API not available").since(22).exits(1),
    row("kubectl delete pod probe one --grace-period=1", "pod \"probe\" deleted"),
    row("kubectl delete deployment web --cascade=orphan", "deleted"),
    row("kubectl get rs -l app=web -o name", "replicaset.apps/web-"),
    row("kubectl delete rs -l app=web --cascade=foreground --timeout=60s", "deleted"),
    row("kubectl delete namespace team --timeout=60s", "namespace \"team\" deleted"),
    row("kubectl delete sa builder", "serviceaccount \"builder\" deleted"),
];

/// The oldest, those around the great changes, and the newest.
const EVERY_TIME: &[u32] = &[20, 24, 30, 37];

pub fn trials() -> Vec<Trial> {
    let of = |minor| {
        let trial = trial(format!("kubectls::kubectl_1_{minor}"), move || work(minor));
        if EVERY_TIME.contains(&minor) { trial } else { sweep(trial) }
    };
    (20..=37).map(of).collect()
}

fn work(minor: u32) -> Compared {
    let release = format!("1.{minor}");
    let kubectl = kubectl(&release)?;
    let server = Served::start(&release);
    let home = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(home.path().join("bin")).expect("made");
    std::os::unix::fs::symlink(kubectl, home.path().join("bin/kubectl")).expect("linked");
    let config = |value: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: applied\n  namespace: default\ndata:\n  key: {value}\n"
        )
    };
    // As a kubeconfig without a certificate: the server is known by its address only.
    let nobody = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: a\ncontexts: [{{name: a, context: {{cluster: a}}}}]\nclusters: [{{name: a, cluster: {{server: \"{}\", insecure-skip-tls-verify: true}}}}]\n",
        server.url
    );
    for (name, text) in [
        ("nobody", nobody),
        ("pod.yaml", POD.to_owned()),
        ("config.yaml", config("one")),
        ("other.yaml", config("other")),
    ] {
        std::fs::write(home.path().join(name), text).expect("written");
    }
    let wrong: Vec<String> = ROWS
        .iter()
        .filter(|row| (row.minors.0..=row.minors.1).contains(&minor))
        .filter_map(|row| typed(row, home.path(), &server))
        .collect();
    assert!(wrong.is_empty(), "kubectl {release}, {} lines:\n{}", wrong.len(), wrong.join("\n"));
    Ok(())
}

/// Types a line; what is wrong with the answer, if anything.
fn typed(row: &Row, home: &Path, server: &Served) -> Option<String> {
    let path = format!("{}:{}", home.join("bin").display(), std::env::var("PATH").unwrap_or_default());
    let output = Command::new("timeout")
        .args(["90", "bash", "-c", row.line])
        .current_dir(home)
        .env("PATH", path)
        .env("HOME", home)
        .env("KUBECONFIG", server.kubeconfig())
        .stdin(std::process::Stdio::null())
        .output()
        .expect("bash runs");
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    let right = output.status.code() == Some(row.code) && text.contains(row.prints);
    (!right).then(|| format!("$ {}\n{text}[{}], wanted {:?} [{}]\n", row.line, output.status, row.prints, row.code))
}
