//! The course list: what there is, how far it is done, and where to go on.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::workbench::cluster_text;
use crate::base::sanitize_line;
use crate::tui::msg::Card;
use crate::tui::theme::Meaning;
use crate::tui::widget::{cells, cut, dots, put, put_line, put_right, wrap_spans};
use crate::tui::world::World;

/// The row the first lesson stands on.
const FIRST: u16 = 5;

/// Draws it.
pub fn draw(world: &World, area: Rect, buf: &mut Buffer) {
    let theme = world.theme;
    put(buf, area, 1, 0, "sa-tutor", theme.style(Meaning::Title));
    put_right(buf, area, 0, &format!("{} ", cluster_text(world, 30)), theme.style(Meaning::Dim));
    put(buf, area, 3, 2, "Service accounts and their tokens", theme.style(Meaning::Title));
    let say = "Who a pod is, what proves it, and how that changed.";
    put(buf, area, 3, 3, say, theme.style(Meaning::Dim));
    if world.course.lessons.is_empty() {
        let say = if world.course.ready { "There are no lessons here." } else { "Reading the lessons …" };
        put(buf, area, 3, FIRST, say, theme.style(Meaning::Dim));
    }
    let step = spacing(world);
    let widest = world.course.lessons.iter().map(|card| cells(&card.title)).max().unwrap_or(0).min(48);
    for (at, card) in world.course.lessons.iter().enumerate() {
        let Some(y) = u16::try_from(at).ok().and_then(|at| at.checked_mul(step)).map(|y| y + FIRST) else { break };
        if y + 1 >= area.height {
            break;
        }
        put_line(buf, area, 1, y, &line(world, at, card, widest));
    }
    draw_selected(world, area, buf, step);
    if let Some(notice) = &world.notice {
        let (sign, meaning) = if notice.bad { ("✘ ", Meaning::Refused) } else { ("· ", Meaning::Dim) };
        let text = sanitize_line(&notice.text);
        let rows = wrap_spans(
            &[Span::styled(text.into_owned(), theme.style(meaning))],
            usize::from(area.width.saturating_sub(6)),
            &[Span::styled(sign, theme.style(meaning))],
            2,
        );
        let from = area.height.saturating_sub(1 + u16::try_from(rows.len()).unwrap_or(1));
        for (row, line) in (from..area.height.saturating_sub(1)).zip(&rows) {
            put_line(buf, area, 3, row, line);
        }
    }
}

/// Lessons stand two rows apart where there is room.
fn spacing(world: &World) -> u16 {
    let lessons = u16::try_from(world.course.lessons.len()).unwrap_or(u16::MAX);
    if FIRST.saturating_add(lessons.saturating_mul(2)) + 11 <= world.height { 2 } else { 1 }
}

fn line(world: &World, at: usize, card: &Card, widest: usize) -> Line<'static> {
    let theme = world.theme;
    let selected = at == world.course.selected;
    let done = card.done.iter().filter(|done| **done).count();
    let all = card.done.len();
    let (say, meaning) = match done {
        done if done == all && all > 0 => ("✔ done".to_owned(), Meaning::Good),
        0 if card.step == 0 => ("not started".to_owned(), Meaning::Dim),
        _ => (format!("step {} of {all}", (card.step + 1).min(all)), Meaning::Plain),
    };
    let title = cut(&sanitize_line(&card.title), widest).into_owned();
    let pad = " ".repeat(widest.saturating_sub(cells(&title)));
    let style = theme.style(if selected { Meaning::Accent } else { Meaning::Plain });
    Line::from(vec![
        Span::styled(if selected { "▸ " } else { "  " }, style),
        Span::styled(format!("{}  {title}{pad}", at + 1), style),
        Span::styled(format!("  {:>2} min   ", card.minutes), theme.style(Meaning::Dim)),
        Span::styled(dots(&card.done, None), theme.style(Meaning::Good)),
        Span::raw("  "),
        Span::styled(say, theme.style(meaning)),
    ])
}

/// What the selected lesson is good for, below the list.
fn draw_selected(world: &World, area: Rect, buf: &mut Buffer, step: u16) {
    let theme = world.theme;
    let Some(card) = world.course.lessons.get(world.course.selected) else { return };
    if card.summary.is_empty() {
        return;
    }
    let lessons = u16::try_from(world.course.lessons.len()).unwrap_or(u16::MAX);
    let mut y = FIRST.saturating_add(lessons.saturating_mul(step)).saturating_add(1);
    let last = area.height.saturating_sub(2);
    if y >= last {
        return;
    }
    put(buf, area, 3, y, "After it you can answer:", theme.style(Meaning::Dim));
    y += 1;
    for text in card.summary.iter().take(3) {
        let rows = wrap_spans(
            &[Span::raw(sanitize_line(text).replace('`', ""))],
            usize::from(area.width.saturating_sub(6)).min(100),
            &[Span::styled("• ", theme.style(Meaning::Dim))],
            2,
        );
        for row in rows {
            if y >= last {
                return;
            }
            put_line(buf, area, 3, y, &row);
            y += 1;
        }
    }
}

/// The lesson at a place of the screen.
pub fn lesson_at(world: &World, _x: u16, y: u16) -> Option<usize> {
    let at = usize::from(y.checked_sub(FIRST)? / spacing(world));
    (at < world.course.lessons.len()).then_some(at)
}
