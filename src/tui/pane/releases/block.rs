//! One command with what each release answered, or the objects in the end, in rows.

use ratatui::text::{Line, Span};

use super::alike;
use super::compare::{Block, Row};
use super::keps::Change;
use super::list;
use crate::apimachinery::Release;
use crate::base::sanitize_line;
use crate::tui::theme::{Meaning, Theme};
use crate::tui::widget::{cells, cut, hard_wrap, wrap_spans};

/// From this many columns on, releases stand beside each other.
const WIDE: usize = 100;
/// Columns before a line: the sign, and the numbers of what made the difference.
const GUTTER: usize = 8;
/// The most rows that one line takes in a column.
const TALL: usize = 3;
/// Lines that do not differ are shown this far around those that do.
const AROUND: usize = 1;
/// What stands between two columns.
const BETWEEN: &str = " │ ";

/// The block in rows of `width` columns.
pub fn rows(block: &Block, releases: &[Release], selected: bool, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let mut out = vec![heading(block, releases, selected, width, theme)];
    if let Some(note) = &block.note {
        let say = Span::styled(sanitize_line(note).into_owned(), theme.style(Meaning::Dim));
        out.extend(wrap_spans(&[say], width, &[Span::raw("    · ")], GUTTER));
    }
    let made_by = made_by(block);
    if block.is_objects() {
        objects(&mut out, block, releases, &made_by, width, theme);
    } else if block.differs() || releases.len() == 1 {
        let shown = shown(&block.rows, releases.len() == 1);
        let groups = groups(block, releases);
        if width >= WIDE && groups.len() > 1 {
            beside(&mut out, &shown, releases, &groups, &made_by, width, theme);
        } else {
            below(&mut out, &shown, releases, &groups, &made_by, width, theme);
        }
    }
    for (at, change) in made_by.iter().enumerate() {
        let number = Span::styled(format!("    {} ", at + 1), theme.style(Meaning::Change));
        // What a KEP is stands in a later lesson.
        let what = if change.name.starts_with("KEP") { "Kubernetes' plan " } else { "" };
        let name = Span::styled(format!("{what}{}", change.name), theme.style(Meaning::Accent));
        let since = if change.name.ends_with(&change.since.to_string()) {
            ": ".to_owned()
        } else {
            format!(", since {}: ", change.since)
        };
        let say = Span::raw(format!("{since}{}", change.say.replace('`', "")));
        out.extend(wrap_spans(&[name, say], width, &[number], GUTTER));
    }
    out
}

fn heading(block: &Block, releases: &[Release], selected: bool, width: usize, theme: Theme) -> Line<'static> {
    let (sign, meaning) = match (block.differs(), releases.len()) {
        (true, _) => ("≠ ", Meaning::Change),
        (false, 0 | 1) => ("  ", Meaning::Dim),
        (false, _) => ("= ", Meaning::Dim),
    };
    let text = match block.is_objects() {
        true => "The objects in the end".to_owned(),
        false => format!("$ {}", sanitize_line(&block.command.replace('\n', " "))),
    };
    let same = if block.differs() || block.note.is_some() { "" } else { same(releases.len()) };
    let room = width.saturating_sub(4 + cells(same));
    let style = theme.style(if selected { Meaning::Title } else { Meaning::Plain });
    Line::from(vec![
        Span::styled(if selected { "▸ " } else { "  " }, theme.style(Meaning::Accent)),
        Span::styled(sign, theme.style(meaning)),
        Span::styled(cut(&text, room).into_owned(), style),
        Span::styled(same, theme.style(Meaning::Dim)),
    ])
}

fn same(releases: usize) -> &'static str {
    match releases {
        0 | 1 => "",
        2 => "   the same on both",
        _ => "   the same on all three",
    }
}

/// What made the differences of a block, each once.
fn made_by(block: &Block) -> Vec<&'static Change> {
    let mut all: Vec<&'static Change> = Vec::new();
    for change in block.rows.iter().flat_map(|row| &row.made_by) {
        if !all.contains(change) {
            all.push(change);
        }
    }
    all
}

