//! The step: opening it, its checks, its hints, its question, and going on.

use crate::base::sanitize_line;
use crate::course::{HOLE, Lesson, Prediction, ProgressEvent};
use crate::tui::effect::Effect;
use crate::tui::msg::Progress;
use crate::tui::overlay::question::Question;
use crate::tui::pane::terminal::Voice;
use crate::tui::pane::{PaneId, lesson, releases};
use crate::tui::world::{Asking, Focus, Notice, Open, Screen, World};

/// How many rows of a remark are brought into view.
const REMARK: usize = 4;

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
    // A command that was put there and not run belongs to the step that suggested it; so does the last error.
    if world.shown().iter().any(|line| line.replacen(HOLE, "", 1) == world.panes.terminal.prompt.text()) {
        world.panes.terminal.prompt.set("");
    }
    world.panes.terminal.fault = None;
    // What stands above belongs to another step, perhaps to another cluster.
    let title = if other { format!("{} · ", sanitize_line(&lesson.title)) } else { String::new() };
    let title = format!("── {title}step {} of {} ──", step + 1, lesson.steps.len());
    world.panes.terminal.scrollback.say(&title, Voice::Note);
    let own = lesson.steps.get(step).and_then(|step| step.release);
    if let Some(say) = world.panes.releases.moved_to.map(|release| releases::say_moved(release, own, other)) {
        world.panes.terminal.scrollback.say(&say, Voice::Plain);
    }
    world.panes.terminal.step_began = world.panes.terminal.scrollback.said();
    world.tab = PaneId::Lesson;
    if let Focus::Pane(id) = &mut world.focus {
        *id = PaneId::Lesson;
    }
    let current = lesson.steps.get(step);
    let id = current.map(|step| step.id.clone()).unwrap_or_default();
    // What is known already is not asked again.
    let asks = current.is_some_and(|step| step.predict.is_some())
        && !progress.done.contains(&id)
        && !progress.predicted.contains_key(&id)
        && !world.passed.contains(&(lesson.id.clone(), progress.round, id.clone()));
    let opened = ProgressEvent::Opened { lesson: lesson.id.clone(), step: id.clone() };
    world.lesson = Some(Open {
        lesson,
        step,
        passed: vec![false; checks],
        turned: vec![None; checks],
        looked: false,
        hints: progress.hints.get(&id).copied().unwrap_or_default(),
        // With a line on the prompt Enter is meant for that.
        asking: asks.then(|| Asking { stray: !world.panes.terminal.prompt.is_empty(), ..Asking::default() }),
        progress,
        wrong: None,
        near: vec![None; checks],
        ran: Vec::new(),
        said: None,
        scroll: 0,
        leaving: false,
    });
    world.screen = Screen::Workbench;
    world.notice = None;
    world.close::<Question>();
    releases::opened(world);
    reveal_first(world);
    vec![Effect::Remember(opened)]
}

/// The open lesson was edited by its author: its words change, and what was done in the step stays.
pub fn edited(world: &mut World, lesson: Box<Lesson>) {
    let Some(open) = &mut world.lesson else { return };
    open.step = open.step.min(lesson.steps.len().saturating_sub(1));
    let checks = lesson.steps.get(open.step).map_or(0, |step| step.checks.len());
    open.passed.resize(checks, false);
    open.turned.resize(checks, None);
    open.near = vec![None; checks];
    open.asking = open.asking.filter(|_| lesson.steps.get(open.step).is_some_and(|step| step.predict.is_some()));
    if let Some(asking) = &mut open.asking {
        *asking = Asking::default();
    }
    open.lesson = lesson;
    world
        .panes
        .terminal
        .scrollback
        .say("· The lesson was edited, and is shown as it is now. F8 begins the step anew.", Voice::Note);
}

/// Begins at the top of the step, for the one thing to do is seen anyway; once it is done, at what was to be seen.
pub fn reveal_first(world: &mut World) {
    let page = lesson::page(world, world.room(PaneId::Lesson).1);
    let Some(open) = &mut world.lesson else { return };
    open.scroll = 0;
    if let Some(debrief) = page.debrief.filter(|_| open.is_green()) {
        lesson::reveal(world, debrief, page.rows.len());
    }
}

