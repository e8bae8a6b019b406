//! The course list: what there is, how far it is done, and where to go on.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::workbench::cluster_text;
use crate::base::sanitize_line;
use crate::course::ProgressEvent;
use crate::tui::effect::Effect;
use crate::tui::key::{Code, Key, char, plain};
use crate::tui::keymap::when::{always, has_lesson, has_lessons, is_broken, is_new, is_through};
use crate::tui::keymap::{Layer, entry};
use crate::tui::msg::Card;
use crate::tui::overlay::question::Question;
use crate::tui::settings::Colours;
use crate::tui::theme::Meaning;
use crate::tui::update::{lesson, quit, reading, set};
use crate::tui::widget::{cells, clear, cut, dots, more_below, put, put_line, put_right, wrap_spans};
use crate::tui::world::{Notice, Screen, World};

/// Its keys.
pub static LAYER: Layer = Layer {
    heading: "The course list",
    keys: &[
        entry(&[plain(Code::Enter)], "begin", "begin the lesson", is_new, |world, _| open_selected(world), 1),
        entry(
            &[plain(Code::Enter)],
            "go on",
            "go on where you stopped",
            has_lessons,
            |world, _| open_selected(world),
            1,
        ),
        entry(
            &[plain(Code::Enter)],
            "why",
            "a lesson that cannot be read: what to do",
            is_broken,
            |world, _| open_selected(world),
            0,
        ),
        entry(&[plain(Code::Up), char('k')], "up", "up", always, |world, _| select(world, -1), 0),
        entry(&[plain(Code::Down), char('j')], "down", "down", always, |world, _| select(world, 1), 0),
        entry(
            &[char('e')],
            "the end",
            "look back on the course",
            is_through,
            |world, _| {
                (world.screen, world.end) = (Screen::End, 0);
                Vec::new()
            },
            2,
        ),
        entry(&[plain(Code::Esc)], "back", "go back to the lesson that is open", has_lesson, back, 3),
        entry(&[char('r')], "from the start", "begin the lesson again", has_lessons, ask_to_restart, 4),
        entry(
            &[char('s')],
            "support",
            "change how much of the commands is shown",
            always,
            |world, _| lesson::support(world),
            5,
        ),
        entry(
            &[char('t')],
            "theme",
            "go through the themes: colours for every eye",
            always,
            |world, _| next_theme(world),
            9,
        ),
        entry(&[char('q')], "quit", "leave; your place is kept", always, |world, _| quit(world), 6),
        entry(&[char('w')], "words", "what the words of the course mean", always, |world, _| reading::words(world), 8),
    ],
};

fn back(world: &mut World, _: Key) -> Vec<Effect> {
    world.screen = Screen::Workbench;
    Vec::new()
}

fn ask_to_restart(world: &mut World, _: Key) -> Vec<Effect> {
    let card = world.course.lessons.get(world.course.selected);
    if card.is_some_and(|card| card.done.contains(&true)) {
        world.open(Question::Restart);
        return Vec::new();
    }
    restart(world)
}

/// Shows the next theme, and keeps it.
fn next_theme(world: &mut World) -> Vec<Effect> {
    let mut themes = Colours::ALL.iter().copied().cycle().skip_while(|theme| *theme != world.settings.theme);
    set(world, "theme", themes.nth(1).unwrap_or_default().word())
}

/// Moves the selection.
pub fn select(world: &mut World, rows: isize) -> Vec<Effect> {
    let last = world.course.lessons.len().saturating_sub(1);
    world.course.selected = world.course.selected.saturating_add_signed(rows).min(last);
    Vec::new()
}

/// Goes to a lesson of the list, from wherever one is.
pub fn open_at(world: &mut World, at: usize) -> Vec<Effect> {
    world.course.selected = at.min(world.course.lessons.len().saturating_sub(1));
    let effects = open_selected(world);
    // At work the lesson that is open stays until the other one has come.
    if let Some(open) = world.lesson.as_mut().filter(|_| world.screen == Screen::Workbench && !effects.is_empty()) {
        open.leaving = true;
    }
    effects
}

/// Goes on with the selected lesson where the learner stopped.
fn open_selected(world: &mut World) -> Vec<Effect> {
    let Some(card) = world.course.lessons.get(world.course.selected) else { return Vec::new() };
    if card.fault.is_some() {
        let text = "This lesson cannot be read. Mend its file: the list is read again when you save it.".to_owned();
        world.notice = Some(Notice { text, bad: true });
        return Vec::new();
    }
    // The lesson that is open already is shown again as it was left.
    if world.lesson.as_ref().is_some_and(|open| open.lesson.id == card.id) {
        world.screen = Screen::Workbench;
        return Vec::new();
    }
    let all_done = !card.done.is_empty() && card.done.iter().all(|done| *done);
    let step = if all_done && card.step + 1 >= card.done.len() { 0 } else { card.step };
    open_lesson(world, step)
}

