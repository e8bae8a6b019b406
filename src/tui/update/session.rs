//! Commands: running them, what they print, how they end, and completing words.

use jiff::Timestamp;

use super::reading;
use crate::base::sanitize_line;
use crate::course::HOLE;
use crate::tui::effect::Effect;
use crate::tui::msg::{ClusterInfo, Request, Word};
use crate::tui::overlay::editor;
use crate::tui::overlay::pick::{Pick, finished};
use crate::tui::pane::terminal::{PROMPT, Voice};
use crate::tui::pane::{PaneId, mount, objects, token};

use crate::tui::world::World;

/// Runs what is typed; while a command runs, after it.
pub fn submit(world: &mut World) -> Vec<Effect> {
    // An open quote or a backslash at the end: the line goes on in the next row.
    if goes_on(world) {
        world.panes.terminal.prompt.go_on();
        world.panes.terminal.scrollback.scroll = 0;
        return Vec::new();
    }
    if has_gap(world) {
        let text = world.panes.terminal.prompt.text().to_owned();
        if text.contains(HOLE) {
            world.panes.terminal.prompt.set_with_hole(&text);
        }
        world.panes.terminal.scrollback.say("· There is a gap to fill first: the cursor is in it.", Voice::Note);
        return Vec::new();
    }
    let line = world.panes.terminal.prompt.submit();
    if line.trim().is_empty() {
        return Vec::new();
    }
    // The fingers of who is used to vi, after the editor has closed.
    if matches!(line.trim(), ":wq" | ":q" | ":q!" | ":x") {
        world.panes.terminal.scrollback.say("· The editor is closed already.", Voice::Note);
        return Vec::new();
    }
    if world.panes.terminal.running.is_some() {
        world.panes.terminal.ahead.push(line);
        return Vec::new();
    }
    run(world, line)
}

/// Whether what is typed is the step's command with its gap still open.
pub fn has_gap(world: &World) -> bool {
    let prompt = &world.panes.terminal.prompt;
    let is_asked =
        || world.lesson.as_ref().is_some_and(|open| open.step().is_some_and(|step| step.suggest.contains(HOLE)));
    prompt.has_gap() || (prompt.text().contains(HOLE) && is_asked())
}

/// Whether what is typed goes on in a further row: in an open quote, after `<<`, after a backslash.
pub fn goes_on(world: &World) -> bool {
    (world.goes_on)(world.panes.terminal.prompt.text())
}

/// Runs a line.
fn run(world: &mut World, line: String) -> Vec<Effect> {
    world.panes.terminal.scrollback.scroll = 0;
    echo(world, &line);
    objects::unmark(world);
    world.panes.terminal.running = Some(line.clone());
    (world.panes.terminal.began, world.panes.terminal.long, world.panes.terminal.fault) =
        (world.panes.terminal.scrollback.said(), false, None);
    world.panes.terminal.last.clone_from(&line);
    world.panes.releases.ran += 1;
    world.panes.releases.moved_to = None;
    if let Some(open) = &mut world.lesson {
        open.wrong = None;
        open.near.fill(None);
        open.ran.push(line.trim_end().to_owned());
    }
    let mut effects = Vec::new();
    if !holds_token(&line) {
        effects.push(Effect::SaveHistory(line.clone()));
    }
    effects.push(Effect::Run(line));
    effects
}

fn echo(world: &mut World, line: &str) {
    for (number, row) in line.split('\n').enumerate() {
        let head = if number == 0 { PROMPT } else { "> " };
        world.panes.terminal.scrollback.say(&format!("{head}{row}"), Voice::Typed);
    }
}

/// Three parts of base64 with dots between them, as a signed token has: such a line is not kept on disk.
fn holds_token(line: &str) -> bool {
    line.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))).any(|word| {
        let is_token = word.starts_with("eyJ") && word.matches('.').count() >= 2;
        // The same inside base64, as a secret's data shows it.
        is_token || (word.starts_with("ZXlK") && word.len() > 64)
    })
}

/// Adds output. Who has scrolled back keeps looking at the same rows.
pub fn output(world: &mut World, chunk: &str, stderr: bool) {
    let width = world.room(PaneId::Terminal).1;
    let before = (world.panes.terminal.scrollback.scroll > 0).then(|| world.panes.terminal.scrollback.rows(width));
    world.panes.terminal.scrollback.print(chunk, if stderr { Voice::Err } else { Voice::Out });
    if let Some(before) = before {
        world.panes.terminal.scrollback.scroll += world.panes.terminal.scrollback.rows(width).saturating_sub(before);
    }
}

