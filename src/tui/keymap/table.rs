//! The table of keys. The first entry that fits wins.

use Context::{Course, Editor, Help, Lesson, Objects, Prompt, Question, Search, Small, Terminal, Token};

use super::{Action, Binding, Context, digit};
use crate::tui::key::{Code, Key, alt, char, ctrl, plain, shift};
use crate::tui::pane::objects;
use crate::tui::world::World;

const PANES: &[Context] = &[Lesson, Objects, Token, Terminal];
const NOT_LESSON: &[Context] = &[Objects, Token, Terminal];
const WORK: &[Context] = &[Prompt, Lesson, Objects, Token, Terminal];

const fn function(number: u8) -> Key {
    plain(Code::F(number))
}

fn always(_: &World, _: Key) -> bool {
    true
}

fn has_lesson(world: &World, _: Key) -> bool {
    world.lesson.is_some()
}

fn can_go_on(world: &World, _: Key) -> bool {
    world.lesson.as_ref().is_some_and(|open| !open.leaving && (!open.is_last() || open.is_done()))
}

fn can_go_back(world: &World, _: Key) -> bool {
    world.lesson.as_ref().is_some_and(|open| !open.leaving && open.step > 0)
}

fn has_hints(world: &World, _: Key) -> bool {
    world.lesson.as_ref().is_some_and(|open| open.hints_left() > 0)
}

fn has_suggestion(world: &World, _: Key) -> bool {
    world.suggestion().is_some()
}

fn has_answer(world: &World, key: Key) -> bool {
    let answers = world.lesson.as_ref().and_then(|open| open.predict()).map_or(0, |predict| predict.answers.len());
    digit(key).is_some_and(|digit| digit >= 1 && digit <= answers)
}

fn has_open_question(world: &World, key: Key) -> bool {
    has_answer(world, key) && world.lesson.as_ref().is_some_and(|open| open.answer.is_none())
}

fn is_running(world: &World, _: Key) -> bool {
    world.running.is_some()
}

fn is_typing(world: &World, _: Key) -> bool {
    !world.prompt.is_empty()
}

fn is_before_end(world: &World, _: Key) -> bool {
    world.prompt.cursor() < world.prompt.text().len()
}

fn is_after_start(world: &World, _: Key) -> bool {
    world.prompt.cursor() > 0
}

fn is_empty(world: &World, _: Key) -> bool {
    world.prompt.is_empty()
}

fn can_submit(world: &World, _: Key) -> bool {
    !world.prompt.is_empty() && world.running.is_none()
}

fn can_put_suggestion(world: &World, _: Key) -> bool {
    world.prompt.is_empty() && world.running.is_none() && world.suggestion().is_some()
}

fn can_yank(world: &World, _: Key) -> bool {
    world.prompt.can_yank()
}

fn has_history(world: &World, _: Key) -> bool {
    !world.prompt.history().is_empty()
}

fn has_tabs(world: &World, _: Key) -> bool {
    world.layout().tabs.is_some()
}

fn has_lessons(world: &World, _: Key) -> bool {
    !world.course.lessons.is_empty()
}

fn selects_token(world: &World, _: Key) -> bool {
    objects::selected_token(world).is_some()
}

fn selects_object(world: &World, _: Key) -> bool {
    objects::selected_object(world).is_some()
}

const fn entry(
    action: Action,
    keys: &'static [Key],
    label: &'static str,
    say: &'static str,
    contexts: &'static [Context],
    when: fn(&World, Key) -> bool,
    rank: u8,
) -> Binding {
    Binding { action, keys, label, say, contexts, when, rank }
}

const ANSWERS: &[Key] =
    &[char('1'), char('2'), char('3'), char('4'), char('5'), char('6'), char('7'), char('8'), char('9')];
const ALT_ANSWERS: &[Key] = &[
    alt(Code::Char('1')),
    alt(Code::Char('2')),
    alt(Code::Char('3')),
    alt(Code::Char('4')),
    alt(Code::Char('5')),
    alt(Code::Char('6')),
    alt(Code::Char('7')),
    alt(Code::Char('8')),
    alt(Code::Char('9')),
];