fn open_lesson(world: &mut World, step: usize) -> Vec<Effect> {
    let Some(card) = world.course.lessons.get(world.course.selected) else { return Vec::new() };
    // A real cluster may take its time.
    world.notice = Some(Notice { text: format!("Opening {} …", card.title), bad: false });
    vec![Effect::OpenLesson { id: card.id.clone(), step, afresh: false }]
}

/// Begins the selected lesson anew: nothing of it is done, answered or hinted, and the cluster is fresh.
pub fn restart(world: &mut World) -> Vec<Effect> {
    let Some(card) = world.course.lessons.get(world.course.selected).filter(|card| card.fault.is_none()) else {
        return Vec::new();
    };
    world.notice = Some(Notice { text: format!("Opening {} …", card.title), bad: false });
    let (id, round) = (card.id.clone(), card.round + 1);
    vec![
        Effect::Remember(ProgressEvent::Restarted { lesson: id.clone(), round }),
        Effect::OpenLesson { id, step: 0, afresh: true },
    ]
}

/// A click: the first selects, the second opens.
pub fn click(world: &mut World, y: u16) -> Vec<Effect> {
    match lesson_at(world, y) {
        Some(at) if at == world.course.selected => open_selected(world),
        Some(at) => {
            world.course.selected = at;
            Vec::new()
        }
        None => Vec::new(),
    }
}

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
    let support = format!("commands: {} ", world.wish.say());
    put_right(buf, area, 1, &support, theme.style(Meaning::Dim));
    if world.course.lessons.is_empty() {
        let say = if world.course.ready { "There are no lessons here." } else { "Reading the lessons …" };
        put(buf, area, 3, FIRST, say, theme.style(Meaning::Dim));
    }
    let widest = world.course.lessons.iter().map(|card| cells(&card.title)).max().unwrap_or(0).min(48);
    let shown = shown(world);
    // Where a row is short of room it does without how long the lesson takes.
    let rows = world.course.lessons.iter().map(|card| line(world, 0, card, widest, true).width());
    let has_minutes = rows.max().unwrap_or(0) < usize::from(area.width);
    for (y, row) in (FIRST..area.height).zip(&shown) {
        match row {
            Row::Gap => {}
            Row::More(say) => _ = put(buf, area, 3, y, say, theme.style(Meaning::Dim)),
            Row::Course(name) => _ = put(buf, area, 3, y, &sanitize_line(name), theme.style(Meaning::Title)),
            Row::Lesson(at) => {
                if let Some(card) = world.course.lessons.get(*at) {
                    put_line(buf, area, 1, y, &line(world, *at, card, widest, has_minutes));
                }
            }
        }
    }
    draw_selected(world, area, buf, FIRST + u16::try_from(shown.len()).unwrap_or(0) + 1);
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
            clear(buf, Rect { y: area.y + row, height: 1, ..area });
            put_line(buf, area, 3, row, line);
        }
    }
}

/// A row of the list.
enum Row {
    Lesson(usize),
    /// The name of a course of the learner's own.
    Course(String),
    Gap,
    /// How many lessons are not seen.
    More(String),
}

/// The most rows kept free below the list, for what is said of the selected lesson.
const BELOW: usize = 7;
/// As many are needed where its file cannot be read.
const FAULT: usize = 5;
/// The list has at least so many.
const LEAST: usize = 5;

