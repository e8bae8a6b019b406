//! What tests stand on: a server behind its door, the tutor in a terminal, an eye on panics.

pub mod door;
pub mod panics;
pub mod shell;
pub mod tutor;
