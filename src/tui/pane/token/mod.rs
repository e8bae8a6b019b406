//! The token: what the API server would say of it first, then every claim tied to the live object it came from, and its life
//! as a bar.

mod verdict;

use jiff::{SignedDuration, Timestamp};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use serde_json::Value;

use self::verdict::{Found, object, verdict};
use super::objects::life_text;
use super::terminal::{Said, Voice};
use super::{Pane, PaneId};
use crate::base::{human_duration, sanitize_line};
use crate::token::{self, Token};
use crate::tui::effect::Effect;
use crate::tui::key::{Code, plain};
use crate::tui::keymap::{Layer, entry};
use crate::tui::linear::spoken;
use crate::tui::msg::{TokenSeen, Verdict};
use crate::tui::overlay::reader::Reader;
use crate::tui::theme::{Meaning, Theme};
use crate::tui::widget::{cells, cut, life_bar, put_line, put_right, wrap_plain};
use crate::tui::world::{Focus, World};

/// The token pane.
pub struct TokenPane;

/// Its entry.
pub static PANE: TokenPane = TokenPane;

/// What the pane remembers.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The token seen last.
    pub seen: Option<TokenSeen>,
    /// Whether it has not been looked at yet.
    pub unseen: bool,
    /// Rows scrolled away at the top.
    pub scroll: usize,
}

/// Its keys.
static LAYER: Layer = Layer {
    heading: "The token pane",
    keys: &[entry(
        &[plain(Code::Enter)],
        "in words",
        "each claim in plain words",
        |world, _| world.panes.token.seen.is_some(),
        |world, _| in_words(world),
        2,
    )],
};

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
    for line in token::explain(&whole, world.now) {
        lines.push(said(Voice::Typed, format!("{}  {}", line.claim, line.value)));
        lines.push(said(Voice::Plain, line.meaning));
        lines.push(said(Voice::Note, String::new()));
    }
    lines
}

/// A token was seen or read.
pub fn hear(world: &mut World, token: TokenSeen) -> Vec<Effect> {
    world.panes.token = State { seen: Some(token), unseen: true, scroll: 0 };
    world.show_aside(PaneId::Token);
    // Who asked for it in the objects pane of a small screen is led to it.
    if world.focus == Focus::Pane(PaneId::Objects) && world.place(PaneId::Token).is_none() {
        world.focus = Focus::Pane(PaneId::Token);
    }
    Vec::new()
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
            let more = format!(" ↓ {} more ", most - scroll);
            put_right(buf, area, area.height.saturating_sub(1), &more, world.theme.style(Meaning::Dim));
        }
    }

    fn step(&self, world: &mut World, rows: isize) {
        let (height, width) = world.room(PaneId::Token);
        let most = page(world, width).len().saturating_sub(height);
        world.panes.token.scroll = world.panes.token.scroll.min(most).saturating_add_signed(rows).min(most);
    }
}

/// The token in rows of `width` columns.
fn page(world: &World, width: usize) -> Vec<Line<'static>> {
    let theme = world.theme;
    let Some(token) = &world.panes.token.seen else {
        let say = "No token seen yet. When a command prints one, it is taken apart here. Or select a pod or a secret \
                   in the objects pane and press Enter.";
        return wrap_plain(say, theme.style(Meaning::Dim), width, 0);
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
    rows
}

/// What the claims say, in whichever of the two shapes they come.
#[derive(Debug, Default)]
pub struct Facts {
    namespace: String,
    account: Option<(String, String)>,
    pod: Option<(String, String)>,
    secret: Option<(String, String)>,
    node: Option<(String, String)>,
    issued: Option<Timestamp>,
    expires: Option<Timestamp>,
    not_before: Option<Timestamp>,
    warn_after: Option<Timestamp>,
}

