//! Everything that happens. One ordered stream of these, replayed, gives the same screen.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::key::Key;
use super::pane::News;
use super::settings::{Abilities, Settings};
use crate::apimachinery::Release;
use crate::course::{Lesson, Prediction, Wish};
use crate::token::{Forgery, Token, mask};
use crate::why::Tried;

/// A happening.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Msg {
    /// A running command wants a file edited; it waits until the editor is closed.
    Edit {
        /// The file.
        path: String,
        /// What is in it now.
        content: String,
    },
    /// A key was pressed.
    Key(Key),
    /// Text was pasted.
    Paste(String),
    /// The mouse did something.
    Mouse(Mouse),
    /// The terminal has this size now.
    Resize {
        /// Columns.
        width: u16,
        /// Rows.
        height: u16,
    },
    /// What the learner chose of the looks, and what the terminal can show of it.
    Looks(Settings, Abilities),
    /// What a command changed was taken back, or done again.
    Turned {
        /// Whether it was taken back.
        undone: bool,
        /// The command line.
        what: String,
        /// When it was begun. What came of it came after that.
        #[serde(default)]
        since: Timestamp,
        /// The lines that were run in this step, without what was taken back.
        lines: Vec<String>,
    },
    /// The running command empties the screen; what it prints after that stays.
    Cleared,
    /// So many commands can be taken back, and so many done again.
    Turns {
        /// How many can be taken back.
        back: usize,
        /// How many can be done again.
        again: usize,
    },
    /// The session's clock shows this. Once a second is enough.
    Tick(Timestamp),
    /// The course list.
    Course {
        /// The lessons, in order.
        lessons: Vec<Card>,
        /// The one to go on with.
        selected: usize,
        /// What was done in our own course.
        #[serde(default)]
        tally: Tally,
        /// How much of the commands the learner wants to be shown.
        #[serde(default)]
        wish: Wish,
    },
    /// A step of a lesson is ready.
    LessonOpened {
        /// The lesson, with its placeholders filled in.
        lesson: Box<Lesson>,
        /// The step, from 0.
        step: usize,
        /// What is done so far.
        progress: Progress,
    },
    /// The open lesson was edited; its learner stays at their step.
    LessonEdited(Box<Lesson>),
    /// The cluster this step runs on.
    Cluster(ClusterInfo),
    /// What to type in another terminal to work on this cluster, when it has a door for that.
    Door(Option<String>),
    /// A running command printed something. Chunks may end anywhere.
    Output {
        /// The text.
        chunk: String,
        /// Whether it came on standard error.
        stderr: bool,
    },
    /// The command ended.
    CommandDone {
        /// Its exit code.
        status: i32,
        /// The line that was run.
        line: String,
        /// What it asks of the screen.
        requests: Vec<Request>,
    },
    /// How the step's checks stand.
    Checks {
        /// The step's name; checks of another step are ignored.
        step: String,
        /// One for each check, in order.
        passed: Vec<bool>,
        /// One for each check: what to say of it when the last command came near.
        #[serde(default)]
        near: Vec<Option<String>>,
    },
    /// What the pod that the lesson follows said last; `None` when there is none, or it has said nothing.
    Said(Option<String>),
    /// What the lesson wanted: one dim line below an error.
    Aside(String),
    /// The lesson recognised a wrong turn (or, with `None`, no longer does). Shown beside the checks.
    WrongTurn {
        /// The step's name.
        step: String,
        /// What the learner should hear.
        say: Option<String>,
    },
    /// A token was forged and tried, or could not be.
    Tampered {
        /// What was done to it.
        forgery: Forgery,
        /// What came of it.
        answer: Box<Answer>,
    },
    /// Something that one pane hears.
    Pane(News),
    /// A file was written.
    FileSaved {
        /// Its path, as it was given to the editor.
        path: String,
    },
    /// Earlier lines of the prompt, oldest first.
    History(Vec<String>),
    /// What could stand at the cursor.
    Completions {
        /// The prompt that was asked about.
        line: String,
        /// Its cursor, in bytes.
        cursor: usize,
        /// Where the word begins that each candidate replaces, in bytes.
        start: usize,
        /// The candidates. A space at a word's end follows it when it is taken.
        words: Vec<Word>,
    },
    /// Something worth a line.
    Notice(String),
    /// Something went wrong.
    Failure(String),
}

