//! A key press as a value: written and read back as text (`Ctrl-A`, `F2`, `Enter`, `x`), so that recordings stay readable.

use std::fmt;
use std::str::FromStr;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use serde::{Deserialize, Serialize};

/// Which key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// A key that types a character.
    Char(char),
    /// Enter or Return.
    Enter,
    /// Escape.
    Esc,
    /// Tab; with shift for back-tab.
    Tab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Left arrow.
    Left,
    /// Right arrow.
    Right,
    /// Up arrow.
    Up,
    /// Down arrow.
    Down,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// A function key.
    F(u8),
}

/// A key with what was held down beside it. Shift is kept only where no character tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Key {
    /// Which key.
    pub code: Code,
    /// Whether Ctrl was held.
    pub ctrl: bool,
    /// Whether Alt was held.
    pub alt: bool,
    /// Whether Shift was held; never set for characters.
    pub shift: bool,
}

/// A key by itself.
pub const fn plain(code: Code) -> Key {
    Key { code, ctrl: false, alt: false, shift: false }
}

/// A character by itself.
pub const fn char(c: char) -> Key {
    plain(Code::Char(c))
}

/// A character with Ctrl.
pub const fn ctrl(c: char) -> Key {
    Key { code: Code::Char(c), ctrl: true, alt: false, shift: false }
}

/// A key with Alt.
pub const fn alt(code: Code) -> Key {
    Key { code, ctrl: false, alt: true, shift: false }
}

/// A key with Shift.
pub const fn shift(code: Code) -> Key {
    Key { code, ctrl: false, alt: false, shift: true }
}

const NAMES: &[(&str, Code)] = &[
    ("Enter", Code::Enter),
    ("Esc", Code::Esc),
    ("Tab", Code::Tab),
    ("Backspace", Code::Backspace),
    ("Delete", Code::Delete),
    ("Left", Code::Left),
    ("Right", Code::Right),
    ("Up", Code::Up),
    ("Down", Code::Down),
    ("Home", Code::Home),
    ("End", Code::End),
    ("PageUp", Code::PageUp),
    ("PageDown", Code::PageDown),
    ("Space", Code::Char(' ')),
];

impl Key {
    /// The key of a terminal event; `None` for releases and for keys nothing here listens to.
    pub fn from_event(event: KeyEvent) -> Option<Self> {
        if event.kind == KeyEventKind::Release {
            return None;
        }
        let held = |modifier| event.modifiers.contains(modifier);
        let mut shift = held(KeyModifiers::SHIFT);
        let code = match event.code {
            KeyCode::Char(c) => Code::Char(c),
            KeyCode::Enter => Code::Enter,
            KeyCode::Esc => Code::Esc,
            KeyCode::Tab => Code::Tab,
            KeyCode::BackTab => {
                shift = true;
                Code::Tab
            }
            KeyCode::Backspace => Code::Backspace,
            KeyCode::Delete => Code::Delete,
            KeyCode::Left => Code::Left,
            KeyCode::Right => Code::Right,
            KeyCode::Up => Code::Up,
            KeyCode::Down => Code::Down,
            KeyCode::Home => Code::Home,
            KeyCode::End => Code::End,
            KeyCode::PageUp => Code::PageUp,
            KeyCode::PageDown => Code::PageDown,
            KeyCode::F(number) => Code::F(number),
            _ => return None,
        };
        Some(Self { code, ctrl: held(KeyModifiers::CONTROL), alt: held(KeyModifiers::ALT), shift }.normal())
    }

    /// One spelling for each key: with Ctrl or Alt a letter is lower-case, and a character carries no Shift.
    pub fn normal(mut self) -> Self {
        if let Code::Char(c) = self.code {
            self.shift = false;
            if self.ctrl || self.alt {
                self.code = Code::Char(c.to_ascii_lowercase());
            }
        }
        self
    }

    /// The character this key types, when it types one.
    pub fn typed(self) -> Option<char> {
        match self.code {
            Code::Char(c) if !self.ctrl && !self.alt && !c.is_control() => Some(c),
            _ => None,
        }
    }

    /// As the footer shows it: `⏎`, `↑`, `Ctrl-S`.
    pub fn short(self) -> String {
        let sign = match self.code {
            Code::Enter => "⏎",
            Code::Up => "↑",
            Code::Down => "↓",
            Code::Left => "←",
            Code::Right => "→",
            Code::PageUp => "PgUp",
            Code::PageDown => "PgDn",
            _ => return self.to_string(),
        };
        format!("{}{sign}", self.held())
    }

    fn held(self) -> String {
        let mut out = String::new();
        for (held, name) in [(self.ctrl, "Ctrl-"), (self.alt, "Alt-"), (self.shift, "Shift-")] {
            if held {
                out.push_str(name);
            }
        }
        out
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.held())?;
        if let Some((name, _)) = NAMES.iter().find(|(_, code)| *code == self.code) {
            return f.write_str(name);
        }
        match self.code {
            Code::Char(c) if self.ctrl || self.alt => write!(f, "{}", c.to_ascii_uppercase()),
            Code::Char(c) => write!(f, "{c}"),
            Code::F(number) => write!(f, "F{number}"),
            _ => Ok(()),
        }
    }
}

/// Why a text names no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a key; write one such as `x`, `Enter`, `Ctrl-A` or `F2`")]
pub struct ParseKeyError(String);

impl FromStr for Key {
    type Err = ParseKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut key = plain(Code::Esc);
        let mut rest = text;
        loop {
            let before = rest;
            for (name, flag) in [("Ctrl-", &mut key.ctrl), ("Alt-", &mut key.alt), ("Shift-", &mut key.shift)] {
                if let Some(after) = rest.strip_prefix(name).filter(|after| !after.is_empty()) {
                    *flag = true;
                    rest = after;
                }
            }
            if before == rest {
                break;
            }
        }
        let mut chars = rest.chars();
        key.code = match (chars.next(), chars.next()) {
            (Some(c), None) => Code::Char(c),
            _ => NAMES
                .iter()
                .find(|(name, _)| *name == rest)
                .map(|(_, code)| *code)
                .or_else(|| rest.strip_prefix('F').and_then(|number| number.parse().ok()).map(Code::F))
                .ok_or_else(|| ParseKeyError(text.to_owned()))?,
        };
        Ok(key.normal())
    }
}

impl TryFrom<String> for Key {
    type Error = ParseKeyError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::{Code, Key, alt, char, ctrl, plain, shift};

    #[test]
    fn keys_are_written_and_read_back() {
        let rows: &[(Key, &str)] = &[
            (char('x'), "x"),
            (char('X'), "X"),
            (char(' '), "Space"),
            (char('-'), "-"),
            (ctrl('a'), "Ctrl-A"),
            (ctrl('-'), "Ctrl--"),
            (alt(Code::Char('b')), "Alt-B"),
            (alt(Code::Enter), "Alt-Enter"),
            (shift(Code::Tab), "Shift-Tab"),
            (plain(Code::F(10)), "F10"),
            (char('F'), "F"),
            (plain(Code::PageUp), "PageUp"),
        ];
        for (key, text) in rows {
            assert_eq!(key.to_string(), *text);
            assert_eq!(text.parse(), Ok(*key), "{text}");
        }
        assert!("Hyper-X".parse::<Key>().is_err());
        assert!("".parse::<Key>().is_err());
    }
}
