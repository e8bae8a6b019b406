//! Whole screens: messages in, picture out. And two sweeps: every key of the table works, nothing makes it panic.

use jiff::Timestamp;
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use sa_tutor::apimachinery::Release;
use sa_tutor::course::{Lesson, Prediction, ProgressEvent, Support, Wish};
use sa_tutor::shell::Shell;
use sa_tutor::token::Forgery;
use sa_tutor::tui::key::{Code, Key};
use sa_tutor::tui::keymap::{all, layers, lookup};
use sa_tutor::tui::msg::{
    Answer, Card, ClusterInfo, Feed, Mouse, MouseKind, Request, Tally, TokenSeen, TokenSource, TokenText, Verdict, Word,
};
use sa_tutor::tui::overlay::editor::Editor;
use sa_tutor::tui::overlay::help::Help;
use sa_tutor::tui::overlay::leave::Leave;
use sa_tutor::tui::overlay::pick::Pick;
use sa_tutor::tui::overlay::reader::Reader;
use sa_tutor::tui::pane::releases::{self, Replayed, Told};
use sa_tutor::tui::pane::{News, PaneId};
use sa_tutor::tui::settings::{self, Abilities, Colours, Motion, Settings, Signs};
use sa_tutor::tui::world::Focus;
use sa_tutor::tui::{Effect, Msg, Progress, World, update, view};
use sa_tutor::why::{Check, Origin, Rung, Sign, Step, Trace};
use serde_json::{Value, json};

const LESSON: &str = r#"
id: inspect-the-mount
title: Inspect the mount
minutes: 8
releases: ["1.36"]
steps:
  - id: who
    text: |
      Every pod has an identity, even one that asks for none.

      The pod you made names **no** service account. Kubernetes gave it one while admitting it.
    predict:
      ask: Which account does a pod get that names none?
      answers:
        - {text: "`default`", right: true, say: "Every namespace has one."}
        - {text: none, say: "A pod always has one."}
    task: Find which account the pod runs as.
    suggest: kubectl get pod my-kubernetes-dashboard -o jsonpath='{.spec.serviceAccountName}'
    checks:
      - say: the pod is running
        object: {kind: Pod, name: my-kubernetes-dashboard}
      - say: you have looked at its spec
        hint: The spec is what `-o yaml` shows.
        ran: {command: kubectl get pod}
    hints:
      - Where does a pod say who it is?
      - "Look at `spec.serviceAccountName`."
    debrief: |
      The admission plugin **ServiceAccount** wrote `default` into the spec.
  - id: files
    text: The token is a file in the pod.
    task: List the files.
    solution:
      - kubectl exec my-kubernetes-dashboard -- ls /var/run/secrets/kubernetes.io/serviceaccount
      - echo done
    checks:
      - say: you have seen the three files
        ran: {command: kubectl exec, output: ca.crt}
    hints: [Use exec.]
    debrief: Three files, three sources.
summary:
  - Which account a pod gets that names none.
  - Where its token is, and what lies beside it.
"#;

pub(crate) fn lesson() -> Box<Lesson> {
    let value: Value = serde_yaml::from_str(LESSON).unwrap();
    Box::new(serde_json::from_value(value).unwrap())
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn cards() -> Msg {
    let card = |id: &str, title: &str, minutes, done: &[bool], step| Card {
        id: id.into(),
        title: title.into(),
        minutes,
        done: done.to_vec(),
        step,
        summary: vec!["Which account a pod gets that names none.".into(), "Where its token is.".into()],
        about: "Where a pod's token is.".into(),
        ..Card::default()
    };
    Msg::Course {
        lessons: vec![
            card("create-service-account", "Create a service account", 6, &[true; 4], 3),
            card("inspect-the-mount", "Inspect the mount", 8, &[false; 2], 0),
            card("switch-the-service-account", "Switch the service account", 9, &[true, false, false], 1),
        ],
        selected: 1,
        tally: Tally { lessons: 3, steps: 9, predicted: 4, right: 3, sure_and_wrong: 1 },
        wish: Wish::Lesson,
    }
}

pub(crate) fn cluster() -> Msg {
    Msg::Cluster(ClusterInfo {
        name: "simulator".into(),
        release: Some(Release::DEFAULT),
        server: None,
        namespace: "default".into(),
        beside: None,
    })
}

fn account(name: &str) -> Value {
    json!({"kind": "ServiceAccount", "metadata": {"name": name, "namespace": "default", "uid": format!("uid-{name}"),
        "creationTimestamp": "2026-11-23T10:30:00Z"}})
}

fn pod(phase: &str) -> Value {
    json!({"kind": "Pod",
        "metadata": {"name": "my-kubernetes-dashboard", "namespace": "default", "uid": "uid-pod",
            "creationTimestamp": "2026-11-23T10:42:04Z"},
        "spec": {"serviceAccountName": "default", "nodeName": "node-1", "volumes": [{"name": "kube-api-access-x7k2p",
            "projected": {"sources": [
                {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
                {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
                {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"fieldPath": "metadata.namespace"}}]}}]}}]},
        "status": {"phase": phase}})
}

pub(crate) fn objects() -> Msg {
    Msg::objects(Feed::Restarted(vec![
        account("default"),
        account("dashboard-sa"),
        json!({"kind": "ConfigMap", "metadata": {"name": "kube-root-ca.crt", "namespace": "default",
            "creationTimestamp": "2026-11-23T09:30:00Z"}, "data": {"ca.crt": "…"}}),
    ]))
}

pub(crate) fn token() -> Msg {
    Msg::token(TokenSeen {
        from: "pod my-kubernetes-dashboard".into(),
        header: json!({"alg": "RS256", "kid": "q3Zp"}),
        claims: json!({
            "aud": ["https://kubernetes.default.svc.cluster.local"],
            "exp": at("2027-11-23T10:42:04Z").as_second(),
            "iat": at("2026-11-23T10:42:04Z").as_second(),
            "nbf": at("2026-11-23T10:42:04Z").as_second(),
            "iss": "https://kubernetes.default.svc.cluster.local",
            "jti": "7e5b2f0e-0000-4000-8000-000000000000",
            "sub": "system:serviceaccount:default:default",
            "kubernetes.io": {"namespace": "default", "warnafter": at("2026-11-23T11:42:11Z").as_second(),
                "pod": {"name": "my-kubernetes-dashboard", "uid": "uid-pod"},
                "node": {"name": "node-1", "uid": "uid-node"},
                "serviceaccount": {"name": "default", "uid": "uid-default"}},
        }),
        verdict: Verdict::Verified,
        api: vec!["https://kubernetes.default.svc.cluster.local".into()],
        release: Some(Release::DEFAULT),
        text: TokenText::default(),
        id: 1,
        at: None,
        taken_back: 0,
    })
}

/// A secret's token of an earlier cluster.
pub(crate) fn old_token() -> Msg {
    let claims = json!({"iss": "kubernetes/serviceaccount", "sub": "system:serviceaccount:default:default",
        "kubernetes.io/serviceaccount/namespace": "default", "kubernetes.io/serviceaccount/secret.name": "default-token-x7k2p"});
    let Msg::Pane(News::Token(seen)) = token() else { panic!("a token") };
    Msg::token(TokenSeen { claims, release: Some(Release::minor(20)), id: 2, ..*seen })
}

/// What a release answered: the first command alike everywhere, the others not.
pub(crate) fn replayed(asked: u64, minor: u8) -> Msg {
    let answer = |line: &str, status, output: String, note: Option<&str>| releases::Answer {
        line: line.into(),
        status,
        output,
        note: note.map(str::to_owned),
    };
    let row = |name: &str, count: &str| format!("{name:<15}{count:<10}7s\n");
    let table = match minor {
        ..24 => "NAME           SECRETS   AGE\n".to_owned() + &row("dashboard-sa", "1") + &row("default", "1"),
        24..35 => "NAME           SECRETS   AGE\n".to_owned() + &row("dashboard-sa", "0") + &row("default", "0"),
        35.. => "NAME           AGE\ndashboard-sa   4s\ndefault        6s\n".to_owned(),
    };
    let token = match minor {
        ..24 => answer(
            "kubectl create token dashboard-sa",
            1,
            "error: unknown command \"token dashboard-sa\"\nSee 'kubectl create -h' for help and examples\n".into(),
            None,
        ),
        _ => answer("kubectl create token dashboard-sa", 0, "<token: one hour, bound to nothing>\n".into(), None),
    };
    let volume = match minor {
        ..21 => json!({"name": "default-token-x7k2p", "secret": {"secretName": "default-token-x7k2p"}}),
        _ => json!({"name": "kube-api-access-6mtg8", "projected": {"defaultMode": 420, "sources": []}}),
    };
    let mut pod = pod("Running");
    pod["spec"]["volumes"] = json!([volume]);
    let mut objects = vec![account("dashboard-sa"), account("default"), pod];
    if minor < 24 {
        objects.push(json!({"kind": "Secret", "metadata": {"name": "default-token-x7k2p", "namespace": "default"}}));
    }
    let answers = vec![
        answer("kubectl create sa dashboard-sa", 0, "serviceaccount/dashboard-sa created\n".into(), None),
        answer("kubectl edit sa dashboard-sa", 0, String::new(), Some("Not run: it opens an editor.")),
        answer("kubectl get sa", 0, table, None),
        answer("kubectl get pods", 0, "NAME   READY   STATUS    RESTARTS   AGE\n".into(), None),
        token,
    ];
    Msg::releases(Told::Answered(Replayed {
        asked,
        release: Release::minor(minor),
        answers,
        objects,
        trouble: (minor == 37).then(|| "the lesson cannot begin".into()),
    }))
}

/// A screen that messages are sent to.
#[derive(Clone)]
pub(crate) struct Stage {
    pub(crate) world: World,
    effects: Vec<Effect>,
    /// Every message so far.
    pub(crate) sent: Vec<Msg>,
}

impl Stage {
    pub(crate) fn new(width: u16, height: u16) -> Self {
        Self {
            world: World::new(width, height, at("2026-11-23T10:42:07Z"), true, Shell::is_incomplete),
            effects: Vec::new(),
            sent: Vec::new(),
        }
    }

    /// At work on the first step; its question was answered, rightly, as a guess.
    pub(crate) fn at_work(width: u16, height: u16) -> Self {
        let mut stage = Self::new(width, height);
        stage.open(0, Some(Prediction { answer: 0, sure: false }));
        stage
    }

    /// At the first step, with its question still open.
    pub(crate) fn asked(width: u16, height: u16) -> Self {
        let mut stage = Self::new(width, height);
        stage.open(0, None);
        stage
    }

    fn open(&mut self, step: usize, given: Option<Prediction>) {
        let done = if step > 0 { vec!["who".into()] } else { Vec::new() };
        let predicted = given.map(|given| ("who".to_owned(), given)).into_iter().collect();
        let progress = Progress { lesson: "inspect-the-mount".into(), step, done, predicted, ..Progress::default() };
        self.send([cards(), cluster(), objects(), Msg::LessonOpened { lesson: lesson(), step, progress }]);
    }

    pub(crate) fn send(&mut self, messages: impl IntoIterator<Item = Msg>) -> &mut Self {
        for message in messages {
            let text = serde_json::to_string(&message).unwrap();
            assert_eq!(serde_json::from_str::<Msg>(&text).unwrap(), message, "{text}");
            self.sent.push(message.clone());
            let effects = update(&mut self.world, message);
            for effect in &effects {
                let text = serde_json::to_string(effect).unwrap();
                assert_eq!(&serde_json::from_str::<Effect>(&text).unwrap(), effect, "{text}");
            }
            self.effects.extend(effects);
        }
        self
    }

    /// Presses keys, by name.
    pub(crate) fn press(&mut self, keys: &str) -> &mut Self {
        let keys: Vec<Msg> = keys.split(' ').map(|key| Msg::Key(key.parse().unwrap())).collect();
        self.send(keys)
    }

    pub(crate) fn type_text(&mut self, text: &str) -> &mut Self {
        let keys: Vec<Msg> = text
            .chars()
            .map(|c| Msg::Key(Key { code: Code::Char(c), ctrl: false, alt: false, shift: false }))
            .collect();
        self.send(keys)
    }

