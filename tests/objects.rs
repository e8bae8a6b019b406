//! The Objects pane: messages in, picture out. What the step wants, folds, the filter, what changed, columns; and that each
//! object has one row, whatever comes.

use std::collections::BTreeSet;

use jiff::Timestamp;
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use sa_tutor::apimachinery::Release;
use sa_tutor::course::Lesson;
use sa_tutor::shell::Shell;
use sa_tutor::tui::msg::{ClusterInfo, Feed};
use sa_tutor::tui::overlay::reader::Reader;
use sa_tutor::tui::pane::PaneId;
use sa_tutor::tui::pane::terminal::Voice;
use sa_tutor::tui::world::Focus;
use sa_tutor::tui::{Effect, Key, Msg, Progress, World, update, view};
use serde_json::{Value, json};

const SIZES: [(u16, u16); 4] = [(60, 16), (80, 24), (120, 36), (200, 50)];

/// A lesson of one step.
fn lesson(step: &str) -> Box<Lesson> {
    let head = "id: one\ntitle: One\nminutes: 1\nreleases: ['1.36']\nsummary: []\nsteps:\n  - id: only\n    hints: []\n    debrief: ''\n";
    let step: String = step.lines().map(|line| format!("    {line}\n")).collect();
    let value: Value = serde_yaml::from_str(&format!("{head}{step}")).unwrap();
    Box::new(serde_json::from_value(value).unwrap())
}

const PLAIN: &str = "text: A text.\ntask: A task.\nchecks: [{say: it was listed, ran: {command: kubectl get}}]";

struct Stage {
    world: World,
    effects: Vec<Effect>,
}

impl Stage {
    fn new(width: u16, height: u16, step: &str, objects: Vec<Value>) -> Self {
        let now: Timestamp = "2026-11-23T10:42:07Z".parse().unwrap();
        let mut stage = Self { world: World::new(width, height, now, true, Shell::is_incomplete), effects: Vec::new() };
        stage.send([
            Msg::Cluster(ClusterInfo {
                name: "simulator".into(),
                release: Some(Release::DEFAULT),
                server: None,
                namespace: "default".into(),
                beside: None,
            }),
            Msg::LessonOpened { lesson: lesson(step), step: 0, progress: Progress::default() },
            Msg::objects(Feed::Restarted(objects)),
        ]);
        stage
    }

    fn send(&mut self, messages: impl IntoIterator<Item = Msg>) -> &mut Self {
        for message in messages {
            self.effects.extend(update(&mut self.world, message));
        }
        self
    }

    fn press(&mut self, keys: &str) -> &mut Self {
        self.send(keys.split(' ').map(|key| Msg::Key(key.parse::<Key>().unwrap())))
    }

    fn applied(&mut self, object: Value) -> &mut Self {
        self.send([Msg::objects(Feed::Applied(object))])
    }

    fn deleted(&mut self, kind: &str, name: &str) -> &mut Self {
        self.send([Msg::objects(Feed::Deleted { kind: kind.into(), namespace: "default".into(), name: name.into() })])
    }

    fn command(&mut self, line: &str) -> &mut Self {
        self.send([Msg::Paste(line.into())]).press("Enter");
        self.send([Msg::CommandDone { status: 0, line: line.into(), requests: Vec::new() }])
    }

    /// Gives the keys to the pane.
    fn enter(&mut self) -> &mut Self {
        self.press("Tab Tab");
        assert_eq!(self.world.focus, Focus::Pane(PaneId::Objects));
        self
    }

    fn picture(&self) -> String {
        picture(&self.world)
    }

    /// The rows of the pane, or of the whole screen where an overlay lies over it.
    fn rows(&self) -> Vec<String> {
        let inner = self.world.place(PaneId::Objects).map(|place| place.inner).unwrap_or_default();
        let mut buf = Buffer::empty(Rect::new(0, 0, self.world.width, self.world.height));
        view(&self.world, &mut buf);
        lines(&buf, inner)
    }

    fn row(&self, with: &str) -> String {
        let found = self.rows().into_iter().find(|row| row.contains(with));
        found.unwrap_or_else(|| panic!("no row has {with}:\n{}", self.picture()))
    }

    /// What is open to be read.
    fn reader(&self) -> String {
        let reader = self.world.over::<Reader>().unwrap_or_else(|| panic!("nothing is open:\n{}", self.picture()));
        reader.lines.iter().map(|line| format!("{}\n", line.text)).collect()
    }

