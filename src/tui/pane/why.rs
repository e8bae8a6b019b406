//! Why a request was answered as it was: the requests of the learner and of the pods, newest first, and the ladder of the
//! one that is selected.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::{Pane, PaneId};
use crate::base::sanitize_line;
use crate::course::Support;
use crate::tui::effect::Effect;
use crate::tui::key::{Code, plain, shift};
use crate::tui::keymap::when::always;
use crate::tui::keymap::{Layer, entry};
use crate::tui::linear;
use crate::tui::theme::{Meaning, Theme};
use crate::tui::widget::{cells, cut, more_below, put, put_line, put_right, wrap_plain, wrap_spans};
use crate::tui::world::{Focus, World};
use crate::why::{Check, Origin, Rung, Sign, Step, Trace};

/// The pane.
pub struct WhyPane;

/// Its entry.
pub static PANE: WhyPane = WhyPane;

/// How many requests are kept.
const MOST: usize = 1000;
/// Among how many of the latest a pod's request is looked for that comes again and again.
const AGAIN: usize = 8;

/// What the pane remembers.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The requests by when each came first, oldest first, and how often each came in a row.
    pub requests: Vec<(Trace, usize)>,
    /// The one that is selected, from the newest; the newest when nothing was chosen.
    pub selected: usize,
    /// Rows of the ladder scrolled away.
    pub scroll: usize,
    /// The code of a refusal that was not looked at yet.
    pub unseen: Option<u16>,
}

impl State {
    fn selected(&self) -> Option<&Trace> {
        let at = self.requests.len().checked_sub(1 + self.selected.min(self.requests.len().saturating_sub(1)))?;
        self.requests.get(at).map(|(trace, _)| trace)
    }
}

/// A request was answered.
pub fn hear(world: &mut World, trace: Trace) -> Vec<Effect> {
    if trace.is_quiet {
        return Vec::new();
    }
    let state = &mut world.panes.why;
    let refused = matches!(trace.code, 401 | 403);
    let same = |other: &Trace| {
        (other.origin, &other.asks, &other.user, other.code, &other.steps)
            == (trace.origin, &trace.asks, &trace.user, trace.code, &trace.steps)
    };
    if trace.origin == Origin::Pod
        && let Some((again, times)) = state.requests.iter_mut().rev().take(AGAIN).find(|(other, _)| same(other))
    {
        // Its row tells when it came first, and stays where it is.
        (again.at, *times) = (again.at.min(trace.at), *times + 1);
        return Vec::new();
    }
    if refused && trace.origin != Origin::Pod {
        state.unseen = Some(trace.code);
    }
    let by_pod = trace.origin == Origin::Pod;
    // An answer that took longer comes after those to later requests.
    let place = state.requests.iter().rposition(|(other, _)| other.at <= trace.at).map_or(0, |at| at + 1);
    let is_newest = place == state.requests.len();
    let newer = state.requests.len() - place;
    state.requests.insert(place, (trace, 1));
    if state.requests.len() > MOST {
        state.requests.remove(0);
    }
    if !is_newest {
        state.selected = (state.selected + usize::from(state.selected >= newer)).min(state.requests.len() - 1);
        return after(world, refused && !by_pod);
    }
    // Who looks at an older one goes on looking at it; a pod's request takes nobody's eyes away.
    if state.selected > 0 || (by_pod && state.requests.len() > 1 && world.focus == Focus::Pane(PaneId::Why)) {
        state.selected = (state.selected + 1).min(state.requests.len() - 1);
    } else {
        state.scroll = 0;
    }
    after(world, refused && !by_pod)
}

/// A refusal of the learner's is shown, where there is room for it.
fn after(world: &mut World, refused: bool) -> Vec<Effect> {
    if refused {
        world.show_aside(PaneId::Why);
    }
    Vec::new()
}