    /// Runs a line that prints this and ends.
    pub(crate) fn run(&mut self, line: &str, out: &str, err: &str, status: i32) -> &mut Self {
        self.type_text(line).press("Enter");
        self.send([
            Msg::Output { chunk: out.into(), stderr: false },
            Msg::Output { chunk: err.into(), stderr: true },
            Msg::CommandDone { status, line: line.into(), requests: Vec::new() },
        ])
    }

    fn checks(&mut self, step: &str, passed: &[bool]) -> &mut Self {
        self.send([Msg::Checks { step: step.into(), passed: passed.to_vec(), near: Vec::new() }])
    }

    pub(crate) fn take(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    pub(crate) fn buffer(&self) -> Buffer {
        let mut buf = Buffer::empty(Rect::new(0, 0, self.world.width, self.world.height));
        view(&self.world, &mut buf);
        buf
    }

    pub(crate) fn picture(&self) -> String {
        let buf = self.buffer();
        let mut out = String::new();
        for y in 0..buf.area.height {
            let mut row = String::new();
            let mut skip = 0;
            for x in 0..buf.area.width {
                let symbol = buf[(x, y)].symbol();
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                skip = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
                row.push_str(symbol);
            }
            out.push_str(row.trim_end());
            out.push('\n');
        }
        out
    }
}

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 36), (200, 50)];

/// The picture of a story at each size.
fn check(name: &str, story: impl Fn(&mut Stage)) {
    for (width, height) in SIZES {
        let mut stage = Stage::at_work(width, height);
        story(&mut stage);
        insta::assert_snapshot!(format!("{name}-{width}x{height}"), stage.picture());
    }
}

#[test]
fn the_way_in_for_another_terminal_can_be_seen_at_any_size() {
    let line = "export KUBECONFIG=$HOME/.local/state/sa-tutor/kubeconfig";
    for (width, height) in SIZES.into_iter().chain([(60, 16), (120, 20)]) {
        let mut stage = Stage::at_work(width, height);
        assert!(!stage.picture().contains("KUBECONFIG"));
        stage.send([Msg::Door(Some(line.into()))]);
        stage.press("F1");
        let help = stage.picture().split_whitespace().collect::<String>();
        let found = help.replace('│', "").contains(&line.replace(' ', ""));
        assert!(found, "{width}×{height}:\n{}", stage.picture());
        stage.send([Msg::Door(None)]);
        assert!(!stage.picture().contains("KUBECONFIG"));
    }
}

#[test]
fn start() {
    for (width, height) in SIZES {
        let mut stage = Stage::new(width, height);
        stage.send([cards(), cluster()]);
        insta::assert_snapshot!(format!("start-{width}x{height}"), stage.picture());
    }
}

#[test]
fn a_step_is_open() {
    check("step", |_| {});
}

#[test]
fn a_question_stands_alone() {
    for (width, height) in SIZES.into_iter().chain([(60, 16)]) {
        let mut stage = Stage::asked(width, height);
        insta::assert_snapshot!(format!("ask-{width}x{height}"), stage.picture());
        for picture in [stage.picture(), stage.press("Enter").picture()] {
            for word in ["Find which", "jsonpath", "is running", "its spec", "F2", "Every namespace", "always has"] {
                assert!(!picture.contains(word), "{word} at {width}×{height}:\n{picture}");
            }
        }
        // The lesson's other text scrolls around the question.
        let stage = Stage::asked(width, height);
        for word in ["Which account", "default", "none", "⏎"] {
            assert!(stage.picture().contains(word), "{word} at {width}×{height}:\n{}", stage.picture());
        }
    }
}

#[test]
fn an_answer_is_locked_and_taken_up_when_it_was_seen() {
    let run = |keys: &str, before: &str, after: &[&str]| {
        let mut stage = Stage::asked(80, 24);
        // In which order they stand is drawn; here the right one is first.
        let order = stage.world.lesson.as_ref().map(|open| open.order()).unwrap();
        let keys = if order[0] == 0 { keys.to_owned() } else { keys.replace('R', "2").replace('W', "1") };
        stage.press(&keys.replace('R', "1").replace('W', "2"));
        let picture = stage.picture();
        assert!(picture.contains("▸ Do") && picture.contains(before), "{keys}:\n{picture}");
        assert!(!picture.contains("Every namespace") && !picture.contains("always has"), "{keys}:\n{picture}");
        stage.checks("who", &[true, true]);
        for word in after {
            assert!(stage.picture().contains(word), "{word} after {keys}:\n{}", stage.picture());
        }
    };
    run("R Enter Enter", "You say: default (sure)", &["You said “default”, and were sure. So it is. Every"]);
    run("R Enter Down Enter", "You say: default (a guess)", &["You guessed “default”, and so it is. Every"]);
    run(
        "W Enter 1 Enter",
        "You say: none (sure)",
        &["You said “none”, and were sure. A pod always", "Right is “default”. Every"],
    );
    run(
        "W Enter 2 Enter",
        "You say: none (a guess)",
        &["You guessed “none”. A pod always has one.", "Right is “default”. Every"],
    );
    run("W Enter Esc Up R Enter Enter", "You say: default (sure)", &["So it is. Every"]);
    run("Esc", "▸ Do", &["names none? Right is “default”. Every"]);
}

#[test]
fn a_question_takes_no_letter_that_was_on_its_way() {
    let mut stage = Stage::asked(80, 24);
    stage.take();
    stage.type_text("kubectl get pods -o wide");
    // They are kept for when it is answered, and it is said why nothing happens.
    let typed = "kubectl get pods -o wide 1";
    stage.type_text(" 1");
    assert_eq!((stage.take(), stage.world.panes.terminal.prompt.text()), (Vec::new(), typed));
    assert!(stage.picture().contains("The question comes first"), "{}", stage.picture());
    // The Enter of a command that was typed is no answer either, and it is said why nothing happens.
    stage.press("Enter");
    assert_eq!((stage.take(), stage.world.lesson.as_ref().unwrap().asking.unwrap().picked), (Vec::new(), None));
    // However often it is pressed: one chooses first.
    stage.press("Enter Enter Down Up Enter Down Enter");
    let taken = stage.take();
    assert!(
        matches!(taken.as_slice(), [Effect::Remember(ProgressEvent::Predicted { prediction, .. })] if !prediction.sure)
    );
    assert_eq!(stage.world.panes.terminal.prompt.text(), typed);
    // From here on typing types.
    stage.press("Esc").type_text("kubectl get sa").press("Enter");
    assert_eq!(stage.take().last(), Some(&Effect::Run("kubectl get sa".into())));
}

#[test]
fn typing() {
    check("typing", |stage| {
        stage.run("kubectl apply -f pod.yaml", "pod/my-kubernetes-dashboard created\n", "", 0);
        stage.type_text("kubectl get pods");
    });
}

#[test]
fn a_check_turns_green() {
    check("green", |stage| {
        stage.run("kubectl apply -f pod.yaml", "pod/my-kubernetes-dashboard created\n", "", 0);
        stage.checks("who", &[true, false]);
    });
}

#[test]
fn an_error_with_what_the_lesson_wanted() {
    check("error", |stage| {
        stage.run("kubectl get pdo", "", "error: the server doesn't have a resource type \"pdo\"\n", 1);
        stage.send([
            Msg::Aside("the resource is called `pod`.".into()),
            Msg::WrongTurn { step: "who".into(), say: Some("The letters are swapped: `pod`.".into()) },
        ]);
    });
}

#[test]
fn a_hint_is_open() {
    for (width, height) in SIZES {
        let mut stage = supported(width, height, Support::Blank, Wish::Lesson);
        stage.press("F2");
        insta::assert_snapshot!(format!("hint-{width}x{height}"), stage.picture());
    }
}

#[test]
fn objects_flash() {
    check("objects", |stage| {
        stage.send([
            Msg::objects(Feed::Applied(pod("Pending"))),
            Msg::objects(Feed::Applied(pod("Running"))),
            Msg::objects(Feed::Deleted {
                kind: "ServiceAccount".into(),
                namespace: "default".into(),
                name: "dashboard-sa".into(),
            }),
        ]);
        stage.press("Tab Tab Down Down");
    });
}

#[test]
fn the_token() {
    check("token", |stage| {
        stage.send([Msg::objects(Feed::Applied(pod("Running"))), token()]);
        stage.press("Tab Tab Tab");
    });
}

#[test]
fn the_verdict_on_a_token_comes_first() {
    let with = |change: &dyn Fn(&mut TokenSeen), feed: Vec<Value>, now: &str| {
        let mut stage = Stage::at_work(120, 36);
        let Msg::Pane(News::Token(mut seen)) = token() else { panic!("a token") };
        change(&mut seen);
        stage.send([Msg::objects(Feed::Restarted(feed)), Msg::Tick(at(now)), Msg::token(*seen)]);
        stage.picture()
    };
    let all = || vec![account("default"), pod("Running")];
    let now = "2026-11-23T10:42:07Z";
    let same = |_: &mut TokenSeen| {};
    let of = |field: &'static str, uid: &'static str| {
        move || {
            let mut all = all();
            let at = usize::from(field == "pod");
            all[at]["metadata"]["uid"] = json!(uid);
            all
        }
    };
    for (say, picture) in [
        ("✔ The API server takes it until 2027-11-23 10:42.", with(&same, all(), now)),
        ("✘ 401: its pod is gone (seen in up to 10 s)", with(&same, vec![account("default")], now)),
        ("✘ 401: its service account is gone", with(&same, vec![pod("Running")], now)),
        ("✘ 401: its service account was deleted; another", with(&same, of("sa", "new")(), now)),
        ("✘ 401: its pod is gone; another one has the name", with(&same, of("pod", "new")(), now)),
        ("✘ 401: it ended 2m6s ago", with(&same, all(), "2027-11-23T10:44:10Z")),
        ("a little longer", with(&same, all(), "2027-11-23T10:42:30Z")),
        ("✘ 401: it is not valid before", with(&same, all(), "2026-11-23T10:40:00Z")),
        ("✘ 401: it is for vault, not", with(&|seen| seen.claims["aud"] = json!(["vault"]), all(), now)),
        ("✔ It is good until", with(&|seen| seen.api.clear(), all(), now)),
        ("✘ 401: forged", with(&|seen| seen.verdict = Verdict::Wrong("forged".into()), all(), now)),
        ("? It cannot be told: no keys", with(&|seen| seen.verdict = Verdict::Unknown("no keys".into()), all(), now)),
    ] {
        assert!(picture.contains(say), "{say}\n{picture}");
    }
    // Each claim in plain words, a key away.
    let mut stage = Stage::at_work(80, 24);
    stage.send([objects(), token()]).press("Tab Tab Tab Enter");
    assert!(stage.picture().contains("Whom the token stands for"), "{}", stage.picture());
}

/// A request of the learner that no rule allows, with a near miss.
pub(crate) fn refused() -> Trace {
    let check = |sign, name: &str, say: &str| Check { sign, name: name.into(), say: say.into() };
    let line = "kubectl create rolebinding b --role=reader --serviceaccount=default:dashboard-sa -n default";
    Trace {
        at: at("2026-11-23T10:42:07Z"),
        origin: Origin::Learner,
        asks: "list pods in default".into(),
        user: "system:serviceaccount:default:dashboard-sa".into(),
        steps: vec![
            Step {
                rung: Rung::Authentication,
                stopped: false,
                say: "system:serviceaccount:default:dashboard-sa".into(),
                checks: vec![check(Sign::Good, "signature", "fits"), check(Sign::Good, "audience", "the API")],
            },
            Step {
                rung: Rung::Authorization,
                stopped: true,
                say: "no rule allows it".into(),
                checks: vec![
                    check(Sign::Bad, "RoleBinding read-pods", "is for the User \"dashboard-sa\""),
                    check(Sign::Command, "would do", line),
                ],
            },
        ],
        code: 403,
        is_quiet: false,
    }
}

#[test]
fn requests_stand_in_the_order_of_their_time() {
    let of = |second: u8, origin: Origin, asks: &str| {
        Msg::answered(Trace {
            at: at(&format!("2026-11-23T10:42:{second:02}Z")),
            origin,
            asks: asks.into(),
            ..refused()
        })
    };
    let mut stage = Stage::at_work(120, 36);
    stage.send([
        of(1, Origin::Pod, "list pods"),
        of(3, Origin::Learner, "late"),
        of(2, Origin::Learner, "early, and answered later"),
        of(5, Origin::Pod, "list pods"),
        of(6, Origin::Learner, "newest"),
    ]);
    let why = &stage.world.panes.why;
    let times: Vec<Timestamp> = why.requests.iter().map(|(trace, _)| trace.at).collect();
    assert!(times.is_sorted() && times.len() == 4, "{times:?}");
    assert_eq!(why.requests[0].1, 2);
    assert_eq!(why.requests[why.requests.len() - 1 - why.selected].0.asks, "newest");
}

