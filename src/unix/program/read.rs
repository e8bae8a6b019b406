//! `read`: a line of standard input, as variables.

use futures::FutureExt;
use futures::future::BoxFuture;

use super::{Call, Program, Run, args, env};
use crate::unix::expand::divide;

pub(super) const READ: Program = Program {
    name: "read",
    summary: "reads a line into variables",
    usage: "[-r] [-a NAME] [-d DELIM] [NAME]...",
    run: Run::Later(run),
};

pub(super) const MAPFILE: Program =
    Program { name: "mapfile", summary: "reads lines into a list", usage: "[-t] NAME", run: Run::Later(mapfile) };

fn run<'a>(call: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    async move {
        let parsed = match args::parse(call.args, "rsa:d:p:n:N:t:u:i:e", &[]) {
            Ok(parsed) => parsed,
            Err(fault) => {
                call.fault(&format!("read: {fault}"));
                return 2;
            }
        };
        if call.stdin.is_keyboard() {
            call.fault("read: a running command cannot be typed into here; give it its input with | or <<<");
            return 1;
        }
        if let Some(name) = parsed.rest.iter().find(|name| !env::is_name(name)) {
            call.fault(&format!("read: `{name}': not a valid identifier"));
            return 1;
        }
        let end = parsed.value('d').map_or(b'\n', |text| text.bytes().next().unwrap_or(0));
        let mut text = String::new();
        let mut ended = false;
        while let Some(raw) = call.stdin.until(end).await {
            ended = raw.last() == Some(&end);
            text.push_str(&String::from_utf8_lossy(if ended { &raw[..raw.len() - 1] } else { &raw }));
            let slashes = text.chars().rev().take_while(|c| *c == '\\').count();
            if parsed.has('r') || !ended || slashes % 2 == 0 {
                break;
            }
            text.pop();
        }
        if !parsed.has('r') {
            text = unescape(&text);
        }
        let separators = call.shell.separators();
        let set = match parsed.value('a') {
            Some(name) => call.shell.assign_list(name, divide(&text, &separators, usize::MAX).parts),
            None if parsed.rest.is_empty() => call.shell.assign("REPLY", text),
            None => {
                let mut parts = divide(&text, &separators, parsed.rest.len()).parts.into_iter();
                parsed.rest.iter().try_for_each(|name| call.shell.assign(name, parts.next().unwrap_or_default()))
            }
        };
        if let Err(fault) = set {
            call.fault(&format!("read: {fault}"));
            return 1;
        }
        i32::from(!ended)
    }
    .boxed()
}

/// Without `-r` a backslash makes the next sign plain.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(c) = letters.next() {
        out.extend(if c == '\\' { letters.next() } else { Some(c) });
    }
    out
}

fn mapfile<'a>(call: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    async move {
        let Ok(parsed) = args::parse(call.args, "td:", &[]) else { return 2 };
        let mut values = Vec::new();
        while let Some(raw) = call.stdin.line().await {
            let line = String::from_utf8_lossy(&raw).into_owned();
            values.push(if parsed.has('t') { line.trim_end_matches('\n').to_owned() } else { line });
            if values.len() > 5000 {
                break;
            }
        }
        let name = parsed.rest.first().map_or("MAPFILE", String::as_str);
        match call.shell.assign_list(name, values) {
            Ok(()) => 0,
            Err(fault) => {
                call.fault(&format!("mapfile: {fault}"));
                1
            }
        }
    }
    .boxed()
}