/// Its keys.
static LAYER: Layer = Layer {
    heading: "The pane of reasons",
    keys: &[
        entry(
            &[plain(Code::Enter)],
            "to prompt",
            "put the command that would allow it on the prompt",
            |world, _| change(world).is_some(),
            |world, _| {
                if let Some(line) = change(world) {
                    world.panes.terminal.prompt.set(&line);
                    world.focus = Focus::Prompt;
                }
                Vec::new()
            },
            2,
        ),
        entry(
            &[plain(Code::PageDown), shift(Code::PageDown)],
            "page down",
            "the rest of the ladder",
            always,
            |world, _| turn(world, 1),
            0,
        ),
        entry(
            &[plain(Code::PageUp), shift(Code::PageUp)],
            "page up",
            "the beginning of the ladder",
            always,
            |world, _| turn(world, -1),
            0,
        ),
    ],
};

/// Whether the learner is to find the command: a step that is worked alone gives none away.
fn is_theirs_to_find(world: &World) -> bool {
    let open = world.lesson.as_ref().filter(|open| !open.is_green());
    open.and_then(|open| open.step()).is_some_and(|step| step.support(world.wish) == Support::Alone)
}

/// The first command line that would change the answer.
fn change(world: &World) -> Option<String> {
    if is_theirs_to_find(world) {
        return None;
    }
    let trace = world.panes.why.selected()?;
    let checks = trace.steps.iter().flat_map(|step| &step.checks);
    checks.into_iter().find(|check| check.sign == Sign::Command).map(|check| check.say.clone())
}

fn turn(world: &mut World, direction: isize) -> Vec<Effect> {
    let page = world.room(PaneId::Why).0.saturating_sub(2).max(1).cast_signed();
    WhyPane.scroll(world, direction * page);
    Vec::new()
}

impl Pane for WhyPane {
    fn id(&self) -> PaneId {
        PaneId::Why
    }

    fn title(&self) -> &'static str {
        "Why"
    }

    fn layer(&self) -> &'static Layer {
        &LAYER
    }

    fn badge(&self, world: &World) -> Option<String> {
        world.panes.why.unseen.map(|code| format!("✘ {code}"))
    }

    fn seen(&self, world: &mut World) {
        world.panes.why.unseen = None;
    }

    fn aloud(&self, world: &World) -> Vec<String> {
        let newest = |by_pod: bool| {
            let mut newest = world.panes.why.requests.iter().rev().map(|(trace, _)| trace);
            newest.find(|trace| (trace.origin == Origin::Pod) == by_pod)
        };
        let hidden = is_theirs_to_find(world);
        let lines: Vec<String> = [newest(false), newest(true)]
            .into_iter()
            .flatten()
            .flat_map(|trace| linear::ladder(trace, &answer(trace), hidden))
            .collect();
        if lines.is_empty() { vec!["No request was made yet.".to_owned()] } else { lines }
    }

    fn draw(&self, world: &World, area: Rect, buf: &mut Buffer) {
        let (state, theme) = (&world.panes.why, world.theme);
        let width = usize::from(area.width);
        let Some(trace) = state.selected() else {
            let say = "No request yet. Each one of yours is shown here, and on the simulator each of the pods': who asked, \
                       whether they may, and what decided.";
            let lines = wrap_plain(say, theme.style(Meaning::Dim), width, 0);
            for (row, line) in (0..area.height).zip(&lines) {
                put_line(buf, area, 0, row, line);
            }
            return;
        };
        let listed = list_rows(state, area.height);
        let first = state.selected.saturating_sub(usize::from(listed).saturating_sub(1));
        let newest = state.requests.iter().rev().enumerate().skip(first);
        for (row, (at, (trace, times))) in (0..listed).zip(newest) {
            draw_request(world, at == state.selected, trace, *times, Rect { y: area.y + row, height: 1, ..area }, buf);
        }
        let ladder = ladder(world, trace, width);
        let room = usize::from(area.height - listed);
        // The last row says how much is below, and covers nothing.
        let foot = u16::from(ladder.len() > room);
        let most = ladder.len().saturating_sub(room.saturating_sub(usize::from(foot)));
        let scroll = state.scroll.min(most);
        for (row, line) in (listed..area.height - foot.min(area.height - listed)).zip(ladder.iter().skip(scroll)) {
            put_line(buf, area, 0, row, line);
        }
        if scroll < most {
            let more = format!(" {} ", more_below(world.is_ascii(), most - scroll, ""));
            put_right(buf, area, area.height.saturating_sub(1), &more, theme.style(Meaning::Dim));
        }
    }

    fn step(&self, world: &mut World, rows: isize) {
        let state = &mut world.panes.why;
        let last = state.requests.len().saturating_sub(1);
        state.selected = state.selected.min(last).saturating_add_signed(rows).min(last);
        state.scroll = 0;
    }

    fn steps(&self, world: &World) -> (bool, bool) {
        let state = &world.panes.why;
        (state.selected > 0, state.selected + 1 < state.requests.len())
    }

    fn scroll(&self, world: &mut World, rows: isize) {
        let (height, width) = world.room(PaneId::Why);
        let state = &world.panes.why;
        let listed = list_rows(state, u16::try_from(height).unwrap_or(u16::MAX));
        let length = state.selected().map_or(0, |trace| ladder(world, trace, width).len());
        let room = height.saturating_sub(usize::from(listed));
        let most = length.saturating_sub(room.saturating_sub(usize::from(length > room)));
        world.panes.why.scroll = world.panes.why.scroll.min(most).saturating_add_signed(rows).min(most);
    }

    fn click(&self, world: &mut World, _column: u16, row: u16) {
        let height = u16::try_from(world.room(PaneId::Why).0).unwrap_or(u16::MAX);
        let state = &mut world.panes.why;
        let listed = list_rows(state, height);
        if row < listed {
            let first = state.selected.saturating_sub(usize::from(listed).saturating_sub(1));
            (state.selected, state.scroll) = (first + usize::from(row), 0);
        }
    }

    fn wants(&self, world: &World, width: usize) -> (usize, usize) {
        let state = &world.panes.why;
        (0, state.selected().map_or(0, |trace| ladder(world, trace, width).len() + 3))
    }
}

