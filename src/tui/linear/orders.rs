//! What is typed after a colon: one entry each. `:help` and the answer to an unknown word are made of this table, and of the
//! panes, each of which can be read.

use super::course::go_to;
use super::{Teller, function, key, words};
use crate::base::{nearest, sanitize_line};
use crate::course::glossary::{ALL, Entry, find};
use crate::tui::key::{Code, alt, char, ctrl};
use crate::tui::msg::Msg;
use crate::tui::pane::{PANES, Pane, PaneId, clock, releases};
use crate::tui::update::lesson::has_made;
use crate::tui::world::{Screen, World};

/// Something to type after a colon.
pub struct Order {
    /// Its word.
    pub word: &'static str,
    /// What may follow it.
    pub takes: &'static str,
    /// What it does.
    pub say: &'static str,
    act: fn(&mut Teller, &World, &str) -> Vec<Msg>,
}

const fn order(
    word: &'static str,
    takes: &'static str,
    say: &'static str,
    act: fn(&mut Teller, &World, &str) -> Vec<Msg>,
) -> Order {
    Order { word, takes, say, act }
}

/// All of them, in the order of the help.
pub static ORDERS: &[Order] = &[
    order("task", "", "says the step again: its text, the task, and how its checks stand", |teller, world, _| {
        teller.task(world)
    }),
    order("run", "WORD", "runs the command that the step shows; WORD fills its gap", |teller, world, word| match asks(
        world,
    ) {
        true => first_the_question(teller, world),
        false => teller.run_shown(world, word),
    }),
    order("hint", "", "opens the next hint", |teller, world, _| hint(teller, world)),
    order("explain", "", "says in plain words what the last error means", |teller, world, _| explain(teller, world)),
    order("next", "", "goes on: to the next step, the next lesson", |teller, world, _| next(teller, world)),
    order("skip", "", "goes on although the step is not done", |teller, world, _| skip(teller, world)),
    order("back", "", "goes back a step, to a cluster made anew", |teller, world, _| back(teller, world)),
    order("again", "", "puts the step back to its start: cluster, files, checks", |teller, world, _| {
        match world.screen {
            // Where something was done the key asks, and the word has said it already.
            Screen::Workbench if has_made(world) => {
                vec![Msg::Key(function(8)), key(Code::Enter)]
            }
            Screen::Workbench => vec![Msg::Key(function(8))],
            _ => no_lesson(teller),
        }
    }),
    order("pass", "", "passes a question over", |teller, world, _| match asks(world) {
        true => vec![key(Code::Esc); passes(world)],
        false => teller.only("There is no question to pass."),
    }),
    order("undo", "", "takes back what the last command changed", |teller, world, _| turn(teller, world, 'z')),
    order("redo", "", "does again what was taken back", |teller, world, _| turn(teller, world, 'y')),
    order("forward", "10m, 1h, 1d, 1y or next", "moves the clock forward", forward),
    order(
        "compare",
        "",
        "runs your commands on other releases; :releases says what differs there",
        |teller, world, _| compare(teller, world),
    ),
    order("words", "WORD", "says what the words of the course mean; with WORD, that one alone", |teller, _, word| {
        meanings(teller, word)
    }),
    order(
        "support",
        "",
        "in the course list: changes how much of the commands is shown",
        |teller, world, _| match world.screen {
            Screen::Course => vec![Msg::Key(char('s'))],
            _ => teller.only(":support works in the course list. :course goes there."),
        },
    ),
    order("course", "", "goes to the course list, and says it", |teller, world, _| match world.screen {
        Screen::Workbench => vec![Msg::Key(function(10))],
        Screen::End => vec![key(Code::Esc)],
        Screen::Course => {
            teller.list(world);
            Vec::new()
        }
    }),
    order("help", "", "says all of this again", |teller, world, _| help(teller, world)),
    order("quit", "", "leaves; your place is kept", |_, _, _| vec![Msg::Key(ctrl('q'))]),
];

/// The word after the colon and what follows it, when a line is no command of the shell. A colon alone is one.
pub(super) fn of(line: &str) -> Option<(&str, &str)> {
    let rest = line.trim().strip_prefix(':').filter(|rest| rest.starts_with(|c: char| c.is_alphabetic()))?;
    let (word, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    // The fingers of who is used to vi.
    (!matches!(word, "q" | "q!" | "wq" | "x")).then_some((word, rest.trim()))
}

/// The panes that can be read: the others are what is said anyway.
fn panes() -> impl Iterator<Item = &'static dyn Pane> {
    PANES.iter().copied().filter(|pane| !matches!(pane.id(), PaneId::Lesson | PaneId::Terminal))
}

