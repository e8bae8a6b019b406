//! The shape of a lesson.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::apimachinery::Release;

/// In a suggested command: what the learner fills in.
pub const HOLE: &str = "___";

/// A lesson: one file, one idea a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Lesson {
    /// Its name on the command line; also the file's name.
    pub id: String,
    /// Its title on the screen.
    pub title: String,
    /// About how long it takes, in minutes.
    pub minutes: u16,
    /// What it is about, in a sentence that gives nothing away: the list shows it of a lesson that is not done.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// Exam objectives it serves.
    #[serde(default)]
    pub objectives: Vec<String>,
    /// The releases it is proved on; the first is the default.
    #[schemars(with = "Vec<String>")]
    pub releases: Vec<Release>,
    /// Files the learner finds in their home directory: name → content.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// Command lines run unseen on a fresh cluster before the first step.
    #[serde(default)]
    pub start: Vec<String>,
    /// A pod whose last line of log is always in sight, by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follow: Option<String>,
    /// Why only the simulator can show this lesson, in a sentence without its full stop. On a real cluster it then runs
    /// beside that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub simulator: Option<String>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// What one can now answer: at most three lines.
    pub summary: Vec<String>,
    /// Other right ways through the lesson: step → command lines. A step left out is solved its own way.
    #[serde(default)]
    pub solutions: Vec<BTreeMap<String, Vec<String>>>,
    /// Wrong turns people take, and what they should hear.
    #[serde(default)]
    pub mistakes: Vec<Mistake>,
}

/// A step: text, a task, checks that go green, hints, a debrief.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Step {
    /// Its name within the lesson.
    pub id: String,
    /// The release this step needs when it is not the lesson's. The step then has a fresh simulator of that release
    /// to itself, beside the lesson's cluster, with the lesson's files and this step's `start`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub release: Option<Release>,
    /// Two or three releases on which the step's commands are worth comparing: the step says so, and `F5` begins with them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<String>")]
    pub compare: Vec<Release>,
    /// Command lines run unseen when the step begins, where it has a cluster to itself (see `release`).
    #[serde(default)]
    pub start: Vec<String>,
    /// Markdown: what is so, and why it matters.
    pub text: String,
    /// A question to answer before doing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predict: Option<Predict>,
    /// What to do, in one sentence of Markdown.
    pub task: String,
    /// How much of the command stands in the step: all of it (`worked`), all but a hole (`blank`), nothing (`alone`).
    #[serde(default)]
    pub support: Support,
    /// A command line that can be put on the prompt with one key. In a step with a hole to fill, `___` is the hole: the
    /// cursor goes there, and `solution` has the whole line. Left out where nothing is suggested, and where `solution`
    /// has more than one line: those are put on the prompt one after the other.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub suggest: String,
    /// What must be so for the step to be done. All of them.
    pub checks: Vec<Check>,
    /// What people do instead, and what they should hear.
    #[serde(default)]
    pub wrong: Vec<Wrong>,
    /// From a question to the answer; opened one by one.
    pub hints: Vec<String>,
    /// Markdown: why it worked.
    pub debrief: String,
    /// Command lines that solve the step; the suggestion when left out.
    #[serde(default)]
    pub solution: Vec<String>,
}

/// How much of the command stands in a step. It fades over a lesson.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Support {
    /// The command stands there: one that the learner has not met before.
    #[default]
    Worked,
    /// The command with a hole to fill.
    Blank,
    /// The task only.
    Alone,
}

/// What the learner would rather have, whatever the lesson says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Wish {
    /// As each step says.
    #[default]
    Lesson,
    /// Every command stands there.
    Guided,
    /// None does.
    Alone,
}

impl Wish {
    /// The one after this, and after the last the first.
    pub fn next(self) -> Self {
        match self {
            Self::Lesson => Self::Guided,
            Self::Guided => Self::Alone,
            Self::Alone => Self::Lesson,
        }
    }

    /// What it does, in a sentence.
    pub fn explain(self) -> &'static str {
        match self {
            Self::Lesson => "Commands are shown as each lesson says.",
            Self::Guided => "Guided: every command is shown.",
            Self::Alone => "On my own: no command is shown, and F2 opens hints.",
        }
    }

    /// Its name on the screen.
    pub fn say(self) -> &'static str {
        match self {
            Self::Lesson => "as the lesson says",
            Self::Guided => "guided",
            Self::Alone => "on my own",
        }
    }
}

impl Lesson {
    /// The step of this name and its position.
    pub fn step(&self, id: &str) -> Option<(usize, &Step)> {
        self.steps.iter().enumerate().find(|(_, step)| step.id == id)
    }

