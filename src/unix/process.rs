//! A program that runs by itself: what a container starts, and what `kubectl exec` starts beside it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::execute::Io;
use super::{Files, Machine, Program, Role, Shell, Sink, Source};

/// What is needed to start a program.
pub struct Process {
    /// What is around it.
    pub machine: Arc<Machine>,
    /// What it sees of the files, from where, and as whom.
    pub files: Files,
    /// Its environment.
    pub environment: BTreeMap<String, String>,
    /// Its name and arguments.
    pub argv: Vec<String>,
}

impl Clone for Process {
    /// Another one like it, which goes its own way through the files.
    fn clone(&self) -> Self {
        Self {
            machine: Arc::clone(&self.machine),
            files: self.files.fork(),
            environment: self.environment.clone(),
            argv: self.argv.clone(),
        }
    }
}

impl Process {
    /// The program, if the machine has it. A part of a shell is none.
    pub fn program(&self) -> Option<&'static Program> {
        self.argv.first().and_then(|name| self.machine.find(name)).filter(|program| program.is_file())
    }

    /// Whether it is a shell that reads what is typed.
    pub fn converses(&self) -> bool {
        let is_shell = self.program().is_some_and(|program| matches!(program.name, "sh" | "ash" | "bash" | "dash"));
        let arguments = self.argv.get(1..).unwrap_or_default();
        is_shell && arguments.iter().all(|word| matches!(word.as_str(), "-i" | "-l" | "-il" | "-li" | "--login"))
    }

    /// Runs the program to its end; gives the exit code. Dropping the future ends it.
    pub async fn run(self, stdin: Source, stdout: Sink<'static>, stderr: Sink<'static>) -> i32 {
        let Some((name, arguments)) = self.argv.split_first() else { return 127 };
        let mut shell = Shell::new(self.machine, self.files, self.environment);
        shell.role = Role::Bare;
        let io = Io { stdin, stdout, stderr };
        shell.launch(name, arguments, &io).await
    }
}
