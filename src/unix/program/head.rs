//! `head` and `tail`: the first and the last lines.

use std::collections::VecDeque;

use futures::FutureExt;
use futures::future::BoxFuture;

use super::{Call, Program, Run, args, lines};
use crate::unix::pipe::Source;

pub(super) const HEAD: Program = Program {
    name: "head",
    summary: "shows the first lines",
    usage: "[-n LINES] [-c BYTES] [FILE]...",
    run: Run::Later(|call| run(call, true)),
};

pub(super) const TAIL: Program = Program {
    name: "tail",
    summary: "shows the last lines",
    usage: "[-n LINES] [-c BYTES] [FILE]...",
    run: Run::Later(|call| run(call, false)),
};

fn run<'a>(call: &'a mut Call<'_>, head: bool) -> BoxFuture<'a, i32> {
    async move {
        // `-5` is the old way to write `-n 5`, `+5` that to write `-n +5`.
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let modern = |arg: &String| match arg.strip_prefix('-') {
            Some(number) if digits(number) => format!("-n{number}"),
            _ if !head && arg.strip_prefix('+').is_some_and(digits) => format!("-n{arg}"),
            _ => arg.clone(),
        };
        let mut follows_value = false;
        let mut given: Vec<String> = Vec::new();
        for arg in call.args {
            given.push(if follows_value { arg.clone() } else { modern(arg) });
            follows_value = matches!(arg.as_str(), "-n" | "-c" | "--lines" | "--bytes");
        }
        let long = [
            ("lines", 'n'),
            ("bytes", 'c'),
            ("quiet", 'q'),
            ("silent", 'q'),
            ("verbose", 'v'),
            ("follow", 'f'),
            ("retry", 'F'),
        ];
        let parsed = match args::parse(&given, if head { "n:c:qv" } else { "n:c:qvfF" }, &long) {
            Ok(parsed) => parsed,
            Err(fault) => return call.misused(&fault, 1),
        };
        if parsed.has('f') || parsed.has('F') {
            call.complain(
                "no file grows by itself here, so -f would wait for ever; kubectl logs -f follows a container",
            );
            return 1;
        }
        let bytes = parsed.has('c');
        let text = parsed.value('c').or(parsed.value('n')).unwrap_or("10");
        let Some(count) = count(text) else {
            let what = if bytes { "bytes" } else { "lines" };
            call.complain(&format!("invalid number of {what}: ‘{text}’"));
            return 1;
        };
        let named = (parsed.rest.len() > 1 || parsed.has('v')) && !parsed.has('q');
        let (sources, fine) = call.sources(&parsed.rest);
        for (number, (path, source)) in sources.iter().enumerate() {
            if named {
                let gap = if number > 0 { "\n" } else { "" };
                let path = if path == "-" { "standard input" } else { path };
                call.print(&format!("{gap}==> {path} <==\n"));
            }
            match (head, text.as_bytes().first()) {
                (true, Some(b'-')) => all_but(call, source, count, bytes).await,
                (true, _) => first(call, source, count, bytes).await,
                (false, Some(b'+')) => from(call, source, count.saturating_sub(1), bytes).await,
                (false, _) => last(call, source, count, bytes).await,
            }
        }
        i32::from(!fine)
    }
    .boxed()
}

/// `5`, `-5`, `+5`, `2K`.
fn count(text: &str) -> Option<usize> {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (number, unit) = match text.strip_suffix("kB").map(|n| (n, 1000)) {
        Some(found) => found,
        None => match text.char_indices().next_back()? {
            (at, 'b') => (&text[..at], 512),
            (at, 'k' | 'K') => (&text[..at], 1 << 10),
            (at, 'm' | 'M') => (&text[..at], 1 << 20),
            _ => (text, 1),
        },
    };
    if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(number.parse::<usize>().unwrap_or(usize::MAX).saturating_mul(unit))
}

async fn first(call: &mut Call<'_>, source: &Source, mut count: usize, bytes: bool) {
    while count > 0 {
        let next = if bytes { source.chunk().await } else { source.line().await };
        let Some(next) = next else { break };
        let taken = if bytes { next.len().min(count) } else { next.len() };
        call.write(&next[..taken]);
        count -= if bytes { taken } else { 1 };
    }
}

async fn all_but(call: &mut Call<'_>, source: &Source, count: usize, bytes: bool) {
    let all = source.all().await.unwrap_or_default();
    let end = match bytes {
        true => all.len().saturating_sub(count),
        false => {
            let starts: Vec<&[u8]> = lines(&all).collect();
            starts.iter().take(starts.len().saturating_sub(count)).map(|line| line.len()).sum()
        }
    };
    call.write(&all[..end]);
}

async fn from(call: &mut Call<'_>, source: &Source, mut skipped: usize, bytes: bool) {
    while let Some(next) = if bytes { source.chunk().await } else { source.line().await } {
        let cut = match (bytes, skipped) {
            (true, _) => next.len().min(skipped),
            (false, 0) => 0,
            (false, _) => next.len(),
        };
        skipped -= if bytes { cut } else { usize::from(cut > 0) };
        call.write(&next[cut..]);
    }
}

async fn last(call: &mut Call<'_>, source: &Source, count: usize, bytes: bool) {
    if bytes {
        let mut kept = VecDeque::new();
        while let Some(chunk) = source.chunk().await {
            kept.extend(&chunk);
            let extra = kept.len().saturating_sub(count);
            kept.drain(..extra);
        }
        call.write(kept.make_contiguous());
        return;
    }
    let mut kept = VecDeque::new();
    let mut size = 0usize;
    while let Some(line) = source.line().await {
        size += line.len();
        kept.push_back(line);
        // What cannot be kept is not shown either.
        while kept.len() > count || size > 8 << 20 {
            size -= kept.pop_front().map_or(size, |line| line.len());
        }
    }
    for line in kept {
        call.write(&line);
    }
}
