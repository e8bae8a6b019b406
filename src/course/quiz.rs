//! A step's question: in which order its answers are shown, and how an answer is taken up when the learner has seen
//! what happens. Until then nothing is said of it: the cluster corrects, not we.

use serde::{Deserialize, Serialize};

use super::model::{Answer, Lesson, Predict};
use crate::base::Ids;

/// What a learner said would happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written")]
pub struct Prediction {
    /// Which answer, from 0, as the lesson lists them.
    pub answer: usize,
    /// Whether the learner was sure of it.
    pub sure: bool,
}

/// As progress has it; a number alone is of a time when nobody was asked how sure they were.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Answer(usize),
    Both { answer: usize, sure: bool },
}

impl From<Written> for Prediction {
    fn from(written: Written) -> Self {
        match written {
            Written::Answer(answer) => Self { answer, sure: false },
            Written::Both { answer, sure } => Self { answer, sure },
        }
    }
}

/// In which order the answers to a question are shown: drawn from the learner's seed, and the same each time.
///
/// `of` names the question; a lesson that is begun anew has a name of its own for it.
pub fn order(seed: u64, of: &str, answers: usize) -> Vec<usize> {
    let ids = Ids::seeded(seed).of(of);
    let mut order: Vec<usize> = (0..answers).collect();
    for at in (1..answers).rev() {
        let other = ids.between(0, at as u64) as usize;
        order.swap(at, other);
    }
    order
}

/// In which order the answers to the question of a step are shown: drawn from the learner's seed, so that in a lesson no
/// place holds the right answer more often than its share, rounded up.
///
/// `round` is how often the lesson was begun anew: each time the order is another.
pub fn order_in(lesson: &Lesson, step: usize, seed: u64, round: u32) -> Vec<usize> {
    let predict = |at: usize| lesson.steps.get(at).and_then(|step| step.predict.as_ref());
    let Some(asked) = predict(step) else { return Vec::new() };
    let (count, id) = (asked.answers.len(), lesson.steps.get(step).map_or("", |step| step.id.as_str()));
    let mut order = order(seed, &format!("{}/{id}/{round}", lesson.id), count);
    // The questions with so many answers are taken in groups as large, and each place is right once in a group.
    let alike = |steps: std::ops::Range<usize>| {
        steps.filter(|at| predict(*at).is_some_and(|other| other.answers.len() == count)).count()
    };
    let (before, all) = (alike(0..step), alike(0..lesson.steps.len()));
    let group = before.checked_div(count).unwrap_or(0);
    let mut places = self::order(seed, &format!("{}/places/{count}/{group}/{round}", lesson.id), count);
    // What is left over in each lesson begins at another place, so that it does not add up over a course.
    if (group + 1) * count > all {
        places = self::order(seed, &format!("places/{count}/{round}"), count);
        places.rotate_left(lesson.id.bytes().map(usize::from).sum::<usize>() % count.max(1));
    }
    let right = asked.answers.iter().position(|answer| answer.right);
    let is_at = order.iter().position(|answer| Some(*answer) == right);
    if let (Some(is_at), Some(place)) = (is_at, before.checked_rem(count).and_then(|at| places.get(at))) {
        order.swap(is_at, *place);
    }
    order
}

/// Takes a prediction up again once the learner has seen what happens, in Markdown. `None` for a question that was
/// passed over: then only what is right is told.
pub fn taken_up(predict: &Predict, given: Option<Prediction>) -> String {
    let Some(right) = predict.answers.iter().find(|answer| answer.right) else { return String::new() };
    let picked = given.and_then(|given| Some((predict.answers.get(given.answer)?, given.sure)));
    match picked {
        Some((picked, true)) if picked.right => {
            format!("You said “*{}*”, and were sure. So it is. {}", plain(picked), right.say)
        }
        Some((picked, false)) if picked.right => {
            format!("You guessed “*{}*”, and so it is. {}", plain(picked), right.say)
        }
        Some((picked, sure)) => {
            let how = if sure { "You said" } else { "You guessed" };
            let sure = if sure { ", and were sure" } else { "" };
            format!("{how} “*{}*”{sure}. {}\n\nRight is “*{}*”. {}", plain(picked), picked.say, plain(right), right.say)
        }
        None => format!("{} Right is “*{}*”. {}", predict.ask, plain(right), right.say),
    }
}

