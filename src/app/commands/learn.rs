//! `sa-tutor learn`: the tutor itself.

use std::io::{ErrorKind, IsTerminal as _, Write as _, stderr, stdin};
use std::path::PathBuf;
use std::process::ExitCode;

use crate::app::Error;
use crate::app::abilities::{Described, described};
use crate::app::args::{Looks, Place};
use crate::app::face::Face;
use crate::app::home::Home;
use crate::app::library::{Entry, Library};
use crate::app::linear::Lines;
use crate::app::log;
use crate::app::progress::Kept;
use crate::app::runtime::{Runtime, Session, Typist};
use crate::app::settings;
use crate::app::terminal::{self, Screen};
use crate::base::{Clock, Ids, sanitize_line};
use crate::cluster::{Choice, Cluster, Plan, Workbench};
use crate::tui::settings::Signs;

/// Opens the course or a lesson, and stays until the learner leaves.
pub async fn run(lesson: Option<String>, place: Place, lessons: Vec<PathBuf>, looks: Looks) -> Result<ExitCode, Error> {
    let library = Library::read(lessons)?;
    let first = match &lesson {
        None => None,
        Some(name) => match library.find(name) {
            None => return Err(library.missing(name).into()),
            Some(Entry { lesson: Err(fault), .. }) => return Err(fault.clone().into()),
            Some(entry) => Some(entry.id()),
        },
    };
    let terminal = described();
    if !looks.linear {
        can_draw(terminal)?;
    }
    let clock = Clock::system();
    let bench = Workbench::new(clock.clone(), Ids::fresh());
    let home = Home::find()?;
    let _log = log::begin(&home);
    let (kept, damaged) = Kept::read(home.clone(), clock.now())?;
    let (mut settings, mut notices) = settings::read(&home);
    settings.theme = looks.theme.unwrap_or(settings.theme);
    if looks.ascii {
        settings.signs = Signs::Ascii;
    }
    if let Some(damaged) = damaged {
        notices.push(damaged.to_string());
    }
    let real = match connect(&place, &bench).await? {
        Answer::Simulator => None,
        Answer::Real(cluster) => Some(*cluster),
        Answer::No => return Ok(ExitCode::SUCCESS),
    };
    if let Some(real) = &real {
        match real.left_behind().await {
            Ok(left) if !left.is_empty() => {
                notices.push(format!("an earlier session left behind: {}", left.join(", ")))
            }
            Ok(_) => {}
            Err(error) => notices.push(format!("namespaces cannot be listed: {error}")),
        }
    }
    let release = place.release;
    let session =
        Session { bench, real, release, library, home, kept, first, notices, settings, terminal, lines: None };
    if looks.linear {
        let lines = Lines::begin()?;
        let typist = if lines.is_scripted() { Typist::Script } else { Typist::Person };
        return run_on(lines, Session { lines: Some(typist), ..session }).await;
    }
    run_on(Screen::enter()?, session).await
}

/// Runs a session behind one of its faces.
async fn run_on(mut face: impl Face, session: Session) -> Result<ExitCode, Error> {
    let (mut runtime, mut inbox) = Runtime::new(session, face.size()?);
    let ended = runtime.run(&mut inbox, &mut face).await;
    drop(face);
    runtime.end().await?;
    match ended {
        // Whoever read along has heard enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        ended => Ok(ended.map(|()| ExitCode::SUCCESS)?),
    }
}

/// Whether a screen can be drawn here; what to do where it cannot.
fn can_draw(terminal: Described) -> Result<(), Error> {
    if !terminal::is_there() {
        let say = "sa-tutor draws on a terminal, and this is none; `sa-tutor --linear` reads and writes lines, through a pipe \
                   too, and `sa-tutor --help` says what else there is";
        return Err(say.into());
    }
    if !terminal.can_move {
        let say = "sa-tutor draws whole screens, and this terminal (TERM=dumb) cannot move its cursor; `sa-tutor --linear` \
                   needs lines alone (and if this is a terminal window, set TERM to what it is: `TERM=xterm sa-tutor`)";
        return Err(say.into());
    }
    Ok(())
}

enum Answer {
    Simulator,
    Real(Box<Cluster>),
    No,
}

/// Reaches the cluster asked for; asks first when it is not on this machine.
async fn connect(place: &Place, bench: &Workbench) -> Result<Answer, Error> {
    if place.cluster == Choice::Simulator {
        return Ok(Answer::Simulator);
    }
    let fall_back = |error: crate::cluster::ConnectError| -> Error { Unusable(error).into() };
    let plan = Plan::find(&place.cluster).await.map_err(fall_back)?;
    if !plan.is_local && !place.yes && !asks(&plan.context, &plan.server)? {
        return Ok(Answer::No);
    }
    eprintln!("Connecting to {} …", sanitize_line(&plan.server));
    let namespace = format!("sa-tutor-{}", bench.ids.suffix(5));
    let cluster = plan.connect(namespace, Some(place.image.clone()), bench.clock.clone()).await.map_err(fall_back)?;
    Ok(Answer::Real(Box::new(cluster)))
}

#[derive(Debug, thiserror::Error)]
#[error("this cluster cannot be used; the lessons also run without one: leave out `--cluster`")]
struct Unusable(#[source] crate::cluster::ConnectError);

fn asks(context: &str, server: &str) -> Result<bool, Error> {
    if !stdin().is_terminal() {
        return Err(format!("{server} is not on this machine; say --yes if the lessons may use it").into());
    }
    let mut err = stderr().lock();
    write!(
        err,
        "The context `{context}` leads to {server}, which is not on this machine.\n\
         The lessons make a namespace of their own there, and remove it at the end. Nothing else is touched.\n\
         Go on? [y/N] ",
        context = sanitize_line(context),
        server = sanitize_line(server),
    )?;
    err.flush()?;
    let mut answer = String::new();
    stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
