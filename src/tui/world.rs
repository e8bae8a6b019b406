//! Everything the screen shows, as one value.

use jiff::Timestamp;
use tui_textarea::TextArea;

use super::layout::{Layout, Place, fits, layout};
use super::msg::{Card, ClusterInfo, Progress, Tally, TokenSeen};
use super::pane::objects::Objects;
use super::pane::terminal::{Prompt, Scrollback};
use super::pane::{PaneId, TABS};
use super::pick::Pick;
use super::reader::Reader;
use super::theme::Theme;
use crate::course::{self, Lesson, Predict, Prediction, Step, Support, Wish};

/// The state of the screen.
#[derive(Clone, Debug)]
pub struct World {
    /// The terminal's columns.
    pub width: u16,
    /// The terminal's rows.
    pub height: u16,
    /// What the session's clock showed last.
    pub now: Timestamp,
    /// Whether a command line needs more rows before it can be run; the shell knows its grammar.
    pub goes_on: fn(&str) -> bool,
    /// How meanings look.
    pub theme: Theme,
    /// Course list or workbench.
    pub screen: Screen,
    /// Who gets the keys on the workbench.
    pub focus: Focus,
    /// The pane that is shown where panes share a place.
    pub tab: PaneId,
    /// Whether the help is open, and how far it is scrolled.
    pub help: Option<usize>,
    /// The editor, when it is open.
    pub editor: Option<Editor>,
    /// Long output, when it is open for reading.
    pub reader: Option<Reader>,
    /// The list of words that could stand at the cursor.
    pub pick: Option<Pick>,
    /// How many lines had been said when the last command began.
    pub began: usize,
    /// Whether the last command printed more than the terminal pane shows.
    pub long: bool,
    /// The entry of [`plain_words`](super::plain_words) for the error of the last command.
    pub fault: Option<usize>,
    /// The last command that was run.
    pub last: String,
    /// A question that waits for yes or no.
    pub question: Option<Question>,
    /// The course list.
    pub course: Course,
    /// How far the end of the course is scrolled.
    pub end: usize,
    /// How much of the commands the learner wants to be shown.
    pub wish: Wish,
    /// The lesson that is open.
    pub lesson: Option<Open>,
    /// The cluster the step runs on.
    pub cluster: Option<ClusterInfo>,
    /// What to type in another terminal to work on the same cluster.
    pub door: Option<String>,
    /// What commands printed.
    pub scrollback: Scrollback,
    /// The line being typed.
    pub prompt: Prompt,
    /// The command that runs now.
    pub running: Option<String>,
    /// The cluster's objects.
    pub objects: Objects,
    /// The token seen last.
    pub token: Option<TokenSeen>,
    /// Whether the token has not been looked at yet.
    pub token_unseen: bool,
    /// How far the token pane is scrolled.
    pub token_scroll: usize,
    /// A line for the course screen and the editor, where no terminal pane can show it.
    pub notice: Option<Notice>,
}

/// Which screen is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// The course list.
    Course,
    /// The end of the course.
    End,
    /// The workbench.
    Workbench,
}

/// Who gets the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// The prompt: typing types.
    Prompt,
    /// A pane: letters act.
    Pane(PaneId),
}

/// A line for the learner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What it says.
    pub text: String,
    /// Whether something went wrong.
    pub bad: bool,
}

/// The course list.
#[derive(Clone, Debug, Default)]
pub struct Course {
    /// The lessons, in order.
    pub lessons: Vec<Card>,
    /// The one that is selected.
    pub selected: usize,
    /// What was done in our own course.
    pub tally: Tally,
    /// Whether the list has come.
    pub ready: bool,
}

