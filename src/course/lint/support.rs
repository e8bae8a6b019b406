//! The rules of how a lesson teaches: what stands there, what a hint adds, and that no place of an answer is a sign.

use super::{Page, folded};
use crate::course::locate::Path;
use crate::course::model::{HOLE, Lesson, Step, Support};

/// The longest command line that stands in a step: three rows of a terminal of 60 columns.
const LONGEST: usize = 160;
/// A lesson with so many steps ends in one that the learner does alone.
const FADES: usize = 3;
/// With so many questions a lesson must not have the right answer always in one place.
const ASKS: usize = 3;

impl Page<'_> {
    /// What the step shows of its command, and what solves it.
    pub(super) fn support(&mut self, path: &Path, step: &Step) {
        let suggest = path.key("suggest");
        if !step.suggest.is_empty() {
            self.command(&suggest, &step.suggest);
        }
        for (key, text) in [("text", &step.text), ("task", &step.task)] {
            if text.contains(HOLE) {
                let instead = "words that hold for those who are shown no command, too";
                self.fault(&path.key(key), "the gap is spoken of", instead);
            }
        }
        let has_hole = step.suggest.contains(HOLE);
        let solved = !step.solution.is_empty();
        match step.support {
            Support::Worked if step.suggest.is_empty() && !solved => {
                self.fault(path, "nothing solves the step", "`suggest:` with the command line that does");
            }
            Support::Worked if has_hole => {
                self.fault(
                    &suggest,
                    "the command has a hole to fill",
                    "`support: blank` beside it, or the whole command",
                );
            }
            Support::Worked if !step.suggest.is_empty() && solved => {
                let instead = "`suggest:` for one line, `solution:` for more";
                self.fault(&suggest, "the command is given twice", instead);
            }
            Support::Blank if !has_hole => {
                self.fault(&suggest, "there is no hole to fill", format!("`{HOLE}` for what the learner fills in"));
            }
            Support::Blank if !step.solution.first().is_some_and(|line| fills(line, &step.suggest)) => {
                let instead = "`solution:` with the whole line, the hole filled";
                self.fault(&suggest, "the solution does not fill this hole", instead);
            }
            Support::Alone if !step.suggest.is_empty() => {
                let instead = "`solution:`, which the last hint shows";
                self.fault(&suggest, "in a step done alone nothing is suggested", instead);
            }
            Support::Alone if !solved => {
                self.fault(path, "nothing solves the step", "`solution:` with the command line that does");
            }
            Support::Worked | Support::Blank | Support::Alone => {}
        }
        for line in step.solution.iter().chain([&step.suggest]) {
            let length = line.chars().count();
            if length > LONGEST {
                let message = format!("a command line is {length} signs long and does not fit on a small screen");
                let at = if *line == step.suggest { suggest.clone() } else { path.key("solution") };
                self.fault(&at, message, format!("at most {LONGEST}; more lines in `solution:`, or a file"));
            }
        }
    }

    /// From a question to the answer, each saying more than what is on the screen already.
    pub(super) fn hints(&mut self, path: &Path, step: &Step) {
        let answer = step.solution().join("\n");
        match step.hints.last() {
            None => self.fault(path, "there is no hint", "from a question to the answer"),
            Some(last) if last.trim() != answer.trim() => {
                let path = path.at(step.hints.len() - 1);
                self.fault(&path, "the last hint is not the answer", format!("the step's own solution: {answer}"));
            }
            Some(_) => {}
        }
        let mut told = folded(&format!("{} {} {}", step.text, step.task, step.suggest));
        let before = step.hints.len().saturating_sub(1);
        for (index, hint) in step.hints[..before].iter().enumerate() {
            self.prose(&path.at(index), hint, 3);
            let words = folded(hint);
            let shows_less = step.support == Support::Blank
                && hint.split('`').skip(1).step_by(2).any(|code| is_less(code, &step.suggest));
            if told.contains(&words) || shows_less {
                self.fault(&path.at(index), "this hint says no more than the step shows", "a hint that adds something");
            }
            told.push_str(&words);
        }
    }

    /// Support fades: at its end a lesson is done alone.
    pub(super) fn fading(&mut self, lesson: &Lesson) {
        let Some(last) = lesson.steps.last().filter(|_| lesson.steps.len() >= FADES) else { return };
        if last.support != Support::Alone {
            let path = Path::default().key("steps").at(lesson.steps.len() - 1);
            self.fault(&path, "the last step shows its command", "`support: alone`, and the command as `solution:`");
        }
    }

    /// No place of the list is a sign of the right answer.
    pub(super) fn places(&mut self, lesson: &Lesson) {
        let right = |step: &Step| step.predict.as_ref()?.answers.iter().position(|answer| answer.right);
        let places: Vec<usize> = lesson.steps.iter().filter_map(right).collect();
        let (true, Some(first)) = (places.len() >= ASKS, places.first()) else { return };
        if places.iter().all(|place| place == first) {
            let asks = lesson.steps.iter().position(|step| step.predict.is_some()).unwrap_or(0);
            let path = Path::default().key("steps").at(asks).key("predict").key("answers");
            let message = format!("in every question the right answer is number {}", first + 1);
            self.fault(&path, message, "another place in some of them");
        }
    }
}

/// Whether the line is the command with its holes filled.
fn fills(line: &str, blank: &str) -> bool {
    let mut parts = blank.trim().split(HOLE);
    let Some(mut rest) = line.trim().strip_prefix(parts.next().unwrap_or_default()) else { return false };
    for part in parts {
        // The last part ends the line.
        let Some(at) = (if part.is_empty() { Some(rest.len()) } else { rest.find(part) }) else { return false };
        if at == 0 {
            return false;
        }
        rest = &rest[at + part.len()..];
    }
    rest.is_empty()
}

/// Whether a piece of code in a hint shows no more of the command than the blank does: `kubectl get KIND` beside
/// `kubectl get ___`.
fn is_less(code: &str, blank: &str) -> bool {
    let is_stand_in =
        |word: &str| word.len() > 1 && word.chars().all(|c| c.is_ascii_uppercase() || c == '_' || c == '-');
    let hole = |word: &str| if is_stand_in(word) || word.contains(HOLE) { HOLE.to_owned() } else { word.to_owned() };
    let code: Vec<String> = code.split_whitespace().map(hole).collect();
    let blank: Vec<String> = blank.split_whitespace().map(hole).collect();
    code.len() > 1 && blank.starts_with(&code)
}

#[cfg(test)]
mod tests {
    use super::{fills, is_less};

    #[test]
    fn a_hole_is_filled() {
        for (line, blank, want) in [
            ("kubectl get secrets", "kubectl get ___", true),
            ("kubectl get", "kubectl get ___", false),
            ("kubectl get pods -o yaml", "kubectl get ___ -o ___", true),
            ("kubectl get -o yaml", "kubectl get ___ -o yaml", false),
            ("cat /a/b/token", "cat /a/b/___", true),
            ("kubectl describe x", "kubectl get ___", false),
        ] {
            assert_eq!(fills(line, blank), want, "{line} / {blank}");
        }
    }

    #[test]
    fn a_shape_says_no_more_than_the_blank() {
        for (code, want) in
            [("kubectl get KIND", true), ("kubectl get", true), ("kubectl get KIND NAME", false), ("secrets", false)]
        {
            assert_eq!(is_less(code, "kubectl get ___"), want, "{code}");
        }
    }
}
