//! Text into the buffer, cut at the edges. Nothing here writes outside the area it is given.

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::wrap::cells;

/// Writes `text` at a column and row of `area`, cut at its right edge. Gives the columns used.
pub fn put(buf: &mut Buffer, area: Rect, column: u16, row: u16, text: &str, style: Style) -> u16 {
    put_line(buf, area, column, row, &Line::from(Span::styled(text, style)))
}

/// Writes a styled line at a column and row of `area`, cut at its right edge. Gives the columns used.
pub fn put_line(buf: &mut Buffer, area: Rect, column: u16, row: u16, line: &Line<'_>) -> u16 {
    let area = area.intersection(buf.area);
    if row >= area.height || column >= area.width {
        return 0;
    }
    let x = area.x + column;
    let (end, _) = buf.set_line(x, area.y + row, line, area.width - column);
    end.saturating_sub(x)
}

/// Writes `text` so that it ends at the right edge of `area`.
pub fn put_right(buf: &mut Buffer, area: Rect, row: u16, text: &str, style: Style) {
    let width = u16::try_from(cells(text)).unwrap_or(u16::MAX);
    put(buf, area, area.width.saturating_sub(width), row, text, style);
}

/// Empties an area before something is drawn over it.
pub fn clear(buf: &mut Buffer, area: Rect) {
    let area = area.intersection(buf.area);
    let width = usize::from(buf.area.width);
    let from = usize::from(area.x - buf.area.x);
    for row in
        buf.content.chunks_exact_mut(width.max(1)).skip(usize::from(area.y - buf.area.y)).take(area.height.into())
    {
        if let Some(cells) = row.get_mut(from..from + usize::from(area.width)) {
            cells.fill(Cell::EMPTY);
        }
    }
}

/// How much is below what is seen: `↓ 3 more rows`. In ASCII the arrow would be one more `v`, and a word stands for it.
pub fn more_below(is_ascii: bool, count: usize, what: &str) -> String {
    let more = if what.is_empty() { format!("{count} more") } else { super::more(count, what) };
    if is_ascii { format!("{more} below") } else { format!("↓ {more}") }
}
