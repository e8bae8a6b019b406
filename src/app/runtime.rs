//! The event loop: what happens goes into the world as messages, what the world wants is done here.
//!
//! Everything slow runs in tasks that answer with a [`Happening`]; nothing here waits for a cluster.

mod clock;
mod commands;
mod door;
mod faces;
mod judge;
mod made;
mod mounts;
mod opening;
mod releases;
mod tokens;
mod undo;

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::{JoinHandle, JoinSet};

use crate::apimachinery::Release;
use crate::cluster::why::Noted;
use crate::cluster::{self, Cluster, Workbench};
use crate::course::{Lesson, ProgressEvent, Ran};
use crate::shell::{self, Shell};
use crate::simulator::server::tls;
use crate::token::Token;
use crate::tui::linear::Teller;
use crate::tui::msg::{ClockNews, ClusterInfo, Feed, TokenSeen};
use crate::tui::overlay::editor::Editor;
use crate::tui::settings::Settings;
use crate::tui::{self, Effect, Msg, World};
use crate::why::{Origin, Trace};

use super::Error;
use super::abilities::Described;
use super::face::Face;
use super::home::Home;
use super::library::Library;
use super::output::Underway;
use super::progress::Kept;
use super::settings;
use super::stage::Stage;
use super::terminal;
use commands::{Left, Running, Saved};
use door::Doorway;
use judge::Judge;
use made::Made;
use tokens::Tokens;

/// How often the clock on the screen moves.
const TICK: Duration = Duration::from_secs(1);
/// How long the clean-up at the end may take.
const FAREWELL: Duration = Duration::from_secs(10);
/// The most messages taken in before the screen is drawn again.
const BATCH: usize = 256;
/// How long a line of a script waits for the cluster to come to rest after the one before.
const SETTLING: Duration = Duration::from_secs(20);
/// How many seconds it waits for a step to become done that it wants to leave.
const HELD: u8 = 20;

/// Something that happened outside the world.
enum Happening {
    /// A message for the world, from a task of the stage with this number.
    Msg(u64, Msg),
    /// A running command printed something.
    Output { of: Arc<Underway>, chunk: String, stderr: bool },
    /// A stage is ready for a step.
    Opened { stage: Result<Arc<Stage>, Error>, step: usize },
    /// What a command changed was taken back, or done again.
    Turned(u64, Box<undo::Turned>),
    /// The clock was moved.
    Passed(u64, Box<clock::Passed>),
    /// The learner's command ended; it may have put a token into a variable.
    Ran { stage: u64, step: Option<usize>, ran: Ran, requests: Vec<shell::Request>, left: Box<Left> },
    /// A file was saved in the editor, or was not.
    Saved(u64, Box<Saved>),
    /// A token was read on the stage with this number.
    Token(u64, Box<(TokenSeen, Token)>),
    /// A judge has looked at the checks: so often it had been asked to by then.
    Looked { by: Arc<judge::Wake>, asked: u64 },
    /// The cluster of the stage with this number has come to rest after a command, or will not.
    Settled(u64),
    /// The cluster's objects changed.
    Fed(u64, cluster::Event),
    /// The simulator of the stage with this number has answered a request.
    Traced(u64, Box<Trace>),
    /// The real cluster of the stage with this number has answered a request of the learner's.
    Noted(u64, Box<Noted>),
    /// A running command of the stage with this number wants a file edited, and waits.
    Edit(u64, shell::Editing),
    /// The door to the simulator of the stage with this number is open, or cannot be opened.
    Door(u64, Result<Box<tls::Door>, tls::ListenError>),
}

/// What a session is made of.
pub struct Session {
    /// What simulators share.
    pub bench: Workbench,
    /// The real cluster the learner chose, if they did.
    pub real: Option<Cluster>,
    /// The release asked for on the command line.
    pub release: Option<Release>,
    /// The lessons, in order.
    pub library: Library,
    /// The state directory.
    pub home: Home,
    /// The learner's progress.
    pub kept: Kept,
    /// A lesson to begin with, instead of the course list.
    pub first: Option<String>,
    /// Sentences to show at the start.
    pub notices: Vec<String>,
    /// What the learner chose of the looks.
    pub settings: Settings,
    /// What the terminal can show.
    pub terminal: Described,
    /// Lines in the place of a screen; what for.
    pub lines: Option<Typist>,
}

/// Who types the lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typist {
    /// A person at a terminal.
    Person,
    /// A pipe, a file: each line waits until what the one before did has come to rest.
    Script,
}

/// The stage of the steps without a release of their own.
struct Shared {
    stage: Arc<Stage>,
    /// The last step opened on it.
    at: usize,
    /// The steps whose checks were all green on it.
    worked: BTreeSet<usize>,
}

