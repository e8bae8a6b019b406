//! `ln`, `readlink`, `realpath` and `chmod`: links and modes.

use super::{Call, Program, Run, args};
use crate::unix::Content;

pub(super) const LN: Program =
    Program { name: "ln", summary: "makes a link", usage: "-s [-f] TARGET [NAME]", run: Run::Now(ln) };
pub(super) const READLINK: Program =
    Program { name: "readlink", summary: "tells where a link leads", usage: "[-f] FILE...", run: Run::Now(readlink) };
pub(super) const REALPATH: Program =
    Program { name: "realpath", summary: "tells a path without links", usage: "FILE...", run: Run::Now(realpath) };
pub(super) const CHMOD: Program =
    Program { name: "chmod", summary: "changes who may use a file", usage: "MODE FILE...", run: Run::Now(chmod) };

fn ln(call: &mut Call<'_>) -> i32 {
    let parsed = match args::parse(call.args, "sfnv", &[("symbolic", 's'), ("force", 'f')]) {
        Ok(parsed) => parsed,
        Err(fault) => return call.misused(&fault, 1),
    };
    let [target, rest @ ..] = parsed.rest.as_slice() else { return call.misused("missing file operand", 1) };
    if !parsed.has('s') {
        call.complain("only links with -s are part of this shell");
        return 1;
    }
    let last = target.rsplit('/').next().unwrap_or(target);
    let name = rest.first().map_or(last, String::as_str);
    let files = call.shell.files.clone();
    let is_directory = !parsed.has('n') && files.metadata(name).is_ok_and(|found| found.directory);
    let path = if is_directory { format!("{}/{last}", name.trim_end_matches('/')) } else { name.to_owned() };
    if parsed.has('f') && files.stat(&path, false).is_ok_and(|found| !found.node.is_directory()) {
        // What cannot be removed is in the way of the link, which says so.
        let _ = files.remove(&path, false);
    }
    match files.link(target, &path) {
        Ok(()) => 0,
        Err(error) => {
            call.complain_as(&format!("failed to create symbolic link '{path}': {error}"), &format!("{path}: {error}"));
            1
        }
    }
}

fn readlink(call: &mut Call<'_>) -> i32 {
    let parsed = match args::parse(call.args, "fnem", &[("canonicalize", 'f')]) {
        Ok(parsed) => parsed,
        Err(fault) => return call.misused(&fault, 1),
    };
    if parsed.rest.is_empty() {
        return call.misused("missing operand", 1);
    }
    let mut status = 0;
    for path in &parsed.rest {
        let found = match parsed.has('f') || parsed.has('e') || parsed.has('m') {
            true => call.shell.files.at(path, true).ok(),
            false => match call.shell.files.stat(path, false).map(|found| found.node.content) {
                Ok(Content::Link(target)) => Some(target),
                _ => None,
            },
        };
        match found {
            Some(target) => call.print(&format!("{target}\n")),
            None => status = 1,
        }
    }
    status
}

fn realpath(call: &mut Call<'_>) -> i32 {
    let mut status = 0;
    for path in call.args.iter().filter(|arg| !arg.starts_with('-')) {
        match call.shell.files.at(path, true) {
            Ok(at) => call.print(&format!("{at}\n")),
            Err(error) => {
                call.complain(&format!("{path}: {error}"));
                status = 1;
            }
        }
    }
    status
}

fn chmod(call: &mut Call<'_>) -> i32 {
    let is_mode = |arg: &String| arg.len() > 1 && arg.starts_with('-') && "rwxXst".contains(&arg[1..2]);
    let options = call.args.iter().take_while(|arg| arg.starts_with('-') && !is_mode(arg)).count();
    let [mode, paths @ ..] = call.args.get(options..).unwrap_or_default() else {
        return call.misused("missing operand", 1);
    };
    if paths.is_empty() {
        return call.misused(&format!("missing operand after ‘{mode}’"), 1);
    }
    let mut status = 0;
    for path in paths {
        let before = match call.shell.files.stat(path, true) {
            Ok(found) => found.node,
            Err(error) => {
                call.complain_as(&format!("cannot access '{path}': {error}"), &format!("{path}: {error}"));
                status = 1;
                continue;
            }
        };
        let Some(bits) = changed(mode, before.mode, before.is_directory()) else {
            return call.misused(&format!("invalid mode: ‘{mode}’"), 1);
        };
        if let Err(error) = call.shell.files.set_mode(path, bits) {
            call.complain_as(&format!("changing permissions of '{path}': {error}"), &format!("{path}: {error}"));
            status = 1;
        }
    }
    status
}

/// A mode after a change: `640`, `u+x`, `go-w`, `a=r`.
fn changed(text: &str, before: u32, is_directory: bool) -> Option<u32> {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return u32::from_str_radix(text, 8).ok().filter(|bits| *bits <= 0o7777);
    }
    let mut mode = before;
    for part in text.split(',') {
        let at = part.find(['+', '-', '='])?;
        let (who, rest) = part.split_at(at);
        let operator = rest.chars().next()?;
        let mut mask = 0;
        for letter in who.chars() {
            mask |= match letter {
                'u' => 0o4700,
                'g' => 0o2070,
                'o' => 0o007,
                'a' => 0o6777,
                _ => return None,
            };
        }
        if who.is_empty() {
            // What the usual umask keeps from others is kept here too.
            mask = if operator == '+' { 0o6755 } else { 0o6777 };
        }
        let mut bits = 0;
        for letter in rest.chars().skip(1) {
            bits |= match letter {
                'r' => 0o444,
                'w' => 0o222,
                'x' => 0o111,
                'X' if is_directory || before & 0o111 != 0 => 0o111,
                'X' => 0,
                's' => 0o6000,
                't' => {
                    mask |= 0o1000;
                    0o1000
                }
                _ => return None,
            };
        }
        mode = match operator {
            '+' => mode | (bits & mask),
            '-' => mode & !(bits & mask),
            _ => (mode & !(mask & 0o777)) | (bits & mask),
        };
    }
    Some(mode)
}

#[cfg(test)]
mod tests {
    use super::changed;

    #[test]
    fn modes() {
        for (text, before, want) in [
            ("640", 0o755, Some(0o640)),
            ("u+x", 0o644, Some(0o744)),
            ("+x", 0o644, Some(0o755)),
            ("go-r", 0o644, Some(0o600)),
            ("a=r", 0o755, Some(0o444)),
            ("u=rwx,go=", 0o644, Some(0o700)),
            ("9", 0o644, None),
            ("z+x", 0o644, None),
        ] {
            assert_eq!(changed(text, before, false), want, "{text}");
        }
    }
}