/// How the checks stand. Those of another step come too late and are ignored.
pub fn checks(world: &mut World, step: &str, passed: Vec<bool>, near: Vec<Option<String>>) -> Vec<Effect> {
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
    let is_undone = was_green && !open.is_green();
    let is_news = open.near.iter().zip(&near).any(|(before, now)| before.is_none() && now.is_some());
    open.near = near;
    // What was done is to be done again: the step is read from its beginning.
    if is_undone {
        reveal_first(world);
    }
    let Some(open) = &mut world.lesson else { return Vec::new() };
    if is_news && !open.is_green() && open.wrong.is_none() && open.near.iter().any(Option::is_some) {
        let page = lesson::page(world, world.room(PaneId::Lesson).1);
        lesson::reveal(world, page.task, page.wrong);
        return Vec::new();
    }
    let Some(open) = &mut world.lesson else { return Vec::new() };
    if was_green || !open.is_green() {
        return Vec::new();
    }
    open.wrong = None;
    let mut effects = Vec::new();
    // Whoever did it without an answer has passed the question over.
    open.asking = None;
    if !open.progress.done.contains(&id) {
        open.progress.done.push(id.clone());
        let lesson = open.lesson.id.clone();
        effects.push(Effect::Remember(ProgressEvent::Done { lesson: lesson.clone(), step: id }));
        if open.done().iter().all(|done| *done) {
            effects.push(Effect::Remember(ProgressEvent::Finished { lesson }));
        }
    }
    let (is_last, number) = (open.is_last(), open.step + 1);
    note_done(world);
    let say = match (is_last, number) {
        (false, number) => format!("✔ Step {number} is done. F3 goes on when you are ready."),
        (true, _) => match world.lesson.as_ref().and_then(Open::skipped) {
            None => format!("✔ The lesson is done. {}", lesson::after_last(world)),
            Some(skipped) => format!("✔ The last step is done. {skipped} {}", lesson::after_last(world)),
        },
    };
    world.panes.terminal.scrollback.say(&say, Voice::Good);
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
            // Where not all of it can be seen, what was just said is.
            lesson::reveal(world, page.task, page.wrong);
            lesson::reveal(world, page.wrong.saturating_sub(REMARK), page.wrong);
        }
    }
}

/// Opens the next hint and shows it.
pub fn hint(world: &mut World) -> Vec<Effect> {
    let shown = !world.shown().is_empty();
    let Some(open) = world.lesson.as_mut().filter(|open| !open.is_green()) else { return Vec::new() };
    if open.hints_left(world.wish) == 0 {
        let say = match shown && open.hints == 0 {
            true => "· The command stands in the lesson. Enter on the empty prompt puts it here.",
            false => "· Every hint is open.",
        };
        world.panes.terminal.scrollback.say(say, Voice::Note);
        return Vec::new();
    }
    open.hints += 1;
    let opened = open.hints;
    let step = open.step().map(|step| step.id.clone()).unwrap_or_default();
    open.progress.hints.insert(step.clone(), opened);
    let event = ProgressEvent::Hints { lesson: open.lesson.id.clone(), step, opened };
    show(world);
    let page = lesson::page(world, world.room(PaneId::Lesson).1);
    lesson::reveal(world, page.task, page.hint.1);
    // Where not all of it can be seen, the new hint is.
    lesson::reveal(world, page.hint.0, page.hint.1);
    vec![Effect::Remember(event)]
}

/// Chooses a row of the question, from 0. What was chosen is not said yet.
pub fn choose(world: &mut World, row: usize) {
    let Some(open) = &mut world.lesson else { return };
    let rows = lesson::choices(open).len();
    if let Some(asking) = open.asking.as_mut().filter(|_| row < rows) {
        (asking.at, asking.stray) = (row, false);
    }
    reveal_first(world);
}

