//! `wc`: counts lines, words and bytes.

use futures::future::BoxFuture;

use super::{Process, Program, options};

/// The program.
pub struct Wc;

impl Program for Wc {
    fn names(&self) -> &'static [&'static str] {
        &["wc"]
    }

    fn run(&self, process: Process) -> BoxFuture<'static, i32> {
        Box::pin(async move {
            let (letters, files) = options(process.arguments());
            let mut code = 0;
            if files.is_empty() {
                let input = process.stdin.read_to_end().await;
                process.print(format!("{}\n", counts(&input, &letters)));
            }
            for file in files {
                match process.read(file) {
                    Ok(bytes) => process.print(format!("{} {file}\n", counts(&bytes, &letters))),
                    Err(error) => code = process.complain(format_args!("{file}: {error}")),
                }
            }
            code
        })
    }
}

fn counts(bytes: &[u8], letters: &str) -> String {
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
    let words = String::from_utf8_lossy(bytes).split_whitespace().count();
    let all = [('l', lines), ('w', words), ('c', bytes.len())];
    let chosen: Vec<usize> =
        all.iter().filter(|(letter, _)| letters.is_empty() || letters.contains(*letter)).map(|(_, n)| *n).collect();
    match chosen.as_slice() {
        [one] => one.to_string(),
        many => many.iter().map(|n| format!("{n:9}")).collect::<Vec<_>>().join(" "),
    }
}
