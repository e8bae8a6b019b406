//! `env`, `export` and `unset`: the shell's variables.

use futures::FutureExt;
use futures::future::BoxFuture;

use super::{Call, Program, Run};
use crate::unix::{Role, Shell};

pub(super) const ENV: Program = Program {
    name: "env",
    summary: "shows the exported variables",
    usage: "[NAME=VALUE]... [COMMAND [ARGUMENT]...]",
    run: Run::Later(env),
};

pub(super) const PRINTENV: Program =
    Program { name: "printenv", summary: "shows exported variables", usage: "[NAME]...", run: Run::Now(printenv) };

pub(super) const EXPORT: Program = Program {
    name: "export",
    summary: "sets and exports variables",
    usage: "[NAME[=VALUE]]...",
    run: Run::Now(export),
};

pub(super) const UNSET: Program =
    Program { name: "unset", summary: "forgets variables", usage: "NAME...", run: Run::Now(unset) };

fn exported(shell: &Shell, line: impl Fn(&str, &str) -> String) -> String {
    let values = shell.exported.iter().filter_map(|name| Some((name, shell.variables.get(name)?)));
    values.map(|(name, value)| line(name, value)).collect()
}

fn env<'a>(call: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    async move {
        let mut args = call.args;
        let mut shell = call.shell.fork();
        while let Some((first, rest)) = args.split_first() {
            match first.split_once('=') {
                Some((name, value)) if is_name(name) => {
                    if let Err(fault) = shell.assign(name, value.to_owned()) {
                        call.complain(&fault);
                        return 125;
                    }
                    shell.exported.insert(name.to_owned());
                }
                _ if first == "-i" || first == "-" => shell.exported.clear(),
                _ if first == "-u" => {
                    let name = rest.first().map_or("", String::as_str);
                    shell.exported.remove(name);
                    args = rest.get(1..).unwrap_or_default();
                    continue;
                }
                _ if first.starts_with('-') => {
                    return call.misused(&format!("invalid option -- '{}'", first.trim_start_matches('-')), 125);
                }
                _ => break,
            }
            args = rest;
        }
        if let Some((name, rest)) = args.split_first() {
            if call.shell.machine.find(name).is_none() {
                call.complain_as(
                    &format!("\u{2018}{name}\u{2019}: No such file or directory"),
                    &format!("can't execute '{name}': No such file or directory"),
                );
                return 127;
            }
            let io = call.io();
            let status = Box::pin(shell.launch(name, rest, &io)).await;
            drop(io);
            return status;
        }
        let text = exported(&shell, |name, value| format!("{name}={value}\n"));
        // A shell tells where it stands; a program alone was told nothing.
        let place = match shell.role {
            Role::Bare => String::new(),
            Role::Prompt | Role::Script => format!("PWD={}\n", call.shell.files.current()),
        };
        call.print(&(text + &place));
        0
    }
    .boxed()
}

fn printenv(call: &mut Call<'_>) -> i32 {
    if call.args.is_empty() {
        let text = exported(call.shell, |name, value| format!("{name}={value}\n"));
        call.print(&text);
        return 0;
    }
    let mut status = 0;
    for name in call.args {
        match call.shell.variables.get(name).filter(|_| call.shell.exported.contains(name)).cloned() {
            Some(value) => call.print(&format!("{value}\n")),
            None => status = 1,
        }
    }
    status
}

fn export(call: &mut Call<'_>) -> i32 {
    let names: Vec<&String> = call.args.iter().filter(|arg| *arg != "-p").collect();
    if names.is_empty() {
        let text = exported(call.shell, |name, value| {
            let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$").replace('`', "\\`");
            format!("declare -x {name}=\"{value}\"\n")
        });
        call.print(&text);
        return 0;
    }
    let mut status = 0;
    for arg in names {
        let (name, value) = match arg.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (arg.as_str(), None),
        };
        let set = match value {
            _ if !is_name(name) => Err(format!("`{arg}': not a valid identifier")),
            Some(value) => call.shell.assign(name, value.to_owned()),
            None => Ok(()),
        };
        match set {
            Ok(()) => {
                call.shell.exported.insert(name.to_owned());
            }
            Err(fault) => {
                call.fault(&format!("export: {fault}"));
                status = 1;
            }
        }
    }
    status
}

fn unset(call: &mut Call<'_>) -> i32 {
    for name in call.args {
        call.shell.variables.remove(name);
        call.shell.exported.remove(name);
        if call.shell.arrays.remove(name).is_none() && !name.starts_with('-') {
            call.shell.functions.remove(name);
        }
    }
    0
}

pub(super) fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && letters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}
