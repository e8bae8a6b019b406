//! What runs other commands here: `eval`, `source`, `command`, `bash`.

use std::io::Write;

use futures::FutureExt;
use futures::future::BoxFuture;

use super::{Call, Program, Run, which};
use crate::unix::Leaving;

pub(super) const EVAL: Program =
    Program { name: "eval", summary: "runs its arguments as a line", usage: "[TEXT]...", run: Run::Later(eval) };
pub(super) const SOURCE: Program = Program {
    name: "source",
    summary: "runs the lines of a file here",
    usage: "FILE [VALUE]...",
    run: Run::Later(source),
};
pub(super) const DOT: Program = Program { name: ".", ..SOURCE };
pub(super) const COMMAND: Program = Program {
    name: "command",
    summary: "runs a command, past functions",
    usage: "[-v] NAME [ARGUMENT]...",
    run: Run::Later(command),
};
pub(super) const BUILTIN: Program = Program { name: "builtin", ..COMMAND };
pub(super) const BASH: Program = Program {
    name: "bash",
    summary: "runs a line or a file in a shell of its own",
    usage: "-c LINE [NAME [VALUE]...] | FILE [VALUE]...",
    run: Run::Later(bash),
};
pub(super) const SH: Program = Program { name: "sh", ..BASH };

fn eval<'a>(call: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    async move {
        let line = call.args.join(" ");
        evaluate(call, &line).await
    }
    .boxed()
}

async fn evaluate(call: &mut Call<'_>, line: &str) -> i32 {
    // The streams are the call's own; a shell that runs a line needs them beside itself.
    let io = crate::unix::execute::Io {
        stdin: call.stdin.clone(),
        stdout: call.stdout.within(),
        stderr: call.stderr.within(),
    };
    match call.shell.evaluate(line, &io).await {
        Ok(status) => status,
        Err(fault) => {
            io.complain(&fault);
            1
        }
    }
}

/// A file's text as a script. A fault was told already.
fn script(call: &mut Call<'_>, path: &str, missing: i32) -> Result<String, i32> {
    match call.shell.files.read(path) {
        Ok(content) => Ok(String::from_utf8_lossy(&content).into_owned()),
        Err(error) => {
            call.fault(&format!("{path}: {error}"));
            Err(missing)
        }
    }
}

fn source<'a>(call: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    async move {
        let Some((path, values)) = call.args.split_first() else {
            call.fault(&format!("{}: filename argument required", call.name));
            return 2;
        };
        let text = match script(call, path, 1) {
            Ok(text) => text,
            Err(status) => return status,
        };
        let before = (!values.is_empty()).then(|| std::mem::replace(&mut call.shell.positional, values.to_vec()));
        let mut status = evaluate(call, &text).await;
        if let Some(before) = before {
            call.shell.positional = before;
        }
        if call.shell.leaving == Some(Leaving::Return) {
            call.shell.leaving = None;
            status = call.shell.status;
        }
        status
    }
    .boxed()
}

fn command<'a>(call: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    async move {
        match call.args.split_first() {
            None => 0,
            Some((first, names)) if first == "-v" || first == "-V" => which::tell(call, names, first == "-V"),
            Some((name, args)) => {
                let io = crate::unix::execute::Io {
                    stdin: call.stdin.clone(),
                    stdout: call.stdout.within(),
                    stderr: call.stderr.within(),
                };
                Box::pin(call.shell.launch(name, args, &io)).await
            }
        }
    }
    .boxed()
}

fn bash<'a>(call: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    async move {
        let (text, values) = match call.args {
            [] => match call.stdin.all().await {
                Some(text) if !call.stdin.is_keyboard() => (String::from_utf8_lossy(&text).into_owned(), &[][..]),
                _ => {
                    let _ = writeln!(
                        call.stderr,
                        "{}: this is a shell already; -c 'LINE' or a file runs in one of its own",
                        call.name
                    );
                    return 2;
                }
            },
            [flag, line, rest @ ..] if flag == "-c" => (line.clone(), rest.get(1..).unwrap_or_default()),
            [flag, ..] if flag.starts_with('-') => {
                return call.misused(&format!("{flag}: invalid option"), 2);
            }
            [path, rest @ ..] => match script(call, path, 127) {
                Ok(text) => (text, rest),
                Err(status) => return status,
            },
        };
        let mut shell = call.shell.fork();
        // Only what was exported is known there.
        let exported = std::mem::take(&mut shell.exported);
        shell.variables.retain(|name, _| exported.contains(name));
        shell.exported = exported;
        shell.functions.clear();
        shell.positional = values.to_vec();
        if let [flag, _, name, ..] = call.args
            && flag == "-c"
        {
            shell.called.clone_from(name);
        }
        let io = call.io();
        let status = match shell.evaluate(&text, &io).await {
            Ok(status) => status,
            Err(fault) => {
                io.complain(&fault);
                1
            }
        };
        drop(io);
        status
    }
    .boxed()
}
