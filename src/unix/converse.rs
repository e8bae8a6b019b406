//! A shell on a terminal: it asks for lines and runs them until it is left.

use std::sync::Arc;

use super::Shell;
use super::execute::Io;
use super::machine::Make;
use super::parse;
use super::terminal::Terminal;

/// How a line ends that was interrupted: 128 and SIGINT.
const INTERRUPTED: i32 = 130;

impl Shell {
    /// Reads lines from a terminal and runs them; gives the exit code.
    pub(super) async fn converse(&mut self, terminal: &Arc<Terminal>, io: &Io<'_>) -> i32 {
        loop {
            terminal.show(self.prompt().as_bytes());
            let mut text = String::new();
            loop {
                let line = tokio::select! {
                    biased;
                    () = terminal.interrupted() => {
                        self.status = INTERRUPTED;
                        text.clear();
                        terminal.show(self.prompt().as_bytes());
                        continue;
                    }
                    line = io.stdin.line() => line,
                };
                let Some(line) = line else {
                    terminal.show(if self.called == "bash" { b"exit\n" } else { b"\n" });
                    return self.status;
                };
                text.push_str(&String::from_utf8_lossy(&line));
                if !parse::is_incomplete(&text) {
                    break;
                }
                terminal.show(b"> ");
            }
            let exits = tokio::select! {
                biased;
                ended = self.line(&text, io) => ended.exits,
                () = terminal.interrupted() => {
                    self.status = INTERRUPTED;
                    false
                }
            };
            if exits {
                return self.status;
            }
        }
    }

    /// What asks for a line.
    fn prompt(&self) -> String {
        let sign = if self.files.user().uid == 0 { '#' } else { '$' };
        let current = self.files.current();
        let here = match self.variables.get("HOME").and_then(|home| current.strip_prefix(home.as_str())) {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("~{rest}"),
            _ => current,
        };
        match (self.machine.make, self.called.as_str()) {
            (Make::Gnu, "bash") => format!("{}@{}:{here}{sign} ", self.user_name(), self.machine.hostname),
            (Make::Gnu, _) => format!("{sign} "),
            (Make::Busybox, _) => format!("{here} {sign} "),
        }
    }
}
