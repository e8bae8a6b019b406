//! A terminal: what is typed is echoed and put together to lines, and some keys are signals.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::pipe::{self, Source, Writer};
use super::sink::Sink;

/// Where a terminal shows something.
pub type Screen = Arc<dyn Fn(&[u8]) + Send + Sync>;

/// One terminal. What is typed comes by [`Terminal::type_in`]; whoever reads gets whole lines.
pub struct Terminal {
    state: Mutex<State>,
    interrupted: Notify,
    screen: Screen,
}

struct State {
    line: Vec<char>,
    /// What of a letter has come so far.
    letter: Vec<u8>,
    typed: Option<Writer>,
}

impl Terminal {
    /// A terminal, and what a program on it reads.
    pub fn new(screen: Screen) -> (Arc<Self>, Source) {
        let (writer, source, _) = pipe::pipe();
        let state = State { line: Vec::new(), letter: Vec::new(), typed: Some(writer) };
        let terminal = Arc::new(Self { state: Mutex::new(state), interrupted: Notify::new(), screen });
        let source = source.on(Arc::clone(&terminal));
        (terminal, source)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a program on it writes to.
    pub fn sink(self: &Arc<Self>) -> Sink<'static> {
        Sink::screen(Shown(Arc::clone(self)))
    }

    /// Shows something, with the carriage returned at the end of each line.
    pub fn show(&self, text: &[u8]) {
        let mut shown = Vec::with_capacity(text.len());
        for byte in text {
            if *byte == b'\n' {
                shown.push(b'\r');
            }
            shown.push(*byte);
        }
        (self.screen)(&shown);
    }

    /// Waits for Ctrl-C.
    pub async fn interrupted(&self) {
        self.interrupted.notified().await;
    }

    /// Takes keys as they were pressed.
    pub fn type_in(&self, bytes: &[u8]) {
        let mut state = self.lock();
        for byte in bytes {
            state.letter.push(*byte);
            let letter = match std::str::from_utf8(&state.letter) {
                Ok(text) => text.chars().next(),
                Err(error) if error.error_len().is_none() => continue,
                Err(_) => None,
            };
            state.letter.clear();
            if let Some(letter) = letter {
                self.key(&mut state, letter);
            }
        }
    }

    fn key(&self, state: &mut State, letter: char) {
        match letter {
            '\r' | '\n' => {
                self.show(b"\n");
                state.line.push('\n');
                state.hand_on();
            }
            // The end of the input, or of what is typed so far.
            '\u{4}' if state.line.is_empty() => {
                if let Some(typed) = &mut state.typed {
                    typed.end_once();
                }
            }
            '\u{4}' => state.hand_on(),
            '\u{3}' | '\u{1c}' => {
                state.line.clear();
                if let Some(typed) = &mut state.typed {
                    typed.forget();
                }
                self.show(if letter == '\u{3}' { b"^C\n" } else { b"^\\\n" });
                self.interrupted.notify_one();
            }
            '\u{7f}' | '\u{8}' if !state.line.is_empty() => {
                state.line.pop();
                self.show(b"\x08 \x08");
            }
            '\u{15}' => {
                let back = "\u{8} \u{8}".repeat(state.line.len());
                state.line.clear();
                self.show(back.as_bytes());
            }
            letter if !letter.is_control() => {
                state.line.push(letter);
                self.show(letter.encode_utf8(&mut [0; 4]).as_bytes());
            }
            _ => {}
        }
    }

    /// Nobody types any more.
    pub fn hang_up(&self) {
        self.lock().typed = None;
    }
}

impl State {
    fn hand_on(&mut self) {
        let line: String = self.line.drain(..).collect();
        if let Some(typed) = &mut self.typed {
            // What nobody reads is lost, as on a terminal whose buffer is full.
            let _ = typed.write_all(line.as_bytes());
        }
    }
}

/// The terminal as a place to write to.
struct Shown(Arc<Terminal>);

impl Write for Shown {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.show(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
