//! The editor over the workbench: opening, typing, saving, closing.

use tui_textarea::{CursorMove, Input, Key as AreaKey, TextArea};

use super::notice;
use crate::tui::effect::Effect;
use crate::tui::key::{Code, Key};
use crate::tui::layout;
use crate::tui::world::{Editor, Question, World};

/// Opens the editor on a file.
pub fn open(world: &mut World, path: String, content: &str) {
    // What a terminal would act on is shown by the view; the file keeps it.
    let lines: Vec<String> =
        content.trim_end_matches('\n').split('\n').map(|line| line.trim_end_matches('\r').to_owned()).collect();
    let mut area = TextArea::new(lines);
    area.set_tab_length(2);
    world.notice = None;
    world.editor = Some(Editor { path, original: content.to_owned(), area, corner: (0, 0) });
}

/// A key for the text.
pub fn key(world: &mut World, key: Key) {
    let page = text_room(world).0.max(1);
    let Some(editor) = &mut world.editor else { return };
    let area = &mut editor.area;
    match (key.code, key.ctrl) {
        (Code::Enter, _) => {
            // The next line begins under this one, as YAML wants it.
            let indent = indent_of(area);
            area.insert_newline();
            area.insert_str(indent);
        }
        (Code::PageUp, _) => (0..page).for_each(|_| area.move_cursor(CursorMove::Up)),
        (Code::PageDown, _) => (0..page).for_each(|_| area.move_cursor(CursorMove::Down)),
        (Code::Char('z'), true) => _ = area.undo(),
        (Code::Char('v'), true) => _ = area.paste(),
        _ => _ = area.input(input(key)),
    }
    world.notice = None;
    follow(world);
}

fn indent_of(area: &TextArea<'_>) -> String {
    let cursor = area.cursor();
    area.lines()
        .get(cursor.0)
        .map(|line| line.chars().take(cursor.1).take_while(|c| *c == ' ').collect())
        .unwrap_or_default()
}

/// Pasted text.
pub fn paste(world: &mut World, text: &str) {
    if let Some(editor) = &mut world.editor {
        let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', "  ");
        editor.area.insert_str(text.replace(|c: char| c.is_control() && c != '\n', ""));
    }
    follow(world);
}

fn input(key: Key) -> Input {
    let code = match key.code {
        Code::Char(c) => AreaKey::Char(c),
        Code::Enter => AreaKey::Enter,
        Code::Esc => AreaKey::Esc,
        Code::Tab => AreaKey::Tab,
        Code::Backspace => AreaKey::Backspace,
        Code::Delete => AreaKey::Delete,
        Code::Left => AreaKey::Left,
        Code::Right => AreaKey::Right,
        Code::Up => AreaKey::Up,
        Code::Down => AreaKey::Down,
        Code::Home => AreaKey::Home,
        Code::End => AreaKey::End,
        Code::PageUp => AreaKey::PageUp,
        Code::PageDown => AreaKey::PageDown,
        Code::F(number) => AreaKey::F(number),
    };
    Input { key: code, ctrl: key.ctrl, alt: key.alt, shift: key.shift }
}

/// Rows and columns the text has, without frame and line numbers.
pub fn text_room(world: &World) -> (usize, usize) {
    let area = layout::editor(world.width, world.height);
    (usize::from(area.height.saturating_sub(2)), usize::from(area.width.saturating_sub(4 + GUTTER)))
}

/// Columns for the line numbers.
pub const GUTTER: u16 = 5;

/// Scrolls so that the cursor is seen.
pub fn follow(world: &mut World) {
    let (rows, columns) = text_room(world);
    let Some(editor) = &mut world.editor else { return };
    let cursor = editor.area.cursor();
    let inside = |corner: usize, at: usize, room: usize| corner.min(at).max((at + 1).saturating_sub(room.max(1)));
    editor.corner = (inside(editor.corner.0, cursor.0, rows), inside(editor.corner.1, cursor.1, columns));
}

/// Asks for the file to be written.
pub fn save(world: &mut World) -> Vec<Effect> {
    match &world.editor {
        Some(editor) => vec![Effect::SaveFile { path: editor.path.clone(), content: editor.content() }],
        None => Vec::new(),
    }
}

/// The file was written: the editor closes.
pub fn saved(world: &mut World, path: &str) {
    if world.editor.as_ref().is_some_and(|editor| editor.path == path) {
        world.editor = None;
        world.question = None;
    }
    notice(world, format!("saved {path}"), false);
}

/// Closes the editor, after a question when something would be lost.
pub fn close(world: &mut World) {
    world.notice = None;
    if world.editor.as_ref().is_some_and(Editor::is_changed) {
        world.question = Some(Question::Discard);
    } else {
        world.editor = None;
    }
}
