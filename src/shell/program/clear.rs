//! `clear`: what the screen shows goes.

use super::session;
use crate::shell::Request;
use crate::unix::{Call, Program, Run};

pub const CLEAR: Program = Program { name: "clear", summary: "clears the screen", usage: "", run: Run::Now(clear) };

fn clear(call: &mut Call<'_>) -> i32 {
    let Some(session) = session(call) else { return 127 };
    match &session.clear {
        Some(clear) => clear(),
        None => session.ask(Request::Clear),
    }
    0
}
