//! What lies over the screen, as one stack: the last has the keys. Each is one file with its state, its keys and its
//! picture, and one entry in the list below.

pub mod choices;
pub mod compare;
pub mod editor;
pub mod help;
pub mod leave;
pub mod palette;
pub mod pick;
pub mod question;
pub mod raw;
pub mod reader;
mod sheet;
pub mod tamper;
pub mod word;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::effect::Effect;
use super::key::Key;
use super::keymap::Layer;
use super::world::World;

/// What lies over the screen.
pub trait Over: Sized {
    /// Its keys.
    fn layer(&self) -> &'static Layer;
    /// Draws it.
    fn draw(&self, world: &World, area: Rect, buf: &mut Buffer);
    /// Whether the keys that scroll scroll it: see [`Over::wheel`].
    fn scrolls(&self) -> bool {
        false
    }
    /// How many of its rows are hidden above, and how many below.
    fn hidden(&self, _world: &World) -> (usize, usize) {
        (0, 0)
    }
    /// A key that its table does not list, while it is the uppermost.
    fn key(_world: &mut World, _key: Key) -> Vec<Effect> {
        Vec::new()
    }
    /// Pasted text, while it is the uppermost.
    fn paste(_world: &mut World, _text: &str) -> Vec<Effect> {
        Vec::new()
    }
    /// The wheel was turned by so many rows.
    fn wheel(_world: &mut World, _rows: isize) {}
    /// What is copied of it.
    fn copied(&self, _world: &World) -> Option<String> {
        None
    }
    /// A click on a column and row of the screen.
    fn click(_world: &mut World, _x: u16, _y: u16) -> Vec<Effect> {
        Vec::new()
    }
}

/// A kind of overlay, found in the stack.
pub trait Among: Sized {
    /// It, when the overlay is of this kind.
    fn of(overlay: &Overlay) -> Option<&Self>;
    /// It, when the overlay is of this kind.
    fn of_mut(overlay: &mut Overlay) -> Option<&mut Self>;
}

macro_rules! overlays {
    ($($name:ident in $module:ident: $($layer:ident)+),* $(,)?) => {
        /// One of the stack.
        #[derive(Clone, Debug)]
        pub enum Overlay {
            $(#[doc = concat!("See [`", stringify!($module), "`].")] $name(Box<$module::$name>)),*
        }

        $(impl From<$module::$name> for Overlay {
            fn from(it: $module::$name) -> Self {
                Self::$name(Box::new(it))
            }
        }

        impl Among for $module::$name {
            fn of(overlay: &Overlay) -> Option<&Self> {
                match overlay { Overlay::$name(it) => Some(it), _ => None }
            }

            fn of_mut(overlay: &mut Overlay) -> Option<&mut Self> {
                match overlay { Overlay::$name(it) => Some(it), _ => None }
            }
        })*

        /// The names of all kinds, in the order of the list.
        pub const NAMES: &[&str] = &[$(stringify!($name)),*];

        impl Overlay {
            /// The name of its kind: one of [`NAMES`].
            pub fn name(&self) -> &'static str {
                match self { $(Self::$name(_) => stringify!($name)),* }
            }

            /// Its keys.
            pub fn layer(&self) -> &'static Layer {
                match self { $(Self::$name(it) => it.layer()),* }
            }

            /// Whether the keys that scroll scroll it.
            pub fn scrolls(&self) -> bool {
                match self { $(Self::$name(it) => it.scrolls()),* }
            }

            /// How many of its rows are hidden above, and how many below.
            pub fn hidden(&self, world: &World) -> (usize, usize) {
                match self { $(Self::$name(it) => it.hidden(world)),* }
            }

            /// Draws it.
            pub fn draw(&self, world: &World, area: Rect, buf: &mut Buffer) {
                match self { $(Self::$name(it) => it.draw(world, area, buf)),* }
            }

            /// What takes a key that its table does not list.
            pub fn key(&self) -> fn(&mut World, Key) -> Vec<Effect> {
                match self { $(Self::$name(_) => $module::$name::key),* }
            }

            /// What takes pasted text.
            pub fn paste(&self) -> fn(&mut World, &str) -> Vec<Effect> {
                match self { $(Self::$name(_) => $module::$name::paste),* }
            }

            /// What takes the wheel.
            pub fn wheel(&self) -> fn(&mut World, isize) {
                match self { $(Self::$name(_) => $module::$name::wheel),* }
            }

            /// What is copied of it.
            pub fn copied(&self, world: &World) -> Option<String> {
                match self { $(Self::$name(it) => it.copied(world)),* }
            }

            /// What takes a click.
            pub fn click(&self) -> fn(&mut World, u16, u16) -> Vec<Effect> {
                match self { $(Self::$name(_) => $module::$name::click),* }
            }
        }

        /// The tables of keys of all of them.
        pub static LAYERS: &[&Layer] = &[$($(&$module::$layer),+),*];
    };
}

overlays! {
    Pick in pick: LAYER,
    Reader in reader: LAYER FIND,
    Editor in editor: LAYER,
    Leave in leave: LAYER,
    Question in question: LAYER,
    Choices in choices: LAYER,
    Word in word: LAYER,
    Palette in palette: LAYER,
    Help in help: LAYER,
    Raw in raw: LAYER,
    Compare in compare: LAYER,
    Tamper in tamper: LAYER,
}
