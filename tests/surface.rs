//! What the last line offers, what stands where one types, and what stays in view: the surface of the screen.

use sa_tutor::tui::keymap::{footer, layers};
use sa_tutor::tui::msg::{ClockNews, Request};
use sa_tutor::tui::overlay::editor::Editor;
use sa_tutor::tui::overlay::palette::Palette;
use sa_tutor::tui::overlay::reader::Reader;
use sa_tutor::tui::{Effect, Msg, Progress};

use crate::screens::{Stage, lesson, stages};

const SIZES: [(u16, u16); 5] = [(60, 16), (80, 24), (120, 24), (120, 36), (200, 50)];

fn offered(stage: &Stage) -> Vec<&'static str> {
    footer(&stage.world, stage.world.width).iter().map(|item| item.label).collect()
}

/// The editor, open on a file by this command.
fn edit(line: &str, content: &str) -> Msg {
    let requests = vec![Request::Edit { path: "pod.yaml".into(), content: content.into() }];
    Msg::CommandDone { status: 0, line: line.into(), requests }
}

#[test]
fn the_way_out_and_the_help_are_always_offered() {
    for stage in stages() {
        let mut stage = stage;
        for (width, height) in SIZES {
            stage.send([Msg::Resize { width, height }]);
            let labels = offered(&stage);
            assert!(labels.contains(&"quit"), "{width}×{height}: {labels:?}\n{}", stage.picture());
            // What is open says how it is closed.
            let closes = layers(&stage.world).into_iter().flat_map(|layer| layer.keys).any(|binding| {
                binding.rank > 0 && binding.key(&stage.world).is_some_and(|key| key.to_string() == "Esc")
            });
            let is_open = !stage.world.over.is_empty() || stage.world.asks();
            let says = footer(&stage.world, width).iter().any(|item| item.key.to_string() == "Esc");
            assert!(says || !closes || !is_open, "{width}×{height}: {labels:?}\n{}", stage.picture());
            let is_helped = labels.contains(&"help") || stage.picture().contains("Tab shows every key");
            assert!(is_helped || stage.picture().contains(" Help "), "{width}×{height}: {labels:?}");
        }
    }
}

#[test]
fn what_can_be_taken_back_is_offered_and_what_cannot_says_why() {
    let mut stage = Stage::at_work(200, 50);
    assert!(!offered(&stage).contains(&"undo"));
    stage.send([Msg::Turns { back: 1, again: 0 }]);
    assert!(offered(&stage).contains(&"undo"));
    // While a command runs it is not offered; who presses it is told why by whoever has the command.
    stage.type_text("sleep 9").press("Enter").take();
    assert!(!offered(&stage).contains(&"undo"));
    assert_eq!(stage.press("Alt-Z").take(), [Effect::Undo]);
    assert_eq!(stage.press("Alt-Y").take(), [Effect::Redo]);
}

#[test]
fn space_ticks_a_release_and_what_is_typed_stays() {
    let mut stage = Stage::at_work(80, 24);
    stage.type_text("kubectl").press("F5 F5");
    let before = stage.world.panes.releases.chosen.clone();
    stage.press("Space");
    assert_ne!(stage.world.panes.releases.chosen, before, "{}", stage.picture());
    stage.press("Space");
    assert_eq!(stage.world.panes.releases.chosen, before);
    assert_eq!(stage.world.panes.terminal.prompt.text(), "kubectl");
    stage.type_text(" get");
    stage.press("Esc");
    // At the prompt it is a space again.
    stage.type_text("a b");
    assert!(stage.world.panes.terminal.prompt.text().ends_with("a b"), "{}", stage.picture());
}

