//! What each happening does to the world, and what it asks for. Never waits, never looks outside.

pub mod ask;
mod copy;
mod input;
pub mod lesson;
mod looks;
pub mod prompt;
pub mod reading;
mod session;
pub mod work;

pub use copy::copy;
pub use input::{focus, key, paste};
pub use looks::set;
pub use session::quit;

use super::effect::Effect;
use super::keymap::is_hidden;
use super::msg::Msg;
use super::overlay::editor::{self, Editor};
use super::overlay::pick::Pick;
use super::overlay::tamper;
use super::pane::terminal::Voice;
use super::pane::{self, PANES, PaneId};
use super::settings::Mouse;
use super::world::{Focus, Notice, Screen, World};
use crate::base::sanitize_line;

/// Takes one message in. The effects are to be done in order.
pub fn update(world: &mut World, msg: Msg) -> Vec<Effect> {
    let mut effects = match msg {
        Msg::Key(key) => input::key(world, key.normal()),
        Msg::Paste(text) => input::paste(world, &text),
        Msg::Mouse(mouse) => input::mouse(world, mouse),
        Msg::Resize { width, height } => {
            (world.width, world.height, world.asked) = (width, height, None);
            editor::follow(world);
            lesson::reveal_first(world);
            Vec::new()
        }
        Msg::Looks(settings, abilities) => {
            world.choose(settings, abilities);
            vec![Effect::Mouse(settings.mouse == Mouse::On)]
        }
        Msg::Tick(now) => {
            world.now = now;
            pane::objects::tick(world, now);
            Vec::new()
        }
        Msg::Course { lessons, selected, tally, wish } => {
            (world.wish, world.course.tally) = (wish, tally);
            // Whoever comes from a lesson finds it again, so that Enter leads back.
            let open = world.lesson.as_ref().and_then(|open| lessons.iter().position(|card| card.id == open.lesson.id));
            world.course.selected = open.unwrap_or(selected).min(lessons.len().saturating_sub(1));
            world.course.lessons = lessons;
            world.course.ready = true;
            Vec::new()
        }
        Msg::LessonOpened { lesson, step, progress } => lesson::opened(world, lesson, step, progress),
        Msg::LessonEdited(lesson) => {
            lesson::edited(world, lesson);
            Vec::new()
        }
        Msg::Cluster(info) => {
            pane::releases::moved(world, info.release);
            world.cluster = Some(session::safe(info));
            Vec::new()
        }
        Msg::Door(line) => {
            world.door = line.map(|line| sanitize_line(&line).into_owned());
            Vec::new()
        }
        Msg::Output { chunk, stderr } => {
            session::output(world, &chunk, stderr);
            Vec::new()
        }
        Msg::CommandDone { status, line: _, requests } => session::done(world, status, requests),
        Msg::Turned { undone, what, since, lines } => {
            session::turned(world, undone, &what, since, lines);
            Vec::new()
        }
        Msg::Cleared => {
            world.panes.terminal.scrollback.clear();
            Vec::new()
        }
        Msg::Turns { back, again } => {
            world.turns = (back, again);
            Vec::new()
        }
        Msg::Checks { step, passed, near } => lesson::checks(world, &step, passed, near),
        Msg::Said(line) => {
            lesson::said(world, line);
            Vec::new()
        }
        Msg::Aside(text) => {
            world
                .panes
                .terminal
                .scrollback
                .say(&format!("  lesson: {}", pane::lesson::one_line(&text).replace('*', "")), Voice::Note);
            Vec::new()
        }
        Msg::WrongTurn { step, say } => {
            lesson::wrong_turn(world, &step, say);
            Vec::new()
        }
        Msg::Tampered { forgery, answer } => {
            tamper::answered(world, forgery, *answer);
            Vec::new()
        }
        Msg::Pane(news) => news.hear(world),
        Msg::Edit { path, content } => {
            editor::open(world, path, &content);
            Vec::new()
        }
        Msg::FileSaved { path } => editor::saved(world, &path),
        Msg::History(lines) => {
            world.panes.terminal.prompt.load_history(lines);
            Vec::new()
        }
        Msg::Completions { line, cursor, start, words } => {
            session::completions(world, &line, cursor, start, words);
            Vec::new()
        }
        Msg::Notice(text) => {
            notice(world, text, false);
            Vec::new()
        }
        Msg::Failure(text) => {
            if let Some(open) = &mut world.lesson {
                open.leaving = false;
            }
            notice(world, text, true);
            Vec::new()
        }
    };
    effects.extend(settle(world));
    effects
}

/// Keeps the parts in step after any change. Gives what the panes want done by themselves.
fn settle(world: &mut World) -> Vec<Effect> {
    // The list belongs to the line it was made for.
    let at_prompt = world.focus == Focus::Prompt && world.screen == Screen::Workbench;
    if !at_prompt || world.panes.terminal.running.is_some() {
        world.close::<Pick>();
    }
    if let Focus::Pane(id) = world.focus {
        world.tab = id;
        if pane::is_aside(id) {
            world.aside = id;
        }
    }
    // What was typed before the question was taken back: Enter is an answer again.
    if world.panes.terminal.prompt.is_empty()
        && let Some(asking) = world.lesson.as_mut().and_then(|open| open.asking.as_mut())
    {
        asking.stray = false;
    }
    pane::objects::settle(world);
    if world.screen != Screen::Workbench {
        return Vec::new();
    }
    // A question that has the keys is seen.
    if world.focus == Focus::Prompt && world.asks() && world.layout().tabs.is_some() {
        world.tab = PaneId::Lesson;
    }
    world.share_rows();
    let layout = world.layout();
    for pane in PANES.iter().filter(|pane| layout.place(pane.id()).is_some()) {
        if !is_hidden(world, pane.id()) {
            pane.seen(world);
        }
    }
    PANES.iter().flat_map(|pane| pane.wishes(world, layout.place(pane.id()).is_some())).collect()
}

/// Says something where the learner looks: in the terminal pane at work, else on a line of its own.
pub fn notice(world: &mut World, text: String, bad: bool) {
    if world.screen == Screen::Workbench && world.over::<Editor>().is_none() {
        let (sign, voice) = if bad { ("✘ ", Voice::Bad) } else { ("· ", Voice::Note) };
        world.panes.terminal.scrollback.say(&format!("{sign}{text}"), voice);
    } else {
        world.notice = Some(Notice { text, bad });
    }
}
