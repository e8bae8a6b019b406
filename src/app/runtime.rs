//! The event loop: what happens goes into the world as messages, what the world wants is done here.
//!
//! Everything slow runs in tasks that answer with a [`Happening`]; nothing here waits for a cluster.

mod door;
mod judge;
mod made;
mod mounts;
mod opening;
mod tokens;

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::EventStream;
use futures::StreamExt as _;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

use crate::apimachinery::Release;
use crate::cluster::{self, Cluster, Workbench};
use crate::course::{Lesson, ProgressEvent, Ran};
use crate::shell::{self, Screen, Shell};
use crate::simulator::server::tls;
use crate::tui::msg::{ClusterInfo, Feed, Request, Word};
use crate::tui::overlay::editor::Editor;
use crate::tui::settings::Settings;
use crate::tui::{self, Effect, Msg, World};
use crate::why::{Origin, Trace};

use super::Error;
use super::abilities::Described;
use super::home::Home;
use super::library::Library;
use super::output::{Stream, Transcript, Underway};
use super::progress::Kept;
use super::settings;
use super::stage::Stage;
use super::stop::Stop;
use super::terminal;
use door::Doorway;
use judge::Judge;
use made::Made;

/// How often the clock on the screen moves.
const TICK: Duration = Duration::from_secs(1);
/// How long the clean-up at the end may take.
const FAREWELL: Duration = Duration::from_secs(10);
/// How long the words that could follow may take to find.
const COMPLETION: Duration = Duration::from_secs(3);
/// The most messages taken in before the screen is drawn again.
const BATCH: usize = 256;

/// Something that happened outside the world.
enum Happening {
    /// A message for the world, from a task of the stage with this number.
    Msg(u64, Msg),
    /// A running command printed something.
    Output { of: Arc<Underway>, chunk: String, stderr: bool },
    /// A stage is ready for a step.
    Opened { stage: Result<Arc<Stage>, Error>, step: usize },
    /// The learner's command ended.
    Ran { stage: u64, step: Option<usize>, ran: Ran, requests: Vec<shell::Request> },
    /// The cluster's objects changed.
    Fed(u64, cluster::Event),
    /// The simulator of the stage with this number has answered a request.
    Traced(u64, Box<Trace>),
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
}

/// The stage of the steps without a release of their own.
struct Shared {
    stage: Arc<Stage>,
    /// The last step opened on it.
    at: usize,
    /// The steps whose checks were all green on it.
    worked: BTreeSet<usize>,
}

/// A command that runs, its line, and what it printed that the screen has not yet.
struct Running {
    task: JoinHandle<()>,
    line: String,
    underway: Arc<Underway>,
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
    judge: Option<Judge>,
    doorway: Doorway,
    history: Vec<String>,
    leaving: bool,
}

impl Runtime {
    /// A tutor that shows nothing yet.
    pub fn new(session: Session, size: (u16, u16)) -> (Self, Inbox) {
        let (sender, receiver) = unbounded_channel();
        let colour = session.terminal.colour;
        let world = World::new(size.0, size.1, session.bench.clock.now(), colour, Shell::is_incomplete);
        let history = session.home.history();
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
            judge: None,
            doorway: Doorway::default(),
            history,
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
    /// When the terminal can no longer be drawn on or read.
    pub async fn run(&mut self, inbox: &mut Inbox, screen: &mut terminal::Screen) -> io::Result<()> {
        let mut events = EventStream::new();
        let mut stop = Stop::asked_or_hung_up()?;
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            screen.terminal.draw(|frame| tui::view(&self.world, frame.buffer_mut()))?;
            if self.leaving {
                return Ok(());
            }
            tokio::select! {
                event = events.next() => match event {
                    Some(Ok(event)) => {
                        if let Some(msg) = Msg::from_event(event) {
                            self.tell(msg);
                        }
                    }
                    Some(Err(error)) => return Err(error),
                    // The terminal is gone; there is nobody to go on for.
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
                    self.read_edits();
                }
            }
        }
    }

    /// Puts a message into the world and does what it wants.
    fn tell(&mut self, msg: Msg) {
        for effect in tui::update(&mut self.world, msg) {
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
            Happening::Traced(number, trace) if number == self.number => self.traced(*trace),
            Happening::Fed(number, event) if number == self.number => self.fed(event),
            Happening::Ran { stage, step, ran, requests } if stage == self.number => self.ran(step, ran, requests),
            Happening::Opened { stage, step } => self.opened(stage, step),
            Happening::Door(number, door) if number == self.number => self.door_opened(door),
            Happening::Edit(number, editing) if number == self.number => self.edit(editing),
            // From a stage that was left meanwhile.
            Happening::Msg(..)
            | Happening::Fed(..)
            | Happening::Traced(..)
            | Happening::Ran { .. }
            | Happening::Door(..)
            | Happening::Edit(..) => {}
        }
    }

