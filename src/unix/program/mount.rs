//! `mount`: what is mounted where.

use super::{Call, Program, Run};

pub(super) const MOUNT: Program =
    Program { name: "mount", summary: "tells what is mounted where", usage: "", run: Run::Now(run) };

fn run(call: &mut Call<'_>) -> i32 {
    if !call.args.is_empty() {
        call.complain("permission denied (are you root?)");
        return 1;
    }
    let mut text =
        "overlay on / type overlay (rw,relatime)\nproc on /proc type proc (rw,nosuid,nodev,noexec,relatime)\n"
            .to_owned();
    for mount in &call.shell.files.view().mounts {
        let access = if mount.read_only { "ro" } else { "rw" };
        text.push_str(&match mount.is_tmpfs {
            true => format!("tmpfs on {} type tmpfs ({access},relatime,size=24581696k,noswap)\n", mount.path),
            false => format!("/dev/vda on {} type ext4 ({access},relatime)\n", mount.path),
        });
    }
    call.print(&text);
    0
}