    /// Takes the choice that says this.
    fn choose(&mut self, say: &str) -> &mut Self {
        self.press("Enter");
        for _ in 0..20 {
            if self.picture().contains(&format!("▸ {say}")) {
                return self.press("Enter");
            }
            self.press("Down");
        }
        panic!("not offered: {say}\n{}", self.picture());
    }
}

fn lines(buf: &Buffer, area: Rect) -> Vec<String> {
    let row = |y| {
        let (mut row, mut skip) = (String::new(), 0);
        for x in area.left()..area.right() {
            let symbol = buf[(x, y)].symbol();
            if skip > 0 {
                skip -= 1;
                continue;
            }
            skip = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
            row.push_str(symbol);
        }
        row.trim_end().to_owned()
    };
    (area.top()..area.bottom()).map(row).collect()
}

fn picture(world: &World) -> String {
    let mut buf = Buffer::empty(Rect::new(0, 0, world.width, world.height));
    view(world, &mut buf);
    lines(&buf, buf.area).iter().map(|row| format!("{row}\n")).collect()
}

fn object(kind: &str, name: &str, rest: Value) -> Value {
    let mut object = json!({"kind": kind, "metadata": {"name": name, "namespace": "default", "uid": format!("uid-{name}"),
        "creationTimestamp": "2026-11-23T10:30:00Z", "resourceVersion": "7",
        "managedFields": [{"manager": "kubectl"}]}});
    for (field, value) in rest.as_object().unwrap() {
        match (field.as_str(), value) {
            ("metadata", Value::Object(more)) => object["metadata"].as_object_mut().unwrap().extend(more.clone()),
            _ => object[field] = value.clone(),
        }
    }
    object
}

fn account(name: &str) -> Value {
    object("ServiceAccount", name, json!({}))
}

fn pod(name: &str, account: &str, phase: &str) -> Value {
    let volume = json!({"name": "kube-api-access-x7k2p", "projected": {"sources": [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"fieldPath": "metadata.namespace"}}]}}]}});
    object(
        "Pod",
        name,
        json!({"spec": {"serviceAccountName": account, "nodeName": "node-1", "volumes": [volume]}, "status": {"phase": phase}}),
    )
}

/// What a step says and wants, what there is, and what is seen of it; what begins with `!` is not seen.
const WISHES: &[(&str, &[&str], &[&str])] = &[
    // An account that is not there stands where it will be.
    (
        "text: x\ntask: Create `dashboard-sa`.\nchecks: [{say: it is there, object: {kind: ServiceAccount, name: dashboard-sa}}]",
        &["sa default"],
        &["├ ○ sa dashboard-sa", "not there yet"],
    ),
    // Once it is real it is a row as any other.
    (
        "text: x\ntask: Create `dashboard-sa`.\nchecks: [{say: it is there, object: {kind: ServiceAccount, name: dashboard-sa}}]",
        &["sa default", "sa dashboard-sa"],
        &["├ sa dashboard-sa", "!not there yet"],
    ),
    // A name that the step does not say is the learner's to find.
    (
        "text: x\ntask: Apply the file.\nsupport: alone\nchecks: [{say: the file was applied, object: {kind: Pod, name: secret-name}}]",
        &["sa default"],
        &["!secret-name", "!not there yet"],
    ),
    // The line of a check is on the screen, too.
    (
        "text: x\ntask: Apply the file.\nsupport: alone\nchecks: [{say: web runs, object: {kind: Pod, name: web}}]",
        &["sa default"],
        &["○ pod web"],
    ),
    // A part of another name is not the name.
    (
        "text: Look at `web.yaml` and `web-2`.\ntask: Apply it.\nchecks: [{say: it runs, object: {kind: Pod, name: web}}]",
        &["sa default"],
        &["!○"],
    ),
    // Two checks of one object make one row.
    (
        "text: x\ntask: Create `web`.\nchecks: [{say: a, object: {kind: Pod, name: web}}, {say: b, object: {kind: Pod, name: web, fields: {/status/phase: Running}}}]",
        &["sa default"],
        &["└ ○ pod web"],
    ),
    // A pod stands below the account that it is to run as.
    (
        "text: x\ntask: Create `web`.\nchecks: [{say: web runs as dashboard-sa, object: {kind: Pod, name: web, fields: {/spec/serviceAccountName: dashboard-sa}}}]",
        &["sa dashboard-sa", "sa default"],
        &["│ └ ○ pod web"],
    ),
    // What a field should say stands below the object; the status follows by itself.
    (
        "text: x\ntask: Make it anew.\nchecks: [{say: web runs as dashboard-sa, object: {kind: Pod, name: web, fields: {/spec/serviceAccountName: dashboard-sa, /status/phase: Running}}}]",
        &["sa default", "sa dashboard-sa", "pod web"],
        &["○ wanted: serviceAccountName dashboard-sa", "!wanted: phase", "!not there yet"],
    ),
    // A value that the step does not give away is not shown.
    (
        "text: A list of words.\ntask: Make `reader` as the log says.\nchecks: [{say: reader is right, object: {kind: Role, name: reader, fields: {/rules/0/verbs/0: list}}}]",
        &["role reader"],
        &["role reader", "!wanted"],
    ),
    // What should go is there still.
    (
        "text: x\ntask: Delete `reader`.\nchecks: [{say: it is gone, object: {kind: Role, name: reader, absent: true}}]",
        &["role reader"],
        &["○ to be deleted"],
    ),
    (
        "text: x\ntask: Delete `reader`.\nchecks: [{say: it is gone, object: {kind: Role, name: reader, absent: true}}]",
        &["sa default"],
        &["!to be deleted", "!not there yet"],
    ),
    // Where one of several will do, and where any will do, it is not said which.
    (
        "text: x\ntask: Make `a` or `b`.\nchecks: [{say: one is there, any: [{object: {kind: Pod, name: a}}, {object: {kind: Pod, name: b}}]}]",
        &["sa default"],
        &["!○"],
    ),
    (
        "text: x\ntask: Make `web`.\nchecks: [{say: web runs, object: {kind: Pod, labels: app=web}}]",
        &["sa default"],
        &["!○"],
    ),
    // A question comes first.
    (
        "text: x\npredict: {ask: Which?, answers: [{text: a, right: true, say: a}, {text: b, say: b}]}\ntask: Create `web`.\nchecks: [{say: web runs, object: {kind: Pod, name: web}}]",
        &["sa default"],
        &["!○ pod"],
    ),
];