/// The rows of the list that are seen. Lessons stand two rows apart where there is room; where there is little the list
/// comes before what is said of the selected lesson.
fn shown(world: &World) -> Vec<Row> {
    let cards = &world.course.lessons;
    let all = usize::from(world.height).saturating_sub(usize::from(FIRST) + 1);
    // Why a file cannot be read is always said.
    let is_broken = cards.get(world.course.selected).is_some_and(|card| card.fault.is_some());
    let most = all.saturating_sub(if is_broken { FAULT } else { 0 }).max(LEAST);
    let room = all.saturating_sub((all / 3).min(BELOW)).clamp(LEAST, most);
    let rows = |apart: bool| {
        let (mut rows, mut course) = (Vec::new(), "");
        for (at, card) in cards.iter().enumerate() {
            let is_new = card.course != course;
            if at > 0 && (apart || is_new) {
                rows.push(Row::Gap);
            }
            if is_new {
                rows.push(Row::Course(card.course.clone()));
                course = &card.course;
            }
            rows.push(Row::Lesson(at));
        }
        rows
    };
    let wide = rows(true);
    let mut all = if wide.len() + 3 <= room { wide } else { rows(false) };
    let room = if all.len() <= most { room.max(all.len()) } else { room };
    if all.len() <= room {
        return all;
    }
    let selected = all.iter().position(|row| matches!(row, Row::Lesson(at) if *at == world.course.selected));
    // The selected one is in view, and the one after it.
    let above = (selected.unwrap_or(0) + 3).min(all.len()).saturating_sub(room);
    let lessons = |rows: &[Row]| rows.iter().filter(|row| matches!(row, Row::Lesson(_))).count();
    let gone: Vec<Row> = all.drain(..above).collect();
    let below = all.split_off(room.min(all.len()));
    // A row at an edge says how much is beyond it.
    let edge = |row: Option<&mut Row>, beyond: usize, says: &dyn Fn(usize) -> String| {
        if let Some(row) = row.filter(|_| beyond > 0) {
            *row = Row::More(says(beyond + usize::from(matches!(row, Row::Lesson(_)))));
        }
    };
    edge(all.first_mut(), lessons(&gone), &|beyond| format!("↑ {beyond} more"));
    edge(all.last_mut(), lessons(&below), &|beyond| more_below(world.is_ascii(), beyond, ""));
    all
}

fn line(world: &World, at: usize, card: &Card, widest: usize, has_minutes: bool) -> Line<'static> {
    let theme = world.theme;
    let selected = at == world.course.selected;
    let done = card.done.iter().filter(|done| **done).count();
    let all = card.done.len();
    let (say, meaning) = match done {
        _ if card.fault.is_some() => ("✘ cannot be read".to_owned(), Meaning::Refused),
        done if done == all && all > 0 => ("✔ done".to_owned(), Meaning::Good),
        0 if card.step == 0 => ("not started".to_owned(), Meaning::Dim),
        _ => (format!("step {} of {all}", (card.step + 1).min(all)), Meaning::Plain),
    };
    let title = cut(&sanitize_line(&card.title), widest).into_owned();
    let pad = " ".repeat(widest.saturating_sub(cells(&title)));
    let minutes = match (has_minutes, card.fault.is_some()) {
        (false, _) => "  ".to_owned(),
        (true, true) => " ".repeat(11),
        (true, false) => format!("  {:>2} min   ", card.minutes),
    };
    let style = theme.style(if selected { Meaning::Accent } else { Meaning::Plain });
    Line::from(vec![
        Span::styled(if selected { "▸ " } else { "  " }, style),
        Span::styled(format!("{}  {title}{pad}", at + 1), style),
        Span::styled(minutes, theme.style(Meaning::Dim)),
        Span::styled(dots(&card.done, None), theme.style(Meaning::Good)),
        Span::raw("  "),
        Span::styled(say, theme.style(meaning)),
    ])
}

/// What the selected lesson is about; once it is done, what one can answer.
fn draw_selected(world: &World, area: Rect, buf: &mut Buffer, mut y: u16) {
    let theme = world.theme;
    let Some(card) = world.course.lessons.get(world.course.selected) else { return };
    let last = area.height.saturating_sub(2);
    let is_done = !card.done.is_empty() && card.done.iter().all(|done| *done);
    let heading = match &card.fault {
        Some(_) => "This file cannot be read:",
        None if is_done => "You can now answer:",
        None if card.about.is_empty() => return,
        None => "What it is about:",
    };
    let lines = match &card.fault {
        Some(fault) => fault.lines().map(|line| line.trim().to_owned()).collect(),
        None if is_done => card.summary.clone(),
        None => vec![card.about.clone()],
    };
    if y >= last {
        return;
    }
    put(buf, area, 3, y, heading, theme.style(Meaning::Dim));
    y += 1;
    for text in lines.iter().take(3) {
        let sign = if is_done { "• " } else { "  " };
        let rows = wrap_spans(
            &[Span::raw(sanitize_line(text).replace('`', ""))],
            usize::from(area.width.saturating_sub(6)).min(100),
            &[Span::styled(sign, theme.style(Meaning::Dim))],
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

/// The lesson in a row of the screen.
fn lesson_at(world: &World, y: u16) -> Option<usize> {
    match shown(world).get(usize::from(y.checked_sub(FIRST)?)) {
        Some(Row::Lesson(at)) => Some(*at),
        _ => None,
    }
}
