//! The token: what the API server would say of it first, then every claim tied to the live object it came from, and its life
//! as a bar.

mod claims;
mod facts;
mod life;
mod verdict;

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use serde_json::Value;

use self::claims::claims;
use self::facts::Facts;
use self::life::life;
use self::verdict::verdict;
use super::terminal::{Said, Voice};
use super::{Pane, PaneId};
use crate::base::sanitize_line;
use crate::course::glossary;
use crate::token::{self, Token};
use crate::tui::effect::Effect;
use crate::tui::key::{Code, Key, alt, plain};
use crate::tui::keymap::{Layer, entry};
use crate::tui::linear::spoken;
use crate::tui::msg::{TokenSeen, Verdict};
use crate::tui::overlay::compare::Compare;
use crate::tui::overlay::raw::Raw;
use crate::tui::overlay::reader::Reader;
use crate::tui::overlay::tamper::Tamper;
use crate::tui::overlay::word::Word;
use crate::tui::theme::Meaning;
use crate::tui::widget::{cells, cut, more_below, put_line, put_right, wrap_plain};
use crate::tui::world::{Focus, World};

/// The token pane.
pub struct TokenPane;

/// Its entry.
pub static PANE: TokenPane = TokenPane;

/// What is said of a token that was issued, or read, after a command that was taken back.
const TAKEN_BACK: &str =
    "It is from a time that was taken back. The cluster keeps no list of tokens: it goes by what stands above.";
/// How many tokens are remembered, to be set side by side.
const MOST: usize = 8;

/// What the pane remembers.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The token seen last, of the cluster that is on the screen.
    pub seen: Option<TokenSeen>,
    /// The tokens seen last on any cluster, oldest first.
    pub kept: Vec<TokenSeen>,
    /// Whether it has not been looked at yet.
    pub unseen: bool,
    /// Rows scrolled away at the top.
    pub scroll: usize,
}

/// Its keys.
static LAYER: Layer = Layer {
    heading: "The token pane",
    keys: &[
        entry(&[plain(Code::Enter)], "in words", "each claim in plain words", has_token, |world, _| in_words(world), 2),
        entry(
            &[alt(Code::Char('r'))],
            "raw",
            "the token as it is written, and how it is read, step by step",
            has_token,
            |world, _| {
                world.open(Raw::default());
                Vec::new()
            },
            3,
        ),
        entry(
            &[alt(Code::Char('t'))],
            "tamper",
            "change the token, send it, and see at which step it is refused",
            has_token,
            |world, _| {
                world.open(Tamper::default());
                Vec::new()
            },
            4,
        ),
        entry(
            &[alt(Code::Char('v'))],
            "compare",
            "two tokens side by side; those of earlier clusters too",
            has_token_or_others,
            |world, _| {
                if world.panes.token.kept.len() > 1 {
                    world.open(Compare::of(&world.panes.token.kept));
                } else {
                    let say = "· One token was seen so far. When a command prints another, the two stand side by side.";
                    world.panes.terminal.scrollback.say(say, Voice::Note);
                }
                Vec::new()
            },
            5,
        ),
    ],
};

fn has_token(world: &World, _: Key) -> bool {
    is_shown(world) && world.panes.token.seen.is_some()
}

fn has_token_or_others(world: &World, key: Key) -> bool {
    has_token(world, key) || (is_shown(world) && world.panes.token.kept.len() > 1)
}

/// Whether no question stands: what the pane has may give the answer away.
fn is_shown(world: &World) -> bool {
    world.lesson.as_ref().is_none_or(|open| open.asking.is_none())
}

/// Opens each claim in plain words for reading.
fn in_words(world: &mut World) -> Vec<Effect> {
    let lines = words(world);
    if lines.is_empty() {
        return Vec::new();
    }
    world.close::<Reader>();
    world.open(Reader::new("What the token says", lines));
    Vec::new()
}

