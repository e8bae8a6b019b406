//! The panes of the workbench. Each is one file and one entry in [`PANES`].

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use serde::{Deserialize, Serialize};

use super::world::World;

pub mod lesson;
pub mod objects;
pub mod terminal;
pub mod token;

/// The name of a pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PaneId {
    /// The step: text, task, checks.
    Lesson,
    /// The cluster's objects and their links.
    Objects,
    /// The token last seen.
    Token,
    /// The prompt and what commands printed.
    Terminal,
}

/// What the workbench asks of a pane.
pub trait Pane: Sync {
    /// Its name.
    fn id(&self) -> PaneId;
    /// Its title: one word.
    fn title(&self) -> &'static str;
    /// What its tab shows beside the title while the pane is hidden, such as `+2`.
    fn badge(&self, _world: &World) -> Option<String> {
        None
    }
    /// Draws it.
    fn draw(&self, world: &World, area: Rect, buf: &mut Buffer);
    /// Moves by rows: the selection where there is one, else the text.
    fn step(&self, world: &mut World, rows: isize);
    /// Scrolls by rows; the wheel does this.
    fn scroll(&self, world: &mut World, rows: isize) {
        self.step(world, rows);
    }
    /// A click on a row and column of its area.
    fn click(&self, _world: &mut World, _column: u16, _row: u16) {}
}

/// The panes, in the order Tab goes through them.
pub static PANES: &[&dyn Pane] =
    &[&lesson::LessonPane, &objects::ObjectsPane, &token::TokenPane, &terminal::TerminalPane];

/// The panes that share a place on a small screen.
pub const TABS: &[PaneId] = &[PaneId::Lesson, PaneId::Objects, PaneId::Token];

impl PaneId {
    /// What this pane can do.
    pub fn pane(self) -> &'static dyn Pane {
        PANES.iter().find(|pane| pane.id() == self).copied().unwrap_or(&lesson::LessonPane)
    }

    /// The pane `by` places further in the list, around its end.
    pub fn further(self, by: isize) -> Self {
        let at = PANES.iter().position(|pane| pane.id() == self).unwrap_or(0);
        let length = PANES.len().cast_signed();
        let next = (at.cast_signed() + by).rem_euclid(length);
        PANES.get(next.cast_unsigned()).map_or(Self::Lesson, |pane| pane.id())
    }
}