#[test]
fn why_a_request_was_refused() {
    for (width, height) in SIZES.into_iter().chain([(60, 16)]) {
        let mut stage = Stage::at_work(width, height);
        let granted = Trace { code: 200, origin: Origin::Pod, steps: Vec::new(), ..refused() };
        stage.send([Msg::answered(granted.clone()), Msg::answered(granted), Msg::answered(refused())]);
        // On a small screen its tab says that there is something to see.
        assert!(stage.picture().contains("✘ 403"), "{}", stage.picture());
        stage.press("Tab Tab Tab Tab");
        insta::assert_snapshot!(format!("why-{width}x{height}"), stage.picture());
        let text: String = stage.picture().split_whitespace().collect();
        assert!(text.contains("×2") || height < 20, "{}", stage.picture());
        stage.press("Enter");
        assert!(stage.world.panes.terminal.prompt.text().starts_with("kubectl create rolebinding b"));
        let quiet = Trace { is_quiet: true, ..refused() };
        let count = stage.world.panes.why.requests.len();
        stage.send([Msg::answered(quiet)]);
        assert_eq!(stage.world.panes.why.requests.len(), count);
    }
    // Who works a step alone finds the command.
    let mut alone = supported(120, 36, Support::Alone, Wish::Lesson);
    alone.send([Msg::answered(refused())]);
    assert!(!alone.picture().contains("rolebinding b") && alone.picture().contains("yours to find"));
}

#[test]
fn what_could_not_be_seen_is_said_in_words() {
    let mut stage = Stage::at_work(120, 36);
    let mut trace = refused();
    let say = "this kubeconfig's user\u{1b}[2J may not ask for it".to_owned();
    trace.steps[1].checks.insert(1, Check { sign: Sign::NotSeen, name: "cluster roles".into(), say });
    let picture = stage.send([Msg::answered(trace)]).press("Tab Tab Tab Tab").picture();
    assert!(picture.contains("? not seen, cluster roles: this kubeconfig's user"), "{picture}");
    assert!(!picture.contains('\u{1b}'));
}

#[test]
fn other_releases_answer() {
    check("releases", |stage| {
        stage.run("kubectl create sa dashboard-sa", "", "", 0).run("kubectl get sa", "", "", 0);
        stage.take();
        stage.press("F5");
        let releases = [20, 24, 36].map(Release::minor).to_vec();
        assert_eq!(stage.take(), [Effect::Replay { asked: 1, releases }]);
        // Too late, or never asked for.
        stage.send([replayed(0, 20), replayed(1, 30)]);
        assert!(stage.picture().contains("Your commands run on 1.20, 1.24 and 1.36"), "{}", stage.picture());
        stage.send([replayed(1, 36), replayed(1, 20)]);
        assert!(stage.picture().contains("Your commands run on 1.24"), "{}", stage.picture());
        stage.send([replayed(1, 24)]);
        // What differs is selected, from the end.
        assert!(stage.picture().contains("▸ ≠ $ kubectl create token"), "{}", stage.picture());
        stage.press("Up Up Up Up Up Up Up Up Up Up Up Up Up Up Up Up Up Up");
        assert!(stage.picture().contains("3 of 5") || stage.picture().contains("2 of 5"), "{}", stage.picture());
        stage.press("Down Down");
        assert!(stage.picture().contains("▸ ≠ $ kubectl get sa"), "{}", stage.picture());
    });
    check("releases-objects", |stage| {
        stage.run("kubectl get sa", "", "", 0).press("F5");
        stage.send([replayed(1, 20), replayed(1, 24), replayed(1, 36)]).press("End");
        let picture = stage.picture();
        assert!(picture.contains("secret default-token-x7k2p") && picture.contains(".spec.volumes[0]"), "{picture}");
    });
    check("releases-list", |stage| {
        stage.run("kubectl get sa", "", "", 0).press("F5");
        stage.send([replayed(1, 20), replayed(1, 24), replayed(1, 36)]).press("F5");
        stage.take();
        stage.press("Down Enter");
        assert!(stage.picture().contains("Take one out first"), "{}", stage.picture());
        stage.press("Up Enter Up Enter F5");
        let releases = [20, 24, 37].map(Release::minor).to_vec();
        assert_eq!(stage.take(), [Effect::Replay { asked: 2, releases }]);
        stage.send([replayed(2, 20), replayed(2, 24), replayed(2, 37)]);
        assert!(stage.picture().contains("1.37: the lesson cannot begin"), "{}", stage.picture());
        stage.press("F5");
    });
    let mut stage = Stage::at_work(80, 24);
    stage.press("F5");
    assert!(stage.picture().contains("Run a command first"), "{}", stage.picture());
    stage.take();
    stage.press("Esc").run("kubectl get sa", "", "", 0).press("F5");
    stage.send([replayed(1, 20), replayed(1, 24), replayed(1, 36)]).press("Enter");
    assert!(
        stage.picture().contains("Kubernetes 1.20") && stage.picture().contains("unknown command"),
        "{}",
        stage.picture()
    );
    stage.press("Esc Esc").run("kubectl get sa", "", "", 0).take();
    // Another command: what is shown is not all any more.
    stage.press("Tab Tab Tab Tab Tab Tab Tab");
    assert!(stage.picture().contains("You ran more commands since"), "{}", stage.picture());
    stage.press("F5");
    assert!(matches!(stage.take()[..], [Effect::Replay { asked: 2, .. }]));
    stage.send([Msg::releases(Told::Cleared), replayed(2, 20)]);
    assert!(stage.picture().contains("Run a command first"), "{}", stage.picture());
}

#[test]
fn a_step_says_which_releases_to_compare() {
    let mut stage = Stage::new(80, 24);
    let mut lesson = lesson();
    lesson.steps[0].predict = None;
    lesson.steps[0].compare = [20, 36].map(Release::minor).to_vec();
    stage.send([cards(), cluster(), Msg::LessonOpened { lesson, step: 0, progress: Progress::default() }]);
    assert!(stage.picture().contains("Once a command was run, F5 shows it on 1.20 and 1.36."), "{}", stage.picture());
    stage.run("kubectl get sa", "", "", 0).take();
    assert!(stage.picture().contains("F5 shows this on 1.20 and 1.36."), "{}", stage.picture());
    stage.press("F5");
    assert_eq!(stage.take(), [Effect::Replay { asked: 1, releases: [20, 36].map(Release::minor).to_vec() }]);
}

#[test]
fn another_release_is_no_quiet_change() {
    check("moved", |stage| {
        let mut info = cluster();
        if let Msg::Cluster(info) = &mut info {
            info.release = Some(Release::minor(20));
        }
        let mut lesson = lesson();
        lesson.steps[1].release = Some(Release::minor(20));
        let progress = Progress { done: vec!["who".into()], ..Progress::default() };
        stage.send([info, Msg::LessonOpened { lesson, step: 1, progress }]);
        assert!(stage.picture().contains("This step runs on Kubernetes 1.20"), "{}", stage.picture());
    });
    // Until the first command it stands out at the top as well.
    let bold = |stage: &Stage| {
        let buf = stage.buffer();
        (0..buf.area.width).filter(|x| buf[(*x, 0)].modifier.contains(ratatui::style::Modifier::BOLD)).count()
    };
    let mut stage = Stage::at_work(80, 24);
    let before = bold(&stage);
    let mut info = cluster();
    if let Msg::Cluster(info) = &mut info {
        info.release = Some(Release::minor(20));
    }
    stage.send([info.clone(), Msg::LessonOpened { lesson: lesson(), step: 0, progress: Progress::default() }]);
    assert!(stage.picture().contains("From here on it is Kubernetes 1.20"), "{}", stage.picture());
    assert_eq!(bold(&stage), before + "sim 1.20".len());
    stage.press("Esc").run("kubectl get sa", "", "", 0);
    assert_eq!(bold(&stage), before);
    let progress = Progress { round: 1, ..Progress::default() };
    stage.send([info, Msg::LessonOpened { lesson: lesson(), step: 0, progress }]);
    assert_eq!(stage.picture().matches("From here on").count(), 1, "{}", stage.picture());
    // In another lesson nothing went on from anywhere.
    let mut other = lesson();
    other.id = "another".into();
    stage.send([cluster(), Msg::LessonOpened { lesson: other, step: 0, progress: Progress::default() }]);
    assert!(stage.picture().contains("This lesson runs on Kubernetes 1.36"), "{}", stage.picture());
}

#[test]
fn the_help() {
    check("help", |stage| _ = stage.press("F1"));
    check("help-keys", |stage| _ = stage.press("F1 Tab"));
}

#[test]
fn the_editor() {
    check("editor", |stage| {
        stage.send([Msg::CommandDone {
            status: 0,
            line: "edit pod.yaml".into(),
            requests: vec![Request::Edit {
                path: "pod.yaml".into(),
                content: "apiVersion: v1\nkind: Pod\n# who it is\nspec:\n  containers: []\n".into(),
            }],
        }]);
        stage.press("Down Down Down End Enter").type_text("  serviceAccountName: dashboard-sa");
    });
}

#[test]
fn the_lesson_ends() {
    check("end", |stage| {
        stage.open(1, None);
        stage.checks("files", &[true]);
    });
}

/// At the first step, worked with this support; the learner wishes it so.
fn supported(width: u16, height: u16, support: Support, wish: Wish) -> Stage {
    let mut stage = Stage::new(width, height);
    let mut lesson = lesson();
    let step = &mut lesson.steps[0];
    step.support = support;
    if support != Support::Worked {
        step.solution = vec![std::mem::take(&mut step.suggest)];
    }
    if support == Support::Blank {
        step.suggest = "kubectl get pod my-kubernetes-dashboard -o ___".into();
    }
    let given = Prediction { answer: 0, sure: true };
    let progress = Progress { predicted: [("who".to_owned(), given)].into(), ..Progress::default() };
    let Msg::Course { lessons, selected, tally, .. } = cards() else { panic!("cards") };
    let course = Msg::Course { lessons, selected, tally, wish };
    stage.send([course, cluster(), objects(), Msg::LessonOpened { lesson, step: 0, progress }]);
    stage
}

#[test]
fn every_kind_of_support() {
    let whole = "jsonpath='{.spec.serviceAccountName}'";
    for (width, height) in SIZES.into_iter().chain([(60, 16)]) {
        for (support, name) in [(Support::Worked, "worked"), (Support::Blank, "blank"), (Support::Alone, "alone")] {
            let mut stage = supported(width, height, support, Wish::Lesson);
            insta::assert_snapshot!(format!("support-{name}-{width}x{height}"), stage.picture());
            let squeezed = |stage: &Stage| stage.picture().split_whitespace().collect::<String>();
            assert!(stage.picture().contains("▸ Do  Find which account"), "{}", stage.picture());
            assert_eq!(squeezed(&stage).contains(whole), support == Support::Worked, "{}", stage.picture());
            assert_eq!(stage.picture().contains("___"), support == Support::Blank, "{}", stage.picture());
            // Where the command stands, no hint has more to say; else they open one by one, in view.
            assert_eq!(stage.picture().contains("F2 hint"), support != Support::Worked, "{}", stage.picture());
            stage.press("F2");
            let hinted = stage.picture().contains("Where does a pod say who it is?");
            assert_eq!(hinted, support != Support::Worked, "{}", stage.picture());
            // The learner's own wish overrules the lesson's.
            let guided = supported(width, height, support, Wish::Guided);
            assert!(squeezed(&guided).contains(whole), "{}", guided.picture());
            let mut alone = supported(width, height, support, Wish::Alone);
            assert!(!alone.picture().contains("jsonpath") && !alone.picture().contains("___"), "{}", alone.picture());
            alone.press("Enter");
            assert_eq!(alone.world.panes.terminal.prompt.text(), "", "nothing is put on the prompt");
        }
    }
}

