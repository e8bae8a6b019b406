//! What a learner did, done again on a fresh simulator of another release.
//!
//! Each simulator draws its names from the same seed and has a clock of its own, which stands still but for what the
//! learner waited: so what differs in the end differs because of the release.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::time::Instant;

use super::Error;
use super::carry::Edited;
use super::output::{Stream, Transcript};
use super::stage::{Deed, Done, Stage, simulated};
use crate::apimachinery::Release;
use crate::base::{Clock, Ids};
use crate::cluster::{Event, Workbench};
use crate::course::{self, Lesson};
use crate::shell::{Editing, Editor, HOME, Screen, Shell};
use crate::simulator::serviceaccount::Issuer;
use crate::tui::pane::releases::{Answer, Replayed, tokens};

/// The seed of every simulator here.
const SEED: u64 = 20;
/// How long a cluster may take to be set up.
const SET_UP: Duration = Duration::from_secs(60);
/// How long a command may take at least, and the cluster to come to rest after it.
const LIMIT: Duration = Duration::from_secs(3);
/// So many times as long as setting up took, where that is more: the machine has other work as well.
const TIMES: u32 = 4;
/// How long a cluster may take to come to rest once it did not: a pod whose image is not there never does.
const SHORT: Duration = Duration::from_millis(100);
/// Whoever reacts to a change has done so when nothing changed for so long.
const QUIET: Duration = Duration::from_millis(15);
/// How long a clock stands still at least before it is moved for those who wait on it.
const PATIENCE: Duration = Duration::from_millis(400);
/// Between two moves of the clock.
const PAUSE: Duration = Duration::from_millis(20);
/// How far it is moved.
const MOVE: SignedDuration = SignedDuration::from_secs(1);
/// The most of one command's output that is compared, in bytes.
const LONGEST: usize = 64 * 1024;
/// The most deeds that are done again: the latest.
const MOST: usize = 300;

/// What is to be done again.
pub struct Script {
    /// The lesson, with its placeholders.
    pub lesson: Lesson,
    /// The step that the learner's stage was set up for.
    pub step: usize,
    /// When it was, by its own clock.
    pub begun: Timestamp,
    /// What that clock shows now.
    pub until: Timestamp,
    /// What the learner did.
    pub deeds: Vec<Deed>,
    /// The namespace it was done in.
    pub namespace: String,
    /// Signs the tokens of all of them.
    pub issuer: Arc<Issuer>,
}

impl Script {
    /// These command lines, after a lesson was set up for its step.
    pub fn of_lines(lesson: Lesson, step: usize, at: Timestamp, lines: &[&str], issuer: Arc<Issuer>) -> Self {
        let deed = |line: &&str| Deed { at, what: Done::Ran((*line).to_owned()) };
        let deeds = lines.iter().map(deed).collect();
        Self { lesson, step, begun: at, until: at, deeds, namespace: "default".to_owned(), issuer }
    }
}

/// Does it all again on a release.
pub async fn replay(script: &Script, asked: u64, release: Release) -> Replayed {
    let mut replayed = Replayed { asked, release, answers: Vec::new(), objects: Vec::new(), trouble: None };
    if let Err(error) = perform(script, &mut replayed).await {
        replayed.trouble = Some(error.to_string());
    }
    replayed
}

