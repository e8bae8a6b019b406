//! `echo`, as bash's own.

use super::{Call, Program, Run};
use crate::unix::ansi;

pub(super) const ECHO: Program =
    Program { name: "echo", summary: "shows its arguments", usage: "[-n] [-e] [TEXT]...", run: Run::Now(run) };

fn run(call: &mut Call<'_>) -> i32 {
    let (mut newline, mut escapes) = (true, false);
    let mut args = call.args;
    while let Some((first, rest)) = args.split_first() {
        let letters = first.strip_prefix('-').filter(|letters| !letters.is_empty());
        let Some(letters) = letters.filter(|letters| letters.chars().all(|c| matches!(c, 'n' | 'e' | 'E'))) else {
            break;
        };
        for letter in letters.chars() {
            match letter {
                'n' => newline = false,
                'e' => escapes = true,
                _ => escapes = false,
            }
        }
        args = rest;
    }
    let mut text = args.join(" ");
    if escapes {
        let (plain, ended) = ansi::unescape(&text, ansi::Kind::Echo);
        text = plain;
        newline &= !ended;
    }
    if newline {
        text.push('\n');
    }
    call.print(&text);
    0
}
