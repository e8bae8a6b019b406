//! The clock: how far to move it, what comes next by itself, and what came of moving it.

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::{Pane, PaneId};
use crate::base::{human_duration, sanitize_line, time_of_day};
use crate::tui::effect::{Effect, Jump};
use crate::tui::key::{Code, Key, plain};
use crate::tui::keymap::{Layer, entry};
use crate::tui::msg::ClockNews;
use crate::tui::theme::Meaning;
use crate::tui::widget::{more_below, put_line, put_right, wrap_spans};
use crate::tui::world::{Focus, World};

/// The pane.
pub struct ClockPane;

/// Its entry.
pub static PANE: ClockPane = ClockPane;

/// How far the clock can be moved at once, in seconds, and what that is called.
const SPANS: &[(i64, &str)] = &[(600, "10 minutes"), (3600, "1 hour"), (86_400, "1 day"), (31_536_000, "1 year")];
/// How many moves are remembered.
const MOST: usize = 20;

/// What the pane remembers.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Whether this clock can be moved; unknown before a cluster is there.
    pub moves: Option<bool>,
    /// How far it was moved, in seconds.
    pub ahead: i64,
    /// When what will happen, the next first.
    pub upcoming: Vec<(Timestamp, String)>,
    /// The moves, the last first: from when, to when, what came of it.
    pub passed: Vec<(Timestamp, Timestamp, Vec<String>)>,
    /// The row that is selected.
    pub at: usize,
    /// Rows scrolled away.
    pub scroll: usize,
    /// Whether a move was asked for and is not over.
    pub moving: bool,
}

/// The clock was moved, or what it will bring is known.
pub fn hear(world: &mut World, news: ClockNews) -> Vec<Effect> {
    let state = &mut world.panes.clock;
    match news {
        ClockNews::Comes { moves, ahead, upcoming } => {
            (state.moves, state.ahead, state.upcoming) = (Some(moves), ahead, upcoming);
            // What was taken back has not happened.
            let now = world.now;
            state.passed.retain(|(_, to, _)| *to <= now);
        }
        ClockNews::Passed { from, to, lines } => {
            state.passed.insert(0, (from, to, lines));
            state.passed.truncate(MOST);
            (state.moving, state.scroll) = (false, 0);
            reveal(world);
        }
    }
    Vec::new()
}

/// Scrolls so that what came of the last move is seen: whole where it fits, else from its beginning.
fn reveal(world: &mut World) {
    world.share_rows();
    let (height, width) = world.room(PaneId::Clock);
    let page = page(world, width);
    let room = height.saturating_sub(usize::from(page.rows.len() > height));
    world.panes.clock.scroll = page.passed.1.saturating_sub(room).min(page.passed.0);
}

/// Why a clock cannot be moved.
pub const FIXED: &str = "This cluster's clock cannot be moved: it is a real one, and its clock is that of its machines. On the \
                         built-in simulator an hour passes at a key.";

/// The row that moves the clock so far: `10m`, `1h`, `1d`, `1y`, or `next`.
pub fn row_of(world: &World, far: &str) -> Option<usize> {
    let spans = SPANS.iter().position(|(seconds, name)| far == moved(*seconds) || far == *name);
    spans.or_else(|| (far == "next" && world.panes.clock.next(world.now).is_some()).then_some(SPANS.len()))
}

/// Whether the cluster's clock can be moved.
pub fn can_move(world: &World) -> bool {
    world.panes.clock.moves == Some(true)
}

/// Whether the clock can be moved now.
fn can_go(world: &World, _: Key) -> bool {
    let state = &world.panes.clock;
    state.moves == Some(true) && !state.moving && world.panes.terminal.running.is_none()
}

static LAYER: Layer = Layer {
    heading: "The clock pane",
    keys: &[entry(&[plain(Code::Enter)], "move it", "move the clock forward by what is selected", can_go, go, 1)],
};

fn go(world: &mut World, _: Key) -> Vec<Effect> {
    let now = world.now;
    let state = &mut world.panes.clock;
    let jump = match SPANS.get(state.at) {
        Some((seconds, _)) => Jump::By(*seconds),
        None => match state.next(now) {
            Some((at, _)) => Jump::To(*at),
            None => return Vec::new(),
        },
    };
    state.moving = true;
    vec![Effect::Advance(jump)]
}

