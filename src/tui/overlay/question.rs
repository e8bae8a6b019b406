//! A question at the bottom of the screen. Enter says yes, Esc no. A letter was on its way to the prompt: it goes there, and
//! the answer is no.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, Widget};

use super::Over;
use crate::tui::effect::Effect;
use crate::tui::key::{Code, Key, plain};
use crate::tui::keymap::when::always;
use crate::tui::keymap::{Layer, entry};
use crate::tui::layout;
use crate::tui::screen::course;
use crate::tui::theme::Meaning;
use crate::tui::update::{self, lesson};
use crate::tui::widget::{clear, put, put_line, wrap_plain};
use crate::tui::world::World;

/// A question, and what a yes does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Go on although the step is not done?
    Skip,
    /// Put the step back to its start, although something was done in it?
    Again,
    /// Go back a step, although something was done since the cluster was made?
    Back,
    /// Begin the selected lesson anew, and forget what was done in it?
    Restart,
}

/// Its keys.
pub static LAYER: Layer = Layer {
    heading: "A question",
    keys: &[
        entry(&[plain(Code::Enter)], "yes", "yes", always, yes, 1),
        entry(
            &[plain(Code::Esc)],
            "no",
            "no",
            always,
            |world, _| {
                world.close::<Question>();
                Vec::new()
            },
            2,
        ),
    ],
};

fn yes(world: &mut World, _: Key) -> Vec<Effect> {
    let question = world.over::<Question>().copied();
    world.close::<Question>();
    match question {
        Some(Question::Skip) => lesson::go_on(world),
        Some(Question::Back) => lesson::go_back(world),
        Some(Question::Again) => lesson::begin_again(world),
        Some(Question::Restart) => course::restart(world),
        None => Vec::new(),
    }
}

impl Question {
    fn text(self) -> &'static str {
        match self {
            Self::Skip => "This step is not done yet. Go on anyway? You can come back with F9.",
            Self::Back => {
                "Go back a step? Its cluster is made anew, and what you made in this lesson, files too, is lost."
            }
            Self::Again => {
                "Put this step back to its start? What you made in it, files too, is lost. Alt-Z takes back one command."
            }
            Self::Restart => "Begin this lesson anew? Its steps and your answers to them are forgotten.",
        }
    }
}

impl Over for Question {
    fn layer(&self) -> &'static Layer {
        &LAYER
    }

    fn draw(&self, world: &World, area: Rect, buf: &mut Buffer) {
        draw(world, self.text(), &format!("{} yes   Esc no", world.enter()), area, buf);
    }

    fn key(world: &mut World, key: Key) -> Vec<Effect> {
        world.close::<Self>();
        update::key(world, key)
    }

    fn paste(world: &mut World, text: &str) -> Vec<Effect> {
        world.close::<Self>();
        update::paste(world, text)
    }
}

/// Draws a question with its answers in the middle of the screen.
pub fn draw(world: &World, text: &str, answers: &str, area: Rect, buf: &mut Buffer) {
    let theme = world.theme;
    let wide = 56.min(area.width);
    let lines = wrap_plain(text, theme.style(Meaning::Plain), usize::from(wide.saturating_sub(4)), 0);
    let high = u16::try_from(lines.len()).unwrap_or(1) + 4;
    // Over the terminal: the task stays in sight.
    let mut frame = layout::middle(world.width, world.height.saturating_sub(1), wide, high);
    frame.y = world.height.saturating_sub(1 + frame.height);
    let frame = frame.intersection(area);
    clear(buf, frame);
    Block::bordered().border_style(theme.style(Meaning::Change)).render(frame, buf);
    let inner = Rect::new(frame.x + 2, frame.y + 1, frame.width.saturating_sub(4), frame.height.saturating_sub(2));
    for (row, line) in (0..inner.height).zip(&lines) {
        put_line(buf, inner, 0, row, line);
    }
    put(buf, inner, 0, inner.height.saturating_sub(1), answers, theme.style(Meaning::Accent));
}
