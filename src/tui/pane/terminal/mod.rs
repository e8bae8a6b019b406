//! The terminal: what commands printed, and the prompt below it.

mod prompt;
mod scrollback;

pub use prompt::{Prompt, Reach, Search};
pub use scrollback::{Said, Scrollback, Voice};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthChar;

use super::{Pane, PaneId};
use crate::base::sanitize_line;
use crate::tui::overlay::editor::Editor;
use crate::tui::overlay::pick::Pick;
use crate::tui::theme::{Meaning, Theme};
use crate::tui::widget::{cells, cut, hard_wrap, more_below, put, put_right};
use crate::tui::world::{Focus, World};

/// The terminal pane.
pub struct TerminalPane;

/// Its entry.
pub static PANE: TerminalPane = TerminalPane;

/// What the terminal remembers.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// What commands printed.
    pub scrollback: Scrollback,
    /// The line being typed.
    pub prompt: Prompt,
    /// The command that runs now.
    pub running: Option<String>,
    /// The lines that were entered meanwhile, to be run after it.
    pub ahead: Vec<String>,
    /// How many lines had been said when the last command began.
    pub began: usize,
    /// How many lines had been said when the step was opened.
    pub step_began: usize,
    /// Whether the last command printed more than the pane shows.
    pub long: bool,
    /// The entry of [`plain_words`](crate::tui::plain_words) for the error of the last command.
    pub fault: Option<usize>,
    /// The last command that was run.
    pub last: String,
    /// Its exit code.
    pub status: i32,
}

/// What stands before what is typed.
pub const PROMPT: &str = "$ ";
/// What stands before a further row of it.
const FURTHER: &str = "> ";

impl Pane for TerminalPane {
    fn id(&self) -> PaneId {
        PaneId::Terminal
    }

    fn title(&self) -> &'static str {
        "Terminal"
    }

    fn is_veiled(&self) -> bool {
        false
    }

    fn draw(&self, world: &World, area: Rect, buf: &mut Buffer) {
        let (height, width) = (usize::from(area.height), usize::from(area.width));
        let mut foot = prompt_rows(world, width);
        let room = height.saturating_sub(foot.len());
        foot.extend(pick_rows(world, width, room));
        // Counting all rows is only worth it for who looks back.
        let scroll = match world.panes.terminal.scrollback.scroll {
            0 => 0,
            scroll => scroll.min(most_scroll(world, height, width, foot.len())),
        };
        let mut rows: Vec<(&str, Style)> = Vec::with_capacity(height + 8);
        // From the newest row upwards, until the pane is full.
        let wanted = height + scroll;
        rows.extend(foot.iter().rev().map(|row| (row.text.as_str(), row.style)));
        for said in world.panes.terminal.scrollback.newest() {
            if rows.len() >= wanted {
                break;
            }
            let style = style_of(said.voice, world.theme);
            rows.extend(said.rows(width).into_iter().rev().map(|row| (row, style)));
        }
        let bottom = scroll.min(rows.len());
        let top = wanted.min(rows.len());
        for (row, (text, style)) in (0..area.height).zip(rows[bottom..top].iter().rev()) {
            put(buf, area, 0, row, text, *style);
        }
        if scroll == 0 {
            draw_cursor(world, area, buf, &foot, (top - bottom).saturating_sub(foot.len()));
        } else {
            let below = format!(" {} ", more_below(world.is_ascii(), scroll, "row"));
            put_right(buf, area, area.height.saturating_sub(1), &below, world.theme.cursor());
        }
    }

    fn steps(&self, world: &World) -> (bool, bool) {
        let (height, width) = world.room(PaneId::Terminal);
        let most = most_scroll(world, height, width, prompt_rows(world, width).len());
        let scroll = world.panes.terminal.scrollback.scroll.min(most);
        (scroll < most, scroll > 0)
    }

    fn step(&self, world: &mut World, rows: isize) {
        let (height, width) = world.room(PaneId::Terminal);
        let foot = prompt_rows(world, width).len();
        let most = most_scroll(world, height, width, foot);
        world.panes.terminal.scrollback.scroll =
            world.panes.terminal.scrollback.scroll.min(most).saturating_add_signed(-rows).min(most);
    }
}

/// The least rows of the terminal when it lends the others: the end of what was printed, and the prompt.
const LEAST: usize = 3;

