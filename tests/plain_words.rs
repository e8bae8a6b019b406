//! Every entry of the list of errors is reached by a real command, and no success is taken for an error.

use sa_tutor::apimachinery::Release;
use sa_tutor::base::{Clock, Ids};
use sa_tutor::cluster::{Cluster, Workbench};
use sa_tutor::shell::{Screen, Shell};
use sa_tutor::simulator::registry;
use sa_tutor::tui::plain_words::kinds::KINDS;
use sa_tutor::tui::plain_words::{Entry, Outcome, entries, find};

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
    (
        "kubectl create rolebinding lost --role=gone --user=bert",
        "kubectl get pods --as=bert",
        "Forbidden: a binding names a role that is not there",
    ),
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
        "A value is of another kind",
    ),
    (
        "TOKEN=$(kubectl create token default)",
        "curl -sk -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' -d '{\"kind\": \"Pod\", \"apiVersion\": \"v1\"}' $SERVER/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        "The server could not read the request",
    ),
    (
        "",
        "curl -sk -H \"Authorization: Bearer $TOKEN\" -d '{}' $SERVER/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        "The body's format is not named",
    ),
    ("", "kubectl patch sa default -p '{'", "This is no good JSON"),
    ("", "kubectl get sa -l 'a b'", "The selector cannot be read"),
    ("", "kubectl get sa --field-selector x.y=z", "The selector cannot be read"),
    ("kubectl label sa default x=y", "kubectl label sa default x=z", "There is a value already"),
    ("", "kubectl get sa/default/x", "Type and name, with one slash"),
    ("", "kubectl get sa -f b.yaml", "A file, or a type and a name"),
    ("", "kubectl get pods -n", "A flag lacks its value"),
    ("", "kubectl get pods --foo", "There is no such flag here"),
    ("", "kubectl gett pods", "There is no such command"),
    ("", "cat nothing.txt", "No such file"),
    ("", "kubectl apply -f nothing.yaml", "No such file"),
    ("", "helm list", "There is no such program"),
    ("", "echo )", "The shell cannot read the line"),
    ("", "curl -k https://127.0.0.1:1/api", "Nobody listens there"),
    // What was typed.
    ("", "kubectl\u{a0}get sa", "A character is not what it looks like"),
    ("", "kubectl get sa –n default", "A character is not what it looks like"),
    ("", "kubectl get sa “a”", "A character is not what it looks like"),
    ("", "kubectl port-forward p 80", "kubectl has it, this simulator does not"),
    // Whether one is let in.
    ("", "kubectl delete namespace kube-system", "Forbidden: a rule is against it"),
    ("", "curl -sk -H 'Authorization: Bearer abc' $SERVER/api | jq -c .", "Unauthorized: nobody knows you"),
    ("", "curl -skI -H 'Authorization: Bearer abc' $SERVER/api", "Unauthorized: nobody knows you"),
    ("", "curl -kf -H 'Authorization: Bearer abc' $SERVER/api", "Unauthorized: nobody knows you"),
    (
        "kubectl create sa reader; TOKEN=$(kubectl create token reader --audience=vault)",
        "curl -sk -H \"Authorization: Bearer $TOKEN\" $SERVER/api",
        "Unauthorized: nobody knows you",
    ),
    (
        "TOKEN=$(kubectl create token reader)",
        "curl -sk -H \"Authorization: Bearer $TOKEN\" $SERVER/api/v1/secrets",
        "Forbidden: known, but not allowed",
    ),
    ("", "curl $SERVER/api", "The certificate is not trusted"),
    ("", "curl -sk ${SERVER/https/http}/api", "http where https belongs"),
    ("", "curl -k https://kubernetes.svc/api", "No server has this name"),
    ("", "curl -k", "curl was called wrongly"),
    ("", "curl --nope $SERVER", "curl was called wrongly"),
    ("", "curl -k ftp://x", "curl was called wrongly"),
    ("", "kubectl top pod", "Nobody measures in this cluster"),
    ("", "curl -s $SERVER/api", "curl was told to say nothing"),
    // Inside of a container.
    (
        "kubectl run p --image=nginx; kubectl wait --for=condition=Ready pod/p",
        "kubectl exec p -- nope",
        "The container has no such program",
    ),
    ("", "kubectl logs p -p", "There was no container before this one"),
    ("", "kubectl exec p -- cat /nope", "The command in the container failed"),
    ("", "kubectl exec p -c other -- ls", "The pod has no such container"),
    ("", "kubectl exec p", "No command for the container"),
    ("", "kubectl exec p ls", "No command for the container"),
    ("", "kubectl exec", "Which pod?"),
    ("", "kubectl logs", "Which pod?"),
    (
        "kubectl run done --image=busybox --restart=Never -- true; kubectl wait --for=jsonpath='{.status.phase}'=Succeeded pod/done",
        "kubectl exec done -- ls",
        "No connection into the container",
    ),
    (
        "printf 'apiVersion: v1\\nkind: Pod\\nmetadata:\\n  name: late\\nspec:\\n  containers:\\n  - name: c\\n    image: nginx\\n  volumes:\\n  - name: v\\n    secret:\\n      secretName: gone\\n' > late.yaml; kubectl create -f late.yaml; kubectl wait --for=condition=PodScheduled pod/late",
        "kubectl logs late",
        "The container has not started yet",
    ),
    ("", "kubectl exec late -- ls", "No connection into the container"),
    // How kubectl was called.
    ("", "kubectl get svc", "A real cluster has it, this simulator does not"),
    ("", "kubectl auth can-i list jobs --as=nobody", "A real cluster has it, this simulator does not"),
    (
        "printf 'apiVersion: batch/v1\\nkind: CronJob\\nmetadata:\\n  name: c\\n' > cron.yaml",
        "kubectl apply -f cron.yaml",
        "A real cluster has it, this simulator does not",
    ),
    (
        "printf 'apiVersion: v1\\nkind: Deployment\\nmetadata:\\n  name: c\\n' > v1.yaml",
        "kubectl apply -f v1.yaml",
        "The type has another apiVersion",
    ),
    ("", "kubectl describe dashboard-sa", "The type is missing before the name"),
    ("", "kubectl get users", "There is no such type"),
    (
        "printf 'apiVersion: v1\\nkind: Serviceaccount\\nmetadata:\\n  name: c\\n' > kind.yaml",
        "kubectl apply -f kind.yaml",
        "There is no such type",
    ),
    ("", "kubectl get", "Which type?"),
    ("", "kubectl describe", "Which type?"),
    ("", "kubectl rollout restart", "Which type?"),
    ("", "kubectl label", "Which type?"),
    ("", "kubectl create", "Neither a name nor a file"),
    ("", "kubectl delete", "Neither a name nor a file"),
    ("", "kubectl delete sa", "Neither a name nor a file"),
    ("", "kubectl get pods pods/p", "The type stands there twice"),
    ("", "kubectl create token", "One name, and one only"),
    ("", "kubectl create sa a b", "One name, and one only"),
    ("", "kubectl get pods p -A", "A name, or all namespaces"),
    ("", "kubectl describe pod p -l a=b", "A name, or a selector"),
    ("", "kubectl create foo", "A word too many"),
    ("", "kubectl apply pod.yaml", "A word too many"),
    ("", "kubectl create rolebinding x --role=r --serviceaccount=foo", "The account is not named in full"),
    ("", "kubectl create rolebinding x --serviceaccount=default:foo", "Role or cluster role"),
    ("", "kubectl create role x --resource=pods", "A role says what may be done to what"),
    ("", "kubectl create role x --verb=get", "A role says what may be done to what"),
    ("", "kubectl auth can-i get", "can-i wants a verb and a resource"),
    ("", "kubectl run x", "A flag is missing"),
    ("", "kubectl create clusterrolebinding x --serviceaccount=default:a", "A flag is missing"),
    ("", "kubectl create token a --bound-object-kind=Pod", "The token is bound to half a thing"),
    ("", "kubectl create token a --duration=1s", "A token lives for ten minutes or more"),
    ("", "kubectl create token a --duration=10", "A time needs its unit"),
    ("", "kubectl create token a --duration=1d", "A time needs its unit"),
    ("", "kubectl get pods --watch=maybe", "The value does not fit the flag"),
    ("", "kubectl patch sa a -p '{}' --type=foo", "The value does not fit the flag"),
    ("", "kubectl label sa a x=y z", "KEY=VALUE is wanted"),
    ("", "kubectl api-resources foo", "A word too many"),
    ("", "kubectl apply -f https://x.y/z.yaml", "kubectl has it, this simulator does not"),
    ("", "kubectl get pods,svc", "A real cluster has it, this simulator does not"),
    ("", "kubectl label sa a", "What to change is missing"),
    ("", "kubectl patch sa a", "What to change is missing"),
    ("", "kubectl create secret generic s --from-literal=a", "KEY=VALUE is wanted"),
    ("", "kubectl get sa -o yml", "Output cannot be shown like that"),
    ("", "kubectl get sa -o jsonpath", "Output cannot be shown like that"),
    ("", "kubectl get sa a -o jsonpath='{.metadata.name[0]}'", "The path leads nowhere in this object"),
    ("", "kubectl wait pod p", "Wait for what?"),
    ("", "kubectl wait --for=delete pod/p --timeout=1ms", "It did not come to pass in time"),
    ("", "kubectl --context=nope get pods", "There is no such context"),
    ("", "kubectl config use-context nope", "There is no such context"),
    ("", "kubectl get pods --as-group=devs", "Groups without a user"),
    ("", "kubectl get --raw api", "A path of the API begins with /"),
    ("", "kubectl get --raw /api/v1/foos", "The API server has no such path"),
    // What the server says of the object.
    ("", "kubectl create token nobody", "Not found"),
    ("", "kubectl create sa x -n nowhere", "Not found"),
    (
        "kubectl create role r --verb=get --resource=pods; kubectl create rolebinding r --role=r --serviceaccount=default:a",
        "kubectl patch rolebinding r -p '{\"roleRef\": {\"name\": \"other\"}}'",
        "This cannot be changed afterwards",
    ),
    (
        "printf 'kind: Pod\\nmetadata:\\n  name: c\\n' > bare.yaml",
        "kubectl apply -f bare.yaml",
        "The manifest does not say what it is",
    ),
    ("", "kubectl explain sa.foo", "There is no such field"),
    ("touch empty.yaml", "kubectl apply -f empty.yaml", "The file has no objects"),
    // The other programs.
    ("", "kubectl get sa | jq .", "jq was given something that is no JSON"),
    ("", "kubectl get sa a -o json | jq .metadata.name.x", "jq: the value is built otherwise"),
    ("", "kubectl get sa a -o json | jq .kind[]", "jq: the value is built otherwise"),
    ("", "kubectl get sa a -o json | jq '.metadata['", "jq cannot read the filter"),
    ("", "kubectl get sa a -o json | jq .kind | jq fromjson", "jq could not finish"),
    ("", "echo a-b | base64 -d", "This is no clean base64"),
    ("", "echo a | openssl x509 -noout -text", "openssl found no certificate"),
    ("", "openssl x509 -in nope.pem", "No such file"),
    ("", "openssl s_client", "openssl: not this one"),
    ("", "openssl foo", "openssl: not this one"),
    ("", "openssl x509 -foo", "There is no such flag here"),
    ("", "grep --foo a", "There is no such flag here"),
    ("", "ls -Q", "There is no such flag here"),
    ("", "cat 'open", "The shell cannot read the line"),
    ("", "kubectl get sa &", "This shell does not have that"),
    ("touch run.sh", "./run.sh", "The file cannot be run"),
    ("", "echo x > /tmp", "A folder where a file belongs"),
    ("", "rm", "A word is missing"),
    ("", "grep", "A word is missing"),
    // What another program made good of is an error all the same.
    ("", "kubectl get sa nobody | cat", "Not found"),
    // Several commands on one line: the error that stands last.
    ("", "kubectl get users; kubectl get sa nobody", "Not found"),
    ("", "kubectl get sa nobody\nkubectl get serviceacounts", "There is no such type"),
    ("", "kubectl get serviceacounts && kubectl get sa; kubectl get sa", "There is no such type"),
    ("", "kubectl get sa kubectl get pods", "Two commands on one line"),
];

