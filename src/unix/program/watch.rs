//! `watch` and `timeout`: a command again and again, and one that must not take long.

use std::io::Write;

use futures::FutureExt;
use futures::future::BoxFuture;

use super::sleep::interval;
use super::{Call, Program, Run};
use crate::unix::execute::Io;

pub(super) const WATCH: Program = Program {
    name: "watch",
    summary: "runs a command again and again until it is ended",
    usage: "[-n SECONDS] COMMAND [ARGUMENT]...",
    run: Run::Later(watch),
};
pub(super) const TIMEOUT: Program = Program {
    name: "timeout",
    summary: "ends a command that takes longer than this",
    usage: "NUMBER[smhd] COMMAND [ARGUMENT]...",
    run: Run::Later(timeout),
};

fn watch<'a>(call: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    async move {
        let mut span = interval("2").unwrap_or_default();
        let mut args = call.args;
        while let Some((first, rest)) = args.split_first().filter(|(first, _)| first.starts_with('-')) {
            args = rest;
            let seconds = match first.strip_prefix("-n").or(first.strip_prefix("--interval=")) {
                None => continue,
                Some("") => match args.split_first() {
                    Some((seconds, rest)) => {
                        args = rest;
                        seconds.clone()
                    }
                    None => return call.misused("option requires an argument -- 'n'", 1),
                },
                Some(seconds) => seconds.to_owned(),
            };
            match interval(&seconds) {
                Some(found) => span = found.max(interval("0.1").unwrap_or_default()),
                None => {
                    call.complain(&format!("failed to parse argument: '{seconds}'"));
                    return 1;
                }
            }
        }
        if args.is_empty() {
            return call.misused("missing command", 1);
        }
        // As the real one, which hands all its words to a shell as one line.
        let line = args.join(" ");
        let clock = call.shell.machine.clock.clone();
        loop {
            let now = clock.now_seconds().strftime("%a %b %e %H:%M:%S %Y");
            call.print(&format!("Every {:.1}s: {line}  {now}\n\n", span.as_secs_f64()));
            let mut shell = call.shell.fork();
            let io = Io { stdin: call.stdin.clone(), stdout: call.stdout.within(), stderr: call.stderr.within() };
            if let Err(fault) = shell.evaluate(&line, &io).await {
                shell.complain(&io, &fault);
                return 1;
            }
            call.print("\n");
            let _ = call.stdout.flush();
            clock.sleep(span).await;
        }
    }
    .boxed()
}

fn timeout<'a>(call: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    async move {
        let [span, name, rest @ ..] = call.args else { return call.misused("missing operand", 125) };
        let Some(span) = interval(span) else {
            return call.misused(&format!("invalid time interval ‘{span}’"), 125);
        };
        let clock = call.shell.machine.clock.clone();
        let io = Io { stdin: call.stdin.clone(), stdout: call.stdout.within(), stderr: call.stderr.within() };
        let command = Box::pin(call.shell.launch(name, rest, &io));
        match futures::future::select(command, Box::pin(clock.sleep(span))).await {
            futures::future::Either::Left((status, _)) => status,
            futures::future::Either::Right(_) => 124,
        }
    }
    .boxed()
}
