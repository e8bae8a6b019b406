//! What the terminal can show, by what the environment says of it.

use crate::tui::settings::Abilities;

/// A terminal, as its environment describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Described {
    /// Whether it can move its cursor.
    pub can_move: bool,
    /// Whether it has colours, and they are wanted.
    pub colour: bool,
    /// What else it has.
    pub abilities: Abilities,
}

/// The terminal of this process.
pub fn described() -> Described {
    describe(|name| std::env::var(name).ok().filter(|value| !value.is_empty()), cfg!(windows))
}

fn describe(variable: impl Fn(&str) -> Option<String>, is_windows: bool) -> Described {
    let term = variable("TERM").unwrap_or_default();
    let is_vt = term.starts_with("vt");
    // https://no-color.org: any value but the empty one asks for no colours.
    let colour = variable("NO_COLOR").is_none() && !is_vt;
    let is_true = variable("COLORTERM").is_some_and(|value| matches!(value.as_str(), "truecolor" | "24bit"));
    // Windows describes its terminals nowhere; those of today have all colours and signs.
    let many_colours = is_true || term.contains("256color") || (is_windows && term.is_empty());
    // As POSIX says it: the first that is set counts, and where none is, it is the locale C.
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(&variable).unwrap_or_default().to_lowercase();
    let is_utf8 = locale.contains("utf-8") || locale.contains("utf8") || (is_windows && locale.is_empty());
    // The console of Linux reads UTF-8, and its fonts have few of the signs.
    let unicode = is_utf8 && !is_vt && term != "linux";
    // Some terminals tell their colours: `text;ground`, as numbers among the 16.
    let ground = variable("COLORFGBG").and_then(|value| value.rsplit(';').next()?.parse::<u8>().ok());
    let is_light = ground.is_some_and(|ground| matches!(ground, 7 | 9..=15));
    Described { can_move: term != "dumb", colour, abilities: Abilities { many_colours, is_light, unicode } }
}

#[cfg(test)]
mod tests {
    use super::{Described, describe};
    use crate::tui::settings::Abilities;

    #[track_caller]
    fn check(environment: &str, want: &str) {
        let variable = |name: &str| {
            environment
                .split(' ')
                .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
                .filter(|value| !value.is_empty())
                .map(str::to_owned)
        };
        for (is_windows, want) in want.split(" | ").enumerate() {
            let Described { can_move, colour, abilities } = describe(variable, is_windows == 1);
            let Abilities { many_colours, is_light, unicode } = abilities;
            let said = [
                (!can_move, "dumb"),
                (colour, "colour"),
                (many_colours, "many"),
                (is_light, "light"),
                (unicode, "unicode"),
            ];
            let said: Vec<&str> = said.iter().filter(|(so, _)| *so).map(|(_, word)| *word).collect();
            assert_eq!(said.join(" "), want, "{environment}");
        }
    }

    #[test]
    fn what_the_environment_says() {
        check("TERM=xterm-256color LANG=en_US.UTF-8", "colour many unicode");
        check("TERM=xterm-256color LANG=en_US.utf8 NO_COLOR=1", "many unicode");
        check("TERM=xterm-256color LANG=en_US.utf8 NO_COLOR=", "colour many unicode");
        check("TERM=xterm COLORTERM=truecolor LC_CTYPE=C.UTF-8", "colour many unicode");
        check("TERM=xterm COLORTERM=24bit LC_CTYPE=UTF-8", "colour many unicode");
        check("TERM=xterm COLORTERM=yes LANG=de_DE.UTF-8", "colour unicode");
        check("TERM=xterm LANG=C", "colour");
        check("TERM=xterm LANG=POSIX", "colour");
        check("TERM=xterm LC_ALL=C LANG=en_US.UTF-8", "colour");
        check("TERM=xterm LC_ALL= LC_CTYPE=C LANG=en_US.UTF-8", "colour");
        check("TERM=xterm LANG=de_DE.ISO-8859-1", "colour");
        check("TERM=linux LANG=en_US.UTF-8", "colour");
        check("TERM=vt100 LANG=en_US.UTF-8", "");
        check("TERM=dumb LANG=en_US.UTF-8", "dumb colour unicode");
        check("TERM=xterm LANG=C COLORFGBG=0;15", "colour light");
        check("TERM=xterm LANG=C COLORFGBG=0;default;7", "colour light");
        check("TERM=xterm LANG=C COLORFGBG=15;0", "colour");
        check("TERM=xterm LANG=C COLORFGBG=12;8", "colour");
        check("", "colour | colour many unicode");
    }
}
