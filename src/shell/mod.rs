//! The learner's command line: words, variables, pipes, and programs that are all ours.
//!
//! Nothing here can touch the host: programs are entries of a list, files live in a private tree, and the only
//! server that can be reached is the session's. Grammar: bash's, through `brush-parser`.

use std::collections::BTreeMap;
use std::io::Write;

use crate::kubectl;

/// A place the shell's output goes to while a command runs. Both streams of the learner's screen.
pub struct Screen<'a> {
    /// Standard output.
    pub stdout: &'a mut (dyn Write + Send),
    /// Standard error.
    pub stderr: &'a mut (dyn Write + Send),
}

/// One learner's shell: its variables, its files, its cluster.
pub struct Shell {
    /// The private file tree: absolute path → content.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Shell variables.
    pub variables: BTreeMap<String, String>,
    /// What `kubectl` talks to.
    pub kubectl: kubectl::Config,
    /// `$?`
    pub status: i32,
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

impl Shell {
    /// A shell in `/home/learner` with no files.
    pub fn new(kubectl: kubectl::Config) -> Self {
        Self { files: BTreeMap::new(), variables: BTreeMap::new(), kubectl, status: 0 }
    }

    /// Runs one command line. Syntax errors and unknown programs are reported on the screen as bash does.
    pub async fn run(&mut self, line: &str, screen: &mut Screen<'_>) -> Outcome {
        let _ = (line, screen);
        Outcome::default()
    }
}
