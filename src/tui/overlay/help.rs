//! The help: how the screen works, and every key of the table, those that work now first.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Widget};

use super::Over;
use crate::tui::effect::Effect;
use crate::tui::key::{Code, char, plain};
use crate::tui::keymap::when::always;
use crate::tui::keymap::{self, Binding, Layer, entry, function};
use crate::tui::layout;
use crate::tui::theme::Meaning;
use crate::tui::update::reading;
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

/// The open help.
#[derive(Clone, Copy, Debug, Default)]
pub struct Help {
    /// Rows scrolled away at the top.
    pub scroll: usize,
}

/// Its keys.
pub static LAYER: Layer = Layer {
    heading: "This help",
    keys: &[
        entry(
            &[plain(Code::Esc), char('q'), char('?'), function(1), plain(Code::Enter)],
            "close",
            "close the help",
            always,
            |world, _| {
                world.close::<Help>();
                Vec::new()
            },
            1,
        ),
        entry(
            &[char('w')],
            "words",
            "what the words of the course mean",
            always,
            |world, _| {
                world.close::<Help>();
                reading::words(world)
            },
            8,
        ),
    ],
};

fn scroll(world: &mut World, rows: isize) -> Vec<Effect> {
    let most = overflow(world);
    if let Some(help) = world.over_mut::<Help>() {
        help.scroll = help.scroll.min(most).saturating_add_signed(rows).min(most);
    }
    Vec::new()
}

fn frame(world: &World) -> Rect {
    layout::help(world.width, world.height)
}

/// How many rows do not fit.
fn overflow(world: &World) -> usize {
    let frame = frame(world);
    let lines = lines(world, usize::from(frame.width.saturating_sub(4))).len();
    lines.saturating_sub(usize::from(frame.height.saturating_sub(2)))
}

impl Over for Help {
    fn layer(&self) -> &'static Layer {
        &LAYER
    }

    fn draw(&self, world: &World, area: Rect, buf: &mut Buffer) {
        let theme = world.theme;
        let frame = frame(world).intersection(area);
        clear(buf, frame);
        Block::bordered().border_style(theme.style(Meaning::Accent)).render(frame, buf);
        put(buf, frame, 2, 0, " Help ", theme.style(Meaning::Accent));
        let inner = Rect::new(frame.x + 2, frame.y + 1, frame.width.saturating_sub(4), frame.height.saturating_sub(2));
        let lines = lines(world, usize::from(inner.width));
        for (row, line) in (0..inner.height).zip(lines.iter().skip(self.scroll)) {
            put_line(buf, inner, 0, row, line);
        }
        let below = lines.len().saturating_sub(self.scroll + usize::from(inner.height));
        if below > 0 {
            let edge = Rect { width: frame.width.saturating_sub(2), ..frame };
            let more = format!(" ↓ {below} more lines ");
            put_right(buf, edge, frame.height.saturating_sub(1), &more, theme.style(Meaning::Dim));
        }
    }

    fn scrolls(&self) -> bool {
        true
    }

    fn wheel(world: &mut World, rows: isize) {
        scroll(world, rows);
    }
}

fn lines(world: &World, width: usize) -> Vec<Line<'static>> {
    let theme = world.theme;
    let mut lines = Vec::new();
    let say = "Type commands at the prompt. The lesson says what to do; its checks turn green by themselves, \
               whatever command led there. Tab on an empty prompt goes to the panes, Esc comes back; Esc harms nothing, ever. \
               Nothing you type touches your own machine's files.";
    lines.extend(wrap_spans(&[Span::raw(say)], width, &[], 0));
    let say =
        "With Shift held (Option or Fn on a Mac) the mouse selects text; F12 gives it to the terminal altogether.";
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
    let here = keymap::under_help(world);
    let works = |layer: &&'static Layer| here.iter().any(|other| std::ptr::eq(*other, *layer));
    let others = keymap::all().into_iter().filter(|layer| !works(layer));
    for layer in here.iter().copied().chain(others) {
        lines.push(Line::default());
        let here = if works(&layer) { " (now)" } else { "" };
        lines.push(Line::styled(format!("{}{here}", layer.heading), theme.style(Meaning::Title)));
        for binding in layer.keys {
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
