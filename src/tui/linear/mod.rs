//! The course as lines that are only ever appended: for a screen reader, a bad line, a pipe.
//!
//! The same world takes the same messages. [`Teller::hear`] stands in for the picture: it says what a message changed.
//! [`Teller::typed`] stands in for the keys: a line that was typed becomes the messages that keys would have made.

mod course;
mod editing;
mod orders;
mod step;
mod why;
mod words;

pub use super::ascii::line as ascii;
pub use orders::{ORDERS, Order};
pub use why::ladder;
pub use words::{drawn, rows, sentence, spoken};

use jiff::Timestamp;

use self::editing::Editing;
use self::words::{keyless, printed};
use super::effect::Effect;
use super::key::{Code, Key, ctrl, plain};
use super::msg::{ClockNews, Msg};
use super::overlay::Overlay;
use super::overlay::reader::Reader;
use super::pane::News;
use super::update;
use super::world::{Screen, World};
use crate::base::sanitize_line;
use crate::why::Origin;

/// Something to append.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A line.
    Line(String),
    /// What a command printed; it may end anywhere.
    Printed(String),
}

/// After how many seconds it is said that a command still runs.
const LONG: i64 = 5;
/// The most that is told at once of what happened by itself.
const NEWS: usize = 6;

/// Says what happens, and understands what is typed.
#[derive(Debug, Default)]
pub struct Teller {
    said: Vec<Said>,
    /// Whether nobody waits at a terminal.
    scripted: bool,
    /// Whether a part of its own was said: the course, a step.
    begun: bool,
    /// Whether the course list is to be said when it comes.
    lists: bool,
    /// The screen that was told of last.
    screen: Option<Screen>,
    /// The lesson that was told of last.
    lesson: String,
    /// The question that was told of last, and the answer that was picked.
    asking: Option<Option<usize>>,
    /// Whether the checks are to be said when they have been looked at.
    checks_due: bool,
    /// What was said of the step last.
    step: step::Told,
    /// The words that the pod which the lesson follows said last.
    pod: Option<String>,
    notice: Option<String>,
    /// Whether a token came by.
    token: bool,
    /// The code of a request that was refused.
    refused: Option<u16>,
    /// The last of the objects' story that was told.
    story: Option<(Timestamp, String)>,
    /// Since when a command runs; later than any time once it was said that it does.
    runs: Option<Timestamp>,
    editing: Option<Editing>,
}

/// What of a message is to be told.
enum Heard {
    Printed(String),
    Ended(i32),
    Opened,
    Course,
    Say(String),
    Passed(Vec<String>),
    Checks,
    Token,
    Refused(u16),
    Tick,
    Other,
}

impl Heard {
    fn of(msg: &Msg) -> Self {
        match msg {
            Msg::Output { chunk, .. } => Self::Printed(printed(chunk)),
            Msg::CommandDone { status, .. } => Self::Ended(*status),
            Msg::LessonOpened { .. } => Self::Opened,
            Msg::Course { .. } => Self::Course,
            Msg::Notice(text) => Self::Say(keyless(text)),
            Msg::Failure(text) => Self::Say(format!("Error: {}", keyless(text))),
            Msg::Aside(text) => Self::Say(sentence(text)),
            Msg::FileSaved { path } => Self::Say(format!("Saved {path}.")),
            Msg::LessonEdited(_) => Self::Say("The lesson was edited. :task says it as it is now.".to_owned()),
            Msg::Turned { undone: true, what, .. } => {
                Self::Say(format!("Taken back: {}. :redo does it again.", sanitize_line(what)))
            }
            Msg::Turned { what, .. } => Self::Say(format!("Done again: {}. :undo takes it back.", sanitize_line(what))),
            Msg::Pane(News::Clock(news)) => match &**news {
                ClockNews::Passed { from, to, lines } => Self::Passed(
                    std::iter::once(format!("The clock went from {} to {}.", moment(*from), moment(*to)))
                        .chain(lines.iter().map(|line| format!("{}.", sanitize_line(line))))
                        .collect(),
                ),
                ClockNews::Comes { .. } => Self::Other,
            },
            Msg::Checks { .. } => Self::Checks,
            Msg::Pane(News::Token(_)) => Self::Token,
            Msg::Pane(News::Why(trace)) if trace.origin != Origin::Pod && matches!(trace.code, 401 | 403) => {
                Self::Refused(trace.code)
            }
            Msg::Tick(_) => Self::Tick,
            _ => Self::Other,
        }
    }
}

