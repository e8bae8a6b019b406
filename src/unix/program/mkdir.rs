//! `mkdir` and `touch`: new directories and files.

use super::{Call, Program, Run, args};

pub(super) const MKDIR: Program =
    Program { name: "mkdir", summary: "makes directories", usage: "[-p] DIRECTORY...", run: Run::Now(mkdir) };

pub(super) const TOUCH: Program =
    Program { name: "touch", summary: "makes empty files", usage: "FILE...", run: Run::Now(touch) };

pub(super) const MKTEMP: Program =
    Program { name: "mktemp", summary: "makes an empty file with a new name", usage: "[-d]", run: Run::Now(mktemp) };

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
            call.complain_as(
                &format!("cannot create directory '{path}': {error}"),
                &format!("can't create directory '{path}': {error}"),
            );
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
        let files = &call.shell.files;
        let touched = match files.stat(path, true) {
            Ok(_) => files.touch(path),
            Err(_) => files.append(path, b""),
        };
        if let Err(error) = touched {
            call.complain_as(&format!("cannot touch '{path}': {error}"), &format!("{path}: {error}"));
            status = 1;
        }
    }
    status
}

fn mktemp(call: &mut Call<'_>) -> i32 {
    let parsed = match args::parse(call.args, "dqt", &[("directory", 'd')]) {
        Ok(parsed) => parsed,
        Err(fault) => return call.misused(&fault, 1),
    };
    let template = parsed.rest.first().map_or("/tmp/tmp.XXXXXXXXXX", String::as_str);
    let stem = template.trim_end_matches('X');
    let length = template.len() - stem.len();
    if length < 3 {
        call.complain(&format!("too few X's in template '{template}'"));
        return 1;
    }
    // Nobody else is here: the first free number is as good as a name drawn by chance.
    for number in 1u32.. {
        let path = format!("{stem}{number:0length$}");
        if call.shell.files.metadata(&path).is_ok() {
            continue;
        }
        let files = &call.shell.files;
        let made = if parsed.has('d') { files.make_directory(&path, false) } else { files.append(&path, b"") };
        return match made {
            Ok(()) => {
                call.print(&format!("{path}\n"));
                0
            }
            Err(error) => {
                let what = if parsed.has('d') { "directory" } else { "file" };
                call.complain(&format!("failed to create {what} via template '{template}': {error}"));
                1
            }
        };
    }
    1
}