/// A command ended.
pub fn done(world: &mut World, status: i32, requests: Vec<Request>) -> Vec<Effect> {
    world.panes.terminal.running = None;
    world.panes.terminal.scrollback.end_line();
    if status == 130 {
        world.panes.terminal.scrollback.say("^C", Voice::Note);
    }
    reading::ended(world, status);
    mount::ran(world);
    let mut effects = Vec::new();
    for request in requests {
        match request {
            Request::Clear => world.panes.terminal.scrollback.clear(),
            Request::Edit { path, content } => editor::open(world, path, &content),
            Request::Exit => effects.extend(quit(world)),
        }
    }
    if status == 130 {
        give_back(world);
    }
    let ahead = &mut world.panes.terminal.ahead;
    if !ahead.is_empty() {
        let next = ahead.remove(0);
        effects.extend(run(world, next));
    }
    effects
}

/// What was typed ahead and will not be run stands on the prompt again.
pub fn give_back(world: &mut World) {
    let terminal = &mut world.panes.terminal;
    let mut lines = std::mem::take(&mut terminal.ahead);
    if lines.is_empty() {
        return;
    }
    lines.extend((!terminal.prompt.is_empty()).then(|| terminal.prompt.text().to_owned()));
    terminal.prompt.set(&lines.join("\n"));
}

/// Leaves. What was typed and not run is found by the key for the line before, the next time.
pub fn quit(world: &World) -> Vec<Effect> {
    let typed = world.panes.terminal.prompt.text();
    let is_kept = !typed.trim().is_empty() && !typed.contains(HOLE) && !holds_token(typed);
    is_kept.then(|| Effect::SaveHistory(typed.to_owned())).into_iter().chain([Effect::Quit]).collect()
}

/// What a command changed was taken back, or done again: what was said of it is no longer so.
pub fn turned(world: &mut World, undone: bool, what: &str, since: Timestamp, lines: Vec<String>) {
    objects::turned(world, undone, since);
    token::turned(world, undone, since);
    world.panes.terminal.fault = None;
    // Other commands are those of this session now.
    world.panes.releases.ran += 1;
    if let Some(open) = &mut world.lesson {
        open.wrong = None;
        open.near.fill(None);
        open.ran = lines;
    }
    let what = sanitize_line(what);
    let text = match undone {
        true => format!("↶ Taken back: {what} · Alt-Y does it again."),
        false => format!("↷ Done again: {what} · Alt-Z takes it back."),
    };
    world.panes.terminal.scrollback.scroll = 0;
    world.panes.terminal.scrollback.say(&text, Voice::Note);
}

/// Completes the word, or lists what it could be.
pub fn completions(world: &mut World, line: &str, cursor: usize, start: usize, words: Vec<Word>) {
    // The learner may have typed on meanwhile.
    if world.panes.terminal.prompt.text() != line
        || world.panes.terminal.prompt.cursor() != cursor
        || start > cursor
        || !line.is_char_boundary(start)
    {
        return;
    }
    let typed = line.get(start..cursor).unwrap_or_default();
    match words.as_slice() {
        [] => {}
        [only] => world.panes.terminal.prompt.replace_word(start, &finished(&only.text)),
        [first, rest @ ..] => {
            let common = rest.iter().fold(first.text.as_str(), |common, word| shared(common, &word.text));
            if common.len() > typed.len() && common.starts_with(typed) {
                world.panes.terminal.prompt.replace_word(start, common);
            } else {
                world.panes.terminal.scrollback.scroll = 0;
                world.open(Pick::new(start, words));
            }
        }
    }
}

fn shared<'a>(one: &'a str, other: &str) -> &'a str {
    let end = one.char_indices().zip(other.chars()).find(|((_, a), b)| a != b).map(|((at, _), _)| at);
    let shorter = one.char_indices().nth(other.chars().count()).map_or(one.len(), |(at, _)| at);
    &one[..end.unwrap_or(shorter).min(shorter)]
}

/// The cluster's own words made safe to draw.
pub fn safe(info: ClusterInfo) -> ClusterInfo {
    let line = |text: String| sanitize_line(&text).into_owned();
    ClusterInfo {
        name: line(info.name),
        release: info.release,
        server: info.server.map(line),
        namespace: line(info.namespace),
        beside: info.beside.map(line),
    }
}

#[cfg(test)]
mod tests {
    use super::{holds_token, shared};

    #[test]
    fn lines_with_tokens_are_known() {
        assert!(holds_token("curl -H 'Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln' https://x"));
        assert!(holds_token("T=eyJh.eyJz.sig"));
        assert!(!holds_token("kubectl get sa -o jsonpath={.eyJ.a.b}"));
        assert!(!holds_token("kubectl create token dashboard-sa"));
    }

    #[test]
    fn what_candidates_share() {
        for (one, other, want) in
            [("services", "serviceaccounts", "service"), ("pod", "pods", "pod"), ("pods", "pod", "pod"), ("a", "b", "")]
        {
            assert_eq!(shared(one, other), want);
        }
    }
}
