//! The ladder of a request put together from outside, against what the server itself noted of the same request: `serve`'s
//! door stands for a real cluster, and is reached through a kubeconfig.

use std::sync::{Arc, Mutex};

use http::Request;
use kube::client::Body;
use kube::config::Kubeconfig;
use sa_tutor::cluster::why::{Explainer, Noted};
use sa_tutor::cluster::{Choice, Cluster, Plan};
use sa_tutor::shell::{Screen, Shell};
use sa_tutor::simulator::Simulator;
use sa_tutor::why::{Check, Rung, Sign, Trace};
use serde_json::{Value, json};

use crate::forged_tokens::{FORGED, Forge, SIGNED};
use crate::support::door::{Door, limited};

/// The learner on a cluster that shows only what a real one shows.
struct Learner {
    shell: Shell,
    cluster: Cluster,
    explainer: Explainer,
    noted: Arc<Mutex<Vec<Noted>>>,
    inside: Arc<Mutex<Vec<Trace>>>,
}

/// Through a kubeconfig whose user is the administrator's, with another one's credentials where some are given.
async fn connected(door: &Door, user: Option<Value>) -> Cluster {
    let mut kubeconfig: Value = serde_yaml::from_str(&door.kubeconfig).expect("YAML");
    if let Some(user) = user {
        kubeconfig["users"][0]["user"] = user;
    }
    let kubeconfig: Kubeconfig = serde_json::from_value(kubeconfig).expect("a kubeconfig");
    let context = kubeconfig.current_context.clone().expect("a context");
    let plan = Plan::of(kubeconfig, &Choice::Context(context)).await.expect("a context");
    plan.connect("default".to_owned(), None, door.clock.clone()).await.expect("connected")
}

impl Learner {
    fn new(cluster: Cluster, simulator: &Simulator) -> Self {
        let (noted, inside) = (Arc::default(), Arc::default());
        let told: Arc<Mutex<Vec<Noted>>> = Arc::clone(&noted);
        cluster.outside.as_ref().expect("real").tell(move |one| told.lock().expect("no panic").push(one));
        let told: Arc<Mutex<Vec<Trace>>> = Arc::clone(&inside);
        simulator.traces().tell(move |trace| told.lock().expect("no panic").push(trace));
        let explainer = cluster.explainer().expect("real");
        let mut shell = Shell::new(cluster.kubeconfig());
        shell.anonymous.clone_from(&cluster.anonymous);
        shell.unix.variables.insert("API".to_owned(), cluster.server.clone());
        Self { shell, cluster, explainer, noted, inside }
    }

    /// Runs a line that must succeed; the explainer hears of its requests, as of all.
    async fn prepare(&mut self, line: &str) {
        assert_eq!(self.run(line).await, 0, "{line}");
        let noted = std::mem::take(&mut *self.noted.lock().expect("no panic"));
        for noted in noted {
            limited("an explanation", self.explainer.explain(&noted)).await;
        }
    }

    async fn run(&mut self, line: &str) -> i32 {
        self.noted.lock().expect("no panic").clear();
        self.inside.lock().expect("no panic").clear();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        self.shell.run(line, &mut Screen { stdout: &mut out, stderr: &mut err }).await.status
    }

    /// Runs a line: the last request it made that is no discovery, as told from outside and from inside.
    async fn both(&mut self, line: &str) -> (Trace, Trace) {
        self.run(line).await;
        self.told(line).await
    }

    async fn told(&mut self, what: &str) -> (Trace, Trace) {
        let noted = std::mem::take(&mut *self.noted.lock().expect("no panic"));
        let inside = std::mem::take(&mut *self.inside.lock().expect("no panic"));
        let last = noted.iter().rev().find(|noted| !noted.is_quiet()).or(noted.last());
        let last = last.unwrap_or_else(|| panic!("{what}: no request"));
        let outside = limited("an explanation", self.explainer.explain(last)).await;
        let same = |trace: &&Trace| trace.asks == outside.asks && trace.code == outside.code;
        let inside = inside.iter().rfind(same).cloned().unwrap_or_else(|| panic!("{what}: {outside:?}\n{inside:?}"));
        // Finding out why writes nothing, and what it asks is not the learner's.
        for asked in std::mem::take(&mut *self.inside.lock().expect("no panic")) {
            let (verb, about) = asked.asks.split_once(' ').expect("a verb");
            let reads = matches!(verb, "get" | "list") || verb == "create" && about.ends_with("reviews");
            assert!(reads, "{what}: {}", asked.asks);
        }
        assert!(self.noted.lock().expect("no panic").is_empty(), "{what}");
        (outside, inside)
    }

