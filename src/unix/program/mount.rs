//! `mount`: what is mounted where.

use super::{Call, Program, Run};

pub(super) const MOUNT: Program =
    Program { name: "mount", summary: "tells what is mounted where", usage: "", run: Run::Now(run) };

fn run(call: &mut Call<'_>) -> i32 {
    if !call.args.is_empty() {
        call.complain("permission denied (are you root?)");
        return 1;
    }
    // As the real one, which knows no more than the kernel tells.
    let told = match call.shell.files.read("/proc/mounts") {
        Ok(told) => String::from_utf8_lossy(&told).into_owned(),
        Err(error) => {
            call.complain(&format!("failed to read mtab: {error}"));
            return 1;
        }
    };
    let line = |line: &str| {
        let mut parts = line.split(' ');
        Some(format!("{} on {} type {} ({})\n", parts.next()?, parts.next()?, parts.next()?, parts.next()?))
    };
    let text: String = told.lines().filter_map(line).collect();
    call.print(&text);
    0
}
