//! Keys, pastes and the mouse, handed to whoever has the keys.

use super::{lesson, prompt};
use crate::base::seen;
use crate::tui::effect::Effect;
use crate::tui::key::{Code, Key, plain};
use crate::tui::keymap::{footer, lookup};
use crate::tui::layout;
use crate::tui::msg::{Mouse, MouseKind};
use crate::tui::pane::{PaneId, is_tab};
use crate::tui::screen::{course, end, workbench};
use crate::tui::world::{Focus, Screen, World};

/// A turn of the wheel, in rows.
const WHEEL: isize = 3;

/// A key: what the tables say, else a letter for the text that has the keys.
pub fn key(world: &mut World, key: Key) -> Vec<Effect> {
    world.clicked = None;
    if world.screen == Screen::Course {
        world.notice = None;
    }
    if let Some(binding) = lookup(world, key) {
        return (binding.act)(world, key);
    }
    if let Some(top) = world.over.last() {
        return top.key()(world, key);
    }
    if world.screen != Screen::Workbench {
        return Vec::new();
    }
    if world.asks() {
        // It is kept on the prompt for when the question is answered.
        if let Some(c) = key.typed() {
            world.panes.terminal.prompt.insert(c.encode_utf8(&mut [0; 4]));
            lesson::stray(world);
        }
        return Vec::new();
    }
    if let Some(id) = open_pane(world) {
        let typed = key.typed().map(|c| seen(c.encode_utf8(&mut [0; 4]))).unwrap_or_default();
        typed.chars().for_each(|c| id.pane().typed(world, c));
        return Vec::new();
    }
    let terminal = &mut world.panes.terminal;
    if world.focus == Focus::Prompt && terminal.prompt.search.is_some() {
        if let Some(c) = key.typed() {
            terminal.prompt.search_for(Some(c));
            return Vec::new();
        }
        // There is no older line to go to.
        if prompt::SEARCH.keys.iter().any(|binding| binding.keys.contains(&key)) {
            return Vec::new();
        }
        // A key that edits ends the search and keeps what was found, as in bash.
        terminal.prompt.search_end(true);
        return lookup(world, key).map_or_else(Vec::new, |binding| (binding.act)(world, key));
    }
    if let Some(c) = key.typed() {
        world.focus = Focus::Prompt;
        terminal.prompt.insert(c.encode_utf8(&mut [0; 4]));
        terminal.scrollback.scroll = 0;
    }
    Vec::new()
}

/// The pane that has the keys and something open in it that takes letters.
fn open_pane(world: &World) -> Option<PaneId> {
    match world.focus {
        Focus::Pane(id) if !world.asks() => id.pane().open(world).map(|_| id),
        _ => None,
    }
}

/// Pasted text goes to the text that has the keys, else to the prompt.
pub fn paste(world: &mut World, text: &str) -> Vec<Effect> {
    if let Some(top) = world.over.last() {
        return top.paste()(world, text);
    }
    if world.screen != Screen::Workbench {
        return Vec::new();
    }
    if let Some(id) = open_pane(world) {
        seen(text).chars().for_each(|c| id.pane().typed(world, c));
        return Vec::new();
    }
    let terminal = &mut world.panes.terminal;
    if world.focus == Focus::Prompt && terminal.prompt.search.is_some() {
        seen(text).chars().for_each(|c| terminal.prompt.search_for(Some(c)));
        return Vec::new();
    }
    world.focus = Focus::Prompt;
    lesson::stray(world);
    let terminal = &mut world.panes.terminal;
    // The newline at the end of a copied line must not look like a second line.
    terminal.prompt.insert(text.trim_end_matches(['\n', '\r']));
    terminal.scrollback.scroll = 0;
    Vec::new()
}

/// The mouse: the wheel scrolls what is under it, a click goes there.
pub fn mouse(world: &mut World, mouse: Mouse) -> Vec<Effect> {
    if !world.fits() {
        return Vec::new();
    }
    let rows = match mouse.what {
        MouseKind::ScrollUp => -WHEEL,
        MouseKind::ScrollDown => WHEEL,
        MouseKind::Click => return click(world, mouse.x, mouse.y),
        MouseKind::Drag => {
            drag(world, mouse.y);
            return Vec::new();
        }
    };
    world.clicked = None;
    if let Some(top) = world.over.last() {
        top.wheel()(world, rows);
        return Vec::new();
    }
    match world.screen {
        Screen::Course => course::select(world, rows.signum()),
        Screen::End => end::scroll(world, rows),
        Screen::Workbench => {
            if let Some(id) = world.layout().at(mouse.x, mouse.y) {
                id.pane().scroll(world, rows);
            }
            Vec::new()
        }
    }
}

/// Moves the border between the terminal and what is above it, once the mouse has hold of it. What must be seen stays.
fn drag(world: &mut World, y: u16) {
    let layout = world.layout();
    let upper = if layout.tabs.is_some() { world.tab } else { PaneId::Lesson };
    if let Some(place) = layout.place(upper).filter(|_| world.has_border && world.over.is_empty()) {
        world.asked = Some(y.saturating_sub(place.inner.y));
    }
}

fn click(world: &mut World, x: u16, y: u16) -> Vec<Effect> {
    world.has_border = world.screen == Screen::Workbench && world.over.is_empty() && world.layout().is_border(y);
    let foot = layout::foot(world.width, world.height);
    if foot.contains((x, y).into()) {
        let hit = footer(world, world.width).into_iter().find(|item| (item.from..item.to).contains(&x));
        return hit.map_or_else(Vec::new, |item| key(world, item.key));
    }
    if let Some(top) = world.over.last() {
        return top.click()(world, x, y);
    }
    match world.screen {
        Screen::Course => course::click(world, y),
        Screen::End => Vec::new(),
        Screen::Workbench => click_pane(world, x, y),
    }
}

fn click_pane(world: &mut World, x: u16, y: u16) -> Vec<Effect> {
    let before = world.clicked.take();
    let layout = world.layout();
    if layout.tabs.is_some_and(|tabs| tabs.contains((x, y).into())) {
        if let Some(id) = workbench::tab_at(world, x) {
            world.tab = id;
            // While the question stands, another tab takes the keys from it.
            if matches!(world.focus, Focus::Pane(_)) || world.asks() {
                world.focus = Focus::Pane(id);
            }
        }
        return Vec::new();
    }
    if let Some(id) = workbench::aside_at(world, x, y) {
        world.aside = id;
        if matches!(world.focus, Focus::Pane(_)) {
            focus(world, id);
        }
        return Vec::new();
    }
    let Some(id) = layout.at(x, y) else { return Vec::new() };
    if id == PaneId::Terminal {
        world.focus = Focus::Prompt;
        return Vec::new();
    }
    focus(world, id);
    let inner = layout.place(id).map(|place| place.inner).unwrap_or_default();
    if !is_tab(id) || !inner.contains((x, y).into()) {
        return Vec::new();
    }
    let (column, row) = (x - inner.x, y - inner.y);
    // The first click selects, the second is Enter.
    if before == Some((id, y)) && id.pane().takes(world, column, row) {
        return key(world, plain(Code::Enter));
    }
    id.pane().click(world, column, row);
    world.clicked = Some((id, y));
    Vec::new()
}

/// Gives the keys to a pane; for the terminal that is the prompt.
pub fn focus(world: &mut World, id: PaneId) {
    if id == PaneId::Terminal {
        world.focus = Focus::Prompt;
        return;
    }
    world.focus = Focus::Pane(id);
    id.pane().enter(world);
}
