//! Forging the token on view: choose a forgery, send it, and see at which check it is refused.

mod words;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use self::words::Verdict;
use super::{Over, sheet};
use crate::base::sanitize_line;
use crate::token::Forgery;
use crate::tui::effect::Effect;
use crate::tui::key::{Code, Key, char, plain};
use crate::tui::keymap::when::always;
use crate::tui::keymap::{Layer, entry};
use crate::tui::msg::Answer;
use crate::tui::theme::Meaning;
use crate::tui::widget::wrap_spans;
use crate::tui::world::World;
use crate::why::{Review, Sign, Tried};

/// What is open.
#[derive(Clone, Debug, Default)]
pub struct Tamper {
    /// The forgery that is chosen, from 0.
    pub at: usize,
    /// The one that was sent and not answered yet.
    pub waiting: Option<Forgery>,
    /// What came of the last one.
    pub answer: Option<(Forgery, Answer)>,
    /// Rows of the answer scrolled away.
    pub scroll: usize,
}

/// Its keys.
pub static LAYER: Layer = Layer {
    heading: "Tampering with a token",
    keys: &[
        entry(
            &[plain(Code::Enter)],
            "send it",
            "change the token so, and send it to the API server",
            can_send,
            send,
            1,
        ),
        entry(&[plain(Code::Up)], "up", "choose the change above", always, |world, _| step(world, -1), 2),
        entry(
            &[plain(Code::Down), plain(Code::Tab)],
            "down",
            "choose the change below",
            always,
            |world, _| step(world, 1),
            2,
        ),
        entry(
            &[plain(Code::Esc), char('q')],
            "close",
            "close it",
            always,
            |world, _| {
                world.close::<Tamper>();
                Vec::new()
            },
            3,
        ),
    ],
};

fn can_send(world: &World, _: Key) -> bool {
    world.panes.token.seen.is_some() && world.over::<Tamper>().is_some_and(|tamper| tamper.waiting.is_none())
}

fn send(world: &mut World, _: Key) -> Vec<Effect> {
    let Some(token) = world.panes.token.seen.as_ref().map(|token| token.id) else { return Vec::new() };
    let Some(tamper) = world.over_mut::<Tamper>() else { return Vec::new() };
    let Some(forgery) = Forgery::ALL.get(tamper.at).copied() else { return Vec::new() };
    (tamper.waiting, tamper.answer, tamper.scroll) = (Some(forgery), None, 0);
    vec![Effect::Tamper { token, forgery }]
}

fn step(world: &mut World, by: isize) -> Vec<Effect> {
    if let Some(tamper) = world.over_mut::<Tamper>() {
        let length = Forgery::ALL.len().cast_signed();
        tamper.at = (tamper.at.cast_signed() + by).rem_euclid(length).cast_unsigned();
    }
    Vec::new()
}

/// A forged token was answered. Who has closed the sheet meanwhile finds the request in the pane of reasons.
pub fn answered(world: &mut World, forgery: Forgery, answer: Answer) {
    if let Some(tamper) = world.over_mut::<Tamper>().filter(|tamper| tamper.waiting == Some(forgery)) {
        (tamper.waiting, tamper.answer, tamper.scroll) = (None, Some((forgery, answer)), 0);
    }
}

impl Over for Tamper {
    fn layer(&self) -> &'static Layer {
        &LAYER
    }

    fn draw(&self, world: &World, area: Rect, buf: &mut Buffer) {
        let from = world.panes.token.seen.as_ref().map(|token| sanitize_line(&token.from).into_owned());
        let title = format!("Tamper with the token · from {}", from.unwrap_or_default());
        sheet::draw(world, &title, &self.list(world), &self.result(world), self.scroll, area, buf);
    }

    fn scrolls(&self) -> bool {
        true
    }

    fn hidden(&self, world: &World) -> (usize, usize) {
        sheet::hidden(world, self.scroll, self.result(world).len(), self.list(world).len())
    }

    fn wheel(world: &mut World, by: isize) {
        let Some(tamper) = world.over::<Self>() else { return };
        let (kept, rows) = (tamper.list(world).len(), tamper.result(world).len());
        let scroll = sheet::scrolled(world, tamper.scroll, rows, kept, by);
        if let Some(tamper) = world.over_mut::<Self>() {
            tamper.scroll = scroll;
        }
    }
}

