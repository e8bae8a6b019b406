//! The prompt: a line that is edited as in bash, with its history and its search.

use crate::course::HOLE;

/// How many lines of history are kept.
const HISTORY: usize = 1_000;

/// The line being typed. It may have several rows when it was pasted.
#[derive(Clone, Debug, Default)]
pub struct Prompt {
    text: String,
    /// In bytes, at a character's edge.
    cursor: usize,
    /// The line as it was put here with a hole in it.
    hole: Option<String>,
    /// What was cut last.
    yank: String,
    history: Vec<String>,
    /// The line of the history that is shown.
    at: Option<usize>,
    /// What was typed before going into the history.
    draft: String,
    /// The search through the history, when one is on.
    pub search: Option<Search>,
    /// The line as it was before each edit, with its cursor.
    before: Vec<(String, usize)>,
    /// Where the last edit ended, when the next letter typed belongs to it.
    typing: Option<usize>,
    /// The word put in last by [`Prompt::last_word`]: where it begins, and how many lines back it comes from.
    word: Option<(usize, usize)>,
}

/// How many edits can be taken back.
const EDITS: usize = 200;

/// A search through the history.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// What is looked for.
    pub query: String,
    /// The line found.
    pub found: Option<usize>,
}

/// How far an edit reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// One character back.
    Back,
    /// One character ahead.
    Ahead,
    /// To the beginning of the word (`bash`: letters and digits).
    WordBack,
    /// To the end of the word.
    WordAhead,
    /// To the space before.
    SpaceBack,
    /// To the beginning of the row.
    Start,
    /// To the end of the row.
    End,
}

impl Prompt {
    /// What is typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where the cursor is, in bytes.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Whether nothing is typed.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Whether anything was cut.
    pub fn can_yank(&self) -> bool {
        !self.yank.is_empty()
    }

    /// The lines entered before, oldest first.
    pub fn history(&self) -> &[String] {
        &self.history
    }

    /// Puts earlier lines before those of this session.
    pub fn load_history(&mut self, mut earlier: Vec<String>) {
        earlier.append(&mut self.history);
        let surplus = earlier.len().saturating_sub(HISTORY);
        self.history = earlier.split_off(surplus);
        self.at = None;
    }

    /// Keeps the line as it is for [`Prompt::undo`].
    fn keep(&mut self) {
        (self.typing, self.word) = (None, None);
        if self.before.len() >= EDITS {
            self.before.remove(0);
        }
        self.before.push((self.text.clone(), self.cursor));
    }

    /// Takes back the last edit; letters typed one after another are one edit.
    pub fn undo(&mut self) {
        if let Some((text, cursor)) = self.before.pop() {
            (self.text, self.cursor, self.at) = (text, cursor, None);
            (self.typing, self.word) = (None, None);
        }
    }

    /// Begins a further row at the end.
    pub fn go_on(&mut self) {
        self.cursor = self.text.len();
        self.insert("\n");
    }

    /// Whether there is an edit to take back.
    pub fn can_undo(&self) -> bool {
        !self.before.is_empty()
    }

    /// Exchanges the letter before the cursor with the one under it; at the end, the last two.
    pub fn transpose(&mut self) {
        let middle = if self.cursor == self.text.len() { self.target(Reach::Back) } else { self.cursor };
        let (Some(left), Some(right)) = (self.text[..middle].chars().next_back(), self.text[middle..].chars().next())
        else {
            return;
        };
        self.keep();
        let from = middle - left.len_utf8();
        self.text.replace_range(from..middle + right.len_utf8(), &format!("{right}{left}"));
        (self.cursor, self.at) = (middle - left.len_utf8() + right.len_utf8() + left.len_utf8(), None);
    }

    /// Puts in the last word of the line before; again, of older lines.
    pub fn last_word(&mut self) {
        let again = self.word.filter(|_| self.at.is_none());
        let back = again.map_or(1, |(_, back)| back + 1);
        let Some(line) = self.history.len().checked_sub(back).and_then(|at| self.history.get(at)) else { return };
        let word = line.split_whitespace().next_back().unwrap_or_default().to_owned();
        let start = match again {
            Some((start, _)) => start,
            None => {
                self.keep();
                self.cursor
            }
        };
        self.replace(start, &word);
        self.word = Some((start, back));
    }

