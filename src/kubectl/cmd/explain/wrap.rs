//! Lines of a description, broken at a width. Upstream: kubectl/pkg/explain/formatter.go, and github.com/mitchellh/go-wordwrap.

/// The text with lines broken at a width and all else as it was: spaces within a line, and the lines there were.
pub fn keep(text: &str, width: usize) -> String {
    let mut out = String::new();
    // What stands before the word that is being read, and the word; and how far the line in `out` has come.
    let (mut space, mut word, mut at) = (String::new(), String::new(), 0);
    let settle = |out: &mut String, space: &mut String, word: &mut String, at: &mut usize| {
        *at += space.chars().count() + word.chars().count();
        out.push_str(&std::mem::take(space));
        out.push_str(&std::mem::take(word));
    };
    for letter in text.chars() {
        if letter == '\n' {
            if word.is_empty() && at + space.chars().count() > width {
                space.clear();
            }
            settle(&mut out, &mut space, &mut word, &mut at);
            out.push('\n');
            at = 0;
        } else if letter.is_whitespace() && letter != '\u{a0}' {
            if space.is_empty() || !word.is_empty() {
                settle(&mut out, &mut space, &mut word, &mut at);
            }
            space.push(letter);
        } else {
            word.push(letter);
            let length = word.chars().count();
            if at + space.chars().count() + length > width && length < width {
                out.push('\n');
                at = 0;
                space.clear();
            }
        }
    }
    if !word.is_empty() || at + space.chars().count() <= width {
        settle(&mut out, &mut space, &mut word, &mut at);
    }
    out
}

/// The description's lines. Lists, code and empty lines keep their place; everything else flows.
pub fn lines(text: &str, width: usize) -> Vec<String> {
    let mut wrapped: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut last = "";
    for source in text.split('\n') {
        if source.starts_with("    ") {
            flush(&mut line, &mut wrapped, &mut last);
            wrapped.push(source.to_owned());
            continue;
        }
        if !wrapped.is_empty() && source.trim().is_empty() {
            flush(&mut line, &mut wrapped, &mut last);
            wrapped.push(String::new());
            continue;
        }
        if last.ends_with(':') || source.trim().is_empty() || is_bullet(source.trim()) {
            flush(&mut line, &mut wrapped, &mut last);
        }
        for word in source.split_whitespace() {
            if !line.is_empty() && line.len() + 1 + word.len() > width {
                flush(&mut line, &mut wrapped, &mut last);
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
            last = word;
        }
    }
    flush(&mut line, &mut wrapped, &mut last);
    wrapped
}

fn flush(line: &mut String, wrapped: &mut Vec<String>, last: &mut &str) {
    if !line.is_empty() {
        *last = "";
        wrapped.push(std::mem::take(line));
    }
}

/// `- word`, `* word`, `1. word`, `1 word`
fn is_bullet(line: &str) -> bool {
    let Some((mark, _)) = line.split_once(char::is_whitespace) else { return false };
    let digits = mark.strip_suffix('.').unwrap_or(mark);
    matches!(mark, "-" | "*") || (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Every line with so many spaces before it.
pub fn indent(text: &str, by: usize) -> String {
    let pad = " ".repeat(by);
    format!("{pad}{}", text.replace('\n', &format!("\n{pad}")))
}

#[cfg(test)]
mod tests {
    use super::{keep, lines};

    #[test]
    fn what_is_kept() {
        let rows = [
            ("one two three four", "one two\nthree four"),
            ("one  two", "one  two"),
            ("one\n - two three", "one\n - two\nthree"),
            ("one\n", "one\n"),
            ("a-very-long-word-indeed one", "a-very-long-word-indeed\none"),
            ("", ""),
        ];
        for (text, expected) in rows {
            assert_eq!(keep(text, 10), expected, "{text:?}");
        }
    }

    #[test]
    fn what_flows_and_what_stays() {
        let rows: &[(&str, &[&str])] = &[
            ("one two three four", &["one two", "three four"]),
            ("one\ntwo", &["one two"]),
            ("one two\n\nthree", &["one two", "three"]),
            ("one\n\ntwo", &["one", "two"]),
            ("one:\ntwo", &["one:", "two"]),
            ("one\n- two\n2. three", &["one", "- two", "2. three"]),
            ("one\n    code  as it is", &["one", "    code  as it is"]),
            ("a-very-long-word-indeed one", &["a-very-long-word-indeed", "one"]),
            ("", &[]),
        ];
        for (text, expected) in rows {
            assert_eq!(lines(text, 10), *expected, "{text:?}");
        }
    }
}
