//! Commands: running them, stopping them, what they leave behind; saving a file and completing a word, which wait for them.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::app::carry::Edited;
use crate::app::output::{Stream, Transcript, Underway};
use crate::app::stage::{self, Done, Stage};
use crate::course::Ran;
use crate::shell::{self, Screen};
use crate::tui::Msg;
use crate::tui::msg::{Request, Word};

use super::undo::{self, Moment};
use super::{Happening, Runtime, tokens};

/// How long the words that could follow may take to find.
const COMPLETION: Duration = Duration::from_secs(3);

/// How the saving of a file went.
pub(super) struct Saved {
    pub(super) path: String,
    pub(super) content: String,
    pub(super) result: Result<(), String>,
    /// What was before and after it, where it can be taken back.
    pub(super) moments: Option<(Moment, Moment)>,
}

/// What a command left behind beside its output.
pub(super) struct Left {
    /// The variable it put a token into, and the token.
    pub(super) held: Option<(String, String)>,
    /// What was before it, where it can be taken back.
    pub(super) before: Option<Moment>,
    /// What is after it.
    pub(super) after: Option<Moment>,
}

/// A command that runs, its line, and what it printed that the screen has not yet.
pub(super) struct Running {
    pub(super) task: JoinHandle<()>,
    pub(super) line: String,
    pub(super) underway: Arc<Underway>,
    pub(super) before: undo::Before,
}

impl Runtime {
    pub(super) fn run_line(&mut self, line: String) {
        let Some(stage) = self.stage.clone() else { return };
        if self.running.is_some() {
            return;
        }
        // What comes of it is told at this time or later.
        self.tell(Msg::Tick(self.session.bench.clock.now()));
        let (sender, number, shown, at) = (self.sender.clone(), self.number, line.clone(), self.world.now);
        let step = self.step();
        stage.note(Done::Ran(line.clone()));
        let underway = Arc::new(Underway::default());
        let printed = underway.clone();
        let (simulators, noted) = (self.simulators(), undo::Before::default());
        let before = Arc::clone(&noted);
        let task = tokio::spawn(async move {
            let editor = sender.clone();
            // A screen that is gone edits nothing: the command hears it, for `done` is dropped.
            let editor: shell::Editor = Arc::new(move |editing| drop(editor.send(Happening::Edit(number, editing))));
            let clearer = sender.clone();
            // A screen that is gone has nothing to empty.
            let clear: shell::Clear = Arc::new(move || drop(clearer.send(Happening::Msg(number, Msg::Cleared))));
            let transcript = Transcript::default();
            let told = |stderr: bool| {
                let (sender, of) = (sender.clone(), printed.clone());
                move |chunk: String| {
                    of.sent(chunk.len());
                    // A screen that is gone has no use for output.
                    drop(sender.send(Happening::Output { of: of.clone(), chunk, stderr }));
                }
            };
            let (mut stdout, mut stderr) =
                (Stream::new(transcript.clone(), told(false)), Stream::new(transcript.clone(), told(true)));
            let mut screen = Screen { stdout: &mut stdout, stderr: &mut stderr };
            let mut shell = stage.shell.lock().await;
            shell.editor = Some(editor);
            shell.clear = Some(clear);
            let moment = Moment::take(at, &simulators, &shell).await;
            *noted.lock().unwrap_or_else(PoisonError::into_inner) = moment;
            let variables = tokens::in_variables(&shell);
            let outcome = printed.hold(shell.run(&line, &mut screen)).await;
            let before = noted.lock().unwrap_or_else(PoisonError::into_inner).take();
            let after = Moment::take(at, &simulators, &shell).await;
            let left = Box::new(Left { held: tokens::put_into(&variables, &shell), before, after });
            drop(shell);
            let ran = Ran { line, status: outcome.status, output: transcript.text(), sent: outcome.sent };
            drop(sender.send(Happening::Ran { stage: number, step, ran, requests: outcome.requests, left }));
        });
        self.running = Some(Running { task, line: shown, underway, before });
    }

    pub(super) fn cancel(&mut self) {
        if let Some(Running { task, line, before, .. }) = self.running.take() {
            task.abort();
            self.stopped(&line, &before);
            self.tell(Msg::CommandDone { status: 130, line, requests: Vec::new() });
        }
    }