#[test]
fn what_the_step_wants_is_grey_until_it_is_real() {
    for (step, there, seen) in WISHES {
        let there = there.iter().map(|what| match what.split_once(' ') {
            Some(("sa", name)) => account(name),
            Some(("pod", name)) => pod(name, "default", "Pending"),
            Some(("role", name)) => object("Role", name, json!({"rules": [{"verbs": ["get"], "resources": ["pods"]}]})),
            _ => panic!("{what}"),
        });
        let stage = Stage::new(120, 36, step, there.collect());
        let rows = stage.rows().join("\n");
        for see in *seen {
            match see.strip_prefix('!') {
                Some(hidden) => assert!(!rows.contains(hidden), "seen: {hidden}\n{step}\n{rows}"),
                None => assert_eq!(rows.matches(see).count(), 1, "not seen once: {see}\n{step}\n{rows}"),
            }
        }
    }
    // A step that is done wants nothing.
    let mut stage = Stage::new(120, 36, WISHES[0].0, vec![account("default")]);
    stage.send([Msg::Checks { step: "only".into(), passed: vec![true], near: Vec::new() }]);
    assert!(!stage.picture().contains("not there yet"), "{}", stage.picture());
    // What is not there cannot be looked into.
    let mut stage = Stage::new(80, 24, WISHES[0].0, vec![account("default")]);
    stage.enter().press("Home Down");
    assert!(!stage.picture().contains("look into it"), "{}", stage.picture());
}

#[test]
fn volumes_fold() {
    let many: Vec<Value> = (0..30).map(|number| pod(&format!("web-{number:02}"), "default", "Running")).collect();
    let mut stage = Stage::new(80, 24, PLAIN, many.clone());
    stage.enter();
    assert!(stage.row("▸ volume").contains("token 1h, ca.crt, namespace"), "{}", stage.picture());
    assert!(!stage.picture().contains("from cm"), "{}", stage.picture());
    stage.press("Home Down Down Down");
    assert!(stage.picture().contains("⏎ fold"), "{}", stage.picture());
    stage.press("Enter");
    assert!(
        stage.picture().contains("▾ volume") && stage.picture().contains("token for 1h 0m 7s"),
        "{}",
        stage.picture()
    );
    // It stays so, pod by pod, whatever changes.
    stage.applied(account("more"));
    assert_eq!(stage.picture().matches("▾ volume").count(), 1, "{}", stage.picture());
    stage.press("Enter");
    assert!(!stage.picture().contains("▾ volume"), "{}", stage.picture());
    // Where there is room, and where the step is about volumes, their files are shown.
    let roomy = Stage::new(200, 50, PLAIN, vec![pod("web", "default", "Running")]);
    assert!(roomy.picture().contains("▾ volume"), "{}", roomy.picture());
    let about = PLAIN.replace("A text", "The pod has a volume");
    let mut told = Stage::new(80, 24, &about, many);
    told.enter();
    assert!(told.picture().contains("▾ volume"), "{}", told.picture());
    // A file is looked into as its pod is.
    told.press("Home Down Down Down Down Enter");
    assert!(told.picture().contains("read its token"), "{}", told.picture());
}

