//! `kubectl`: the room of that name, with the private tree for files.

use futures::FutureExt;
use futures::future::BoxFuture;

use super::{Call, Program, Run};
use crate::kubectl;

pub(super) const KUBECTL: Program =
    Program { name: "kubectl", summary: "talks to the cluster", usage: "COMMAND ...", run: Run::Later(run) };

fn run<'a>(call: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    async move {
        let config = call.shell.kubectl.clone();
        let files = call.shell.files.clone();
        let mut streams = kubectl::Streams {
            stdin: call.stdin,
            stdout: &mut *call.stdout,
            stdout_is_terminal: call.stdout_is_terminal,
            stderr: &mut *call.stderr,
        };
        kubectl::run(call.args, &config, &files, &mut streams).await
    }
    .boxed()
}
