//! The list of words that could stand at the cursor: typing narrows it, Enter takes one.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Over;
use crate::base::fuzzy;
use crate::tui::effect::Effect;
use crate::tui::key::{Code, Key, ctrl, plain, shift};
use crate::tui::keymap::when::always;
use crate::tui::keymap::{Layer, entry};
use crate::tui::msg::Word;
use crate::tui::pane::terminal::{self, Reach};
use crate::tui::update;
use crate::tui::world::World;

/// Its keys. Any other key closes it and does what it does at the prompt.
pub static LAYER: Layer = Layer {
    heading: "The list of words that could follow",
    keys: &[
        entry(&[plain(Code::Enter)], "take it", "put the chosen word on the prompt", always, take, 1),
        entry(
            &[plain(Code::Tab), plain(Code::Down), ctrl('n')],
            "next",
            "the next word; letters narrow the list",
            has_others,
            |world, _| step(world, 1),
            2,
        ),
        entry(
            &[shift(Code::Tab), plain(Code::Up)],
            "before",
            "the word before",
            has_others,
            |world, _| step(world, -1),
            3,
        ),
        entry(
            &[plain(Code::Esc), ctrl('c'), ctrl('g')],
            "leave",
            "close the list; what is typed stays",
            always,
            |world, _| close(world),
            4,
        ),
        entry(
            &[plain(Code::Backspace), ctrl('h')],
            "delete",
            "delete the letter before",
            always,
            |world, _| {
                world.panes.terminal.prompt.delete(Reach::Back);
                narrow(world)
            },
            0,
        ),
    ],
};

fn has_others(world: &World, _: Key) -> bool {
    world.over::<Pick>().is_some_and(|pick| pick.len() > 1)
}

fn close(world: &mut World) -> Vec<Effect> {
    world.close::<Pick>();
    Vec::new()
}

fn step(world: &mut World, by: isize) -> Vec<Effect> {
    if let Some(pick) = world.over_mut::<Pick>() {
        pick.step(by, true);
    }
    Vec::new()
}

/// Puts the chosen word on the prompt.
fn take(world: &mut World, _: Key) -> Vec<Effect> {
    let chosen = world.over::<Pick>().and_then(|pick| Some((pick.start, pick.chosen()?.text.clone())));
    world.close::<Pick>();
    if let Some((start, word)) = chosen {
        world.panes.terminal.prompt.replace_word(start, &finished(&word));
    }
    Vec::new()
}

/// The word with a space after it, unless more of it may follow.
pub fn finished(word: &str) -> String {
    let space = if word.ends_with(['/', '=', ' ']) { "" } else { " " };
    format!("{word}{space}")
}

/// Narrows the list to what is typed; closes it when another word is begun.
fn narrow(world: &mut World) -> Vec<Effect> {
    let prompt = &world.panes.terminal.prompt;
    let (text, cursor) = (prompt.text().to_owned(), prompt.cursor());
    let Some(pick) = world.over_mut::<Pick>() else { return Vec::new() };
    match text.get(pick.start..cursor) {
        Some(typed) if !typed.contains(char::is_whitespace) => pick.narrow(typed),
        _ => return close(world),
    }
    Vec::new()
}

impl Over for Pick {
    fn layer(&self) -> &'static Layer {
        &LAYER
    }

    /// The terminal pane draws it, below what is typed.
    fn draw(&self, _: &World, _: Rect, _: &mut Buffer) {}

    fn key(world: &mut World, key: Key) -> Vec<Effect> {
        if let Some(c) = key.typed() {
            world.panes.terminal.prompt.insert(c.encode_utf8(&mut [0; 4]));
            return narrow(world);
        }
        // Where there is only one word there is no other to go to.
        if !LAYER.keys.iter().any(|binding| binding.keys.contains(&key)) {
            close(world);
            return update::key(world, key);
        }
        Vec::new()
    }

    fn paste(world: &mut World, text: &str) -> Vec<Effect> {
        close(world);
        update::paste(world, text)
    }

    fn wheel(world: &mut World, rows: isize) {
        step(world, rows.signum());
    }

    fn click(world: &mut World, x: u16, y: u16) -> Vec<Effect> {
        let Some(at) = terminal::word_at(world, x, y) else { return close(world) };
        if let Some(pick) = world.over_mut::<Self>() {
            pick.at = at;
        }
        take(world, plain(Code::Enter))
    }
}

/// The open list.
#[derive(Clone, Debug)]
pub struct Pick {
    /// Where the word begins that is completed, in bytes of the prompt.
    pub start: usize,
    /// All candidates.
    words: Vec<Word>,
    /// The places of those that fit what is typed, best first.
    fit: Vec<usize>,
    /// Which of them is chosen.
    at: usize,
}

impl Pick {
    /// A list of these, for the word that begins there.
    pub fn new(start: usize, words: Vec<Word>) -> Self {
        let fit = (0..words.len()).collect();
        Self { start, words, fit, at: 0 }
    }

    /// How many fit.
    pub fn len(&self) -> usize {
        self.fit.len()
    }

    /// Whether none fits.
    pub fn is_empty(&self) -> bool {
        self.fit.is_empty()
    }

    /// The place of the chosen one among those that fit.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Those that fit, best first.
    pub fn fitting(&self) -> impl Iterator<Item = &Word> {
        self.fit.iter().filter_map(|at| self.words.get(*at))
    }

    /// The chosen one.
    pub fn chosen(&self) -> Option<&Word> {
        self.words.get(*self.fit.get(self.at)?)
    }

    /// Keeps those that have the letters typed.
    pub fn narrow(&mut self, typed: &str) {
        self.fit = fuzzy::rank(typed, self.words.iter().map(|word| word.text.as_str()));
        self.at = 0;
    }

    /// Chooses another one; around the ends when asked.
    pub fn step(&mut self, by: isize, around: bool) {
        let Some(last) = self.fit.len().checked_sub(1) else { return };
        self.at = match self.at.checked_add_signed(by) {
            Some(at) if at <= last => at,
            Some(_) if around => 0,
            None if around => last,
            Some(_) => last,
            None => 0,
        };
    }
}
