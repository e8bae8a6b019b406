//! The whole screen as values: what happened goes in, a picture and a list of wishes come out.
//!
//! [`update`] takes a [`World`] and a [`Msg`] and gives [`Effect`]s; it never waits and knows no clock but the
//! ticks it is sent. [`view`] draws a world and never changes it. [`layout`] is a pure function of the size, so both
//! agree on where things are. Whatever takes keys has a table of them
//! ([`keymap`]); footer, help and dispatch are read from these. What lies over the screen is a stack ([`overlay`]), and what
//! stands on the workbench a list ([`pane`]): one file and one entry each.

mod ascii;
pub mod effect;
mod glossary;
pub mod key;
pub mod keymap;
pub mod layout;
pub mod linear;
pub mod msg;
pub mod overlay;
pub mod pane;
pub mod plain_words;
mod screen;
pub mod settings;
pub mod theme;
mod update;
mod view;
mod widget;
pub mod world;

pub use effect::Effect;
pub use key::Key;
pub use msg::{Msg, Progress};
pub use update::update;
pub use view::view;
pub use world::{Screen, World};
