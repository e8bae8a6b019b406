//! The picture of a world. Looks only: same world, same picture.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::ascii;
use super::keymap::{footer, holder};
use super::layout::LEAST;
use super::screen::{course, end, workbench};
use super::theme::Meaning;
use super::widget::{put, wrap_plain};
use super::world::{Screen, World};

/// Draws the world over the whole buffer.
pub fn view(world: &World, buf: &mut Buffer) {
    draw(world, buf);
    world.theme.paint(buf);
    if world.is_ascii() {
        ascii::replace(buf);
    }
}

fn draw(world: &World, buf: &mut Buffer) {
    let area = buf.area;
    if area.is_empty() {
        return;
    }
    super::widget::clear(buf, area);
    // Between a resize and its message, the buffer and the world may differ.
    if !world.fits() || area.width < world.width || area.height < world.height {
        draw_too_small(world, area, buf);
        return;
    }
    match world.screen {
        Screen::Course => course::draw(world, area, buf),
        Screen::End => end::draw(world, area, buf),
        Screen::Workbench => workbench::draw(world, area, buf),
    }
    for overlay in &world.over {
        overlay.draw(world, area, buf);
    }
    draw_footer(world, area, buf);
}

fn draw_too_small(world: &World, area: Rect, buf: &mut Buffer) {
    let (columns, rows) = LEAST;
    let text = format!(
        "Too small: {columns} × {rows} is needed, and this window has {} × {}. Make it larger, or press Ctrl-Q to leave.",
        area.width, area.height
    );
    let lines = wrap_plain(&text, world.theme.style(Meaning::Accent), usize::from(area.width), 0);
    for (row, line) in (0..area.height).zip(lines) {
        super::widget::put_line(buf, area, 0, row, &line);
    }
}

/// Who has the keys, and the keys that work now.
fn draw_footer(world: &World, area: Rect, buf: &mut Buffer) {
    let row = Rect::new(area.x, world.height.saturating_sub(1), world.width, 1);
    super::widget::clear(buf, row);
    if let Some(name) = holder(world) {
        put(buf, row, 1, 0, &format!("{name} ▸"), world.theme.cursor());
    }
    for item in footer(world, world.width) {
        let used = put(buf, row, item.from, 0, &item.name, world.theme.style(Meaning::Accent));
        put(buf, row, item.from + used + 1, 0, item.label, world.theme.style(Meaning::Dim));
    }
}
