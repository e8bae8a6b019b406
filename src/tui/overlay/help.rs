//! The help: first what a step is and where the keys go, on one screen; behind it every key of the tables, those that work
//! now first.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Widget};

use super::{Over, Overlay, palette};
use crate::tui::effect::Effect;
use crate::tui::key::{Code, Key, alt, char, plain};
use crate::tui::keymap::when::always;
use crate::tui::keymap::{self, Binding, Layer, entry, function};
use crate::tui::layout;
use crate::tui::theme::Meaning;
use crate::tui::update::{reading, work};
use crate::tui::widget::{cells, clear, more_below, put, put_line, put_right, wrap_plain, wrap_spans};
use crate::tui::world::{Screen, World};

/// What the signs mean.
const SIGNS: &[(&str, Meaning, &str)] = &[
    ("▸", Meaning::Accent, "what to do now"),
    ("✔", Meaning::Good, "true now"),
    ("○", Meaning::Dim, "not yet true"),
    ("+ ~ -", Meaning::Change, "an object is new, changed, or gone"),
    ("✘", Meaning::Refused, "refused, wrong, or gone"),
];

/// The keys that matter most, in the words of a newcomer.
const FIRST: &[(Key, &str)] = &[
    (plain(Code::Enter), "run the line; on an empty prompt: put the suggested one there"),
    (plain(Code::Tab), "complete the word; on an empty prompt: go to the panes"),
    (palette::KEY, "find any action by its name, with its key"),
    (alt(Code::Char('w')), "what is this: an underlined word, a kind, a flag, a claim"),
    (function(2), "open the next hint"),
    (function(3), "go to the next step"),
    (function(4), "after an error: what it means, and what to do"),
    (function(10), "go to the course list; your place is kept"),
];

/// The open help.
#[derive(Clone, Copy, Debug, Default)]
pub struct Help {
    /// Rows scrolled away at the top.
    pub scroll: usize,
    /// Whether every key is listed.
    pub whole: bool,
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
        entry(&[plain(Code::Tab)], "every key", "every key there is", |world, _| !is_whole(world), turn, 2),
        entry(&[plain(Code::Tab)], "go back", "back from every key", |world, _| is_whole(world), turn, 2),
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

fn is_whole(world: &World) -> bool {
    world.over::<Help>().is_some_and(|help| help.whole)
}

fn turn(world: &mut World, _: Key) -> Vec<Effect> {
    if let Some(help) = world.over_mut::<Help>() {
        *help = Help { scroll: 0, whole: !help.whole };
    }
    Vec::new()
}

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
    let (frame, whole) = (frame(world), is_whole(world));
    let lines = lines(world, whole, usize::from(frame.width.saturating_sub(4))).len();
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
        let lines = lines(world, self.whole, usize::from(inner.width));
        for (row, line) in (0..inner.height).zip(lines.iter().skip(self.scroll)) {
            put_line(buf, inner, 0, row, line);
        }
        let other = if self.whole { " Tab goes back " } else { " Tab shows every key " };
        put(buf, frame, 2, frame.height.saturating_sub(1), other, theme.style(Meaning::Accent));
        let below = lines.len().saturating_sub(self.scroll + usize::from(inner.height));
        if below > 0 {
            let edge = Rect { width: frame.width.saturating_sub(2), ..frame };
            let more = format!(" {} ", more_below(world.is_ascii(), below, "line"));
            put_right(buf, edge, frame.height.saturating_sub(1), &more, theme.style(Meaning::Dim));
        }
    }

    fn scrolls(&self) -> bool {
        true
    }

    fn hidden(&self, world: &World) -> (usize, usize) {
        let most = overflow(world);
        (self.scroll.min(most), most.saturating_sub(self.scroll))
    }

    fn wheel(world: &mut World, rows: isize) {
        scroll(world, rows);
    }
}

fn lines(world: &World, whole: bool, width: usize) -> Vec<Line<'static>> {
    if whole { table(world, width) } else { first(world, width) }
}

fn say(text: &str, width: usize) -> Vec<Line<'static>> {
    wrap_spans(&[Span::raw(text.to_owned())], width, &[], 0)
}

/// What one has to know: of the step, or of what else has the keys.
fn first(world: &World, width: usize) -> Vec<Line<'static>> {
    let is_covered = world.over.iter().any(|overlay| !matches!(overlay, Overlay::Help(_)));
    match world.screen {
        _ if is_covered => here("What lies over the screen has the keys. Esc closes it.", world, width),
        Screen::Course => here(
            "This is the list of lessons. A lesson is a few steps. Each asks a question, has you do something, shows what \
             came of it, and explains it. There is no prompt here: letters are commands.",
            world,
            width,
        ),
        Screen::End => here("This is the end of the course. Letters are commands here.", world, width),
        Screen::Workbench => step(world, width),
    }
}

/// The keys that work where there is no prompt.
fn here(text: &str, world: &World, width: usize) -> Vec<Line<'static>> {
    let mut lines = say(text, width);
    lines.push(Line::default());
    let inner = keymap::under_help(world);
    for (layer, binding, works) in working(&inner, world) {
        // Of what works everywhere the first page has the most needed.
        if works && (binding.rank > 0 || !std::ptr::eq(layer, &work::EVERYWHERE)) {
            lines.extend(row(binding, width, world, true));
        }
    }
    lines
}

