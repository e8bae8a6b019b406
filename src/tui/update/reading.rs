//! What is opened to be read: long output, what errors mean, the words of the course.

use crate::tui::effect::Effect;
use crate::tui::glossary;
use crate::tui::overlay::editor::Editor;
use crate::tui::overlay::reader::Reader;
use crate::tui::pane::PaneId;
use crate::tui::pane::terminal::{Said, Voice};
use crate::tui::plain_words::{self, ENTRIES};
use crate::tui::world::World;

/// A command ended: what can be said of its output.
pub fn ended(world: &mut World, status: i32) {
    let (height, width) = world.room(PaneId::Terminal);
    let lines = world.panes.terminal.scrollback.since(world.panes.terminal.began);
    let rows: usize = lines.iter().map(|line| line.rows(width).len()).sum();
    let text: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    let fault = plain_words::find(status, &text.join("\n"));
    (world.panes.terminal.long, world.panes.terminal.fault) = (rows > height.saturating_sub(1), fault);
    if world.panes.terminal.long
        && status == 0
        && (is_manual(&world.panes.terminal.last) || is_paged(&world.panes.terminal.last))
        && world.over::<Editor>().is_none()
    {
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
pub fn open(world: &mut World) -> Vec<Effect> {
    let lines: Vec<Said> =
        world.panes.terminal.scrollback.since(world.panes.terminal.began).into_iter().cloned().collect();
    show(world, Reader::new(&world.panes.terminal.last.replace('\n', " "), lines))
}

/// Lays a text over the screen, in the place of one that is there.
fn show(world: &mut World, reader: Reader) -> Vec<Effect> {
    world.close::<Reader>();
    world.open(reader);
    Vec::new()
}

/// Opens the words of the course.
pub fn words(world: &mut World) -> Vec<Effect> {
    show(world, Reader::new("Words of the course", glossary::lines()))
}

/// Opens what the last error means.
pub fn explain(world: &mut World) -> Vec<Effect> {
    let Some(entry) = world.panes.terminal.fault.and_then(|at| ENTRIES.get(at)) else { return Vec::new() };
    let said = |voice, text: &str| Said { voice, text: text.to_owned() };
    let mut lines = vec![said(Voice::Typed, entry.title), said(Voice::Note, ""), said(Voice::Plain, entry.say)];
    lines.extend([said(Voice::Note, ""), said(Voice::Good, &format!("▸ {}", entry.attempt)), said(Voice::Note, "")]);
    lines.push(said(Voice::Note, "The error itself:"));
    let printed = world.panes.terminal.scrollback.since(world.panes.terminal.began);
    let errors: Vec<Said> =
        printed.iter().filter(|line| line.voice == Voice::Err).map(|line| (*line).clone()).collect();
    // What a server answers to curl comes as output.
    let printed = printed.iter().filter(|line| line.voice == Voice::Out).map(|line| (*line).clone());
    lines.extend(if errors.is_empty() { printed.collect() } else { errors });
    show(world, Reader::new("What it means", lines))
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