    /// Remembers that the step was solved on the stage that is on the screen.
    fn note_worked(&mut self, msg: &Msg) {
        let (Msg::Checks { step, passed, .. }, Some(shared), Some(stage)) = (msg, &mut self.shared, &self.stage) else {
            return;
        };
        let solved = passed.iter().all(|passed| *passed) && Arc::ptr_eq(&shared.stage, stage);
        let at = stage.lesson.steps.iter().position(|candidate| candidate.id == *step);
        shared.worked.extend(at.filter(|_| solved));
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Run(line) => self.run_line(line),
            Effect::Cancel => self.cancel(),
            Effect::OpenLesson { id, step, afresh } => self.open(&id, step, afresh),
            Effect::ListCourse => self.list_course(),
            Effect::Remember(event) => self.remember(event),
            Effect::KeepSetting { key, word } => {
                if let Err(error) = settings::keep(&self.session.home, &key, &word) {
                    self.tell(Msg::Failure(format!("the choice was not kept: {error}")));
                }
            }
            Effect::Mouse(wanted) => {
                if let Err(error) = terminal::take_mouse(wanted) {
                    self.tell(Msg::Failure(format!("the mouse cannot be had: {error}")));
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
            Effect::SaveFile { path, content } => self.save_file(path, &content),
            Effect::Complete { line, cursor } => self.complete(line, cursor),
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

    fn run_line(&mut self, line: String) {
        let Some(stage) = self.stage.clone() else { return };
        if self.running.is_some() {
            return;
        }
        let (sender, number, shown) = (self.sender.clone(), self.number, line.clone());
        let step = self.step();
        let underway = Arc::new(Underway::default());
        let printed = underway.clone();
        let task = tokio::spawn(async move {
            let editor = sender.clone();
            // A screen that is gone edits nothing: the command hears it, for `done` is dropped.
            let editor: shell::Editor = Arc::new(move |editing| drop(editor.send(Happening::Edit(number, editing))));
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
            let outcome = printed.hold(shell.run(&line, &mut screen)).await;
            drop(shell);
            let ran = Ran { line, status: outcome.status, output: transcript.text() };
            drop(sender.send(Happening::Ran { stage: number, step, ran, requests: outcome.requests }));
        });
        self.running = Some(Running { task, line: shown, underway });
    }

    fn cancel(&mut self) {
        if let Some(Running { task, line, .. }) = self.running.take() {
            task.abort();
            self.tell(Msg::CommandDone { status: 130, line, requests: Vec::new() });
        }
    }

    /// The step on the screen, from 0.
    fn step(&self) -> Option<usize> {
        self.world.lesson.as_ref().map(|open| open.step)
    }

    fn ran(&mut self, step: Option<usize>, ran: Ran, requests: Vec<shell::Request>) {
        self.running = None;
        let Some(stage) = self.stage.clone() else { return };
        let requests = requests.into_iter().map(|request| asked(&stage, request)).collect();
        self.tell(Msg::CommandDone { status: ran.status, line: ran.line.clone(), requests });
        self.token_in(&stage, &ran.output);
        // A command that was begun in one step proves nothing in the next.
        if let Some(judge) = self.judge.as_ref().filter(|_| step == self.step()) {
            judge.ran(ran);
        }
    }

    /// Shows how a request was answered. What the prompt asks while no command runs is for completing words.
    fn traced(&mut self, trace: Trace) {
        if trace.origin != Origin::Learner || self.running.is_some() {
            self.tell(Msg::answered(trace));
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

    fn save_file(&mut self, path: String, content: &str) {
        let Some(stage) = self.stage.clone() else { return };
        // The shell is free while the editor is open: no command runs behind it.
        // Only one that waits for this very file; its tree is at hand.
        let waited = self.editing.as_ref().filter(|editing| editing.path == path);
        let saved = if let Some(editing) = waited {
            editing.files.write(&path, content.as_bytes()).map_err(|error| error.to_string())
        } else {
            match stage.shell.try_lock() {
                Ok(shell) => shell.files.write(&path, content.as_bytes()).map_err(|error| error.to_string()),
                Err(_) => Err("a command is still running".to_owned()),
            }
        };
        match saved {
            Ok(()) => self.tell(Msg::FileSaved { path }),
            Err(why) => self.tell(Msg::Failure(format!("{path} was not saved: {why}"))),
        }
    }

    fn complete(&mut self, line: String, cursor: usize) {
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

/// What a command asks of the screen.
fn asked(stage: &Stage, request: shell::Request) -> Request {
    match request {
        shell::Request::Clear => Request::Clear,
        shell::Request::Exit => Request::Exit,
        shell::Request::Edit(path) => {
            let content =
                stage.shell.try_lock().ok().and_then(|shell| shell.files.read(&path).ok()).unwrap_or_default();
            Request::Edit { path, content: String::from_utf8_lossy(&content).into_owned() }
        }
    }
}
