//! Reads a lesson as a strict editor would: what can be parsed can still be unfair, unproven or in the wrong voice.

mod support;
#[cfg(test)]
mod tests;

use super::fault::Fault;
use super::load::Source;
use super::locate::{Located, Path};
use super::model::{Answer, Check, Lesson, ObjectTest, Predict, RanTest, SentTest, Step, Test};
use super::objects::{KINDS, Kind};
use super::words;
use crate::apimachinery::Release;
use crate::base::{Order as _, nearest};

/// The longest text before there is something to do.
const LINES: usize = 12;
/// The width the text is read at.
const WIDTH: usize = 80;
/// From so many letters on, an answer's words in the text give it away; shorter ones may stand there by chance.
const TELLING: usize = 7;
/// The longest summary.
const SUMMARY: usize = 3;
/// The most releases that are compared at once.
const COMPARED: usize = 3;
/// Words that tell the reader they ought to find it easy.
const FORBIDDEN: &[&str] = &["simply", "just", "as you know", "obviously", "trivial"];
/// What can be filled in on a real cluster.
const PLACEHOLDERS: &[&str] = &["{{namespace}}", "{{image}}"];

/// Every fault of a lesson that could be read.
pub fn lint(source: &Source, lesson: &Lesson) -> Vec<Fault> {
    let mut page = Page { source, located: Located::new(&source.text), faults: Vec::new() };
    page.lesson(lesson);
    page.faults.order();
    page.faults
}

struct Page<'a> {
    source: &'a Source,
    located: Located<'a>,
    faults: Vec<Fault>,
}

