//! Long text to be read at leisure: rows that scroll, and a search through them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, Widget};

use super::Over;
use crate::base::seen;
use crate::tui::effect::Effect;
use crate::tui::key::{Code, Key, char, ctrl, plain};
use crate::tui::keymap::when::always;
use crate::tui::keymap::{Layer, entry};
use crate::tui::layout;
use crate::tui::pane::terminal::{Said, Voice, style_of};
use crate::tui::theme::Meaning;
use crate::tui::widget::{clear, cut, more_below, put, put_line, put_right, yaml};
use crate::tui::world::World;

/// Its keys.
pub static LAYER: Layer = Layer {
    heading: "Reading long output",
    keys: &[
        entry(
            &[plain(Code::Esc), char('q'), plain(Code::Enter)],
            "close",
            "close it",
            always,
            |world, _| {
                world.close::<Reader>();
                Vec::new()
            },
            1,
        ),
        entry(&[char('/')], "search", "search the text", always, |world, _| ask(world), 2),
        entry(&[char('n')], "next", "the next place found", has_query, |world, _| find(world, true), 3),
        entry(&[char('N')], "before", "the place found before", has_query, |world, _| find(world, false), 4),
    ],
};

/// The keys while something to look for is typed.
pub static FIND: Layer = Layer {
    heading: "Searching in it",
    keys: &[
        entry(&[plain(Code::Enter)], "find", "go to the first place found", always, |world, _| look(world), 1),
        entry(
            &[plain(Code::Esc), ctrl('c'), ctrl('g')],
            "cancel",
            "leave the search",
            always,
            |world, _| {
                if let Some(reader) = world.over_mut::<Reader>() {
                    reader.asked = None;
                }
                Vec::new()
            },
            2,
        ),
        entry(
            &[plain(Code::Backspace), ctrl('h')],
            "delete",
            "take back a letter",
            always,
            |world, _| {
                if let Some(asked) = world.over_mut::<Reader>().and_then(|reader| reader.asked.as_mut()) {
                    asked.pop();
                }
                Vec::new()
            },
            0,
        ),
    ],
};

fn has_query(world: &World, _: Key) -> bool {
    world.over::<Reader>().is_some_and(|reader| !reader.query.is_empty())
}

fn ask(world: &mut World) -> Vec<Effect> {
    if let Some(reader) = world.over_mut::<Reader>() {
        (reader.asked, reader.note) = (Some(String::new()), String::new());
    }
    Vec::new()
}

fn look(world: &mut World) -> Vec<Effect> {
    if let Some(reader) = world.over_mut::<Reader>() {
        reader.query = reader.asked.take().unwrap_or_default();
        reader.hit = None;
    }
    find(world, true)
}

impl Over for Reader {
    fn layer(&self) -> &'static Layer {
        if self.asked.is_some() { &FIND } else { &LAYER }
    }

    fn draw(&self, world: &World, area: Rect, buf: &mut Buffer) {
        let theme = world.theme;
        let frame = layout::editor(world.width, world.height).intersection(area);
        clear(buf, frame);
        Block::bordered().border_style(theme.style(Meaning::Accent)).render(frame, buf);
        let title = cut(&self.title, usize::from(frame.width.saturating_sub(8)));
        put(buf, frame, 2, 0, &format!(" {title} "), theme.style(Meaning::Accent));
        let inner = Rect::new(frame.x + 2, frame.y + 1, frame.width.saturating_sub(4), frame.height.saturating_sub(2));
        let (width, height) = room(world);
        let rows = self.rows(width);
        let top = self.scroll.min(rows.len().saturating_sub(height));
        for (y, (at, (said, row))) in (0..inner.height).zip(rows.iter().enumerate().skip(top)) {
            let style = match (self.hit == Some(at), self.has(row)) {
                (true, _) => theme.cursor(),
                (false, true) => theme.style(Meaning::Accent),
                (false, false) if said.voice == Voice::Yaml => {
                    put_line(buf, inner, 0, y, &yaml(row, theme));
                    continue;
                }
                (false, false) => style_of(said.voice, theme),
            };
            put(buf, inner, 0, y, row, style);
        }
        let bottom = frame.height.saturating_sub(1);
        let foot = match &self.asked {
            Some(asked) => format!(" /{asked}█ "),
            None if !self.query.is_empty() && self.hit.is_none() => format!(" no row has: {} ", self.query),
            None if !self.note.is_empty() => format!(" {} ", self.note),
            None => String::new(),
        };
        let foot = cut(&foot, usize::from(frame.width.saturating_sub(26)));
        put(buf, frame, 2, bottom, &foot, theme.style(Meaning::Accent));
        let below = rows.len().saturating_sub(top + height);
        if below > 0 {
            let edge = Rect { width: frame.width.saturating_sub(2), ..frame };
            put_right(
                buf,
                edge,
                bottom,
                &format!(" {} ", more_below(world.is_ascii(), below, "row")),
                theme.style(Meaning::Dim),
            );
        }
    }

    fn copied(&self, _world: &World) -> Option<String> {
        Some(self.lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n"))
    }

    fn scrolls(&self) -> bool {
        self.asked.is_none()
    }

    fn key(world: &mut World, key: Key) -> Vec<Effect> {
        key.typed().map_or_else(Vec::new, |c| Self::paste(world, c.encode_utf8(&mut [0; 4])))
    }

    fn paste(world: &mut World, text: &str) -> Vec<Effect> {
        if let Some(asked) = world.over_mut::<Self>().and_then(|reader| reader.asked.as_mut()) {
            asked.push_str(&seen(text));
        }
        Vec::new()
    }

    fn hidden(&self, world: &World) -> (usize, usize) {
        let (width, height) = room(world);
        let most = self.rows(width).len().saturating_sub(height);
        (self.scroll.min(most), most.saturating_sub(self.scroll))
    }

    fn wheel(world: &mut World, rows: isize) {
        scroll(world, rows);
    }
}

