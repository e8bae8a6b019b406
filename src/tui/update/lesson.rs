//! The step: opening it, its checks, its hints, its question, and going on.

use crate::base::sanitize_line;
use crate::course::Lesson;
use crate::tui::effect::{Effect, Progress};
use crate::tui::pane::terminal::Voice;
use crate::tui::pane::{PaneId, lesson};
use crate::tui::world::{Focus, Open, Question, Screen, World};

/// A step is ready.
pub fn opened(world: &mut World, lesson: Box<Lesson>, step: usize, mut progress: Progress) -> Vec<Effect> {
    let step = step.min(lesson.steps.len().saturating_sub(1));
    let other = world.lesson.as_ref().is_none_or(|open| open.lesson.id != lesson.id);
    let checks = lesson.steps.get(step).map_or(0, |step| step.checks.len());
    progress.lesson.clone_from(&lesson.id);
    progress.step = step;
    if other || world.screen == Screen::Course {
        world.focus = Focus::Prompt;
    }
    // What stands above belongs to another step, perhaps to another cluster.
    let title = if other { format!("{} · ", sanitize_line(&lesson.title)) } else { String::new() };
    let title = format!("── {title}step {} of {} ──", step + 1, lesson.steps.len());
    world.scrollback.say(&title, Voice::Note);
    world.tab = PaneId::Lesson;
    if let Focus::Pane(id) = &mut world.focus {
        *id = PaneId::Lesson;
    }
    world.lesson = Some(Open {
        lesson,
        step,
        progress: progress.clone(),
        passed: vec![false; checks],
        turned: vec![None; checks],
        looked: false,
        hints: 0,
        answer: None,
        wrong: None,
        scroll: 0,
        leaving: false,
    });
    world.screen = Screen::Workbench;
    (world.notice, world.question) = (None, None);
    vec![Effect::SaveProgress(progress)]
}

/// How the checks stand. Those of another step come too late and are ignored.
pub fn checks(world: &mut World, step: &str, passed: Vec<bool>) -> Vec<Effect> {
    let now = world.now;
    let Some(open) = &mut world.lesson else { return Vec::new() };
    let Some(current) = open.step().filter(|current| current.id == step) else { return Vec::new() };
    if passed.len() != current.checks.len() {
        return Vec::new();
    }
    let (id, was_green) = (current.id.clone(), open.is_green());
    for ((turned, before), after) in open.turned.iter_mut().zip(&open.passed).zip(&passed) {
        match (before, after) {
            // What was so from the start is no news.
            (false, true) => *turned = open.looked.then_some(now),
            (_, false) => *turned = None,
            (true, true) => {}
        }
    }
    (open.passed, open.looked) = (passed, true);
    if was_green || !open.is_green() {
        return Vec::new();
    }
    open.wrong = None;
    let mut effects = Vec::new();
    if !open.progress.done.contains(&id) {
        open.progress.done.push(id);
        effects.push(Effect::SaveProgress(open.progress.clone()));
    }
    let say = match (open.is_last(), open.step + 1) {
        (false, number) => format!("✔ Step {number} is done. F3 goes on when you are ready."),
        (true, _) => format!("✔ The lesson is done. {}", lesson::after_last(world)),
    };
    world.scrollback.say(&say, Voice::Good);
    let page = lesson::page(world, world.room(PaneId::Lesson).1);
    if let Some(debrief) = page.debrief {
        lesson::reveal(world, debrief, page.rows.len());
    }
    effects
}

/// A wrong turn was recognised, or was left.
pub fn wrong_turn(world: &mut World, step: &str, say: Option<String>) {
    if let Some(open) = &mut world.lesson
        && open.step().is_some_and(|current| current.id == step)
    {
        if open.wrong == say {
            return;
        }
        open.wrong = say;
        if open.wrong.is_some() && !open.is_green() {
            let page = lesson::page(world, world.room(PaneId::Lesson).1);
            lesson::reveal(world, page.task, page.wrong);
        }
    }
}

/// Opens the next hint and shows it.
pub fn hint(world: &mut World) {
    let Some(open) = world.lesson.as_mut().filter(|open| !open.is_green() && open.hints_left() > 0) else { return };
    open.hints += 1;
    show(world);
    let page = lesson::page(world, world.room(PaneId::Lesson).1);
    lesson::reveal(world, page.task, page.hints);
}

/// Picks an answer, from 0.
pub fn answer(world: &mut World, picked: usize) {
    let Some(open) = &mut world.lesson else { return };
    if open.predict().is_none_or(|predict| picked >= predict.answers.len()) {
        return;
    }
    open.answer = Some(picked);
    show(world);
    let page = lesson::page(world, world.room(PaneId::Lesson).1);
    lesson::reveal(world, page.predict.0, page.predict.1);
}

/// Makes the lesson pane the one that is seen.
fn show(world: &mut World) {
    world.tab = PaneId::Lesson;
    if let Focus::Pane(id) = &mut world.focus
        && *id != PaneId::Terminal
    {
        *id = PaneId::Lesson;
    }
}

/// Goes on, after a question when the step is not done.
pub fn next(world: &mut World) -> Vec<Effect> {
    match &world.lesson {
        Some(open) if !open.is_done() => {
            world.question = Some(Question::Skip);
            Vec::new()
        }
        _ => go_on(world),
    }
}

/// Goes on to the next step, the next lesson, or back to the course after the last one.
pub fn go_on(world: &mut World) -> Vec<Effect> {
    let next_lesson = world.next_lesson().map(|card| card.id.clone());
    let Some(open) = world.lesson.as_mut().filter(|open| !open.leaving) else { return Vec::new() };
    let (id, step) = match (open.is_last(), next_lesson) {
        (false, _) => (open.lesson.id.clone(), open.step + 1),
        (true, Some(next)) => (next, 0),
        (true, None) => return course(world),
    };
    open.leaving = true;
    vec![Effect::OpenLesson { id, step }]
}

/// Goes back a step.
pub fn previous(world: &mut World) -> Vec<Effect> {
    match &mut world.lesson {
        Some(open) if open.step > 0 && !open.leaving => {
            open.leaving = true;
            vec![Effect::OpenLesson { id: open.lesson.id.clone(), step: open.step - 1 }]
        }
        _ => Vec::new(),
    }
}

/// Goes to the course list, with the open lesson selected.
pub fn course(world: &mut World) -> Vec<Effect> {
    if let Some(open) = &world.lesson {
        let (id, done, step) = (open.lesson.id.clone(), open.done(), open.step);
        if let Some(at) = world.course.lessons.iter().position(|card| card.id == id) {
            world.course.selected = at;
            if let Some(card) = world.course.lessons.get_mut(at) {
                (card.done, card.step) = (done, step);
            }
        }
    }
    world.screen = Screen::Course;
    world.focus = Focus::Prompt;
    vec![Effect::ListCourse]
}
