//! What flows between commands: a pipe of bounded size, and standard input.
//!
//! Writing never waits: a stage whose pipe is full is not polled until its reader has made room ([`flow`]). So a
//! program may be written as if there were always room, and memory stays bounded all the same.

use super::limits;
use std::collections::VecDeque;
use std::future::Future;
use std::io::{self, Write};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;

use super::terminal::Terminal;

/// What a command ends with whose reader has left: 128 and SIGPIPE.
pub(super) const SIGPIPE: i32 = 141;

#[derive(Default)]
struct State {
    bytes: VecDeque<u8>,
    has_writer: bool,
    has_reader: bool,
    /// After how many bytes each the reader is told once that this is the end, though more follows.
    ends: VecDeque<usize>,
    /// Somebody wrote after the reader had left.
    broken: bool,
    /// The reader waits for more than there is.
    hungry: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

type Shared = Arc<Mutex<State>>;

fn lock(state: &Shared) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A pipe: where to write, where to read, and the valve that holds the writer back.
pub(super) fn pipe() -> (Writer, Source, Valve) {
    let shared: Shared = Arc::new(Mutex::new(State { has_writer: true, has_reader: true, ..State::default() }));
    (Writer(shared.clone()), Source(Arc::new(Origin::Pipe(shared.clone())), None), Valve(shared))
}

/// The writing end. The reader is at the end of its input when this is dropped.
pub struct Writer(Shared);

impl Writer {
    /// Lets the reader come to an end when it has read what is there; what is written later can be read after that.
    pub fn end_once(&mut self) {
        let mut state = lock(&self.0);
        let after = state.bytes.len();
        state.ends.push_back(after);
        if let Some(waker) = state.reader.take() {
            waker.wake();
        }
    }

    /// Takes back what was not read yet.
    pub fn forget(&mut self) {
        let mut state = lock(&self.0);
        state.bytes.clear();
        state.ends.clear();
    }
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = lock(&self.0);
        if !state.has_reader {
            state.broken = true;
            return Err(io::Error::new(io::ErrorKind::BrokenPipe, "Broken pipe"));
        }
        if state.bytes.len() + bytes.len() > limits::BURST {
            return Err(io::Error::new(io::ErrorKind::StorageFull, "No space left on device"));
        }
        state.bytes.extend(bytes);
        if let Some(waker) = state.reader.take() {
            waker.wake();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let mut state = lock(&self.0);
        state.has_writer = false;
        if let Some(waker) = state.reader.take() {
            waker.wake();
        }
    }
}

/// Tells how the reader of a pipe is doing.
#[derive(Clone)]
pub(super) struct Valve(Shared);

impl Valve {
    fn is_broken(&self) -> bool {
        lock(&self.0).broken
    }

    fn is_left(&self) -> bool {
        !lock(&self.0).has_reader
    }

    /// What a program died of is over with it.
    fn mend(&self) {
        lock(&self.0).broken = false;
    }

    fn poll_room(&self, cx: &Context<'_>) -> Poll<()> {
        let mut state = lock(&self.0);
        state.writer = Some(cx.waker().clone());
        if state.has_reader && !state.hungry && state.bytes.len() >= limits::PIPE {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }
}

/// What becomes of a command when the reader of its output leaves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Leaves {
    /// A part of the shell: the whole stage ends with it.
    Stage,
    /// A program: it ends when it writes.
    Program,
    /// A program that only watches: it need not wait for something to write.
    Follower,
}

/// Runs a command no faster than its reader reads, and ends it when that has left.
pub(super) async fn flow(valve: Option<Valve>, leaves: Leaves, command: impl Future<Output = i32>) -> i32 {
    let Some(valve) = valve else { return command.await };
    let mut command = pin!(command);
    let status = std::future::poll_fn(|cx| {
        if valve.poll_room(cx).is_pending() {
            return Poll::Pending;
        }
        let ends = || valve.is_broken() || (leaves == Leaves::Follower && valve.is_left());
        if ends() {
            return Poll::Ready(SIGPIPE);
        }
        match command.as_mut().poll(cx) {
            _ if valve.is_broken() => Poll::Ready(SIGPIPE),
            Poll::Pending if ends() => Poll::Ready(SIGPIPE),
            poll => poll,
        }
    })
    .await;
    if leaves != Leaves::Stage {
        valve.mend();
    }
    status
}

/// Standard input. Cloning it gives the same place: what one command reads is gone for the next.
#[derive(Clone)]
pub struct Source(Arc<Origin>, Option<Arc<Terminal>>);

enum Origin {
    /// The learner's keyboard, on which no program waits.
    Keyboard,
    Bytes(Mutex<Bytes>),
    Pipe(Shared),
}

impl Drop for Origin {
    fn drop(&mut self) {
        if let Self::Pipe(shared) = self {
            let mut state = lock(shared);
            state.has_reader = false;
            state.bytes = VecDeque::new();
            if let Some(waker) = state.writer.take() {
                waker.wake();
            }
        }
    }
}

impl Source {
    pub(super) fn keyboard() -> Self {
        Self(Arc::new(Origin::Keyboard), None)
    }

