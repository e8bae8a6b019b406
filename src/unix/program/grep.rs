//! `grep`: the lines that match.

use std::collections::VecDeque;
use std::io::Write;

use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;

use super::regexp::{self, Syntax};
use super::{Call, Program, Run, args, chomp};
use crate::base::Order as _;

pub(super) const GREP: Program = Program {
    name: "grep",
    summary: "shows the lines that match",
    usage: "[-ivcnoqEFwlhr] [-A N] [-B N] [-C N] [-m N] PATTERN [FILE]...",
    run: Run::Later(run),
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
    ("files-without-match", 'L'),
    ("line-regexp", 'x'),
    ("basic-regexp", 'G'),
    ("perl-regexp", 'P'),
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
    ("line-buffered", 'U'),
    ("text", 'a'),
];

fn run<'a>(call: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    async move {
        // `--color=auto` is in many people's fingers; nothing here is coloured.
        let given: Vec<String> = call.args.iter().filter(|arg| !arg.starts_with("--color")).cloned().collect();
        let parsed = match args::parse(&given, "ivcnoqEFGPwlLhHxsrRUaA:B:C:m:e:", LONG) {
            Ok(parsed) => parsed,
            Err(fault) => return call.misused(&fault, 2),
        };
        let mut rest = parsed.rest.as_slice();
        let patterns: Vec<&str> = match parsed.has('e') {
            true => {
                parsed.options.iter().filter(|(letter, _)| *letter == 'e').map(|(_, value)| value.as_str()).collect()
            }
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
            spans.order();
            spans
        };
        let mut paths = rest.to_vec();
        if parsed.has('r') || parsed.has('R') {
            paths = below(call, if paths.is_empty() { vec![".".to_owned()] } else { paths });
        }
        let (sources, fine) = match parsed.has('s') {
            true => call.found(&paths),
            false => call.sources(&paths),
        };
        let named = (paths.len() > 1 || parsed.has('H') || parsed.has('r') || parsed.has('R')) && !parsed.has('h');
        let mut any = false;
        for (path, source) in &sources {
            let path = if path == "-" { "(standard input)" } else { path };
            let title = |sign: char| if named { format!("{path}{sign}") } else { String::new() };
            let counts = parsed.has('c') || parsed.has('l') || parsed.has('L') || parsed.has('q');
            // The lines before, for context; how many lines after are still to be shown; the last line shown.
            let mut earlier: VecDeque<(usize, Bytes)> = VecDeque::new();
            let (mut left, mut shown, mut matches, mut number) = (0, 0, 0usize, 0usize);
            while let Some(raw) = source.line().await {
                if matches >= most && left == 0 {
                    break;
                }
                number += 1;
                let line = chomp(&raw);
                let spans = found(line);
                let matched = matches < most && spans.is_empty() == parsed.has('v');
                if matched {
                    matches += 1;
                    any = true;
                    if parsed.has('q') {
                        return 0;
                    }
                    if parsed.has('l') || parsed.has('L') {
                        break;
                    }
                }
                if counts {
                    continue;
                }
                // Lines of context are marked with a dash.
                let head = |number: usize, sign: char| match parsed.has('n') {
                    true => format!("{}{number}{sign}", title(sign)),
                    false => title(sign),
                };
                if !matched {
                    if left > 0 {
                        left -= 1;
                        shown = number;
                        call.write(&[head(number, '-').as_bytes(), line, b"\n"].concat());
                    } else if before > 0 {
                        earlier.push_back((number, raw.clone()));
                        if earlier.len() > before {
                            earlier.pop_front();
                        }
                    }
                    continue;
                }
                let from = earlier.front().map_or(number, |(number, _)| *number);
                if before + after > 0 && from > shown + 1 && shown > 0 {
                    call.print("--\n");
                }
                for (number, raw) in earlier.drain(..) {
                    call.write(&[head(number, '-').as_bytes(), chomp(&raw), b"\n"].concat());
                }
                shown = number;
                left = after;
                if parsed.has('o') {
                    for (start, end) in spans.into_iter().filter(|(start, end)| start < end && !parsed.has('v')) {
                        call.write(&[head(number, ':').as_bytes(), &line[start..end], b"\n"].concat());
                    }
                    continue;
                }
                call.write(&[head(number, ':').as_bytes(), line, b"\n"].concat());
            }
            if parsed.has('l') != parsed.has('L') {
                if (matches > 0) == parsed.has('l') {
                    call.print(&format!("{path}\n"));
                }
            } else if parsed.has('c') {
                call.print(&format!("{}{matches}\n", title(':')));
            }
        }
        match (any, fine) {
            (true, true) => 0,
            (_, false) => 2,
            (false, true) => 1,
        }
    }
    .boxed()
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