impl Teller {
    /// Says one thing, and that is all.
    fn only(&mut self, line: &str) -> Vec<Msg> {
        self.say(line);
        Vec::new()
    }

    /// Does what a word after a colon says.
    pub(super) fn order(&mut self, world: &World, word: &str, rest: &str) -> Vec<Msg> {
        let word = word.to_lowercase();
        let order = ORDERS.iter().find(|order| order.word == word);
        let pane = panes().find(|pane| pane.title().to_lowercase() == word);
        // What is ignored is not ignored in silence.
        if !rest.is_empty() && order.map_or(pane.is_some(), |order| order.takes.is_empty()) {
            let rest = sanitize_line(rest);
            let moves = if pane.is_some_and(|pane| pane.id() == PaneId::Clock) {
                format!(" :forward {rest} moves the clock.")
            } else {
                String::new()
            };
            self.say(format!(":{word} takes nothing after it; “{rest}” is left out.{moves}"));
        }
        if let Some(order) = order {
            return (order.act)(self, world, rest);
        }
        if let Some(pane) = pane {
            return read(self, world, pane);
        }
        let titles: Vec<String> = panes().map(|pane| pane.title().to_lowercase()).collect();
        let known = ORDERS.iter().map(|order| order.word).chain(titles.iter().map(String::as_str));
        let near = nearest(&word, known).map(|near| format!(" Did you mean :{near}?")).unwrap_or_default();
        self.say(format!("There is no :{}.{near} :help says what there is.", sanitize_line(&word)));
        Vec::new()
    }
}

fn asks(world: &World) -> bool {
    world.screen == Screen::Workbench && world.asks()
}

fn first_the_question(teller: &mut Teller, world: &World) -> Vec<Msg> {
    let zero = world.lesson.as_ref().map_or("0 passes", super::step::zero);
    teller.only(&format!("The question comes first: type the number of your answer; {zero}."))
}

/// How often Esc passes the question that stands, from wherever one is in it.
fn passes(world: &World) -> usize {
    let asking = world.lesson.as_ref().and_then(|open| open.asking);
    asking.map_or(0, |asking| 1 + usize::from(asking.picked.is_some()))
}

fn turn(teller: &mut Teller, world: &World, letter: char) -> Vec<Msg> {
    match world.screen {
        Screen::Workbench if world.asks() => first_the_question(teller, world),
        Screen::Workbench => vec![Msg::Key(alt(Code::Char(letter)))],
        _ => no_lesson(teller),
    }
}

fn forward(teller: &mut Teller, world: &World, far: &str) -> Vec<Msg> {
    let Some(row) = clock::row_of(world, far) else {
        return teller.only(
            "How far? :forward 10m, 1h, 1d, 1y, or next: to what comes next by itself. :clock says what that is.",
        );
    };
    match world.screen {
        Screen::Workbench if world.asks() => first_the_question(teller, world),
        Screen::Workbench if !clock::can_move(world) => teller.only(clock::FIXED),
        Screen::Workbench => {
            // The keys that a hand would press: to the pane, to the row, and back.
            let press = |code: Code, times: usize| std::iter::repeat_n(key(code), times);
            let there = std::iter::once(Msg::Key(function(6)));
            let rows = press(Code::Home, 1).chain(press(Code::Down, row)).chain(press(Code::Enter, 1));
            there.chain(rows).chain([Msg::Key(function(6))]).collect()
        }
        _ => no_lesson(teller),
    }
}

fn compare(teller: &mut Teller, world: &World) -> Vec<Msg> {
    match world.screen {
        Screen::Workbench if world.asks() => first_the_question(teller, world),
        Screen::Workbench if world.panes.releases.ran == 0 => teller.only("Run a command first."),
        Screen::Workbench if !releases::is_stale(&world.panes.releases) => {
            teller.only("All your commands are compared. :releases says what differs.")
        }
        // To the pane, which compares when it is opened, and back.
        Screen::Workbench => {
            teller.say("Your commands run on other releases. After that :releases says what differs.");
            vec![Msg::Key(function(5)), key(Code::Esc)]
        }
        _ => no_lesson(teller),
    }
}

fn no_lesson(teller: &mut Teller) -> Vec<Msg> {
    teller.only("No lesson is open. Type the number of one.")
}

