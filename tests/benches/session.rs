//! What a learner waits for: the first screen, a key press. The simulator's calls are in `server.rs`.

use std::hint::black_box;
use std::io::Read as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use jiff::Timestamp;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use sa_tutor::apimachinery::Release;
use sa_tutor::app::replay::{Script, replay};
use sa_tutor::base::{Clock, Ids, Order as _};
use sa_tutor::cluster::{Cluster, Workbench};
use sa_tutor::course;
use sa_tutor::shell::{Screen, Shell};
use sa_tutor::tui::msg::Feed;
use sa_tutor::tui::pane::releases::Replayed;
use sa_tutor::tui::pane::releases::compare::compare;
use sa_tutor::tui::{self, Key, Msg, Progress, World};
use sa_tutor::why::{Check, Origin, Rung, Sign, Step, Trace};
use serde_json::{Value, json};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

/// From starting the process to the course on the screen.
fn start(c: &mut Criterion) {
    c.bench_function("start to first screen (process)", |bencher| {
        bencher.iter_custom(|rounds| (0..rounds).map(|_| first_screen()).sum());
    });
    let runtime = runtime();
    c.bench_function("simulator from nothing to ready (1.36)", |bencher| {
        bencher.to_async(&runtime).iter(|| async {
            let cluster = Cluster::simulated(&bench(), Release::DEFAULT).expect("started");
            cluster.ready().await;
            black_box(cluster);
        });
    });
}

/// A workbench whose key is made once: in the tutor it is made beside everything else.
fn bench() -> Workbench {
    static BENCH: std::sync::OnceLock<Workbench> = std::sync::OnceLock::new();
    BENCH.get_or_init(|| Workbench::new(Clock::system(), Ids::seeded(1))).clone()
}

fn first_screen() -> Duration {
    let home = tempfile::tempdir().expect("a folder");
    let pty = native_pty_system().openpty(PtySize { rows: 36, cols: 120, ..PtySize::default() }).expect("a terminal");
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_sa-tutor"));
    command.env("SA_TUTOR_HOME", home.path());
    command.env("TERM", "xterm-256color");
    command.env("LANG", "C.UTF-8");
    let mut reader = pty.master.try_clone_reader().expect("a reader");
    let began = Instant::now();
    let mut child = pty.slave.spawn_command(command).expect("started");
    let rows = |count: u16| std::num::NonZero::new(count).expect("a terminal has room");
    let mut screen = vt100::Parser::new(rows(36), rows(120), 0);
    let mut chunk = [0; 16384];
    while !screen.screen().contents().contains("Create a token") {
        let count = reader.read(&mut chunk).expect("output");
        assert!(count > 0, "the tutor ended before its first screen");
        screen.process(&chunk[..count]);
    }
    let taken = began.elapsed();
    child.kill().expect("ended");
    child.wait().expect("gone");
    taken
}

/// From a key press to the cells of a frame, with 10,000 objects in the live pane.
fn keystroke(c: &mut Criterion) {
    let (mut world, area) = full();
    let key: Key = Key::from_event(crossterm::event::KeyCode::Char('x').into()).expect("a key");
    c.bench_function("keystroke to frame, 200x60, 10,000 objects", |bencher| {
        bencher.iter(|| {
            tui::update(&mut world, Msg::Key(key));
            let mut buffer = Buffer::empty(area);
            tui::view(&world, &mut buffer);
            black_box(buffer);
            tui::update(
                &mut world,
                Msg::Key(Key::from_event(crossterm::event::KeyCode::Backspace.into()).expect("a key")),
            );
        });
    });
}

/// The same at the prompt and in the objects pane, with a filter, beside a thousand requests in the Why pane.
fn keystroke_beside_requests(c: &mut Criterion) {
    let (mut world, area) = full();
    let key = |name: &str| Msg::Key(name.parse::<Key>().expect("a key"));
    for number in 0..1_000 {
        tui::update(&mut world, Msg::answered(request(number)));
    }
    let mut measure = |name: &str, before: &[&str], there: &str, back: &str| {
        before.iter().for_each(|name| _ = tui::update(&mut world, key(name)));
        let (there, back) = (key(there), key(back));
        c.bench_function(&format!("{name}, 200x60, 10,000 objects, 1,000 requests"), |bencher| {
            bencher.iter(|| {
                tui::update(&mut world, there.clone());
                let mut buffer = Buffer::empty(area);
                tui::view(&world, &mut buffer);
                black_box(buffer);
                tui::update(&mut world, back.clone());
            });
        });
    };
    measure("keystroke to frame", &["Esc"], "x", "Backspace");
    measure("selection to frame", &["Ctrl-U", "Tab", "Tab", "End"], "Up", "Down");
    measure("filter letter to frame", &["/", "9"], "9", "Backspace");
}

/// A screen with 10,000 objects in the live pane.
fn full() -> (World, Rect) {
    let mut world = World::new(200, 60, Timestamp::UNIX_EPOCH, true, Shell::is_incomplete);
    let (lessons, _) = course::load(&course::embedded());
    let mut lesson = lessons.into_iter().next().expect("a lesson").for_cluster("default", "my-kubernetes-dashboard");
    // A question that stands alone would take the key.
    lesson.steps[0].predict = None;
    let progress = Progress { lesson: lesson.id.clone(), ..Progress::default() };
    tui::update(&mut world, Msg::LessonOpened { lesson: Box::new(lesson), step: 0, progress });
    let objects: Vec<Value> = (0..10_000).map(pod).collect();
    tui::update(&mut world, Msg::objects(Feed::Restarted(objects)));
    (world, Rect::new(0, 0, 200, 60))
}

