//! The pane's picture: names, how things are and marks in columns of their own, and the story below.

use std::collections::BTreeSet;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::tree::{Branches, Row};
use super::words::{Words, words};
use super::{State, tree, tree_height};
use crate::tui::pane::PaneId;
use crate::tui::theme::Meaning;
use crate::tui::widget::{cells, cut, cut_middle, more_below, put, put_line, put_right, wrap_plain};
use crate::tui::world::{Focus, World};

/// How many rows the story takes at most.
const STORY_ROWS: u16 = 6;
/// Below this many columns the lines of the tree are narrow.
const WIDE: usize = 72;
/// What lies between two columns.
const GAP: usize = 2;
/// As many columns has a word that says how things are, such as `Terminating`.
const WORD: usize = 12;
/// What remains of it beside the longest name.
const LEAST: usize = 6;

/// Draws it.
pub fn draw(world: &World, area: Rect, buf: &mut Buffer) {
    let objects = &world.panes.objects;
    let theme = world.theme;
    let (tree, wishes) = tree(world);
    let shown = tree_height(usize::from(area.height));
    let top = objects.top(&tree, shown);
    let width = usize::from(area.width);
    let branches = match (width < WIDE, world.is_ascii()) {
        (false, _) => Branches::Wide,
        (true, false) => Branches::Narrow,
        (true, true) => Branches::Joined,
    };
    let rows: Vec<_> = tree.rows.iter().skip(top).take(shown).collect();
    let fitted = |row: &&Row| Fitted::new(row.lines(branches), words(world, &tree, &wishes, row), width);
    let said: Vec<Fitted> = rows.iter().map(fitted).collect();
    let column = column(&said);
    let focused = world.focus == Focus::Pane(PaneId::Objects);
    for (y, (row, fitted)) in (0..area.height).zip(rows.iter().zip(&said)) {
        let line = Rect { y: area.y + y, height: 1, ..area }.intersection(buf.area);
        fitted.draw(world, column, line, buf);
        if focused && objects.selected.as_ref().is_some_and(|key| tree.is(row, key)) {
            buf.set_style(line, theme.cursor());
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
        put_right(
            buf,
            area,
            bottom,
            &format!(" {} ", more_below(world.is_ascii(), below, "")),
            theme.style(Meaning::Dim),
        );
    }
}

/// What stands in the last row while a filter is on.
fn filter_line(objects: &State, hidden: usize) -> Option<(String, Meaning)> {
    match (objects.typing, objects.filter.is_empty()) {
        (true, _) => Some((format!("/ {}▏", objects.filter), Meaning::Accent)),
        (false, false) => {
            let rows = if hidden == 1 { "row" } else { "rows" };
            Some((format!("/ {} · {hidden} {rows} hidden", objects.filter), Meaning::Change))
        }
        (false, true) => None,
    }
}

/// The words of a row, and the room that each has.
struct Fitted {
    lines: String,
    words: Words,
    /// As much of the mark as there is room for.
    mark: String,
    /// Columns before the mark.
    room: usize,
    /// Columns of the name, and of all before it.
    name: usize,
    /// Columns of how it is.
    note: usize,
    /// Columns that the name leaves for it, whatever its length.
    least: usize,
}

impl Fitted {
    fn new(lines: String, words: Words, width: usize) -> Self {
        let name = cells(&lines) + cells(&words.kind) + cells(&words.name.0);
        let note = cells(&words.note.0);
        let needs = |least: usize, mark: &str| {
            let note = if note > 0 { GAP + note.min(least) } else { 0 };
            name + note + taken(mark)
        };
        let (marks, short) = (&words.marks.0, words.marks.0.last().map_or("", String::as_str));
        // No name is cut for the sake of a mark. One that has to be cut leaves all the others their room.
        let is_cut = needs(LEAST, short) > width;
        let whole = marks.iter().find(|mark| !is_cut && needs(note, mark) <= width);
        let mark = whole.or_else(|| marks.iter().find(|mark| is_cut || needs(WORD, mark) <= width));
        let mark = mark.map_or_else(|| short.to_owned(), String::clone);
        let room = width.saturating_sub(taken(&mark));
        let least = if is_cut { room / 3 } else { LEAST };
        Self { lines, words, mark, room, name, note, least }
    }

    /// Whether it has room for everything, when what is said of it begins in this column.
    fn fits(&self, column: usize) -> bool {
        self.name + GAP <= column && column + self.note <= self.room
    }

    fn draw(&self, world: &World, column: usize, area: Rect, buf: &mut Buffer) {
        let style = |meaning| world.theme.style(meaning);
        let words = &self.words;
        let before = cells(&self.lines) + cells(&words.kind);
        let least = if self.note == 0 { 0 } else { GAP + self.note.min(self.least) };
        let left = self.room.saturating_sub(before + least);
        // A sentence ends early; a name keeps the end that tells it from others.
        let is_sentence = words.name.0.contains(' ');
        let shown = if is_sentence { cut(&words.name.0, left) } else { cut_middle(&words.name.0, left) };
        let end = before + cells(&shown);
        let spans = vec![
            Span::styled(self.lines.as_str(), style(Meaning::Dim)),
            Span::styled(words.kind.as_str(), style(Meaning::Dim)),
            Span::styled(shown, style(words.name.1)),
        ];
        let inner = Rect { width: u16::try_from(self.room).unwrap_or(area.width).min(area.width), ..area };
        put_line(buf, inner, 0, 0, &Line::from(spans));
        // What does not fit where the others stand begins as much earlier as it must, or behind its long name.
        let at = column.min(self.room.saturating_sub(self.note)).max(end + GAP);
        if self.note > 0 && at < self.room {
            let text = cut(&words.note.0, self.room - at);
            put(buf, inner, u16::try_from(at).unwrap_or(u16::MAX), 0, &text, style(words.note.1));
        }
        put_right(buf, area, 0, &self.mark, style(words.marks.1));
    }
}

/// The columns that a mark takes, with what lies before it.
fn taken(mark: &str) -> usize {
    match cells(mark) {
        0 => 0,
        1 => 2,
        wide => GAP + wide,
    }
}

/// The column where most rows can say how things are.
fn column(rows: &[Fitted]) -> usize {
    let candidates: BTreeSet<usize> = rows.iter().filter(|row| row.note > 0).map(|row| row.name + GAP).collect();
    let fitting = |column: usize| rows.iter().filter(|row| row.note > 0 && row.fits(column)).count();
    // The first of those that are as good.
    let best = candidates.into_iter().rev().max_by_key(|column| fitting(*column));
    best.unwrap_or(GAP)
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
