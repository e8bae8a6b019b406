//! Copying to the terminal's clipboard: what is open, what is selected, else the line or the last output. Tokens stay behind.

use super::notice;
use crate::base::sanitize;
use crate::tui::effect::Effect;
use crate::tui::overlay::reader::Reader;
use crate::tui::pane::terminal::Voice;
use crate::tui::world::{Focus, Screen, World};

/// The most bytes that are copied: written in base64 they are as many as terminals take.
const MOST: usize = 55_500;

/// What stands for a token.
const LEFT_OUT: &str = "(token left out)";

/// Copies what the learner looks at.
pub fn copy(world: &mut World) -> Vec<Effect> {
    let (text, tokens) = without_tokens(&sanitize(&looked_at(world).unwrap_or_default()));
    let is_empty = text.replace(LEFT_OUT, "").trim().is_empty();
    let (text, is_cut) = match text.char_indices().map(|(at, _)| at).find(|at| *at > MOST - 4) {
        Some(end) => (text.get(..end).unwrap_or_default().to_owned(), true),
        None => (text, false),
    };
    if is_empty {
        let why = if tokens > 0 {
            "A token is not copied. With Shift held the mouse selects it."
        } else {
            "There is nothing here to copy."
        };
        say(world, why.to_owned());
        return Vec::new();
    }
    let mut told = format!("Copied {} letters, where your terminal allows it.", text.chars().count());
    if is_cut {
        told.push_str(" It is only the beginning: the rest is too long.");
    }
    match tokens {
        0 => {}
        1 => told.push_str(" A token was left out."),
        tokens => told.push_str(&format!(" {tokens} tokens were left out.")),
    }
    say(world, told);
    vec![Effect::Copy(text)]
}

fn looked_at(world: &World) -> Option<String> {
    if let Some(top) = world.over.last() {
        return top.copied(world);
    }
    match world.focus {
        _ if world.screen != Screen::Workbench => None,
        Focus::Pane(id) => id.pane().copied(world),
        Focus::Prompt if !world.panes.terminal.prompt.is_empty() => Some(world.panes.terminal.prompt.text().to_owned()),
        Focus::Prompt => {
            let terminal = &world.panes.terminal;
            let said = terminal.scrollback.since(terminal.began);
            let printed = said.into_iter().filter(|line| matches!(line.voice, Voice::Out | Voice::Err));
            Some(printed.map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n"))
        }
    }
}

/// Says it where it is seen: a text that is open for reading covers the terminal.
fn say(world: &mut World, text: String) {
    match world.over_mut::<Reader>() {
        Some(reader) => reader.note = text,
        None => notice(world, text, false),
    }
}

/// The text with every token replaced, and how many there were: a token as it is, or in base64 as a secret has it.
fn without_tokens(text: &str) -> (String, usize) {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-_.+/=".contains(c);
    let (mut out, mut rest, mut tokens) = (String::new(), text, 0);
    while let Some(at) = begin_of_token(rest) {
        let (before, from) = rest.split_at(at);
        let mut end = from.find(|c| !is_part(c)).unwrap_or(from.len());
        let word = from.get(..end).unwrap_or_default();
        let is_token = if word.starts_with("eyJ") { word.matches('.').count() >= 2 } else { word.len() > 64 };
        out.push_str(before);
        if is_token {
            // It may go on in the rows below, as `base64` writes it.
            while let Some(row) = from.get(end..).and_then(|rest| rest.strip_prefix('\n')) {
                let long = row.find(|c| !is_part(c)).unwrap_or(row.len());
                let is_whole = matches!(row.get(long..).unwrap_or_default().chars().next(), None | Some('\n'));
                let is_text = row.get(..long).is_some_and(|row| row.contains('/') && row.len() < 40);
                if long < 4 || !is_whole || is_text {
                    break;
                }
                end += 1 + long;
            }
            out.push_str(LEFT_OUT);
            tokens += 1;
        } else {
            out.push_str(word);
        }
        rest = from.get(end..).unwrap_or_default();
    }
    out.push_str(rest);
    (out, tokens)
}

/// Where the next word begins that may be a token.
fn begin_of_token(text: &str) -> Option<usize> {
    let is_first = |(at, _): &(usize, &str)| {
        !text.get(..*at).unwrap_or_default().ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
    };
    let next = |head: &str| text.match_indices(head).find(is_first).map(|(at, _)| at);
    next("eyJ").into_iter().chain(next("ZXlK")).min()
}

#[cfg(test)]
mod tests {
    use super::without_tokens;

    #[track_caller]
    fn check(text: &str, want: &str, tokens: usize) {
        assert_eq!(without_tokens(text), (want.to_owned(), tokens), "{text}");
    }

    #[test]
    fn tokens_stay_behind() {
        let token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln-_9";
        let long = "ZXlKaGJHY2lPaUpTVXpJMU5pSjkuZXlKemRXSWlPaUo0SW4wLmMybG5hYmNkZWZnaGlqa2xtbm9wcXI=";
        check("pod/web created", "pod/web created", 0);
        check(token, "(token left out)", 1);
        check(&format!("a\nT={token}\nb c"), "a\nT=(token left out)\nb c", 1);
        check(&format!("  token: {long}\n  ca.crt: abc"), "  token: (token left out)\n  ca.crt: abc", 1);
        check(&format!("{long}\nYWJjZGVmZ2hpag==\n"), "(token left out)\n", 1);
        check(&format!("{token} {token}"), "(token left out) (token left out)", 2);
        check("eyJ is how one begins, as in .eyJ.a.b", "eyJ is how one begins, as in .(token left out)", 1);
        check("heyJude.a.b ZXlKshort", "heyJude.a.b ZXlKshort", 0);
    }
}