/// An answer within a sentence: without a full stop of its own.
fn plain(answer: &Answer) -> &str {
    answer.text.trim_end().trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::{Prediction, order, order_in, taken_up};
    use crate::base::Order as _;
    use crate::course::{Answer, Predict};

    #[test]
    fn an_order_holds_every_answer_once_and_stays() {
        let mut firsts = [0; 3];
        for seed in 0..300 {
            let drawn = order(seed, "lesson/step", 3);
            assert_eq!(drawn, order(seed, "lesson/step", 3));
            firsts[drawn[0]] += 1;
            let mut sorted = drawn;
            sorted.order();
            assert_eq!(sorted, [0, 1, 2]);
        }
        assert!(firsts.iter().all(|count| (60..=140).contains(count)), "{firsts:?}");
        assert_eq!(order(7, "x", 0), Vec::<usize>::new());
        let other = (0..20).any(|seed| order(seed, "lesson/step", 4) != order(seed, "lesson/step again", 4));
        assert!(other, "a lesson begun anew asks in another order");
    }

    #[test]
    fn no_place_holds_the_right_answer_more_than_its_share() {
        let (lessons, _) = crate::course::load(&crate::course::embedded());
        for seed in 0..200 {
            let (mut places, mut asked) = ([0; 5], 0);
            for lesson in &lessons {
                for (at, step) in lesson.steps.iter().enumerate() {
                    let Some(predict) = &step.predict else { continue };
                    let order = order_in(lesson, at, seed, 0);
                    assert_eq!(order, order_in(lesson, at, seed, 0));
                    let place = order.iter().position(|answer| predict.answers[*answer].right).expect("one is right");
                    places[place] += 1;
                    asked += 1;
                }
            }
            assert!(places.iter().all(|count| count * 100 <= asked * 40), "seed {seed}: {places:?} of {asked}");
        }
    }

    #[test]
    fn what_was_said_is_taken_up() {
        let answer = |text: &str, right, say: &str| Answer { text: text.into(), right, say: say.into() };
        let predict = Predict {
            ask: "How many?".into(),
            answers: vec![
                answer("one", false, "That was so until 1.23."),
                answer("none", true, "The controller stopped."),
            ],
        };
        let rows = [
            (Some((1, true)), "You said “*none*”, and were sure. So it is. The controller stopped."),
            (Some((1, false)), "You guessed “*none*”, and so it is. The controller stopped."),
            (
                Some((0, true)),
                "You said “*one*”, and were sure. That was so until 1.23.\n\nRight is “*none*”. The controller stopped.",
            ),
            (
                Some((0, false)),
                "You guessed “*one*”. That was so until 1.23.\n\nRight is “*none*”. The controller stopped.",
            ),
            (None, "How many? Right is “*none*”. The controller stopped."),
            (Some((9, true)), "How many? Right is “*none*”. The controller stopped."),
        ];
        for (given, want) in rows {
            let given = given.map(|(answer, sure)| Prediction { answer, sure });
            assert_eq!(taken_up(&predict, given), want, "{given:?}");
        }
    }

    #[test]
    fn older_progress_is_read() {
        for (text, want) in [
            ("2", Prediction { answer: 2, sure: false }),
            (r#"{"answer": 1, "sure": true}"#, Prediction { answer: 1, sure: true }),
        ] {
            assert_eq!(serde_json::from_str::<Prediction>(text).unwrap(), want);
        }
    }
}
