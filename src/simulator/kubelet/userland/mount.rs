//! `mount`: what is mounted where.

use futures::future::BoxFuture;

use super::{Process, Program};

/// The program.
pub struct Mount;

impl Program for Mount {
    fn names(&self) -> &'static [&'static str] {
        &["mount"]
    }

    fn run(&self, process: Process) -> BoxFuture<'static, i32> {
        Box::pin(async move {
            process.print(
                "overlay on / type overlay (rw,relatime)\nproc on /proc type proc (rw,nosuid,nodev,noexec,relatime)\n",
            );
            for mount in &process.files.view().mounts {
                let access = if mount.read_only { "ro" } else { "rw" };
                process.print(match mount.is_tmpfs {
                    true => format!("tmpfs on {} type tmpfs ({access},relatime,size=24581696k,noswap)\n", mount.path),
                    false => format!("/dev/vda on {} type ext4 ({access},relatime)\n", mount.path),
                });
            }
            0
        })
    }
}
