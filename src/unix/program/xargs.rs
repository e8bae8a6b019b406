//! `xargs`: words of standard input as arguments of a command.

use std::io::Write;

use futures::FutureExt;
use futures::future::BoxFuture;

use super::{Call, Program, Run, args};
use crate::unix::execute::Io;
use crate::unix::pipe::Source;

pub(super) const XARGS: Program = Program {
    name: "xargs",
    summary: "runs a command with words from its input",
    usage: "[-n COUNT] [-I WORD] [-d DELIM] [-r] [-t] [COMMAND [ARGUMENT]...]",
    run: Run::Later(run),
};

/// How many bytes of arguments one call gets.
const ARGUMENTS_LIMIT: usize = 128 << 10;

fn run<'a>(call: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    async move {
        // The command's own options are not xargs'.
        let mut own = 0;
        while let Some(arg) = call.args.get(own).filter(|arg| arg.starts_with('-')) {
            own += if matches!(arg.as_str(), "-n" | "-I" | "-d" | "-L" | "-P" | "-s") { 2 } else { 1 };
        }
        let own = own.min(call.args.len());
        let long = [("no-run-if-empty", 'r'), ("null", '0'), ("verbose", 't'), ("max-args", 'n'), ("delimiter", 'd')];
        let parsed = match args::parse(&call.args[..own], "n:I:d:L:P:s:rt0", &long) {
            Ok(parsed) => parsed,
            Err(fault) => return call.misused(&fault, 1),
        };
        let command: Vec<String> = match &call.args[own..] {
            [] => vec!["echo".to_owned()],
            words => words.to_vec(),
        };
        let Some(text) = call.stdin.all().await else {
            call.complain("more than this shell can keep");
            return 1;
        };
        let text = String::from_utf8_lossy(&text).into_owned();
        let place = parsed.value('I');
        let items = match (parsed.value('d'), place) {
            _ if parsed.has('0') => cut(&text, '\0'),
            (Some(delimiter), _) => {
                let plain = crate::unix::ansi::unescape(delimiter, crate::unix::ansi::Kind::Format).0;
                cut(&text, plain.chars().next().unwrap_or('\n'))
            }
            (None, Some(_)) => {
                text.lines().map(|line| line.trim_start().to_owned()).filter(|line| !line.is_empty()).collect()
            }
            (None, None) => match words(&text) {
                Ok(words) => words,
                Err(sign) => {
                    let kind = if sign == '"' { "double" } else { "single" };
                    call.complain(&format!(
                        "unmatched {kind} quote; by default quotes are special to xargs unless you use the -0 option"
                    ));
                    return 1;
                }
            },
        };
        let most = match (place, parsed.value('n').or(parsed.value('L')).map(str::parse::<usize>)) {
            (Some(_), _) => 1,
            (None, None) => usize::MAX,
            (None, Some(Ok(count))) if count > 0 => count,
            _ => return call.misused("value for -n option should be >= 1", 1),
        };
        let mut calls: Vec<Vec<String>> = Vec::new();
        let mut size = 0;
        for item in items {
            match (place, calls.last_mut()) {
                (Some(place), _) => calls.push(command.iter().map(|word| word.replace(place, &item)).collect()),
                (None, Some(last)) if last.len() - command.len() < most && size + item.len() < ARGUMENTS_LIMIT => {
                    size += item.len();
                    last.push(item);
                }
                (None, _) => {
                    size = item.len();
                    calls.push(command.iter().cloned().chain([item]).collect());
                }
            }
        }
        if calls.is_empty() && !parsed.has('r') && place.is_none() {
            calls.push(command);
        }
        let mut status = 0;
        for words in calls {
            let Some((name, rest)) = words.split_first() else { continue };
            if parsed.has('t') {
                let _ = writeln!(call.stderr, "{}", words.join(" "));
            }
            tokio::task::yield_now().await;
            if call.shell.machine.find(name).is_none() {
                call.complain(&format!("{name}: No such file or directory"));
                return 127;
            }
            let io =
                Io { stdin: Source::bytes(Vec::new()), stdout: call.stdout.within(), stderr: call.stderr.within() };
            match Box::pin(call.shell.launch(name, rest, &io)).await {
                0 => {}
                255 => return 124,
                126 | 127 => return 127,
                _ => status = 123,
            }
        }
        status
    }
    .boxed()
}

fn cut(text: &str, delimiter: char) -> Vec<String> {
    text.strip_suffix(delimiter)
        .unwrap_or(text)
        .split(delimiter)
        .map(str::to_owned)
        .filter(|item| !item.is_empty())
        .collect()
}

/// Words as xargs reads them: blanks part them, quotes and backslashes hold them together.
fn words(text: &str) -> Result<Vec<String>, char> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut letters = text.chars();
    while let Some(c) = letters.next() {
        match c {
            ' ' | '\t' | '\n' => words.extend(word.take()),
            '\\' => word.get_or_insert_default().extend(letters.next()),
            '\'' | '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match letters.next() {
                        Some(end) if end == c => break,
                        Some('\n') | None => return Err(c),
                        Some(plain) => word.push(plain),
                    }
                }
            }
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}
