//! `help`: the list of programs.

use std::io::Write;

use super::{Call, PROGRAMS, Program, Run, find};

pub(super) const HELP: Program =
    Program { name: "help", summary: "lists the commands that are here", usage: "[NAME]", run: Run::Now(run) };

fn run(call: &mut Call<'_>) -> i32 {
    if let Some(name) = call.args.first() {
        return match find(name) {
            Some(program) => {
                call.print(&format!("{}: {} {}\n    {}\n", program.name, program.name, program.usage, program.summary));
                0
            }
            None => {
                let _ = writeln!(
                    call.stderr,
                    "bash: help: no help topics match `{name}'.  Try `help help' or `man -k {name}' or `info {name}'."
                );
                1
            }
        };
    }
    let width = PROGRAMS.iter().map(|program| program.name.len()).max().unwrap_or(0);
    let lines = PROGRAMS.iter().map(|program| format!("{:width$}  {}\n", program.name, program.summary));
    let text: String = lines.collect();
    let more =
        "k is short for kubectl. Variables, $(...), pipes, >, <, <<<, &&, ||, if, for and while work as in bash.\n";
    call.print(&format!("{text}\n{more}"));
    0
}