/// A request that was refused, with what came near.
fn request(number: usize) -> Trace {
    let check = |name: &str| Check { sign: Sign::Bad, name: name.to_owned(), say: "is for another account".to_owned() };
    let checks: Vec<Check> = (0..8).map(|at| check(&format!("RoleBinding b-{at}"))).collect();
    Trace {
        at: Timestamp::UNIX_EPOCH,
        origin: Origin::Learner,
        asks: format!("list pods in default-{number}"),
        user: "system:serviceaccount:default:dashboard-sa".to_owned(),
        steps: vec![Step { rung: Rung::Authorization, stopped: true, say: "no rule allows it".to_owned(), checks }],
        code: 403,
        is_quiet: false,
    }
}

fn pod(number: usize) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": format!("web-{number:05}"), "namespace": "default", "uid": number.to_string(), "resourceVersion": "1"},
        "spec": {"serviceAccountName": format!("sa-{}", number % 100), "containers": [{"name": "c", "image": "i"}]},
        "status": {"phase": "Running"},
    })
}

/// A session of 30 commands, done again on three releases: from asking to the answers of all, compared.
fn releases(c: &mut Criterion) {
    let runtime = runtime();
    let (lessons, _) = course::load(&course::embedded());
    let lesson = lessons.into_iter().find(|lesson| lesson.id == "inspect-the-mount").expect("a lesson");
    let pod = "kubectl get pod my-kubernetes-dashboard -o yaml";
    let mut lines =
        vec!["kubectl create sa builder", "kubectl get sa", "kubectl describe sa builder", "kubectl get secrets"];
    lines.extend([
        "kubectl create role r --verb=list --resource=pods",
        "kubectl run web --image=my-kubernetes-dashboard",
    ]);
    lines.extend([
        "kubectl get pods",
        "kubectl describe pod web",
        "kubectl delete pod web",
        "kubectl create token builder",
    ]);
    lines.extend([pod; 10]);
    lines.extend(["kubectl get sa,secrets,pods,cm -o wide"; 10]);
    assert_eq!(lines.len(), 30);
    let issuer = bench().issuer;
    let script = Arc::new(Script::of_lines(lesson, 1, Timestamp::UNIX_EPOCH, &lines, issuer));
    c.bench_function("30 commands on three releases, compared", |bencher| {
        bencher.to_async(&runtime).iter(|| async {
            let run = |minor| {
                let script = Arc::clone(&script);
                tokio::spawn(async move { replay(&script, 1, Release::minor(minor)).await })
            };
            let mut answers = Vec::new();
            for run in [20, 24, 36].map(run) {
                answers.push(run.await.expect("answered"));
            }
            let answers: Vec<&Replayed> = answers.iter().collect();
            black_box(compare(&answers));
        });
    });
}

/// Undo on a cluster with three pods and a hundred objects of the learner's: from the key to the API that answers as before.
fn undo(c: &mut Criterion) {
    let runtime = runtime();
    let cluster = runtime.block_on(async {
        let cluster = Cluster::simulated(&bench(), Release::DEFAULT).expect("started");
        cluster.ready().await;
        let mut shell = Shell::new(cluster.kubeconfig());
        for line in [
            "kubectl create deployment web --image=my-kubernetes-dashboard --replicas=3",
            "for n in $(seq 1 100); do kubectl create sa sa-$n; done",
            "kubectl rollout status deployment web",
        ] {
            let (mut out, mut err) = (Vec::new(), Vec::new());
            let ended = shell.run(line, &mut Screen { stdout: &mut out, stderr: &mut err }).await;
            assert_eq!(ended.status, 0, "{}", String::from_utf8_lossy(&err));
        }
        cluster
    });
    let simulator = cluster.simulator.as_ref().expect("the simulator");
    let get = || {
        cluster.client.request_text(
            http::Request::get("/api/v1/namespaces/default/serviceaccounts").body(Vec::new()).expect("a request"),
        )
    };
    c.bench_function("what undo goes back to, taken before a command", |bencher| {
        bencher.to_async(&runtime).iter(|| async { black_box(simulator.snapshot().await) });
    });
    let before = runtime.block_on(simulator.snapshot());
    c.bench_function("undo, 3 pods and 100 accounts", |bencher| {
        bencher.to_async(&runtime).iter(|| async {
            simulator.restore(&before).await;
            black_box(get().await.expect("an answer"));
        });
    });
}

/// How long the slowest of a hundred frames takes: criterion tells the middle.
fn slowest_frames(c: &mut Criterion) {
    let (mut world, area) = full();
    for number in 0..1_000 {
        tui::update(&mut world, Msg::answered(request(number)));
    }
    tui::update(&mut world, Msg::Key("Esc".parse().expect("a key")));
    let keys: [Key; 2] = ["x", "Backspace"].map(|name| name.parse().expect("a key"));
    c.bench_function("slowest hundredth of frames after a key, 200x60, 10,000 objects, 1,000 requests", |bencher| {
        bencher.iter_custom(|rounds| {
            let mut round = || {
                let mut taken: Vec<Duration> = (0..200)
                    .map(|number| {
                        let began = Instant::now();
                        tui::update(&mut world, Msg::Key(keys[number % 2]));
                        let mut buffer = Buffer::empty(area);
                        tui::view(&world, &mut buffer);
                        black_box(buffer);
                        began.elapsed()
                    })
                    .collect();
                taken.order();
                taken[197]
            };
            (0..rounds).map(|_| round()).sum()
        });
    });
}

criterion_group! {
    name = session;
    config = Criterion::default().sample_size(20).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(4));
    targets = start, keystroke, keystroke_beside_requests, slowest_frames, undo, releases
}
criterion_main!(session);