#[test]
fn what_is_typed_before_a_question_can_be_edited() {
    let typed = |keys: &str| {
        let mut stage = Stage::asked(80, 24);
        stage.type_text("kubectl get");
        stage.press(keys);
        stage.world.panes.terminal.prompt.text().to_owned()
    };
    assert_eq!(typed("Ctrl-U"), "");
    assert_eq!(typed("Backspace"), "kubectl ge");
    assert_eq!(typed("Ctrl-W"), "kubectl ");
    assert_eq!(typed("Ctrl-A x"), "xkubectl get");
    // With nothing left of it, Enter is an answer again.
    let mut stage = Stage::asked(80, 24);
    stage.type_text("x").press("Ctrl-U Enter");
    assert!(stage.world.lesson.as_ref().unwrap().asking.unwrap().picked.is_some());
}

#[test]
fn a_question_that_was_passed_over_does_not_come_again() {
    let mut stage = Stage::asked(80, 24);
    let open = |stage: &mut Stage, round| {
        let progress = Progress { lesson: lesson().id.clone(), round, ..Progress::default() };
        stage.send([Msg::LessonOpened { lesson: lesson(), step: 0, progress }]);
        stage.world.lesson.as_ref().unwrap().asking.is_some()
    };
    assert!(open(&mut stage, 0));
    stage.press("Esc");
    assert!(!open(&mut stage, 0));
    // Who begins the lesson anew is asked anew.
    assert!(open(&mut stage, 1));
}

#[test]
fn a_step_that_is_undone_is_shown_from_its_beginning() {
    for (width, height) in [(60, 16), (80, 24)] {
        let mut stage = Stage::at_work(width, height);
        let checks = |passed| Msg::Checks { step: "who".into(), passed, near: Vec::new() };
        stage.send([checks(vec![false, false]), checks(vec![true, true])]);
        assert!(stage.picture().contains("✔ Done"));
        let turned =
            Msg::Turned { undone: true, what: "kubectl apply -f x".into(), since: stage.world.now, lines: Vec::new() };
        stage.send([turned, checks(vec![true, false])]);
        let picture = stage.picture();
        assert!(picture.contains("Every pod has an identity") && picture.contains("▸ Do"), "{picture}");
    }
}

#[test]
fn what_cannot_be_seen_is_not_looked_for() {
    let pasted = || Msg::Paste("po\u{200b}d\u{202e}s\u{feff}".into());
    let mut stage = Stage::at_work(80, 24);
    stage.press("Ctrl-P").send([pasted()]);
    assert!(stage.world.over::<Palette>().is_some() && stage.picture().contains("> pods█"), "{}", stage.picture());
    stage.press("Esc").run("ls", &"pods\n".repeat(80), "", 0).press("F7 /").send([pasted()]);
    assert_eq!(stage.world.over::<Reader>().unwrap().asked.as_deref(), Some("pods"));
    stage.press("Esc Esc Tab Tab /").send([pasted()]);
    assert_eq!(stage.world.panes.objects.filter, "pods");
}

#[test]
fn what_a_line_prints_after_it_has_cleared_stays() {
    let mut stage = Stage::at_work(80, 24);
    stage.type_text("echo before; clear; echo after").press("Enter");
    let out = |text: &str| Msg::Output { chunk: text.into(), stderr: false };
    stage.send([out("old words\n"), Msg::Cleared, out("new words\n")]);
    stage.send([Msg::CommandDone { status: 0, line: String::new(), requests: Vec::new() }]);
    let picture = stage.picture();
    assert!(!picture.contains("old words") && picture.contains("new words"), "{picture}");
}

#[test]
fn the_task_stays_in_sight_while_a_file_is_edited() {
    for (width, height) in SIZES {
        let mut stage = Stage::at_work(width, height);
        stage.press("Alt-Right").send([edit("edit pod.yaml", "kind: Pod\n")]);
        assert!(stage.world.over::<Editor>().is_some());
        let picture = stage.picture();
        let plain = picture.split_whitespace().collect::<String>().replace(['│', '┃'], "");
        assert!(picture.contains("▸ Do") && plain.contains("kubectlgetpod"), "{width}×{height}:\n{picture}");
        assert!(picture.contains("kind: Pod") && picture.contains("Ctrl-S saves"), "{width}×{height}:\n{picture}");
        insta::assert_snapshot!(format!("desk-{width}x{height}"), picture);
    }
}

