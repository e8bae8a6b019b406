//! The editor: a file's text with line numbers; opening, typing, saving, closing.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Widget};
use tui_textarea::{CursorMove, Input, Key as AreaKey, TextArea};
use unicode_width::UnicodeWidthChar;

use super::Over;
use super::leave::Leave;
use crate::base::sanitize_line;
use crate::tui::effect::Effect;
use crate::tui::key::{Code, Key, ctrl, plain};
use crate::tui::keymap::when::always;
use crate::tui::keymap::{Layer, entry};
use crate::tui::layout;
use crate::tui::pane::{PaneId, lesson};
use crate::tui::theme::Meaning;
use crate::tui::update::{notice, quit};
use crate::tui::widget::{cells, clear, cut, put, put_line, put_right};
use crate::tui::world::{Focus, Notice, World};

/// The open file.
#[derive(Clone, Debug)]
pub struct Editor {
    /// Its path, as it was given.
    pub path: String,
    /// What was in it.
    pub original: String,
    /// The text and its cursor.
    pub area: TextArea<'static>,
    /// The first row and column that are shown.
    pub corner: (usize, usize),
    /// Whether it was opened by a name that promises vi.
    pub is_vi: bool,
}

/// Columns for the line numbers.
const GUTTER: u16 = 5;

/// Its keys; all others are the text's.
pub static LAYER: Layer = Layer {
    heading: "The editor",
    keys: &[
        entry(&[ctrl('s'), ctrl('o')], "save and close", "save the file and close", always, |world, _| save(world), 1),
        entry(
            &[plain(Code::Esc), ctrl('x')],
            "close",
            "close; what was changed is saved or not, as you say",
            can_close,
            |world, _| {
                leave(world);
                Vec::new()
            },
            2,
        ),
    ],
};

/// What is selected is cut by the key that closes in nano.
fn can_close(world: &World, key: Key) -> bool {
    key != ctrl('x') || world.over::<Editor>().is_none_or(|editor| !editor.area.is_selecting())
}

impl Editor {
    /// The text as it would be saved: with a newline at its end, unless it is empty.
    pub fn content(&self) -> String {
        let mut text = self.area.lines().join("\n");
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text
    }

    /// Whether anything would be lost by closing.
    pub fn is_changed(&self) -> bool {
        self.area.lines().join("\n").trim_end_matches('\n') != self.original.trim_end_matches('\n')
    }
}

/// Opens the editor on a file; with what was typed and not saved before, if it is that file.
pub fn open(world: &mut World, path: String, content: &str) {
    let draft = world.drafts.remove(&path).filter(|draft| draft.trim_end() != content.trim_end());
    // What a terminal would act on is shown by the view; the file keeps it.
    let text = draft.as_deref().unwrap_or(content);
    let lines: Vec<String> =
        text.trim_end_matches('\n').split('\n').map(|line| line.trim_end_matches('\r').to_owned()).collect();
    let mut area = TextArea::new(lines);
    area.set_tab_length(2);
    world.notice = draft
        .as_ref()
        .map(|_| Notice { text: "what you had not saved is here again; Ctrl-S saves it".to_owned(), bad: false });
    world.close::<Editor>();
    let words = world.panes.terminal.last.split(|c: char| c.is_whitespace() || ";&|(".contains(c));
    let is_vi = words.into_iter().any(|word| matches!(word, "vi" | "vim"));
    // What one writes from stays in sight.
    world.tab = PaneId::Lesson;
    if let Focus::Pane(id) = &mut world.focus {
        *id = PaneId::Lesson;
    }
    world.open(Editor { path, original: content.to_owned(), area, corner: (0, 0), is_vi });
}

/// What is typed means to who is used to vi.
enum Vi {
    /// `:w`, `:wq`, `:x`
    Save,
    /// `:q`, `:q!`
    Leave,
}

/// What stands before the cursor, when it is an order of vi, and how many letters it has. At the beginning of a line each
/// of them is one; further in only those that no file has.
fn vi(area: &TextArea<'_>) -> Option<(Vi, usize)> {
    let cursor = area.cursor();
    let before: String = area.lines().get(cursor.0)?.chars().take(cursor.1).collect();
    let order = |text: &str| match text {
        ":w" | ":w!" | ":wq" | ":wq!" | ":x" | ":x!" => Some(Vi::Save),
        ":q" | ":q!" => Some(Vi::Leave),
        _ => None,
    };
    if let Some(vi) = order(before.trim()) {
        return Some((vi, before.chars().count()));
    }
    let end = [":wq!", ":wq", ":q!"].into_iter().find(|end| before.ends_with(end))?;
    Some((order(end)?, end.len()))
}

