//! The mount pane: objects and what was seen in a container in, pictures and wishes out; and once the real program, which
//! shows the simulator's own tree.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use sa_tutor::apimachinery::Release;
use sa_tutor::course::{Lesson, Prediction};
use sa_tutor::shell::Shell;
use sa_tutor::tui::msg::{ClusterInfo, Feed};
use sa_tutor::tui::pane::mount::{Life, Look, Seen, Unseen, parse};
use sa_tutor::tui::pane::{News, PANES, PaneId};
use sa_tutor::tui::{Effect, Msg, Progress, World, update, view};
use serde_json::{Value, json};

use crate::support::tutor::{Tutor, elsewhere};

const ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
const LESSON: &str = r#"
id: look
title: Look
minutes: 1
releases: ["1.36"]
steps:
  - id: one
    text: Look around.
    predict: {ask: What is there?, answers: [{text: A token, right: true, say: So it is.}, {text: Nothing, say: There is.}]}
    task: Look.
    suggest: kubectl get pods
    checks: [{say: you looked, ran: {command: kubectl get pods}}]
    hints: [Look.]
    debrief: There it is.
summary: [What is there.]
"#;

/// What the simulator's `ls` prints of a token's mount.
const TREE: &str = "/var/run/secrets/kubernetes.io/serviceaccount:
total 0
drwxrwxrwt    3 0        0              140 Nov 29 10:42 .
drwxr-xr-x    3 0        0             4096 Nov 29 10:42 ..
drwxr-xr-x    2 0        0              100 Nov 29 10:42 ..2026_11_29_10_42_04.3141592653
lrwxrwxrwx    1 0        0               32 Nov 29 10:42 ..data -> ..2026_11_29_10_42_04.3141592653
lrwxrwxrwx    1 0        0               13 Nov 29 10:42 ca.crt -> ..data/ca.crt
lrwxrwxrwx    1 0        0               16 Nov 29 10:42 namespace -> ..data/namespace
lrwxrwxrwx    1 0        0               12 Nov 29 10:42 token -> ..data/token

/var/run/secrets/kubernetes.io/serviceaccount/..2026_11_29_10_42_04.3141592653:
total 12
drwxr-xr-x    2 0        0              100 Nov 29 10:42 .
drwxrwxrwt    3 0        0              140 Nov 29 10:42 ..
-rw-r--r--    1 0        0             1107 Nov 29 10:42 ca.crt
-rw-r--r--    1 0        0                7 Nov 29 10:42 namespace
-rw-r--r--    1 0        0             1153 Nov 29 10:42 token
";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A screen on which a question stands, or was answered.
struct Stage {
    world: World,
    effects: Vec<Effect>,
}

impl Stage {
    fn new(width: u16, height: u16, answered: bool) -> Self {
        let world = World::new(width, height, at("2026-11-29T10:50:00Z"), true, Shell::is_incomplete);
        let mut stage = Self { world, effects: Vec::new() };
        let lesson: Lesson = serde_json::from_value(serde_yaml::from_str(LESSON).unwrap()).unwrap();
        let given = answered.then(|| ("one".to_owned(), Prediction { answer: 0, sure: false }));
        let progress =
            Progress { lesson: "look".into(), predicted: given.into_iter().collect(), ..Progress::default() };
        stage.send(Msg::Cluster(ClusterInfo {
            name: "simulator".into(),
            release: Some(Release::DEFAULT),
            server: None,
            namespace: "default".into(),
            beside: None,
        }));
        stage.send(Msg::LessonOpened { lesson: Box::new(lesson), step: 0, progress });
        stage
    }

    /// With these objects, and the pane on the screen.
    fn with(width: u16, height: u16, objects: Vec<Value>) -> Self {
        let mut stage = Self::new(width, height, true);
        stage.send(Msg::objects(Feed::Restarted(objects)));
        stage.press("Tab Tab Tab Tab Tab");
        assert_eq!(stage.world.aside, PaneId::Mount);
        stage
    }

