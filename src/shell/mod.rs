//! The learner's command line: words, variables, pipes, and programs that are all ours.
//!
//! Nothing here can touch the host: programs are entries of a list, files live in a private tree, and the only
//! server that can be reached is the session's. Grammar: bash's, through `brush-parser`.

mod ansi;
mod complete;
mod execute;
mod expand;
mod files;
pub mod fuzzy;
mod parse;
mod pattern;
mod program;
mod redirect;
mod sink;
pub mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use crate::kubectl;

pub use complete::Candidate;
pub use files::{Files, HOME, Metadata};
pub use program::{PROGRAMS, Program};

/// The most bytes one variable may hold.
const VARIABLE_LIMIT: usize = 1 << 20;
/// The most variables there may be.
const VARIABLES_LIMIT: usize = 500;
/// How many lines `history` remembers.
const HISTORY_LIMIT: usize = 1000;

/// A place the shell's output goes to while a command runs. Both streams of the learner's screen.
pub struct Screen<'a> {
    /// Standard output.
    pub stdout: &'a mut (dyn Write + Send),
    /// Standard error.
    pub stderr: &'a mut (dyn Write + Send),
}

/// One learner's shell: its variables, its files, its cluster.
pub struct Shell {
    /// The private file tree.
    pub files: Files,
    /// Shell variables.
    pub variables: BTreeMap<String, String>,
    /// The names of the variables that `env` shows.
    pub exported: BTreeSet<String>,
    /// Short names for commands.
    pub aliases: BTreeMap<String, String>,
    /// The lines that were run, oldest first.
    pub history: Vec<String>,
    /// What `kubectl` talks to.
    pub kubectl: kubectl::Config,
    /// A client of the same server that carries no identity: what `curl` sends through. `None`: no `curl` here.
    pub anonymous: Option<kube::Client>,
    /// `$?`
    pub status: i32,
    /// What was asked of the tutor so far.
    requests: Vec<Request>,
    /// What is being left, if anything.
    leaving: Option<Leaving>,
    /// The status of the last `$(…)` of the command being put together.
    substituted: Option<i32>,
    /// How many `$(…)` are inside each other just now.
    depth: usize,
}

/// A command that ends more than itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leaving {
    Break,
    Continue,
    Exit,
}

/// What a command line asks of the tutor around it, beyond printing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// `clear`
    Clear,
    /// `edit FILE` (or vi, nano): open the editor pane on this path of the private tree.
    Edit(String),
    /// `exit`
    Exit,
}

/// How a command line ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The exit code of the last command.
    pub status: i32,
    /// What the tutor is asked to do now.
    pub requests: Vec<Request>,
}

/// What a subshell has for itself: changes to it end with the subshell.
struct Environment {
    variables: BTreeMap<String, String>,
    exported: BTreeSet<String>,
    aliases: BTreeMap<String, String>,
    directory: String,
}

impl Shell {
    /// A shell in `/home/learner` with no files.
    pub fn new(kubectl: kubectl::Config) -> Self {
        let variables = [("HOME", HOME), ("USER", "learner"), ("SHELL", "/bin/bash"), ("TERM", "xterm-256color")];
        let own = |text: &str| text.to_owned();
        Self {
            files: Files::new(kubectl.clock.clone()),
            exported: variables.iter().map(|(name, _)| own(name)).collect(),
            variables: variables.iter().map(|(name, value)| (own(name), own(value))).collect(),
            aliases: [(own("k"), own("kubectl"))].into(),
            history: Vec::new(),
            kubectl,
            anonymous: None,
            status: 0,
            requests: Vec::new(),
            leaving: None,
            substituted: None,
            depth: 0,
        }
    }

    /// Runs one command line (or several lines). Syntax errors and unknown programs are reported on the screen as
    /// bash does. Dropping the future ends the command; the shell can be used again.
    pub async fn run(&mut self, line: &str, screen: &mut Screen<'_>) -> Outcome {
        // A line that was cancelled may have left these behind.
        self.requests.clear();
        self.leaving = None;
        self.substituted = None;
        self.depth = 0;
        self.remember(line);
        match parse::parse(line) {
            Ok(program) => {
                let io = execute::Io::screen(screen);
                self.program(&program, &io).await;
                if self.leaving == Some(Leaving::Exit) {
                    self.requests.push(Request::Exit);
                }
            }
            Err(fault) => {
                // A screen that takes no more text leaves nothing to report to.
                let _ = writeln!(screen.stderr, "bash: {fault}");
                self.status = 2;
            }
        }
        Outcome { status: self.status, requests: std::mem::take(&mut self.requests) }
    }

    /// Whether more lines have to follow before this one can be run: an open quote, bracket or here-document, or a
    /// backslash at its end.
    pub fn is_incomplete(line: &str) -> bool {
        parse::is_incomplete(line)
    }

    fn remember(&mut self, line: &str) {
        let line = line.trim_end();
        if line.trim().is_empty() {
            return;
        }
        if self.history.len() >= HISTORY_LIMIT {
            self.history.remove(0);
        }
        self.history.push(line.to_owned());
    }

    /// Gives a variable a value, within limits.
    fn assign(&mut self, name: &str, value: String) -> Result<(), String> {
        if value.len() > VARIABLE_LIMIT
            || (self.variables.len() >= VARIABLES_LIMIT && !self.variables.contains_key(name))
        {
            return Err(format!("{name}: this shell cannot keep that much"));
        }
        self.variables.insert(name.to_owned(), value);
        Ok(())
    }

    fn environment(&self) -> Environment {
        Environment {
            variables: self.variables.clone(),
            exported: self.exported.clone(),
            aliases: self.aliases.clone(),
            directory: self.files.current(),
        }
    }

    fn restore(&mut self, environment: Environment) {
        self.variables = environment.variables;
        self.exported = environment.exported;
        self.aliases = environment.aliases;
        // The directory may have been removed meanwhile; then one stays where one is.
        let _ = self.files.change(&environment.directory);
        self.leaving = None;
    }
}

#[cfg(test)]
mod tests;
