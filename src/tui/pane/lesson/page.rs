//! The step, laid out: what is so, a question, what to do, how the checks stand, hints, and why it worked.

use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::{is_fresh, one_line};
use crate::base::sanitize_line;
use crate::course;
use crate::tui::pane::releases;
use crate::tui::theme::{Meaning, Theme};
use crate::tui::widget::{cells, markdown, wrap_plain, wrap_spans};
use crate::tui::world::{Open, World};

/// The laid-out step and where its parts are.
#[derive(Debug, Default)]
pub struct Page {
    /// The rows.
    pub rows: Vec<Line<'static>>,
    /// The row the task begins at.
    pub task: usize,
    /// The row after the task and its commands, and what is said of them.
    pub given: usize,
    /// The row the command begins at that comes next, and the one after it.
    pub command: (usize, usize),
    /// The row each check begins at.
    pub checks: Vec<usize>,
    /// The row after the checks and what they have to say.
    pub checked: usize,
    /// The row after that, and after what a wrong turn hears.
    pub wrong: usize,
    /// The row the last open hint begins at, and the one after it.
    pub hint: (usize, usize),
    /// The row the question begins at, and the one after it.
    pub predict: (usize, usize),
    /// The row each of its choices begins at.
    pub choices: Vec<usize>,
    /// The row the debrief begins at, when the step is done.
    pub debrief: Option<usize>,
}

/// Lays the step out in `width` columns.
pub fn page(world: &World, width: usize) -> Page {
    let mut page = Page::default();
    let (Some(open), theme) = (&world.lesson, world.theme) else { return page };
    let Some(step) = open.step() else {
        page.rows.push(Line::raw("This lesson has no steps."));
        return page;
    };
    if let Some(note) = world.cluster.as_ref().and_then(|cluster| cluster.beside.as_ref()) {
        page.rows.extend(wrap_plain(&sanitize_line(note), theme.style(Meaning::Dim), width, 0));
        page.rows.push(Line::default());
    }
    if let Some(note) = too_old(world, open) {
        page.rows.extend(signed("! ", theme.style(Meaning::Change), &note, width, theme));
        page.rows.push(Line::default());
    }
    page.rows.extend(markdown(&step.text, width, theme));
    gap(&mut page.rows);
    if !step.compare.is_empty() && open.asking.is_none() {
        let on = releases::list::in_words(&step.compare);
        let say = match world.panes.releases.ran {
            0 => format!("Once a command was run, F5 shows it on {on}."),
            _ => format!("F5 shows this on {on}."),
        };
        page.rows.extend(wrap_plain(&say, theme.style(Meaning::Dim), width, 0));
        gap(&mut page.rows);
    }
    predict(&mut page, world, open, width);
    if open.asking.is_some() {
        let end = page.rows.len();
        (page.task, page.given, page.checked, page.wrong, page.hint) = (end, end, end, end, (end, end));
        trim(&mut page.rows);
        return page;
    }
    task(&mut page, world, open, width);
    page.given = page.rows.iter().rposition(|row| row.width() > 0).map_or(0, |at| at + 1);
    checks(&mut page, world, open, width);
    page.wrong = page.rows.iter().rposition(|row| row.width() > 0).map_or(0, |at| at + 1);
    hints(&mut page, world, open, width);
    if open.is_done() {
        page.debrief = Some(page.rows.len());
        debrief(&mut page.rows, world, open, width);
    }
    trim(&mut page.rows);
    page
}

fn trim(rows: &mut Vec<Line<'static>>) {
    while rows.last().is_some_and(|row| row.width() == 0) {
        rows.pop();
    }
}

/// What can be chosen while the question stands alone: the answers, then how sure one is.
pub fn choices(open: &Open) -> Vec<String> {
    let (Some(asking), Some(predict)) = (open.asking, open.predict()) else { return Vec::new() };
    match asking.picked {
        Some(_) => vec!["I am sure.".to_owned(), "It is a guess.".to_owned()],
        None => {
            let answers = open.order().into_iter().filter_map(|at| predict.answers.get(at));
            answers.map(|answer| answer.text.clone()).collect()
        }
    }
}

/// What to know when the cluster is older than the releases the lesson is written for.
pub fn too_old(world: &World, open: &Open) -> Option<String> {
    let first = open.lesson.releases.iter().min()?;
    let release = world.cluster.as_ref()?.release.filter(|release| release < first)?;
    open.step()?.release.is_none().then(|| {
        format!(
            "This lesson is written for release {first} and later. This cluster is {release}: much is different on it."
        )
    })
}

