//! The keys. Whatever takes keys has a table of its own: what is done, by which keys, and when. Dispatch, footer and help
//! read these tables, innermost first.

pub mod when;

use super::effect::Effect;
use super::key::{Code, Key};
use super::overlay::{self, Overlay};
use super::pane::{PANES, PaneId};
use super::screen::{course, end};
use super::update::{ask, prompt, work};
use super::world::{Focus, Screen, World};
use crate::base::Order as _;

/// Does what a key asks for.
pub type Act = fn(&mut World, Key) -> Vec<Effect>;

/// An entry of a table.
pub struct Binding {
    /// The keys that do it; the first that works is shown.
    pub keys: &'static [Key],
    /// What the footer calls it: a word or two.
    pub label: &'static str,
    /// What the help says: a few words.
    pub say: &'static str,
    /// When it works.
    pub when: fn(&World, Key) -> bool,
    /// Does it.
    pub act: Act,
    /// Its place in the footer; 0 is for those only the help lists.
    pub rank: u8,
}

impl Binding {
    /// Its first key that would do something now.
    pub fn key(&self, world: &World) -> Option<Key> {
        self.keys.iter().copied().find(|key| (self.when)(world, *key))
    }
}

/// An entry.
pub const fn entry(
    keys: &'static [Key],
    label: &'static str,
    say: &'static str,
    when: fn(&World, Key) -> bool,
    act: Act,
    rank: u8,
) -> Binding {
    Binding { keys, label, say, when, act, rank }
}

/// The table of something that takes keys. The first entry that fits wins.
pub struct Layer {
    /// Its heading in the help.
    pub heading: &'static str,
    /// Its entries.
    pub keys: &'static [Binding],
}

/// The tables that are asked now, innermost first.
pub fn layers(world: &World) -> Vec<&'static Layer> {
    if let Some(top) = world.over.last() {
        let scroll = top.scrolls().then_some(&work::SCROLL);
        return std::iter::once(top.layer()).chain(scroll).chain([&work::EVERYWHERE]).collect();
    }
    beneath(world)
}

/// The tables that are asked when the help is closed.
pub fn under_help(world: &World) -> Vec<&'static Layer> {
    let under = world.over.iter().rev().find(|overlay| !matches!(overlay, Overlay::Help(_)));
    under.map_or_else(|| beneath(world), |overlay| vec![overlay.layer(), &work::EVERYWHERE])
}

/// The tables that are asked when nothing lies over the screen.
pub fn beneath(world: &World) -> Vec<&'static Layer> {
    match (world.screen, world.focus) {
        (Screen::Course, _) => vec![&course::LAYER, &work::EVERYWHERE],
        (Screen::End, _) => vec![&end::LAYER, &work::SCROLL, &work::EVERYWHERE],
        _ if world.asks() => vec![&ask::LAYER, &prompt::EDITS, &work::AROUND, &work::EVERYWHERE],
        (_, Focus::Prompt) if world.panes.terminal.prompt.search.is_some() => {
            vec![&prompt::SEARCH, &work::EVERYWHERE]
        }
        (_, Focus::Prompt) => vec![&prompt::LAYER, &prompt::EDITS, &work::LAYER, &work::AROUND, &work::EVERYWHERE],
        (_, Focus::Pane(id)) => {
            let outer = [&work::PANES, &work::LAYER, &work::AROUND, &work::EVERYWHERE];
            // What cannot be seen takes no keys.
            let own = (!is_hidden(world, id)).then(|| id.pane().layer());
            id.pane().open(world).into_iter().chain(own).chain(outer).collect()
        }
    }
}

/// Whether a pane shows nothing while the step's question stands alone.
pub fn is_hidden(world: &World, id: PaneId) -> bool {
    id.pane().is_veiled() && world.lesson.as_ref().is_some_and(|open| open.asking.is_some())
}

/// Every table, in the order the help shows them.
pub fn all() -> Vec<&'static Layer> {
    let mut all = vec![&prompt::LAYER, &prompt::EDITS, &work::LAYER, &work::AROUND, &ask::LAYER, &work::PANES];
    let tables = PANES.iter().flat_map(|pane| std::iter::once(pane.layer()).chain(pane.inner_layers().iter().copied()));
    all.extend(tables.filter(|layer| !layer.keys.is_empty()));
    all.extend([&prompt::SEARCH, &course::LAYER, &end::LAYER]);
    all.extend(overlay::LAYERS.iter().copied());
    all.extend([&work::SCROLL, &work::EVERYWHERE]);
    all
}

