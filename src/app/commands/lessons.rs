//! `sa-tutor lessons list` and `sa-tutor lessons check`

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use futures::FutureExt as _;

use crate::apimachinery::Release;
use crate::app::Error;
use crate::app::home::Home;
use crate::app::library::{self, Library};
use crate::app::progress::Kept;
use crate::base::{Clock, Columns, Ids, sanitize, sanitize_line};
use crate::cluster::{Cluster, Workbench};
use crate::course::{self, Ground};

/// Prints every lesson, how long it takes and how far the learner is.
pub fn list(lessons: Vec<PathBuf>) -> Result<ExitCode, Error> {
    let library = Library::read(lessons)?;
    let (kept, _) = Kept::read(Home::find()?, Clock::system().now())?;
    let (cards, _) = kept.cards(&library);
    let mut table = "LESSON\tTITLE\tMINUTES\tDONE\n".to_owned();
    for card in &cards {
        if let Some(fault) = &card.fault {
            table.push_str(&format!(
                "{}\t{}\t\tcannot be read: {}\n",
                card.id,
                card.title,
                sanitize_line(fault.lines().next().unwrap_or_default())
            ));
            continue;
        }
        let done = card.done.iter().filter(|done| **done).count();
        table.push_str(&format!(
            "{}\t{}\t{}\t{done} of {} steps\n",
            card.id,
            card.title,
            card.minutes,
            card.done.len()
        ));
    }
    let mut out = std::io::stdout().lock();
    out.write_all(Columns::GET.align(&table).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the schema of a lesson.
pub fn schema() -> Result<ExitCode, Error> {
    let schema = serde_json::to_string_pretty(&course::schema())?;
    writeln!(std::io::stdout().lock(), "{schema}")?;
    Ok(ExitCode::SUCCESS)
}

/// Proves every lesson; exit code 1 when something is wrong with one.
pub async fn check(places: Vec<PathBuf>, release: Option<Release>) -> Result<ExitCode, Error> {
    let mut sources = Vec::new();
    for place in &places {
        sources.extend(library::sources(place)?);
    }
    if places.is_empty() {
        sources = course::embedded();
    }
    let bench = Workbench::new(Clock::system(), Ids::fresh());
    let fresh = move |release: Release| {
        let bench = bench.clone();
        async move { ground(&bench, release).await }.boxed()
    };
    let only: Vec<Release> = release.into_iter().collect();
    let proof = course::verify(&sources, &only, &fresh).await;
    let mut out = std::io::stdout().lock();
    for fault in &proof.faults {
        writeln!(out, "{}", sanitize(&fault.to_string()))?;
    }
    let verdict = match proof.faults.len() {
        0 => "all proved".to_owned(),
        1 => "1 fault".to_owned(),
        count => format!("{count} faults"),
    };
    writeln!(out, "{} lessons, worked {} times, {} steps solved: {verdict}", proof.lessons, proof.runs, proof.steps)?;
    Ok(if proof.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A fresh simulator for one run of a lesson.
async fn ground(bench: &Workbench, release: Release) -> Result<Ground, String> {
    // Each has a time of its own, for one that goes back takes its time with it.
    let bench = Workbench { clock: Clock::system(), ..bench.clone() };
    let cluster = Cluster::simulated(&bench, release).map_err(|error| error.to_string())?;
    cluster.ready().await;
    Ok(cluster.into())
}