/// The entries of these tables, and whether each would do something now.
fn working<'l>(layers: &[&'l Layer], world: &World) -> Vec<(&'l Layer, &'l Binding, bool)> {
    let mut taken: Vec<Key> = Vec::new();
    let mut entries = Vec::new();
    for layer in layers {
        for binding in layer.keys {
            // The help is open, and would open where it is not.
            let works = |key: &&Key| **key == keymap::HELP || (binding.when)(world, **key);
            let own: Vec<Key> = binding.keys.iter().filter(works).filter(|key| !taken.contains(key)).copied().collect();
            entries.push((*layer, binding, !own.is_empty()));
            taken.extend(own);
        }
    }
    entries
}

/// What one has to know of a step.
fn step(world: &World, width: usize) -> Vec<Line<'static>> {
    let theme = world.theme;
    let mut lines = say(
        "A step asks a question, has you do something, shows what came of it, and explains it. Checks turn to ✔ by \
         themselves, whatever command led there.",
        width,
    );
    lines.push(Line::default());
    lines.extend(say(
        "Letters always type at the prompt. Tab on an empty prompt goes to the panes: arrows and Enter act there. Esc \
         closes what is open and harms nothing. Nothing you type touches your own machine's files.",
        width,
    ));
    if let Some(door) = &world.door {
        lines.extend(say("Your own kubectl works on this cluster, too. In another terminal, type:", width));
        let head = [Span::raw("  ")];
        lines.extend(wrap_spans(&[Span::styled(door.clone(), theme.style(Meaning::Accent))], width, &head, 4));
    }
    lines.push(Line::default());
    for (key, what) in FIRST {
        let head = Span::styled(format!("  {:<8} ", key.to_string()), theme.style(Meaning::Accent));
        lines.extend(wrap_spans(&[Span::raw(*what)], width, &[head], 11));
    }
    lines.push(Line::default());
    let sign =
        |sign: &'static str, meaning, what: &'static str| [Span::styled(sign, theme.style(meaning)), Span::raw(what)];
    let signs = [
        sign("▸", Meaning::Accent, " do this · "),
        sign("✔", Meaning::Good, " true now · "),
        sign("○", Meaning::Dim, " not yet · "),
        sign("+ ~ -", Meaning::Change, " new, changed, gone · "),
        sign("✘", Meaning::Refused, " refused"),
    ];
    lines.extend(wrap_spans(&signs.concat(), width, &[], 0));
    lines.extend(say(
        "With Shift held (Option or Fn on a Mac) the mouse selects text; F12 gives it to the terminal altogether. Alt-C copies.",
        width,
    ));
    lines
}

/// Every key.
fn table(world: &World, width: usize) -> Vec<Line<'static>> {
    let theme = world.theme;
    let mut lines: Vec<Line<'static>> = Vec::new();
    for (sign, meaning, say) in SIGNS {
        lines.push(Line::from(vec![
            Span::styled(format!("  {sign:<7}"), theme.style(*meaning)),
            Span::raw((*say).to_owned()),
        ]));
    }
    let here = keymap::under_help(world);
    let works = |layer: &&'static Layer| here.iter().any(|other| std::ptr::eq(*other, *layer));
    let others = keymap::all().into_iter().filter(|layer| !works(layer));
    let heading = |lines: &mut Vec<Line<'static>>, text: String| {
        lines.push(Line::default());
        lines.push(Line::styled(text, theme.style(Meaning::Title)));
    };
    let entries = working(&here, world);
    for layer in &here {
        let of = |works: bool| entries.iter().filter(move |entry| std::ptr::eq(entry.0, *layer) && entry.2 == works);
        heading(&mut lines, format!("{} · works here", layer.heading));
        of(true).for_each(|(_, binding, _)| lines.extend(row(binding, width, world, true)));
        if of(false).next().is_some() {
            lines.push(Line::styled("  not now:", theme.style(Meaning::Dim)));
        }
        of(false).for_each(|(_, binding, _)| lines.extend(row(binding, width, world, false)));
    }
    for layer in others {
        heading(&mut lines, layer.heading.to_owned());
        layer.keys.iter().for_each(|binding| lines.extend(row(binding, width, world, true)));
    }
    lines
}

/// The columns of the keys.
const KEYS: usize = 20;

/// The keys on the left, over as many rows as they need, and beside them what they do. What would do nothing now steps back.
fn row(binding: &Binding, width: usize, world: &World, works: bool) -> Vec<Line<'static>> {
    let names = match binding.keys {
        [first, .., last] if binding.keys.len() > 5 => vec![format!("{first} … {last}")],
        keys => keys.iter().map(ToString::to_string).collect(),
    };
    let mut heads: Vec<String> = Vec::new();
    for name in names {
        match heads.last_mut() {
            Some(last) if cells(last) + 2 + cells(&name) <= KEYS => *last = format!("{last}  {name}"),
            _ => heads.push(name),
        }
    }
    let dim = world.theme.style(Meaning::Dim);
    let style = if works { Style::new() } else { dim };
    let mut says = wrap_plain(binding.say, style, width.saturating_sub(KEYS + 4).max(8), 0).into_iter();
    let rows = heads.len().max(says.len());
    let mut heads = heads.into_iter();
    (0..rows)
        .map(|_| {
            let head = format!("  {:<KEYS$}  ", heads.next().unwrap_or_default());
            let style = if works { world.theme.style(Meaning::Accent) } else { dim };
            let mut spans = vec![Span::styled(head, style)];
            spans.extend(says.next().unwrap_or_default().spans);
            Line::from(spans)
        })
        .collect()
}
