//! What the terminal pane has printed: a bounded list of lines, each with who said it.

use std::collections::VecDeque;

use crate::base::sanitize;

use crate::tui::widget::{cells, hard_wrap, row_count, soft_wrap};

/// How many lines are kept.
const LINES: usize = 5_000;
/// How many bytes of one line are kept; a token has about a thousand.
const LINE_BYTES: usize = 64 * 1024;
/// How many bytes are kept in all.
const BYTES: usize = 4 * 1024 * 1024;

/// Who said a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    /// The learner, at the prompt.
    Typed,
    /// A command, on standard output.
    Out,
    /// A command, on standard error.
    Err,
    /// The tutor, in its own words.
    Plain,
    /// The tutor, in passing.
    Note,
    /// The tutor, with good news.
    Good,
    /// The tutor, when something went wrong.
    Bad,
    /// YAML of an object.
    Yaml,
    /// A line that was not there before.
    Added,
    /// A line that is not there any more.
    Removed,
}

/// A line as it is drawn: no control characters, tabs are spaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Who said it.
    pub voice: Voice,
    /// The text.
    pub text: String,
}

impl Said {
    /// The rows it takes: output is cut at the edge, the tutor's sentences between words.
    pub fn rows(&self, width: usize) -> Vec<&str> {
        if self.is_sentence() { soft_wrap(&self.text, width.max(2)) } else { hard_wrap(&self.text, width) }
    }

    fn row_count(&self, width: usize) -> usize {
        if self.is_sentence() { self.rows(width).len() } else { row_count(&self.text, width) }
    }

    /// What the tutor says in passing, to a key that was pressed.
    fn is_remark(&self) -> bool {
        matches!(self.voice, Voice::Note | Voice::Bad) && self.text.starts_with(['·', '✘'])
    }

    fn is_sentence(&self) -> bool {
        matches!(self.voice, Voice::Plain | Voice::Note | Voice::Good | Voice::Bad)
    }
}

/// All that was said, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Scrollback {
    lines: VecDeque<Said>,
    bytes: usize,
    /// Whether the last line still waits for its end.
    open: bool,
    /// Whether the last line was cut because it was too long.
    cut: bool,
    /// How many lines were ever begun.
    said: usize,
    /// Rows between the bottom of what is shown and the newest row.
    pub scroll: usize,
}

impl Scrollback {
    /// The lines, newest first.
    pub fn newest(&self) -> impl Iterator<Item = &Said> {
        self.lines.iter().rev()
    }

    /// How many rows all lines take at this width.
    pub fn rows(&self, width: usize) -> usize {
        self.lines.iter().map(|line| line.row_count(width)).sum()
    }

    /// Adds output as it comes: chunks may end anywhere.
    pub fn print(&mut self, chunk: &str, voice: Voice) {
        if self.open && self.lines.back().is_some_and(|line| line.voice != voice) {
            self.open = false;
        }
        for part in chunk.split_inclusive('\n') {
            let (text, ends) = part.strip_suffix('\n').map_or((part, false), |text| (text, true));
            if !self.open {
                self.push(Said { voice, text: String::new() });
                self.open = true;
                self.cut = false;
            }
            self.extend_last(text);
            if ends {
                self.end_line();
            }
        }
        self.trim();
    }

    /// Adds whole lines. A remark that stands among the last ones is not said again below them: it moves there.
    pub fn say(&mut self, text: &str, voice: Voice) {
        self.end_line();
        let remarks = self.lines.iter().rev().take_while(|line| line.is_remark());
        let before = remarks.into_iter().position(|line| line.text == text && line.voice == voice);
        if let Some(at) = before.and_then(|back| self.lines.len().checked_sub(back + 1))
            && let Some(line) = self.lines.remove(at)
        {
            self.bytes = self.bytes.saturating_sub(line.text.len());
            self.said -= 1;
        }
        self.print(text.trim_end_matches('\n'), voice);
        self.end_line();
    }

