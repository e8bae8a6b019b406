//! `sleep`: waits, on the cluster's clock.

use futures::future::BoxFuture;
use jiff::SignedDuration;

use super::{Process, Program};

/// The program.
pub struct Sleep;

impl Program for Sleep {
    fn names(&self) -> &'static [&'static str] {
        &["sleep"]
    }

    fn run(&self, process: Process) -> BoxFuture<'static, i32> {
        Box::pin(async move {
            let mut total = SignedDuration::ZERO;
            if process.arguments().is_empty() {
                return process.complain("missing operand");
            }
            for word in process.arguments() {
                if matches!(word.as_str(), "infinity" | "inf") {
                    std::future::pending::<()>().await;
                }
                match span(word) {
                    Some(span) => total = total.saturating_add(span),
                    None => return process.complain(format_args!("invalid number '{word}'")),
                }
            }
            process.world.clock.sleep(total).await;
            0
        })
    }
}

fn span(word: &str) -> Option<SignedDuration> {
    let number = word.trim_end_matches(['s', 'm', 'h', 'd']);
    let unit = match &word[number.len()..] {
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        "d" => 86400.0,
        _ => return None,
    };
    let seconds: f64 = number.parse().ok()?;
    SignedDuration::try_from_secs_f64(seconds * unit).ok().filter(|span| !span.is_negative())
}
