//! The session's commands on other releases: one task for each, whose answer the pane hears as it is ready.

use std::sync::{Arc, PoisonError};

use tokio::task::JoinSet;

use super::{Happening, Runtime};
use crate::apimachinery::Release;
use crate::app::replay::{Script, replay};
use crate::tui::Msg;
use crate::tui::pane::releases::Told;

impl Runtime {
    /// Runs what the learner did on this stage on fresh simulators. An earlier asking is given up.
    pub(super) fn replay(&mut self, asked: u64, releases: &[Release]) {
        self.replays = JoinSet::new();
        let Some(stage) = self.stage.clone() else { return };
        // One that cannot be read any more is as it was when the stage was set up.
        let lesson = self.lesson(&stage.lesson.id).unwrap_or(&stage.lesson).clone();
        let deeds = stage.deeds.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let script = Arc::new(Script {
            lesson,
            step: stage.step,
            begun: stage.begun,
            until: stage.cluster.clock.now(),
            deeds,
            namespace: stage.cluster.namespace.clone(),
            issuer: Arc::clone(&self.session.bench.issuer),
        });
        for release in releases.iter().copied() {
            let (sender, number, script) = (self.sender.clone(), self.number, Arc::clone(&script));
            self.replays.spawn(async move {
                let answer = replay(&script, asked, release).await;
                // A screen that is gone compares nothing.
                drop(sender.send(Happening::Msg(number, Msg::releases(Told::Answered(answer)))));
            });
        }
    }
}
