//! Between the world and what shows it: a screen, or lines that wait until nothing is under way.

use std::io;

use crate::app::face::{Face, Felt, Look};
use crate::course;
use crate::tui::Msg;
use crate::tui::overlay::editor::Editor;

use super::{HELD, Happening, Runtime, SETTLING, Typist};

/// How long the objects' feed may take to tell of what is so.
const BEHIND: std::time::Duration = std::time::Duration::from_millis(60);

impl Runtime {
    /// Shows the world as it is now.
    pub(super) fn show(&mut self, face: &mut impl Face, rests: bool) -> io::Result<()> {
        let (world, mut said, mut prompt) = (&self.world, Vec::new(), None);
        if let Some(teller) = &mut self.teller {
            if rests {
                teller.rest(world);
            }
            said = teller.take();
            prompt = (rests && !self.leaving).then(|| teller.prompt(world));
        }
        face.show(Look { world, said, prompt })
    }

    /// The learner, or the terminal, did something.
    pub(super) fn feel(&mut self, felt: Felt, face: &mut impl Face) -> io::Result<()> {
        match felt {
            Felt::Msg(msg) => self.tell(msg),
            Felt::Line(line) => self.typed(line),
            Felt::Unreadable(why) => {
                if let Some(teller) = &mut self.teller {
                    teller.unreadable(why);
                }
            }
            Felt::Interrupt => {
                let msgs = self.teller.as_mut().map(|teller| teller.interrupted(&self.world)).unwrap_or_default();
                self.held = None;
                msgs.into_iter().for_each(|msg| self.tell(msg));
            }
            Felt::End => {
                if let Some(teller) = &mut self.teller {
                    teller.end(&self.world);
                }
                self.leaving = true;
            }
            Felt::Suspend => self.suspending = true,
            Felt::Resumed => {
                face.retake()?;
                self.measure(face)?;
            }
        }
        Ok(())
    }

    /// Goes to the shell for a while.
    pub(super) async fn suspend(&mut self, face: &mut impl Face) -> io::Result<()> {
        if !face.suspend().await? {
            self.tell(Msg::Notice("No shell is here that could bring the tutor back, so it stays.".to_owned()));
        }
        self.measure(face)
    }

    /// The terminal may have another size than it had.
    fn measure(&mut self, face: &impl Face) -> io::Result<()> {
        let (width, height) = face.size()?;
        self.tell(Msg::Resize { width, height });
        Ok(())
    }

    fn is_scripted(&self) -> bool {
        self.session.lines == Some(Typist::Script)
    }

    /// A line was typed.
    fn typed(&mut self, line: String) {
        let Some(teller) = &mut self.teller else { return };
        if self.session.lines == Some(Typist::Script) && teller.wants_done(&self.world, &line) {
            self.held = Some((line, HELD));
            return;
        }
        self.act(&line);
    }

    fn act(&mut self, line: &str) {
        let msgs = self.teller.as_mut().map(|teller| teller.typed(&self.world, line)).unwrap_or_default();
        msgs.into_iter().for_each(|msg| self.tell(msg));
    }

    /// A line that waits for the step to be done has waited long enough.
    pub(super) fn release(&mut self) {
        let done = self.world.lesson.as_ref().is_none_or(|open| open.is_done());
        if let Some((line, _)) = self.held.take_if(|(_, seconds)| done || *seconds == 0) {
            self.act(&line);
        }
    }

    /// Whether nothing is under way that the next line should wait for.
    pub(super) fn rests(&self) -> bool {
        if self.world.over::<Editor>().is_some() {
            // What is being saved closes it.
            return !self.turning;
        }
        let judged = self.judge.as_ref().is_none_or(super::judge::Judge::rests);
        judged
            && self.running.is_none()
            && self.opening.is_none()
            && self.settling.is_none()
            && self.held.is_none()
            && !self.turning
            && (self.world.panes.releases.waiting.is_empty() || self.teller.is_none())
            && (self.world.course.ready || self.world.lesson.is_some())
    }

    /// A command ended: a script waits until what it began has come to rest.
    pub(super) fn settle(&mut self) {
        let (true, Some(judge)) = (self.is_scripted(), &self.judge) else { return };
        let (evidence, sender, number) = (judge.evidence(), self.sender.clone(), self.number);
        self.settling = Some(tokio::spawn(async move {
            // A pod that never starts keeps no script.
            let _ = tokio::time::timeout(SETTLING, course::settle(&evidence)).await;
            // What is told of the objects is a moment behind.
            tokio::time::sleep(BEHIND).await;
            drop(sender.send(Happening::Settled(number)));
        }));
    }

    /// The cluster rests: the checks are looked at once more.
    pub(super) fn settled(&mut self) {
        self.settling = None;
        self.foresee();
        if let Some(judge) = &mut self.judge {
            judge.look_now();
        }
    }
}
