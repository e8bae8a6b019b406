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
        // What is not asked for stays there for the next command, as in `while read NAME; do kubectl get $NAME; done`.
        let stdin = match reads_stdin(call.args) {
            true => call.stdin.all().await.unwrap_or_default(),
            false => Vec::new(),
        };
        let mut streams = kubectl::Streams {
            stdin: &stdin,
            stdout_is_terminal: call.stdout.screen,
            stdout: &mut call.stdout,
            stderr: &mut call.stderr,
        };
        kubectl::run(call.args, &config, &files, &mut streams).await
    }
    .boxed()
}

/// Whether a command with these arguments reads standard input.
fn reads_stdin(args: &[String]) -> bool {
    let interactive = |arg: &str| arg.starts_with("-i") || arg == "-ti" || arg == "--stdin" || arg == "--stdin=true";
    let own = args.split(|arg| arg == "--").next().unwrap_or_default();
    own.iter()
        .any(|arg| arg == "-" || arg.ends_with("=-") || arg == "-f-" || arg.ends_with("/dev/stdin") || interactive(arg))
}

/// Whether a command with these arguments does nothing but show what happens until it is ended.
pub(super) fn follows(args: &[String]) -> bool {
    let has = |wanted: &[&str]| args.iter().any(|arg| wanted.contains(&arg.as_str()));
    let verb = |wanted: &[&str]| args.iter().any(|arg| wanted.contains(&arg.as_str()));
    let watches = has(&["-w", "--watch", "--watch=true", "--watch-only", "--watch-only=true"]);
    (verb(&["get", "events"]) && watches) || (verb(&["logs"]) && has(&["-f", "--follow", "--follow=true"]))
}
