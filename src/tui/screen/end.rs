//! The end of the course: what was done, what one can answer, and what comes next.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::base::sanitize_line;
use crate::course::{ProgressEvent, Wish};
use crate::tui::effect::Effect;
use crate::tui::key::{Code, char, plain};
use crate::tui::keymap::when::always;
use crate::tui::keymap::{Layer, entry, function};
use crate::tui::linear::spoken;
use crate::tui::theme::Meaning;
use crate::tui::update::{lesson, reading};
use crate::tui::widget::{more_below, put_line, put_right, wrap_spans};
use crate::tui::world::{Notice, Screen, World};

/// Its keys.
pub static LAYER: Layer = Layer {
    heading: "The end of the course",
    keys: &[
        entry(
            &[char('p')],
            "practise",
            "all lessons anew, without commands to copy",
            always,
            |world, _| practise(world),
            1,
        ),
        entry(
            &[plain(Code::Enter), plain(Code::Esc), function(10), char('q')],
            "course",
            "go to the course list",
            always,
            |world, _| lesson::course(world),
            2,
        ),
        entry(&[char('w')], "words", "what the words of the course mean", always, |world, _| reading::words(world), 8),
    ],
};

/// Scrolls it.
pub fn scroll(world: &mut World, rows: isize) -> Vec<Effect> {
    let most = overflow(world);
    world.end = world.end.min(most).saturating_add_signed(rows).min(most);
    Vec::new()
}

/// Begins our own course anew, with no command to copy. What was finished stays finished.
fn practise(world: &mut World) -> Vec<Effect> {
    world.wish = Wish::Alone;
    let own = || world.course.lessons.iter().filter(|card| card.course.is_empty());
    let Some(first) = own().next().map(|card| card.id.clone()) else { return Vec::new() };
    let mut effects = vec![Effect::Remember(ProgressEvent::Support(world.wish))];
    effects.extend(
        own().map(|card| Effect::Remember(ProgressEvent::Restarted { lesson: card.id.clone(), round: card.round + 1 })),
    );
    effects.extend([Effect::ListCourse, Effect::OpenLesson { id: first, step: 0, afresh: true }]);
    world.screen = Screen::Course;
    world.notice = Some(Notice { text: "Opening the first lesson …".to_owned(), bad: false });
    effects
}

/// The widest a line of it is.
const WIDE: usize = 100;

/// Draws it.
pub fn draw(world: &World, area: Rect, buf: &mut Buffer) {
    let page = page(world, width(world));
    let height = usize::from(area.height.saturating_sub(1));
    let scroll = world.end.min(overflow(world));
    for (y, line) in (0..area.height.saturating_sub(1)).zip(page.iter().skip(scroll)) {
        put_line(buf, area, 3, y, line);
    }
    let below = page.len().saturating_sub(scroll + height);
    if below > 0 {
        let more = format!("{} ", more_below(world.is_ascii(), below, "line"));
        put_right(buf, area, area.height.saturating_sub(2), &more, world.theme.style(Meaning::Dim));
    }
}

fn width(world: &World) -> usize {
    usize::from(world.width.saturating_sub(6)).min(WIDE)
}

/// How many of its rows are hidden above, and how many below.
pub fn hidden(world: &World) -> (usize, usize) {
    let most = overflow(world);
    (world.end.min(most), most.saturating_sub(world.end))
}

/// How far it can be scrolled.
fn overflow(world: &World) -> usize {
    page(world, width(world)).len().saturating_sub(usize::from(world.height.saturating_sub(1)))
}

/// What it says, to be read aloud: without what its keys do.
pub fn lines(world: &World) -> Vec<String> {
    let rows = page(world, usize::from(u16::MAX)).into_iter().map(|row| row.to_string());
    rows.filter(|row| !row.starts_with("p  ")).map(|row| spoken(&row)).filter(|row| !row.is_empty()).collect()
}

fn page(world: &World, width: usize) -> Vec<Line<'static>> {
    let (theme, tally) = (world.theme, world.course.tally);
    let mut rows = vec![Line::default()];
    let plain = |rows: &mut Vec<Line<'static>>, sign: &'static str, text: &str| {
        let sign = Span::styled(sign, theme.style(Meaning::Accent));
        let indent = sign.width();
        rows.extend(wrap_spans(&[Span::raw(text.to_owned())], width, &[sign], indent));
    };
    let title = |rows: &mut Vec<Line<'static>>, text: &str| {
        rows.push(Line::default());
        rows.push(Line::styled(text.to_owned(), theme.style(Meaning::Title)));
    };
    rows.push(Line::styled("You have worked the whole course.", theme.style(Meaning::Good)));
    rows.push(Line::default());
    plain(&mut rows, "", &format!("{} steps in {}.", tally.steps, several(tally.lessons, "lesson")));
    if tally.predicted > 0 {
        let (right, all) = (tally.right, several(tally.predicted, "time"));
        plain(&mut rows, "", &format!("You said {all} what would happen, and {right} of them it did."));
    }
    if tally.sure_and_wrong > 0 {
        let times = several(tally.sure_and_wrong, "time");
        plain(&mut rows, "", &format!("{times} you were sure, and it was otherwise: those you will remember."));
    }
    title(&mut rows, "What comes next");
    plain(&mut rows, "p  ", "Practise: all lessons anew, on your own, with the answers in another order.");
    plain(&mut rows, "•  ", "The same course on another release: sa-tutor --release 1.23");
    plain(&mut rows, "•  ", "The same course on a real cluster: sa-tutor --cluster kind");
    plain(&mut rows, "•  ", "Your own kubectl against this simulator: sa-tutor serve --kubeconfig sim.yaml");
    title(&mut rows, "What you can answer now");
    let own = world.course.lessons.iter().filter(|card| card.course.is_empty());
    for text in own.flat_map(|card| &card.summary) {
        plain(&mut rows, "•  ", &sanitize_line(text).replace('`', ""));
    }
    rows
}

fn several(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
