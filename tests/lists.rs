//! One sweep a list: what an entry promises holds for every entry, so that a new one is held to it too.

use std::collections::BTreeSet;

use sa_tutor::apimachinery::Release;
use sa_tutor::base::{Clock, Ids};
use sa_tutor::cluster::{Cluster, Workbench};
use sa_tutor::simulator::{admission, controller, kubelet, registry, release};
use sa_tutor::{course, kubectl, shell};
use serde_json::Value;

fn all_different<T: Ord + Clone + std::fmt::Debug>(what: &str, entries: impl IntoIterator<Item = T>) {
    let mut seen = BTreeSet::new();
    for entry in entries {
        assert!(seen.insert(entry.clone()), "{what}: {entry:?} is there twice");
    }
    assert!(!seen.is_empty(), "{what}: the list is empty");
}

async fn cluster(release: Release) -> Cluster {
    let cluster = Cluster::simulated(&Workbench::new(Clock::system(), Ids::seeded(1)), release).expect("started");
    cluster.ready().await;
    cluster
}

async fn get(client: &kube::Client, path: &str) -> Value {
    let request = http::Request::get(path).header("accept", TABLE).body(Vec::new()).expect("a request");
    client.request(request).await.unwrap_or_else(|error| panic!("{path}: {error}"))
}

const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

/// Every resource is in discovery, answers a list as a table whose rows have a cell for each column.
#[tokio::test(flavor = "multi_thread")]
async fn resources() {
    let names = registry::ALL.iter().map(|strategy| strategy.resource().qualified());
    all_different("registry::ALL", names);
    for release in [Release::OLDEST, Release::DEFAULT, Release::NEWEST] {
        let cluster = cluster(release).await;
        for strategy in registry::ALL {
            let resource = strategy.resource();
            let group_version = resource.group_version;
            let root = if group_version.group.is_empty() {
                "/api/v1".to_owned()
            } else {
                format!("/apis/{}", group_version.api_version())
            };
            let discovery = get(&cluster.client, &root).await;
            let entry = discovery["resources"]
                .as_array()
                .expect("resources")
                .iter()
                .find(|entry| entry["name"] == resource.plural);
            let entry = entry.unwrap_or_else(|| panic!("{}: not in discovery of {release}", resource.plural));
            assert_eq!(entry["kind"], resource.kind);
            assert!(resource.verbs.is_sorted(), "{}: verbs out of order", resource.plural);
            let table = get(&cluster.client, &format!("{root}/{}", resource.plural)).await;
            let columns = table["columnDefinitions"].as_array().expect("columns").len();
            assert!(columns > 1, "{}: no columns", resource.plural);
            for row in table["rows"].as_array().expect("rows") {
                assert_eq!(row["cells"].as_array().expect("cells").len(), columns, "{} on {release}", resource.plural);
            }
        }
    }
}

/// Every review is in discovery of the releases that serve it, and answers.
#[tokio::test(flavor = "multi_thread")]
async fn reviews() {
    let cluster = cluster(Release::DEFAULT).await;
    for review in registry::REVIEWS
        .iter()
        .filter(|review| review.served().is_none_or(|behaviour| behaviour.holds(Release::DEFAULT)))
    {
        let resource = review.resource();
        let namespace = if resource.namespaced { "/namespaces/default" } else { "" };
        let path = format!("/apis/{}{namespace}/{}", resource.group_version.api_version(), resource.plural);
        let body =
            serde_json::json!({"apiVersion": resource.group_version.api_version(), "kind": resource.kind, "spec": {}});
        let request =
            http::Request::post(&path).header("content-type", "application/json").body(body.to_string().into_bytes());
        match cluster.client.request::<Value>(request.expect("a request")).await {
            Ok(answer) => assert_eq!(answer["kind"], resource.kind),
            // An empty question may be refused, but by the review itself.
            Err(kube::Error::Api(status)) => assert!(matches!(status.code, 400 | 422), "{path}: {status:?}"),
            Err(error) => panic!("{path}: {error}"),
        }
    }
}

#[test]
fn admission_plugins() {
    all_different("admission::ORDERED", admission::ORDERED.iter().map(|plugin| plugin.name()));
}

#[test]
fn controllers() {
    all_different("controller::ALL", controller::ALL.iter().map(|controller| controller.name()));
}