/// The running tutor.
pub struct Runtime {
    session: Session,
    world: World,
    sender: UnboundedSender<Happening>,
    /// The stage on the screen; its number tells its messages from those of stages left behind.
    stage: Option<Arc<Stage>>,
    number: u64,
    /// The stage that the steps without a release of their own share, while another is on the screen.
    shared: Option<Shared>,
    opening: Option<JoinHandle<()>>,
    /// The namespaces made on a real cluster and not known to be gone.
    made: Made,
    running: Option<Running>,
    /// The file a running command waits for: the editor is open on it.
    editing: Option<shell::Editing>,
    feed: Option<JoinHandle<()>>,
    /// Where it is found out why a real cluster answered so.
    explaining: Option<UnboundedSender<Noted>>,
    judge: Option<Judge>,
    doorway: Doorway,
    undo: undo::Log,
    /// Whether the cluster is being turned back, its clock forward, or a file is being saved.
    turning: bool,
    /// What the clock pane was told last.
    foreseen: Option<ClockNews>,
    tokens: Tokens,
    /// The releases that are at work on the session's commands.
    replays: JoinSet<()>,
    history: Vec<String>,
    /// Says what happens, where lines are shown and no screen is.
    teller: Option<Teller>,
    /// After a command of a script: waits until the cluster rests.
    settling: Option<JoinHandle<()>>,
    /// A line that waits for the step to be done, and how many seconds more.
    held: Option<(String, u8)>,
    /// Whether the learner wants to go to the shell for a while.
    suspending: bool,
    leaving: bool,
}

impl Runtime {
    /// A tutor that shows nothing yet.
    pub fn new(session: Session, size: (u16, u16)) -> (Self, Inbox) {
        let (sender, receiver) = unbounded_channel();
        let colour = session.terminal.colour;
        let world = World::new(size.0, size.1, session.bench.clock.now(), colour, Shell::is_incomplete);
        let history = session.home.history();
        let teller = session.lines.map(|typist| Teller::new(typist == Typist::Script, session.first.is_none()));
        let mut runtime = Self {
            session,
            world,
            sender,
            stage: None,
            number: 0,
            shared: None,
            opening: None,
            made: Made::default(),
            running: None,
            editing: None,
            feed: None,
            explaining: None,
            judge: None,
            doorway: Doorway::default(),
            undo: undo::Log::default(),
            turning: false,
            foreseen: None,
            tokens: Tokens::default(),
            replays: JoinSet::new(),
            history,
            teller,
            settling: None,
            held: None,
            suspending: false,
            leaving: false,
        };
        runtime.begin(size);
        (runtime, Inbox(receiver))
    }

    /// The first screen: the course, or the lesson asked for.
    fn begin(&mut self, (width, height): (u16, u16)) {
        self.tell(Msg::Resize { width, height });
        self.tell(Msg::Looks(self.session.settings, self.session.terminal.abilities));
        self.tell(Msg::History(self.history.clone()));
        self.tell(Msg::Cluster(self.place_to_be()));
        self.list_course();
        match self.session.first.take() {
            // What is to be said at the start is said when the lesson is there: the course list goes by unread.
            Some(id) => {
                let step = self.lesson(&id).map_or(0, |lesson| self.session.kept.step_to_go_on(lesson));
                self.perform(Effect::OpenLesson { id, step, afresh: false });
            }
            None => self.say_notices(),
        }
    }

    /// Says what is to be said at the start. The course list has one line for it.
    fn say_notices(&mut self) {
        let notices = std::mem::take(&mut self.session.notices);
        if self.world.screen == tui::Screen::Workbench {
            notices.into_iter().for_each(|notice| self.tell(Msg::Notice(notice)));
        } else if !notices.is_empty() {
            self.tell(Msg::Notice(notices.join(" · ")));
        }
    }

    /// The cluster the course would run on, before any lesson is open.
    fn place_to_be(&self) -> ClusterInfo {
        let (name, release, namespace) = match &self.session.real {
            Some(real) => (real.name.clone(), real.release, real.namespace.clone()),
            None => ("simulator".to_owned(), self.session.release.unwrap_or(Release::DEFAULT), "default".to_owned()),
        };
        ClusterInfo { name, release: Some(release), server: None, namespace, beside: None }
    }

