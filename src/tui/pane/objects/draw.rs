//! The pane's picture: names, how things are and marks in columns of their own, and the story below.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::words::{Words, words};
use super::{State, tree, tree_height};
use crate::tui::pane::PaneId;
use crate::tui::theme::Meaning;
use crate::tui::widget::{cells, cut, cut_middle, put, put_line, put_right, wrap_plain};
use crate::tui::world::{Focus, World};

/// How many rows the story takes at most.
const STORY_ROWS: u16 = 6;
/// Below this many columns the lines of the tree are narrow.
const WIDE: usize = 72;
/// What lies between two columns.
const GAP: usize = 2;

/// Draws it.
pub fn draw(world: &World, area: Rect, buf: &mut Buffer) {
    let objects = &world.panes.objects;
    let theme = world.theme;
    let (tree, wishes) = tree(world);
    let shown = tree_height(usize::from(area.height));
    let top = objects.top(&tree, shown);
    let narrow = usize::from(area.width) < WIDE;
    let rows: Vec<_> = tree.rows.iter().skip(top).take(shown).collect();
    let mut said: Vec<(String, Words)> =
        rows.iter().map(|row| (row.lines(narrow), words(world, &tree, &wishes, row))).collect();
    let column = column(&said, usize::from(area.width));
    let focused = world.focus == Focus::Pane(PaneId::Objects);
    for (y, (row, (lines, words))) in (0..area.height).zip(rows.iter().zip(&mut said)) {
        put_words(world, lines, words, column, Rect { y: area.y + y, height: 1, ..area }.intersection(area), buf);
        if focused && objects.selected.as_ref().is_some_and(|key| tree.is(row, key)) {
            buf.set_style(Rect::new(area.x, area.y + y, area.width, 1).intersection(buf.area), theme.cursor());
        }
    }
    let drawn = u16::try_from(rows.len()).unwrap_or(u16::MAX);
    if drawn == 0 {
        let say = match (objects.index.ready, tree.hidden) {
            (false, _) => "Looking at the cluster …",
            (true, 0) => "Nothing is here yet.",
            (true, _) => "No row has that.",
        };
        put(buf, area, 0, 0, say, theme.style(Meaning::Dim));
    }
    let bottom = area.height.saturating_sub(1);
    match filter_line(objects, tree.hidden) {
        Some((text, meaning)) => {
            put(buf, area, 0, bottom, &cut(&text, usize::from(area.width)), theme.style(meaning));
        }
        None => draw_story(world, area, drawn, buf),
    }
    let below = tree.rows.len().saturating_sub(top + shown);
    if below > 0 {
        put_right(buf, area, bottom, &format!(" ↓ {below} more "), theme.style(Meaning::Dim));
    }
}

/// What stands in the last row while a filter is on.
fn filter_line(objects: &State, hidden: usize) -> Option<(String, Meaning)> {
    match (objects.typing, objects.filter.is_empty()) {
        (true, _) => Some((format!("/ {}▏", objects.filter), Meaning::Accent)),
        (false, false) => Some((format!("/ {} · {hidden} rows hidden", objects.filter), Meaning::Change)),
        (false, true) => None,
    }
}

/// The columns a name takes with what stands before it.
fn name_cells((lines, words): &(String, Words)) -> usize {
    cells(lines) + cells(&words.kind) + cells(&words.name.0)
}

/// How many columns a row has for its name and how it is: the mark keeps its own.
fn room(words: &Words, width: usize) -> usize {
    let mark = cells(&words.mark.0);
    width.saturating_sub(if mark > 0 { mark + GAP } else { 0 })
}

/// Where it begins how things are: behind the longest name, unless what is said there needs the room; then the longest names
/// push it on in their own rows.
fn column(rows: &[(String, Words)], width: usize) -> usize {
    let noted = || rows.iter().filter(|(_, words)| !words.note.0.is_empty());
    let widest = noted().map(name_cells).max().unwrap_or(0);
    let free = noted().map(|(_, words)| room(words, width).saturating_sub(GAP + cells(&words.note.0))).min();
    widest.min(free.unwrap_or(width).max(width * 2 / 5)) + GAP
}

fn put_words(world: &World, lines: &str, words: &Words, column: usize, area: Rect, buf: &mut Buffer) {
    let style = |meaning| world.theme.style(meaning);
    let room = room(words, usize::from(area.width));
    let before = cells(lines) + cells(&words.kind);
    let (name, note) = (cells(&words.name.0), cells(&words.note.0));
    // A name is cut only where it would leave what is said of it less than a third of the row.
    let least = if note == 0 { 0 } else { GAP + note.min(room / 3) };
    let shown = cut_middle(&words.name.0, name.min(room.saturating_sub(before + least)));
    let end = before + cells(&shown);
    let spans = vec![
        Span::styled(lines, style(Meaning::Dim)),
        Span::styled(words.kind.as_str(), style(Meaning::Dim)),
        Span::styled(shown, style(words.name.1)),
    ];
    let inner = Rect { width: u16::try_from(room).unwrap_or(area.width), ..area };
    put_line(buf, inner, 0, 0, &Line::from(spans));
    let at = column.max(end + GAP);
    if note > 0 && at < room {
        let text = cut(&words.note.0, room - at);
        put(buf, inner, u16::try_from(at).unwrap_or(u16::MAX), 0, &text, style(words.note.1));
    }
    put_right(buf, area, 0, &words.mark.0, style(words.mark.1));
}

/// The story's latest lines, the newest at the bottom, in the rows the tree leaves free; one row it always has.
fn draw_story(world: &World, area: Rect, drawn: u16, buf: &mut Buffer) {
    let width = usize::from(area.width);
    let style = world.theme.style(Meaning::Change);
    let free = area.height.saturating_sub(drawn + 1);
    let (mut bottom, top) = (area.height, area.height.saturating_sub(free.clamp(1, STORY_ROWS)));
    for (number, (at, said)) in world.panes.objects.index.story.iter().rev().enumerate() {
        let text = format!("{} {said}", at.strftime("%H:%M:%S"));
        let rows = wrap_plain(&text, style, width, 9);
        let high = u16::try_from(rows.len()).unwrap_or(u16::MAX);
        if bottom.saturating_sub(high) < top {
            if number == 0 {
                put(buf, area, 0, area.height.saturating_sub(1), &cut(&text, width), style);
            }
            return;
        }
        bottom -= high;
        for (y, row) in (bottom..).zip(&rows) {
            put_line(buf, area, 0, y, row);
        }
    }
}
