//! Lines in, lines out: no escape sequence, no cursor that moves. A terminal, a screen reader, a pipe.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Stdout, Write as _, stdin, stdout};

use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::tui::linear::{Said, ascii, rows};

use super::face::{Face, Felt, Look};
use super::stop::{Interrupts, Stop};

/// The most bytes of one line that are taken.
const LINE: u64 = 64 * 1024;
/// No terminal is taken for narrower than this.
const NARROW: usize = 20;
/// Columns and rows that panes are laid out for, so that whatever they have to say has room.
const ROOM: (u16, u16) = (200, 60_000);

/// A session as lines.
pub struct Lines {
    typed: Receiver<Felt>,
    /// Ctrl-C, where a person can press it.
    interrupts: Option<Interrupts>,
    out: Stdout,
    /// Whether what is typed is written down: a terminal does that by itself.
    echoes: bool,
    /// Whether a prompt stands there, and nothing after it.
    prompted: bool,
    /// Whether the last line has not ended.
    open: bool,
}

impl Lines {
    /// Reads from standard input, from now on.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn begin() -> io::Result<Self> {
        let (sender, typed) = channel(1);
        // Nothing can take a read of a terminal back: the thread goes with the process.
        std::thread::spawn(move || read(&sender));
        let echoes = !stdin().is_terminal();
        let interrupts = if echoes { None } else { Some(Interrupts::new()?) };
        Ok(Self { typed, interrupts, out: stdout(), echoes, prompted: false, open: false })
    }

    /// Whether the lines come from no person at a terminal.
    pub fn is_scripted(&self) -> bool {
        self.echoes
    }

    fn end_line(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.open) {
            self.out.write_all(b"\n")?;
        }
        self.prompted = false;
        Ok(())
    }

    fn append(&mut self, said: &Said, is_ascii: bool) -> io::Result<()> {
        let (Said::Line(text) | Said::Printed(text)) = said;
        // A line may grow: the three dots have room.
        let text = if is_ascii { ascii(&text.replace('…', "...")) } else { text.clone() };
        match said {
            Said::Printed(_) if text.is_empty() => {}
            Said::Printed(_) => {
                if self.prompted {
                    self.end_line()?;
                }
                self.out.write_all(text.as_bytes())?;
                self.open = !text.ends_with('\n');
            }
            Said::Line(_) => {
                self.end_line()?;
                // A terminal would cut within words; a pipe has no width.
                let size = self.out.is_terminal().then(crossterm::terminal::size).and_then(Result::ok);
                let width = size.map_or(usize::MAX, |(width, _)| usize::from(width).max(NARROW));
                for row in text.lines().flat_map(|line| rows(line, width)) {
                    writeln!(self.out, "{row}")?;
                }
                if text.is_empty() {
                    writeln!(self.out)?;
                }
            }
        }
        Ok(())
    }
}

impl Face for Lines {
    fn stop(&self) -> io::Result<Stop> {
        if self.interrupts.is_some() { Stop::ended_or_hung_up() } else { Stop::asked_or_hung_up() }
    }

    fn show(&mut self, look: Look<'_>) -> io::Result<()> {
        let is_ascii = look.world.is_ascii();
        for said in &look.said {
            self.append(said, is_ascii)?;
        }
        if let Some(prompt) = look.prompt.filter(|_| !self.prompted) {
            self.end_line()?;
            self.out.write_all(prompt.as_bytes())?;
            (self.prompted, self.open) = (true, true);
        }
        self.out.flush()
    }

    async fn next(&mut self, rests: bool) -> io::Result<Option<Felt>> {
        let Self { typed, interrupts, .. } = self;
        let interrupted = async {
            match interrupts {
                Some(interrupts) => interrupts.wait().await,
                None => std::future::pending().await,
            }
        };
        let felt = tokio::select! {
            () = interrupted => {
                // What was typed ahead was for after the command that is stopped.
                while typed.try_recv().is_ok() {}
                return Ok(Some(Felt::Interrupt));
            }
            felt = typed.recv(), if rests => felt.unwrap_or(Felt::End),
        };
        if self.echoes {
            let line = if let Felt::Line(line) = &felt { line.as_str() } else { "" };
            let line: String = line.chars().filter(|c| !c.is_control()).collect();
            self.out.write_all(line.as_bytes())?;
        }
        // Who types a line ends it; only the end of the input is not seen.
        if self.echoes || matches!(felt, Felt::End) {
            self.end_line()?;
        }
        (self.prompted, self.open) = (false, false);
        Ok(Some(felt))
    }

    fn size(&self) -> io::Result<(u16, u16)> {
        Ok(ROOM)
    }
}

/// Reads lines until there are no more.
fn read(sender: &Sender<Felt>) {
    let mut input = stdin().lock();
    loop {
        let mut bytes = Vec::new();
        let felt = match input.by_ref().take(LINE).read_until(b'\n', &mut bytes) {
            Ok(0) => Felt::End,
            // A terminal that is gone has no more lines either.
            Err(_) => Felt::End,
            Ok(_) if !bytes.ends_with(b"\n") && bytes.len() as u64 == LINE => match skip_line(&mut input) {
                Ok(()) => Felt::Unreadable("That line is longer than 64 kilobytes."),
                Err(_) => Felt::End,
            },
            Ok(_) => match String::from_utf8(bytes) {
                Ok(line) => Felt::Line(line.trim_end_matches(['\n', '\r']).to_owned()),
                Err(_) => Felt::Unreadable("That line has bytes that are no text in UTF-8."),
            },
        };
        let is_end = matches!(felt, Felt::End);
        if sender.blocking_send(felt).is_err() || is_end {
            return;
        }
    }
}

/// Passes the rest of a line over.
fn skip_line(input: &mut impl io::BufRead) -> io::Result<()> {
    input.skip_until(b'\n').map(drop)
}
