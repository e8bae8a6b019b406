//! What each action of the keymap does.

use super::{editor, lesson, reading, session};
use crate::course::{ProgressEvent, Wish};
use crate::tui::effect::Effect;
use crate::tui::key::Key;
use crate::tui::keymap::{Action, Context, digit};
use crate::tui::pane::terminal::Reach;
use crate::tui::pane::{PaneId, TABS, objects};
use crate::tui::reader;
use crate::tui::view;
use crate::tui::world::{Focus, Notice, Question, Screen, World};

/// Does it.
pub fn act(world: &mut World, action: Action, key: Key) -> Vec<Effect> {
    let context = Context::of(world);
    if context == Context::Prompt && edit(world, action) {
        world.scrollback.scroll = 0;
        return Vec::new();
    }
    match action {
        Action::Quit => return vec![Effect::Quit],
        Action::Help => world.help = if world.help.is_some() { None } else { Some(0) },
        Action::CourseList => return lesson::course(world),
        Action::Hint => return lesson::hint(world),
        Action::Next => return lesson::next(world),
        Action::Previous => return lesson::previous(world),
        Action::Suggest => suggest(world),
        Action::Choose => lesson::choose(world, digit(key).unwrap_or(0).wrapping_sub(1)),
        Action::Answer => return lesson::answer(world),
        Action::Pass => lesson::pass(world),
        Action::Again => return lesson::again(world),
        Action::Support => return lesson::support(world),
        Action::FocusPanes => focus(world, world.tab),
        Action::FocusPrompt => world.focus = Focus::Prompt,
        Action::NextPane => turn(world, 1),
        Action::PreviousPane => turn(world, -1),
        Action::NextTab => turn_tab(world, 1),
        Action::PreviousTab => turn_tab(world, -1),
        Action::Up => step(world, context, -1),
        Action::Down => step(world, context, 1),
        Action::PageUp => step(world, context, -page(world, context)),
        Action::PageDown => step(world, context, page(world, context)),
        Action::Top => step(world, context, -FAR),
        Action::Bottom => step(world, context, FAR),
        Action::UpperUp => world.tab.pane().scroll(world, -1),
        Action::UpperDown => world.tab.pane().scroll(world, 1),
        Action::Open => return open(world, context),
        Action::Describe => describe(world),
        Action::Restart => {
            let card = world.course.lessons.get(world.course.selected);
            match card.is_some_and(|card| card.done.contains(&true)) {
                true => world.question = Some(Question::Restart),
                false => return restart(world),
            }
        }
        Action::LookBack => (world.screen, world.end) = (Screen::End, 0),
        Action::Practise => return practise(world),
        Action::Submit => return session::submit(world),
        Action::Complete => {
            let (line, cursor) = (world.prompt.text().to_owned(), world.prompt.cursor());
            return vec![Effect::Complete { line, cursor }];
        }
        Action::Take => reading::take(world),
        Action::Explain => reading::explain(world),
        Action::Words => reading::words(world),
        Action::Read => reading::open(world),
        Action::Find | Action::FindNext | Action::FindPrevious => reading::find(world, action),
        Action::Accept if context == Context::Find => reading::find(world, action),
        Action::Abandon | Action::Unsearch if context == Context::Find => reading::find(world, action),
        Action::Abandon if context == Context::Pick => world.pick = None,
        Action::DeleteBack if context == Context::Pick => {
            world.prompt.delete(Reach::Back);
            reading::narrow(world);
        }
        Action::Search => world.prompt.search_older(),
        Action::Accept => world.prompt.search_end(true),
        Action::Abandon => world.prompt.search_end(false),
        Action::Unsearch => world.prompt.search_for(None),
        Action::Clear => world.scrollback.clear(),
        Action::Cancel => return vec![Effect::Cancel],
        Action::Save => return editor::save(world),
        Action::Close if context == Context::Reader => world.reader = None,
        Action::Close => editor::close(world),
        Action::Yes => return yes(world),
        Action::No => world.question = None,
        // Editing a line means nothing elsewhere.
        _ => {}
    }
    Vec::new()
}

/// Further than anything is long.
const FAR: isize = 1 << 40;