fn gap(rows: &mut Vec<Line<'static>>) {
    if rows.last().is_some_and(|row| row.width() > 0) {
        rows.push(Line::default());
    }
}

/// Markdown with a sign before its first row and its other rows under its text.
fn signed(sign: &str, style: Style, text: &str, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let indent = cells(sign);
    let mut rows = markdown(text, width.saturating_sub(indent).max(1), theme);
    if rows.is_empty() {
        rows.push(Line::default());
    }
    for (at, row) in rows.iter_mut().enumerate() {
        let before = if at == 0 { Span::styled(sign.to_owned(), style) } else { Span::raw(" ".repeat(indent)) };
        row.spans.insert(0, before);
    }
    rows
}

fn predict(page: &mut Page, world: &World, open: &Open, width: usize) {
    let (theme, enter) = (world.theme, world.enter());
    page.predict.0 = page.rows.len();
    if let Some(predict) = open.predict() {
        page.rows.extend(signed("? ", theme.style(Meaning::Accent), &predict.ask, width, theme));
        let said = |answer: usize| predict.answers.get(answer).map_or("", |answer| answer.text.as_str());
        let dim = theme.style(Meaning::Dim);
        match (open.asking, open.prediction()) {
            (Some(asking), _) => {
                if let Some(picked) = asking.picked {
                    page.rows.extend(signed("  You say: ", dim, said(picked), width, theme));
                    gap(&mut page.rows);
                    page.rows.extend(signed("? ", theme.style(Meaning::Accent), "Are you sure?", width, theme));
                }
                for (at, choice) in choices(open).iter().enumerate() {
                    let (sign, meaning) = if asking.at == at { ("▸", Meaning::Accent) } else { (" ", Meaning::Dim) };
                    page.choices.push(page.rows.len());
                    let sign = format!("{sign} {} ", at + 1);
                    page.rows.extend(signed(&sign, theme.style(meaning), choice, width, theme));
                }
                let say = match asking.picked {
                    None => "Esc passes. Nothing is counted.",
                    Some(_) => "Esc goes back to the answers.",
                };
                let arrows = world.arrows();
                let say = match world.panes.terminal.prompt.is_empty() {
                    true => format!("{arrows} or its number chooses, {enter} takes it. {say}"),
                    // A number belongs to what is typed.
                    false => format!("{arrows} chooses, then {enter} takes it. {say}"),
                };
                page.rows.extend(wrap_plain(&say, dim, width, 0));
            }
            // Once it is done it is taken up again below, beside what was seen.
            (None, Some(given)) if !open.is_done() => {
                let sure = if given.sure { "sure" } else { "a guess" };
                let text = format!("{} ({sure})", said(given.answer));
                page.rows.extend(signed("  You say: ", dim, &text, width, theme));
            }
            (None, _) => {}
        }
        gap(&mut page.rows);
    }
    page.predict.1 = page.rows.len();
}

/// Rows of a screen that is not small.
const ROOMY: u16 = 20;

fn task(page: &mut Page, world: &World, open: &Open, width: usize) {
    let theme = world.theme;
    let Some(step) = open.step() else { return };
    page.task = page.rows.len();
    page.rows.extend(signed("▸ Do  ", theme.style(Meaning::Accent), &step.task, width, theme));
    let shown = world.shown();
    for (at, line) in shown.iter().enumerate() {
        let ran = shown.len() > 1 && at < world.next_of(&shown);
        let style = theme.style(if ran { Meaning::Dim } else { Meaning::Code });
        let sign = Span::styled(if ran { "    · " } else { "      " }, theme.style(Meaning::Dim));
        let begins = page.rows.len();
        page.rows.extend(wrap_spans(&[Span::styled(sanitize_line(line).into_owned(), style)], width, &[sign], 6));
        if !ran && page.command.1 <= page.task {
            page.command = (begins, page.rows.len());
        }
    }
    if page.command.1 <= page.task {
        page.command = (page.task, page.rows.len());
    }
    let prompt = &world.panes.terminal.prompt;
    // On a small screen the last row alone says it, and the text has the room.
    if !shown.is_empty() && !open.is_done() && world.height >= ROOMY {
        let say = match shown.len() {
            _ if prompt.has_gap() => "is on the prompt: fill its gap",
            _ if world.suggestion().is_some_and(|line| line == prompt.text()) => "is on the prompt",
            _ if !prompt.is_empty() => "puts it on the prompt, once Esc has emptied it",
            1 if shown.iter().any(|line| line.contains(course::HOLE)) => "puts it on the prompt, to fill the gap",
            1 => "puts it on the prompt",
            _ => "puts the next one on the prompt",
        };
        let by = if say.starts_with("is") { "It" } else { world.enter() };
        let say = format!("      {by} {say}");
        page.rows.push(Line::styled(say, theme.style(Meaning::Dim)));
    }
    gap(&mut page.rows);
}

