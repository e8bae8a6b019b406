//! The keys of the lesson's question, while it stands alone.

use super::{input, lesson};
use crate::tui::effect::Effect;
use crate::tui::key::{Code, Key, alt, char, plain, shift};
use crate::tui::keymap::when::{always, has_answer, has_no_answer, has_picked};
use crate::tui::keymap::{Layer, digit, entry};
use crate::tui::pane::PaneId;
use crate::tui::pane::lesson::choices;
use crate::tui::world::{Open, World};

const ANSWERS: &[Key] =
    &[char('1'), char('2'), char('3'), char('4'), char('5'), char('6'), char('7'), char('8'), char('9')];

/// The keys.
pub static LAYER: Layer = Layer {
    heading: "A question of the lesson",
    keys: &[
        entry(&[plain(Code::Enter)], "that one", "take what is chosen", always, |world, _| lesson::answer(world), 1),
        entry(&[plain(Code::Up)], "up", "choose the one above", has_above, |world, _| by(world, -1), 3),
        entry(&[plain(Code::Down)], "down", "choose the one below", has_below, |world, _| by(world, 1), 3),
        entry(
            ANSWERS,
            "choose",
            "choose by number; nothing is counted",
            has_answer,
            |world, key| {
                lesson::choose(world, digit(key).unwrap_or(0).wrapping_sub(1));
                Vec::new()
            },
            2,
        ),
        entry(&[plain(Code::Esc)], "pass", "pass the question over", has_no_answer, pass, 5),
        entry(&[plain(Code::Esc)], "back", "take the answer back", has_picked, pass, 5),
        entry(
            &[plain(Code::Tab)],
            "panes",
            "go to the panes",
            always,
            |world, _| {
                input::focus(world, PaneId::Lesson.further(1));
                Vec::new()
            },
            0,
        ),
        entry(
            &[plain(Code::PageUp), shift(Code::PageUp), alt(Code::Up)],
            "page up",
            "scroll the lesson up",
            always,
            |world, key| scroll(world, key, -1),
            0,
        ),
        entry(
            &[plain(Code::PageDown), shift(Code::PageDown), alt(Code::Down)],
            "page down",
            "scroll the lesson down",
            always,
            |world, key| scroll(world, key, 1),
            0,
        ),
    ],
};

fn has_above(world: &World, _: Key) -> bool {
    world.lesson.as_ref().and_then(|open| open.asking).is_some_and(|asking| asking.at > 0)
}

fn has_below(world: &World, _: Key) -> bool {
    let below = |open: &Open| open.asking.is_some_and(|asking| asking.at + 1 < choices(open).len());
    world.lesson.as_ref().is_some_and(below)
}

fn by(world: &mut World, rows: isize) -> Vec<Effect> {
    lesson::choose_by(world, rows);
    Vec::new()
}

fn pass(world: &mut World, _: Key) -> Vec<Effect> {
    lesson::pass(world);
    Vec::new()
}

fn scroll(world: &mut World, key: Key, direction: isize) -> Vec<Effect> {
    let page = world.room(PaneId::Lesson).0.saturating_sub(2).max(1).cast_signed();
    let rows = if key.alt { direction } else { direction * page };
    PaneId::Lesson.pane().scroll(world, rows);
    Vec::new()
}
