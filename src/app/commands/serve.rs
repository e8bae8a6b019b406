//! `sa-tutor serve`: the simulator behind a TLS door, until it is told to stop.

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use crate::apimachinery::Release;
use crate::app::Error;
use crate::app::args::{Place, Serve};
use crate::app::home::write_whole;
use crate::base::{Clock, Ids};
use crate::cluster::{Cluster, ISSUER, Workbench};
use crate::simulator::server::tls;
use crate::simulator::serviceaccount::Issuer;

/// Serves until SIGINT or SIGTERM.
pub async fn run(options: Serve, place: &Place) -> Result<ExitCode, Error> {
    let clock = Clock::system();
    let ids = options.seed.map_or_else(Ids::fresh, Ids::seeded);
    let mut bench = Workbench::new(clock, ids);
    if let Some(path) = &options.service_account_signing_key_file {
        let pem = std::fs::read_to_string(path)
            .map_err(|error| format!("cannot read the signing key {}: {error}", path.display()))?;
        bench.issuer = Arc::new(Issuer::from_pem(ISSUER, &pem)?);
    }
    let cluster = Cluster::simulated(&bench, place.release.unwrap_or(Release::DEFAULT))?;
    let Some(simulator) = &cluster.simulator else { return Err("the simulator did not start".into()) };
    if !options.listen.ip().is_loopback() {
        eprintln!(
            "warning: {} can be reached from other machines. Whoever gets the kubeconfig file administers this cluster.",
            options.listen
        );
    }
    let door = tls::listen(simulator, options.listen).await?;
    cluster.ready().await;
    write_whole(&options.kubeconfig, door.kubeconfig.as_bytes())
        .map_err(|error| format!("cannot write the kubeconfig {}: {error}", options.kubeconfig.display()))?;
    {
        let mut out = std::io::stdout().lock();
        writeln!(out, "serving https://{}", door.address)?;
        out.flush()?;
    }
    stopped().await;
    Ok(ExitCode::SUCCESS)
}

#[cfg(unix)]
async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => interrupted().await,
    }
}

#[cfg(not(unix))]
async fn stopped() {
    interrupted().await;
}

async fn interrupted() {
    // Without a handler for Ctrl-C the process is ended by the system, which is what was asked for.
    let _ = tokio::signal::ctrl_c().await;
}
