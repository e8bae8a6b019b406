//! What an image without a program of ours does when it is started: it is there, and says nothing.

use futures::FutureExt;
use futures::future::BoxFuture;

use crate::unix::{Call, Program, Run};

pub const SERVE: Program = Program { name: "serve", summary: "is there", usage: "[ARGUMENT]...", run: Run::Later(run) };
pub const PAUSE: Program =
    Program { name: "pause", summary: "keeps a pod's namespaces", usage: "", run: Run::Later(run) };

fn run<'a>(_: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    std::future::pending().boxed()
}
