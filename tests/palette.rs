//! Finding and asking: every action by its name, every word of the course in three lines, and a help that fits one screen;
//! clicking and copying.

use sa_tutor::course::glossary;
use sa_tutor::tui::key::{Code, Key};
use sa_tutor::tui::keymap::{layers, lookup};
use sa_tutor::tui::msg::{Mouse, MouseKind};
use sa_tutor::tui::overlay::choices::Choices;
use sa_tutor::tui::overlay::help::Help;
use sa_tutor::tui::overlay::palette::Palette;
use sa_tutor::tui::overlay::word::Word;
use sa_tutor::tui::pane::{PANES, PaneId};
use sa_tutor::tui::world::Focus;
use sa_tutor::tui::{Effect, Msg};

use crate::screens::Stage;

const SIZES: [(u16, u16); 4] = [(60, 16), (80, 24), (120, 36), (200, 50)];

fn pictures(name: &str, story: impl Fn(&mut Stage)) {
    for (width, height) in SIZES {
        let mut stage = Stage::at_work(width, height);
        story(&mut stage);
        insta::assert_snapshot!(format!("{name}-{width}x{height}"), stage.picture());
    }
}

fn click(x: u16, y: u16) -> Msg {
    Msg::Mouse(Mouse { what: MouseKind::Click, x, y })
}

/// Where a text stands on the screen.
#[track_caller]
fn place(stage: &Stage, text: &str) -> (u16, u16) {
    let picture = stage.picture();
    let found =
        picture.lines().enumerate().find_map(|(y, row)| Some((row.find(text).map(|at| row[..at].chars().count())?, y)));
    let (x, y) = found.unwrap_or_else(|| panic!("no `{text}` in\n{picture}"));
    (u16::try_from(x).unwrap(), u16::try_from(y).unwrap())
}

#[test]
fn the_list_of_actions() {
    pictures("palette", |stage| _ = stage.press("Ctrl-P"));
    pictures("palette-theme", |stage| _ = stage.press("Ctrl-P").type_text("theme"));
    pictures("palette-nothing", |stage| _ = stage.press("Ctrl-P").type_text("qqzz"));
}

#[test]
fn every_action_that_works_now_is_found_by_what_it_says() {
    for keys in ["", "l s Enter", "Tab Tab", "F10", "Tab Tab Tab", "F1"] {
        let mut stage = Stage::at_work(120, 50);
        if !keys.is_empty() {
            stage.press(keys);
        }
        for binding in layers(&stage.world).into_iter().flat_map(|layer| layer.keys) {
            let works = |key: &Key| lookup(&stage.world, *key).is_some_and(|found| std::ptr::eq(found, binding));
            let is_list = binding.keys.len() > 5 || binding.label == "find";
            let Some(key) = binding.keys.iter().copied().find(works).filter(|_| !is_list) else { continue };
            let mut found = stage.clone();
            found.press("Ctrl-P").type_text(binding.say);
            let is_there = |row: &str| row.contains(binding.say) && row.contains(&key.short()) && !row.contains("> ");
            assert!(found.picture().lines().any(is_there), "no `{}` after {keys}:\n{}", binding.say, found.picture());
            found.press("Esc");
            assert!(found.world.over::<Palette>().is_none());
        }
    }
}

#[test]
fn what_is_found_is_done() {
    let done = |typed: &str| {
        let mut stage = Stage::at_work(80, 24);
        stage.take();
        stage.press("Ctrl-P").type_text(typed).press("Enter");
        assert!(stage.world.over::<Palette>().is_none(), "{typed}");
        stage
    };
    assert_eq!(done("go to the pane Token").world.focus, Focus::Pane(PaneId::Token));
    let kept = Effect::KeepSetting { key: "theme".into(), word: "light".into() };
    assert!(done("theme light").take().contains(&kept));
    let opened = Effect::OpenLesson { id: "switch-the-service-account".into(), step: 1, afresh: false };
    assert_eq!(done("lesson switch").take(), [opened]);
    assert!(done("open this help").world.over::<Help>().is_some());
    assert!(done("what is kubelet").picture().contains("on every node that runs its pods"));
    assert_eq!(done("suggested command").world.panes.terminal.prompt.text().get(..15), Some("kubectl get pod"));
    // Nothing is found, so nothing is done, and the list stays.
    let mut stage = Stage::at_work(80, 24);
    stage.take();
    stage.press("Ctrl-P").type_text("qqzz").press("Enter");
    assert!(stage.world.over::<Palette>().is_some() && stage.take().is_empty());
    stage.press("Ctrl-P").type_text("ls");
    assert_eq!(stage.world.panes.terminal.prompt.text(), "ls");
}