impl State {
    /// What comes next.
    fn next(&self, now: Timestamp) -> Option<&(Timestamp, String)> {
        self.upcoming.iter().find(|(at, _)| *at > now)
    }

    /// The rows that can be selected.
    fn choices(&self, now: Timestamp) -> usize {
        SPANS.len() + usize::from(self.next(now).is_some())
    }
}

impl Pane for ClockPane {
    fn id(&self) -> PaneId {
        PaneId::Clock
    }

    fn title(&self) -> &'static str {
        "Clock"
    }

    fn layer(&self) -> &'static Layer {
        &LAYER
    }

    fn draw(&self, world: &World, area: Rect, buf: &mut Buffer) {
        let rows = page(world, usize::from(area.width)).rows;
        let room = usize::from(area.height);
        let foot = usize::from(rows.len() > room);
        let most = rows.len().saturating_sub(room.saturating_sub(foot));
        let scroll = world.panes.clock.scroll.min(most);
        for (row, line) in (0..area.height.saturating_sub(u16::from(foot > 0))).zip(rows.iter().skip(scroll)) {
            put_line(buf, area, 0, row, line);
        }
        if scroll < most {
            let more = format!(" {} ", more_below(world.is_ascii(), most - scroll, ""));
            put_right(buf, area, area.height.saturating_sub(1), &more, world.theme.style(Meaning::Dim));
        }
    }

    fn step(&self, world: &mut World, by: isize) {
        let now = world.now;
        let state = &mut world.panes.clock;
        let last = state.choices(now).saturating_sub(1);
        let at = state.at.min(last);
        // The choices stand above the text: downwards they come first, upwards last.
        let first = if by < 0 { state.scroll } else { last - at }.min(by.unsigned_abs()).cast_signed() * by.signum();
        let rest = by - first;
        let (selected, scrolled) = if by < 0 { (rest, first) } else { (first, rest) };
        state.at = at.saturating_add_signed(selected).min(last);
        self.scroll(world, scrolled);
    }

    fn steps(&self, world: &World) -> (bool, bool) {
        let (state, last) = (&world.panes.clock, world.panes.clock.choices(world.now).saturating_sub(1));
        let (at, most) = (state.at.min(last), most(world));
        (at > 0 || state.scroll.min(most) > 0, at < last || state.scroll < most)
    }

    fn scroll(&self, world: &mut World, by: isize) {
        let most = most(world);
        let state = &mut world.panes.clock;
        state.scroll = state.scroll.min(most).saturating_add_signed(by).min(most);
    }

    fn click(&self, world: &mut World, _column: u16, row: u16) {
        let (now, width) = (world.now, world.room(PaneId::Clock).1);
        let rows = page(world, width).chosen.saturating_sub(HEAD);
        let state = &mut world.panes.clock;
        let at = (usize::from(row) + state.scroll).checked_sub(HEAD);
        // The last one may take more than a row.
        if let Some(at) = at.filter(|at| *at < rows) {
            state.at = at.min(state.choices(now).saturating_sub(1));
        }
    }

    fn wants(&self, world: &World, width: usize) -> (usize, usize) {
        let page = page(world, width);
        // Who moves the clock does not type, and sees what comes of it.
        let must = if world.focus == Focus::Pane(PaneId::Clock) { page.passed.1.max(page.chosen) } else { 0 };
        (must, page.rows.len())
    }

    fn is_veiled(&self) -> bool {
        false
    }
}

/// How far it can be scrolled.
fn most(world: &World) -> usize {
    let (height, width) = world.room(PaneId::Clock);
    let length = page(world, width).rows.len();
    length.saturating_sub(height.saturating_sub(usize::from(length > height)))
}

/// The rows above the choices.
const HEAD: usize = 1;

/// The pane laid out.
#[derive(Default)]
struct Page {
    /// The rows.
    rows: Vec<Line<'static>>,
    /// The row after the choices.
    chosen: usize,
    /// The row at which what came of the last move begins, and the one after it.
    passed: (usize, usize),
}

