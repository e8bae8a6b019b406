//! The log: warnings and errors of our own, in the state directory. Never output, never tokens, never the screen.

use tracing::level_filters::LevelFilter;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::home::Home;

/// How many files are kept, one a day.
const KEPT: usize = 5;

/// Begins to log. What is still waiting is written when the guard is dropped; without a log the tutor works as well.
pub fn begin(home: &Home) -> Option<WorkerGuard> {
    std::fs::create_dir_all(home.log_directory()).ok()?;
    let files = rolling::Builder::new().rotation(rolling::Rotation::DAILY).filename_suffix("log").max_log_files(KEPT);
    let (writer, guard) = tracing_appender::non_blocking(files.build(home.log_directory()).ok()?);
    let log = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(writer);
    // Ours alone: the client library warns with the whole text of an answer it cannot read, and that may hold a token.
    let ours = Targets::new().with_target(env!("CARGO_CRATE_NAME"), LevelFilter::WARN);
    tracing_subscriber::registry().with(ours).with(log).try_init().is_ok().then_some(guard)
}
