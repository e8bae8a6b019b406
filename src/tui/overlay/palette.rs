//! Every action by name: typing narrows the list, Enter does it. What is in it is read from the tables of keys that are asked
//! now and from the lists of panes, settings, lessons and words; nothing is listed here.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, Widget};

use super::Over;
use super::pick::Pick;
use super::word::Word;
use crate::base::{Order as _, fuzzy, sanitize_line, seen};
use crate::course::glossary;
use crate::tui::effect::Effect;
use crate::tui::key::{Code, Key, ctrl, plain, shift};
use crate::tui::keymap::when::always;
use crate::tui::keymap::{self, Binding, Layer, entry};
use crate::tui::layout;
use crate::tui::pane::{PANES, PaneId};
use crate::tui::screen::course;
use crate::tui::settings::ENTRIES;
use crate::tui::theme::Meaning;
use crate::tui::update::{self, focus, lesson, reading, set};
use crate::tui::widget::{cells, clear, cut, put, put_right};
use crate::tui::world::{Focus, Screen, World};

/// The key that opens it.
pub const KEY: Key = ctrl('p');

/// The open list.
#[derive(Clone, Debug)]
pub struct Palette {
    /// What it lists.
    title: &'static str,
    /// All there is.
    items: Vec<Item>,
    /// What is typed.
    query: String,
    /// The places of those that fit it, best first.
    fit: Vec<usize>,
    /// Which of them is chosen.
    at: usize,
}

/// One of the list.
#[derive(Clone, Debug)]
struct Item {
    /// What it does.
    say: String,
    /// Its key, or what sort of thing it is.
    mark: String,
    /// What is searched beside these two.
    also: String,
    /// How it is done.
    does: Does,
}

/// What is done without a key.
type Wish = fn(&mut World) -> Vec<Effect>;

/// How an action is done.
#[derive(Clone, Debug)]
enum Does {
    /// As by this key.
    Key(Key),
    /// By going to a pane, and there by a key.
    Pane(PaneId, Option<Key>),
    /// By this function.
    Act(Wish),
    /// By setting this entry to this word.
    Set(&'static str, &'static str),
    /// By opening the lesson in this place of the list.
    Lesson(usize),
    /// By opening this word of the glossary.
    Word(usize),
}

/// What is done by a key on another screen alone, and can be done anywhere.
const ELSEWHERE: &[(&str, Wish)] = &[
    ("what the words of the course mean", reading::words),
    ("change how much of the commands is shown", lesson::support),
];

/// Its keys. Letters narrow the list.
pub static LAYER: Layer = Layer {
    heading: "Finding an action by name",
    keys: &[
        entry(&[plain(Code::Enter)], "that one", "do what is chosen; letters narrow the list", has_one, take, 1),
        entry(&[plain(Code::Up)], "up", "choose the one above", has_others, |world, _| step(world, -1), 2),
        entry(
            &[plain(Code::Down), plain(Code::Tab), ctrl('n')],
            "down",
            "choose the one below",
            has_others,
            |world, _| step(world, 1),
            2,
        ),
        entry(&[shift(Code::Tab)], "up", "choose the one above", has_others, |world, _| step(world, -1), 0),
        entry(
            &[plain(Code::PageUp), shift(Code::PageUp)],
            "page up",
            "a page up",
            always,
            |world, _| step(world, -page(world)),
            0,
        ),
        entry(
            &[plain(Code::PageDown), shift(Code::PageDown)],
            "page down",
            "a page down",
            always,
            |world, _| step(world, page(world)),
            0,
        ),
        entry(
            &[plain(Code::Esc), KEY, ctrl('c'), ctrl('g')],
            "close",
            "close the list",
            always,
            |world, _| {
                world.close::<Palette>();
                Vec::new()
            },
            3,
        ),
        entry(
            &[plain(Code::Backspace), ctrl('h')],
            "delete",
            "take back a letter",
            has_query,
            |world, _| typed(world, |query| _ = query.pop()),
            0,
        ),
        entry(&[ctrl('u')], "clear", "take back all letters", has_query, |world, _| typed(world, String::clear), 0),
    ],
};

fn has_others(world: &World, _: Key) -> bool {
    world.over::<Palette>().is_some_and(|palette| palette.fit.len() > 1)
}

fn has_one(world: &World, _: Key) -> bool {
    world.over::<Palette>().is_some_and(|palette| palette.chosen().is_some())
}

fn has_query(world: &World, _: Key) -> bool {
    world.over::<Palette>().is_some_and(|palette| !palette.query.is_empty())
}

/// Opens the list of all actions.
pub fn open(world: &mut World) -> Vec<Effect> {
    world.close::<Pick>();
    let items = actions(world);
    world.open(Palette::new("Find an action", items));
    Vec::new()
}