#[test]
fn the_learner_changes_the_support() {
    let mut stage = supported(80, 24, Support::Blank, Wish::Lesson);
    stage.press("F10");
    for (wish, say) in [(Wish::Guided, "Guided"), (Wish::Alone, "On my own"), (Wish::Lesson, "as each lesson says")] {
        stage.take();
        stage.press("s");
        assert_eq!(stage.take(), [Effect::Remember(ProgressEvent::Support(wish))]);
        assert!(stage.picture().contains(say), "{}", stage.picture());
    }
    stage.press("s");
    assert!(stage.picture().contains("commands: guided"), "{}", stage.picture());
}

#[test]
fn commands_are_offered_one_after_the_other() {
    let mut stage = Stage::at_work(80, 24);
    stage.open(1, None);
    stage.press("Enter");
    assert!(stage.world.panes.terminal.prompt.text().ends_with("serviceaccount"));
    let line = stage.world.panes.terminal.prompt.text().to_owned();
    stage.press("Enter");
    stage.send([Msg::CommandDone { status: 0, line, requests: Vec::new() }]);
    stage.press("Enter");
    assert_eq!(stage.world.panes.terminal.prompt.text(), "echo done");
}

#[test]
fn a_check_that_stays_grey_says_what_it_saw() {
    check("near", |stage| {
        stage.run("kubectl get pod other", "", "", 0);
        let near = vec![None, Some("There is no Pod `x` here. There is `web`.".to_owned())];
        stage.send([Msg::Checks { step: "who".into(), passed: vec![true, false], near }]);
        let hint = "The spec is what";
        assert!(stage.picture().contains(hint), "the author's own word goes first:\n{}", stage.picture());
        let near = vec![Some("In Pod `web`, `spec.nodeName` is not set. This step looks for it.".to_owned()), None];
        stage.send([Msg::Checks { step: "who".into(), passed: vec![false, false], near }]);
        assert!(stage.picture().contains("spec.nodeName"), "{}", stage.picture());
        stage.type_text("k");
    });
}

#[test]
fn the_log_that_a_lesson_follows_is_always_in_sight() {
    for (width, height) in SIZES.into_iter().chain([(60, 16)]) {
        let mut stage = Stage::new(width, height);
        let mut lesson = lesson();
        lesson.follow = Some("my-kubernetes-dashboard".into());
        let given = Prediction { answer: 0, sure: true };
        let progress = Progress { predicted: [("who".to_owned(), given)].into(), ..Progress::default() };
        stage.send([cards(), cluster(), objects(), Msg::LessonOpened { lesson, step: 0, progress }]);
        assert!(stage.picture().contains("logs my-kubernetes-dashboard has said nothing"), "{}", stage.picture());
        for _ in 0..9 {
            stage.press("Alt-Down");
        }
        stage.send([Msg::Said(Some("10:42:01 WARNING dashboard: GET /pods \u{1b}[2J403".into()))]);
        assert!(stage.picture().contains("logs 10:42:01 WARNING"), "{}", stage.picture());
        stage.send([Msg::Said(Some("10:42:04 INFO dashboard: GET /pods 200: 1 pods".into()))]);
        assert!(stage.picture().contains("200: 1"), "{}", stage.picture());
        // What was answered is seen even where little else is.
        let line = "2026-11-23 10:42:07,182 WARNING dashboard: GET /api/v1/namespaces/default/pods 403: pods is forbidden: \
                    User \"system:serviceaccount:default:dashboard-sa\" cannot list resource \"pods\" in API group \"\" in the \
                    namespace \"default\"";
        stage.send([Msg::Said(Some(line.into()))]);
        let picture = stage.picture();
        assert!(picture.contains("403:"), "{picture}");
        assert_eq!(picture.contains("      \"default\" "), height == 50, "{picture}");
        assert_eq!(picture.contains('…'), height < 50, "{picture}");
    }
}

#[test]
fn a_lesson_is_edited_while_it_is_open() {
    let mut stage = Stage::at_work(80, 24);
    let mut edited = lesson();
    edited.steps[0].task = "Find out who the pod is.".into();
    edited.steps[0].checks.pop();
    stage.send([Msg::LessonEdited(edited)]);
    assert!(stage.picture().contains("Find out who the pod is."), "{}", stage.picture());
    stage.checks("who", &[true]);
    assert!(stage.picture().contains("✔ Done"), "{}", stage.picture());
    let mut shorter = lesson();
    shorter.steps.truncate(0);
    stage.send([Msg::LessonEdited(shorter)]);
    assert!(stage.picture().contains("no steps"), "{}", stage.picture());
}

/// The course list with a folder of the learner's own beside ours; one file of it is broken.
fn with_own_lessons(width: u16, height: u16) -> Stage {
    let mut stage = Stage::new(width, height);
    let Msg::Course { mut lessons, selected, tally, wish } = cards() else { panic!("cards") };
    for (at, id) in ["hello", "broken", "third", "fourth", "fifth"].into_iter().enumerate() {
        let fault = (at == 1)
            .then(|| "my-class/2-broken.yaml:3:1: unknown field `taks`\n  instead: did you mean `task`?".to_owned());
        let done = if at == 1 { Vec::new() } else { vec![false; 3] };
        let (course, id, title) = ("my-class".into(), format!("my-class/{id}"), format!("Lesson {id}"));
        lessons.push(Card { course, id, title, minutes: 5, done, fault, ..Card::default() });
    }
    stage.send([Msg::Course { lessons, selected, tally, wish }, cluster()]);
    stage
}

#[test]
fn lessons_of_ones_own_stand_beside_ours() {
    for (width, height) in SIZES.into_iter().chain([(60, 16)]) {
        let mut stage = with_own_lessons(width, height);
        stage.press("Down Down Down");
        insta::assert_snapshot!(format!("own-lessons-{width}x{height}"), stage.picture());
        assert!(stage.picture().contains("did you mean `task`?".replace('`', "").as_str()), "{}", stage.picture());
        stage.take();
        stage.press("Enter");
        assert_eq!(stage.take(), [], "what cannot be read cannot be opened");
        assert!(stage.picture().contains("cannot be read. Mend its file"), "{}", stage.picture());
        stage.press("Down Down Down Down");
        assert!(stage.picture().contains("▸ 8  Lesson fifth"), "{}", stage.picture());
        stage.press("Enter");
        assert_eq!(stage.take(), [Effect::OpenLesson { id: "my-class/fifth".into(), step: 0, afresh: false }]);
    }
}

/// The last lesson of the course was done just now.
fn through(width: u16, height: u16) -> Stage {
    let mut stage = Stage::new(width, height);
    let Msg::Course { mut lessons, selected, tally, wish } = cards() else { panic!("cards") };
    lessons.truncate(2);
    lessons[1].done = vec![true, false];
    let progress =
        Progress { lesson: "inspect-the-mount".into(), step: 1, done: vec!["who".into()], ..Progress::default() };
    let course = Msg::Course { lessons, selected, tally, wish };
    stage.send([course.clone(), cluster(), objects(), Msg::LessonOpened { lesson: lesson(), step: 1, progress }]);
    stage.checks("files", &[true]);
    assert!(stage.picture().contains("✔ Done"), "{}", stage.picture());
    if width >= 80 {
        assert!(stage.picture().contains("F3 shows what you have done"), "{}", stage.picture());
    }
    stage.press("F3");
    stage
}

#[test]
fn the_course_ends() {
    for (width, height) in SIZES.into_iter().chain([(60, 16)]) {
        let mut stage = through(width, height);
        insta::assert_snapshot!(format!("course-end-{width}x{height}"), stage.picture());
        assert!(stage.picture().contains("p  Practise"), "{}", stage.picture());
        stage.press("End Home Enter e");
        assert!(stage.picture().contains("You have worked the whole course."), "{}", stage.picture());
        stage.take();
        stage.press("p");
        let remembered = stage.take();
        assert_eq!(remembered[0], Effect::Remember(ProgressEvent::Support(Wish::Alone)));
        let open = Effect::OpenLesson { id: "create-service-account".into(), step: 0, afresh: true };
        assert_eq!(remembered.last(), Some(&open));
        assert_eq!(remembered.len(), 5, "each lesson is begun anew: {remembered:?}");
    }
}

#[test]
fn too_small_until_it_is_not() {
    let mut stage = Stage::at_work(40, 8);
    insta::assert_snapshot!("too-small-40x8", stage.picture());
    stage.send([Msg::Resize { width: 80, height: 24 }]);
    assert_eq!(stage.picture(), Stage::at_work(80, 24).picture());
    let mut stage = Stage::asked(80, 24);
    let before = stage.picture();
    stage.send([Msg::Resize { width: 40, height: 8 }, Msg::Resize { width: 80, height: 24 }]);
    assert_eq!(stage.picture(), before);
}

#[test]
fn short_and_wide() {
    let stage = Stage::at_work(120, 20);
    insta::assert_snapshot!("step-120x20", stage.picture());
}

#[test]
fn wishes() {
    let run = |keys: &str, want: &[Effect]| {
        let mut stage = Stage::at_work(80, 24);
        stage.send([Msg::objects(Feed::Applied(pod("Running")))]);
        stage.take();
        stage.press(keys);
        assert_eq!(stage.take(), want, "{keys}");
    };
    let lesson = |id: &str, step, afresh| Effect::OpenLesson { id: id.into(), step, afresh };
    let open = |step| lesson("inspect-the-mount", step, false);
    run("l s Enter", &[Effect::SaveHistory("ls".into()), Effect::Run("ls".into())]);
    run("F3", &[]);
    run("F3 Enter", &[open(1)]);
    run("F3 Enter F3 F3", &[open(1)]);
    run("F3 Esc", &[]);
    run("Ctrl-Q", &[Effect::Quit]);
    run("Ctrl-D", &[Effect::Quit]);
    run("x Ctrl-D", &[]);
    run("F10", &[Effect::ListCourse]);
    run("F10 Enter", &[Effect::ListCourse]);
    run("F10 Up Enter", &[Effect::ListCourse, lesson("create-service-account", 0, false)]);
    run("F10 Down Enter", &[Effect::ListCourse, lesson("switch-the-service-account", 1, false)]);
    let begun = ProgressEvent::Restarted { lesson: "switch-the-service-account".into(), round: 1 };
    let anew = [Effect::ListCourse, Effect::Remember(begun), lesson("switch-the-service-account", 0, true)];
    run("F10 Down r", &anew[..1]);
    run("F10 Down r Esc", &anew[..1]);
    run("F10 Down r Enter", &anew);
    run("F8", &[lesson("inspect-the-mount", 0, true)]);
    run("F8 F8", &[lesson("inspect-the-mount", 0, true)]);
    let hint = ProgressEvent::Hints { lesson: "inspect-the-mount".into(), step: "who".into(), opened: 1 };
    // Where the command stands in the step, no hint has more to say.
    run("F2", &[]);
    let mut alone = supported(80, 24, Support::Alone, Wish::Lesson);
    alone.take();
    alone.press("F2");
    assert_eq!(alone.take(), [Effect::Remember(hint)]);
    run("k Tab", &[Effect::Complete { line: "k".into(), cursor: 1 }]);
    run("l s Enter Ctrl-C", &[Effect::SaveHistory("ls".into()), Effect::Run("ls".into()), Effect::Cancel]);
    let pod = TokenSource::Pod("my-kubernetes-dashboard".into());
    run("Tab Tab End Up Up Up Up Up Enter Enter", &[Effect::ReadToken { namespace: "default".into(), from: pod }]);
}

#[test]
fn enter_on_an_empty_prompt_puts_the_suggestion_there() {
    let mut stage = Stage::at_work(80, 24);
    stage.press("Enter");
    assert!(stage.world.panes.terminal.prompt.text().starts_with("kubectl get pod my-kubernetes-dashboard"));
    stage.take();
    stage.press("Enter");
    assert!(matches!(stage.take().as_slice(), [Effect::SaveHistory(_), Effect::Run(_)]));
}

