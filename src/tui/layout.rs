//! Where things are: a pure function of the terminal's size and of the tab that is shown.

use ratatui::layout::Rect;

use super::pane::{PaneId, is_aside, is_tab};

/// The least size everything fits in: columns and rows.
pub const LEAST: (u16, u16) = (60, 16);

/// From this many columns on, panes stand side by side.
const WIDE: u16 = 100;
/// From this many columns on, three panes stand beside each other.
const VERY_WIDE: u16 = 170;
/// From this many rows on, the terminal lies below all panes when it is wide, too.
const TALL: u16 = 30;

/// Where a pane is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which pane.
    pub id: PaneId,
    /// Its frame, when it has one; frames share their edges.
    pub frame: Option<Rect>,
    /// What it draws in.
    pub inner: Rect,
}

/// The workbench, laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The top row.
    pub header: Rect,
    /// The row of tabs, when panes share a place.
    pub tabs: Option<Rect>,
    /// Rows that are lines.
    pub rules: Vec<Rect>,
    /// The panes that can be seen.
    pub places: Vec<Place>,
    /// The bottom row.
    pub footer: Rect,
}

impl Layout {
    /// Where a pane is, if it can be seen.
    pub fn place(&self, id: PaneId) -> Option<Place> {
        self.places.iter().copied().find(|place| place.id == id)
    }

    /// Gives a pane of a large screen the place of the objects as well, when they lie side by side or one above the other.
    pub fn widen(&mut self, id: PaneId) {
        let frame = |id| self.place(id).and_then(|place| place.frame);
        let (Some(own), Some(objects)) = (frame(id), frame(PaneId::Objects)) else { return };
        if self.tabs.is_some() || id == PaneId::Objects {
            return;
        }
        self.places.retain(|place| place.id != PaneId::Objects && place.id != id);
        self.places.insert(0, framed(id, own.union(objects)));
    }

    /// Whether the border between the terminal and what is above it is in this row.
    pub fn is_border(&self, y: u16) -> bool {
        match (self.rules.last(), self.tabs) {
            (Some(rule), _) => rule.y == y,
            (None, Some(_)) => false,
            (None, None) => {
                self.place(PaneId::Terminal).and_then(|place| place.frame).is_some_and(|frame| frame.y == y)
            }
        }
    }

    /// The pane at a column and row.
    pub fn at(&self, x: u16, y: u16) -> Option<PaneId> {
        self.places
            .iter()
            .find(|place| place.frame.unwrap_or(place.inner).contains((x, y).into()))
            .map(|place| place.id)
    }
}

/// Whether everything fits.
pub fn fits(width: u16, height: u16) -> bool {
    width >= LEAST.0 && height >= LEAST.1
}

/// The bottom row.
pub fn foot(width: u16, height: u16) -> Rect {
    Rect::new(0, height.saturating_sub(1), width, height.min(1))
}

/// How the upper pane and the terminal lend each other rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Rows the upper pane must have: the terminal gives them, used or not.
    pub must: u16,
    /// Rows the upper pane could use.
    pub upper: u16,
    /// Rows the terminal does use.
    pub terminal: u16,
    /// Rows the learner gave the upper pane, by moving the border.
    pub asked: Option<u16>,
}

/// What the terminal always keeps: the last line printed, and the prompt.
const LEAST_TERMINAL: u16 = 2;
/// What the upper pane keeps when the border is moved.
const LEAST_UPPER: u16 = 4;
/// The same with frames, two of them one above the other.
const LEAST_FRAMES: u16 = 13;

impl Share {
    /// The rows of the upper part, of `room`, where `usual` is its usual part and `least` what it can be made.
    fn rows(self, usual: u16, room: u16, least: u16) -> u16 {
        let borrowed = self.upper.min(room.saturating_sub(self.terminal));
        let most = room.saturating_sub(LEAST_TERMINAL);
        let taken = self.must.min(most);
        if let Some(asked) = self.asked {
            return asked.max(least).min(most).max(taken);
        }
        borrowed.max(taken).max(usual)
    }
}

/// Lays out the workbench. `tab` is the pane that is shown where all share a place; `aside` the one that is shown in the last
/// place of a large screen, where lesson and objects have their own.
pub fn layout(width: u16, height: u16, tab: PaneId, aside: PaneId, share: Share) -> Layout {
    let header = Rect::new(0, 0, width, height.min(1));
    let footer = foot(width, height);
    let body = Rect::new(0, 1, width, height.saturating_sub(2));
    let tab = if is_tab(tab) { tab } else { PaneId::Lesson };
    let mut layout = Layout { header, tabs: None, rules: Vec::new(), places: Vec::new(), footer };
    match (width >= WIDE, height >= TALL) {
        (true, true) => side_by_side(&mut layout, body, aside, share),
        (true, false) => two_columns(&mut layout, body, tab),
        (false, _) => stacked(&mut layout, body, tab, share),
    }
    layout
}

fn framed(id: PaneId, frame: Rect) -> Place {
    let inner = Rect::new(
        (frame.x + 2).min(frame.right()),
        (frame.y + 1).min(frame.bottom()),
        frame.width.saturating_sub(4),
        frame.height.saturating_sub(2),
    );
    Place { id, frame: Some(frame), inner }
}