    fn send(&mut self, message: Msg) -> &mut Self {
        let text = serde_json::to_string(&message).unwrap();
        assert_eq!(serde_json::from_str::<Msg>(&text).unwrap(), message, "{text}");
        for effect in update(&mut self.world, message) {
            let text = serde_json::to_string(&effect).unwrap();
            assert_eq!(serde_json::from_str::<Effect>(&text).unwrap(), effect, "{text}");
            self.effects.push(effect);
        }
        self
    }

    fn press(&mut self, keys: &str) -> &mut Self {
        keys.split(' ').for_each(|key| _ = self.send(Msg::Key(key.parse().unwrap())));
        self
    }

    /// What the pane asked to be looked at since the last time.
    fn looks(&mut self) -> Vec<Look> {
        let effects = std::mem::take(&mut self.effects).into_iter();
        effects.filter_map(|effect| if let Effect::LookInto(look) = effect { Some(*look) } else { None }).collect()
    }

    /// Answers the last wish to look.
    fn seen(&mut self, tree: Result<&str, Unseen>) -> &mut Self {
        let of = self.looks().pop().expect("it wants to look");
        let lives = of.tokens.iter().map(|path| (path.clone(), Life { issued: at("2026-11-29T10:42:04Z") }));
        let (lives, tree) = (lives.collect(), tree.map(|text| parse(&of.path, text)));
        self.send(Msg::Pane(News::Mount(Box::new(Seen { of, tree, lives }))))
    }

    fn picture(&self) -> String {
        let mut buf = Buffer::empty(Rect::new(0, 0, self.world.width, self.world.height));
        view(&self.world, &mut buf);
        let row =
            |y| (0..buf.area.width).map(|x| buf[(x, y)].symbol()).collect::<String>().trim_end().to_owned() + "\n";
        (0..buf.area.height).map(row).collect()
    }

    /// The words of the screen, whatever rows they stand in.
    fn words(&self) -> String {
        self.picture().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[track_caller]
    fn says(&self, words: &str) {
        assert!(self.words().contains(words), "`{words}` is not there:\n{}", self.picture());
    }
}

fn account(name: &str, automount: Option<bool>) -> Value {
    let mut account =
        json!({"kind": "ServiceAccount", "metadata": {"name": name, "namespace": "default", "uid": name}});
    if let Some(automount) = automount {
        account["automountServiceAccountToken"] = json!(automount);
    }
    account
}

fn map(name: &str, data: Value) -> Value {
    json!({"kind": "ConfigMap", "metadata": {"name": name, "namespace": "default"}, "data": data})
}

/// A pod with these volumes and mounts.
fn pod(name: &str, made: &str, volumes: Value, mounts: Value) -> Value {
    json!({"kind": "Pod",
        "metadata": {"name": name, "namespace": "default", "uid": format!("uid-{name}"), "resourceVersion": "7",
            "creationTimestamp": made},
        "spec": {"serviceAccountName": "default", "volumes": volumes,
            "containers": [{"name": "web", "volumeMounts": mounts}]},
        "status": {"phase": "Running", "containerStatuses": [{"name": "web", "state": {"running": {}}}]}})
}

fn with_token(name: &str, made: &str) -> Value {
    let sources = json!([
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"fieldPath": "metadata.namespace"}}]}}]);
    pod(
        name,
        made,
        json!([{"name": "kube-api-access-x7k2p", "projected": {"sources": sources}}]),
        json!([{"name": "kube-api-access-x7k2p", "mountPath": ACCOUNT, "readOnly": true}]),
    )
}

fn of_one(volume: Value, mount: Value) -> Value {
    pod("web", "2026-11-29T10:42:00Z", json!([volume]), json!([mount]))
}

fn usual() -> Vec<Value> {
    vec![
        account("default", None),
        map("kube-root-ca.crt", json!({"ca.crt": "…"})),
        with_token("web", "2026-11-29T10:42:00Z"),
    ]
}