/// Edits the line; `false` when the action is no edit.
fn edit(world: &mut World, action: Action) -> bool {
    let prompt = &mut world.prompt;
    match action {
        Action::Left => prompt.go(Reach::Back),
        Action::Right => prompt.go(Reach::Ahead),
        Action::WordLeft => prompt.go(Reach::WordBack),
        Action::WordRight => prompt.go(Reach::WordAhead),
        Action::LineStart => prompt.go(Reach::Start),
        Action::LineEnd => prompt.go(Reach::End),
        Action::DeleteBack => prompt.delete(Reach::Back),
        Action::DeleteAhead => prompt.delete(Reach::Ahead),
        Action::CutWord => prompt.delete(Reach::SpaceBack),
        Action::CutWordAhead => prompt.delete(Reach::WordAhead),
        Action::CutToStart => prompt.delete(Reach::Start),
        Action::CutToEnd => prompt.delete(Reach::End),
        Action::Yank => prompt.yank(),
        Action::TakeGhost => prompt.take_ghost(true),
        Action::TakeGhostWord => prompt.take_ghost(false),
        Action::Undo => prompt.undo(),
        Action::Transpose => prompt.transpose(),
        Action::LastWord => prompt.last_word(),
        Action::NewRow => prompt.insert("\n"),
        Action::ClearLine => prompt.set(""),
        Action::Older => _ = prompt.up(),
        Action::Newer => _ = prompt.down(),
        _ => return false,
    }
    true
}

/// Gives the keys to a pane.
pub fn focus(world: &mut World, id: PaneId) {
    world.focus = Focus::Pane(id);
    if id == PaneId::Objects {
        objects::select_any(world);
    }
}

fn turn(world: &mut World, by: isize) {
    if let Focus::Pane(id) = world.focus {
        focus(world, id.further(by));
    }
}

fn turn_tab(world: &mut World, by: isize) {
    let at = TABS.iter().position(|tab| *tab == world.tab).unwrap_or(0).cast_signed();
    let next = (at + by).rem_euclid(TABS.len().cast_signed()).cast_unsigned();
    world.tab = TABS.get(next).copied().unwrap_or(PaneId::Lesson);
}

/// Moves by rows in whatever has the keys.
fn step(world: &mut World, context: Context, rows: isize) {
    match context {
        Context::Course => select_lesson(world, rows),
        Context::Ask if rows.abs() == 1 => lesson::choose_by(world, rows),
        Context::Help => scroll_help(world, rows),
        Context::End => scroll_end(world, rows),
        Context::Reader => reader::scroll(world, rows),
        Context::Pick => {
            if let Some(pick) = &mut world.pick {
                pick.step(rows, true);
            }
        }
        Context::Lesson | Context::Ask => PaneId::Lesson.pane().step(world, rows),
        Context::Objects => PaneId::Objects.pane().step(world, rows),
        Context::Token => PaneId::Token.pane().step(world, rows),
        // At the prompt the pages turn what was printed.
        Context::Terminal | Context::Prompt => PaneId::Terminal.pane().step(world, rows),
        Context::Small | Context::Question | Context::Editor | Context::Search | Context::Find => {}
    }
}

fn page(world: &World, context: Context) -> isize {
    let id = match context {
        Context::Lesson | Context::Ask => PaneId::Lesson,
        Context::Objects => PaneId::Objects,
        Context::Token => PaneId::Token,
        Context::Reader => return reader::room(world).1.saturating_sub(2).max(1).cast_signed(),
        Context::Help | Context::End => return isize::from(world.height.cast_signed() / 2).max(1),
        _ => PaneId::Terminal,
    };
    world.room(id).0.saturating_sub(2).max(1).cast_signed()
}

/// Scrolls the help.
pub fn scroll_help(world: &mut World, rows: isize) {
    let most = view::help_overflow(world);
    if let Some(scroll) = world.help {
        world.help = Some(scroll.min(most).saturating_add_signed(rows).min(most));
    }
}

/// Scrolls the end of the course.
pub fn scroll_end(world: &mut World, rows: isize) {
    let most = view::end_overflow(world);
    world.end = world.end.min(most).saturating_add_signed(rows).min(most);
}

/// Moves the selection of the course list.
pub fn select_lesson(world: &mut World, rows: isize) {
    let last = world.course.lessons.len().saturating_sub(1);
    world.course.selected = world.course.selected.saturating_add_signed(rows).min(last);
}

