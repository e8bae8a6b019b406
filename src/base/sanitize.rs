//! Text from a cluster made safe to draw: control and escape characters are shown, never sent to the terminal.

use std::borrow::Cow;

/// Shows every control character but newline and tab: `ESC` becomes `␛`, others their picture or `\u{…}`.
pub fn sanitize(text: &str) -> Cow<'_, str> {
    replace(text, |c| c == '\n' || c == '\t')
}

/// As [`sanitize`], for text that has to stay on one line: newlines and tabs are shown too.
pub fn sanitize_line(text: &str) -> Cow<'_, str> {
    replace(text, |_| false)
}

/// What was typed or pasted into a line that is looked for: without what cannot be seen, so that what is seen is what is
/// looked for.
pub fn seen(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || is_directional(c)
            || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    text.chars().filter(|c| !hidden(*c)).collect()
}

fn replace(text: &str, allowed: impl Fn(char) -> bool) -> Cow<'_, str> {
    let harmless = |c: char| !(c.is_control() || is_directional(c)) || allowed(c);
    if text.chars().all(harmless) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            c if harmless(c) => out.push(c),
            '\u{0}'..='\u{1f}' => out.push(char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}')),
            '\u{7f}' => out.push('\u{2421}'),
            c => out.extend(c.escape_unicode()),
        }
    }
    Cow::Owned(out)
}

/// Characters that reorder what follows them: they can make a line read as something else.
fn is_directional(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::{sanitize, sanitize_line, seen};

    #[test]
    fn nothing_reaches_the_terminal() {
        assert_eq!(sanitize("plain\ttext\n"), "plain\ttext\n");
        assert_eq!(sanitize("\u{1b}[2Jgone\u{7}"), "␛[2Jgone␇");
        assert_eq!(sanitize("\u{9b}31m"), "\\u{9b}31m");
        assert_eq!(sanitize_line("a\nb\r"), "a␊b␍");
        assert_eq!(seen("po\u{200b}d\u{202e}s\u{feff}\n e\u{301}"), "pods e\u{301}");
        assert_eq!(sanitize("user\u{202e}nimda"), "user\\u{202e}nimda");
    }
}