#[test]
fn the_token_of_a_pod() {
    for (width, height) in [(80, 24), (120, 36), (200, 50), (60, 16)] {
        let mut stage = Stage::with(width, height, usual());
        stage.seen(Ok(TREE));
        insta::assert_snapshot!(format!("token-{width}x{height}"), stage.picture());
    }
}

#[test]
fn several_mounts_and_pods() {
    let mut second = with_token("late", "2026-11-29T10:44:00Z");
    second["spec"]["volumes"] = json!([
        second["spec"]["volumes"][0].clone(),
        {"name": "scratch", "emptyDir": {}},
        {"name": "words", "configMap": {"name": "words"}}]);
    second["spec"]["containers"] = json!([
        {"name": "web", "volumeMounts": [{"name": "scratch", "mountPath": "/tmp/scratch"},
            {"name": "kube-api-access-x7k2p", "mountPath": ACCOUNT, "readOnly": true}]},
        {"name": "beside", "volumeMounts": [
            {"name": "words", "mountPath": "/etc/words/greeting", "subPath": "greeting"}]}]);
    second["status"]["containerStatuses"] =
        json!([{"name": "web", "state": {"running": {}}}, {"name": "beside", "state": {"running": {}}}]);
    let mut objects = usual();
    objects.extend([second, map("words", json!({"greeting": "hello", "other": "x"}))]);
    let mut stage = Stage::with(80, 24, objects);
    stage.seen(Ok(TREE));
    stage.says("pod late");
    insta::assert_snapshot!("several-80x24", stage.picture());
    // Down goes through the mounts of all containers, Enter to the next pod.
    let look = stage.press("Down").looks().pop().expect("another look");
    assert_eq!((look.path.as_str(), look.deep, look.tokens.len()), ("/tmp/scratch", false, 0));
    stage.says("may be written");
    stage.press("Down").seen(Ok("-rw-r--r--    1 0        0                5 Nov 29 10:44 /etc/words/greeting\n"));
    stage.says("only its part greeting (subPath)");
    stage.says("never written again while the container runs");
    stage.says("No token is mounted in this container");
    insta::assert_snapshot!("part-80x24", stage.picture());
    stage.press("Enter").says("pod web");
    stage.press("Enter").says("pod late");
    // What is selected among the objects comes first again.
    stage.press("Esc Tab Tab Down Down");
    assert!(stage.world.panes.objects.selected.is_some());
    stage.press("Tab Tab Tab").says("pod ");
}