fn suggest(world: &mut World) {
    if let Some(suggestion) = world.suggestion() {
        world.prompt.set_with_hole(&suggestion);
        world.focus = Focus::Prompt;
        world.scrollback.scroll = 0;
    }
}

fn open(world: &mut World, context: Context) -> Vec<Effect> {
    if context == Context::Course {
        return open_selected(world);
    }
    match objects::selected_token(world) {
        Some((namespace, from)) => {
            // On a small screen the token's tab comes to the front.
            if world.place(PaneId::Token).is_none() {
                world.focus = Focus::Pane(PaneId::Token);
            }
            vec![Effect::ReadToken { namespace, from }]
        }
        None => Vec::new(),
    }
}

/// Goes on with the selected lesson where the learner stopped.
pub fn open_selected(world: &mut World) -> Vec<Effect> {
    let Some(card) = world.course.lessons.get(world.course.selected) else { return Vec::new() };
    if card.fault.is_some() {
        let text = "This lesson cannot be read. Mend its file: the list is read again when you save it.".to_owned();
        world.notice = Some(Notice { text, bad: true });
        return Vec::new();
    }
    // The lesson that is open already is shown again as it was left.
    if world.lesson.as_ref().is_some_and(|open| open.lesson.id == card.id) {
        world.screen = Screen::Workbench;
        return Vec::new();
    }
    let all_done = !card.done.is_empty() && card.done.iter().all(|done| *done);
    let step = if all_done && card.step + 1 >= card.done.len() { 0 } else { card.step };
    open_lesson(world, step)
}

fn open_lesson(world: &mut World, step: usize) -> Vec<Effect> {
    let Some(card) = world.course.lessons.get(world.course.selected) else { return Vec::new() };
    // A real cluster may take its time.
    world.notice = Some(Notice { text: format!("Opening {} …", card.title), bad: false });
    vec![Effect::OpenLesson { id: card.id.clone(), step, afresh: false }]
}

/// Begins our own course anew, with no command to copy. What was finished stays finished.
fn practise(world: &mut World) -> Vec<Effect> {
    world.wish = Wish::Alone;
    let own = || world.course.lessons.iter().filter(|card| card.course.is_empty());
    let Some(first) = own().next().map(|card| card.id.clone()) else { return Vec::new() };
    let mut effects = vec![Effect::Remember(ProgressEvent::Support(world.wish))];
    effects.extend(
        own().map(|card| Effect::Remember(ProgressEvent::Restarted { lesson: card.id.clone(), round: card.round + 1 })),
    );
    effects.extend([Effect::ListCourse, Effect::OpenLesson { id: first, step: 0, afresh: true }]);
    world.screen = Screen::Course;
    world.notice = Some(Notice { text: "Opening the first lesson …".to_owned(), bad: false });
    effects
}

/// Begins the selected lesson anew: nothing of it is done, answered or hinted, and the cluster is fresh.
fn restart(world: &mut World) -> Vec<Effect> {
    let Some(card) = world.course.lessons.get(world.course.selected).filter(|card| card.fault.is_none()) else {
        return Vec::new();
    };
    world.notice = Some(Notice { text: format!("Opening {} …", card.title), bad: false });
    let (id, round) = (card.id.clone(), card.round + 1);
    vec![
        Effect::Remember(ProgressEvent::Restarted { lesson: id.clone(), round }),
        Effect::OpenLesson { id, step: 0, afresh: true },
    ]
}

fn describe(world: &mut World) {
    if let Some((kind, namespace, name)) = objects::selected_object(world) {
        let own = world.cluster.as_ref().map(|cluster| cluster.namespace.as_str());
        let kind = if kind == "ServiceAccount" { "sa".to_owned() } else { kind.to_lowercase() };
        let elsewhere = !namespace.is_empty() && own != Some(namespace.as_str()) && kind != "namespace";
        let flag = if elsewhere { format!(" -n {namespace}") } else { String::new() };
        world.prompt.set(&format!("kubectl describe {kind} {name}{flag}"));
        world.focus = Focus::Prompt;
    }
}

fn yes(world: &mut World) -> Vec<Effect> {
    match world.question.take() {
        Some(Question::Skip) => lesson::go_on(world),
        Some(Question::Restart) => restart(world),
        Some(Question::Discard) => {
            world.notice = None;
            world.editor = None;
            Vec::new()
        }
        None => Vec::new(),
    }
}
