//! The list of words that could stand at the cursor: typing narrows it, Enter takes one.

use super::msg::Word;
use crate::base::fuzzy;

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
