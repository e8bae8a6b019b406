//! Text in columns, aligned as Go's `text/tabwriter` aligns it; kubectl prints all its tables through that.

use unicode_width::UnicodeWidthStr;

/// A grid whose cells end with a tab; a column is a block of consecutive lines that have a cell there.
///
/// Widths are in terminal cells. The last cell of a line (which no tab ends) belongs to no column, as in Go.
#[derive(Clone, Copy, Debug)]
pub struct Columns {
    /// The least width of a column, padding included.
    pub min_width: usize,
    /// Cells of space after the widest text of a column.
    pub padding: usize,
}

impl Columns {
    /// kubectl's `get`: at least six wide, three apart.
    pub const GET: Self = Self { min_width: 6, padding: 3 };
    /// kubectl's `describe`: two apart.
    pub const DESCRIBE: Self = Self { min_width: 0, padding: 2 };

    /// Replaces the tabs of `text` with spaces so that columns line up.
    pub fn align(self, text: &str) -> String {
        let lines: Vec<Vec<&str>> = text.split('\n').map(|line| line.split('\t').collect()).collect();
        let mut widths: Vec<Vec<usize>> = lines.iter().map(|cells| vec![0; cells.len().saturating_sub(1)]).collect();
        let deepest = widths.iter().map(Vec::len).max().unwrap_or(0);
        for column in 0..deepest {
            let mut at = 0;
            while at < lines.len() {
                if widths[at].len() <= column {
                    at += 1;
                    continue;
                }
                let end = (at..lines.len()).find(|&line| widths[line].len() <= column).unwrap_or(lines.len());
                let widest = lines[at..end].iter().map(|cells| cells[column].width()).max().unwrap_or(0);
                let width = (widest + self.padding).max(self.min_width);
                for line in &mut widths[at..end] {
                    line[column] = width;
                }
                at = end;
            }
        }
        let mut out = String::with_capacity(text.len() * 2);
        for (number, (cells, widths)) in lines.iter().zip(&widths).enumerate() {
            if number > 0 {
                out.push('\n');
            }
            for (index, cell) in cells.iter().enumerate() {
                out.push_str(cell);
                if let Some(width) = widths.get(index) {
                    out.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.width())));
                }
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::Columns;

    #[test]
    fn get_tables() {
        let text = "NAME\tSECRETS\tAGE\ndashboard-sa\t0\t3s\ndefault\t0\t22s\n";
        let want = "NAME           SECRETS   AGE\ndashboard-sa   0         3s\ndefault        0         22s\n";
        assert_eq!(Columns::GET.align(text), want);
    }

    #[test]
    fn a_line_without_the_column_ends_the_block() {
        let text = "a:\tx\nplain\nlonger:\ty";
        assert_eq!(Columns::DESCRIBE.align(text), "a:  x\nplain\nlonger:  y");
    }
}
