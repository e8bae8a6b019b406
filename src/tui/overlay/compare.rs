//! Two tokens side by side, claim by claim: what differs, and why.

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use serde_json::Value;

use super::{Over, sheet};
use crate::base::sanitize_line;
use crate::token::Token;
use crate::tui::effect::Effect;
use crate::tui::key::{Code, Key, char, plain};
use crate::tui::keymap::when::always;
use crate::tui::keymap::{Layer, entry};
use crate::tui::msg::TokenSeen;
use crate::tui::pane::objects::life_text;
use crate::tui::theme::Meaning;
use crate::tui::widget::{cells, soft_wrap, wrap_spans};
use crate::tui::world::World;

/// What is open: places in the list of tokens that the pane remembers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Compare {
    /// The tokens on the left and on the right.
    pub shown: [usize; 2],
    /// Whether the arrows change the right one.
    pub right: bool,
    /// Rows scrolled away at the top.
    pub scroll: usize,
}

impl Compare {
    /// The newest token on the right; on the left the newest of another release, else the one before.
    pub fn of(kept: &[TokenSeen]) -> Self {
        let last = kept.len().saturating_sub(1);
        let newest = kept.last().map(|token| token.release);
        let other = kept.iter().rposition(|token| Some(token.release) != newest);
        Self { shown: [other.unwrap_or(last.saturating_sub(1)), last], right: false, scroll: 0 }
    }
}

/// Its keys.
pub static LAYER: Layer = Layer {
    heading: "Two tokens side by side",
    keys: &[
        entry(
            &[plain(Code::Right)],
            "later",
            "the token seen after this one",
            has_others,
            |world, _| turn(world, 1),
            1,
        ),
        entry(
            &[plain(Code::Left)],
            "earlier",
            "the token seen before this one",
            has_others,
            |world, _| turn(world, -1),
            2,
        ),
        entry(
            &[plain(Code::Tab)],
            "other side",
            "let the arrows choose the token of the other side",
            has_others,
            |world, _| {
                if let Some(compare) = world.over_mut::<Compare>() {
                    compare.right = !compare.right;
                }
                Vec::new()
            },
            3,
        ),
        entry(
            &[plain(Code::Esc), plain(Code::Enter), char('q')],
            "close",
            "close it",
            always,
            |world, _| {
                world.close::<Compare>();
                Vec::new()
            },
            4,
        ),
    ],
};

fn has_others(world: &World, _: Key) -> bool {
    world.panes.token.kept.len() > 2
}

fn turn(world: &mut World, by: isize) -> Vec<Effect> {
    let length = world.panes.token.kept.len().max(1);
    if let Some(compare) = world.over_mut::<Compare>() {
        let beside = compare.shown.get(usize::from(!compare.right)).copied();
        let Some(at) = compare.shown.get_mut(usize::from(compare.right)) else { return Vec::new() };
        let on = |at: usize| (at.cast_signed() + by).rem_euclid(length.cast_signed()).cast_unsigned();
        let next = on(*at);
        // A token beside itself shows nothing.
        *at = if Some(next) == beside { on(next) } else { next };
    }
    Vec::new()
}

impl Over for Compare {
    fn layer(&self) -> &'static Layer {
        &LAYER
    }

    fn draw(&self, world: &World, area: Rect, buf: &mut Buffer) {
        let (head, rows) = sheet_of(world, *self);
        sheet::draw(world, "Two tokens side by side", &head, &rows, self.scroll, area, buf);
    }

    fn scrolls(&self) -> bool {
        true
    }

    fn hidden(&self, world: &World) -> (usize, usize) {
        let (head, rows) = sheet_of(world, *self);
        sheet::hidden(world, self.scroll, rows.len(), head.len())
    }

    fn wheel(world: &mut World, by: isize) {
        let Some(compare) = world.over::<Self>().copied() else { return };
        let (head, rows) = sheet_of(world, compare);
        let scroll = sheet::scrolled(world, compare.scroll, rows.len(), head.len(), by);
        if let Some(compare) = world.over_mut::<Self>() {
            compare.scroll = scroll;
        }
    }
}

/// Columns before the left value: a sign and the claim's name.
const NAME: usize = 12;

