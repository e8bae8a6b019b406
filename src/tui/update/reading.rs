//! The list of words, long output, and what errors mean.

use crate::tui::glossary;
use crate::tui::keymap::Action;
use crate::tui::pane::PaneId;
use crate::tui::pane::terminal::{Said, Voice};
use crate::tui::plain_words::{self, ENTRIES};
use crate::tui::reader::{self, Reader};
use crate::tui::world::World;

use super::session::finished;

/// Narrows the list to what is typed; closes it when another word is begun.
pub fn narrow(world: &mut World) {
    let (text, cursor) = (world.prompt.text(), world.prompt.cursor());
    let Some(pick) = &mut world.pick else { return };
    match text.get(pick.start..cursor) {
        Some(typed) if !typed.contains(char::is_whitespace) => pick.narrow(typed),
        _ => world.pick = None,
    }
}

/// Puts the chosen word on the prompt.
pub fn take(world: &mut World) {
    if let Some(pick) = world.pick.take()
        && let Some(word) = pick.chosen()
    {
        world.prompt.replace_word(pick.start, &finished(&word.text));
    }
}

/// A command ended: what can be said of its output.
pub fn ended(world: &mut World, status: i32) {
    let (height, width) = world.room(PaneId::Terminal);
    let lines = world.scrollback.since(world.began);
    let rows: usize = lines.iter().map(|line| line.rows(width).len()).sum();
    let text: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    let fault = plain_words::find(status, &text.join("\n"));
    (world.long, world.fault) = (rows > height.saturating_sub(1), fault);
    if world.long && status == 0 && (is_manual(&world.last) || is_paged(&world.last)) && world.editor.is_none() {
        open(world);
    }
}

/// Whether a line asks for a page of the manual.
fn is_manual(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let asks = |word: &&str| matches!(*word, "--help" | "-h" | "explain" | "help" | "options" | "man");
    !line.contains(['|', '>'])
        && words.iter().take(2).chain(words.iter().skip(2).filter(|word| word.starts_with("-"))).any(asks)
}

/// Whether a line ends in a pager.
fn is_paged(line: &str) -> bool {
    let last = line.rsplit(['|', ';']).next().unwrap_or_default();
    matches!(last.split_whitespace().next(), Some("less" | "more"))
}

/// Opens the last output for reading.
pub fn open(world: &mut World) {
    let lines: Vec<Said> = world.scrollback.since(world.began).into_iter().cloned().collect();
    world.reader = Some(Reader::new(&world.last.replace('\n', " "), lines));
}

/// Opens the words of the course.
pub fn words(world: &mut World) {
    world.help = None;
    world.reader = Some(Reader::new("Words of the course", glossary::lines()));
}

/// Opens what the last error means.
pub fn explain(world: &mut World) {
    let Some(entry) = world.fault.and_then(|at| ENTRIES.get(at)) else { return };
    let said = |voice, text: &str| Said { voice, text: text.to_owned() };
    let mut lines = vec![said(Voice::Typed, entry.title), said(Voice::Note, ""), said(Voice::Plain, entry.say)];
    lines.extend([said(Voice::Note, ""), said(Voice::Good, &format!("▸ {}", entry.attempt)), said(Voice::Note, "")]);
    lines.push(said(Voice::Note, "The error itself:"));
    let printed = world.scrollback.since(world.began);
    let errors: Vec<Said> =
        printed.iter().filter(|line| line.voice == Voice::Err).map(|line| (*line).clone()).collect();
    // What a server answers to curl comes as output.
    let printed = printed.iter().filter(|line| line.voice == Voice::Out).map(|line| (*line).clone());
    lines.extend(if errors.is_empty() { printed.collect() } else { errors });
    world.reader = Some(Reader::new("What it means", lines));
}

/// The search through what is read.
pub fn find(world: &mut World, action: Action) {
    let Some(reader) = &mut world.reader else { return };
    match action {
        Action::Find => reader.asked = Some(String::new()),
        Action::Abandon => reader.asked = None,
        Action::Unsearch => _ = reader.asked.as_mut().map(String::pop),
        Action::Accept => {
            reader.query = reader.asked.take().unwrap_or_default();
            reader.hit = None;
            reader::find(world, true);
        }
        Action::FindNext => reader::find(world, true),
        Action::FindPrevious => reader::find(world, false),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::{is_manual, is_paged};

    #[test]
    fn what_is_opened_to_be_read() {
        for (line, want) in [
            ("kubectl explain pod --recursive", true),
            ("kubectl get -h", true),
            ("kubectl get sa -o yaml | less", true),
            ("less sa.yaml", true),
            ("kubectl get sa; more sa.yaml", true),
            ("kubectl get sa -o yaml", false),
            ("kubectl explain pod | head", false),
            ("less sa.yaml | wc", false),
        ] {
            assert_eq!(is_manual(line) || is_paged(line), want, "{line}");
        }
    }
}