/// Where the learner is in a lesson, and what was done in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The lesson's name.
    pub lesson: String,
    /// The step on the screen, from 0.
    pub step: usize,
    /// The names of the steps done, in the lesson's order.
    pub done: Vec<String>,
    /// Step → what the learner said would happen.
    #[serde(default)]
    pub predicted: BTreeMap<String, Prediction>,
    /// Step → how many hints were opened.
    #[serde(default)]
    pub hints: BTreeMap<String, usize>,
    /// What the order of answers is drawn from.
    #[serde(default)]
    pub seed: u64,
    /// How often the lesson was begun anew.
    #[serde(default)]
    pub round: u32,
}

/// A candidate of completion.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    /// What is put on the prompt.
    pub text: String,
    /// What it is, in a few words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub help: String,
}

impl From<&str> for Word {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), help: String::new() }
    }
}

/// What was done in our own course, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Its lessons.
    pub lessons: usize,
    /// Steps done.
    pub steps: usize,
    /// Questions answered.
    pub predicted: usize,
    /// Those that were answered rightly.
    pub right: usize,
    /// Those that were answered wrongly by one who was sure.
    pub sure_and_wrong: usize,
}

/// A lesson in the course list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// The name of its course; empty for ours.
    #[serde(default)]
    pub course: String,
    /// Why its file cannot be read, when it cannot.
    #[serde(default)]
    pub fault: Option<String>,
    /// What it is about, in a sentence.
    #[serde(default)]
    pub about: String,
    /// Its name.
    pub id: String,
    /// Its title.
    pub title: String,
    /// About how long it takes.
    pub minutes: u16,
    /// One for each step: whether it is done.
    pub done: Vec<bool>,
    /// The step to go on with, from 0.
    pub step: usize,
    /// What one can answer after it.
    #[serde(default)]
    pub summary: Vec<String>,
    /// How often it was begun anew.
    #[serde(default)]
    pub round: u32,
}

/// The cluster as the header shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterInfo {
    /// `simulator`, or the context's name.
    pub name: String,
    /// Its release.
    pub release: Option<Release>,
    /// Where it listens, if it listens.
    #[serde(default)]
    pub server: Option<String>,
    /// The namespace the lesson works in.
    pub namespace: String,
    /// When this step runs on a simulator beside the real cluster: why.
    #[serde(default)]
    pub beside: Option<String>,
}

/// What a finished command asks of the screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// Empty the terminal pane.
    Clear,
    /// Open the editor.
    Edit {
        /// The file.
        path: String,
        /// What is in it now.
        content: String,
    },
    /// Leave.
    Exit,
}

/// A change of the cluster's objects. Values are whole objects with `kind` and `metadata`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Feed {
    /// The cluster is turned back, or on. Until it is there and all objects were told anew, nothing that changes happened
    /// by itself.
    Turns,
    /// Another cluster is followed from now on: all is forgotten, and what comes next is not marked as new.
    Cleared,
    /// All objects there are; what was known before is forgotten.
    Restarted(Vec<Value>),
    /// An object is new or has changed.
    Applied(Value),
    /// An object is gone.
    Deleted {
        /// `Pod`
        kind: String,
        /// Empty for what has no namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
}

/// What the clock pane hears.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClockNews {
    /// What will happen by itself, the next first. Nothing is known of a cluster whose clock cannot be moved.
    Comes {
        /// Whether this clock can be moved.
        moves: bool,
        /// How far it was moved, in seconds.
        ahead: i64,
        /// When, and what.
        upcoming: Vec<(Timestamp, String)>,
    },
    /// The clock was moved.
    Passed {
        /// From when.
        from: Timestamp,
        /// To when.
        to: Timestamp,
        /// What came of it, a line each.
        lines: Vec<String>,
    },
}

/// What holds a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenSource {
    /// The token file of a pod.
    Pod(String),
    /// A secret of type `kubernetes.io/service-account-token`.
    Secret(String),
}

/// A decoded token. It cannot be put together again from this: of the signature a few letters are here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TokenSeen {
    /// The number under which the session keeps it.
    #[serde(default)]
    pub id: u64,
    /// Where it was seen: `the terminal`, `pod web`, `secret s`.
    pub from: String,
    /// The decoded header.
    pub header: Value,
    /// The decoded claims.
    pub claims: Value,
    /// What the cluster's keys say about it.
    pub verdict: Verdict,
    /// For whom a token has to be that the API server takes; empty when that is not known.
    #[serde(default)]
    pub api: Vec<String>,
    /// The release of the cluster it was seen on.
    #[serde(default)]
    pub release: Option<Release>,
    /// Its three parts as they were written.
    #[serde(default)]
    pub text: TokenText,
    /// When the pane first saw it.
    #[serde(default)]
    pub at: Option<Timestamp>,
    /// How many commands that were begun before that are taken back now.
    #[serde(default)]
    pub taken_back: u32,
}

