//! kubectl, as the learner types it: verbs, printers and describers over any API server a `kube::Client` reaches.
//!
//! It knows a client and nothing of who answers. What it prints is kubectl's, to the letter; where kubectl's own
//! releases differ, [`Config::release`] chooses the wording. Upstream: staging/src/k8s.io/kubectl.

mod builder;
mod cmd;
pub mod completion;
mod context;
mod describe;
mod discovery;
mod errors;
mod flags;
mod gotemplate;
mod jsonpath;
mod klog;
mod kubeconfig;
mod manifest;
mod openapi;
mod printers;
mod release;
pub mod rest;

pub use discovery::{Found, Memory};

use std::io::{self, Write};

use futures::future::BoxFuture;

use crate::apimachinery::Release;
use crate::base::Clock;

/// What kubectl knows before it reads its arguments: the kubeconfig's part.
#[derive(Clone)]
pub struct Config {
    /// How to reach the API server.
    pub client: kube::Client,
    /// The namespace of the current context.
    pub namespace: String,
    /// The server's address as `kubectl config view` and `curl` show it: `https://127.0.0.1:6443`.
    pub server: String,
    /// The context's, cluster's and user's names as `kubectl config` shows them.
    pub context: String,
    /// Which kubectl to be: words and flags that differ by release follow this one.
    pub release: Release,
    /// For ages and deadlines.
    pub clock: Clock,
}

/// Where kubectl reads and writes files named on its command line. The tutor has a private tree, the binary the real one.
pub trait Files: Send + Sync {
    /// The file's content; the error's text is what the operating system would say.
    ///
    /// # Errors
    /// When there is no such file or it cannot be read.
    fn read(&self, path: &str) -> io::Result<Vec<u8>>;

    /// Writes a file, and makes the directories it is in. What can only be read refuses.
    ///
    /// # Errors
    /// What the operating system would say.
    fn write(&self, path: &str, content: &[u8]) -> io::Result<()> {
        let _ = (path, content);
        Err(io::ErrorKind::PermissionDenied.into())
    }

    /// What this session learned of the server's resources, for the next command to begin with.
    fn memory(&self) -> Option<&Memory> {
        None
    }

    /// The value of an environment variable: `HOME`, `KUBECONFIG`, `KUBE_EDITOR`.
    fn variable(&self, name: &str) -> Option<String> {
        let _ = name;
        None
    }

    /// Whether these are the machine's own files: then the kubeconfig found there says which cluster to use. Otherwise
    /// there is the session's server and no other.
    fn outside(&self) -> bool {
        false
    }

    /// A client of the session's server that carries no identity, for users the learner made.
    fn anonymous(&self) -> Option<kube::Client> {
        None
    }

    /// A path from the root, for messages.
    fn absolute(&self, path: &str) -> String {
        path.to_owned()
    }

    /// Opens an editor on a text and waits until it is closed. Gives what the file then holds.
    ///
    /// # Errors
    /// When there is no editor, or it failed.
    fn edit<'a>(&'a self, name: &'a str, text: &'a str) -> BoxFuture<'a, io::Result<String>> {
        let _ = (name, text);
        Box::pin(std::future::ready(Err(io::Error::other("no editor can be opened here"))))
    }

    /// The paths of the regular files directly in a directory, sorted; `None` when `path` is not a directory.
    fn directory(&self, path: &str) -> Option<Vec<String>>;
}

/// The three streams of a command. What is written appears at once, in the order written.
pub struct Streams<'a> {
    /// All of standard input.
    pub stdin: &'a [u8],
    /// Standard output.
    pub stdout: &'a mut (dyn Write + Send),
    /// Whether standard output is the learner's screen (and not a pipe or a variable).
    pub stdout_is_terminal: bool,
    /// Standard error.
    pub stderr: &'a mut (dyn Write + Send),
}

/// Runs one kubectl command; `args` come without the program's name. Gives the exit code.
///
/// It never panics on what is typed or received. Dropping the future ends the command. It is boxed, so that all the
/// commands' futures are compiled here, and not again for each caller.
pub fn run<'a>(
    args: &'a [String],
    config: &'a Config,
    files: &'a dyn Files,
    streams: &'a mut Streams<'_>,
) -> BoxFuture<'a, i32> {
    Box::pin(async move {
        let outcome = cmd::dispatch(args, config, files, streams).await;
        let Err(error) = outcome else { return 0 };
        let (text, code) = error.told();
        // Nothing can be reported when standard error itself is gone.
        let _ = streams.stderr.write_all(text.as_bytes());
        code
    })
}

/// The client that the kubeconfig and the flags of a command line describe, if they describe one.
pub async fn client(args: &[String], config: &Config, files: &dyn Files) -> Option<kube::Client> {
    let given = cmd::global_flags(args)?;
    kubeconfig::resolve(config, files, &given).await.ok().map(|resolved| resolved.client)
}

/// The resources of the server that a session is on, asked for once.
pub async fn resources(config: &Config, memory: &Memory) -> Vec<Found> {
    discovery::resources(&config.client, memory).await
}

/// Every command, with its family: `get`, `create token`, `auth can-i`. For help, completion and sweeps.
pub fn commands() -> Vec<String> {
    fn tell(prefix: &str, commands: &[cmd::Command], told: &mut Vec<String>) {
        for command in commands {
            let name = if prefix.is_empty() { command.name.to_owned() } else { format!("{prefix} {}", command.name) };
            tell(&name, command.under, told);
            told.push(name);
        }
    }
    let mut told = Vec::new();
    tell("", cmd::COMMANDS, &mut told);
    told
}