    /// The command lines that bring a fresh cluster to where the step at `index` begins.
    ///
    /// On the lesson's cluster: its start, then the solutions of the steps before. A step with a release of its own
    /// begins with its own start.
    pub fn lines_before(&self, index: usize) -> Vec<String> {
        match self.steps.get(index) {
            Some(step) if step.release.is_some() => step.start.clone(),
            _ => {
                let before = self.steps.iter().take(index).filter(|step| step.release.is_none());
                self.start.iter().cloned().chain(before.flat_map(Step::solution)).collect()
            }
        }
    }

    /// The lesson with its placeholders filled in: `{{namespace}}` and `{{image}}`, wherever they stand.
    ///
    /// The simulator's are `default` and `my-kubernetes-dashboard`.
    pub fn for_cluster(&self, namespace: &str, image: &str) -> Self {
        let fill = |text: &str| text.replace("{{namespace}}", namespace).replace("{{image}}", image);
        let filled = serde_json::to_value(self).and_then(|lesson| serde_json::from_value(map_texts(lesson, &fill)));
        // A lesson is made of texts, numbers and lists, so it survives the way there and back.
        filled.unwrap_or_else(|_| self.clone())
    }
}

fn map_texts(value: serde_json::Value, with: &impl Fn(&str) -> String) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::String(text) => Value::String(with(&text)),
        Value::Array(items) => items.into_iter().map(|item| map_texts(item, with)).collect(),
        Value::Object(map) => map.into_iter().map(|(key, item)| (with(&key), map_texts(item, with))).collect(),
        other => other,
    }
}

impl Step {
    /// The command lines that solve the step.
    pub fn solution(&self) -> Vec<String> {
        if self.solution.is_empty() { vec![self.suggest.clone()] } else { self.solution.clone() }
    }

    /// How much of the command the learner is shown.
    pub fn support(&self, wish: Wish) -> Support {
        match wish {
            Wish::Lesson => self.support,
            Wish::Guided => Support::Worked,
            Wish::Alone => Support::Alone,
        }
    }

    /// The command lines that stand in the step.
    pub fn shown(&self, wish: Wish) -> Vec<String> {
        match self.support(wish) {
            Support::Worked => self.solution(),
            Support::Blank => vec![self.suggest.clone()],
            Support::Alone => Vec::new(),
        }
    }
}

/// A question asked before the doing. Answers never count against the learner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Predict {
    /// The question.
    pub ask: String,
    /// The answers to choose from, in the order shown.
    pub answers: Vec<Answer>,
}

/// One answer to a [`Predict`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// What the learner picks.
    pub text: String,
    /// Whether it is so.
    #[serde(default)]
    pub right: bool,
    /// What they hear after picking it.
    pub say: String,
}

/// One thing that must be so. In YAML the test stands beside `say`: `object:`, `canI:`, `ran:`, `token:`,
/// `logs:` or `any:`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "WrittenCheck", into = "WrittenCheck")]
pub struct Check {
    /// The line that turns green: `dashboard-sa exists`.
    pub say: String,
    /// How to find out.
    pub test: Test,
    /// What to hear while it is not so although the other checks are.
    pub hint: Option<String>,
}

/// A way to look at the cluster, or at what the learner did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "WrittenTest", into = "WrittenTest")]
pub enum Test {
    /// An object is there (or is not) and its fields have these values.
    Object(ObjectTest),
    /// What an account may do, asked of the cluster.
    CanI(CanITest),
    /// The learner ran a command like this, in this step, and it ended like this.
    Ran(RanTest),
    /// A token was seen in this step's output, with these claims.
    Token(TokenTest),
    /// What a pod's log says last.
    Logs(LogsTest),
    /// One of these is enough.
    Any(Vec<Test>),
}

/// An object is there, or is not.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ObjectTest {
    /// `ServiceAccount`, `Pod`, …
    pub kind: String,
    /// Its name; for an object with a generated name, leave it out and give `labels`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `app=web` in the form of a label selector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<String>,
    /// Whether no such object may be there.
    #[serde(default, skip_serializing_if = "is_false")]
    pub absent: bool,
    /// JSON pointer → the value it must have; `null` means the field must not be there.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, serde_json::Value>,
    /// JSON pointers to fields that must be there, whatever their value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub has: Vec<String>,
    /// Whether it must have been made since the step began.
    #[serde(default, skip_serializing_if = "is_false")]
    pub new: bool,
}

/// What an account may do in the lesson's namespace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CanITest {
    /// The user, in full: `system:serviceaccount:NS:NAME`.
    #[serde(rename = "as")]
    pub user: String,
    /// `list`
    pub verb: String,
    /// `pods`, `serviceaccounts/token`, `deployments.apps`
    pub resource: String,
    /// What the answer must be.
    pub allowed: bool,
}