/// The rows of the list of requests above the ladder.
fn list_rows(state: &State, height: u16) -> u16 {
    let wanted = u16::try_from(state.requests.len()).unwrap_or(u16::MAX);
    wanted.min((height / 4).clamp(1, 6)).min(height)
}

fn draw_request(world: &World, selected: bool, trace: &Trace, times: usize, row: Rect, buf: &mut Buffer) {
    let theme = world.theme;
    let meaning = if trace.code < 400 { Meaning::Good } else { Meaning::Refused };
    let sign = if trace.code < 400 { "✔" } else { "✘" };
    let used = put(
        buf,
        row,
        0,
        0,
        &format!("{} {sign} {} ", if selected { "▸" } else { " " }, trace.code),
        theme.style(meaning),
    );
    let from = match trace.origin {
        Origin::Learner => "you".to_owned(),
        Origin::Terminal => "another terminal".to_owned(),
        Origin::Pod => match trace.user.rsplit(':').next() {
            Some(account) if !account.is_empty() => format!("a pod, as {}", sanitize_line(account)),
            _ => "a pod".to_owned(),
        },
    };
    let again = if times > 1 { format!(" ×{times}") } else { String::new() };
    let since = if times > 1 { " since" } else { "" };
    let right = format!(" {from}{again}{since} {}", trace.at.strftime("%H:%M:%S"));
    let room = usize::from(row.width).saturating_sub(usize::from(used) + cells(&right));
    let style = if selected { theme.style(Meaning::Title) } else { Style::new() };
    put(buf, row, used, 0, &cut(&sanitize_line(&trace.asks), room), style);
    put_right(buf, row, 0, &right, theme.style(Meaning::Dim));
}

/// What a rung is called, and what it asks.
fn named(rung: Rung) -> &'static str {
    match rung {
        Rung::Authentication => "who",
        Rung::Authorization => "may",
        Rung::Admission => "let in",
        Rung::Request => "done",
    }
}

/// Columns before a rung's words.
const INDENT: usize = 9;

/// The ladder of a request in rows of `width` columns.
fn ladder(world: &World, trace: &Trace, width: usize) -> Vec<Line<'static>> {
    let (theme, hidden) = (world.theme, is_theirs_to_find(world));
    let mut rows = verdict(trace, width, theme);
    let stopped = trace.steps.iter().find(|step| step.stopped).map(|step| step.rung);
    for rung in Rung::ALL {
        match trace.steps.iter().find(|step| step.rung == rung) {
            Some(step) => rows.extend(rung_rows(step, hidden, width, theme)),
            None if stopped.is_some_and(|stopped| stopped < rung) => {
                let text = format!("· {:<7}not reached", named(rung));
                rows.push(Line::styled(text, theme.style(Meaning::Dim)));
            }
            None => {}
        }
    }
    rows
}

