//! Everything the screen shows, as one value.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::layout::{Layout, Place, Share, fits, layout};
use super::msg::{Card, ClusterInfo, Progress, Tally};
use super::overlay::{Among, Overlay};
use super::pane::{PaneId, States, is_aside, is_tab, terminal};
use super::settings::{Abilities, Motion, Settings, Signs};
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
    /// What the learner chose of the looks.
    pub settings: Settings,
    /// What the terminal can show.
    pub abilities: Abilities,
    /// How meanings look.
    pub theme: Theme,
    /// Course list or workbench.
    pub screen: Screen,
    /// Who gets the keys on the workbench.
    pub focus: Focus,
    /// The pane that is shown where panes share a place.
    pub tab: PaneId,
    /// The pane that is shown in the last place of a large screen.
    pub aside: PaneId,
    /// How the panes lend each other rows; worked out anew after each message.
    pub share: Share,
    /// Rows of the upper pane, once the learner has moved the border below it.
    pub asked: Option<u16>,
    /// Whether the mouse has hold of that border.
    pub has_border: bool,
    /// What lies over the screen; the last has the keys.
    pub over: Vec<Overlay>,
    /// Path → what was typed into the editor and not saved.
    pub drafts: BTreeMap<String, String>,
    /// The course list.
    pub course: Course,
    /// The pane and the row of the screen that were clicked, while no key came after.
    pub clicked: Option<(PaneId, u16)>,
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
    /// The questions that were passed over, by lesson, round and step: they do not stand in the way again.
    pub passed: BTreeSet<(String, u32, String)>,
    /// How many commands can be taken back, and how many done again.
    pub turns: (usize, usize),
    /// What the panes remember.
    pub panes: States,
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

    /// What to say of the steps that were skipped, when there are any.
    pub fn skipped(&self) -> Option<String> {
        let skipped: Vec<usize> =
            self.done().iter().enumerate().filter(|(_, done)| !**done).map(|(at, _)| at + 1).collect();
        match skipped.as_slice() {
            [] => None,
            [one] => Some(format!("Step {one} was skipped.")),
            many => {
                let (last, first) = many.split_last()?;
                let first = first.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                Some(format!("Steps {first} and {last} were skipped."))
            }
        }
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

impl World {
    /// An empty screen of this size. `goes_on` tells whether a command line needs more rows before it can be run.
    pub fn new(width: u16, height: u16, now: Timestamp, colour: bool, goes_on: fn(&str) -> bool) -> Self {
        Self {
            width,
            height,
            now,
            goes_on,
            settings: Settings::default(),
            abilities: Abilities::default(),
            theme: Theme { colour, ..Theme::default() },
            screen: Screen::Course,
            focus: Focus::Prompt,
            tab: PaneId::Lesson,
            aside: PaneId::Token,
            share: Share::default(),
            asked: None,
            has_border: false,
            over: Vec::new(),
            drafts: BTreeMap::new(),
            course: Course::default(),
            clicked: None,
            end: 0,
            wish: Wish::default(),
            lesson: None,
            cluster: None,
            door: None,
            passed: BTreeSet::new(),
            turns: (0, 0),
            panes: States::default(),
            notice: None,
        }
    }

    /// Takes a choice of looks over.
    pub fn choose(&mut self, settings: Settings, abilities: Abilities) {
        (self.settings, self.abilities) = (settings, abilities);
        let Abilities { many_colours: many, is_light, .. } = abilities;
        self.theme = Theme { colour: self.theme.colour, choice: settings.theme, many, is_light };
    }

    /// Whether all is drawn in ASCII.
    pub fn is_ascii(&self) -> bool {
        match self.settings.signs {
            Signs::Auto => !self.abilities.unicode,
            Signs::Unicode => false,
            Signs::Ascii => true,
        }
    }

    /// Whether what changes says so in words alone, and catches no eye.
    pub fn is_still(&self) -> bool {
        self.settings.motion == Motion::Reduced
    }

    /// What the key Enter is called. No sign of ASCII means it.
    pub fn enter(&self) -> &'static str {
        if self.is_ascii() { "Enter" } else { "⏎" }
    }

    /// The keys up and down, as texts name them.
    pub fn arrows(&self) -> &'static str {
        if self.is_ascii() { "Up Down" } else { "↑ ↓" }
    }

    /// The uppermost overlay of a kind, when there is one.
    pub fn over<T: Among>(&self) -> Option<&T> {
        self.over.iter().rev().find_map(T::of)
    }

    /// The uppermost overlay of a kind, when there is one.
    pub fn over_mut<T: Among>(&mut self) -> Option<&mut T> {
        self.over.iter_mut().rev().find_map(T::of_mut)
    }

    /// Lays something over all that is there.
    pub fn open(&mut self, overlay: impl Into<Overlay>) {
        self.over.push(overlay.into());
    }

    /// Takes every overlay of a kind away.
    pub fn close<T: Among>(&mut self) {
        self.over.retain(|overlay| T::of(overlay).is_none());
    }

    /// Whether the terminal is large enough.
    pub fn fits(&self) -> bool {
        fits(self.width, self.height)
    }

    /// Where things are on the workbench.
    pub fn layout(&self) -> Layout {
        self.widened(layout(self.width, self.height, self.tab, self.aside, self.share))
    }

    /// With the place that the pane which has the keys needs.
    fn widened(&self, mut layout: Layout) -> Layout {
        if let Focus::Pane(id) = self.focus
            && id.pane().is_large()
        {
            layout.widen(id);
        }
        layout
    }

    /// Where a pane is, if it can be seen.
    pub fn place(&self, id: PaneId) -> Option<Place> {
        self.layout().place(id)
    }

    /// Shows a pane in the last place of a large screen, unless another one there has the keys.
    pub fn show_aside(&mut self, id: PaneId) {
        if !matches!(self.focus, Focus::Pane(focused) if is_aside(focused)) {
            self.aside = id;
        }
    }

    /// Works out how the panes lend each other rows.
    pub fn share_rows(&mut self) {
        self.share = Share { asked: self.asked, ..Share::default() };
        let Some((upper, terminal)) = self.room_of_both() else { return };
        let wants = if is_tab(self.tab) && self.layout().tabs.is_some() { self.tab } else { PaneId::Lesson };
        let (must, wanted) = wants.pane().wants(self, upper.1);
        if wanted > upper.0 {
            let rows = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
            let used = terminal::needs(self, terminal.0, terminal.1);
            self.share = Share { must: rows(must), upper: rows(wanted), terminal: rows(used), asked: self.asked };
        }
    }

    /// Rows and columns of the upper pane and of the terminal, when they lie one above the other.
    fn room_of_both(&self) -> Option<((usize, usize), (usize, usize))> {
        let layout = self.layout();
        let upper = if layout.tabs.is_some() { self.tab } else { PaneId::Lesson };
        let (upper, terminal) = (layout.place(upper)?.inner, layout.place(PaneId::Terminal)?.inner);
        let size = |area: ratatui::layout::Rect| (usize::from(area.height), usize::from(area.width));
        (terminal.y > upper.y).then(|| (size(upper), size(terminal)))
    }

    /// Rows and columns a pane draws in; a pane that is hidden has the size it would have.
    pub fn room(&self, id: PaneId) -> (usize, usize) {
        let tab = if is_tab(id) { id } else { self.tab };
        let aside = if is_aside(id) { id } else { self.aside };
        let laid_out = layout(self.width, self.height, tab, aside, self.share);
        // What is hidden behind a large pane has the size it would have.
        let laid_out = if id == PaneId::Objects { laid_out } else { self.widened(laid_out) };
        let inner = laid_out.place(id).map(|place| place.inner).unwrap_or_default();
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
