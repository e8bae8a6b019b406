//! Keys, pastes and the mouse, handed to whoever has the focus.

use super::{act, editor, lesson, reading};
use crate::tui::effect::Effect;
use crate::tui::key::Key;
use crate::tui::keymap::{Context, footer, lookup};
use crate::tui::layout;
use crate::tui::msg::{Mouse, MouseKind};
use crate::tui::pane::{PaneId, TABS};
use crate::tui::reader;
use crate::tui::view;
use crate::tui::world::{Focus, Screen, World};

/// A turn of the wheel, in rows.
const WHEEL: isize = 3;

/// A key: what the table says, else a letter for the text that has the focus.
pub fn key(world: &mut World, key: Key) -> Vec<Effect> {
    if world.screen == Screen::Course {
        world.notice = None;
    }
    if let Some(action) = lookup(world, key) {
        return act::act(world, action, key);
    }
    match (Context::of(world), key.typed()) {
        (Context::Editor, _) => editor::key(world, key),
        (Context::Prompt, Some(c)) => {
            world.prompt.insert(c.encode_utf8(&mut [0; 4]));
            world.scrollback.scroll = 0;
        }
        (Context::Pick, Some(c)) => {
            world.prompt.insert(c.encode_utf8(&mut [0; 4]));
            reading::narrow(world);
        }
        // Any other key closes the list and does what it does at the prompt.
        (Context::Pick, None) => {
            world.pick = None;
            return self::key(world, key);
        }
        (Context::Find, Some(c)) => {
            if let Some(asked) = world.reader.as_mut().and_then(|reader| reader.asked.as_mut()) {
                asked.push(c);
            }
        }
        (Context::Ask, Some(_)) => lesson::stray(world),
        (Context::Search, Some(c)) => world.prompt.search_for(Some(c)),
        // A key that edits ends the search and keeps what was found, as in bash.
        (Context::Search, None) => {
            world.prompt.search_end(true);
            if let Some(action) = lookup(world, key) {
                return act::act(world, action, key);
            }
        }
        _ => {}
    }
    Vec::new()
}

/// Pasted text goes to the text that has the focus; in a pane, to the prompt.
pub fn paste(world: &mut World, text: &str) -> Vec<Effect> {
    world.pick = None;
    match Context::of(world) {
        Context::Editor => editor::paste(world, text),
        Context::Find => {
            if let Some(asked) = world.reader.as_mut().and_then(|reader| reader.asked.as_mut()) {
                asked.extend(text.chars().filter(|c| !c.is_control()));
            }
        }
        Context::Search => text.chars().filter(|c| !c.is_control()).for_each(|c| world.prompt.search_for(Some(c))),
        Context::Prompt | Context::Ask | Context::Lesson | Context::Objects | Context::Token | Context::Terminal => {
            world.focus = Focus::Prompt;
            // The newline at the end of a copied line must not look like a second line.
            world.prompt.insert(text.trim_end_matches(['\n', '\r']));
            world.scrollback.scroll = 0;
        }
        Context::Small
        | Context::Question
        | Context::Help
        | Context::Reader
        | Context::Pick
        | Context::Course
        | Context::End => {}
    }
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
    };
    match Context::of(world) {
        Context::Help => act::scroll_help(world, rows),
        Context::Reader | Context::Find => reader::scroll(world, rows),
        Context::Course => act::select_lesson(world, rows.signum()),
        Context::End => act::scroll_end(world, rows),
        Context::Question | Context::Small => {}
        Context::Editor => {
            if let Some(editor) = &mut world.editor {
                let last = editor.area.lines().len().saturating_sub(1);
                editor.corner.0 = editor.corner.0.saturating_add_signed(rows).min(last);
            }
        }
        _ => {
            if let Some(id) = world.layout().at(mouse.x, mouse.y) {
                id.pane().scroll(world, rows);
            }
        }
    }
    Vec::new()
}

fn click(world: &mut World, x: u16, y: u16) -> Vec<Effect> {
    let foot = layout::layout(world.width, world.height, world.tab).footer;
    if foot.contains((x, y).into()) {
        let hit = footer(world, world.width).into_iter().find(|item| (item.from..item.to).contains(&x));
        return hit.map_or_else(Vec::new, |item| key(world, item.key));
    }
    match Context::of(world) {
        Context::Course => {
            if let Some(at) = view::lesson_at(world, x, y) {
                // The first click selects, the second opens.
                if at == world.course.selected {
                    return act::open_selected(world);
                }
                world.course.selected = at;
            }
        }
        Context::Small | Context::Question | Context::Help | Context::Editor | Context::Reader | Context::Find => {}
        _ => click_pane(world, x, y),
    }
    Vec::new()
}

fn click_pane(world: &mut World, x: u16, y: u16) {
    let layout = world.layout();
    if layout.tabs.is_some_and(|tabs| tabs.contains((x, y).into())) {
        if let Some(id) = view::tab_at(world, x) {
            world.tab = id;
            if let Focus::Pane(focus) = &mut world.focus {
                *focus = id;
            }
        }
        return;
    }
    let Some(id) = layout.at(x, y) else { return };
    if id == PaneId::Terminal {
        world.focus = Focus::Prompt;
        return;
    }
    act::focus(world, id);
    let inner = layout.place(id).map(|place| place.inner).unwrap_or_default();
    if TABS.contains(&id) && inner.contains((x, y).into()) {
        id.pane().click(world, x - inner.x, y - inner.y);
    }
}
