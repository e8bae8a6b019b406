//! `env`, `export` and `unset`: the shell's variables.

use std::io::Write;

use super::{Call, Program, Run};

pub(super) const ENV: Program =
    Program { name: "env", summary: "shows the exported variables", usage: "", run: Run::Now(env) };

pub(super) const EXPORT: Program = Program {
    name: "export",
    summary: "sets and exports variables",
    usage: "[NAME[=VALUE]]...",
    run: Run::Now(export),
};

pub(super) const UNSET: Program =
    Program { name: "unset", summary: "forgets variables", usage: "NAME...", run: Run::Now(unset) };

fn exported(call: &Call<'_>, line: impl Fn(&str, &str) -> String) -> String {
    let values = call.shell.exported.iter().filter_map(|name| Some((name, call.shell.variables.get(name)?)));
    values.map(|(name, value)| line(name, value)).collect()
}

fn env(call: &mut Call<'_>) -> i32 {
    if !call.args.is_empty() {
        call.complain("only the bare `env` is part of this shell");
        return 125;
    }
    let text = exported(call, |name, value| format!("{name}={value}\n"));
    let directory = call.shell.files.current();
    call.print(&format!("{text}PWD={directory}\n"));
    0
}

fn export(call: &mut Call<'_>) -> i32 {
    let names: Vec<&String> = call.args.iter().filter(|arg| *arg != "-p").collect();
    if names.is_empty() {
        let text = exported(call, |name, value| {
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
                let _ = writeln!(call.stderr, "bash: export: {fault}");
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
    }
    0
}

fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && letters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}
