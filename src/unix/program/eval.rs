//! What runs other commands here: `eval`, `source`, `command`, `bash`.

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
pub(super) const ASH: Program = Program { name: "ash", ..BASH };
pub(super) const DASH: Program = Program { name: "dash", ..BASH };
pub(super) const EXEC: Program = Program {
    name: "exec",
    summary: "runs a command in place of the shell",
    usage: "[COMMAND [ARGUMENT]...]",
    run: Run::Later(exec),
};

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
            call.shell.complain(&io, &fault);
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

fn exec<'a>(call: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    async move {
        let Some((name, args)) = call.args.split_first() else { return 0 };
        if call.shell.machine.find(name).is_none_or(|program| !program.is_file()) {
            call.fault(&format!("exec: {name}: not found"));
            call.shell.leave();
            return 127;
        }
        let io = crate::unix::execute::Io {
            stdin: call.stdin.clone(),
            stdout: call.stdout.within(),
            stderr: call.stderr.within(),
        };
        let status = Box::pin(call.shell.launch(name, args, &io)).await;
        call.shell.leave();
        status
    }
    .boxed()
}

fn bash<'a>(call: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    async move {
        let mut shell = call.shell.fork();
        // Only what was exported is known there.
        let exported = std::mem::take(&mut shell.exported);
        shell.variables.retain(|name, _| exported.contains(name));
        shell.exported = exported;
        shell.functions.clear();
        shell.positional.clear();
        shell.begin(call.name);
        let mut args = call.args;
        let mut is_line = false;
        while let Some((first, rest)) =
            args.split_first().filter(|(first, _)| first.len() > 1 && first.starts_with(['-', '+']))
        {
            args = rest;
            match first.as_str() {
                "--" => break,
                "--login" | "--norc" | "--noprofile" | "--posix" => continue,
                _ => {}
            }
            let on = first.starts_with('-');
            for letter in first.chars().skip(1) {
                let name = match letter {
                    'c' => {
                        is_line = true;
                        continue;
                    }
                    'i' | 'l' | 's' => continue,
                    'o' => match args.split_first() {
                        Some((name, rest)) => {
                            args = rest;
                            name.as_str()
                        }
                        None => "",
                    },
                    letter => super::set::name_of(letter),
                };
                if !shell.switch(name, on) {
                    let fault = format!("-{letter}: invalid option");
                    if call.name == "bash" {
                        return call.misused(&fault, 2);
                    }
                    call.complain(&fault);
                    return 2;
                }
            }
        }
        let text = match args.split_first() {
            Some((line, rest)) if is_line => {
                if let Some((name, values)) = rest.split_first() {
                    shell.called.clone_from(name);
                    shell.positional = values.to_vec();
                }
                line.clone()
            }
            None if is_line => {
                call.complain("-c: option requires an argument");
                return 2;
            }
            Some((path, values)) => {
                shell.positional = values.to_vec();
                match script(call, path, 127) {
                    Ok(text) => text,
                    Err(status) => return status,
                }
            }
            None => {
                if let Some(terminal) = call.stdin.terminal() {
                    let io = call.io();
                    return shell.converse(&terminal, &io).await;
                }
                if call.stdin.is_keyboard() {
                    call.complain("this is a shell already; -c 'LINE' or a file runs in one of its own");
                    return 2;
                }
                let Some(text) = call.stdin.all().await else {
                    call.complain("more than this shell can keep");
                    return 2;
                };
                String::from_utf8_lossy(&text).into_owned()
            }
        };
        let io = call.io();
        let status = match shell.evaluate(&text, &io).await {
            Ok(status) => status,
            Err(fault) => {
                shell.complain(&io, &fault);
                1
            }
        };
        shell.trapped("EXIT", status, &io).await
    }
    .boxed()
}
