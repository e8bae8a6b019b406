//! What an image without a program of ours does when it is started: it is there, and says nothing.

use futures::future::BoxFuture;

use super::{Process, Program};

/// The program.
pub struct Serve;

impl Program for Serve {
    fn names(&self) -> &'static [&'static str] {
        &["pause", "serve"]
    }

    fn run(&self, _process: Process) -> BoxFuture<'static, i32> {
        Box::pin(std::future::pending())
    }
}
