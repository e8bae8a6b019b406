//! `history`: what was typed.

use super::session;
use crate::unix::{Call, Program, Run};

pub const HISTORY: Program =
    Program { name: "history", summary: "shows the lines typed so far", usage: "[COUNT]", run: Run::Now(run) };

fn run(call: &mut Call<'_>) -> i32 {
    let Some(session) = session(call) else { return 127 };
    let history = &session.history;
    let count = match call.args.first() {
        None => history.len(),
        Some(text) => match text.parse::<usize>() {
            Ok(count) => count,
            Err(_) => {
                call.fault(&format!("history: {text}: numeric argument required"));
                return 1;
            }
        },
    };
    let skipped = history.len().saturating_sub(count);
    let lines = history.iter().enumerate().skip(skipped).map(|(at, line)| format!("{:5}  {line}\n", at + 1));
    let text: String = lines.collect();
    call.print(&text);
    0
}
