//! The workbench: header, tabs or frames, and the panes.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::symbols::merge::MergeStrategy;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Widget};

use crate::base::{Order as _, sanitize_line};
use crate::tui::keymap::is_hidden;
use crate::tui::overlay::editor::Editor;
use crate::tui::pane::{self, PaneId};
use crate::tui::theme::Meaning;
use crate::tui::widget::{cells, cut, dots, put, put_line, put_right, wrap_plain};
use crate::tui::world::{Focus, World};

/// Draws it.
pub fn draw(world: &World, area: Rect, buf: &mut Buffer) {
    let layout = world.layout();
    let theme = world.theme;
    draw_header(world, layout.header, buf);
    if let Some(row) = layout.tabs {
        draw_tabs(world, row, buf);
    }
    for rule in &layout.rules {
        put(buf, *rule, 0, 0, &"─".repeat(usize::from(rule.width)), theme.style(Meaning::Dim));
    }
    if let Some(rule) = layout.rules.last() {
        let (name, meaning) = match focused(world) {
            PaneId::Terminal => (" Terminal · type here ", Meaning::Accent),
            _ => (" Terminal ", Meaning::Dim),
        };
        put(buf, *rule, 1, 0, name, theme.style(meaning));
    }
    // The frame of the pane that has the keys is drawn last, over the edges it shares.
    let mut places = layout.places.clone();
    places.order_by_key(|place| focused(world) == place.id);
    for place in &places {
        if let Some(frame) = place.frame {
            draw_frame(world, place.id, frame.intersection(area), buf);
        }
    }
    for place in &places {
        // What the panes show may be the answer.
        if is_hidden(world, place.id) {
            let say = "The question comes first. What is here is shown when it is answered.";
            let inner = place.inner.intersection(area);
            let lines = wrap_plain(say, world.theme.style(Meaning::Dim), usize::from(inner.width), 0);
            for (row, line) in (0..inner.height).zip(&lines) {
                put_line(buf, inner, 0, row, line);
            }
            continue;
        }
        place.id.pane().draw(world, place.inner.intersection(area), buf);
    }
}

/// The pane that has the keys; the prompt is in the terminal.
fn focused(world: &World) -> PaneId {
    match world.focus {
        Focus::Prompt if world.asks() => PaneId::Lesson,
        Focus::Prompt => PaneId::Terminal,
        Focus::Pane(id) => id,
    }
}

fn draw_frame(world: &World, id: PaneId, frame: Rect, buf: &mut Buffer) {
    let has_keys = focused(world) == id;
    let meaning = if has_keys { Meaning::Accent } else { Meaning::Dim };
    let style = world.theme.style(meaning);
    Block::bordered()
        .border_style(style.remove_modifier(ratatui::style::Modifier::BOLD))
        .merge_borders(MergeStrategy::Exact)
        .render(frame, buf);
    let title = match id {
        PaneId::Terminal if has_keys && world.over::<Editor>().is_none() => " Terminal · type here ".to_owned(),
        _ => format!(" {} ", id.pane().title()),
    };
    let style = if has_keys { style } else { Style::new() };
    let room = usize::from(frame.width).saturating_sub(cells(&title) + 6);
    let title = id.pane().remark(world, room).map_or(title.clone(), |remark| format!("{title}{remark} "));
    if !pane::is_aside(id) || world.layout().tabs.is_some() {
        put(buf, frame, 1, 0, &title, style);
        return;
    }
    for (other, from, _, text) in aside_tabs(world) {
        let style = match (other == id, other.pane().badge(world)) {
            (true, _) => style,
            (false, Some(_)) => world.theme.style(Meaning::Change),
            (false, None) => world.theme.style(Meaning::Dim),
        };
        put(buf, frame, from, 0, &text, style);
    }
}

/// The titles of the panes that share the last place of a large screen: first column in its frame, column after the last.
fn aside_tabs(world: &World) -> Vec<(PaneId, u16, u16, String)> {
    let mut at = 1;
    let tab = |id: PaneId| {
        let (title, badge) = (id.pane().title(), id.pane().badge(world).filter(|_| id != world.aside));
        let text = match (id == world.aside, badge) {
            (true, _) => format!("[{title}]"),
            (false, Some(badge)) => format!(" {title} {badge} "),
            (false, None) => format!(" {title} "),
        };
        let from = at;
        at += u16::try_from(cells(&text)).unwrap_or(0);
        (id, from, at, text)
    };
    pane::asides().map(tab).collect()
}

