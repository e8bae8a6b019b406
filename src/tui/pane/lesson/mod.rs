//! The step. The one thing to do is always in view; what else there is scrolls around it.

mod page;
mod said;

pub use page::{Page, choices, page, too_old};

use std::ops::Range;

use jiff::{SignedDuration, Timestamp};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Pane, PaneId};
use crate::base::sanitize_line;
use crate::tui::key::{Code, plain};
use crate::tui::keymap::when::has_suggestion;
use crate::tui::keymap::{Layer, entry};
use crate::tui::theme::Meaning;
use crate::tui::update::lesson::suggest;
use crate::tui::widget::{cells, cut, put, put_line, put_right};
use crate::tui::world::{Focus, Open, World};

/// The lesson pane.
pub struct LessonPane;

/// Its entry.
pub static PANE: LessonPane = LessonPane;

/// What is open is the world's: everything asks for it.
pub type State = ();

/// Its keys.
static LAYER: Layer = Layer {
    heading: "The lesson pane",
    keys: &[entry(
        &[plain(Code::Enter)],
        "to prompt",
        "put the suggested command on the prompt",
        has_suggestion,
        |world, _| suggest(world),
        2,
    )],
};

/// How long a check that turned green is marked as new.
const FRESH: SignedDuration = SignedDuration::from_secs(3);

impl Pane for LessonPane {
    fn id(&self) -> PaneId {
        PaneId::Lesson
    }

    fn title(&self) -> &'static str {
        "Lesson"
    }

    fn layer(&self) -> &'static Layer {
        &LAYER
    }

    fn is_veiled(&self) -> bool {
        false
    }

    fn badge(&self, world: &World) -> Option<String> {
        world.lesson.as_ref().filter(|open| open.is_green()).map(|_| "✔".to_owned())
    }

    fn draw(&self, world: &World, area: Rect, buf: &mut Buffer) {
        let Some(open) = &world.lesson else {
            put(buf, area, 0, 0, "No lesson is open.", world.theme.style(Meaning::Dim));
            return;
        };
        let area = said::draw(world, open, area, buf);
        let page = page(world, usize::from(area.width));
        let split = Split::of(world, &page, usize::from(area.height));
        let scroll = open.scroll.min(split.most());
        for (y, at) in (0..area.height).zip(split.above(scroll)) {
            if let Some(line) = page.rows.get(at) {
                put_line(buf, area, 0, y, line);
            }
        }
        let fixed = u16::try_from(split.shown + usize::from(split.has_foot)).unwrap_or(0);
        for (y, at) in (fixed..area.height).zip(split.fixed.clone()) {
            if let Some(line) = page.rows.get(at) {
                put_line(buf, area, 0, y, line);
            }
        }
        if split.has_foot {
            let seen = Seen {
                wrong: split.shows(page.wrong.saturating_sub(1), scroll),
                checks: page.checks.iter().map(|row| split.shows(*row, scroll)).collect(),
                task: split.shows(page.task, scroll),
                above: scroll > 0,
                below: split.rest.saturating_sub(scroll + split.shown),
            };
            let row = u16::try_from(split.shown).unwrap_or(0);
            draw_foot(world, open, Rect { y: area.y + row, height: 1, ..area }, buf, &seen);
        }
    }

    fn click(&self, world: &mut World, _column: u16, row: u16) {
        match hit(world, row) {
            Some(Hit::Answer(at)) => {
                if let Some(asking) = world.lesson.as_mut().and_then(|open| open.asking.as_mut()) {
                    asking.at = at;
                }
            }
            Some(Hit::Command) => {
                suggest(world);
            }
            None => {}
        }
    }

    fn takes(&self, world: &World, _column: u16, row: u16) -> bool {
        matches!(hit(world, row), Some(Hit::Answer(_)))
    }

    fn copied(&self, world: &World) -> Option<String> {
        world.suggestion()
    }

    fn step(&self, world: &mut World, rows: isize) {
        let (height, width) = room(world);
        let most = Split::of(world, &page(world, width), height).most();
        if let Some(open) = &mut world.lesson {
            open.scroll = open.scroll.min(most).saturating_add_signed(rows).min(most);
        }
    }

    fn steps(&self, world: &World) -> (bool, bool) {
        let (height, width) = room(world);
        let most = Split::of(world, &page(world, width), height).most();
        let scroll = world.lesson.as_ref().map_or(0, |open| open.scroll);
        (scroll.min(most) > 0, scroll < most)
    }

    fn wants(&self, world: &World, width: usize) -> (usize, usize) {
        let (page, said) = (page(world, width), said::rows(world, usize::from(world.height / 2), width));
        let must = match &world.lesson {
            Some(open) if open.is_green() => 0,
            Some(open) if open.asking.is_some() => page.rows.len() - page.predict.0 + 1,
            _ => page.given - page.task + 1,
        };
        (must + said, page.rows.len() + said)
    }
}