impl Page<'_> {
    fn fault(&mut self, path: &Path, message: impl Into<String>, instead: impl Into<String>) {
        let (line, column) = self.located.position(path);
        let (message, instead) = (message.into(), instead.into());
        self.faults.push(Fault { file: self.source.file.clone(), line, column, message, instead });
    }

    fn lesson(&mut self, lesson: &Lesson) {
        let top = Path::default();
        self.name(&top.key("id"), &lesson.id);
        let file = self.source.file.rsplit(['/', '\\']).next().unwrap_or_default();
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        if stem.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches('-') != lesson.id {
            let instead = format!("the file's name without its number, or rename the file to `{}.yaml`", lesson.id);
            self.fault(&top.key("id"), format!("the file `{file}` holds the lesson `{}`", lesson.id), instead);
        }
        self.prose(&top.key("title"), &lesson.title, 1);
        if !(1..=60).contains(&lesson.minutes) {
            self.fault(
                &top.key("minutes"),
                "a lesson takes from 1 to 60 minutes",
                "about how long it takes, such as 7",
            );
        }
        if lesson.releases.is_empty() {
            self.fault(&top.key("releases"), "the lesson is proved on no release", "at least `[\"1.36\"]`");
        }
        self.lines(&top.key("start"), &lesson.start);
        for (name, content) in &lesson.files {
            let path = top.key("files").key(name);
            if name.is_empty() || name.contains('/') || name.starts_with('.') {
                self.fault(&path, format!("`{name}` is no plain file name"), "a name such as `pod.yaml`");
            }
            self.placeholders(&path, content);
        }
        if lesson.steps.is_empty() {
            self.fault(&top.key("steps"), "the lesson has no steps", "at least one step");
        }
        for (index, step) in lesson.steps.iter().enumerate() {
            let path = top.key("steps").at(index);
            if lesson.steps[..index].iter().any(|other| other.id == step.id) {
                let message = format!("two steps are called `{}`", step.id);
                self.fault(&path.key("id"), message, "a name of its own");
            }
            self.step(&path, step);
        }
        self.fading(lesson);
        self.places(lesson);
        self.summary(&top.key("summary"), &lesson.summary);
        self.proofs(lesson);
    }

    fn summary(&mut self, path: &Path, summary: &[String]) {
        if summary.is_empty() || summary.len() > SUMMARY {
            let message = format!("the summary has {} lines", summary.len());
            self.fault(path, message, format!("one to {SUMMARY} lines: what one can now answer"));
        }
        for (index, line) in summary.iter().enumerate() {
            self.prose(&path.at(index), line, 2);
        }
    }

    /// Solutions and mistakes: they must be about steps that are there, and promise what is said.
    fn proofs(&mut self, lesson: &Lesson) {
        let top = Path::default();
        let steps: Vec<&str> = lesson.steps.iter().map(|step| step.id.as_str()).collect();
        let meant = |id: &str| match nearest(id, steps.iter().copied()) {
            Some(step) => format!("did you mean `{step}`?"),
            None => format!("one of `{}`", steps.join("`, `")),
        };
        for (index, step) in lesson.steps.iter().enumerate() {
            let own = step.solution();
            if !lesson.solutions.iter().any(|ways| ways.get(&step.id).is_some_and(|way| *way != own)) {
                let instead =
                    "another right way in `solutions:`, such as `kubectl get sa` for `kubectl get serviceaccounts`";
                let message = format!("step `{}` is proved in one spelling alone", step.id);
                self.fault(&top.key("steps").at(index).key("id"), message, instead);
            }
        }
        for (index, solution) in lesson.solutions.iter().enumerate() {
            let path = top.key("solutions").at(index);
            if solution.is_empty() {
                self.fault(&path, "the solution solves nothing", "step: [command lines]");
            }
            for (step, lines) in solution {
                if lesson.step(step).is_none() {
                    self.fault(&path.key(step), format!("there is no step `{step}`"), meant(step));
                }
                self.lines(&path.key(step), lines);
            }
        }
        for (index, mistake) in lesson.mistakes.iter().enumerate() {
            let path = top.key("mistakes").at(index);
            self.lines(&path.key("do"), &mistake.commands);
            let Some((_, step)) = lesson.step(&mistake.step) else {
                self.fault(&path.key("step"), format!("there is no step `{}`", mistake.step), meant(&mistake.step));
                continue;
            };
            if !step.wrong.iter().any(|wrong| wrong.say.contains(&mistake.hears)) {
                let message = format!("nothing in step `{}` says {:?}", step.id, mistake.hears);
                self.fault(&path.key("hears"), message, "a part of what one of the step's `wrong` says");
            }
        }
    }

    fn step(&mut self, path: &Path, step: &Step) {
        self.name(&path.key("id"), &step.id);
        self.prose(&path.key("text"), &step.text, LINES);
        self.prose(&path.key("task"), &step.task, 3);
        self.prose(&path.key("debrief"), &step.debrief, LINES);
        self.support(path, step);
        self.lines(&path.key("solution"), &step.solution);
        self.lines(&path.key("start"), &step.start);
        if !step.start.is_empty() && step.release.is_none() {
            let instead = "the lesson's own `start:`, or a `release:` for the step";
            self.fault(&path.key("start"), "only a step with a release of its own starts afresh", instead);
        }
        let repeats = |(at, release): (usize, &Release)| step.compare[..at].contains(release);
        if step.compare.len() == 1 || step.compare.len() > COMPARED || step.compare.iter().enumerate().any(repeats) {
            self.fault(&path.key("compare"), "these are no releases to compare", "two or three of them, each once");
        }
        if let Some(predict) = &step.predict {
            self.predict(&path.key("predict"), predict, step);
        }
        if step.checks.is_empty() {
            self.fault(&path.key("checks"), "nothing says when the step is done", "at least one check");
        }
        for (index, check) in step.checks.iter().enumerate() {
            self.check(&path.key("checks").at(index), check, step);
        }
        for (index, wrong) in step.wrong.iter().enumerate() {
            let path = path.key("wrong").at(index);
            self.test(&path.key("when"), &wrong.when);
            self.prose(&path.key("say"), &wrong.say, 4);
        }
        self.hints(&path.key("hints"), step);
    }

    fn predict(&mut self, path: &Path, predict: &Predict, step: &Step) {
        self.prose(&path.key("ask"), &predict.ask, 3);
        let answers = path.key("answers");
        if predict.answers.len() < 2 {
            self.fault(&answers, "there is nothing to choose from", "at least two answers");
        }
        match predict.answers.iter().filter(|answer| answer.right).count() {
            0 => self.fault(&answers, "no answer is right", "`right: true` at the one that is so"),
            1 => {}
            _ => self.fault(&answers, "two answers are right", "`right: true` at one of them"),
        }
        // The text and the question are read before the answer is given; the task and the checks come after it.
        let told = folded(&format!("{} {}", step.text, predict.ask));
        let is_named = |answer: &Answer| {
            let words = folded(&answer.text);
            words.trim().chars().count() >= TELLING && told.contains(&words)
        };
        // A text that names a wrong one as well leaves it open.
        let named: Vec<usize> = (0..predict.answers.len()).filter(|at| is_named(&predict.answers[*at])).collect();
        if let [only] = named[..]
            && predict.answers[only].right
        {
            let message = format!("the text above the question says {:?}", predict.answers[only].text);
            self.fault(&answers.at(only), message, "a text that leaves it to be found out");
        }
        for (index, answer) in predict.answers.iter().enumerate() {
            self.prose(&answers.at(index).key("text"), &answer.text, 1);
            self.prose(&answers.at(index).key("say"), &answer.say, 4);
        }
    }

    fn check(&mut self, path: &Path, check: &Check, step: &Step) {
        self.prose(&path.key("say"), &check.say, 1);
        if let Some(hint) = &check.hint {
            self.prose(&path.key("hint"), hint, 3);
        }
        self.test(path, &check.test);
        let mut wanted = Vec::new();
        commands(&check.test, &mut wanted);
        let solved = |ran: &RanTest| step.solution().iter().any(|line| words::says(line, &ran.command));
        if let Some(ran) = wanted.first().filter(|_| !wanted.iter().any(|ran| solved(ran))) {
            let message = format!("the step's own solution never runs `{}`", ran.command);
            self.fault(path, message, "words that the solution has, or a solution that has the words");
        }
    }

    fn test(&mut self, path: &Path, test: &Test) {
        match test {
            Test::Object(object) => self.object(&path.key("object"), object),
            Test::CanI(can_i) => {
                if can_i.user.is_empty() || can_i.verb.is_empty() || can_i.resource.is_empty() {
                    let instead = "as: system:serviceaccount:NAMESPACE:NAME, verb: list, resource: pods";
                    self.fault(&path.key("canI"), "who may do what is left open", instead);
                }
                self.placeholders(&path.key("canI").key("as"), &can_i.user);
            }
            Test::Ran(ran) => {
                let sent = path.key("ran").key("sent");
                let path = path.key("ran").key("command");
                if ran.command.trim().is_empty() {
                    self.fault(&path, "every command would do", "the words the command must have: `kubectl get sa`");
                }
                self.placeholders(&path, &ran.command);
                if let Some(test) = &ran.sent {
                    self.sent(&sent, test);
                }
            }
            Test::Token(token) => {
                let path = path.key("token");
                if token.claims.is_empty() && token.has.is_empty() {
                    self.fault(&path, "every token would do", "claims: {/sub: system:serviceaccount:NAMESPACE:NAME}");
                }
                for pointer in token.claims.keys() {
                    self.pointer(&path.key("claims").key(pointer), pointer);
                }
                for (index, pointer) in token.has.iter().enumerate() {
                    self.pointer(&path.key("has").at(index), pointer);
                }
            }
            Test::Logs(logs) => {
                let path = path.key("logs");
                if logs.pod.is_empty() || logs.output.is_empty() {
                    self.fault(&path, "every line would do", "pod: NAME, output: a part of the line");
                }
            }
            Test::Any(tests) => {
                let path = path.key("any");
                if tests.is_empty() {
                    self.fault(&path, "none of nothing is enough", "at least one test");
                }
                for (index, test) in tests.iter().enumerate() {
                    self.test(&path.at(index), test);
                }
            }
        }
    }

    fn sent(&mut self, path: &Path, sent: &SentTest) {
        if sent.claims.is_empty() && sent.has.is_empty() && sent.outlived.is_none() {
            self.fault(path, "every token would do", "outlived: Pod, or claims: {/aud/0: vault}");
        }
        for pointer in sent.claims.keys() {
            self.pointer(&path.key("claims").key(pointer), pointer);
        }
        for (index, pointer) in sent.has.iter().enumerate() {
            self.pointer(&path.key("has").at(index), pointer);
        }
        let outlived = sent.outlived.as_deref().unwrap_or("Pod");
        if !matches!(outlived, "Pod" | "ServiceAccount" | "Secret") {
            let message = format!("no token is made for a `{outlived}`");
            self.fault(&path.key("outlived"), message, "`Pod`, `ServiceAccount` or `Secret`");
        }
    }

    fn object(&mut self, path: &Path, object: &ObjectTest) {
        if Kind::named(&object.kind).is_none() {
            let kinds: Vec<&str> = KINDS.iter().map(|kind| kind.kind).collect();
            let instead = match nearest(&object.kind, kinds.iter().copied()) {
                Some(kind) => format!("did you mean `{kind}`?"),
                None => format!("one of `{}`", kinds.join("`, `")),
            };
            self.fault(&path.key("kind"), format!("checks cannot look at a `{}`", object.kind), instead);
        }
        if object.name.is_some() && object.labels.is_some() {
            self.fault(&path.key("labels"), "a name and labels are given", "one of the two");
        }
        if object.labels.as_deref().is_some_and(|labels| labels.contains(char::is_whitespace)) {
            self.fault(&path.key("labels"), "a label selector has no spaces", "app=web,tier=front");
        }
        for pointer in object.fields.keys() {
            self.pointer(&path.key("fields").key(pointer), pointer);
        }
        for (index, pointer) in object.has.iter().enumerate() {
            self.pointer(&path.key("has").at(index), pointer);
        }
    }

    /// RFC 6901: empty, or parts that each begin with `/`; `~` is written `~0` and `/` within a part `~1`.
    fn pointer(&mut self, path: &Path, pointer: &str) {
        let escaped = pointer.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
        if !(pointer.starts_with('/') && escaped) {
            let instead = "`/spec/serviceAccountName`; write `~1` for a `/` within a name";
            self.fault(path, format!("`{pointer}` is no JSON pointer"), instead);
        }
    }

    /// Lower-case words with hyphens: what can be typed and can be a file's name.
    fn name(&mut self, path: &Path, name: &str) {
        let clean = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        if !name.split('-').all(clean) {
            let instead = "lower-case words with hyphens, such as `create-token`";
            self.fault(path, format!("`{name}` is no name"), instead);
        }
    }

    fn lines(&mut self, path: &Path, lines: &[String]) {
        for (index, line) in lines.iter().enumerate() {
            self.command(&path.at(index), line);
        }
    }

    fn command(&mut self, path: &Path, line: &str) {
        if line.trim().is_empty() || line.contains('\n') {
            self.fault(path, "this is not one command line", "one command line, such as `kubectl get sa`");
        }
        self.placeholders(path, line);
    }

    fn placeholders(&mut self, path: &Path, text: &str) {
        for rest in text.split("{{").skip(1) {
            let name = rest.split("}}").next().unwrap_or_default();
            let whole = format!("{{{{{name}}}}}");
            if !PLACEHOLDERS.contains(&whole.as_str()) {
                let instead = format!("one of `{}`", PLACEHOLDERS.join("`, `"));
                self.fault(path, format!("nothing fills in `{{{{{name}`"), instead);
            }
        }
    }

    /// What the learner reads: there, short, and in the voice of the course.
    fn prose(&mut self, path: &Path, text: &str, most: usize) {
        self.placeholders(path, text);
        let length: usize = text.trim_end().lines().map(|line| line.chars().count().div_ceil(WIDTH).max(1)).sum();
        if length == 0 {
            self.fault(path, "there is nothing to read here", "a sentence");
        }
        if length > most {
            let message = format!("the text is {length} lines of {WIDTH} columns long");
            self.fault(path, message, format!("at most {most}; one new idea a step"));
        }
        let plain = without_code(text);
        let lower = plain.to_lowercase();
        for word in FORBIDDEN {
            let whole = lower.match_indices(word).any(|(at, _)| {
                let letter = |c: char| c.is_alphanumeric();
                !lower[..at].ends_with(letter) && !lower[at + word.len()..].starts_with(letter)
            });
            if whole {
                self.fault(path, format!("the text says \"{word}\""), "the same sentence without it");
            }
        }
        if plain.contains('!') {
            self.fault(path, "the text has an exclamation mark", "a full stop");
        }
    }
}

/// The commands a check accepts.
fn commands<'a>(test: &'a Test, into: &mut Vec<&'a RanTest>) {
    match test {
        Test::Ran(ran) => into.push(ran),
        // Another way in means that the command is no must.
        Test::Any(tests) if tests.iter().all(|test| matches!(test, Test::Ran(_))) => {
            tests.iter().for_each(|test| commands(test, into));
        }
        _ => {}
    }
}

/// The words of a text, in lower case, with a space around each: marks and the ends of lines do not tell two texts apart.
fn folded(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '_').filter(|word| !word.is_empty());
    let words: Vec<String> = words.map(str::to_lowercase).collect();
    format!(" {} ", words.join(" "))
}

/// The text without what stands between backticks: code has its own words.
fn without_code(text: &str) -> String {
    let mut fenced = false;
    let mut plain = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            plain.extend(line.split('`').step_by(2));
            plain.push('\n');
        }
    }
    plain
}
