//! The editor: the text with line numbers, its cursor, and what went wrong.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::{Block, Widget};
use unicode_width::UnicodeWidthChar;

use crate::base::sanitize_line;
use crate::tui::layout;
use crate::tui::theme::Meaning;
use crate::tui::widget::{cells, clear, cut, put, put_right};
use crate::tui::world::{Editor, World};

/// Columns for the line numbers.
const GUTTER: u16 = 5;

/// Draws it.
pub fn draw(world: &World, area: Rect, buf: &mut Buffer) {
    let Some(editor) = &world.editor else { return };
    let theme = world.theme;
    let frame = layout::editor(world.width, world.height).intersection(area);
    clear(buf, frame);
    Block::bordered().border_style(theme.style(Meaning::Accent)).render(frame, buf);
    let changed = if editor.is_changed() { " · changed" } else { "" };
    let title = format!(" Edit {}{changed} ", sanitize_line(&editor.path));
    put(buf, frame, 2, 0, &cut(&title, usize::from(frame.width.saturating_sub(4))), theme.style(Meaning::Accent));
    if let Some(notice) = &world.notice {
        let (sign, meaning) = if notice.bad { ("✘", Meaning::Refused) } else { ("·", Meaning::Dim) };
        let text = format!(" {sign} {} ", sanitize_line(&notice.text));
        let text = cut(&text, usize::from(frame.width.saturating_sub(4))).into_owned();
        put(buf, frame, 2, frame.height.saturating_sub(1), &text, theme.style(meaning));
    } else {
        let at = editor.area.cursor();
        let place = format!(" line {}, column {} ", at.0 + 1, at.1 + 1);
        let bottom = Rect { width: frame.width.saturating_sub(2), ..frame };
        put_right(buf, bottom, frame.height.saturating_sub(1), &place, theme.style(Meaning::Dim));
    }
    let inner = Rect::new(frame.x + 1, frame.y + 1, frame.width.saturating_sub(2), frame.height.saturating_sub(2));
    draw_text(world, editor, inner, buf);
}

fn draw_text(world: &World, editor: &Editor, area: Rect, buf: &mut Buffer) {
    let theme = world.theme;
    let (top, left) = editor.corner;
    let cursor = editor.area.cursor();
    for (row, (number, line)) in (0..area.height).zip(editor.area.lines().iter().enumerate().skip(top)) {
        put(buf, area, 0, row, &format!("{:>3} ", number + 1), theme.style(Meaning::Dim));
        let shown: String = line.chars().skip(left).collect();
        let text = sanitize_line(&shown).into_owned();
        put(buf, area, GUTTER, row, &text, text_style(line, world));
        if cursor.0 == number && cursor.1 >= left {
            let before: String = shown.chars().take(cursor.1 - left).collect();
            let column = u16::try_from(cells(&sanitize_line(&before))).unwrap_or(u16::MAX / 2);
            match shown.chars().nth(cursor.1 - left) {
                Some(c) if c.width().is_some() => {
                    put(buf, area, GUTTER.saturating_add(column), row, &c.to_string(), theme.cursor())
                }
                _ => put(buf, area, GUTTER.saturating_add(column), row, "█", Style::new()),
            };
        }
    }
}

/// Comments step back; the rest is plain.
fn text_style(line: &str, world: &World) -> Style {
    let meaning = if line.trim_start().starts_with('#') { Meaning::Dim } else { Meaning::Plain };
    world.theme.style(meaning)
}
