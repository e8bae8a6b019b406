//! A token as it is written: its three parts, and how each is read, step by step. The signature is shown short.

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use serde_json::Value;

use super::{Over, sheet};
use crate::base::sanitize_line;
use crate::tui::effect::Effect;
use crate::tui::key::{Code, char, plain, shift};
use crate::tui::keymap::when::always;
use crate::tui::keymap::{Layer, entry};
use crate::tui::msg::{TokenSeen, TokenText, Verdict};
use crate::tui::theme::{Meaning, Theme};
use crate::tui::widget::{hard_wrap, wrap_plain, wrap_spans};
use crate::tui::world::World;

/// What is open.
#[derive(Clone, Copy, Debug, Default)]
pub struct Raw {
    /// The part whose steps are shown.
    pub part: Part,
    /// Rows scrolled away at the top.
    pub scroll: usize,
}

/// One of the three parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// The first.
    #[default]
    Header,
    /// The second.
    Claims,
    /// The third.
    Signature,
}

impl Part {
    const ALL: [Self; 3] = [Self::Header, Self::Claims, Self::Signature];

    fn name(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Claims => "claims",
            Self::Signature => "signature",
        }
    }

    fn say(self) -> &'static str {
        match self {
            Self::Header => "which key signed, and how",
            Self::Claims => "what the token says",
            Self::Signature => "made over all that stands before it",
        }
    }

    fn meaning(self) -> Meaning {
        match self {
            Self::Header => Meaning::Accent,
            Self::Claims => Meaning::Code,
            Self::Signature => Meaning::Change,
        }
    }
}

/// Its keys.
pub static LAYER: Layer = Layer {
    heading: "A token as it is written",
    keys: &[
        entry(
            &[plain(Code::Right), plain(Code::Tab)],
            "next part",
            "the steps of the part after this one",
            always,
            |world, _| turn(world, 1),
            1,
        ),
        entry(
            &[plain(Code::Left), shift(Code::Tab)],
            "part before",
            "the steps of the part before this one",
            always,
            |world, _| turn(world, -1),
            3,
        ),
        entry(
            &[plain(Code::Esc), plain(Code::Enter), char('q')],
            "close",
            "close it",
            always,
            |world, _| {
                world.close::<Raw>();
                Vec::new()
            },
            2,
        ),
    ],
};

fn turn(world: &mut World, by: isize) -> Vec<Effect> {
    if let Some(raw) = world.over_mut::<Raw>() {
        let at = Part::ALL.iter().position(|part| *part == raw.part).unwrap_or(0).cast_signed() + by;
        let at = at.rem_euclid(Part::ALL.len().cast_signed()).cast_unsigned();
        *raw = Raw { part: Part::ALL.get(at).copied().unwrap_or_default(), scroll: 0 };
    }
    Vec::new()
}

impl Over for Raw {
    fn layer(&self) -> &'static Layer {
        &LAYER
    }

    fn draw(&self, world: &World, area: Rect, buf: &mut Buffer) {
        let from = world.panes.token.seen.as_ref().map(|token| sanitize_line(&token.from).into_owned());
        let title = format!("The token as it is written · from {}", from.unwrap_or_default());
        sheet::draw(world, &title, &[], &rows(world, self.part), self.scroll, area, buf);
    }

    fn scrolls(&self) -> bool {
        true
    }

    fn hidden(&self, world: &World) -> (usize, usize) {
        sheet::hidden(world, self.scroll, rows(world, self.part).len(), 0)
    }

    fn wheel(world: &mut World, by: isize) {
        let Some(Self { part, scroll }) = world.over::<Self>().copied() else { return };
        let scroll = sheet::scrolled(world, scroll, rows(world, part).len(), 0, by);
        if let Some(raw) = world.over_mut::<Self>() {
            raw.scroll = scroll;
        }
    }
}

