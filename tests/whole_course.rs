//! The whole course worked by keys in the real program: guided and on one's own, on a small screen and a large one. It
//! takes minutes, so it runs when it is asked for: `cargo test --test all whole_course -- --ignored`.

use std::path::Path;

use sa_tutor::course::{self, Lesson, Wish};

use crate::support::tutor::{Tutor, elsewhere};

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

fn work(lesson: &Lesson, wish: Wish, width: u16, height: u16) {
    let home = tempfile::tempdir().expect("a folder");
    let support = serde_json::to_value(wish).expect("a word");
    let progress = serde_json::json!({"version": 1, "support": support, "lessons": {}});
    std::fs::write(home.path().join("progress.json"), progress.to_string()).expect("written");
    let kubeconfig = home.path().join("kubeconfig");
    let mut tutor = Tutor::start(home.path(), width, height, &["learn", &lesson.id]);
    for (at, step) in lesson.steps.iter().enumerate() {
        tutor.wait_for(&format!("step {} of {} ──", at + 1, lesson.steps.len()));
        tutor.wait_for_file(&kubeconfig, "current-context");
        if step.predict.is_some() {
            // The question comes alone, with all its answers in view; it is answered wrongly, rightly, or passed over.
            tutor.wait_for("Esc passes");
            assert!(!tutor.screen().contents().contains("▸ Do"), "{}", tutor.screen().contents());
            for number in 1..=step.predict.as_ref().map_or(0, |predict| predict.answers.len()) {
                let contents = tutor.screen().contents();
                assert!(contents.contains(&format!(" {number} ")), "answer {number} is not in view:\n{contents}");
            }
            tutor.press("2\r");
            tutor.wait_for("Are you sure?");
            tutor.press("1\r");
        }
        tutor.wait_for("▸ Do");
        let solution = step.solution();
        for line in &solution {
            tutor.wait_for("$ █");
            let first: String = line.chars().take(20).collect();
            // On one's own nothing is put there: it is typed.
            tutor.press(if wish == Wish::Guided { "\r" } else { line });
            tutor.wait_for(&format!("$ {first}"));
            if wish == Wish::Guided {
                let last: String = line.chars().rev().take(8).collect::<Vec<_>>().into_iter().rev().collect();
                let squeezed = |text: &str| text.split_whitespace().collect::<String>();
                let contents = squeezed(&tutor.screen().contents());
                assert!(contents.contains(&squeezed(&last)), "{line} is offered:\n{}", tutor.screen().contents());
            }
            tutor.press("\r");
            at_rest(&mut tutor, &kubeconfig);
        }
        let done = if at + 1 == lesson.steps.len() {
            "The lesson is done".to_owned()
        } else {
            format!("Step {} is done", at + 1)
        };
        tutor.wait_for(&done);
        if step.predict.is_some() {
            tutor.wait_for("You said");
        }
        tutor.press("\u{1b}OR");
    }
    tutor.press("\u{11}");
    tutor.wait_for_end(0);
}

fn lessons() -> Vec<Lesson> {
    let (lessons, _) = course::load(&course::embedded());
    lessons.iter().map(|lesson| lesson.for_cluster("default", "my-kubernetes-dashboard")).collect()
}

#[test]
#[ignore = "works six lessons by keys, for minutes: `cargo test --test all whole_course -- --ignored`"]
fn guided() {
    for lesson in lessons() {
        SIZES.iter().for_each(|(width, height)| work(&lesson, Wish::Guided, *width, *height));
    }
}

#[test]
#[ignore = "works six lessons by keys, for minutes: `cargo test --test all whole_course -- --ignored`"]
fn on_ones_own() {
    for lesson in lessons() {
        SIZES.iter().for_each(|(width, height)| work(&lesson, Wish::Alone, *width, *height));
    }
}