/// What an entry says of one error: what is typed, and a part of it.
const HERE: &[(&str, &str)] = &[
    ("kubectl get serviceacounts", "The nearest type here is: serviceaccounts, or sa"),
    ("kubectl get sa kubectl get pods", "The second command of the line is: kubectl get pods"),
    ("kubectl get serviceacounts; kubectl create sa x -n nowhere", "What is missing is the namespace nowhere itself."),
    ("kubectl get users", "Kubernetes keeps no objects for users"),
    ("kubectl get svc", "The type is Service (v1). This simulator has: configmaps,"),
    ("kubectl describe dashboard-sa", "the line is: kubectl describe serviceaccount dashboard-sa"),
    ("kubectl apply -f v1.yaml", "Deployment belongs to apiVersion: apps/v1; here it says v1."),
    ("kubectl apply -f kind.yaml", "kind: ServiceAccount with apiVersion: v1. Capital letters count."),
    (
        "kubectl get pods --as=system:serviceaccount:default:nobody",
        "As a question: kubectl auth can-i list pods -n default --as system:serviceaccount:default:nobody",
    ),
    (
        "kubectl get clusterroles --as=bob",
        "As a question: kubectl auth can-i list clusterroles.rbac.authorization.k8s.io -A --as bob",
    ),
    ("kubectl get pods --as=bert", "What is missing is the Role gone in the namespace default."),
    ("kubectl logs p --as=bob", "As a question: kubectl auth can-i get pods -n default --as bob"),
    ("kubectl create token a --as=bob", "can-i create serviceaccounts --subresource token -n default --as bob"),
    ("kubectl get --raw /metrics --as=bob", "As a question: kubectl auth can-i get /metrics --as bob"),
    (
        "curl -sk -H \"Authorization: Bearer $TOKEN\" $SERVER/api/v1/secrets",
        "can-i list secrets -A --as system:serviceaccount:default:reader",
    ),
    ("curl -sk -H 'Authorization: Bearer $TOKEN' $SERVER/api", "$TOKEN stands in single quotes"),
    ("curl -sk -H 'Authorization: Bearer abc' $SERVER/api", "What the line sends is abc."),
    ("kubectl create sa x -n nowhere", "What is missing is the namespace nowhere itself."),
    ("kubectl get pods --watch=maybe", "Here -w, --watch was given the value maybe."),
    ("kubectl create token a --duration=1d", "Here --duration was given the value 1d."),
    ("kubectl run x", "Add to the line: --image=…"),
    ("kubectl create sa", "Here there was none"),
    ("kubectl create sa a b", "Here there were 2."),
    ("kubectl apply pod.yaml", "A file stands after -f: -f pod.yaml"),
    ("kubectl create foo", "The word is: foo"),
    ("kubectl get sa -o yml", "The nearest is: -o yaml"),
    ("T = x", "write it without blanks around the equals sign: T=VALUE"),
    ("$TOKEN", "What was run as a command is a token."),
    ("kubectl create -f e.yaml", "automountServiceAccountToken takes true or false; what came is of the kind string."),
    ("cat 'open", "A ' was opened and not closed."),
    ("kubectl get\u{a0}sa", "Column 12: a no-break space (U+00A0)"),
];

