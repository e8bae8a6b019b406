//! `tee`: to a file and on to the next.

use super::{Call, Program, Run, args};

pub(super) const TEE: Program =
    Program { name: "tee", summary: "writes to files and passes on", usage: "[-a] FILE...", run: Run::Now(run) };

fn run(call: &mut Call<'_>) -> i32 {
    let parsed = match args::parse(call.args, "ai", &[("append", 'a')]) {
        Ok(parsed) => parsed,
        Err(fault) => return call.misused(&fault, 1),
    };
    let content = call.stdin;
    call.write(content);
    let mut status = 0;
    for path in &parsed.rest {
        let files = &call.shell.files;
        let written = match path.as_str() {
            "/dev/null" => Ok(()),
            path if parsed.has('a') => files.append(path, content),
            path => files.write(path, content),
        };
        if let Err(error) = written {
            call.complain(&format!("{path}: {error}"));
            status = 1;
        }
    }
    status
}