/// The open lesson.
#[derive(Clone, Debug)]
pub struct Open {
    /// The lesson.
    pub lesson: Box<Lesson>,
    /// The step on the screen, from 0; always one the lesson has, unless it has none.
    pub step: usize,
    /// What is done.
    pub progress: Progress,
    /// How the checks stand.
    pub passed: Vec<bool>,
    /// When each check turned green.
    pub turned: Vec<Option<Timestamp>>,
    /// Whether the checks were looked at since the step was opened.
    pub looked: bool,
    /// How many hints are open.
    pub hints: usize,
    /// The step's question, while it stands alone.
    pub asking: Option<Asking>,
    /// What a wrong turn should hear.
    pub wrong: Option<String>,
    /// One for each check: what it has to say of the last command, if that came near.
    pub near: Vec<Option<String>>,
    /// The command lines run in this step.
    pub ran: Vec<String>,
    /// What the pod that the lesson follows said last, and since when in these words.
    pub said: Option<(String, Option<Timestamp>)>,
    /// Rows scrolled away at the top.
    pub scroll: usize,
    /// Whether another step was asked for and has not come yet.
    pub leaving: bool,
}

/// A question that stands alone: it has the keys, and nothing of the task is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asking {
    /// The row that is chosen, from 0.
    pub at: usize,
    /// The answer that was picked, as the lesson lists it; now it is asked how sure that is.
    pub picked: Option<usize>,
    /// Whether letters were typed, which are for the prompt: then Enter was meant for that, and takes no answer.
    pub stray: bool,
}

impl Open {
    /// The step on the screen.
    pub fn step(&self) -> Option<&Step> {
        self.lesson.steps.get(self.step)
    }

    /// Whether all checks are green.
    pub fn is_green(&self) -> bool {
        let checks = self.step().map_or(0, |step| step.checks.len());
        self.passed.len() == checks && self.passed.iter().all(|passed| *passed) && checks > 0
    }

    /// Whether the step is done: now, or before.
    pub fn is_done(&self) -> bool {
        self.is_green() || self.step().is_some_and(|step| self.progress.done.contains(&step.id))
    }

    /// Whether this is the last step.
    pub fn is_last(&self) -> bool {
        self.step + 1 >= self.lesson.steps.len()
    }

    /// One for each step: whether it is done.
    pub fn done(&self) -> Vec<bool> {
        self.lesson.steps.iter().map(|step| self.progress.done.contains(&step.id)).collect()
    }

    /// The step's question.
    pub fn predict(&self) -> Option<&Predict> {
        self.step()?.predict.as_ref()
    }

    /// The order in which the answers are shown.
    pub fn order(&self) -> Vec<usize> {
        course::order_in(&self.lesson, self.step, self.progress.seed, self.progress.round)
    }

    /// What the learner said would happen in this step.
    pub fn prediction(&self) -> Option<Prediction> {
        self.progress.predicted.get(&self.step()?.id).copied()
    }

    /// How many hints are still closed. Where the command stands in the step, none has more to say.
    pub fn hints_left(&self, wish: Wish) -> usize {
        let step = self.step().filter(|step| step.support(wish) != Support::Worked);
        step.map_or(0, |step| step.hints.len()).saturating_sub(self.hints)
    }
}

/// The editor over the workbench.
#[derive(Clone, Debug)]
pub struct Editor {
    /// The file.
    pub path: String,
    /// What was in it.
    pub original: String,
    /// The text and its cursor.
    pub area: TextArea<'static>,
    /// The first row and column that are shown.
    pub corner: (usize, usize),
}

impl Editor {
    /// The text as it would be saved: with a newline at its end, unless it is empty.
    pub fn content(&self) -> String {
        let mut text = self.area.lines().join("\n");
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text
    }

    /// Whether anything would be lost by closing.
    pub fn is_changed(&self) -> bool {
        self.area.lines().join("\n").trim_end_matches('\n') != self.original.trim_end_matches('\n')
    }
}

/// A question, and what a yes does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Go on although not all checks are green?
    Skip,
    /// Close the editor and lose the changes?
    Discard,
    /// Begin the selected lesson anew, and forget what was done in it?
    Restart,
}

