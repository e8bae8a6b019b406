//! The picture in ASCII, for terminals that have no other signs. It is drawn as ever, and then each cell's sign is
//! replaced where it stands, so that nothing moves.

use ratatui::buffer::Buffer;

/// Signs, and what is drawn in their place. What is not here and not ASCII is a `?`.
const SIGNS: &[(&str, char)] = &[
    ("─╌╴╶▾", '-'),
    ("━═", '='),
    ("│┃║▌▏", '|'),
    ("┊", ':'),
    ("╎≠", '!'),
    ("┌┐└┘├┤┬┴┼╭╮╰╯", '+'),
    ("✔↓", 'v'),
    ("✘×", 'x'),
    ("▸→›", '>'),
    ("←‹", '<'),
    ("↑", '^'),
    ("●", '#'),
    ("◐", 'o'),
    ("○", '.'),
    ("█", '_'),
    ("•", '*'),
    ("≠", '!'),
    ("·–—‑", '-'),
    ("…", '~'),
    ("‘’", '\''),
    ("“”", '"'),
    ("\u{a0}", ' '),
    ("µμ", 'u'),
    ("àáâãäå", 'a'),
    ("èéêë", 'e'),
    ("ìíîï", 'i'),
    ("òóôõö", 'o'),
    ("ùúûü", 'u'),
    ("ñ", 'n'),
    ("ç", 'c'),
];

/// Replaces every sign that is not ASCII by one that is.
pub fn replace(buf: &mut Buffer) {
    let width = usize::from(buf.area.width).max(1);
    for row in buf.content.chunks_exact_mut(width) {
        for at in 0..row.len() {
            let Some(sign) = row.get(at).filter(|cell| !cell.symbol().is_ascii()).map(|cell| sign(cell.symbol()))
            else {
                continue;
            };
            // Three points where there is room for them.
            let blank = |cell: &ratatui::buffer::Cell| cell.symbol() == " ";
            let is_open = sign == '~' && row.get(at + 1..at + 3).is_some_and(|after| after.iter().all(blank));
            let (sign, count) = if is_open { ('.', 3) } else { (sign, 1) };
            row.iter_mut().skip(at).take(count).for_each(|cell| _ = cell.set_char(sign));
        }
    }
}

/// The same for text.
pub fn line(text: &str) -> String {
    let plain = |c: char| if c.is_ascii() { c } else { sign(c.encode_utf8(&mut [0; 4])) };
    text.chars().map(plain).collect()
}

/// What is drawn instead of it.
fn sign(symbol: &str) -> char {
    let first = symbol.chars().next().unwrap_or(' ');
    SIGNS.iter().find(|(signs, _)| signs.contains(first)).map_or('?', |(_, instead)| *instead)
}

#[cfg(test)]
mod tests {
    use super::{SIGNS, replace};
    use ratatui::buffer::Buffer;
    use unicode_width::UnicodeWidthChar as _;

    #[track_caller]
    fn check(drawn: &str, want: &str) {
        let mut buf = Buffer::with_lines([drawn]);
        replace(&mut buf);
        let seen: String = buf.content.iter().map(|cell| cell.symbol()).collect();
        assert_eq!(seen, want, "{drawn}");
    }

    #[test]
    fn each_sign_stays_where_it_is() {
        check("┌ Lesson ─┐", "+ Lesson -+");
        check("●◐○ ✔ ✘ ▸ Do", "#o. v x > Do");
        check("━━▌──┊", "==|--:");
        check("a …   b", "a ... b");
        check("a… b", "a~ b");
        check("kube…", "kube~");
        check("└─ sa café", "+- sa cafe");
        check("日本 x", "? ?  x");
        check("e\u{301}␛[", "??[");
        for c in SIGNS.iter().flat_map(|(signs, _)| signs.chars()) {
            assert_eq!(c.width(), Some(1), "{c}");
        }
    }
}
