//! `kubectl`: the room of that name, with the private tree for files and the tutor's pane for an editor.

use std::collections::BTreeMap;
use std::io::{self, Write};

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::oneshot;

use super::session;
use crate::kubectl;
use crate::shell::{Editing, Editor};
use crate::unix::{Call, Files, Program, Run};

pub const KUBECTL: Program =
    Program { name: "kubectl", summary: "talks to the cluster", usage: "COMMAND ...", run: Run::Whole(run, follows) };

fn run<'a>(call: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    async move {
        let Some(session) = session(call) else { return 127 };
        let config = session.kubectl.clone();
        call.args.iter().for_each(|word| session.sent.note(word));
        session.sent.note(&String::from_utf8_lossy(&call.stdin.at_hand().unwrap_or_default()));
        let exported = &call.shell.exported;
        let variables = call.shell.variables.iter().filter(|(name, _)| exported.contains(*name));
        let inside = Inside {
            files: call.shell.files.clone(),
            variables: variables.map(|(name, value)| (name.clone(), value.clone())).collect(),
            editor: session.editor.clone(),
            anonymous: session.anonymous.clone(),
            memory: session.memory.clone(),
        };
        // What is not asked for stays there for the next command, as in `while read NAME; do kubectl get $NAME; done`.
        let stdin = match reads_stdin(call.args) {
            true => call.stdin.all().await.unwrap_or_default(),
            false => Vec::new(),
        };
        let mut streams = kubectl::Streams {
            stdin: &stdin,
            stdout_is_terminal: call.stdout.is_screen(),
            stdout: &mut call.stdout,
            stderr: &mut call.stderr,
        };
        let status = kubectl::run(call.args, &config, &inside, &mut streams).await;
        if call.stdin.is_keyboard() && wants_terminal(call.args) {
            let _ = writeln!(
                call.stderr,
                "At this prompt nothing can be typed into a container. Give its shell the line: \
                 kubectl exec POD -- sh -c 'LINE'. From another terminal kubectl exec -it works; F1 says how to get there."
            );
        }
        status
    }
    .boxed()
}

impl kubectl::Files for Files {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        Self::read(self, path)
    }

    fn write(&self, path: &str, content: &[u8]) -> io::Result<()> {
        if let Some((folder, _)) = self.resolve(path).rsplit_once('/') {
            self.make_directory(folder, true)?;
        }
        Self::write(self, path, content)
    }

    fn absolute(&self, path: &str) -> String {
        self.resolve(path)
    }

    fn directory(&self, path: &str) -> Option<Vec<String>> {
        let names = self.list(path).ok()?;
        let paths = names.into_iter().map(|name| format!("{}/{name}", path.trim_end_matches('/')));
        Some(paths.filter(|path| self.metadata(path).is_ok_and(|found| !found.directory)).collect())
    }
}

/// What kubectl sees of the learner's machine: the shell's own files and variables.
struct Inside {
    files: Files,
    variables: BTreeMap<String, String>,
    editor: Option<Editor>,
    anonymous: Option<kube::Client>,
    memory: kubectl::Memory,
}

impl kubectl::Files for Inside {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        self.files.read(path)
    }

    fn write(&self, path: &str, content: &[u8]) -> io::Result<()> {
        kubectl::Files::write(&self.files, path, content)
    }

    fn memory(&self) -> Option<&kubectl::Memory> {
        Some(&self.memory)
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    fn anonymous(&self) -> Option<kube::Client> {
        self.anonymous.clone()
    }

    fn absolute(&self, path: &str) -> String {
        self.files.resolve(path)
    }

    fn edit<'a>(&'a self, name: &'a str, text: &'a str) -> BoxFuture<'a, io::Result<String>> {
        async move {
            let Some(editor) = &self.editor else {
                return Err(io::Error::other("no editor can be opened here"));
            };
            let path = format!("/tmp/{name}");
            self.files.write(&path, text.as_bytes())?;
            let (done, closed) = oneshot::channel();
            editor(Editing { files: self.files.clone(), path: path.clone(), content: text.to_owned(), done });
            // An editor that went away without a word saved nothing.
            let _ = closed.await;
            let saved = self.files.read(&path)?;
            self.files.remove(&path, false)?;
            Ok(String::from_utf8_lossy(&saved).into_owned())
        }
        .boxed()
    }

    fn directory(&self, path: &str) -> Option<Vec<String>> {
        kubectl::Files::directory(&self.files, path)
    }
}

/// Whether a command with these arguments reads standard input.
fn reads_stdin(args: &[String]) -> bool {
    let interactive = |arg: &str| arg.starts_with("-i") || arg == "-ti" || arg == "--stdin" || arg == "--stdin=true";
    let own = args.split(|arg| arg == "--").next().unwrap_or_default();
    own.iter()
        .any(|arg| arg == "-" || arg.ends_with("=-") || arg == "-f-" || arg.ends_with("/dev/stdin") || interactive(arg))
}

/// Whether a command with these arguments does nothing but show what happens until it is ended.
fn follows(args: &[String]) -> bool {
    let has = |wanted: &[&str]| args.iter().any(|arg| wanted.contains(&arg.as_str()));
    let verb = |wanted: &[&str]| args.iter().any(|arg| wanted.contains(&arg.as_str()));
    let watches = has(&["-w", "--watch", "--watch=true", "--watch-only", "--watch-only=true"]);
    (verb(&["get", "events"]) && watches) || (verb(&["logs"]) && has(&["-f", "--follow", "--follow=true"]))
}

/// Whether a command with these arguments wants to be typed into, as `kubectl exec -it POD -- sh` does.
fn wants_terminal(args: &[String]) -> bool {
    let own = args.split(|arg| arg == "--").next().unwrap_or_default();
    let has = |letter: char, long: &str| {
        own.iter().any(|arg| {
            let short =
                arg.strip_prefix('-').is_some_and(|letters| !letters.starts_with('-') && letters.contains(letter));
            arg == long || (short && arg.len() <= 3)
        })
    };
    own.iter().any(|arg| matches!(arg.as_str(), "exec" | "attach")) && has('i', "--stdin") && has('t', "--tty")
}