/// A letter was typed while the question has the keys.
pub fn stray(world: &mut World) {
    let arrows = world.arrows();
    if let Some(asking) = world.lesson.as_mut().and_then(|open| open.asking.as_mut()) {
        if !asking.stray {
            let esc = way_out(asking);
            let say = format!("· The question comes first: {arrows} chooses, {esc}. What you type waits here.");
            world.panes.terminal.scrollback.say(&say, Voice::Note);
        }
        asking.stray = true;
    }
}

/// What Esc does at a question, as a sentence.
fn way_out(asking: &Asking) -> &'static str {
    match asking.picked {
        None => "Esc passes it; nothing is counted",
        Some(_) => "Esc goes back to the answers",
    }
}

/// A key of the step was pressed while its question stands alone.
pub fn ask_first(world: &mut World) -> Vec<Effect> {
    let esc = world.lesson.as_ref().and_then(|open| open.asking.as_ref()).map_or("Esc passes it", way_out);
    world.panes.terminal.scrollback.say(&format!("· The question comes first. {esc}."), Voice::Note);
    Vec::new()
}

/// A number that no answer has.
pub fn no_such_answer(world: &mut World) -> Vec<Effect> {
    let answers = world.lesson.as_ref().map_or(0, |open| lesson::choices(open).len());
    let say = format!("· The answers have the numbers 1 to {answers}.");
    world.panes.terminal.scrollback.say(&say, Voice::Note);
    Vec::new()
}

/// Moves the choice.
pub fn choose_by(world: &mut World, rows: isize) {
    let Some(open) = &world.lesson else { return };
    let last = lesson::choices(open).len().saturating_sub(1);
    let at = open.asking.map_or(0, |asking| asking.at).saturating_add_signed(rows).min(last);
    choose(world, at);
}

/// Takes what is chosen: an answer first, then how sure it is. With that it is locked, and the task is shown.
pub fn answer(world: &mut World) -> Vec<Effect> {
    let Some(open) = &mut world.lesson else { return Vec::new() };
    let (order, Some(asking), Some(step)) = (open.order(), open.asking, open.step().map(|step| step.id.clone())) else {
        return Vec::new();
    };
    // A command was typed: its Enter is no answer, however often it is pressed.
    if asking.stray {
        let (arrows, enter) = (world.arrows(), world.enter());
        let esc = way_out(&asking);
        let say = format!("· The question comes first: {arrows} chooses, then {enter} takes it. {esc}.");
        world.panes.terminal.scrollback.say(&say, Voice::Note);
        return Vec::new();
    }
    let Some(answer) = asking.picked else {
        open.asking = Some(Asking { picked: order.get(asking.at).copied(), ..Asking::default() });
        reveal_first(world);
        return Vec::new();
    };
    let prediction = Prediction { answer, sure: asking.at == 0 };
    open.asking = None;
    open.progress.predicted.insert(step.clone(), prediction);
    let event = ProgressEvent::Predicted { lesson: open.lesson.id.clone(), step, prediction };
    world.focus = Focus::Prompt;
    reveal_first(world);
    vec![Effect::Remember(event)]
}

/// Takes the answer back, or passes the question over.
pub fn pass(world: &mut World) {
    let Some(open) = &mut world.lesson else { return };
    match open.asking {
        Some(Asking { picked: Some(picked), .. }) => {
            let at = open.order().iter().position(|answer| *answer == picked).unwrap_or(0);
            open.asking = Some(Asking { at, ..Asking::default() });
        }
        _ => {
            if let Some(step) = open.asking.take().and(open.step()) {
                world.passed.insert((open.lesson.id.clone(), open.progress.round, step.id.clone()));
            }
            world.focus = Focus::Prompt;
        }
    }
    reveal_first(world);
}

/// Puts the step back to its start: the cluster, the files, the checks.
pub fn again(world: &mut World) -> Vec<Effect> {
    if has_made(world) {
        world.open(Question::Again);
        return Vec::new();
    }
    begin_again(world)
}

/// Puts the step back to its start, whatever was made in it.
pub fn begin_again(world: &mut World) -> Vec<Effect> {
    let Some(open) = world.lesson.as_mut().filter(|open| !open.leaving) else { return Vec::new() };
    open.leaving = true;
    vec![Effect::OpenLesson { id: open.lesson.id.clone(), step: open.step, afresh: true }]
}

