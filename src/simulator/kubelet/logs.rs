//! What containers wrote, and `pods/NAME/log`.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{Response, header};
use http_body::Frame;
use http_body_util::{BodyExt, Full, StreamBody};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use crate::base::Clock;
use crate::simulator::server::Body;

/// The most bytes kept of one container.
const MOST: usize = 1 << 20;

/// What one run of a container wrote. Cloning it gives the same one.
#[derive(Clone, Debug)]
pub struct Log {
    lines: Arc<Mutex<Lines>>,
    grown: watch::Sender<u64>,
}

/// What a log holds.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    lines: Vec<(Timestamp, Vec<u8>)>,
    dropped: usize,
    bytes: usize,
    closed: bool,
}

impl Default for Log {
    fn default() -> Self {
        Self { lines: Arc::default(), grown: watch::Sender::new(0) }
    }
}

impl Log {
    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds what was written; a line that is not ended yet is continued.
    pub fn write(&self, bytes: &[u8], clock: &Clock) {
        let now = clock.now();
        let mut lines = self.lock();
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            lines.bytes += part.len();
            match lines.lines.last_mut() {
                Some((_, last)) if !last.ends_with(b"\n") => last.extend_from_slice(part),
                _ => lines.lines.push((now, part.to_vec())),
            }
        }
        while lines.bytes > MOST && lines.lines.len() > 1 {
            let (_, gone) = lines.lines.remove(0);
            lines.bytes -= gone.len();
            lines.dropped += 1;
        }
        drop(lines);
        self.grown.send_modify(|count| *count += 1);
    }

    /// What it holds now: it can be put back by [`Log::set`].
    pub fn all(&self) -> Lines {
        self.lock().clone()
    }

    /// Puts this in place of what it holds.
    pub fn set(&self, all: Lines) {
        *self.lock() = all;
        self.grown.send_modify(|count| *count += 1);
    }

    /// Forgets what was written later than the clock shows: that time has been taken back.
    pub fn forget_after(&self, now: Timestamp) {
        let mut lines = self.lock();
        lines.lines.retain(|(at, _)| *at <= now);
        lines.bytes = lines.lines.iter().map(|(_, line)| line.len()).sum();
        drop(lines);
        self.grown.send_modify(|count| *count += 1);
    }

    /// Nothing more will come.
    pub fn close(&self) {
        self.lock().closed = true;
        self.grown.send_modify(|count| *count += 1);
    }

    fn len(&self) -> usize {
        let lines = self.lock();
        lines.dropped + lines.lines.len()
    }

    /// The text from a line on; where it ends; whether it is all there will be.
    fn from(&self, line: usize, wish: &Wish, now: Timestamp) -> (Vec<u8>, usize, bool) {
        let lines = self.lock();
        let skip = line.saturating_sub(lines.dropped);
        let since = wish.since_seconds.map(|s| now.checked_sub(SignedDuration::from_secs(s)).unwrap_or(now));
        let mut text = Vec::new();
        let mut end = lines.dropped + skip;
        for (at, bytes) in lines.lines.iter().skip(skip) {
            // A line still being written is shown when it is whole, or at the end.
            if !bytes.ends_with(b"\n") && !lines.closed && wish.follow {
                break;
            }
            end += 1;
            if since.is_some_and(|since| *at < since) {
                continue;
            }
            if wish.timestamps {
                text.extend(at.strftime("%Y-%m-%dT%H:%M:%S.%9fZ ").to_string().into_bytes());
            }
            text.extend_from_slice(bytes);
        }
        (text, end, lines.closed)
    }

    /// The answer to a request for it.
    pub fn serve(&self, wish: &Wish, clock: &Clock) -> Response<Body> {
        let first = wish.tail.map_or(0, |tail| self.len().saturating_sub(tail));
        let body: Body = if wish.follow {
            let state = (self.clone(), self.grown.subscribe(), first, wish.clone(), clock.clone(), false);
            let stream = futures::stream::unfold(state, |(log, mut grown, at, wish, clock, over)| async move {
                let mut at = at;
                if over {
                    return None;
                }
                loop {
                    grown.mark_unchanged();
                    let (text, end, closed) = log.from(at, &wish, clock.now());
                    at = end;
                    if !text.is_empty() || closed {
                        let frame = Ok::<_, Infallible>(Frame::data(Bytes::from(text)));
                        return Some((frame, (log, grown, at, wish, clock, closed)));
                    }
                    if grown.changed().await.is_err() {
                        return None;
                    }
                }
            });
            StreamBody::new(stream).boxed_unsync()
        } else {
            let (mut text, _, _) = self.from(first, wish, clock.now());
            if let Some(limit) = wish.limit_bytes {
                text.truncate(limit);
            }
            Full::new(Bytes::from(text)).boxed_unsync()
        };
        let mut response = Response::new(body);
        response.headers_mut().insert(header::CONTENT_TYPE, http::HeaderValue::from_static("text/plain"));
        response
    }
}

/// What of a log is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Whether to wait for more.
    pub follow: bool,
    /// Whether each line begins with its time.
    pub timestamps: bool,
    /// Whether the run before this one is meant.
    pub previous: bool,
    /// Only so many last lines.
    pub tail: Option<usize>,
    /// Only so many bytes.
    pub limit_bytes: Option<usize>,
    /// Only what is younger.
    pub since_seconds: Option<i64>,
}

impl Wish {
    /// From the parts of a query.
    pub fn from_query(query: &[(String, String)]) -> Self {
        let get = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let is = |name: &str| matches!(get(name), Some("true" | "1"));
        Self {
            follow: is("follow"),
            timestamps: is("timestamps"),
            previous: is("previous"),
            tail: get("tailLines").and_then(|text| text.parse().ok()),
            limit_bytes: get("limitBytes").and_then(|text| text.parse().ok()),
            since_seconds: get("sinceSeconds").and_then(|text| text.parse().ok()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Log, Wish};
    use crate::base::Clock;
    use http_body_util::BodyExt;
    use jiff::Timestamp;

    #[tokio::test]
    async fn tails_and_times() {
        let clock = Clock::still(Timestamp::UNIX_EPOCH);
        let log = Log::default();
        log.write(b"one\ntw", &clock);
        log.write(b"o\nthree\n", &clock);
        log.close();
        for (wish, want) in [
            (Wish::default(), "one\ntwo\nthree\n"),
            (Wish { tail: Some(1), ..Wish::default() }, "three\n"),
            (Wish { tail: Some(1), timestamps: true, ..Wish::default() }, "1970-01-01T00:00:00.000000000Z three\n"),
            (Wish { follow: true, tail: Some(2), ..Wish::default() }, "two\nthree\n"),
        ] {
            let body = log.serve(&wish, &clock).into_body().collect().await.expect("a body").to_bytes();
            assert_eq!(body, want);
        }
    }
}
