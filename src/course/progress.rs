//! What a learner has done, as a value that can be written down and read again. The app keeps the file.
//!
//! Steps go by their names, so that progress survives a lesson that gains a step. No output, no token is kept.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::model::Wish;
use super::quiz::Prediction;

/// The version of the written form.
const VERSION: u32 = 1;

/// Everything a learner has done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// The version of the written form.
    version: u32,
    /// The lesson last open.
    #[serde(default)]
    pub last: Option<String>,
    /// What the order of answers is drawn from: each learner's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// How much of the commands the learner wants to be shown.
    #[serde(default)]
    pub support: Wish,
    /// Lesson → what was done in it.
    #[serde(default)]
    pub lessons: BTreeMap<String, LessonProgress>,
}

/// What a learner has done in one lesson.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LessonProgress {
    /// The step last open.
    #[serde(default)]
    pub step: Option<String>,
    /// Steps whose checks have all been green.
    #[serde(default)]
    pub done: BTreeSet<String>,
    /// Step → how many hints were opened.
    #[serde(default)]
    pub hints: BTreeMap<String, usize>,
    /// Step → what the learner said would happen.
    #[serde(default)]
    pub predictions: BTreeMap<String, Prediction>,
    /// Whether the lesson was ever worked to its end.
    #[serde(default)]
    pub finished: bool,
    /// How often it was begun anew.
    #[serde(default)]
    pub rounds: u32,
    /// What was done and said when it was first worked to its end: practice counts for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<Box<LessonProgress>>,
}

impl LessonProgress {
    /// The first time through, once there was one; else this time.
    pub fn first_time(&self) -> &Self {
        self.first.as_deref().unwrap_or(self)
    }
}

/// Something worth remembering.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// A step was opened.
    Opened {
        /// The lesson.
        lesson: String,
        /// The step.
        step: String,
    },
    /// All of a step's checks were green.
    Done {
        /// The lesson.
        lesson: String,
        /// The step.
        step: String,
    },
    /// So many of a step's hints have been opened by now.
    Hints {
        /// The lesson.
        lesson: String,
        /// The step.
        step: String,
        /// How many.
        opened: usize,
    },
    /// A question was answered. The first answer counts.
    Predicted {
        /// The lesson.
        lesson: String,
        /// The step.
        step: String,
        /// Which answer, and how sure.
        prediction: Prediction,
    },
    /// The learner wants so much of the commands to be shown.
    Support(Wish),
    /// The lesson was worked to its end.
    Finished {
        /// The lesson.
        lesson: String,
    },
    /// The lesson is to be worked again from its first step. That it was finished stays so.
    Restarted {
        /// The lesson.
        lesson: String,
        /// Which time this is, from 1.
        round: u32,
    },
}

/// Why written progress cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// It is not the JSON of progress.
    #[error("line {line}, column {column}: {message}")]
    Unreadable {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What is wrong there.
        message: String,
    },
    /// It was written by a later sa-tutor.
    #[error("it is written in version {0}; this sa-tutor reads version {VERSION}")]
    Later(u32),
}

impl Default for Progress {
    fn default() -> Self {
        Self { version: VERSION, last: None, seed: None, support: Wish::default(), lessons: BTreeMap::new() }
    }
}

impl Progress {
    /// Remembers one event. Remembering it twice changes nothing more.
    pub fn record(&mut self, event: Event) {
        match event {
            Event::Opened { lesson, step } => {
                self.lesson_mut(&lesson).step = Some(step);
                self.last = Some(lesson);
            }
            Event::Done { lesson, step } => {
                self.lesson_mut(&lesson).done.insert(step);
            }
            Event::Hints { lesson, step, opened } => {
                let hints = self.lesson_mut(&lesson).hints.entry(step).or_default();
                *hints = opened.max(*hints);
            }
            Event::Predicted { lesson, step, prediction } => {
                self.lesson_mut(&lesson).predictions.entry(step).or_insert(prediction);
            }
            Event::Support(wish) => self.support = wish,
            Event::Finished { lesson } => self.lesson_mut(&lesson).finished = true,
            Event::Restarted { lesson, round } => {
                let lesson = self.lesson_mut(&lesson);
                if lesson.rounds < round {
                    let before = std::mem::take(lesson);
                    let finished = before.finished;
                    let first = match before.first {
                        None if finished => Some(Box::new(before)),
                        first => first,
                    };
                    *lesson = LessonProgress { finished, rounds: round, first, ..LessonProgress::default() };
                }
            }
        }
    }