    /// What the newest line of the history that begins as this one goes on with, when the cursor is at the end.
    pub fn ghost(&self) -> Option<&str> {
        // What is missing is the learner's to find.
        let hole = self.hole.as_ref() == Some(&self.text);
        if hole || self.text.is_empty() || self.cursor != self.text.len() || self.at.is_some() || self.search.is_some()
        {
            return None;
        }
        let line =
            self.history.iter().rev().find(|line| line.len() > self.text.len() && line.starts_with(&self.text))?;
        Some(&line[self.text.len()..]).filter(|rest| !rest.contains('\n'))
    }

    /// Takes what [`Prompt::ghost`] offers: all, or its first word.
    pub fn take_ghost(&mut self, whole: bool) {
        let Some(ghost) = self.ghost() else { return };
        let word = ghost.len() - ghost.trim_start().len();
        let end = ghost[word..].find(char::is_whitespace).map_or(ghost.len(), |at| word + at);
        let text = if whole { ghost.to_owned() } else { ghost[..end].to_owned() };
        self.insert(&text);
    }

    /// Replaces the whole line.
    pub fn set(&mut self, text: &str) {
        self.keep();
        self.text = clean(text);
        self.cursor = self.text.len();
        self.at = None;
    }

    /// Replaces the line by one with a hole in it, `___`, and stands where the hole was.
    pub fn set_with_hole(&mut self, text: &str) {
        let text = clean(text);
        self.set(&text.replacen(HOLE, "", 1));
        self.cursor = text.find(HOLE).unwrap_or(self.cursor);
        self.hole = text.contains(HOLE).then(|| self.text.clone());
    }

    /// Whether the line is still as it was put there, with nothing in its hole.
    pub fn has_gap(&self) -> bool {
        self.hole.as_ref().is_some_and(|hole| *hole == self.text)
    }

    /// Puts text in at the cursor. What a terminal would act on is left out, so that what is seen is what runs.
    pub fn insert(&mut self, text: &str) {
        let text = clean(text);
        if self.typing != Some(self.cursor) {
            self.keep();
        }
        self.word = None;
        self.text.insert_str(self.cursor, &text);
        self.cursor += text.len();
        self.at = None;
        let letter = text.chars().count() == 1 && !text.contains(char::is_whitespace);
        self.typing = letter.then_some(self.cursor);
    }

    /// Replaces what stands between `start` and the cursor.
    pub fn replace_word(&mut self, start: usize, word: &str) {
        self.keep();
        self.replace(start, word);
    }

    fn replace(&mut self, start: usize, word: &str) {
        if start <= self.cursor && self.text.is_char_boundary(start) {
            let word = clean(word);
            self.text.replace_range(start..self.cursor, &word);
            self.cursor = start + word.len();
            self.at = None;
        }
    }

    /// Moves the cursor.
    pub fn go(&mut self, reach: Reach) {
        self.cursor = self.target(reach);
        (self.typing, self.word) = (None, None);
    }

    /// Deletes up to there; more than a character is kept for [`Prompt::yank`].
    pub fn delete(&mut self, reach: Reach) {
        let target = self.target(reach);
        if target == self.cursor {
            return;
        }
        self.keep();
        let (from, to) = (target.min(self.cursor), target.max(self.cursor));
        let gone: String = self.text.drain(from..to).collect();
        if !matches!(reach, Reach::Back | Reach::Ahead) && !gone.is_empty() {
            self.yank = gone;
        }
        self.cursor = from;
        self.at = None;
    }

    /// Puts back what was cut.
    pub fn yank(&mut self) {
        let text = self.yank.clone();
        self.insert(&text);
    }

    /// Empties the line; what stood there can be put back.
    pub fn put_aside(&mut self) {
        self.keep();
        self.yank = std::mem::take(&mut self.text);
        (self.cursor, self.at, self.hole) = (0, None, None);
    }

