//! The mount: a pod's own view of its volumes. The tree as it is in the container, where each file comes from, and when it is
//! written next.

mod listing;
mod looks;
mod page;
mod promise;
mod spec;

pub use listing::{Entry, Listing, parse};
pub use looks::{Life, Look, Seen, Unseen};
pub use spec::Pods;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use self::looks::{Asked, wishes};
use self::page::{draw_spot, page};
use self::spec::{Container, Key, Mount as Place, Pod};
use super::objects::{self, RowKey};
use super::{Pane, PaneId};
use crate::tui::effect::Effect;
use crate::tui::key::{Code, plain, shift};
use crate::tui::keymap::when::always;
use crate::tui::keymap::{Layer, entry};
use crate::tui::msg::Feed;
use crate::tui::theme::Meaning;
use crate::tui::widget::{more_below, put_line, put_right, wrap_plain};
use crate::tui::world::World;

/// The mount pane.
pub struct MountPane;

/// Its entry.
pub static PANE: MountPane = MountPane;

/// What the pane remembers.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The pods, and what their files come from.
    pub pods: Pods,
    /// The pod that was chosen here, and what was selected among the objects at the time.
    chosen: Option<(Key, Option<RowKey>)>,
    /// The mount that is selected, and the pod it is counted in.
    at: (Key, usize),
    /// Rows scrolled away at the top.
    pub scroll: usize,
    /// What was seen last.
    pub seen: Option<Seen>,
    /// What is being looked at, or was.
    asked: Option<Asked>,
    /// Whether a command has ended since.
    stale: bool,
}

/// A mount of a pod: a row of the list. A container without any has a row, too.
#[derive(Clone, Copy, Debug)]
struct Spot<'a> {
    container: &'a Container,
    mount: Option<&'a Place>,
}

/// The cluster's objects changed.
pub fn follow(world: &mut World, feed: &Feed) {
    if *feed == Feed::Cleared {
        world.panes.mount = State::default();
    }
    world.panes.mount.pods.take(feed);
}

/// A mount was looked at.
pub fn hear(world: &mut World, seen: Seen) -> Vec<Effect> {
    let state = &mut world.panes.mount;
    if state.asked.as_ref().is_some_and(|asked| asked.look == seen.of) {
        state.seen = Some(seen);
    }
    Vec::new()
}

/// A command has ended. One that was about a mount brings the pane up.
pub fn ran(world: &mut World) {
    world.panes.mount.stale = true;
    let line = &world.panes.terminal.last;
    let is_about = line.contains(" exec ") && {
        let mut pods = world.panes.mount.pods.all.values();
        pods.any(|pod| pod.containers.iter().flat_map(|one| &one.mounts).any(|mount| line.contains(&mount.path)))
    };
    if is_about {
        world.show_aside(PaneId::Mount);
    }
}

/// Its keys.
static LAYER: Layer = Layer {
    heading: "The mount pane",
    keys: &[
        entry(
            &[plain(Code::Enter)],
            "next pod",
            "look into another pod",
            |world, _| world.panes.mount.pods.all.len() > 1,
            |world, _| next_pod(world),
            2,
        ),
        entry(
            &[plain(Code::PageDown), shift(Code::PageDown)],
            "page down",
            "the rest of the mount",
            always,
            |world, _| turn(world, 1),
            0,
        ),
        entry(
            &[plain(Code::PageUp), shift(Code::PageUp)],
            "page up",
            "the beginning of the mount",
            always,
            |world, _| turn(world, -1),
            0,
        ),
    ],
};

fn next_pod(world: &mut World) -> Vec<Effect> {
    let next = shown(world).and_then(|(key, _)| world.panes.mount.pods.after(key).cloned());
    if let Some(next) = next {
        let selected = world.panes.objects.selected.clone();
        let state = &mut world.panes.mount;
        (state.chosen, state.scroll) = (Some((next, selected)), 0);
    }
    Vec::new()
}

fn turn(world: &mut World, direction: isize) -> Vec<Effect> {
    let page = world.room(PaneId::Mount).0.saturating_sub(2).max(1).cast_signed();
    MountPane.scroll(world, direction * page);
    Vec::new()
}

/// The pod that is shown: the one chosen here, else the one selected among the objects, else the newest that runs.
fn shown(world: &World) -> Option<(&Key, &Pod)> {
    let State { pods, chosen, .. } = &world.panes.mount;
    let chosen = chosen.as_ref().filter(|(_, selected)| *selected == world.panes.objects.selected);
    let chosen = chosen.and_then(|(key, _)| pods.all.get_key_value(key));
    let selected = || pods.all.get_key_value(&objects::selected_pod(world)?);
    chosen.or_else(selected).or_else(|| pods.all.get_key_value(pods.newest()?))
}

fn spots(pod: &Pod) -> Vec<Spot<'_>> {
    let mut spots = Vec::new();
    for container in &pod.containers {
        if container.mounts.is_empty() {
            spots.push(Spot { container, mount: None });
        }
        spots.extend(container.mounts.iter().map(|mount| Spot { container, mount: Some(mount) }));
    }
    spots
}

