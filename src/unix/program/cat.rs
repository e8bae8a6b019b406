//! `cat`: files one after the other.

use futures::FutureExt;
use futures::future::BoxFuture;

use super::{Call, Program, Run, args};

pub(super) const CAT: Program =
    Program { name: "cat", summary: "shows files", usage: "[-n] [FILE]...", run: Run::Later(run) };

fn run<'a>(call: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    async move {
        let long = [("number", 'n'), ("show-all", 'A'), ("number-nonblank", 'b'), ("squeeze-blank", 's')];
        let parsed = match args::parse(call.args, "nuAbs", &long) {
            Ok(parsed) => parsed,
            Err(fault) => return call.misused(&fault, 1),
        };
        let (sources, fine) = call.sources(&parsed.rest);
        let mut number = 0;
        let mut blank = false;
        for (_, source) in sources {
            if !['n', 'A', 'b', 's'].iter().any(|letter| parsed.has(*letter)) {
                while let Some(chunk) = source.chunk().await {
                    call.write(&chunk);
                }
                continue;
            }
            while let Some(line) = source.line().await {
                let empty = *line == *b"\n";
                if parsed.has('s') && empty && std::mem::replace(&mut blank, empty) {
                    continue;
                }
                blank = empty;
                let mut text = String::from_utf8_lossy(&line).into_owned();
                if parsed.has('A') {
                    text = text.replace('\t', "^I").replace('\r', "^M").replace('\n', "$\n");
                }
                if (parsed.has('n') && !parsed.has('b')) || (parsed.has('b') && !empty) {
                    number += 1;
                    text = format!("{number:6}\t{text}");
                }
                call.print(&text);
            }
        }
        i32::from(!fine)
    }
    .boxed()
}