#[test]
fn a_word_in_three_lines() {
    pictures("word", |stage| {
        _ = stage
            .type_text("kubectl create token x --audience=vault")
            .press("Ctrl-B Ctrl-B Ctrl-B Ctrl-B Ctrl-B Ctrl-B Alt-W")
    });
    pictures("words", |stage| _ = stage.press("Alt-W"));
    let mut stage = Stage::at_work(80, 24);
    stage.type_text("kubectl get sa").press("Alt-W");
    assert!(stage.picture().contains("─ service account ─"), "{}", stage.picture());
    // A letter is for the prompt, and Esc takes nothing else away.
    stage.press("Esc Alt-W").type_text(" x");
    assert_eq!(stage.world.panes.terminal.prompt.text(), "kubectl get sa x");
    assert!(stage.world.over::<Word>().is_none());
    stage.press("Esc Tab Tab Alt-W");
    assert!(stage.world.over::<Word>().is_some(), "{}", stage.picture());
    stage.press("Enter");
    assert!(stage.world.over::<Word>().is_none());
}

/// The kinds that the panes follow, and the names that stand in the token pane.
#[test]
fn every_kind_and_claim_that_a_pane_shows_is_explained() {
    let kinds = "ServiceAccount Pod Secret ConfigMap Deployment ReplicaSet Role RoleBinding ClusterRole \
                 ClusterRoleBinding Node Namespace Event volume projected token ca.crt namespace";
    let claims = "iss sub aud exp iat nbf jti kid alg kubernetes.io warnafter pod secret node";
    for word in kinds.split_whitespace().chain(claims.split(' ')) {
        assert!(glossary::find(word).is_some(), "`{word}` is shown, and lessons/glossary.yaml lacks it");
    }
}

#[test]
fn a_word_that_a_lesson_marks_is_underlined() {
    let mut stage = Stage::at_work(80, 24);
    stage.send([Msg::Checks { step: "who".into(), passed: vec![true, true], near: Vec::new() }]);
    let mut buf = ratatui::buffer::Buffer::empty(ratatui::layout::Rect::new(0, 0, 80, 24));
    sa_tutor::tui::view(&stage.world, &mut buf);
    let lined = |text: &str| {
        let (x, y) = place(&stage, text);
        buf[(x, y)].modifier.contains(ratatui::style::Modifier::UNDERLINED)
    };
    assert!(lined("ServiceAccount wrote"));
    assert!(!lined("admission plugin"));
}

#[test]
fn the_help_fits_one_screen() {
    for door in [None, Some("export KUBECONFIG=$HOME/.local/state/sa-tutor/kubeconfig".to_owned())] {
        let mut stage = Stage::at_work(80, 24);
        stage.send([Msg::Door(door)]).press("F1");
        assert!(!stage.picture().contains("more lines"), "{}", stage.picture());
        stage.press("Tab");
        assert!(stage.picture().contains("At the prompt") && stage.picture().contains("more lines"));
    }
}

#[test]
fn the_footer_always_leads_to_the_help() {
    for (width, height) in SIZES {
        for keys in [
            "",
            "Tab",
            "Tab Tab",
            "Tab Tab Tab",
            "Tab Tab Tab Tab",
            "F3",
            "Ctrl-R",
            "Ctrl-P",
            "Tab Tab Down Enter",
            "F10",
        ] {
            let mut stage = Stage::at_work(width, height);
            if !keys.is_empty() {
                stage.press(keys);
            }
            assert!(
                stage.picture().trim_end().lines().last().is_some_and(|row| row.contains("F1 help")),
                "{keys}: {}",
                stage.picture()
            );
        }
    }
}

/// Enter does what is selected, and arrows move in it; any other key is the same in each.
#[test]
fn no_key_does_something_else_in_the_next_pane() {
    // Enter acts, and Esc closes what is open in the pane.
    let arrows = [Code::Enter, Code::Esc, Code::Up, Code::Down, Code::Left, Code::Right];
    let mut labels: Vec<(Key, &str, &str)> = Vec::new();
    for pane in PANES {
        for binding in pane.layer().keys {
            for key in binding.keys.iter().filter(|key| !arrows.contains(&key.code)) {
                labels.push((*key, binding.label, pane.title()));
            }
        }
    }
    // Where a pane has none of its own, these hold.
    let mut stage = Stage::at_work(200, 50);
    stage.press("Tab");
    for layer in layers(&stage.world).into_iter().skip(1) {
        for binding in layer.keys {
            // A function key that goes to a pane does that pane's work once one is there.
            for key in binding.keys.iter().filter(|key| !arrows.contains(&key.code) && key.code != Code::F(5)) {
                labels.push((*key, binding.label, layer.heading));
            }
        }
    }
    for (key, label, of) in &labels {
        let other = labels.iter().find(|(other, says, there)| other == key && says != label && there != of);
        assert!(other.is_none(), "{key} is `{label}` in {of:?} and {other:?}");
    }
}

