//! `diff`: what differs between two files.

use futures::FutureExt;
use futures::future::BoxFuture;
use similar::{ChangeTag, DiffOp, TextDiff};

use super::{Call, Program, Run, args};

pub(super) const DIFF: Program = Program {
    name: "diff",
    summary: "shows what differs between two files",
    usage: "[-u] [-N] [-q] FILE FILE",
    run: Run::Later(run),
};

fn run<'a>(call: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    async move {
        let long = [("unified", 'u'), ("brief", 'q'), ("new-file", 'N'), ("report-identical-files", 's')];
        let parsed = match args::parse(call.args, "uqNsrwbB", &long) {
            Ok(parsed) => parsed,
            Err(fault) => return call.misused(&fault, 2),
        };
        let (left, right) = match parsed.rest.as_slice() {
            [left, right] => (left, right),
            [] => return call.misused("missing operand after ‘diff’", 2),
            [only] => return call.misused(&format!("missing operand after ‘{only}’"), 2),
            [_, _, extra, ..] => return call.misused(&format!("extra operand ‘{extra}’"), 2),
        };
        let mut texts = Vec::new();
        for path in [left, right] {
            let text = match path.as_str() {
                "-" => Ok(call.stdin.all().await.unwrap_or_default()),
                path => call.shell.files.read(path),
            };
            match text {
                Ok(text) => texts.push(String::from_utf8_lossy(&text).into_owned()),
                Err(_) if parsed.has('N') => texts.push(String::new()),
                Err(error) => {
                    call.complain(&format!("{path}: {error}"));
                    return 2;
                }
            }
        }
        let [old, new] = texts.as_slice() else { return 2 };
        if old == new {
            if parsed.has('s') {
                call.print(&format!("Files {left} and {right} are identical\n"));
            }
            return 0;
        }
        if parsed.has('q') {
            call.print(&format!("Files {left} and {right} differ\n"));
            return 1;
        }
        let diff = TextDiff::from_lines(old.as_str(), new.as_str());
        let text = match parsed.has('u') {
            true => {
                let time = |path: &str| match call.shell.files.metadata(path) {
                    Ok(found) => found.modified.strftime("%Y-%m-%d %H:%M:%S.%9N +0000").to_string(),
                    Err(_) => "1970-01-01 00:00:00.000000000 +0000".to_owned(),
                };
                let (old, new) = (format!("{left}\t{}", time(left)), format!("{right}\t{}", time(right)));
                diff.unified_diff().context_radius(3).header(&old, &new).to_string()
            }
            false => plain(&diff),
        };
        call.print(&text);
        1
    }
    .boxed()
}

/// The oldest format: `2c2`, `< …`, `---`, `> …`.
fn plain(diff: &TextDiff<'_, '_, '_, str>) -> String {
    let mut out = String::new();
    for op in diff.ops() {
        let (sign, old, new) = match op {
            DiffOp::Equal { .. } => continue,
            DiffOp::Delete { .. } => ('d', op.old_range(), op.new_range()),
            DiffOp::Insert { .. } => ('a', op.old_range(), op.new_range()),
            DiffOp::Replace { .. } => ('c', op.old_range(), op.new_range()),
        };
        let place = |range: &std::ops::Range<usize>| match range.len() {
            0 => range.start.to_string(),
            1 => (range.start + 1).to_string(),
            _ => format!("{},{}", range.start + 1, range.end),
        };
        out.push_str(&format!("{}{sign}{}\n", place(&old), place(&new)));
        let mut parted = sign != 'c';
        for change in diff.iter_changes(op) {
            let mark = match change.tag() {
                ChangeTag::Delete => '<',
                ChangeTag::Insert => '>',
                ChangeTag::Equal => continue,
            };
            if mark == '>' && !std::mem::replace(&mut parted, true) {
                out.push_str("---\n");
            }
            out.push_str(&format!("{mark} {}", change.value()));
            if !change.value().ends_with('\n') {
                out.push_str("\n\\ No newline at end of file\n");
            }
        }
    }
    out
}
