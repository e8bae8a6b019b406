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

use super::filesystem::View;
use crate::base::Clock;

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
#[derive(Clone)]
pub struct Process {
    /// Its name and arguments.
    pub argv: Vec<String>,
    /// Its environment.
    pub env: BTreeMap<String, String>,
    /// Its working directory.
    pub cwd: String,
    /// What it sees.
    pub view: View,
    /// Whom it runs as.
    pub uid: i64,
    /// Its group.
    pub gid: i64,
    /// Its other groups.
    pub groups: Vec<i64>,
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
    pub fn read(&self, path: &str) -> Result<Arc<[u8]>, super::filesystem::PathError> {
        let bytes = self.view.read(&self.cwd, path)?;
        let node = self.view.stat(&self.cwd, path, true)?.node;
        let bits = if self.uid == 0 {
            0o4
        } else if node.uid == self.uid {
            node.mode >> 6
        } else if node.gid == self.gid || self.groups.contains(&node.gid) {
            node.mode >> 3
        } else {
            node.mode
        };
        if bits & 0o4 == 0 { Err(super::filesystem::PathError::Denied) } else { Ok(bytes) }
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
