//! The keys of the workbench, wherever the others go: the command that ran, the step, the panes.

use super::{copy, input, lesson, notice, reading, session};
use crate::tui::effect::Effect;
use crate::tui::glossary;
use crate::tui::key::{Code, Key, alt, char, ctrl, plain, shift};
use crate::tui::keymap::when::{
    always, can_begin_again, can_go_back, can_skip, can_suspend, has_fault, has_hints, has_lesson, has_long_output,
    has_no_hints, has_tabs, is_at_rest, is_done, is_helpless, is_running, must_stay,
};
use crate::tui::keymap::{HELP, Layer, QUIT, entry, function};
use crate::tui::overlay::help::Help;
use crate::tui::overlay::leave;
use crate::tui::overlay::palette::{self, Palette};
use crate::tui::overlay::word::Word;
use crate::tui::pane::terminal::Voice;
use crate::tui::pane::{PaneId, releases, tabs};
use crate::tui::screen::end;
use crate::tui::settings::Mouse;
use crate::tui::world::{Focus, World};

/// What works at the prompt and in the panes.
pub static LAYER: Layer = Layer {
    heading: "At work",
    keys: &[
        entry(&[ctrl('c')], "stop it", "stop the running command", is_running, stop, 1),
        entry(
            &[function(4)],
            "what it means",
            "after an error: what it means, in plain words",
            has_fault,
            |world, _| reading::explain(world),
            1,
        ),
        entry(
            &[function(4)],
            "what it means",
            "explain the last error; where there is none: says so",
            |world, key| is_at_rest(world, key) && !has_fault(world, key),
            |world, _| remark(world, "· The last command met no error that can be explained."),
            0,
        ),
        entry(
            &[function(7)],
            "read it",
            "open long output for reading",
            has_long_output,
            |world, _| reading::open(world),
            3,
        ),
        entry(
            &[function(7)],
            "read it",
            "read the last output; where it is not long: says so",
            |world, key| is_at_rest(world, key) && !has_long_output(world, key),
            |world, _| remark(world, "· What the last command printed is not long: it stands here."),
            0,
        ),
        entry(
            &[function(5)],
            "releases",
            "see how other releases answer your commands",
            has_lesson,
            |world, _| {
                input::focus(world, PaneId::Releases);
                releases::open(world)
            },
            12,
        ),
        entry(&[function(2)], "hint", "open the next hint", has_hints, |world, _| lesson::hint(world), 5),
        entry(
            &[function(2)],
            "hint",
            "where no hint is left: says why",
            has_no_hints,
            |world, _| lesson::hint(world),
            0,
        ),
        entry(&[function(3)], "next", "go to the next step", is_done, |world, _| lesson::next(world), 1),
        entry(
            &[function(3)],
            "next",
            "before the step is done: skip it, after a question",
            can_skip,
            |world, _| lesson::next(world),
            6,
        ),
        entry(
            &[function(3)],
            "next",
            "on the last step, before it is done: says how to go elsewhere",
            must_stay,
            |world, _| lesson::stays(world),
            0,
        ),
        entry(
            &[function(6)],
            "clock",
            "go to the clock, and move it forward; from there, back to the prompt",
            has_lesson,
            |world, _| {
                let there = world.focus == Focus::Pane(PaneId::Clock);
                input::focus(world, if there { PaneId::Terminal } else { PaneId::Clock });
                Vec::new()
            },
            12,
        ),
        entry(
            &[alt(Code::Char('z'))],
            "undo",
            "undo the last command: take back what it changed in objects, files, the clock",
            |world, key| is_at_rest(world, key) && world.turns.0 > 0,
            |_, _| vec![Effect::Undo],
            8,
        ),
        entry(
            &[alt(Code::Char('z'))],
            "undo",
            "undo the last command; where nothing can be taken back: says why",
            has_lesson,
            |_, _| vec![Effect::Undo],
            0,
        ),
        entry(
            &[alt(Code::Char('y'))],
            "redo",
            "do again what was taken back; where there is nothing: says why",
            has_lesson,
            |_, _| vec![Effect::Redo],
            0,
        ),
        entry(
            &[alt(Code::Right)],
            "next tab",
            "show the next tab and stay at the prompt",
            has_tabs,
            |world, _| turn_tab(world, 1),
            9,
        ),
        entry(
            &[alt(Code::Left)],
            "previous tab",
            "show the tab before and stay at the prompt",
            has_tabs,
            |world, _| turn_tab(world, -1),
            0,
        ),
        entry(
            &[alt(Code::Up)],
            "lesson up",
            "scroll the upper pane up",
            has_lesson,
            |world, _| {
                world.tab.pane().scroll(world, -1);
                Vec::new()
            },
            0,
        ),
        entry(
            &[alt(Code::Down)],
            "lesson down",
            "scroll the upper pane down",
            has_lesson,
            |world, _| {
                world.tab.pane().scroll(world, 1);
                Vec::new()
            },
            0,
        ),
    ],
};

