//! The programs that images bring besides what a small Unix has: one file and one entry each.

mod dashboard;
mod serve;

use std::sync::LazyLock;

use crate::base::Order as _;
use crate::unix::{Machine, PROGRAMS, Program};

/// In alphabetical order.
pub static OWN: &[Program] = &[dashboard::DASHBOARD, serve::PAUSE, serve::SERVE];

/// The program of that name that is a file, with or without a usual directory before it.
pub fn find(name: &str) -> Option<&'static Program> {
    Machine::bare(name).and_then(|name| all().iter().copied().find(|program| program.name == name && program.is_file()))
}

/// Every program a container may have, sorted by name.
pub fn all() -> &'static [&'static Program] {
    static ALL: LazyLock<Vec<&'static Program>> = LazyLock::new(|| {
        let mut all: Vec<&'static Program> = PROGRAMS.iter().chain(OWN).collect();
        all.order_by(|one, other| one.name.cmp(other.name));
        all
    });
    &ALL
}