#[test]
fn programs_in_containers() {
    all_different("program::all", kubelet::program::all().iter().map(|program| program.name));
}

/// Every row says what it is about in one sentence, and holds somewhere but not everywhere.
#[test]
fn behaviours() {
    all_different("release::ALL", release::ALL.iter().map(|behaviour| behaviour.what));
    for behaviour in release::ALL {
        assert!(behaviour.what.ends_with('.') && !behaviour.what.contains('\n'), "{:?}", behaviour.what);
        let holds = Release::all().filter(|release| behaviour.holds(*release)).count();
        assert!(holds > 0 && holds < Release::all().count(), "{:?} never changes", behaviour.what);
    }
}

/// Every kubectl command has a help text with its usage, and asking for it is no error.
#[tokio::test(flavor = "multi_thread")]
async fn kubectl_commands() {
    let cluster = cluster(Release::DEFAULT).await;
    let config = cluster.kubeconfig();
    let files = shell::Files::new(config.clock.clone());
    for command in kubectl::commands() {
        let args: Vec<String> = command.split(' ').chain(["--help"]).map(str::to_owned).collect();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut streams =
            kubectl::Streams { stdin: b"", stdout: &mut out, stdout_is_terminal: false, stderr: &mut err };
        let code = kubectl::run(&args, &config, &files, &mut streams).await;
        let (out, err) = (String::from_utf8_lossy(&out), String::from_utf8_lossy(&err));
        assert_eq!((code, err.as_ref()), (0, ""), "kubectl {command} --help");
        // The page of `options` is the list of flags itself.
        let told = out.contains("Usage:") || command == "options";
        assert!(told, "kubectl {command} --help says:\n{out}");
    }
}

/// Every program of the shell is what its name says it is, and survives being called without arguments.
#[tokio::test(flavor = "multi_thread")]
async fn shell_programs() {
    let cluster = cluster(Release::DEFAULT).await;
    for program in shell::programs() {
        let mut shell = shell::Shell::new(cluster.kubeconfig());
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut screen = shell::Screen { stdout: &mut out, stderr: &mut err };
        // Some never end by themselves, and end when nobody reads what they write.
        shell.run(&format!("{} < /dev/null | head -n 3", program.name), &mut screen).await;
        let err = String::from_utf8_lossy(&err);
        assert!(!err.contains("command not found"), "{}: {err}", program.name);
        assert!(!program.summary.is_empty(), "{} says nothing of itself", program.name);
    }
}

#[test]
fn lessons() {
    let (lessons, faults) = course::load(&course::embedded());
    assert!(faults.is_empty(), "{faults:?}");
    all_different("lessons", lessons.iter().map(|lesson| lesson.id.as_str()));
    for (source, lesson) in course::embedded().iter().zip(&lessons) {
        assert!(source.file.ends_with(&format!("-{}.yaml", lesson.id)), "{} holds {}", source.file, lesson.id);
    }
    // Whoever always picks the same place learns nothing by it, and is not right by it either.
    let questions: Vec<_> =
        lessons.iter().flat_map(|lesson| &lesson.steps).filter_map(|step| step.predict.as_ref()).collect();
    for place in 0..4 {
        let right = |predict: &&&course::Predict| predict.answers.get(place).is_some_and(|answer| answer.right);
        let count = questions.iter().filter(right).count();
        assert!(count * 5 <= questions.len() * 2, "answer {} is right in {count} of {}", place + 1, questions.len());
    }
}

/// Every kept resource can be described, all of its objects at once, by a describer of its own or the general one.
#[tokio::test(flavor = "multi_thread")]
async fn describers() {
    let cluster = cluster(Release::DEFAULT).await;
    let config = cluster.kubeconfig();
    let files = shell::Files::new(config.clock.clone());
    for strategy in registry::ALL {
        let args = ["describe", strategy.resource().plural, "-A"].map(str::to_owned);
        let args = if strategy.resource().namespaced { &args[..] } else { &args[..2] };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut streams =
            kubectl::Streams { stdin: b"", stdout: &mut out, stdout_is_terminal: false, stderr: &mut err };
        let code = kubectl::run(args, &config, &files, &mut streams).await;
        let err = String::from_utf8_lossy(&err);
        assert_eq!(code, 0, "{args:?}: {err}");
        assert!(out.starts_with(b"Name:") || err.starts_with("No resources found"), "{args:?} says nothing: {err}");
    }
}