    /// Takes the line away and keeps it in the history.
    pub fn submit(&mut self) -> String {
        let line = std::mem::take(&mut self.text);
        self.hole = None;
        (self.cursor, self.at) = (0, None);
        (self.typing, self.word) = (None, None);
        self.before.clear();
        self.draft.clear();
        if !line.trim().is_empty() && self.history.last() != Some(&line) {
            self.history.push(line.clone());
            if self.history.len() > HISTORY {
                self.history.remove(0);
            }
        }
        line
    }

    /// Up: the row above, or the line entered before. Whether anything changed.
    pub fn up(&mut self) -> bool {
        let start = self.target(Reach::Start);
        if start > 0 && self.at.is_none() {
            let column = self.text[start..self.cursor].chars().count();
            let above = self.text[..start - 1].rfind('\n').map_or(0, |at| at + 1);
            self.cursor = nth(&self.text, above, start - 1, column);
            return true;
        }
        let Some(next) = self.at.unwrap_or(self.history.len()).checked_sub(1) else { return false };
        if self.at.is_none() {
            self.draft = std::mem::take(&mut self.text);
        }
        self.show(next);
        true
    }

    /// Down: the row below, or the line entered after. Whether anything changed.
    pub fn down(&mut self) -> bool {
        if let Some(at) = self.at {
            if at + 1 < self.history.len() {
                self.show(at + 1);
            } else {
                self.text = std::mem::take(&mut self.draft);
                (self.cursor, self.at) = (self.text.len(), None);
            }
            return true;
        }
        let end = self.target(Reach::End);
        if end >= self.text.len() {
            return false;
        }
        let column = self.text[self.target(Reach::Start)..self.cursor].chars().count();
        let below = self.text[end + 1..].find('\n').map_or(self.text.len(), |at| end + 1 + at);
        self.cursor = nth(&self.text, end + 1, below, column);
        true
    }

    fn show(&mut self, at: usize) {
        if let Some(line) = self.history.get(at) {
            self.text.clone_from(line);
            (self.cursor, self.at) = (self.text.len(), Some(at));
        }
    }

    /// Begins a search, or goes on to an older line.
    pub fn search_older(&mut self) {
        let Some(search) = &self.search else {
            self.search = Some(Search::default());
            return;
        };
        if let Some(found) = self.older() {
            self.search = Some(Search { query: search.query.clone(), found: Some(found) });
        }
    }

    /// The line found next by the search that is on.
    pub fn older(&self) -> Option<usize> {
        let search = self.search.as_ref()?;
        self.find(&search.query, search.found.unwrap_or(self.history.len()))
    }

    /// Changes what is searched for: adds a character, or with `None` takes one away.
    pub fn search_for(&mut self, typed: Option<char>) {
        let Some(search) = &self.search else { return };
        let mut query = search.query.clone();
        match typed {
            Some(c) => query.push(c),
            None => _ = query.pop(),
        }
        let found = self.find(&query, self.history.len());
        self.search = Some(Search { query, found });
    }

    /// Ends the search; the line found becomes the prompt when it is wanted.
    pub fn search_end(&mut self, accept: bool) {
        if let Some(search) = self.search.take()
            && accept
            && let Some(line) = search.found.and_then(|at| self.history.get(at)).cloned()
        {
            self.set(&line);
        }
    }

    fn find(&self, query: &str, below: usize) -> Option<usize> {
        if query.is_empty() {
            return None;
        }
        (0..below.min(self.history.len())).rev().find(|&at| self.history[at].contains(query))
    }

    fn target(&self, reach: Reach) -> usize {
        let (before, after) = self.text.split_at(self.cursor);
        let back = |text: &str| self.cursor - text.len();
        let word = |c: &char| c.is_alphanumeric();
        match reach {
            Reach::Back => before.chars().next_back().map_or(0, |c| self.cursor - c.len_utf8()),
            Reach::Ahead => after.chars().next().map_or(self.cursor, |c| self.cursor + c.len_utf8()),
            Reach::WordBack => before.trim_end_matches(|c| !word(&c)).trim_end_matches(|c| word(&c)).len(),
            Reach::WordAhead => {
                let rest = after.trim_start_matches(|c| !word(&c)).trim_start_matches(|c| word(&c));
                self.text.len() - rest.len()
            }
            Reach::SpaceBack => before.trim_end().trim_end_matches(|c: char| !c.is_whitespace()).len(),
            Reach::Start => back(&before[before.rfind('\n').map_or(0, |at| at + 1)..]),
            Reach::End => after.find('\n').map_or(self.text.len(), |at| self.cursor + at),
        }
    }
}

