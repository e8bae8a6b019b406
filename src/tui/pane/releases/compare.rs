//! The answers of some releases side by side: which lines are one another's, and which of them differ.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::alike::{self, Line};
use super::keps::{self, Change, Seen};
use super::things;
use super::told::Replayed;
use crate::apimachinery::Release;

/// The most lines of one output that are compared.
const MOST: usize = 600;

/// What some releases answered, compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// The releases, oldest first.
    pub releases: Vec<Release>,
    /// One for each command, and one for the objects in the end.
    pub blocks: Vec<Block>,
}

/// What is compared at once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    /// The command; empty for the objects.
    pub command: String,
    /// Why it was not run, or not to its end.
    pub note: Option<String>,
    /// The lines, side by side.
    pub rows: Vec<Row>,
}

/// One line of each release.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// What the line is about, where it is not a line that was printed: `.spec.volumes[0]`.
    pub about: Option<String>,
    /// One for each release: its line, if it has one.
    pub cells: Vec<Option<Line>>,
    /// Whether they differ.
    pub differs: bool,
    /// What made the difference.
    pub made_by: Vec<&'static Change>,
}

impl Block {
    /// Whether any line differs.
    pub fn differs(&self) -> bool {
        self.rows.iter().any(|row| row.differs)
    }

    /// Whether it shows the objects.
    pub fn is_objects(&self) -> bool {
        self.command.is_empty()
    }
}

impl Row {
    /// A row of what each release shows, with what made the difference.
    pub fn new(about: Option<String>, cells: Vec<Option<Line>>, releases: &[Release], seen: &Seen<'_>) -> Self {
        let keys: Vec<Option<&str>> = cells.iter().map(|cell| cell.as_ref().map(|line| line.key.as_str())).collect();
        // A line that is left free says nothing.
        let says = keys.iter().flatten().any(|key| !key.is_empty());
        let differs = says && keys.windows(2).any(|pair| pair.first() != pair.last());
        let made_by = if differs {
            let texts: Vec<Option<&str>> =
                cells.iter().map(|cell| cell.as_ref().map(|line| line.text.as_str())).collect();
            keps::made(seen, releases, &texts, &keys)
        } else {
            Vec::new()
        };
        Self { about, cells, differs, made_by }
    }
}

/// Compares the answers, oldest release first.
pub fn compare(answers: &[&Replayed]) -> Comparison {
    let releases: Vec<Release> = answers.iter().map(|answer| answer.release).collect();
    let commands = answers.iter().map(|answer| answer.answers.len()).max().unwrap_or(0);
    let mut blocks: Vec<Block> = (0..commands).map(|at| command(answers, at, &releases)).collect();
    if !answers.is_empty() {
        blocks.push(Block { rows: things::compare(answers, &releases), ..Block::default() });
    }
    Comparison { releases, blocks }
}

fn command(answers: &[&Replayed], at: usize, releases: &[Release]) -> Block {
    let given: Vec<_> = answers.iter().map(|answer| answer.answers.get(at)).collect();
    let line = given.iter().flatten().next().map(|answer| answer.line.clone()).unwrap_or_default();
    let note = given.iter().flatten().find_map(|answer| answer.note.clone());
    let mut columns: Vec<Vec<Line>> = Vec::new();
    let failed = given.iter().flatten().any(|answer| answer.status != 0);
    let outputs: Vec<Option<&str>> = given.iter().map(|answer| answer.map(|answer| answer.output.as_str())).collect();
    let is_same = outputs.windows(2).all(|pair| pair.first() == pair.last());
    for answer in &given {
        // What is the same to the letter needs no closer look.
        let read = if is_same { alike::to_the_letter } else { alike::lines };
        let mut lines = answer.map(|answer| read(&answer.output)).unwrap_or_default();
        lines.truncate(MOST);
        // How it ended counts too, where it did not end well everywhere.
        if let Some(answer) = answer.filter(|answer| failed && answer.note.is_none()) {
            let text = format!("[exit {}]", answer.status);
            lines.push(Line { key: text.clone(), text });
        }
        columns.push(lines);
    }
    let seen = Seen::Line { command: &line };
    let rows = side_by_side(&columns).into_iter().map(|cells| Row::new(None, cells, releases, &seen)).collect();
    Block { command: line, note, rows }
}

/// The lines of each column in rows: those that are alike in one row, the others where they belong.
fn side_by_side(columns: &[Vec<Line>]) -> Vec<Vec<Option<Line>>> {
    let mut rows: Vec<Vec<Option<Line>>> = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        let blank = || vec![None; columns.len()];
        let known: Vec<String> = rows.iter().map(|row| newest(row).to_owned()).collect();
        let new: Vec<&str> = column.iter().map(|line| line.key.as_str()).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let mut merged = Vec::new();
        let mut put = |row: Option<&Vec<Option<Line>>>, line: Option<&Line>| {
            let mut row = row.cloned().unwrap_or_else(blank);
            if let Some(cell) = row.get_mut(at) {
                *cell = line.cloned();
            }
            merged.push(row);
        };
        for op in capture_diff_slices(Algorithm::Myers, &known, &new) {
            let (old, young) = (op.old_range(), op.new_range());
            match op {
                DiffOp::Equal { .. } => {
                    old.zip(young).for_each(|(row, line)| put(rows.get(row), column.get(line)));
                }
                DiffOp::Delete { .. } => old.for_each(|row| put(rows.get(row), None)),
                DiffOp::Insert { .. } => young.for_each(|line| put(None, column.get(line))),
                DiffOp::Replace { .. } => {
                    let (mut row, mut line) = (old.start, young.start);
                    while row < old.end || line < young.end {
                        let first = |list: &[&str], from: usize, to: usize, of: &str| {
                            list.get(from..to).unwrap_or_default().iter().any(|key| begins_alike(key, of))
                        };
                        let (here, there) = (known.get(row).copied(), new.get(line).copied());
                        match (here.filter(|_| row < old.end), there.filter(|_| line < young.end)) {
                            (Some(key), Some(other)) => {
                                let pair = begins_alike(key, other);
                                if !pair && first(&known, row + 1, old.end, other) {
                                    put(rows.get(row), None);
                                } else if !pair && first(&new, line + 1, young.end, key) {
                                    put(None, column.get(line));
                                    line += 1;
                                    continue;
                                } else {
                                    put(rows.get(row), column.get(line));
                                    line += 1;
                                }
                                row += 1;
                            }
                            (Some(_), None) => {
                                put(rows.get(row), None);
                                row += 1;
                            }
                            (None, _) => {
                                put(None, column.get(line));
                                line += 1;
                            }
                        }
                    }
                }
            }
        }
        rows = merged;
    }
    rows
}

/// What is compared of a row with the next column: the newest release's line.
fn newest(row: &[Option<Line>]) -> &str {
    row.iter().rev().flatten().next().map_or("", |line| line.key.as_str())
}

/// Whether two lines that differ begin with the same word.
fn begins_alike(one: &str, other: &str) -> bool {
    let word = |line: &str| line.split([' ', ':', '=']).find(|word| !word.is_empty()).map(str::to_owned);
    word(one) == word(other)
}
