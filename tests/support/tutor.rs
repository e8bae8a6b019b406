//! A tutor in a pseudo-terminal, read as a person reads a screen. Everything waits for a state, with a limit.

use std::io::{Read as _, Write};
use std::num::NonZero;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// How long anything may take. Generous: machines that build are slow.
const LIMIT: Duration = Duration::from_secs(60);
/// How often something that cannot tell of itself is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// How long the last words of one that has ended may take.
const LAST: Duration = Duration::from_secs(1);
/// How long the pieces of one picture may be apart.
const WHOLE: Duration = Duration::from_millis(200);

fn rows(count: u16) -> NonZero<u16> {
    NonZero::new(count).expect("a terminal has room")
}

/// Another terminal: our kubectl with the kubeconfig of the tutor's door.
pub fn elsewhere(kubeconfig: &Path, line: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_sa-tutor"))
        .args(["kubectl", "--kubeconfig"])
        .arg(kubeconfig)
        .args(line.split(' '))
        .output()
        .expect("run");
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

pub struct Tutor {
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    /// All that was written, for the escape codes at the end.
    written: Vec<u8>,
}

impl Tutor {
    /// Starts the tutor in a terminal of this size, with its state in `home`.
    pub fn start(home: &Path, width: u16, height: u16, args: &[&str]) -> Self {
        Self::start_in(home, width, height, args, &[])
    }

    /// The same, with these variables besides.
    pub fn start_in(home: &Path, width: u16, height: u16, args: &[&str], variables: &[(&str, &str)]) -> Self {
        Self::start_program(env!("CARGO_BIN_EXE_sa-tutor"), home, (width, height), args, variables)
    }

    /// The same as the job of a shell, which says how it left the terminal whenever it stops, and lets it go on after a line.
    pub fn start_as_job(home: &Path, width: u16, height: u16, args: &[&str]) -> Self {
        let shell = r#"set -m
            sh -c 'echo $$ >"$SA_TUTOR_HOME/pid"; exec "$@"' sh "$@"
            while code=$?; test "$code" -gt 128; do
                times=$((times + 1))
                stty -a | grep -q -e ' icanon' && echo "stopped $times, cooked" || echo "stopped $times, raw"
                read -r line
                fg >/dev/null
            done
            echo "ended with $code""#;
        let all: Vec<&str> = ["-c", shell, "sh", env!("CARGO_BIN_EXE_sa-tutor")].iter().chain(args).copied().collect();
        Self::start_program("sh", home, (width, height), &all, &[])
    }

    fn start_program(
        program: &str,
        home: &Path,
        (width, height): (u16, u16),
        args: &[&str],
        variables: &[(&str, &str)],
    ) -> Self {
        let size = PtySize { rows: height, cols: width, ..PtySize::default() };
        let pty = native_pty_system().openpty(size).expect("a terminal");
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.env("SA_TUTOR_HOME", home);
        for name in ["LC_ALL", "LC_CTYPE", "NO_COLOR", "COLORTERM", "COLORFGBG"] {
            command.env_remove(name);
        }
        for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8")].iter().chain(variables) {
            command.env(name, value);
        }
        let child = pty.slave.spawn_command(command).expect("started");
        let mut reader = pty.master.try_clone_reader().expect("a reader");
        let writer = pty.master.take_writer().expect("a writer");
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut chunk = [0; 8192];
            while let Ok(count) = reader.read(&mut chunk) {
                if count == 0 || sender.send(chunk[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self {
            master: pty.master,
            writer,
            child,
            output,
            screen: vt100::Parser::new(rows(height), rows(width), 0),
            written: Vec::new(),
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.screen.process(bytes);
        self.written.extend_from_slice(bytes);
    }

    /// Waits until the screen shows `text`.
    #[track_caller]
    pub fn wait_for(&mut self, text: &str) {
        self.wait_while(&format!("`{text}` did not appear"), |contents| !contents.contains(text));
    }

    /// Waits until the screen shows `text` no more: a key pressed before that could be read together with the one before.
    #[track_caller]
    pub fn wait_until_gone(&mut self, text: &str) {
        self.wait_while(&format!("`{text}` did not go"), |contents| contents.contains(text));
    }

    #[track_caller]
    fn wait_while(&mut self, fault: &str, so: impl Fn(&str) -> bool) {
        let deadline = Instant::now() + LIMIT;
        while so(&self.screen.screen().contents()) {
            match self.output.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Timeout) => panic!("{fault}:\n{}", self.screen.screen().contents()),
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("the tutor ended, and {fault}:\n{}", self.screen.screen().contents())
                }
            }
        }
    }

    /// Waits until a file holds `text`.
    #[track_caller]
    pub fn wait_for_file(&mut self, path: &Path, text: &str) {
        let deadline = Instant::now() + LIMIT;
        loop {
            let content = std::fs::read_to_string(path).unwrap_or_default();
            if content.contains(text) {
                return;
            }
            assert!(Instant::now() < deadline, "{} never held `{text}`:\n{content}", path.display());
            if let Ok(bytes) = self.output.recv_timeout(LOOK) {
                self.take(&bytes);
            }
        }
    }

    /// Waits until a question put to the world outside is answered with yes; the screen goes on meanwhile.
    #[track_caller]
    pub fn wait_until(&mut self, what: &str, mut so: impl FnMut() -> bool) {
        let deadline = Instant::now() + LIMIT;
        while !so() {
            assert!(Instant::now() < deadline, "never so: {what}:\n{}", self.screen.screen().contents());
            if let Ok(bytes) = self.output.recv_timeout(LOOK) {
                self.take(&bytes);
            }
        }
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.process_id().expect("it runs")
    }

    /// What is on the screen now.
    pub fn screen(&self) -> &vt100::Screen {
        self.screen.screen()
    }

    /// All that was written so far, escape codes and all.
    pub fn written(&self) -> String {
        String::from_utf8_lossy(&self.written).into_owned()
    }

    /// Types.
    pub fn press(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).expect("typed");
        self.writer.flush().expect("typed");
    }

    /// Takes in the rest of a picture: it comes in pieces, and things stand where the last of them puts them.
    pub fn settle(&mut self) {
        while let Ok(bytes) = self.output.recv_timeout(WHOLE) {
            self.take(&bytes);
        }
    }

    /// Clicks on a text of the screen, on its first letter.
    #[track_caller]
    pub fn click(&mut self, text: &str) {
        self.wait_for(text);
        self.settle();
        let contents = self.screen.screen().contents();
        let found = contents.lines().enumerate().find_map(|(row, line)| Some((row, line.find(text)?, line)));
        let (row, at, line) = found.expect("it is there");
        let column = line[..at].chars().count();
        self.press(&format!("\u{1b}[<0;{x};{y}M\u{1b}[<0;{x};{y}m", x = column + 1, y = row + 1));
    }

    /// Gives the terminal another size.
    pub fn resize(&mut self, width: u16, height: u16) {
        self.screen.screen_mut().set_size(rows(height), rows(width));
        self.master.resize(PtySize { rows: height, cols: width, ..PtySize::default() }).expect("resized");
    }

    /// Ends it the hard way.
    pub fn kill(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }

    /// Waits until it has ended by itself, with this exit code.
    #[track_caller]
    pub fn wait_for_end(&mut self, code: u32) {
        let deadline = Instant::now() + LIMIT;
        loop {
            match self.output.recv_timeout(LOOK) {
                Ok(bytes) => self.take(&bytes),
                Err(_) => {
                    if let Some(status) = self.child.try_wait().expect("a status") {
                        // What it wrote last may still be on its way; the end of it closes the terminal.
                        while let Ok(bytes) = self.output.recv_timeout(LAST) {
                            self.take(&bytes);
                        }
                        assert_eq!(status.exit_code(), code);
                        return;
                    }
                }
            }
            assert!(Instant::now() < deadline, "the tutor did not end:\n{}", self.screen.screen().contents());
        }
    }

    /// The terminal is as it was: main screen, no mouse, no pasting mode, cursor shown.
    #[track_caller]
    pub fn expect_terminal_restored(&mut self) {
        while let Ok(bytes) = self.output.recv_timeout(LOOK) {
            self.take(&bytes);
        }
        let last = |on: &str, off: &str| {
            let text = String::from_utf8_lossy(&self.written).into_owned();
            let (on_at, off_at) = (text.rfind(on), text.rfind(off));
            assert!(off_at > on_at, "{on:?} was not undone by {off:?}");
        };
        last("\u{1b}[?1049h", "\u{1b}[?1049l");
        last("\u{1b}[?1000h", "\u{1b}[?1000l");
        last("\u{1b}[?2004h", "\u{1b}[?2004l");
        assert!(!self.screen.screen().hide_cursor(), "the cursor stayed hidden");
    }
}

impl Drop for Tutor {
    fn drop(&mut self) {
        // It may have ended already; a test that failed must not leave it running.
        let _ = self.child.kill();
    }
}
