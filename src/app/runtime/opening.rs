//! Opening a step: on the cluster that is already as the step expects it, or on a fresh one made so.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::apimachinery::Release;
use crate::app::Error;
use crate::app::stage::{Place, Stage, simulated};
use crate::cluster::Cluster;
use crate::course::Lesson;
use crate::tui::msg::{ClusterInfo, Feed};
use crate::tui::pane::releases::Told;
use crate::tui::{Msg, Screen};

use super::judge::Judge;
use super::made::Made;
use super::{Happening, Runtime, Shared};

impl Runtime {
    /// Goes to a step of a lesson; `afresh`, on a cluster made anew, whatever was done on the one that is there.
    pub(super) fn open(&mut self, id: &str, step: usize, afresh: bool) {
        let Some(lesson) = self.lesson(id).cloned() else {
            let missing = self.session.library.missing(id);
            self.tell(Msg::Failure(missing));
            return;
        };
        let step = step.min(lesson.steps.len().saturating_sub(1));
        if let Some(stage) = self.stage_as_expected(&lesson, step).filter(|_| !afresh) {
            self.opened(Ok(stage), step);
            return;
        }
        if let Some(opening) = self.opening.take() {
            opening.abort();
        }
        let (sender, bench, real) = (self.sender.clone(), self.session.bench.clone(), self.session.real.clone());
        let (asked, made) = (self.session.release, self.made.clone());
        self.tell(Msg::Notice("Setting up the cluster for this step …".to_owned()));
        self.opening = Some(tokio::spawn(async move {
            let stage = async {
                let (cluster, beside) = choose(&bench, real, &made, asked, &lesson, step).await?;
                Stage::set_up(cluster, &lesson, step, beside).await.map(Arc::new)
            };
            let stage = stage.await;
            drop(sender.send(Happening::Opened { stage, step }));
        }));
    }

    /// The shared stage, when the steps before were worked on it just now: then the cluster is as the step expects it.
    fn stage_as_expected(&self, lesson: &Lesson, step: usize) -> Option<Arc<Stage>> {
        let shared = self.shared.as_ref().filter(|shared| shared.stage.lesson.id == lesson.id)?;
        let is_shared = |at: &usize| Place::of(lesson, *at) == Place::Shared;
        let worked = (shared.at..step).filter(is_shared).all(|at| shared.worked.contains(&at));
        (is_shared(&step) && step >= shared.at && worked).then(|| Arc::clone(&shared.stage))
    }

    /// A stage is ready: puts it on the screen.
    pub(super) fn opened(&mut self, stage: Result<Arc<Stage>, Error>, step: usize) {
        self.opening = None;
        let stage = match stage {
            Ok(stage) => stage,
            Err(error) => {
                self.tell(Msg::Failure(format!("the step cannot be opened: {error}")));
                return;
            }
        };
        let is_new = self.stage.as_ref().is_none_or(|current| !Arc::ptr_eq(current, &stage));
        if is_new {
            self.change_stage(&stage, step);
        }
        self.judge = None;
        self.undo.clear();
        self.tell_turns();
        if let Some(shared) = self.shared.as_mut().filter(|shared| Arc::ptr_eq(&shared.stage, &stage)) {
            shared.at = step;
        }
        let lesson = self.as_edited(&stage);
        let progress = self.session.kept.of(&lesson, step);
        let info = ClusterInfo {
            name: stage.cluster.name.clone(),
            release: Some(stage.cluster.release),
            server: None,
            namespace: stage.cluster.namespace.clone(),
            beside: stage.beside.clone(),
        };
        self.tell(Msg::Cluster(info));
        self.tell(Msg::LessonOpened { lesson: Box::new(lesson.clone()), step, progress });
        self.foresee();
        self.say_notices();
        let lesson_follows = lesson.follow.clone();
        if let Some(step) = lesson.steps.into_iter().nth(step) {
            self.judge = Some(Judge::new(step, lesson_follows, stage.evidence(), self.number, self.sender.clone()));
        }
    }