/// Which row of the list is selected.
fn at(world: &World, key: &Key, length: usize) -> usize {
    let (of, at) = &world.panes.mount.at;
    if of == key { (*at).min(length.saturating_sub(1)) } else { 0 }
}

/// The rows of the list of mounts, when there is more than one.
fn list_rows(length: usize, height: usize) -> usize {
    if length < 2 { 0 } else { length.min((height / 4).clamp(1, 6)).min(height) }
}

/// The rows of text below the list, of how many columns, and the spot they show.
fn rows(world: &World, width: usize) -> (usize, Vec<ratatui::text::Line<'static>>) {
    let Some((key, pod)) = shown(world) else {
        let say = "No pod yet. What is mounted into one is shown here: each file, where it comes from, and when it is \
                   written next.";
        return (0, wrap_plain(say, world.theme.style(Meaning::Dim), width, 0));
    };
    let spots = spots(pod);
    let rows = spots.get(at(world, key, spots.len())).map(|spot| page(world, key, pod, *spot, width));
    (spots.len(), rows.unwrap_or_default())
}

impl Pane for MountPane {
    fn id(&self) -> PaneId {
        PaneId::Mount
    }

    fn title(&self) -> &'static str {
        "Mount"
    }

    fn layer(&self) -> &'static Layer {
        &LAYER
    }

    fn wants(&self, world: &World, width: usize) -> (usize, usize) {
        let (length, rows) = rows(world, width);
        (0, rows.len() + if length < 2 { 0 } else { length.min(4) })
    }

    fn wishes(&self, world: &mut World, on_screen: bool) -> Vec<Effect> {
        wishes(world, on_screen)
    }

    fn draw(&self, world: &World, area: Rect, buf: &mut Buffer) {
        let (length, rows) = rows(world, usize::from(area.width));
        let listed = list_rows(length, usize::from(area.height));
        if let Some((key, pod)) = shown(world).filter(|_| listed > 0) {
            let selected = at(world, key, length);
            let first = selected.saturating_sub(listed.saturating_sub(1));
            for (row, (number, spot)) in (0..area.height).zip(spots(pod).iter().enumerate().skip(first).take(listed)) {
                let count = (listed < length).then(|| format!(" {} of {length}", number + 1));
                let row = Rect { y: area.y + row, height: 1, ..area };
                draw_spot(world, *spot, number == selected, count, row, buf);
            }
        }
        let top = u16::try_from(listed).unwrap_or(u16::MAX).min(area.height);
        let area = Rect { y: area.y + top, height: area.height - top, ..area };
        let most = most(rows.len(), usize::from(area.height));
        let scroll = world.panes.mount.scroll.min(most);
        // The last row says how much is below, and covers nothing.
        let foot = u16::from(rows.len() > usize::from(area.height)).min(area.height);
        for (row, line) in (0..area.height - foot).zip(rows.iter().skip(scroll)) {
            put_line(buf, area, 0, row, line);
        }
        if scroll < most {
            let more = format!(" {} ", more_below(world.is_ascii(), most - scroll, ""));
            put_right(buf, area, area.height.saturating_sub(1), &more, world.theme.style(Meaning::Dim));
        }
    }

    fn step(&self, world: &mut World, by: isize) {
        let Some((key, pod)) = shown(world) else { return };
        let (key, length) = (key.clone(), spots(pod).len());
        if length < 2 {
            self.scroll(world, by);
            return;
        }
        let at = at(world, &key, length).saturating_add_signed(by).min(length - 1);
        let state = &mut world.panes.mount;
        (state.at, state.scroll) = ((key, at), 0);
    }

    fn steps(&self, world: &World) -> (bool, bool) {
        let Some((key, pod)) = shown(world) else { return (false, false) };
        let length = spots(pod).len();
        let (at, last) = if length < 2 {
            let (height, width) = world.room(PaneId::Mount);
            let (length, rows) = rows(world, width);
            (world.panes.mount.scroll, most(rows.len(), height.saturating_sub(list_rows(length, height))))
        } else {
            (at(world, key, length), length - 1)
        };
        (at.min(last) > 0, at < last)
    }

    fn scroll(&self, world: &mut World, by: isize) {
        let (height, width) = world.room(PaneId::Mount);
        let (length, rows) = rows(world, width);
        let most = most(rows.len(), height.saturating_sub(list_rows(length, height)));
        world.panes.mount.scroll = world.panes.mount.scroll.min(most).saturating_add_signed(by).min(most);
    }

    fn click(&self, world: &mut World, _column: u16, row: u16) {
        let height = world.room(PaneId::Mount).0;
        let Some((key, pod)) = shown(world) else { return };
        let (key, length) = (key.clone(), spots(pod).len());
        let listed = list_rows(length, height);
        if usize::from(row) < listed {
            let first = at(world, &key, length).saturating_sub(listed.saturating_sub(1));
            let state = &mut world.panes.mount;
            (state.at, state.scroll) = ((key, first + usize::from(row)), 0);
        }
    }
}

/// How far a text can be scrolled; where it does not fit, its last row is not its own.
fn most(rows: usize, room: usize) -> usize {
    rows.saturating_sub(room.saturating_sub(usize::from(rows > room)))
}