    pub(super) fn bytes(bytes: impl Into<Bytes>) -> Self {
        Self(Arc::new(Origin::Bytes(Mutex::new(bytes.into()))), None)
    }

    /// Nothing: the end at once.
    pub fn empty() -> Self {
        Self::bytes(Vec::new())
    }

    /// What comes from elsewhere, as it is written.
    pub fn fed() -> (Writer, Self) {
        let (writer, source, _) = pipe();
        (writer, source)
    }

    /// The same on a terminal.
    pub(super) fn on(self, terminal: Arc<Terminal>) -> Self {
        Self(self.0, Some(terminal))
    }

    /// The terminal that it is typed on.
    pub(super) fn terminal(&self) -> Option<Arc<Terminal>> {
        self.1.clone()
    }

    /// What is there already, as of a file or a here-string; nothing of it is taken.
    pub fn at_hand(&self) -> Option<Bytes> {
        match &*self.0 {
            Origin::Bytes(bytes) => Some(bytes.lock().unwrap_or_else(PoisonError::into_inner).clone()),
            Origin::Keyboard | Origin::Pipe(_) => None,
        }
    }

    /// Whether it is the keyboard.
    pub fn is_keyboard(&self) -> bool {
        matches!(*self.0, Origin::Keyboard)
    }

    /// What is there now, as soon as there is something; `None` at the end.
    pub async fn chunk(&self) -> Option<Bytes> {
        self.take(None).await
    }

    /// The next line with its newline, if it has one; `None` at the end.
    pub async fn line(&self) -> Option<Bytes> {
        self.until(b'\n').await
    }

    /// What comes up to and with this byte.
    pub async fn until(&self, end: u8) -> Option<Bytes> {
        self.take(Some(end)).await
    }

    /// All there is. `None` when that is more than this shell keeps.
    pub async fn all(&self) -> Option<Vec<u8>> {
        let mut all = Vec::new();
        while let Some(chunk) = self.chunk().await {
            if all.len() + chunk.len() > limits::INPUT {
                return None;
            }
            all.extend_from_slice(&chunk);
        }
        Some(all)
    }

    async fn take(&self, end: Option<u8>) -> Option<Bytes> {
        let length = |bytes: &mut dyn Iterator<Item = u8>, all: usize| match end {
            Some(end) => bytes.enumerate().find(|(_, byte)| *byte == end).map(|(at, _)| at + 1),
            None => (all > 0).then_some(all),
        };
        match &*self.0 {
            Origin::Keyboard => None,
            Origin::Bytes(bytes) => {
                let mut bytes = bytes.lock().unwrap_or_else(PoisonError::into_inner);
                let all = bytes.len();
                let length = length(&mut bytes.iter().copied(), all).unwrap_or(all);
                (all > 0).then(|| bytes.split_to(length))
            }
            Origin::Pipe(shared) => {
                std::future::poll_fn(|cx| {
                    let mut state = lock(shared);
                    if state.ends.front() == Some(&0) {
                        state.ends.pop_front();
                        return Poll::Ready(None);
                    }
                    // What comes before the end is read first, even if it is no whole line.
                    let end = state.ends.front().copied();
                    let all = end.unwrap_or(state.bytes.len());
                    let found = length(&mut state.bytes.iter().copied().take(all), all);
                    let whole = !state.has_writer || end.is_some() || all >= limits::INPUT_LINE;
                    let Some(length) = found.or(whole.then_some(all)) else {
                        state.hungry = true;
                        state.reader = Some(cx.waker().clone());
                        if let Some(waker) = state.writer.take() {
                            waker.wake();
                        }
                        return Poll::Pending;
                    };
                    state.hungry = false;
                    let taken: Bytes = state.bytes.drain(..length).collect::<Vec<u8>>().into();
                    state.ends.iter_mut().for_each(|after| *after -= length);
                    if let Some(waker) = state.writer.take() {
                        waker.wake();
                    }
                    Poll::Ready((!taken.is_empty()).then_some(taken))
                })
                .await
            }
        }
    }
}
