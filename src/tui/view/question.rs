//! A question in the middle of the screen, with its answers.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, Widget};

use crate::tui::layout;
use crate::tui::theme::Meaning;
use crate::tui::widget::{clear, put, put_line, wrap_plain};
use crate::tui::world::{Question, World};

/// Draws it.
pub fn draw(world: &World, area: Rect, buf: &mut Buffer) {
    let Some(question) = world.question else { return };
    let theme = world.theme;
    let text = match question {
        Question::Skip => "Not all checks are green yet. Go on anyway? You can come back: Esc, then p.",
        Question::Discard => "The file was changed. Close it and lose the changes?",
        Question::Restart => "Begin this lesson anew? Its steps and your answers to them are forgotten.",
    };
    let wide = 52.min(area.width);
    let lines = wrap_plain(text, theme.style(Meaning::Plain), usize::from(wide.saturating_sub(4)), 0);
    let high = u16::try_from(lines.len()).unwrap_or(1) + 4;
    let frame = layout::middle(world.width, world.height.saturating_sub(1), wide, high).intersection(area);
    clear(buf, frame);
    Block::bordered().border_style(theme.style(Meaning::Change)).render(frame, buf);
    let inner = Rect::new(frame.x + 2, frame.y + 1, frame.width.saturating_sub(4), frame.height.saturating_sub(2));
    for (row, line) in (0..inner.height).zip(&lines) {
        put_line(buf, inner, 0, row, line);
    }
    put(buf, inner, 0, inner.height.saturating_sub(1), "y yes   n no", theme.style(Meaning::Accent));
}
