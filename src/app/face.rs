//! What a session shows itself by: the screen, or lines. The runtime is the same behind both.

use std::io;

use crate::tui::linear::Said;
use crate::tui::{Msg, World};

use super::stop::Stop;

/// What there is to show.
pub struct Look<'a> {
    /// The world as it is now.
    pub world: &'a World,
    /// What is to be appended, where lines are.
    pub said: Vec<Said>,
    /// What stands before the line that is wanted now; `None` while none is.
    pub prompt: Option<&'static str>,
}

/// What came from the learner, or from the terminal.
pub enum Felt {
    /// A key, the mouse, another size.
    Msg(Msg),
    /// A line was typed.
    Line(String),
    /// What was typed is no line: why.
    Unreadable(&'static str),
    /// Ctrl-C, where it is no key.
    Interrupt,
    /// There are no more lines.
    End,
    /// The tutor is asked to stop for now.
    Suspend,
    /// Somebody stopped it unasked, and it goes on.
    Resumed,
}

/// Shows a session, and takes what the learner does.
pub trait Face {
    /// What ends the session from outside.
    ///
    /// # Errors
    /// When the operating system refuses.
    fn stop(&self) -> io::Result<Stop>;

    /// Shows what there is.
    ///
    /// # Errors
    /// When it cannot be written.
    fn show(&mut self, look: Look<'_>) -> io::Result<()>;

    /// Waits for the learner; `None` when there is nobody any more. `rests`: nothing is under way, and a line would be taken.
    /// Nothing is lost when it is dropped while it waits.
    ///
    /// # Errors
    /// When nothing can be read.
    async fn next(&mut self, rests: bool) -> io::Result<Option<Felt>>;

    /// Stops until it is asked to go on, with the terminal given back meanwhile. Whether it could.
    ///
    /// # Errors
    /// When the terminal cannot be had again.
    async fn suspend(&mut self) -> io::Result<bool> {
        Ok(false)
    }

    /// Takes the terminal over anew: who had it meanwhile may have left anything there.
    ///
    /// # Errors
    /// When the terminal cannot be had.
    fn retake(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Columns and rows.
    ///
    /// # Errors
    /// When the terminal does not say.
    fn size(&self) -> io::Result<(u16, u16)>;
}