    /// The stage's lesson; one of the learner's own as its file has it by now.
    fn as_edited(&self, stage: &Stage) -> Lesson {
        let edited = self.lesson(&stage.lesson.id);
        let filled = edited.map(|lesson| lesson.for_cluster(&stage.cluster.namespace, &stage.cluster.image));
        filled.unwrap_or_else(|| stage.lesson.clone())
    }

    /// Takes in what was edited in lessons of the learner's own, and shows it.
    pub(super) fn read_edits(&mut self) {
        let file = self.world.lesson.as_ref().and_then(|open| self.session.library.find(&open.lesson.id));
        let file = file.map(|entry| entry.file.clone());
        if !self.session.library.refresh() {
            return;
        }
        if self.world.screen == Screen::Course {
            self.list_course();
        }
        let (Some(stage), Some(open)) = (self.stage.clone(), &self.world.lesson) else { return };
        let id = stage.lesson.id.clone();
        if open.lesson.id != id {
            return;
        }
        if self.lesson(&id).is_none() {
            let entries = self.session.library.entries();
            let here = entries.iter().find(|entry| Some(&entry.file) == file.as_ref());
            // Edited again while it could not be read, it has no name to be found by; its course has.
            let here =
                here.or_else(|| entries.iter().find(|entry| entry.lesson.is_err() && id.starts_with(&entry.course)));
            let fault = here.and_then(|entry| entry.lesson.as_ref().err());
            let why = fault.map(|fault| format!(": {fault}")).unwrap_or_default();
            self.tell(Msg::Notice(format!("The lesson cannot be read as it is now; what was read before stays{why}")));
            return;
        }
        let lesson = self.as_edited(&stage);
        if *open.lesson == lesson {
            return;
        }
        let step = lesson.steps.get(open.step).cloned();
        self.tell(Msg::LessonEdited(Box::new(lesson.clone())));
        if let Some(step) = step {
            let evidence = self.judge.as_ref().map_or_else(|| stage.evidence(), Judge::evidence);
            self.judge = Some(Judge::new(step, lesson.follow, evidence, self.number, self.sender.clone()));
        }
    }

    fn change_stage(&mut self, stage: &Arc<Stage>, step: usize) {
        self.leave_stage();
        self.stage = Some(Arc::clone(stage));
        let is_shared = Place::of(&stage.lesson, step) == Place::Shared;
        let old = match &self.shared {
            // The shared stage waits for the steps that come after one with a cluster of its own.
            Some(shared) if Arc::ptr_eq(&shared.stage, stage) => None,
            Some(shared) if !is_shared && shared.stage.lesson.id == stage.lesson.id => None,
            _ => self.shared.take(),
        };
        if let Some(old) = old {
            self.discard(old.stage);
        }
        if is_shared && self.shared.is_none() {
            self.shared = Some(Shared { stage: Arc::clone(stage), at: step, worked: BTreeSet::new() });
        }
        self.number += 1;
        self.tokens.forget();
        self.tell(Msg::objects(Feed::Cleared));
        self.tell(Msg::releases(Told::Cleared));
        self.open_door(stage);
        if let Some(simulator) = &stage.cluster.simulator {
            let (sender, number) = (self.sender.clone(), self.number);
            // A screen that is gone wants to know nothing.
            simulator.traces().tell(move |trace| drop(sender.send(Happening::Traced(number, Box::new(trace)))));
        }
        if let (Some(outside), Some(explainer)) = (&stage.cluster.outside, stage.cluster.explainer()) {
            let (sender, number) = (self.sender.clone(), self.number);
            outside.tell(move |noted| drop(sender.send(Happening::Noted(number, Box::new(noted)))));
            let sender = self.sender.clone();
            self.explaining =
                Some(explainer.listen(move |trace| drop(sender.send(Happening::Msg(number, Msg::answered(trace))))));
        }
        self.follow(stage);
    }