fn indent_of(area: &TextArea<'_>) -> String {
    let cursor = area.cursor();
    area.lines()
        .get(cursor.0)
        .map(|line| line.chars().take(cursor.1).take_while(|c| *c == ' ').collect())
        .unwrap_or_default()
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

/// The rows of the task that stand above the editor where it covers the lesson: the least that one writes from.
fn task_rows(world: &World) -> Vec<Line<'static>> {
    let is_beside = world.layout().place(PaneId::Lesson).is_some_and(|place| place.frame.is_some());
    let open = world.lesson.as_ref().filter(|open| open.asking.is_none() && !open.is_green());
    if is_beside || open.is_none() || !world.fits() {
        return Vec::new();
    }
    // Two columns are free for the mark of what is left out.
    let page = lesson::page(world, usize::from(world.width.saturating_sub(4)));
    let most = if world.height < 20 { 3 } else { 4 };
    let (task, command) = (page.task..page.command.0.max(page.task), page.command.0..page.command.1);
    let command: Vec<Line<'static>> = page.rows.get(command).unwrap_or_default().iter().take(2).cloned().collect();
    let mut rows: Vec<Line<'static>> = page.rows.get(task).unwrap_or_default().to_vec();
    let room = most.max(command.len() + 1) - command.len();
    if rows.len() > room {
        rows.truncate(room);
        if let Some(last) = rows.last_mut() {
            last.spans.push(Span::raw(" …"));
        }
    }
    rows.extend(command);
    rows
}

/// Where it stands.
fn frame(world: &World) -> Rect {
    let kept = u16::try_from(task_rows(world).len()).unwrap_or(0);
    layout::desk(&world.layout(), world.width, world.height, kept)
}

/// Rows and columns the text has: beside the line numbers, and a column for the mark of a line that goes on.
fn text_room(frame: Rect) -> (u16, u16) {
    (frame.height.saturating_sub(3), frame.width.saturating_sub(3 + GUTTER))
}

/// Scrolls so that the cursor is seen.
pub fn follow(world: &mut World) {
    let (rows, columns) = text_room(frame(world));
    let (rows, columns) = (usize::from(rows), usize::from(columns));
    let Some(editor) = world.over_mut::<Editor>() else { return };
    let cursor = editor.area.cursor();
    let top = editor.corner.0.min(cursor.0).max((cursor.0 + 1).saturating_sub(rows.max(1)));
    let mut left = editor.corner.1.min(cursor.1);
    let line: Vec<char> = editor.area.lines().get(cursor.0).map(|line| line.chars().collect()).unwrap_or_default();
    // A sign can be wider than a cell; the cursor after the last one takes a cell itself.
    let wide = |from: usize| {
        let before: String = line.iter().skip(from).take(cursor.1 - from).collect();
        let under = line.get(cursor.1).map_or(1, |c| cells(&sanitize_line(c.encode_utf8(&mut [0; 4]))).max(1));
        cells(&sanitize_line(&before)) + under
    };
    while left < cursor.1 && wide(left) > columns {
        left += 1;
    }
    editor.corner = (top, left);
}

/// Asks for the file to be written.
pub fn save(world: &World) -> Vec<Effect> {
    let wish = |editor: &Editor| Effect::SaveFile { path: editor.path.clone(), content: editor.content() };
    world.over::<Editor>().map(wish).into_iter().collect()
}

/// The file was written: the editor closes.
pub fn saved(world: &mut World, path: &str) -> Vec<Effect> {
    let mut quits = false;
    if world.over::<Editor>().is_some_and(|editor| editor.path == path) {
        quits = world.over::<Leave>().is_some_and(|leave| leave.quits);
        world.close::<Leave>();
        world.close::<Editor>();
        world.drafts.remove(path);
    }
    notice(world, format!("saved {path}"), false);
    if quits { quit(world) } else { Vec::new() }
}

/// Closes the editor, after a question when something would be lost.
fn leave(world: &mut World) {
    world.notice = None;
    if world.over::<Editor>().is_some_and(Editor::is_changed) {
        world.open(Leave::default());
    } else {
        world.close::<Editor>();
    }
}

