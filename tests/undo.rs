//! Going back to what a cluster was: objects, containers, files in pods, the clock, and what follows of them.

use std::time::Duration;

use jiff::SignedDuration;
use sa_tutor::apimachinery::Release;
use sa_tutor::base::{Clock, Ids};
use sa_tutor::cluster::{Cluster, Workbench};
use sa_tutor::course::{Evidence, settle};
use sa_tutor::shell::{Screen, Shell};
use sa_tutor::simulator::{Simulator, Snapshot};

/// How long anything may take.
const LIMIT: Duration = Duration::from_secs(60);

struct Prompt {
    shell: Shell,
    cluster: Cluster,
}

impl Prompt {
    async fn new(release: Release) -> Self {
        let bench = Workbench::new(Clock::system(), Ids::seeded(3));
        let cluster = Cluster::simulated(&bench, release).expect("a cluster");
        tokio::time::timeout(LIMIT, cluster.ready()).await.expect("ready");
        let mut shell = Shell::new(cluster.kubeconfig());
        shell.anonymous.clone_from(&cluster.anonymous);
        Self { shell, cluster }
    }

    fn simulator(&self) -> &Simulator {
        self.cluster.simulator.as_ref().expect("the simulator")
    }

    async fn run(&mut self, line: &str) -> (i32, String) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let status = self.shell.run(line, &mut Screen { stdout: &mut out, stderr: &mut err }).await.status;
        self.settle().await;
        (status, String::from_utf8_lossy(&out).into_owned() + &String::from_utf8_lossy(&err))
    }

    async fn settle(&self) {
        let evidence = Evidence::new(self.cluster.client.clone(), "default".to_owned());
        tokio::time::timeout(LIMIT, settle(&evidence)).await.expect("at rest");
    }

    /// What a line prints by the time it prints this.
    async fn comes_to(&mut self, line: &str, want: &str) {
        let look = async {
            while !self.run(line).await.1.contains(want) {
                tokio::task::yield_now().await;
            }
        };
        let outcome = tokio::time::timeout(LIMIT, look).await;
        assert!(outcome.is_ok(), "{line} never says {want}");
    }
}

/// All objects but events, without their revisions: what a learner would say the cluster is.
fn objects(snapshot: &Snapshot) -> Vec<String> {
    let wanted = snapshot.objects.objects().filter(|(key, _)| key.resource != "events");
    wanted
        .map(|(key, object)| {
            let mut object = serde_json::Value::clone(object);
            object["metadata"]["resourceVersion"] = serde_json::Value::Null;
            format!("{key:?} {object}")
        })
        .collect()
}

