//! `tee`: to a file and on to the next.

use futures::FutureExt;
use futures::future::BoxFuture;

use super::{Call, Program, Run, args};

pub(super) const TEE: Program =
    Program { name: "tee", summary: "writes to files and passes on", usage: "[-a] FILE...", run: Run::Later(run) };

fn run<'a>(call: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    async move {
        let parsed = match args::parse(call.args, "ai", &[("append", 'a')]) {
            Ok(parsed) => parsed,
            Err(fault) => return call.misused(&fault, 1),
        };
        let mut status = 0;
        let mut open = Vec::new();
        for path in parsed.rest.iter().filter(|path| *path != "/dev/null") {
            let files = &call.shell.files;
            let opened = if parsed.has('a') { files.append(path, b"") } else { files.write(path, b"") };
            match opened {
                Ok(()) => open.push(path),
                Err(error) => {
                    call.complain(&format!("{path}: {error}"));
                    status = 1;
                }
            }
        }
        let source = call.stdin.clone();
        while let Some(chunk) = source.chunk().await {
            call.write(&chunk);
            let mut full = Vec::new();
            for path in &open {
                if let Err(error) = call.shell.files.append(path, &chunk) {
                    call.complain(&format!("{path}: {error}"));
                    full.push(*path);
                    status = 1;
                }
            }
            open.retain(|path| !full.contains(path));
        }
        status
    }
    .boxed()
}
