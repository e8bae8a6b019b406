//! Job control: the tutor stops as a shell expects it of its jobs, and hears when it goes on.

use std::io;
use std::time::Duration;

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::{getpgrp, getpid, getppid, getsid};
use tokio::signal::unix::{self, SignalKind, signal};

/// How long a signal to ourselves may be on its way.
const ON_ITS_WAY: Duration = Duration::from_secs(1);

/// What came from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// To stop.
    Stop,
    /// Nothing any more: it was stopped without being asked, and goes on.
    Resumed,
}

/// Listens for the signals of job control. From its making on, SIGTSTP no longer stops the process by itself.
pub struct Suspension {
    stop: unix::Signal,
    resumed: unix::Signal,
}

impl Suspension {
    /// Begins to listen.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn new() -> io::Result<Self> {
        // The number is the same on no two systems; the crate knows it.
        let kind = |signal: Signal| SignalKind::from_raw(signal as i32);
        Ok(Self { stop: signal(kind(Signal::SIGTSTP))?, resumed: signal(kind(Signal::SIGCONT))? })
    }

    /// Waits for a wish.
    pub async fn wait(&mut self) -> Wish {
        tokio::select! {
            _ = self.stop.recv() => Wish::Stop,
            _ = self.resumed.recv() => Wish::Resumed,
        }
    }

    /// Whether a shell is there that stops jobs, and lets them go on.
    pub fn has_shell() -> bool {
        !is_orphan()
    }

    /// Stops the whole job, and is back when it goes on.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub async fn stop(&mut self) -> io::Result<()> {
        // What belongs to the same job (a wrapper, a pipe) stops too.
        killpg(getpgrp(), Signal::SIGTSTP)?;
        // It comes to us as well. If it came later than this, it would stop us a second time.
        let _ = tokio::time::timeout(ON_ITS_WAY, self.stop.recv()).await;
        kill(getpid(), Signal::SIGSTOP)?;
        // Another thread may be the one that takes it: nothing goes on here before the signal to go on.
        let _ = tokio::time::timeout(ON_ITS_WAY, self.resumed.recv()).await;
        Ok(())
    }
}

/// Whether nobody would let this process go on: its group has no parent in its session. The system then leaves out SIGTSTP,
/// and not SIGSTOP.
fn is_orphan() -> bool {
    let own = getsid(None).ok();
    if getpgrp() == getpid() {
        // It leads its group: a shell that started it is in the same session. A parent outside of the container has no number,
        // and asking for the session of none would be asking for our own.
        let parent = getppid();
        return parent.as_raw() == 0 || getsid(Some(parent)).ok() != own;
    }
    // It is in the group of another; the one that leads a session has a parent outside.
    own == Some(getpgrp())
}
