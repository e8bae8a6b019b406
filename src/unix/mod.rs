//! One small Unix: a shell language, the programs it runs, and the files they see. No Kubernetes in it.
//!
//! The learner's prompt and the containers of the simulator both run here. Nothing can touch the host: programs are
//! entries of a list, files live in trees in memory, and what can be reached over the network is what whoever owns
//! the machine lets through ([`Network`]). Grammar: bash's, through `brush-parser`.

mod ansi;
mod arithmetic;
mod condition;
mod converse;
mod execute;
mod expand;
mod files;
mod heredoc;
mod limits;
mod machine;
mod moment;
mod network;
mod parameter;
mod parse;
mod pattern;
mod pipe;
mod process;
pub mod program;
mod redirect;
mod simple;
mod sink;
mod terminal;
mod tree;
mod user;
mod view;
pub mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::Arc;

use brush_parser::ast::FunctionDefinition;

pub use files::{Files, HOME, Metadata};
pub use machine::{Machine, Make};
pub use moment::Moment;
pub use network::{Answer, Network, Reach, Unreached};
pub use pipe::{Source, Writer};
pub use process::Process;
pub use program::{Call, PROGRAMS, Program, Run};
pub use sink::Sink;
pub use terminal::Terminal;
pub use tree::{Content, Node, Tree};
pub use user::{Access, User};
pub use view::{Mount, Stat, View};

/// A place the shell's output goes to while a command runs. Both streams of the learner's screen.
pub struct Screen<'a> {
    /// Standard output.
    pub stdout: &'a mut (dyn Write + Send),
    /// Standard error.
    pub stderr: &'a mut (dyn Write + Send),
}

/// One shell: its variables, its files, the machine it runs on.
pub struct Shell {
    /// What is around it.
    pub machine: Arc<Machine>,
    /// What it sees of the file system.
    pub files: Files,
    /// Shell variables.
    pub variables: BTreeMap<String, String>,
    /// The names of the variables that `env` shows.
    pub exported: BTreeSet<String>,
    /// Short names for commands.
    pub aliases: BTreeMap<String, String>,
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
    /// Who works here: a prompt, a script, or no shell at all but a program alone.
    role: Role,
    /// How many conditions one is inside of: a failure there is an answer.
    asking: usize,
    /// What runs when something happens.
    traps: BTreeMap<String, String>,
}

/// What a shell is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// Somebody types, and the session ends with it.
    Prompt,
    /// A script, a line, a subshell.
    Script,
    /// No shell: a program that was started by itself.
    Bare,
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
    /// The shell ends at the first command that fails and is not asked whether it does.
    errexit: bool,
    /// Patterns are no patterns.
    noglob: bool,
}

/// A command that ends more than itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leaving {
    Break(u32),
    Continue(u32),
    Return,
    Exit,
}

/// How a line ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// The exit code of its last command.
    pub status: i32,
    /// Whether it asked for the shell's end.
    pub exits: bool,
}

impl Shell {
    /// A shell on a machine, with these files and these variables, all of them exported.
    pub fn new(machine: Arc<Machine>, files: Files, variables: BTreeMap<String, String>) -> Self {
        Self {
            machine,
            files,
            exported: variables.keys().cloned().collect(),
            variables,
            aliases: BTreeMap::new(),
            status: 0,
            arrays: BTreeMap::new(),
            functions: BTreeMap::new(),
            positional: Vec::new(),
            locals: Vec::new(),
            options: Options::default(),
            statuses: vec![0],
            leaving: None,
            faulted: false,
            substituted: None,
            depth: 0,
            called: "bash".to_owned(),
            told: false,
            running: false,
            role: Role::Prompt,
            asking: 0,
            traps: BTreeMap::new(),
        }
    }

    /// A subshell: all as it is here, and what changes there stays there. Files are shared.
    fn fork(&self) -> Self {
        Self {
            machine: Arc::clone(&self.machine),
            files: self.files.fork(),
            variables: self.variables.clone(),
            exported: self.exported.clone(),
            aliases: self.aliases.clone(),
            arrays: self.arrays.clone(),
            functions: self.functions.clone(),
            positional: self.positional.clone(),
            locals: self.locals.clone(),
            statuses: self.statuses.clone(),
            leaving: None,
            substituted: None,
            called: self.called.clone(),
            depth: self.depth + 1,
            role: if self.role == Role::Prompt { Role::Script } else { self.role },
            traps: BTreeMap::new(),
            ..*self
        }
    }

