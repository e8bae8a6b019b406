//! Undo and redo: what a command changed on a simulator is taken back, and done again.
//!
//! Before each command the clusters and the shell are noted. What changed nothing is forgotten again.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use crate::shell;
use crate::simulator::{Simulator, Snapshot};
use crate::tui::Msg;
use crate::tui::msg::Feed;

use super::{Happening, Runtime, Stage};
use crate::app::stage::Deed;

/// How many commands can be taken back.
const MOST: usize = 50;

/// The session at a moment.
#[derive(Clone)]
pub(super) struct Moment {
    /// When it was, as the screen's clock shows it.
    at: Timestamp,
    /// Each simulator that stands: the one on the screen, and the one that waits for later steps.
    clusters: Vec<(Simulator, Snapshot)>,
    shell: shell::Moment,
    /// How often the prompt had changed an object.
    changes: u64,
}

impl Moment {
    /// What is so now. The shell is held by whoever asks.
    pub(super) async fn take(at: Timestamp, simulators: &[Simulator], shell: &shell::Shell) -> Option<Self> {
        let first = simulators.first()?;
        let mut clusters = Vec::new();
        for simulator in simulators {
            clusters.push((simulator.clone(), simulator.snapshot().await));
        }
        Some(Self { at, clusters, shell: shell.moment(), changes: first.traces().changes() })
    }

    /// Whether something was changed on purpose from this moment to another. What controllers do meanwhile does not count.
    fn differs(&self, later: &Self) -> bool {
        let both = self.clusters.iter().zip(&later.clusters);
        let is_same = both.fold(true, |same, ((_, before), (_, after))| {
            same && before.clock.is_as_far(after.clock) && before.node.has_same_files(&after.node)
        });
        self.changes != later.changes || !is_same || !self.shell.is_same(&later.shell)
    }

    async fn restore(&self, shell: &mut shell::Shell) {
        for (simulator, snapshot) in &self.clusters {
            simulator.restore(snapshot).await;
        }
        shell.go_to(&self.shell);
    }
}

/// The moment before a command that runs; empty until it has begun, and on a real cluster.
pub(super) type Before = Arc<Mutex<Option<Moment>>>;

/// Something that was done, and the other side of it.
struct Done {
    /// The command line, or what else it was.
    what: String,
    /// When it was begun.
    since: Timestamp,
    /// Before it, among what was done; after it, among what was taken back.
    moment: Moment,
    /// How many deeds the stage had noted before.
    before: usize,
    /// The deeds that were forgotten when it was taken back.
    deeds: Vec<Deed>,
    /// Whether its line was taken off the step's lines then.
    unran: bool,
}

/// What can be taken back, and what was.
#[derive(Default)]
pub(super) struct Log {
    past: Vec<Done>,
    future: Vec<Done>,
}

impl Log {
    /// Another step, another story.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// How many can be taken back, and how many done again.
    fn turns(&self) -> (usize, usize) {
        (self.past.len(), self.future.len())
    }
}

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Back,
    Again,
}

impl Runtime {
    /// The simulators that a moment consists of; none when the learner works on a real cluster.
    pub(super) fn simulators(&self) -> Vec<Simulator> {
        let on_screen = self.stage.iter();
        let waiting = self.shared.iter().map(|shared| &shared.stage);
        let mut stages: Vec<&Arc<Stage>> = on_screen.chain(waiting).collect();
        stages.dedup_by(|one, other| Arc::ptr_eq(one, other));
        match self.stage.as_ref().map(|stage| stage.cluster.simulator.is_some()) {
            Some(true) => stages.into_iter().filter_map(|stage| stage.cluster.simulator.clone()).collect(),
            _ => Vec::new(),
        }
    }

    /// Something was done: it can be taken back, if it changed anything.
    pub(super) fn done(&mut self, what: &str, before: Option<Moment>, after: Option<&Moment>) {
        let (Some(moment), Some(after)) = (before, after) else { return };
        if !moment.differs(after) {
            return;
        }
        let what = what.trim_end().to_owned();
        let before = self.stage.as_ref().map_or(0, |stage| stage.deeds_before(&what));
        self.undo.future.clear();
        let since = moment.at;
        self.undo.past.push(Done { what, since, moment, before, deeds: Vec::new(), unran: false });
        let surplus = self.undo.past.len().saturating_sub(MOST);
        self.undo.past.drain(..surplus);
        self.tell_turns();
    }

