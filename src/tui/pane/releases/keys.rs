//! The keys of the pane, and what they do.

use super::compare::{Block, Comparison};
use super::{ReleasesPane, State, list, page};
use crate::apimachinery::Release;
use crate::base::{Order as _, sanitize_line};
use crate::tui::effect::Effect;
use crate::tui::key::{Code, Key, char, plain, shift};
use crate::tui::keymap::{Layer, entry, function};
use crate::tui::overlay::reader::Reader;
use crate::tui::pane::terminal::{Said, Voice};
use crate::tui::pane::{Pane as _, PaneId};
use crate::tui::world::World;

/// The keys of the pane.
pub(super) static LAYER: Layer = Layer {
    heading: "The pane of releases",
    keys: &[
        entry(
            &[function(5)],
            "compare",
            "run your commands on the releases that are chosen",
            can_compare,
            |world, _| compare(world),
            1,
        ),
        entry(
            &[function(5)],
            "choose releases",
            "choose which releases are compared",
            |world, key| !can_compare(world, key) && !is_choosing(world, key),
            |world, _| choose(world),
            2,
        ),
        entry(
            &[function(5)],
            "done",
            "leave the list of releases",
            |world, key| !can_compare(world, key) && is_choosing(world, key),
            |world, _| close(world),
            2,
        ),
        entry(
            &[plain(Code::Enter), char(' ')],
            "tick",
            "take a release in, or out",
            is_choosing,
            |world, _| toggle(world),
            1,
        ),
        entry(
            &[plain(Code::Enter)],
            "read it",
            "open what the releases answered, whole",
            |world, key| !is_choosing(world, key) && selected(world).is_some(),
            |world, _| read(world),
            2,
        ),
        entry(&[plain(Code::Esc)], "close list", "leave the list of releases", is_choosing, |world, _| close(world), 1),
        entry(
            &[plain(Code::PageDown), shift(Code::PageDown)],
            "page down",
            "a page down",
            |world, key| !is_choosing(world, key),
            |world, _| turn(world, 1),
            0,
        ),
        entry(
            &[plain(Code::PageUp), shift(Code::PageUp)],
            "page up",
            "a page up",
            |world, key| !is_choosing(world, key),
            |world, _| turn(world, -1),
            0,
        ),
    ],
};

fn is_choosing(world: &World, _: Key) -> bool {
    world.panes.releases.choosing.is_some()
}

/// Whether comparing would show something else than what is shown.
fn can_compare(world: &World, key: Key) -> bool {
    let state = &world.panes.releases;
    state.ran > 0 && !state.chosen.is_empty() && (is_choosing(world, key) || is_stale(state))
}

/// Whether commands were run that are not compared.
pub fn is_stale(state: &State) -> bool {
    state.ran_then != Some(state.ran)
}

/// The block that is selected.
fn selected(world: &World) -> Option<&Block> {
    world.panes.releases.compared.blocks.get(world.panes.releases.selected)
}

/// The pane was opened: compares what was not compared yet.
pub fn open(world: &mut World) -> Vec<Effect> {
    if world.panes.releases.chosen.is_empty() {
        world.panes.releases.chosen = list::of_step(world);
    }
    if world.panes.releases.ran > 0 && is_stale(&world.panes.releases) { compare(world) } else { Vec::new() }
}

/// Asks for the session's commands to be run on the releases that are chosen.
fn compare(world: &mut World) -> Vec<Effect> {
    let state = &mut world.panes.releases;
    let releases = state.chosen.clone();
    (state.asked, state.ran_then) = (state.asked + 1, Some(state.ran));
    (state.choosing, state.is_full, state.moved) = (None, false, false);
    (state.selected, state.scroll, state.unseen) = (0, 0, None);
    (state.answers, state.compared, state.waiting) = (Vec::new(), Comparison::default(), releases.clone());
    vec![Effect::Replay { asked: state.asked, releases }]
}

/// Opens the list of releases.
fn choose(world: &mut World) -> Vec<Effect> {
    let state = &mut world.panes.releases;
    let first = state.chosen.last().copied().unwrap_or(Release::NEWEST);
    state.choosing = page::listed().position(|release| release == first);
    state.scroll = 0;
    Vec::new()
}

/// Leaves the list; who chose nothing has what the step says.
fn close(world: &mut World) -> Vec<Effect> {
    if world.panes.releases.chosen.is_empty() {
        (world.panes.releases.chosen, world.panes.releases.is_own_choice) = (list::of_step(world), false);
    }
    (world.panes.releases.choosing, world.panes.releases.is_full) = (None, false);
    Vec::new()
}

/// Takes the selected release in, or out.
fn toggle(world: &mut World) -> Vec<Effect> {
    let state = &mut world.panes.releases;
    let Some(release) = state.choosing.and_then(|at| page::listed().nth(at)) else { return Vec::new() };
    state.is_full = false;
    if state.chosen.contains(&release) {
        state.chosen.retain(|chosen| *chosen != release);
    } else if state.chosen.len() < list::MOST {
        state.chosen.push(release);
        state.chosen.order();
    } else {
        state.is_full = true;
        return Vec::new();
    }
    state.is_own_choice = true;
    Vec::new()
}

/// Opens what each release answered to the selected command.
fn read(world: &mut World) -> Vec<Effect> {
    let state = &world.panes.releases;
    let Some(block) = selected(world) else { return Vec::new() };
    let mut lines = Vec::new();
    for (at, release) in state.compared.releases.iter().enumerate() {
        if at > 0 {
            lines.push(Said { voice: Voice::Note, text: String::new() });
        }
        lines.push(Said { voice: Voice::Typed, text: format!("── Kubernetes {release} ──") });
        for row in &block.rows {
            let Some(line) = row.cells.get(at).and_then(Option::as_ref) else { continue };
            let about = row.about.as_ref().map(|about| format!("  {about}  ")).unwrap_or_default();
            let sign = if row.differs { "≠ " } else { "  " };
            let text = sanitize_line(&format!("{sign}{about}{}", line.text.replace('\t', "    "))).into_owned();
            lines.push(Said { voice: if row.differs { Voice::Typed } else { Voice::Out }, text });
        }
    }
    let title = if block.is_objects() { "The objects in the end".to_owned() } else { block.command.replace('\n', " ") };
    world.open(Reader::new(&sanitize_line(&title), lines));
    Vec::new()
}

fn turn(world: &mut World, direction: isize) -> Vec<Effect> {
    let page = world.room(PaneId::Releases).0.saturating_sub(2).max(1).cast_signed();
    ReleasesPane.scroll(world, direction * page);
    Vec::new()
}
