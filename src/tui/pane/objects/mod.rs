//! The objects of the cluster as a tree: account → pods that run as it → volumes and where their files come from.

mod build;
mod detail;
mod draw;
mod filter;
mod index;
mod look;
mod space;
mod story;
mod tree;
mod turn;
mod wishes;
mod words;

pub use detail::{Detail, life_text};
pub use filter::settle;
pub use index::{Index, Object, Sign};
pub use space::Account;
pub use tree::{Kept, RowKey, Tree, What};
pub use turn::{TakenBack, turned};

use std::sync::Arc;

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Pane, PaneId};
use crate::tui::effect::Effect;
use crate::tui::key::{Code, Key, char, plain};
use crate::tui::keymap::{Layer, entry};
use crate::tui::msg::{Feed, TokenSource};
use crate::tui::widget::{cells, cut};
use crate::tui::world::{Focus, World};
use tree::Shape;
use wishes::Wish;

/// The objects pane.
pub struct ObjectsPane;

/// Its entry.
pub static PANE: ObjectsPane = ObjectsPane;

/// Its keys.
static LAYER: Layer = Layer {
    heading: "The objects pane",
    keys: &[
        entry(
            &[plain(Code::Enter)],
            "fold",
            "on a volume: show its files, or hide them",
            |world, _| selected_volume(world).is_some(),
            fold,
            2,
        ),
        entry(
            &[plain(Code::Enter)],
            "look into it",
            "what can be looked at of the selected object, each with its command",
            look::can_open,
            look::open,
            2,
        ),
        entry(
            &[plain(Code::Esc)],
            "no filter",
            "take the filter away",
            filter::is_on,
            |world, _| filter::take_away(world),
            2,
        ),
        entry(&[char('/')], "filter", "show only the rows that have certain words", filter::can_open, filter::open, 3),
    ],
};

/// The tables of what is open in it.
static INNER: &[&Layer] = &[&filter::LAYER];

/// The cluster's objects changed.
pub fn hear(world: &mut World, feed: Feed) -> Vec<Effect> {
    super::mount::follow(world, &feed);
    if feed == Feed::Cleared {
        let revision = world.panes.objects.index.revision();
        world.panes.objects = State::default();
        super::token::leave(world);
        world.panes.why = super::why::State::default();
        world.panes.objects.index = Index::after(revision);
        return Vec::new();
    }
    if feed == Feed::Turns {
        stay(world, Index::turns);
        return Vec::new();
    }
    let marked = world.panes.objects.index.take(feed, world.now);
    let unseen = &mut world.panes.objects.unseen;
    unseen.extend(std::iter::repeat_n(world.now, marked.min(COUNTED.saturating_sub(unseen.len()))));
    // Who looks around in it is not moved away.
    if marked > 0 && world.focus != Focus::Pane(PaneId::Objects) {
        world.panes.objects.follows = true;
    }
    Vec::new()
}

/// A command begins: what was marked was looked at; now it is this command's changes that count.
pub fn unmark(world: &mut World) {
    world.panes.objects.turned = None;
    stay(world, Index::unmark);
}

/// Time went by: marks may run out.
pub fn tick(world: &mut World, now: Timestamp) {
    if world.panes.objects.index.is_due(now) {
        stay(world, |index| index.tick(now));
    }
}

/// Changes the objects so that the first row in view stays the first, if it stays at all.
fn stay(world: &mut World, change: impl FnOnce(&mut Index)) {
    stand_still(world);
    let (before, _) = tree(world);
    let first = before.rows.get(world.panes.objects.scroll).map(|row| before.key(row));
    change(&mut world.panes.objects.index);
    if let Some(at) = first.and_then(|key| tree(world).0.find(&key)) {
        world.panes.objects.scroll = at;
    }
}

/// What the pane remembers.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The objects.
    pub index: Index,
    /// The selected row, by what it is.
    pub selected: Option<RowKey>,
    /// Where the selected row was last; used when it has gone.
    pub at: usize,
    /// Rows scrolled away at the top, unless it follows.
    pub scroll: usize,
    /// Whether what was marked last is kept in view.
    pub follows: bool,
    /// When things changed since the pane was last seen.
    pub unseen: Vec<Timestamp>,
    /// What was told of what is taken back: the story's lines, and the changes that were not seen. The last first.
    pub taken_back: Vec<TakenBack>,
    /// Whether it was a command that was taken back (or done again) last, and none was run since.
    pub turned: Option<bool>,
    /// Volumes that were folded or unfolded by hand, and whether they are open.
    pub folds: Vec<(RowKey, bool)>,
    /// Only rows with these words are shown, and those above them; empty for all.
    pub filter: String,
    /// Whether the filter takes letters.
    pub typing: bool,
    /// The rows, as long as nothing in them changes.
    pub kept: Kept,
}