/// The rows that stay, and those that scroll.
fn sheet_of(world: &World, compare: Compare) -> (Vec<Line<'static>>, Vec<Line<'static>>) {
    let (theme, (width, _)) = (world.theme, sheet::room(world));
    let kept = &world.panes.token.kept;
    let at = |at: usize| kept.get(at).or(kept.last());
    let [Some(left), Some(right)] = compare.shown.map(at) else { return Default::default() };
    let column = width.saturating_sub(NAME + 3) / 2;
    let dim = theme.style(Meaning::Dim);
    let named = |token: &TokenSeen, at: usize, is_chosen: bool| {
        let release = token.release.map(|release| format!("{release} · ")).unwrap_or_default();
        let name = format!(
            "{release}{} ({}\u{a0}of\u{a0}{})",
            sanitize_line(&token.from),
            at.min(kept.len() - 1) + 1,
            kept.len()
        );
        if is_chosen { format!("▸ {name}") } else { name }
    };
    let [from, to] = compare.shown;
    let titles = [named(left, from, !compare.right), named(right, to, compare.right)];
    let styles = [!compare.right, compare.right]
        .map(|chosen| theme.style(if chosen { Meaning::Accent } else { Meaning::Title }));
    let mut head = beside(Span::raw(""), &titles, styles, column, dim);
    head.push(Line::styled("─".repeat(width), dim));

    let mut rows = Vec::new();
    let claims = [left, right].map(claims);
    let account = CLAIMS.iter().position(|(name, _)| *name == "account");
    let same_account = account.is_some_and(|at| {
        let [left, right] = claims.each_ref().map(|claims| claims.get(at));
        left == right
    });
    for (place, (name, why)) in CLAIMS.iter().enumerate() {
        let [left, right] = &claims;
        let (Some(left), Some(right)) = (left.get(place), right.get(place)) else { continue };
        let (sign, word, meaning) = match (left.is_empty(), right.is_empty()) {
            (true, true) => continue,
            _ if left == right => ("=", "", Meaning::Dim),
            (false, false) => match OWN.iter().find(|(own, _)| own == name) {
                Some((_, word)) => ("≠", *word, Meaning::Dim),
                None => ("≠", "differs", Meaning::Change),
            },
            (false, true) => ("≠", "only left", Meaning::Change),
            (true, false) => ("≠", "only right", Meaning::Change),
        };
        let shown = [left, right].map(|text| if text.is_empty() { "none".to_owned() } else { text.clone() });
        let label = Span::styled(format!("{sign} {name}"), theme.style(meaning));
        let styles = [left, right].map(|text| theme.style(if text.is_empty() { Meaning::Dim } else { Meaning::Plain }));
        rows.extend(beside(label, &shown, styles, column, dim));
        if left != right {
            // Another account has another uid; only of one name is that worth a word.
            let is_plain = *name == "uid" && !same_account;
            let why = if is_plain { "" } else { why(left, right) };
            let text = if why.is_empty() { word.to_owned() } else { format!("{word}: {why}") };
            let indent = [Span::raw(" ".repeat(NAME))];
            rows.extend(wrap_spans(&[Span::styled(text, theme.style(meaning))], width, &indent, NAME));
        }
    }
    (head, rows)
}

/// Two texts beside each other, each wrapped in its column.
fn beside(
    label: Span<'static>,
    texts: &[String; 2],
    styles: [Style; 2],
    column: usize,
    line: Style,
) -> Vec<Line<'static>> {
    let column = column.max(1);
    let [left, right] = texts.each_ref().map(|text| soft_wrap(text, column));
    let count = left.len().max(right.len()).max(1);
    (0..count)
        .map(|row| {
            let [left, right] = [&left, &right].map(|rows| rows.get(row).copied().unwrap_or_default());
            let pad = |text: &str, wide: usize| format!("{text}{}", " ".repeat(wide.saturating_sub(cells(text))));
            let label = if row == 0 { label.clone() } else { Span::raw("") };
            let label = Span::styled(pad(&label.content, NAME), label.style);
            let [first, second] = styles;
            Line::from(vec![
                label,
                Span::styled(pad(left, column), first),
                Span::styled(" │ ", line),
                Span::styled(right.to_owned(), second),
            ])
        })
        .collect()
}

/// What differs between any two tokens, and what another value says.
const OWN: &[(&str, &str)] = &[
    ("exp", "another time"),
    ("warnafter", "another time"),
    ("iat", "another time"),
    ("nbf", "another time"),
    ("jti", "another token"),
];