    fn lesson_mut(&mut self, lesson: &str) -> &mut LessonProgress {
        self.lessons.entry(lesson.to_owned()).or_default()
    }

    /// What was done in a lesson; nothing, when it was never opened.
    pub fn lesson(&self, lesson: &str) -> LessonProgress {
        self.lessons.get(lesson).cloned().unwrap_or_default()
    }

    /// The written form: JSON that a person can read.
    pub fn to_json(&self) -> String {
        // Maps with text keys, numbers and lists always have a JSON form.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Reads the written form.
    ///
    /// # Errors
    /// When it is damaged, or from a later version.
    pub fn from_json(text: &str) -> Result<Self, Damage> {
        let progress: Self = serde_json::from_str(text).map_err(|error| {
            let message = error.to_string();
            let message = message.split_once(" at line ").map_or(message.as_str(), |(message, _)| message).to_owned();
            Damage::Unreadable { line: error.line().max(1), column: error.column().max(1), message }
        })?;
        if progress.version > VERSION { Err(Damage::Later(progress.version)) } else { Ok(progress) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Damage, Event, Prediction, Progress};
    use proptest::prelude::*;

    fn event() -> impl Strategy<Value = Event> {
        let name = || "[a-c]".prop_map(String::from);
        prop_oneof![
            (name(), name()).prop_map(|(lesson, step)| Event::Opened { lesson, step }),
            (name(), name()).prop_map(|(lesson, step)| Event::Done { lesson, step }),
            (name(), "\\PC*", 0usize..5).prop_map(|(lesson, step, opened)| Event::Hints { lesson, step, opened }),
            (name(), name(), 0usize..5, any::<bool>()).prop_map(|(lesson, step, answer, sure)| Event::Predicted {
                lesson,
                step,
                prediction: Prediction { answer, sure }
            }),
            name().prop_map(|lesson| Event::Finished { lesson }),
            (name(), 1u32..4).prop_map(|(lesson, round)| Event::Restarted { lesson, round }),
        ]
    }

    fn after(events: &[Event]) -> Progress {
        let mut progress = Progress::default();
        for event in events {
            progress.record(event.clone());
        }
        progress
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(events in prop::collection::vec(event(), 0..20)) {
            let progress = after(&events);
            prop_assert_eq!(Progress::from_json(&progress.to_json()), Ok(progress));
        }

        #[test]
        fn an_event_counts_once(events in prop::collection::vec(event(), 1..20)) {
            let once = after(&events);
            let mut twice = once.clone();
            twice.record(events.last().unwrap().clone());
            prop_assert_eq!(once, twice);
        }

        #[test]
        fn nothing_read_makes_it_fall(text in "\\PC*") {
            let _ = Progress::from_json(&text);
        }
    }

    #[test]
    fn damage_is_named() {
        let rows = [
            ("", "line 1, column 1: EOF while parsing a value"),
            ("{\"version\": 1,\n \"last\": 7}", "line 2, column 10: invalid type: integer `7`, expected a string"),
            ("{\"lessons\": {}}", "line 1, column 15: missing field `version`"),
            ("{\"version\": 9}", "it is written in version 9; this sa-tutor reads version 1"),
        ];
        for (text, want) in rows {
            let told = Progress::from_json(text).map_err(|damage: Damage| damage.to_string());
            assert_eq!(told, Err(want.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_restarted_lesson_stays_finished() {
        let lesson = || "a".to_owned();
        let progress = after(&[
            Event::Done { lesson: lesson(), step: "one".to_owned() },
            Event::Finished { lesson: lesson() },
            Event::Restarted { lesson: lesson(), round: 1 },
        ]);
        assert!(progress.lesson("a").finished);
        assert!(progress.lesson("a").done.is_empty());
    }
}
