//! Whole lessons in the real program: one by keys, one by the mouse alone, and the whole course by keys, guided and on one's
//! own, on a small screen and a large one. The course takes minutes, so it runs when it is asked for:
//! `cargo test --test all whole_course -- --ignored`.

use std::path::Path;

use sa_tutor::course::{self, Lesson, Wish};

use crate::support::tutor::{Tutor, elsewhere};

/// What a learner works with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hand {
    Keys,
    Mouse,
}

impl Hand {
    /// Presses the keys, or clicks the words that stand for them.
    fn does(self, tutor: &mut Tutor, keys: &str, words: &str) {
        match self {
            Self::Keys => tutor.press(keys),
            Self::Mouse => tutor.click(words),
        }
    }
}

const SIZES: [(u16, u16); 2] = [(80, 24), (200, 50)];

/// Waits until the last line has ended and the pods have stopped moving, as a person does.
fn at_rest(tutor: &mut Tutor, kubeconfig: &Path) {
    tutor.wait_for("$ █");
    let mut pods = String::new();
    tutor.wait_until("the pods are at rest", || {
        pods = elsewhere(kubeconfig, "get pods");
        !["Pending", "ContainerCreating", "Terminating"].iter().any(|moving| pods.contains(moving))
    });
}

fn work(lesson: &Lesson, wish: Wish, hand: Hand, (width, height): (u16, u16)) {
    let home = tempfile::tempdir().expect("a folder");
    let support = serde_json::to_value(wish).expect("a word");
    let progress = serde_json::json!({"version": 1, "support": support, "lessons": {}});
    std::fs::write(home.path().join("progress.json"), progress.to_string()).expect("written");
    let kubeconfig = home.path().join("kubeconfig");
    let mut tutor = Tutor::start(home.path(), width, height, &["learn", &lesson.id]);
    for (at, step) in lesson.steps.iter().enumerate() {
        tutor.wait_for(&format!("step {} of {} ──", at + 1, lesson.steps.len()));
        tutor.wait_for_file(&kubeconfig, "current-context");
        if let Some(predict) = &step.predict {
            // The question comes alone, with all its answers in view; it is answered wrongly, rightly, or passed over.
            tutor.wait_for("Esc passes");
            assert!(!tutor.screen().contents().contains("▸ Do"), "{}", tutor.screen().contents());
            for number in 1..=predict.answers.len() {
                let contents = tutor.screen().contents();
                assert!(contents.contains(&format!(" {number} ")), "answer {number} is not in view:\n{contents}");
            }
            for shown in ["Esc passes", "Are you sure?"] {
                tutor.wait_for(shown);
                hand.does(&mut tutor, "2", "  2 ");
                tutor.wait_for("▸ 2 ");
                hand.does(&mut tutor, "\r", "that one");
            }
        }
        tutor.wait_for("▸ Do");
        let solution = step.solution();
        for line in &solution {
            tutor.wait_for("$ █");
            let first: String = line.chars().take(20).collect();
            // On one's own nothing is put there: it is typed.
            hand.does(&mut tutor, if wish == Wish::Guided { "\r" } else { line }, "to prompt");
            tutor.wait_for(&format!("$ {first}"));
            if wish == Wish::Guided {
                let last: String = line.chars().rev().take(8).collect::<Vec<_>>().into_iter().rev().collect();
                let squeezed = |text: &str| text.split_whitespace().collect::<String>();
                let contents = squeezed(&tutor.screen().contents());
                assert!(contents.contains(&squeezed(&last)), "{line} is offered:\n{}", tutor.screen().contents());
            }
            hand.does(&mut tutor, "\r", "⏎ run");
            at_rest(&mut tutor, &kubeconfig);
        }
        let done = if at + 1 == lesson.steps.len() {
            "The lesson is done".to_owned()
        } else {
            format!("Step {} is done", at + 1)
        };
        tutor.wait_for(&done);
        if step.predict.is_some() {
            tutor.wait_for("You guessed");
        }
        hand.does(&mut tutor, "\u{1b}OR", "F3 next");
    }
    hand.does(&mut tutor, "\u{11}", "Ctrl-Q quit");
    tutor.wait_for_end(0);
}

fn lessons() -> Vec<Lesson> {
    let (lessons, _) = course::load(&course::embedded());
    lessons.iter().map(|lesson| lesson.for_cluster("default", "my-kubernetes-dashboard")).collect()
}

#[test]
fn a_lesson_by_keys() {
    work(&lessons()[0], Wish::Guided, Hand::Keys, (80, 24));
}

#[test]
fn a_lesson_by_the_mouse_alone() {
    work(&lessons()[0], Wish::Guided, Hand::Mouse, (120, 36));
}

#[test]
#[ignore = "works six lessons by keys, for minutes: `cargo test --test all whole_course -- --ignored`"]
fn guided() {
    for lesson in lessons() {
        SIZES.iter().for_each(|size| work(&lesson, Wish::Guided, Hand::Keys, *size));
    }
}

#[test]
#[ignore = "works six lessons by keys, for minutes: `cargo test --test all whole_course -- --ignored`"]
fn on_ones_own() {
    for lesson in lessons() {
        SIZES.iter().for_each(|size| work(&lesson, Wish::Alone, Hand::Keys, *size));
    }
}
