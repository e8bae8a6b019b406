//! What holds for every pane, every overlay and every screen: each is drawn at any size and in any look, whatever the cluster
//! says is shown and never obeyed, and what was recorded gives the same picture again. The panes and overlays are read from
//! their lists, so that a new one needs a row here.

use std::collections::BTreeSet;

use base64::prelude::*;
use jiff::Timestamp;
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use sa_tutor::course::{Prediction, Wish};
use sa_tutor::shell::Shell;
use sa_tutor::token::Forgery;
use sa_tutor::tui::keymap::{footer, holder};
use sa_tutor::tui::msg::{Answer, Card, ClockNews, Feed, Request, TokenText, Verdict, Word};
use sa_tutor::tui::overlay;
use sa_tutor::tui::pane::mount::{Life, Look, Seen, Unseen, parse};
use sa_tutor::tui::pane::{News, PANES, PaneId};
use sa_tutor::tui::settings::{Abilities, Colours, Settings, Signs};
use sa_tutor::tui::world::{Focus, Screen};
use sa_tutor::tui::{Effect, Msg, Progress, World, update, view};
use sa_tutor::why::{Review, Tried};
use serde_json::{Value, json};

use crate::screens::{MANY, Stage, any_msg, cards, cluster, lesson, old_token, refused, replayed, token};

/// The sizes a learner works at.
const SIZES: [(u16, u16); 4] = [(60, 16), (80, 24), (120, 36), (200, 50)];
/// Those at which nothing can be shown, and which must not hurt.
const TINY: [(u16, u16); 6] = [(0, 0), (1, 1), (20, 5), (0, 24), (80, 0), (59, 200)];

/// What a name or a line of output ends with. The second is what follows the sign that must not be lost.
const NASTY: &[(&str, &str)] = &[
    ("\u{1b}[2J", "[2J"),
    ("\u{9b}31m", "31m"),
    ("\u{1b}]52;c;QUJD\u{7}", "]52;c"),
    ("\u{202e}nimda", "nimda"),
    ("\u{2066}\u{200f}nimda\u{2069}", "nimda"),
    ("\u{0}\u{8}\u{8}\u{7f}null", "null"),
    ("\r\u{1b}[1Aline", "[1A"),
    ("\u{200b}\u{200d}\u{feff}ze\u{301}\u{301}\u{301}\u{20dd}ro", ""),
    ("日本語のなまえ👩‍👩‍👧", ""),
    ("\na\tb\r\n\n", ""),
    ("`**_[x](y)_**` # {{x}} %s\\", ""),
];

/// How one thing comes on the screen.
struct Row {
    /// Its name in its list, or that of a screen.
    name: &'static str,
    /// What brings it up. Every name is given through the words.
    story: fn(&mut Stage, &Words),
    /// A phrase that it shows at every size.
    phrase: &'static str,
    /// Whether something that a cluster said is seen in it.
    tells: bool,
}

const fn row(name: &'static str, phrase: &'static str, tells: bool, story: fn(&mut Stage, &Words)) -> Row {
    Row { name, story, phrase, tells }
}