impl Over for Editor {
    fn layer(&self) -> &'static Layer {
        &LAYER
    }

    fn draw(&self, world: &World, area: Rect, buf: &mut Buffer) {
        let theme = world.theme;
        let task = task_rows(world);
        let frame = frame(world).intersection(area);
        let above = Rect { height: frame.y.min(area.height), ..area };
        if !task.is_empty() {
            clear(buf, above);
        }
        for (row, line) in (0..above.height).zip(&task) {
            put_line(buf, above, 1, row, line);
        }
        clear(buf, frame);
        Block::bordered().border_style(theme.style(Meaning::Accent)).render(frame, buf);
        let room = usize::from(frame.width.saturating_sub(4));
        let changed = if self.is_changed() { " · changed" } else { "" };
        let title = format!(" Edit {}{changed} ", sanitize_line(&self.path));
        put(buf, frame, 2, 0, &cut(&title, room), theme.style(Meaning::Accent));
        let bottom = frame.height.saturating_sub(1);
        if let Some(notice) = &world.notice {
            let (sign, meaning) = if notice.bad { ("✘", Meaning::Refused) } else { ("·", Meaning::Dim) };
            let text = format!(" {sign} {} ", sanitize_line(&notice.text));
            put(buf, frame, 2, bottom, &cut(&text, room), theme.style(meaning));
        } else {
            let at = self.area.cursor();
            let place = format!(" line {}, column {} ", at.0 + 1, at.1 + 1);
            let edge = Rect { width: frame.width.saturating_sub(2), ..frame };
            put_right(buf, edge, bottom, &place, theme.style(Meaning::Dim));
        }
        let inner = Rect::new(frame.x + 1, frame.y + 1, frame.width.saturating_sub(2), frame.height.saturating_sub(2));
        let hello = if self.is_vi { "This is not vi: letters type." } else { "Letters type." };
        let hello = format!("{hello} Ctrl-S saves, Esc leaves.");
        put(buf, inner, 1, 0, &cut(&hello, usize::from(inner.width.saturating_sub(2))), theme.style(Meaning::Dim));
        let below = Rect { y: (inner.y + 1).min(inner.bottom()), height: inner.height.saturating_sub(1), ..inner };
        draw_text(world, self, below, buf);
    }

    fn copied(&self, _world: &World) -> Option<String> {
        Some(self.content())
    }

    fn key(world: &mut World, key: Key) -> Vec<Effect> {
        let page = text_room(frame(world)).0.max(1);
        let Some(editor) = world.over_mut::<Self>() else { return Vec::new() };
        let area = &mut editor.area;
        match (key.code, key.ctrl) {
            (Code::Enter, _) if vi(area).is_some() => {
                let Some((order, letters)) = vi(area) else { return Vec::new() };
                (0..letters).for_each(|_| _ = area.delete_char());
                let row = area.cursor().0;
                // The line had only this.
                if row > 0 && area.lines().get(row).is_some_and(String::is_empty) {
                    area.delete_newline();
                }
                return match order {
                    Vi::Save => save(world),
                    Vi::Leave => super::leave::discard(world),
                };
            }
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
        Vec::new()
    }

    fn paste(world: &mut World, text: &str) -> Vec<Effect> {
        if let Some(editor) = world.over_mut::<Self>() {
            let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', "  ");
            editor.area.insert_str(text.replace(|c: char| c.is_control() && c != '\n', ""));
        }
        follow(world);
        Vec::new()
    }

    fn wheel(world: &mut World, rows: isize) {
        if let Some(editor) = world.over_mut::<Self>() {
            let last = editor.area.lines().len().saturating_sub(1);
            editor.corner.0 = editor.corner.0.saturating_add_signed(rows).min(last);
        }
    }
}

fn draw_text(world: &World, editor: &Editor, area: Rect, buf: &mut Buffer) {
    let theme = world.theme;
    let (top, left) = editor.corner;
    let cursor = editor.area.cursor();
    let columns = area.width.saturating_sub(GUTTER + 1);
    let text_area = Rect { x: (area.x + GUTTER).min(area.right()), width: columns, ..area };
    for (row, (number, line)) in (0..area.height).zip(editor.area.lines().iter().enumerate().skip(top)) {
        put(buf, area, 0, row, &format!("{:>3} ", number + 1), theme.style(Meaning::Dim));
        let shown: String = line.chars().skip(left).collect();
        let text = sanitize_line(&shown).into_owned();
        put(buf, text_area, 0, row, &text, text_style(line, world));
        // A line that goes on beyond an edge says so there.
        if left > 0 && !line.is_empty() {
            put(buf, area, GUTTER - 1, row, "‹", theme.style(Meaning::Accent));
        }
        if cells(&text) > usize::from(columns) {
            put(buf, area, area.width.saturating_sub(1), row, "›", theme.style(Meaning::Accent));
        }
        if cursor.0 == number && cursor.1 >= left {
            let before: String = shown.chars().take(cursor.1 - left).collect();
            let column = u16::try_from(cells(&sanitize_line(&before))).unwrap_or(u16::MAX / 2);
            match shown.chars().nth(cursor.1 - left) {
                Some(c) if c.width().is_some() => put(buf, text_area, column, row, &c.to_string(), theme.cursor()),
                _ => put(buf, text_area, column, row, "█", Style::new()),
            };
        }
    }
}

/// Comments step back; the rest is plain.
fn text_style(line: &str, world: &World) -> Style {
    let meaning = if line.trim_start().starts_with('#') { Meaning::Dim } else { Meaning::Plain };
    world.theme.style(meaning)
}
