//! What the last line offers, what stands where one types, and what stays in view: the surface of the screen.

use sa_tutor::tui::keymap::{footer, layers};
use sa_tutor::tui::msg::{Card, ClockNews, Request, Tally};
use sa_tutor::tui::overlay::Over as _;
use sa_tutor::tui::overlay::editor::Editor;
use sa_tutor::tui::overlay::palette::Palette;
use sa_tutor::tui::overlay::reader::Reader;
use sa_tutor::tui::world::Focus;
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
fn the_check_that_is_next_is_in_sight() {
    let mut stage = Stage::at_work(80, 24);
    let checks = |passed| Msg::Checks { step: "who".into(), passed, near: Vec::new() };
    stage.send([checks(vec![false, false]), checks(vec![true, false])]);
    let tick = |at: &str| Msg::Tick(at.parse().unwrap());
    let count = |stage: &Stage| stage.picture().matches("you have looked at its spec").count();
    assert_eq!(count(&stage), 1, "{}", stage.picture());
    stage.send([tick("2026-11-23T10:52:07Z")]);
    assert_eq!(count(&stage), 1, "{}", stage.picture());
}

/// At this step, with these steps done before.
fn at_step(step: usize, done: &[&str]) -> Stage {
    let mut stage = Stage::at_work(80, 24);
    let done = done.iter().map(|id| (*id).to_owned()).collect();
    let progress = Progress { lesson: lesson().id.clone(), step, done, ..Progress::default() };
    stage.send([Msg::LessonOpened { lesson: lesson(), step, progress }]).take();
    stage
}

#[test]
fn what_would_be_lost_is_asked_for() {
    // Text that is not saved, on the way out.
    let mut stage = Stage::at_work(60, 16);
    stage.send([edit("edit a", "one\n")]).take();
    assert_eq!(stage.press("x Ctrl-Q").take(), [], "{}", stage.picture());
    assert!(stage.picture().contains("Esc stay"), "{}", stage.picture());
    stage.press("Esc");
    assert!(stage.world.over::<Editor>().is_some_and(Editor::is_changed), "{}", stage.picture());
    assert!(matches!(stage.press("Ctrl-Q Enter").take().as_slice(), [Effect::SaveFile { .. }]));
    assert_eq!(stage.send([Msg::FileSaved { path: "pod.yaml".into() }]).take(), [Effect::Quit]);
    for (keys, content) in [("x Ctrl-Q Ctrl-Q", "one\n"), ("x Esc Ctrl-Q Ctrl-Q", "one\n"), ("Ctrl-Q", "one\n")] {
        let mut stage = Stage::at_work(80, 24);
        stage.send([edit("edit a", content)]).take();
        assert_eq!(stage.press(keys).take(), [Effect::Quit], "{keys}");
    }
    // What was made in the lesson, by going back.
    let back = |stage: &mut Stage| matches!(stage.take().as_slice(), [Effect::OpenLesson { step: 0, .. }]);
    let mut stage = at_step(1, &["who"]);
    assert!(back(stage.press("F9")));
    let mut stage = at_step(1, &["who"]);
    stage.run("echo hi > d.txt", "", "", 0).take();
    assert!(!back(stage.press("F9")) && stage.picture().contains("Go back a step?"), "{}", stage.picture());
    assert!(!back(stage.press("Esc")) && back(stage.press("F9 Enter")));
    // A line that was typed and not run.
    let mut stage = Stage::at_work(80, 24);
    stage.type_text("kubectl get").take();
    assert_eq!(stage.press("Ctrl-Q").take(), [Effect::SaveHistory("kubectl get".into()), Effect::Quit]);
    // Lines that were to be run after one that was stopped.
    let mut stage = Stage::at_work(80, 24);
    stage.type_text("watch x").press("Enter").type_text("echo 1").press("Enter").type_text("echo 2").press("Ctrl-C");
    stage.send([Msg::CommandDone { status: 130, line: "watch x".into(), requests: Vec::new() }]);
    assert_eq!(stage.world.panes.terminal.prompt.text(), "echo 1\necho 2");
}

#[test]
fn a_lesson_with_steps_left_out_is_not_done() {
    let mut stage = at_step(1, &[]);
    stage.press("F3");
    assert!(stage.picture().contains("This is the last step, and it is not done."), "{}", stage.picture());
    stage.send([Msg::Checks { step: "files".into(), passed: vec![true], near: Vec::new() }]);
    let picture = stage.picture();
    assert!(picture.contains("Step 1 was skipped.") && !picture.contains("lesson is done"), "{picture}");
    let mut stage = at_step(1, &["who"]);
    stage.send([Msg::Checks { step: "files".into(), passed: vec![true], near: Vec::new() }]);
    assert!(stage.picture().contains("lesson is done"), "{}", stage.picture());
}

#[test]
fn the_list_of_lessons_is_whole_or_says_what_is_not_seen() {
    for (lessons, (width, height)) in [6, 14, 60].into_iter().flat_map(|lessons| SIZES.map(|size| (lessons, size))) {
        for selected in [0, lessons / 2, lessons - 1] {
            let card = |at: usize| Card {
                id: format!("l{at}"),
                title: format!("Let the dashboard in again, {at:02}"),
                minutes: 12,
                done: vec![false; 8],
                ..Card::default()
            };
            let mut stage = Stage::new(width, height);
            let lessons: Vec<Card> = (0..lessons).map(card).collect();
            let (count, tally) = (lessons.len(), Tally::default());
            stage.send([Msg::Course { lessons, selected, tally, wish: Default::default() }]);
            let picture = stage.picture();
            let seen = picture.matches("in again, ").count();
            assert_eq!(picture.matches("not started").count(), seen, "{width}×{height}:\n{picture}");
            assert!(picture.contains(&format!("▸ {}  Let", selected + 1)), "{width}×{height}:\n{picture}");
            let beyond: usize = picture
                .lines()
                .filter(|line| line.ends_with(" more"))
                .filter_map(|line| line.split_whitespace().nth(1)?.parse::<usize>().ok())
                .sum();
            assert_eq!(seen + beyond, count, "{width}×{height}:\n{picture}");
            assert!(count > 6 || beyond == 0, "{width}×{height}:\n{picture}");
        }
    }
}

