//! `sa-tutor kubectl …`: our kubectl on the cluster of the user's kubeconfig.

use std::io::{self, IsTerminal as _, Read as _, stderr, stdin, stdout};
use std::process::ExitCode;
use std::time::Duration;

use crate::apimachinery::Release;
use crate::app::Error;
use crate::app::host_files::HostFiles;
use crate::base::Clock;
use crate::kubectl::{self, Config, Streams};

/// How long the server may take to say which release it is.
const PATIENCE: Duration = Duration::from_secs(1);

/// Runs one kubectl command, as kubectl of this release, or of the server's own: the one that comes with a cluster, and
/// the one the tutor's prompt has for it.
pub async fn run(args: &[String], release: Option<Release>) -> Result<ExitCode, Error> {
    let mut config = Config {
        client: nobody(),
        namespace: "default".to_owned(),
        server: "http://localhost:8080".to_owned(),
        context: String::new(),
        release: release.unwrap_or(Release::DEFAULT),
        clock: Clock::system(),
    };
    if release.is_none()
        && let Some(client) = kubectl::client(args, &config, &HostFiles).await
        && let Some(release) = release_of(&client).await
    {
        config.release = release;
    }
    let mut input = Vec::new();
    if reads_stdin(args) && !stdin().is_terminal() {
        stdin().read_to_end(&mut input)?;
    }
    let (mut out, mut err) = (stdout(), stderr());
    let stdout_is_terminal = out.is_terminal();
    let mut streams = Streams { stdin: &input, stdout: &mut out, stdout_is_terminal, stderr: &mut err };
    let code = tokio::select! {
        code = kubectl::run(args, &config, &HostFiles, &mut streams) => code,
        // As a shell reports a process that Ctrl-C ended.
        _ = tokio::signal::ctrl_c() => 130,
    };
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

/// Which server it is, kubectl finds out itself, from the flags and the kubeconfig. Until then there is none: a client
/// of a real address would read the machine's certificates for nothing.
fn nobody() -> kube::Client {
    let refuses = |_: http::Request<kube::client::Body>| {
        std::future::ready(Err::<http::Response<kube::client::Body>, _>(io::Error::from(
            io::ErrorKind::ConnectionRefused,
        )))
    };
    kube::Client::new(tower::service_fn(refuses), "default")
}

/// The server's release; nothing when it does not say, for the command itself will tell why.
async fn release_of(client: &kube::Client) -> Option<Release> {
    let version = tokio::time::timeout(PATIENCE, client.apiserver_version()).await.ok()?.ok()?;
    Release::nearest(&version.minor)
}

/// Standard input is read whole, so only when it is asked for.
fn reads_stdin(args: &[String]) -> bool {
    args.iter()
        .take_while(|arg| *arg != "--")
        .any(|arg| matches!(arg.as_str(), "-" | "-f-" | "-i" | "-it" | "-ti" | "--stdin") || arg == "--filename=-")
}
