//! What is said of a step: its text, its question, its task, its checks, and what was to be seen.

use super::words::{keyless, prose, sentence, spoken};
use super::{NEWS, Teller, key};
use crate::base::sanitize_line;
use crate::course::{self, HOLE};
use crate::tui::key::{self as keys, Code};
use crate::tui::msg::Msg;
use crate::tui::pane::lesson::{choices, too_old};
use crate::tui::world::{Open, World};

/// What was said of the step.
#[derive(Debug, Default)]
pub struct Told {
    passed: Vec<bool>,
    near: Vec<Option<String>>,
    wrong: Option<String>,
    hints: usize,
    /// Whether it was said that the step is done.
    done: bool,
    /// Whether the word was said that the last check has of its own.
    last: bool,
}

/// What stands for a gap in a command line: a voice leaves underscores out.
const GAP: &str = "GAP";

impl Teller {
    /// A step is ready.
    pub(super) fn opened(&mut self, world: &World) {
        let Some(open) = &world.lesson else { return };
        let other = self.lesson != open.lesson.id;
        self.lesson.clone_from(&open.lesson.id);
        self.step = Told { passed: open.passed.clone(), hints: open.hints, ..Told::default() };
        self.asking = open.asking.map(|asking| asking.picked);
        (self.token, self.refused) = (false, None);
        self.story = world.panes.objects.index.story.back().cloned();
        self.checks_due = false;
        if other {
            self.pod = None;
        }
        self.begin_part();
        let title = if other { format!("{}. ", sanitize_line(&open.lesson.title)) } else { String::new() };
        self.say(format!("{title}Step {} of {}.", open.step + 1, open.lesson.steps.len()));
        self.tell(world, open);
    }

    /// Says the step as it stands: for who has just come, or wants to hear it again.
    pub(super) fn tell(&mut self, world: &World, open: &Open) {
        let beside = world.cluster.as_ref().and_then(|cluster| cluster.beside.as_deref());
        self.say_all(beside.map(|note| format!("{}.", note.trim_end_matches('.'))));
        self.say_all(too_old(world, open));
        self.say_text("", open.step().map_or("", |step| step.text.as_str()));
        match open.asking {
            Some(asking) => self.ask(open, asking.picked),
            None => self.say_task(world, open),
        }
    }

    /// The question; once an answer was picked, how sure that is.
    fn ask(&mut self, open: &Open, picked: Option<usize>) {
        match (picked, open.predict()) {
            (Some(_), _) => self.say("Are you sure?"),
            (None, Some(predict)) => self.say_text("Question: ", &predict.ask),
            (None, None) => {}
        }
        for (at, choice) in choices(open).iter().enumerate() {
            self.say_text(&format!("{}. ", at + 1), choice);
        }
        self.say(match picked {
            Some(_) => format!("Type a number; {}.", zero(open)),
            None => format!("Type the number of your answer; {}. Nothing is counted.", zero(open)),
        });
    }

    fn say_task(&mut self, world: &World, open: &Open) {
        let Some(step) = open.step() else { return };
        self.say_text("Task: ", &step.task);
        let shown = world.shown();
        match shown.as_slice() {
            [] => {}
            [one] if one.contains(HOLE) => {
                self.say(format!("Command with a gap; :run and a word fill it: {}", one.replace(HOLE, GAP)));
            }
            [one] => self.say(format!("Command; :run runs it: {one}")),
            lines => {
                self.say(format!("{} commands; :run runs the next:", lines.len()));
                self.say_all(lines.iter().map(|line| line.replace(HOLE, GAP)));
            }
        }
        if open.is_done() && !open.is_green() {
            self.say("You did this step before. :next goes on.");
            self.step.done = true;
        } else {
            self.checks_due = !self.step.done;
        }
    }

    /// How the checks stand, once they were looked at.
    pub(super) fn list_checks(&mut self, world: &World) {
        let Some(open) = world.lesson.as_ref().filter(|open| open.looked && open.asking.is_none()) else { return };
        let Some(step) = open.step().filter(|_| self.checks_due) else { return };
        self.checks_due = false;
        self.step.passed.clone_from(&open.passed);
        for (check, passed) in step.checks.iter().zip(&open.passed) {
            self.say(format!("{}{}", if *passed { "Done: " } else { "Not yet: " }, said(&check.say)));
        }
        self.say_done(world);
    }

