//! The runtime: arguments, the event loop, effects, the terminal, the files of the user.

mod abilities;
mod args;
mod carry;
mod commands;
mod face;
mod home;
mod host_files;
mod library;
mod linear;
mod log;
mod output;
mod progress;
pub mod replay;
mod runtime;
mod settings;
mod stage;
mod stop;
#[cfg(unix)]
mod suspend;
mod terminal;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser as _;

use crate::base::sanitize;

use args::{Cli, Command, Lessons, Token};

/// Why the program ends with exit code 1: a sentence, and what it came from.
pub(crate) type Error = Box<dyn std::error::Error + Send + Sync>;

/// Runs the program with the arguments of the process.
///
/// It is no `async fn` on purpose: a future is compiled where it is waited for, and this one holds all of the program;
/// the binary would compile once more what the library already has.
#[must_use]
pub fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    match runtime {
        Ok(runtime) => {
            let code = runtime.block_on(run());
            // Whatever still waits (a watch, a name look-up) must not keep the process.
            runtime.shutdown_background();
            code
        }
        Err(error) => {
            eprintln!("error: cannot start: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> ExitCode {
    if let Some(args) = args_of_kubectl() {
        return finish(commands::kubectl::run(&args, None).await);
    }
    let cli = Cli::parse();
    let result = match cli.command.unwrap_or(Command::Learn { lesson: None }) {
        Command::Learn { lesson } => commands::learn::run(lesson, cli.place, cli.lessons, cli.looks).await,
        Command::Lessons { command: Lessons::List } => commands::lessons::list(cli.lessons),
        Command::Lessons { command: Lessons::Schema } => commands::lessons::schema(),
        Command::Lessons { command: Lessons::Check { dir } } => {
            commands::lessons::check(cli.lessons.into_iter().chain(dir).collect(), cli.place.release).await
        }
        Command::Token { command: Token::Decode { token } } => commands::token::decode(token),
        Command::Kubectl { args } => commands::kubectl::run(&args, cli.place.release).await,
        Command::Serve(options) => commands::serve::run(options, &cli.place).await,
    };
    finish(result)
}

/// The arguments, when the binary was called by the name `kubectl`: a link to it is kubectl.
fn args_of_kubectl() -> Option<Vec<String>> {
    let mut args = std::env::args_os().map(|arg| arg.to_string_lossy().into_owned());
    let name = PathBuf::from(args.next()?);
    (name.file_stem()? == "kubectl").then(|| args.collect())
}

fn finish(result: Result<ExitCode, Error>) -> ExitCode {
    result.unwrap_or_else(|error| {
        report(error.as_ref());
        ExitCode::FAILURE
    })
}

/// What went wrong and why, on one line.
fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

/// Says what went wrong and, line by line, why.
fn report(error: &dyn std::error::Error) {
    // What a cluster, a kubeconfig or a lesson file said stands in the text.
    eprintln!("error: {}", sanitize(&error.to_string()));
    let mut cause = error.source();
    while let Some(error) = cause {
        eprintln!("  because: {}", sanitize(&error.to_string()));
        cause = error.source();
    }
}