impl State {
    /// Rows scrolled away at the top, where so many are shown.
    fn top(&self, tree: &Tree, shown: usize) -> usize {
        let most = tree.rows.len().saturating_sub(shown);
        let last = self.index.marked_last().filter(|_| self.follows && most > 0);
        let at = last.and_then(|(namespace, id)| tree.find(&RowKey::of(namespace, id)));
        at.map_or(self.scroll, |at| into_view(self.scroll.min(most), at, shown)).min(most)
    }
}

/// Scrolls as little as needed for a row to be seen.
fn into_view(scroll: usize, at: usize, shown: usize) -> usize {
    scroll.min(at).max((at + 1).saturating_sub(shown.max(1)))
}

impl Pane for ObjectsPane {
    fn id(&self) -> PaneId {
        PaneId::Objects
    }

    fn title(&self) -> &'static str {
        "Objects"
    }

    fn layer(&self) -> &'static Layer {
        &LAYER
    }

    fn open(&self, world: &World) -> Option<&'static Layer> {
        world.panes.objects.typing.then_some(&filter::LAYER)
    }

    fn inner_layers(&self) -> &'static [&'static Layer] {
        INNER
    }

    fn typed(&self, world: &mut World, c: char) {
        filter::typed(world, c);
    }

    fn remark(&self, world: &World, room: usize) -> Option<String> {
        let filter = &world.panes.objects.filter;
        if filter.is_empty() {
            return None;
        }
        let hidden = tree(world).0.hidden;
        let says = [format!("/{} · {hidden} hidden", cut(filter, 20)), format!("/ · {hidden} hidden"), "/".to_owned()];
        says.into_iter().find(|say| cells(say) <= room)
    }

    fn wants(&self, world: &World, _width: usize) -> (usize, usize) {
        let objects = &world.panes.objects;
        let objects_there = objects.index.count();
        // Each has a row: so many need not be laid out to know that they want more than there is.
        let is_plain = objects_there > MANY && objects.filter.is_empty();
        (0, 1 + if is_plain { objects_there } else { tree(world).0.rows.len() })
    }

    fn enter(&self, world: &mut World) {
        select_any(world);
    }

    fn seen(&self, world: &mut World) {
        world.panes.objects.unseen.clear();
    }

    fn badge(&self, world: &World) -> Option<String> {
        let unseen = world.panes.objects.unseen.len();
        (unseen > 0).then(|| format!("+{unseen}"))
    }

    fn draw(&self, world: &World, area: Rect, buf: &mut Buffer) {
        draw::draw(world, area, buf);
    }

    fn step(&self, world: &mut World, step: isize) {
        let total = tree(world).0.rows.len();
        let at = position(world).unwrap_or(0).saturating_add_signed(step).min(total.saturating_sub(1));
        select(world, at);
    }

    fn steps(&self, world: &World) -> (bool, bool) {
        let at = position(world).unwrap_or(0);
        (at > 0, at + 1 < tree(world).0.rows.len())
    }

    fn scroll(&self, world: &mut World, by: isize) {
        stand_still(world);
        let most = tree(world).0.rows.len().saturating_sub(shown(world));
        world.panes.objects.scroll = world.panes.objects.scroll.saturating_add_signed(by).min(most);
    }

    fn copied(&self, world: &World) -> Option<String> {
        let (what, namespace) = selected(world)?;
        Some(what.id().map_or(namespace, |id| id.name.clone()))
    }

    fn named(&self, world: &World) -> Vec<String> {
        let Some((what, namespace)) = selected(world) else { return Vec::new() };
        let detail = |id: &index::Id| world.panes.objects.index.find(&namespace, id).map(|object| &object.detail);
        let words = match &what {
            What::Namespace => vec!["namespace"],
            What::Account(_) => vec!["ServiceAccount"],
            What::Object(id) if matches!(detail(id), Some(Detail::Secret { account: Some(_), .. })) => {
                vec!["legacy token", &id.kind]
            }
            What::Object(id) | What::Mention(id) | What::Ghost(id) | What::Wanted(id, _) | What::Gives(id) => {
                vec![id.kind.as_str()]
            }
            What::Volume(_, volumes, at, _) => {
                volumes.get(*at).map(|volume| volume.kind.as_str()).into_iter().chain(["volume"]).collect()
            }
            What::File(_, volumes, at, file) => {
                let file = volumes.get(*at).and_then(|volume| volume.sources.get(*file)).map(|(file, _)| file.as_str());
                file.into_iter().chain(["volume"]).collect()
            }
        };
        words.into_iter().map(str::to_owned).collect()
    }

    fn click(&self, world: &mut World, _column: u16, row: u16) {
        let (tree, _) = tree(world);
        let at = world.panes.objects.top(&tree, shown(world)) + usize::from(row);
        if usize::from(row) < shown(world) && at < tree.rows.len() {
            select(world, at);
        }
    }
}