const ROWS: &[Row] = &[
    row("Lesson", "Find which account", true, |stage, _| go(stage, PaneId::Lesson)),
    row("Objects", "dashboard-sa", true, |stage, _| go(stage, PaneId::Objects)),
    row("Objects", "web", true, |stage, _| {
        go(stage, PaneId::Objects);
        stage.press("/").type_text("we").press("Enter End");
    }),
    row("Token", "none of the keys fits", true, |stage, _| go(stage, PaneId::Token)),
    row("Why", "no rule allows it", true, |stage, _| go(stage, PaneId::Why)),
    row("Mount", "/var/run/secrets", true, looked_into),
    row("Mount", "cannot be seen", true, |stage, words| {
        go(stage, PaneId::Mount);
        let of = wish(stage);
        let tree = Err(Unseen::Said(words.say("refused")));
        stage.send([Msg::Pane(News::Mount(Box::new(Seen { of, tree, lives: [].into() })))]);
        stage.press("PageDown PageDown PageDown PageDown");
    }),
    row("Clock", "forward by 10 minutes", true, |stage, words| {
        stage.send([comes(words)]).press("F6");
    }),
    row("Clock", "1 hour passed", true, |stage, words| {
        let lines = vec![words.say("secret s is gone"), words.say("pod web has a new token")];
        let (from, to) = (time("2026-11-23T10:42:07Z"), time("2026-11-23T11:42:07Z"));
        stage.send([comes(words)]).press("F6");
        stage.send([Msg::clock(ClockNews::Passed { from, to, lines }), Msg::Tick(to), comes(words)]);
    }),
    row("Releases", "kubectl create token", true, |stage, words| {
        stage.run("kubectl get sa", "", "", 0).press("F5");
        stage.send([20, 24, 36].map(|minor| words.spoil(replayed(1, minor))));
    }),
    row("Releases", "1.20", true, |stage, words| {
        stage.run("kubectl get sa", "", "", 0).press("F5");
        stage.send([20, 24, 37].map(|minor| words.spoil(replayed(1, minor)))).press("End");
    }),
    row("Terminal", "it was printed", true, |stage, words| {
        stage.run("ls", &words.say("it was printed"), &words.say("a complaint"), 1);
        stage.send([Msg::Paste(words.say("echo ."))]);
    }),
    row("Pick", "secrets", true, |stage, words| {
        stage.type_text("kubectl get s").press("Tab");
        let word = |text: &str| Word { text: words.say(text), help: words.say("a kind") };
        let offered = ["secrets", "serviceaccounts", "storageclasses"].map(word).to_vec();
        stage.send([Msg::Completions { line: "kubectl get s".into(), cursor: 13, start: 12, words: offered }]);
    }),
    row("Reader", "FIELD 3", true, |stage, words| {
        let page: String = (0..90).map(|row| words.say(&format!("FIELD {row} <string>")) + "\n").collect();
        stage.run("kubectl explain pod", &page, "", 0).press("Home");
    }),
    row("Editor", "kind: Pod", true, edited),
    row("Leave", "and is not saved", false, |stage, words| {
        edited(stage, words);
        stage.press("x Esc");
    }),
    row("Question", "This step is not done yet", false, |stage, _| _ = stage.press("F3")),
    row("Choices", "describe", true, |stage, _| {
        go(stage, PaneId::Objects);
        stage.press("/").type_text("web").press("Enter End Enter");
    }),
    row("Word", "service account", false, |stage, words| {
        stage.send([Msg::Paste(words.say("kubectl get ") + " sa")]).press("Alt-W");
    }),
    row("Palette", "lesson 1", true, |stage, _| _ = stage.press("Ctrl-P").type_text("lesson create")),
    row("Palette", "", false, |stage, words| {
        stage.press("Ctrl-P").send([Msg::Paste(words.say("lesson ."))]);
    }),
    row("Help", "Help", false, |stage, _| _ = stage.press("F1")),
    row("Help", "Help", false, |stage, _| _ = stage.press("F1 Tab PageDown")),
    row("Raw", "header: which key", true, |stage, _| {
        go(stage, PaneId::Token);
        stage.press("Alt-R");
    }),
    row("Raw", "The token as it is written", true, |stage, _| {
        go(stage, PaneId::Token);
        stage.press("Alt-R Right");
    }),
    row("Compare", "kind", true, |stage, _| {
        go(stage, PaneId::Token);
        stage.press("Alt-V");
    }),
    row("Tamper", "changed", true, |stage, words| {
        go(stage, PaneId::Token);
        stage.press("Alt-T Down Enter");
        let trace = match words.spoil(Msg::answered(refused())) {
            Msg::Pane(News::Why(trace)) => Some(*trace),
            _ => None,
        };
        let review = Review::Refused(words.say("[invalid bearer token]"));
        let tried = Tried { code: 401, said: words.say("Unauthorized"), review, trace };
        let answer = Box::new(Answer::Sent { changed: words.say("sub: a → b"), tried });
        stage.send([Msg::Tampered { forgery: Forgery::ALL[1], answer }]);
    }),
    row("Tamper", "It was not sent", true, |stage, words| {
        go(stage, PaneId::Token);
        stage.press("Alt-T Enter");
        let answer = Box::new(Answer::Kept(words.say("no API server")));
        stage.send([Msg::Tampered { forgery: Forgery::ALL[0], answer }]);
    }),
    row("Course", "Create a service account", true, |stage, words| {
        stage.press("F10").send([Msg::Failure(words.say("the list is old"))]);
    }),
    row("End", "p Practise", true, |stage, words| {
        let Msg::Course { mut lessons, selected, tally, wish } = words.spoil(cards()) else { panic!("cards") };
        lessons.truncate(2);
        lessons[1].done = vec![true, false];
        let progress =
            Progress { lesson: "inspect-the-mount".into(), step: 1, done: vec!["who".into()], ..Progress::default() };
        let course = Msg::Course { lessons, selected, tally, wish };
        stage.send([course, Msg::LessonOpened { lesson: lesson(), step: 1, progress }]);
        let passed = Msg::Checks { step: "files".into(), passed: vec![true], near: Vec::new() };
        stage.send([passed]).press("F3");
    }),
];