fn moment(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M").to_string()
}

/// What a line that is typed now is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// The number of a lesson.
    Course,
    /// The number of an answer.
    Question,
    /// A line of the editor.
    Editor,
    /// The shell.
    Prompt,
}

impl Teller {
    /// One that has said nothing. `scripted`: the lines come from no person at a terminal. `lists`: it begins with the course.
    pub fn new(scripted: bool, lists: bool) -> Self {
        Self { scripted, lists, ..Self::default() }
    }

    /// Takes one message into the world, and says what it changed.
    pub fn hear(&mut self, world: &mut World, msg: Msg) -> Vec<Effect> {
        let heard = Heard::of(&msg);
        let effects = update(world, msg);
        match heard {
            Heard::Printed(text) => self.said.push(Said::Printed(text)),
            Heard::Ended(status) => self.ended(world, status),
            Heard::Opened => self.opened(world),
            Heard::Course if self.lists && world.screen == Screen::Course => self.list(world),
            Heard::Say(text) => {
                self.say(text);
                self.notice = world.notice.as_ref().map(|notice| notice.text.clone());
            }
            Heard::Passed(lines) => self.say_all(lines),
            Heard::Token => self.token = true,
            Heard::Refused(code) => self.refused = Some(code),
            Heard::Checks => self.checks(world),
            Heard::Tick => self.tick(world),
            Heard::Course | Heard::Other => {}
        }
        self.compare(world);
        effects
    }

    /// What is to be appended by now.
    pub fn take(&mut self) -> Vec<Said> {
        std::mem::take(&mut self.said)
    }

    /// Nothing is under way: says what was kept for this moment.
    pub fn rest(&mut self, world: &World) {
        if self.place(world) == Place::Prompt {
            self.news(world);
            self.list_checks(world);
            self.remarks(world);
        }
    }