/// Opens the list of words, these first.
pub fn open_words(world: &mut World, first: &[usize]) -> Vec<Effect> {
    world.close::<Pick>();
    let rest = (0..glossary::ALL.len()).filter(|at| !first.contains(at));
    let mark = |at: usize| if first.contains(&at) { "here" } else { "" };
    let items = first.iter().copied().chain(rest).filter_map(|at| word(at, "", mark(at))).collect();
    world.open(Palette::new("What is …", items));
    Vec::new()
}

/// What can be done now, the likeliest first.
fn actions(world: &World) -> Vec<Item> {
    let (mut first, mut last) = (Vec::new(), Vec::new());
    let layers = keymap::layers(world);
    for binding in layers.iter().flat_map(|layer| layer.keys) {
        // Many keys are a choice among things, and none of them says which.
        let key = binding.keys.iter().copied().find(|key| {
            keymap::lookup(world, *key).is_some_and(|found| std::ptr::eq(found, binding)) && binding.keys.len() <= 5
        });
        if let Some(key) = key.filter(|key| *key != KEY) {
            let list = if binding.rank > 0 { &mut first } else { &mut last };
            list.push((binding.rank, by_key(world, binding, key, Does::Key(key))));
        }
    }
    first.order_by_key(|(rank, _)| *rank);
    let mut items: Vec<Item> = first.into_iter().map(|(_, item)| item).collect();
    let is_free = world.over.is_empty();
    if is_free && world.screen == Screen::Workbench {
        for pane in PANES.iter().filter(|pane| pane.id() != PaneId::Terminal && world.focus != Focus::Pane(pane.id())) {
            let say = format!("go to the pane {}", pane.title());
            items.push(Item::new(say, "pane", Does::Pane(pane.id(), None)));
            let works = |binding: &&Binding| binding.rank > 0 && binding.key(world).is_some();
            items.extend(pane.layer().keys.iter().filter(works).filter_map(|binding| {
                let key = binding.key(world)?;
                let item = by_key(world, binding, key, Does::Pane(pane.id(), Some(key)));
                Some(Item { say: format!("{}: {}", pane.title(), item.say), mark: "pane".to_owned(), ..item })
            }));
        }
    }
    let elsewhere = ELSEWHERE.iter().filter(|(say, _)| !items.iter().any(|item| item.say == *say));
    let elsewhere: Vec<Item> = elsewhere.map(|(say, act)| Item::new((*say).to_owned(), "", Does::Act(*act))).collect();
    items.extend(elsewhere);
    for entry in ENTRIES {
        let others = entry.words.iter().filter(|word| !entry.is(world.settings, word));
        items.extend(others.map(|word| {
            let say = format!("{}: {word}", entry.key);
            Item { also: entry.say.to_owned(), ..Item::new(say, "setting", Does::Set(entry.key, word)) }
        }));
    }
    if is_free {
        let cards = world.course.lessons.iter().enumerate().filter(|(_, card)| card.fault.is_none());
        items.extend(cards.map(|(at, card)| {
            let say = format!("lesson {}: {}", at + 1, sanitize_line(&card.title));
            Item::new(say, "lesson", Does::Lesson(at))
        }));
    }
    items.extend(last.into_iter().map(|(_, item)| item));
    items.extend((0..glossary::ALL.len()).filter_map(|at| word(at, "what is: ", "word")));
    items
}

fn by_key(world: &World, binding: &Binding, key: Key, does: Does) -> Item {
    let mark = if world.is_ascii() { key.to_string() } else { key.short() };
    Item { also: format!("{} {key}", binding.label), ..Item::new(binding.say.to_owned(), &mark, does) }
}

fn word(at: usize, before: &str, mark: &str) -> Option<Item> {
    let entry = glossary::ALL.get(at)?;
    let say = format!("{before}{}", entry.word);
    Some(Item { also: entry.also.join(" "), ..Item::new(say, mark, Does::Word(at)) })
}

impl Item {
    fn new(say: String, mark: &str, does: Does) -> Self {
        Self { say, mark: mark.to_owned(), also: String::new(), does }
    }
}

fn step(world: &mut World, by: isize) -> Vec<Effect> {
    if let Some(palette) = world.over_mut::<Palette>() {
        let last = palette.fit.len().saturating_sub(1);
        palette.at = match palette.at.checked_add_signed(by) {
            Some(at) if at <= last => at,
            // A single step goes around the ends.
            Some(_) if by == 1 => 0,
            None if by == -1 => last,
            Some(_) => last,
            None => 0,
        };
    }
    Vec::new()
}

fn page(world: &World) -> isize {
    rows(world).max(1).cast_signed()
}

fn typed(world: &mut World, edit: impl FnOnce(&mut String)) -> Vec<Effect> {
    if let Some(palette) = world.over_mut::<Palette>() {
        edit(&mut palette.query);
        palette.narrow();
    }
    Vec::new()
}

