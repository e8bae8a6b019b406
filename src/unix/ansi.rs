//! Backslash escapes, as `echo -e`, `printf` and `$'…'` read them.

/// Whose escapes they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `$'…'`: quotes may be escaped, octal is `\123`.
    Quote,
    /// `echo -e` and `%b`: octal is `\0123`, `\c` ends the output.
    Echo,
    /// `printf`'s format: octal is `\123`.
    Format,
}

/// The text without its escapes, and whether `\c` ended it.
pub(super) fn unescape(text: &str, kind: Kind) -> (String, bool) {
    let mut out: Vec<u8> = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        rest = &rest[at + 1..];
        let Some(c) = rest.chars().next() else {
            out.push(b'\\');
            break;
        };
        let after = &rest[c.len_utf8()..];
        let mut taken = 0;
        let plain = match c {
            'a' => Some(7),
            'b' => Some(8),
            'e' | 'E' => Some(0x1b),
            'f' => Some(0x0c),
            'n' => Some(b'\n'),
            'r' => Some(b'\r'),
            't' => Some(b'\t'),
            'v' => Some(0x0b),
            '\\' => Some(b'\\'),
            '\'' | '"' | '?' if kind == Kind::Quote => u8::try_from(c).ok(),
            '"' if kind == Kind::Format => Some(b'"'),
            'c' if kind == Kind::Echo => return (String::from_utf8_lossy(&out).into_owned(), true),
            _ => None,
        };
        match (plain, c) {
            (Some(byte), _) => out.push(byte),
            (None, 'x') => match number(after, 16, 2) {
                Some((value, length)) => {
                    taken = length;
                    out.push(value as u8);
                }
                None => out.extend_from_slice(b"\\x"),
            },
            (None, 'u' | 'U') => match number(after, 16, if c == 'u' { 4 } else { 8 }) {
                Some((value, length)) => {
                    taken = length;
                    let sign = char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER);
                    out.extend_from_slice(sign.encode_utf8(&mut [0; 4]).as_bytes());
                }
                None => out.extend([b'\\', c as u8]),
            },
            (None, '0'..='7') if kind != Kind::Echo || c == '0' => {
                let digits = if kind == Kind::Echo { after } else { rest };
                let (value, length) = number(digits, 8, 3).unwrap_or((0, 0));
                taken = if kind == Kind::Echo { length } else { length.saturating_sub(1) };
                out.push(value as u8);
            }
            (None, other) => {
                out.push(b'\\');
                out.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
        rest = &after[taken..];
    }
    out.extend_from_slice(rest.as_bytes());
    (String::from_utf8_lossy(&out).into_owned(), false)
}

/// A number of at most `digits` digits at the start of `text`, and how long it is.
fn number(text: &str, radix: u32, digits: usize) -> Option<(u32, usize)> {
    let length = text.bytes().take(digits).take_while(|byte| char::from(*byte).is_digit(radix)).count();
    u32::from_str_radix(&text[..length], radix).ok().map(|value| (value, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        for (text, kind, want) in [
            ("a\\tb\\n", Kind::Quote, "a\tb\n"),
            ("\\x41\\u00e9\\101", Kind::Quote, "Aé\u{41}"),
            ("\\0101\\101", Kind::Echo, "A\\101"),
            ("a\\cb", Kind::Echo, "a"),
            ("\\q\\", Kind::Format, "\\q\\"),
            ("it\\'s", Kind::Quote, "it's"),
            ("\\", Kind::Echo, "\\"),
            ("\\xzz", Kind::Echo, "\\xzz"),
        ] {
            assert_eq!(unescape(text, kind).0, want, "{text}");
        }
    }
}
