//! `rm`, `cp` and `mv`, within the private tree.

use super::{Call, Program, Run, args};

pub(super) const RM: Program =
    Program { name: "rm", summary: "removes files", usage: "[-r] [-f] FILE...", run: Run::Now(rm) };

pub(super) const CP: Program = Program {
    name: "cp",
    summary: "copies a file",
    usage: "FILE... TARGET",
    run: Run::Now(|call| transfer(call, false)),
};

pub(super) const MV: Program = Program {
    name: "mv",
    summary: "renames a file",
    usage: "FILE... TARGET",
    run: Run::Now(|call| transfer(call, true)),
};

fn rm(call: &mut Call<'_>) -> i32 {
    let parsed = match args::parse(call.args, "rRfv", &[("recursive", 'r'), ("force", 'f')]) {
        Ok(parsed) => parsed,
        Err(fault) => return call.misused(&fault, 1),
    };
    if parsed.rest.is_empty() && !parsed.has('f') {
        return call.misused("missing operand", 1);
    }
    let mut status = 0;
    for path in &parsed.rest {
        let all = parsed.has('r') || parsed.has('R');
        match call.shell.files.remove(path, all) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && parsed.has('f') => {}
            Err(error) => {
                call.complain_as(
                    &format!("cannot remove '{path}': {error}"),
                    &format!("can't remove '{path}': {error}"),
                );
                status = 1;
            }
            Ok(()) => {}
        }
    }
    status
}

/// `cp` and `mv` of regular files.
fn transfer(call: &mut Call<'_>, moves: bool) -> i32 {
    let parsed = match args::parse(call.args, "fv", &[("force", 'f')]) {
        Ok(parsed) => parsed,
        Err(fault) => return call.misused(&fault, 1),
    };
    let Some((target, sources)) = parsed.rest.split_last().filter(|(_, sources)| !sources.is_empty()) else {
        return call.misused("missing file operand", 1);
    };
    let files = call.shell.files.clone();
    let into = files.metadata(target).is_ok_and(|found| found.directory);
    if sources.len() > 1 && !into {
        return call.misused(&format!("target '{target}': Not a directory"), 1);
    }
    let mut status = 0;
    for source in sources {
        let name = source.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let to = if into { format!("{target}/{name}") } else { target.clone() };
        if files.resolve(source) == files.resolve(&to) {
            call.complain(&format!("'{source}' and '{to}' are the same file"));
            status = 1;
            continue;
        }
        if !moves && files.metadata(source).is_ok_and(|found| found.directory) {
            call.complain(&format!("-r not specified; omitting directory '{source}'"));
            status = 1;
            continue;
        }
        let done = files.read(source).map_err(|error| format!("cannot stat '{source}': {error}")).and_then(|content| {
            files.write(&to, &content).map_err(|error| format!("cannot create regular file '{to}': {error}"))?;
            if moves { files.remove(source, false).map_err(|error| error.to_string()) } else { Ok(()) }
        });
        if let Err(fault) = done {
            call.complain(&fault);
            status = 1;
        }
    }
    status
}