/// The answer in plain words.
fn answer(trace: &Trace) -> String {
    let rung = trace.deciding().map(|step| step.rung);
    match (trace.code, rung) {
        (401, _) => "401: the API server does not know who asks. What was shown proves nothing to it.".to_owned(),
        (403, Some(Rung::Admission)) => "403: they may ask this, and a plugin refuses what they ask for.".to_owned(),
        (403, Some(Rung::Request)) => "403: they may ask this, and not for this.".to_owned(),
        (403, _) => "403: the API server knows who asks, and no rule allows it.".to_owned(),
        (404, _) => "404: they may ask, and there is no such thing.".to_owned(),
        (409, _) => "409: they may ask, and it does not fit what is there.".to_owned(),
        (422, _) => "422: they may ask, and the object breaks a rule.".to_owned(),
        (code, _) if code < 400 => format!("{code}: granted."),
        (code, _) => format!("{code}: they may ask, and it went wrong."),
    }
}

/// The answer first.
fn verdict(trace: &Trace, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let say = answer(trace);
    let (sign, meaning) = if trace.code < 400 { ("✔ ", Meaning::Good) } else { ("✘ ", Meaning::Refused) };
    let style = theme.style(meaning);
    wrap_spans(&[Span::styled(say, style)], width, &[Span::styled(sign, style)], 2)
}

fn rung_rows(step: &Step, hidden: bool, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let (sign, meaning) = if step.stopped { ("✘", Meaning::Refused) } else { ("✔", Meaning::Good) };
    let head = Span::styled(format!("{sign} {:<7}", named(step.rung)), theme.style(meaning));
    let said = Span::styled(sanitize_line(&step.say).into_owned(), theme.style(Meaning::Title));
    let mut rows = wrap_spans(&[said], width, &[head], INDENT);
    let indent = || Span::raw(" ".repeat(INDENT));
    // Where all was well, a word for each is enough; where it was not, each says what was found.
    let is_short = |check: &&Check| !step.stopped && check.sign == Sign::Good && step.rung == Rung::Authentication;
    let words: Vec<String> =
        step.checks.iter().filter(is_short).map(|check| format!("{} ✔", sanitize_line(&check.name))).collect();
    if !words.is_empty() {
        let text = Span::styled(words.join("  "), theme.style(Meaning::Dim));
        rows.extend(wrap_spans(&[text], width, &[indent()], INDENT));
    }
    if hidden && step.checks.iter().any(|check| check.sign == Sign::Command) {
        let say = Span::styled("what would allow it is yours to find in this step", theme.style(Meaning::Dim));
        rows.extend(wrap_spans(&[say], width, &[indent(), Span::styled("▸ ", theme.style(Meaning::Dim))], INDENT + 2));
    }
    let is_shown = |check: &&Check| !(is_short(check) || hidden && check.sign == Sign::Command);
    for check in step.checks.iter().filter(is_shown) {
        let (sign, meaning) = match check.sign {
            Sign::Good => ("✔ ", Meaning::Good),
            Sign::Bad => ("✘ ", Meaning::Refused),
            Sign::Plain => ("· ", Meaning::Dim),
            Sign::Command => ("▸ ", Meaning::Accent),
            Sign::NotSeen => ("? ", Meaning::Dim),
        };
        let name = sanitize_line(&check.name);
        let name = match check.sign {
            Sign::Command => String::new(),
            Sign::NotSeen => format!("not seen, {name}: "),
            _ if name.is_empty() => String::new(),
            _ => format!("{name}: "),
        };
        let say = theme.style(if check.sign == Sign::Command { Meaning::Code } else { Meaning::Plain });
        let spans =
            [Span::styled(name, theme.style(Meaning::Dim)), Span::styled(sanitize_line(&check.say).into_owned(), say)];
        let before = [indent(), Span::styled(sign, theme.style(meaning))];
        rows.extend(wrap_spans(&spans, width, &before, INDENT + 2));
    }
    rows
}