/// Does what is chosen.
fn take(world: &mut World, _: Key) -> Vec<Effect> {
    let chosen = world.over::<Palette>().and_then(|palette| palette.chosen()).map(|item| item.does.clone());
    let Some(does) = chosen else { return Vec::new() };
    world.close::<Palette>();
    match does {
        Does::Key(key) => update::key(world, key),
        Does::Pane(id, key) => {
            focus(world, id);
            key.map_or_else(Vec::new, |key| update::key(world, key))
        }
        Does::Act(act) => act(world),
        Does::Set(key, word) => set(world, key, word),
        Does::Lesson(at) => course::open_at(world, at),
        Does::Word(at) => {
            world.open(Word { at });
            Vec::new()
        }
    }
}

impl Palette {
    fn new(title: &'static str, items: Vec<Item>) -> Self {
        let fit = (0..items.len()).collect();
        Self { title, items, query: String::new(), fit, at: 0 }
    }

    fn narrow(&mut self) {
        let text = |item: &Item| format!("{} {} {}", item.say, item.also, item.mark);
        let texts: Vec<String> = self.items.iter().map(text).collect();
        self.fit = fuzzy::rank_well(&self.query, texts.iter().map(String::as_str));
        self.at = 0;
    }

    fn chosen(&self) -> Option<&Item> {
        self.items.get(*self.fit.get(self.at)?)
    }

    /// The first that is seen, where so many are.
    fn first(&self, rows: usize) -> usize {
        self.at / rows.max(1) * rows.max(1)
    }
}

/// The rows above the list: what is typed, and an empty one.
const HEAD: u16 = 2;

fn inside(frame: Rect) -> Rect {
    Rect::new(frame.x + 2, frame.y + 1, frame.width.saturating_sub(4), frame.height.saturating_sub(2))
}

/// How many are seen at once.
fn rows(world: &World) -> usize {
    usize::from(inside(layout::palette(world.width, world.height)).height.saturating_sub(HEAD))
}

impl Over for Palette {
    fn layer(&self) -> &'static Layer {
        &LAYER
    }

    fn draw(&self, world: &World, area: Rect, buf: &mut Buffer) {
        let theme = world.theme;
        let frame = layout::palette(world.width, world.height).intersection(area);
        clear(buf, frame);
        Block::bordered().border_style(theme.style(Meaning::Accent)).render(frame, buf);
        put(buf, frame, 2, 0, &format!(" {} ", self.title), theme.style(Meaning::Accent));
        let inner = inside(frame);
        let (width, dim) = (usize::from(inner.width), theme.style(Meaning::Dim));
        let typed = format!("> {}█", self.query);
        let used = put(buf, inner, 0, 0, &cut(&typed, width), theme.style(Meaning::Title));
        if self.query.is_empty() {
            put(buf, inner, used + 1, 0, "letters narrow the list", dim);
        }
        let rows = rows(world);
        let first = self.first(rows);
        for (y, (at, item)) in (HEAD..inner.height).zip(self.fit.iter().enumerate().skip(first)) {
            let Some(item) = self.items.get(*item) else { continue };
            let (sign, style) =
                if at == self.at { ("▸ ", theme.cursor()) } else { ("  ", theme.style(Meaning::Plain)) };
            let mark = cells(&item.mark);
            let say = cut(&item.say, width.saturating_sub(mark + 5)).into_owned();
            put(buf, inner, 0, y, &format!("{sign}{say}"), style);
            let meaning = if matches!(item.does, Does::Key(_)) { Meaning::Accent } else { Meaning::Dim };
            put_right(buf, inner, y, &item.mark, theme.style(meaning));
        }
        if self.fit.is_empty() {
            put(buf, inner, 2, HEAD, "Nothing here is called so.", dim);
        }
        let edge = Rect { width: frame.width.saturating_sub(2), ..frame };
        let count = format!(" {} of {} ", (self.at + 1).min(self.fit.len()), self.fit.len());
        put_right(buf, edge, frame.height.saturating_sub(1), &count, dim);
    }

    fn key(world: &mut World, key: Key) -> Vec<Effect> {
        key.typed().map_or_else(Vec::new, |c| Self::paste(world, c.encode_utf8(&mut [0; 4])))
    }

    fn paste(world: &mut World, text: &str) -> Vec<Effect> {
        typed(world, |query| query.push_str(&seen(text)))
    }

    fn wheel(world: &mut World, rows: isize) {
        step(world, rows.signum());
    }

    fn click(world: &mut World, x: u16, y: u16) -> Vec<Effect> {
        let inner = inside(layout::palette(world.width, world.height));
        let rows = rows(world);
        let Some(palette) = world.over_mut::<Self>().filter(|_| inner.contains((x, y).into())) else {
            return Vec::new();
        };
        let Some(row) = (y - inner.y).checked_sub(HEAD) else { return Vec::new() };
        let at = palette.first(rows) + usize::from(row);
        if at >= palette.fit.len() {
            return Vec::new();
        }
        palette.at = at;
        take(world, plain(Code::Enter))
    }
}
