//! The `sa-tutor` binary: the library's `app`.

use std::process::ExitCode;

fn main() -> ExitCode {
    sa_tutor::app::main()
}