impl TokenSeen {
    /// What the screen may have of a token.
    pub fn of(token: &Token, from: &str, verdict: Verdict, api: Vec<String>, release: Option<Release>) -> Self {
        let (header, claims) = token.signed().split_once('.').unwrap_or_default();
        let signature = token.raw.rsplit('.').next().unwrap_or_default();
        Self {
            id: 0,
            from: from.to_owned(),
            header: Value::Object(token.header.clone()),
            claims: Value::Object(token.claims.clone()),
            verdict,
            api,
            release,
            text: TokenText {
                header: header.to_owned(),
                claims: claims.to_owned(),
                signature: mask(signature),
                letters: signature.len(),
                bytes: token.signature.len(),
            },
            at: None,
            taken_back: 0,
        }
    }
}

/// The three parts of a token as they were written, the third shown short. Without the rest of it nobody can use the token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenText {
    /// The first part, in base64url.
    pub header: String,
    /// The second.
    pub claims: String,
    /// The first and last letters of the third; nothing of a short one.
    pub signature: String,
    /// How many letters the third has.
    pub letters: usize,
    /// How many bytes these are.
    pub bytes: usize,
}

/// What came of a forged token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// It was sent.
    Sent {
        /// What was changed.
        changed: String,
        /// What the cluster made of it.
        tried: Tried,
    },
    /// It was not: why.
    Kept(String),
}

/// What the cluster's keys say about a token's signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// One of them signed it.
    Verified,
    /// None of them did, or it was changed: why.
    Wrong(String),
    /// It could not be found out: why.
    Unknown(String),
}

/// What the mouse did, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mouse {
    /// What.
    pub what: MouseKind,
    /// Column, from 0.
    pub x: u16,
    /// Row, from 0.
    pub y: u16,
}

/// What the mouse did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MouseKind {
    /// The first button was pressed.
    Click,
    /// It was moved while the first button was held.
    Drag,
    /// The wheel turned towards the top.
    ScrollUp,
    /// The wheel turned towards the bottom.
    ScrollDown,
}

impl Mouse {
    /// The part of a terminal's mouse event that anything here listens to.
    pub fn from_event(event: crossterm::event::MouseEvent) -> Option<Self> {
        use crossterm::event::{MouseButton, MouseEventKind};
        let what = match event.kind {
            MouseEventKind::Down(MouseButton::Left) => MouseKind::Click,
            MouseEventKind::Drag(MouseButton::Left) => MouseKind::Drag,
            MouseEventKind::ScrollUp => MouseKind::ScrollUp,
            MouseEventKind::ScrollDown => MouseKind::ScrollDown,
            _ => return None,
        };
        Some(Self { what, x: event.column, y: event.row })
    }
}

impl Msg {
    /// The cluster's objects changed.
    pub fn objects(feed: Feed) -> Self {
        Self::Pane(News::Objects(Box::new(feed)))
    }

    /// A token was seen or read.
    pub fn token(token: TokenSeen) -> Self {
        Self::Pane(News::Token(Box::new(token)))
    }

    /// The clock was moved, or what it will bring is known.
    pub fn clock(news: ClockNews) -> Self {
        Self::Pane(News::Clock(Box::new(news)))
    }

    /// A request was answered.
    pub fn answered(trace: crate::why::Trace) -> Self {
        Self::Pane(News::Why(Box::new(trace)))
    }

    /// A release has answered, or the session's commands begin anew.
    pub fn releases(told: super::pane::releases::Told) -> Self {
        Self::Pane(News::Releases(Box::new(told)))
    }

    /// The message a terminal event makes, if any.
    pub fn from_event(event: crossterm::event::Event) -> Option<Self> {
        use crossterm::event::Event;
        match event {
            Event::Key(key) => Key::from_event(key).map(Msg::Key),
            Event::Mouse(mouse) => Mouse::from_event(mouse).map(Msg::Mouse),
            Event::Paste(text) => Some(Msg::Paste(text)),
            Event::Resize(width, height) => Some(Msg::Resize { width, height }),
            _ => None,
        }
    }
}