/// What works beside a question of the lesson, too.
pub static AROUND: Layer = Layer {
    heading: "Around the step",
    keys: &[
        entry(
            &[function(8)],
            "again",
            "put the step back to its start: cluster, files, checks",
            can_begin_again,
            |world, _| lesson::again(world),
            10,
        ),
        entry(&[function(9)], "back", "go back a step", can_go_back, |world, _| lesson::previous(world), 0),
        entry(
            &[function(9)],
            "back",
            "go back a step; on the first one: says so",
            |world, key| can_begin_again(world, key) && !can_go_back(world, key),
            |world, _| remark(world, "· This is the first step. F10 goes to the course list."),
            0,
        ),
        entry(&[function(10)], "course", "go to the course list", always, |world, _| lesson::course(world), 9),
    ],
};

/// What scrolls a text that is open: an overlay, or the end of the course.
pub static SCROLL: Layer = Layer {
    heading: "Scrolling what is open",
    keys: &[
        entry(&[plain(Code::Up), char('k')], "up", "up", has_above, |world, _| scroll(world, -1), 0),
        entry(&[plain(Code::Down), char('j')], "down", "down", has_below, |world, _| scroll(world, 1), 0),
        entry(
            &[char(' '), plain(Code::PageDown), shift(Code::PageDown)],
            "page down",
            "a page down",
            has_below,
            |world, _| scroll(world, screenful(world)),
            5,
        ),
        entry(
            &[char('b'), plain(Code::PageUp), shift(Code::PageUp)],
            "page up",
            "a page up",
            has_above,
            |world, _| scroll(world, -screenful(world)),
            0,
        ),
        entry(&[plain(Code::Home), char('g')], "top", "to the top", has_above, |world, _| scroll(world, -FAR), 0),
        entry(&[plain(Code::End), char('G')], "bottom", "to the bottom", has_below, |world, _| scroll(world, FAR), 0),
    ],
};

fn hidden(world: &World) -> (usize, usize) {
    world.over.last().map_or_else(|| end::hidden(world), |top| top.hidden(world))
}

fn has_above(world: &World, _: Key) -> bool {
    hidden(world).0 > 0
}

fn has_below(world: &World, _: Key) -> bool {
    hidden(world).1 > 0
}

/// Further than anything is long.
const FAR: isize = 1 << 40;

fn screenful(world: &World) -> isize {
    isize::from(world.height.saturating_sub(6).cast_signed()).max(1)
}

fn scroll(world: &mut World, rows: isize) -> Vec<Effect> {
    match world.over.last() {
        Some(top) => {
            top.wheel()(world, rows);
            Vec::new()
        }
        None => end::scroll(world, rows),
    }
}

/// What works everywhere.
pub static EVERYWHERE: Layer = Layer {
    heading: "Everywhere",
    keys: &[
        entry(
            &[HELP],
            "help",
            "open this help",
            is_helpless,
            |world, _| {
                world.open(Help::default());
                Vec::new()
            },
            7,
        ),
        entry(&[palette::KEY], "find", "find any action by its name", has_no_list, |world, _| palette::open(world), 8),
        entry(
            &[alt(Code::Char('w'))],
            "what is",
            "what is this: the word at the cursor, or what is selected",
            has_no_list,
            |world, _| glossary::what_is(world),
            12,
        ),
        entry(
            &[alt(Code::Char('c'))],
            "copy",
            "copy what is open or selected, else the line or the last output",
            always,
            |world, _| copy(world),
            0,
        ),
        entry(
            &[function(12)],
            "mouse",
            "give the mouse to the terminal, to select text; or take it back",
            always,
            |world, _| hand_mouse_over(world),
            0,
        ),
        entry(
            &[ctrl('z')],
            "suspend",
            "go to the shell for a while; fg comes back",
            can_suspend,
            |_, _| vec![Effect::Suspend],
            0,
        ),
        entry(&[QUIT], "quit", "leave; your place is kept", always, |world, _| leave::quit(world), 11),
    ],
};