impl Facts {
    fn read(claims: &Value) -> Self {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(|text| sanitize_line(text).into_owned());
        let legacy = |key: &str| text(claims.get(format!("kubernetes.io/serviceaccount/{key}")));
        let bound = claims.get("kubernetes.io");
        let object = |kind: &str| {
            let object = bound?.get(kind)?;
            Some((text(object.get("name"))?, text(object.get("uid")).unwrap_or_default()))
        };
        let time = |value: Option<&Value>| {
            let seconds = value.and_then(|value| value.as_i64().or_else(|| value.as_f64().map(whole)))?;
            Timestamp::from_second(seconds).ok()
        };
        Self {
            namespace: text(bound.and_then(|bound| bound.get("namespace")))
                .or_else(|| legacy("namespace"))
                .unwrap_or_default(),
            account: object("serviceaccount")
                .or_else(|| Some((legacy("service-account.name")?, legacy("service-account.uid").unwrap_or_default()))),
            pod: object("pod"),
            secret: object("secret").or_else(|| Some((legacy("secret.name")?, String::new()))),
            node: object("node"),
            issued: time(claims.get("iat")),
            expires: time(claims.get("exp")),
            not_before: time(claims.get("nbf")),
            warn_after: time(bound.and_then(|bound| bound.get("warnafter"))),
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a float beyond the range is no date either way")]
fn whole(seconds: f64) -> i64 {
    seconds as i64
}

fn life(rows: &mut Vec<Line<'static>>, facts: &Facts, now: Timestamp, theme: Theme, width: usize) {
    let dim = theme.style(Meaning::Dim);
    let Some(expires) = facts.expires else {
        let text = "! never expires: it works until its secret or its account is deleted";
        rows.extend(wrap_plain(text, theme.style(Meaning::Change), width, 2));
        return;
    };
    let left = expires.duration_since(now);
    let (text, meaning) = if left > SignedDuration::ZERO {
        (format!("{} left", countdown(left)), Meaning::Good)
    } else {
        (format!("✘ expired {} ago", human_duration(-left)), Meaning::Refused)
    };
    let Some(issued) = facts.issued else {
        rows.push(Line::from(vec![Span::raw("life "), Span::styled(text, theme.style(meaning))]));
        return;
    };
    let whole = expires.duration_since(issued).as_secs_f64();
    let part = |at: Timestamp| if whole > 0.0 { at.duration_since(issued).as_secs_f64() / whole } else { 1.0 };
    let (refresh, why) = refresh(facts, issued, expires);
    let room = width.saturating_sub(10 + cells(&text) + 2).clamp(4, 40);
    rows.push(Line::from(vec![
        Span::styled("iat ├", dim),
        Span::styled(life_bar(room, part(now), refresh.map(part)), theme.style(meaning)),
        Span::styled("┤ exp  ", dim),
        Span::styled(text, theme.style(meaning)),
    ]));
    if !why.is_empty() {
        rows.extend(wrap_plain(&why, dim, width, 4));
    }
}

/// When the kubelet asks for a fresh token, and how to say it: after 80 % of the life asked for, a day at most.
fn refresh(facts: &Facts, issued: Timestamp, expires: Timestamp) -> (Option<Timestamp>, String) {
    if facts.pod.is_none() {
        return (None, "    nobody renews it: ask for a new one when it ends".to_owned());
    }
    let asked = facts.warn_after.unwrap_or(expires).duration_since(issued);
    let after = SignedDuration::from_secs((asked.as_secs() / 5 * 4).clamp(0, 86_400));
    let at = issued.checked_add(after).ok();
    let mut say = format!("    ┊ the kubelet renews it after {} (80 %)", life_text(after.as_secs()));
    if let Some(warn) = facts.warn_after {
        say.push_str(&format!(
            "; its use is logged as stale after {}",
            life_text(warn.duration_since(issued).as_secs())
        ));
    }
    (at, say)
}

/// Time left, to the second: `364d 23:59:58`, `0:59:58`.
fn countdown(left: SignedDuration) -> String {
    let seconds = left.as_secs();
    let (days, hours, minutes, rest) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let clock = format!("{hours}:{minutes:02}:{rest:02}");
    if days > 0 { format!("{days}d {clock}") } else { clock }
}

fn claims(rows: &mut Vec<Line<'static>>, token: &TokenSeen, facts: &Facts, world: &World, width: usize) {
    let theme = world.theme;
    let mut row = |name: &str, value: &str, tie: Option<(String, Meaning)>| {
        let mut spans = vec![Span::styled(format!("{name:<8}"), theme.style(Meaning::Dim))];
        // Who is asked for matters more than the name of what it fits.
        let fits = |text: &str| 8 + cells(value) + 2 + cells(text) <= width;
        let tie = tie.map(|(text, meaning)| match text.strip_prefix("✔ ") {
            Some(_) if !fits(&text) => ("✔".to_owned(), meaning),
            _ => (text, meaning),
        });
        let tie_cells = tie.as_ref().map_or(0, |(text, _)| cells(text) + 2);
        let room = width.saturating_sub(8 + tie_cells).max(8);
        spans.push(Span::raw(cut(value, room).into_owned()));
        if let Some((text, meaning)) = tie {
            spans.push(Span::styled(format!("  {text}"), theme.style(meaning)));
        }
        rows.push(Line::from(spans));
    };
    let string = |value: &Value| match value {
        Value::String(text) => sanitize_line(text).into_owned(),
        Value::Array(items) => items
            .iter()
            .map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned))
            .collect::<Vec<_>>()
            .join(", "),
        other => other.to_string(),
    };
    let get = |name: &str| token.claims.get(name).map(&string).map(|text| sanitize_line(&text).into_owned());
    if let Some(sub) = get("sub") {
        row("sub", &sub, facts.account.as_ref().map(|account| tie(world, facts, "ServiceAccount", "sa", account)));
    }
    match get("aud") {
        Some(aud) => {
            let named = |named: &str| token.api.iter().any(|api| api == named);
            let fits = match token.claims.get("aud") {
                Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).any(named),
                Some(one) => one.as_str().is_some_and(named),
                None => true,
            };
            let tied = match (token.api.is_empty(), fits) {
                (true, _) => None,
                (false, true) => Some(("✔ this API".to_owned(), Meaning::Good)),
                (false, false) => Some(("✘ not this API".to_owned(), Meaning::Refused)),
            };
            row("aud", &aud, tied);
        }
        None => row("aud", "none: the API server takes it", None),
    }
    let objects = [("pod", "Pod", &facts.pod), ("secret", "Secret", &facts.secret), ("node", "Node", &facts.node)];
    for (word, kind, found) in objects {
        if let Some(found) = found {
            let tied = (kind != "Node").then(|| tie(world, facts, kind, word, found));
            row(word, &found.0, tied);
        }
    }
    let date = |at: Timestamp| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
    for (name, at) in [("iat", facts.issued), ("nbf", facts.not_before), ("exp", facts.expires)] {
        // `nbf` says nothing new while it equals `iat`.
        if let Some(at) = at.filter(|at| name != "nbf" || Some(*at) != facts.issued) {
            row(name, &date(at), None);
        }
    }
    for name in ["iss", "jti"] {
        if let Some(text) = get(name) {
            row(name, &text, None);
        }
    }
    if let Some(key) = token.header.get("kid") {
        let key = string(key);
        row("kid", if key.is_empty() { "(empty)" } else { &key }, None);
    }
    let known = ["sub", "aud", "iat", "nbf", "exp", "iss", "jti", "kubernetes.io"];
    for (name, value) in token.claims.as_object().into_iter().flatten() {
        if !known.contains(&name.as_str()) && !name.starts_with("kubernetes.io/serviceaccount/") {
            row(&sanitize_line(name), &sanitize_line(&string(value)), None);
        }
    }
}