/// What is said of a mount, when its pod is one of these.
#[track_caller]
fn check(say: &str, objects: impl IntoIterator<Item = Value>) {
    let all = [account("default", None), map("kube-root-ca.crt", json!({"ca.crt": "…"}))];
    let stage = Stage::with(200, 50, all.into_iter().chain(objects).collect());
    // The pane is narrower than the screen: its words are read without the frames between them.
    let place = stage.world.place(PaneId::Mount).unwrap().inner;
    let mut buf = Buffer::empty(Rect::new(0, 0, 200, 50));
    view(&stage.world, &mut buf);
    let rows = (place.top()..place.bottom())
        .map(|y| (place.left()..place.right()).map(|x| buf[(x, y)].symbol()).collect::<String>());
    let words = rows.flat_map(|row| row.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
    let words = words.collect::<Vec<_>>().join(" ");
    assert!(words.contains(say), "`{say}` is not in:\n{words}");
}

#[test]
fn where_files_come_from_and_when_they_are_written() {
    let mount = || json!({"name": "v", "mountPath": "/v"});
    let secret = |name: &str, kind: &str, account: &str| {
        json!({"kind": "Secret", "type": kind, "metadata": {"name": name, "namespace": "default",
            "annotations": {"kubernetes.io/service-account.name": account}}, "data": {"token": 9, "ca.crt": 3}})
    };
    let legacy = json!({"name": "v", "secret": {"secretName": "default-token-x"}});
    let legacy_secret = secret("default-token-x", "kubernetes.io/service-account-token", "default");
    check(
        "token from secret default-token-x; never renewed: such a token has no end",
        [of_one(legacy, mount()), legacy_secret],
    );
    let projected = |source: Value| json!({"name": "v", "projected": {"sources": [source]}});
    let token = |audience: &str, seconds: i64| {
        let source = json!({"path": "vault", "audience": audience, "expirationSeconds": seconds});
        of_one(projected(json!({"serviceAccountToken": source})), mount())
    };
    check(
        "vault asked of the API server by the kubelet: 7200 s, audience vault.example; a new one every 96m",
        [token("vault.example", 7200)],
    );
    check("96m, after 80 % of its life", [token("vault.example", 7200)]);
    check("every 24h, after a day", [token("", 864_000)]);
    check("audience the API server;", [token("", 864_000)]);
    let map_volume = |items: Value| json!({"name": "v", "configMap": {"name": "words", "items": items}});
    check(
        "a from cm words; again a minute or so after it changes",
        [of_one(map_volume(Value::Null), mount()), map("words", json!({"a": "1"}))],
    );
    check(
        "b from cm words, key a;",
        [of_one(map_volume(json!([{"key": "a", "path": "b"}])), mount()), map("words", json!({"a": "1"}))],
    );
    check(
        "the config map has no key a",
        [of_one(map_volume(json!([{"key": "a", "path": "b"}])), mount()), map("words", json!({}))],
    );
    let mut fixed = map("words", json!({"a": "1"}));
    fixed["immutable"] = json!(true);
    check("never written again: the config map is immutable", [of_one(map_volume(Value::Null), mount()), fixed]);
    check("there is no cm words", [of_one(map_volume(Value::Null), mount())]);
    check("it may be missing", [of_one(json!({"name": "v", "configMap": {"name": "x", "optional": true}}), mount())]);
    let field = |field: &str| {
        let item = json!({"path": "f", "fieldRef": {"fieldPath": field}});
        of_one(json!({"name": "v", "downwardAPI": {"items": [item]}}), mount())
    };
    check("its namespace's name, from the pod (downward API); never written again", [field("metadata.namespace")]);
    check("its label app, from the pod (downward API); again a minute or so after", [field("metadata.labels['app']")]);
    check("its uid, from the pod (downward API); never written again", [field("metadata.uid")]);
    for (volume, say) in [
        (json!({"emptyDir": {}}), "emptyDir, empty at first and gone with the pod"),
        (json!({"emptyDir": {"medium": "Memory"}}), "emptyDir in memory"),
        (json!({"hostPath": {"path": "/var/log"}}), "hostPath, /var/log of the node itself"),
        (json!({"persistentVolumeClaim": {"claimName": "disk"}}), "what claim disk was given"),
        (json!({"csi": {"driver": "csi.example"}}), "csi csi.example"),
    ] {
        let mut volume = volume;
        volume["name"] = json!("v");
        check(say, [of_one(volume, mount())]);
    }
}

#[test]
fn why_there_is_no_token_and_what_is_waited_for() {
    let plain = |automount: Option<bool>, account: &str| {
        let mut pod = pod("web", "2026-11-29T10:42:00Z", json!([]), json!([]));
        pod["spec"]["serviceAccountName"] = json!(account);
        if let Some(automount) = automount {
            pod["spec"]["automountServiceAccountToken"] = json!(automount);
        }
        pod
    };
    check(
        "No token is mounted in this container: the pod's spec says automountServiceAccountToken: false",
        [plain(Some(false), "default")],
    );
    check("sa quiet says automountServiceAccountToken: false", [plain(None, "quiet"), account("quiet", Some(false))]);
    check("none was asked for when the pod was made", [plain(None, "default")]);
    let waiting = |reason: &str, message: &str| {
        let mut pod = with_token("web", "2026-11-29T10:42:00Z");
        pod["status"] = json!({"phase": "Pending", "containerStatuses": [
            {"name": "web", "state": {"waiting": {"reason": reason, "message": message}}}]});
        pod
    };
    check("It waits (ContainerCreating): volumes first", [waiting("ContainerCreating", "")]);
    check("It waits: ImagePullBackOff: no such image", [waiting("ImagePullBackOff", "no such image")]);
    let mut missing = waiting("ContainerCreating", "");
    missing["spec"]["volumes"][0]["projected"]["sources"][1]["configMap"]["name"] = json!("not-there");
    check("It waits for its volumes: there is no cm not-there.", [missing]);
    let mut homeless = waiting("", "");
    homeless["status"] = json!({"phase": "Pending", "conditions": [
        {"type": "PodScheduled", "status": "False", "message": "0/1 nodes are available"}]});
    check("It waits for a node: 0/1 nodes are available", [homeless]);
    let mut ended = with_token("web", "2026-11-29T10:42:00Z");
    ended["status"] = json!({"phase": "Succeeded", "containerStatuses": [
        {"name": "web", "state": {"terminated": {"exitCode": 0}}}]});
    check("The container has ended", [ended]);
    check("No pod yet", []);
    let mut orphan = with_token("web", "2026-11-29T10:42:00Z");
    orphan["spec"]["serviceAccountName"] = json!("gone");
    check("no new one: sa gone is gone", [orphan]);
}

#[test]
fn what_was_written_stays_when_its_source_goes() {
    let mut stage = Stage::with(80, 24, usual());
    stage.seen(Ok(TREE));
    let (kind, namespace, name) = ("ConfigMap".into(), "default".into(), "kube-root-ca.crt".into());
    stage.send(Msg::objects(Feed::Deleted { kind, namespace, name }));
    stage.says("✘ there is no cm kube-root-ca.crt; what was written stays");
}

#[test]
fn what_cannot_be_seen_is_said_and_what_is_odd_does_no_harm() {
    let mut stage = Stage::with(80, 24, usual());
    stage.seen(Err(Unseen::NoList));
    stage.says("The image has no ls");
    stage.says("from cm kube-root-ca.crt");
    insta::assert_snapshot!("no-ls-80x24", stage.picture());
    let mut stage = Stage::with(80, 24, usual());
    stage.seen(Err(Unseen::Said("pods \"web\" is forbidden\u{1b}[2J".into())));
    stage.says("is forbidden␛[2J");
    // Names and paths that would clear the screen, or turn a line around, are shown.
    let bad = "a\u{1b}]0;x\u{7}\u{202e}b";
    let path = format!("/v{bad}");
    let mut pod = of_one(json!({"name": "v", "emptyDir": {}}), json!({"name": "v", "mountPath": path}));
    pod["spec"]["containers"][0]["name"] = json!(format!("c{bad}"));
    pod["status"]["containerStatuses"][0]["name"] = json!(format!("c{bad}"));
    let mut stage = Stage::with(80, 24, vec![account("default", None), pod]);
    let entry =
        format!("lrwxrwxrwx 1 0 0 9 Nov 29 10:42 n{bad} -> t{bad}\n-rw-r--r-- 1 0 0 9 Nov 29 10:42 sub/{bad}\n");
    stage.seen(Ok(&entry));
    let picture = stage.picture();
    for part in ["/va␛]0;x␇", "na␛]0;x␇", "ta␛]0;x␇", "ca␛]0;x␇"] {
        assert!(picture.contains(part), "{part}:\n{picture}");
    }
    assert!(!picture.contains(['\u{1b}', '\u{7}', '\u{202e}']) && !picture.contains("sub/"), "{picture}");
}

#[test]
fn it_looks_when_something_may_have_changed_and_only_while_it_is_shown() {
    let mut stage = Stage::new(80, 24, true);
    stage.send(Msg::objects(Feed::Restarted(usual())));
    assert_eq!(stage.looks(), [], "hidden");
    stage.press("Tab Tab Tab Tab Tab");
    let wanted = Look {
        namespace: "default".into(),
        pod: "web".into(),
        uid: "uid-web".into(),
        container: "web".into(),
        path: ACCOUNT.into(),
        deep: true,
        tokens: vec![format!("{ACCOUNT}/token")],
    };
    let look = || vec![wanted.clone()];
    assert_eq!(stage.looks(), look(), "shown");
    let seen = Seen { of: wanted.clone(), tree: Ok(parse(ACCOUNT, TREE)), lives: BTreeMap::new() };
    stage.send(Msg::Pane(News::Mount(Box::new(seen.clone()))));
    let tick = |time: &str| Msg::Tick(at(&format!("2026-11-29T{time}Z")));
    stage.send(tick("10:50:01"));
    assert_eq!(stage.looks(), [], "nothing happened");
    stage.send(tick("10:50:02"));
    assert_eq!(stage.looks(), look(), "the kubelet may have needed a moment");
    stage.send(tick("10:50:31"));
    assert_eq!(stage.looks(), []);
    stage.send(tick("10:50:32"));
    assert_eq!(stage.looks(), look(), "it was a while ago");
    let mut changed = with_token("web", "2026-11-29T10:42:00Z");
    changed["metadata"]["resourceVersion"] = json!("8");
    stage.send(Msg::objects(Feed::Applied(changed)));
    assert_eq!(stage.looks(), look(), "the pod changed");
    stage.send(tick("11:40:00"));
    assert_eq!(stage.looks(), look(), "the clock was moved");
    stage.send(tick("11:40:02"));
    assert_eq!(stage.looks(), look(), "and the kubelet had to follow");
    stage.press("l s Enter");
    assert_eq!(stage.looks(), [], "a command runs");
    stage.send(Msg::CommandDone { status: 0, line: "ls".into(), requests: Vec::new() });
    assert_eq!(stage.looks(), look(), "a command has ended");
    // Hidden it wants nothing; shown anew it looks anew, and what comes late for another mount is not shown.
    stage.press("Alt-Left");
    stage.send(tick("12:40:00"));
    assert_eq!(stage.looks(), []);
    let mut other = seen;
    other.of.uid = "another".into();
    stage.press("Alt-Right").send(Msg::Pane(News::Mount(Box::new(other))));
    assert_eq!(stage.looks(), look());
}

#[test]
fn a_question_hides_it_and_it_looks_at_nothing() {
    let mut stage = Stage::new(80, 24, false);
    stage.send(Msg::objects(Feed::Restarted(usual())));
    // Esc would pass the question; the tab is chosen around it.
    stage.press("Alt-Left");
    for _ in 0..6 {
        stage.press("Alt-Right");
        assert!(!stage.words().contains("kube-root-ca.crt;"), "{}", stage.picture());
    }
    assert_eq!(stage.looks(), []);
}

#[test]
fn a_command_about_a_mount_brings_it_up() {
    let mut stage = Stage::new(120, 36, true);
    stage.send(Msg::objects(Feed::Restarted(usual())));
    assert_eq!(stage.world.aside, PaneId::Token);
    let line = format!("kubectl exec web -- ls {ACCOUNT}");
    stage.send(Msg::Paste(line.clone())).press("Enter");
    stage.send(Msg::CommandDone { status: 0, line, requests: Vec::new() });
    assert_eq!(stage.world.aside, PaneId::Mount);
    assert_eq!(stage.looks().len(), 1);
}

#[test]
fn it_can_be_drawn_at_any_size() {
    let mut stage = Stage::with(120, 36, usual());
    stage.seen(Ok(TREE));
    let pane = PANES.iter().find(|pane| pane.id() == PaneId::Mount).expect("in the list");
    for (width, height) in [(0, 0), (1, 1), (3, 2), (9, 40), (200, 1), (0, 9), (9, 0)] {
        let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
        pane.draw(&stage.world, buf.area, &mut buf);
        let mut world = stage.world.clone();
        (world.width, world.height) = (width, height);
        pane.scroll(&mut world, 5);
        pane.click(&mut world, 0, 0);
        pane.step(&mut world, 1);
    }
}

#[test]
fn listings_are_read_as_each_ls_prints_them() {
    // What `ls` printed, and the entries it means: folder, mode, user, group, size, name, target.
    let rows: &[(&str, &str, &[&str])] = &[
        (
            "busybox",
            "/v:\ntotal 0\ndrwxrwxrwt    3 0        0              140 Nov 23 19:28 .\nlrwxrwxrwx    1 0        0               12 Nov 23 19:28 token -> ..data/token\n",
            &["itself drwxrwxrwt 0 0 140 .", " lrwxrwxrwx 0 0 12 token -> ..data/token"],
        ),
        (
            "GNU, of another year",
            "/v:\ntotal 4\ndrwxrwxrwt 3 0 0  140 Nov 23  2025 .\n-rw-r--r-- 1 1000 2000 1107 Nov 23  2025 ca.crt\n",
            &["itself drwxrwxrwt 0 0 140 .", " -rw-r--r-- 1000 2000 1107 ca.crt"],
        ),
        (
            "SELinux and ACLs",
            "drwxr-xr-x. 3 0 0 140 Nov 23 19:28 .\n-rw-------+ 1 0 0 1 Nov 23 19:28 a\n",
            &["itself drwxr-xr-x. 0 0 140 .", " -rw-------+ 0 0 1 a"],
        ),
        (
            "toybox",
            "/v:\ntotal 0\ndrwxrwxrwt 3 0 0 140 2026-11-23 19:28 .\n-rw-r--r-- 1 0 0 7 2026-11-23 19:28 namespace\n",
            &["itself drwxrwxrwt 0 0 140 .", " -rw-r--r-- 0 0 7 namespace"],
        ),
        ("full times", "-rw-r--r-- 1 0 0 7 2026-11-23 19:28:36.000000000 +0000 a b\n", &[" -rw-r--r-- 0 0 7 a b"]),
        (
            "owners by name",
            "-rw-r--r--    1 root     www-data        7 Nov 23 19:28 x\n",
            &[" -rw-r--r-- root www-data 7 x"],
        ),
        (
            "a folder below",
            "/v:\ndrwxr-xr-x 2 0 0 60 Nov 23 19:28 sub\n\n/v/sub:\ntotal 0\ndrwxr-xr-x 2 0 0 60 Nov 23 19:28 .\n-rw-r--r-- 1 0 0 1 Nov 23 19:28 deep\n",
            &[" drwxr-xr-x 0 0 60 sub", "sub -rw-r--r-- 0 0 1 deep"],
        ),
        ("a file by itself", "-rw-r--r-- 1 0 0 5 Nov 23 19:28 /v\n", &["itself -rw-r--r-- 0 0 5 v"]),
        ("a device", "crw-rw-rw- 1 0 0 1,   3 Nov 23 19:28 null\n", &[" crw-rw-rw- 0 0 1,3 null"]),
        ("what could not be looked at", "l????????? ? ? ? ?            ? gone\n", &[" l????????? ? ? ? gone"]),
        ("a name with spaces", "-rw-r--r-- 1 0 0 5 Nov 23 19:28  two  spaces\n", &[" -rw-r--r-- 0 0 5  two  spaces"]),
        (
            "the same twice",
            "-rw-r--r-- 1 0 0 5 Nov 23 19:28 a\n-rw-r--r-- 1 0 0 6 Nov 23 19:28 a\n",
            &[" -rw-r--r-- 0 0 5 a"],
        ),
        ("no listing at all", "ls: /v: Permission denied\n\u{1b}[2J\n-rw\n", &[]),
        ("nothing", "", &[]),
    ];
    for (name, text, want) in rows {
        let listing = parse("/v", text);
        let line = |entry: &sa_tutor::tui::pane::mount::Entry| {
            let target = entry.target.as_ref().map(|target| format!(" -> {target}")).unwrap_or_default();
            format!("{} {} {} {} {}{target}", entry.mode, entry.user, entry.group, entry.size, entry.name)
        };
        let mut seen: Vec<String> = listing.itself.iter().map(|entry| format!("itself {}", line(entry))).collect();
        for (folder, entries) in &listing.folders {
            seen.extend(entries.iter().map(|entry| format!("{folder} {}", line(entry))));
        }
        assert_eq!(seen, *want, "{name}");
    }
    let many: String = (0..1000).map(|at| format!("-rw-r--r-- 1 0 0 5 Nov 23 19:28 f{at}\n")).collect();
    let listing = parse("/v", &many);
    assert_eq!((listing.folders[""].len(), listing.left_out), (300, 700));
    assert_eq!(parse(ACCOUNT, TREE).written(), Some(at("2026-11-29T10:42:04Z")));
}

/// Moves the simulated clock.
fn advance(kubeconfig: &Path, by: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let read = kube::config::Kubeconfig::read_from(kubeconfig).expect("a kubeconfig");
        let options = kube::config::KubeConfigOptions::default();
        let config = kube::Config::from_custom_kubeconfig(read, &options).await.expect("whole");
        let client = kube::Client::try_from(config).expect("a client");
        let body = json!({"advance": by}).to_string().into_bytes();
        let request = http::Request::post("/sim/clock").body(body).expect("a request");
        client.request::<Value>(request).await.expect("moved");
    });
}