#[test]
fn the_cursor_goes_where_a_word_is_missing() {
    let mut stage = Stage::new(80, 24);
    let mut lesson = lesson();
    lesson.steps[1].support = Support::Blank;
    lesson.steps[1].suggest = "kubectl exec ___ -- ls".into();
    stage.send([Msg::LessonOpened { lesson, step: 1, progress: Progress::default() }]);
    assert!(stage.picture().contains("kubectl exec ___ -- ls"));
    stage.send([Msg::History(vec!["kubectl exec  -- ls -l".into()])]);
    stage.press("Enter");
    assert!(stage.world.panes.terminal.prompt.ghost().is_none(), "the history does not fill it in");
    stage.type_text("web");
    assert_eq!(stage.world.panes.terminal.prompt.text(), "kubectl exec web -- ls");
    // What was only put there is not carried into the next step.
    let mut stage = Stage::at_work(80, 24);
    stage.press("Enter").open(1, None);
    assert_eq!(stage.world.panes.terminal.prompt.text(), "");
    stage.type_text("ls");
    stage.open(0, None);
    assert_eq!(stage.world.panes.terminal.prompt.text(), "ls", "what was typed is");
}

#[test]
fn the_course_list_leads_back() {
    let mut stage = Stage::at_work(80, 24);
    stage.press("F10");
    let Msg::Course { lessons, .. } = cards() else { panic!("cards") };
    stage.send([Msg::Course { lessons, selected: 2, tally: Tally::default(), wish: Wish::Lesson }]);
    assert_eq!(stage.world.course.selected, 1);
}

#[test]
fn the_step_is_saved_once_when_it_is_done() {
    let mut stage = Stage::at_work(80, 24);
    stage.take();
    stage.checks("files", &[true]).checks("who", &[true]).checks("who", &[true, false]);
    assert_eq!(stage.take(), []);
    stage.checks("who", &[true, true]).checks("who", &[true, false]).checks("who", &[true, true]);
    let done = ProgressEvent::Done { lesson: "inspect-the-mount".into(), step: "who".into() };
    assert_eq!(stage.take(), [Effect::Remember(done)]);
    stage.press("F3");
    assert_eq!(stage.take(), [Effect::OpenLesson { id: "inspect-the-mount".into(), step: 1, afresh: false }]);
}

#[test]
fn completions_land_on_the_prompt() {
    let run = |words: &[&str], want: &str| {
        let mut stage = Stage::at_work(80, 24);
        stage.type_text("kubectl get s").press("Tab");
        let words = words.iter().map(|word| (*word).into()).collect();
        stage.send([Msg::Completions { line: "kubectl get s".into(), cursor: 13, start: 12, words }]);
        assert_eq!(stage.world.panes.terminal.prompt.text(), want);
    };
    run(&["serviceaccounts"], "kubectl get serviceaccounts ");
    run(&["services", "serviceaccounts"], "kubectl get service");
    run(&["secrets", "services"], "kubectl get se");
    run(&[], "kubectl get s");
    let mut stage = Stage::at_work(80, 24);
    stage.type_text("x");
    stage.send([Msg::Completions { line: "y".into(), cursor: 1, start: 0, words: vec!["yes".into()] }]);
    assert_eq!(stage.world.panes.terminal.prompt.text(), "x", "a late answer is ignored");
}

/// At the prompt, with the list of four words open.
fn picking(width: u16, height: u16) -> Stage {
    let mut stage = Stage::at_work(width, height);
    stage.type_text("kubectl get s").press("Tab");
    let word = |(text, help): (&str, &str)| Word { text: text.into(), help: help.into() };
    let words = [("secrets ", ""), ("serviceaccounts ", "sa"), ("services ", "svc"), ("storageclasses ", "sc")];
    let words = words.map(word).to_vec();
    stage.send([Msg::Completions { line: "kubectl get s".into(), cursor: 13, start: 12, words }]);
    stage
}

#[test]
fn a_list_of_words() {
    for (width, height) in SIZES {
        let mut stage = picking(width, height);
        stage.press("Tab");
        insta::assert_snapshot!(format!("pick-{width}x{height}"), stage.picture());
    }
    let keys = |keys: &str, want: &str| {
        let mut stage = picking(80, 24);
        stage.press(keys);
        assert_eq!(stage.world.panes.terminal.prompt.text(), want, "{keys}");
        stage
    };
    keys("Enter", "kubectl get secrets ");
    keys("Tab Enter", "kubectl get serviceaccounts ");
    keys("Down Down Shift-Tab Enter", "kubectl get serviceaccounts ");
    keys("Shift-Tab Enter", "kubectl get storageclasses ");
    keys("a c c Enter", "kubectl get serviceaccounts ");
    keys("x x Backspace Backspace Tab Enter", "kubectl get serviceaccounts ");
    keys("z z Enter", "kubectl get szz");
    assert!(keys("Esc", "kubectl get s").world.over::<Pick>().is_none());
    assert!(keys("Space", "kubectl get s ").world.over::<Pick>().is_none());
    assert!(keys("Ctrl-A", "kubectl get s").world.over::<Pick>().is_none());
    assert!(keys("Backspace Backspace", "kubectl get").world.over::<Pick>().is_none());
}

#[test]
fn letters_that_fit_open_the_list() {
    let mut stage = Stage::at_work(80, 24);
    stage.type_text("kubectl get vcac");
    let words = vec!["serviceaccounts ".into(), "vscaches ".into()];
    stage.send([Msg::Completions { line: "kubectl get vcac".into(), cursor: 16, start: 12, words }]);
    assert_eq!(stage.world.panes.terminal.prompt.text(), "kubectl get vcac");
    stage.press("Enter");
    assert_eq!(stage.world.panes.terminal.prompt.text(), "kubectl get serviceaccounts ");
}

#[test]
fn the_rest_from_history() {
    let run = |typed: &str, keys: &str, want: &str| {
        let mut stage = Stage::at_work(80, 24);
        stage.send([Msg::History(vec!["kubectl get sa".into(), "kubectl get pods -o wide".into()])]);
        stage.type_text(typed).press(keys);
        assert_eq!(stage.world.panes.terminal.prompt.text(), want, "{typed} {keys}");
    };
    for key in ["Right", "End", "Ctrl-E", "Ctrl-F"] {
        run("kubectl get", key, "kubectl get pods -o wide");
    }
    run("kubectl get", "Alt-F", "kubectl get pods");
    run("kubectl get", "Alt-F Alt-F", "kubectl get pods -o");
    run("kubectl get s", "Right", "kubectl get sa");
    run("kubectl get", "Left Right", "kubectl get");
    run("echo", "Right", "echo");
    let mut stage = Stage::at_work(80, 24);
    stage.send([Msg::History(vec!["kubectl get pods -o wide".into()])]).type_text("kubectl g");
    assert!(stage.picture().contains("$ kubectl get pods -o wide"));
    stage.world.theme.colour = false;
    assert!(!stage.picture().contains("pods -o wide"), "without colours it would look typed");
    stage.press("Ctrl-E");
    assert_eq!(stage.world.panes.terminal.prompt.text(), "kubectl g");
}

#[test]
fn edits_as_in_bash() {
    let run = |keys: &str, want: &str| {
        let mut stage = Stage::at_work(80, 24);
        stage.send([Msg::History(vec!["ls old".into(), "cat a.yaml".into()])]);
        stage.press(keys);
        assert_eq!(stage.world.panes.terminal.prompt.text(), want, "{keys}");
    };
    run("a b Ctrl-T", "ba");
    run("a b c Left Ctrl-T", "acb");
    run("x Space y Ctrl-_", "x ");
    run("x Space y Ctrl-_ Ctrl-_", "");
    run("a b Ctrl-U Ctrl-_", "ab");
    run("x Space Alt-.", "x a.yaml");
    run("x Space Alt-. Alt-.", "x old");
    run("x Ctrl-R o l d Esc", "x");
    run("x Ctrl-R o l d Ctrl-G", "x");
    run("x Ctrl-R a Ctrl-R Enter", "cat a.yaml");
    run("e \\ Enter x", "e\\\nx");
    run("' Enter x", "'\nx");
}

#[test]
fn a_manual_page_opens_and_is_searched() {
    for (width, height) in SIZES {
        let mut stage = Stage::at_work(width, height);
        let page: String = (0..90).map(|row| format!("FIELD {row} <string>\n")).collect();
        stage.run("kubectl explain pod", &page, "", 0);
        stage.press("/ 4 2 Enter");
        insta::assert_snapshot!(format!("reader-{width}x{height}"), stage.picture());
        stage.press("n N End Home PageDown q");
        assert!(stage.world.over::<Reader>().is_none());
    }
    let mut stage = Stage::at_work(80, 24);
    stage.run("kubectl explain pod", "short\n", "", 0);
    assert!(stage.world.over::<Reader>().is_none(), "short output stays where it is");
    stage.run("kubectl get pods", &"pod\n".repeat(90), "", 0);
    assert!(stage.world.over::<Reader>().is_none());
    stage.press("F7 Esc");
    assert!(stage.world.over::<Reader>().is_none());
}

#[test]
fn what_an_error_means() {
    for (width, height) in SIZES {
        let mut stage = Stage::at_work(width, height);
        let error = "Error from server (Forbidden): pods is forbidden: User \"system:serviceaccount:default:default\" cannot list \
                     resource \"pods\" in API group \"\" in the namespace \"default\"\n";
        stage.run("kubectl get pods", "", error, 1).press("F4");
        insta::assert_snapshot!(format!("means-{width}x{height}"), stage.picture());
        stage.press("Esc").run("ls", "", "", 0);
        assert!(stage.world.panes.terminal.fault.is_none());
    }
}

#[test]
fn what_a_server_answers_to_curl_means() {
    let answer = "{\n  \"kind\": \"Status\",\n  \"apiVersion\": \"v1\",\n  \"metadata\": {},\n  \"status\": \"Failure\",\n  \
                  \"message\": \"Unauthorized\",\n  \"reason\": \"Unauthorized\",\n  \"code\": 401\n}";
    let mut stage = Stage::at_work(80, 24);
    stage.run("curl -skv -H 'Authorization: Bearer $TOKEN' $API/api", answer, "> GET /api HTTP/2\n", 0).press("F4");
    insta::assert_snapshot!("means-401-80x24", stage.picture());
    stage.press("End");
    assert!(stage.picture().contains("\"code\": 401"), "{}", stage.picture());
    // What is no longer on the screen is not announced.
    let mut stage = Stage::at_work(80, 24);
    stage.run("kubectl get svc", "", "error: the server doesn't have a resource type \"svc\"\n", 1).press("Ctrl-L F4");
    assert!(!stage.picture().contains("The error itself"), "{}", stage.picture());
}

#[test]
fn the_editor_asks_before_it_forgets() {
    let edit = || Msg::CommandDone {
        status: 0,
        line: "edit a".into(),
        requests: vec![Request::Edit { path: "a".into(), content: "one\n".into() }],
    };
    let mut stage = Stage::at_work(80, 24);
    stage.send([edit()]).press("Esc");
    assert!(stage.world.over::<Editor>().is_none());
    stage.send([edit()]).press("x Esc");
    assert!(stage.world.over::<Leave>().is_some());
    stage.press("y Ctrl-S");
    assert_eq!(stage.take().last(), Some(&Effect::SaveFile { path: "a".into(), content: "xyone\n".into() }));
    stage.send([Msg::Failure("the disk is full".into())]);
    assert!(stage.world.over::<Editor>().is_some() && stage.picture().contains("the disk is full"));
    stage.send([Msg::FileSaved { path: "a".into() }]);
    assert!(stage.world.over::<Editor>().is_none());
}

#[test]
fn who_is_used_to_vi_saves_or_leaves_as_there() {
    let edit = || Msg::CommandDone {
        status: 0,
        line: "vi a".into(),
        requests: vec![Request::Edit { path: "a".into(), content: "one\n".into() }],
    };
    let save = Effect::SaveFile { path: "a".into(), content: "xone\n".into() };
    for (keys, saved, open) in [
        ("x Esc Enter", true, true),
        ("x Esc : w q Enter", true, true),
        ("x Esc : x Enter", true, true),
        ("x Esc : q ! Enter", false, false),
        ("x Esc Esc", false, false),
        ("x Esc : z Enter", false, true),
        ("x End Enter : q ! Enter", false, false),
        ("x End : q ! Enter", false, false),
        ("x : w q Enter", true, true),
        ("x Home : w q Enter", true, true),
        ("x Home : w Enter", true, true),
    ] {
        let mut stage = Stage::at_work(80, 24);
        stage.send([edit()]).take();
        stage.press(keys);
        assert_eq!(stage.take().contains(&save), saved, "{keys}");
        assert_eq!(stage.world.over::<Editor>().is_some(), open, "{keys}");
    }
    // What was typed and not saved is there again.
    let mut stage = Stage::at_work(80, 24);
    stage.send([edit()]).press("x Esc Esc").send([edit()]);
    assert!(stage.picture().contains("xone") && stage.picture().contains("not saved"), "{}", stage.picture());
}

