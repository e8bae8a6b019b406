//! When a key works: small questions about the world.

use super::digit;
use crate::tui::key::Key;
use crate::tui::overlay::editor::Editor;
use crate::tui::overlay::help::Help;
use crate::tui::pane::lesson;
use crate::tui::world::World;

/// Always.
pub fn always(_: &World, _: Key) -> bool {
    true
}

/// A lesson is open.
pub fn has_lesson(world: &World, _: Key) -> bool {
    world.lesson.is_some()
}

/// There is something to go on to.
fn can_go_on(world: &World, _: Key) -> bool {
    world.lesson.as_ref().is_some_and(|open| !open.leaving && (!open.is_last() || open.is_done()))
}

/// The step is done, and there is something to go on to.
pub fn is_done(world: &World, key: Key) -> bool {
    can_go_on(world, key) && world.lesson.as_ref().is_some_and(|open| open.is_done())
}

/// The step is not done, but may be left.
pub fn can_skip(world: &World, key: Key) -> bool {
    can_go_on(world, key) && !is_done(world, key)
}

/// It is the last step and not done: there is nothing to go on to, and it can be said why.
pub fn must_stay(world: &World, key: Key) -> bool {
    !can_go_on(world, key) && world.lesson.as_ref().is_some_and(|open| !open.leaving)
}

/// A lesson is open, and no command runs.
pub fn is_at_rest(world: &World, key: Key) -> bool {
    has_lesson(world, key) && world.panes.terminal.running.is_none()
}

/// There is a step before.
pub fn can_go_back(world: &World, _: Key) -> bool {
    world.lesson.as_ref().is_some_and(|open| !open.leaving && open.step > 0)
}

/// A hint is still closed.
pub fn has_hints(world: &World, _: Key) -> bool {
    is_hintable(world) && world.lesson.as_ref().is_some_and(|open| open.hints_left(world.wish) > 0)
}

/// The step has no hint to open, and it can be said why.
pub fn has_no_hints(world: &World, key: Key) -> bool {
    is_hintable(world) && !has_hints(world, key)
}

fn is_hintable(world: &World) -> bool {
    world.lesson.as_ref().is_some_and(|open| open.asking.is_none() && !open.is_green())
}

/// The step suggests a command.
pub fn has_suggestion(world: &World, _: Key) -> bool {
    world.suggestion().is_some()
}

/// The question has this row.
pub fn has_answer(world: &World, key: Key) -> bool {
    if !world.panes.terminal.prompt.is_empty() {
        // It belongs to what is being typed.
        return false;
    }
    let rows = world.lesson.as_ref().map_or(0, |open| lesson::choices(open).len());
    digit(key).is_some_and(|digit| digit >= 1 && digit <= rows)
}

/// An answer was picked, and it is asked how sure that is.
pub fn has_picked(world: &World, _: Key) -> bool {
    world.lesson.as_ref().and_then(|open| open.asking).is_some_and(|asking| asking.picked.is_some())
}

/// No answer was picked yet.
pub fn has_no_answer(world: &World, key: Key) -> bool {
    !has_picked(world, key)
}

/// The step can be put back to its start.
pub fn can_begin_again(world: &World, _: Key) -> bool {
    world.lesson.as_ref().is_some_and(|open| !open.leaving)
}

/// A command runs.
pub fn is_running(world: &World, _: Key) -> bool {
    world.panes.terminal.running.is_some()
}

/// Something is typed.
pub fn is_typing(world: &World, _: Key) -> bool {
    !world.panes.terminal.prompt.is_empty()
}

/// The cursor is not at the end.
pub fn is_before_end(world: &World, _: Key) -> bool {
    world.panes.terminal.prompt.cursor() < world.panes.terminal.prompt.text().len()
}

/// The cursor is not at the start.
pub fn is_after_start(world: &World, _: Key) -> bool {
    world.panes.terminal.prompt.cursor() > 0
}

/// Nothing is typed.
pub fn is_empty(world: &World, _: Key) -> bool {
    world.panes.terminal.prompt.is_empty()
}

/// No text is open that takes the key for itself: in the editor it takes back what was typed.
pub fn can_suspend(world: &World, _: Key) -> bool {
    world.over::<Editor>().is_none()
}

/// The help is not open.
pub fn is_helpless(world: &World, _: Key) -> bool {
    world.over::<Help>().is_none()
}

/// Something is typed and nothing runs.
pub fn can_complete(world: &World, _: Key) -> bool {
    !world.panes.terminal.prompt.is_empty() && world.panes.terminal.running.is_none()
}

/// Nothing is typed, nothing runs, and the step suggests a command.
pub fn can_put_suggestion(world: &World, _: Key) -> bool {
    world.panes.terminal.prompt.is_empty() && world.panes.terminal.running.is_none() && world.suggestion().is_some()
}

/// The history goes on with what is typed, and that is shown. Without colours it could be taken for what is typed.
pub fn has_ghost(world: &World, _: Key) -> bool {
    world.theme.has_grey() && world.panes.terminal.running.is_none() && world.panes.terminal.prompt.ghost().is_some()
}

/// There is an edit to take back.
pub fn can_undo(world: &World, _: Key) -> bool {
    world.panes.terminal.prompt.can_undo()
}

/// Two letters can be exchanged.
pub fn can_transpose(world: &World, _: Key) -> bool {
    world.panes.terminal.prompt.cursor() > 0 && world.panes.terminal.prompt.text().chars().count() > 1
}

/// The last command failed with an error that can be explained.
pub fn has_fault(world: &World, _: Key) -> bool {
    world.panes.terminal.fault.is_some() && world.panes.terminal.running.is_none()
}

/// The last command printed more than can be seen.
pub fn has_long_output(world: &World, _: Key) -> bool {
    world.panes.terminal.long && world.panes.terminal.running.is_none()
}

/// Something was cut.
pub fn can_yank(world: &World, _: Key) -> bool {
    world.panes.terminal.prompt.can_yank()
}

/// Commands were entered before.
pub fn has_history(world: &World, _: Key) -> bool {
    !world.panes.terminal.prompt.history().is_empty()
}

/// Panes share a place.
pub fn has_tabs(world: &World, _: Key) -> bool {
    world.layout().tabs.is_some()
}

/// The file of the lesson that is selected cannot be read.
pub fn is_broken(world: &World, _: Key) -> bool {
    world.course.lessons.get(world.course.selected).is_some_and(|card| card.fault.is_some())
}

/// The lesson that is selected can be opened.
pub fn has_lessons(world: &World, _: Key) -> bool {
    world.course.lessons.get(world.course.selected).is_some_and(|card| card.fault.is_none())
}

/// The lesson that is selected was never begun.
pub fn is_new(world: &World, key: Key) -> bool {
    let card = world.course.lessons.get(world.course.selected);
    let is_open = card.is_some_and(|card| world.lesson.as_ref().is_some_and(|open| open.lesson.id == card.id));
    has_lessons(world, key) && !is_open && card.is_some_and(|card| card.step == 0 && !card.done.contains(&true))
}

/// Every lesson of our own course is done.
pub fn is_through(world: &World, _: Key) -> bool {
    world.is_through()
}
