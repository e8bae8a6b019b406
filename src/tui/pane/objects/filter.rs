//! The filter: a line at the bottom of the pane that takes letters while it is open. Rows that have its words stay, with
//! those above them.

use super::{select, tree};
use crate::tui::effect::Effect;
use crate::tui::key::{Code, Key, ctrl, plain};
use crate::tui::keymap::when::always;
use crate::tui::keymap::{Layer, entry};
use crate::tui::pane::PaneId;
use crate::tui::world::{Focus, World};

/// More than any name is long.
const LONGEST: usize = 120;

/// The keys while it is open.
pub static LAYER: Layer = Layer {
    heading: "Filtering the objects",
    keys: &[
        entry(
            &[plain(Code::Enter)],
            "keep it",
            "keep the filter, and go on among the rows that are left",
            always,
            keep,
            1,
        ),
        entry(
            &[plain(Code::Esc), ctrl('c'), ctrl('g')],
            "no filter",
            "take the filter away",
            always,
            |world, _| take_away(world),
            2,
        ),
        entry(&[plain(Code::Backspace), ctrl('h')], "delete", "take back a letter", always, take_back, 0),
    ],
};

/// Whether a filter is on, and not just being typed.
pub fn is_on(world: &World, _: Key) -> bool {
    !world.panes.objects.typing && !world.panes.objects.filter.is_empty()
}

/// Whether one can be typed: a question hides the rows.
pub fn can_open(world: &World, _: Key) -> bool {
    !world.panes.objects.typing && world.lesson.as_ref().is_none_or(|open| open.asking.is_none())
}

/// Opens the line, with what is in it.
pub fn open(world: &mut World, _: Key) -> Vec<Effect> {
    world.panes.objects.typing = true;
    Vec::new()
}

fn keep(world: &mut World, _: Key) -> Vec<Effect> {
    world.panes.objects.typing = false;
    Vec::new()
}

/// Shows every row again. The selected one stays so.
pub fn take_away(world: &mut World) -> Vec<Effect> {
    world.panes.objects.typing = false;
    world.panes.objects.filter.clear();
    let at = super::position(world).unwrap_or(0);
    select(world, at);
    Vec::new()
}

fn take_back(world: &mut World, _: Key) -> Vec<Effect> {
    if world.panes.objects.filter.pop().is_none() {
        return take_away(world);
    }
    look(world);
    Vec::new()
}

/// A letter.
pub fn typed(world: &mut World, c: char) {
    if world.panes.objects.filter.len() < LONGEST {
        world.panes.objects.filter.push(c);
        look(world);
    }
}

/// Goes to the first row that has it.
fn look(world: &mut World) {
    let words = world.panes.objects.filter.to_lowercase();
    let (tree, _) = tree(world);
    let first = tree.rows.iter().position(|row| super::build::matches(&tree, row, &words));
    select(world, first.unwrap_or(0));
}

/// The line is open only while the pane has the keys and its rows can be seen.
pub fn settle(world: &mut World) {
    let is_asked = world.lesson.as_ref().is_some_and(|open| open.asking.is_some());
    if world.focus != Focus::Pane(PaneId::Objects) || is_asked {
        world.panes.objects.typing = false;
    }
}
