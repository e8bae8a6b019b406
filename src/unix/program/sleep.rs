//! `sleep`, on the session's clock: moving the clock forward wakes it.

use std::io::Write;

use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::SignedDuration;

use super::{Call, Program, Run};

pub(super) const SLEEP: Program =
    Program { name: "sleep", summary: "waits, by the session's clock", usage: "NUMBER[smhd]...", run: Run::Later(run) };

fn run<'a>(call: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    async move {
        if call.args.is_empty() {
            return call.misused("missing operand", 1);
        }
        let mut total = SignedDuration::ZERO;
        for arg in call.args {
            match interval(arg) {
                Some(span) => total = total.checked_add(span).unwrap_or(SignedDuration::MAX),
                None => return call.misused(&format!("invalid time interval ‘{arg}’"), 1),
            }
        }
        let _ = call.stdout.flush();
        call.shell.machine.clock.sleep(total).await;
        0
    }
    .boxed()
}

pub(super) fn interval(text: &str) -> Option<SignedDuration> {
    let (number, unit) = match text.char_indices().next_back()? {
        (at, 's') => (&text[..at], 1.0),
        (at, 'm') => (&text[..at], 60.0),
        (at, 'h') => (&text[..at], 3600.0),
        (at, 'd') => (&text[..at], 86400.0),
        _ => (text, 1.0),
    };
    let seconds = number.parse::<f64>().ok()? * unit;
    (seconds >= 0.0).then(|| SignedDuration::try_from_secs_f64(seconds).unwrap_or(SignedDuration::MAX))
}
