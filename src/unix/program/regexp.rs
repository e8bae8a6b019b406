//! POSIX regular expressions in the words of the `regex` crate, which never takes exponential time.

use regex::bytes::{Regex, RegexBuilder};

/// Basic (`grep`, `sed`) or extended (`-E`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::unix) enum Syntax {
    Basic,
    Extended,
    /// `grep -F`: nothing is special.
    Fixed,
}

/// Builds an expression. The error is for the learner.
pub(in crate::unix) fn build(pattern: &str, syntax: Syntax, ignore_case: bool) -> Result<Regex, String> {
    let text = match syntax {
        Syntax::Fixed => regex::escape(pattern),
        Syntax::Basic => translate(pattern, false),
        Syntax::Extended => translate(pattern, true),
    };
    RegexBuilder::new(&text).case_insensitive(ignore_case).size_limit(1 << 20).nest_limit(50).build().map_err(|error| {
        match error.to_string() {
            text if text.contains("unclosed group") => "Unmatched ( or \\(".to_owned(),
            text if text.contains("unopened group") => "Unmatched ) or \\)".to_owned(),
            text if text.contains("unclosed character class") => "Unmatched [, [^, [:, [., or [=".to_owned(),
            text if text.contains("repetition") => "Invalid preceding regular expression".to_owned(),
            _ => format!("invalid regular expression '{pattern}'"),
        }
    })
}

fn translate(pattern: &str, extended: bool) -> String {
    let mut out = String::new();
    let mut chars = pattern.chars().peekable();
    // Whether a star here would have nothing to repeat.
    let mut start = true;
    while let Some(c) = chars.next() {
        let was_start = std::mem::replace(&mut start, false);
        match c {
            '\\' => match chars.next() {
                // What is special in one syntax without a backslash is special in the other with it.
                Some(c @ ('(' | ')' | '{' | '}' | '|' | '+' | '?')) if !extended => {
                    start = matches!(c, '(' | '|');
                    out.push(c);
                }
                Some(c @ ('w' | 'W' | 's' | 'S' | 'b' | 'B' | 'd')) => out.extend(['\\', c]),
                Some('n') => out.push_str("\\n"),
                Some('t') => out.push_str("\\t"),
                Some('<') => out.push_str("\\b{start}"),
                Some('>') => out.push_str("\\b{end}"),
                Some(c) => out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
                None => out.push_str("\\\\"),
            },
            '[' => bracket(&mut chars, &mut out),
            '(' | ')' | '{' | '}' | '|' | '+' | '?' if !extended => out.extend(['\\', c]),
            '*' if was_start => out.push_str("\\*"),
            '^' if !extended && !was_start => out.push_str("\\^"),
            '$' if !extended && chars.peek().is_some_and(|next| *next != '\\') => out.push_str("\\$"),
            '^' | '(' | '|' => {
                start = true;
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// A bracket expression: a backslash is plain in it, and nothing is special but ranges and classes.
fn bracket(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String) {
    out.push('[');
    if chars.next_if_eq(&'^').is_some() {
        out.push('^');
    }
    let mut first = true;
    while let Some(c) = chars.next() {
        match c {
            ']' if !first => {
                out.push(']');
                return;
            }
            '[' if chars.peek() == Some(&':') => {
                out.push('[');
                for c in chars.by_ref() {
                    out.push(c);
                    if c == ']' {
                        break;
                    }
                }
            }
            '[' | ']' | '\\' | '&' | '~' | '^' => out.extend(['\\', c]),
            '-' if first || chars.peek() == Some(&']') => out.push_str("\\-"),
            c => out.push(c),
        }
        first = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_syntaxes() {
        for (pattern, syntax, text, want) in [
            ("a+b", Syntax::Basic, "a+b", true),
            ("a\\+b", Syntax::Basic, "aab", true),
            ("a+b", Syntax::Extended, "aab", true),
            ("\\(x\\|y\\)z", Syntax::Basic, "yz", true),
            ("(x|y)z", Syntax::Extended, "yz", true),
            ("^*a", Syntax::Basic, "*a", true),
            ("[[:digit:]]\\{2\\}", Syntax::Basic, "a12", true),
            ("[^]a]", Syntax::Basic, "]a", false),
            ("[a\\]", Syntax::Basic, "\\", true),
            ("a.c", Syntax::Fixed, "abc", false),
            ("cost$5", Syntax::Basic, "cost$5", true),
            ("end$", Syntax::Basic, "the end", true),
        ] {
            let found = build(pattern, syntax, false).unwrap().is_match(text.as_bytes());
            assert_eq!(found, want, "{pattern} {text}");
        }
        assert!(build("(", Syntax::Extended, false).is_err());
        assert!(build("a{9999}{9999}", Syntax::Extended, false).is_err());
    }
}