async fn perform(script: &Script, replayed: &mut Replayed) -> Result<(), Error> {
    let clock = Clock::still(script.begun);
    let bench = Workbench { clock: clock.clone(), ids: Ids::seeded(SEED), issuer: Arc::clone(&script.issuer) };
    let cluster = simulated(&bench, replayed.release)?;
    let stage = Stage::set_up(cluster, &script.lesson, script.step, None);
    let began = Instant::now();
    let stage = moving(&clock, SET_UP, PATIENCE, stage).await.ok_or("it does not come to rest")??;
    let pace = Pace::of(began.elapsed());
    let mut shell = stage.shell.lock().await;
    let mut rests = pace.limit;
    let deeds = script.deeds.iter().skip(script.deeds.len().saturating_sub(MOST));
    let mut deeds = deeds.peekable();
    while let Some(deed) = deeds.next() {
        follow(&clock, deed.at);
        match &deed.what {
            Done::Saved { path, content } => save(&shell, path, content)?,
            // It came after a command that is left out.
            Done::Edited(_) => {}
            Done::Ran(line) => {
                let mut edits: Vec<Edited> = Vec::new();
                while let Some(Done::Edited(edited)) = deeds.peek().map(|deed| &deed.what) {
                    // Who saves twice has saved once.
                    edits.retain(|known| known.shown != edited.shown);
                    edits.push(edited.clone());
                    deeds.next();
                }
                shell.editor = Some(hands(edits));
                let before = revision(&stage);
                let line = line.replace(&script.namespace, &stage.cluster.namespace);
                replayed.answers.extend(run(&mut shell, &clock, pace, line).await);
                if revision(&stage) != before {
                    let rested = moving(&clock, rests, pace.patience, rest(&stage)).await;
                    rests = if rested.is_some() { pace.limit } else { SHORT };
                }
            }
        }
    }
    follow(&clock, script.until);
    // What does not come to rest is shown as it is.
    let _ = moving(&clock, rests, pace.patience, rest(&stage)).await;
    let mut feed = stage.cluster.feed();
    let objects = async {
        while let Some(event) = feed.recv().await {
            if let Event::Restarted(objects) = event {
                return objects;
            }
        }
        Vec::new()
    };
    replayed.objects = moving(&clock, SET_UP, pace.patience, objects).await.unwrap_or_default();
    replayed.objects.iter_mut().for_each(without_tokens);
    Ok(())
}

/// How much time things are given on this machine.
#[derive(Clone, Copy)]
struct Pace {
    /// A command, and the rest after it.
    limit: Duration,
    /// Those who may not wait on the clock at all.
    patience: Duration,
}

impl Pace {
    /// By how long it took to set up the cluster.
    fn of(set_up: Duration) -> Self {
        Self { limit: LIMIT.max(set_up.saturating_mul(TIMES)), patience: PATIENCE.max(set_up) }
    }
}

/// How often anything changed on a stage.
fn revision(stage: &Stage) -> u64 {
    stage.cluster.simulator.as_ref().map_or(0, |simulator| simulator.plane().store.revision())
}

/// Waits until nothing changes by itself, and the namespace is ready for the next command.
async fn rest(stage: &Stage) {
    let Some(simulator) = &stage.cluster.simulator else { return };
    let (store, evidence) = (&simulator.plane().store, stage.evidence());
    loop {
        let seen = store.revision();
        let changed = || store.wait_until(|| store.revision() != seen);
        if tokio::time::timeout(QUIET, changed()).await.is_ok() {
            continue;
        }
        if course::is_at_rest(&evidence).await {
            return;
        }
        changed().await;
    }
}

/// Writes a file as the editor did.
fn save(shell: &Shell, path: &str, content: &str) -> Result<(), Error> {
    let path = if path.starts_with('/') { path.to_owned() } else { format!("{HOME}/{path}") };
    shell
        .unix
        .files
        .write(&path, content.as_bytes())
        .map_err(|error| format!("{path} cannot be written: {error}").into())
}

/// An editor that changes each text as the learner did, one after the other, and leaves alone what comes then.
fn hands(edits: Vec<Edited>) -> Editor {
    let edits = Mutex::new(VecDeque::from(edits));
    Arc::new(move |editing: Editing| {
        let edited = edits.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        if let Some(edited) = edited {
            let text = edited.carried(&editing.content);
            // What cannot be written is as if it had not been saved.
            let _ = editing.files.write(&editing.path, text.as_bytes());
        }
        // A command that was ended meanwhile waits no more.
        let _ = editing.done.send(());
    })
}

/// Moves the clock to where the learner's was.
fn follow(clock: &Clock, at: Timestamp) {
    clock.advance(at.duration_since(clock.now()));
}