/// How many of its usual rows it cannot spare.
pub fn needs(world: &World, usual: usize, width: usize) -> usize {
    let foot = prompt_rows(world, width).len();
    if world.asks() {
        return foot.min(usual);
    }
    let mut used = foot + pick_rows(world, width, usual).len();
    // What was printed in an earlier step may scroll away.
    for said in world.panes.terminal.scrollback.since(world.panes.terminal.step_began) {
        if used >= usual || world.panes.terminal.scrollback.scroll > 0 {
            return usual;
        }
        used += said.rows(width).len();
    }
    used.clamp(LEAST.min(usual), usual)
}

/// How far one can look back.
fn most_scroll(world: &World, height: usize, width: usize, foot: usize) -> usize {
    (world.panes.terminal.scrollback.rows(width) + foot).saturating_sub(height)
}

/// How a line looks, by who said it.
pub fn style_of(voice: Voice, theme: Theme) -> Style {
    theme.style(match voice {
        Voice::Typed => Meaning::Title,
        Voice::Out | Voice::Plain | Voice::Yaml => Meaning::Plain,
        Voice::Err | Voice::Bad | Voice::Removed => Meaning::Refused,
        Voice::Note => Meaning::Dim,
        Voice::Good | Voice::Added => Meaning::Good,
    })
}

struct PromptRow {
    text: String,
    style: Style,
    /// The column of the cursor, when it is in this row.
    cursor: Option<usize>,
}

/// The prompt over as many rows as it needs.
fn prompt_rows(world: &World, width: usize) -> Vec<PromptRow> {
    let dim = world.theme.style(Meaning::Dim);
    let mut rows: Vec<PromptRow> = Vec::new();
    // What is typed while a command runs is run after it.
    for line in &world.panes.terminal.ahead {
        let text = cut(&format!("  then: {}", line.replace('\n', " ")), width).into_owned();
        rows.push(PromptRow { text, style: dim, cursor: None });
    }
    if world.panes.terminal.running.is_some() && world.panes.terminal.prompt.is_empty() {
        rows.push(PromptRow { text: String::new(), style: Style::new(), cursor: Some(0) });
        return rows;
    }
    let prompt = &world.panes.terminal.prompt;
    if world.asks() && prompt.is_empty() {
        let text = cut("  The question comes first; Esc passes it.", width).into_owned();
        return vec![PromptRow { text, style: dim, cursor: None }];
    }
    if let Some(search) = &prompt.search {
        let found = search.found.and_then(|at| prompt.history().get(at)).map_or("", String::as_str);
        let found = found.replace('\n', " ");
        let missing =
            if search.found.is_none() && !search.query.is_empty() { "no earlier command has: " } else { "search: " };
        let head = format!("{missing}{}", search.query);
        let cursor = cells(&head);
        return wrap_typed(&format!("{head}  → {found}"), cursor, width);
    }
    let mut from = 0;
    for (number, line) in prompt.text().split('\n').enumerate() {
        let head = if number == 0 { PROMPT } else { FURTHER };
        let to = from + line.len();
        let here = (from..=to).contains(&prompt.cursor());
        let cursor = if here { cells(&line[..prompt.cursor() - from]) + cells(head) } else { usize::MAX };
        rows.extend(wrap_typed(&format!("{head}{line}"), cursor, width));
        from = to + 1;
    }
    rows
}

/// The most rows the list of words takes.
const PICK_ROWS: usize = 10;

/// The list of words that could follow, a page of it, below the prompt.
fn pick_rows(world: &World, width: usize, room: usize) -> Vec<PromptRow> {
    let Some(pick) = world.over::<Pick>() else { return Vec::new() };
    let row = |text: String, style| PromptRow { text, style, cursor: None };
    let dim = world.theme.style(Meaning::Dim);
    if pick.is_empty() {
        return vec![row("  nothing has these letters".to_owned(), dim)];
    }
    let (first, count) = page_of(pick, room);
    let page: Vec<(String, String)> = pick
        .fitting()
        .skip(first)
        .take(count)
        .map(|word| (sanitize_line(word.text.trim_end()).into_owned(), sanitize_line(&word.help).into_owned()))
        .collect();
    let widest = page.iter().map(|(text, _)| cells(text)).max().unwrap_or(0).min(width / 2);
    let mut rows: Vec<PromptRow> = page
        .iter()
        .enumerate()
        .map(|(at, (text, help))| {
            let chosen = first + at == pick.at();
            let (sign, style) = if chosen { ("▸ ", world.theme.cursor()) } else { ("  ", Style::new()) };
            // What has no help may take the whole row.
            let text = if help.is_empty() {
                format!("{sign}{text}")
            } else {
                let text = cut(text, widest);
                format!("{sign}{text}{}  {help}", " ".repeat(widest.saturating_sub(cells(&text))))
            };
            row(cut(&text, width).into_owned(), style)
        })
        .collect();
    if pick.len() > count && room > count {
        rows.push(row(format!("  {} of {} · letters narrow the list", pick.at() + 1, pick.len()), dim));
    }
    rows
}

