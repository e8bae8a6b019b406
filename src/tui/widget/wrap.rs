//! Long text over several rows: at words for reading, at the edge for terminal output.

use std::borrow::Cow;

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How many terminal cells a text takes.
pub fn cells(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// The text cut to `width` cells; `…` stands for what is left out.
pub fn cut(text: &str, width: usize) -> Cow<'_, str> {
    if cells(text) <= width {
        return Cow::Borrowed(text);
    }
    let (mut out, mut used) = (String::new(), 0);
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used >= width {
            break;
        }
        out.push(c);
    }
    if width > 0 {
        out.push('…');
    }
    Cow::Owned(out)
}

/// The text cut to `width` cells, where `…` stands for its middle: beginning and end of a name tell it from others.
pub fn cut_middle(text: &str, width: usize) -> Cow<'_, str> {
    if cells(text) <= width {
        return Cow::Borrowed(text);
    }
    let Some(rest) = width.checked_sub(1) else { return Cow::Borrowed("") };
    // What has no width of its own belongs to the sign before it.
    let fits = |signs: &mut dyn Iterator<Item = (usize, char)>, room: usize| {
        let mut used = 0;
        signs
            .take_while(|(_, c)| {
                used += c.width().unwrap_or(0);
                used <= room
            })
            .last()
            .map(|(at, c)| (at, at + c.len_utf8()))
    };
    let head = fits(&mut text.char_indices(), rest - rest / 2).map_or("", |(_, end)| &text[..end]);
    let tail = fits(&mut text.char_indices().rev(), rest / 2).map_or("", |(from, _)| &text[from..]);
    let tail = tail.trim_start_matches(|c: char| c.width().unwrap_or(0) == 0);
    Cow::Owned(format!("{head}…{tail}"))
}

/// Cuts a line of output into rows of `width` cells, wherever that falls. An empty line is one row.
pub fn hard_wrap(line: &str, width: usize) -> Vec<&str> {
    let width = width.max(1);
    if line.is_ascii() {
        if line.len() <= width {
            return vec![line];
        }
        return (0..line.len()).step_by(width).map(|at| &line[at..(at + width).min(line.len())]).collect();
    }
    let (mut rows, mut start, mut used) = (Vec::new(), 0, 0);
    for (at, c) in line.char_indices() {
        let wide = c.width().unwrap_or(0);
        if used + wide > width && used > 0 {
            rows.push(&line[start..at]);
            (start, used) = (at, 0);
        }
        used += wide;
    }
    rows.push(&line[start..]);
    rows
}

/// Cuts a sentence into rows of at most `width` cells, at spaces where it can.
pub fn soft_wrap(line: &str, width: usize) -> Vec<&str> {
    let (mut rows, mut rest) = (Vec::new(), line);
    while cells(rest) > width {
        let Some(row) = hard_wrap(rest, width).first().copied() else { break };
        // The space that ends a row is not drawn; spaces at the beginning of the line are no place to cut.
        let cut = match row.rfind(' ') {
            Some(space) if !row[..space].trim().is_empty() && !rest[row.len()..].starts_with(' ') => space,
            _ => row.len(),
        };
        rows.push(&rest[..cut]);
        rest = rest[cut..].strip_prefix(' ').unwrap_or(&rest[cut..]);
    }
    if rows.is_empty() || !rest.is_empty() {
        rows.push(rest);
    }
    rows
}

/// How many rows [`hard_wrap`] makes.
pub fn row_count(line: &str, width: usize) -> usize {
    if line.is_ascii() { line.len().div_ceil(width.max(1)).max(1) } else { hard_wrap(line, width).len() }
}

/// Wraps one style of text at words.
pub fn wrap_plain(text: &str, style: Style, width: usize, indent: usize) -> Vec<Line<'static>> {
    wrap_spans(&[Span::styled(text.to_owned(), style)], width, &[], indent)
}

