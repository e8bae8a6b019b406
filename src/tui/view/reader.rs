//! The reader: long output over the workbench.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, Widget};

use crate::tui::layout;
use crate::tui::pane::terminal::style_of;
use crate::tui::reader::room;
use crate::tui::theme::Meaning;
use crate::tui::widget::{clear, cut, put, put_right};
use crate::tui::world::World;

/// Draws it.
pub fn draw(world: &World, area: Rect, buf: &mut Buffer) {
    let Some(reader) = &world.reader else { return };
    let theme = world.theme;
    let frame = layout::editor(world.width, world.height).intersection(area);
    clear(buf, frame);
    Block::bordered().border_style(theme.style(Meaning::Accent)).render(frame, buf);
    let title = cut(&reader.title, usize::from(frame.width.saturating_sub(8)));
    put(buf, frame, 2, 0, &format!(" {title} "), theme.style(Meaning::Accent));
    let inner = Rect::new(frame.x + 2, frame.y + 1, frame.width.saturating_sub(4), frame.height.saturating_sub(2));
    let (width, height) = room(world);
    let rows = reader.rows(width);
    let top = reader.scroll.min(rows.len().saturating_sub(height));
    for (y, (at, (said, row))) in (0..inner.height).zip(rows.iter().enumerate().skip(top)) {
        let style = match (reader.hit == Some(at), reader.has(row)) {
            (true, _) => theme.cursor(),
            (false, true) => theme.style(Meaning::Accent),
            (false, false) => style_of(said.voice, theme),
        };
        put(buf, inner, 0, y, row, style);
    }
    let bottom = frame.height.saturating_sub(1);
    let foot = match &reader.asked {
        Some(asked) => format!(" /{asked}█ "),
        None if !reader.query.is_empty() && reader.hit.is_none() => format!(" no row has: {} ", reader.query),
        None => String::new(),
    };
    let foot = cut(&foot, usize::from(frame.width.saturating_sub(26)));
    put(buf, frame, 2, bottom, &foot, theme.style(Meaning::Accent));
    let below = rows.len().saturating_sub(top + height);
    if below > 0 {
        let edge = Rect { width: frame.width.saturating_sub(2), ..frame };
        put_right(buf, edge, bottom, &format!(" ↓ {below} more rows "), theme.style(Meaning::Dim));
    }
}
