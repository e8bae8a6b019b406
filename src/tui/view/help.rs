//! The help: how the screen works, and every key of the table, those that work now first.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Widget};

use crate::tui::keymap::{BINDINGS, Binding, Context};
use crate::tui::layout;
use crate::tui::theme::Meaning;
use crate::tui::widget::{clear, put, put_line, put_right, wrap_spans};
use crate::tui::world::World;

/// What the signs mean.
const SIGNS: &[(&str, Meaning, &str)] = &[
    ("▸", Meaning::Accent, "what to do now"),
    ("✔", Meaning::Good, "true now"),
    ("○", Meaning::Dim, "not yet true"),
    ("+ ~ -", Meaning::Change, "an object is new, changed, or gone"),
    ("✘", Meaning::Refused, "refused, wrong, or gone"),
];

/// The contexts that have keys of their own, in the order the help shows them.
const CONTEXTS: &[Context] = &[
    Context::Course,
    Context::End,
    Context::Ask,
    Context::Prompt,
    Context::Lesson,
    Context::Objects,
    Context::Token,
    Context::Terminal,
    Context::Search,
    Context::Pick,
    Context::Reader,
    Context::Editor,
];

fn frame(world: &World) -> Rect {
    layout::help(world.width, world.height)
}

/// Draws it.
pub fn draw(world: &World, area: Rect, buf: &mut Buffer) {
    let Some(scroll) = world.help else { return };
    let theme = world.theme;
    let frame = frame(world).intersection(area);
    clear(buf, frame);
    Block::bordered().border_style(theme.style(Meaning::Accent)).render(frame, buf);
    put(buf, frame, 2, 0, " Help ", theme.style(Meaning::Accent));
    let inner = Rect::new(frame.x + 2, frame.y + 1, frame.width.saturating_sub(4), frame.height.saturating_sub(2));
    let lines = lines(world, usize::from(inner.width));
    for (row, line) in (0..inner.height).zip(lines.iter().skip(scroll)) {
        put_line(buf, inner, 0, row, line);
    }
    let below = lines.len().saturating_sub(scroll + usize::from(inner.height));
    if below > 0 {
        let bottom = Rect { width: frame.width.saturating_sub(2), ..frame };
        put_right(
            buf,
            bottom,
            frame.height.saturating_sub(1),
            &format!(" ↓ {below} more lines "),
            theme.style(Meaning::Dim),
        );
    }
}

/// How many rows do not fit.
pub fn help_overflow(world: &World) -> usize {
    let frame = frame(world);
    let lines = lines(world, usize::from(frame.width.saturating_sub(4))).len();
    lines.saturating_sub(usize::from(frame.height.saturating_sub(2)))
}

fn lines(world: &World, width: usize) -> Vec<Line<'static>> {
    let theme = world.theme;
    let mut lines = Vec::new();
    let say = "Type commands at the prompt. The lesson says what to do; its checks turn green by themselves, \
               whatever command led there. Esc goes to the panes and back. Nothing you type touches your own machine's files.";
    lines.extend(wrap_spans(&[Span::raw(say)], width, &[], 0));
    lines.push(Line::default());
    if let Some(door) = &world.door {
        let say = "Another terminal can work on the same cluster, with your own kubectl; the panes follow. Type there:";
        lines.extend(wrap_spans(&[Span::raw(say)], width, &[], 0));
        let head = [Span::raw("  ")];
        lines.extend(wrap_spans(&[Span::styled(door.clone(), theme.style(Meaning::Accent))], width, &head, 4));
        lines.push(Line::default());
    }
    for (sign, meaning, say) in SIGNS {
        lines.push(Line::from(vec![
            Span::styled(format!("  {sign:<7}"), theme.style(*meaning)),
            Span::raw((*say).to_owned()),
        ]));
    }
    let here = Context::beneath(world);
    let others = CONTEXTS.iter().copied().filter(|context| *context != here);
    for context in std::iter::once(here).chain(others) {
        lines.push(Line::default());
        let here = if context == here { " (you are here)" } else { "" };
        lines.push(Line::styled(format!("{}{here}", context.heading()), theme.style(Meaning::Title)));
        for binding in BINDINGS.iter().filter(|binding| binding.contexts.contains(&context)) {
            lines.extend(row(binding, width, world));
        }
    }
    lines
}

fn row(binding: &Binding, width: usize, world: &World) -> Vec<Line<'static>> {
    let keys = match binding.keys {
        [first, .., last] if binding.keys.len() > 5 => format!("{first} … {last}"),
        keys => keys.iter().map(ToString::to_string).collect::<Vec<_>>().join("  "),
    };
    let head = Span::styled(format!("  {keys:<22} "), world.theme.style(Meaning::Accent));
    wrap_spans(&[Span::raw(binding.say)], width, &[head], 25)
}