fn checks(page: &mut Page, world: &World, open: &Open, width: usize) {
    let theme = world.theme;
    let Some(step) = open.step() else { return };
    let mut told = None;
    let unmet = step.checks.len().saturating_sub(open.passed.iter().filter(|passed| **passed).count());
    for (at, check) in step.checks.iter().enumerate() {
        let passed = open.passed.get(at).copied().unwrap_or(false);
        let fresh = is_fresh(world, open.turned.get(at).copied().flatten());
        let (sign, mut style) =
            if passed { ("✔ ", theme.style(Meaning::Good)) } else { ("○ ", theme.style(Meaning::Dim)) };
        if passed && fresh && !world.is_still() {
            style = style.add_modifier(Modifier::BOLD);
        }
        let say = sanitize_line(&one_line(&check.say)).into_owned();
        let text = if passed { Span::styled(say, style) } else { Span::raw(say) };
        page.checks.push(page.rows.len());
        page.rows.extend(wrap_spans(&[text], width, &[Span::styled(sign, style)], 2));
        // The other checks are green: now this one's own word helps.
        if !passed
            && unmet == 1
            && step.checks.len() > 1
            && let Some(hint) = &check.hint
        {
            page.rows.extend(signed("  ", theme.style(Meaning::Change), hint, width, theme));
            told = Some(hint);
        } else if !passed
            && open.wrong.is_none()
            && let Some(near) = open.near.get(at).and_then(Option::as_ref)
        {
            page.rows.extend(signed("  ", theme.style(Meaning::Change), near, width, theme));
        }
    }
    page.checked = page.rows.len();
    if let Some(wrong) = open.wrong.as_ref().filter(|wrong| !open.is_green() && told != Some(*wrong)) {
        gap(&mut page.rows);
        page.rows.extend(signed("! ", theme.style(Meaning::Change), wrong, width, theme));
    }
    gap(&mut page.rows);
}

fn hints(page: &mut Page, world: &World, open: &Open, width: usize) {
    let theme = world.theme;
    let Some(step) = open.step() else { return };
    for (at, hint) in step.hints.iter().take(open.hints).enumerate() {
        let sign = format!("Hint {}  ", at + 1);
        page.hint.0 = page.rows.len();
        let style = theme.style(Meaning::Change);
        if hint.trim() != step.solution().join("\n").trim() {
            page.rows.extend(signed(&sign, style, hint, width, theme));
            continue;
        }
        // The command lines themselves, as they are typed.
        let indent = cells(&sign);
        for (at, line) in hint.trim().lines().enumerate() {
            let before = if at == 0 { sign.clone() } else { " ".repeat(indent) };
            let line = Span::styled(sanitize_line(line).into_owned(), theme.style(Meaning::Code));
            page.rows.extend(wrap_spans(&[line], width, &[Span::styled(before, style)], indent));
        }
    }
    page.hint.1 = page.rows.len();
    gap(&mut page.rows);
    if !open.is_done() && open.hints_left(world.wish) > 0 {
        let say = format!("F2 hint ({} left)", open.hints_left(world.wish));
        page.rows.push(Line::styled(say, theme.style(Meaning::Dim)));
    }
}

fn debrief(rows: &mut Vec<Line<'static>>, world: &World, open: &Open, width: usize) {
    let theme = world.theme;
    let Some(step) = open.step() else { return };
    let title = if open.is_green() { "✔ Done. What you saw:" } else { "✔ You did this step before. What you saw:" };
    rows.push(Line::styled(title, theme.style(Meaning::Good)));
    gap(rows);
    if let Some(predict) = open.predict() {
        let told = course::taken_up(predict, open.prediction());
        rows.extend(signed("? ", theme.style(Meaning::Accent), &told, width, theme));
        gap(rows);
    }
    rows.extend(markdown(&step.debrief, width, theme));
    gap(rows);
    if !open.is_last() {
        return;
    }
    let title = match open.skipped() {
        None => "The lesson is done. You can now answer:".to_owned(),
        Some(skipped) => format!("The last step is done. {skipped} The whole lesson answers:"),
    };
    rows.extend(wrap_plain(&title, theme.style(Meaning::Title), width, 0));
    for line in open.lesson.summary.iter().take(3) {
        rows.extend(signed("• ", theme.style(Meaning::Dim), line, width, theme));
    }
}