/// The pod that the lesson follows said something.
pub fn said(world: &mut World, line: Option<String>) {
    let now = world.now;
    let Some(open) = &mut world.lesson else { return };
    // Times and counts go on by themselves; new words are news.
    let words = |line: &str| line.split(|c: char| !c.is_alphabetic()).map(str::to_owned).collect::<Vec<_>>();
    open.said = line.map(|line| {
        let line = sanitize_line(&line).into_owned();
        let since = match &open.said {
            Some((before, since)) if words(before) == words(&line) => *since,
            Some(_) => Some(now),
            None => None,
        };
        (line, since)
    });
}

/// Changes how much of the commands is shown.
pub fn support(world: &mut World) -> Vec<Effect> {
    world.wish = world.wish.next();
    reveal_first(world);
    let say = world.wish.explain().to_owned();
    match world.screen {
        Screen::Workbench => world.panes.terminal.scrollback.say(&format!("· {say}"), Voice::Note),
        Screen::Course | Screen::End => world.notice = Some(Notice { text: say, bad: false }),
    }
    vec![Effect::Remember(ProgressEvent::Support(world.wish))]
}

/// Puts the suggested command on the prompt.
pub fn suggest(world: &mut World) -> Vec<Effect> {
    if let Some(suggestion) = world.suggestion() {
        world.panes.terminal.prompt.set_with_hole(&suggestion);
        world.panes.terminal.scrollback.scroll = 0;
        world.focus = Focus::Prompt;
    }
    Vec::new()
}

/// Makes the lesson pane the one that is seen.
fn show(world: &mut World) {
    world.tab = PaneId::Lesson;
    if let Focus::Pane(id) = &mut world.focus {
        *id = PaneId::Lesson;
    }
}

/// Says why there is nothing to go on to.
pub fn stays(world: &mut World) -> Vec<Effect> {
    let say = "· This is the last step, and it is not done. F10 goes to the other lessons.";
    world.panes.terminal.scrollback.say(say, Voice::Note);
    Vec::new()
}

/// Goes on, after a question when the step is not done.
pub fn next(world: &mut World) -> Vec<Effect> {
    match &world.lesson {
        Some(open) if !open.is_done() => {
            world.open(Question::Skip);
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
        (true, None) => {
            let effects = course(world);
            if world.is_through() {
                (world.screen, world.end) = (Screen::End, 0);
            }
            return effects;
        }
    };
    open.leaving = true;
    vec![Effect::OpenLesson { id, step, afresh: false }]
}

/// Goes back a step, after a question where something was made that would be gone.
pub fn previous(world: &mut World) -> Vec<Effect> {
    if has_made(world) {
        world.open(Question::Back);
        return Vec::new();
    }
    go_back(world)
}

/// Whether a command was run on the cluster that is there: what it made would be gone with it.
pub fn has_made(world: &World) -> bool {
    world.lesson.as_ref().is_some_and(|open| !open.leaving) && world.panes.releases.ran > 0
}

/// Goes back a step, whatever was made.
pub fn go_back(world: &mut World) -> Vec<Effect> {
    match &mut world.lesson {
        Some(open) if open.step > 0 && !open.leaving => {
            open.leaving = true;
            vec![Effect::OpenLesson { id: open.lesson.id.clone(), step: open.step - 1, afresh: false }]
        }
        _ => Vec::new(),
    }
}

/// Writes into the course list what is done in the open lesson, and says where it stands there.
fn note_done(world: &mut World) -> Option<usize> {
    let open = world.lesson.as_ref()?;
    let at = world.course.lessons.iter().position(|card| card.id == open.lesson.id)?;
    let card = world.course.lessons.get_mut(at)?;
    (card.done, card.step) = (open.done(), open.step);
    Some(at)
}

/// Goes to the course list, with the open lesson selected.
pub fn course(world: &mut World) -> Vec<Effect> {
    if let Some(at) = note_done(world) {
        world.course.selected = at;
    }
    world.screen = Screen::Course;
    world.focus = Focus::Prompt;
    vec![Effect::ListCourse]
}