#[test]
fn what_is_clicked_is_done() {
    // An answer: the first click chooses, the second takes it.
    let mut stage = Stage::asked(80, 24);
    let (x, y) = place(&stage, "▸ 1");
    stage.send([click(x, y + 1)]);
    assert!(!stage.picture().contains("Are you sure?") && stage.picture().contains("▸ 2"));
    stage.send([click(x, y + 1)]);
    assert!(stage.picture().contains("Are you sure?"), "{}", stage.picture());
    // The suggested command.
    let mut stage = Stage::at_work(80, 24);
    let (x, y) = place(&stage, "puts it on the prompt");
    stage.send([click(x, y)]);
    assert!(stage.world.panes.terminal.prompt.text().starts_with("kubectl get pod"));
    assert_eq!(stage.world.focus, Focus::Prompt);
    // A row of the objects: the second click is Enter.
    let mut stage = Stage::at_work(120, 36);
    let (x, y) = place(&stage, "sa dashboard-sa");
    stage.send([click(x, y)]);
    assert!(stage.world.over::<Choices>().is_none());
    stage.send([click(x, y)]);
    let (x, y) = place(&stage, "as YAML");
    stage.send([click(x, y)]);
    assert!(stage.world.panes.terminal.prompt.text().ends_with("-o yaml"), "{}", stage.picture());
    // A claim of the token is explained.
    let mut stage = Stage::at_work(120, 36);
    stage.send([crate::screens::token()]);
    let (x, y) = place(&stage, "aud  ");
    stage.send([click(x, y)]);
    assert!(stage.picture().contains("For whom a token is meant"), "{}", stage.picture());
    stage.press("Esc Alt-W");
    assert!(stage.picture().lines().any(|row| row.contains(" iss ") && row.contains(" here ")), "{}", stage.picture());
    // A row of the list of actions.
    let mut stage = Stage::at_work(80, 24);
    stage.press("Ctrl-P").type_text("pane why");
    let (x, y) = place(&stage, "go to the pane Why");
    stage.send([click(x, y)]);
    assert_eq!(stage.world.focus, Focus::Pane(PaneId::Why));
    // A row of the words that could follow.
    let mut stage = Stage::at_work(80, 24);
    stage.type_text("kubectl get se");
    let words = vec!["secrets ".into(), "serviceaccounts ".into()];
    stage.send([Msg::Completions { line: "kubectl get se".into(), cursor: 14, start: 12, words }]);
    let (x, y) = place(&stage, "serviceaccounts");
    stage.send([click(x, y)]);
    assert_eq!(stage.world.panes.terminal.prompt.text(), "kubectl get serviceaccounts ");
}

#[test]
fn the_border_above_the_terminal_is_moved() {
    for (width, height, by) in [(80, 24, 1), (120, 36, 3), (120, 36, -4), (200, 50, -6)] {
        let mut stage = Stage::at_work(width, height);
        let (_, y) = place(&stage, "Terminal · type here");
        let to = y.checked_add_signed(by).unwrap();
        let drag = |y| Msg::Mouse(Mouse { what: MouseKind::Drag, x: 40, y });
        // Only who has hold of it moves it.
        stage.send([click(40, y - 2), drag(to)]);
        assert_eq!(place(&stage, "Terminal").1, y);
        stage.send([click(40, y), drag(to)]);
        assert_eq!(place(&stage, "Terminal").1, to, "{}", stage.picture());
        stage.send([Msg::Resize { width, height }]);
        assert_eq!(place(&stage, "Terminal").1, y);
    }
    // The task and its command stay in sight.
    let mut stage = Stage::at_work(80, 24);
    let (_, y) = place(&stage, "Terminal · type here");
    stage.send([click(40, y), Msg::Mouse(Mouse { what: MouseKind::Drag, x: 40, y: 4 })]);
    assert!(stage.picture().contains("▸ Do") && stage.picture().contains("jsonpath"), "{}", stage.picture());
}

#[test]
fn what_is_looked_at_is_copied() {
    let copied = |stage: &mut Stage| {
        stage.take();
        stage.press("Alt-C");
        stage.take().into_iter().find_map(|effect| match effect {
            Effect::Copy(text) => Some(text),
            _ => None,
        })
    };
    let mut stage = Stage::at_work(80, 24);
    assert_eq!(copied(&mut stage), None);
    stage.run("kubectl get sa", "NAME\ndefault\n", "a warning\n", 0);
    assert_eq!(copied(&mut stage).as_deref(), Some("NAME\ndefault\na warning"));
    assert!(stage.picture().contains("Copied 22 letters"), "{}", stage.picture());
    stage.type_text("kubectl");
    assert_eq!(copied(&mut stage).as_deref(), Some("kubectl"));
    stage.press("Esc").run("cat token", "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln\n", "", 0);
    assert_eq!(copied(&mut stage), None);
    stage.run("cat both", "one\neyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln\n", "", 0);
    assert_eq!(copied(&mut stage).as_deref(), Some("one\n(token left out)"));
    stage.press("Tab Tab");
    let name = copied(&mut stage).unwrap();
    assert!(["default", "dashboard-sa", "kube-root-ca.crt"].contains(&name.as_str()), "{name}");
    stage.press("Esc").run("cat long", &"é\n".repeat(40_000), "", 0);
    assert!(copied(&mut stage).unwrap().len() <= 55_500);
    stage.press("F7");
    assert!(copied(&mut stage).is_some());
    assert!(stage.picture().contains("Copied"), "{}", stage.picture());
}
