//! The programs that images bring besides what a small Unix has: one file and one entry each.

mod dashboard;
mod serve;

use std::sync::LazyLock;

use crate::base::Order as _;
use crate::unix::{PROGRAMS, Program};

/// In alphabetical order.
pub static OWN: &[Program] = &[dashboard::DASHBOARD, serve::PAUSE, serve::SERVE];

/// Every program a container may have, sorted by name.
pub fn all() -> &'static [&'static Program] {
    static ALL: LazyLock<Vec<&'static Program>> = LazyLock::new(|| {
        let mut all: Vec<&'static Program> = PROGRAMS.iter().chain(OWN).collect();
        all.order_by(|one, other| one.name.cmp(other.name));
        all
    });
    &ALL
}