fn read(teller: &mut Teller, world: &World, pane: &dyn Pane) -> Vec<Msg> {
    match world.screen {
        Screen::Workbench if world.asks() && pane.is_veiled() => return first_the_question(teller, world),
        Screen::Workbench => {}
        _ => return no_lesson(teller),
    }
    let mut lines = pane.aloud(world);
    // What this pane says of keys is no value of a cluster.
    if pane.id() == PaneId::Releases {
        lines = lines.iter().map(|line| words::keyless(line)).collect();
    }
    teller.say_all(lines);
    Vec::new()
}

fn hint(teller: &mut Teller, world: &World) -> Vec<Msg> {
    let Some(open) = world.lesson.as_ref().filter(|_| world.screen == Screen::Workbench) else {
        return no_lesson(teller);
    };
    match () {
        () if open.asking.is_some() => first_the_question(teller, world),
        () if open.is_green() => teller.only("The step is done. :next goes on."),
        () if open.hints_left(world.wish) > 0 => vec![Msg::Key(function(2))],
        () if !world.shown().is_empty() && open.hints == 0 => {
            teller.only("The command stands in the step: :run runs it, :task says it again.")
        }
        () => teller.only("Every hint is open."),
    }
}

fn explain(teller: &mut Teller, world: &World) -> Vec<Msg> {
    match world.panes.terminal.fault {
        // It is said when it opens, and then closed.
        Some(_) if !asks(world) && world.screen == Screen::Workbench => vec![Msg::Key(function(4)), key(Code::Esc)],
        _ => teller.only("There is no error to explain. This explains the error of the command that ran last."),
    }
}

fn next(teller: &mut Teller, world: &World) -> Vec<Msg> {
    let open = match (world.screen, &world.lesson) {
        (Screen::Workbench, Some(open)) => open,
        _ => return go_to(world, world.course.selected),
    };
    if open.asking.is_some() {
        return first_the_question(teller, world);
    }
    if !open.is_done() {
        teller.say("The step is not done.");
        teller.say_unmet(open);
        return teller.only(":hint helps, :skip goes on all the same.");
    }
    vec![Msg::Key(function(3))]
}

fn skip(teller: &mut Teller, world: &World) -> Vec<Msg> {
    let Some(open) = world.lesson.as_ref().filter(|_| world.screen == Screen::Workbench) else {
        return no_lesson(teller);
    };
    if !open.is_done() && open.is_last() {
        return teller.only("This is the last step, and it is not done. :course goes to the other lessons.");
    }
    // It is asked whether that is meant, and it is.
    let mut msgs = vec![key(Code::Esc); passes(world)];
    msgs.push(Msg::Key(function(3)));
    msgs.extend((!open.is_done()).then(|| key(Code::Enter)));
    msgs
}

fn back(teller: &mut Teller, world: &World) -> Vec<Msg> {
    match world.lesson.as_ref().filter(|_| world.screen == Screen::Workbench) {
        None => no_lesson(teller),
        Some(open) if open.step == 0 => teller.only("This is the first step. :course goes to the course list."),
        // Where something was done the key asks.
        Some(_) if has_made(world) => vec![Msg::Key(function(9)), key(Code::Enter)],
        Some(_) => vec![Msg::Key(function(9))],
    }
}

fn meanings(teller: &mut Teller, asked: &str) -> Vec<Msg> {
    let say = |entry: &Entry| {
        format!("{}: {}", entry.word, words::sentence(&entry.say.split_whitespace().collect::<Vec<_>>().join(" ")))
    };
    if asked.is_empty() {
        teller.say_all(ALL.iter().map(say));
    } else if let Some(entry) = find(asked).and_then(|at| ALL.get(at)) {
        teller.say_all(vec![say(entry)]);
    } else {
        let near = nearest(&asked.to_lowercase(), ALL.iter().map(|entry| entry.word.as_str()));
        let near = near.map(|near| format!(" Did you mean {near}?")).unwrap_or_default();
        return teller.only(&format!("The course has no such word.{near} :words says all of them."));
    }
    Vec::new()
}

fn help(teller: &mut Teller, world: &World) -> Vec<Msg> {
    teller.say("At $ a line is a command, as in bash: kubectl, ls, cat and others; help lists them. At a question it is a number.");
    teller.say("What begins with a colon is for the tutor:");
    for Order { word, takes, say, .. } in ORDERS {
        let space = if takes.is_empty() { "" } else { " " };
        teller.say(format!(":{word}{space}{takes} {say}"));
    }
    for pane in panes() {
        teller.say(format!(":{} says what the pane {} shows", pane.title().to_lowercase(), pane.title()));
    }
    teller.say("Ctrl-C stops a running command. Ctrl-D leaves.");
    if let Some(door) = &world.door {
        teller.say(format!("Another terminal works on this cluster after: {door}"));
    }
    Vec::new()
}