/// What is compared, and why it may differ.
type Claim = (&'static str, fn(&str, &str) -> &'static str);

const CLAIMS: &[Claim] = &[
    (
        "kind",
        |_, _| "until 1.23 each account got a secret with a token for good; today a token is made for who asks, and ends.",
    ),
    ("iss", |_, _| "the old issuer is a mere name; today's is an address, where others find the public keys."),
    ("sub", |_, _| "they stand for different accounts."),
    ("aud", |left, right| match left.is_empty() || right.is_empty() {
        true => {
            "without aud nobody can tell for whom it is, and the API server takes it; with it, all others can refuse it."
        }
        false => "each is good for those it names, and for nobody else.",
    }),
    ("exp", |left, right| match left.is_empty() || right.is_empty() {
        true => "one never ends by itself: it lives as long as its secret. Today's ends, and is renewed.",
        false => "",
    }),
    ("life", |left, right| match [left, right].contains(&"for ever") {
        true => "one lives as long as its secret, the other as long as was asked for.",
        false => "each as long as was asked for, within what the API server allows.",
    }),
    ("warnafter", |left, right| match left.is_empty() || right.is_empty() {
        true => "who reads the file only once keeps working for a year; after this moment each use is logged as stale.",
        false => "",
    }),
    ("iat", |_, _| ""),
    ("nbf", |_, _| ""),
    ("jti", |left, right| match left.is_empty() || right.is_empty() {
        true => "newer tokens have an id of their own, from 1.30 on, by which the audit log names them.",
        false => "",
    }),
    ("namespace", |_, _| "their accounts live in different namespaces."),
    ("account", |_, _| "they stand for different accounts."),
    ("uid", |_, _| "two accounts of one name: on two clusters, or one made after the other was gone."),
    ("secret", |_, _| "a token that a secret holds ends when the secret is deleted, and not before."),
    ("pod", |left, right| match left.is_empty() || right.is_empty() {
        true => {
            "one is bound to its pod, and ends with it; the other can be used from anywhere, by whoever has read it."
        }
        false => "each ends with its own pod.",
    }),
    ("node", |left, right| match left.is_empty() || right.is_empty() {
        true => "newer tokens, from 1.30 on, say on which node their pod runs.",
        false => "their pods run on different nodes.",
    }),
    ("alg", |_, _| "they are signed in different ways."),
    ("kid", |_, _| "another key signed, or its name was left out."),
];

/// What a token says of each of [`CLAIMS`]; empty where it says nothing.
fn claims(seen: &TokenSeen) -> Vec<String> {
    let object = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let (header, claims) = (object(&seen.header), object(&seen.claims));
    let token = Token { raw: String::new(), header, claims, signature: Vec::new() };
    let date =
        |at: Option<Timestamp>| at.map(|at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()).unwrap_or_default();
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let life = token.iat().zip(token.exp()).map(|(from, until)| until.duration_since(from).as_secs());
    let life = match (life, token.exp()) {
        (Some(seconds), _) if seconds % 86_400 == 0 && seconds >= 172_800 => format!("{} days", seconds / 86_400),
        (Some(seconds), _) => life_text(seconds),
        (None, Some(_)) => String::new(),
        (None, None) => "for ever".to_owned(),
    };
    let account = token.serviceaccount();
    let name = |bound: Option<crate::token::Bound<'_>>| bound.map(|bound| bound.name.to_owned()).unwrap_or_default();
    let kind = if token.is_legacy() { "a secret's token, the old kind" } else { "made on request, and ends" };
    let values = [
        kind.to_owned(),
        text(token.iss()),
        text(token.sub()),
        token.aud().join(", "),
        date(token.exp()),
        life,
        date(token.warnafter()),
        date(token.iat()),
        // It says nothing new while it equals `iat`.
        date(token.nbf().filter(|from| token.iat() != Some(*from))),
        text(token.jti()),
        text(token.namespace()),
        name(account),
        account.map(|account| account.uid.to_owned()).unwrap_or_default(),
        name(token.secret()),
        name(token.pod()),
        name(token.node()),
        text(token.alg()),
        text(token.kid()),
    ];
    values.iter().map(|value| sanitize_line(value).into_owned()).collect()
}