    fn client(&self) -> kube::Client {
        self.cluster.kubeconfig().client
    }
}

fn signed(trace: &Trace, rung: Rung, signs: &[Sign]) -> Vec<Check> {
    let steps = trace.steps.iter().filter(|step| step.rung == rung);
    steps.flat_map(|step| &step.checks).filter(|check| signs.contains(&check.sign)).cloned().collect()
}

fn not_seen(trace: &Trace) -> String {
    let checks = trace.steps.iter().flat_map(|step| &step.checks).filter(|check| check.sign == Sign::NotSeen);
    checks.map(|check| format!("{}: {}\n", check.name, check.say)).collect()
}

/// The same rung decided, and says the same.
#[track_caller]
fn same_verdict(what: &str, outside: &Trace, inside: &Trace) {
    let (out, own) = (outside.deciding().expect("a rung"), inside.deciding().expect("a rung"));
    let told = |trace: &Trace| format!("{} {} as {:?}", trace.code, trace.asks, trace.user);
    assert_eq!(told(outside), told(inside), "{what}");
    assert_eq!((out.rung, out.stopped), (own.rung, own.stopped), "{what}:\n{outside:#?}\n{inside:#?}");
    assert_eq!(out.say, own.say, "{what}");
}

const LESSON: &str = "default";

/// The same near misses, and the same would do; a command is offered in the lesson's namespace alone.
#[track_caller]
fn same_reasons(what: &str, outside: &Trace, inside: &Trace) {
    let rung = Rung::Authorization;
    assert_eq!(signed(outside, rung, &[Sign::Bad]), signed(inside, rung, &[Sign::Bad]), "{what}");
    let (offered, would) = (signed(outside, rung, &[Sign::Command]), signed(inside, rung, &[Sign::Command]));
    let is_here = would.iter().all(|line| line.say.contains(&format!(" -n {LESSON}")));
    if is_here {
        assert_eq!(offered, would, "{what}");
        assert_eq!(not_seen(outside), "", "{what}");
    } else {
        assert_eq!(offered, [], "{what}");
        let plain = signed(outside, rung, &[Sign::Plain]);
        assert!(plain.iter().any(|check| check.name == "would do"), "{what}: {plain:?}");
    }
}

const WEB: &str = "kubectl get pods --as=system:serviceaccount:default:web";
const READER: &str = "kubectl create role reader --verb=list --resource=pods";