/// A command was run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RanTest {
    /// Words that the command line must have, in this order, with anything between them: `kubectl describe sa`.
    /// `get|describe` allows either; `sa`, `serviceaccount` and `serviceaccounts` are one word, as are `pod/x` and `pod x`.
    pub command: String,
    /// Words of which it may have none: `-n|-A`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without: Option<String>,
    /// Whether it had to succeed (`true`), to fail (`false`), or either (left out).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub succeeds: Option<bool>,
    /// Text that its output (both streams) must contain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// The token that it must have sent: one that this cluster signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<SentTest>,
}

/// A token was sent by a command: by `curl`, or by `kubectl`, which was handed it in its words or its input.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SentTest {
    /// JSON pointer into the claims → value; `null` means the claim must not be there.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub claims: BTreeMap<String, serde_json::Value>,
    /// JSON pointers to claims that must be there, whatever their value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub has: Vec<String>,
    /// `Pod`, `ServiceAccount` or `Secret`: the one that the token names by name and uid must be there no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlived: Option<String>,
}

/// A token was seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenTest {
    /// JSON pointer into the claims → value; `null` means the claim must not be there.
    #[serde(default)]
    pub claims: BTreeMap<String, serde_json::Value>,
    /// JSON pointers to claims that must be there, whatever their value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub has: Vec<String>,
}

/// What a pod's log says last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogsTest {
    /// The pod's name.
    pub pod: String,
    /// Text that the last line must contain.
    pub output: String,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// A test as it is written: one key names what is looked at.
#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenTest {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    object: Option<ObjectTest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    can_i: Option<CanITest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ran: Option<RanTest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<TokenTest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    logs: Option<LogsTest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    any: Option<Vec<Test>>,
}

impl TryFrom<WrittenTest> for Test {
    type Error = &'static str;

    fn try_from(written: WrittenTest) -> Result<Self, Self::Error> {
        let mut tests = [
            written.object.map(Self::Object),
            written.can_i.map(Self::CanI),
            written.ran.map(Self::Ran),
            written.token.map(Self::Token),
            written.logs.map(Self::Logs),
            written.any.map(Self::Any),
        ]
        .into_iter()
        .flatten();
        match (tests.next(), tests.next()) {
            (Some(test), None) => Ok(test),
            (None, _) => Err(NO_TEST),
            (Some(_), Some(_)) => Err(TWO_TESTS),
        }
    }
}

/// Said of a check that looks at nothing.
pub(super) const NO_TEST: &str = "nothing is looked at here";
/// Said of a check that looks at two things.
pub(super) const TWO_TESTS: &str = "two things are looked at in one place";

impl From<Test> for WrittenTest {
    fn from(test: Test) -> Self {
        let mut written = Self::default();
        match test {
            Test::Object(object) => written.object = Some(object),
            Test::CanI(can_i) => written.can_i = Some(can_i),
            Test::Ran(ran) => written.ran = Some(ran),
            Test::Token(token) => written.token = Some(token),
            Test::Logs(logs) => written.logs = Some(logs),
            Test::Any(any) => written.any = Some(any),
        }
        written
    }
}

/// A check as it is written: the test's key stands beside `say`.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenCheck {
    say: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    object: Option<ObjectTest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    can_i: Option<CanITest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ran: Option<RanTest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<TokenTest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    logs: Option<LogsTest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    any: Option<Vec<Test>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

impl TryFrom<WrittenCheck> for Check {
    type Error = &'static str;

    fn try_from(written: WrittenCheck) -> Result<Self, Self::Error> {
        let WrittenCheck { say, object, can_i, ran, token, logs, any, hint } = written;
        let test = WrittenTest { object, can_i, ran, token, logs, any }.try_into()?;
        Ok(Self { say, test, hint })
    }
}

impl From<Check> for WrittenCheck {
    fn from(check: Check) -> Self {
        let WrittenTest { object, can_i, ran, token, logs, any } = check.test.into();
        Self { say: check.say, object, can_i, ran, token, logs, any, hint: check.hint }
    }
}

/// Something people do instead of the task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Wrong {
    /// How to recognise it.
    pub when: Test,
    /// What they should hear.
    pub say: String,
}

/// A recorded wrong turn, for the proof of a lesson.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mistake {
    /// The step it happens in.
    pub step: String,
    /// The command lines.
    #[serde(rename = "do")]
    pub commands: Vec<String>,
    /// A part of what must be said.
    pub hears: String,
}