const POD: &str = "printf 'apiVersion: v1\\nkind: Pod\\nmetadata: {name: web}\\nspec: {terminationGracePeriodSeconds: 0, \
                   containers: [{name: c, image: my-kubernetes-dashboard}]}' > pod.yaml; kubectl apply -f pod.yaml";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_each_command_changed_is_taken_back_and_done_again() {
    for release in [Release::minor(20), Release::DEFAULT] {
        let mut prompt = Prompt::new(release).await;
        prompt.run(POD).await;
        prompt.comes_to("kubectl get pod web", "Running").await;
        for (line, look, want) in [
            ("kubectl create secret generic plain --from-literal=a=b", "", ""),
            ("kubectl create sa builder", "", ""),
            ("kubectl delete pod web --now", "", ""),
            ("kubectl delete sa default", "", ""),
            ("kubectl create role reader --verb=get --resource=pods", "", ""),
            ("kubectl create rolebinding reader --role=reader --serviceaccount=default:builder", "", ""),
            ("kubectl label sa builder team=red", "", ""),
            ("kubectl create deployment hello --image=nginx --replicas=2", "kubectl get deployment hello", "2/2"),
            ("kubectl delete deployment hello", "kubectl get rs,pods -l app=hello", "No resources"),
            ("kubectl delete secret plain", "", ""),
        ] {
            // The account that was deleted is there again, with its secret.
            tokio::time::timeout(LIMIT, prompt.cluster.ready()).await.expect("ready");
            let before = prompt.simulator().snapshot().await;
            let (status, said) = prompt.run(line).await;
            assert_eq!(status, 0, "{line}: {said}");
            if !look.is_empty() {
                prompt.comes_to(look, want).await;
                prompt.settle().await;
            }
            tokio::time::timeout(LIMIT, prompt.cluster.ready()).await.expect("ready");
            let after = prompt.simulator().snapshot().await;
            assert!(objects(&before) != objects(&after), "{line}");
            for (there, way) in [(&before, "back"), (&after, "again")] {
                prompt.simulator().restore(there).await;
                prompt.settle().await;
                let now = prompt.simulator().snapshot().await;
                let (now, want) = (objects(&now), objects(there));
                let differ = |one: &[String], other: &[String]| -> Vec<String> {
                    one.iter().filter(|object| !other.contains(object)).cloned().collect()
                };
                let (more, less) = (differ(&now, &want), differ(&want, &now));
                assert!(more.is_empty() && less.is_empty(), "{release} {line}: {way}: is {more:#?}, was {less:#?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pod_that_comes_back_is_the_same_pod() {
    let mut prompt = Prompt::new(Release::DEFAULT).await;
    prompt.run(POD).await;
    prompt.comes_to("kubectl get pod web", "Running").await;
    prompt.comes_to("kubectl logs web", "dashboard: GET").await;
    prompt.run("kubectl exec web -- sh -c 'echo kept > /tmp/file'").await;
    let uid = prompt.run("kubectl get pod web -o jsonpath='{.metadata.uid} {.status.podIP} {.status.containerStatuses[0].containerID}'").await.1;
    let token = "kubectl exec web -- cat /var/run/secrets/kubernetes.io/serviceaccount/token";
    let held = prompt.run(token).await.1;
    let first = prompt.run("kubectl logs web | head -1").await.1;
    let before = prompt.simulator().snapshot().await;

    prompt.run("kubectl delete pod web --now").await;
    assert!(prompt.run(token).await.1.contains("not found"));
    prompt.simulator().restore(&before).await;
    prompt.settle().await;
    let uid_now = prompt.run("kubectl get pod web -o jsonpath='{.metadata.uid} {.status.podIP} {.status.containerStatuses[0].containerID}'").await.1;
    assert_eq!(uid_now, uid);
    assert_eq!(prompt.run(token).await.1, held);
    assert_eq!(prompt.run("kubectl exec web -- cat /tmp/file").await.1, "kept\n");
    assert_eq!(prompt.run("kubectl logs web | head -1").await.1, first);
    // Its program runs: it says more than it had said.
    prompt.comes_to("kubectl logs web --since=1s", "dashboard: GET").await;
    // And its token is good: the pod it is bound to is there.
    let api = prompt.cluster.server.clone();
    let asked = prompt.run(&format!("curl -sk -H \"Authorization: Bearer $({token})\" {api}/api/v1/pods")).await.1;
    assert!(asked.contains("system:serviceaccount:default:default"), "{asked}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_clock_goes_back_with_the_cluster() {
    let mut prompt = Prompt::new(Release::DEFAULT).await;
    prompt.run(POD).await;
    prompt.comes_to("kubectl get pod web", "Running").await;
    let token = "kubectl exec web -- cat /var/run/secrets/kubernetes.io/serviceaccount/token";
    let held = prompt.run(token).await.1;
    let before = prompt.simulator().snapshot().await;
    let clock = prompt.cluster.clock.clone();
    clock.advance(SignedDuration::from_hours(24 * 365));
    prompt.comes_to("kubectl get pod web", "365d").await;
    // The kubelet has renewed the token meanwhile.
    let renewed = async {
        while prompt.run(token).await.1 == held {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LIMIT, renewed).await.expect("renewed");
    prompt.simulator().restore(&before).await;
    prompt.settle().await;
    assert_eq!(clock.ahead(), SignedDuration::ZERO);
    assert!(!prompt.run("kubectl get pod web").await.1.contains("365d"));
    assert_eq!(prompt.run(token).await.1, held);
    // The program in the pod does not sleep for the year it has seen.
    prompt.comes_to("kubectl logs web --since=1s", "dashboard: GET").await;
}
