//! `basename` and `dirname`: the parts of a path.

use super::{Call, Program, Run};

pub(super) const BASENAME: Program =
    Program { name: "basename", summary: "gives the last part of a path", usage: "PATH [SUFFIX]", run: Run::Now(base) };
pub(super) const DIRNAME: Program = Program {
    name: "dirname",
    summary: "gives a path without its last part",
    usage: "PATH...",
    run: Run::Now(directory),
};

fn base(call: &mut Call<'_>) -> i32 {
    let (path, suffix) = match call.args {
        [] => return call.misused("missing operand", 1),
        [path] => (path, ""),
        [path, suffix] => (path, suffix.as_str()),
        [_, _, extra, ..] => return call.misused(&format!("extra operand ‘{extra}’"), 1),
    };
    let trimmed = path.trim_end_matches('/');
    let name = match trimmed.rsplit('/').next() {
        Some("") | None if path.starts_with('/') => "/",
        Some(name) => name,
        None => "",
    };
    let name = name.strip_suffix(suffix).filter(|short| !short.is_empty()).unwrap_or(name);
    call.print(&format!("{name}\n"));
    0
}

fn directory(call: &mut Call<'_>) -> i32 {
    if call.args.is_empty() {
        return call.misused("missing operand", 1);
    }
    for path in call.args {
        let trimmed = path.trim_end_matches('/');
        let above = match trimmed.rfind('/') {
            None if path.starts_with('/') => "/",
            None => ".",
            Some(at) => match trimmed[..at].trim_end_matches('/') {
                "" => "/",
                above => above,
            },
        };
        call.print(&format!("{above}\n"));
    }
    0
}