#[test]
fn what_is_typed_while_a_command_runs_is_run_after_it() {
    let mut stage = Stage::at_work(80, 24);
    stage.type_text("sleep 9").press("Enter").type_text("ls").press("Enter").type_text("pw");
    assert!(stage.picture().contains("then: ls") && stage.picture().contains("$ pw"), "{}", stage.picture());
    stage.take();
    let done = |status| Msg::CommandDone { status, line: String::new(), requests: Vec::new() };
    stage.send([done(0)]);
    assert_eq!(stage.take().last(), Some(&Effect::Run("ls".into())));
    assert_eq!(stage.world.panes.terminal.prompt.text(), "pw");
    stage.type_text("d").press("Enter Ctrl-C").send([done(130)]);
    assert!(stage.world.panes.terminal.ahead.is_empty() && stage.world.panes.terminal.running.is_none());
}

#[test]
fn nothing_from_the_cluster_reaches_the_terminal_as_a_command() {
    let mut stage = Stage::at_work(200, 50);
    let nasty = "\u{1b}[2J\u{7}\u{202e}";
    stage.send([
        Msg::Output { chunk: format!("{nasty}\n"), stderr: false },
        Msg::objects(Feed::Applied(json!({"kind": "Pod", "metadata": {"name": nasty, "namespace": "default"}}))),
        Msg::token(TokenSeen {
            from: nasty.into(),
            header: json!({"alg": nasty, "kid": nasty}),
            claims: json!({"sub": nasty, "aud": [nasty], nasty: nasty, "kubernetes.io": {"pod": {"name": nasty}}}),
            verdict: Verdict::Wrong(nasty.into()),
            api: vec![nasty.into()],
            release: None,
            text: TokenText { header: nasty.into(), claims: nasty.into(), ..TokenText::default() },
            id: 0,
            at: None,
            taken_back: 0,
        }),
        Msg::answered(Trace {
            asks: nasty.into(),
            user: nasty.into(),
            steps: vec![Step {
                rung: Rung::Admission,
                stopped: true,
                say: nasty.into(),
                checks: vec![Check { sign: Sign::Bad, name: nasty.into(), say: nasty.into() }],
            }],
            ..refused()
        }),
        Msg::Failure(nasty.into()),
        Msg::Paste(nasty.into()),
    ]);
    let picture = stage.picture();
    assert!(!picture.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{picture}");
    assert!(picture.contains("␛[2J"));
}

#[test]
fn without_colours_nothing_is_coloured() {
    use ratatui::style::Color;
    for keys in ["F2", "F1", "Tab Tab Down", "Tab Tab Tab", "F3", "F10"] {
        let mut stage = Stage::at_work(120, 36);
        stage.world.theme.colour = false;
        stage.send([Msg::objects(Feed::Applied(pod("Running"))), token()]).press(keys);
        let buf = stage.buffer();
        assert!(buf.content.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset), "{keys}");
    }
}

pub(crate) const MANY: Abilities = Abilities { many_colours: true, is_light: false, unicode: true };

#[test]
fn the_whole_screen_is_painted_where_colours_are_fixed() {
    use ratatui::style::Color;
    for theme in Colours::ALL {
        for keys in ["F2", "F1", "Tab Tab Down", "F3", "F10", "F10 w"] {
            let mut stage = Stage::at_work(120, 36);
            let settings = Settings { theme: *theme, ..Settings::default() };
            stage.send([Msg::Looks(settings, MANY), Msg::objects(Feed::Applied(pod("Running"))), token()]).press(keys);
            let fixed = |colour| matches!(colour, Color::Indexed(16..));
            assert!(stage.buffer().content.iter().all(|cell| fixed(cell.fg) && fixed(cell.bg)), "{theme:?} {keys}");
            // With 16 colours the ground is the terminal's own.
            stage.send([Msg::Looks(settings, Abilities::default())]);
            assert!(stage.buffer().content.iter().all(|cell| cell.bg == Color::Reset), "{theme:?} {keys}");
            // The learner's wish for none comes first.
            stage.send([Msg::Looks(settings, MANY)]);
            stage.world.theme.colour = false;
            let plain = |colour| colour == Color::Reset;
            assert!(stage.buffer().content.iter().all(|cell| plain(cell.fg) && plain(cell.bg)), "{theme:?} {keys}");
        }
    }
}

#[test]
fn in_ascii_all_is_ascii() {
    let ascii = Msg::Looks(Settings { signs: Signs::Ascii, ..Settings::default() }, MANY);
    for mut stage in stages() {
        stage.send([ascii.clone()]);
        assert!(stage.picture().is_ascii(), "{}", stage.picture());
    }
    let mut stage = Stage::asked(80, 24);
    stage.send([Msg::Looks(Settings::default(), Abilities { unicode: false, ..MANY })]);
    insta::assert_snapshot!("ascii-ask-80x24", stage.picture());
    let mut stage = Stage::at_work(120, 36);
    stage.send([ascii, Msg::objects(Feed::Applied(pod("Running"))), token()]);
    stage.checks("who", &[true, false]).type_text("kubectl");
    insta::assert_snapshot!("ascii-120x36", stage.picture());
    // The learner's word goes before the terminal's.
    let unicode = Settings { signs: Signs::Unicode, ..Settings::default() };
    stage.send([Msg::Looks(unicode, Abilities { unicode: false, ..MANY })]);
    assert!(stage.picture().contains("✔"), "{}", stage.picture());
}

#[test]
fn with_reduced_motion_a_change_is_words_alone() {
    use ratatui::style::Style;
    // How what changes looks just then, and when that is over.
    let looks = |motion| {
        let mut stage = Stage::at_work(120, 36);
        let mut lesson = lesson();
        lesson.follow = Some("web".into());
        let progress = stage.world.lesson.as_ref().unwrap().progress.clone();
        stage.send([Msg::Looks(Settings { motion, ..Settings::default() }, MANY)]);
        stage.send([Msg::LessonOpened { lesson, step: 0, progress }, Msg::Said(Some("before".into()))]);
        stage.checks("who", &[false, false]).checks("who", &[true, false]);
        stage.send([Msg::Said(Some("listening".into())), Msg::objects(Feed::Applied(account("new-sa")))]);
        let style = |stage: &Stage, word: &str| -> Option<Style> {
            let picture = stage.picture();
            let (y, row) = picture.lines().enumerate().find(|(_, row)| row.contains(word))?;
            let x = row[..row.find(word)?].chars().count();
            Some(stage.buffer()[(u16::try_from(x).ok()?, u16::try_from(y).ok()?)].style())
        };
        let words = ["the pod is running", "listening"];
        let then = words.map(|word| style(&stage, word));
        let new = style(&stage, "+ new");
        stage.send([Msg::Tick(at("2026-11-23T10:45:00Z"))]);
        (then, words.map(|word| style(&stage, word)), new, style(&stage, "15m"))
    };
    let (then, later, new, age) = looks(Motion::Full);
    assert!(then[0] != later[0] && then[1] != later[1] && new != age, "{then:?} {later:?}");
    let (then, later, new, age) = looks(Motion::Reduced);
    assert!(then.iter().all(Option::is_some) && new.is_some(), "the words are there");
    assert_eq!((then, new), (later, age));
}

#[test]
fn the_mouse_is_handed_over_and_taken_back() {
    let off = Settings { mouse: settings::Mouse::Off, ..Settings::default() };
    let mut stage = Stage::at_work(80, 24);
    stage.take();
    stage.send([Msg::Looks(off, MANY), Msg::Looks(Settings::default(), MANY)]);
    assert_eq!(stage.take(), [Effect::Mouse(false), Effect::Mouse(true)]);
    // Wherever one is.
    for keys in ["Esc", "Tab Tab", "F1", "F10", "F10 Esc"] {
        stage.press(keys).take();
        stage.press("F12");
        assert_eq!(stage.take(), [Effect::Mouse(false)], "{keys}");
        stage.press("F12");
        assert_eq!(stage.take(), [Effect::Mouse(true)], "{keys}");
    }
    stage.press("F12");
    assert!(stage.picture().contains("F12 takes it back"), "{}", stage.picture());
    for (width, height) in SIZES {
        let mut stage = Stage::at_work(width, height);
        assert!(stage.press("F1").picture().contains("With Shift held"), "{}", stage.picture());
    }
}

#[test]
fn t_goes_through_the_themes_and_keeps_each() {
    let mut stage = Stage::new(80, 24);
    stage.send([cards(), cluster(), Msg::Looks(Settings::default(), MANY)]).take();
    for word in ["dark", "light", "high-contrast", "colour-blind", "auto"] {
        stage.press("t");
        assert_eq!(stage.take(), [Effect::KeepSetting { key: "theme".into(), word: word.into() }]);
        assert!(stage.picture().contains(&format!("The theme is {word}.")), "{}", stage.picture());
        assert_eq!((stage.world.settings.theme.word(), stage.world.theme.choice.word()), (word, word));
    }
    let ground = |is_light| {
        let mut stage = stage.clone();
        stage.send([Msg::Looks(Settings::default(), Abilities { is_light, ..MANY })]);
        stage.buffer()[(0, 0)].bg
    };
    assert_ne!(ground(true), ground(false), "auto is light where the terminal says that it is");
    stage.world.theme.colour = false;
    assert!(stage.press("t").picture().contains("NO_COLOR wants no colours"), "{}", stage.picture());
}

#[test]
fn another_cluster_is_no_change() {
    let mut stage = Stage::at_work(120, 36);
    stage.send([token(), Msg::objects(Feed::Cleared), objects()]);
    let picture = stage.picture();
    assert!(!picture.contains("+ new") && picture.contains("No token seen on this cluster yet"), "{picture}");
}

#[test]
fn marks_stay_until_the_next_command() {
    let mut stage = Stage::at_work(120, 36);
    stage.send([
        Msg::objects(Feed::Applied(account("new-sa"))),
        Msg::objects(Feed::Deleted {
            kind: "ServiceAccount".into(),
            namespace: "default".into(),
            name: "dashboard-sa".into(),
        }),
    ]);
    let picture = stage.picture();
    assert!(picture.contains("+ new") && picture.contains("- gone"), "{picture}");
    // They stay until the next command.
    stage.send([Msg::Tick(at("2026-11-23T10:42:41Z"))]);
    assert!(stage.picture().contains("+ new"));
    stage.type_text("ls").press("Enter");
    let picture = stage.picture();
    assert!(!picture.contains("+ new") && !picture.contains("dashboard-sa"), "{picture}");
    assert!(picture.contains("new-sa"));
}

#[test]
fn it_is_seen_whom_a_binding_reaches() {
    let rbac = |kind: &str, name: &str, rest: Value| {
        let mut object = json!({"kind": kind, "metadata": {"name": name, "namespace": "default"}});
        object.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        object
    };
    let bind = |name: &str, role: &str, subject: Value| {
        rbac("RoleBinding", name, json!({"roleRef": {"kind": "Role", "name": role}, "subjects": [subject]}))
    };
    let sa = |name: &str, namespace: &str| json!({"kind": "ServiceAccount", "name": name, "namespace": namespace});
    let mut loud = pod("Running");
    loud["spec"]["volumes"] = json!([]);
    let mut quiet = account("quiet-sa");
    quiet["automountServiceAccountToken"] = json!(false);
    let mut stage = Stage::at_work(200, 50);
    stage.send([Msg::objects(Feed::Restarted(vec![
        account("default"),
        account("web"),
        quiet,
        loud,
        rbac("Role", "lister", json!({"rules": [{"verbs": ["list"], "resources": ["pods"]}]})),
        bind("good", "lister", sa("web", "default")),
        bind("typo", "lister", sa("wbe", "default")),
        bind("far", "lister", sa("web", "other")),
        bind("user", "lister", json!({"kind": "User", "name": "web"})),
        bind("gone", "nothing", sa("web", "default")),
    ]))]);
    let picture = stage.picture();
    for say in [
        "→ role lister: list on pods",
        "✘ sa wbe is not there",
        "✘ for sa web of other: no sa",
        "✘ for User web: no sa here",
        "✘ role nothing is not there",
        "a pod gets no token unless it asks",
        "Running, with no",
        "namespace default",
    ] {
        assert!(picture.contains(say), "{say}\n{picture}");
    }
    // Enter: what can be looked at, each with its command.
    stage.press("Tab Tab Home Down Enter");
    assert!(stage.picture().contains("what it may do"), "{}", stage.picture());
    // A command that has no room says so.
    let small = stage.clone().send([Msg::Resize { width: 60, height: 16 }]).picture();
    let commands: Vec<&str> = small.lines().filter(|line| line.contains("what it may do")).collect();
    assert!(commands.iter().all(|line| line.contains('…')) && !commands.is_empty(), "{small}");
    stage.press("Down Down Enter");
    let line = stage.world.panes.terminal.prompt.text().to_owned();
    assert!(line.starts_with("kubectl auth can-i --list --as=system:serviceaccount:default:"), "{line}");
    // A change below the fold is brought into view.
    let mut stage = Stage::at_work(80, 24);
    let many = (0..60).map(|number| account(&format!("a{number:02}"))).collect();
    stage.send([Msg::objects(Feed::Restarted(many)), Msg::objects(Feed::Applied(account("zz")))]).press("Alt-Right");
    assert!(stage.picture().contains("sa zz"), "{}", stage.picture());
}