#[test]
fn a_long_line_says_at_the_edge_that_it_goes_on() {
    for (width, height) in SIZES {
        let mut stage = Stage::at_work(width, height);
        let long = format!("begin {} end", "日本 words ".repeat(40));
        stage.send([edit("edit a", &format!("{long}\nshort\n"))]);
        assert!(stage.picture().contains('›') && !stage.picture().contains('‹'), "{}", stage.picture());
        stage.press("End");
        let picture = stage.picture();
        assert!(picture.contains("end█") && picture.contains('‹') && !picture.contains('›'), "{picture}");
        stage.press("Home");
        assert!(stage.picture().contains("egin") && !stage.picture().contains('‹'), "{}", stage.picture());
    }
}

#[test]
fn who_expects_another_editor_is_told_and_gets_out() {
    for (line, is_vi) in [("vi a", true), ("cp b a; vim a", true), ("edit a", false), ("nano a", false)] {
        let mut stage = Stage::at_work(60, 16);
        stage.type_text(line).press("Enter");
        stage.send([edit(line, "one\n")]);
        assert_eq!(stage.picture().contains("This is not vi"), is_vi, "{line}:\n{}", stage.picture());
        assert!(stage.picture().contains("Ctrl-S saves, Esc leaves"), "{}", stage.picture());
        stage.press("Ctrl-X");
        assert!(stage.world.over::<Editor>().is_none());
    }
    for keys in ["x Ctrl-O", "x Enter : w Enter"] {
        let mut stage = Stage::at_work(80, 24);
        stage.send([edit("nano a", "one\n")]).take();
        stage.press(keys);
        assert!(matches!(stage.take().as_slice(), [Effect::SaveFile { .. }]), "{keys}");
    }
}

#[test]
fn what_came_of_moving_the_clock_is_in_view() {
    let lines = |count: usize| (1..=count).map(|at| format!("thing {at} happened")).collect::<Vec<_>>();
    for (width, height) in SIZES {
        let mut stage = Stage::at_work(width, height);
        stage.send([crate::clock_pane::comes()]).press("F6");
        let (from, to) = ("2026-11-23T10:42:07Z".parse().unwrap(), "2026-11-23T11:42:07Z".parse().unwrap());
        stage.send([
            Msg::clock(ClockNews::Passed { from, to, lines: lines(3) }),
            Msg::Tick(to),
            crate::clock_pane::comes(),
        ]);
        for line in lines(3) {
            assert!(stage.picture().contains(&line), "{line} at {width}×{height}:\n{}", stage.picture());
        }
    }
    // The row of what comes next is whole.
    let mut stage = Stage::at_work(80, 24);
    let what = "the kubelet renews the token of the pod my-kubernetes-dashboard in default";
    let upcoming = vec![("2026-11-23T11:30:12Z".parse().unwrap(), what.to_owned())];
    stage.send([Msg::clock(ClockNews::Comes { moves: true, ahead: 0, upcoming })]).press("F6");
    let picture = stage.picture().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(picture.contains(&format!("when {what} (in 48m)")), "{}", stage.picture());
}

#[test]
fn a_check_out_of_sight_does_not_come_and_go() {
    let mut stage = Stage::at_work(80, 24);
    let checks = |passed| Msg::Checks { step: "who".into(), passed, near: Vec::new() };
    stage.send([checks(vec![false, false]), checks(vec![true, false])]);
    let tick = |at: &str| Msg::Tick(at.parse().unwrap());
    let count = |stage: &Stage| stage.picture().matches("the pod is running").count();
    assert_eq!(count(&stage), 1, "{}", stage.picture());
    stage.send([tick("2026-11-23T10:52:07Z")]);
    assert_eq!(count(&stage), 1, "{}", stage.picture());
}
