//! `less` and `more`: text to read; the tutor opens its reader when it is long.

use futures::FutureExt;
use futures::future::BoxFuture;

use super::{Call, Program, Run};

pub(super) const LESS: Program =
    Program { name: "less", summary: "shows files, long ones to read", usage: "[FILE]...", run: Run::Later(run) };
pub(super) const MORE: Program = Program { name: "more", ..LESS };

/// Options change how a pager looks, and this one looks as the tutor does.
fn run<'a>(call: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    async move {
        let files: Vec<String> = call.args.iter().filter(|arg| !arg.starts_with(['-', '+'])).cloned().collect();
        if files.is_empty() && call.stdin.is_keyboard() {
            call.complain("Missing filename (\"less --help\" for help)");
            return 1;
        }
        let (sources, fine) = call.sources(&files);
        for (_, source) in sources {
            while let Some(chunk) = source.chunk().await {
                call.write(&chunk);
            }
        }
        i32::from(!fine)
    }
    .boxed()
}
