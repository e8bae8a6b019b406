//! The shape of a lesson.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::apimachinery::Release;

/// A lesson: one file, one idea a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Lesson {
    /// Its name on the command line; also the file's name.
    pub id: String,
    /// Its title on the screen.
    pub title: String,
    /// About how long it takes, in minutes.
    pub minutes: u16,
    /// Exam objectives it serves.
    #[serde(default)]
    pub objectives: Vec<String>,
    /// The releases it is proved on; the first is the default.
    pub releases: Vec<Release>,
    /// Files the learner finds in their home directory: name → content.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// Command lines run unseen on a fresh cluster before the first step.
    #[serde(default)]
    pub start: Vec<String>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// What one can now answer: at most three lines.
    pub summary: Vec<String>,
    /// Whole-lesson solutions besides the steps' own: each a list of command lines.
    #[serde(default)]
    pub solutions: Vec<Vec<String>>,
    /// Wrong turns people take, and what they should hear.
    #[serde(default)]
    pub mistakes: Vec<Mistake>,
}

/// A step: text, a task, checks that go green, hints, a debrief.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Step {
    /// Its name within the lesson.
    pub id: String,
    /// The release this step needs when it is not the lesson's; a simulator of that release then runs beside the cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<Release>,
    /// Command lines run unseen when the step begins on a fresh cluster of its own release.
    #[serde(default)]
    pub start: Vec<String>,
    /// Markdown: what is so, and why it matters.
    pub text: String,
    /// A question to answer before doing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predict: Option<Predict>,
    /// What to do, in one sentence of Markdown.
    pub task: String,
    /// A command line that can be put on the prompt with one key.
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

impl Step {
    /// The command lines that solve the step.
    pub fn solution(&self) -> Vec<String> {
        if self.solution.is_empty() { vec![self.suggest.clone()] } else { self.solution.clone() }
    }
}

/// A question asked before the doing. Answers never count against the learner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Predict {
    /// The question.
    pub ask: String,
    /// The answers to choose from, in the order shown.
    pub answers: Vec<Answer>,
}

/// One answer to a [`Predict`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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

/// One thing that must be so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Check {
    /// The line that turns green: `dashboard-sa exists`.
    pub say: String,
    /// How to find out.
    pub test: Test,
    /// What to hear while it is not so although the other checks are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// A way to look at the cluster, or at what the learner did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Test {
    /// An object is there (or is not) and its fields have these values.
    Object {
        /// `ServiceAccount`, `Pod`, …
        kind: String,
        /// Its name; for an object with a generated name, leave it out and give `labels`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// `app=web` in the form of a label selector.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        labels: Option<String>,
        /// Whether it must be gone instead.
        #[serde(default)]
        absent: bool,
        /// JSON pointer → the value it must have; `null` means the field must not be there.
        #[serde(default)]
        fields: BTreeMap<String, serde_json::Value>,
    },
    /// What an account may do, asked of the cluster.
    CanI {
        /// The user, in full: `system:serviceaccount:NS:NAME`.
        #[serde(rename = "as")]
        user: String,
        /// `list`
        verb: String,
        /// `pods`, `serviceaccounts/token`
        resource: String,
        /// What the answer must be.
        allowed: bool,
    },
    /// The learner ran a command like this, in this step, and it ended like this.
    Ran {
        /// Words that the command line (all of it, in order, anything between them) must have: `kubectl describe sa`.
        command: String,
        /// Whether it had to succeed (`true`), to fail (`false`), or either (left out).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        succeeds: Option<bool>,
        /// Text that its output (both streams) must contain.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        output: Option<String>,
    },
    /// A token was seen in this step's output, with these claims.
    Token {
        /// JSON pointer into the claims → value; `null` means the claim must not be there.
        claims: BTreeMap<String, serde_json::Value>,
    },
}

/// Something people do instead of the task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wrong {
    /// How to recognise it.
    pub when: Test,
    /// What they should hear.
    pub say: String,
}

/// A recorded wrong turn, for the proof of a lesson.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