impl Tamper {
    /// What can be done, around what is chosen; and a line below it.
    fn list(&self, world: &World) -> Vec<Line<'static>> {
        let (theme, (width, height)) = (world.theme, sheet::room(world));
        // The answer needs more than half of a small screen.
        let room = if height >= 18 { Forgery::ALL.len() } else { (height / 3).max(1) };
        let first = self.at.saturating_sub(room / 2).min(Forgery::ALL.len().saturating_sub(room));
        let mut rows = Vec::new();
        for (at, forgery) in Forgery::ALL.iter().enumerate().skip(first).take(room) {
            let (sign, style) =
                if at == self.at { ("▸ ", theme.cursor()) } else { ("  ", theme.style(Meaning::Plain)) };
            rows.push(Line::from(vec![Span::raw(sign), Span::styled(forgery.say(), style)]));
        }
        rows.push(Line::styled("─".repeat(width), theme.style(Meaning::Dim)));
        rows
    }

    fn result(&self, world: &World) -> Vec<Line<'static>> {
        let (theme, (width, _)) = (world.theme, sheet::room(world));
        let para = |text: String, meaning, indent: usize| {
            wrap_spans(&[Span::styled(text, theme.style(meaning))], width, &[], indent)
        };
        // By now another change may be chosen than the one that was answered.
        let title = |how: &str, forgery: &Forgery| match Forgery::ALL.get(self.at) {
            Some(chosen) if chosen == forgery => Vec::new(),
            _ => para(format!("{how}: {}", forgery.say()), Meaning::Title, 0),
        };
        match (&self.waiting, &self.answer) {
            (Some(forgery), _) => para(format!("Sent: {} …", forgery.say()), Meaning::Dim, 0),
            (None, None) => {
                let say = "Choose, and press Enter. The token is changed and sent to the API server of this step, to list pods. \
                           You see what comes back, and at which check it was refused. The token itself stays as it is.";
                para(say.to_owned(), Meaning::Dim, 0)
            }
            (None, Some((forgery, Answer::Kept(why)))) => {
                let mut rows = title("Not sent", forgery);
                rows.extend(para(format!("It was not sent: {}.", sanitize_line(why)), Meaning::Change, 0));
                rows
            }
            (None, Some((forgery, Answer::Sent { changed, tried }))) => {
                let Verdict { meaning, sign, say, then } = words::verdict(*forgery, tried);
                let head = [Span::styled(format!("{sign} {}", tried.code), theme.style(meaning)), Span::raw(". ")];
                let mut rows = title("Sent", forgery);
                rows.extend(wrap_spans(&[Span::styled(say, theme.style(meaning))], width, &head, 2));
                rows.extend(para(then, Meaning::Plain, 0));
                let mut row = |name: &str, spans: &[Span<'static>]| {
                    let head = [Span::styled(format!("{name:<13}"), theme.style(Meaning::Dim))];
                    rows.extend(wrap_spans(spans, width, &head, 13));
                };
                row("changed", &[Span::raw(sanitize_line(changed).into_owned())]);
                row("checks", &checks(world, tried));
                let said = if tried.said.is_empty() {
                    "the list of pods".to_owned()
                } else {
                    sanitize_line(&tried.said).into_owned()
                };
                row("answer", &[Span::raw(said)]);
                let review = match &tried.review {
                    Review::Taken(user) => format!("it is {}", sanitize_line(user)),
                    Review::Refused(why) if why.is_empty() => "it is not taken".to_owned(),
                    Review::Refused(why) => sanitize_line(why).into_owned(),
                    Review::Unknown(why) => format!("not known: {}", sanitize_line(why)),
                };
                row("TokenReview", &[Span::raw(review)]);
                if tried.code == 401 {
                    let say =
                        "A client hears no more than Unauthorized; why is told to administrators, by a TokenReview.";
                    rows.extend(para(say.to_owned(), Meaning::Dim, 0));
                }
                rows
            }
        }
    }
}

/// The checks that the token went through, in their order.
fn checks(world: &World, tried: &Tried) -> Vec<Span<'static>> {
    let theme = world.theme;
    let claims = world.panes.token.seen.as_ref().map(|token| &token.claims);
    let is_old = claims.and_then(|claims| claims.get("iss")?.as_str()) == Some("kubernetes/serviceaccount");
    let mut spans = Vec::new();
    for check in words::checks(tried, is_old) {
        let (sign, meaning) = match check.sign {
            Some(Sign::Good) => ("✔ ", Meaning::Good),
            Some(_) => ("✘ ", Meaning::Refused),
            None => ("· ", Meaning::Dim),
        };
        // The two stay together: a space between them is no place to break the row.
        let name = sanitize_line(&check.name).replace(' ', "\u{a0}");
        spans.push(Span::styled(format!("{}{name}", sign.replace(' ', "\u{a0}")), theme.style(meaning)));
        spans.push(Span::raw("  "));
    }
    spans
}