/// The open text.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    /// What it is.
    pub title: String,
    /// Its lines.
    pub lines: Vec<Said>,
    /// Rows scrolled away at the top.
    pub scroll: usize,
    /// What is being typed to look for, while it is.
    pub asked: Option<String>,
    /// What is looked for.
    pub query: String,
    /// The row found last.
    pub hit: Option<usize>,
    /// What was said while it is open, where its last row is free.
    pub note: String,
}

impl Reader {
    /// These lines, from their top.
    pub fn new(title: &str, lines: Vec<Said>) -> Self {
        Self { title: title.to_owned(), lines, ..Self::default() }
    }

    /// The rows at this width.
    pub fn rows(&self, width: usize) -> Vec<(&Said, &str)> {
        self.lines.iter().flat_map(|line| line.rows(width).into_iter().map(move |row| (line, row))).collect()
    }

    /// Whether a row has what is looked for.
    pub fn has(&self, row: &str) -> bool {
        !self.query.is_empty() && row.to_lowercase().contains(&self.query.to_lowercase())
    }
}

/// Columns and rows the text is drawn in.
fn room(world: &World) -> (usize, usize) {
    let frame = layout::editor(world.width, world.height);
    (usize::from(frame.width.saturating_sub(4)), usize::from(frame.height.saturating_sub(2)))
}

/// Scrolls, within the text.
fn scroll(world: &mut World, by: isize) -> Vec<Effect> {
    let (width, height) = room(world);
    if let Some(reader) = world.over_mut::<Reader>() {
        let most = reader.rows(width).len().saturating_sub(height);
        reader.scroll = reader.scroll.min(most).saturating_add_signed(by).min(most);
    }
    Vec::new()
}

/// Goes to the next row that has what is looked for, or the one before; around the ends.
fn find(world: &mut World, ahead: bool) -> Vec<Effect> {
    let (width, _) = room(world);
    let Some(reader) = world.over_mut::<Reader>() else { return Vec::new() };
    let rows = reader.rows(width);
    let hits: Vec<usize> = rows.iter().enumerate().filter(|(_, (_, row))| reader.has(row)).map(|(at, _)| at).collect();
    let next = match (reader.hit, ahead) {
        (Some(hit), true) => hits.iter().find(|at| **at > hit).or(hits.first()),
        (Some(hit), false) => hits.iter().rev().find(|at| **at < hit).or(hits.last()),
        (None, true) => hits.iter().find(|at| **at >= reader.scroll).or(hits.first()),
        (None, false) => hits.iter().rev().find(|at| **at < reader.scroll).or(hits.last()),
    };
    reader.hit = next.copied();
    if let Some(hit) = reader.hit {
        reader.scroll = hit;
        scroll(world, 0);
    }
    Vec::new()
}
