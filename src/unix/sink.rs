//! Where a command's output goes: the screen, the next command, a file, a variable, nowhere.

use super::limits;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use super::pipe::{Valve, Writer};

/// One output of a command. Cloning it gives the same place, as `2>&1` does.
#[derive(Clone)]
pub struct Sink<'a> {
    writer: Arc<Mutex<dyn Write + Send + 'a>>,
    /// Whether the learner sees it as it is written.
    screen: bool,
    /// What holds its writer back when it is a pipe.
    pub(super) valve: Option<Valve>,
}

impl<'a> Sink<'a> {
    /// A place to write to.
    pub fn new(writer: impl Write + Send + 'a) -> Self {
        Self { writer: Arc::new(Mutex::new(writer)), screen: false, valve: None }
    }

    pub(super) fn pipe(writer: Writer, valve: Valve) -> Self {
        Self { valve: Some(valve), ..Self::new(writer) }
    }

    /// The same place for a shorter time.
    pub(super) fn within<'b>(&self) -> Sink<'b>
    where
        'a: 'b,
    {
        Sink { writer: Arc::new(Mutex::new(self.clone())), screen: self.screen, valve: self.valve.clone() }
    }

    /// Whether the learner sees what is written as it is written.
    pub fn is_screen(&self) -> bool {
        self.screen
    }

    pub(super) fn screen(writer: impl Write + Send + 'a) -> Self {
        Self { screen: true, ..Self::new(writer) }
    }
}

impl Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner).flush()
    }
}

/// Keeps what is written. Cloning it gives the same store.
#[derive(Clone, Default)]
pub(super) struct Capture(Arc<Mutex<Vec<u8>>>);

impl Capture {
    pub fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Capture {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() + bytes.len() > limits::CAPTURE {
            return Err(io::Error::new(io::ErrorKind::BrokenPipe, "Broken pipe"));
        }
        kept.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