    /// Ends the open line, as a command that ends without a newline does.
    pub fn end_line(&mut self) {
        // A carriage return before the newline is part of the line's end.
        if self.open
            && let Some(last) = self.lines.back_mut()
            && last.text.ends_with('␍')
        {
            last.text.pop();
        }
        self.open = false;
    }

    /// Forgets everything but how many lines were begun: who noted a number finds what was said after it.
    pub fn clear(&mut self) {
        *self = Self { said: self.said, ..Self::default() };
    }

    /// How many lines were ever begun; for [`Scrollback::since`].
    pub fn said(&self) -> usize {
        self.said
    }

    /// The lines begun since then that are still kept, oldest first.
    pub fn since(&self, said: usize) -> Vec<&Said> {
        let count = self.said.saturating_sub(said).min(self.lines.len());
        self.lines.iter().skip(self.lines.len() - count).collect()
    }

    fn push(&mut self, line: Said) {
        self.said += 1;
        self.bytes += line.text.len();
        self.lines.push_back(line);
    }

    fn extend_last(&mut self, text: &str) {
        let Some(last) = self.lines.back_mut() else { return };
        if self.cut {
            return;
        }
        let before = last.text.len();
        let clean = sanitize(text);
        for (index, part) in clean.split('\t').enumerate() {
            if index > 0 {
                let column = cells(&last.text);
                last.text.extend(std::iter::repeat_n(' ', 8 - column % 8));
            }
            last.text.push_str(part);
            if last.text.len() > LINE_BYTES {
                let mut end = LINE_BYTES;
                while !last.text.is_char_boundary(end) {
                    end -= 1;
                }
                last.text.truncate(end);
                last.text.push_str(" … (line cut)");
                self.cut = true;
                break;
            }
        }
        self.bytes += last.text.len().saturating_sub(before);
    }

    fn trim(&mut self) {
        while self.lines.len() > LINES || (self.bytes > BYTES && self.lines.len() > 1) {
            if let Some(line) = self.lines.pop_front() {
                self.bytes = self.bytes.saturating_sub(line.text.len());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LINES, Scrollback, Voice};

    fn lines(scrollback: &Scrollback) -> Vec<&str> {
        let mut lines: Vec<&str> = scrollback.newest().map(|line| line.text.as_str()).collect();
        lines.reverse();
        lines
    }

    #[test]
    fn chunks_become_lines() {
        let mut said = Scrollback::default();
        for chunk in ["one\ntw", "o\r", "\n", "a\tb\u{1b}[2J\n", "no end"] {
            said.print(chunk, Voice::Out);
        }
        said.print("an error\n", Voice::Err);
        said.say("a note\n", Voice::Note);
        assert_eq!(lines(&said), ["one", "two", "a       b␛[2J", "no end", "an error", "a note"]);
    }

    #[test]
    fn a_remark_does_not_pile_up() {
        let mut said = Scrollback::default();
        for text in ["── step 1 ──", "· one", "· two", "· one", "· one"] {
            said.say(text, Voice::Note);
        }
        assert_eq!(lines(&said), ["── step 1 ──", "· two", "· one"]);
        let began = said.said();
        said.print("$ ls\n", Voice::Typed);
        said.say("· one", Voice::Note);
        assert_eq!(said.since(began).len(), 2);
        assert_eq!(lines(&said).len(), 5);
    }

    #[test]
    fn it_is_bounded() {
        let mut said = Scrollback::default();
        said.print(&"x\n".repeat(LINES + 7), Voice::Out);
        assert_eq!(lines(&said).len(), LINES);
        said.clear();
        for _ in 0..200 {
            said.print(&"é".repeat(50_000), Voice::Out);
            said.print("\n", Voice::Out);
        }
        assert!(lines(&said).iter().map(|line| line.len()).sum::<usize>() < 5_000_000);
        assert!(lines(&said).last().is_some_and(|line| line.ends_with("(line cut)")));
    }
}