/// So many changes are counted, and no more.
const COUNTED: usize = 99;
/// More objects than any screen has rows.
const MANY: usize = 500;

/// The last row is the story's.
fn tree_height(height: usize) -> usize {
    height.saturating_sub(1)
}

/// How many rows of the tree are seen.
fn shown(world: &World) -> usize {
    tree_height(world.room(PaneId::Objects).0)
}

/// The rows, and what the step wants.
fn tree(world: &World) -> (Arc<Tree>, Vec<Wish>) {
    let objects = &world.panes.objects;
    let wishes = wishes::wishes(world);
    let shape = |open, filter: &str| Shape {
        revision: objects.index.revision(),
        folds: objects.folds.clone(),
        open,
        filter: filter.to_lowercase(),
        wishes: wishes.clone(),
    };
    let open = is_about_volumes(world) || {
        let room = shown(world);
        objects.index.count() < room && build::build(&objects.index, &shape(true, "")).rows.len() <= room
    };
    (objects.kept.tree(&objects.index, shape(open, &objects.filter)), wishes)
}

/// Whether the step is about volumes: then what is in them is shown.
fn is_about_volumes(world: &World) -> bool {
    let step = world.lesson.as_ref().and_then(|open| open.step());
    step.is_some_and(|step| [&step.text, &step.task].iter().any(|text| text.to_lowercase().contains("volume")))
}

fn position(world: &World) -> Option<usize> {
    let key = world.panes.objects.selected.as_ref()?;
    Some(tree(world).0.find(key).unwrap_or(world.panes.objects.at))
}

/// What is in view stays there.
fn stand_still(world: &mut World) {
    if world.panes.objects.follows {
        let top = world.panes.objects.top(&tree(world).0, shown(world));
        (world.panes.objects.scroll, world.panes.objects.follows) = (top, false);
    }
}

/// Selects a row and scrolls to it.
fn select(world: &mut World, at: usize) {
    stand_still(world);
    let (tree, shown) = (tree(world).0, shown(world));
    let objects = &mut world.panes.objects;
    let at = at.min(tree.rows.len().saturating_sub(1));
    objects.selected = tree.rows.get(at).map(|row| tree.key(row));
    objects.at = at;
    objects.scroll = into_view(objects.scroll, at, shown);
}

/// Selects the first row when none is.
fn select_any(world: &mut World) {
    if position(world).is_none() {
        // The namespace itself says little; what is in it is the better start.
        let at = usize::from(tree(world).0.rows.len() > 1);
        select(world, at);
    }
}

/// What the selected row shows, and its namespace.
fn selected(world: &World) -> Option<(What, String)> {
    let key = world.panes.objects.selected.as_ref()?;
    let (tree, _) = tree(world);
    let row = tree.find(key).and_then(|at| tree.rows.get(at))?;
    Some((row.what.clone(), tree.space(row).to_owned()))
}

/// The volume that is selected, and whether it is open; one that has something to fold.
fn selected_volume(world: &World) -> Option<bool> {
    match selected(world)?.0 {
        What::Volume(_, volumes, at, open) if volumes.get(at).is_some_and(|volume| !volume.sources.is_empty()) => {
            Some(open)
        }
        _ => None,
    }
}

/// Folds the selected volume, or unfolds it.
fn fold(world: &mut World, _: Key) -> Vec<Effect> {
    let (Some(open), Some(key)) = (selected_volume(world), world.panes.objects.selected.clone()) else {
        return Vec::new();
    };
    world.panes.objects.folds.retain(|(known, _)| *known != key);
    world.panes.objects.folds.push((key, !open));
    Vec::new()
}

/// The pod that the selected row belongs to: namespace and name.
pub fn selected_pod(world: &World) -> Option<(String, String)> {
    let (what, namespace) = selected(world)?;
    match what {
        What::Object(id) | What::Mention(id) | What::Volume(id, ..) | What::File(id, ..) if id.kind == "Pod" => {
            Some((namespace, id.name.clone()))
        }
        _ => None,
    }
}

/// The token the selected row can show, with its namespace.
fn selected_token(world: &World) -> Option<(String, TokenSource)> {
    let (what, namespace) = selected(world)?;
    let source = match &what {
        What::Object(id) | What::Mention(id) => {
            match world.panes.objects.index.find(&namespace, id).map(|object| &object.detail)? {
                Detail::Pod { .. } => TokenSource::Pod(id.name.clone()),
                Detail::Secret { account: Some(_), .. } => TokenSource::Secret(id.name.clone()),
                _ => return None,
            }
        }
        What::Volume(id, ..) | What::File(id, ..) => TokenSource::Pod(id.name.clone()),
        What::Namespace | What::Account(_) | What::Ghost(_) | What::Gives(_) | What::Wanted(..) => return None,
    };
    Some((namespace, source))
}
