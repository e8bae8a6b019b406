//! Every entry of the list of errors is reached by a real command, and no success is taken for an error.

use sa_tutor::apimachinery::Release;
use sa_tutor::base::{Clock, Ids};
use sa_tutor::cluster::{Cluster, Workbench};
use sa_tutor::shell::{Screen, Shell};
use sa_tutor::tui::plain_words::{ENTRIES, find};

const POD: &str = "printf 'apiVersion: v1\\nkind: Pod\\nmetadata:\\n  name: p\\nspec:\\n  serviceAccountName: nobody\\n  containers:\\n  - name: c\\n    image: nginx\\n' > pod.yaml";

/// What is typed before the line that fails, that line, and the entry it leads to.
const ROWS: &[(&str, &str, &str)] = &[
    (POD, "kubectl create -f pod.yaml", "The pod's service account is not there"),
    (
        "kubectl create clusterrole maker --verb=create --resource=roles; kubectl create clusterrolebinding maker --clusterrole=maker --serviceaccount=default:default",
        "kubectl create role more --verb=get --resource=secrets --as=system:serviceaccount:default:default",
        "Nobody can hand out more than they have",
    ),
    ("", "kubectl get pods --as=system:serviceaccount:default:nobody", "Forbidden: known, but not allowed"),
    ("", "curl -sk $SERVER/api", "Forbidden: nobody said who they are"),
    ("", "curl -sk -H 'Authorization: Bearer abc' $SERVER/api", "Unauthorized: nobody knows you"),
    ("kubectl create sa a", "kubectl create sa a", "There already is one"),
    (
        "printf 'apiVersion: v1\\nkind: ServiceAccount\\nmetadata:\\n  name: b\\n  namespace: kube-system\\n' > b.yaml",
        "kubectl create -f b.yaml -n default",
        "The namespace does not fit",
    ),
    ("", "kubectl get sa nobody", "Not found"),
    (
        "kubectl create configmap c; kubectl get configmap c -o yaml > c.yaml; kubectl label configmap c x=y",
        "kubectl replace -f c.yaml",
        "Somebody else was faster",
    ),
    ("", "kubectl create sa Bad_Name", "The object breaks a rule"),
    (
        "printf 'apiVersion: v1\\nkind: ServiceAccount\\nmetadata:\\n  name: d\\nautomount: false\\n' > d.yaml",
        "kubectl create -f d.yaml",
        "There is no such field",
    ),
    ("", "kubectl get sa -o jsonpath='{.items[}'", "The path in braces cannot be read"),
    ("printf 'a: b\\n c: d\\n' > bad.yaml", "kubectl create -f bad.yaml", "The file is no good YAML"),
    ("", "kubectl get serviceacounts", "There is no such type"),
    (
        "printf 'apiVersion: v1\\nkind: ServiceAccount\\nmetadata:\\n  name: e\\nautomountServiceAccountToken: often\\n' > e.yaml",
        "kubectl create -f e.yaml",
        "The server could not read the request",
    ),
    ("", "kubectl get pods -n", "A flag lacks its value"),
    ("", "kubectl get pods --foo", "There is no such flag here"),
    ("", "kubectl gett pods", "There is no such command"),
    ("", "cat nothing.txt", "No such file"),
    ("", "kubectl apply -f nothing.yaml", "No such file"),
    ("", "helm list", "There is no such program"),
    ("", "echo )", "The shell cannot read the line"),
    ("", "curl -k https://127.0.0.1:1/api", "Nobody listens there"),
];

async fn run(shell: &mut Shell, line: &str) -> (i32, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let status = shell.run(line, &mut Screen { stdout: &mut out, stderr: &mut err }).await.status;
    (status, format!("{}{}", String::from_utf8_lossy(&out), String::from_utf8_lossy(&err)))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_entry_is_reached_by_a_real_command() {
    let bench = Workbench::new(Clock::system(), Ids::seeded(7));
    let cluster = Cluster::simulated(&bench, Release::DEFAULT).expect("started");
    cluster.ready().await;
    let mut shell = Shell::new(cluster.kubeconfig());
    shell.anonymous.clone_from(&cluster.anonymous);
    shell.variables.insert("SERVER".to_owned(), cluster.kubeconfig().server);
    let mut faults = Vec::new();
    for (before, line, want) in ROWS {
        if !before.is_empty() {
            let (status, text) = run(&mut shell, before).await;
            assert_eq!(status, 0, "{before}: {text}");
            assert_eq!(find(status, &text), None, "{before}: {text}");
        }
        let (status, text) = run(&mut shell, line).await;
        let found = find(status, &text).map(|at| ENTRIES[at].title);
        if found != Some(*want) {
            faults.push(format!("{line} [{status}] leads to {found:?}, not {want:?}:\n{text}"));
        }
    }
    for entry in ENTRIES {
        if !ROWS.iter().any(|(.., title)| *title == entry.title) {
            faults.push(format!("no command leads to {:?}", entry.title));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
