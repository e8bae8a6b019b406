//! The whole screen as values: what happened goes in, a picture and a list of wishes come out.
//!
//! [`update`] takes a [`World`] and a [`Msg`] and gives [`Effect`]s; it never waits and knows no clock but the
//! ticks it is sent. [`view`] draws a world and never changes it. [`layout`] is a pure function of the size, so both
//! agree on where things are. Keys are one table ([`keymap`]); footer, help and dispatch are read from it.

pub mod effect;
mod glossary;
pub mod key;
pub mod keymap;
pub mod layout;
pub mod msg;
pub mod pane;
pub mod pick;
pub mod plain_words;
pub mod reader;
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
