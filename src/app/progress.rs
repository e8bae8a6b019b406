//! The learner's progress on disk: read once, written at each change, set aside when it is damaged.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::course::{Lesson, Progress, ProgressEvent};
use crate::tui;

use super::home::{Home, HomeError};

const FILE: &str = "progress.json";

/// The learner's progress, kept in the state directory.
pub struct Kept {
    home: Home,
    /// What is known now.
    pub progress: Progress,
}

/// A progress file that could not be read: where it is now, and what was wrong with it.
pub struct Damaged {
    /// Its new name.
    pub aside: PathBuf,
    /// What was wrong.
    pub why: String,
}

impl Kept {
    /// Reads the progress. A damaged file is set aside, and the course begins anew.
    ///
    /// # Errors
    /// When the file can be neither read nor set aside.
    pub fn read(home: Home, now: Timestamp) -> Result<(Self, Option<Damaged>), HomeError> {
        let text = home.read(FILE)?;
        let (progress, damaged) = match text.as_deref().map(Progress::from_json) {
            None => (Progress::default(), None),
            Some(Ok(progress)) => (progress, None),
            Some(Err(damage)) => {
                let aside = home.set_aside(FILE, now)?;
                (Progress::default(), Some(Damaged { aside, why: damage.to_string() }))
            }
        };
        Ok((Self { home, progress }, damaged))
    }

    /// Takes over where the learner is in a lesson, and writes it down.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn record(&mut self, lesson: &Lesson, now: &tui::Progress) -> Result<(), HomeError> {
        let id = lesson.id.clone();
        if let Some(step) = lesson.steps.get(now.step) {
            self.progress.record(ProgressEvent::Opened { lesson: id.clone(), step: step.id.clone() });
        }
        for step in &now.done {
            self.progress.record(ProgressEvent::Done { lesson: id.clone(), step: step.clone() });
        }
        if lesson.steps.iter().all(|step| now.done.contains(&step.id)) {
            self.progress.record(ProgressEvent::Finished { lesson: id });
        }
        self.home.write(FILE, &self.progress.to_json())
    }

    /// The course list: each lesson with what is done, and which one to go on with.
    pub fn cards(&self, lessons: &[Lesson]) -> (Vec<tui::msg::Card>, usize) {
        let card = |lesson: &Lesson| {
            let known = self.progress.lesson(&lesson.id);
            let done: Vec<bool> = lesson.steps.iter().map(|step| known.done.contains(&step.id)).collect();
            tui::msg::Card {
                id: lesson.id.clone(),
                title: lesson.title.clone(),
                minutes: lesson.minutes,
                step: self.step_to_go_on(lesson),
                done,
                summary: lesson.summary.clone(),
            }
        };
        let cards: Vec<tui::msg::Card> = lessons.iter().map(card).collect();
        let is_open = |card: &&tui::msg::Card| card.done.iter().any(|done| !done);
        let last = self.progress.last.as_ref().and_then(|last| cards.iter().position(|card| card.id == *last));
        let unfinished_last = last.filter(|at| cards.get(*at).as_ref().is_some_and(is_open));
        let next = || {
            cards.iter().enumerate().skip(last.map_or(0, |at| at + 1)).find(|(_, card)| is_open(card)).map(|(at, _)| at)
        };
        let any = || cards.iter().position(|card| is_open(&card));
        let selected = unfinished_last.or_else(next).or_else(any).or(last).unwrap_or(0);
        (cards, selected)
    }

    /// Where to go on in a lesson: the step last open, or the first one not done; the start once all are done.
    pub fn step_to_go_on(&self, lesson: &Lesson) -> usize {
        let known = self.progress.lesson(&lesson.id);
        let is_done = |at: usize| lesson.steps.get(at).is_some_and(|step| known.done.contains(&step.id));
        let last = known.step.and_then(|step| lesson.steps.iter().position(|candidate| candidate.id == step));
        let first_open = (0..lesson.steps.len()).find(|at| !is_done(*at));
        match (last, first_open) {
            (_, None) => 0,
            (Some(last), _) if !is_done(last) => last,
            (Some(last), Some(_)) => {
                (last + 1..lesson.steps.len()).find(|at| !is_done(*at)).or(first_open).unwrap_or(0)
            }
            (None, Some(first)) => first,
        }
    }

    /// The names of the steps done, in the lesson's order.
    pub fn done(&self, lesson: &Lesson) -> Vec<String> {
        let known = self.progress.lesson(&lesson.id);
        lesson.steps.iter().filter(|step| known.done.contains(&step.id)).map(|step| step.id.clone()).collect()
    }
}
