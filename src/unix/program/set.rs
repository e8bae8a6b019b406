//! `set` and `shift`: the shell's switches and the values of `$1`, `$2` …

use super::{Call, Program, Run};
use crate::unix::Shell;

pub(super) const SET: Program = Program {
    name: "set",
    summary: "switches -e, -u, -x and -o pipefail, and sets $1, $2 and so on",
    usage: "[-efux] [+efux] [-o pipefail] [--] [VALUE]...",
    run: Run::Now(set),
};
pub(super) const TRAP: Program = Program {
    name: "trap",
    summary: "says what runs when the shell ends",
    usage: "[ACTION SIGNAL...]",
    run: Run::Now(trap),
};
pub(super) const WAIT: Program =
    Program { name: "wait", summary: "waits for what runs in the background", usage: "", run: Run::Now(|_| 0) };
pub(super) const SHIFT: Program =
    Program { name: "shift", summary: "moves $2 to $1 and so on", usage: "[COUNT]", run: Run::Now(shift) };

fn set(call: &mut Call<'_>) -> i32 {
    let mut args = call.args.iter();
    if call.args.is_empty() {
        let quoted = crate::unix::quoted;
        let lines = call.shell.variables.iter().map(|(name, value)| format!("{name}={}\n", quoted(value)));
        let text: String = lines.collect();
        call.print(&text);
        return 0;
    }
    while let Some(arg) = args.next() {
        let on = match arg.chars().next() {
            Some('-') if arg != "-" && arg != "--" => true,
            Some('+') => false,
            _ => {
                let first = (arg != "--" && arg != "-").then_some(arg);
                call.shell.positional = first.into_iter().chain(args).cloned().collect();
                return 0;
            }
        };
        for letter in arg.chars().skip(1) {
            let name = match letter {
                'o' => args.next().map_or("", String::as_str),
                letter => name_of(letter),
            };
            if name == "errexit" && on && call.shell.is_prompt() {
                call.fault("set: -e would end this session at the first fault, so it stays off; use && instead");
            } else if !call.shell.switch(name, on) {
                if name.is_empty() {
                    call.fault(&format!("set: -{letter}: invalid option"));
                } else {
                    call.fault(&format!("set: {name}: invalid option name"));
                }
                return 2;
            }
        }
    }
    0
}

/// The long name of a switch that has a letter; empty when there is none.
pub(super) fn name_of(letter: char) -> &'static str {
    match letter {
        'u' => "nounset",
        'x' => "xtrace",
        'e' => "errexit",
        'f' => "noglob",
        _ => "",
    }
}

impl Shell {
    /// Switches one of the shell's ways of working on or off. Whether there is such a switch.
    pub(in crate::unix) fn switch(&mut self, name: &str, on: bool) -> bool {
        match name {
            "pipefail" => self.options.pipefail = on,
            "nounset" => self.options.nounset = on,
            "xtrace" => self.options.xtrace = on,
            "errexit" => self.options.errexit = on,
            "noglob" => self.options.noglob = on,
            "emacs" | "vi" | "history" | "histexpand" | "monitor" | "braceexpand" => {}
            _ => return false,
        }
        true
    }
}

fn trap(call: &mut Call<'_>) -> i32 {
    let args: Vec<&String> = call.args.iter().filter(|arg| *arg != "--").collect();
    let Some((action, signals)) = args.split_first() else {
        let lines = call
            .shell
            .traps
            .iter()
            .map(|(signal, action)| format!("trap -- {} {signal}\n", crate::unix::quoted(action)));
        let text: String = lines.collect();
        call.print(&text);
        return 0;
    };
    let mut status = 0;
    let (action, signals) = match signals {
        // A signal alone goes back to what it does by itself.
        [] => ("-", std::slice::from_ref(action)),
        signals => (action.as_str(), signals),
    };
    for signal in signals {
        let upper = signal.to_uppercase();
        let name = match upper.strip_prefix("SIG").unwrap_or(&upper) {
            "0" | "EXIT" => "EXIT".to_owned(),
            "1" | "HUP" => "SIGHUP".to_owned(),
            "2" | "INT" => "SIGINT".to_owned(),
            "3" | "QUIT" => "SIGQUIT".to_owned(),
            "15" | "TERM" => "SIGTERM".to_owned(),
            other @ ("USR1" | "USR2" | "PIPE" | "CHLD" | "ALRM") => format!("SIG{other}"),
            other @ ("ERR" | "DEBUG" | "RETURN") => other.to_owned(),
            _ => {
                call.fault(&format!("trap: {signal}: invalid signal specification"));
                status = 1;
                continue;
            }
        };
        match action {
            "-" => drop(call.shell.traps.remove(&name)),
            _ => drop(call.shell.traps.insert(name, action.to_owned())),
        }
    }
    status
}

fn shift(call: &mut Call<'_>) -> i32 {
    let count = call.args.first().map_or(Ok(1), |text| text.parse::<usize>());
    match count {
        Ok(count) if count <= call.shell.positional.len() => {
            call.shell.positional.drain(..count);
            0
        }
        Ok(_) => 1,
        Err(_) => {
            call.fault(&format!("shift: {}: numeric argument required", call.args.join(" ")));
            1
        }
    }
}
