//! `cat`: files one after the other.

use super::{Call, Program, Run, args, lines};

pub(super) const CAT: Program =
    Program { name: "cat", summary: "shows files", usage: "[-n] [FILE]...", run: Run::Now(run) };

fn run(call: &mut Call<'_>) -> i32 {
    let parsed = match args::parse(call.args, "nuA", &[("number", 'n'), ("show-all", 'A')]) {
        Ok(parsed) => parsed,
        Err(fault) => return call.misused(&fault, 1),
    };
    let (inputs, fine) = call.inputs(&parsed.rest);
    let mut number = 0;
    for (_, content) in inputs {
        if !parsed.has('n') && !parsed.has('A') {
            call.write(&content);
            continue;
        }
        for line in lines(&content) {
            number += 1;
            let mut text = String::from_utf8_lossy(line).into_owned();
            if parsed.has('A') {
                text = text.replace('\t', "^I").replace('\n', "$\n");
            }
            call.print(&if parsed.has('n') { format!("{number:6}\t{text}") } else { text });
        }
    }
    i32::from(!fine)
}