/// Every key that does something, in the order they are looked up.
pub const BINDINGS: &[Binding] = &[
    // Questions and overlays.
    entry(Action::Yes, &[char('y')], "yes", "yes", &[Question], always, 1),
    entry(Action::No, &[char('n'), plain(Code::Esc)], "no", "no", &[Question], always, 2),
    entry(
        Action::Help,
        &[plain(Code::Esc), char('q'), char('?'), function(1), plain(Code::Enter)],
        "close",
        "close the help",
        &[Help],
        always,
        1,
    ),
    entry(Action::Save, &[ctrl('s')], "save and close", "save the file and close", &[Editor], always, 1),
    entry(Action::Close, &[plain(Code::Esc)], "cancel", "close without saving", &[Editor], always, 2),
    // The course list.
    entry(Action::Open, &[plain(Code::Enter)], "go on", "go on where you stopped", &[Course], has_lessons, 1),
    entry(Action::Restart, &[char('r')], "from the start", "begin the lesson again", &[Course], has_lessons, 4),
    // The prompt.
    entry(Action::Submit, &[plain(Code::Enter)], "run", "run the command", &[Prompt], can_submit, 2),
    entry(
        Action::Suggest,
        &[plain(Code::Enter)],
        "to prompt",
        "on an empty prompt: put the suggested command there",
        &[Prompt],
        can_put_suggestion,
        2,
    ),
    entry(Action::Complete, &[plain(Code::Tab)], "complete", "complete the word", &[Prompt], can_submit, 3),
    entry(Action::Cancel, &[ctrl('c')], "stop it", "stop the running command", WORK, is_running, 1),
    entry(Action::FocusPanes, &[plain(Code::Esc)], "panes", "go to the panes", &[Prompt], always, 4),
    entry(Action::Hint, &[function(2)], "hint", "open the next hint", WORK, has_hints, 5),
    entry(Action::Hint, &[char('h')], "hint", "open the next hint", &[Lesson], has_hints, 3),
    entry(Action::Next, &[function(3)], "next", "go to the next step", WORK, can_go_on, 6),
    entry(Action::Next, &[char('n')], "next", "go to the next step", PANES, can_go_on, 5),
    entry(Action::Previous, &[char('p')], "back", "go back a step", PANES, can_go_back, 8),
    entry(Action::Answer, ANSWERS, "answer", "answer the question; nothing is counted", &[Lesson], has_answer, 2),
    entry(
        Action::Answer,
        ALT_ANSWERS,
        "answer",
        "answer the lesson's question; nothing is counted",
        &[Prompt],
        has_open_question,
        8,
    ),
    entry(
        Action::Suggest,
        &[char('s'), plain(Code::Enter)],
        "to prompt",
        "put the suggested command on the prompt",
        &[Lesson],
        has_suggestion,
        4,
    ),
    entry(
        Action::Suggest,
        &[char('s')],
        "suggestion",
        "put the suggested command on the prompt",
        NOT_LESSON,
        has_suggestion,
        7,
    ),
    entry(
        Action::Open,
        &[plain(Code::Enter)],
        "read its token",
        "decode the token of the selected pod or secret",
        &[Objects],
        selects_token,
        2,
    ),
    entry(
        Action::Describe,
        &[char('d')],
        "describe",
        "put kubectl describe of the selected object on the prompt",
        &[Objects],
        selects_object,
        3,
    ),
    entry(Action::FocusPrompt, &[char('i'), plain(Code::Esc)], "prompt", "go back to the prompt", PANES, always, 1),
    entry(Action::FocusPrompt, &[plain(Code::Enter)], "prompt", "go back to the prompt", &[Terminal], always, 0),
    // Moving.
    entry(
        Action::Up,
        &[plain(Code::Up), char('k')],
        "up",
        "up",
        &[Course, Help, Lesson, Objects, Token, Terminal],
        always,
        0,
    ),
    entry(
        Action::Down,
        &[plain(Code::Down), char('j')],
        "down",
        "down",
        &[Course, Help, Lesson, Objects, Token, Terminal],
        always,
        0,
    ),
    entry(
        Action::PageUp,
        &[plain(Code::PageUp)],
        "page up",
        "a page up",
        &[Help, Prompt, Lesson, Objects, Token, Terminal],
        always,
        0,
    ),
    entry(
        Action::PageDown,
        &[plain(Code::PageDown)],
        "page down",
        "a page down",
        &[Help, Prompt, Lesson, Objects, Token, Terminal],
        always,
        0,
    ),
    entry(
        Action::Top,
        &[plain(Code::Home), char('g')],
        "top",
        "to the top",
        &[Help, Lesson, Objects, Token, Terminal],
        always,
        0,
    ),
    entry(
        Action::Bottom,
        &[plain(Code::End), char('G')],
        "bottom",
        "to the bottom",
        &[Help, Lesson, Objects, Token, Terminal],
        always,
        0,
    ),
    entry(
        Action::NextPane,
        &[plain(Code::Tab), plain(Code::Right), char('l')],
        "next pane",
        "go to the next pane",
        PANES,
        always,
        6,
    ),
    entry(
        Action::PreviousPane,
        &[shift(Code::Tab), plain(Code::Left)],
        "previous pane",
        "go to the pane before",
        PANES,
        always,
        0,
    ),
    entry(Action::PreviousPane, &[char('h')], "previous pane", "go to the pane before", NOT_LESSON, always, 0),
    entry(
        Action::NextTab,
        &[alt(Code::Right)],
        "next tab",
        "show the next tab and stay at the prompt",
        &[Prompt],
        has_tabs,
        9,
    ),
    entry(
        Action::PreviousTab,
        &[alt(Code::Left)],
        "previous tab",
        "show the tab before and stay at the prompt",
        &[Prompt],
        has_tabs,
        0,
    ),
    entry(Action::UpperUp, &[alt(Code::Up)], "lesson up", "scroll the lesson up", &[Prompt], has_lesson, 0),
    entry(Action::UpperDown, &[alt(Code::Down)], "lesson down", "scroll the lesson down", &[Prompt], has_lesson, 0),
    // Editing the line, as in bash.
    entry(Action::Older, &[plain(Code::Up), ctrl('p')], "older", "the command before", &[Prompt], always, 0),
    entry(Action::Newer, &[plain(Code::Down), ctrl('n')], "newer", "the command after", &[Prompt], always, 0),
    entry(Action::Search, &[ctrl('r')], "search", "search earlier commands", &[Prompt], has_history, 0),
    entry(Action::Left, &[plain(Code::Left), ctrl('b')], "left", "left", &[Prompt], is_after_start, 0),
    entry(Action::Right, &[plain(Code::Right), ctrl('f')], "right", "right", &[Prompt], is_before_end, 0),
    entry(
        Action::WordLeft,
        &[alt(Code::Char('b')), Key { code: Code::Left, ctrl: true, alt: false, shift: false }],
        "word left",
        "a word to the left",
        &[Prompt],
        is_after_start,
        0,
    ),
    entry(
        Action::WordRight,
        &[alt(Code::Char('f')), Key { code: Code::Right, ctrl: true, alt: false, shift: false }],
        "word right",
        "a word to the right",
        &[Prompt],
        is_before_end,
        0,
    ),
    entry(
        Action::LineStart,
        &[plain(Code::Home), ctrl('a')],
        "start",
        "to the start of the line",
        &[Prompt],
        is_after_start,
        0,
    ),
    entry(
        Action::LineEnd,
        &[plain(Code::End), ctrl('e')],
        "end",
        "to the end of the line",
        &[Prompt],
        is_before_end,
        0,
    ),
    entry(
        Action::DeleteBack,
        &[plain(Code::Backspace), ctrl('h')],
        "delete",
        "delete the letter before",
        &[Prompt],
        is_after_start,
        0,
    ),
    entry(
        Action::DeleteAhead,
        &[plain(Code::Delete), ctrl('d')],
        "delete",
        "delete the letter under the cursor",
        &[Prompt],
        is_before_end,
        0,
    ),
    entry(
        Action::CutWord,
        &[ctrl('w'), alt(Code::Backspace)],
        "cut word",
        "cut the word before",
        &[Prompt],
        is_after_start,
        0,
    ),
    entry(Action::CutWordAhead, &[alt(Code::Char('d'))], "cut word", "cut the word after", &[Prompt], is_before_end, 0),
    entry(Action::CutToStart, &[ctrl('u')], "cut", "cut to the start of the line", &[Prompt], is_after_start, 0),
    entry(Action::CutToEnd, &[ctrl('k')], "cut", "cut to the end of the line", &[Prompt], is_before_end, 0),
    entry(Action::Yank, &[ctrl('y')], "put back", "put back what was cut", &[Prompt], can_yank, 0),
    entry(Action::NewRow, &[alt(Code::Enter)], "new row", "begin a new row without running", &[Prompt], is_typing, 0),
    entry(Action::Clear, &[ctrl('l')], "clear", "empty the terminal pane", &[Prompt, Terminal], always, 0),
    entry(Action::ClearLine, &[ctrl('c')], "clear line", "empty the line", &[Prompt], is_typing, 0),
    // Searching.
    entry(Action::Accept, &[plain(Code::Enter)], "take it", "put the line found on the prompt", &[Search], always, 1),
    entry(Action::Search, &[ctrl('r')], "older", "an older line", &[Search], always, 2),
    entry(
        Action::Abandon,
        &[plain(Code::Esc), ctrl('c'), ctrl('g')],
        "cancel",
        "leave the search",
        &[Search],
        always,
        3,
    ),
    entry(Action::Unsearch, &[plain(Code::Backspace)], "delete", "take back a letter", &[Search], always, 0),
    // Around.
    entry(Action::CourseList, &[function(10)], "course", "go to the course list", WORK, always, 9),
    entry(Action::CourseList, &[char('q')], "course", "go back to the course list", PANES, always, 9),
    entry(
        Action::Help,
        &[function(1)],
        "help",
        "open this help",
        &[Course, Prompt, Lesson, Objects, Token, Terminal],
        always,
        7,
    ),
    entry(Action::Help, &[char('?')], "help", "open this help", &[Course, Lesson, Objects, Token, Terminal], always, 5),
    entry(Action::Help, &[char('?')], "help", "on an empty prompt: open this help", &[Prompt], is_empty, 0),
    entry(Action::Quit, &[char('q')], "quit", "leave; your place is kept", &[Course, Small], always, 6),
    entry(Action::Quit, &[ctrl('d')], "quit", "on an empty prompt: leave", &[Prompt], is_empty, 0),
    entry(
        Action::Quit,
        &[ctrl('q')],
        "quit",
        "leave; your place is kept",
        &[Small, Course, Search, Prompt, Lesson, Objects, Token, Terminal, Help, Question],
        always,
        11,
    ),
];