    /// What stands before the line that is to be typed.
    pub fn prompt(&self, world: &World) -> &'static str {
        match self.place(world) {
            Place::Course => "lesson> ",
            Place::Question if world.lesson.as_ref().and_then(|open| open.asking?.picked).is_some() => "sure> ",
            Place::Question => "answer> ",
            Place::Editor => "edit> ",
            Place::Prompt if world.panes.terminal.prompt.is_empty() => "$ ",
            Place::Prompt => "> ",
        }
    }

    /// Whether a line wants the step to be done, and it is not: then it is worth waiting for what is on its way.
    pub fn wants_done(&self, world: &World, line: &str) -> bool {
        let next = orders::of(line).is_some_and(|(word, _)| word == "next");
        next && self.place(world) == Place::Prompt
            && world.panes.terminal.prompt.is_empty()
            && world.lesson.as_ref().is_some_and(|open| !open.is_done())
    }

    /// A line was typed: what that is to the world.
    pub fn typed(&mut self, world: &World, line: &str) -> Vec<Msg> {
        let line = line.trim_end_matches(['\n', '\r']);
        if line.chars().any(|c| c.is_control() && c != '\t') {
            self.say("That line has control characters in it, as arrow keys send them. It was left out.");
            return Vec::new();
        }
        let place = self.place(world);
        if place == Place::Editor {
            return self.edit(line);
        }
        let order = orders::of(line).filter(|_| world.panes.terminal.prompt.is_empty());
        let mut msgs = closing(world);
        msgs.extend(match (order, place) {
            (Some((word, rest)), _) => self.order(world, word, rest),
            (None, Place::Course) => self.choose(world, line.trim()),
            (None, Place::Question) => self.answer(world, line.trim()),
            _ => self.run(world, line),
        });
        msgs
    }

    /// What was typed is no line that could be read.
    pub fn unreadable(&mut self, why: &str) {
        self.say(format!("{why} It was left out."));
    }

    /// Ctrl-C was pressed.
    pub fn interrupted(&mut self, world: &World) -> Vec<Msg> {
        if self.editing.is_some() {
            self.say(":q leaves the file as it was.");
            return Vec::new();
        }
        if world.panes.terminal.running.is_some() {
            return vec![Msg::Key(ctrl('c'))];
        }
        if !world.panes.terminal.prompt.is_empty() {
            self.say("The line that was begun is dropped.");
            return vec![key(Code::Esc)];
        }
        self.say("No command runs. :quit leaves, and so does Ctrl-D. Your place is kept.");
        Vec::new()
    }

    /// There are no more lines.
    pub fn end(&mut self, world: &World) {
        if !world.panes.terminal.prompt.is_empty() {
            self.say("The input ended within a line that goes on; it was not run.");
        }
        self.say("Your place is kept.");
    }

    fn place(&self, world: &World) -> Place {
        match world.screen {
            _ if self.editing.is_some() => Place::Editor,
            Screen::Course | Screen::End => Place::Course,
            Screen::Workbench if world.asks() => Place::Question,
            Screen::Workbench => Place::Prompt,
        }
    }

    fn say(&mut self, line: impl Into<String>) {
        self.said.push(Said::Line(words::printed(&line.into())));
    }

    /// An empty line before what is a part of its own.
    fn begin_part(&mut self) {
        if std::mem::replace(&mut self.begun, true) {
            self.said.push(Said::Line(String::new()));
        }
    }

    fn say_all(&mut self, lines: impl IntoIterator<Item = String>) {
        lines.into_iter().for_each(|line| self.say(line));
    }

    /// Text of the course: the label before its first paragraph.
    fn say_text(&mut self, label: &str, text: &str) {
        let mut label = label;
        for line in words::prose(text) {
            self.say(format!("{label}{line}"));
            label = "";
        }
    }

    fn ended(&mut self, world: &World, status: i32) {
        self.runs = None;
        if status == 130 {
            self.say("Stopped.");
        } else if world.panes.terminal.fault.is_some() {
            self.say("What the error means: type :explain.");
        }
    }

    fn tick(&mut self, world: &World) {
        let runs = world.panes.terminal.running.is_some() && self.editing.is_none() && !self.scripted;
        match self.runs {
            None if runs => self.runs = Some(world.now),
            Some(since) if runs && world.now.duration_since(since).as_secs() >= LONG => {
                self.runs = Some(Timestamp::MAX);
                self.say("It still runs. Ctrl-C stops it.");
            }
            _ => {}
        }
    }

    /// Says what changed and no message says outright.
    fn compare(&mut self, world: &World) {
        let notice = world.notice.as_ref().map(|notice| notice.text.clone());
        if self.notice != notice {
            self.notice.clone_from(&notice);
            if let Some(text) = notice {
                self.say(keyless(&text));
            }
        }
        if let Some(reader) = world.over::<Reader>() {
            let lines: Vec<String> = reader.lines.iter().map(|line| keyless(&spoken(&line.text))).collect();
            self.say_all(lines.into_iter().filter(|line| !line.is_empty()));
        }
        self.editor(world);
        if self.screen != Some(world.screen) {
            self.screen = Some(world.screen);
            match world.screen {
                Screen::End => self.say_all(super::screen::end::lines(world)),
                // It comes, with what is done by now.
                Screen::Course => self.lists |= !self.lesson.is_empty(),
                Screen::Workbench => {}
            }
        }
        self.compare_step(world);
    }

    fn run(&mut self, world: &World, line: &str) -> Vec<Msg> {
        let begun = !world.panes.terminal.prompt.is_empty();
        if line.trim().is_empty() && !begun {
            return Vec::new();
        }
        if matches!(line.trim(), ":q" | ":q!" | ":wq" | ":x") && !begun {
            self.say("No file is being edited. :quit leaves the tutor.");
            return Vec::new();
        }
        if self.has_gap(world, line) {
            self.say("The command has a gap, where GAP was said. Type it with your word there, or :run and the word.");
            return Vec::new();
        }
        vec![Msg::Paste(line.to_owned()), key(Code::Enter)]
    }
}

/// A key without others held.
fn key(code: Code) -> Msg {
    Msg::Key(plain(code))
}

/// The keys that close what lies over the prompt.
fn closing(world: &World) -> Vec<Msg> {
    let closes = |overlay: &&Overlay| !matches!(overlay, Overlay::Editor(_));
    world.over.iter().filter(closes).map(|_| key(Code::Esc)).collect()
}

/// A function key.
fn function(number: u8) -> Key {
    plain(Code::F(number))
}
