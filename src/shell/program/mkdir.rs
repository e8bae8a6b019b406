//! `mkdir` and `touch`: new directories and files.

use super::{Call, Program, Run, args};

pub(super) const MKDIR: Program =
    Program { name: "mkdir", summary: "makes directories", usage: "[-p] DIRECTORY...", run: Run::Now(mkdir) };

pub(super) const TOUCH: Program =
    Program { name: "touch", summary: "makes empty files", usage: "FILE...", run: Run::Now(touch) };

fn mkdir(call: &mut Call<'_>) -> i32 {
    let parsed = match args::parse(call.args, "p", &[("parents", 'p')]) {
        Ok(parsed) => parsed,
        Err(fault) => return call.misused(&fault, 1),
    };
    if parsed.rest.is_empty() {
        return call.misused("missing operand", 1);
    }
    let mut status = 0;
    for path in &parsed.rest {
        if let Err(error) = call.shell.files.make_directory(path, parsed.has('p')) {
            call.complain(&format!("cannot create directory '{path}': {error}"));
            status = 1;
        }
    }
    status
}

fn touch(call: &mut Call<'_>) -> i32 {
    if call.args.is_empty() {
        return call.misused("missing file operand", 1);
    }
    let mut status = 0;
    for path in call.args {
        if call.shell.files.metadata(path).is_ok_and(|found| found.directory) {
            continue;
        }
        if let Err(error) = call.shell.files.append(path, b"") {
            call.complain(&format!("cannot touch '{path}': {error}"));
            status = 1;
        }
    }
    status
}
