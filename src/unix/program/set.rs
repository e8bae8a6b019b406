//! `set` and `shift`: the shell's switches and the values of `$1`, `$2` …

use super::{Call, Program, Run};

pub(super) const SET: Program = Program {
    name: "set",
    summary: "switches -u, -x and -o pipefail, and sets $1, $2 and so on",
    usage: "[-ux] [+ux] [-o pipefail] [--] [VALUE]...",
    run: Run::Now(set),
};
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
                'u' => "nounset",
                'x' => "xtrace",
                'e' => "errexit",
                _ => "",
            };
            match name {
                "pipefail" => call.shell.options.pipefail = on,
                "nounset" => call.shell.options.nounset = on,
                "xtrace" => call.shell.options.xtrace = on,
                // It would end the tutor at the first fault, as it ends a terminal.
                "errexit" if on => {
                    call.fault("set: -e would end this session at the first fault, so it stays off; use && instead");
                }
                "errexit" | "emacs" | "vi" | "history" | "histexpand" | "monitor" | "braceexpand" => {}
                "" => {
                    call.fault(&format!("set: -{letter}: invalid option"));
                    return 2;
                }
                name => {
                    call.fault(&format!("set: {name}: invalid option name"));
                    return 2;
                }
            }
        }
    }
    0
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