/// The sign of a row, with the numbers of what made the difference.
fn gutter(row: &Row, made_by: &[&'static Change], theme: Theme) -> Span<'static> {
    if !row.differs {
        return Span::raw(" ".repeat(GUTTER));
    }
    let numbers = made_by.iter().enumerate().filter(|(_, change)| row.made_by.contains(change));
    let numbers: Vec<String> = numbers.map(|(at, _)| (at + 1).to_string()).take(3).collect();
    Span::styled(format!("{:<GUTTER$}", format!(" ≠{}", numbers.join(","))), theme.style(Meaning::Change))
}

/// Releases that answered alike, by their places.
fn groups(block: &Block, releases: &[Release]) -> Vec<Vec<usize>> {
    let column = |at: usize| -> Vec<Option<&str>> {
        block.rows.iter().map(|row| row.cells.get(at)?.as_ref().map(|line| line.key.as_str())).collect()
    };
    gathered(releases.len(), |one, other| column(one) == column(other))
}

/// Places in groups of neighbours that are alike.
fn gathered(count: usize, alike: impl Fn(usize, usize) -> bool) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for at in 0..count {
        match groups.last_mut() {
            Some(group) if group.last().is_some_and(|last| alike(*last, at)) => group.push(at),
            _ => groups.push(vec![at]),
        }
    }
    groups
}

/// `1.24 and 1.36`
fn named(group: &[usize], releases: &[Release]) -> String {
    let of: Vec<Release> = group.iter().filter_map(|at| releases.get(*at).copied()).collect();
    list::in_words(&of)
}

/// A row to be shown, or how many are left out.
enum Shown<'a> {
    Row(&'a Row),
    Left(usize),
}

/// The rows around those that differ; the first, which names the columns of a table, always.
fn shown(rows: &[Row], all: bool) -> Vec<Shown<'_>> {
    let is_near = |at: usize| {
        let around = rows.get(at.saturating_sub(AROUND)..(at + AROUND + 1).min(rows.len())).unwrap_or_default();
        all || at == 0 || around.iter().any(|row| row.differs)
    };
    let mut out = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        match out.last_mut() {
            _ if is_near(at) => out.push(Shown::Row(row)),
            Some(Shown::Left(count)) => *count += 1,
            // One line takes no more room than the word that it is left out.
            _ if is_near(at + 1) => out.push(Shown::Row(row)),
            _ => out.push(Shown::Left(1)),
        }
    }
    out
}

fn left(count: usize, theme: Theme) -> Line<'static> {
    let lines = if count == 1 { "line" } else { "lines" };
    Line::styled(format!("      … {count} {lines} alike"), theme.style(Meaning::Dim))
}

/// A line of a row as it is drawn.
fn text(row: &Row, at: usize) -> Option<String> {
    let line = row.cells.get(at)?.as_ref()?;
    Some(sanitize_line(&line.text.replace('\t', "    ")).into_owned())
}

/// A part of a line: in a row that differs, what only the clock or chance made different is as dim as what is alike.
fn styled(row: &Row, at: usize, part: &str, theme: Theme) -> Vec<Span<'static>> {
    let dim = theme.style(Meaning::Dim);
    if !row.differs {
        return vec![Span::styled(part.to_owned(), dim)];
    }
    let others: Vec<&str> = row
        .cells
        .iter()
        .enumerate()
        .filter(|(other, _)| *other != at)
        .filter_map(|(_, cell)| cell.as_ref().map(|line| line.key.as_str()))
        .collect();
    let is_chance = |word: &str| {
        let key = alike::key(word);
        let is_among = |line: &&str| line.split(' ').any(|other| other == key);
        key != word && !others.is_empty() && others.iter().all(is_among)
    };
    let words = part.split_inclusive(' ');
    let style = |word: &str| if is_chance(word.trim_end()) { dim } else { theme.style(Meaning::Title) };
    words.map(|word| Span::styled(word.to_owned(), style(word))).collect()
}

