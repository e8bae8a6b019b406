//! `type` and `which`: what a name stands for.

use super::{Call, Program, Run};

pub(super) const TYPE: Program =
    Program { name: "type", summary: "tells what a name stands for", usage: "[-t] NAME...", run: Run::Now(run) };
pub(super) const WHICH: Program =
    Program { name: "which", summary: "tells where a command is", usage: "NAME...", run: Run::Now(which) };

fn run(call: &mut Call<'_>) -> i32 {
    match call.args.split_first() {
        Some((first, names)) if first == "-t" => {
            let mut status = 0;
            for name in names {
                let shell = &call.shell;
                const KEYWORDS: &[&str] = &[
                    "if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac",
                    "function", "time", "[[", "{", "}", "!",
                ];
                let kind = match call.shell.machine.find(name) {
                    _ if KEYWORDS.contains(&name.as_str()) => "keyword",
                    _ if shell.aliases.contains_key(name) => "alias",
                    _ if shell.functions.contains_key(name) => "function",
                    Some(program) if program.is_builtin() => "builtin",
                    Some(_) => "file",
                    None => {
                        status = 1;
                        continue;
                    }
                };
                call.print(&format!("{kind}\n"));
            }
            status
        }
        Some((first, names)) if first == "-a" => tell(call, names, true),
        _ => tell(call, call.args, true),
    }
}

/// What `type` (in words) and `command -v` say.
pub(super) fn tell(call: &mut Call<'_>, names: &[String], in_words: bool) -> i32 {
    let mut status = 0;
    for name in names {
        let line = match (call.shell.aliases.get(name), call.shell.machine.find(name)) {
            (Some(text), _) if in_words => format!("{name} is aliased to `{text}'"),
            (Some(text), _) => format!("alias {name}='{text}'"),
            _ if call.shell.functions.contains_key(name) && in_words => format!("{name} is a function"),
            _ if call.shell.functions.contains_key(name) => name.clone(),
            (None, Some(program)) if program.is_builtin() && in_words => format!("{name} is a shell builtin"),
            (None, Some(program)) if program.is_builtin() => name.clone(),
            (None, Some(_)) if in_words => format!("{name} is /usr/bin/{name}"),
            (None, Some(_)) => format!("/usr/bin/{name}"),
            (None, None) => {
                if in_words {
                    call.fault(&format!("{}: {name}: not found", call.name));
                }
                status = 1;
                continue;
            }
        };
        call.print(&format!("{line}\n"));
    }
    status
}

fn which(call: &mut Call<'_>) -> i32 {
    let mut status = 0;
    for name in call.args.iter().filter(|arg| !arg.starts_with('-')) {
        match call.shell.machine.find(name) {
            Some(program)
                if !program.is_builtin()
                    || matches!(program.name, "echo" | "printf" | "true" | "false" | "test" | "[" | "pwd") =>
            {
                call.print(&format!("/usr/bin/{name}\n"));
            }
            _ => status = 1,
        }
    }
    status
}
