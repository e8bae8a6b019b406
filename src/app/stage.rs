//! Where a step happens: a fresh cluster, a shell on it, the lesson's files, and earlier steps worked again.

use std::sync::{Arc, PoisonError};

use jiff::Timestamp;
use tokio::sync::Mutex;

use crate::apimachinery::Release;
use crate::cluster::{Cluster, Workbench};
use crate::course::{self, Evidence, Lesson, Ran, Step};
use crate::shell::{HOME, Screen, Shell};
use crate::token::Jwks;

use super::Error;
use super::carry::Edited;
use super::output::{Stream, Transcript};

/// A cluster with a shell on it.
pub struct Stage {
    /// The cluster.
    pub cluster: Cluster,
    /// The learner's shell.
    pub shell: Arc<Mutex<Shell>>,
    /// The lesson with this cluster's namespace and image filled in.
    pub lesson: Lesson,
    /// The keys its tokens verify with, or why they could not be had.
    pub keys: Result<Jwks, String>,
    /// When this is a simulator beside the learner's own cluster: why.
    pub beside: Option<String>,
    /// The step it was set up for.
    pub step: usize,
    /// When it was set up, by the cluster's time.
    pub begun: Timestamp,
    /// What the learner did on it, oldest first.
    pub deeds: Deeds,
}

/// What the learner did on a stage.
pub type Deeds = Arc<std::sync::Mutex<Vec<Deed>>>;

/// Something that the learner did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// When, by the cluster's time.
    pub at: Timestamp,
    /// What.
    pub what: Done,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// A command line was run.
    Ran(String),
    /// A file was saved in the editor.
    Saved {
        /// Its path.
        path: String,
        /// All of it.
        content: String,
    },
    /// A file was saved in the editor that the command before had opened.
    Edited(Edited),
}

/// Which cluster a step needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The one all steps without a release of their own share.
    Shared,
    /// One for this step alone (by its number), of a release of its own.
    Own(usize, Release),
}

impl Place {
    /// The place of a lesson's step.
    pub fn of(lesson: &Lesson, step: usize) -> Self {
        match lesson.steps.get(step).and_then(|step| step.release) {
            Some(release) => Self::Own(step, release),
            None => Self::Shared,
        }
    }
}

impl Stage {
    /// Puts the lesson's files into the shell's home, runs what the lesson starts with, and works the steps before
    /// `step` again, so that the cluster is as the step expects it.
    ///
    /// # Errors
    /// When a start line fails or the cluster does not come to rest.
    pub async fn set_up(cluster: Cluster, lesson: &Lesson, step: usize, beside: Option<String>) -> Result<Self, Error> {
        let lesson = lesson.for_cluster(&cluster.namespace, &cluster.image);
        let begun = cluster.clock.now();
        cluster.ready().await;
        let mut shell = shell_on(&cluster);
        for (name, content) in &lesson.files {
            shell.unix.files.write(&format!("{HOME}/{name}"), content.as_bytes())?;
        }
        let place = Place::of(&lesson, step);
        let lines: Vec<String> = match &place {
            Place::Own(own, _) => lesson.steps.get(*own).map(|step| step.start.clone()).unwrap_or_default(),
            Place::Shared => lesson.start.clone(),
        };
        let evidence = Evidence::new(cluster.client.clone(), cluster.namespace.clone());
        for line in &lines {
            let ran = run_unseen(&mut shell, line).await;
            if ran.status != 0 {
                return Err(format!("the lesson cannot begin: `{line}` says: {}", ran.output.trim()).into());
            }
            // The next line may need what a controller makes of this one: a pod, its account's secret.
            course::settle(&evidence).await;
        }
        if place == Place::Shared {
            for earlier in lesson.steps.iter().take(step).filter(|earlier| earlier.release.is_none()) {
                rework(&mut shell, earlier, &evidence).await;
            }
        }
        shell.history.clear();
        let keys = cluster.jwks().await;
        let shell = Arc::new(Mutex::new(shell));
        Ok(Self { cluster, shell, lesson, keys, beside, step, begun, deeds: Deeds::default() })
    }

    /// Remembers what the learner did.
    pub fn note(&self, what: Done) {
        let at = self.cluster.clock.now();
        self.deeds.lock().unwrap_or_else(PoisonError::into_inner).push(Deed { at, what });
    }

    /// How many deeds came before the last run of this line, or the last that is called so ([`saved`]).
    pub fn deeds_before(&self, line: &str) -> usize {
        let deeds = self.deeds.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |deed: &Deed| match &deed.what {
            Done::Ran(ran) => ran.trim_end() == line.trim_end(),
            Done::Saved { path, .. } => saved(path) == line,
            Done::Edited(_) => false,
        };
        let last = deeds.iter().rposition(is_it);
        last.unwrap_or(deeds.len())
    }

    /// Forgets what was done after so many deeds; gives it.
    pub fn forget(&self, after: usize) -> Vec<Deed> {
        let mut deeds = self.deeds.lock().unwrap_or_else(PoisonError::into_inner);
        let after = after.min(deeds.len());
        deeds.split_off(after)
    }

    /// Remembers again what was forgotten.
    pub fn note_again(&self, deeds: Vec<Deed>) {
        self.deeds.lock().unwrap_or_else(PoisonError::into_inner).extend(deeds);
    }

    /// What the checks of a step can be judged by, before anything was done in it.
    pub fn evidence(&self) -> Evidence {
        Evidence::new(self.cluster.client.clone(), self.cluster.namespace.clone())
    }
}

/// What saving a file in the editor is called.
pub fn saved(path: &str) -> String {
    format!("what was saved in {path}")
}

/// Works a step by its recorded solution, and waits until what it left is at rest.
async fn rework(shell: &mut Shell, step: &Step, evidence: &Evidence) {
    for line in step.solution() {
        // Some solutions end in an error on purpose: the API's refusal is what the step shows.
        let _ = run_unseen(shell, &line).await;
        course::settle(evidence).await;
    }
}

/// Runs a line whose output nobody sees.
pub async fn run_unseen(shell: &mut Shell, line: &str) -> Ran {
    let transcript = Transcript::default();
    let (mut stdout, mut stderr) =
        (Stream::new(transcript.clone(), drop::<String>), Stream::new(transcript.clone(), drop::<String>));
    let mut screen = Screen { stdout: &mut stdout, stderr: &mut stderr };
    let outcome = shell.run(line, &mut screen).await;
    Ran { line: line.to_owned(), status: outcome.status, output: transcript.text(), sent: outcome.sent }
}

/// A fresh simulator of a release.
///
/// # Errors
/// When it cannot be started.
pub fn simulated(bench: &Workbench, release: Release) -> Result<Cluster, Error> {
    Ok(Cluster::simulated(bench, release)?)
}

/// A shell whose kubectl talks to a cluster.
pub fn shell_on(cluster: &Cluster) -> Shell {
    let mut shell = Shell::new(cluster.kubeconfig());
    shell.anonymous.clone_from(&cluster.anonymous);
    shell
}