/// The verdict and each claim in plain words.
fn words(world: &World) -> Vec<Said> {
    let Some(token) = &world.panes.token.seen else { return Vec::new() };
    let object = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let whole = Token {
        raw: String::new(),
        header: object(&token.header),
        claims: object(&token.claims),
        signature: Vec::new(),
    };
    let said = |voice, text: String| Said { voice, text };
    let (_, verdict) = verdict(token, &Facts::read(&token.claims), world);
    let mut lines = vec![said(Voice::Typed, verdict), said(Voice::Note, String::new())];
    if token.taken_back > 0 {
        lines.extend([said(Voice::Plain, TAKEN_BACK.to_owned()), said(Voice::Note, String::new())]);
    }
    for line in token::explain(&whole, world.now) {
        lines.push(said(Voice::Typed, format!("{}  {}", line.claim, line.value)));
        lines.push(said(Voice::Plain, line.meaning));
        lines.push(said(Voice::Note, String::new()));
    }
    lines
}

/// A token was seen or read.
pub fn hear(world: &mut World, mut token: TokenSeen) -> Vec<Effect> {
    let now = world.now;
    let state = &mut world.panes.token;
    // The same token seen again is one token.
    let same = |other: &TokenSeen| {
        (&other.header, &other.claims, other.release) == (&token.header, &token.claims, token.release)
    };
    let known = state.kept.iter().find(|other| same(other));
    let seen_before = known.map(|known| (known.at, known.taken_back));
    state.kept.retain(|other| !same(other));
    (token.at, token.taken_back) = seen_before.unwrap_or((Some(now), 0));
    state.kept.push(token.clone());
    let surplus = state.kept.len().saturating_sub(MOST);
    state.kept.drain(..surplus);
    (state.seen, state.unseen, state.scroll) = (Some(token), true, 0);
    // What is open over the pane is about the token that was there.
    world.close::<Raw>();
    world.close::<Tamper>();
    world.show_aside(PaneId::Token);
    // Who asked for it in the objects pane of a small screen is led to it.
    if world.focus == Focus::Pane(PaneId::Objects) && world.place(PaneId::Token).is_none() {
        world.focus = Focus::Pane(PaneId::Token);
    }
    Vec::new()
}

/// What a command did was taken back, or done again: a token that was seen since then was issued in a time that is no more,
/// or is again.
pub fn turned(world: &mut World, undone: bool, since: Timestamp) {
    let state = &mut world.panes.token;
    let tokens = state.kept.iter_mut().chain(&mut state.seen);
    for token in tokens.filter(|token| token.at.is_some_and(|at| at >= since)) {
        token.taken_back = if undone { token.taken_back.saturating_add(1) } else { token.taken_back.saturating_sub(1) };
    }
}

/// Another cluster is on the screen. What was seen on earlier ones stays to be compared.
pub fn leave(world: &mut World) {
    let kept = std::mem::take(&mut world.panes.token.kept);
    world.panes.token = State { kept, ..State::default() };
    world.close::<Raw>();
    world.close::<Tamper>();
}

impl Pane for TokenPane {
    fn id(&self) -> PaneId {
        PaneId::Token
    }

