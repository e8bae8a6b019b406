//! A framed sheet over the screen with rows that scroll: what several overlays look like.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Block, Widget};

use crate::tui::layout;
use crate::tui::theme::Meaning;
use crate::tui::widget::{clear, cut, more_below, put, put_line, put_right};
use crate::tui::world::World;

/// Columns and rows a sheet has for its text.
pub fn room(world: &World) -> (usize, usize) {
    let frame = layout::editor(world.width, world.height);
    (usize::from(frame.width.saturating_sub(4)), usize::from(frame.height.saturating_sub(2)))
}

/// How far `rows` rows are scrolled, `by` rows further, when `kept` rows above them stay.
pub fn scrolled(world: &World, scroll: usize, rows: usize, kept: usize, by: isize) -> usize {
    let most = rows.saturating_sub(room(world).1.saturating_sub(kept));
    scroll.min(most).saturating_add_signed(by).min(most)
}

/// How many of `rows` rows are hidden above, and how many below, when `kept` rows above them stay.
pub fn hidden(world: &World, scroll: usize, rows: usize, kept: usize) -> (usize, usize) {
    let scroll = scrolled(world, scroll, rows, kept, 0);
    (scroll, rows.saturating_sub(room(world).1.saturating_sub(kept)) - scroll)
}

/// Draws a sheet: `head` stays where it is, `rows` are scrolled below it.
pub fn draw(
    world: &World,
    title: &str,
    head: &[Line<'_>],
    rows: &[Line<'_>],
    scroll: usize,
    area: Rect,
    buf: &mut Buffer,
) {
    let theme = world.theme;
    let frame = layout::editor(world.width, world.height).intersection(area);
    clear(buf, frame);
    Block::bordered().border_style(theme.style(Meaning::Accent)).render(frame, buf);
    let title = cut(title, usize::from(frame.width.saturating_sub(8)));
    put(buf, frame, 2, 0, &format!(" {title} "), theme.style(Meaning::Accent));
    let inner = Rect::new(frame.x + 2, frame.y + 1, frame.width.saturating_sub(4), frame.height.saturating_sub(2));
    let height = usize::from(inner.height).saturating_sub(head.len());
    let top = scroll.min(rows.len().saturating_sub(height));
    for (y, line) in (0..inner.height).zip(head.iter().chain(rows.iter().skip(top))) {
        put_line(buf, inner, 0, y, line);
    }
    let below = rows.len().saturating_sub(top + height);
    if below > 0 {
        let edge = Rect { width: frame.width.saturating_sub(2), ..frame };
        let foot = frame.height.saturating_sub(1);
        put_right(
            buf,
            edge,
            foot,
            &format!(" {} ", more_below(world.is_ascii(), below, "row")),
            theme.style(Meaning::Dim),
        );
    }
}
