//! The ladder of a request: what is shown is what decided, and what is offered would do.

use std::sync::{Arc, Mutex};

use sa_tutor::apimachinery::Release;
use sa_tutor::base::{Clock, Ids};
use sa_tutor::cluster::{Cluster, Workbench};
use sa_tutor::shell::{Screen, Shell};
use sa_tutor::why::{Rung, Sign, Trace};

struct Prompt {
    shell: Shell,
    traces: Arc<Mutex<Vec<Trace>>>,
    _cluster: Cluster,
}

impl Prompt {
    async fn new() -> Self {
        let bench = Workbench::new(Clock::system(), Ids::seeded(5));
        let cluster = Cluster::simulated(&bench, Release::DEFAULT).expect("a cluster");
        cluster.ready().await;
        let traces = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&traces);
        let simulator = cluster.simulator.as_ref().expect("the simulator");
        simulator.traces().tell(move |trace| told.lock().expect("no panic").push(trace));
        let mut shell = Shell::new(cluster.kubeconfig());
        shell.anonymous.clone_from(&cluster.anonymous);
        shell.unix.variables.insert("API".to_owned(), cluster.kubeconfig().server);
        Self { shell, traces, _cluster: cluster }
    }

    /// Runs a line: its status, and the last request it made that is no discovery.
    async fn run(&mut self, line: &str) -> (i32, Option<Trace>) {
        self.traces.lock().expect("no panic").clear();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let status = self.shell.run(line, &mut Screen { stdout: &mut out, stderr: &mut err }).await.status;
        let last = self.traces.lock().expect("no panic").iter().rev().find(|trace| !trace.is_quiet).cloned();
        (status, last)
    }
}

const POD: &str = "apiVersion: v1\\nkind: Pod\\nmetadata: {name: p}\\nspec: {serviceAccountName: ghost, containers: [{name: c, image: my-kubernetes-dashboard}]}";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_rung_that_decided_is_shown() {
    let mut prompt = Prompt::new().await;
    let pod = format!("printf '{POD}' > pod.yaml; kubectl apply -f pod.yaml");
    for (before, line, code, rung, stopped, say) in [
        ("", "kubectl get pods", 200, Rung::Request, false, "done"),
        ("", "kubectl get pods --as=jane", 403, Rung::Authorization, true, "no rule allows it"),
        ("", "kubectl get pod ghost", 404, Rung::Request, true, "pods \"ghost\" not found"),
        ("", &pod, 403, Rung::Admission, true, "the plugin ServiceAccount refuses it"),
        ("", "kubectl create sa Bad_Name", 422, Rung::Request, true, "is invalid"),
        ("kubectl create sa twice", "kubectl create sa twice", 409, Rung::Request, true, "already exists"),
        ("", "kubectl create sa new", 201, Rung::Request, false, "done"),
        ("", "curl -sk $API/api/v1/pods", 403, Rung::Authorization, true, "no rule allows it"),
        ("", "curl -sk -H 'Authorization: Bearer x.y.z' $API/api", 401, Rung::Authentication, true, "nobody knows"),
        (
            "kubectl create clusterrole nobody",
            "kubectl get pods --as=jane --as-group=",
            403,
            Rung::Authorization,
            true,
            "no rule allows it",
        ),
    ] {
        prompt.run(before).await;
        let (_, trace) = prompt.run(line).await;
        let trace = trace.unwrap_or_else(|| panic!("{line}: no request"));
        let step = trace.deciding().unwrap_or_else(|| panic!("{line}: no rung"));
        assert_eq!((trace.code, step.rung, step.stopped), (code, rung, stopped), "{line}: {trace:?}");
        assert!(step.say.contains(say), "{line}: {trace:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn near_misses_are_named_and_what_is_offered_would_do() {
    let asked = "kubectl get pods --as=system:serviceaccount:default:web";
    for (before, near) in [
        ("true", ""),
        ("kubectl create role reader --verb=list --resource=pods", "no binding gives it to web"),
        (
            "kubectl create role reader --verb=list --resource=pods; kubectl create rolebinding b --role=reader --user=web",
            "is for the User \"web\"",
        ),
        (
            "kubectl create role reader --verb=get --resource=pods; kubectl create rolebinding b --role=reader --serviceaccount=default:web",
            "allows only: get on pods",
        ),
        ("kubectl create rolebinding b --role=gone --serviceaccount=default:web", "there is none of that name"),
        (
            "kubectl create ns other; kubectl create role reader --verb=list --resource=pods -n other; kubectl create rolebinding b --role=reader --serviceaccount=default:web -n other",
            "counts in namespace other alone",
        ),
        (
            "kubectl create role reader --verb=list --resource=pods; kubectl create rolebinding b --role=reader --serviceaccount=other:web",
            "this one is of namespace default",
        ),
    ] {
        let mut prompt = Prompt::new().await;
        prompt.run(before).await;
        let (_, trace) = prompt.run(asked).await;
        let trace = trace.expect("a request");
        let step = trace.deciding().expect("a rung");
        let told = step.checks.iter().any(|check| check.sign == Sign::Bad && check.say.contains(near));
        assert!(told || near.is_empty(), "{before}: {step:?}");
        let commands = step.checks.iter().filter(|check| check.sign == Sign::Command);
        for command in commands {
            let (status, _) = prompt.run(&command.say).await;
            assert_eq!(status, 0, "{before}: {}", command.say);
        }
        let (status, trace) = prompt.run(asked).await;
        assert_eq!((status, trace.map(|trace| trace.code)), (0, Some(200)), "{before}");
    }
}