/// What is done before, and what is asked then.
const REFUSED: &[(&str, &str)] = &[
    ("true", WEB),
    (READER, WEB),
    ("kubectl create rolebinding b --role=reader --user=web", WEB),
    (
        "kubectl create role other --verb=get --resource=pods; kubectl create rolebinding c --role=other --serviceaccount=default:web",
        WEB,
    ),
    ("kubectl create rolebinding d --role=gone --serviceaccount=default:web", WEB),
    ("kubectl create rolebinding e --clusterrole=gone --serviceaccount=default:web", WEB),
    (
        "kubectl create ns other; kubectl create role reader --verb=list --resource=pods -n other; kubectl create rolebinding b --role=reader --serviceaccount=default:web -n other",
        WEB,
    ),
    ("kubectl create rolebinding f --role=reader --serviceaccount=other:web", WEB),
    (
        "kubectl create clusterrole empty --verb=get --resource=nodes; kubectl create clusterrolebinding g --clusterrole=empty --serviceaccount=default:web",
        WEB,
    ),
    ("true", "kubectl get deployments.apps -n default --as=jane --as-group=devs"),
    ("true", "kubectl get nodes --as=jane"),
    ("true", "kubectl get pods -A --as=jane"),
    ("true", "kubectl get secrets -n other --as=jane"),
    ("true", "kubectl get --raw /metrics --as=jane"),
    ("true", "kubectl get pods --as=system:anonymous"),
    ("true", "curl -sk $API/api/v1/namespaces/default/pods"),
    (
        "T=$(kubectl create token default)",
        "curl -sk -H \"Authorization: Bearer $T\" $API/api/v1/namespaces/default/pods",
    ),
    (
        "kubectl config set-credentials robot --token=$T; kubectl config set-context robot --user=robot --cluster=$(kubectl config view -o jsonpath='{.clusters[0].name}')",
        "kubectl get pods --context=robot",
    ),
    ("true", "kubectl get secret 'x' --as='jane; kubectl delete ns default'"),
    ("kubectl create sa web", "kubectl create token web --as=jane"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn near_misses_are_those_that_the_server_sees() {
    let door = Door::open(36).await;
    let mut learner = Learner::new(connected(&door, None).await, &door.simulator);
    for (before, line) in REFUSED {
        learner.prepare(before).await;
        let (outside, inside) = learner.both(line).await;
        assert_eq!(outside.code, 403, "{line}");
        same_verdict(line, &outside, &inside);
        same_reasons(line, &outside, &inside);
    }
    // What is offered would do.
    let (outside, _) = learner.both(WEB).await;
    for command in signed(&outside, Rung::Authorization, &[Sign::Command]) {
        learner.prepare(&command.say).await;
    }
    let (outside, inside) = learner.both(WEB).await;
    same_verdict("granted", &outside, &inside);
    let granted = |trace: &Trace| signed(trace, Rung::Authorization, &[Sign::Good]);
    assert_eq!((outside.code, granted(&outside)), (200, granted(&inside)));
}

const POD: &str = "apiVersion: v1\\nkind: Pod\\nmetadata: {name: p}\\nspec: {serviceAccountName: ghost, containers: [{name: c, image: nginx}]}";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_rung_is_told_from_the_answer() {
    let door = Door::open(36).await;
    let mut learner = Learner::new(connected(&door, None).await, &door.simulator);
    let maker = "kubectl create clusterrole maker --verb=create --resource=roles; kubectl create clusterrolebinding maker --clusterrole=maker --serviceaccount=default:default";
    let pod = format!("printf '{POD}' > pod.yaml; kubectl create -f pod.yaml");
    let class = format!(
        "printf '{POD}' | sed 's/serviceAccountName: ghost/priorityClassName: none/' > c.yaml; kubectl create -f c.yaml"
    );
    for (before, line, code, rung) in [
        ("true", "kubectl get pods", 200, Rung::Request),
        ("true", "kubectl get --raw /api/v1/namespaces/default/pods", 200, Rung::Request),
        ("true", "kubectl create sa new", 201, Rung::Request),
        ("true", "kubectl get pods --as=anybody --as-group=system:masters", 200, Rung::Request),
        ("true", "kubectl get pod ghost", 404, Rung::Request),
        ("true", "curl -sk $API/version", 200, Rung::Request),
        ("T=$(kubectl create token default)", "curl -sk -H \"Authorization: Bearer $T\" $API/api", 200, Rung::Request),
        (
            "T=$(kubectl create token default --audience=vault)",
            "curl -sk -H \"Authorization: Bearer $T\" $API/api",
            401,
            Rung::Authentication,
        ),
        ("true", "curl -sk -H 'Authorization: Bearer x.y.z' $API/api", 401, Rung::Authentication),
        ("true", &pod, 403, Rung::Admission),
        ("true", &class, 403, Rung::Admission),
        ("true", "kubectl create sa x -n nowhere", 404, Rung::Admission),
        ("true", "kubectl delete namespace kube-system", 403, Rung::Admission),
        ("true", "kubectl create sa Bad_Name", 422, Rung::Request),
        ("kubectl create sa twice", "kubectl create sa twice", 409, Rung::Request),
        (
            maker,
            "kubectl create role more --verb=get --resource=secrets --as=system:serviceaccount:default:default",
            403,
            Rung::Request,
        ),
    ] {
        learner.prepare(before).await;
        let (outside, inside) = learner.both(line).await;
        same_verdict(line, &outside, &inside);
        assert_eq!((outside.code, outside.deciding().expect("a rung").rung), (code, rung), "{line}");
        let granted = |trace: &Trace| signed(trace, Rung::Authorization, &[Sign::Good]);
        assert_eq!(granted(&outside), granted(&inside), "{line}");
        // What the plugins fill in is not to be seen in an answer.
        let writes = outside.steps.iter().any(|step| step.rung == Rung::Admission && !step.stopped);
        assert_eq!(!not_seen(&outside).is_empty(), writes, "{line}: {}", not_seen(&outside));
    }
    // A failure that is no Status has no sentence inside.
    let (outside, inside) = learner.both("kubectl get --raw /nothing").await;
    for trace in [outside, inside] {
        let step = trace.deciding().expect("a rung");
        assert_eq!((trace.code, step.rung, step.stopped), (404, Rung::Request, true), "{step:?}");
        assert!(step.say.starts_with("404 "), "{step:?}");
    }
}

/// Users of few rights: what they may not read is said, and the verdict is the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_read_little_is_told_what_was_not_seen() {
    let door = Door::open(36).await;
    let mut admin = Learner::new(connected(&door, None).await, &door.simulator);
    for line in [
        "kubectl create sa few; kubectl create sa none",
        "kubectl create role rbac --verb=get,list --resource=roles,rolebindings",
        "kubectl create rolebinding rbac --role=rbac --serviceaccount=default:few",
        "kubectl create rolebinding viewer --clusterrole=view --serviceaccount=default:few",
    ] {
        admin.prepare(line).await;
    }
    let account = async |name: &str| {
        let path = format!("/api/v1/namespaces/default/serviceaccounts/{name}/token");
        let made = door.ask_as_admin("POST", &path, &json!({"spec": {}})).await.json();
        let token = made["status"]["token"].clone();
        Learner::new(connected(&door, Some(json!({"token": token}))).await, &door.simulator)
    };
    let all = "cluster roles: this kubeconfig's user may not ask for it";
    let rows: [(&str, &str, u16, &[&str]); 8] = [
        ("few", "kubectl get roles", 200, &[]),
        ("few", "kubectl get pods", 200, &[]),
        (
            "few",
            "kubectl get secrets",
            403,
            &[all, "role bindings of other namespaces: ", "RoleBinding viewer: gives ClusterRole view, whose rules"],
        ),
        ("few", "kubectl get nodes", 403, &[all, "role bindings: this kubeconfig's user may not"]),
        ("few", "kubectl get pods --as=jane", 403, &[]),
        ("none", "kubectl get secrets", 403, &[all, "\nroles: ", "\nrole bindings: "]),
        ("none", "kubectl auth can-i list pods", 201, &["the plugins: "]),
        ("none", "kubectl get --raw /metrics", 403, &[all]),
    ];
    for (who, line, code, wanted) in rows {
        let mut learner = account(who).await;
        let (outside, inside) = learner.both(line).await;
        same_verdict(line, &outside, &inside);
        assert_eq!(outside.code, code, "{line}");
        let hidden = format!("\n{}", not_seen(&outside));
        for wanted in wanted {
            assert!(hidden.contains(wanted), "{who}: {line}: {wanted}\n{hidden}");
        }
        assert!(!wanted.is_empty() || hidden.trim().is_empty(), "{who}: {line}\n{hidden}");
        // Nothing is called missing that could not be looked for.
        let misses = signed(&outside, Rung::Authorization, &[Sign::Bad]);
        assert!(misses.iter().all(|miss| !miss.say.contains("there is none of that name")), "{line}: {misses:?}");
        let commands = signed(&outside, Rung::Authorization, &[Sign::Command]);
        assert!(commands.iter().all(|line| line.say.ends_with(" -n default")), "{commands:?}");
    }
    // Nobody at all.
    let mut nobody = Learner::new(connected(&door, Some(json!({}))).await, &door.simulator);
    let (outside, inside) = nobody.both("kubectl get pods -n default").await;
    same_verdict("nobody", &outside, &inside);
    assert!(not_seen(&outside).contains("the cluster's own answer, asked again: "), "{}", not_seen(&outside));
    assert_eq!(signed(&outside, Rung::Authorization, &[Sign::Command]), []);
}

/// The kubeconfig's own user has a token, so that the learner's counts.
async fn with_token(forge: &Forge, account: &str) -> Learner {
    let token = forge.request(account, json!({})).await;
    let cluster = connected(&forge.door, Some(json!({"token": token}))).await;
    Learner::new(cluster, &forge.door.simulator)
}

async fn shown(learner: &mut Learner, what: &str, token: &str) -> (Trace, Trace) {
    let request = Request::get("/api/v1/namespaces/default/serviceaccounts/default");
    let request = request.header("Authorization", format!("Bearer {token}")).body(Body::empty()).expect("a request");
    limited("an answer", learner.client().send(request)).await.expect("an answer");
    let (outside, inside) = learner.told(what).await;
    let text = format!("{outside:?}");
    let secret = token.rsplit('.').next().filter(|part| part.len() > 20);
    assert!(secret.is_none_or(|secret| !text.contains(secret)), "{what}");
    (outside, inside)
}

/// Good, expired, forged, foreign and orphaned tokens: the check that failed is the server's own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_fails_at_the_same_check() {
    for minor in [20, 36] {
        let forge = Forge::new(minor).await;
        let accounts = "/api/v1/namespaces/default/serviceaccounts";
        forge.post(accounts, &json!({"metadata": {"name": "root"}})).await;
        let binding = json!({"metadata": {"name": "root"}, "roleRef": {"apiGroup": "rbac.authorization.k8s.io",
            "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [{"kind": "ServiceAccount", "name": "root", "namespace": "default"}]});
        forge.post("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", &binding).await;
        let mut learner = with_token(&forge, "root").await;
        for (what, make, _) in FORGED.iter().chain(SIGNED) {
            let what = format!("1.{minor} {what}");
            let (outside, inside) = shown(&mut learner, &what, &make(&forge)).await;
            same_verdict(&what, &outside, &inside);
            let (own, seen) = (
                signed(&inside, Rung::Authentication, &[Sign::Bad]),
                signed(&outside, Rung::Authentication, &[Sign::Bad]),
            );
            assert_eq!(own.len(), seen.len(), "{what}: {own:?} {seen:?}");
            for (own, seen) in own.iter().zip(&seen) {
                assert_eq!(own.name, seen.name, "{what}: {own:?} {seen:?}");
                assert!(seen.say.starts_with(&own.say), "{what}: {own:?} {seen:?}");
            }
            assert_eq!(signed(&outside, Rung::Authentication, &[Sign::NotSeen]), [], "{what}");
        }
    }
}

/// Whose kubeconfig may not ask for reviews sees what the token itself and the keys tell, and says so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_reviews_a_token_is_looked_at_as_far_as_it_goes() {
    let forge = Forge::new(36).await;
    forge.post("/api/v1/namespaces/default/serviceaccounts", &json!({"metadata": {"name": "few"}})).await;
    let mut learner = with_token(&forge, "few").await;
    let review = "the cluster's own review of the token: this kubeconfig's user may not ask for it";
    for (what, failed, hidden) in [
        ("payload changed", "signature", ""),
        ("a kid of nobody", "signature", ""),
        ("expired long ago", "time", ""),
        ("begins later", "time", ""),
        ("one part", "form", ""),
        ("another issuer", "issuer", ""),
        ("another audience", "", "audience: it is for vault, x"),
        ("another audience", "", review),
        ("an account that is not there", "", "account nobody: this kubeconfig's user may not"),
        ("an account that is not there", "", review),
    ] {
        let (_, make, _) = FORGED.iter().chain(SIGNED).rfind(|(row, ..)| *row == what).expect("a row");
        let (outside, inside) = shown(&mut learner, what, &make(&forge)).await;
        same_verdict(what, &outside, &inside);
        let names: Vec<String> =
            signed(&outside, Rung::Authentication, &[Sign::Bad]).into_iter().map(|check| check.name).collect();
        assert_eq!(names.concat(), failed, "{what}");
        assert!(not_seen(&outside).contains(hidden), "{what}: {}", not_seen(&outside));
    }
    // A certificate counts before any token, and the ladder says so.
    let mut admin = Learner::new(connected(&forge.door, None).await, &forge.door.simulator);
    let (outside, inside) = shown(&mut admin, "beside a certificate", "x.y.z").await;
    same_verdict("beside a certificate", &outside, &inside);
    let plain = signed(&outside, Rung::Authentication, &[Sign::Plain]);
    assert!(plain.iter().any(|check| check.say.contains("the certificate comes first")), "{plain:?}");
}

/// Many at once: all are told, in their order, and the most of them without asking; that pods are not seen is said once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_requests_are_told_and_not_all_looked_into() {
    let door = Door::open(36).await;
    let cluster = connected(&door, None).await;
    let (told, mut traces) = tokio::sync::mpsc::unbounded_channel();
    let sender = cluster.explainer().expect("real").listen(move |trace| drop(told.send(trace)));
    let notes = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&notes);
    cluster.outside.as_ref().expect("real").tell(move |noted| kept.lock().expect("no panic").push(noted));
    let mut shell = Shell::new(cluster.kubeconfig());
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let line = "for i in $(seq 100); do kubectl get sa default$i; done; kubectl get pods; kubectl get pods --as=jane";
    shell.run(line, &mut Screen { stdout: &mut out, stderr: &mut err }).await;
    let notes: Vec<Noted> = std::mem::take(&mut *notes.lock().expect("no panic"));
    let count = notes.iter().filter(|noted| !noted.is_quiet()).count();
    for noted in notes {
        assert!(sender.send(noted).is_ok());
    }
    let (mut pods, mut brief, mut asks) = (0, 0, Vec::new());
    for _ in 0..count {
        let trace = limited("a trace", traces.recv()).await.expect("a trace");
        let hidden = not_seen(&trace);
        pods += usize::from(hidden.contains("the pods' requests: "));
        brief += usize::from(hidden.contains("not all were looked into"));
        asks.push(trace.asks);
    }
    assert_eq!(pods, 1);
    assert!(brief > count / 2 && brief < count, "{brief} of {count}");
    let named: Vec<String> = (1..=100).map(|i| format!("get serviceaccounts default{i} in default")).collect();
    assert_eq!(asks.iter().filter(|asks| asks.contains(" default")).cloned().collect::<Vec<_>>()[..100], named);
}