#[test]
fn the_help_is_about_what_has_the_keys() {
    let mut stage = Stage::at_work(80, 24);
    stage.press("F1");
    assert!(stage.picture().contains("Letters always type at the prompt"), "{}", stage.picture());
    stage.press("Esc F10 F1");
    let picture = stage.picture();
    assert!(picture.contains("letters are commands") && picture.contains("begin the lesson again"), "{picture}");
    assert!(!picture.contains("look back on the course"), "{picture}");
    stage.press("Tab");
    assert!(offered(&stage).contains(&"go back"));
    let mut all = String::new();
    for _ in 0..20 {
        all += &stage.picture();
        stage.press("PageDown");
    }
    let here = all.find("The course list · works here").expect("where one is");
    let (works, others) = all[here..].split_once("not now:").expect("what does nothing");
    assert!(works.contains("begin the lesson again") && others.contains("look back on the course"), "{all}");
    let mut stage = Stage::at_work(80, 24);
    stage.send([edit("edit a", "one\n")]).press("F1");
    assert!(stage.picture().contains("save the file and close"), "{}", stage.picture());
}

#[test]
fn a_question_is_answered_by_who_means_to() {
    let is_picked = |stage: &Stage| stage.world.lesson.as_ref().unwrap().asking.unwrap().picked.is_some();
    // A number that no answer has is no letter for the prompt.
    let mut stage = Stage::asked(80, 24);
    stage.press("5 0");
    assert!(stage.world.panes.terminal.prompt.is_empty() && stage.picture().contains("the numbers 1 to 2"));
    stage.press("2 Enter");
    assert!(is_picked(&stage), "{}", stage.picture());
    // Enter is for what was typed or pasted, however often.
    for paste in [false, true] {
        let mut stage = Stage::asked(80, 24);
        if paste {
            stage.send([Msg::Paste("ls".into())])
        } else {
            stage.type_text("ls")
        };
        stage.press("Enter Enter Enter");
        assert!(!is_picked(&stage) && !offered(&stage).contains(&"that one"), "{}", stage.picture());
        assert!(!stage.picture().contains("its number chooses"), "{}", stage.picture());
        stage.press("Down Enter");
        assert!(is_picked(&stage), "{}", stage.picture());
    }
    // A key of the step says what comes first, once.
    let mut stage = Stage::asked(80, 24);
    stage.press("F2 F2 F7 Alt-Z");
    assert_eq!(stage.picture().matches("· The question comes first").count(), 1, "{}", stage.picture());
    // What is hidden is not seen, and takes no keys.
    stage.press("Tab Tab");
    assert!(matches!(stage.world.focus, Focus::Pane(_)), "{}", stage.picture());
    assert!(!offered(&stage).contains(&"look into it"), "{:?}", offered(&stage));
}

#[test]
fn a_key_that_has_nothing_to_do_says_so() {
    for (key, say) in
        [("F4", "no error"), ("F7", "is not long"), ("F9", "the first step"), ("F2", "stands in the lesson")]
    {
        let mut stage = Stage::at_work(80, 24);
        stage.take();
        assert_eq!(stage.press(key).take(), []);
        assert!(stage.picture().contains(say), "{key}:\n{}", stage.picture());
    }
}

#[test]
fn enter_says_what_it_does() {
    let mut stage = Stage::at_work(80, 24);
    stage.press("Enter");
    assert!(stage.picture().contains("It is on the prompt") && offered(&stage).contains(&"run"), "{}", stage.picture());
    stage.press("Esc").type_text("ls");
    assert!(stage.picture().contains("once Esc has emptied it"), "{}", stage.picture());
    for line in ["echo 'a", "cat <<EOF", "ls \\"] {
        stage.press("Esc").type_text(line);
        let labels = offered(&stage);
        assert!(labels.contains(&"next row") && !labels.contains(&"run"), "{line}: {labels:?}");
    }
}

#[test]
fn what_is_looked_for_by_name_is_found_once() {
    for mut stage in [Stage::at_work(80, 24), Stage::asked(80, 24)] {
        stage.press("Ctrl-P").type_text("undo");
        let picture = stage.picture();
        assert!(picture.contains("undo the last command") && !picture.contains("what is:"), "{picture}");
        stage.press("Esc Alt-W");
        assert!(stage.picture().contains("here"), "{}", stage.picture());
    }
}

#[test]
fn a_remark_is_said_once_and_stays_out_of_what_is_read() {
    let mut stage = Stage::at_work(80, 24);
    stage.press("F2 F2 F2 F2 F2 F2");
    assert_eq!(stage.picture().matches("The command stands in the lesson.").count(), 1, "{}", stage.picture());
    stage.run("ls", &"pods\n".repeat(80), "", 0);
    stage.send([Msg::Checks { step: "who".into(), passed: vec![true, true], near: Vec::new() }]).press("F7 End");
    let read = stage.world.over::<Reader>().unwrap().copied(&stage.world).unwrap();
    assert!(read.contains("pods") && !read.contains("is done"), "{read}");
    let mut stage = Stage::new(12, 4);
    stage.send([]);
    assert!(stage.picture().contains("60 × 16"), "{}", stage.picture());
}
