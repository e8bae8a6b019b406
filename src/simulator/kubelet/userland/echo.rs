//! `echo`: says its arguments.

use futures::future::BoxFuture;

use super::{Process, Program};

/// The program.
pub struct Echo;

impl Program for Echo {
    fn names(&self) -> &'static [&'static str] {
        &["echo"]
    }

    fn run(&self, process: Process) -> BoxFuture<'static, i32> {
        Box::pin(async move {
            let mut words = process.arguments();
            let (mut newline, mut escapes) = (true, false);
            while let Some((first, rest)) = words.split_first() {
                let letters = first.strip_prefix('-').filter(|l| !l.is_empty() && l.chars().all(|c| "neE".contains(c)));
                let Some(letters) = letters else { break };
                newline &= !letters.contains('n');
                escapes |= letters.contains('e');
                words = rest;
            }
            let mut text = words.join(" ");
            if escapes {
                text = text.replace("\\n", "\n").replace("\\t", "\t").replace("\\\\", "\\");
            }
            if newline {
                text.push('\n');
            }
            process.print(text);
            0
        })
    }
}