#[test]
fn a_filter_takes_letters_while_it_is_open() {
    for (width, height) in SIZES {
        let names = ["web", "webby", "db"];
        let pods = names.iter().map(|name| pod(name, &format!("{name}-sa"), "Running"));
        let mut stage = Stage::new(width, height, PLAIN, pods.collect());
        stage.enter().press("/ P O D Space w");
        let rows = stage.rows();
        assert!(rows.last().is_some_and(|row| row.starts_with("/ POD w▏")), "{}", stage.picture());
        assert!(rows.iter().any(|row| row.contains("pod webby")), "{}", stage.picture());
        // What it hangs on stays; what has other words goes.
        assert!(rows.iter().any(|row| row.contains("sa webby-sa")), "{}", stage.picture());
        assert!(!rows.iter().any(|row| row.contains("pod db") || row.contains("volume")), "{}", stage.picture());
        stage.press("Backspace").send([Msg::Paste("webby\n".into())]);
        assert!(!stage.rows().iter().any(|row| row.contains("pod web ")), "{}", stage.picture());
        assert_eq!(stage.world.panes.terminal.prompt.text(), "");
        stage.press("Enter");
        let picture = stage.picture();
        assert!(picture.contains("rows hidden") && picture.contains("Objects /"), "{picture}");
        // A letter is for the prompt again, and the filter stays.
        stage.press("k");
        assert_eq!((stage.world.focus, stage.world.panes.terminal.prompt.text()), (Focus::Prompt, "k"));
        stage.press("Ctrl-U Tab Tab");
        assert!(stage.picture().contains("rows hidden"), "{}", stage.picture());
        stage.press("Esc");
        assert!(!stage.picture().contains("hidden"), "{}", stage.picture());
        assert_eq!(stage.world.focus, Focus::Pane(PaneId::Objects));
        // Esc closes the line, and its filter.
        stage.press("/ x Esc Home");
        assert!(stage.rows().iter().any(|row| row.contains("sa db-sa")), "{}", stage.picture());
        // Whoever goes elsewhere leaves it closed.
        stage.press("/ d Tab").press("Shift-Tab k");
        assert_eq!(stage.world.panes.terminal.prompt.text(), "k");
        // Six times Esc and a line.
        stage.press("Ctrl-U Tab Tab / / Esc Esc Esc Esc Esc Esc l s");
        stage.effects.clear();
        stage.press("Enter");
        assert!(stage.effects.contains(&Effect::Run("ls".into())), "{:?}", stage.effects);
    }
    let mut none = Stage::new(80, 24, PLAIN, vec![account("default")]);
    none.enter().press("/ z z");
    assert!(none.picture().contains("No row has that."), "{}", none.picture());
}

#[test]
fn a_filter_is_seen() {
    for (width, height) in SIZES {
        let mut pods: Vec<Value> = (0..12).map(|at| pod(&format!("web-{at}"), "web-sa", "Running")).collect();
        pods.extend((0..12).map(|at| pod(&format!("db-{at}"), "db-sa", "Running")));
        let mut stage = Stage::new(width, height, PLAIN, pods);
        stage.enter().press("/ d b - 1");
        insta::assert_snapshot!(format!("filter-{width}x{height}"), stage.picture());
        stage.press("Enter");
        insta::assert_snapshot!(format!("filtered-{width}x{height}"), stage.picture());
    }
}

