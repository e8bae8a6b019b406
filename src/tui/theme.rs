//! Colours by meaning, in one place. Each meaning also has a sign or a word, so that the screen reads well without them.

use ratatui::style::{Color, Modifier, Style};

/// What a colour says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Nothing special.
    Plain,
    /// What to do now.
    Accent,
    /// True now.
    Good,
    /// Changed, or about to change.
    Change,
    /// Refused, wrong, gone.
    Refused,
    /// Beside the point: hints, ages, what is not selected.
    Dim,
    /// Words to type, or names of things in the cluster.
    Code,
    /// A title.
    Title,
}

/// How meanings look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Theme {
    /// Whether colours may be used; `NO_COLOR` says no.
    pub colour: bool,
}

impl Theme {
    /// The style of a meaning.
    pub fn style(self, meaning: Meaning) -> Style {
        let plain = Style::new();
        let bold = plain.add_modifier(Modifier::BOLD);
        if !self.colour {
            return match meaning {
                Meaning::Accent | Meaning::Title | Meaning::Refused => bold,
                Meaning::Dim => plain.add_modifier(Modifier::DIM),
                _ => plain,
            };
        }
        match meaning {
            Meaning::Plain => plain,
            Meaning::Accent => bold.fg(Color::Cyan),
            Meaning::Good => plain.fg(Color::Green),
            Meaning::Change => plain.fg(Color::Yellow),
            Meaning::Refused => plain.fg(Color::Red),
            Meaning::Dim => plain.fg(Color::DarkGray),
            Meaning::Code => plain.fg(Color::Blue),
            Meaning::Title => bold,
        }
    }

    /// The block cursor, and the selected line.
    pub fn cursor(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }
}
