//! The question over a changed file that is closed, or left with the tutor: save it or not. Who is used to vi answers as
//! there.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::editor::{self, Editor};
use super::{Over, question};
use crate::tui::effect::Effect;
use crate::tui::key::{Code, Key, plain};
use crate::tui::keymap::{Layer, QUIT, entry};
use crate::tui::update;
use crate::tui::world::World;

/// The question, and what is typed to it after a colon.
#[derive(Clone, Debug, Default)]
pub struct Leave {
    /// Empty, or begins with a colon.
    pub typed: String,
    /// Whether the tutor is left after it.
    pub quits: bool,
}

/// Its keys.
pub static LAYER: Layer = Layer {
    heading: "A changed file is left",
    keys: &[
        entry(
            &[plain(Code::Enter)],
            "save it",
            "save the file and close; or what was typed: :wq, :q!",
            |world, key| !quits(world, key),
            enter,
            1,
        ),
        entry(&[plain(Code::Enter)], "save and quit", "on the way out: save the file, and leave", quits, enter, 1),
        entry(
            &[QUIT],
            "quit",
            "on the way out: leave, and what was typed is lost",
            quits,
            |world, _| discard(world),
            2,
        ),
        entry(
            &[plain(Code::Esc)],
            "stay",
            "on the way out: stay, and go on writing",
            quits,
            |world, _| {
                world.close::<Leave>();
                Vec::new()
            },
            2,
        ),
        entry(
            &[plain(Code::Esc)],
            "without saving",
            "close without saving; what was typed comes back with the file",
            |world, key| !quits(world, key),
            |world, _| discard(world),
            2,
        ),
        entry(
            &[plain(Code::Backspace)],
            "delete",
            "take back a letter",
            |world, _| world.over::<Leave>().is_some_and(|leave| !leave.typed.is_empty()),
            |world, _| {
                if let Some(leave) = world.over_mut::<Leave>() {
                    leave.typed.pop();
                }
                Vec::new()
            },
            0,
        ),
    ],
};

fn quits(world: &World, _: Key) -> bool {
    world.over::<Leave>().is_some_and(|leave| leave.quits)
}

/// Leaves the tutor, after this question where an open file has something to lose.
pub fn quit(world: &mut World) -> Vec<Effect> {
    if !world.over::<Editor>().is_some_and(Editor::is_changed) {
        return update::quit(world);
    }
    world.close::<Leave>();
    world.open(Leave { quits: true, ..Leave::default() });
    Vec::new()
}

fn enter(world: &mut World, _: Key) -> Vec<Effect> {
    let typed = world.over::<Leave>().map(|leave| leave.typed.clone()).unwrap_or_default();
    match typed.trim_end() {
        "" | ":wq" | ":x" | ":w" | ":wq!" | ":x!" => editor::save(world),
        ":q" | ":q!" => discard(world),
        _ => {
            if let Some(leave) = world.over_mut::<Leave>() {
                leave.typed.clear();
            }
            Vec::new()
        }
    }
}

/// Closes the file as it was. What was typed is kept for when it is opened again, unless the tutor is left.
pub fn discard(world: &mut World) -> Vec<Effect> {
    let is_last = quits(world, QUIT);
    world.close::<Leave>();
    if is_last {
        return update::quit(world);
    }
    if let Some(editor) = world.over::<Editor>() {
        let (path, content, changed) = (editor.path.clone(), editor.content(), editor.is_changed());
        world.close::<Editor>();
        if changed {
            world.drafts.insert(path.clone(), content);
            update::notice(world, format!("{path} was not saved. Edit it again to go on where you were."), false);
        }
    }
    Vec::new()
}

impl Over for Leave {
    fn layer(&self) -> &'static Layer {
        &LAYER
    }

    fn draw(&self, world: &World, area: Rect, buf: &mut Buffer) {
        let answers = match self.typed.as_str() {
            "" if self.quits => format!("{} save and quit   {QUIT} quit without   Esc stay", world.enter()),
            "" => format!("{} save it   Esc close without saving", world.enter()),
            typed => format!("{typed}█"),
        };
        question::draw(world, "The file was changed, and is not saved.", &answers, area, buf);
    }

    fn key(world: &mut World, key: Key) -> Vec<Effect> {
        let typed = world.over::<Self>().is_some_and(|leave| !leave.typed.is_empty());
        match (world.over_mut::<Self>(), key.typed()) {
            (Some(leave), Some(c)) if typed || c == ':' => {
                leave.typed.push(c);
                Vec::new()
            }
            // It was meant for the text.
            _ => {
                world.close::<Self>();
                Editor::key(world, key)
            }
        }
    }

    fn paste(world: &mut World, text: &str) -> Vec<Effect> {
        world.close::<Self>();
        Editor::paste(world, text)
    }
}
