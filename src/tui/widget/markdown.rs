//! Markdown as styled rows: the few marks that lessons use.

use std::cell::RefCell;
use std::collections::HashMap;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::wrap::{cells, hard_wrap, wrap_spans};
use crate::base::{sanitize, sanitize_line};
use crate::course::glossary;
use crate::tui::theme::{Meaning, Theme};

/// Lays out Markdown in `width` cells. Paragraphs are one row apart.
///
/// A step's texts are laid out anew for every frame, and are the same for most of them: what was laid out last is kept.
pub fn markdown(text: &str, width: usize, theme: Theme) -> Vec<Line<'static>> {
    thread_local! {
        static KEPT: RefCell<HashMap<(String, usize, Theme), Vec<Line<'static>>>> = RefCell::default();
    }
    KEPT.with_borrow_mut(|kept| {
        let key = (text.to_owned(), width, theme);
        if let Some(rows) = kept.get(&key) {
            return rows.clone();
        }
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        let rows = lay_out(text, width, theme);
        kept.insert(key, rows.clone());
        rows
    })
}

/// How many texts are kept laid out: more than any step has, at a few sizes.
const MOST_KEPT: usize = 128;

fn lay_out(text: &str, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let text = sanitize(text);
    let mut page = Page { width, theme, ..Page::default() };
    for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
        page.take(event);
    }
    page.end_block();
    page.rows
}

struct Page {
    width: usize,
    theme: Theme,
    rows: Vec<Line<'static>>,
    spans: Vec<Span<'static>>,
    style: Vec<Style>,
    /// How many spans there were where the bold text began.
    strong: usize,
    /// One for each open list: the next number, or `None` for bullets.
    lists: Vec<Option<u64>>,
    /// What stands before the next row: a bullet or a number.
    marker: Option<String>,
    quoted: usize,
    code: bool,
    table: Vec<Vec<String>>,
    cell: Option<String>,
}

impl Default for Page {
    fn default() -> Self {
        Self {
            width: 0,
            theme: Theme::default(),
            rows: Vec::new(),
            spans: Vec::new(),
            style: vec![Style::new()],
            strong: 0,
            lists: Vec::new(),
            marker: None,
            quoted: 0,
            code: false,
            table: Vec::new(),
            cell: None,
        }
    }
}

