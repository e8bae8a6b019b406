//! `cat`: shows files, as busybox does.

use futures::future::BoxFuture;

use super::{Process, Program, options};

/// The program.
pub struct Cat;

impl Program for Cat {
    fn names(&self) -> &'static [&'static str] {
        &["cat"]
    }

    fn run(&self, process: Process) -> BoxFuture<'static, i32> {
        Box::pin(async move {
            let (_, files) = options(process.arguments());
            let files = if files.is_empty() { vec!["-"] } else { files };
            let mut code = 0;
            for file in files {
                if file == "-" {
                    process.print(process.stdin.read_to_end().await);
                    continue;
                }
                match process.read(file) {
                    Ok(bytes) => process.print(&bytes),
                    Err(error) if error.kind() == std::io::ErrorKind::IsADirectory => {
                        code = process.complain("read error: Is a directory");
                    }
                    Err(error) => code = process.complain(format_args!("can't open '{file}': {error}")),
                }
            }
            code
        })
    }
}