    fn title(&self) -> &'static str {
        "Token"
    }

    fn layer(&self) -> &'static Layer {
        &LAYER
    }

    fn wants(&self, world: &World, width: usize) -> (usize, usize) {
        (0, page(world, width).len())
    }

    fn seen(&self, world: &mut World) {
        world.panes.token.unseen = false;
    }

    fn aloud(&self, world: &World) -> Vec<String> {
        let words = words(world);
        if words.is_empty() {
            return vec!["No token was seen yet. One that a command prints is taken apart here.".to_owned()];
        }
        // A claim and what it means are one line.
        let claims = words.split(|line| line.text.is_empty()).filter(|lines| !lines.is_empty());
        let text = |line: &Said| spoken(&line.text.replacen("  ", ": ", 1));
        let joined = claims.map(|lines| lines.iter().map(text).collect::<Vec<_>>().join(". "));
        joined.collect()
    }

    fn badge(&self, world: &World) -> Option<String> {
        world.panes.token.unseen.then(|| "new".to_owned())
    }

    fn draw(&self, world: &World, area: Rect, buf: &mut Buffer) {
        let rows = page(world, usize::from(area.width));
        let most = rows.len().saturating_sub(usize::from(area.height));
        let scroll = world.panes.token.scroll.min(most);
        for (row, line) in (0..area.height).zip(rows.iter().skip(scroll)) {
            put_line(buf, area, 0, row, line);
        }
        if scroll < most {
            let more = format!(" {} ", more_below(world.is_ascii(), most - scroll, ""));
            put_right(buf, area, area.height.saturating_sub(1), &more, world.theme.style(Meaning::Dim));
        }
    }

    /// Without the signature it proves nothing, and may be kept.
    fn copied(&self, world: &World) -> Option<String> {
        serde_json::to_string_pretty(&world.panes.token.seen.as_ref()?.claims).ok()
    }

    /// A claim that is clicked is explained.
    fn click(&self, world: &mut World, _column: u16, row: u16) {
        let width = world.room(PaneId::Token).1;
        let rows = page(world, width);
        let line = rows.get(world.panes.token.scroll + usize::from(row)).map(ToString::to_string).unwrap_or_default();
        if let Some(at) = line.split_whitespace().next().and_then(glossary::find) {
            world.open(Word { at });
        }
    }

    fn takes(&self, _world: &World, _column: u16, _row: u16) -> bool {
        false
    }

    fn step(&self, world: &mut World, rows: isize) {
        let (height, width) = world.room(PaneId::Token);
        let most = page(world, width).len().saturating_sub(height);
        world.panes.token.scroll = world.panes.token.scroll.min(most).saturating_add_signed(rows).min(most);
    }

    fn steps(&self, world: &World) -> (bool, bool) {
        let (height, width) = world.room(PaneId::Token);
        let (scroll, most) = (world.panes.token.scroll, page(world, width).len().saturating_sub(height));
        (scroll.min(most) > 0, scroll < most)
    }
}

/// The token in rows of `width` columns.
fn page(world: &World, width: usize) -> Vec<Line<'static>> {
    let theme = world.theme;
    let Some(token) = &world.panes.token.seen else {
        let others = world.panes.token.kept.len();
        let yet = if others == 0 { "yet" } else { "on this cluster yet" };
        let say = format!(
            "No token seen {yet}. When a command prints one, it is taken apart here. Or select a pod or a secret \
             in the objects pane and press Enter."
        );
        let mut rows = wrap_plain(&say, theme.style(Meaning::Dim), width, 0);
        if others > 1 {
            let say = "Those seen on other clusters can be set side by side: Alt-V, from this pane.";
            rows.extend(wrap_plain(say, theme.style(Meaning::Dim), width, 0));
        }
        return rows;
    };
    let facts = Facts::read(&token.claims);
    let mut rows = head(token, &facts, world, width);
    life(&mut rows, &facts, world.now, theme, width);
    claims(&mut rows, token, &facts, world, width);
    rows
}

/// The verdict, and below it where the token was seen and how it is signed.
fn head(token: &TokenSeen, facts: &Facts, world: &World, width: usize) -> Vec<Line<'static>> {
    let theme = world.theme;
    let (meaning, say) = verdict(token, facts, world);
    let mut rows = wrap_plain(&say, theme.style(meaning).add_modifier(Modifier::BOLD), width, 2);
    let algorithm = token.header.get("alg").and_then(Value::as_str).unwrap_or("?");
    let signed = match &token.verdict {
        Verdict::Verified => Span::styled("✔ signed by this cluster", theme.style(Meaning::Good)),
        Verdict::Wrong(_) => Span::styled("✘ not signed by this cluster", theme.style(Meaning::Refused)),
        Verdict::Unknown(_) => Span::styled("? signature", theme.style(Meaning::Change)),
    };
    let from = format!("  {} · from {}", sanitize_line(algorithm), sanitize_line(&token.from));
    let from = cut(&from, width.saturating_sub(cells(&signed.content))).into_owned();
    rows.push(Line::from(vec![signed, Span::styled(from, theme.style(Meaning::Dim))]));
    if token.taken_back > 0 {
        rows.extend(wrap_plain(&format!("↶ {TAKEN_BACK}"), theme.style(Meaning::Change), width, 2));
    }
    rows
}
