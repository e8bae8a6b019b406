//! `sort` and `uniq`: lines in order, and each once.

use std::cmp::Ordering;

use futures::FutureExt;
use futures::future::BoxFuture;

use super::{Call, Program, Run, args, chomp, lines};
use crate::base::Order as _;

pub(super) const SORT: Program = Program {
    name: "sort",
    summary: "sorts lines",
    usage: "[-r] [-n] [-u] [-f] [-k FIELD] [-t DELIM] [FILE]...",
    run: Run::Later(sort),
};

pub(super) const UNIQ: Program =
    Program { name: "uniq", summary: "drops repeated lines", usage: "[-c] [-d] [-u] [FILE]", run: Run::Later(uniq) };

fn sort<'a>(call: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    async move {
        let long = [("reverse", 'r'), ("numeric-sort", 'n'), ("unique", 'u'), ("ignore-case", 'f'), ("key", 'k')];
        let parsed = match args::parse(call.args, "rnufk:t:bV", &long) {
            Ok(parsed) => parsed,
            Err(fault) => return call.misused(&fault, 2),
        };
        let key = match parsed.value('k') {
            None => None,
            Some(text) => match text.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default().parse::<usize>() {
                Ok(field) if field > 0 => Some((field, !text.contains(','))),
                _ => {
                    call.complain(&format!("invalid number at field start: invalid count at start of '{text}'"));
                    return 2;
                }
            },
        };
        let numeric = parsed.has('n') || parsed.value('k').is_some_and(|key| key.contains('n'));
        let (inputs, fine) = call.inputs(&parsed.rest).await;
        let mut all: Vec<String> = Vec::new();
        for (_, content) in &inputs {
            all.extend(lines(content).map(|line| String::from_utf8_lossy(chomp(line)).into_owned()));
        }
        let part = |line: &str| {
            let text = match (key, parsed.value('t')) {
                (None, _) => line.to_owned(),
                (Some((field, to_end)), Some(delimiter)) => {
                    let fields = line.split(delimiter).skip(field - 1);
                    let count = if to_end { usize::MAX } else { 1 };
                    fields.take(count).collect::<Vec<_>>().join(delimiter)
                }
                (Some((field, to_end)), None) => {
                    let count = if to_end { usize::MAX } else { 1 };
                    line.split_whitespace().skip(field - 1).take(count).collect::<Vec<_>>().join(" ")
                }
            };
            if parsed.has('f') { text.to_uppercase() } else { text }
        };
        let compare = |a: &String, b: &String| match numeric {
            true => number(&part(a)).partial_cmp(&number(&part(b))).unwrap_or(Ordering::Equal),
            false => part(a).cmp(&part(b)),
        };
        // As GNU: equal keys are put in order by the whole line, unless only one of them is to stay.
        all.order_by(|a, b| {
            let order = compare(a, b);
            let order = if parsed.has('u') { order } else { order.then_with(|| a.cmp(b)) };
            if parsed.has('r') { order.reverse() } else { order }
        });
        if parsed.has('u') {
            all.dedup_by(|a, b| compare(a, b) == Ordering::Equal);
        }
        let text: String = all.into_iter().flat_map(|line| [line, "\n".to_owned()]).collect();
        call.print(&text);
        if fine { 0 } else { 2 }
    }
    .boxed()
}

/// The number a text begins with; nothing is zero.
fn number(text: &str) -> f64 {
    let text = text.trim_start();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '-').unwrap_or(text.len());
    text[..end].parse().unwrap_or(0.0)
}

fn uniq<'a>(call: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    async move {
        let parsed = match args::parse(call.args, "cdui", &[("count", 'c'), ("repeated", 'd'), ("unique", 'u')]) {
            Ok(parsed) => parsed,
            Err(fault) => return call.misused(&fault, 1),
        };
        let (sources, fine) = call.sources(&parsed.rest[..parsed.rest.len().min(1)]);
        let same = |a: &[u8], b: &[u8]| if parsed.has('i') { a.eq_ignore_ascii_case(b) } else { a == b };
        let show = |call: &mut Call<'_>, count: usize, line: &[u8]| {
            if (parsed.has('d') && count == 1) || (parsed.has('u') && count > 1) {
                return;
            }
            if parsed.has('c') {
                call.print(&format!("{count:7} "));
            }
            call.write(&[line, b"\n"].concat());
        };
        for (_, source) in sources {
            let mut run: Option<(usize, Vec<u8>)> = None;
            while let Some(raw) = source.line().await {
                let line = chomp(&raw);
                match &mut run {
                    Some((count, last)) if same(last, line) => *count += 1,
                    _ => {
                        if let Some((count, last)) = run.replace((1, line.to_vec())) {
                            show(call, count, &last);
                        }
                    }
                }
            }
            if let Some((count, last)) = run {
                show(call, count, &last);
            }
        }
        i32::from(!fine)
    }
    .boxed()
}