/// What of the step can be clicked.
enum Hit {
    /// An answer, by its row in the question.
    Answer(usize),
    /// The command that comes next.
    Command,
}

/// What was hit in a row of the pane.
fn hit(world: &World, row: u16) -> Option<Hit> {
    let (height, width) = room(world);
    let page = page(world, width);
    let split = Split::of(world, &page, height);
    let scroll = world.lesson.as_ref().map_or(0, |open| open.scroll);
    let row = split.row(usize::from(row), scroll)?;
    if world.asks() {
        let at = page.choices.iter().rposition(|begins| *begins <= row);
        return at.filter(|_| row < page.predict.1).map(Hit::Answer);
    }
    let is_command = world.suggestion().is_some() && (page.command.0..page.given).contains(&row);
    is_command.then_some(Hit::Command)
}

/// The least rows that the text around the one thing to do keeps, where it can.
const LEAST_TEXT: usize = 2;

/// How the step is shown where it does not fit: the one thing to do stands fixed at the bottom, and the rest scrolls above.
struct Split {
    /// The rows of the page that stand fixed.
    fixed: Range<usize>,
    /// The empty row after them, where the rest has one before them as well: it is left out.
    gap: usize,
    /// How many other rows there are.
    rest: usize,
    /// How many of them are seen at once.
    shown: usize,
    /// Whether a row between says how much is not seen.
    has_foot: bool,
}

impl Split {
    fn of(world: &World, page: &Page, height: usize) -> Self {
        let length = page.rows.len();
        let open = world.lesson.as_ref();
        if length <= height || height == 0 {
            return Self { fixed: length..length, gap: 0, rest: length, shown: length, has_foot: false };
        }
        let asking = open.and_then(|open| open.asking);
        let done = open.is_none_or(|open| open.is_green());
        // The checks and what they have to say belong to the task, where there is room for them; the least is the task
        // and its command.
        let fits = |to: &&usize, text: usize| *to - page.task + 1 + text <= height;
        let fixed = match asking {
            _ if done => length..length,
            Some(_) => page.predict.0..length,
            None => {
                // As many of the checks as have room stand below the task, never above it.
                let checks = page.checks.iter().skip(1).rev().copied();
                let ends = [page.wrong, page.checked].into_iter().chain(checks).map(|to| (to, LEAST_TEXT));
                let end = ends.chain([(page.given, 0)]).find(|(to, text)| fits(&to, *text));
                page.task..end.map_or(page.command.1, |(to, _)| to)
            }
        };
        if fixed.len() < height {
            let shown = height - 1 - fixed.len();
            let is_empty =
                |row: Option<usize>| row.and_then(|row| page.rows.get(row)).is_some_and(|row| row.width() == 0);
            let gap = usize::from(is_empty(fixed.start.checked_sub(1)) && is_empty(Some(fixed.end)));
            return Self { rest: length - fixed.len() - gap, gap, shown, fixed, has_foot: true };
        }
        // Not even that fits: what is chosen is seen, or the command that comes next.
        let end = match asking {
            Some(asking) => page.choices.get(asking.at + 1).copied().unwrap_or(length),
            None => page.command.1,
        };
        let end = end.max(fixed.start + height).min(fixed.end);
        let fixed = end - height..end;
        Self { rest: length - fixed.len(), gap: 0, shown: 0, fixed, has_foot: false }
    }

    /// How far the rest can be scrolled.
    fn most(&self) -> usize {
        self.rest.saturating_sub(self.shown)
    }

    /// The place among the others of a row that is not fixed.
    fn place(&self, row: usize) -> Option<usize> {
        match row {
            row if row < self.fixed.start => Some(row),
            row if row >= self.fixed.end + self.gap => Some(row - self.fixed.len() - self.gap),
            _ => None,
        }
    }

    /// The rows of the page that are seen above the fixed ones.
    fn above(&self, scroll: usize) -> impl Iterator<Item = usize> {
        let (start, skip) = (self.fixed.start, self.fixed.len() + self.gap);
        (scroll..self.rest).take(self.shown).map(move |place| if place < start { place } else { place + skip })
    }

    /// Whether a row of the page is seen.
    fn shows(&self, row: usize, scroll: usize) -> bool {
        self.place(row).is_none_or(|place| (scroll..scroll + self.shown).contains(&place))
    }