    /// The checks were looked at.
    pub(super) fn checks(&mut self, world: &World) {
        let Some(open) = world.lesson.as_ref().filter(|open| open.looked && open.asking.is_none()) else { return };
        if self.checks_due || self.step.passed == open.passed {
            return;
        }
        let Some(step) = open.step() else { return };
        self.news(world);
        let before = std::mem::replace(&mut self.step.passed, open.passed.clone());
        for (at, check) in step.checks.iter().enumerate() {
            match (before.get(at).copied().unwrap_or(false), open.passed.get(at).copied().unwrap_or(false)) {
                (false, true) => self.say(format!("Done: {}", said(&check.say))),
                (true, false) => self.say(format!("No longer so: {}", said(&check.say))),
                _ => {}
            }
        }
        self.say_done(world);
    }

    fn say_done(&mut self, world: &World) {
        let Some(open) = world.lesson.as_ref().filter(|open| open.is_green() && !self.step.done) else { return };
        let Some(step) = open.step() else { return };
        self.step.done = true;
        self.say(format!("Step {} is done. What you saw:", open.step + 1));
        if let Some(predict) = open.predict() {
            self.say_text("", &course::taken_up(predict, open.prediction()));
        }
        self.say_text("", &step.debrief);
        if !open.is_last() {
            self.say("Type :next to go on.");
            return;
        }
        self.say(match open.skipped() {
            None => "The lesson is done. You can now answer:".to_owned(),
            Some(skipped) => format!("The last step is done. {skipped} The whole lesson answers:"),
        });
        for line in open.lesson.summary.iter().take(3) {
            self.say_text("", line);
        }
        self.say(match world.next_lesson() {
            Some(card) => format!("Type :next for the next lesson, {}.", sanitize_line(&card.title)),
            None if world.is_through() => "It was the last one. Type :next for what you have done.".to_owned(),
            None => "It was the last one. Type :next for the course.".to_owned(),
        });
    }

    /// Says what changed in the step.
    pub(super) fn compare_step(&mut self, world: &World) {
        let Some(open) = &world.lesson else { return };
        let asking = open.asking.map(|asking| asking.picked);
        if self.asking != asking {
            self.asking = asking;
            self.asked(world, open);
        }
        let Some(step) = open.step() else { return };
        for at in self.step.hints..open.hints {
            if let Some(hint) = step.hints.get(at) {
                let label = format!("Hint {} of {}: ", at + 1, step.hints.len());
                match hint.trim() == step.solution().join("\n").trim() {
                    true => self.say(format!("{label}{}", hint.trim())),
                    false => self.say_text(&label, hint),
                }
            }
        }
        self.step.hints = open.hints;
    }

    /// Says what helps with what is not done, each thing once.
    pub(super) fn remarks(&mut self, world: &World) {
        let Some(open) = world.lesson.as_ref().filter(|open| !open.is_green() && open.asking.is_none()) else { return };
        let Some(step) = open.step() else { return };
        let unmet: Vec<_> = step.checks.iter().zip(&open.passed).filter(|(_, passed)| !**passed).collect();
        // The last one that is left has a word of its own.
        let last = match unmet.as_slice() {
            [(check, _)] if step.checks.len() > 1 => check.hint.as_ref(),
            _ => None,
        };
        if let Some(hint) = last
            && !std::mem::replace(&mut self.step.last, true)
        {
            self.say_text("Not yet: ", hint);
        }
        if self.step.wrong != open.wrong && open.wrong.is_some() {
            self.step.wrong.clone_from(&open.wrong);
            if let Some(wrong) = open.wrong.as_ref().filter(|wrong| last != Some(*wrong)) {
                self.say_text("", wrong);
            }
        }
        if self.step.near == open.near {
            return;
        }
        let before = std::mem::replace(&mut self.step.near, open.near.clone());
        for (at, (check, near)) in step.checks.iter().zip(&open.near).enumerate() {
            let is_new = before.get(at) != Some(near) && open.wrong.is_none() && last.is_none();
            if let Some(near) = near.as_ref().filter(|_| is_new) {
                self.say(format!("Not yet: {}. {}", said(&check.say), sentence(near)));
            }
        }
    }

    /// An answer was picked, the question was answered, taken back or passed.
    fn asked(&mut self, world: &World, open: &Open) {
        match self.asking {
            Some(Some(picked)) => {
                let answer = open.predict().and_then(|predict| predict.answers.get(picked));
                self.say_text("You say: ", answer.map_or("", |answer| answer.text.as_str()));
                self.ask(open, Some(picked));
            }
            Some(None) => self.ask(open, None),
            // What was done without an answer says so by its checks.
            None if open.is_green() => {}
            None => self.say_task(world, open),
        }
    }

