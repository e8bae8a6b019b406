//! The proof of a lesson: unsolved at the start, solved by each of its solutions, and each wrong turn heard.
//!
//! The caller hands in fresh clusters; here the lesson is worked as a learner would, on every release it names.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use futures::future::BoxFuture;
use futures::stream;

use super::check::{CheckError, beginning, evaluate, holds, wrong_turn};
use super::desk::{Desk, Ground};
use super::fault::Fault;
use super::load::{Source, load};
use super::locate::{Located, Path};
use super::model::{Lesson, Mistake, Step, Test};
use super::near::near;
use super::settle::{PATIENCE, Pause, settle_within};
use crate::apimachinery::Release;
use crate::base::Order as _;

/// How many runs of a lesson go on beside each other. Most wait for something: a pod, a cache that forgets, a log.
const AT_ONCE: usize = 16;

/// Makes a fresh cluster of a release. The error is a sentence for the author.
pub type Fresh = dyn Fn(Release) -> BoxFuture<'static, Result<Ground, String>> + Send + Sync;

/// What was proved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// Lessons read.
    pub lessons: usize,
    /// Times a lesson was worked from its start: releases × ways, and the wrong turns.
    pub runs: usize,
    /// Steps solved.
    pub steps: usize,
    /// What is wrong, by file, line and column.
    pub faults: Vec<Fault>,
}

/// Reads, lints and works every lesson on every release it names, or on `only` these.
pub async fn verify(sources: &[Source], only: &[Release], fresh: &Fresh) -> Proof {
    verify_within(PATIENCE, sources, only, fresh).await
}

async fn verify_within(patience: Duration, sources: &[Source], only: &[Release], fresh: &Fresh) -> Proof {
    let (_, faults) = load(sources);
    let mut proof = Proof { faults, ..Proof::default() };
    let mut jobs = Vec::new();
    for source in sources {
        let Ok(lesson) = super::load::parse(source) else { continue };
        proof.lessons += 1;
        let lesson = Arc::new(lesson);
        for (index, release) in lesson.releases.iter().enumerate() {
            if only.is_empty() || only.contains(release) {
                let runs = (0..=lesson.solutions.len()).map(Run::Way);
                // The others are tried on the way, from where their step begins.
                let own =
                    |mistake: &Mistake| lesson.step(&mistake.step).is_some_and(|(_, step)| step.release.is_some());
                let apart = (0..lesson.mistakes.len()).filter(|number| own(&lesson.mistakes[*number]));
                let runs = runs.chain(apart.map(Run::Mistake));
                jobs.extend(runs.map(|run| (source, Arc::clone(&lesson), index, *release, run)));
            }
        }
    }
    let work = async |(source, lesson, index, release, run): (_, Arc<Lesson>, _, _, Run)| {
        let mut proof = Proof { runs: 1, ..Proof::default() };
        let mut bench = Bench { source, fresh, patience, proof: &mut proof };
        // What stopped a run has been written down; each is proved whatever became of the others.
        let _ = bench.run(&lesson, index, release, run).await;
        proof
    };
    // Every job has clusters of its own.
    let mut proofs = stream::iter(jobs.into_iter().map(work)).buffer_unordered(AT_ONCE);
    while let Some(part) = proofs.next().await {
        proof.runs += part.runs;
        proof.steps += part.steps;
        proof.faults.extend(part.faults);
    }
    proof.faults.order();
    proof.faults.dedup();
    proof
}

/// A run of a lesson on a release.
#[derive(Clone, Copy)]
enum Run {
    /// From its first step to its last: by its own solutions with every wrong turn on the way, or by another right way, counted
    /// from 1.
    Way(usize),
    /// To a wrong turn in a step that has a cluster of its own.
    Mistake(usize),
}

/// Why a run ended early. What was wrong has been written down.
struct Stopped;

struct Bench<'a> {
    source: &'a Source,
    fresh: &'a Fresh,
    patience: Duration,
    proof: &'a mut Proof,
}

