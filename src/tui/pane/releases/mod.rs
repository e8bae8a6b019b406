//! The session's commands on other releases: outputs and objects side by side, with what made each difference.
//!
//! The commands run outside, on fresh simulators ([`Effect::Replay`]); a release that has answered is [`Told`].

mod alike;
mod block;
pub mod compare;
pub mod keps;
mod keys;
pub mod list;
mod page;
mod things;
pub mod tokens;
mod told;

pub use keys::{is_stale, open};
pub use told::{Answer, Replayed, Told};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Pane, PaneId};
use crate::apimachinery::Release;
use crate::base::Order as _;
use crate::tui::effect::Effect;
use crate::tui::keymap::Layer;
use crate::tui::theme::Meaning;
use crate::tui::widget::{more_below, put_line, put_right};
use crate::tui::world::{Focus, World};
use compare::Comparison;

/// The pane.
pub struct ReleasesPane;

/// Its entry.
pub static PANE: ReleasesPane = ReleasesPane;

/// What the pane remembers.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The releases to compare, oldest first; the step's, while the learner chose none.
    pub chosen: Vec<Release>,
    /// Whether the learner chose them.
    pub is_own_choice: bool,
    /// The row of the list that is selected, while releases are chosen.
    pub choosing: Option<usize>,
    /// Whether one more was wanted than can be compared.
    pub is_full: bool,
    /// The release that a step was opened on, while it is not the one before and no command was run there.
    pub moved_to: Option<Release>,
    /// How many commands were run on this cluster.
    pub ran: usize,
    /// How often was asked; answers to an earlier asking are ignored.
    pub asked: u64,
    /// How many commands had been run then.
    pub ran_then: Option<usize>,
    /// The releases whose answers are still to come.
    pub waiting: Vec<Release>,
    /// What came.
    pub answers: Vec<Replayed>,
    /// What came, compared.
    pub compared: Comparison,
    /// The block that is selected.
    pub selected: usize,
    /// Whether the learner moved, so that what is selected stays so.
    pub moved: bool,
    /// Rows scrolled away.
    pub scroll: usize,
    /// How many blocks differ, until they were looked at.
    pub unseen: Option<usize>,
}

/// It hears of another cluster, or what a release answered.
pub fn hear(world: &mut World, told: Told) -> Vec<Effect> {
    let state = &mut world.panes.releases;
    match told {
        Told::Cleared => {
            let (asked, chosen) = (state.asked + 1, std::mem::take(&mut state.chosen));
            let (is_own_choice, moved_to) = (state.is_own_choice, state.moved_to);
            *state = State { asked, chosen, is_own_choice, moved_to, ..State::default() };
        }
        Told::Answered(answer) if answer.asked == state.asked && state.waiting.contains(&answer.release) => {
            state.waiting.retain(|release| *release != answer.release);
            state.answers.push(answer);
            state.answers.order_by_key(|answer| answer.release);
            let sound: Vec<&Replayed> = state.answers.iter().filter(|answer| answer.trouble.is_none()).collect();
            state.compared = compare::compare(&sound);
            let differing = state.compared.blocks.iter().filter(|block| block.differs()).count();
            state.unseen = Some(differing).filter(|count| state.waiting.is_empty() && *count > 0);
            // What differs is what one came for, and it was done last.
            if !state.moved {
                let differing = |objects: bool| {
                    let such = |block: &compare::Block| block.differs() && block.is_objects() == objects;
                    state.compared.blocks.iter().rposition(such)
                };
                (state.selected, state.scroll) = (differing(false).or(differing(true)).unwrap_or(0), 0);
                page::reveal(world);
            }
        }
        Told::Answered(_) => {}
    }
    Vec::new()
}

/// The cluster is this one from now on: a step that is opened on another release than the one before says so.
pub fn moved(world: &mut World, release: Option<Release>) {
    let before = world.cluster.as_ref().and_then(|cluster| cluster.release).filter(|_| world.lesson.is_some());
    world.panes.releases.moved_to = release.filter(|release| before.is_some_and(|before| before != *release));
}

/// What is said of a step that runs on another release than the one before; `own` is the one that it asks for. In another
/// lesson there was no step before.
pub fn say_moved(release: Release, own: Option<Release>, other: bool) -> String {
    match own {
        Some(_) => format!("▸ This step runs on Kubernetes {release}, on a cluster of its own."),
        None if other => format!("▸ This lesson runs on Kubernetes {release}."),
        None => format!("▸ From here on it is Kubernetes {release}."),
    }
}

/// A step was opened: it may say which releases to compare.
pub fn opened(world: &mut World) {
    let named = world.lesson.as_ref().and_then(|open| open.step()).is_some_and(|step| !step.compare.is_empty());
    let of_step = list::of_step(world);
    let state = &mut world.panes.releases;
    (state.choosing, state.is_full) = (None, false);
    if named || !state.is_own_choice || state.chosen.is_empty() {
        (state.chosen, state.is_own_choice) = (of_step, false);
    }
}

impl Pane for ReleasesPane {
    fn id(&self) -> PaneId {
        PaneId::Releases
    }

    fn title(&self) -> &'static str {
        "Releases"
    }

    fn layer(&self) -> &'static Layer {
        &keys::LAYER
    }

    fn badge(&self, world: &World) -> Option<String> {
        world.panes.releases.unseen.map(|count| format!("≠{count}"))
    }

    fn seen(&self, world: &mut World) {
        world.panes.releases.unseen = None;
    }

    fn is_large(&self) -> bool {
        true
    }

    fn draw(&self, world: &World, area: Rect, buf: &mut Buffer) {
        let page = page::page(world, usize::from(area.width));
        let (scroll, most) = page.scroll(world, usize::from(area.height));
        let shown = page.rows.iter().skip(scroll).take(page.room(usize::from(area.height)));
        for (row, line) in (0..area.height).zip(page.head.iter().chain(shown)) {
            put_line(buf, area, 0, row, line);
        }
        if scroll < most {
            let more = format!(" {} ", more_below(world.is_ascii(), most - scroll, ""));
            put_right(buf, area, area.height.saturating_sub(1), &more, world.theme.style(Meaning::Dim));
        }
    }

    fn step(&self, world: &mut World, rows: isize) {
        page::step(world, rows);
    }

    fn steps(&self, world: &World) -> (bool, bool) {
        page::steps(world)
    }

    fn scroll(&self, world: &mut World, rows: isize) {
        page::scroll(world, rows);
    }

    fn click(&self, world: &mut World, _column: u16, row: u16) {
        page::click(world, row);
    }

    fn wants(&self, world: &World, width: usize) -> (usize, usize) {
        let page = page::page(world, width);
        let rows = page.head.len() + page.rows.len();
        // Who reads here does not type.
        (if world.focus == Focus::Pane(PaneId::Releases) { rows } else { 0 }, rows)
    }
}