/// Lesson, objects and token above, the terminal below.
fn side_by_side(layout: &mut Layout, body: Rect, aside: PaneId, share: Share) {
    let aside = if is_aside(aside) { aside } else { PaneId::Token };
    // Both have a frame, and share an edge.
    let (must, upper) = (share.must.saturating_add(2), share.upper.saturating_add(2));
    let asked = share.asked.map(|asked| asked.saturating_add(2));
    let inside = Share { must, upper, terminal: share.terminal.saturating_add(1), asked };
    let upper = inside.rows(part(body.height, 62), body.height.saturating_sub(1), LEAST_FRAMES);
    let lower = Rect::new(0, body.y + upper - 1, body.width, body.height - upper + 1);
    if body.width >= VERY_WIDE {
        let (first, second) = (part(body.width, 34), part(body.width, 67));
        for (id, from, to) in
            [(PaneId::Lesson, 0, first), (PaneId::Objects, first - 1, second), (aside, second - 1, body.width)]
        {
            layout.places.push(framed(id, Rect::new(from, body.y, to - from, upper)));
        }
    } else {
        let left = part(body.width, 44);
        let right = body.width - left + 1;
        let token = part(upper, 48).clamp(8, 16);
        layout.places.push(framed(PaneId::Lesson, Rect::new(0, body.y, left, upper)));
        layout.places.push(framed(PaneId::Objects, Rect::new(left - 1, body.y, right, upper - token + 1)));
        layout.places.push(framed(aside, Rect::new(left - 1, body.y + upper - token, right, token)));
    }
    layout.places.push(framed(PaneId::Terminal, lower));
}

/// Wide but low: the tabs on the left, the terminal on the right.
fn two_columns(layout: &mut Layout, body: Rect, tab: PaneId) {
    let left = part(body.width, 46);
    layout.tabs = Some(Rect::new(0, body.y, body.width, 1));
    let (y, height) = (body.y + 1, body.height.saturating_sub(1));
    layout.places.push(framed(tab, Rect::new(0, y, left, height)));
    layout.places.push(framed(PaneId::Terminal, Rect::new(left - 1, y, body.width - left + 1, height)));
}

/// Narrow: the tabs above, the terminal below, lines between them.
fn stacked(layout: &mut Layout, body: Rect, tab: PaneId, share: Share) {
    let room = body.height.saturating_sub(3);
    let upper = share.rows(part(room, 58), room, LEAST_UPPER);
    let row = |y: u16, height: u16| Rect::new(1.min(body.width), y, body.width.saturating_sub(2), height);
    layout.tabs = Some(Rect::new(0, body.y, body.width, body.height.min(1)));
    layout.rules.push(Rect::new(0, body.y + 1, body.width, 1));
    layout.places.push(Place { id: tab, frame: None, inner: row(body.y + 2, upper) });
    layout.rules.push(Rect::new(0, body.y + 2 + upper, body.width, 1));
    layout.places.push(Place { id: PaneId::Terminal, frame: None, inner: row(body.y + 3 + upper, room - upper) });
}

fn part(whole: u16, percent: u16) -> u16 {
    u16::try_from(u32::from(whole) * u32::from(percent) / 100).unwrap_or(whole)
}

/// Where an overlay of at most this size stands: in the middle, with the screen's edge left free where possible.
pub fn middle(width: u16, height: u16, wide: u16, high: u16) -> Rect {
    let (wide, high) = (wide.min(width), high.min(height));
    Rect::new((width - wide) / 2, (height - high) / 2, wide, high)
}

/// Where the editor stands in such a layout: beside the lesson, where that has a frame of its own; else below so many rows.
pub fn desk(layout: &Layout, width: u16, height: u16, kept: u16) -> Rect {
    let foot = height.saturating_sub(1);
    match layout.place(PaneId::Lesson).and_then(|place| place.frame) {
        Some(lesson) => {
            let (x, y) = (lesson.right().min(width), lesson.y.min(foot));
            Rect::new(x, y, width - x, foot - y)
        }
        None => Rect::new(0, kept.min(foot), width, foot - kept.min(foot)),
    }
}

/// Where a text that is read stands: over nearly everything, above the footer.
pub fn editor(width: u16, height: u16) -> Rect {
    overlay(width, height, 110)
}

/// Where the help stands.
pub fn help(width: u16, height: u16) -> Rect {
    overlay(width, height, 92)
}

/// Where the list of actions stands; it keeps its size whatever fits what is typed.
pub fn palette(width: u16, height: u16) -> Rect {
    let room = height.saturating_sub(1);
    let mut frame = middle(width, room, 84, 20);
    frame.y = frame.y.min(1);
    frame
}

/// Above the footer; a small screen is covered whole.
fn overlay(width: u16, height: u16, most: u16) -> Rect {
    let room = height.saturating_sub(1);
    if width < WIDE {
        return Rect::new(0, 0, width, room);
    }
    middle(width, room, width.saturating_sub(4).clamp(1, most), room.saturating_sub(2).max(1))
}

#[cfg(test)]
mod tests {
    use super::{LEAST_TERMINAL, Share, fits, layout};
    use crate::tui::pane::{PaneId, tabs};

    #[test]
    fn everything_lies_within_the_screen_at_any_size() {
        for width in 60..=250 {
            for height in 16..=80 {
                for tab in tabs() {
                    let share = Share { must: 200, upper: 200, terminal: 3, asked: None };
                    let asked = |rows| Share { asked: Some(rows), ..Share::default() };
                    for share in [Share::default(), share, asked(0), asked(9), asked(u16::MAX)] {
                        let layout = layout(width, height, tab, tab, share);
                        assert!(fits(width, height));
                        for place in &layout.places {
                            let area = place.frame.unwrap_or(place.inner);
                            assert!(area.right() <= width && area.bottom() <= height, "{width}×{height}: {place:?}");
                            assert!(
                                place.inner.height >= LEAST_TERMINAL && place.inner.width >= 20,
                                "{width}×{height}: {place:?}"
                            );
                        }
                        assert!(layout.place(PaneId::Terminal).is_some());
                        assert!(layout.place(tab).is_some());
                    }
                }
            }
        }
    }
}
