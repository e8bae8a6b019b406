//! What is around a shell: the time, the programs, the network.

use std::any::Any;
use std::sync::Arc;

use super::network::Network;
use super::program::Program;
use crate::base::Clock;

/// The machine that shells and programs run on.
pub struct Machine {
    /// The time.
    pub clock: Clock,
    /// The programs that can be run, sorted by name.
    pub programs: Vec<&'static Program>,
    /// What can be reached. `None`: there is no network.
    pub network: Option<Arc<dyn Network>>,
    /// What programs from above this room ask for: `kubectl` its cluster, for one.
    pub owner: Arc<dyn Any + Send + Sync>,
}

impl Machine {
    /// The program of that name.
    pub fn find(&self, name: &str) -> Option<&'static Program> {
        self.programs.iter().find(|program| program.name == name).copied()
    }
}