/// Wraps styled text at words. `first` stands before the first row, `indent` spaces before the others.
pub fn wrap_spans(spans: &[Span<'static>], width: usize, first: &[Span<'static>], indent: usize) -> Vec<Line<'static>> {
    let width = width.max(1);
    let indent = if indent + 8 > width { 0 } else { indent };
    let mut rows = Vec::new();
    let mut row = first.to_vec();
    let mut used: usize = first.iter().map(|span| cells(&span.content)).sum();
    let mut empty = true;
    for word in words(spans) {
        let wide: usize = word.iter().map(|piece| cells(&piece.content)).sum();
        if !empty && used + 1 + wide > width {
            rows.push(Line::from(std::mem::replace(&mut row, vec![Span::raw(" ".repeat(indent))])));
            (used, empty) = (indent, true);
        }
        if !empty {
            // The space between two pieces of one style keeps it, so that underlines and backgrounds do not break.
            let style = match (row.last(), word.first()) {
                (Some(before), Some(after)) if before.style == after.style => before.style,
                _ => Style::new(),
            };
            row.push(Span::styled(" ", style));
            used += 1;
        }
        // What has no room in a row is a path, mostly: it is cut after a slash, where that helps.
        let is_long = wide > width.saturating_sub(indent);
        for piece in word {
            let parts = piece.content.split_inclusive(|c| is_long && c == '/');
            for part in parts {
                let fits = cells(part) <= width.saturating_sub(indent);
                if is_long && fits && used + cells(part) > width && used > indent {
                    rows.push(Line::from(std::mem::replace(&mut row, vec![Span::raw(" ".repeat(indent))])));
                    used = indent;
                }
                for c in part.chars() {
                    let wide = c.width().unwrap_or(0);
                    if used + wide > width && used > indent {
                        rows.push(Line::from(std::mem::replace(&mut row, vec![Span::raw(" ".repeat(indent))])));
                        used = indent;
                    }
                    match row.last_mut() {
                        Some(last) if last.style == piece.style => last.content.to_mut().push(c),
                        _ => row.push(Span::styled(c.to_string(), piece.style)),
                    }
                    used += wide;
                }
            }
        }
        empty = false;
    }
    rows.push(Line::from(row));
    rows
}

/// The words of a styled text; a word may change its style within.
fn words(spans: &[Span<'static>]) -> Vec<Vec<Span<'static>>> {
    let mut words: Vec<Vec<Span<'static>>> = Vec::new();
    let mut open = false;
    for span in spans {
        for (index, part) in span.content.split([' ', '\n', '\t']).enumerate() {
            if index > 0 {
                open = false;
            }
            if part.is_empty() {
                continue;
            }
            let piece = Span::styled(part.to_owned(), span.style);
            match words.last_mut() {
                Some(word) if open => word.push(piece),
                _ => words.push(vec![piece]),
            }
            open = true;
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{cut, cut_middle, hard_wrap, row_count, soft_wrap, wrap_plain};
    use ratatui::style::Style;

    #[test]
    fn output_is_cut_at_the_edge() {
        let rows: &[(&str, usize, &[&str])] = &[
            ("", 4, &[""]),
            ("abcd", 4, &["abcd"]),
            ("abcdef", 4, &["abcd", "ef"]),
            ("日本語", 4, &["日本", "語"]),
            ("日本", 1, &["日", "本"]),
        ];
        for (line, width, want) in rows {
            assert_eq!(hard_wrap(line, *width), *want, "{line} at {width}");
            assert_eq!(row_count(line, *width), want.len(), "{line} at {width}");
        }
    }

    #[test]
    fn sentences_are_cut_at_spaces() {
        let rows: &[(&str, usize, &[&str])] = &[
            ("", 4, &[""]),
            ("one two", 7, &["one two"]),
            ("one two", 6, &["one", "two"]),
            ("one two", 3, &["one", "two"]),
            ("abcdef gh", 4, &["abcd", "ef", "gh"]),
            ("  lesson: x", 9, &["  lesson:", "x"]),
            ("日本 語", 5, &["日本", "語"]),
            ("日本", 1, &["日", "本"]),
        ];
        for (line, width, want) in rows {
            assert_eq!(soft_wrap(line, *width), *want, "{line} at {width}");
        }
    }

    #[test]
    fn text_is_wrapped_at_words() {
        let wrapped = |text, width, indent| -> Vec<String> {
            wrap_plain(text, Style::new(), width, indent).iter().map(ToString::to_string).collect()
        };
        assert_eq!(wrapped("one two three", 8, 0), ["one two", "three"]);
        assert_eq!(wrapped("one two three", 10, 2), ["one two", "  three"]);
        assert_eq!(wrapped("abcdefghij", 4, 0), ["abcd", "efgh", "ij"]);
        assert_eq!(wrapped("ls /var/run/secrets", 9, 0), ["ls", "/var/run/", "secrets"]);
        assert_eq!(wrapped("ls /var/run", 9, 0), ["ls", "/var/run"]);
        assert_eq!(wrapped("", 4, 0), [""]);
    }

    #[test]
    fn what_does_not_fit_is_cut() {
        assert_eq!(cut("kubectl", 7), "kubectl");
        assert_eq!(cut("kubectl", 5), "kube…");
        assert_eq!(cut("kubectl", 0), "");
        for (text, width, want) in [
            ("web-dashboard-7d4b9c6f5d-x7k2p", 30, "web-dashboard-7d4b9c6f5d-x7k2p"),
            ("web-dashboard-7d4b9c6f5d-x7k2p", 15, "web-das…d-x7k2p"),
            ("kubectl", 1, "…"),
            ("kubectl", 2, "k…"),
            ("kubectl", 0, ""),
            ("日本語日本語", 7, "日…語"),
            ("e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}", 5, "e\u{301}e\u{301}…e\u{301}e\u{301}"),
            ("שלום-עולם", 5, "של…לם"),
        ] {
            assert_eq!(cut_middle(text, width), want, "{text} at {width}");
        }
    }
}
