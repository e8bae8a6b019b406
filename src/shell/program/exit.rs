//! What ends something: `exit` the session, `break` and `continue` a loop, `clear` what the screen shows.

use std::io::Write;

use super::{Call, Program, Run};
use crate::shell::{Leaving, Request};

pub(super) const EXIT: Program =
    Program { name: "exit", summary: "leaves the tutor", usage: "[STATUS]", run: Run::Now(exit) };

pub(super) const BREAK: Program =
    Program { name: "break", summary: "leaves a loop", usage: "", run: Run::Now(|call| leave(call, Leaving::Break)) };

pub(super) const CONTINUE: Program = Program {
    name: "continue",
    summary: "begins the next round of a loop",
    usage: "",
    run: Run::Now(|call| leave(call, Leaving::Continue)),
};

pub(super) const CLEAR: Program =
    Program { name: "clear", summary: "clears the screen", usage: "", run: Run::Now(clear) };

pub(super) const RETURN: Program =
    Program { name: "return", summary: "leaves a function", usage: "[STATUS]", run: Run::Now(exit) };

fn exit(call: &mut Call<'_>) -> i32 {
    let status = match call.args.first() {
        None => call.shell.status,
        Some(text) => match text.parse::<i64>() {
            Ok(status) => i32::from(status as u8),
            Err(_) => {
                let _ = writeln!(call.stderr, "bash: {}: {text}: numeric argument required", call.name);
                2
            }
        },
    };
    if call.name == "return" {
        call.shell.status = status;
        call.shell.leaving = Some(Leaving::Return);
        return status;
    }
    call.shell.leaving = Some(Leaving::Exit);
    status
}

fn leave(call: &mut Call<'_>, what: fn(u32) -> Leaving) -> i32 {
    let count = match call.args.first().map(|text| text.parse::<u32>()) {
        None => 1,
        Some(Ok(count)) if count > 0 => count,
        _ => {
            let _ = writeln!(call.stderr, "bash: {}: {}: numeric argument required", call.name, call.args.join(" "));
            return 1;
        }
    };
    call.shell.leaving = Some(what(count));
    0
}

fn clear(call: &mut Call<'_>) -> i32 {
    match &call.shell.clear {
        Some(clear) => clear(),
        None => call.shell.requests.push(Request::Clear),
    }
    0
}
