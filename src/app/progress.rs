//! The learner's progress on disk: each event is added to what the file holds by then, so that two windows of one learner
//! lose nothing to each other; a damaged file is set aside.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::base::Ids;
use crate::course::{Lesson, Progress, ProgressEvent};
use crate::tui;

use super::home::{Home, HomeError};

const FILE: &str = "progress.json";
/// Who holds this file may write the other one.
const LOCK: &str = "progress.lock";

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
        let (mut progress, damaged) = match text.as_deref().map(Progress::from_json) {
            None => (Progress::default(), None),
            Some(Ok(progress)) => (progress, None),
            Some(Err(damage)) => {
                let aside = home.set_aside(FILE, now)?;
                (Progress::default(), Some(Damaged { aside, why: damage.to_string() }))
            }
        };
        // Written down with the first event; who only looks leaves nothing.
        progress.seed.get_or_insert_with(|| Ids::fresh().between(1, u64::from(u32::MAX)));
        Ok((Self { home, progress }, damaged))
    }

    /// Adds an event to what the file holds now, and knows then what others did meanwhile.
    ///
    /// # Errors
    /// When it cannot be written. What is known here holds the event all the same.
    pub fn record(&mut self, event: ProgressEvent) -> Result<(), HomeError> {
        let lock = self.home.lock(LOCK);
        let held = self.home.read(FILE).ok().flatten().and_then(|text| Progress::from_json(&text).ok());
        if let Some(mut held) = held {
            held.seed = held.seed.or(self.progress.seed);
            self.progress = held;
        }
        self.progress.record(event);
        let _lock = lock?;
        self.home.write(FILE, &self.progress.to_json())
    }

    /// What the screen knows of a lesson when it opens.
    pub fn of(&self, lesson: &Lesson, step: usize) -> tui::Progress {
        let known = self.progress.lesson(&lesson.id);
        tui::Progress {
            lesson: lesson.id.clone(),
            step,
            done: self.done(lesson),
            predicted: known.predictions,
            hints: known.hints,
            seed: self.progress.seed.unwrap_or_default(),
            round: known.rounds,
        }
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
                round: known.rounds,
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

#[cfg(test)]
mod tests {
    use super::{FILE, Home, Kept, ProgressEvent, Timestamp};
    use crate::course::Prediction;

    fn done(step: &str) -> ProgressEvent {
        ProgressEvent::Done { lesson: "a".to_owned(), step: step.to_owned() }
    }

    #[test]
    fn two_windows_lose_nothing_to_each_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let open = || {
            let home = Home::at(folder.path().to_owned()).expect("made");
            Kept::read(home, Timestamp::UNIX_EPOCH).expect("read").0
        };
        let (mut one, mut other) = (open(), open());
        one.record(done("one")).expect("kept");
        other.record(done("two")).expect("kept");
        let prediction = Prediction { answer: 1, sure: true };
        let predicted =
            |prediction| ProgressEvent::Predicted { lesson: "a".to_owned(), step: "one".to_owned(), prediction };
        one.record(predicted(prediction)).expect("kept");
        other.record(predicted(Prediction { answer: 0, sure: false })).expect("kept");
        for (window, step) in [(&mut one, "three"), (&mut other, "four")] {
            window
                .record(ProgressEvent::Hints { lesson: "a".to_owned(), step: step.to_owned(), opened: 2 })
                .expect("kept");
        }
        let (seed, known) = (one.progress.seed, open().progress);
        assert_eq!(known.seed, seed, "the first to write draws the seed");
        let lesson = known.lesson("a");
        assert_eq!(lesson.done, ["one".to_owned(), "two".to_owned()].into());
        assert_eq!(lesson.predictions["one"], prediction, "the first answer counts");
        assert_eq!(lesson.hints.len(), 2);
    }

    #[test]
    fn writers_at_once_lose_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        std::thread::scope(|scope| {
            for window in 0..4 {
                let folder = folder.path().to_owned();
                scope.spawn(move || {
                    let home = Home::at(folder).expect("made");
                    let mut kept = Kept::read(home, Timestamp::UNIX_EPOCH).expect("read").0;
                    for step in 0..10 {
                        kept.record(done(&format!("{window}-{step}"))).expect("kept");
                    }
                });
            }
        });
        let home = Home::at(folder.path().to_owned()).expect("made");
        let kept = Kept::read(home, Timestamp::UNIX_EPOCH).expect("read").0;
        assert_eq!(kept.progress.lesson("a").done.len(), 40);
    }

    #[test]
    fn progress_of_earlier_releases_counts() {
        let folder = tempfile::tempdir().expect("a folder");
        let home = Home::at(folder.path().to_owned()).expect("made");
        let old = r#"{"version": 1, "last": "a", "lessons": {"a": {"step": "two", "done": ["one"], "hints": {},
            "predictions": {"one": 2}, "finished": false}}}"#;
        home.write(FILE, old).expect("written");
        let (mut kept, damaged) = Kept::read(home, Timestamp::UNIX_EPOCH).expect("read");
        assert!(damaged.is_none());
        kept.record(done("two")).expect("kept");
        let lesson = kept.progress.lesson("a");
        assert_eq!(lesson.done.len(), 2);
        assert_eq!(lesson.predictions["one"], Prediction { answer: 2, sure: false });
    }
}
