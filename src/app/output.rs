//! What a running command writes, handed on as it comes and kept for the checks.

use std::future::{Future, poll_fn};
use std::io::{self, Write};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use futures::task::AtomicWaker;

/// The most of one command's output that is kept for the checks, in bytes.
const KEPT: usize = 256 * 1024;

/// The most of one command's output that may be on its way to the screen, in bytes: a quicker command waits.
const UNDERWAY: usize = 256 * 1024;

/// What of one command's output is on its way to the screen.
#[derive(Default)]
pub struct Underway {
    bytes: AtomicUsize,
    waits: AtomicWaker,
}

impl Underway {
    /// So much was sent.
    pub fn sent(&self, bytes: usize) {
        self.bytes.fetch_add(bytes, Ordering::AcqRel);
    }

    /// So much has arrived.
    pub fn arrived(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::AcqRel);
        self.waits.wake();
    }

    /// Runs a command no faster than the screen takes what it prints.
    pub async fn hold<T>(&self, command: impl Future<Output = T>) -> T {
        let mut command = pin!(command);
        poll_fn(|cx| {
            self.waits.register(cx.waker());
            if self.bytes.load(Ordering::Acquire) > UNDERWAY { Poll::Pending } else { command.as_mut().poll(cx) }
        })
        .await
    }
}

/// Both streams of one command, in the order written.
#[derive(Clone, Default)]
pub struct Transcript(Arc<Mutex<Vec<u8>>>);

impl Transcript {
    /// What was written so far.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }

    fn keep(&self, bytes: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = KEPT.saturating_sub(kept.len()).min(bytes.len());
        kept.extend_from_slice(&bytes[..room]);
    }
}

/// One stream: keeps what is written, and tells whole characters on.
pub struct Stream<F: FnMut(String)> {
    transcript: Transcript,
    /// The beginning of a character whose rest is still to come.
    begun: Vec<u8>,
    tell: F,
}

impl<F: FnMut(String)> Stream<F> {
    /// A stream that keeps into `transcript` and tells `tell`.
    pub fn new(transcript: Transcript, tell: F) -> Self {
        Self { transcript, begun: Vec::new(), tell }
    }
}

impl<F: FnMut(String)> Write for Stream<F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.transcript.keep(bytes);
        self.begun.extend_from_slice(bytes);
        let whole = match std::str::from_utf8(&self.begun) {
            Ok(_) => self.begun.len(),
            // An error without a length is a character that is not finished; anything else is no text at all.
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Err(_) => self.begun.len(),
        };
        if whole > 0 {
            let told: Vec<u8> = self.begun.drain(..whole).collect();
            (self.tell)(String::from_utf8_lossy(&told).into_owned());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Stream, Transcript, UNDERWAY, Underway};
    use std::io::Write as _;
    use std::task::{Context, Poll, Waker};

    use futures::FutureExt;

    #[test]
    fn a_command_waits_for_the_screen() {
        let underway = Underway::default();
        let mut polled = 0;
        let mut held = Box::pin(underway.hold(std::future::poll_fn(|_| {
            polled += 1;
            if polled < 3 {
                underway.sent(UNDERWAY)
            } else {
                return Poll::Ready(());
            }
            Poll::<()>::Pending
        })));
        let mut look = || held.poll_unpin(&mut Context::from_waker(Waker::noop()));
        assert!(look().is_pending() && look().is_pending() && look().is_pending(), "two bursts, then it waits");
        underway.arrived(UNDERWAY);
        assert!(look().is_ready());
    }

    #[test]
    fn characters_arrive_whole() {
        let transcript = Transcript::default();
        let mut told = Vec::new();
        let mut stream = Stream::new(transcript.clone(), |chunk| told.push(chunk));
        for bytes in [&b"a\xc3"[..], b"\xa9", b"\xff!"] {
            stream.write_all(bytes).expect("kept");
        }
        drop(stream);
        assert_eq!(told, ["a", "é", "\u{fffd}!"]);
        assert_eq!(transcript.text(), "aé\u{fffd}!");
    }
}