/// What a key does now.
pub fn lookup(world: &World, key: Key) -> Option<&'static Binding> {
    let mut keys = layers(world).into_iter().flat_map(|layer| layer.keys);
    keys.find(|binding| binding.keys.contains(&key) && (binding.when)(world, key))
}

/// A key in the footer: what it does, its name, its label, and the columns it takes.
pub struct Item {
    /// The key a click stands for.
    pub key: Key,
    /// The key's name.
    pub name: String,
    /// What it does.
    pub label: &'static str,
    /// The first column.
    pub from: u16,
    /// The column after the last.
    pub to: u16,
}

/// What the last row says of who has the keys, where that is not the prompt.
pub fn holder(world: &World) -> Option<&'static str> {
    match (world.over.is_empty(), world.screen, world.focus) {
        (true, Screen::Workbench, Focus::Pane(id)) if !world.asks() => Some(id.pane().title()),
        _ => None,
    }
}

/// The keys that work now, best first, as many as fit in `width` columns.
pub fn footer(world: &World, width: u16) -> Vec<Item> {
    let mut shown: Vec<(Key, &Binding)> = Vec::new();
    for binding in layers(world).into_iter().flat_map(|layer| layer.keys).filter(|binding| binding.rank > 0) {
        // A key that an inner table takes is not offered for what an outer one would do.
        let key = binding.key(world).filter(|key| !shown.iter().any(|(taken, _)| taken == key));
        shown.extend(key.map(|key| (key, binding)));
    }
    shown.order_by_key(|(_, binding)| binding.rank);
    // Of keys that are called the same the first stands for all.
    let mut names = Vec::new();
    shown.retain(|(_, binding)| {
        let is_first = !names.contains(&binding.label);
        names.push(binding.label);
        is_first
    });
    let mut at = holder(world).map_or(1, |name| u16::try_from(name.len()).unwrap_or(0) + 4);
    let mut items = Vec::new();
    let named = |key: Key, binding: &Binding| {
        // Of many keys that do the same the first stands for all.
        let many = binding.keys.len() > 5;
        let name = match (world.is_ascii(), many) {
            (true, true) => format!("{key}..."),
            (true, false) => key.to_string(),
            (false, true) => key.short() + "…",
            (false, false) => key.short(),
        };
        // A key that is called what it does says it once.
        let label = if name.eq_ignore_ascii_case(binding.label) { "" } else { binding.label };
        let wide = super::widget::cells(&name) + usize::from(!label.is_empty()) + super::widget::cells(label);
        (name, label, u16::try_from(wide).unwrap_or(u16::MAX / 2))
    };
    // The way to the help and the way out are always there, so room for them is kept; for what closes what is open, too.
    let is_open = !world.over.is_empty() || holder(world).is_some() || world.asks();
    let kept_for = |key: Key, binding: &Binding| {
        let is_kept = KEPT.contains(&binding.label) || (is_open && key.code == Code::Esc);
        if is_kept { named(key, binding).2 + 3 } else { 0 }
    };
    let mut kept: u16 = shown.iter().map(|(key, binding)| kept_for(*key, binding)).sum();
    let own = layers(world).into_iter().next().filter(|_| is_open);
    let mut is_full = false;
    for (key, binding) in shown {
        let (name, label, wide) = named(key, binding);
        let to = at.saturating_add(wide);
        kept -= kept_for(key, binding);
        let is_own = own.is_some_and(|own| own.keys.iter().any(|of| std::ptr::eq(of, binding)));
        // What works everywhere does not stand where a key of what is open has no room.
        let is_everywhere = work::EVERYWHERE.keys.iter().any(|of| std::ptr::eq(of, binding));
        let comes_after = is_full && is_everywhere && kept_for(key, binding) == 0;
        if to.saturating_add(kept) > width || comes_after {
            is_full |= is_own;
            continue;
        }
        items.push(Item { key, name, label, from: at, to });
        at = to + 3;
    }
    items
}

/// The key of the help.
pub const HELP: Key = function(1);
/// The key that leaves.
pub const QUIT: Key = super::key::ctrl('q');
/// What the footer always has room for, by whatever key.
const KEPT: [&str; 2] = ["help", "quit"];

/// The digit of a key, when it has one.
pub fn digit(key: Key) -> Option<usize> {
    match key.code {
        Code::Char(c) => c.to_digit(10).and_then(|digit| usize::try_from(digit).ok()),
        _ => None,
    }
}

/// A function key.
pub const fn function(number: u8) -> Key {
    super::key::plain(Code::F(number))
}