/// The first of the words that are seen, and how many are.
fn page_of(pick: &Pick, room: usize) -> (usize, usize) {
    let count = room.saturating_sub(1).clamp(1, PICK_ROWS);
    (pick.at() / count * count, count)
}

/// The place in the list of words of the one that is drawn at a column and row of the screen.
pub fn word_at(world: &World, x: u16, y: u16) -> Option<usize> {
    let inner = world.place(PaneId::Terminal)?.inner;
    let row = usize::from(y.checked_sub(inner.y).filter(|_| inner.contains((x, y).into()))?);
    let (height, width) = (usize::from(inner.height), usize::from(inner.width));
    let typed = prompt_rows(world, width).len();
    let room = height.saturating_sub(typed);
    let mut used = typed + pick_rows(world, width, room).len();
    let listed = used - typed;
    for said in world.panes.terminal.scrollback.newest() {
        if used >= height {
            break;
        }
        used += said.rows(width).len();
    }
    let pick = world.over::<Pick>()?;
    let (first, count) = page_of(pick, room);
    let at = row.checked_sub(used.min(height) - listed.min(height)).filter(|at| *at < count)?;
    Some(first + at).filter(|at| *at < pick.len())
}

/// One line of the prompt over rows; `cursor` is its column in the whole line.
fn wrap_typed(line: &str, cursor: usize, width: usize) -> Vec<PromptRow> {
    let mut rows = Vec::new();
    let mut before = 0;
    for text in hard_wrap(line, width) {
        let wide = cells(text);
        let here = cursor >= before && cursor < before + wide;
        rows.push(PromptRow { text: text.to_owned(), style: Style::new(), cursor: here.then(|| cursor - before) });
        before += wide;
    }
    if cursor == before {
        // The cursor stands after the last letter: on a row of its own when that one is full.
        match rows.last_mut() {
            Some(last) if cells(&last.text) < width => last.cursor = Some(cells(&last.text)),
            _ => rows.push(PromptRow { text: String::new(), style: Style::new(), cursor: Some(0) }),
        }
    }
    rows
}

/// What the history goes on with, as far as the row has room. It hides nothing: the rest of the row is free.
fn ghost(world: &World, room: u16) -> Option<String> {
    let shown = world.theme.has_grey() && world.panes.terminal.running.is_none() && world.over::<Pick>().is_none();
    let ghost = world.panes.terminal.prompt.ghost().filter(|_| shown)?;
    Some(cut(&sanitize_line(ghost), usize::from(room)).into_owned())
}

fn draw_cursor(world: &World, area: Rect, buf: &mut Buffer, foot: &[PromptRow], above: usize) {
    // Who writes in the editor does not write here.
    if world.over::<Editor>().is_some() {
        return;
    }
    if world.focus != Focus::Prompt || (world.asks() && world.panes.terminal.prompt.is_empty()) {
        return;
    }
    let shown = usize::from(area.height).min(foot.len());
    for (at, row) in foot.iter().skip(foot.len() - shown).enumerate() {
        let (Some(column), Ok(y)) = (row.cursor, u16::try_from(above + at)) else { continue };
        let Ok(column) = u16::try_from(column) else { continue };
        let under = row.text.chars().scan(0, |used, c| {
            let start = *used;
            *used += c.width().unwrap_or(0);
            Some((start, c))
        });
        match under.into_iter().find(|(start, _)| *start == usize::from(column)) {
            Some((_, c)) => put(buf, area, column, y, &c.to_string(), world.theme.cursor()),
            None => match ghost(world, area.width.saturating_sub(column)) {
                Some(ghost) => {
                    put(buf, area, column, y, &ghost, world.theme.style(Meaning::Dim));
                    let first: String = ghost.chars().take(1).collect();
                    put(buf, area, column, y, &first, world.theme.cursor())
                }
                None => put(buf, area, column, y, "█", Style::new()),
            },
        };
    }
}
