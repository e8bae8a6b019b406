//! `head` and `tail`: the first or last lines or bytes.

use futures::future::BoxFuture;

use super::{Process, Program};

/// The program.
pub struct Head;

impl Program for Head {
    fn names(&self) -> &'static [&'static str] {
        &["head", "tail"]
    }

    fn run(&self, process: Process) -> BoxFuture<'static, i32> {
        Box::pin(async move {
            let (mut count, mut in_bytes, mut files) = (10, false, Vec::new());
            let mut words = process.arguments().iter();
            while let Some(word) = words.next() {
                let Some(option) = word.strip_prefix('-').filter(|option| !option.is_empty()) else {
                    files.push(word.as_str());
                    continue;
                };
                let number = option.trim_start_matches(['n', 'c']);
                in_bytes |= option.starts_with('c');
                let number = if number.is_empty() { words.next().map_or("", String::as_str) } else { number };
                match number.parse::<usize>() {
                    Ok(number) => count = number,
                    Err(_) => return process.complain(format_args!("invalid number '{number}'")),
                }
            }
            let mut input = Vec::new();
            if files.is_empty() {
                input = process.stdin.read_to_end().await;
            }
            for file in files {
                match process.read(file) {
                    Ok(bytes) => input.extend_from_slice(&bytes),
                    Err(error) => return process.complain(format_args!("{file}: {error}")),
                }
            }
            let from_end = process.name() == "tail";
            let chosen: Vec<u8> = if in_bytes {
                let count = count.min(input.len());
                if from_end { input[input.len() - count..].to_vec() } else { input[..count].to_vec() }
            } else {
                let lines: Vec<&[u8]> = input.split_inclusive(|byte| *byte == b'\n').collect();
                let count = count.min(lines.len());
                if from_end { lines[lines.len() - count..].concat() } else { lines[..count].concat() }
            };
            process.print(chosen);
            0
        })
    }
}
