//! The pane laid out: the list of releases, or what they answered in rows.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::compare::Block;
use super::keys::is_stale;
use super::{block, list};
use crate::apimachinery::Release;
use crate::base::sanitize_line;
use crate::tui::pane::PaneId;
use crate::tui::theme::Meaning;
use crate::tui::widget::{wrap_plain, wrap_spans};
use crate::tui::world::World;

/// The rows, and where each block of them is.
#[derive(Debug, Default)]
pub struct Page {
    /// What stands above and does not scroll.
    pub head: Vec<Line<'static>>,
    /// The rows below it.
    pub rows: Vec<Line<'static>>,
    /// The row each block begins at, and the one after it.
    pub blocks: Vec<(usize, usize)>,
}

impl Page {
    /// How many of the rows are seen in `height` rows in all.
    pub fn room(&self, height: usize) -> usize {
        let height = height.saturating_sub(self.head.len());
        // The last row says how much is below.
        if self.rows.len() > height { height.saturating_sub(1) } else { height }
    }

    /// How far it is scrolled in `height` rows, and how far it could be.
    pub fn scroll(&self, world: &World, height: usize) -> (usize, usize) {
        let state = &world.panes.releases;
        let room = self.room(height);
        let most = self.rows.len().saturating_sub(room);
        let scroll = match state.choosing.and_then(|at| self.blocks.get(at)) {
            Some((_, end)) => end.saturating_sub(room),
            None => state.scroll,
        };
        (scroll.min(most), most)
    }
}

/// The releases as they are listed, newest first.
pub fn listed() -> impl Iterator<Item = Release> {
    Release::all().rev()
}

/// Lays the pane out in `width` columns.
pub fn page(world: &World, width: usize) -> Page {
    let state = &world.panes.releases;
    let mut page = Page::default();
    if state.choosing.is_some() {
        choices(&mut page, world, width);
        return page;
    }
    let dim = world.theme.style(Meaning::Dim);
    if state.ran == 0 && state.answers.is_empty() {
        let say = "Run a command first; then this pane shows how other releases answer it.";
        page.rows.extend(wrap_plain(say, dim, width, 0));
        let releases = list::in_words(&state.chosen);
        if !releases.is_empty() {
            page.rows.extend(wrap_plain(&format!("It compares {releases}."), dim, width, 0));
        }
        return page;
    }
    head(&mut page, world, width);
    let differing = |block: &Block| block.differs();
    let releases = &state.compared.releases;
    for (at, of) in state.compared.blocks.iter().enumerate() {
        let begins = page.rows.len();
        page.rows.extend(block::rows(of, releases, at == state.selected, width, world.theme));
        page.blocks.push((begins, page.rows.len()));
    }
    if releases.len() > 1 && !state.compared.blocks.iter().any(differing) && state.waiting.is_empty() {
        let say = "Nothing differs between these releases. F5 chooses others.";
        page.rows.extend(wrap_plain(say, dim, width, 0));
    }
    page
}

/// What is compared, and how far that is.
fn head(page: &mut Page, world: &World, width: usize) {
    let (state, theme) = (&world.panes.releases, world.theme);
    let (dim, title) = (theme.style(Meaning::Dim), theme.style(Meaning::Title));
    let commands = state.compared.blocks.iter().filter(|block| !block.is_objects());
    let (count, differing) = (commands.clone().count(), commands.filter(|block| block.differs()).count());
    let differ = state.compared.blocks.iter().any(|block| block.is_objects() && block.differs());
    let objects = if differ { ", and the objects differ" } else { "" };
    let mut spans = vec![Span::styled(list::in_words(&state.chosen), title)];
    let say = match (state.compared.releases.len(), count) {
        (0, _) if state.ran_then.is_none() => ": F5 runs your commands there".to_owned(),
        (0, _) => String::new(),
        (1, _) => ": one release, nothing to compare yet".to_owned(),
        (_, 1) if differing == 1 => ": your command is answered in different ways".to_owned(),
        (_, 1) => format!(": your command is answered alike{objects}"),
        (_, count) if differing == 0 => format!(": your {count} commands are answered alike{objects}"),
        (_, count) => format!(": {differing} of {count} commands are answered in different ways"),
    };
    spans.push(Span::styled(say, dim));
    page.head.extend(wrap_spans(&spans, width, &[], 0));
    if !state.waiting.is_empty() {
        let say = format!("◐ Your commands run on {} …", list::in_words(&state.waiting));
        page.head.extend(wrap_plain(&say, theme.style(Meaning::Change), width, 2));
    }
    if state.ran_then.is_some() && is_stale(state) {
        let say = "! You ran more commands since. F5 compares again.";
        page.head.extend(wrap_plain(say, theme.style(Meaning::Change), width, 2));
    }
    for answer in &state.answers {
        if let Some(why) = &answer.trouble {
            let say = format!("✘ {}: {}", answer.release, sanitize_line(why));
            page.head.extend(wrap_plain(&say, theme.style(Meaning::Refused), width, 2));
        }
    }
    let is_simulator = world.cluster.as_ref().is_none_or(|cluster| cluster.name == "simulator");
    if !is_simulator {
        let say = "They run on simulators. Your own cluster is not touched.";
        page.head.extend(wrap_plain(say, dim, width, 0));
    }
}