impl World {
    /// An empty screen of this size. `goes_on` tells whether a command line needs more rows before it can be run.
    pub fn new(width: u16, height: u16, now: Timestamp, colour: bool, goes_on: fn(&str) -> bool) -> Self {
        Self {
            width,
            height,
            now,
            goes_on,
            theme: Theme { colour },
            screen: Screen::Course,
            focus: Focus::Prompt,
            tab: PaneId::Lesson,
            help: None,
            editor: None,
            reader: None,
            pick: None,
            began: 0,
            long: false,
            fault: None,
            last: String::new(),
            question: None,
            course: Course::default(),
            end: 0,
            wish: Wish::default(),
            lesson: None,
            cluster: None,
            door: None,
            scrollback: Scrollback::default(),
            prompt: Prompt::default(),
            running: None,
            objects: Objects::default(),
            token: None,
            token_unseen: false,
            token_scroll: 0,
            notice: None,
        }
    }

    /// Whether the terminal is large enough.
    pub fn fits(&self) -> bool {
        fits(self.width, self.height)
    }

    /// Where things are on the workbench.
    pub fn layout(&self) -> Layout {
        layout(self.width, self.height, self.tab)
    }

    /// Where a pane is, if it can be seen.
    pub fn place(&self, id: PaneId) -> Option<Place> {
        self.layout().place(id)
    }

    /// Rows and columns a pane draws in; a pane that is hidden has the size it would have.
    pub fn room(&self, id: PaneId) -> (usize, usize) {
        let tab = if TABS.contains(&id) { id } else { self.tab };
        let inner = layout(self.width, self.height, tab).place(id).map(|place| place.inner).unwrap_or_default();
        (usize::from(inner.height), usize::from(inner.width))
    }

    /// The lesson after the open one.
    pub fn next_lesson(&self) -> Option<&Card> {
        let id = &self.lesson.as_ref()?.lesson.id;
        let at = self.course.lessons.iter().position(|card| card.id == *id)?;
        let course = &self.course.lessons.get(at)?.course;
        self.course.lessons.get(at + 1..)?.iter().find(|card| card.course == *course && card.fault.is_none())
    }

    /// Whether every lesson of our own course is done.
    pub fn is_through(&self) -> bool {
        let mut own = self.course.lessons.iter().filter(|card| card.course.is_empty()).peekable();
        own.peek().is_some() && own.all(|card| !card.done.is_empty() && card.done.iter().all(|done| *done))
    }

    /// Whether the step's question stands alone and gets the keys.
    pub fn asks(&self) -> bool {
        let asking = self.lesson.as_ref().is_some_and(|open| open.asking.is_some());
        asking && matches!(self.focus, Focus::Prompt | Focus::Pane(PaneId::Lesson))
    }

    /// The command lines that stand in the step.
    pub fn shown(&self) -> Vec<String> {
        let open = self.lesson.as_ref().filter(|open| open.asking.is_none());
        let step = open.and_then(Open::step);
        let lines = step.map(|step| step.shown(self.wish)).unwrap_or_default();
        lines.into_iter().map(|line| line.trim_end().to_owned()).filter(|line| !line.is_empty()).collect()
    }

    /// How many of these lines were run one after the other, up to the last of them that was.
    pub fn next_of(&self, shown: &[String]) -> usize {
        let ran = self.lesson.as_ref().map_or(&[][..], |open| open.ran.as_slice());
        ran.iter().fold(0, |next, line| match shown.get(next) {
            Some(expected) if expected == line => next + 1,
            _ => shown.iter().position(|other| other == line).map_or(next, |at| at + 1),
        })
    }

    /// The command line that one key puts on the prompt: the one after the last that was run.
    pub fn suggestion(&self) -> Option<String> {
        let mut shown = self.shown();
        let next = self.next_of(&shown);
        // Once all were run it begins anew.
        let next = if next < shown.len() { next } else { 0 };
        (next < shown.len()).then(|| shown.swap_remove(next))
    }
}
