//! Programs of one line each: `true`, `false`, `pwd`, `hostname`, `date`.

use futures::future::BoxFuture;

use super::{Process, Program};

/// The programs.
pub struct Simple;

impl Program for Simple {
    fn names(&self) -> &'static [&'static str] {
        &["true", "false", "pwd", "hostname", "date"]
    }

    fn run(&self, process: Process) -> BoxFuture<'static, i32> {
        Box::pin(async move {
            match process.name() {
                "false" => return 1,
                "pwd" => process.print(format!("{}\n", process.files.current())),
                "hostname" => process.print(format!("{}\n", process.world.hostname)),
                "date" => {
                    let format = process.arguments().iter().find_map(|word| word.strip_prefix('+'));
                    let now = process.world.clock.now();
                    let format = format.unwrap_or("%a %b %e %H:%M:%S UTC %Y");
                    match jiff::fmt::strtime::format(format, &now.to_zoned(jiff::tz::TimeZone::UTC)) {
                        Ok(text) => process.print(format!("{text}\n")),
                        Err(_) => return process.complain(format_args!("invalid date format '{format}'")),
                    }
                }
                _ => {}
            }
            0
        })
    }
}