#[test]
fn the_real_tree_of_a_pod_is_shown_and_followed() {
    let home = tempfile::tempdir().expect("a folder");
    let kubeconfig = home.path().join("kubeconfig");
    let mut tutor = Tutor::start(home.path(), 200, 60, &["learn", "inspect-the-mount"]);
    tutor.wait_for_file(&kubeconfig, "current-context");
    tutor.wait_for("▸ Do");
    tutor.press("\r");
    tutor.wait_for("$ kubectl apply");
    tutor.press("\r");
    tutor.wait_for("✔ the pod is running");
    let list = format!("exec my-kubernetes-dashboard -- ls -lan {ACCOUNT}");
    let folder = |listing: &str| {
        let line = listing.lines().find(|line| line.contains("..data -> ")).unwrap_or_default().to_owned();
        line.rsplit(' ').next().unwrap_or_default().to_owned()
    };
    let first = folder(&elsewhere(&kubeconfig, &list));
    assert!(first.starts_with("..20"), "{first}");
    // Past the question, through the panes.
    tutor.press("\t\t\t\t\t");
    tutor.wait_for("[Mount]");
    tutor.wait_for(&format!("├─ {first}/"));
    tutor.wait_for("token -> ..data/token");
    tutor.wait_for("after 80 % of its life");
    // Its own requests are none of the learner's.
    tutor.press("\u{1b}[Z");
    tutor.wait_for("[Why]");
    tutor.wait_for("another terminal");
    let asked: Vec<String> = tutor.screen().rows(133, 67).collect();
    let looks = |row: &&String| row.contains("exec") && !row.contains("another terminal");
    assert_eq!(asked.iter().find(looks), None, "{}", tutor.screen().contents());
    tutor.press("\t");
    tutor.wait_for("token -> ..data/token");
    advance(&kubeconfig, "49m");
    let mut second = String::new();
    tutor.wait_until("the kubelet has written the files anew", || {
        second = folder(&elsewhere(&kubeconfig, &list));
        second != first && second.starts_with("..20")
    });
    tutor.wait_for(&format!("├─ {second}/"));
    tutor.press("\u{11}");
    tutor.wait_for_end(0);
}
