//! The learner's command line: a shell of [`crate::unix`] with what belongs to a prompt — history, completion, an
//! editor, `kubectl` with the session's cluster, and `curl` to the session's server alone.

mod complete;
mod network;
mod program;
mod sent;
pub mod words;

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::base::Order as _;
use crate::kubectl;
use crate::unix::{self, Machine, Make, PROGRAMS};

pub use crate::unix::{Files, HOME, Metadata, Moment, Program, Screen};
pub use complete::Candidate;

/// How many lines `history` remembers.
const HISTORY_LIMIT: usize = 1000;

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
    /// The shell itself, with its variables and files.
    pub unix: unix::Shell,
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
}

/// What a line's programs know of the session.
struct Session {
    history: Vec<String>,
    kubectl: kubectl::Config,
    memory: kubectl::Memory,
    anonymous: Option<kube::Client>,
    editor: Option<Editor>,
    clear: Option<Clear>,
    /// What was asked of the tutor so far.
    requests: Mutex<Vec<Request>>,
    /// The tokens that were sent so far.
    sent: sent::Sent,
}

impl Session {
    fn ask(&self, request: Request) {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(request);
    }
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

/// Every program that can be typed at the prompt, sorted by name.
pub fn programs() -> &'static [&'static Program] {
    static ALL: LazyLock<Vec<&'static Program>> = LazyLock::new(|| {
        let mut all: Vec<&'static Program> = PROGRAMS.iter().chain(program::OWN).collect();
        all.order_by(|one, other| one.name.cmp(other.name));
        all
    });
    &ALL
}

/// The machine that the prompt is on.
fn machine(
    kubectl: &kubectl::Config,
    network: Option<Arc<dyn unix::Network>>,
    owner: Arc<dyn Any + Send + Sync>,
) -> Machine {
    Machine {
        hostname: "tutor".to_owned(),
        clock: kubectl.clock.clone(),
        make: Make::Gnu,
        programs: programs().to_vec(),
        network,
        rest: Duration::ZERO,
        owner,
    }
}

impl Shell {
    /// A shell in `/home/learner` with no files.
    pub fn new(kubectl: kubectl::Config) -> Self {
        let variables = [("HOME", HOME), ("USER", "learner"), ("SHELL", "/bin/bash"), ("TERM", "xterm-256color")];
        let own = |text: &str| text.to_owned();
        let variables: BTreeMap<_, _> = variables.iter().map(|(name, value)| (own(name), own(value))).collect();
        let files = Files::new(kubectl.clock.clone());
        let machine = machine(&kubectl, None, Arc::new(()));
        let mut unix = unix::Shell::new(Arc::new(machine), files, variables);
        unix.aliases.insert(own("k"), own("kubectl"));
        Self {
            unix,
            history: Vec::new(),
            kubectl,
            memory: kubectl::Memory::default(),
            anonymous: None,
            editor: None,
            clear: None,
        }
    }

    /// Runs one command line (or several lines). Syntax errors and unknown programs are reported on the screen as
    /// bash does. Dropping the future ends the command; the shell can be used again.
    pub async fn run(&mut self, line: &str, screen: &mut Screen<'_>) -> Outcome {
        self.remember(line);
        let session = Arc::new(Session {
            history: self.history.clone(),
            kubectl: self.kubectl.clone(),
            memory: self.memory.clone(),
            anonymous: self.anonymous.clone(),
            editor: self.editor.clone(),
            clear: self.clear.clone(),
            requests: Mutex::default(),
            sent: sent::Sent::default(),
        });
        let network = self
            .anonymous
            .clone()
            .map(|client| network::Session::new(client, &self.kubectl.server, session.sent.clone()));
        let network = network.map(|network| Arc::new(network) as Arc<dyn unix::Network>);
        self.unix.machine =
            Arc::new(machine(&self.kubectl, network, Arc::clone(&session) as Arc<dyn Any + Send + Sync>));
        let ended = self.unix.run(line, screen).await;
        let mut requests = std::mem::take(&mut *session.requests.lock().unwrap_or_else(PoisonError::into_inner));
        if ended.exits {
            requests.push(Request::Exit);
        }
        Outcome { status: ended.status, requests, sent: session.sent.take() }
    }

    /// Whether more lines have to follow before this one can be run: an open quote, bracket or here-document, or a
    /// backslash at its end.
    pub fn is_incomplete(line: &str) -> bool {
        unix::Shell::is_incomplete(line)
    }

    /// The shell as it is now. The history of lines is not part of it.
    pub fn moment(&self) -> Moment {
        self.unix.moment()
    }

    /// Goes back (or on) to what was at a moment.
    pub fn go_to(&mut self, moment: &Moment) {
        self.unix.go_to(moment);
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
}

#[cfg(test)]
mod tests;