    /// Runs until the learner leaves.
    ///
    /// # Errors
    /// When the terminal can no longer be written to or read.
    pub async fn run(&mut self, inbox: &mut Inbox, face: &mut impl Face) -> io::Result<()> {
        let mut stop = face.stop()?;
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            self.release();
            let rests = self.rests();
            self.show(face, rests)?;
            if self.leaving {
                return Ok(());
            }
            if std::mem::take(&mut self.suspending) {
                self.suspend(face).await?;
                continue;
            }
            tokio::select! {
                felt = face.next(rests) => match felt? {
                    Some(felt) => self.feel(felt, face)?,
                    None => return Ok(()),
                },
                Some(happening) = inbox.0.recv() => {
                    self.take(happening);
                    for _ in 1..BATCH {
                        match inbox.0.try_recv() {
                            Ok(happening) => self.take(happening),
                            Err(_) => break,
                        }
                    }
                }
                () = stop.wait() => return Ok(()),
                _ = tick.tick() => {
                    self.tell(Msg::Tick(self.session.bench.clock.now()));
                    self.foresee();
                    self.read_edits();
                    if let Some((_, seconds)) = &mut self.held {
                        *seconds = seconds.saturating_sub(1);
                    }
                }
            }
        }
    }

    /// Puts a message into the world and does what it wants.
    fn tell(&mut self, msg: Msg) {
        let effects = match &mut self.teller {
            Some(teller) => teller.hear(&mut self.world, msg),
            None => tui::update(&mut self.world, msg),
        };
        for effect in effects {
            self.perform(effect);
        }
        // The editor was closed: the command that waited for it goes on.
        if self.world.over::<Editor>().is_none()
            && let Some(editing) = self.editing.take()
        {
            // A command that was ended meanwhile waits no more.
            let _ = editing.done.send(());
        }
    }

    /// Opens the editor for a running command.
    fn edit(&mut self, editing: shell::Editing) {
        let (path, content) = (editing.path.clone(), editing.content.clone());
        self.tell(Msg::Edit { path, content });
        self.editing = Some(editing);
    }

    fn take(&mut self, happening: Happening) {
        match happening {
            Happening::Msg(number, msg) if number == self.number => {
                self.note_worked(&msg);
                self.tell(msg);
            }
            Happening::Output { of, chunk, stderr } => {
                of.arrived(chunk.len());
                // What a command that was stopped had still to say is not said.
                if self.running.as_ref().is_some_and(|running| Arc::ptr_eq(&running.underway, &of)) {
                    self.tell(Msg::Output { chunk, stderr });
                }
            }
            Happening::Looked { by, asked } => {
                if let Some(judge) = &mut self.judge {
                    judge.has_looked(&by, asked);
                }
            }
            Happening::Settled(number) if number == self.number => self.settled(),
            Happening::Traced(number, trace) if number == self.number => self.traced(*trace),
            Happening::Noted(number, noted) if number == self.number => self.noted(*noted),
            Happening::Fed(number, event) if number == self.number => self.fed(event),
            Happening::Turned(number, turned) if number == self.number => self.turned(*turned),
            Happening::Saved(number, saved) if number == self.number => self.saved(*saved),
            Happening::Passed(number, passed) if number == self.number => self.passed(*passed),
            Happening::Ran { stage, step, ran, requests, left } if stage == self.number => {
                self.ran(step, ran, requests, *left);
            }
            Happening::Token(number, found) if number == self.number => {
                let (seen, token) = *found;
                self.show_token(seen, token);
            }
            Happening::Opened { stage, step } => self.opened(stage, step),
            Happening::Door(number, door) if number == self.number => self.door_opened(door),
            Happening::Edit(number, editing) if number == self.number => self.edit(editing),
            // From a stage that was left meanwhile.
            Happening::Msg(..)
            | Happening::Fed(..)
            | Happening::Settled(..)
            | Happening::Traced(..)
            | Happening::Noted(..)
            | Happening::Ran { .. }
            | Happening::Turned(..)
            | Happening::Passed(..)
            | Happening::Saved(..)
            | Happening::Token(..)
            | Happening::Door(..)
            | Happening::Edit(..) => {}
        }
    }

    /// Remembers that the step was solved on the stage that is on the screen.
    fn note_worked(&mut self, msg: &Msg) {
        let (Msg::Checks { step, passed, .. }, Some(shared), Some(stage)) = (msg, &mut self.shared, &self.stage) else {
            return;
        };
        let at = stage.lesson.steps.iter().position(|candidate| candidate.id == *step);
        let Some(at) = at.filter(|_| Arc::ptr_eq(&shared.stage, stage)) else { return };
        if passed.iter().all(|passed| *passed) {
            shared.worked.insert(at);
        }
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Run(line) => self.run_line(line),
            Effect::Cancel => self.cancel(),
            Effect::Undo => self.turn(undo::Way::Back),
            Effect::Advance(jump) => self.advance(jump),
            Effect::Redo => self.turn(undo::Way::Again),
            Effect::OpenLesson { id, step, afresh } => self.open(&id, step, afresh),
            Effect::ListCourse => self.list_course(),
            Effect::Remember(event) => self.remember(event),
            Effect::KeepSetting { key, word } => {
                if let Err(error) = settings::keep(&self.session.home, &key, &word) {
                    self.tell(Msg::Failure(format!("the choice was not kept: {error}")));
                }
            }
            // Lines have no place to point at.
            Effect::Mouse(_) if self.teller.is_some() => {}
            Effect::Mouse(wanted) => {
                if let Err(error) = terminal::take_mouse(wanted) {
                    self.tell(Msg::Failure(format!("the mouse cannot be had: {error}")));
                }
            }
            Effect::Copy(text) => {
                if let Err(error) = terminal::copy(&text) {
                    self.tell(Msg::Failure(format!("nothing was copied: {error}")));
                }
            }
            Effect::SaveHistory(line) => {
                self.history.push(line);
                if let Err(error) = self.session.home.keep_history(&self.history) {
                    self.tell(Msg::Failure(error.to_string()));
                }
            }
            Effect::ReadToken { namespace, from } => self.read_token(namespace, from),
            Effect::LookInto(look) => self.look_into(*look),
            Effect::Tamper { token, forgery } => self.tamper(token, forgery),
            Effect::SaveFile { path, content } => self.save_file(path, content),
            Effect::Complete { line, cursor } => self.complete(line, cursor),
            Effect::Replay { asked, releases } => self.replay(asked, &releases),
            Effect::Suspend => self.suspending = true,
            Effect::Quit => self.leaving = true,
        }
    }

    fn lesson(&self, id: &str) -> Option<&Lesson> {
        self.session.library.lessons().find(|lesson| lesson.id == id)
    }

    fn list_course(&mut self) {
        let (lessons, selected) = self.session.kept.cards(&self.session.library);
        let wish = self.session.kept.progress.support;
        let tally = self.session.kept.tally(&self.session.library);
        self.tell(Msg::Course { lessons, selected, tally, wish });
    }

    fn remember(&mut self, event: ProgressEvent) {
        match self.session.kept.record(event, self.session.bench.clock.now()) {
            Ok(None) => {}
            Ok(Some(damaged)) => self.tell(Msg::Failure(damaged.to_string())),
            Err(error) => self.tell(Msg::Failure(format!("your progress could not be kept: {error}"))),
        }
    }

    /// The step on the screen, from 0.
    fn step(&self) -> Option<usize> {
        self.world.lesson.as_ref().map(|open| open.step)
    }

    /// Shows how a request was answered. What the prompt asks while no command runs is for completing words.
    fn traced(&mut self, trace: Trace) {
        if trace.origin != Origin::Learner || self.running.is_some() {
            self.tell(Msg::answered(trace));
        }
    }

    /// Has it found out why a real cluster answered so. What is asked while no command runs is for completing words.
    fn noted(&self, noted: Noted) {
        if let Some(explaining) = self.explaining.as_ref().filter(|_| self.running.is_some()) {
            // It listens until the sender is dropped.
            drop(explaining.send(noted));
        }
    }

    fn fed(&mut self, event: cluster::Event) {
        let feed = match event {
            cluster::Event::Restarted(objects) => Feed::Restarted(objects),
            cluster::Event::Applied(object) => Feed::Applied(object),
            cluster::Event::Deleted { kind, name } => {
                let namespace = self.stage.as_ref().map(|stage| stage.cluster.namespace.clone()).unwrap_or_default();
                Feed::Deleted { kind, namespace, name }
            }
            cluster::Event::Trouble(kind, why) => {
                self.tell(Msg::Notice(format!("{kind} objects are not live just now: {why}")));
                return;
            }
        };
        self.tell(Msg::objects(feed));
        if let Some(judge) = &self.judge {
            judge.look();
        }
    }

    /// Ends what still runs, and removes what we made on a real cluster.
    pub async fn end(mut self) -> Result<(), Error> {
        self.leave_stage();
        self.leave_by_door();
        if let Some(opening) = self.opening.take() {
            opening.abort();
        }
        let removed = tokio::time::timeout(FAREWELL, self.made.remove_all()).await;
        let why = match removed {
            Ok(None) => return Ok(()),
            Ok(Some(error)) => error.to_string(),
            Err(_) => "the cluster does not answer".to_owned(),
        };
        let left = self.made.names().join(" ");
        Err(format!("could not be removed: {left} ({why}); remove it with `kubectl delete namespace {left}`").into())
    }
}

/// What happens outside, waiting to be taken in.
pub struct Inbox(UnboundedReceiver<Happening>);