    pub(super) fn ran(&mut self, step: Option<usize>, ran: Ran, requests: Vec<shell::Request>, left: Left) {
        self.running = None;
        let Some(stage) = self.stage.clone() else { return };
        // What was begun in one step is not taken back in the next.
        if step == self.step() {
            self.done(&ran.line, left.before, left.after.as_ref());
        }
        let requests = requests.into_iter().map(|request| asked(&stage, request)).collect();
        self.tell(Msg::CommandDone { status: ran.status, line: ran.line.clone(), requests });
        self.token_in(&stage, &ran.output, left.held);
        self.foresee();
        // A command that was begun in one step proves nothing in the next.
        if step == self.step()
            && let Some(judge) = &mut self.judge
        {
            judge.ran(ran);
        }
        self.settle();
    }

    pub(super) fn save_file(&mut self, path: String, content: String) {
        let Some(stage) = self.stage.clone() else { return };
        // What a command waits for is that command's own; its tree is at hand.
        if let Some(editing) = self.editing.as_ref().filter(|editing| editing.path == path) {
            let result = editing.files.write(&path, content.as_bytes()).map_err(|error| error.to_string());
            self.saved(Saved { path, content, result, moments: None });
            return;
        }
        // The shell is free while the editor is open: no command runs behind it.
        let Ok(shell) = stage.shell.clone().try_lock_owned() else {
            let result = Err("a command is still running".to_owned());
            self.saved(Saved { path, content, result, moments: None });
            return;
        };
        let (sender, number, simulators, at) = (self.sender.clone(), self.number, self.simulators(), self.world.now);
        self.turning = true;
        tokio::spawn(async move {
            let before = Moment::take(at, &simulators, &shell).await;
            let result = shell.unix.files.write(&path, content.as_bytes()).map_err(|error| error.to_string());
            let moments = before.zip(Moment::take(at, &simulators, &shell).await);
            drop(shell);
            drop(sender.send(Happening::Saved(number, Box::new(Saved { path, content, result, moments }))));
        });
    }

    /// A file was saved in the editor, or was not.
    pub(super) fn saved(&mut self, saved: Saved) {
        let Saved { path, content, result, moments } = saved;
        self.turning = false;
        match (result, self.stage.clone()) {
            (Err(why), _) => self.tell(Msg::Failure(format!("{path} was not saved: {why}"))),
            (Ok(()), stage) => {
                let shown = self.editing.as_ref().map(|editing| editing.content.clone());
                if let Some(stage) = stage {
                    stage.note(match shown {
                        Some(shown) => Done::Edited(Edited { shown, saved: content }),
                        None => Done::Saved { path: path.clone(), content },
                    });
                }
                if let Some((before, after)) = moments {
                    self.done(&stage::saved(&path), Some(before), Some(&after));
                }
                self.tell(Msg::FileSaved { path });
            }
        }
    }

    pub(super) fn complete(&mut self, line: String, cursor: usize) {
        let Some(stage) = self.stage.clone() else { return };
        let (sender, number) = (self.sender.clone(), self.number);
        tokio::spawn(async move {
            let Ok(shell) = stage.shell.try_lock() else { return };
            // The shell is held meanwhile: a cluster that does not answer must not keep it from the next command.
            let looked = tokio::time::timeout(COMPLETION, shell.complete(&line, cursor)).await;
            drop(shell);
            let Ok(candidates) = looked else { return };
            let start = candidates.iter().map(|candidate| candidate.start).min().unwrap_or(cursor);
            let here = candidates.into_iter().filter(|candidate| candidate.start == start);
            let word = |candidate: shell::Candidate| Word {
                text: if candidate.whole { candidate.text + " " } else { candidate.text },
                help: candidate.help,
            };
            let words = here.map(word).collect();
            drop(sender.send(Happening::Msg(number, Msg::Completions { line, cursor, start, words })));
        });
    }
}

/// What a command asks of the screen.
fn asked(stage: &Stage, request: shell::Request) -> Request {
    match request {
        shell::Request::Clear => Request::Clear,
        shell::Request::Exit => Request::Exit,
        shell::Request::Edit(path) => {
            let content =
                stage.shell.try_lock().ok().and_then(|shell| shell.unix.files.read(&path).ok()).unwrap_or_default();
            Request::Edit { path, content: String::from_utf8_lossy(&content).into_owned() }
        }
    }
}
