//! `head` and `tail`: the first and the last lines.

use super::{Call, Program, Run, args, lines};

pub(super) const HEAD: Program = Program {
    name: "head",
    summary: "shows the first lines",
    usage: "[-n LINES] [-c BYTES] [FILE]...",
    run: Run::Now(|call| run(call, true)),
};

pub(super) const TAIL: Program = Program {
    name: "tail",
    summary: "shows the last lines",
    usage: "[-n LINES] [-c BYTES] [FILE]...",
    run: Run::Now(|call| run(call, false)),
};

fn run(call: &mut Call<'_>, head: bool) -> i32 {
    // `-5` is the old way to write `-n 5`.
    let old = |arg: &String| arg.len() > 1 && arg.starts_with('-') && arg[1..].bytes().all(|b| b.is_ascii_digit());
    let given: Vec<String> =
        call.args.iter().map(|arg| if old(arg) { format!("-n{}", &arg[1..]) } else { arg.clone() }).collect();
    let long = [("lines", 'n'), ("bytes", 'c'), ("quiet", 'q'), ("follow", 'f')];
    let parsed = match args::parse(&given, "n:c:qf", &long) {
        Ok(parsed) => parsed,
        Err(fault) => return call.misused(&fault, 1),
    };
    let text = parsed.value('c').or(parsed.value('n')).unwrap_or("10");
    let Ok(count) = text.trim_start_matches(['-', '+']).parse::<usize>() else {
        let what = if parsed.has('c') { "bytes" } else { "lines" };
        call.complain(&format!("invalid number of {what}: '{text}'"));
        return 1;
    };
    let (inputs, fine) = call.inputs(&parsed.rest);
    let many = parsed.rest.len() > 1 && !parsed.has('q');
    for (number, (path, content)) in inputs.iter().enumerate() {
        if many {
            let gap = if number > 0 { "\n" } else { "" };
            call.print(&format!("{gap}==> {path} <==\n"));
        }
        let pieces: Vec<&[u8]> = if parsed.has('c') { content.chunks(1).collect() } else { lines(content).collect() };
        let all = pieces.len();
        let range = match (head, text.as_bytes().first()) {
            (true, Some(b'-')) => 0..all.saturating_sub(count),
            (true, _) => 0..count.min(all),
            (false, Some(b'+')) => count.saturating_sub(1).min(all)..all,
            (false, _) => all.saturating_sub(count)..all,
        };
        call.write(&pieces[range].concat());
    }
    i32::from(!fine)
}
