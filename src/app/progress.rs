//! The learner's progress on disk: each event is added to what the file holds by then, so that two windows of one learner
//! lose nothing to each other; a damaged file is set aside.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::base::Ids;
use crate::course::{Lesson, Progress, ProgressEvent};
use crate::tui;

use super::home::{Home, HomeError};
use super::library::{Entry, Library};

const FILE: &str = "progress.json";
/// Who holds this file may write the other one.
const LOCK: &str = "progress.lock";

/// The learner's progress, kept in the state directory.
pub struct Kept {
    home: Home,
    /// What is known now.
    pub progress: Progress,
    /// What happened since it could last be written down.
    unwritten: Vec<ProgressEvent>,
}

/// A progress file that could not be read: where it is now, and what was wrong with it.
#[derive(Debug)]
pub struct Damaged {
    /// Its new name.
    pub aside: PathBuf,
    /// What was wrong.
    pub why: String,
}

impl std::fmt::Display for Damaged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (why, aside) = (&self.why, self.aside.display());
        write!(f, "your progress could not be read ({why}); it was set aside as {aside}")
    }
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
        Ok((Self { home, progress, unwritten: Vec::new() }, damaged))
    }

    /// Adds an event to what the file holds now, and knows then what others did meanwhile.
    ///
    /// # Errors
    /// When it cannot be written. What is known here holds the event all the same, and it is written with the next.
    ///
    /// A file that somebody damaged meanwhile, or that a later sa-tutor wrote, is set aside first, and named.
    pub fn record(&mut self, event: ProgressEvent, now: Timestamp) -> Result<Option<Damaged>, HomeError> {
        self.progress.record(event.clone());
        self.unwritten.push(event);
        let _lock = self.home.lock(LOCK)?;
        let mut damaged = None;
        match self.home.read(FILE)?.as_deref().map(Progress::from_json) {
            None => {}
            Some(Ok(mut held)) => {
                held.seed = held.seed.or(self.progress.seed);
                self.unwritten.iter().for_each(|event| held.record(event.clone()));
                self.progress = held;
            }
            Some(Err(damage)) => {
                let aside = self.home.set_aside(FILE, now)?;
                damaged = Some(Damaged { aside, why: damage.to_string() });
            }
        }
        self.home.write(FILE, &self.progress.to_json())?;
        self.unwritten.clear();
        Ok(damaged)
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
    pub fn cards(&self, library: &Library) -> (Vec<tui::msg::Card>, usize) {
        let cards: Vec<tui::msg::Card> = library.entries().iter().map(|entry| self.card(entry)).collect();
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

    /// What was done in our own course.
    pub fn tally(&self, library: &Library) -> tui::msg::Tally {
        let mut tally = tui::msg::Tally::default();
        let own = library.entries().iter().filter(|entry| entry.course.is_empty());
        for lesson in own.filter_map(|entry| entry.lesson.as_ref().ok()) {
            let known = self.progress.lesson(&lesson.id);
            let known = known.first_time();
            tally.lessons += 1;
            tally.steps += lesson.steps.iter().filter(|step| known.done.contains(&step.id)).count();
            for (step, prediction) in &known.predictions {
                let predict = lesson.step(step).and_then(|(_, step)| step.predict.as_ref());
                let Some(answer) = predict.and_then(|predict| predict.answers.get(prediction.answer)) else { continue };
                tally.predicted += 1;
                tally.right += usize::from(answer.right);
                tally.sure_and_wrong += usize::from(prediction.sure && !answer.right);
            }
        }
        tally
    }

    fn card(&self, entry: &Entry) -> tui::msg::Card {
        let (course, id) = (entry.course.clone(), entry.id());
        let lesson = match &entry.lesson {
            Ok(lesson) => lesson,
            Err(fault) => {
                let title = fault.file.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
                return tui::msg::Card {
                    course,
                    id,
                    title,
                    fault: Some(fault.to_string()),
                    ..tui::msg::Card::default()
                };
            }
        };
        let known = self.progress.lesson(&lesson.id);
        tui::msg::Card {
            course,
            fault: None,
            about: lesson.about.clone(),
            id,
            title: lesson.title.clone(),
            minutes: lesson.minutes,
            step: self.step_to_go_on(lesson),
            done: lesson.steps.iter().map(|step| known.done.contains(&step.id)).collect(),
            summary: lesson.summary.clone(),
            round: known.rounds,
        }
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
    use super::{FILE, Home, Kept, Library, ProgressEvent, Timestamp};
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
        one.record(done("one"), Timestamp::UNIX_EPOCH).expect("kept");
        other.record(done("two"), Timestamp::UNIX_EPOCH).expect("kept");
        let prediction = Prediction { answer: 1, sure: true };
        let predicted =
            |prediction| ProgressEvent::Predicted { lesson: "a".to_owned(), step: "one".to_owned(), prediction };
        one.record(predicted(prediction), Timestamp::UNIX_EPOCH).expect("kept");
        other.record(predicted(Prediction { answer: 0, sure: false }), Timestamp::UNIX_EPOCH).expect("kept");
        for (window, step) in [(&mut one, "three"), (&mut other, "four")] {
            window
                .record(
                    ProgressEvent::Hints { lesson: "a".to_owned(), step: step.to_owned(), opened: 2 },
                    Timestamp::UNIX_EPOCH,
                )
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
                        kept.record(done(&format!("{window}-{step}")), Timestamp::UNIX_EPOCH).expect("kept");
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
        kept.record(done("two"), Timestamp::UNIX_EPOCH).expect("kept");
        let lesson = kept.progress.lesson("a");
        assert_eq!(lesson.done.len(), 2);
        assert_eq!(lesson.predictions["one"], Prediction { answer: 2, sure: false });
    }

    #[test]
    fn practice_counts_for_itself() {
        let folder = tempfile::tempdir().expect("a folder");
        let home = Home::at(folder.path().to_owned()).expect("made");
        let mut kept = Kept::read(home.clone(), Timestamp::UNIX_EPOCH).expect("read").0;
        let lesson = "create-service-account".to_owned();
        let said = |answer| ProgressEvent::Predicted {
            lesson: lesson.clone(),
            step: "no-users".to_owned(),
            prediction: Prediction { answer, sure: true },
        };
        let library = Library::read(Vec::new()).expect("read");
        let steps = ["no-users", "already-there"]
            .map(|step| ProgressEvent::Done { lesson: lesson.clone(), step: step.to_owned() });
        let restarted = |round| ProgressEvent::Restarted { lesson: lesson.clone(), round };
        let finished = ProgressEvent::Finished { lesson: lesson.clone() };
        for event in steps.into_iter().chain([said(0), finished.clone()]) {
            kept.record(event, Timestamp::UNIX_EPOCH).expect("kept");
        }
        let before = kept.tally(&library);
        for event in [restarted(1), said(1), finished, restarted(2), said(2)] {
            kept.record(event, Timestamp::UNIX_EPOCH).expect("kept");
        }
        assert_eq!((before.steps, before.predicted), (2, 1));
        assert_eq!(kept.tally(&library), before, "the first time is what counts");
        let again = Kept::read(home, Timestamp::UNIX_EPOCH).expect("read").0;
        assert_eq!(again.tally(&library), before);
        assert!(again.progress.lesson(&lesson).done.is_empty());
    }

    #[test]
    fn what_cannot_be_read_is_never_written_over() {
        for (text, why) in [("{\"version\": 1, \"less", "line 1"), ("{\"version\": 99}", "written in version 99")] {
            let folder = tempfile::tempdir().expect("a folder");
            let home = Home::at(folder.path().to_owned()).expect("made");
            let mut kept = Kept::read(home.clone(), Timestamp::UNIX_EPOCH).expect("read").0;
            assert!(kept.record(done("one"), Timestamp::UNIX_EPOCH).expect("kept").is_none());
            // Twice within a second: each has a name of its own.
            for _ in 0..2 {
                home.write(FILE, text).expect("written");
                let damaged = kept.record(done("two"), Timestamp::UNIX_EPOCH).expect("kept").expect("set aside");
                assert!(damaged.to_string().contains(why), "{damaged}");
                assert_eq!(std::fs::read_to_string(damaged.aside).expect("read"), text);
            }
            let again = Kept::read(home, Timestamp::UNIX_EPOCH).expect("read").0;
            assert_eq!(again.progress.lesson("a").done.len(), 2, "what was known here is kept");
            assert_eq!(std::fs::read_dir(folder.path()).expect("read").count(), 4, "two aside, one in use, its lock");
        }
    }
}