fn page(world: &World, width: usize) -> Page {
    let (state, theme) = (&world.panes.clock, world.theme);
    let dim = theme.style(Meaning::Dim);
    let plain = |text: String, style: Style, indent: usize| {
        wrap_spans(&[Span::styled(text, style)], width, &[Span::raw(" ".repeat(indent))], indent)
    };
    let (mut rows, mut chosen, mut passed_rows) = (Vec::new(), 0, (0, 0));
    let now = world.now.strftime("%H:%M:%S, %-d %B %Y (UTC)").to_string();
    let ahead = match state.ahead {
        0 => String::new(),
        seconds => format!(" · moved forward by {}", moved(seconds)),
    };
    match state.moves {
        None => {
            let say = "The cluster's clock is shown here once a cluster is there.";
            return Page { rows: plain(say.to_owned(), dim, 0), ..Page::default() };
        }
        Some(false) => {
            rows.extend(plain(now, theme.style(Meaning::Title), 0));
            rows.extend(plain(FIXED.to_owned(), Style::new(), 0));
        }
        Some(true) => {
            rows.push(Line::from(vec![
                Span::styled(now, theme.style(Meaning::Title)),
                Span::styled(ahead, theme.style(Meaning::Change)),
            ]));
            let next = state.next(world.now).map(|(at, what)| {
                format!(
                    "to {}, when {} (in {})",
                    time_of_day(*at, world.now),
                    sanitize_line(what),
                    left(*at, world.now)
                )
            });
            let names = SPANS.iter().map(|(_, name)| format!("forward by {name}")).chain(next);
            for (at, name) in names.enumerate() {
                let is_at = at == state.at.min(state.choices(world.now).saturating_sub(1));
                let (sign, style) = if is_at { ("▸ ", theme.style(Meaning::Accent)) } else { ("  ", Style::new()) };
                rows.extend(wrap_spans(&[Span::styled(name, style)], width, &[Span::styled(sign, style)], 2));
            }
            chosen = rows.len();
            if state.moving {
                rows.extend(plain("The clock moves …".to_owned(), theme.style(Meaning::Change), 0));
            }
        }
    }
    for (at, (from, to, lines)) in state.passed.iter().enumerate() {
        let begins = rows.len();
        rows.push(Line::default());
        let passed = to.duration_since(*from).as_secs();
        // A move that was refused only says why.
        if passed > 0 {
            let text = format!("{} → {}: {} passed", time_of_day(*from, *to), time_of_day(*to, *from), span(passed));
            rows.extend(plain(text, theme.style(Meaning::Title), 0));
        }
        for line in lines {
            let sign = Span::styled("· ", dim);
            rows.extend(wrap_spans(&[Span::raw(sanitize_line(line).into_owned())], width, &[sign], 2));
        }
        if at == 0 {
            passed_rows = (begins + 1, rows.len());
        }
    }
    let coming: Vec<&(Timestamp, String)> = state.upcoming.iter().filter(|(at, _)| *at > world.now).collect();
    if !coming.is_empty() {
        rows.push(Line::default());
        rows.extend(plain("What comes by itself".to_owned(), theme.style(Meaning::Title), 0));
        for (at, what) in coming {
            let when = Span::styled(format!("{}  ", time_of_day(*at, world.now)), dim);
            let text = format!("{} (in {})", sanitize_line(what), left(*at, world.now));
            let indent = crate::tui::widget::cells(&when.content);
            rows.extend(wrap_spans(&[Span::raw(text)], width, &[when], indent));
        }
    }
    Page { rows, chosen, passed: passed_rows }
}

fn left(at: Timestamp, now: Timestamp) -> String {
    human_duration(at.duration_since(now))
}

/// `1 hour`, `1d 4h`.
fn span(seconds: i64) -> String {
    let named = SPANS.iter().find(|(span, _)| *span == seconds).map(|(_, name)| (*name).to_owned());
    named.unwrap_or_else(|| moved(seconds))
}

/// How far a clock was moved, in the two largest units: `1h`, `1y 3d`.
pub fn moved(seconds: i64) -> String {
    let units = [(31_536_000, "y"), (86_400, "d"), (3600, "h"), (60, "m"), (1, "s")];
    let mut rest = seconds;
    let mut words = Vec::new();
    for (size, unit) in units {
        let count = rest.checked_div(size).unwrap_or(0);
        if count > 0 && words.len() < 2 {
            words.push(format!("{count}{unit}"));
        }
        rest -= count * size;
    }
    words.join(" ")
}