/// Screens have no list of their own.
const SCREENS: [&str; 2] = ["Course", "End"];

/// What the names and lines of a story end with.
struct Words(&'static str);

/// Where a message holds what comes from a cluster, a file or a course of somebody.
const KEYS: &str = "asks user say name title about summary from line output note trouble serviceAccountName nodeName secretName \
    phase text task ask debrief hints hint server beside aud iss sub alg kid jti header claims signature roleRef \
    mountPath path image subPath fault";

impl Words {
    fn say(&self, text: &str) -> String {
        format!("{text}{}", self.0)
    }

    /// The message with each such text so.
    fn spoil(&self, message: Msg) -> Msg {
        let mut value = serde_json::to_value(&message).expect("JSON");
        self.spoil_below(&mut value, false);
        serde_json::from_value(value).expect("a message")
    }

    fn spoil_below(&self, value: &mut Value, is_text: bool) {
        match value {
            Value::String(text) if is_text => text.push_str(self.0),
            Value::Array(all) => all.iter_mut().for_each(|one| self.spoil_below(one, is_text)),
            Value::Object(fields) => {
                let is_key = |key: &str| KEYS.split_whitespace().any(|known| known == key);
                fields.iter_mut().for_each(|(key, value)| self.spoil_below(value, is_key(key)));
            }
            _ => {}
        }
    }
}

/// Objects of every kind that the panes follow, linked with each other.
fn objects() -> Vec<Value> {
    let named = |kind: &str, name: &str| {
        json!({"kind": kind, "metadata": {"name": name, "namespace": "default", "uid": format!("uid-{kind}-{name}"),
            "resourceVersion": "7", "creationTimestamp": "2026-11-23T10:30:00Z"}})
    };
    let with = |mut object: Value, more: Value| {
        let (Value::Object(fields), Value::Object(more)) = (&mut object, more) else { panic!("objects") };
        fields.extend(more);
        object
    };
    let sources = json!([
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"fieldPath": "metadata.namespace"}}]}}]);
    let pod = json!({
        "spec": {"serviceAccountName": "dashboard-sa", "nodeName": "node-1",
            "volumes": [{"name": "kube-api-access", "projected": {"sources": sources}},
                {"name": "old", "secret": {"secretName": "old-token"}}],
            "containers": [{"name": "web", "image": "dashboard", "volumeMounts": [
                {"name": "kube-api-access", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"},
                {"name": "old", "mountPath": "/old"}]}]},
        "status": {"phase": "Running", "containerStatuses": [{"name": "web", "state": {"running": {}}}]}});
    vec![
        named("ServiceAccount", "default"),
        with(named("ServiceAccount", "dashboard-sa"), json!({"secrets": [{"name": "old-token"}]})),
        with(named("ConfigMap", "kube-root-ca.crt"), json!({"data": {"ca.crt": "…"}})),
        with(
            named("Secret", "old-token"),
            json!({"type": "kubernetes.io/service-account-token", "data": {"token": 9}}),
        ),
        with(
            named("Role", "reader"),
            json!({"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}]}),
        ),
        with(
            named("RoleBinding", "read-pods"),
            json!({"roleRef": {"kind": "Role", "name": "reader", "apiGroup": "rbac.authorization.k8s.io"},
                "subjects": [{"kind": "ServiceAccount", "name": "dashboard-sa", "namespace": "default"}]}),
        ),
        with(named("Deployment", "web"), json!({"spec": {"replicas": 1}, "status": {"readyReplicas": 1}})),
        with(named("Pod", "web"), pod),
    ]
}

/// A workbench on which all panes have something to say.
fn stage(width: u16, height: u16, words: &Words) -> Stage {
    let mut stage = Stage::new(width, height);
    let predicted = [("who".to_owned(), Prediction { answer: 0, sure: false })].into();
    let progress = Progress { lesson: "inspect-the-mount".into(), predicted, ..Progress::default() };
    let Msg::Course { mut lessons, selected, tally, .. } = cards() else { panic!("cards") };
    lessons.push(Card {
        course: "mine".into(),
        id: "mine/one".into(),
        title: "One".into(),
        fault: Some("one.yaml:3:1: unknown field".into()),
        ..Card::default()
    });
    let mut lesson = lesson();
    lesson.follow = Some("web".into());
    let course = Msg::Course { lessons, selected, tally, wish: Wish::Lesson };
    stage.send([
        words.spoil(course),
        words.spoil(cluster()),
        Msg::Door(Some(words.say("export KUBECONFIG=x"))),
        Msg::History(vec![words.say("kubectl get pods")]),
        words.spoil(Msg::LessonOpened { lesson, step: 0, progress }),
        words.spoil(Msg::objects(Feed::Restarted(objects()))),
    ]);
    stage.run("kubectl apply -f pod.yaml", &words.say("pod/web created"), "", 0);
    let near = vec![Some(words.say("There is no Pod here.")), None];
    let Msg::Pane(News::Token(mut seen)) = words.spoil(token()) else { panic!("a token") };
    seen.claims[words.say("extra")] = json!({words.say("deep"): words.say("claim")});
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    seen.text = TokenText { header: part(&seen.header), claims: part(&seen.claims), ..TokenText::default() };
    seen.verdict = Verdict::Wrong(words.say("none of the keys fits"));
    stage.send([
        Msg::Said(Some(words.say("GET /pods 403"))),
        Msg::Checks { step: "who".into(), passed: vec![false, false], near },
        Msg::WrongTurn { step: "who".into(), say: Some(words.say("The letters are swapped.")) },
        words.spoil(old_token()),
        Msg::token(*seen),
        words.spoil(Msg::answered(refused())),
        Msg::Notice(words.say("a word")),
        Msg::Failure(words.say("a failure")),
        Msg::Aside(words.say("an aside")),
    ]);
    stage
}

fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// What the clock will bring.
fn comes(words: &Words) -> Msg {
    let upcoming = vec![
        (time("2026-11-23T11:30:12Z"), words.say("the kubelet renews the token of pod web")),
        (time("2026-11-23T11:42:07Z"), words.say("the token of builder ends")),
    ];
    Msg::clock(ClockNews::Comes { moves: true, ahead: 0, upcoming })
}

/// Goes to a pane as a learner does.
fn go(stage: &mut Stage, id: PaneId) {
    for _ in PANES {
        if stage.world.focus != Focus::Pane(id) && stage.world.fits() {
            stage.press("Tab");
        }
    }
}

fn edited(stage: &mut Stage, words: &Words) {
    let content = format!("# {}\nkind: Pod\n\tname: {}\n", words.say("a file"), words.say("web"));
    let requests = vec![Request::Edit { path: words.say("pod.yaml"), content }];
    stage.send([Msg::CommandDone { status: 0, line: String::new(), requests }]);
}

/// What the mount pane asked to be looked into.
fn wish(stage: &mut Stage) -> Look {
    let look = |effect| if let Effect::LookInto(look) = effect { Some(*look) } else { None };
    // A screen that is too small asks for nothing.
    stage.take().into_iter().filter_map(look).next_back().unwrap_or_else(|| Look {
        namespace: "default".into(),
        pod: "web".into(),
        uid: String::new(),
        container: "web".into(),
        path: "/".into(),
        deep: false,
        tokens: Vec::new(),
    })
}

fn looked_into(stage: &mut Stage, words: &Words) {
    go(stage, PaneId::Mount);
    let of = wish(stage);
    let link = |name: &str| {
        format!("lrwxrwxrwx    1 0  0  13 Nov 29 10:42 {} -> {}", words.say(name), words.say(&format!("..data/{name}")))
    };
    let text = format!("total 4\n{}\n{}\n{}\n", link("ca.crt"), link("namespace"), link("token"));
    let issued = time("2026-11-23T10:42:04Z");
    let lives = of.tokens.iter().map(|path| (path.clone(), Life { issued })).collect();
    let tree = Ok(parse(&of.path, &text));
    stage.send([Msg::Pane(News::Mount(Box::new(Seen { of, tree, lives })))]);
}

fn up(row: &Row, stage: &Stage, words: &Words) -> Stage {
    let mut stage = stage.clone();
    (row.story)(&mut stage, words);
    stage
}

/// The pane in which it is drawn.
fn pane(row: &Row) -> Option<PaneId> {
    // The list of words borrows rows of the terminal.
    let name = if row.name == "Pick" { "Terminal" } else { row.name };
    PANES.iter().map(|pane| pane.id()).find(|id| format!("{id:?}") == name)
}

/// The part of a picture in which the row's thing is drawn; `None` when it is not on the screen.
fn part(row: &Row, world: &World, screen: &Buffer) -> Option<Buffer> {
    let over = world.over.last();
    let is_overlay = overlay::NAMES.contains(&row.name);
    if over.map(|over| over.name()) != is_overlay.then_some(row.name) {
        return None;
    }
    if let Some(id) = pane(row) {
        let mut part = Buffer::empty(world.place(id)?.inner);
        part.area.positions().for_each(|at| part[at] = screen[at].clone());
        return Some(part).filter(|_| world.screen == Screen::Workbench);
    }
    let Some(over) = over else {
        return Some(screen.clone()).filter(|_| format!("{:?}", world.screen) == row.name);
    };
    // Alone, so that what lies below is not taken for it.
    let mut part = Buffer::empty(screen.area);
    over.draw(world, screen.area, &mut part);
    Some(part)
}

fn rows_of(buf: &Buffer) -> Vec<String> {
    let area = buf.area;
    (area.top()..area.bottom())
        .map(|y| (area.left()..area.right()).map(|x| buf[(x, y)].symbol()).collect::<String>())
        .collect()
}

/// All words, whatever rows they stand in.
fn words_of(buf: &Buffer) -> String {
    let rows = rows_of(buf).join(" ").replace(['│', '├', '┤'], " ");
    rows.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every theme with colours and without, with all signs and in ASCII.
fn looks() -> Vec<(bool, Settings, Abilities)> {
    let mut all = vec![(true, Settings::default(), Abilities::default())];
    for theme in Colours::ALL {
        for (colour, signs) in [(true, Signs::Unicode), (false, Signs::Ascii)] {
            all.push((colour, Settings { theme: *theme, signs, ..Settings::default() }, MANY));
        }
    }
    all
}

#[test]
fn every_pane_and_every_overlay_has_a_row() {
    let panes = PANES.iter().map(|pane| format!("{:?}", pane.id()));
    let listed: BTreeSet<String> =
        panes.chain(overlay::NAMES.iter().chain(&SCREENS).map(|name| (*name).to_owned())).collect();
    let rows: BTreeSet<String> = ROWS.iter().map(|row| row.name.to_owned()).collect();
    assert_eq!(listed, rows, "each needs a row in `ROWS`, that brings it up");
}

#[test]
fn each_is_drawn_at_every_size_and_in_every_look() {
    let mut faults = Vec::new();
    let plain = Words("");
    for (width, height) in SIZES {
        let start = stage(width, height, &plain);
        for row in ROWS {
            let mut stage = up(row, &start, &plain);
            let seen = part(row, &stage.world, &stage.buffer()).map(|part| words_of(&part));
            if !seen.as_ref().is_some_and(|seen| seen.contains(row.phrase)) {
                faults.push(format!("{}: no `{}` at {width}×{height}:\n{}", row.name, row.phrase, stage.picture()));
            }
            for (colour, settings, abilities) in looks() {
                stage.world.theme.colour = colour;
                stage.send([Msg::Looks(settings, abilities)]);
                let buf = stage.buffer();
                let is_ascii = buf.content.iter().all(|cell| cell.symbol().is_ascii());
                if settings.signs == Signs::Ascii && !is_ascii {
                    faults.push(format!("{}: not in ASCII at {width}×{height}:\n{}", row.name, stage.picture()));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn each_is_drawn_where_there_is_no_room() {
    let plain = Words("");
    let large = stage(80, 24, &plain);
    let small = TINY.map(|(width, height)| stage(width, height, &plain));
    for row in ROWS {
        // Brought up there, and made so small while it is up.
        let mut stage = up(row, &large, &plain);
        let before = stage.picture();
        for (start, (width, height)) in small.iter().zip(TINY) {
            up(row, start, &plain).buffer();
            stage.send([Msg::Resize { width, height }]);
            for (colour, settings, abilities) in looks() {
                stage.world.theme.colour = colour;
                stage.send([Msg::Looks(settings, abilities)]);
                stage.buffer();
            }
        }
        stage.world.theme.colour = true;
        stage.send([Msg::Looks(Settings::default(), Abilities::default()), Msg::Resize { width: 80, height: 24 }]);
        assert!(
            part(row, &stage.world, &stage.buffer()).is_some(),
            "{} went away; before:\n{before}\nafter:\n{}",
            row.name,
            stage.picture()
        );
    }
}

/// What is wrong with a picture in which something nasty was said.
fn wrong(row: &Row, stage: &Stage, (nasty, after): (&str, &str)) -> Vec<String> {
    let mut faults = Vec::new();
    let (buf, world) = (stage.buffer(), &stage.world);
    let obeyed = |c: char| {
        c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if let Some(cell) = buf.content.iter().find(|cell| cell.symbol().contains(obeyed)) {
        faults.push(format!("a cell holds {:?}", cell.symbol()));
    }
    let Some(part) = part(row, world, &buf) else { return vec!["it is not on the screen".to_owned()] };
    // A sign that is lost on its way stands for nothing: the word before it and what followed it would be one.
    // On a wide screen little is cut or wrapped in two, so that there each can be told.
    if !after.is_empty() && buf.area.width >= 200 {
        // However it is wrapped; and what is shown as JSON has names of its own for such signs.
        let rows = rows_of(&part);
        let text: String = rows.iter().map(|row| row.trim_matches([' ', '│'])).collect();
        let text = text.replace(' ', "").replace("\\u001b", "␛");
        let lost = text.match_indices(after).find(|(at, _)| text[..*at].ends_with(char::is_alphanumeric));
        if let Some((at, _)) = lost {
            faults.push(format!("a sign is lost before {}", &text[at..]));
        }
        let shown = sa_tutor::base::sanitize(nasty);
        let first = shown.chars().next().unwrap_or(' ');
        if row.tells && !words_of(&part).contains(first) {
            faults.push("nothing nasty is in it".to_owned());
        }
    }
    // The last row tells the keys, as ever.
    let last = buf.area.height - 1;
    let at = |x: u16| (x..buf.area.width).map(|x| buf[(x, last)].symbol()).collect::<String>();
    for item in footer(world, world.width) {
        if !at(item.from).starts_with(&item.name) {
            faults.push(format!("no {} in the footer {}", item.name, at(0)));
        }
    }
    if let Some(name) = holder(world).filter(|name| !at(1).starts_with(*name)) {
        faults.push(format!("no {name} in the footer"));
    }
    // So does every frame.
    let framed: Vec<(Rect, &Buffer)> = match (pane(row).is_some(), world.over.is_empty()) {
        (true, _) => world.layout().places.iter().filter_map(|place| Some((place.frame?, &buf))).collect(),
        (false, true) => Vec::new(),
        (false, false) => vec![(drawn(&part), &part)],
    };
    for (frame, buf) in framed {
        let sides = (frame.top()..frame.bottom()).flat_map(|y| [(frame.left(), y), (frame.right() - 1, y)]);
        for (x, y) in sides {
            if !"│┃┌┐└┘├┤┬┴┼╭╮╰╯".contains(buf[(x, y)].symbol()) {
                faults.push(format!("the frame {frame} is broken at {x}, {y} by {:?}", buf[(x, y)].symbol()));
            }
        }
    }
    faults
}

/// The least frame around all that is drawn. The editor's task stands above its frame.
fn drawn(buf: &Buffer) -> Rect {
    let empty = ratatui::buffer::Cell::EMPTY;
    let used: Vec<_> = buf.area.positions().filter(|at| buf[*at] != empty).collect();
    let columns = used.iter().map(|at| at.x);
    let rows = used.iter().map(|at| at.y);
    let left = columns.clone().min().unwrap_or(0);
    let corner = rows.clone().find(|y| buf[(left, *y)].symbol() == "┌");
    let top = corner.or(rows.clone().min()).unwrap_or(0);
    Rect::new(left, top, columns.max().unwrap_or(0) + 1 - left, rows.max().unwrap_or(0) + 1 - top)
}

#[test]
fn whatever_is_said_is_shown_and_never_obeyed() {
    let mut faults = Vec::new();
    for nasty in NASTY {
        let start = stage(80, 24, &Words(nasty.0));
        for row in ROWS {
            let mut stage = up(row, &start, &Words(nasty.0));
            for (width, height) in [SIZES[0], SIZES[1], SIZES[3]] {
                stage.send([Msg::Resize { width, height }]);
                for fault in wrong(row, &stage, *nasty) {
                    faults.push(format!("{} {:?} {width}×{height}: {fault}\n{}", row.name, nasty.0, stage.picture()));
                }
            }
            stage.send([Msg::Looks(Settings { signs: Signs::Ascii, ..Settings::default() }, MANY)]);
            if !stage.buffer().content.iter().all(|cell| cell.symbol().is_ascii()) {
                faults.push(format!("{} {:?} is not in ASCII:\n{}", row.name, nasty.0, stage.picture()));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// Plays what was recorded, a message on each line, and compares each picture and each wish with those of the first time.
fn replays(size: (u16, u16), messages: Vec<Msg>) {
    let new = || World::new(size.0, size.1, time("2026-11-23T10:42:07Z"), true, Shell::is_incomplete);
    let picture = |world: &World| {
        let mut buf = Buffer::empty(Rect::new(0, 0, world.width, world.height));
        view(world, &mut buf);
        buf
    };
    let mut first = new();
    let mut lines = String::new();
    let mut seen = Vec::new();
    for message in messages {
        let line = serde_json::to_string(&message).expect("JSON");
        assert!(!line.contains('\n'), "one line: {line}");
        lines.extend([line.as_str(), "\n"]);
        let effects = update(&mut first, message);
        seen.push((picture(&first), serde_json::to_string(&effects).expect("JSON")));
    }
    // Once it is drawn after each message, and once only in the end: drawing changes nothing.
    let (mut again, mut unseen) = (new(), new());
    for (line, (before, wished)) in lines.lines().zip(&seen) {
        let message: Msg = serde_json::from_str(line).expect("a message");
        update(&mut unseen, message.clone());
        let effects = update(&mut again, message);
        assert_eq!(&serde_json::to_string(&effects).expect("JSON"), wished, "{line}");
        let picture = picture(&again);
        assert!(picture == *before, "after {line}:\n{picture:?}\nbefore:\n{before:?}");
    }
    assert_eq!(lines.lines().count(), seen.len());
    assert!(seen.last().is_none_or(|(before, _)| picture(&unseen) == *before), "drawing changed something");
}

/// All that the rows do, one after the other.
fn recorded((width, height): (u16, u16), words: &Words) -> Vec<Msg> {
    let mut stage = stage(width, height, words);
    for row in ROWS {
        (row.story)(&mut stage, words);
        stage.press("Esc Esc Esc Esc");
    }
    stage.sent
}

#[test]
fn what_was_recorded_of_all_gives_the_same_again() {
    replays((80, 24), recorded((80, 24), &Words(NASTY[0].0)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_was_recorded_gives_the_same_again(
        (width, height) in prop_oneof![prop::sample::select(SIZES.to_vec()), (0..130u16, 0..40u16)],
        messages in prop::collection::vec(
            prop_oneof![3 => any_msg(), 1 => prop::sample::select(recorded((80, 24), &Words("\u{1b}[2J")))],
            1..60,
        ),
    ) {
        let mut sent = Stage::at_work(width, height).sent;
        sent.extend(messages);
        replays((width, height), sent);
    }
}
