//! What the pod that the lesson follows said last: some rows at the end of the pane.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::is_fresh;
use crate::base::sanitize_line;
use crate::tui::theme::Meaning;
use crate::tui::widget::{cells, cut, put_line, wrap_spans};
use crate::tui::world::{Open, World};

/// What stands before it.
const LABEL: &str = "logs ";

/// The rows at the end of a pane that it has to itself.
pub fn rows(world: &World, height: usize, width: usize) -> usize {
    world.lesson.as_ref().map_or(0, |open| lines(world, open, most(height), width).len())
}

/// A line that tells why something was refused is long; the step has to stay in sight.
fn most(height: usize) -> usize {
    (height / 6).clamp(1, 4)
}

/// Draws it, and gives the area above it.
pub fn draw(world: &World, open: &Open, area: Rect, buf: &mut Buffer) -> Rect {
    let lines = lines(world, open, most(area.height.into()), area.width.into());
    let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(area.height);
    let above = Rect { height: area.height - rows, ..area };
    for (row, line) in (above.height..area.height).zip(&lines) {
        put_line(buf, area, 0, row, line);
    }
    above
}

fn lines(world: &World, open: &Open, most: usize, width: usize) -> Vec<Line<'static>> {
    let (Some(pod), None) = (&open.lesson.follow, open.asking) else { return Vec::new() };
    let theme = world.theme;
    let label = Span::styled(LABEL, theme.style(Meaning::Accent));
    let (says, style) = match &open.said {
        Some((line, since)) if is_fresh(world, *since) && !world.is_still() => {
            (vec![without_date(line), bare(line)], theme.style(Meaning::Change).add_modifier(Modifier::BOLD))
        }
        Some((line, _)) => (vec![without_date(line), bare(line)], theme.style(Meaning::Plain)),
        None => (Vec::new(), theme.style(Meaning::Dim)),
    };
    let wrapped = |text: &str| {
        wrap_spans(&[Span::styled(text.to_owned(), style)], width, std::slice::from_ref(&label), cells(LABEL))
    };
    // What is said goes before when, how urgent, and by whom.
    let mut lines = wrapped(&format!("{} has said nothing yet", sanitize_line(pod)));
    for say in says {
        lines = wrapped(say);
        if lines.len() <= most {
            break;
        }
    }
    if lines.len() > most {
        lines.truncate(most);
        if let Some(line) = lines.last_mut() {
            let wide = line.width();
            if let Some(last) = line.spans.last_mut() {
                let before = wide.saturating_sub(cells(&last.content));
                let cut = cut(&format!("{} …", last.content), width.saturating_sub(before)).into_owned();
                *last = Span::styled(cut, style);
            }
        }
    }
    lines
}

/// A line of a log without the date it begins with: the time of day is enough, and room is short.
fn without_date(line: &str) -> &str {
    let is_date = |word: &str| word.len() == 10 && word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    without(line, is_date)
}

/// A line of a log without its date, time, level and the logger's name.
fn bare(line: &str) -> &str {
    let is_time = |word: &str| word.contains(':') && word.starts_with(|c: char| c.is_ascii_digit());
    let is_level = |word: &str| ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"].contains(&word);
    let line = without(without_date(line), is_time);
    let said = without(line, is_level);
    // A name stands behind a level.
    if said.len() < line.len() { without(said, |word| word.ends_with(':')) } else { line }
}

/// A line without its first word, if that is such a one.
fn without(line: &str, is_such: impl Fn(&str) -> bool) -> &str {
    match line.split_once(' ') {
        Some((first, rest)) if is_such(first) => rest,
        _ => line,
    }
}

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn a_line_of_a_log_is_bared() {
        for (line, want) in [
            ("2026-11-29 18:15:53,182 WARNING dashboard: GET /api 403: no", "GET /api 403: no"),
            ("18:15:53 GET /api 200", "GET /api 200"),
            ("error: it said so", "error: it said so"),
            ("ERROR", "ERROR"),
        ] {
            assert_eq!(bare(line), want);
        }
    }
}
