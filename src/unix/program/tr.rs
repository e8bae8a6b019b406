//! `tr`: characters for other characters.

use futures::FutureExt;
use futures::future::BoxFuture;

use super::{Call, Program, Run, args};
use crate::unix::ansi;

pub(super) const TR: Program = Program {
    name: "tr",
    summary: "replaces or deletes characters",
    usage: "[-d] [-s] [-c] SET1 [SET2]",
    run: Run::Later(run),
};

fn run<'a>(call: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    async move {
        let long = [("delete", 'd'), ("squeeze-repeats", 's'), ("complement", 'c')];
        let parsed = match args::parse(call.args, "dscC", &long) {
            Ok(parsed) => parsed,
            Err(fault) => return call.misused(&fault, 1),
        };
        let (delete, squeeze) = (parsed.has('d'), parsed.has('s'));
        let (first, second) = match parsed.rest.as_slice() {
            [] => return call.misused("missing operand", 1),
            [first] if !delete && !squeeze => {
                return call.misused(
                    &format!("missing operand after ‘{first}’\nTwo strings must be given when translating."),
                    1,
                );
            }
            [first] => (set(first), Vec::new()),
            [first, second] => (set(first), set(second)),
            [_, _, extra, ..] => return call.misused(&format!("extra operand ‘{extra}’"), 1),
        };
        let complement = parsed.has('c') || parsed.has('C');
        let place = |c: char| match complement {
            true => (!first.contains(&c)).then_some(usize::MAX),
            false => first.iter().position(|known| *known == c),
        };
        let squeezed = if second.is_empty() { None } else { Some(&second) };
        let mut last = None;
        let source = call.stdin.clone();
        while let Some(raw) = source.line().await {
            let mut out = String::new();
            for c in String::from_utf8_lossy(&raw).chars() {
                let found = place(c);
                if delete && found.is_some() {
                    continue;
                }
                let new = match (found, second.last()) {
                    (Some(at), Some(end)) if !delete => *second.get(at).unwrap_or(end),
                    _ => c,
                };
                let listed = match squeezed {
                    Some(set) => set.contains(&new),
                    None => found.is_some(),
                };
                if squeeze && listed && last == Some(new) {
                    continue;
                }
                last = Some(new);
                out.push(new);
            }
            call.print(&out);
        }
        0
    }
    .boxed()
}

/// Whether a character belongs to a class.
type Class = fn(&char) -> bool;

/// `a-z`, `[:upper:]`, `\n` and plain characters.
fn set(text: &str) -> Vec<char> {
    let classes: [(&str, Class); 7] = [
        ("[:lower:]", char::is_ascii_lowercase),
        ("[:upper:]", char::is_ascii_uppercase),
        ("[:digit:]", char::is_ascii_digit),
        ("[:alpha:]", char::is_ascii_alphabetic),
        ("[:alnum:]", char::is_ascii_alphanumeric),
        ("[:space:]", |c| matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c')),
        ("[:punct:]", char::is_ascii_punctuation),
    ];
    let plain = ansi::unescape(text, ansi::Kind::Format).0;
    let mut chars = Vec::new();
    let mut rest = plain.as_str();
    while let Some(c) = rest.chars().next() {
        if let Some((name, belongs)) = classes.iter().find(|(name, _)| rest.starts_with(name)) {
            chars.extend((0u8..128).map(char::from).filter(belongs));
            rest = &rest[name.len()..];
            continue;
        }
        let after = &rest[c.len_utf8()..];
        let high = after.strip_prefix('-').and_then(|range| range.chars().next());
        match high {
            Some(high) if high >= c && u32::from(high) - u32::from(c) < 0x1000 => {
                chars.extend(c..=high);
                rest = &after[1 + high.len_utf8()..];
            }
            _ => {
                chars.push(c);
                rest = after;
            }
        }
    }
    chars
}