#[test]
fn what_the_last_command_changed_can_be_read() {
    let mut stage = Stage::new(120, 36, PLAIN, vec![account("dashboard-sa"), account("default")]);
    stage.applied(pod("web", "default", "Running")).command("kubectl delete pod web");
    let mut again = pod("web", "dashboard-sa", "Running");
    again["metadata"]["resourceVersion"] = json!("99");
    stage.deleted("Pod", "web").applied(again.clone());
    stage.enter().press("Home Down Down").choose("what changed");
    let text = stage.reader();
    assert!(text.contains("in spec:\n"), "{text}");
    assert!(text.contains("\n- "), "{text}");
    assert!(text.contains("-   serviceAccountName: default\n+   serviceAccountName: dashboard-sa\n"), "{text}");
    assert!(!text.contains("\"99\"") && !text.contains("manager: kubectl"), "{text}");
    insta::assert_snapshot!("what-changed-120x36", stage.picture());
    // The sign is in the first column; the colour only helps.
    let reader = stage.world.over::<Reader>().unwrap();
    for line in &reader.lines {
        assert_eq!(line.voice == Voice::Removed, line.text.starts_with("- "), "{}", line.text);
        assert_eq!(line.voice == Voice::Added, line.text.starts_with("+ "), "{}", line.text);
    }
    // With the next command all begins anew.
    stage.press("Esc").command("true");
    stage.enter().press("Enter");
    assert!(!stage.picture().contains("what changed"), "{}", stage.picture());
    stage.press("Esc");
    // What only the server counts is no change; a label is.
    again["metadata"]["resourceVersion"] = json!("100");
    stage.applied(again.clone());
    assert!(!stage.row("pod web").contains("changed"), "{}", stage.picture());
    again["metadata"]["labels"] = json!({"a": "b"});
    stage.applied(again);
    assert!(stage.row("pod web").contains("~ changed"), "{}", stage.picture());
    // What is new has no before, however it changes after that.
    stage.applied(account("fresh")).applied(object(
        "ServiceAccount",
        "fresh",
        json!({"metadata": {"labels": {"a": "b"}}}),
    ));
    stage.press("End Enter");
    assert!(stage.picture().contains("sa fresh") && !stage.picture().contains("what changed"), "{}", stage.picture());
    stage.press("Esc Home Down Down");
    // What is gone can be read as it was.
    stage.deleted("Pod", "web").choose("as it was");
    assert!(stage.reader().contains("serviceAccountName: dashboard-sa"), "{}", stage.picture());
}

#[test]
fn what_was_taken_back_is_told_no_more() {
    let mut stage = Stage::new(80, 24, PLAIN, vec![account("default")]);
    let since = stage.world.now;
    let turned = |undone| Msg::Turned { undone, what: "kubectl apply -f web.yaml".into(), since, lines: Vec::new() };
    let told = |stage: &Stage| (stage.world.panes.objects.index.story.len(), stage.world.panes.objects.unseen.len());
    stage.command("kubectl apply -f web.yaml").applied(pod("web", "default", "Pending"));
    assert_eq!(told(&stage), (1, 1));
    assert!(stage.picture().contains("Objects +1"), "{}", stage.picture());
    // What the feed tells on the way there is nothing that happened.
    stage.send([Msg::objects(Feed::Turns)]).deleted("Pod", "web").send([turned(true)]);
    stage.send([Msg::objects(Feed::Restarted(vec![account("default")]))]);
    assert_eq!(told(&stage), (0, 0));
    assert!(!stage.picture().contains("Objects +"), "{}", stage.picture());
    stage.send([Msg::objects(Feed::Turns)]).applied(pod("web", "default", "Pending")).send([turned(false)]);
    stage.send([Msg::objects(Feed::Restarted(vec![account("default"), pod("web", "default", "Pending")]))]);
    assert_eq!(told(&stage), (1, 1));
    stage.enter();
    assert!(!stage.row("pod web").contains("new"), "{}", stage.picture());
    // What happens afterwards is told again.
    stage.applied(pod("other", "default", "Pending"));
    assert!(stage.row("pod other").contains("new"), "{}", stage.picture());
}

#[test]
fn what_changed_as_a_command_was_taken_back_is_called_so() {
    let copy = "kubectl.kubernetes.io/last-applied-configuration";
    let with = |label: &str| {
        let annotations = json!({copy: format!("{{\"kind\":\"ServiceAccount\",\"label\":\"{label}\"}}\n")});
        object("ServiceAccount", "builder", json!({"metadata": {"labels": {"a": label}, "annotations": annotations}}))
    };
    let since = Timestamp::default();
    let mut stage = Stage::new(120, 36, PLAIN, vec![with("before")]);
    stage.command("kubectl apply -f sa.yaml").applied(with("after"));
    stage.send([Msg::objects(Feed::Turns)]).applied(with("before"));
    stage.send([Msg::Turned { undone: true, what: "kubectl apply -f sa.yaml".into(), since, lines: Vec::new() }]);
    stage.send([Msg::objects(Feed::Restarted(vec![with("before")]))]);
    stage.enter().choose("what changed");
    let read = stage.reader();
    assert!(read.contains("-     a: after") && read.contains("+     a: before") && !read.contains('{'), "{read}");
    assert!(stage.picture().contains("as the last command was taken back"), "{}", stage.picture());
}

