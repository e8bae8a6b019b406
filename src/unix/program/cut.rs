//! `cut`: chosen fields or characters of each line.

use futures::FutureExt;
use futures::future::BoxFuture;

use super::{Call, Program, Run, args, chomp};

pub(super) const CUT: Program = Program {
    name: "cut",
    summary: "picks fields or characters of each line",
    usage: "-f LIST [-d DELIM] [-s] | -c LIST [FILE]...",
    run: Run::Later(run),
};

fn run<'a>(call: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    async move {
        let long = [("fields", 'f'), ("delimiter", 'd'), ("characters", 'c'), ("only-delimited", 's')];
        let parsed = match args::parse(call.args, "f:d:c:b:s", &long) {
            Ok(parsed) => parsed,
            Err(fault) => return call.misused(&fault, 1),
        };
        let by_field = parsed.value('f').is_some();
        let Some(list) = parsed.value('f').or(parsed.value('c')).or(parsed.value('b')) else {
            return call.misused("you must specify a list of bytes, characters, or fields", 1);
        };
        let Some(ranges) = ranges(list) else {
            let what = if by_field { "field" } else { "byte or character" };
            return match list
                .split([',', '-'])
                .any(|number| number.trim_start_matches('0').is_empty() && number.contains('0'))
            {
                true if by_field => call.misused("fields are numbered from 1", 1),
                true => call.misused("byte/character positions are numbered from 1", 1),
                false => call.misused(&format!("invalid {what} range"), 1),
            };
        };
        let delimiter = parsed.value('d').unwrap_or("\t");
        if delimiter.chars().count() != 1 {
            return call.misused("the delimiter must be a single character", 1);
        }
        let chosen = |number: usize| ranges.iter().any(|(low, high)| (*low..=*high).contains(&number));
        let (sources, fine) = call.sources(&parsed.rest);
        for (_, source) in sources {
            while let Some(raw) = source.line().await {
                let line = String::from_utf8_lossy(chomp(&raw));
                let mut out = String::new();
                if !by_field {
                    out.extend(line.chars().enumerate().filter(|(at, _)| chosen(at + 1)).map(|(_, c)| c));
                } else if line.contains(delimiter) {
                    let fields = line.split(delimiter).enumerate().filter(|(at, _)| chosen(at + 1));
                    out.push_str(&fields.map(|(_, field)| field).collect::<Vec<_>>().join(delimiter));
                } else if parsed.has('s') {
                    continue;
                } else {
                    out.push_str(&line);
                }
                out.push('\n');
                call.print(&out);
            }
        }
        i32::from(!fine)
    }
    .boxed()
}

/// `1,3-5,7-` as pairs of first and last.
fn ranges(list: &str) -> Option<Vec<(usize, usize)>> {
    let number = |text: &str| text.parse::<usize>().ok().filter(|n| *n > 0);
    list.split(',')
        .map(|part| match part.split_once('-') {
            None => number(part).map(|n| (n, n)),
            Some(("", "")) => None,
            Some(("", high)) => Some((1, number(high)?)),
            Some((low, "")) => Some((number(low)?, usize::MAX)),
            Some((low, high)) => Some((number(low)?, number(high)?)),
        })
        .collect()
}
