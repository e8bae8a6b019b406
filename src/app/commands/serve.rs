//! `sa-tutor serve`: the simulator behind a TLS door, until it is told to stop.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use crate::apimachinery::Release;
use crate::app::Error;
use crate::app::args::{Place, Serve};
use crate::app::home::write_whole;
use crate::app::stop::Stop;
use crate::base::{Clock, Ids};
use crate::cluster::{Choice, Cluster, ISSUER, Workbench};
use crate::simulator::server::tls;
use crate::simulator::serviceaccount::Issuer;

/// Serves until SIGINT or SIGTERM. The kubeconfig stays where it was written, as a cluster's does.
pub async fn run(options: Serve, place: &Place) -> Result<ExitCode, Error> {
    if place.cluster != Choice::Simulator {
        return Err("only the simulator can be served; leave out `--cluster`".into());
    }
    // Before anything is started: a signal that comes early stops us in order, too.
    let mut stopped = Stop::asked()?;
    let ids = options.seed.map_or_else(Ids::fresh, Ids::seeded);
    let issuer = match (&options.service_account_signing_key_file, options.seed) {
        (Some(path), _) => signing_key(path)?,
        (None, Some(_)) => Issuer::seeded(ISSUER, &ids),
        (None, None) => Issuer::new(ISSUER),
    };
    issuer.warm();
    let bench = Workbench { clock: Clock::system(), ids, issuer: Arc::new(issuer) };
    let audit: Option<Box<dyn Write + Send>> = match options.audit_log_path.as_deref() {
        None => None,
        Some(path) if path == Path::new("-") => Some(Box::new(io::stdout())),
        Some(path) => Some(Box::new(open_log(path)?)),
    };
    let to_stdout = options.audit_log_path.as_deref() == Some(Path::new("-"));
    let mut audit = audit.map(|to| Box::new(Loud { to, failed: false }));
    let cluster = Cluster::simulated(&bench, place.release.unwrap_or(Release::DEFAULT))?;
    let Some(simulator) = &cluster.simulator else { return Err("the simulator did not start".into()) };
    // On standard output the address comes first.
    if let Some(audit) = audit.take_if(|_| !to_stdout) {
        simulator.audit().write_to(audit);
    }
    let door = tls::listen(simulator, options.listen).await?;
    if !options.listen.ip().is_loopback() {
        eprintln!(
            "warning: {} can be reached from other machines. Whoever gets the kubeconfig file administers this cluster; \
             everybody else is let in as `system:anonymous`.",
            door.address
        );
    }
    let ready = async {
        cluster.ready().await;
        write_kubeconfig(&options.kubeconfig, &door.kubeconfig)?;
        let mut out = io::stdout().lock();
        writeln!(out, "serving {}", door.url)?;
        out.flush()?;
        Ok::<_, Error>(())
    };
    let stop = stopped.wait();
    let mut stop = std::pin::pin!(stop);
    tokio::select! {
        ready = ready => {
            ready?;
            if let Some(audit) = audit {
                simulator.audit().write_to(audit);
            }
            stop.await;
        }
        () = &mut stop => {}
    }
    door.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Reads `--service-account-signing-key-file`.
fn signing_key(path: &Path) -> Result<Issuer, Error> {
    let bytes = std::fs::read(path).map_err(|cause| tried("read the signing key", path, &cause))?;
    let pem = String::from_utf8_lossy(&bytes);
    Issuer::from_pem(ISSUER, &pem)
        .map_err(|why| format!("the signing key {} is of no use: {why}", path.display()).into())
}

/// A kubeconfig holds a private key: it is written whole, for its owner alone, and never through a link.
fn write_kubeconfig(path: &Path, text: &str) -> Result<(), Error> {
    if path.is_symlink() {
        return Err(format!(
            "the kubeconfig {} is a symbolic link; a file with a private key is not written through one. Name the file itself",
            path.display()
        )
        .into());
    }
    if path.is_dir() {
        return Err(format!("the kubeconfig {} is a folder; name a file in it", path.display()).into());
    }
    write_whole(path, text.as_bytes()).map_err(|cause| tried("write the kubeconfig", path, &cause))
}

/// The file of the audit log, for its owner alone; what is in it stays.
fn open_log(path: &Path) -> Result<File, Error> {
    let failed = |cause: &io::Error| tried("write the audit log", path, cause);
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let file = options.open(path).map_err(|cause| failed(&cause))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let metadata = file.metadata().map_err(|cause| failed(&cause))?;
        // A file that was there may be open to others; a device or a pipe is as it is.
        if metadata.is_file() {
            file.set_permissions(std::fs::Permissions::from_mode(0o600)).map_err(|cause| failed(&cause))?;
        }
    }
    Ok(file)
}

fn tried(what: &str, path: &Path, cause: &io::Error) -> Error {
    let why = match cause.kind() {
        io::ErrorKind::NotFound
            if path.parent().is_some_and(|folder| !folder.as_os_str().is_empty() && !folder.exists()) =>
        {
            "its folder is not there".to_owned()
        }
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => cause.to_string(),
    };
    format!("cannot {what} {}: {why}", path.display()).into()
}

/// Says once when the log can no longer be written.
struct Loud<W> {
    to: W,
    failed: bool,
}

impl<W: Write> Loud<W> {
    fn told<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &result
            && !std::mem::replace(&mut self.failed, true)
        {
            eprintln!("warning: the audit log cannot be written: {error}; requests go unrecorded");
        }
        result
    }
}

impl<W: Write> Write for Loud<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes);
        self.told(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.to.flush();
        self.told(flushed)
    }
}