    /// Runs one command line (or several lines). Syntax errors and unknown programs are reported on the screen as
    /// bash does. Dropping the future ends the command; the shell can be used again.
    pub async fn run(&mut self, line: &str, screen: &mut Screen<'_>) -> Ended {
        let io = execute::Io::screen(screen);
        self.line(line, &io).await
    }

    async fn line(&mut self, line: &str, io: &execute::Io<'_>) -> Ended {
        // A line that was cancelled may have left these behind.
        self.leaving = None;
        self.faulted = false;
        self.substituted = None;
        self.depth = 0;
        self.asking = 0;
        self.locals.clear();
        self.positional.clear();
        if std::mem::replace(&mut self.running, true) {
            self.status = 130;
        }
        let mut exits = false;
        match parse::parse(line) {
            Ok(program) => {
                self.program(&program, io).await;
                exits = self.leaving == Some(Leaving::Exit) && !self.faulted;
            }
            Err(fault) => {
                self.complain(io, &fault);
                self.status = 2;
            }
        }
        self.running = false;
        Ended { status: self.status, exits }
    }

    /// Whether more lines have to follow before this one can be run: an open quote, bracket or here-document, or a
    /// backslash at its end.
    pub fn is_incomplete(line: &str) -> bool {
        parse::is_incomplete(line)
    }

    /// What a shell's complaints begin with.
    fn title(&self) -> &'static str {
        match (self.machine.make, self.called.as_str()) {
            (Make::Gnu, "sh" | "dash") => "sh: 1",
            (Make::Busybox, _) => "sh",
            (Make::Gnu, _) => "bash",
        }
    }

    /// Says what is wrong, in the shell's name.
    fn complain(&self, io: &execute::Io<'_>, fault: &str) {
        // When standard error is closed there is nowhere left to say so.
        let _ = writeln!(io.stderr.clone(), "{}: {fault}", self.title());
    }

    /// The name of who works here, or the number where there is no name.
    fn user_name(&self) -> String {
        let uid = self.files.user().uid;
        self.named("/etc/passwd", uid).unwrap_or_else(|| uid.to_string())
    }

    /// The name that a table of accounts or groups has for a number.
    fn named(&self, table: &str, number: i64) -> Option<String> {
        let text = self.files.view().node(table)?;
        let Content::File(bytes) = text.content else { return None };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        text.lines().find_map(|line| {
            let mut parts = line.split(':');
            let name = parts.next()?;
            (parts.nth(1)?.parse() == Ok(number)).then(|| name.to_owned())
        })
    }

    /// The names of the functions that are defined.
    pub fn functions(&self) -> impl Iterator<Item = &str> {
        self.functions.keys().map(String::as_str)
    }

    /// Gives a variable a value, within limits.
    fn assign(&mut self, name: &str, value: String) -> Result<(), String> {
        if value.len() > limits::VARIABLE
            || (self.variables.len() >= limits::VARIABLES && !self.variables.contains_key(name))
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

    /// Whether what ends this shell ends the session.
    fn is_prompt(&self) -> bool {
        self.role == Role::Prompt
    }

    /// Begins to be a shell of its own, called by this name.
    fn begin(&mut self, name: &str) {
        self.role = Role::Script;
        self.called = name.to_owned();
        self.options = Options::default();
        self.asking = 0;
    }

    /// The shell ends here, but for a prompt, which stays.
    fn leave(&mut self) {
        if !self.is_prompt() {
            self.leaving = Some(Leaving::Exit);
        }
    }

    /// Runs what was to run at this; gives the exit code after it.
    async fn trapped(&mut self, what: &str, status: i32, io: &execute::Io<'_>) -> i32 {
        let Some(action) = self.traps.remove(what) else { return status };
        self.leaving = None;
        self.status = status;
        if let Err(fault) = self.evaluate(&action, io).await {
            self.complain(io, &fault);
        }
        if self.leaving == Some(Leaving::Exit) { self.status } else { status }
    }

    /// A fault after which bash runs nothing more of what was typed.
    fn abandon(&mut self) {
        self.leaving = Some(Leaving::Exit);
        self.faulted = true;
    }

    /// Gives a list of values to a name, within the same limits.
    fn assign_list(&mut self, name: &str, values: Vec<String>) -> Result<(), String> {
        let size = values.iter().map(String::len).sum::<usize>();
        if size > limits::VARIABLE || (self.arrays.len() >= limits::VARIABLES && !self.arrays.contains_key(name)) {
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