    /// The row of the page that is drawn at a row of the pane.
    fn row(&self, y: usize, scroll: usize) -> Option<usize> {
        match y {
            y if y < self.shown => self.above(scroll.min(self.most())).nth(y),
            y => {
                let at = self.fixed.start + y.checked_sub(self.shown + usize::from(self.has_foot))?;
                self.fixed.contains(&at).then_some(at)
            }
        }
    }
}

/// What of the step is on the screen.
struct Seen {
    /// Where the task begins.
    task: bool,
    /// What a wrong turn hears, to its end.
    wrong: bool,
    /// Each check.
    checks: Vec<bool>,
    /// Whether there are rows above.
    above: bool,
    /// How many rows are below.
    below: usize,
}

/// Rows and columns for the text.
fn room(world: &World) -> (usize, usize) {
    let (height, width) = world.room(PaneId::Lesson);
    (height - said::rows(world, height, width).min(height), width)
}

/// The last row when not everything fits: the one thing to know now, and how much is below.
fn draw_foot(world: &World, open: &Open, area: Rect, buf: &mut Buffer, seen: &Seen) {
    let row = 0;
    let theme = world.theme;
    // Keys that every terminal sends: Alt is not one of them.
    let (up, down, between) = match () {
        () if world.asks() => ("PgUp", "PgDn", " "),
        () if world.is_ascii() => ("Up", "Down", "/"),
        () => ("↑", "↓", ""),
    };
    let held = if world.focus == Focus::Prompt && !world.asks() { "Alt-" } else { "" };
    let both = if seen.above { format!("{up}{between}{down}") } else { down.to_owned() };
    let more = match seen.below {
        0 => format!("{held}{up} more above"),
        1 => format!("{held}{both} 1 more line"),
        below => format!("{held}{both} {below} more lines"),
    };
    let room = usize::from(area.width).saturating_sub(cells(&more) + 2);
    if let Some((text, meaning)) = foot(open, seen) {
        put(buf, area, 0, row, &cut(&sanitize_line(&text), room), theme.style(meaning));
    }
    put_right(buf, area, row, &more, theme.style(Meaning::Dim));
}

/// What the learner must not miss while its place in the text is not on the screen.
fn foot(open: &Open, seen: &Seen) -> Option<(String, Meaning)> {
    let step = open.step()?;
    if seen.below == 0 || open.asking.is_some() || open.is_green() {
        return None;
    }
    if let Some(wrong) = open.wrong.as_ref().filter(|_| !seen.wrong) {
        return Some((format!("! {}", one_line(wrong)), Meaning::Change));
    }
    let signs: String = open.passed.iter().map(|passed| if *passed { '✔' } else { '○' }).collect();
    if !seen.task {
        return Some((format!("▸ Do {signs} {}", one_line(&step.task)), Meaning::Accent));
    }
    // How all checks stand, and the one that is to be met next, where it is out of sight.
    let checks = step.checks.iter().zip(&open.passed).zip(&seen.checks);
    let (next, _) = checks
        .filter(|((_, passed), _)| !**passed)
        .map(|((check, _), is_seen)| (check, is_seen))
        .find(|(_, is_seen)| !**is_seen)?;
    Some((format!("{signs} {}", one_line(&next.say)), Meaning::Accent))
}

/// Text with its marks for code taken out, in one row.
pub fn one_line(text: &str) -> String {
    text.replace('`', "").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What F3 does after the last step.
pub fn after_last(world: &World) -> String {
    match world.next_lesson() {
        Some(card) => format!("F3 opens the next lesson: {}.", sanitize_line(&card.title)),
        None if world.is_through() => "It was the last one. F3 shows what you have done.".to_owned(),
        None => "It was the last one. F3 shows the course.".to_owned(),
    }
}

fn is_fresh(world: &World, turned: Option<Timestamp>) -> bool {
    turned.is_some_and(|since| world.now.duration_since(since) < FRESH)
}

/// Scrolls so that the rows from `from` up to `to` are seen, `from` first.
pub fn reveal(world: &mut World, from: usize, to: usize) {
    world.share_rows();
    let (height, width) = room(world);
    let split = Split::of(world, &page(world, width), height);
    let (first, last) = (split.place(from), split.place(to.saturating_sub(1)));
    if let Some(open) = &mut world.lesson {
        if let Some(last) = last.filter(|last| *last >= open.scroll + split.shown) {
            open.scroll = (last + 1).saturating_sub(split.shown);
        }
        if let Some(first) = first.filter(|first| *first < open.scroll) {
            open.scroll = first;
        }
        open.scroll = open.scroll.min(split.most());
    }
}