/// Runs one line to its end, or as long as it may; nothing where it only asks something of the screen.
async fn run(shell: &mut Shell, clock: &Clock, pace: Pace, line: String) -> Option<Answer> {
    if matches!(line.trim(), "" | "clear" | "reset" | "exit" | "history") {
        return None;
    }
    if let Some(note) = skipped(&line) {
        return Some(Answer { line, note: Some(note.to_owned()), ..Answer::default() });
    }
    let transcript = Transcript::default();
    let (mut stdout, mut stderr) =
        (Stream::new(transcript.clone(), drop::<String>), Stream::new(transcript.clone(), drop::<String>));
    let mut screen = Screen { stdout: &mut stdout, stderr: &mut stderr };
    let ended = moving(clock, pace.limit, pace.patience, shell.run(&line, &mut screen)).await;
    let (status, mut note) = match ended {
        Some(outcome) => (outcome.status, None),
        None => (130, Some("It was stopped: it would have gone on.".to_owned())),
    };
    let mut output = transcript.text();
    if output.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|end| output.is_char_boundary(*end)).unwrap_or(0);
        output.truncate(end);
        note = note.or_else(|| Some("It printed more than is compared.".to_owned()));
    }
    Some(Answer { line, status, output: tokens::in_words(&output), note })
}

/// Why a line is not run: it would wait for hands, or never end.
fn skipped(line: &str) -> Option<&'static str> {
    const EDITOR: &str = "Not run: it opens an editor. A file that you saved there is put in its place.";
    const ENDLESS: &str = "Not run: it goes on until it is stopped.";
    let mut commands = line.split(['|', ';', '&', '\n']).map(|part| part.split_whitespace().collect::<Vec<_>>());
    commands.find_map(|words| {
        let (first, rest) = words.split_first()?;
        let own: Vec<&str> = rest.iter().copied().take_while(|word| *word != "--").collect();
        let has = |flags: &[&str]| own.iter().any(|word| flags.contains(&word.trim_end_matches("=true")));
        match (*first, verb(&own)) {
            ("kubectl" | "k", "get") if has(&["-w", "--watch", "--watch-only"]) => Some(ENDLESS),
            ("kubectl" | "k", "logs") if has(&["-f", "--follow"]) => Some(ENDLESS),
            ("kubectl" | "k", "port-forward" | "proxy" | "attach") | ("watch", _) => Some(ENDLESS),
            ("edit" | "vi" | "vim" | "nano" | "emacs", _) => Some(EDITOR),
            ("tail", _) if has(&["-f", "-F"]) => Some(ENDLESS),
            _ => None,
        }
    })
}

/// The first word that is no flag.
fn verb<'a>(words: &[&'a str]) -> &'a str {
    let mut words = words.iter().copied();
    while let Some(word) = words.next() {
        match word {
            "-n" | "--namespace" | "--as" | "--context" | "--token" => drop(words.next()),
            flag if flag.starts_with('-') => {}
            verb => return verb,
        }
    }
    ""
}

/// Waits for something, at most so long. For whoever sleeps on the clock it is moved after a while: nobody sits here and
/// waits.
async fn moving<T>(clock: &Clock, limit: Duration, patience: Duration, work: impl Future<Output = T>) -> Option<T> {
    let work = pin!(work);
    let move_on = async {
        tokio::time::sleep(patience).await;
        loop {
            clock.advance(MOVE);
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::select! {
        done = work => Some(done),
        () = move_on => None,
        () = tokio::time::sleep(limit) => None,
    }
}

/// Tells the tokens in an object's texts in words.
fn without_tokens(value: &mut Value) {
    match value {
        Value::String(text) if text.len() > LONG => *text = tokens::in_words(text),
        Value::Array(items) => items.iter_mut().for_each(without_tokens),
        Value::Object(map) => map.values_mut().for_each(without_tokens),
        _ => {}
    }
}

/// From so many letters on a text may hold a token.
const LONG: usize = 100;

#[cfg(test)]
mod tests {
    use super::skipped;

    #[test]
    fn what_waits_for_hands_is_not_run() {
        for (line, is_run) in [
            ("kubectl get pods", true),
            ("kubectl get pods -w", false),
            ("kubectl get pods --watch=true", false),
            ("kubectl get pods -o wide", true),
            ("kubectl logs -f web", false),
            ("kubectl logs web | tail -n 1", true),
            ("kubectl apply -f pod.yaml", true),
            ("kubectl edit sa default", true),
            ("kubectl create sa edit", true),
            ("kubectl exec web -- tail -f /log", true),
            ("edit pod.yaml", false),
            ("kubectl get sa; watch kubectl get pods", false),
            ("echo a; sleep 1", true),
        ] {
            assert_eq!(skipped(line).is_none(), is_run, "{line}");
        }
    }
}