/// The groups one below the other.
fn below(
    out: &mut Vec<Line<'static>>,
    shown: &[Shown<'_>],
    releases: &[Release],
    groups: &[Vec<usize>],
    made_by: &[&'static Change],
    width: usize,
    theme: Theme,
) {
    for group in groups {
        out.push(Line::styled(format!("    {}", named(group, releases)), theme.style(Meaning::Accent)));
        let before = out.len();
        for shown in shown {
            let row = match shown {
                Shown::Left(count) => {
                    out.push(left(*count, theme));
                    continue;
                }
                Shown::Row(row) => *row,
            };
            let Some(text) = group.first().and_then(|at| text(row, *at)) else { continue };
            let mut sign = gutter(row, made_by, theme);
            for part in hard_wrap(&text, width.saturating_sub(GUTTER)) {
                let said = group.first().map(|at| styled(row, *at, part, theme)).unwrap_or_default();
                out.push(Line::from([vec![sign], said].concat()));
                sign = Span::raw(" ".repeat(GUTTER));
            }
        }
        if out.len() == before {
            out.push(Line::styled("      it printed nothing", theme.style(Meaning::Dim)));
        }
    }
}

/// How wide the columns are, of `room` in all: as wide as their longest lines where these fit, else all alike.
fn widths(shown: &[Shown<'_>], releases: &[Release], groups: &[Vec<usize>], room: usize) -> Vec<usize> {
    let need = |group: &Vec<usize>| {
        let lines = shown.iter().filter_map(|shown| match shown {
            Shown::Row(row) => group.first().and_then(|at| text(row, *at)).map(|text| cells(&text)),
            Shown::Left(_) => None,
        });
        lines.max().unwrap_or(0).max(cells(&named(group, releases)))
    };
    let needs: Vec<usize> = groups.iter().map(need).collect();
    let (all, count) = (needs.iter().sum::<usize>(), groups.len().max(1));
    match room.checked_sub(all) {
        Some(spare) => needs.iter().map(|need| need + spare / count).collect(),
        None => vec![room / count; groups.len()],
    }
}

/// The groups beside each other.
fn beside(
    out: &mut Vec<Line<'static>>,
    shown: &[Shown<'_>],
    releases: &[Release],
    groups: &[Vec<usize>],
    made_by: &[&'static Change],
    width: usize,
    theme: Theme,
) {
    let room = width.saturating_sub(GUTTER + cells(BETWEEN) * (groups.len() - 1));
    let wide = widths(shown, releases, groups, room);
    let dim = theme.style(Meaning::Dim);
    let line = |sign: Span<'static>, columns: Vec<Vec<Span<'static>>>| {
        let mut spans = vec![sign];
        for (at, said) in columns.into_iter().enumerate() {
            if at > 0 {
                spans.push(Span::styled(BETWEEN, dim));
            }
            let used: usize = said.iter().map(|span| cells(&span.content)).sum();
            let blank = " ".repeat(wide.get(at).map_or(0, |wide| wide.saturating_sub(used)));
            spans.extend(said);
            spans.push(Span::raw(blank));
        }
        Line::from(spans)
    };
    let name = |group: &Vec<usize>| vec![Span::styled(named(group, releases), theme.style(Meaning::Accent))];
    let names = groups.iter().map(name).collect();
    out.push(line(Span::raw(" ".repeat(GUTTER)), names));
    for shown in shown {
        let row = match shown {
            Shown::Left(count) => {
                out.push(left(*count, theme));
                continue;
            }
            Shown::Row(row) => *row,
        };
        let texts: Vec<String> =
            groups.iter().map(|group| group.first().and_then(|at| text(row, *at)).unwrap_or_default()).collect();
        let parts: Vec<Vec<&str>> = texts.iter().zip(&wide).map(|(text, wide)| hard_wrap(text, *wide)).collect();
        let tall = parts.iter().map(Vec::len).max().unwrap_or(1);
        let mut sign = gutter(row, made_by, theme);
        for at in 0..tall.min(TALL) {
            let part = |((parts, wide), group): ((&Vec<&str>, &usize), &Vec<usize>)| {
                let text = parts.get(at).copied().unwrap_or_default();
                let is_cut = at + 1 == TALL && parts.len() > TALL;
                let text = if is_cut { cut(&format!("{text}…"), *wide).into_owned() } else { text.to_owned() };
                group.first().map(|at| styled(row, *at, &text, theme)).unwrap_or_default()
            };
            out.push(line(sign, parts.iter().zip(&wide).zip(groups).map(part).collect()));
            sign = Span::raw(" ".repeat(GUTTER));
        }
    }
}

/// The objects: those that differ with their fields, then the names of the others.
fn objects(
    out: &mut Vec<Line<'static>>,
    block: &Block,
    releases: &[Release],
    made_by: &[&'static Change],
    width: usize,
    theme: Theme,
) {
    let mut alike = Vec::new();
    let mut rows = block.rows.iter().peekable();
    while let Some(row) = rows.next() {
        let name = (0..releases.len()).find_map(|at| text(row, at)).unwrap_or_default();
        if row.about.is_none() && !row.differs && rows.peek().is_none_or(|next| next.about.is_none()) {
            alike.push(name);
            continue;
        }
        let sign = gutter(row, made_by, theme);
        let title = theme.style(Meaning::Title);
        let spans = match &row.about {
            None => {
                let there: Vec<usize> =
                    (0..releases.len()).filter(|at| row.cells.get(*at).is_some_and(Option::is_some)).collect();
                let only = if row.differs { format!(" · only on {}", named(&there, releases)) } else { String::new() };
                vec![Span::styled(name, title), Span::styled(only, theme.style(Meaning::Change))]
            }
            Some(about) => {
                let mut spans = vec![Span::styled(sanitize_line(about).into_owned(), theme.style(Meaning::Code))];
                let key = |at: usize| row.cells.get(at).and_then(Option::as_ref).map(|line| line.key.clone());
                for group in gathered(releases.len(), |one, other| key(one) == key(other)) {
                    let Some(value) = group.first().and_then(|at| text(row, *at)) else { continue };
                    spans.push(Span::styled(format!(" · {}: ", named(&group, releases)), theme.style(Meaning::Dim)));
                    spans.push(Span::styled(value, title));
                }
                spans
            }
        };
        out.extend(wrap_spans(&spans, width, &[sign], GUTTER + 2));
    }
    if !alike.is_empty() && releases.len() > 1 {
        let say = format!("{}:{}", alike.join(", "), same(releases.len()).trim_start_matches("  "));
        let dim = theme.style(Meaning::Dim);
        out.extend(wrap_spans(&[Span::styled(say, dim)], width, &[Span::styled("  =   ", dim)], GUTTER));
    } else if !alike.is_empty() {
        let dim = theme.style(Meaning::Dim);
        out.extend(wrap_spans(&[Span::styled(alike.join(", "), dim)], width, &[Span::raw("      ")], GUTTER));
    }
}

#[cfg(test)]
mod tests {
    use super::{Meaning, Row, Theme, alike, styled};
    use crate::tui::pane::releases::keps::Seen;

    #[test]
    fn what_only_the_clock_made_different_is_dim() {
        let line = |text: &str| Some(alike::Line { text: text.to_owned(), key: alike::key(text) });
        let releases = [20, 36].map(crate::apimachinery::Release::minor);
        let texts = ["default   1   5s", "default   0   9s"];
        let row = Row::new(None, texts.map(line).to_vec(), &releases, &Seen::Line { command: "kubectl get sa" });
        let theme = Theme::default();
        for (at, text) in texts.iter().enumerate() {
            let dim: Vec<String> = styled(&row, at, text, theme)
                .into_iter()
                .filter(|span| span.style == theme.style(Meaning::Dim) && !span.content.trim().is_empty())
                .map(|span| span.content.trim().to_owned())
                .collect();
            assert_eq!(dim, [text.rsplit(' ').next().unwrap_or_default()]);
        }
    }
}