fn rows(world: &World, part: Part) -> Vec<Line<'static>> {
    let (width, height) = sheet::room(world);
    let Some(token) = &world.panes.token.seen else { return Vec::new() };
    let mut rows = written(&token.text, part, world.theme, width, height);
    rows.push(Line::default());
    let steps = Steps { theme: world.theme, width, rows };
    match part {
        Part::Header => steps.readable(part, &token.text.header),
        Part::Claims => steps.readable(part, &token.text.claims),
        Part::Signature => steps.signature(token),
    }
}

/// The three parts with a label under each, the dots before the second and the third. What would fill the sheet is shortened.
fn written(text: &TokenText, chosen: Part, theme: Theme, width: usize, height: usize) -> Vec<Line<'static>> {
    let long = |text: &str| text.len().div_ceil(width.max(1));
    let whole = long(&text.header) + long(&text.claims) <= height / 3;
    let dot = || Span::styled(".", theme.style(Meaning::Title).add_modifier(Modifier::REVERSED));
    let mut rows = Vec::new();
    for part in Part::ALL {
        let style = theme.style(part.meaning());
        let (shown, letters) = match part {
            Part::Header => (text.header.as_str(), text.header.len()),
            Part::Claims => (text.claims.as_str(), text.claims.len()),
            Part::Signature => (text.signature.as_str(), text.letters),
        };
        let lead = usize::from(part != Part::Header);
        let shown =
            if whole || part == Part::Signature { shown.to_owned() } else { shortened(shown, width - lead.min(width)) };
        let mut text = format!("{}{shown}", " ".repeat(lead));
        if letters == 0 {
            text.push_str("(nothing)");
        }
        for (at, row) in hard_wrap(&text, width).into_iter().enumerate() {
            let row = if at == 0 { row.get(lead..).unwrap_or_default() } else { row };
            let lead = (at == 0 && part != Part::Header).then(dot);
            rows.push(Line::from_iter(lead.into_iter().chain([Span::styled(row.to_owned(), style)])));
        }
        let sign = if part == chosen { "▸ " } else { "└ " };
        let name = if part == chosen { theme.cursor() } else { style };
        rows.push(Line::from(vec![
            Span::styled(sign, style),
            Span::styled(part.name(), name),
            Span::styled(format!(": {} · {letters} letters", part.say()), theme.style(Meaning::Dim)),
        ]));
    }
    rows
}

/// The beginning and the end of a text that has more letters than a row.
fn shortened(text: &str, width: usize) -> String {
    let room = width.saturating_sub(1);
    if text.len() <= width || room < 8 {
        return text.to_owned();
    }
    let (head, tail) = (room - 8, text.len() - 8);
    format!("{}…{}", text.get(..head).unwrap_or_default(), text.get(tail..).unwrap_or_default())
}

/// Readers pay no attention to the bits left over in the last letter.
const BASE64: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, NO_PAD.with_decode_allow_trailing_bits(true));

/// The rows of the steps, as they come.
struct Steps {
    theme: Theme,
    width: usize,
    rows: Vec<Line<'static>>,
}

impl Steps {
    fn step(&mut self, number: usize, say: &str) {
        let head = [Span::styled(format!("{number} "), self.theme.style(Meaning::Title))];
        self.rows.extend(wrap_spans(&[Span::raw(say.to_owned())], self.width, &head, 2));
    }

    fn text(&mut self, text: &str, style: Style) {
        for line in text.lines() {
            let line = sanitize_line(line).into_owned();
            let rows = hard_wrap(&line, self.width.saturating_sub(2)).into_iter();
            self.rows.extend(rows.map(|row| Line::from(vec![Span::raw("  "), Span::styled(row.to_owned(), style)])));
        }
    }

    fn say(&mut self, text: &str, meaning: Meaning) {
        self.rows.extend(wrap_plain(text, self.theme.style(meaning), self.width, 0));
    }

