//! Small parts that panes draw with: put, wrap, Markdown, bars.

mod bar;
mod markdown;
mod put;
mod wrap;

pub use bar::{dots, life_bar};
pub use markdown::markdown;
pub use put::{clear, put, put_line, put_right};
pub use wrap::{cells, cut, hard_wrap, row_count, soft_wrap, wrap_plain, wrap_spans};