    /// Answers by number; 0 takes back, or passes.
    pub(super) fn answer(&mut self, world: &World, line: &str) -> Vec<Msg> {
        let Some(open) = &world.lesson else { return Vec::new() };
        let rows = choices(open).len();
        let number = line.trim_end_matches('.').parse::<usize>().ok().filter(|number| *number <= rows.min(9));
        let digit =
            number.and_then(|number| u32::try_from(number).ok()).and_then(|number| char::from_digit(number, 10));
        match digit {
            Some('0') => vec![key(Code::Esc)],
            Some(digit) => vec![Msg::Key(keys::char(digit)), key(Code::Enter)],
            None => {
                let numbers = if rows == 2 { "1 or 2".to_owned() } else { format!("a number from 1 to {rows}") };
                let zero = zero(open);
                self.say(format!("The question comes first. Type {numbers}; {zero}. :help says what else there is."));
                Vec::new()
            }
        }
    }

    /// Whether a line is the step's command with its gap still open.
    pub(super) fn has_gap(&self, world: &World, line: &str) -> bool {
        let open = world.lesson.as_ref().and_then(Open::step).is_some_and(|step| step.suggest.contains(HOLE));
        open && (line.contains(HOLE) || world.suggestion().is_some_and(|shown| shown.replace(HOLE, GAP) == line.trim()))
    }

    /// The task again, and how far it is.
    pub(super) fn task(&mut self, world: &World) -> Vec<Msg> {
        let Some(open) = &world.lesson else {
            self.say("No lesson is open.");
            return Vec::new();
        };
        self.tell(world, open);
        if self.step.done {
            self.say("The step is done. :next goes on.");
            return Vec::new();
        }
        if open.asking.is_none() {
            self.list_checks(world);
            if let Some(wrong) = &open.wrong {
                self.say_text("", wrong);
            }
        }
        Vec::new()
    }

    /// What is still to be done, one line a check.
    pub(super) fn say_unmet(&mut self, open: &Open) {
        let checks = open.step().map_or(&[][..], |step| step.checks.as_slice());
        for (check, _) in checks.iter().zip(&open.passed).filter(|(_, passed)| !**passed) {
            self.say(format!("Not yet: {}", said(&check.say)));
        }
    }

    /// Runs the command that the step shows, with its gap filled.
    pub(super) fn run_shown(&mut self, world: &World, word: &str) -> Vec<Msg> {
        let Some(line) = world.suggestion() else {
            self.say("This step shows no command: it is yours to find. :hint helps.");
            return Vec::new();
        };
        if line.contains(HOLE) && word.is_empty() {
            self.say(format!("The command has a gap: {}. Type :run and what belongs there.", line.replace(HOLE, GAP)));
            return Vec::new();
        }
        if !line.contains(HOLE) && !word.is_empty() {
            self.say("The command has no gap to fill. :run alone runs it.");
            return Vec::new();
        }
        let line = line.replacen(HOLE, word, 1);
        self.say(format!("Runs: {line}"));
        vec![Msg::Paste(line), key(Code::Enter)]
    }

    /// What happened by itself, since it was told last.
    pub(super) fn news(&mut self, world: &World) {
        if world.lesson.as_ref().is_none_or(|open| open.asking.is_some()) {
            return;
        }
        let story = &world.panes.objects.index.story;
        let told = self.story.as_ref().and_then(|told| story.iter().rposition(|line| line == told));
        let fresh: Vec<_> = story.iter().skip(told.map_or(0, |at| at + 1)).map(|(_, said)| spoken(said)).collect();
        self.story = story.back().cloned();
        let more = fresh.len().saturating_sub(NEWS);
        self.say_all(fresh.into_iter().take(NEWS).map(|line| format!("Meanwhile: {line}")));
        if more > 0 {
            self.say(format!("Meanwhile: {more} more changes. :objects says what is there now."));
        }
        if std::mem::take(&mut self.token) {
            self.say("A token came by: :token says what is in it.");
        }
        if let Some(code) = self.refused.take() {
            self.say(format!("A request was refused with {code}: :why says what decided it."));
        }
        self.pod(world);
    }

    /// What the followed pod says in its log. Times and counts in it are no news.
    fn pod(&mut self, world: &World) {
        let Some(open) = &world.lesson else { return };
        let (Some(pod), Some((line, _))) = (&open.lesson.follow, &open.said) else { return };
        let words: String = line.chars().filter(|c| c.is_alphabetic()).collect();
        if self.pod.as_ref() != Some(&words) {
            self.pod = Some(words);
            self.say(format!("The log of {}: {line}", sanitize_line(pod)));
        }
    }
}

/// What 0 does at the question as it stands.
pub(super) fn zero(open: &Open) -> &'static str {
    match open.asking.and_then(|asking| asking.picked) {
        Some(_) => "0 goes back to the answers",
        None => "0 passes",
    }
}

/// What a check says, within a sentence.
fn said(text: &str) -> String {
    keyless(prose(text).join(" ").trim_end_matches('.'))
}