    /// Follows a stage's objects, from all there are now.
    pub(super) fn follow(&mut self, stage: &Stage) {
        let (sender, number, mut feed) = (self.sender.clone(), self.number, stage.cluster.feed());
        let task = tokio::spawn(async move {
            while let Some(event) = feed.recv().await {
                if sender.send(Happening::Fed(number, event)).is_err() {
                    return;
                }
            }
        });
        if let Some(before) = self.feed.replace(task) {
            before.abort();
        }
    }

    /// Removes what a stage made on a real cluster, in the background. A simulator ends by itself.
    fn discard(&self, stage: Arc<Stage>) {
        let made = self.made.clone();
        tokio::spawn(async move {
            if let Err(error) = made.remove(&stage.cluster).await {
                tracing::warn!(%error, namespace = stage.cluster.namespace, "a namespace could not be removed");
            }
        });
    }

    /// Stops following and judging the stage on the screen.
    pub(super) fn leave_stage(&mut self) {
        self.judge = None;
        self.replays.abort_all();
        self.explaining = None;
        self.turning = false;
        if let Some(settling) = self.settling.take() {
            settling.abort();
        }
        if let Some(feed) = self.feed.take() {
            feed.abort();
        }
        if let Some(super::Running { task, .. }) = self.running.take() {
            task.abort();
        }
    }
}

/// The cluster for a step: the learner's own if it will do, otherwise a simulator, and then why.
async fn choose(
    bench: &crate::cluster::Workbench,
    real: Option<Cluster>,
    made: &Made,
    asked: Option<Release>,
    lesson: &Lesson,
    step: usize,
) -> Result<(Cluster, Option<String>), Error> {
    let own = lesson.steps.get(step).and_then(|step| step.release);
    let oldest = lesson.releases.iter().min().copied();
    match (real, own) {
        (Some(_), own) if lesson.simulator.is_some() => {
            let why = format!(
                "{}: it runs on a simulator beside your cluster",
                lesson.simulator.as_deref().unwrap_or_default()
            );
            let release = own.or(asked).or_else(|| lesson.releases.first().copied()).unwrap_or(Release::DEFAULT);
            Ok((simulated(bench, release)?, Some(why)))
        }
        (Some(real), Some(needed)) if needed < real.release => {
            let why = format!(
                "This step needs Kubernetes {needed}, {} has {}: it runs on a simulator beside it",
                real.name, real.release
            );
            Ok((simulated(bench, needed)?, Some(why)))
        }
        (Some(real), None) if oldest.is_some_and(|oldest| real.release < oldest) => {
            let needed = oldest.unwrap_or(Release::DEFAULT);
            let why = format!(
                "This lesson needs Kubernetes {needed} or newer, {} has {}: it runs on a simulator beside it",
                real.name, real.release
            );
            Ok((simulated(bench, needed)?, Some(why)))
        }
        (Some(real), _) => {
            let real = real.for_work_in(format!("sa-tutor-{}", bench.ids.suffix(5)));
            made.add(real.clone());
            real.make_namespace().await.map_err(|error| {
                format!("the namespace {} cannot be made on {}: {error}", real.namespace, real.name)
            })?;
            Ok((real, None))
        }
        (None, None) if asked.zip(oldest).is_some_and(|(asked, oldest)| asked < oldest) => {
            let needed = oldest.unwrap_or(Release::DEFAULT);
            let why = format!("This lesson is about Kubernetes {needed} and newer: it runs on {needed}");
            Ok((simulated(bench, needed)?, Some(why)))
        }
        (None, own) => {
            let release = own.or(asked).or_else(|| lesson.releases.first().copied()).unwrap_or(Release::DEFAULT);
            Ok((simulated(bench, release)?, None))
        }
    }
}
