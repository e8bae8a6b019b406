//! The keys of the lesson's question, while it stands alone.

use super::{input, lesson};
use crate::tui::effect::Effect;
use crate::tui::key::{Code, Key, alt, char, plain, shift};
use crate::tui::keymap::when::{always, has_answer, has_no_answer, has_picked, is_empty};
use crate::tui::keymap::{Layer, digit, entry, function};
use crate::tui::pane::PaneId;
use crate::tui::pane::lesson::choices;
use crate::tui::world::{Open, World};

const ANSWERS: &[Key] =
    &[char('1'), char('2'), char('3'), char('4'), char('5'), char('6'), char('7'), char('8'), char('9')];

/// Each is for an answer, whether there are so many or not; two there always are.
const DIGITS: &[Key] = &[char('0'), char('3'), char('4'), char('5'), char('6'), char('7'), char('8'), char('9')];

/// What is pressed at a step, and works once its question is answered or passed over.
const LATER: &[Key] = &[function(2), function(3), function(4), function(5), function(6), function(7)];

/// The keys.
pub static LAYER: Layer = Layer {
    heading: "A question of the lesson",
    keys: &[
        entry(
            &[plain(Code::Enter)],
            "that one",
            "take what is chosen",
            can_answer,
            |world, _| lesson::answer(world),
            1,
        ),
        entry(
            &[plain(Code::Enter)],
            "that one",
            "with something typed: says that the question comes first",
            |world, key| !can_answer(world, key),
            |world, _| lesson::answer(world),
            0,
        ),
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
        entry(
            DIGITS,
            "no such answer",
            "a number that no answer has: says how many there are",
            |world, key| is_empty(world, key) && !has_answer(world, key),
            |world, _| lesson::no_such_answer(world),
            0,
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
        entry(
            LATER,
            "later",
            "what works at the step alone: says that the question comes first",
            always,
            |world, _| lesson::ask_first(world),
            0,
        ),
        entry(
            &[alt(Code::Char('z')), alt(Code::Char('y'))],
            "undo",
            "undo the last command, or do it again: says that the question comes first",
            always,
            |world, _| lesson::ask_first(world),
            0,
        ),
    ],
};

/// Enter takes no answer while it could be meant for what is typed.
fn can_answer(world: &World, _: Key) -> bool {
    world.lesson.as_ref().and_then(|open| open.asking).is_some_and(|asking| !asking.stray)
}

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
