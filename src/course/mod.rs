//! The course: lessons as data, the checks that judge a step, and the learner's progress.
//!
//! Checks look; they never repair. Lessons are YAML files under `lessons/`, embedded in the binary.

mod model;

pub use model::{Answer, Check, Lesson, Mistake, Predict, Step, Test, Wrong};
