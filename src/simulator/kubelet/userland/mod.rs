//! The programs found in containers: small, and honest about what they see. One file and one entry each.
//!
//! Every image holds all of them, but for the pause image, which holds none.

mod cat;
mod curl;
mod dashboard;
mod echo;
mod head;
mod http;
mod id;
mod ls;
mod mount;
mod printenv;
mod serve;
mod sh;
mod simple;
mod sleep;
mod wc;
mod wget;

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use futures::future::BoxFuture;
use tokio::sync::{Mutex, mpsc};

use crate::base::Clock;
use crate::unix::Files;

pub use sh::{INTERRUPT, INTERRUPTED, converses};

/// Where a program writes.
pub type Output = Arc<dyn Fn(&[u8]) + Send + Sync>;

/// Where a program reads.
#[derive(Clone)]
pub enum Input {
    /// Nothing: the end at once.
    Empty,
    /// All there is, already known.
    Bytes(Bytes),
    /// What arrives, until its sender is gone.
    Channel(Arc<Mutex<mpsc::UnboundedReceiver<Bytes>>>),
}

impl Input {
    /// Everything up to the end.
    pub async fn read_to_end(&self) -> Vec<u8> {
        match self {
            Self::Empty => Vec::new(),
            Self::Bytes(bytes) => bytes.to_vec(),
            Self::Channel(channel) => {
                let mut all = Vec::new();
                let mut channel = channel.lock().await;
                while let Some(bytes) = channel.recv().await {
                    all.extend_from_slice(&bytes);
                }
                all
            }
        }
    }
}

/// What a program needs of the world outside its container.
#[derive(Clone)]
pub struct World {
    /// The time.
    pub clock: Clock,
    /// The network, as far as it goes: the API server, without any identity.
    pub api: kube::Client,
    /// The container's host name.
    pub hostname: String,
    /// Whether a terminal is attached.
    pub tty: bool,
}

/// A program that runs.
pub struct Process {
    /// Its name and arguments.
    pub argv: Vec<String>,
    /// Its environment.
    pub env: BTreeMap<String, String>,
    /// What it sees of the files, from where, and as whom.
    pub files: Files,
    /// What it reads.
    pub stdin: Input,
    /// What it writes.
    pub stdout: Output,
    /// Where it complains.
    pub stderr: Output,
    /// What is around it.
    pub world: World,
}

impl Process {
    /// Writes to standard output.
    pub fn print(&self, text: impl AsRef<[u8]>) {
        (self.stdout)(text.as_ref());
    }

    /// Complains in the program's name; gives the exit code 1.
    pub fn complain(&self, text: impl std::fmt::Display) -> i32 {
        (self.stderr)(format!("{}: {text}\n", self.name()).as_bytes());
        1
    }

    /// The program's name.
    pub fn name(&self) -> &str {
        self.argv.first().map_or("", |name| name.rsplit('/').next().unwrap_or(name))
    }

    /// The arguments after the name.
    pub fn arguments(&self) -> &[String] {
        self.argv.get(1..).unwrap_or_default()
    }

    /// A file's bytes, if this user may read it.
    ///
    /// # Errors
    /// As the system words it.
    pub fn read(&self, path: &str) -> std::io::Result<Vec<u8>> {
        self.files.read(path)
    }
}

impl Clone for Process {
    /// Another process like this one: it goes its own way through the files.
    fn clone(&self) -> Self {
        Self {
            argv: self.argv.clone(),
            env: self.env.clone(),
            files: self.files.fork(),
            stdin: self.stdin.clone(),
            stdout: Arc::clone(&self.stdout),
            stderr: Arc::clone(&self.stderr),
            world: self.world.clone(),
        }
    }
}

/// One program.
pub trait Program: Send + Sync {
    /// The names it is called by.
    fn names(&self) -> &'static [&'static str];

    /// Runs it to its end; gives the exit code.
    fn run(&self, process: Process) -> BoxFuture<'static, i32>;
}

/// Every program.
pub static ALL: &[&dyn Program] = &[
    &cat::Cat,
    &curl::Curl,
    &dashboard::Dashboard,
    &echo::Echo,
    &head::Head,
    &id::Id,
    &ls::Ls,
    &mount::Mount,
    &printenv::PrintEnv,
    &serve::Serve,
    &sh::Sh,
    &simple::Simple,
    &sleep::Sleep,
    &wc::Wc,
    &wget::Wget,
];

/// The program of a name, with or without a usual directory before it.
pub fn find(name: &str) -> Option<&'static dyn Program> {
    let bare = ["/bin/", "/usr/bin/", "/usr/local/bin/", "/sbin/", "/usr/sbin/"]
        .iter()
        .find_map(|directory| name.strip_prefix(directory))
        .unwrap_or(name);
    ALL.iter().copied().find(|program| program.names().contains(&bare))
}

/// Splits short options (`-la`) and words.
fn options(arguments: &[String]) -> (String, Vec<&str>) {
    let mut letters = String::new();
    let mut words = Vec::new();
    let mut ended = false;
    for argument in arguments {
        match argument.strip_prefix('-') {
            Some("-") if !ended => ended = true,
            Some(some) if !ended && !some.is_empty() && !some.starts_with('-') => letters.push_str(some),
            _ => words.push(argument.as_str()),
        }
    }
    (letters, words)
}