    /// The steps from a part's letters to what it says.
    fn readable(mut self, part: Part, text: &str) -> Vec<Line<'static>> {
        self.say("Anyone can read this part, without any key:", Meaning::Title);
        let place = if part == Part::Header {
            "Take what stands before the first dot"
        } else {
            "Take what stands between the dots"
        };
        self.step(1, &format!("{place}: {} letters.", text.len()));
        self.replaced(text);
        match (4 - text.len() % 4) % 4 {
            0 => self.step(3, "Pad: base64 comes in fours. This part has whole fours, so no `=` is needed."),
            pad => {
                let tail = text.get(text.len().saturating_sub(8)..).unwrap_or_default();
                let (tail, signs) = (tail.replace('-', "+").replace('_', "/"), "=".repeat(pad));
                self.step(3, &format!("Pad: base64 comes in fours. Put `{signs}` at the end: …{tail}{signs}"));
            }
        }
        let bytes = BASE64.decode(text).unwrap_or_default();
        self.step(4, &format!("Decode: each four letters are three bytes. {} bytes come out:", bytes.len()));
        let decoded = String::from_utf8_lossy(&bytes).into_owned();
        let style = self.theme.style(part.meaning());
        self.text(&decoded, style);
        self.step(5, "It is JSON; spread out:");
        let json = serde_json::from_str::<Value>(&decoded).ok();
        let pretty = json.and_then(|json| serde_json::to_string_pretty(&json).ok()).unwrap_or(decoded);
        self.text(&pretty, style);
        self.rows
    }

    /// The letters of base64url that base64 writes otherwise.
    fn replaced(&mut self, text: &str) {
        let places: Vec<usize> = text.match_indices(['-', '_']).map(|(at, _)| at).collect();
        if places.is_empty() {
            self.step(2, "Replace - by + and _ by /. This part has neither, so nothing changes.");
            return;
        }
        let examples = places.iter().take(3).map(|at| {
            let around = text.get(at.saturating_sub(4)..text.len().min(at + 5)).unwrap_or_default();
            format!("…{around}… → …{}…", around.replace('-', "+").replace('_', "/"))
        });
        let examples = examples.collect::<Vec<_>>().join(", ");
        let more = if places.len() > 3 { " and so on" } else { "" };
        self.step(2, &format!("Replace - by + and _ by /, {} of them: {examples}{more}", places.len()));
    }

    /// What can be told of the signature.
    fn signature(mut self, token: &TokenSeen) -> Vec<Line<'static>> {
        let text = &token.text;
        self.say("The signature is shown short, so that nobody can copy your token from this screen.", Meaning::Title);
        if text.letters == 0 {
            self.step(1, "Take what stands after the second dot: nothing. This token is not signed.");
            return self.rows;
        }
        self.step(1, &format!("Take what stands after the second dot: {} letters.", text.letters));
        self.step(2, "Replace - by + and _ by /, as in the other parts.");
        self.step(3, "Pad it with = to whole fours.");
        let bits = text.bytes * 8;
        self.step(4, &format!("Decode: {} bytes, {bits} bits. They are a number, and no text.", text.bytes));
        let signed = text.header.len() + 1 + text.claims.len();
        let say = format!(
            "It was made over the first {signed} letters: the header, the dot and the claims, as they are written. Change one \
             letter there, and these bytes are wrong."
        );
        self.step(5, &say);
        self.step(6, "Only the private key makes them, and the cluster keeps it. The public key checks them: kubectl get --raw /openid/v1/jwks");
        let (said, meaning) = match &token.verdict {
            Verdict::Verified => ("✔ Checked with this cluster's public keys: it fits.".to_owned(), Meaning::Good),
            Verdict::Wrong(why) => {
                (format!("✘ Checked with this cluster's public keys: {}", sanitize_line(why)), Meaning::Refused)
            }
            Verdict::Unknown(why) => (format!("? Not checked: {}", sanitize_line(why)), Meaning::Change),
        };
        self.say(&said, meaning);
        self.rows
    }
}
