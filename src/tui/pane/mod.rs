//! The panes of the workbench. Each is one file (or a folder) with its state, its messages, its keys and its picture, and
//! one entry in the list below.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use serde::{Deserialize, Serialize};

use super::effect::Effect;
use super::keymap::Layer;
use super::linear;
use super::world::World;

pub mod clock;
pub mod lesson;
pub mod mount;
pub mod objects;
pub mod releases;
pub mod terminal;
pub mod token;
pub mod why;

macro_rules! panes {
    ($($name:ident in $module:ident $(hears $news:ty)?),* $(,)?) => {
        /// The name of a pane.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum PaneId {
            $(#[doc = concat!("See [`", stringify!($module), "`].")] $name),*
        }

        /// The panes, in the order Tab goes through them.
        pub static PANES: &[&dyn Pane] = &[$(&$module::PANE),*];

        /// What each pane remembers.
        #[derive(Clone, Debug, Default)]
        pub struct States {
            $(#[doc = concat!("See [`", stringify!($module), "`].")] pub $module: $module::State),*
        }

        /// Something that a pane hears.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub enum News {
            $($(#[doc = concat!("See [`", stringify!($module), "`].")] $name(Box<$news>),)?)*
        }

        impl News {
            /// The pane takes it in.
            pub fn hear(self, world: &mut World) -> Vec<Effect> {
                match self {
                    $($(Self::$name(news) => {
                        let news: $news = *news;
                        $module::hear(world, news)
                    })?)*
                }
            }
        }
    };
}

panes! {
    Lesson in lesson,
    Objects in objects hears super::msg::Feed,
    Token in token hears super::msg::TokenSeen,
    Why in why hears crate::why::Trace,
    Mount in mount hears mount::Seen,
    Clock in clock hears super::msg::ClockNews,
    Releases in releases hears releases::Told,
    Terminal in terminal,
}

/// The keys of a pane that has none of its own.
static NONE: Layer = Layer { heading: "", keys: &[] };

/// What the workbench asks of a pane.
pub trait Pane: Sync {
    /// Its name.
    fn id(&self) -> PaneId;
    /// Its title: one word.
    fn title(&self) -> &'static str;
    /// The keys it takes while it has them, beside those of every pane.
    fn layer(&self) -> &'static Layer {
        &NONE
    }
    /// The table of what is open in it and takes letters: it is asked before its own.
    fn open(&self, _world: &World) -> Option<&'static Layer> {
        None
    }
    /// Every table that [`Pane::open`] can give, for the help.
    fn inner_layers(&self) -> &'static [&'static Layer] {
        &[]
    }
    /// A letter, while such a thing is open.
    fn typed(&self, _world: &mut World, _c: char) {}
    /// What stands behind its title while it is shown, in at most so many cells.
    fn remark(&self, _world: &World, _room: usize) -> Option<String> {
        None
    }
    /// What its tab shows beside the title while the pane is hidden, such as `+2`.
    fn badge(&self, _world: &World) -> Option<String> {
        None
    }
    /// Draws it.
    fn draw(&self, world: &World, area: Rect, buf: &mut Buffer);
    /// Moves by rows: the selection where there is one, else the text.
    fn step(&self, world: &mut World, rows: isize);
    /// Whether a step up would move anything, and a step down.
    fn steps(&self, world: &World) -> (bool, bool);
    /// Scrolls by rows; the wheel does this.
    fn scroll(&self, world: &mut World, rows: isize) {
        self.step(world, rows);
    }
    /// A click on a row and column of its area.
    fn click(&self, _world: &mut World, _column: u16, _row: u16) {}
    /// Whether a second click on the same place of its area is Enter.
    fn takes(&self, _world: &World, _column: u16, _row: u16) -> bool {
        true
    }
    /// What is copied of it: what is selected, or what it shows.
    fn copied(&self, _world: &World) -> Option<String> {
        None
    }
    /// What its cursor stands on, as words that the glossary may have, the closest first.
    fn named(&self, _world: &World) -> Vec<String> {
        Vec::new()
    }
    /// It is given the keys.
    fn enter(&self, _world: &mut World) {}
    /// It is on the screen now.
    fn seen(&self, _world: &mut World) {}
    /// What it wants done by itself; asked after each message, wherever the pane is.
    fn wishes(&self, _world: &mut World, _on_screen: bool) -> Vec<Effect> {
        Vec::new()
    }
    /// How many rows it must have at this width, and how many it could use.
    fn wants(&self, _world: &World, _width: usize) -> (usize, usize) {
        (0, 0)
    }
    /// Whether it takes the place of the objects as well, on a large screen, while it has the keys.
    fn is_large(&self) -> bool {
        false
    }
    /// What it shows, as lines to be read aloud.
    fn aloud(&self, world: &World) -> Vec<String> {
        // Its rows, and room for what stands beside them.
        let rows = self.wants(world, 200).1 + 16;
        linear::drawn(rows, |area, buf| self.draw(world, area, buf))
    }
    /// Whether it stays hidden while the lesson's question stands: it may give the answer away.
    fn is_veiled(&self) -> bool {
        true
    }
}

/// Whether panes share a place with this one on a small screen: all do but the terminal.
pub fn is_tab(id: PaneId) -> bool {
    id != PaneId::Terminal
}

/// Whether a pane shares the last place of a large screen: all do but those that have one of their own.
pub fn is_aside(id: PaneId) -> bool {
    !matches!(id, PaneId::Lesson | PaneId::Objects | PaneId::Terminal)
}

/// The panes that share the last place of a large screen.
pub fn asides() -> impl Iterator<Item = PaneId> {
    PANES.iter().map(|pane| pane.id()).filter(|id| is_aside(*id))
}

/// The panes that share a place on a small screen.
pub fn tabs() -> impl Iterator<Item = PaneId> {
    PANES.iter().map(|pane| pane.id()).filter(|id| is_tab(*id))
}

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