/// The byte of the `column`th character between two places, or the end.
fn nth(text: &str, from: usize, to: usize, column: usize) -> usize {
    text[from..to].char_indices().nth(column).map_or(to, |(at, _)| from + at)
}

fn clean(text: &str) -> String {
    let hidden = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', "    ").replace(hidden, "")
}

#[cfg(test)]
mod tests {
    use super::{Prompt, Reach};

    /// The text with `|` where the cursor is.
    fn shown(prompt: &Prompt) -> String {
        let (before, after) = prompt.text().split_at(prompt.cursor());
        format!("{before}|{after}")
    }

    #[track_caller]
    fn check(start: &str, act: impl Fn(&mut Prompt), want: &str) {
        let mut prompt = Prompt::default();
        let (before, after) = start.split_once('|').unwrap();
        prompt.set(before);
        let cursor = prompt.cursor();
        prompt.insert(after);
        prompt.cursor = cursor;
        act(&mut prompt);
        assert_eq!(shown(&prompt), want);
    }

    #[test]
    fn edits() {
        check("kubectl get| sa", |p| p.go(Reach::WordBack), "kubectl |get sa");
        check("a-b|", |p| p.go(Reach::WordBack), "a-|b");
        check("|kubectl get", |p| p.go(Reach::WordAhead), "kubectl| get");
        check("kubectl get a-b|", |p| p.delete(Reach::SpaceBack), "kubectl get |");
        check("kubectl| get", |p| p.delete(Reach::Start), "| get");
        check("kubectl| get", |p| p.delete(Reach::End), "kubectl|");
        check("é|x", |p| p.delete(Reach::Back), "|x");
        check("é|x", |p| p.delete(Reach::Ahead), "é|");
        check("|", |p| p.delete(Reach::Back), "|");
        check("a b|", |p| (p.delete(Reach::SpaceBack), p.go(Reach::Start), p.yank()).2, "b|a ");
        check("ab\ncd|", |p| p.go(Reach::Start), "ab\n|cd");
        check("ab\ncd|", |p| _ = p.up(), "ab|\ncd");
        check("a|b\nc", |p| _ = p.down(), "ab\nc|");
        check("get |", |p| p.insert("a\u{1b}b\r\nc\td\u{202e}"), "get ab\nc    d|");
        check("kubectl get serv|", |p| p.replace_word(12, "serviceaccounts "), "kubectl get serviceaccounts |");
    }

    #[test]
    fn history_keeps_the_draft() {
        let mut prompt = Prompt::default();
        prompt.load_history(vec!["old".into()]);
        for line in ["one", "one", "two"] {
            prompt.set(line);
            assert_eq!(prompt.submit(), line);
        }
        assert_eq!(prompt.history(), ["old", "one", "two"]);
        prompt.insert("dra");
        let mut seen = Vec::new();
        for _ in 0..4 {
            seen.push((prompt.up(), prompt.text().to_owned()));
        }
        assert_eq!(seen, [(true, "two".into()), (true, "one".into()), (true, "old".into()), (false, "old".into())]);
        while prompt.down() {}
        assert_eq!(prompt.text(), "dra");
    }

    #[test]
    fn search_finds_older_lines() {
        let mut prompt = Prompt::default();
        prompt.load_history(vec!["get sa one".into(), "get pod".into(), "get sa two".into()]);
        prompt.search_older();
        "sa".chars().for_each(|c| prompt.search_for(Some(c)));
        prompt.search_older();
        prompt.search_end(true);
        assert_eq!(prompt.text(), "get sa one");
    }
}
