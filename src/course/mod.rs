//! The course: lessons as data, the checks that judge a step, and the learner's progress.
//!
//! Checks look; they never repair. Lessons are YAML files under `lessons/`, embedded in the binary.

mod check;
mod desk;
mod fault;
pub mod glossary;
mod lint;
mod load;
mod locate;
mod model;
mod near;
mod needs;
mod objects;
mod progress;
mod quiz;
mod rights;
mod schema;
mod sent;
mod settle;
mod verify;
mod words;

pub use check::{CheckError, Evidence, Ran, beginning, claims_in, evaluate, said_last, wrong_turn};
pub use desk::Ground;
pub use fault::Fault;
pub use lint::lint;
pub use load::{EMBEDDED, Source, directory, embedded, load, parse};
pub use locate::{Located, Path as Part};
pub use model::{
    Answer, CanITest, Check, HOLE, Lesson, LogsTest, Mistake, ObjectTest, Predict, RanTest, SentTest, Step, Support,
    Test, TokenTest, Wish, Wrong,
};
pub use near::near;
pub use needs::Needs;
pub use progress::{Damage, Event as ProgressEvent, LessonProgress, Progress};
pub use quiz::{Prediction, order_in, taken_up};
pub use schema::schema;
pub use settle::{is_at_rest, settle};
pub use verify::{Fresh, Proof, verify};
