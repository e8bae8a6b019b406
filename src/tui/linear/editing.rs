//! A file edited line by line: `kubectl edit` and `vi`, where there is no cursor.

use super::{Teller, key};
use crate::base::sanitize_line;
use crate::tui::key::{Code, ctrl};
use crate::tui::msg::Msg;
use crate::tui::overlay::editor::Editor;
use crate::tui::world::World;

/// The file and what it is by now.
#[derive(Clone, Debug, Default)]
pub struct Editing {
    /// Its path, as it was given.
    pub path: String,
    lines: Vec<String>,
    /// The lines that are typed to replace all of them.
    anew: Option<Vec<String>>,
}

/// How editing ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// With this text.
    Save(String),
    /// With the text as it was.
    Leave,
}

/// What can be typed, and what it does.
const HELP: &[(&str, &str)] = &[
    ("3 TEXT", "puts TEXT in the place of line 3; what follows the one space is taken as it is"),
    ("+3 TEXT", "puts TEXT after line 3; +0 puts it first"),
    ("-3", "takes line 3 away"),
    (":all", "takes a whole new text, line by line, until a line with a single full stop"),
    (":list", "says the lines again"),
    (".", "saves and closes, as :wq does"),
    (":q", "closes, and the file stays as it was"),
];

impl Editing {
    /// The file as it is.
    pub fn new(path: &str, content: &str) -> Self {
        let lines = content.lines().map(str::to_owned).collect();
        Self { path: path.to_owned(), lines, anew: None }
    }

    /// What is said when it opens.
    pub fn introduced(&self) -> Vec<String> {
        let mut say = match self.lines.len() {
            0 => vec![format!("Editing {}. It is empty.", self.path)],
            1 => vec![format!("Editing {}. It has 1 line:", self.path)],
            count => vec![format!("Editing {}. It has {count} lines:", self.path)],
        };
        say.extend(self.listed());
        say.push(
            "3 TEXT replaces line 3, a single full stop saves, :q leaves it as it was, :help says more.".to_owned(),
        );
        say
    }

    fn listed(&self) -> Vec<String> {
        self.lines.iter().enumerate().map(|(at, line)| format!("{} {line}", at + 1)).collect()
    }

    /// Takes a line that was typed: what is said of it, and whether that was the last one.
    pub fn take(&mut self, line: &str) -> (Vec<String>, Option<Done>) {
        if let Some(mut anew) = self.anew.take() {
            if line.trim_end() == "." {
                self.lines = anew;
                return (Vec::new(), Some(Done::Save(self.content())));
            }
            anew.push(line.to_owned());
            self.anew = Some(anew);
            return (Vec::new(), None);
        }
        let word = line.trim();
        match word {
            "." | ":wq" | ":x" | ":w" => return (Vec::new(), Some(Done::Save(self.content()))),
            ":q" | ":q!" | ":quit" => return (Vec::new(), Some(Done::Leave)),
            ":list" => return (self.listed(), None),
            ":help" => return (HELP.iter().map(|(typed, does)| format!("{typed} {does}")).collect(), None),
            ":all" => {
                self.anew = Some(Vec::new());
                return (vec!["The new text, line by line; a single full stop ends it.".to_owned()], None);
            }
            _ => {}
        }
        let sign = word.chars().next().filter(|c| matches!(c, '+' | '-'));
        let rest = line.trim_start().trim_start_matches(['+', '-']);
        let (number, text) = rest.split_once(' ').unwrap_or((rest.trim_end(), ""));
        let Ok(number) = number.parse::<usize>() else {
            let say = "That is no number of a line. :help says what can be typed, :q leaves the file as it was.";
            return (vec![say.to_owned()], None);
        };
        (vec![self.change(sign, number, text)], None)
    }

    fn change(&mut self, sign: Option<char>, number: usize, text: &str) -> String {
        let count = self.lines.len();
        let at = number.checked_sub(1).filter(|at| *at < count);
        match (sign, at) {
            (Some('+'), _) if number <= count => {
                self.lines.insert(number, text.to_owned());
                format!("Line {} is new: {}", number + 1, sanitize_line(text))
            }
            (Some('-'), Some(at)) => {
                let gone = self.lines.remove(at);
                format!("Line {number} is gone: {}", sanitize_line(&gone))
            }
            (None, Some(at)) => {
                if let Some(line) = self.lines.get_mut(at) {
                    text.clone_into(line);
                }
                format!("Line {number} is now: {}", sanitize_line(text))
            }
            _ => format!("There is no line {number}: the file has {count}."),
        }
    }

    fn content(&self) -> String {
        self.lines.iter().map(|line| format!("{line}\n")).collect()
    }
}

impl Teller {
    /// Says what is in a file that was opened.
    pub(super) fn editor(&mut self, world: &World) {
        match (world.over::<Editor>(), &self.editing) {
            (Some(editor), None) => {
                let editing = Editing::new(&editor.path, &editor.content());
                self.say_all(editing.introduced());
                self.editing = Some(editing);
            }
            (None, Some(_)) => self.editing = None,
            _ => {}
        }
    }

    /// A line was typed to it.
    pub(super) fn edit(&mut self, line: &str) -> Vec<Msg> {
        let Some(editing) = &mut self.editing else { return Vec::new() };
        let (say, done) = editing.take(line);
        let path = editing.path.clone();
        let msgs = match done {
            None => Vec::new(),
            // The world's editor has the text as it was: it is given the new one, and told to save it.
            Some(Done::Save(content)) => vec![Msg::Edit { path, content }, Msg::Key(ctrl('s'))],
            Some(Done::Leave) => vec![key(Code::Esc)],
        };
        self.say_all(say);
        msgs
    }
}

#[cfg(test)]
mod tests {
    use super::{Done, Editing};

    #[track_caller]
    fn check(typed: &[&str], want: Option<Done>) {
        let mut editing = Editing::new("f", "a: 1\nb:\n  c: 2\n");
        let ends: Vec<_> = typed.iter().filter_map(|line| editing.take(line).1).collect();
        assert_eq!(ends.into_iter().next(), want, "{typed:?}");
    }

    #[test]
    fn a_file_is_edited_by_its_lines() {
        let saved = |text: &str| Some(Done::Save(text.to_owned()));
        check(&["."], saved("a: 1\nb:\n  c: 2\n"));
        check(&["3   c: 3", "."], saved("a: 1\nb:\n  c: 3\n"));
        check(&["+0 x: 0", "-2", ":wq"], saved("x: 0\nb:\n  c: 2\n"));
        check(&["+3 d: 4", "9 no", "-0", "what", "", "."], saved("a: 1\nb:\n  c: 2\nd: 4\n"));
        check(&[":all", ":q", " x", "."], saved(":q\n x\n"));
        check(&["1 gone", ":q"], Some(Done::Leave));
        check(&[":list", ":help"], None);
    }
}