#[test]
fn what_happens_by_itself_is_told() {
    let mut stage = Stage::at_work(120, 36);
    let secret = |filled: bool| {
        let mut secret = json!({"kind": "Secret", "type": "kubernetes.io/service-account-token",
            "metadata": {"name": "dashboard-sa-token-x7k2p", "namespace": "default",
                "annotations": {"kubernetes.io/service-account.name": "dashboard-sa"}}});
        if filled {
            secret["data"] = json!({"token": "…"});
        }
        Msg::objects(Feed::Applied(secret))
    };
    stage.send([secret(false)]);
    assert!(stage.picture().contains("The tokens controller made secret"));
    stage.send([secret(true)]);
    assert!(stage.picture().contains("The tokens controller filled secret"));
}

#[test]
fn an_older_cluster_is_said() {
    for (release, said) in [("1.23", true), ("1.36", false), ("1.37", false)] {
        let mut stage = Stage::at_work(120, 36);
        let mut info = cluster();
        if let Msg::Cluster(info) = &mut info {
            info.release = release.parse().ok();
        }
        stage.send([info]);
        assert_eq!(stage.picture().contains("lesson is written for"), said, "{release}");
    }
}

#[test]
fn a_wrong_turn_is_seen_whole_and_once() {
    let mut stage = Stage::at_work(80, 24);
    let say = "One thing is off here, and saying so takes more than a single row of eighty columns, to its END.";
    stage.send([Msg::WrongTurn { step: "who".into(), say: Some(say.into()) }]);
    assert_eq!(stage.picture().matches("! One thing").count(), 1, "{}", stage.picture());
    assert!(stage.picture().contains("END."), "{}", stage.picture());
}

#[test]
fn the_mouse() {
    let mut stage = Stage::at_work(120, 36);
    let click = |x, y| Msg::Mouse(Mouse { what: MouseKind::Click, x, y });
    stage.send([click(60, 3)]);
    assert_eq!(stage.world.focus, Focus::Pane(PaneId::Objects));
    stage.send([click(10, 30)]);
    assert_eq!(stage.world.focus, Focus::Prompt);
    stage.run("ls", &"line\n".repeat(100), "", 0);
    stage.send([Msg::Mouse(Mouse { what: MouseKind::ScrollUp, x: 10, y: 30 })]);
    assert!(stage.picture().contains("↓ 3 more rows"), "{}", stage.picture());
    let mut stage = Stage::at_work(80, 24);
    stage.send([click(12, 1)]);
    assert!(stage.picture().contains("[Objects]"), "{}", stage.picture());
    stage.take();
    let foot = stage.picture().lines().last().unwrap_or_default().to_owned();
    let help = foot.chars().collect::<String>().find("help").map(|byte| foot[..byte].chars().count());
    if let Some(x) = help.and_then(|x| u16::try_from(x).ok()) {
        stage.send([click(x, 23)]);
        assert!(stage.world.over::<Help>().is_some());
    }
}

/// Worlds in which every entry of the keymap can work.
pub(crate) fn stages() -> Vec<Stage> {
    let work = || {
        let mut stage = Stage::at_work(80, 24);
        stage.open(1, None);
        stage.run("ls", &"line\n".repeat(80), "", 0);
        stage.send([
            Msg::objects(Feed::Applied(pod("Running"))),
            Msg::answered(refused()),
            Msg::answered(refused()),
            token(),
        ]);
        stage
    };
    let with = |keys: &str| {
        let mut stage = work();
        stage.press(keys);
        stage
    };
    let first = |keys: &str| {
        let mut stage = Stage::at_work(80, 24);
        stage.run("ls -l", "one\n", "", 0).run("ls", &"line\n".repeat(80), "", 0);
        stage.press(keys);
        stage
    };
    let mounted = |keys: &str| {
        let mut stage = Stage::at_work(60, 16);
        for name in ["one", "two"] {
            let mut pod = pod("Running");
            pod["metadata"]["name"] = json!(name);
            pod["spec"]["containers"] = json!([{"name": "web", "volumeMounts": [
                {"name": "kube-api-access-x7k2p", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}]}]);
            stage.send([Msg::objects(Feed::Applied(pod))]);
        }
        stage.press(keys);
        stage
    };
    let mut failed = work();
    failed.run("cat x", &"line\n".repeat(80), "bash: x: command not found\n", 1);
    let mut course = Stage::new(80, 24);
    course.send([cards(), cluster()]);
    let mut editor = work();
    editor.send([Msg::CommandDone {
        status: 0,
        line: String::new(),
        requests: vec![Request::Edit { path: "a".into(), content: "one\n".into() }],
    }]);
    let mut done = Stage::new(80, 24);
    let Msg::Course { mut lessons, selected, tally, wish } = cards() else { panic!("cards") };
    lessons.iter_mut().for_each(|card| card.done.fill(true));
    done.send([Msg::Course { lessons, selected, tally, wish }, cluster()]);
    let mut scrolled = through(60, 16);
    scrolled.press("Down Down");
    let mut alone = supported(80, 24, Support::Alone, Wish::Lesson);
    let unhinted = alone.clone();
    alone.press("Tab");
    let mut elsewhere = Vec::new();
    for _ in 0..3 {
        let mut stage: Stage = elsewhere.last().unwrap_or(&alone).clone();
        stage.press("Tab");
        elsewhere.push(stage);
    }
    let mut broken = with_own_lessons(80, 24);
    broken.press("Down Down Down");
    let compared = |keys: &str| {
        let mut stage = work();
        stage.press("F5").send([replayed(1, 20), replayed(1, 24), replayed(1, 36)]);
        keys.split(' ').filter(|key| !key.is_empty()).for_each(|key| _ = stage.press(key));
        stage
    };
    let rest = vec![
        broken,
        compared(""),
        compared("PageUp"),
        compared("PageUp PageUp PageUp"),
        compared("F5"),
        compared("F5 Enter"),
        {
            let mut stage = Stage::at_work(80, 24);
            stage.press("F5 F5");
            stage
        },
        {
            let mut stage = compared("Esc");
            stage.run("kubectl get sa", "", "", 0).press("Tab Tab Tab Tab Tab Tab Tab");
            stage
        },
        course,
        done,
        through(60, 16),
        scrolled,
        unhinted,
        alone,
        work(),
        Stage::asked(80, 24),
        Stage::asked(60, 16),
        {
            let mut stage = Stage::asked(80, 24);
            stage.press("Enter");
            stage
        },
        {
            let mut stage = Stage::new(60, 16);
            let mut lesson = lesson();
            lesson.steps[0].text = "A line.\n\n".repeat(30);
            stage.send([cards(), Msg::LessonOpened { lesson, step: 0, progress: Progress::default() }]);
            stage.press("PageDown");
            stage
        },
        {
            let mut stage = Stage::asked(80, 24);
            stage.press("Down");
            stage
        },
        {
            let mut stage = Stage::asked(80, 24);
            let (mut lesson, progress) = (lesson(), Progress::default());
            lesson.steps.swap(0, 1);
            stage.send([Msg::LessonOpened { lesson, step: 1, progress }]);
            stage
        },
        {
            let mut later = Stage::at_work(80, 24);
            later.open(1, None);
            later
        },
        {
            let mut stage = Stage::at_work(80, 24);
            stage.checks("who", &[true, true]);
            stage
        },
        first("PageUp"),
        first("Alt-Down"),
        first("Alt-Right"),
        first("a Space b Space c Alt-B"),
        first("a Space b Ctrl-W"),
        first("Up Up Left"),
        first("l s Enter"),
        first("l s Enter Tab"),
        first("l s Enter Tab Tab"),
        first("l s Enter Tab Tab Tab"),
        first("l s Enter Tab Tab Tab Tab"),
        first("Ctrl-R l"),
        first("Ctrl-R l Ctrl-R"),
        first("l"),
        picking(80, 24),
        failed.clone(),
        {
            failed.press("Tab");
            failed.clone()
        },
        {
            failed.press("Tab");
            failed.clone()
        },
        {
            failed.press("Tab");
            failed.clone()
        },
        {
            failed.press("Tab");
            failed
        },
        with("F7"),
        with("F10"),
        with("Tab Tab Down Enter"),
        with("Tab Tab Home Down Down Down Down"),
        with("Tab Tab / w"),
        with("Tab Tab / w Enter"),
        with("F7 / l i Enter PageDown"),
        with("F7 / l"),
        {
            let mut stage = Stage::asked(80, 24);
            stage.type_text("one two");
            stage
        },
        first("F3"),
        first("Tab"),
        first("Tab Down Down"),
        first("Tab Tab Down Down"),
        with("Tab"),
        with("Tab Tab Down Down"),
        with("Tab Tab Tab"),
        with("Tab Tab Tab Down Down"),
        with("Tab Tab Tab Tab"),
        with("Tab Tab Tab Alt-R"),
        with("Tab Tab Tab Alt-T"),
        {
            let mut stage = work();
            stage.send([old_token()]).press("Tab Tab Tab");
            stage
        },
        {
            let mut stage = work();
            let Msg::Pane(News::Token(third)) = old_token() else { panic!("a token") };
            stage
                .send([old_token(), Msg::token(TokenSeen { id: 3, claims: json!({"sub": "third"}), ..*third })])
                .press("Tab Tab Tab Alt-V");
            stage
        },
        with("Tab Tab Tab Tab Down"),
        {
            let mut stage = Stage::at_work(60, 16);
            let mut long = refused();
            long.steps[1].checks = vec![Check { sign: Sign::Bad, name: "x".into(), say: "y".into() }; 40];
            stage.send([Msg::answered(long)]).press("Tab Tab Tab Tab");
            stage
        },
        {
            let mut stage = Stage::at_work(60, 16);
            let mut long = refused();
            long.steps[1].checks = vec![Check { sign: Sign::Bad, name: "x".into(), say: "y".into() }; 40];
            stage.send([Msg::answered(long)]).press("Tab Tab Tab Tab PageDown");
            stage
        },
        mounted("Tab Tab Tab Tab Tab"),
        mounted("Tab Tab Tab Tab Tab PageDown"),
        {
            let mut stage = work();
            stage.send([crate::clock_pane::comes()]).press("F6");
            stage
        },
        {
            let mut stage = work();
            stage.send([Msg::Turns { back: 1, again: 1 }]);
            stage
        },
        with("F1"),
        with("F1 Tab"),
        with("F1 Tab End"),
        with("F7 End"),
        with("F7 Home"),
        with("F10 F1 Tab End"),
        with("Tab Tab End"),
        with("Tab Tab Home"),
        with("Ctrl-P z z z z"),
        with("F1 Tab Down Down"),
        with("Ctrl-P"),
        with("Ctrl-P Down"),
        with("Ctrl-P PageDown x Backspace"),
        with("Ctrl-P a"),
        with("Alt-W"),
        first("s a Alt-W"),
        {
            let mut stage = editor.clone();
            stage.press("x Esc");
            stage
        },
        {
            let mut stage = editor.clone();
            stage.press("x Esc : q");
            stage
        },
        {
            let mut stage = editor.clone();
            stage.press("x Ctrl-Q");
            stage
        },
        first("e c h o Space ' a"),
        {
            let mut stage = Stage::asked(80, 24);
            stage.press("l s Enter F2");
            stage
        },
        {
            let mut lesson = lesson();
            lesson.steps[1].support = Support::Blank;
            lesson.steps[1].suggest = "kubectl exec ___ -- ls".into();
            let mut stage = Stage::at_work(80, 24);
            let progress = Progress { lesson: lesson.id.clone(), step: 1, ..Progress::default() };
            stage.send([Msg::LessonOpened { lesson, step: 1, progress }]).press("Enter");
            stage
        },
        editor,
        Stage::new(20, 5),
    ];
    elsewhere.into_iter().chain(rest).collect()
}

