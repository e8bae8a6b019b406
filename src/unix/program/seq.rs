//! `seq` and `yes`: numbers in a row, and a word without end.

use futures::FutureExt;
use futures::future::BoxFuture;

use super::{Call, Program, Run};
use crate::unix::ansi;

pub(super) const SEQ: Program =
    Program { name: "seq", summary: "counts", usage: "[-w] [-s SEPARATOR] [FIRST [STEP]] LAST", run: Run::Later(seq) };
pub(super) const YES: Program =
    Program { name: "yes", summary: "says y until it is ended", usage: "[TEXT]...", run: Run::Later(yes) };

/// How much is written before others have their turn.
const TURN: usize = 8 << 10;

fn seq<'a>(call: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    async move {
        let (mut separator, mut wide) = ("\n".to_owned(), false);
        let mut numbers: Vec<&String> = Vec::new();
        let mut args = call.args.iter();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "-s" | "--separator" => separator = args.next().cloned().unwrap_or_default(),
                "-w" | "--equal-width" => wide = true,
                arg if arg.starts_with("-s") => separator = arg[2..].to_owned(),
                _ => numbers.push(arg),
            }
        }
        separator = ansi::unescape(&separator, ansi::Kind::Format).0;
        let mut values = Vec::new();
        for text in &numbers {
            match text.parse::<f64>() {
                Ok(value) if value.is_finite() => values.push(value),
                _ => return call.misused(&format!("invalid floating point argument: ‘{text}’"), 1),
            }
        }
        let (first, step, last) = match values.as_slice() {
            [] => return call.misused("missing operand", 1),
            [last] => (1.0, 1.0, *last),
            [first, last] => (*first, 1.0, *last),
            [first, step, last] => (*first, *step, *last),
            _ => return call.misused(&format!("extra operand ‘{}’", numbers[3]), 1),
        };
        if step == 0.0 {
            return call.misused(&format!("invalid Zero increment value: ‘{}’", numbers[1]), 1);
        }
        let places = |text: &&&String| text.split_once('.').map_or(0, |(_, digits)| digits.len());
        let given = if numbers.len() == 3 { 2 } else { 1 };
        let precision = numbers.iter().take(given.min(numbers.len())).map(|text| places(&text)).max().unwrap_or(0);
        let precision = if numbers.len() == 1 { 0 } else { precision };
        let shown = |value: f64| format!("{value:.precision$}");
        let width = if wide { shown(first).len().max(shown(last).len()) } else { 0 };
        let (mut out, mut count) = (String::new(), 0u64);
        loop {
            let value = first + step * count as f64;
            if (step > 0.0 && value > last + step * 1e-9) || (step < 0.0 && value < last + step * 1e-9) {
                break;
            }
            if count > 0 {
                out.push_str(&separator);
            }
            out.push_str(&format!("{value:0width$.precision$}"));
            count += 1;
            if out.len() > TURN {
                call.print(&std::mem::take(&mut out));
                tokio::task::yield_now().await;
            }
        }
        if count > 0 {
            out.push('\n');
        }
        call.print(&out);
        0
    }
    .boxed()
}

fn yes<'a>(call: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    async move {
        let line = if call.args.is_empty() { "y".to_owned() } else { call.args.join(" ") } + "\n";
        let many = line.repeat((TURN / line.len()).clamp(1, 64));
        loop {
            call.print(&many);
            tokio::task::yield_now().await;
        }
    }
    .boxed()
}
