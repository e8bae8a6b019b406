//! Ours beside what others made: bash and its programs, the real kubectls, the official clients, and recordings of real
//! clusters.
//!
//! What is not on this machine cannot be held against: such a test is reported as ignored, and says what is missing.
//! Where `CI` is set that is a failure.
#![allow(clippy::disallowed_methods, reason = "a test program may be large")]

mod bash;
mod clients;
mod fidelity;
mod kubectls;
mod normalise;
#[path = "../shell/rows.rs"]
mod rows;
mod same_words;
mod served;
#[path = "../support/shell.rs"]
mod shell;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Completion, Trial};

/// What to hold ours against is not on this machine: what it is, and where it comes from.
struct Missing(String);

/// A comparison that was made (it panics where the two differ), or could not be made.
type Compared = Result<(), Missing>;

fn main() -> ExitCode {
    let trials =
        [bash::trials(), clients::trials(), fidelity::trials(), kubectls::trials(), same_words::trials()].into_iter();
    let mut arguments = Arguments::from_args();
    // Most of them wait for their server to come to rest, not for a processor.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    arguments.test_threads.get_or_insert(2 * cores);
    libtest_mimic::run(&arguments, trials.flatten().collect()).exit_code()
}

fn trial(name: impl Into<String>, test: impl FnOnce() -> Compared + Send + 'static) -> Trial {
    Trial::ignorable_test(name, || match test() {
        Ok(()) => Ok(Completion::Completed),
        Err(Missing(what)) if std::env::var_os("CI").is_some() => Err(what.into()),
        Err(Missing(what)) => Ok(Completion::ignored_with(what)),
    })
}

/// One of many of a kind, for CI and for `--include-ignored`.
fn sweep(trial: Trial) -> Trial {
    trial.with_ignored_flag(std::env::var_os("CI").is_none())
}
