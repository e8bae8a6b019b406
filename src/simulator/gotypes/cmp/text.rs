//! The lines of a difference. Upstream: go-cmp's report_text.go.

/// What fits a line that is wholly gone or new.
const COLUMNS: usize = 80;

/// A piece of the picture.
#[derive(Debug)]
pub enum Text {
    /// One line.
    Line(String),
    /// Something between two strings.
    Wrap(String, Box<Text>, String),
    /// Records, with commas between.
    List(Vec<Record>),
}

/// One entry of a list.
#[derive(Debug)]
pub struct Record {
    mark: Option<char>,
    key: String,
    text: Text,
    /// What stands after an ellipsis.
    comment: Option<String>,
}

impl Record {
    /// A value with its key; `mark` is there when it is gone or new.
    pub fn new(mark: Option<char>, key: &str, text: Text) -> Self {
        Self { mark, key: key.to_owned(), text, comment: None }
    }

    /// Stands for records that are left out.
    pub fn ellipsis(comment: String) -> Self {
        Self { mark: None, key: String::new(), text: Text::Line("...".to_owned()), comment: Some(comment) }
    }

    fn is_line(&self) -> bool {
        matches!(self.text, Text::Line(_))
    }
}

impl Text {
    /// Records in braces.
    pub fn braced(records: Vec<Record>) -> Self {
        Self::wrapped("{", Self::List(records), "}")
    }

    /// Something between two strings.
    pub fn wrapped(before: &str, text: Self, after: &str) -> Self {
        Self::Wrap(before.to_owned(), Box::new(text), after.to_owned())
    }

    /// Whether it is in braces already.
    pub fn is_braced(&self) -> bool {
        matches!(self, Self::Wrap(before, _, after) if before == "{" && after == "}")
    }

    /// All that can be one line becomes one. `mark` is that of the record it is in.
    fn compact(self, mark: Option<char>) -> Self {
        match self {
            Self::Line(_) => self,
            Self::Wrap(before, text, after) => match text.compact(mark) {
                Self::Line(line) => Self::Line(format!("{before}{line}{after}")),
                other => Self::Wrap(before, Box::new(other), after),
            },
            Self::List(records) => {
                let records: Vec<Record> = records
                    .into_iter()
                    .map(|record| Record { text: record.text.compact(mark.or(record.mark)), ..record })
                    .collect();
                let mut parts = Vec::new();
                for record in &records {
                    match &record.text {
                        Self::Line(line)
                            if record.mark.is_none() && record.comment.as_deref().unwrap_or_default().is_empty() =>
                        {
                            parts.push(if record.key.is_empty() {
                                line.clone()
                            } else {
                                format!("{}: {line}", record.key)
                            });
                        }
                        _ => return Self::List(records),
                    }
                }
                let line = parts.join(", ");
                if mark.is_some() && line.len() > COLUMNS { Self::List(records) } else { Self::Line(line) }
            }
        }
    }

    fn write(&self, out: &mut String, mark: Option<char>, depth: usize) {
        match self {
            Self::Line(line) => out.push_str(line),
            Self::Wrap(before, text, after) => {
                out.push_str(before);
                text.write(out, mark, depth);
                out.push_str(after);
            }
            Self::List(records) => {
                if records.iter().all(|record| {
                    record.mark.is_none() && record.key.is_empty() && record.is_line() && record.comment.is_none()
                }) {
                    batches(records, out, mark, depth);
                } else {
                    aligned(records, out, mark, depth);
                }
                start(out, mark, depth);
            }
        }
    }
}

/// Begins a line.
fn start(out: &mut String, mark: Option<char>, depth: usize) {
    out.push('\n');
    indent(out, mark, depth);
}

fn indent(out: &mut String, mark: Option<char>, depth: usize) {
    out.push(mark.unwrap_or(' '));
    out.push(' ');
    out.extend(std::iter::repeat_n('\t', depth));
}

/// Plain values, as many on a line as fit.
fn batches(records: &[Record], out: &mut String, mark: Option<char>, depth: usize) {
    let mut batch = String::new();
    let mut emit = |batch: &mut String| {
        if !batch.is_empty() {
            start(out, mark, depth + 1);
            out.push_str(batch.trim_end_matches(' '));
            batch.clear();
        }
    };
    for record in records {
        let Text::Line(line) = &record.text else { continue };
        if batch.len() + line.len() + 2 > COLUMNS {
            emit(&mut batch);
        }
        batch.push_str(line);
        batch.push_str(", ");
    }
    emit(&mut batch);
}

/// One record a line; the values of neighbours that are one line each begin in one column.
fn aligned(records: &[Record], out: &mut String, mark: Option<char>, depth: usize) {
    let aligns = |record: &Record| !record.key.is_empty() && record.is_line();
    for group in records.chunk_by(|one, other| aligns(one) == aligns(other)) {
        let widest = group.iter().map(|record| record.key.chars().count()).max().unwrap_or_default();
        for record in group {
            let mark = mark.or(record.mark);
            start(out, mark, depth + 1);
            if !record.key.is_empty() {
                out.push_str(&record.key);
                out.push_str(": ");
                if aligns(record) {
                    out.extend(std::iter::repeat_n(' ', widest - record.key.chars().count()));
                }
            }
            record.text.write(out, mark, depth + 1);
            match record.comment.as_deref() {
                None => out.push(','),
                Some("") => {}
                Some(comment) => {
                    out.push_str(" // ");
                    out.push_str(comment);
                }
            }
        }
    }
}

/// The whole picture.
pub fn lines(text: Text) -> String {
    let mut out = String::new();
    indent(&mut out, None, 0);
    text.compact(None).write(&mut out, None, 0);
    out.push('\n');
    out
}

/// `3 identical entries`.
pub fn count(number: usize, what: &str, name: &str) -> String {
    match (number, name.strip_suffix('y')) {
        (1, _) => format!("1 {what} {name}"),
        (_, Some(stem)) => format!("{number} {what} {stem}ies"),
        _ => format!("{number} {what} {name}s"),
    }
}

/// A string as Go writes it, without escapes where it can be; no more than `most` bytes of it.
pub fn quoted(text: &str, most: usize) -> String {
    if text.len() > most + "...".len() {
        let end = (0..=most).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        return format!("{}...", quoted(&text[..end], most));
    }
    let quoted = format!("{text:?}");
    let raw = |letter: char| letter != '`' && letter != '\n' && (letter == '\t' || !letter.is_control());
    if quoted.len() != text.len() + 2 && text.chars().all(raw) { format!("`{text}`") } else { quoted }
}