#[test]
fn every_key_of_the_tables_works() {
    let stages = stages();
    for layer in all() {
        for binding in layer.keys {
            for key in binding.keys {
                let mut offered = 0;
                let worked = stages.iter().any(|stage| {
                    let mut world = stage.world.clone();
                    let is_asked = layers(&world).into_iter().any(|other| std::ptr::eq(other, layer));
                    if !is_asked || !lookup(&world, *key).is_some_and(|found| std::ptr::eq(found, binding)) {
                        return false;
                    }
                    offered += 1;
                    let before = format!("{world:?}");
                    !update(&mut world, Msg::Key(*key)).is_empty() || format!("{world:?}") != before
                });
                let is_answer = binding.label == "choose";
                assert!(
                    worked || (is_answer && offered == 0),
                    "{key} ({}) does nothing in {:?}; it was offered {offered} times",
                    binding.say,
                    layer.heading,
                );
            }
        }
    }
}

#[test]
fn the_footer_shows_only_keys_that_work() {
    let mut faults = Vec::new();
    for stage in stages() {
        for item in sa_tutor::tui::keymap::footer(&stage.world, stage.world.width) {
            assert!(lookup(&stage.world, item.key).is_some(), "{}", item.name);
            // Of the numbers the first stands for all; each other key does something, and is not only listed.
            let mut world = stage.world.clone();
            let before = format!("{world:?}");
            let effects = update(&mut world, Msg::Key(item.key));
            if item.label != "choose" && effects.is_empty() && format!("{world:?}") == before {
                faults.push(format!("{} {} does nothing here:\n{}", item.name, item.label, stage.picture()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn ten_thousand_objects() {
    let mut stage = Stage::at_work(200, 60);
    let pods = (0..10_000).map(|number| {
        let mut pod = pod("Running");
        pod["metadata"]["name"] = json!(format!("web-{number:05}"));
        pod
    });
    let all: Vec<Value> = std::iter::once(account("default")).chain(pods).collect();
    stage.send([Msg::objects(Feed::Restarted(all))]);
    stage.press("Tab Tab End");
    assert!(stage.picture().contains("web-09999"));
    stage.press("Up Up Up Up Up Home Down Down");
    assert!(stage.picture().contains("web-00000"));
}

fn any_key() -> impl Strategy<Value = Key> {
    let code = prop_oneof![
        8 => any::<char>().prop_filter("typed", |c| !c.is_control()).prop_map(Code::Char),
        8 => prop::sample::select("hjklnpsqid?123yGg rwukyaebfdc".chars().collect::<Vec<_>>()).prop_map(Code::Char),
        8 => prop::sample::select(vec![
            Code::Enter, Code::Esc, Code::Tab, Code::Backspace, Code::Delete, Code::Left, Code::Right, Code::Up,
            Code::Down, Code::Home, Code::End, Code::PageUp, Code::PageDown,
        ]),
        1 => (1..=12u8).prop_map(Code::F),
    ];
    (code, prop::bool::weighted(0.2), prop::bool::weighted(0.2), prop::bool::weighted(0.1))
        .prop_map(|(code, ctrl, alt, shift)| Key { code, ctrl, alt, shift }.normal())
}

pub(crate) fn any_msg() -> impl Strategy<Value = Msg> {
    let mouse = (0..4u8, 0..250u16, 0..80u16).prop_map(|(what, x, y)| {
        let what = [MouseKind::Click, MouseKind::Drag, MouseKind::ScrollUp, MouseKind::ScrollDown][usize::from(what)];
        Msg::Mouse(Mouse { what, x, y })
    });
    let prepared = prop::sample::select(vec![
        cards(),
        cluster(),
        objects(),
        token(),
        old_token(),
        Msg::Tampered { forgery: Forgery::Subject, answer: Box::new(Answer::Kept("no".into())) },
        Msg::objects(Feed::Cleared),
        Msg::objects(Feed::Applied(pod("Running"))),
        Msg::objects(Feed::Deleted {
            kind: "Pod".into(),
            namespace: "default".into(),
            name: "my-kubernetes-dashboard".into(),
        }),
        Msg::Checks { step: "who".into(), passed: vec![true, true], near: Vec::new() },
        Msg::Checks { step: "files".into(), passed: vec![true], near: Vec::new() },
        Msg::answered(refused()),
        Msg::Said(Some("a line".into())),
        Msg::LessonEdited(lesson()),
        Msg::LessonOpened { lesson: lesson(), step: 0, progress: Progress::default() },
        Msg::LessonOpened { lesson: lesson(), step: 9, progress: Progress::default() },
        Msg::CommandDone { status: 130, line: String::new(), requests: vec![Request::Clear] },
        Msg::CommandDone {
            status: 0,
            line: String::new(),
            requests: vec![Request::Edit { path: "a".into(), content: "a: 1\n\tb\n日本\n".into() }],
        },
        Msg::Tick(at("2028-01-01T00:00:00Z")),
        Msg::Tick(at("1970-01-01T00:00:00Z")),
        Msg::Failure("no".into()),
        Msg::Looks(Settings { theme: Colours::HighContrast, ..Settings::default() }, MANY),
        Msg::FileSaved { path: "a".into() },
        Msg::History(vec!["one".into(), "日本 two".into(), "a\nb".into()]),
        Msg::Completions { line: "é".into(), cursor: 2, start: 1, words: vec!["x".into()] },
        Msg::WrongTurn { step: "who".into(), say: Some("# no".into()) },
        replayed(1, 20),
        replayed(1, 36),
        replayed(2, 20),
        replayed(2, 37),
        Msg::releases(Told::Cleared),
    ]);
    prop_oneof![
        12 => any_key().prop_map(Msg::Key),
        2 => any::<String>().prop_map(Msg::Paste),
        2 => mouse,
        3 => prepared,
        2 => (1..250u16, 1..80u16).prop_map(|(width, height)| Msg::Resize { width, height }),
        2 => (any::<String>(), any::<bool>()).prop_map(|(chunk, stderr)| Msg::Output { chunk, stderr }),
        1 => any::<String>().prop_map(Msg::Aside),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_makes_it_fall(messages in prop::collection::vec(any_msg(), 1..80)) {
        let mut stage = Stage::at_work(80, 24);
        for message in messages {
            stage.send([message]);
            stage.buffer();
        }
    }
}

/// What stands in the lesson pane, without spaces.
fn lesson_text(stage: &Stage) -> Option<String> {
    let inner = stage.world.place(PaneId::Lesson)?.inner;
    let buf = stage.buffer();
    let mut text = String::new();
    for y in inner.top()..inner.bottom() {
        (inner.left()..inner.right()).for_each(|x| text.push_str(buf[(x, y)].symbol()));
    }
    Some(text.split_whitespace().collect())
}

/// Whether the question with its answers, or the task with its command, is in view; `None` where another thing is to be seen.
fn one_thing_is_seen(stage: &Stage) -> Option<Result<(), String>> {
    let world = &stage.world;
    let open = world.lesson.as_ref()?;
    if !world.fits() || !world.over.is_empty() || world.screen != sa_tutor::tui::Screen::Workbench || open.is_green() {
        return None;
    }
    let text = lesson_text(stage)?;
    let step = open.step()?;
    let plain = |text: &str| text.replace(['`', '*'], "").split_whitespace().collect::<String>();
    let wanted = match (&open.asking, open.predict()) {
        (Some(asking), Some(predict)) if asking.picked.is_none() => {
            let answers = predict.answers.iter().map(|answer| plain(&answer.text));
            std::iter::once(plain(&predict.ask)).chain(answers).collect()
        }
        (Some(_), _) => vec![plain("I am sure."), plain("It is a guess.")],
        // Of several commands, the one that comes next.
        (None, _) => std::iter::once(plain(&step.task)).chain(world.suggestion().map(|line| plain(&line))).collect(),
    };
    let missing = wanted.into_iter().find(|part| !text.contains(part.as_str()));
    Some(missing.map_or(Ok(()), |part| Err(format!("{part}\n{}", stage.picture()))))
}

#[test]
fn the_one_thing_to_do_is_in_view_in_every_lesson() {
    let mut faults = Vec::new();
    let (lessons, _) = sa_tutor::course::load(&sa_tutor::course::embedded());
    for lesson in lessons {
        for step in 0..lesson.steps.len() {
            for (width, height) in [(60, 16), (80, 24), (100, 30), (120, 20), (120, 36), (200, 50)] {
                for wish in [Wish::Lesson, Wish::Guided] {
                    let mut stage = Stage::new(width, height);
                    let Msg::Course { lessons, selected, tally, .. } = cards() else { panic!("cards") };
                    let lesson = Box::new(lesson.clone());
                    let opened = Msg::LessonOpened { lesson, step, progress: Progress::default() };
                    stage.send([Msg::Course { lessons, selected, tally, wish }, cluster(), objects(), opened]);
                    let mut look = |stage: &Stage, what: &str| {
                        if let Some(Err(missing)) = one_thing_is_seen(stage) {
                            let head = missing.lines().next().unwrap_or_default().to_owned();
                            faults.push(format!(
                                "{} step {} {what} {width}×{height}: {head}",
                                lesson_id(stage),
                                step + 1
                            ));
                        }
                    };
                    look(&stage, "asks");
                    stage.press("Esc Esc");
                    look(&stage, "task");
                    stage.run("ls", &"line\n".repeat(70), "", 0);
                    look(&stage, "task under output");
                }
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

fn lesson_id(stage: &Stage) -> String {
    stage.world.lesson.as_ref().map(|open| open.lesson.id.clone()).unwrap_or_default()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_one_thing_to_do_is_in_view_whatever_happened(messages in prop::collection::vec(any_msg(), 1..80)) {
        let mut stage = Stage::at_work(80, 24);
        for message in messages {
            stage.send([message]);
            if let Some(Err(missing)) = one_thing_is_seen(&stage) {
                prop_assert!(false, "not seen: {}", missing);
            }
        }
    }

    #[test]
    fn esc_and_a_typed_line_run_that_line(
        messages in prop::collection::vec(any_msg(), 1..80),
        line in "[a-z?:/.0-9-][ -~&&[^'\"\\\\<`$({&|#]]{0,20}[a-z]",
    ) {
        let mut stage = Stage::at_work(80, 24);
        stage.send(messages);
        for _ in 0..6 {
            stage.press("Esc");
        }
        stage.take();
        stage.type_text(&line).press("Enter");
        let mut ran: Vec<String> = Vec::new();
        loop {
            ran.extend(stage.take().into_iter().filter_map(|effect| match effect {
                Effect::Run(line) => Some(line),
                _ => None,
            }));
            if stage.world.panes.terminal.running.is_none() {
                break;
            }
            stage.send([Msg::CommandDone { status: 0, line: String::new(), requests: Vec::new() }]);
        }
        prop_assert_eq!(ran.last(), Some(&line), "{}", stage.picture());
    }
}

#[test]
fn every_size_has_a_picture() {
    let mut stage = Stage::at_work(80, 24);
    stage.run("ls", "日本語 output\n", "oops\n", 1);
    stage.send([Msg::objects(Feed::Applied(pod("Running"))), token()]).type_text("kubectl get sa");
    for (width, height) in (1..=250).step_by(7).flat_map(|width| (1..=80).step_by(5).map(move |height| (width, height)))
    {
        for keys in ["Tab Esc", "F1 Esc", "F10 F1 Esc Enter"] {
            stage.send([Msg::Resize { width, height }]);
            for key in keys.split(' ') {
                stage.press(key);
                stage.buffer();
            }
        }
        // A buffer of another size than the world's must not matter either.
        let mut buf = Buffer::empty(Rect::new(0, 0, height, width));
        view(&stage.world, &mut buf);
    }
}