/// What came of a line.
struct Ran {
    status: i32,
    line: String,
    out: String,
    err: String,
}

impl Ran {
    fn outcome(&self) -> Outcome<'_> {
        Outcome { status: self.status, line: &self.line, out: &self.out, err: &self.err }
    }

    fn found(&self) -> Option<&'static Entry> {
        find(&self.outcome()).and_then(|at| entries().nth(at))
    }
}

async fn run(shell: &mut Shell, line: &str) -> Ran {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let status = shell.run(line, &mut Screen { stdout: &mut out, stderr: &mut err }).await.status;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ran { status, line: line.to_owned(), out: text(&out), err: text(&err) }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_entry_is_reached_by_a_real_command() {
    let bench = Workbench::new(Clock::system(), Ids::seeded(7));
    let cluster = Cluster::simulated(&bench, Release::DEFAULT).expect("started");
    cluster.ready().await;
    let mut shell = Shell::new(cluster.kubeconfig());
    shell.anonymous.clone_from(&cluster.anonymous);
    shell.unix.variables.insert("SERVER".to_owned(), cluster.kubeconfig().server);
    let mut faults = Vec::new();
    for (before, line, want) in ROWS {
        if !before.is_empty() {
            let ran = run(&mut shell, before).await;
            assert_eq!(ran.status, 0, "{before}: {}{}", ran.out, ran.err);
            assert_eq!(ran.found().map(|entry| entry.title), None, "{before}: {}{}", ran.out, ran.err);
        }
        let ran = run(&mut shell, line).await;
        let found = ran.found().map(|entry| entry.title);
        if found != Some(*want) {
            let Ran { status, out, err, .. } = ran;
            faults.push(format!("{line} [{status}] leads to {found:?}, not {want:?}:\n{out}{err}"));
        }
    }
    for entry in entries() {
        if !ROWS.iter().any(|(.., title)| *title == entry.title) {
            faults.push(format!("no command leads to {:?}", entry.title));
        }
    }
    for (line, want) in HERE {
        let ran = run(&mut shell, line).await;
        let here = ran.found().and_then(|entry| entry.here(&ran.outcome())).unwrap_or_default();
        if !here.contains(want) {
            faults.push(format!("{line} says {here:?}, not {want:?}:\n{}{}", ran.out, ran.err));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Types that are in the list of those here are those the simulator keeps, with their short names.
#[test]
fn the_types_are_those_of_the_simulator() {
    let kept: Vec<(&str, &str, &[&str], String)> = registry::ALL
        .iter()
        .map(|strategy| strategy.resource())
        .map(|kept| (kept.kind, kept.plural, kept.short_names, kept.group_version.api_version()))
        .collect();
    let listed: Vec<(&str, &str, &[&str], String)> = KINDS
        .iter()
        .filter(|kind| kind.here)
        .map(|kind| (kind.kind, kind.plural, kind.short, kind.version.to_owned()))
        .collect();
    assert_eq!(listed, kept);
}

/// A heading is not wrapped, and an error is not explained in two places.
#[test]
fn titles() {
    for (at, entry) in entries().enumerate() {
        assert!(entry.title.chars().count() <= 52, "{}", entry.title);
        assert!(entries().take(at).all(|other| other.title != entry.title), "{}", entry.title);
        assert!(entry.here.is_some() || !entry.signs.is_empty(), "{}", entry.title);
    }
}
