//! The course as lines: a whole lesson through a pipe, garbage, a person at a plain terminal, and the words for everything.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use jiff::Timestamp;
use sa_tutor::course::{self, Lesson};
use sa_tutor::tui::linear::{ORDERS, Said, Teller, sentence};
use sa_tutor::tui::msg::{Card, Tally};
use sa_tutor::tui::{Msg, World};

use crate::support::tutor::Tutor;

/// Runs the tutor with these lines as its input.
fn piped(home: &Path, args: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sa-tutor"))
        .env("SA_TUTOR_HOME", home)
        .env("LANG", "C.UTF-8")
        .env_remove("LC_ALL")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    child.stdin.take().expect("a pipe").write_all(input).expect("written");
    child.wait_with_output().expect("it ends")
}

/// Nothing that a terminal would act on.
#[track_caller]
fn expect_plain(output: &Output) -> String {
    let said = String::from_utf8(output.stdout.clone()).expect("text");
    let bad: Vec<char> = said.chars().filter(|c| c.is_control() && !matches!(c, '\n' | '\t')).collect();
    assert!(bad.is_empty(), "{bad:?} in:\n{said}");
    assert_eq!(output.status.code(), Some(0), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    said
}

fn lessons() -> Vec<Lesson> {
    let (lessons, _) = course::load(&course::embedded());
    lessons.iter().map(|lesson| lesson.for_cluster("default", "my-kubernetes-dashboard")).collect()
}

/// A lesson as it would be typed: an answer to each question, the recorded solution, and on.
fn script(lesson: &Lesson) -> String {
    let mut lines = Vec::new();
    for step in &lesson.steps {
        if step.predict.is_some() {
            lines.extend(["2".to_owned(), "1".to_owned()]);
        }
        lines.extend(step.solution());
        lines.push(":next".to_owned());
    }
    lines.join("\n")
}

fn work(lesson: &Lesson) {
    let home = tempfile::tempdir().expect("a folder");
    let said = expect_plain(&piped(home.path(), &["learn", &lesson.id, "--linear"], script(lesson).as_bytes()));
    let kept = std::fs::read_to_string(home.path().join("progress.json")).expect("kept");
    let kept: serde_json::Value = serde_json::from_str(&kept).expect("whole");
    let done = kept["lessons"][&lesson.id]["done"].as_array().map_or(0, Vec::len);
    assert_eq!(done, lesson.steps.len(), "{said}");
    for part in
        ["Question: ", "Are you sure?", "Task: ", "Not yet: ", "Done: ", "The lesson is done. You can now answer:"]
    {
        assert!(said.contains(part), "{part} in:\n{said}");
    }
    // No box, and no key that is not there.
    assert!(!said.contains(['─', '│', '┌', '✔', '✘', '○']), "{said}");
    // A token has letters of every kind.
    let words =
        said.lines().filter(|line| !line.contains("eyJ")).flat_map(|line| line.split(|c: char| !c.is_alphanumeric()));
    let keys: Vec<&str> = words.filter(|word| is_key(word)).collect();
    assert!(keys.is_empty(), "{keys:?} in:\n{said}");
}

fn is_key(word: &str) -> bool {
    word.strip_prefix('F').is_some_and(|number| number.parse::<u8>().is_ok_and(|number| (1..=12).contains(&number)))
}

#[test]
fn a_whole_lesson_is_worked_through_a_pipe() {
    work(lessons().iter().find(|lesson| lesson.id == "create-service-account").expect("there"));
}

#[test]
#[ignore = "works six lessons, for minutes: `cargo test --test all linear -- --ignored`"]
fn the_whole_course_is_worked_through_a_pipe() {
    lessons().iter().for_each(work);
}

#[test]
fn the_course_is_chosen_from_by_number_and_gone_on_with() {
    let home = tempfile::tempdir().expect("a folder");
    let said = expect_plain(&piped(home.path(), &["--linear"], b"what\n77\n1\n0\nkubectl get users\n:quit\n"));
    assert!(said.contains("1. Create a service account, 6 minutes, not started\n"), "{said}");
    assert!(said.contains("That is no number of a lesson.") && said.contains("There is no such lesson."), "{said}");
    assert!(said.contains("Done: you asked for users"), "{said}");
    // A kill or the end of the input loses nothing: what was done is listed, and gone on with.
    let said = expect_plain(&piped(home.path(), &["--linear"], b":next\n"));
    assert!(said.contains("1. Create a service account, 6 minutes, 1 of 7 steps done\n"), "{said}");
    assert!(said.contains("Create a service account. Step 2 of 7.\n"), "{said}");
}

#[test]
fn wrong_lines_and_hostile_output_do_no_harm() {
    let home = tempfile::tempdir().expect("a folder");
    let mut input = b"0\n\n:nxt\nx\x1b[Ay\n\0\n\xff\xfe\n".to_vec();
    input.extend(b"printf '\\033[2J\\033]0;title\\007\\r\\233'\n");
    input.extend(b"kubectl annotate sa default x=\"$(printf '\\033[31m')\"; kubectl get sa default -o yaml; kubectl describe sa\n");
    input.extend(std::iter::repeat_n(b'a', 200_000));
    input.extend(b"\ncat > note.txt <<EOF\n:next\n\nEOF\ncat note.txt\nvi note.txt\n1 changed\n.\ncat note.txt\n");
    input.extend(b"kubectl get sa -o jsonpath=nothing-___\n:why\n:token\n:objects\necho 'never ended");
    let said = expect_plain(&piped(home.path(), &["learn", "create-service-account", "--linear"], &input));
    for part in [
        "Did you mean :next?",
        "control characters",
        "no text in UTF-8",
        "longer than 64 kilobytes",
        "␛[2J␛]0;title␇",
        "$ cat note.txt\n:next\n\n",
        "It has 1 line:\n1 :next\n",
        "\nchanged\n",
        "Your last request: ",
        "No token was seen yet",
        "namespace default\n",
        "The input ended within a line that goes on; it was not run.",
    ] {
        assert!(said.contains(part), "{part} in:\n{said}");
    }
}

#[test]
fn a_person_at_a_plain_terminal_stops_commands_and_leaves() {
    let home = tempfile::tempdir().expect("a folder");
    let arguments = ["learn", "create-service-account", "--linear"];
    let mut tutor = Tutor::start_in(home.path(), 80, 24, &arguments, &[("TERM", "dumb")]);
    tutor.wait_for("answer> ");
    tutor.press("0\n");
    tutor.wait_for("\n$ ");
    tutor.press("kubectl get sa -w\n");
    tutor.wait_for("default");
    tutor.press("\u{3}");
    tutor.wait_for("Stopped.\n$ ");
    tutor.press("\u{3}");
    tutor.wait_for("Your place is kept.\n$ ");
    tutor.press("echo 'one\n");
    tutor.wait_for("\n> ");
    tutor.press("\u{3}");
    tutor.wait_for("is dropped.");
    // A command that another terminal could have run turns no check green; this one does, and the line says so.
    tutor.press("kubectl get users\n");
    tutor.wait_for("Step 1 is done.");
    tutor.wait_for("Type :next to go on.\n$ ");
    tutor.press("\u{4}");
    tutor.wait_for_end(0);
    let written = tutor.written();
    assert!(!written.contains('\u{1b}'), "{written}");
    // Prose is cut at words, where the terminal ends.
    assert!(written.lines().all(|line| line.trim_end().chars().count() <= 80), "{written}");
}

/// What was said so far, line by line.
fn lines(teller: &mut Teller) -> Vec<String> {
    teller
        .take()
        .into_iter()
        .map(|said| match said {
            Said::Line(line) | Said::Printed(line) => line,
        })
        .collect()
}

#[test]
fn everything_after_a_colon_answers_wherever_one_is() {
    let mut world = World::new(200, 60_000, Timestamp::UNIX_EPOCH, false, |_| false);
    let card = |id: &str| Card { id: id.into(), title: id.into(), minutes: 5, done: vec![false; 2], ..Card::default() };
    let lessons = vec![card("create-service-account"), card("inspect-the-mount")];
    let mut teller = Teller::new(true, true);
    teller
        .hear(&mut world, Msg::Course { lessons, selected: 0, tally: Tally::default(), wish: course::Wish::default() });
    assert!(lines(&mut teller).contains(&"2. inspect-the-mount, 5 minutes, not started".to_owned()));
    let words: BTreeSet<&str> = ORDERS.iter().map(|order| order.word).chain(["objects", "token", "why"]).collect();
    assert_eq!(words.len(), ORDERS.len() + 3, "each word is one thing");
    let check = |teller: &mut Teller, world: &World, place: &str| {
        for word in &words {
            let msgs = teller.typed(world, &format!(":{word}"));
            let said = lines(teller);
            assert!(!msgs.is_empty() || !said.is_empty(), ":{word} answers nothing {place}");
            let mut unlike = said.clone();
            unlike.dedup();
            assert_eq!(said, unlike, ":{word} says a line twice {place}");
        }
    };
    check(&mut teller, &world, "in the course list");
    for (line, want) in [("help", "With a colon it is for the tutor: :help."), ("what", ":help says what works here.")]
    {
        assert!(teller.typed(&world, line).is_empty());
        let said = lines(&mut teller).join("\n");
        assert!(said.contains(want), "{line}: {said}");
    }
    let lesson = self::lessons().into_iter().next().expect("a lesson");
    teller.hear(&mut world, Msg::LessonOpened { lesson: Box::new(lesson), step: 0, progress: Default::default() });
    check(&mut teller, &world, "at a question");
    // What 0 does is said as it is: of the answers, and once one was picked.
    let said_to = |teller: &mut Teller, world: &mut World, line: &str| {
        for msg in teller.typed(world, line) {
            teller.hear(world, msg);
        }
        lines(teller).join("\n")
    };
    assert!(said_to(&mut teller, &mut world, "x").contains("0 passes"));
    assert!(said_to(&mut teller, &mut world, "1").contains("0 goes back to the answers."));
    for wrong in ["3", "x", ":run"] {
        let said = said_to(&mut teller, &mut world, wrong);
        assert!(said.contains("0 goes back to the answers") && !said.contains("pass"), "{wrong}: {said}");
    }
    assert!(said_to(&mut teller, &mut world, "0").contains("0 passes"));
    for msg in teller.typed(&world, "0") {
        teller.hear(&mut world, msg);
    }
    teller.rest(&world);
    assert!(lines(&mut teller).iter().any(|line| line.starts_with("Task: ")));
    assert_eq!(teller.prompt(&world), "$ ");
    check(&mut teller, &world, "at the prompt");
    world.panes.releases.ran = 1;
    assert!(teller.typed(&world, ":releases").is_empty());
    let said = lines(&mut teller).join("\n");
    assert!(said.contains(":compare runs your commands there") && !said.contains("F5"), "{said}");
    world.panes.releases.ran = 0;
    assert!(teller.typed(&world, ":clock 1h").is_empty());
    let said = lines(&mut teller).join("\n");
    assert!(said.contains("“1h” is left out. :forward 1h moves the clock."), "{said}");
    assert!(teller.typed(&world, ":next").is_empty());
    let said = lines(&mut teller);
    assert_eq!(said.first().map(String::as_str), Some("The step is not done."));
    assert!(said.iter().any(|line| line.starts_with("Not yet: ")), "{said:?}");
    assert!(teller.typed(&world, ":help").is_empty());
    let help = lines(&mut teller).join("\n");
    for word in &words {
        assert!(help.contains(&format!(":{word} ")), ":{word} is in the help");
    }
}

#[test]
fn what_was_done_is_taken_back_and_the_clock_is_moved_by_lines() {
    let home = tempfile::tempdir().expect("a folder");
    let typed = "kubectl create sa builder\n:undo\nkubectl get sa builder\n:redo\nkubectl get sa builder\n:undo\n:undo\n\
                 kubectl run web --image=my-kubernetes-dashboard\n:forward next\n:forward soon\n:clock\n:mount\n";
    let said = expect_plain(&piped(home.path(), &["learn", "inspect-the-mount", "--linear"], typed.as_bytes()));
    let mut rest = said.as_str();
    for want in [
        "Taken back: kubectl create sa builder. :redo does it again.",
        "\"builder\" not found",
        "Done again: kubectl create sa builder.",
        "builder   ",
        "Taken back: kubectl create sa builder.",
        "There is nothing more to take back",
        "The clock went from ",
        "pod web: the kubelet has written a new token, and will again at ",
        "How far?",
        "moved forward by 4",
        "the kubelet renews the token of pod web",
        "pod web",
    ] {
        let at = rest.find(want).unwrap_or_else(|| panic!("`{want}` is not said in its turn:\n{said}"));
        rest = &rest[at + want.len()..];
    }
}

#[test]
fn no_text_of_the_course_names_a_key_that_lines_lack() {
    for lesson in lessons() {
        for step in &lesson.steps {
            let mut texts = vec![&step.text, &step.task, &step.debrief];
            texts.extend(&step.hints);
            texts.extend(step.checks.iter().filter_map(|check| check.hint.as_ref()));
            texts.extend(step.wrong.iter().map(|wrong| &wrong.say));
            for text in texts {
                let said = sentence(text);
                let words = said.split(|c: char| !c.is_alphanumeric());
                let keys: Vec<&str> =
                    words.filter(|word| is_key(word) || matches!(*word, "Esc" | "Tab" | "Alt" | "arrow")).collect();
                assert!(keys.is_empty(), "{keys:?} in {}/{}: {said}", lesson.id, step.id);
            }
        }
    }
}