/// The title that was hit in the frame of the last place of a large screen.
pub fn aside_at(world: &World, x: u16, y: u16) -> Option<PaneId> {
    let frame = world.place(world.aside)?.frame.filter(|frame| frame.y == y && world.layout().tabs.is_none())?;
    let column = x.checked_sub(frame.x)?;
    aside_tabs(world).into_iter().find(|(_, from, to, _)| (*from..*to).contains(&column)).map(|(id, ..)| id)
}

fn draw_header(world: &World, row: Rect, buf: &mut Buffer) {
    let theme = world.theme;
    let wide = row.width >= 100;
    let Some(open) = &world.lesson else { return };
    let steps = open.lesson.steps.len();
    let done = dots(&open.done(), Some(open.step));
    let here = (open.step + 1).min(steps.max(1));
    let cluster = cluster_text(world, if wide { 30 } else { 14 });
    // A clock that was moved is not the one on the wall.
    let ahead = match world.panes.clock.ahead {
        0 => String::new(),
        seconds => format!("+{}", pane::clock::moved(seconds).replace(' ', "")),
    };
    let (mut left, right) = if wide {
        let clock = format!("{}{ahead}", world.now.strftime("%H:%M:%S"));
        (" sa-tutor   ".to_owned(), format!("{cluster}   clock {clock}   {done}  step {here} of {steps} "))
    } else {
        (" ".to_owned(), format!("{cluster}  {}{ahead}  {done} {here}/{steps} ", world.now.strftime("%H:%M")))
    };
    put(buf, row, 0, 0, &left, theme.style(Meaning::Title));
    let at = cells(&left);
    left.clear();
    if let Some(number) = world.course.lessons.iter().position(|card| card.id == open.lesson.id) {
        left.push_str(&format!("{} ", number + 1));
    }
    left.push_str(&sanitize_line(&open.lesson.title));
    let room = usize::from(row.width).saturating_sub(at + cells(&right) + 2);
    put(buf, row, u16::try_from(at).unwrap_or(0), 0, &cut(&left, room), theme.style(Meaning::Accent));
    put_right(buf, row, 0, &right, theme.style(Meaning::Dim));
    // Another release than in the step before is not to be overlooked.
    if world.panes.releases.moved_to.is_some() {
        let from = row.width.saturating_sub(u16::try_from(cells(&right)).unwrap_or(u16::MAX));
        put(buf, row, from, 0, &cluster, theme.style(Meaning::Accent));
    }
}

/// `simulator 1.36`; `sim 1.36` where room is short.
pub fn cluster_text(world: &World, most: usize) -> String {
    let Some(cluster) = &world.cluster else { return "connecting …".to_owned() };
    let release = cluster.release.map(|release| format!(" {release}")).unwrap_or_default();
    let name = if cluster.name == "simulator" && most < 20 { "sim" } else { &cluster.name };
    let beside = if cluster.beside.is_some() { " beside" } else { "" };
    format!("{}{release}{beside}", cut(name, most.saturating_sub(release.len())))
}

/// Where each tab is: first column, column after the last, text.
fn tabs(world: &World) -> Vec<(PaneId, u16, u16, String)> {
    let mut at = 1;
    let mut tabs = Vec::new();
    for id in pane::tabs() {
        let title = id.pane().title();
        let text = match id.pane().badge(world) {
            _ if id == world.tab => match id.pane().remark(world, usize::from(world.width) / 5) {
                Some(remark) => format!("[{title} {remark}]"),
                None => format!("[{title}]"),
            },
            Some(badge) => format!(" {title} {badge} "),
            None => format!(" {title} "),
        };
        let to = at + u16::try_from(cells(&text)).unwrap_or(0);
        tabs.push((id, at, to, text));
        at = to + 1;
    }
    tabs
}

/// The tab at a column.
pub fn tab_at(world: &World, x: u16) -> Option<PaneId> {
    tabs(world).into_iter().find(|(_, from, to, _)| (*from..*to).contains(&x)).map(|(id, ..)| id)
}

fn draw_tabs(world: &World, row: Rect, buf: &mut Buffer) {
    let theme = world.theme;
    for (id, from, _, text) in tabs(world) {
        let meaning = match (id == world.tab, id == focused(world), id.pane().badge(world)) {
            (true, true, _) => Meaning::Accent,
            (true, false, _) => Meaning::Title,
            (false, _, Some(_)) => Meaning::Change,
            (false, ..) => Meaning::Dim,
        };
        put_line(buf, row, from, 0, &Line::from(Span::styled(text, theme.style(meaning))));
    }
}