impl Bench<'_> {
    fn fault(&mut self, path: &Path, message: String, instead: &str) -> Stopped {
        let (line, column) = Located::new(&self.source.text).position(path);
        let (file, instead) = (self.source.file.clone(), instead.to_owned());
        self.proof.faults.push(Fault { file, line, column, message, instead });
        Stopped
    }

    async fn run(&mut self, lesson: &Lesson, index: usize, release: Release, run: Run) -> Result<(), Stopped> {
        match run {
            Run::Way(number) => {
                let ways = number.checked_sub(1).and_then(|at| lesson.solutions.get(at)).cloned().unwrap_or_default();
                self.work(lesson, index, release, &ways, number == 0).await
            }
            Run::Mistake(number) => {
                let Some(mistake) = lesson.mistakes.get(number) else { return Ok(()) };
                let Some((at, step)) = lesson.step(&mistake.step) else { return Ok(()) };
                let path = Path::read(&format!("steps[{at}]"));
                let mut desk = self.own_desk(lesson, step, step.release.unwrap_or(release), &path).await?;
                self.mistake(&mut desk, lesson, step, mistake, &mistake_path(number)).await
            }
        }
    }

    /// Works all steps, and at each its wrong turns if asked.
    async fn work(
        &mut self,
        lesson: &Lesson,
        index: usize,
        release: Release,
        ways: &BTreeMap<String, Vec<String>>,
        mistakes: bool,
    ) -> Result<(), Stopped> {
        let mut desk = self.desk(lesson, release, &Path::read(&format!("releases[{index}]"))).await?;
        let start = lesson.start.clone();
        self.prepare(&mut desk, &start, &Path::read("start")).await?;
        for (number, step) in lesson.steps.iter().enumerate() {
            let path = Path::read(&format!("steps[{number}]"));
            match step.release {
                None => {
                    if mistakes {
                        self.mistakes(&mut desk, lesson, step).await?;
                    }
                    self.step(&mut desk, lesson, step, &path, ways).await?;
                }
                Some(release) => {
                    let mut own = self.own_desk(lesson, step, release, &path).await?;
                    self.step(&mut own, lesson, step, &path, ways).await?;
                }
            }
        }
        Ok(())
    }

    /// Tries each wrong turn of a step, and goes back to where the step begins after it.
    async fn mistakes(&mut self, desk: &mut Desk, lesson: &Lesson, step: &Step) -> Result<(), Stopped> {
        let of_step = lesson.mistakes.iter().enumerate().filter(|(_, mistake)| mistake.step == step.id);
        for (number, mistake) in of_step {
            let path = mistake_path(number);
            let Some(before) = desk.moment().await else {
                let message = "this cluster cannot go back to where a step begins".to_owned();
                return Err(self.fault(&path, message, "a proof on the simulator"));
            };
            self.proof.runs += 1;
            // What was wrong with this one has been written down; the others are tried all the same.
            let _ = self.mistake(desk, lesson, step, mistake, &path).await;
            desk.go_to(&before).await;
            self.rest(desk, &path).await?;
        }
        Ok(())
    }

    /// A desk for a step that has a release of its own.
    async fn own_desk(&mut self, lesson: &Lesson, step: &Step, release: Release, path: &Path) -> Result<Desk, Stopped> {
        let mut desk = self.desk(lesson, release, &path.key("release")).await?;
        self.prepare(&mut desk, &step.start, &path.key("start")).await?;
        Ok(desk)
    }

    async fn desk(&mut self, lesson: &Lesson, release: Release, path: &Path) -> Result<Desk, Stopped> {
        match (self.fresh)(release).await {
            Ok(ground) => Ok(Desk::new(ground, lesson, release)),
            Err(why) => {
                let message = format!("there is no cluster of release {release}: {why}");
                Err(self.fault(path, message, "a release that this machine can run"))
            }
        }
    }

    async fn prepare(&mut self, desk: &mut Desk, lines: &[String], path: &Path) -> Result<(), Stopped> {
        for (index, line) in lines.iter().enumerate() {
            desk.run(line).await;
            if let Some(ran) = desk.evidence.ran.last().filter(|ran| ran.status != 0) {
                let message = format!("on {}: `{}` fails: {}", desk.release, ran.line, ran.output.trim());
                return Err(self.fault(&path.at(index), message, "a command line that succeeds on a fresh cluster"));
            }
            self.rest(desk, path).await?;
        }
        self.rest(desk, path).await
    }

    /// The next line may need what a controller makes of the one before: a pod, its account's secret.
    async fn rest(&mut self, desk: &Desk, path: &Path) -> Result<(), Stopped> {
        if !settle_within(self.patience, &desk.evidence).await {
            let message = format!("on {}: the cluster does not come to rest", desk.release);
            return Err(self.fault(path, message, "a start whose pods can run"));
        }
        Ok(())
    }

    async fn step(
        &mut self,
        desk: &mut Desk,
        lesson: &Lesson,
        step: &Step,
        path: &Path,
        ways: &BTreeMap<String, Vec<String>>,
    ) -> Result<(), Stopped> {
        let release = desk.release;
        // What is judged has its placeholders filled in; what is blamed is the file as it was written.
        let step = &desk.filled(lesson, step);
        self.begin(desk, step, path).await?;
        if self.judge(desk, step, path).await?.iter().all(|holds| *holds) {
            let message = format!("on {release}: step `{}` is solved before anything is done", step.id);
            return Err(self.fault(&path.key("checks"), message, "a check on what the task changes"));
        }
        let lines = ways.get(&step.id).cloned().unwrap_or_else(|| step.solution());
        for line in &lines {
            desk.run(line).await;
            // A learner sees the pod run before typing into it. What never comes to rest, the checks will tell.
            settle_within(self.patience, &desk.evidence).await;
        }
        let deadline = tokio::time::Instant::now() + self.patience;
        let mut pause = Pause::default();
        loop {
            let results = self.judge(desk, step, path).await?;
            let Some(open) = results.iter().position(|holds| !holds) else { break };
            if tokio::time::Instant::now() > deadline {
                let saw = near(step, &results, &desk.evidence).await.into_iter().nth(open).flatten();
                let message = format!(
                    "on {release}: `{}` is not so. {}This was done:{}",
                    step.checks.get(open).map_or("", |check| &check.say),
                    saw.map(|saw| saw + " ").unwrap_or_default(),
                    desk.told()
                );
                return Err(self.fault(&path.key("checks").at(open), message, "a check that the solution meets"));
            }
            pause.wait().await;
        }
        self.accused(desk, step, path).await?;
        self.proof.steps += 1;
        Ok(())
    }

    /// A remark on how the cluster is, and not on what was typed last, must not be so on a right way.
    async fn accused(&mut self, desk: &Desk, step: &Step, path: &Path) -> Result<(), Stopped> {
        for (index, wrong) in step.wrong.iter().enumerate() {
            if is_state(&wrong.when) && holds(&wrong.when, &desk.evidence, &[]).await.unwrap_or(false) {
                let message = format!("on {}: a right way hears this. This was done:{}", desk.release, desk.told());
                let path = path.key("wrong").at(index).key("when");
                return Err(self.fault(&path, message, "what is so on wrong turns alone"));
            }
        }
        Ok(())
    }

    /// A new step begins: what was done before counts no more, and what is there now is not new.
    async fn begin(&mut self, desk: &mut Desk, step: &Step, path: &Path) -> Result<(), Stopped> {
        desk.forget();
        match beginning(step, &desk.evidence).await {
            Ok(there) => desk.evidence.began = Some(there),
            Err(error) => {
                let message = format!("on {}: {}", desk.release, with_causes(&error));
                return Err(self.fault(&path.key("checks"), message, "a check that the cluster can answer"));
            }
        }
        Ok(())
    }

    async fn judge(&mut self, desk: &Desk, step: &Step, path: &Path) -> Result<Vec<bool>, Stopped> {
        match evaluate(step, &desk.evidence).await {
            Ok(results) => Ok(results),
            Err(error) => {
                let message = format!("on {}: {}", desk.release, with_causes(&error));
                Err(self.fault(&path.key("checks"), message, "a check that the cluster can answer"))
            }
        }
    }

    async fn mistake(
        &mut self,
        desk: &mut Desk,
        lesson: &Lesson,
        step: &Step,
        mistake: &Mistake,
        path: &Path,
    ) -> Result<(), Stopped> {
        let step = &desk.filled(lesson, step);
        self.begin(desk, step, path).await?;
        for line in &mistake.commands {
            desk.run(line).await;
            settle_within(self.patience, &desk.evidence).await;
        }
        let deadline = tokio::time::Instant::now() + self.patience;
        let mut pause = Pause::default();
        loop {
            let heard = wrong_turn(step, &desk.evidence).await;
            if heard.as_ref().is_some_and(|heard| heard.contains(&desk.fill(&mistake.hears))) {
                break;
            }
            if tokio::time::Instant::now() > deadline {
                let heard = heard.map_or_else(|| "nothing".to_owned(), |heard| format!("{:?}", heard.trim()));
                let message = format!("on {}: the learner hears {heard} after {}", desk.release, desk.told());
                return Err(self.fault(&path.key("hears"), message, "a `when` in the step's `wrong` that sees this"));
            }
            pause.wait().await;
        }
        if self.judge(desk, step, path).await?.iter().all(|holds| *holds) {
            let message = format!("on {}: the mistake solves step `{}`", desk.release, step.id);
            return Err(self.fault(path, message, "a check that tells the mistake from the task"));
        }
        Ok(())
    }
}

fn mistake_path(number: usize) -> Path {
    Path::read(&format!("mistakes[{number}]"))
}

/// Whether a test looks at the cluster alone.
fn is_state(test: &Test) -> bool {
    match test {
        Test::Object(_) | Test::CanI(_) => true,
        Test::Ran(_) | Test::Token(_) | Test::Logs(_) => false,
        Test::Any(tests) => tests.iter().all(is_state),
    }
}

/// An error and what it came from, in one sentence.
fn with_causes(error: &CheckError) -> String {
    let mut told = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        told.push_str(&format!(": {error}"));
        cause = error.source();
    }
    told
}

#[cfg(test)]
mod tests;
