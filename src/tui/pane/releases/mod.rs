//! The session's commands on other releases: outputs and objects side by side, with what made each difference.
//!
//! The commands run outside, on fresh simulators ([`Effect::Replay`]); a release that has answered is [`Told`].

mod alike;
mod block;
pub mod compare;
pub mod keps;
pub mod list;
mod page;
mod things;
pub mod tokens;
mod told;

pub use told::{Answer, Replayed, Told};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::terminal::{Said, Voice};
use super::{Pane, PaneId};
use crate::apimachinery::Release;
use crate::base::{Order as _, sanitize_line};
use crate::tui::effect::Effect;
use crate::tui::key::{Code, Key, plain, shift};
use crate::tui::keymap::{Layer, entry, function};
use crate::tui::overlay::reader::Reader;
use crate::tui::theme::Meaning;
use crate::tui::widget::{put_line, put_right};
use crate::tui::world::World;
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
            // What differs is what one came for.
            if !state.moved {
                let first = state.compared.blocks.iter().position(compare::Block::differs).unwrap_or(0);
                (state.selected, state.scroll) = (first, 0);
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

/// What is said of a step that runs on another release than the one before; `own` is the one that it asks for.
pub fn say_moved(release: Release, own: Option<Release>) -> String {
    match own {
        Some(_) => format!("▸ This step runs on Kubernetes {release}, on a cluster of its own."),
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

/// Its keys.
static LAYER: Layer = Layer {
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
            &[plain(Code::Enter)],
            "take in or out",
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
        entry(
            &[plain(Code::Esc)],
            "leave the list",
            "leave the list of releases",
            is_choosing,
            |world, _| close(world),
            1,
        ),
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
fn selected(world: &World) -> Option<&compare::Block> {
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

/// Leaves the list.
fn close(world: &mut World) -> Vec<Effect> {
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

impl Pane for ReleasesPane {
    fn id(&self) -> PaneId {
        PaneId::Releases
    }

    fn title(&self) -> &'static str {
        "Releases"
    }

    fn layer(&self) -> &'static Layer {
        &LAYER
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
        let height = usize::from(area.height);
        let (scroll, most) = page.scroll(world, height);
        let shown = page.rows.iter().skip(scroll);
        // The last row says how much is below, and covers nothing.
        let foot = u16::from(scroll < most && height > 1);
        for (row, line) in (0..area.height.saturating_sub(foot)).zip(shown) {
            put_line(buf, area, 0, row, line);
        }
        if foot > 0 {
            let more = format!(" ↓ {} more ", most - scroll);
            put_right(buf, area, area.height.saturating_sub(1), &more, world.theme.style(Meaning::Dim));
        }
    }

    fn step(&self, world: &mut World, rows: isize) {
        page::step(world, rows);
    }

    fn scroll(&self, world: &mut World, rows: isize) {
        page::scroll(world, rows);
    }

    fn click(&self, world: &mut World, _column: u16, row: u16) {
        page::click(world, row);
    }

    fn wants(&self, world: &World, width: usize) -> (usize, usize) {
        (0, page::page(world, width).rows.len())
    }
}
