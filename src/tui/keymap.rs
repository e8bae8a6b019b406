//! The keys: one table of what is done, by which keys, where and when. Dispatch, footer and help all read it.

mod table;
mod when;

pub use table::BINDINGS;

use super::key::{Code, Key};
use super::pane::PaneId;
use super::world::{Focus, Screen, World};
use crate::base::Order as _;

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// End the session.
    Quit,
    /// Open or close the help.
    Help,
    /// Go to the course list.
    CourseList,
    /// Open the next hint.
    Hint,
    /// Go to the next step, or the next lesson.
    Next,
    /// Go to the step before.
    Previous,
    /// Change how much of the commands is shown.
    Support,
    /// Put the suggested command on the prompt.
    Suggest,
    /// Choose a row of the question, by its number.
    Choose,
    /// Take what is chosen.
    Answer,
    /// Pass the question over, or take the answer back.
    Pass,
    /// Put the step back to its start.
    Again,
    /// Give the keys to the panes.
    FocusPanes,
    /// Give the keys to the prompt.
    FocusPrompt,
    /// Go to the next pane.
    NextPane,
    /// Go to the pane before.
    PreviousPane,
    /// Show the next tab, keeping the prompt.
    NextTab,
    /// Show the tab before, keeping the prompt.
    PreviousTab,
    /// One row up.
    Up,
    /// One row down.
    Down,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the top.
    Top,
    /// To the bottom.
    Bottom,
    /// The upper pane a row up, from the prompt.
    UpperUp,
    /// The upper pane a row down, from the prompt.
    UpperDown,
    /// Open what is selected.
    Open,
    /// Put `kubectl describe` of what is selected on the prompt.
    Describe,
    /// Begin the selected lesson from its first step.
    Restart,
    /// Look back on the course that is done.
    LookBack,
    /// Begin the whole course anew, without commands to copy.
    Practise,
    /// Run the line.
    Submit,
    /// Complete the word.
    Complete,
    /// The line before.
    Older,
    /// The line after.
    Newer,
    /// Search the history; again for an older line.
    Search,
    /// Take the line found.
    Accept,
    /// Leave the search.
    Abandon,
    /// Take back a letter of what is searched for.
    Unsearch,
    /// Cursor one left.
    Left,
    /// Cursor one right.
    Right,
    /// Cursor a word left.
    WordLeft,
    /// Cursor a word right.
    WordRight,
    /// Cursor to the beginning.
    LineStart,
    /// Cursor to the end.
    LineEnd,
    /// Delete the character before.
    DeleteBack,
    /// Delete the character under the cursor.
    DeleteAhead,
    /// Cut the word before.
    CutWord,
    /// Cut the word after.
    CutWordAhead,
    /// Cut to the beginning.
    CutToStart,
    /// Cut to the end.
    CutToEnd,
    /// Put back what was cut.
    Yank,
    /// Begin a new row.
    NewRow,
    /// Empty the terminal pane.
    Clear,
    /// Empty the line.
    ClearLine,
    /// Stop the running command.
    Cancel,
    /// Save the file.
    Save,
    /// Close the editor.
    Close,
    /// Take the chosen word.
    Take,
    /// Take what the history goes on with.
    TakeGhost,
    /// Take its first word.
    TakeGhostWord,
    /// Take back the last edit.
    Undo,
    /// Exchange two letters.
    Transpose,
    /// Put in the last word of the line before.
    LastWord,
    /// Say what the error means.
    Explain,
    /// Open the words of the course for reading.
    Words,
    /// Open the last output for reading.
    Read,
    /// Look for something in what is read.
    Find,
    /// The next place that has it.
    FindNext,
    /// The place before that has it.
    FindPrevious,
    /// Yes.
    Yes,
    /// No.
    No,
}

/// Who gets the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// The terminal is too small for anything else.
    Small,
    /// A question.
    Question,
    /// The help.
    Help,
    /// The editor.
    Editor,
    /// The course list.
    Course,
    /// The end of the course.
    End,
    /// The search through the history.
    Search,
    /// The list of words that could follow.
    Pick,
    /// Long output, open for reading.
    Reader,
    /// What is looked for in it.
    Find,
    /// The step's question, while it stands alone.
    Ask,
    /// The prompt.
    Prompt,
    /// The lesson pane.
    Lesson,
    /// The objects pane.
    Objects,
    /// The token pane.
    Token,
    /// The terminal pane.
    Terminal,
}

impl Context {
    /// Who gets the keys now.
    pub fn of(world: &World) -> Self {
        match () {
            () if !world.fits() => Self::Small,
            () if world.question.is_some() => Self::Question,
            () if world.help.is_some() => Self::Help,
            () if world.editor.is_some() => Self::Editor,
            () if world.reader.as_ref().is_some_and(|reader| reader.asked.is_some()) => Self::Find,
            () if world.reader.is_some() => Self::Reader,
            () => Self::beneath(world),
        }
    }

