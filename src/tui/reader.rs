//! Long text to be read at leisure: rows that scroll, and a search through them.

use super::layout;
use super::pane::terminal::Said;
use super::world::World;

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
pub fn room(world: &World) -> (usize, usize) {
    let frame = layout::editor(world.width, world.height);
    (usize::from(frame.width.saturating_sub(4)), usize::from(frame.height.saturating_sub(2)))
}

/// Scrolls, within the text.
pub fn scroll(world: &mut World, by: isize) {
    let (width, height) = room(world);
    if let Some(reader) = &mut world.reader {
        let most = reader.rows(width).len().saturating_sub(height);
        reader.scroll = reader.scroll.min(most).saturating_add_signed(by).min(most);
    }
}

/// Goes to the next row that has what is looked for, or the one before; around the ends.
pub fn find(world: &mut World, ahead: bool) {
    let (width, _) = room(world);
    let Some(reader) = &mut world.reader else { return };
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
}
