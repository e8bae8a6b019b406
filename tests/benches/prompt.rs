//! What a learner waits for at the prompt: completion over 10,000 names, and `get pods` against the real kubectl.
//!
//! The real kubectl is read from the folder `KUBECTLS` (`kubectl-1.36`); without it that part is left out.

use std::hint::black_box;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use sa_tutor::apimachinery::Release;
use sa_tutor::base::{Clock, Ids, fuzzy};
use sa_tutor::cluster::{Cluster, Workbench};
use sa_tutor::course;
use sa_tutor::shell::{Screen, Shell};
use sa_tutor::simulator::server::tls;
use sa_tutor::tui::msg::Word;
use sa_tutor::tui::overlay::pick::Pick;
use sa_tutor::tui::{self, Key, Msg, Progress, World};

const ROUNDS: u32 = 20;

fn key(name: &str) -> Msg {
    Msg::Key(name.parse::<Key>().expect("a key"))
}

/// Narrowing a list of 10,000 names by a letter, to the frame that shows it.
fn completion(c: &mut Criterion) {
    let names: Vec<String> = (0..10_000).map(|number| format!("web-{:x}-{number:05}", number * 7919)).collect();
    c.bench_function("fuzzy fit of 10,000 names", |bencher| {
        bencher.iter(|| black_box(fuzzy::rank("w77", names.iter().map(String::as_str))));
    });
    let mut world = World::new(80, 24, Timestamp::UNIX_EPOCH, true, Shell::is_incomplete);
    let (lessons, _) = course::load(&course::embedded());
    let lesson = lessons.into_iter().next().expect("a lesson").for_cluster("default", "my-kubernetes-dashboard");
    let progress = Progress { lesson: lesson.id.clone(), ..Progress::default() };
    tui::update(&mut world, Msg::LessonOpened { lesson: Box::new(lesson), step: 0, progress });
    tui::update(&mut world, Msg::Paste("kubectl get pod web-".to_owned()));
    let words: Vec<Word> = names.iter().map(|name| name.as_str().into()).collect();
    let answer = Msg::Completions { line: "kubectl get pod web-".to_owned(), cursor: 20, start: 16, words };
    let area = Rect::new(0, 0, 80, 24);
    c.bench_function("10,000 names arrive, to the frame", |bencher| {
        bencher.iter_batched(
            || (world.clone(), answer.clone()),
            |(mut world, answer)| {
                tui::update(&mut world, answer);
                let mut buffer = Buffer::empty(area);
                tui::view(&world, &mut buffer);
                (buffer, world)
            },
            criterion::BatchSize::LargeInput,
        );
    });
    tui::update(&mut world, answer);
    assert!(world.over::<Pick>().is_some(), "the list is open");
    c.bench_function("a letter narrows 10,000 names, to the frame", |bencher| {
        bencher.iter(|| {
            tui::update(&mut world, key("7"));
            let mut buffer = Buffer::empty(area);
            tui::view(&world, &mut buffer);
            black_box(buffer);
            tui::update(&mut world, key("Backspace"));
        });
    });
}

/// `get pods` in the prompt, and by a real kubectl that comes through the network door of the same server.
fn get_pods(_: &mut Criterion) {
    let kubectl = std::env::var_os("KUBECTLS").map(|folder| PathBuf::from(folder).join("kubectl-1.36"));
    let Some(kubectl) = kubectl.filter(|path| path.exists()) else {
        println!("get pods against the real kubectl: left out, KUBECTLS names no folder with kubectl-1.36");
        return;
    };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let bench = Workbench::new(Clock::system(), Ids::seeded(1));
    let folder = tempfile::tempdir().expect("a folder");
    let kubeconfig = folder.path().join("config");
    let (cluster, mut shell, _door) = runtime.block_on(async {
        let cluster = Cluster::simulated(&bench, Release::DEFAULT).expect("started");
        cluster.ready().await;
        let simulator = cluster.simulator.clone().expect("a simulator");
        let door = tls::listen(&simulator, ([127, 0, 0, 1], 0).into()).await.expect("a door");
        std::fs::write(&kubeconfig, &door.kubeconfig).expect("written");
        let shell = Shell::new(cluster.kubeconfig());
        (cluster, shell, door)
    });
    for number in 0..5 {
        ours(&runtime, &mut shell, &format!("kubectl run web-{number} --image=nginx"));
    }
    let real = |args: &[&str]| {
        let mut command = Command::new(&kubectl);
        command.args(args).env("KUBECONFIG", &kubeconfig).env("HOME", folder.path());
        let began = Instant::now();
        let status = command.stdout(Stdio::null()).status().expect("run");
        assert!(status.success());
        began.elapsed()
    };
    // The first call fills the real one's cache of the API's types.
    real(&["get", "pods"]);
    ours(&runtime, &mut shell, "kubectl get pods");
    let (mut own, mut theirs) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..ROUNDS {
        own += ours(&runtime, &mut shell, "kubectl get pods");
        theirs += real(&["get", "pods"]);
    }
    println!(
        "get pods: ours in the prompt {:?}, the real kubectl {:?}, ratio 1 : {:.1}",
        own / ROUNDS,
        theirs / ROUNDS,
        theirs.as_secs_f64() / own.as_secs_f64()
    );
    drop(cluster);
}

/// Tab after the letters that begin 10,000 names: asking the cluster, ranking, giving them back.
fn ask_and_complete(c: &mut Criterion) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let bench = Workbench::new(Clock::system(), Ids::seeded(1));
    let (cluster, mut shell) = runtime.block_on(async {
        let cluster = Cluster::simulated(&bench, Release::DEFAULT).expect("started");
        cluster.ready().await;
        let shell = Shell::new(cluster.kubeconfig());
        (cluster, shell)
    });
    let manifest: String = (0..10_000)
        .map(|number| format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: web-{number:05}}}\n"))
        .collect();
    shell.unix.files.write("many.yaml", manifest.as_bytes()).expect("written");
    ours(&runtime, &mut shell, "kubectl create -f many.yaml > /dev/null");
    let line = "kubectl get cm web-0";
    c.bench_function("Tab over 10,000 names of the cluster", |bencher| {
        bencher.iter(|| {
            let found = runtime.block_on(shell.complete(line, line.len()));
            assert!(found.len() >= 9_999, "{}", found.len());
            black_box(found);
        });
    });
    drop(cluster);
}

fn ours(runtime: &tokio::runtime::Runtime, shell: &mut Shell, line: &str) -> Duration {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let began = Instant::now();
    let outcome = runtime.block_on(shell.run(line, &mut Screen { stdout: &mut out, stderr: &mut err }));
    let taken = began.elapsed();
    assert_eq!(outcome.status, 0, "{line}: {}", String::from_utf8_lossy(&err));
    taken
}

criterion_group! {
    name = prompt;
    config = Criterion::default().sample_size(20).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3));
    targets = completion, ask_and_complete, get_pods
}
criterion_main!(prompt);
