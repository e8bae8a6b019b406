//! The course as a numbered list, and a lesson chosen from it.

use super::{ORDERS, Teller, key};
use crate::tui::key::Code;
use crate::tui::msg::Msg;
use crate::tui::world::{Screen, World};

impl Teller {
    /// The course, lesson by lesson.
    pub(super) fn list(&mut self, world: &World) {
        self.lists = false;
        self.begin_part();
        let place = match &world.cluster {
            Some(cluster) => match cluster.release {
                Some(release) if cluster.name == "simulator" => {
                    format!(" It runs on the simulator of Kubernetes {release}.")
                }
                Some(release) => format!(" It runs on {}, Kubernetes {release}.", cluster.name),
                None => format!(" It runs on {}.", cluster.name),
            },
            None => String::new(),
        };
        self.say(format!("The course about service accounts.{place}"));
        let mut course = "";
        for (at, card) in world.course.lessons.iter().enumerate() {
            if card.course != course {
                course = &card.course;
                self.say(format!("Your own lessons, {course}:"));
            }
            let done = card.done.iter().filter(|done| **done).count();
            let stands = match done {
                _ if card.fault.is_some() => "cannot be read".to_owned(),
                0 if card.step == 0 => "not started".to_owned(),
                done if done == card.done.len() => "done".to_owned(),
                done => format!("{done} of {} steps done", card.done.len()),
            };
            let minutes = if card.fault.is_some() { String::new() } else { format!(", {} minutes", card.minutes) };
            self.say(format!("{}. {}{minutes}, {stands}", at + 1, card.title));
        }
        self.say(self.how_to_choose(world));
    }

    fn how_to_choose(&self, world: &World) -> String {
        let on = world.course.selected + 1;
        format!(
            "Type the number of a lesson. :next goes on with lesson {on}, :help says what else there is, :quit leaves."
        )
    }

    pub(super) fn choose(&mut self, world: &World, line: &str) -> Vec<Msg> {
        let lessons = world.course.lessons.len();
        match line.trim_end_matches('.').parse::<usize>() {
            Ok(number) if (1..=lessons).contains(&number) => go_to(world, number - 1),
            _ if line.is_empty() => {
                self.say(self.how_to_choose(world));
                Vec::new()
            }
            Ok(_) => {
                self.say(format!("There is no such lesson. The numbers go from 1 to {lessons}."));
                Vec::new()
            }
            Err(_) => {
                let word = line.split_whitespace().next().unwrap_or_default().to_lowercase();
                let meant = ORDERS.iter().find(|order| order.word == word);
                self.say(match meant {
                    Some(order) => {
                        format!("That is no number of a lesson. With a colon it is for the tutor: :{}.", order.word)
                    }
                    None => {
                        "That is no number of a lesson. Commands can be typed once a lesson is open; :help says what \
                             works here."
                            .to_owned()
                    }
                });
                Vec::new()
            }
        }
    }
}

/// The keys that open a lesson of the course list; `at` from 0.
pub(super) fn go_to(world: &World, at: usize) -> Vec<Msg> {
    // The end of the course lies before its list.
    let mut msgs = if world.screen == Screen::End { vec![key(Code::Esc)] } else { Vec::new() };
    let selected = world.course.selected;
    let step = if at < selected { Code::Up } else { Code::Down };
    msgs.extend((0..at.abs_diff(selected)).map(|_| key(step)));
    msgs.push(key(Code::Enter));
    msgs
}
