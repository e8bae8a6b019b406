//! `grep`: the lines that match.

use super::regexp::{self, Syntax};
use super::{Call, Program, Run, args, chomp, lines};

pub(super) const GREP: Program = Program {
    name: "grep",
    summary: "shows the lines that match",
    usage: "[-ivcnoqEFwlhr] [-A N] [-B N] [-C N] [-m N] PATTERN [FILE]...",
    run: Run::Now(run),
};

const LONG: &[(&str, char)] = &[
    ("ignore-case", 'i'),
    ("invert-match", 'v'),
    ("count", 'c'),
    ("line-number", 'n'),
    ("only-matching", 'o'),
    ("quiet", 'q'),
    ("silent", 'q'),
    ("extended-regexp", 'E'),
    ("fixed-strings", 'F'),
    ("word-regexp", 'w'),
    ("files-with-matches", 'l'),
    ("no-filename", 'h'),
    ("with-filename", 'H'),
    ("after-context", 'A'),
    ("before-context", 'B'),
    ("context", 'C'),
    ("max-count", 'm'),
    ("regexp", 'e'),
    ("no-messages", 's'),
    ("recursive", 'r'),
    ("color", 'Z'),
];

fn run(call: &mut Call<'_>) -> i32 {
    // `--color=auto` is in many people's fingers; nothing here is coloured.
    let given: Vec<String> = call.args.iter().filter(|arg| !arg.starts_with("--color")).cloned().collect();
    let parsed = match args::parse(&given, "ivcnoqEFGPwlhHxsrRA:B:C:m:e:", LONG) {
        Ok(parsed) => parsed,
        Err(fault) => return call.misused(&fault, 2),
    };
    let mut rest = parsed.rest.as_slice();
    let patterns: Vec<&str> = match parsed.has('e') {
        true => parsed.options.iter().filter(|(letter, _)| *letter == 'e').map(|(_, value)| value.as_str()).collect(),
        false => match rest.split_first() {
            Some((first, others)) => {
                rest = others;
                first.lines().collect()
            }
            None => {
                let _ = writeln!(call.stderr, "Usage: grep [OPTION]... PATTERNS [FILE]...");
                let _ = writeln!(call.stderr, "Try 'grep --help' for more information.");
                return 2;
            }
        },
    };
    let syntax = match () {
        () if parsed.has('F') => Syntax::Fixed,
        () if parsed.has('E') || parsed.has('P') => Syntax::Extended,
        () => Syntax::Basic,
    };
    let mut expressions = Vec::new();
    for pattern in if patterns.is_empty() { vec![""] } else { patterns } {
        match regexp::build(pattern, syntax, parsed.has('i')) {
            Ok(expression) => expressions.push(expression),
            Err(fault) => {
                call.complain(&fault);
                return 2;
            }
        }
    }
    let number = |letter| parsed.value(letter).and_then(|text| text.parse::<usize>().ok());
    let before = number('B').or(number('C')).unwrap_or(0);
    let after = number('A').or(number('C')).unwrap_or(0);
    let most = number('m').unwrap_or(usize::MAX);
    let is_word = |line: &[u8], start: usize, end: usize| {
        let letter = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        !letter(start.checked_sub(1).and_then(|at| line.get(at))) && !letter(line.get(end))
    };
    // Where a line matches.
    let found = |line: &[u8]| -> Vec<(usize, usize)> {
        let mut spans: Vec<(usize, usize)> = expressions
            .iter()
            .flat_map(|expression| expression.find_iter(line))
            .map(|found| (found.start(), found.end()))
            .filter(|(start, end)| !parsed.has('w') || is_word(line, *start, *end))
            .filter(|(start, end)| !parsed.has('x') || (*start == 0 && *end == line.len()))
            .collect();
        spans.sort_unstable();
        spans
    };
    let mut paths = rest.to_vec();
    if parsed.has('r') || parsed.has('R') {
        paths = below(call, if paths.is_empty() { vec![".".to_owned()] } else { paths });
    }
    let (inputs, fine) = call.inputs(&paths);
    let named = (inputs.len() > 1 || parsed.has('H') || parsed.has('r')) && !parsed.has('h');
    let mut any = false;
    for (path, content) in &inputs {
        let lines: Vec<&[u8]> = lines(content).map(chomp).collect();
        let matching: Vec<usize> =
            (0..lines.len()).filter(|at| found(lines[*at]).is_empty() == parsed.has('v')).take(most).collect();
        any |= !matching.is_empty();
        if parsed.has('q') {
            continue;
        }
        let mut out: Vec<u8> = Vec::new();
        let title = |sign: char| if named { format!("{path}{sign}") } else { String::new() };
        if parsed.has('l') {
            if !matching.is_empty() {
                out.extend_from_slice(format!("{path}\n").as_bytes());
            }
        } else if parsed.has('c') {
            out.extend_from_slice(format!("{}{}\n", title(':'), matching.len()).as_bytes());
        } else {
            let mut shown: Option<usize> = None;
            for &at in &matching {
                let from = at.saturating_sub(before).max(shown.map_or(0, |last| last + 1));
                let gap = shown.is_some_and(|last| from > last + 1) && before + after > 0;
                if gap && !parsed.has('o') {
                    out.extend_from_slice(b"--\n");
                }
                let end = if parsed.has('o') { at } else { (at + after).min(lines.len() - 1) };
                for number in if parsed.has('o') { at..=at } else { from..=end } {
                    // Lines of context are marked with a dash; the next match may be among them.
                    let sign = if matching.binary_search(&number).is_ok() { ':' } else { '-' };
                    let place = if parsed.has('n') { format!("{}{sign}", number + 1) } else { String::new() };
                    let head = format!("{}{place}", title(sign));
                    if parsed.has('o') {
                        for (start, end) in found(lines[number]).into_iter().filter(|(start, end)| start < end) {
                            out.extend_from_slice(head.as_bytes());
                            out.extend_from_slice(&lines[number][start..end]);
                            out.push(b'\n');
                        }
                        continue;
                    }
                    out.extend_from_slice(head.as_bytes());
                    out.extend_from_slice(lines[number]);
                    out.push(b'\n');
                }
                shown = shown.max(Some(end));
            }
        }
        call.write(&out);
    }
    match (any, fine) {
        (true, true) => 0,
        (_, false) => 2,
        (false, true) => 1,
    }
}

/// All files in and under these paths.
fn below(call: &Call<'_>, paths: Vec<String>) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = paths;
    open.reverse();
    while let Some(path) = open.pop() {
        match call.shell.files.list(&path) {
            Ok(names) => {
                let base = path.trim_end_matches('/');
                open.extend(names.into_iter().rev().map(|name| format!("{base}/{name}")));
            }
            Err(_) => found.push(path),
        }
    }
    found
}