    /// The screen hears how much can be taken back, and done again.
    pub(super) fn tell_turns(&mut self) {
        let (back, again) = self.undo.turns();
        if self.world.turns != (back, again) {
            self.tell(Msg::Turns { back, again });
        }
    }

    /// A command was stopped: what it had changed by then can be taken back.
    pub(super) fn stopped(&mut self, line: &str, before: &Before) {
        let before = before.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(before) = before else { return };
        let changes = before.clusters.first().map_or(0, |(simulator, _)| simulator.traces().changes());
        let after = Moment { changes, ..before.clone() };
        self.done(line, Some(before), Some(&after));
    }

    /// Takes the last change back, or does again what was taken back.
    pub(super) fn turn(&mut self, way: Way) {
        let Some(stage) = self.stage.clone() else { return };
        let say = |text: &str| Msg::Notice(text.to_owned());
        let simulators = self.simulators();
        if simulators.is_empty() {
            self.tell(say("A real cluster cannot be taken back. F8 begins the step again, in a namespace made anew."));
            return;
        }
        if self.running.is_some() {
            self.tell(say("A command is still running. Ctrl-C stops it."));
            return;
        }
        let from = match way {
            Way::Back => self.undo.past.pop(),
            Way::Again => self.undo.future.pop(),
        };
        let Some(done) = from else {
            self.tell(match way {
                Way::Back => say("There is nothing more to take back in this step."),
                Way::Again => say("There is nothing to do again."),
            });
            return;
        };
        let (sender, number, at) = (self.sender.clone(), self.number, self.world.now);
        self.turning = true;
        self.tell(Msg::objects(Feed::Turns));
        // The shell is held meanwhile, so that a command typed now waits.
        let held = stage.shell.clone().try_lock_owned();
        tokio::spawn(async move {
            let mut shell = match held {
                Ok(shell) => shell,
                Err(_) => stage.shell.clone().lock_owned().await,
            };
            let now = Moment::take(at, &simulators, &shell).await;
            done.moment.restore(&mut shell).await;
            drop(shell);
            let Some(now) = now else { return };
            // A screen that is gone has no use for it.
            drop(sender.send(Happening::Turned(number, Box::new(Turned { way, done, now }))));
        });
    }

    /// The clusters are what they were: the screen follows.
    pub(super) fn turned(&mut self, turned: Turned) {
        let Turned { way, mut done, now } = turned;
        self.turning = false;
        if let Some(stage) = self.stage.clone() {
            self.follow(&stage);
        }
        let mut lines = self.world.lesson.as_ref().map(|open| open.ran.clone()).unwrap_or_default();
        // What was seen and read stays so; the line itself is to be run again.
        match way {
            Way::Back => {
                let at = lines.iter().rposition(|line| *line == done.what);
                done.unran = at.map(|at| lines.remove(at)).is_some();
                done.deeds = self.stage.as_ref().map(|stage| stage.forget(done.before)).unwrap_or_default();
            }
            Way::Again => {
                lines.extend(std::mem::take(&mut done.unran).then(|| done.what.clone()));
                if let Some(stage) = &self.stage {
                    stage.note_again(std::mem::take(&mut done.deeds));
                }
            }
        }
        let what = std::mem::take(&mut done.what);
        self.tell(Msg::Turned { undone: way == Way::Back, what: what.clone(), since: done.since, lines });
        let other = Done { what, moment: now, ..done };
        match way {
            Way::Back => self.undo.future.push(other),
            Way::Again => self.undo.past.push(other),
        }
        self.tell_turns();
        self.tell(Msg::Tick(self.session.bench.clock.now()));
        self.foresee();
        if let Some(judge) = &self.judge {
            judge.look();
        }
    }
}

/// The clusters were turned back, or on.
pub(super) struct Turned {
    way: Way,
    done: Done,
    now: Moment,
}
