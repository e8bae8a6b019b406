//! What is opened to be read: long output, what errors mean, the words of the course.

use crate::base::sanitize_line;
use crate::tui::effect::Effect;
use crate::tui::glossary;
use crate::tui::overlay::editor::Editor;
use crate::tui::overlay::reader::Reader;
use crate::tui::pane::PaneId;
use crate::tui::pane::terminal::{Said, Voice};
use crate::tui::plain_words::{self, Outcome, is_refusal};
use crate::tui::world::World;

/// A command ended: what can be said of its output.
pub fn ended(world: &mut World, status: i32) {
    let (height, width) = world.room(PaneId::Terminal);
    let lines: Vec<&Said> =
        world.panes.terminal.scrollback.since(world.panes.terminal.began).into_iter().filter(is_printed).collect();
    let rows: usize = lines.iter().map(|line| line.rows(width).len()).sum();
    let (out, err) = printed(&lines);
    let outcome = Outcome { status, line: &world.panes.terminal.last, out: &out, err: &err };
    let fault = plain_words::find(&outcome);
    (world.panes.terminal.long, world.panes.terminal.fault) = (rows > height.saturating_sub(1), fault);
    world.panes.terminal.status = status;
    if world.panes.terminal.long
        && status == 0
        && (is_manual(&world.panes.terminal.last) || is_paged(&world.panes.terminal.last))
        && world.over::<Editor>().is_none()
    {
        open(world);
    }
}

/// Whether a command said it, and not the tutor of it.
fn is_printed(line: &&Said) -> bool {
    matches!(line.voice, Voice::Out | Voice::Err)
}

/// What came on standard output, and what on standard error.
fn printed(lines: &[&Said]) -> (String, String) {
    let of = |voice: Voice| {
        let texts: Vec<&str> = lines.iter().filter(|line| line.voice == voice).map(|line| line.text.as_str()).collect();
        texts.join("\n")
    };
    (of(Voice::Out), of(Voice::Err))
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
    let lines: Vec<Said> = world
        .panes
        .terminal
        .scrollback
        .since(world.panes.terminal.began)
        .into_iter()
        .filter(is_printed)
        .cloned()
        .collect();
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
    let Some(entry) = world.panes.terminal.fault.and_then(|at| plain_words::entries().nth(at)) else {
        return Vec::new();
    };
    let printed_lines = world.panes.terminal.scrollback.since(world.panes.terminal.began);
    let (out, err) = printed(&printed_lines);
    let terminal = &world.panes.terminal;
    let outcome = Outcome { status: terminal.status, line: &terminal.last, out: &out, err: &err };
    let mut lines = Vec::new();
    let mut say = |voice, text: &str| lines.push(Said { voice, text: text.to_owned() });
    say(Voice::Typed, entry.title);
    say(Voice::Note, "");
    // What this very error names comes early: what holds for all of its kind may be long.
    let (first, rest) = entry.say.split_once('\n').unwrap_or((entry.say, ""));
    say(Voice::Plain, first);
    if let Some(here) = entry.here(&outcome) {
        say(Voice::Note, "");
        here.lines().for_each(|line| say(Voice::Plain, &sanitize_line(line)));
    }
    if !rest.is_empty() {
        say(Voice::Note, "");
        rest.lines().for_each(|line| say(Voice::Plain, line));
    }
    say(Voice::Note, "");
    say(Voice::Good, &format!("▸ {}", entry.attempt));
    let error = error(&printed_lines, is_refusal(&out));
    if !error.is_empty() {
        say(Voice::Note, "");
        say(Voice::Note, "The error itself:");
    }
    lines.extend(error);
    show(world, Reader::new("What it means", lines))
}

/// The lines of the error, each once, as sentences: what a command complained of, and what a server answered to `curl`,
/// which comes as output.
fn error(printed: &[&Said], refused: bool) -> Vec<Said> {
    let complained = printed.iter().any(|line| line.voice == Voice::Err);
    let mut lines: Vec<Said> = Vec::new();
    for line in printed {
        let voice = match line.voice {
            Voice::Err => Voice::Bad,
            Voice::Out if refused || !complained => Voice::Plain,
            _ => continue,
        };
        // JSON has many lines that are alike, and needs them all.
        if voice == Voice::Plain || !lines.iter().any(|known| message(&known.text) == message(&line.text)) {
            lines.push(Said { voice, text: line.text.clone() });
        }
    }
    lines
}

/// A line without the time and place that kubectl's own log puts before it: `E1129 11:54:16.123456 42 memcache.go:265]`.
fn message(line: &str) -> &str {
    let is_log = line.starts_with(['E', 'W', 'I', 'F']) && line[1..].starts_with(|c: char| c.is_ascii_digit());
    line.split_once(".go:")
        .filter(|_| is_log)
        .and_then(|(_, rest)| rest.split_once("] "))
        .map_or(line, |(_, message)| message)
}

#[cfg(test)]
mod tests {
    use super::{error, is_manual, is_paged};
    use crate::tui::pane::terminal::{Said, Voice};

    #[test]
    fn an_error_is_told_once() {
        let said = |voice, text: &str| Said { voice, text: text.to_owned() };
        let lines = [
            said(Voice::Out, "some output"),
            said(Voice::Err, "E1129 11:54:16.000001      42 memcache.go:265] \"Unhandled Error\" err=\"refused\""),
            said(Voice::Err, "E1129 11:54:16.000002      42 memcache.go:265] \"Unhandled Error\" err=\"refused\""),
            said(Voice::Err, "The connection was refused"),
            said(Voice::Err, "The connection was refused"),
        ];
        let lines: Vec<&Said> = lines.iter().collect();
        let told =
            |refused| error(&lines, refused).into_iter().map(|line| line.text.chars().count()).collect::<Vec<_>>();
        assert_eq!(told(false), [78, 26]);
        assert_eq!(told(true), [11, 78, 26]);
        assert_eq!(error(&lines[..1], false), [said(Voice::Plain, "some output")]);
    }

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
