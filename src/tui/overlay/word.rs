//! One word of the glossary, in three lines over the screen. A letter is for what lies below, and closes it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, Widget};

use super::{Over, palette};
use crate::course::glossary;
use crate::tui::effect::Effect;
use crate::tui::glossary::step_words;
use crate::tui::key::{Code, Key, plain};
use crate::tui::keymap::when::always;
use crate::tui::keymap::{Layer, entry};
use crate::tui::layout;
use crate::tui::theme::Meaning;
use crate::tui::update;
use crate::tui::widget::{clear, markdown, put, put_line};
use crate::tui::world::World;

/// The word that is explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// Its place in the glossary.
    pub at: usize,
}

/// Its keys.
pub static LAYER: Layer = Layer {
    heading: "What a word means",
    keys: &[
        entry(
            &[plain(Code::Esc), plain(Code::Enter)],
            "close",
            "close it",
            always,
            |world, _| {
                world.close::<Word>();
                Vec::new()
            },
            1,
        ),
        entry(
            &[plain(Code::Tab)],
            "other words",
            "the other words of the step, and all there are",
            always,
            |world, _| {
                world.close::<Word>();
                let words = step_words(world);
                palette::open_words(world, &words)
            },
            2,
        ),
    ],
};

/// Columns: what an entry of the glossary is written for, and the frame.
const WIDE: u16 = 80;

impl Over for Word {
    fn layer(&self) -> &'static Layer {
        &LAYER
    }

    fn draw(&self, world: &World, area: Rect, buf: &mut Buffer) {
        let Some(entry) = glossary::ALL.get(self.at) else { return };
        let theme = world.theme;
        let wide = WIDE.min(world.width);
        let width = usize::from(wide.saturating_sub(4));
        let lines = markdown(&entry.say, width, theme);
        let high = u16::try_from(lines.len()).unwrap_or(3) + 2;
        // Over the terminal: what the word was met in stays in sight.
        let mut frame = layout::middle(world.width, world.height.saturating_sub(1), wide, high);
        frame.y = world.height.saturating_sub(1 + frame.height);
        let frame = frame.intersection(area);
        clear(buf, frame);
        Block::bordered().border_style(theme.style(Meaning::Accent)).render(frame, buf);
        put(buf, frame, 2, 0, &format!(" {} ", entry.word), theme.style(Meaning::Accent));
        let inner = Rect::new(frame.x + 2, frame.y + 1, frame.width.saturating_sub(4), frame.height.saturating_sub(2));
        for (row, line) in (0..inner.height).zip(&lines) {
            put_line(buf, inner, 0, row, line);
        }
    }

    /// A letter is for what lies below.
    fn key(world: &mut World, key: Key) -> Vec<Effect> {
        if key.typed().is_none() {
            return Vec::new();
        }
        world.close::<Self>();
        update::key(world, key)
    }

    fn paste(world: &mut World, text: &str) -> Vec<Effect> {
        world.close::<Self>();
        update::paste(world, text)
    }

    fn copied(&self, _world: &World) -> Option<String> {
        let entry = glossary::ALL.get(self.at)?;
        Some(format!("{}: {}", entry.word, entry.say.split_whitespace().collect::<Vec<_>>().join(" ")))
    }

    fn click(world: &mut World, _: u16, _: u16) -> Vec<Effect> {
        world.close::<Self>();
        Vec::new()
    }
}