/// The releases to choose from.
fn choices(page: &mut Page, world: &World, width: usize) {
    let (state, theme) = (&world.panes.releases, world.theme);
    let say = if state.is_full {
        "! Three are chosen. Take one out first.".to_owned()
    } else {
        let then = match (state.ran, state.chosen.is_empty()) {
            (_, true) => "Choose at least one.",
            (0, false) => "Run a command, then F5 compares.",
            _ => "F5 compares.",
        };
        format!("Choose one to three releases: Space or {} takes one in or out. {then}", world.enter())
    };
    let meaning = if state.is_full { Meaning::Change } else { Meaning::Dim };
    page.head.extend(wrap_plain(&say, theme.style(meaning), width, 0));
    for (at, release) in listed().enumerate() {
        let (is_here, is_chosen) = (state.choosing == Some(at), state.chosen.contains(&release));
        let begins = page.rows.len();
        let mark = format!("{}{} {release}  ", if is_here { "▸ " } else { "  " }, if is_chosen { "●" } else { "○" });
        let style = if is_chosen { theme.style(Meaning::Accent) } else { Style::new() };
        let say = if is_here { theme.style(Meaning::Title) } else { theme.style(Meaning::Dim) };
        let words = list::notable(release).replace('`', "");
        page.rows.extend(wrap_spans(&[Span::styled(words, say)], width, &[Span::styled(mark, style)], 10));
        page.blocks.push((begins, page.rows.len()));
    }
}

/// Moves the selection; within what is selected, the text.
pub fn step(world: &mut World, rows: isize) {
    let (height, width) = world.room(PaneId::Releases);
    let page = page(world, width);
    let (scroll, most) = page.scroll(world, height);
    let state = &mut world.panes.releases;
    let last = page.blocks.len().saturating_sub(1);
    if let Some(at) = &mut state.choosing {
        *at = at.saturating_add_signed(rows).min(last);
        state.is_full = false;
        return;
    }
    (state.moved, state.scroll) = (true, scroll);
    let room = page.room(height);
    let (begins, ends) = page.blocks.get(state.selected).copied().unwrap_or_default();
    // What is longer than the pane is read to its end first.
    if rows == 1 && ends > scroll + room && begins < scroll + room {
        state.scroll = (scroll + 1).min(most);
        return;
    }
    if rows == -1 && begins < scroll {
        state.scroll = scroll.saturating_sub(1);
        return;
    }
    if rows < 0 && state.selected == 0 {
        state.scroll = 0;
        return;
    }
    state.selected = state.selected.saturating_add_signed(rows).min(last);
    reveal(world);
}

/// Whether a step up would move anything, and a step down.
pub fn steps(world: &World) -> (bool, bool) {
    let (height, width) = world.room(PaneId::Releases);
    let page = page(world, width);
    let (scroll, most) = page.scroll(world, height);
    let (state, last) = (&world.panes.releases, page.blocks.len().saturating_sub(1));
    match state.choosing {
        Some(at) => (at > 0, at < last),
        None if page.blocks.is_empty() => (false, false),
        None => (state.selected > 0 || scroll > 0, state.selected < last || scroll < most),
    }
}

/// Scrolls so that the selected block is seen: whole where it fits, else from its beginning.
pub fn reveal(world: &mut World) {
    let (height, width) = world.room(PaneId::Releases);
    let page = page(world, width);
    let (scroll, most) = page.scroll(world, height);
    let room = page.room(height);
    let state = &mut world.panes.releases;
    let Some((begins, ends)) = page.blocks.get(state.selected).copied() else { return };
    let down = ends.saturating_sub(room).min(begins);
    state.scroll = scroll.max(down).min(begins).min(most);
}

/// Scrolls by rows.
pub fn scroll(world: &mut World, rows: isize) {
    let (height, width) = world.room(PaneId::Releases);
    if world.panes.releases.choosing.is_some() {
        step(world, rows);
        return;
    }
    let (scroll, most) = page(world, width).scroll(world, height);
    let state = &mut world.panes.releases;
    (state.scroll, state.moved) = (scroll.saturating_add_signed(rows).min(most), true);
}

/// Selects the block at a row.
pub fn click(world: &mut World, row: u16) {
    let (height, width) = world.room(PaneId::Releases);
    let page = page(world, width);
    let Some(row) = usize::from(row).checked_sub(page.head.len()) else { return };
    let at = page.scroll(world, height).0 + row;
    let Some(block) = page.blocks.iter().position(|(begins, ends)| (*begins..*ends).contains(&at)) else { return };
    let state = &mut world.panes.releases;
    match &mut state.choosing {
        Some(choosing) => *choosing = block,
        None => (state.selected, state.moved) = (block, true),
    }
}
