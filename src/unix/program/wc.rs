//! `wc`: how many lines, words and bytes.

use futures::FutureExt;
use futures::future::BoxFuture;

use super::{Call, Program, Run, args};

pub(super) const WC: Program = Program {
    name: "wc",
    summary: "counts lines, words and bytes",
    usage: "[-l] [-w] [-c] [-m] [FILE]...",
    run: Run::Later(run),
};

fn run<'a>(call: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    async move {
        let long = [("lines", 'l'), ("words", 'w'), ("bytes", 'c'), ("chars", 'm')];
        let parsed = match args::parse(call.args, "lwcm", &long) {
            Ok(parsed) => parsed,
            Err(fault) => return call.misused(&fault, 1),
        };
        let all = parsed.options.is_empty();
        let columns: Vec<char> = match all {
            true => vec!['l', 'w', 'c'],
            false => ['l', 'w', 'm', 'c'].into_iter().filter(|letter| parsed.has(*letter)).collect(),
        };
        let (inputs, fine) = call.inputs(&parsed.rest).await;
        let mut rows: Vec<(Vec<usize>, &str)> = Vec::new();
        for (path, content) in &inputs {
            let text = String::from_utf8_lossy(content);
            let count = |letter: &char| match letter {
                'l' => content.iter().filter(|byte| **byte == b'\n').count(),
                'w' => text.split_whitespace().count(),
                'm' => text.chars().count(),
                _ => content.len(),
            };
            rows.push((columns.iter().map(count).collect(), if parsed.rest.is_empty() { "" } else { path }));
        }
        if parsed.rest.len() > 1 {
            let sum = |column: usize| rows.iter().map(|(counts, _)| counts[column]).sum();
            rows.push(((0..columns.len()).map(sum).collect(), "total"));
        }
        // GNU's widths: as wide as the bytes need when all inputs are files, seven for standard input.
        let widest = rows.iter().flat_map(|(counts, _)| counts).max().copied().unwrap_or(0).to_string().len();
        let width = match (parsed.rest.is_empty(), rows.len() * columns.len()) {
            (_, 1) => 1,
            (true, _) => 7,
            (false, _) => inputs.iter().map(|(_, content)| content.len()).sum::<usize>().to_string().len().max(widest),
        };
        for (counts, name) in rows {
            let numbers: Vec<String> = counts.iter().map(|count| format!("{count:width$}")).collect();
            let name = if name.is_empty() { String::new() } else { format!(" {name}") };
            call.print(&format!("{}{name}\n", numbers.join(" ")));
        }
        i32::from(!fine)
    }
    .boxed()
}
