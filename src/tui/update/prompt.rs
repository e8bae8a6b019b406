//! The keys of the prompt: editing as in bash, running, completing, searching.

use super::{lesson, session, work};
use crate::tui::effect::Effect;
use crate::tui::key::{Code, Key, alt, ctrl, plain, shift};
use crate::tui::keymap::when::{
    always, can_complete, can_put_suggestion, can_transpose, can_undo, can_yank, has_ghost, has_history, has_tabs,
    is_after_start, is_before_end, is_empty, is_typing,
};
use crate::tui::keymap::{Binding, Layer, entry};
use crate::tui::pane::PaneId;
use crate::tui::pane::terminal::{Prompt, Reach};
use crate::tui::world::World;

const fn held(code: Code) -> Key {
    Key { code, ctrl: true, alt: false, shift: false }
}

/// An entry that edits the line.
macro_rules! edits {
    ($keys:expr, $label:literal, $say:literal, $when:expr, $edit:expr, $rank:literal) => {
        entry(
            $keys,
            $label,
            $say,
            $when,
            |world, _| {
                let edit: fn(&mut Prompt) = $edit;
                edit(&mut world.panes.terminal.prompt);
                world.panes.terminal.scrollback.scroll = 0;
                Vec::new()
            },
            $rank,
        )
    };
}

/// The keys.
pub static LAYER: Layer = Layer { heading: "At the prompt: typing types", keys: KEYS };

const KEYS: &[Binding] = &[
    entry(
        &[plain(Code::Enter), ctrl('j')],
        "run",
        "run the command; while one runs, this one is run after it",
        |world, key| is_typing(world, key) && !session::goes_on(world) && !session::has_gap(world),
        |world, _| session::submit(world),
        2,
    ),
    entry(
        &[plain(Code::Enter), ctrl('j')],
        "next row",
        "in an open quote, after << or a backslash: go on in a new row",
        |world, key| is_typing(world, key) && session::goes_on(world),
        |world, _| session::submit(world),
        2,
    ),
    entry(
        &[plain(Code::Enter), ctrl('j')],
        "run",
        "with a gap in the command: says that it is to be filled",
        is_typing,
        |world, _| session::submit(world),
        0,
    ),
    entry(
        &[plain(Code::Enter)],
        "to prompt",
        "on an empty prompt: put the suggested command there",
        can_put_suggestion,
        |world, _| lesson::suggest(world),
        2,
    ),
    entry(&[plain(Code::Tab)], "complete", "complete the word", can_complete, |world, _| complete(world), 3),
    entry(
        &[plain(Code::Tab)],
        "panes",
        "on an empty prompt: go to the panes",
        is_empty,
        |world, _| work::turn(world, 1),
        4,
    ),
    entry(
        &[shift(Code::Tab)],
        "panes",
        "on an empty prompt: go to the last pane",
        is_empty,
        |world, _| work::turn(world, -1),
        0,
    ),
    edits!(
        &[plain(Code::Esc)],
        "put aside",
        "put the line aside; Ctrl-Y brings it back",
        is_typing,
        Prompt::put_aside,
        4
    ),
    entry(
        &[plain(Code::Esc)],
        "lesson",
        "on an empty prompt, beside another tab: show the lesson",
        |world, key| is_empty(world, key) && has_tabs(world, key) && world.tab != PaneId::Lesson,
        |world, _| {
            world.tab = PaneId::Lesson;
            Vec::new()
        },
        1,
    ),
    entry(
        &[plain(Code::PageUp), shift(Code::PageUp)],
        "page up",
        "look back at what was printed",
        always,
        |world, _| look(world, -1),
        0,
    ),
    entry(
        &[plain(Code::PageDown), shift(Code::PageDown)],
        "page down",
        "come forward again",
        always,
        |world, _| look(world, 1),
        0,
    ),
    entry(
        &[ctrl('l')],
        "clear",
        "empty the terminal pane",
        always,
        |world, _| {
            world.panes.terminal.scrollback.clear();
            Vec::new()
        },
        0,
    ),
    edits!(&[plain(Code::Up)], "older", "the command before", always, |prompt| _ = prompt.up(), 0),
    edits!(&[plain(Code::Down), ctrl('n')], "newer", "the command after", always, |prompt| _ = prompt.down(), 0),
    edits!(&[ctrl('r')], "search", "search earlier commands", has_history, Prompt::search_older, 0),
    entry(&[ctrl('d')], "quit", "on an empty prompt: leave", is_empty, |_, _| vec![Effect::Quit], 0),
];

/// What edits the line, as in bash. It works on what was typed before a question, too.
pub static EDITS: Layer = Layer { heading: "Editing the line", keys: EDIT_KEYS };