#[test]
fn yaml_is_read_in_colours_and_secrets_stay_behind() {
    let secret = object("Secret", "s", json!({"type": "Opaque", "data": {"password": 12}}));
    let mut stage = Stage::new(80, 24, PLAIN, vec![secret]);
    stage.enter().choose("read its YAML");
    let text = stage.reader();
    assert!(
        text.contains("What the secret holds stays in the cluster.") && text.contains("  password: 12\n"),
        "{text}"
    );
    assert!(!text.contains("managedFields:") && !text.contains("resourceVersion:"), "{text}");
    let mut buf = Buffer::empty(Rect::new(0, 0, 80, 24));
    view(&stage.world, &mut buf);
    let y = lines(&buf, buf.area).iter().position(|row| row.contains("  password: 12")).unwrap();
    let row = &lines(&buf, buf.area)[y];
    let x =
        row.chars().collect::<Vec<_>>().windows(8).position(|at| at.iter().collect::<String>() == "password").unwrap();
    let at = |x: usize| (u16::try_from(x).unwrap(), u16::try_from(y).unwrap());
    let (key, number) = (&buf[at(x)], &buf[at(x + 10)]);
    assert_eq!((key.symbol(), number.symbol()), ("p", "1"));
    assert_ne!((key.fg, key.modifier), (number.fg, number.modifier));
}

#[test]
fn a_pod_that_goes_is_marked_until_it_is_gone() {
    let mut stage = Stage::new(120, 36, PLAIN, vec![pod("web", "default", "Running")]);
    let mut going = pod("web", "default", "Running");
    going["metadata"]["deletionTimestamp"] = json!("2026-11-23T10:42:07Z");
    stage.applied(going);
    stage.command("true").command("true");
    assert!(stage.row("pod web").ends_with("- going"), "{}", stage.picture());
    stage.deleted("Pod", "web");
    assert!(stage.row("pod web").ends_with("- gone"), "{}", stage.picture());
    stage.command("true");
    assert!(!stage.picture().contains("pod web "), "{}", stage.picture());
}

/// A roll-out: a second replica set grows, the first shrinks.
#[test]
fn a_roll_out_is_seen_from_its_newest_end() {
    let replica_set = |name: &str, ready: u8, wanted: u8| {
        let owner = json!([{"kind": "Deployment", "name": "web", "controller": true}]);
        object(
            "ReplicaSet",
            name,
            json!({"metadata": {"ownerReferences": owner}, "spec": {"replicas": wanted}, "status": {"readyReplicas": ready}}),
        )
    };
    let owned = |name: &str, account: &str, by: &str, phase: &str| {
        let mut pod = pod(name, account, phase);
        pod["metadata"]["ownerReferences"] = json!([{"kind": "ReplicaSet", "name": by, "controller": true}]);
        pod
    };
    let deployment = |ready: u8, account: &str| {
        object(
            "Deployment",
            "web",
            json!({"spec": {"replicas": 1, "template": {"spec": {"serviceAccountName": account}}}, "status": {"readyReplicas": ready}}),
        )
    };
    for (width, height) in SIZES {
        let mut there = vec![
            account("dashboard-sa"),
            account("default"),
            deployment(1, "default"),
            replica_set("web-6d4cf56db6", 1, 1),
        ];
        there.push(owned("web-6d4cf56db6-7xk2p", "default", "web-6d4cf56db6", "Running"));
        there.extend((0..20).map(|at| object("ConfigMap", &format!("a-map-{at:02}"), json!({"data": {}}))));
        let mut stage = Stage::new(width, height, PLAIN, there);
        stage.command("kubectl set serviceaccount deployment/web dashboard-sa").press("Alt-Right");
        stage.applied(deployment(1, "dashboard-sa")).applied(replica_set("web-7c5b9f4d8c", 0, 1));
        assert!(stage.row("replicaset web-7c5b9f4d8c").contains("+ new"), "{}", stage.picture());
        stage.applied(owned("web-7c5b9f4d8c-q9w8e", "dashboard-sa", "web-7c5b9f4d8c", "Pending"));
        assert!(stage.row("pod web-7c5b9f4d8c-q9w8e").contains("+ new"), "{}", stage.picture());
        stage.applied(owned("web-7c5b9f4d8c-q9w8e", "dashboard-sa", "web-7c5b9f4d8c", "Running"));
        assert!(stage.row("pod web-7c5b9f4d8c-q9w8e").contains("Running"), "{}", stage.picture());
        let mut old = owned("web-6d4cf56db6-7xk2p", "default", "web-6d4cf56db6", "Running");
        old["metadata"]["deletionTimestamp"] = json!("2026-11-23T10:42:07Z");
        stage.applied(replica_set("web-6d4cf56db6", 1, 0)).applied(old);
        assert!(stage.row("pod web-6d4cf56db6-7xk2p").contains("- going"), "{}", stage.picture());
        insta::assert_snapshot!(format!("roll-out-{width}x{height}"), stage.picture());
        stage.deleted("Pod", "web-6d4cf56db6-7xk2p").applied(replica_set("web-6d4cf56db6", 0, 0));
        // Where the view stands it stays with the next command, and nobody is moved away who looks around.
        let before = stage.picture();
        let first = |row: &str| row.split_whitespace().take(4).collect::<Vec<_>>().join(" ");
        let was = first(&stage.rows()[0]);
        stage.command("true");
        assert_eq!(first(&stage.rows()[0]), was, "{before}\n{}", stage.picture());
        stage.enter().press("Home").applied(account("zz"));
        assert!(stage.rows().first().is_some_and(|row| row.starts_with("namespace default")), "{}", stage.picture());
    }
}

