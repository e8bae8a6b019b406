//! The terminal while it is ours: entered, left, and restored whatever happens.

use std::io::{self, IsTerminal as _, Stdout, Write as _, stdout};
use std::sync::Once;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crossterm::cursor::Show;
use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture, EventStream,
};
use crossterm::execute;
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use futures::StreamExt as _;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

use crate::tui::settings::Mouse;
use crate::tui::{self, Msg};

use super::face::{Face, Felt, Look};
use super::stop::Stop;
#[cfg(unix)]
use super::suspend::{Suspension, Wish};

/// The screen; dropping it gives the terminal back as it was.
pub struct Screen {
    /// What is drawn on.
    terminal: Terminal<CrosstermBackend<Stdout>>,
    events: EventStream,
    /// Whether the mouse is ours.
    mouse: bool,
    #[cfg(unix)]
    suspension: Suspension,
}

/// Whether there is a terminal to draw on and to read from.
pub fn is_there() -> bool {
    stdout().is_terminal() && io::stdin().is_terminal()
}

impl Screen {
    /// Takes the terminal over. A panic from now on restores it before it is reported.
    ///
    /// # Errors
    /// When the terminal refuses.
    pub fn enter() -> io::Result<Self> {
        restore_on_panic();
        let made = take().and_then(|()| {
            Ok(Self {
                terminal: Terminal::new(CrosstermBackend::new(stdout()))?,
                events: EventStream::new(),
                mouse: false,
                #[cfg(unix)]
                suspension: Suspension::new()?,
            })
        });
        // What was taken is given back when it is not to be had whole.
        made.inspect_err(|_| restore())
    }
}

impl Face for Screen {
    fn stop(&self) -> io::Result<Stop> {
        Stop::asked_or_hung_up()
    }

    fn show(&mut self, look: Look<'_>) -> io::Result<()> {
        self.mouse = look.world.settings.mouse == Mouse::On;
        self.terminal.draw(|frame| tui::view(look.world, frame.buffer_mut())).map(drop)
    }

    async fn next(&mut self, _rests: bool) -> io::Result<Option<Felt>> {
        #[cfg(unix)]
        let outside = async { felt(self.suspension.wait().await) };
        #[cfg(not(unix))]
        let outside = std::future::pending::<Felt>();
        let inside = async {
            while let Some(event) = self.events.next().await.transpose()? {
                if let Some(msg) = Msg::from_event(event) {
                    return Ok(Some(Felt::Msg(msg)));
                }
            }
            // The terminal is gone; there is nobody to go on for.
            Ok(None)
        };
        tokio::select! {
            felt = inside => felt,
            felt = outside => Ok(Some(felt)),
        }
    }

    #[cfg(unix)]
    async fn suspend(&mut self) -> io::Result<bool> {
        if !Suspension::has_shell() {
            return Ok(false);
        }
        restore();
        let stopped = self.suspension.stop().await;
        self.retake()?;
        stopped.map(|()| true)
    }

    fn retake(&mut self) -> io::Result<()> {
        // It is asked for anew: whoever stopped us may have changed it, and we would not be told.
        disable_raw_mode()?;
        take()?;
        take_mouse(self.mouse)?;
        execute!(stdout(), Clear(ClearType::All))?;
        // One that has drawn nothing draws all of it. Its own way to forget asks the terminal where the cursor is, and the
        // answer would be read as keys.
        self.terminal = Terminal::new(CrosstermBackend::new(stdout()))?;
        Ok(())
    }

    fn size(&self) -> io::Result<(u16, u16)> {
        self.terminal.size().map(|size| (size.width, size.height))
    }
}

#[cfg(unix)]
fn felt(wish: Wish) -> Felt {
    match wish {
        Wish::Stop => Felt::Suspend,
        Wish::Resumed => Felt::Resumed,
    }
}

/// Raw keys, a screen of our own, pasted text as one piece.
fn take() -> io::Result<()> {
    enable_raw_mode()?;
    execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste)
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

/// Takes the mouse, or leaves it to the terminal.
///
/// # Errors
/// When the terminal refuses.
pub fn take_mouse(wanted: bool) -> io::Result<()> {
    if wanted { execute!(stdout(), EnableMouseCapture) } else { execute!(stdout(), DisableMouseCapture) }
}

/// Puts a text into the terminal's clipboard. Whether the terminal lets programs do that, it does not say.
///
/// # Errors
/// When it cannot be written to.
pub fn copy(text: &str) -> io::Result<()> {
    let is_in_tmux = std::env::var_os("TMUX").is_some_and(|value| !value.is_empty());
    let mut out = stdout();
    out.write_all(clipboard(text, is_in_tmux).as_bytes())?;
    out.flush()
}

/// OSC 52. tmux takes it for itself or passes on what is wrapped, by its settings: it gets both.
fn clipboard(text: &str, is_in_tmux: bool) -> String {
    let osc = format!("\x1b]52;c;{}\x07", STANDARD.encode(text));
    match is_in_tmux {
        true => format!("{osc}\x1bPtmux;\x1b{osc}\x1b\\"),
        false => osc,
    }
}

/// Gives the terminal back. Harmless when it is not ours.
pub fn restore() {
    // There is nothing left to do when even this fails, and nobody to tell.
    let _ = disable_raw_mode();
    let _ = execute!(stdout(), DisableBracketedPaste, DisableMouseCapture, LeaveAlternateScreen, Show);
}

fn restore_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            restore();
            report(panic);
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::clipboard;

    #[test]
    fn what_is_copied_is_written_as_osc_52() {
        assert_eq!(clipboard("pod", false), "\x1b]52;c;cG9k\x07");
        assert_eq!(clipboard("", false), "\x1b]52;c;\x07");
        let wrapped = "\x1b]52;c;cG9k\x07\x1bPtmux;\x1b\x1b]52;c;cG9k\x07\x1b\\";
        assert_eq!(clipboard("pod", true), wrapped);
    }
}