/// How a claim fits the live object it names.
fn tie(world: &World, facts: &Facts, kind: &str, word: &str, (name, uid): &(String, String)) -> (String, Meaning) {
    if !world.panes.objects.index.ready {
        return (format!("? {word} not looked up yet"), Meaning::Dim);
    }
    // Objects are followed in the lesson's namespace only.
    if world.cluster.as_ref().is_some_and(|cluster| cluster.namespace != facts.namespace) {
        return (format!("? {word} of another namespace"), Meaning::Dim);
    }
    let found = object(world, facts, kind, Some(&(name.clone(), uid.clone())));
    match (found, word) {
        (Found::Gone, "sa") => (format!("✘ sa {name} is gone"), Meaning::Refused),
        (Found::Gone, _) => (format!("✘ the {word} is gone"), Meaning::Refused),
        (Found::Same, "sa") => (format!("✔ sa {name}"), Meaning::Good),
        (Found::Same, _) if uid.is_empty() => ("✔ is there".to_owned(), Meaning::Good),
        (Found::Same, _) => ("✔ uid matches".to_owned(), Meaning::Good),
        (Found::Another, _) => (format!("✘ another {word} has this name now"), Meaning::Refused),
        (Found::Unknown, _) => (format!("? {word} not looked up"), Meaning::Dim),
    }
}