/// Long names, wide signs, signs of no width of their own, and those that are written from the right.
#[test]
fn columns_hold_with_any_name() {
    for (width, height) in SIZES {
        let mut changed =
            pod("a-pod-with-a-name-that-is-as-long-as-names-may-be-in-a-cluster-of-ours-x7k2p", "日本語-sa", "Running");
        changed["metadata"]["labels"] = json!({"a": "b"});
        let stage = {
            let mut stage = Stage::new(
                width,
                height,
                PLAIN,
                vec![
                    account("日本語-sa"),
                    account("עולם-sa"),
                    account("e\u{301}e\u{301}-sa"),
                    pod("日本語日本語日本語日本語日本語日本語日本語", "עולם-sa", "ContainerCreating"),
                    pod("web", "e\u{301}e\u{301}-sa", "CrashLoopBackOff"),
                    pod(
                        "a-pod-with-a-name-that-is-as-long-as-names-may-be-in-a-cluster-of-ours-x7k2p",
                        "日本語-sa",
                        "Running",
                    ),
                ],
            );
            stage.applied(changed).press("Alt-Right");
            stage
        };
        insta::assert_snapshot!(format!("columns-{width}x{height}"), stage.picture());
        let rows = stage.rows();
        let long = rows.iter().find(|row| row.contains("pod a-pod-with")).unwrap();
        assert!(long.ends_with("~ changed") && long.contains("Running"), "{long}");
    }
    // A mark of no length takes nothing from a name.
    let name = "my-kubernetes-dashboard-7d4b9c6f5d-x7k2p";
    for (width, height) in SIZES {
        let mut stage = Stage::new(width, height, PLAIN, vec![account("default")]);
        stage.applied(pod(name, "default", "Running")).press("Alt-Right");
        let row = stage.row(name);
        assert!(row.contains(" Runn") && row.contains(" +"), "{width}×{height}: {row}");
    }
}

#[test]
fn ten_thousand_objects_are_filtered_and_folded() {
    let pods = (0..10_000).map(|number| pod(&format!("web-{number:05}"), "default", "Running"));
    let mut stage = Stage::new(200, 60, PLAIN, pods.collect());
    stage.enter().press("/ 0 9 9 9 9");
    assert!(stage.row("pod web-09999").contains("Running"), "{}", stage.picture());
    assert!(stage.picture().contains("/09999 · "), "{}", stage.picture());
    stage.press("Enter Esc End");
    assert!(stage.row("▸ volume").contains("token 1h"), "{}", stage.picture());
}

