//! `local`, `declare`, `readonly`: variables of a function, and lists.

use super::{Call, Program, Run, env};

pub(super) const LOCAL: Program =
    Program { name: "local", summary: "makes a variable of a function", usage: "NAME[=VALUE]...", run: Run::Now(run) };
pub(super) const DECLARE: Program =
    Program { name: "declare", summary: "makes a variable", usage: "[-ax] NAME[=VALUE]...", run: Run::Now(run) };
pub(super) const READONLY: Program =
    Program { name: "readonly", summary: "sets a variable", usage: "NAME[=VALUE]...", run: Run::Now(run) };

fn run(call: &mut Call<'_>) -> i32 {
    if call.name == "local" && call.shell.locals.is_empty() {
        call.fault("local: can only be used in a function");
        return 1;
    }
    let options: String = call.args.iter().filter_map(|arg| arg.strip_prefix('-')).collect();
    let mut status = 0;
    for arg in call.args.iter().filter(|arg| !arg.starts_with('-')) {
        let (name, value) = match arg.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (arg.as_str(), None),
        };
        if !env::is_name(name) {
            call.fault(&format!("{}: `{arg}': not a valid identifier", call.name));
            status = 1;
            continue;
        }
        if options.contains('A') {
            call.fault(&format!("{}: only lists without keys are part of this shell", call.name));
            return 2;
        }
        if call.name != "readonly"
            && let Some(locals) = call.shell.locals.last_mut()
            && !call.shell.arrays.contains_key(name)
        {
            let before = call.shell.variables.get(name).cloned();
            locals.entry(name.to_owned()).or_insert(before);
            if value.is_none() {
                call.shell.variables.remove(name);
            }
        }
        if options.contains('x') {
            call.shell.exported.insert(name.to_owned());
        }
        if let Some(value) = value
            && let Err(fault) = call.shell.assign(name, value.to_owned())
        {
            call.fault(&format!("{}: {fault}", call.name));
            status = 1;
        }
    }
    status
}