/// What works in every pane. A letter goes to the prompt.
pub static PANES: Layer = Layer {
    heading: "In a pane",
    keys: &[
        entry(
            &[plain(Code::Esc)],
            "prompt",
            "go back to the prompt; a letter does so and types",
            always,
            |world, _| {
                (world.focus, world.tab) = (Focus::Prompt, PaneId::Lesson);
                Vec::new()
            },
            1,
        ),
        entry(&[plain(Code::Tab), plain(Code::Right)], "next pane", "go to the next pane", always, next, 6),
        entry(
            &[shift(Code::Tab), plain(Code::Left)],
            "previous pane",
            "go to the pane before",
            always,
            |world, _| turn(world, -1),
            0,
        ),
        entry(&[plain(Code::Up)], "up", "up", can_rise, |world, _| step(world, -1), 7),
        entry(&[plain(Code::Down)], "down", "down", can_sink, |world, _| step(world, 1), 7),
        entry(
            &[plain(Code::PageUp), shift(Code::PageUp)],
            "page up",
            "a page up",
            can_rise,
            |world, _| step(world, -page(world)),
            0,
        ),
        entry(
            &[plain(Code::PageDown), shift(Code::PageDown)],
            "page down",
            "a page down",
            can_sink,
            |world, _| step(world, page(world)),
            0,
        ),
        entry(&[plain(Code::Home)], "top", "to the top", can_rise, |world, _| step(world, -FAR), 0),
        entry(&[plain(Code::End)], "bottom", "to the bottom", can_sink, |world, _| step(world, FAR), 0),
    ],
};

fn can_rise(world: &World, _: Key) -> bool {
    focused(world).pane().steps(world).0
}

fn can_sink(world: &World, _: Key) -> bool {
    focused(world).pane().steps(world).1
}

/// No list of actions or words lies over the screen, and no word.
fn has_no_list(world: &World, _: Key) -> bool {
    world.over::<Palette>().is_none() && world.over::<Word>().is_none()
}

/// Says why a key does nothing.
fn remark(world: &mut World, say: &str) -> Vec<Effect> {
    world.panes.terminal.scrollback.say(say, Voice::Note);
    Vec::new()
}

/// Stops the command; what was typed ahead of its end is not run either, and stands on the prompt again.
fn stop(world: &mut World, _: Key) -> Vec<Effect> {
    session::give_back(world);
    vec![Effect::Cancel]
}

/// Gives the mouse to the other one, for now: what the settings say is what the next session begins with.
fn hand_mouse_over(world: &mut World) -> Vec<Effect> {
    let (mouse, say) = match world.settings.mouse {
        Mouse::On => (Mouse::Off, "The mouse is the terminal's, and selects text. F12 takes it back."),
        Mouse::Off => (Mouse::On, "The mouse scrolls and clicks. With Shift it selects text."),
    };
    world.settings.mouse = mouse;
    notice(world, say.to_owned(), false);
    vec![Effect::Mouse(mouse == Mouse::On)]
}

/// The pane that has the keys.
fn focused(world: &World) -> PaneId {
    match world.focus {
        Focus::Pane(id) => id,
        Focus::Prompt => PaneId::Terminal,
    }
}

fn next(world: &mut World, _: Key) -> Vec<Effect> {
    turn(world, 1)
}

/// Gives the keys to the pane so many places further; the prompt is one of them.
pub fn turn(world: &mut World, by: isize) -> Vec<Effect> {
    let further = focused(world).further(by);
    input::focus(world, further);
    Vec::new()
}

fn step(world: &mut World, rows: isize) -> Vec<Effect> {
    focused(world).pane().step(world, rows);
    Vec::new()
}

fn page(world: &World) -> isize {
    world.room(focused(world)).0.saturating_sub(2).max(1).cast_signed()
}

fn turn_tab(world: &mut World, by: isize) -> Vec<Effect> {
    let tabs: Vec<PaneId> = tabs().collect();
    let at = tabs.iter().position(|tab| *tab == world.tab).unwrap_or(0).cast_signed();
    let next = (at + by).rem_euclid(tabs.len().cast_signed()).cast_unsigned();
    world.tab = tabs.get(next).copied().unwrap_or(PaneId::Lesson);
    if let Focus::Pane(id) = &mut world.focus {
        *id = world.tab;
    }
    Vec::new()
}
