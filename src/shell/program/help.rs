//! `help`: the list of programs.

use crate::unix::{Call, Program, Run};

pub const HELP: Program =
    Program { name: "help", summary: "lists the commands that are here", usage: "[NAME]", run: Run::Now(run) };

/// What a learner needs first, in this order; all others follow.
const FIRST: &[&str] =
    &["kubectl", "ls", "cat", "edit", "less", "grep", "jq", "base64", "curl", "watch", "clear", "history", "exit"];

fn run(call: &mut Call<'_>) -> i32 {
    if let Some(name) = call.args.first() {
        return match call.shell.machine.find(name) {
            Some(program) => {
                call.print(&format!("{}: {} {}\n    {}\n", program.name, program.name, program.usage, program.summary));
                0
            }
            None => {
                call.fault(&format!(
                    "help: no help topics match `{name}'.  Try `help help' or `man -k {name}' or `info {name}'."
                ));
                1
            }
        };
    }
    let machine = std::sync::Arc::clone(&call.shell.machine);
    let width = machine.programs.iter().map(|program| program.name.len()).max().unwrap_or(0);
    let is_first = |program: &&'static Program| FIRST.contains(&program.name);
    let line = |program: &Program| format!("{:width$}  {}\n", program.name, program.summary);
    let first: String = FIRST.iter().filter_map(|name| machine.find(name)).map(line).collect();
    let others: String = machine.programs.iter().copied().filter(|program| !is_first(program)).map(line).collect();
    let more =
        "k is short for kubectl. Variables, $(...), pipes, >, <, <<<, &&, ||, if, for and while work as in bash.\n";
    call.print(&format!("{first}\n{more}\n{others}"));
    0
}
