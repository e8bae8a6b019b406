//! The learner's command line: words, variables, pipes, and programs that are all ours.
//!
//! Nothing here can touch the host: programs are entries of a list, files live in a private tree, and the only
//! server that can be reached is the session's. Grammar: bash's, through `brush-parser`.

mod ansi;
mod arithmetic;
mod complete;
mod condition;
mod execute;
mod expand;
mod files;
mod moment;
mod parameter;
mod parse;
mod pattern;
mod pipe;
mod program;
mod redirect;
mod sent;
mod simple;
mod sink;
pub mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::Arc;

use brush_parser::ast::FunctionDefinition;
use tokio::sync::oneshot;

use crate::kubectl;

pub use complete::Candidate;
pub use files::{Files, HOME, Metadata};
pub use moment::Moment;
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

/// How a command that waits for an editor gets one.
pub type Editor = Arc<dyn Fn(Editing) + Send + Sync>;

/// A file a running command wants edited, `kubectl edit`'s for one. The command goes on when `done` is used or dropped.
pub struct Editing {
    /// The tree it lies in.
    pub files: Files,
    /// Its path.
    pub path: String,
    /// What is in it now.
    pub content: String,
    /// Told when the editor is closed.
    pub done: oneshot::Sender<()>,
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
    /// The server's resources, as far as they were asked for.
    pub memory: kubectl::Memory,
    /// A client of the same server that carries no identity: what `curl` sends through. `None`: no `curl` here.
    pub anonymous: Option<kube::Client>,
    /// Opens the editor pane while a command waits for it. `None`: there is no editor.
    pub editor: Option<Editor>,
    /// What empties the screen there and then; without it that is asked for when the line has ended.
    pub clear: Option<Clear>,
    /// `$?`
    pub status: i32,
    /// Lists of values: `NAME=(…)`.
    arrays: BTreeMap<String, Vec<String>>,
    /// Functions by their names.
    functions: BTreeMap<String, Arc<FunctionDefinition>>,
    /// `$1`, `$2` …
    positional: Vec<String>,
    /// What the variables that are local to each function that runs were before.
    locals: Vec<BTreeMap<String, Option<String>>>,
    /// What `set` switches.
    options: Options,
    /// `${PIPESTATUS[@]}`
    statuses: Vec<i32>,
    /// What was asked of the tutor so far.
    requests: Vec<Request>,
    /// What is being left, if anything.
    leaving: Option<Leaving>,
    /// Leaving because of a fault ends the line, not the session.
    faulted: bool,
    /// The status of the last `$(…)` of the command being put together.
    substituted: Option<i32>,
    /// How many functions, `$(…)` and the like are inside each other just now.
    depth: usize,
    /// `$0`
    called: String,
    /// Whether the learner was told where the list of commands is.
    told: bool,
    /// Whether a line runs, or was dropped while it ran.
    running: bool,
    /// The tokens that the line sent.
    sent: sent::Sent,
}

/// What `set` switches on and off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Options {
    /// A pipeline fails when one of its stages does.
    pipefail: bool,
    /// Variables that are not set are faults.
    nounset: bool,
    /// Commands are shown before they run.
    xtrace: bool,
}

/// A command that ends more than itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leaving {
    Break(u32),
    Continue(u32),
    Return,
    Exit,
}

/// Empties the screen. What is printed after it stays.
pub type Clear = Arc<dyn Fn() + Send + Sync>;

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
    /// The tokens that `curl` sent, and those that `kubectl` was handed.
    pub sent: Vec<String>,
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
            memory: kubectl::Memory::default(),
            anonymous: None,
            editor: None,
            clear: None,
            status: 0,
            arrays: BTreeMap::new(),
            functions: BTreeMap::new(),
            positional: Vec::new(),
            locals: Vec::new(),
            options: Options::default(),
            statuses: vec![0],
            requests: Vec::new(),
            leaving: None,
            faulted: false,
            substituted: None,
            depth: 0,
            called: "bash".to_owned(),
            told: false,
            running: false,
            sent: sent::Sent::default(),
        }
    }

    /// A subshell: all as it is here, and what changes there stays there. Files are shared.
    fn fork(&self) -> Self {
        Self {
            files: self.files.fork(),
            variables: self.variables.clone(),
            exported: self.exported.clone(),
            aliases: self.aliases.clone(),
            history: self.history.clone(),
            kubectl: self.kubectl.clone(),
            memory: self.memory.clone(),
            anonymous: self.anonymous.clone(),
            editor: self.editor.clone(),
            clear: self.clear.clone(),
            arrays: self.arrays.clone(),
            functions: self.functions.clone(),
            positional: self.positional.clone(),
            locals: self.locals.clone(),
            statuses: self.statuses.clone(),
            requests: Vec::new(),
            sent: self.sent.clone(),
            leaving: None,
            substituted: None,
            called: self.called.clone(),
            depth: self.depth + 1,
            ..*self
        }
    }

    /// Runs one command line (or several lines). Syntax errors and unknown programs are reported on the screen as
    /// bash does. Dropping the future ends the command; the shell can be used again.
    pub async fn run(&mut self, line: &str, screen: &mut Screen<'_>) -> Outcome {
        // A line that was cancelled may have left these behind.
        self.requests.clear();
        self.sent.take();
        self.leaving = None;
        self.faulted = false;
        self.substituted = None;
        self.depth = 0;
        self.locals.clear();
        self.positional.clear();
        if std::mem::replace(&mut self.running, true) {
            self.status = 130;
        }
        self.remember(line);
        match parse::parse(line) {
            Ok(program) => {
                let io = execute::Io::screen(screen);
                self.program(&program, &io).await;
                if self.leaving == Some(Leaving::Exit) && !self.faulted {
                    self.requests.push(Request::Exit);
                }
            }
            Err(fault) => {
                // A screen that takes no more text leaves nothing to report to.
                let _ = writeln!(screen.stderr, "bash: {fault}");
                self.status = 2;
            }
        }
        self.running = false;
        Outcome { status: self.status, requests: std::mem::take(&mut self.requests), sent: self.sent.take() }
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
        if let Some(list) = self.arrays.get_mut(name) {
            // A list's name alone is its first value.
            match list.first_mut() {
                Some(first) => *first = value,
                None => list.push(value),
            }
            return Ok(());
        }
        self.variables.insert(name.to_owned(), value);
        Ok(())
    }

    /// A fault after which bash runs nothing more of what was typed.
    fn abandon(&mut self) {
        self.leaving = Some(Leaving::Exit);
        self.faulted = true;
    }

    /// Gives a list of values to a name, within the same limits.
    fn assign_list(&mut self, name: &str, values: Vec<String>) -> Result<(), String> {
        let size = values.iter().map(String::len).sum::<usize>();
        if size > VARIABLE_LIMIT || (self.arrays.len() >= VARIABLES_LIMIT && !self.arrays.contains_key(name)) {
            return Err(format!("{name}: this shell cannot keep that much"));
        }
        self.variables.remove(name);
        self.arrays.insert(name.to_owned(), values);
        Ok(())
    }
}

/// A text as one would have to type it.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%+,".contains(c);
    match !text.is_empty() && text.chars().all(plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests;
