//! kubectl against the simulator: what a learner types, and what is printed.

use std::io;
use std::sync::Arc;

use sa_tutor::apimachinery::Release;
use sa_tutor::base::{Clock, Ids};
use sa_tutor::kubectl::{self, Config, Files, Streams};
use sa_tutor::simulator::serviceaccount::Issuer;
use sa_tutor::simulator::{Options, Simulator};

struct Tree(&'static [(&'static str, &'static str)]);

impl Files for Tree {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let found = self.0.iter().find(|(name, _)| *name == path);
        found.map(|(_, text)| text.as_bytes().to_vec()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn directory(&self, _: &str) -> Option<Vec<String>> {
        None
    }
}

const FILES: Tree = Tree(&[
    (
        "secret.yaml",
        "apiVersion: v1\nkind: Secret\ntype: kubernetes.io/service-account-token\nmetadata:\n  name: mysecretname\n  annotations:\n    kubernetes.io/service-account.name: dashboard-sa\n",
    ),
    ("cm.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n  a: b\n"),
    ("cm2.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n  a: x\n"),
    (
        "pod-missing.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: orphan\nspec:\n  serviceAccountName: nobody\n  containers:\n  - name: c\n    image: x\n",
    ),
    ("bad.yaml", "a: b: c\n"),
    ("foo.yaml", "apiVersion: v1\nkind: Foo\nmetadata: {name: x}\n"),
]);

struct Session(Config);

impl Session {
    async fn new(release: Release, simulator: &Simulator) -> Self {
        simulator.ready().await;
        Self(Config {
            client: simulator.admin(),
            namespace: "default".to_owned(),
            server: "https://127.0.0.1:6443".to_owned(),
            context: "simulator".to_owned(),
            release,
            clock: simulator.plane().clock.clone(),
        })
    }

    async fn run(&self, line: &str) -> String {
        let args: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut streams = Streams { stdin: b"", stdout: &mut out, stdout_is_terminal: false, stderr: &mut err };
        let code = kubectl::run(&args, &self.0, &FILES, &mut streams).await;
        let (out, err) = (String::from_utf8_lossy(&out), String::from_utf8_lossy(&err));
        let err = if err.is_empty() { String::new() } else { format!("[stderr]\n{err}") };
        format!("{out}{err}[exit {code}]\n")
    }
}

/// Each row: a line typed, and all that is printed for it.
const ROWS: &[(&str, &str)] = &[
    ("create sa dashboard-sa", "serviceaccount/dashboard-sa created\n[exit 0]\n"),
    (
        "create sa dashboard-sa",
        "[stderr]\nerror: failed to create serviceaccount: serviceaccounts \"dashboard-sa\" already exists\n[exit 1]\n",
    ),
    (
        "describe sa dashboard-sa",
        "Name:                dashboard-sa\nNamespace:           default\nLabels:              <none>\nAnnotations:         <none>\nImage pull secrets:  <none>\nEvents:              <none>\n[exit 0]\n",
    ),
    ("get secrets", "[stderr]\nNo resources found in default namespace.\n[exit 0]\n"),
    ("get secrets -o yaml", "apiVersion: v1\nitems: []\nkind: List\nmetadata:\n  resourceVersion: \"\"\n[exit 0]\n"),
    (
        "create token dashboard-sa --duration=1m",
        "[stderr]\nerror: failed to create token: TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes\n[exit 1]\n",
    ),
    (
        "create token nobody",
        "[stderr]\nerror: failed to create token: serviceaccounts \"nobody\" not found\n[exit 1]\n",
    ),
    ("apply -f secret.yaml", "secret/mysecretname created\n[exit 0]\n"),
    ("apply -f cm.yaml", "configmap/c created\n[exit 0]\n"),
    ("apply -f cm.yaml", "configmap/c unchanged\n[exit 0]\n"),
    ("apply -f cm2.yaml", "configmap/c configured\n[exit 0]\n"),
    (
        "apply -f pod-missing.yaml",
        "[stderr]\nError from server (Forbidden): error when creating \"pod-missing.yaml\": pods \"orphan\" is forbidden: error looking up service account default/nobody: serviceaccount \"nobody\" not found\n[exit 1]\n",
    ),
    (
        "apply -f bad.yaml",
        "[stderr]\nerror: error parsing bad.yaml: error converting YAML to JSON: yaml: mapping values are not allowed in this context\n[exit 1]\n",
    ),
    ("apply -f nope.yaml", "[stderr]\nerror: the path \"nope.yaml\" does not exist\n[exit 1]\n"),
    (
        "apply -f foo.yaml",
        "[stderr]\nerror: resource mapping not found for name: \"x\" namespace: \"\" from \"foo.yaml\": no matches for kind \"Foo\" in version \"v1\"\nensure CRDs are installed first\n[exit 1]\n",
    ),
    ("auth can-i list pods --as=system:serviceaccount:default:dashboard-sa", "no\n[exit 1]\n"),
    (
        "create role pod-reader --verb=get,list,watch --resource=pods",
        "role.rbac.authorization.k8s.io/pod-reader created\n[exit 0]\n",
    ),
    (
        "create rolebinding b --role=pod-reader --serviceaccount=default:dashboard-sa",
        "rolebinding.rbac.authorization.k8s.io/b created\n[exit 0]\n",
    ),
    ("auth can-i list pods --as=system:serviceaccount:default:dashboard-sa", "yes\n[exit 0]\n"),
    (
        "create serviceaccount",
        "[stderr]\nerror: exactly one NAME is required, got 0\nSee 'kubectl create serviceaccount -h' for help and examples\n[exit 1]\n",
    ),
    ("get serviceacounts", "[stderr]\nerror: the server doesn't have a resource type \"serviceacounts\"\n[exit 1]\n"),
    ("get sa nope", "[stderr]\nError from server (NotFound): serviceaccounts \"nope\" not found\n[exit 1]\n"),
    ("describe sa nope", "[stderr]\nError from server (NotFound): serviceaccounts \"nope\" not found\n[exit 1]\n"),
    ("label sa dashboard-sa a=b", "serviceaccount/dashboard-sa labeled\n[exit 0]\n"),
    ("label sa dashboard-sa a=c", "[stderr]\nerror: 'a' already has a value (b), and --overwrite is false\n[exit 1]\n"),
    ("delete sa dashboard-sa", "serviceaccount \"dashboard-sa\" deleted from default namespace\n[exit 0]\n"),
    (
        "create token x --foo",
        "[stderr]\nerror: unknown flag: --foo\nSee 'kubectl create token --help' for usage.\n[exit 1]\n",
    ),
    ("create sa x --dry-run=client -o yaml", "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: x\n[exit 0]\n"),
    ("foo", "[stderr]\nerror: unknown command \"foo\" for \"kubectl\"\n\nDid you mean this?\n\ttop\n[exit 1]\n"),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_and_what_is_printed() {
    let simulator = Simulator::start(Options {
        release: Release::DEFAULT,
        clock: Clock::system(),
        ids: Ids::seeded(1),
        issuer: Arc::new(Issuer::default()),
    })
    .unwrap();
    let session = Session::new(Release::DEFAULT, &simulator).await;
    for (line, want) in ROWS {
        assert_eq!(session.run(line).await, *want, "{line}");
    }
}