const EDIT_KEYS: &[Binding] = &[
    edits!(
        &[plain(Code::Right), plain(Code::End), ctrl('e'), ctrl('f')],
        "take the rest",
        "take the dim rest, from an earlier command",
        has_ghost,
        |prompt| prompt.take_ghost(true),
        8
    ),
    edits!(
        &[alt(Code::Char('f')), held(Code::Right)],
        "take a word",
        "take the next word of the dim rest",
        has_ghost,
        |prompt| prompt.take_ghost(false),
        0
    ),
    edits!(&[ctrl('_'), ctrl('7'), ctrl('/')], "undo", "take back the last edit", can_undo, Prompt::undo, 0),
    edits!(&[ctrl('t')], "swap", "exchange two letters", can_transpose, Prompt::transpose, 0),
    edits!(
        &[alt(Code::Char('.'))],
        "last word",
        "the last word of the command before",
        has_history,
        Prompt::last_word,
        0
    ),
    edits!(&[plain(Code::Left), ctrl('b')], "left", "left", is_after_start, |prompt| prompt.go(Reach::Back), 0),
    edits!(&[plain(Code::Right), ctrl('f')], "right", "right", is_before_end, |prompt| prompt.go(Reach::Ahead), 0),
    edits!(
        &[alt(Code::Char('b')), held(Code::Left)],
        "word left",
        "a word to the left",
        is_after_start,
        |prompt| prompt.go(Reach::WordBack),
        0
    ),
    edits!(
        &[alt(Code::Char('f')), held(Code::Right)],
        "word right",
        "a word to the right",
        is_before_end,
        |prompt| prompt.go(Reach::WordAhead),
        0
    ),
    edits!(
        &[plain(Code::Home), ctrl('a')],
        "start",
        "to the start of the line",
        is_after_start,
        |prompt| prompt.go(Reach::Start),
        0
    ),
    edits!(
        &[plain(Code::End), ctrl('e')],
        "end",
        "to the end of the line",
        is_before_end,
        |prompt| prompt.go(Reach::End),
        0
    ),
    edits!(
        &[plain(Code::Backspace), ctrl('h')],
        "delete",
        "delete the letter before",
        is_after_start,
        |prompt| prompt.delete(Reach::Back),
        0
    ),
    edits!(
        &[plain(Code::Delete), ctrl('d')],
        "delete",
        "delete the letter under the cursor",
        is_before_end,
        |prompt| prompt.delete(Reach::Ahead),
        0
    ),
    edits!(
        &[ctrl('w'), alt(Code::Backspace)],
        "cut word",
        "cut the word before",
        is_after_start,
        |prompt| prompt.delete(Reach::SpaceBack),
        0
    ),
    edits!(
        &[alt(Code::Char('d'))],
        "cut word",
        "cut the word after",
        is_before_end,
        |prompt| prompt.delete(Reach::WordAhead),
        0
    ),
    edits!(
        &[ctrl('u')],
        "cut",
        "cut to the start of the line",
        is_after_start,
        |prompt| prompt.delete(Reach::Start),
        0
    ),
    edits!(&[ctrl('k')], "cut", "cut to the end of the line", is_before_end, |prompt| prompt.delete(Reach::End), 0),
    edits!(&[ctrl('y')], "put back", "put back what was cut", can_yank, Prompt::yank, 0),
    edits!(
        &[alt(Code::Enter)],
        "new row",
        "begin a new row without running",
        is_typing,
        |prompt| prompt.insert("\n"),
        0
    ),
    edits!(&[ctrl('c')], "clear line", "empty the line", is_typing_at_rest, |prompt| prompt.set(""), 0),
];

/// The keys while the history is searched.
pub static SEARCH: Layer = Layer {
    heading: "Searching earlier commands",
    keys: &[
        edits!(
            &[plain(Code::Enter)],
            "take it",
            "put the line found on the prompt",
            always,
            |prompt| prompt.search_end(true),
            1
        ),
        edits!(&[ctrl('r')], "older", "an older line", has_older, Prompt::search_older, 2),
        edits!(
            &[plain(Code::Esc), ctrl('c'), ctrl('g')],
            "cancel",
            "leave the search",
            always,
            |prompt| prompt.search_end(false),
            3
        ),
        edits!(&[plain(Code::Backspace)], "delete", "take back a letter", always, |prompt| prompt.search_for(None), 0),
    ],
};

fn has_older(world: &World, _: Key) -> bool {
    world.panes.terminal.prompt.older().is_some()
}

fn is_typing_at_rest(world: &World, key: Key) -> bool {
    is_typing(world, key) && world.panes.terminal.running.is_none()
}

fn complete(world: &World) -> Vec<Effect> {
    let prompt = &world.panes.terminal.prompt;
    vec![Effect::Complete { line: prompt.text().to_owned(), cursor: prompt.cursor() }]
}

fn look(world: &mut World, direction: isize) -> Vec<Effect> {
    let page = world.room(PaneId::Terminal).0.saturating_sub(2).max(1).cast_signed();
    PaneId::Terminal.pane().step(world, direction * page);
    Vec::new()
}
