//! Small parts that panes draw with: put, wrap, Markdown, bars.

mod bar;
mod markdown;
mod put;
mod wrap;
mod yaml;

pub use bar::{dots, life_bar};
pub use markdown::markdown;
pub use put::{clear, more_below, put, put_line, put_right};
pub use wrap::{cells, cut, cut_middle, hard_wrap, row_count, soft_wrap, wrap_plain, wrap_spans};
pub use yaml::yaml;

/// `1 more row`, `2 more rows`.
pub fn more(count: usize, what: &str) -> String {
    format!("{count} more {what}{}", if count == 1 { "" } else { "s" })
}