impl Page {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => match self.cell.as_mut() {
                Some(cell) => cell.push_str(&text),
                None if self.code => self.code_rows(&text),
                None => self.push(&text, self.style.last().copied().unwrap_or_default()),
            },
            Event::Code(text) => {
                // Without colours the marks themselves tell code from prose.
                let text = if self.theme.colour { text.to_string() } else { format!("`{text}`") };
                match self.cell.as_mut() {
                    Some(cell) => cell.push_str(&text),
                    None => self.push(&text, self.theme.style(Meaning::Code)),
                }
            }
            Event::SoftBreak => self.push(" ", Style::new()),
            Event::HardBreak => self.flush(),
            Event::Rule => {
                self.end_block();
                self.rows.push(Line::styled("─".repeat(self.width), self.theme.style(Meaning::Dim)));
            }
            Event::Html(text) | Event::InlineHtml(text) => self.push(&text, Style::new()),
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        let now = self.style.last().copied().unwrap_or_default();
        match tag {
            Tag::Paragraph if self.marker.is_none() => self.gap(),
            Tag::Heading { .. } => {
                self.gap();
                self.style.push(self.theme.style(Meaning::Title));
            }
            Tag::Emphasis => self.style.push(now.add_modifier(Modifier::ITALIC)),
            Tag::Strong => {
                self.strong = self.spans.len();
                self.style.push(now.add_modifier(Modifier::BOLD));
            }
            Tag::BlockQuote(_) => {
                self.gap();
                self.quoted += 1;
            }
            Tag::CodeBlock(kind) => {
                self.flush();
                self.gap();
                self.code = true;
                let _: CodeBlockKind<'_> = kind;
            }
            Tag::List(number) => {
                self.flush();
                if self.lists.is_empty() {
                    self.gap();
                }
                self.lists.push(number);
            }
            Tag::Item => {
                self.flush();
                self.marker = Some(match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number += 1;
                        format!("{}. ", *number - 1)
                    }
                    _ => "• ".to_owned(),
                });
            }
            Tag::Table(_) => {
                self.gap();
                self.table.clear();
            }
            Tag::TableHead | Tag::TableRow => self.table.push(Vec::new()),
            Tag::TableCell => self.cell = Some(String::new()),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::Item => self.flush(),
            TagEnd::Heading(_) => {
                self.flush();
                self.style.pop();
            }
            TagEnd::Emphasis => {
                self.style.pop();
            }
            TagEnd::Strong => {
                self.style.pop();
                self.mark();
            }
            TagEnd::BlockQuote(_) => {
                self.flush();
                self.quoted = self.quoted.saturating_sub(1);
            }
            TagEnd::CodeBlock => self.code = false,
            TagEnd::List(_) => {
                self.flush();
                self.lists.pop();
            }
            TagEnd::TableCell => {
                if let (Some(cell), Some(row)) = (self.cell.take(), self.table.last_mut()) {
                    row.push(cell);
                }
            }
            TagEnd::Table => self.table_rows(),
            _ => {}
        }
    }

    /// Underlines what was bold, when the glossary has it.
    fn mark(&mut self) {
        let bold = self.spans.get_mut(self.strong..).unwrap_or_default();
        let word: String = bold.iter().map(|span| span.content.as_ref()).collect();
        if glossary::find(&word).is_some() {
            bold.iter_mut().for_each(|span| span.style = span.style.add_modifier(Modifier::UNDERLINED));
        }
    }

    fn push(&mut self, text: &str, style: Style) {
        self.spans.push(Span::styled(text.to_owned(), style));
    }

    /// An empty row between blocks, never two and never at the top.
    fn gap(&mut self) {
        self.flush();
        if self.rows.last().is_some_and(|row| row.width() > 0) {
            self.rows.push(Line::default());
        }
    }

    fn flush(&mut self) {
        let spans = std::mem::take(&mut self.spans);
        if spans.is_empty() {
            return;
        }
        let mut first = Vec::new();
        let mut indent = 2 * self.lists.len().saturating_sub(1);
        if indent > 0 {
            first.push(Span::raw(" ".repeat(indent)));
        }
        if self.quoted > 0 {
            first.push(Span::styled("│ ", self.theme.style(Meaning::Dim)));
            indent += 2;
        }
        match self.marker.take() {
            Some(marker) => {
                indent += cells(&marker);
                first.push(Span::styled(marker, self.theme.style(Meaning::Dim)));
            }
            None if !self.lists.is_empty() => {
                first.push(Span::raw("  "));
                indent += 2;
            }
            None => {}
        }
        self.rows.extend(wrap_spans(&spans, self.width, &first, indent));
    }

    fn end_block(&mut self) {
        self.flush();
    }

    fn code_rows(&mut self, text: &str) {
        let style = self.theme.style(Meaning::Code);
        for line in text.lines() {
            for row in hard_wrap(&line.replace('\t', "    "), self.width.saturating_sub(2)) {
                self.rows.push(Line::from(vec![Span::raw("  "), Span::styled(row.to_owned(), style)]));
            }
        }
    }

    fn table_rows(&mut self) {
        let table = std::mem::take(&mut self.table);
        let columns = table.iter().map(Vec::len).max().unwrap_or(0);
        let widest =
            |column: usize| table.iter().filter_map(|row| row.get(column)).map(|cell| cells(cell)).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(widest).collect();
        for (number, row) in table.iter().enumerate() {
            let mut text = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                text.push_str(&sanitize_line(cell));
                text.extend(std::iter::repeat_n(' ', width.saturating_sub(cells(cell)) + 2));
            }
            let style = if number == 0 { self.theme.style(Meaning::Title) } else { Style::new() };
            for part in hard_wrap(text.trim_end(), self.width) {
                self.rows.push(Line::styled(part.to_owned(), style));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::markdown;
    use crate::tui::theme::Theme;

    #[track_caller]
    fn check(text: &str, width: usize, want: &[&str]) {
        let theme = Theme { colour: true, ..Theme::default() };
        let rows: Vec<String> = markdown(text, width, theme).iter().map(ToString::to_string).collect();
        assert_eq!(rows, want, "{text}");
    }

    #[test]
    fn marks_become_rows() {
        check("One *two* `three`.\nFour.", 12, &["One two", "three. Four."]);
        check("One.\n\nTwo.", 20, &["One.", "", "Two."]);
        check("# Title\nText", 20, &["Title", "", "Text"]);
        check("- one two three\n- four\n  - five", 12, &["• one two", "  three", "• four", "  • five"]);
        check("1. one\n2. two", 20, &["1. one", "2. two"]);
        check("See:\n\n```\nkubectl get sa\n```\n\nThen.", 20, &["See:", "", "  kubectl get sa", "", "Then."]);
        check("> quoted", 20, &["│ quoted"]);
        check("| a | bb |\n|---|---|\n| ccc | d |", 20, &["a    bb", "ccc  d"]);
        check("gone\u{1b}[2J", 20, &["gone␛[2J"]);
        check("", 0, &[]);
    }
}
