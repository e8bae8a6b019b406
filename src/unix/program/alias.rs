//! `alias` and `unalias`: short names for commands.

use super::{Call, Program, Run};
use crate::unix::limits;

pub(super) const ALIAS: Program = Program {
    name: "alias",
    summary: "gives a command a short name",
    usage: "[NAME=COMMAND]...",
    run: Run::Now(alias),
};

pub(super) const UNALIAS: Program =
    Program { name: "unalias", summary: "forgets a short name", usage: "NAME...", run: Run::Now(unalias) };

fn alias(call: &mut Call<'_>) -> i32 {
    if call.args.is_empty() {
        let all: Vec<String> = call.shell.aliases.iter().map(|(name, text)| shown(name, text)).collect();
        call.print(&all.concat());
        return 0;
    }
    let mut status = 0;
    for arg in call.args {
        match arg.split_once('=') {
            Some((name, text)) if !name.is_empty() && !name.contains(['/', '$', '`', ' ', '=']) => {
                if call.shell.aliases.len() < limits::ALIASES {
                    call.shell.aliases.insert(name.to_owned(), text.to_owned());
                }
            }
            _ => match call.shell.aliases.get(arg).map(|text| shown(arg, text)) {
                Some(line) => call.print(&line),
                None => {
                    call.fault(&format!("alias: {arg}: not found"));
                    status = 1;
                }
            },
        }
    }
    status
}

fn unalias(call: &mut Call<'_>) -> i32 {
    let mut status = 0;
    for name in call.args {
        if call.shell.aliases.remove(name).is_none() {
            call.fault(&format!("unalias: {name}: not found"));
            status = 1;
        }
    }
    status
}

fn shown(name: &str, text: &str) -> String {
    format!("alias {name}='{}'\n", text.replace('\'', r"'\''"))
}
