//! What is around a shell: the time, the programs, the network.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use super::network::Network;
use super::program::Program;
use crate::base::Clock;

/// The machine that shells and programs run on.
#[derive(Clone)]
pub struct Machine {
    /// Its name.
    pub hostname: String,
    /// The time.
    pub clock: Clock,
    /// Whose programs it has.
    pub make: Make,
    /// The programs that can be run, sorted by name.
    pub programs: Vec<&'static Program>,
    /// What can be reached. `None`: there is no network.
    pub network: Option<Arc<dyn Network>>,
    /// How long a loop rests each round, so that one without a pause does not keep everybody else from running. Real time.
    pub rest: Duration,
    /// What programs from above this room ask for: `kubectl` its cluster, for one.
    pub owner: Arc<dyn Any + Send + Sync>,
}

/// Whose programs a machine has: they say the same things in other words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Make {
    /// GNU's, with bash, as on a machine of one's own.
    Gnu,
    /// BusyBox's, as in small images.
    Busybox,
}

impl Machine {
    /// A program's name without a usual directory before it; `None` for a path that leads elsewhere.
    pub fn bare(name: &str) -> Option<&str> {
        const DIRECTORIES: [&str; 5] = ["/usr/local/bin/", "/usr/bin/", "/bin/", "/usr/sbin/", "/sbin/"];
        let bare = DIRECTORIES.iter().find_map(|directory| name.strip_prefix(directory)).unwrap_or(name);
        (!bare.contains('/')).then_some(bare)
    }

    /// The program of that name, with or without a usual directory before it.
    pub fn find(&self, name: &str) -> Option<&'static Program> {
        let bare = Self::bare(name)?;
        self.programs.iter().find(|program| program.name == bare).copied()
    }
}
