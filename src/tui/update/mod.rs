//! What each happening does to the world, and what it asks for. Never waits, never looks outside.

mod act;
mod editor;
mod input;
mod lesson;
mod reading;
mod session;

use super::effect::Effect;
use super::msg::{Feed, Msg};
use super::pane::objects::Objects;
use super::pane::terminal::Voice;
use super::pane::{self, PaneId};
use super::world::{Focus, Notice, Screen, World};
use crate::base::sanitize_line;

/// Takes one message in. The effects are to be done in order.
pub fn update(world: &mut World, msg: Msg) -> Vec<Effect> {
    let effects = match msg {
        Msg::Key(key) => input::key(world, key.normal()),
        Msg::Paste(text) => input::paste(world, &text),
        Msg::Mouse(mouse) => input::mouse(world, mouse),
        Msg::Resize { width, height } => {
            (world.width, world.height) = (width, height);
            editor::follow(world);
            lesson::reveal_first(world);
            Vec::new()
        }
        Msg::Tick(now) => {
            world.now = now;
            world.objects.index.tick(now);
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
        Msg::Checks { step, passed, near } => lesson::checks(world, &step, passed, near),
        Msg::Said(line) => {
            lesson::said(world, line);
            Vec::new()
        }
        Msg::Aside(text) => {
            world.scrollback.say(&format!("  lesson: {}", pane::lesson::one_line(&text).replace('*', "")), Voice::Note);
            Vec::new()
        }
        Msg::WrongTurn { step, say } => {
            lesson::wrong_turn(world, &step, say);
            Vec::new()
        }
        Msg::Objects(Feed::Cleared) => {
            world.objects = Objects::default();
            (world.token, world.token_unseen) = (None, false);
            Vec::new()
        }
        Msg::Objects(feed) => {
            let marked = world.objects.index.take(feed, world.now);
            world.objects.unseen += marked;
            Vec::new()
        }
        Msg::Token(token) => {
            world.token = Some(*token);
            world.token_unseen = true;
            world.token_scroll = 0;
            Vec::new()
        }
        Msg::Edit { path, content } => {
            editor::open(world, path, &content);
            Vec::new()
        }
        Msg::FileSaved { path } => {
            editor::saved(world, &path);
            Vec::new()
        }
        Msg::History(lines) => {
            world.prompt.load_history(lines);
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
    settle(world);
    effects
}

/// Keeps the parts in step after any change.
fn settle(world: &mut World) {
    // The list belongs to the line it was made for.
    if world.focus != Focus::Prompt || world.screen != Screen::Workbench || world.running.is_some() {
        world.pick = None;
    }
    if let Focus::Pane(id) = world.focus
        && id != PaneId::Terminal
    {
        world.tab = id;
    }
    // The question has the keys where it is seen, and nowhere else.
    if world.asks() && world.screen == Screen::Workbench && world.tab != PaneId::Lesson && world.layout().tabs.is_some()
    {
        world.focus = Focus::Pane(world.tab);
    }
    if world.screen == Screen::Workbench {
        let layout = world.layout();
        if layout.place(PaneId::Objects).is_some() {
            world.objects.unseen = 0;
        }
        if layout.place(PaneId::Token).is_some() {
            world.token_unseen = false;
        }
    }
}

/// Says something where the learner looks: in the terminal pane at work, else on a line of its own.
fn notice(world: &mut World, text: String, bad: bool) {
    if world.screen == Screen::Workbench && world.editor.is_none() {
        let (sign, voice) = if bad { ("✘ ", Voice::Bad) } else { ("· ", Voice::Note) };
        world.scrollback.say(&format!("{sign}{text}"), voice);
    } else {
        world.notice = Some(Notice { text, bad });
    }
}