    /// Who gets the keys when no overlay is open.
    pub fn beneath(world: &World) -> Self {
        match (world.screen, world.focus) {
            (Screen::Course, _) => Self::Course,
            (Screen::End, _) => Self::End,
            _ if world.asks() => Self::Ask,
            (_, Focus::Prompt) if world.prompt.search.is_some() => Self::Search,
            (_, Focus::Prompt) if world.pick.is_some() => Self::Pick,
            (_, Focus::Prompt) => Self::Prompt,
            (_, Focus::Pane(PaneId::Lesson)) => Self::Lesson,
            (_, Focus::Pane(PaneId::Objects)) => Self::Objects,
            (_, Focus::Pane(PaneId::Token)) => Self::Token,
            (_, Focus::Pane(PaneId::Terminal)) => Self::Terminal,
        }
    }

    /// Its heading in the help.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Small | Self::Question => "A question",
            Self::Help => "This help",
            Self::Editor => "The editor",
            Self::Course => "The course list",
            Self::End => "The end of the course",
            Self::Search => "Searching earlier commands",
            Self::Pick => "The list of words that could follow",
            Self::Reader | Self::Find => "Reading long output",
            Self::Ask => "A question of the lesson",
            Self::Prompt => "At the prompt: typing types",
            Self::Lesson => "The lesson pane",
            Self::Objects => "The objects pane",
            Self::Token => "The token pane",
            Self::Terminal => "The terminal pane",
        }
    }
}

/// An entry of the table.
pub struct Binding {
    /// What it does.
    pub action: Action,
    /// The keys that do it; the first is shown.
    pub keys: &'static [Key],
    /// What the footer calls it: a word or two.
    pub label: &'static str,
    /// What the help says: a few words.
    pub say: &'static str,
    /// Where it works.
    pub contexts: &'static [Context],
    /// When it works there.
    pub when: fn(&World, Key) -> bool,
    /// Its place in the footer; 0 is for those only the help lists.
    pub rank: u8,
}

impl Binding {
    /// Whether one of its keys would do something now.
    pub fn works(&self, world: &World, context: Context) -> bool {
        self.contexts.contains(&context) && self.keys.iter().any(|key| (self.when)(world, *key))
    }

    /// Its first key that would do something now.
    pub fn key(&self, world: &World) -> Option<Key> {
        self.keys.iter().copied().find(|key| (self.when)(world, *key))
    }
}

/// What a key does now.
pub fn lookup(world: &World, key: Key) -> Option<Action> {
    let context = Context::of(world);
    BINDINGS
        .iter()
        .find(|binding| {
            binding.contexts.contains(&context) && binding.keys.contains(&key) && (binding.when)(world, key)
        })
        .map(|binding| binding.action)
}

/// A key in the footer: what it does, its name, its label, and the columns it takes.
pub struct Item {
    /// The key a click stands for.
    pub key: Key,
    /// The key's name.
    pub name: String,
    /// What it does.
    pub label: &'static str,
    /// The first column.
    pub from: u16,
    /// The column after the last.
    pub to: u16,
}

/// The keys that work now, best first, as many as fit in `width` columns.
pub fn footer(world: &World, width: u16) -> Vec<Item> {
    let context = Context::of(world);
    let mut shown: Vec<&Binding> =
        BINDINGS.iter().filter(|binding| binding.rank > 0 && binding.works(world, context)).collect();
    shown.order_by_key(|binding| binding.rank);
    let (mut items, mut at) = (Vec::new(), 1);
    let mut names: Vec<&str> = Vec::new();
    for binding in shown {
        let Some(key) = binding.key(world) else { continue };
        if names.contains(&binding.label) {
            continue;
        }
        let name = if binding.action == Action::Choose { answer_keys(world, key) } else { key.short() };
        let wide = super::widget::cells(&name) + 1 + super::widget::cells(binding.label);
        let to = at + u16::try_from(wide).unwrap_or(u16::MAX / 2);
        if to > width {
            continue;
        }
        names.push(binding.label);
        items.push(Item { key, name, label: binding.label, from: at, to });
        at = to + 3;
    }
    items
}

/// `1…3`
fn answer_keys(world: &World, first: Key) -> String {
    let rows = world.lesson.as_ref().map_or(0, |open| super::pane::lesson::choices(open).len());
    format!("{first}…{}", rows.min(9))
}

/// The digit of a key, when it has one.
pub fn digit(key: Key) -> Option<usize> {
    match key.code {
        Code::Char(c) => c.to_digit(10).and_then(|digit| usize::try_from(digit).ok()),
        _ => None,
    }
}
