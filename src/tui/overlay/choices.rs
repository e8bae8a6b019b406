//! What can be done with the selected object: a few commands, each put on the prompt where it can be read before it is run.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, Widget};

use super::Over;
use super::reader::Reader;
use crate::tui::effect::Effect;
use crate::tui::key::{Code, Key, plain};
use crate::tui::keymap::when::always;
use crate::tui::keymap::{Layer, entry};
use crate::tui::layout;
use crate::tui::theme::Meaning;
use crate::tui::update;
use crate::tui::widget::{cells, clear, cut, put};
use crate::tui::world::{Focus, World};

/// The open list.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// What it is about: `pod web`.
    pub title: String,
    /// What can be done.
    pub items: Vec<Choice>,
    /// The one that is chosen.
    pub at: usize,
}

/// One thing that can be done.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What it shows, in a few words.
    pub say: String,
    /// The command line, or what is asked for without one.
    pub does: Does,
}

/// How it is done.
#[derive(Clone, Debug)]
pub enum Does {
    /// This line is put on the prompt.
    Line(String),
    /// This is asked for.
    Wish(Box<Effect>),
    /// This is opened to be read.
    Read(Box<Reader>),
}

/// Its keys.
pub static LAYER: Layer = Layer {
    heading: "What can be done with an object",
    keys: &[
        entry(&[plain(Code::Enter)], "that one", "do it, or put its command on the prompt", always, take, 1),
        entry(&[plain(Code::Up)], "up", "choose the one above", has_others, |world, _| step(world, -1), 2),
        entry(
            &[plain(Code::Down), plain(Code::Tab)],
            "down",
            "choose the one below",
            has_others,
            |world, _| step(world, 1),
            2,
        ),
        entry(
            &[plain(Code::Esc)],
            "close",
            "close it",
            always,
            |world, _| {
                world.close::<Choices>();
                Vec::new()
            },
            3,
        ),
    ],
};

fn has_others(world: &World, _: Key) -> bool {
    world.over::<Choices>().is_some_and(|choices| choices.items.len() > 1)
}

fn step(world: &mut World, by: isize) -> Vec<Effect> {
    if let Some(choices) = world.over_mut::<Choices>() {
        let length = choices.items.len().max(1).cast_signed();
        choices.at = (choices.at.cast_signed() + by).rem_euclid(length).cast_unsigned();
    }
    Vec::new()
}

fn take(world: &mut World, _: Key) -> Vec<Effect> {
    let chosen = world.over::<Choices>().and_then(|choices| choices.items.get(choices.at).cloned());
    world.close::<Choices>();
    match chosen.map(|choice| choice.does) {
        Some(Does::Line(line)) => {
            world.panes.terminal.prompt.set(&line);
            world.focus = Focus::Prompt;
            Vec::new()
        }
        Some(Does::Wish(effect)) => vec![*effect],
        Some(Does::Read(reader)) => {
            world.open(*reader);
            Vec::new()
        }
        None => Vec::new(),
    }
}

impl Choices {
    fn frame(&self, world: &World) -> Rect {
        let widest = self.items.iter().map(|choice| cells(&choice.text())).max().unwrap_or(0).max(cells(&self.title));
        let wide = u16::try_from(widest + 8).unwrap_or(u16::MAX).min(world.width);
        let high = u16::try_from(self.items.len() + 2).unwrap_or(u16::MAX);
        layout::middle(world.width, world.height.saturating_sub(1), wide, high)
    }
}

impl Choice {
    fn text(&self) -> String {
        match &self.does {
            Does::Line(line) => format!("{:<14} {line}", self.say),
            Does::Wish(_) | Does::Read(_) => self.say.clone(),
        }
    }
}

impl Over for Choices {
    fn layer(&self) -> &'static Layer {
        &LAYER
    }

    fn draw(&self, world: &World, area: Rect, buf: &mut Buffer) {
        let theme = world.theme;
        let frame = self.frame(world).intersection(area);
        clear(buf, frame);
        Block::bordered().border_style(theme.style(Meaning::Accent)).render(frame, buf);
        let title = cut(&self.title, usize::from(frame.width.saturating_sub(6))).into_owned();
        put(buf, frame, 2, 0, &format!(" {title} "), theme.style(Meaning::Accent));
        let inner = Rect::new(frame.x + 2, frame.y + 1, frame.width.saturating_sub(4), frame.height.saturating_sub(2));
        for (row, (at, choice)) in (0..inner.height).zip(self.items.iter().enumerate()) {
            let (sign, style) =
                if at == self.at { ("▸ ", theme.cursor()) } else { ("  ", theme.style(Meaning::Plain)) };
            let text = format!("{sign}{}", choice.text());
            put(buf, inner, 0, row, &cut(&text, usize::from(inner.width)), style);
        }
    }

    /// A letter is for the prompt.
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

    fn wheel(world: &mut World, rows: isize) {
        step(world, rows.signum());
    }

    fn click(world: &mut World, x: u16, y: u16) -> Vec<Effect> {
        let Some(choices) = world.over::<Self>() else { return Vec::new() };
        let frame = choices.frame(world);
        let row = y.checked_sub(frame.y + 1).map(usize::from).filter(|row| *row < choices.items.len());
        let Some(at) = row.filter(|_| frame.contains((x, y).into())) else { return Vec::new() };
        if let Some(choices) = world.over_mut::<Self>() {
            choices.at = at;
        }
        take(world, plain(Code::Enter))
    }
}