/// Objects that hang on each other in every way, from a few small numbers.
fn feed((kind, name, other, volumes, delete): (u8, u8, u8, u8, bool)) -> Feed {
    const KINDS: [&str; 9] =
        ["ServiceAccount", "Pod", "Secret", "ConfigMap", "Deployment", "ReplicaSet", "RoleBinding", "Role", "Widget"];
    let kind = KINDS[usize::from(kind % 9)];
    let (name, namespace) = (format!("n{}", name % 4), if other % 5 == 4 { "b" } else { "default" });
    if delete {
        return Feed::Deleted { kind: kind.into(), namespace: namespace.into(), name };
    }
    let other = format!("n{}", other % 4);
    let owner = ["ReplicaSet", "Deployment", "Widget"][usize::from(volumes % 7 % 3)];
    let projected: Vec<_> = (0..volumes % 3)
        .map(|at| {
            json!({"name": format!("v{at}"), "projected": {"sources": [
            {"serviceAccountToken": {"path": "token"}}, {"downwardAPI": {"items": [{"path": "x"}, {"path": "y"}]}}]}})
        })
        .collect();
    Feed::Applied(json!({"kind": kind, "type": "kubernetes.io/service-account-token",
        "metadata": {"name": name, "namespace": namespace,
            "annotations": {"kubernetes.io/service-account.name": other},
            "ownerReferences": [{"kind": owner, "name": other, "controller": projected.len() != 1}]},
        "subjects": [{"kind": "ServiceAccount", "name": other, "namespace": if projected.len() == 1 { "b" } else { "default" }}],
        "spec": {"serviceAccountName": other, "volumes": projected}}))
}

/// The rows of objects: namespace, kind and name. A pod below its replica set, and what is not there, is none.
fn objects_seen(rows: &[String]) -> Vec<(String, String, String)> {
    let (mut space, mut seen) = (String::new(), Vec::new());
    let is_there =
        |text: &str| !text.contains("see sa") && !text.contains("✘ is not there") && !text.ends_with("- gone");
    for row in rows {
        let text = row.trim_start_matches(['│', '├', '└', '─', ' ']);
        let mut words = text.split_whitespace();
        match (words.next(), words.next()) {
            (Some("namespace"), Some(name)) => space = name.to_owned(),
            (Some("▸" | "▾" | "volume" | "○"), _) | (_, None) => {}
            (Some(kind), Some(name)) if name.starts_with('n') && name.len() == 2 && is_there(text) => {
                seen.push((space.clone(), kind.to_owned(), name.to_owned()));
            }
            _ => {}
        }
    }
    seen
}

const WANTS: &str = "text: x\ntask: Make `n0` and `n1`, and delete `n2`.\nchecks:
- {say: n0 runs as n1, object: {kind: Pod, name: n0, fields: {/spec/serviceAccountName: n1}}}
- {say: a, object: {kind: ServiceAccount, name: n1}}
- {say: b, object: {kind: Deployment, name: n2, absent: true}}";

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_object_has_one_row(
        feeds in prop::collection::vec(any::<(u8, u8, u8, u8, bool)>(), 0..50),
        commands in prop::collection::vec(any::<bool>(), 50),
    ) {
        let mut stage = Stage::new(200, 700, WANTS, Vec::new());
        let mut there = BTreeSet::new();
        for (feed, command) in feeds.into_iter().map(feed).zip(commands) {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            match &feed {
                Feed::Applied(object) => {
                    let meta = &object["metadata"];
                    _ = there.insert((text(&meta["namespace"]), text(&object["kind"]), text(&meta["name"])));
                }
                Feed::Deleted { kind, namespace, name } => {
                    _ = there.remove(&(namespace.clone(), kind.clone(), name.clone()));
                }
                _ => {}
            }
            stage.send([Msg::objects(feed)]);
            if command {
                stage.command("true");
            }
        }
        let short = |kind: &str| match kind {
            "ServiceAccount" => "sa".to_owned(),
            "ConfigMap" => "cm".to_owned(),
            other => other.to_lowercase(),
        };
        let wanted: Vec<_> = there.into_iter().map(|(space, kind, name)| (space, short(&kind), name)).collect();
        let mut seen = objects_seen(&stage.rows());
        seen.sort_unstable();
        let mut wanted = wanted;
        wanted.sort_unstable();
        prop_assert_eq!(seen, wanted, "{}", stage.picture());
    }

    #[test]
    fn it_is_drawn_at_any_size(
        feeds in prop::collection::vec(any::<(u8, u8, u8, u8, bool)>(), 0..30),
        keys in prop::collection::vec(0usize..12, 30),
        sizes in prop::collection::vec((0u16..130, 0u16..60), 30),
    ) {
        const KEYS: [&str; 12] =
            ["Tab", "Down", "Up", "End", "Home", "Enter", "/", "n", "Esc", "Backspace", "PageDown", "1"];
        let mut stage = Stage::new(80, 24, WANTS, Vec::new());
        stage.enter();
        for ((feed, key), (width, height)) in feeds.into_iter().map(feed).zip(keys).zip(sizes) {
            stage.send([Msg::objects(feed), Msg::Resize { width, height }]).press(KEYS[key]);
            stage.picture();
            // And in no room at all.
            let mut buf = Buffer::empty(Rect::default());
            view(&stage.world, &mut buf);
        }
    }
}
