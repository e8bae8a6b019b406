//! Why a request was answered as it was: a ladder from who asks to what is answered. Values alone; the simulator fills
//! them in while it answers, so that what decided is what is shown. Of a real cluster they are put together afterwards.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a request came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// The learner's prompt.
    Learner,
    /// Another terminal, by the door for it.
    Terminal,
    /// A program in a container.
    Pod,
}

/// How one thing that was looked at turned out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sign {
    /// As it should be.
    Good,
    /// Not as it should be: for this the rung stopped the request, or it is a near miss.
    Bad,
    /// Neither: something to know.
    Plain,
    /// A command line that would change the answer.
    Command,
    /// It could not be looked at: what is known of a real cluster is what it shows.
    NotSeen,
}

/// One thing that was looked at on a rung.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// How it turned out.
    pub sign: Sign,
    /// What was looked at: `signature`, `audience`, `RoleBinding read-pods`; may be empty.
    pub name: String,
    /// What was found, in plain words.
    pub say: String,
}

/// A rung of the ladder, in the order a request climbs them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Rung {
    /// Who asks. Stops with 401.
    Authentication,
    /// Whether they may. Stops with 403.
    Authorization,
    /// Whether the plugins let it in, and what they change. Stops with 403, mostly.
    Admission,
    /// Whether the object keeps the rules, and is there.
    Request,
}

impl Rung {
    /// Every rung, from the first.
    pub const ALL: [Self; 4] = [Self::Authentication, Self::Authorization, Self::Admission, Self::Request];
}

/// A rung that was climbed, or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Which.
    pub rung: Rung,
    /// Whether the request was stopped here.
    pub stopped: bool,
    /// What came of it, in a sentence.
    pub say: String,
    /// What was looked at.
    pub checks: Vec<Check>,
}

/// A request and its ladder. It holds no token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// When it came.
    pub at: Timestamp,
    /// From where.
    pub origin: Origin,
    /// What is asked for: `list pods in default`, `GET /version`.
    pub asks: String,
    /// Who asks, as far as it was found out; empty before.
    pub user: String,
    /// The rungs that were reached, in their order.
    pub steps: Vec<Step>,
    /// The HTTP code of the answer.
    pub code: u16,
    /// Whether it is part of how clients find their way (discovery), and was granted.
    pub is_quiet: bool,
}

/// What came of a token that was tried on a cluster. It holds no token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// The HTTP code of the answer.
    pub code: u16,
    /// What the server said to whoever carried it; empty when it let them in.
    pub said: String,
    /// What it says to an administrator.
    pub review: Review,
    /// The ladder of the request, where it can be known.
    pub trace: Option<Trace>,
}

/// What a TokenReview says of a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Review {
    /// It is this user's.
    Taken(String),
    /// Why it is not taken; may be empty.
    Refused(String),
    /// It could not be found out: why.
    Unknown(String),
}

impl Trace {
    /// The rung that decided: the one that stopped the request, else the last it reached.
    pub fn deciding(&self) -> Option<&Step> {
        self.steps.iter().find(|step| step.stopped).or(self.steps.last())
    }
}
