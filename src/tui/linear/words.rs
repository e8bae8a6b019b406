//! Text that is heard and not seen: marks become words or go, and what is drawn becomes lines.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::base::{sanitize, sanitize_line};
use crate::tui::theme::Theme;
use crate::tui::widget::{markdown, soft_wrap};

/// Signs, and the words that are said for them.
const SIGNS: &[(&str, &str)] =
    &[("✔", "yes:"), ("✘", "no:"), ("○", "not yet:"), ("→", "to"), ("▸", ""), ("·", ""), ("•", ""), ("×", "times")];
/// Signs that only draw.
const DRAWN: &str = "─╌╴╶━═│┃║▌┊┌┐└┘├┤┬┴┼╭╮╰╯█";
/// Keys, and what is typed here instead. The texts of the course know the keys alone.
const KEYS: &[(&str, &str)] = &[
    ("press F8", "type :again"),
    ("F1", ":help"),
    ("F2", ":hint"),
    ("F3", ":next"),
    ("F4", ":explain"),
    (" F5 chooses others.", ""),
    ("F5", ":compare"),
    ("F8", ":again"),
    ("F9", ":back"),
    ("F10", ":course"),
];
/// How keys are spoken of that have no place here, what ends that, and whether the end stays.
const READER: &[(&str, char, bool)] = &[
    (" (F7", ')', false),
    (": F7 ", '.', true),
    (", F7 ", '.', true),
    (" F7 ", '.', false),
    ("F7 ", '.', false),
    (" (the up arrow", ')', false),
    (" Esc closes", '.', false),
];
/// Wider than any line.
const WIDE: usize = 20_000;
/// As wide as a pane is drawn to be read.
const PANE: u16 = 200;
/// The most rows of a pane that are read.
const ROWS: usize = 2_000;

/// Markdown as lines: one for each paragraph, item or line of code.
pub fn prose(text: &str) -> Vec<String> {
    // With colours the marks of code are left out: a voice would spell them.
    let rows = markdown(text, WIDE, Theme { colour: true, ..Theme::default() });
    let lines = rows.iter().map(|row| keyless(&spoken(&row.to_string())));
    lines.filter(|line| !line.trim().is_empty()).collect()
}

/// Markdown in one line.
pub fn sentence(text: &str) -> String {
    prose(text).iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

/// A line with words for its signs.
pub fn spoken(line: &str) -> String {
    let line = sanitize_line(line);
    let drawn = |c: char| DRAWN.contains(c);
    // The row that is chosen stands where the others do.
    let depth = line.chars().take_while(|c| matches!(*c, ' ' | '▸') || drawn(*c)).count();
    let mut out = String::with_capacity(line.len());
    for part in line.trim_matches(|c| c == ' ' || drawn(c)).split("  ") {
        let words = part.split_whitespace().map(|word| {
            let said = SIGNS.iter().fold(word.to_owned(), |word, (sign, said)| word.replace(sign, said));
            let said = said.replace(drawn, "");
            // The signs of what is new and what changed have their words beside them.
            if matches!(said.as_str(), "+" | "~") { String::new() } else { said }
        });
        let words = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        if !out.is_empty() && !words.is_empty() {
            // What stood in the next column.
            out.push_str(if out.ends_with(':') { " " } else { ", " });
        }
        out.push_str(&words);
    }
    if out.is_empty() { out } else { format!("{}{out}", " ".repeat(depth)) }
}

/// A text with what is typed here in the place of keys.
pub fn keyless(text: &str) -> String {
    let mut text = text.to_owned();
    for (begins, ends, stays) in READER {
        while let Some(at) = text.find(begins) {
            let end = text[at..].find(*ends).map_or(text.len(), |end| at + end + usize::from(!stays));
            text.replace_range(at..end, "");
        }
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        let begins = !out.ends_with(char::is_alphanumeric);
        let ends = |after: &str| !after.starts_with(|c: char| c.is_alphanumeric());
        let here = |key: &str| rest.strip_prefix(key).filter(|after| begins && ends(after));
        match KEYS.iter().find_map(|(key, typed)| Some((here(key)?, typed))) {
            Some((after, typed)) => {
                out.push_str(typed);
                rest = after;
            }
            None => {
                out.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    out
}

/// What a command printed, harmless.
pub fn printed(chunk: &str) -> String {
    sanitize(&chunk.replace("\r\n", "\n")).into_owned()
}

/// What something draws, as lines.
pub fn drawn(rows: usize, draw: impl FnOnce(Rect, &mut Buffer)) -> Vec<String> {
    let area = Rect::new(0, 0, PANE, u16::try_from(rows.min(ROWS)).unwrap_or(0));
    let mut buf = Buffer::empty(area);
    draw(area, &mut buf);
    let rows = buf.content.chunks(usize::from(PANE));
    let lines = rows.map(|row| spoken(row.iter().map(ratatui::buffer::Cell::symbol).collect::<String>().trim_end()));
    lines.filter(|line| !line.trim().is_empty()).collect()
}

/// A line cut at words, for a terminal that is `width` columns wide.
pub fn rows(line: &str, width: usize) -> Vec<&str> {
    soft_wrap(line, width)
}

#[cfg(test)]
mod tests {
    use super::{drawn, keyless, prose, spoken};

    #[test]
    fn signs_become_words() {
        for (line, want) in [
            ("├─ sa dashboard   ✘ is not there   3s", "   sa dashboard, no: is not there, 3s"),
            ("✔ who    you", "yes: who, you"),
            ("│  └─ token  ✔", "      token, yes:"),
            ("sa default   + new 3s", "sa default, new 3s"),
            ("────", ""),
            ("▸ 10m  now", "  10m, now"),
            ("the output of kubectl", "the output of kubectl"),
            ("gone\u{1b}[2J", "gone␛[2J"),
        ] {
            assert_eq!(spoken(line), want, "{line}");
        }
    }

    #[test]
    fn keys_become_what_is_typed() {
        assert_eq!(keyless("Make it again, or press F8: that helps."), "Make it again, or type :again: that helps.");
        assert_eq!(keyless("Nothing differs. F5 chooses others."), "Nothing differs.");
        assert_eq!(keyless("! You ran more. F5 compares again."), "! You ran more. :compare compares again.");
        assert_eq!(keyless("Find Mounts: F7 opens it, / searches. Then go."), "Find Mounts. Then go.");
        assert_eq!(keyless("F7 opens long output for reading, /Volumes finds the place."), "");
        assert_eq!(keyless("It says so. Esc closes what is open."), "It says so.");
        assert_eq!(keyless("It is that of before (the up arrow brings it back)."), "It is that of before.");
        assert_eq!(keyless("Describe it. F7 opens it. Go."), "Describe it. Go.");
        assert_eq!(keyless("Find *Volumes* (F7, then /V), and go."), "Find *Volumes*, and go.");
        assert_eq!(keyless("F10 and F1, not FF1, F12 or aF3"), ":course and :help, not FF1, F12 or aF3");
    }

    #[test]
    fn paragraphs_are_lines() {
        let text = "One *two*\n`three`.\n\n- a\n- b\n\n    kubectl get sa\n";
        assert_eq!(prose(text), ["One two three.", "a", "b", "  kubectl get sa"]);
    }

    #[test]
    fn a_picture_is_read_row_by_row() {
        let lines = drawn(3, |area, buf| buf.set_string(area.x, 1, "└─ ✔ there", ratatui::style::Style::new()));
        assert_eq!(lines, ["   yes: there"]);
    }
}
