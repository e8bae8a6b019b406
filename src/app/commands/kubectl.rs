//! `sa-tutor kubectl …`: our kubectl on the cluster of the user's kubeconfig.

use std::io::{IsTerminal as _, Read as _, stderr, stdin, stdout};
use std::process::ExitCode;
use std::time::Duration;

use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};

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
    let (config, context) = match kubeconfig_of(args) {
        Some(path) => {
            let kubeconfig = Kubeconfig::read_from(&path)
                .map_err(|cause| Unreadable { path: path.clone(), cause: Box::new(cause) })?;
            let context = kubeconfig.current_context.clone().unwrap_or_default();
            let config = kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await;
            (config.map_err(|cause| Unreadable { path, cause: Box::new(cause) })?, context)
        }
        None => {
            let context = Kubeconfig::read().unwrap_or_default().current_context.unwrap_or_default();
            let nowhere = || kube::Config::new(http::Uri::from_static("http://localhost:8080"));
            (kube::Config::infer().await.unwrap_or_else(|_| nowhere()), context)
        }
    };
    let server = config.cluster_url.to_string().trim_end_matches('/').to_owned();
    let namespace = config.default_namespace.clone();
    let client = kube::Client::try_from(config)?;
    let release = match release {
        Some(release) => release,
        None => release_of(&client).await.unwrap_or(Release::DEFAULT),
    };
    let config = Config { client, namespace, server, context, release, clock: Clock::system() };
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

/// The server's release; nothing when it does not say, for the command itself will tell why.
async fn release_of(client: &kube::Client) -> Option<Release> {
    let version = tokio::time::timeout(PATIENCE, client.apiserver_version()).await.ok()?.ok()?;
    Release::nearest(&version.minor)
}

/// The file that `--kubeconfig` names.
fn kubeconfig_of(args: &[String]) -> Option<String> {
    let mut args = args.iter().take_while(|arg| *arg != "--");
    while let Some(arg) = args.next() {
        match arg.strip_prefix("--kubeconfig") {
            Some("") => return args.next().cloned(),
            Some(rest) if rest.starts_with('=') => return rest.strip_prefix('=').map(str::to_owned),
            _ => {}
        }
    }
    None
}

#[derive(Debug, thiserror::Error)]
#[error("the kubeconfig {path} cannot be used")]
struct Unreadable {
    path: String,
    #[source]
    cause: Box<KubeconfigError>,
}

/// Standard input is read whole, so only when it is asked for.
fn reads_stdin(args: &[String]) -> bool {
    args.iter()
        .take_while(|arg| *arg != "--")
        .any(|arg| matches!(arg.as_str(), "-" | "-f-" | "-i" | "-it" | "-ti" | "--stdin") || arg == "--filename=-")
}

#[cfg(test)]
mod tests {
    use super::kubeconfig_of;

    #[test]
    fn the_file_of_the_flag() {
        for (line, want) in [
            ("get sa --kubeconfig a.yaml", Some("a.yaml")),
            ("--kubeconfig=b.yaml get sa", Some("b.yaml")),
            ("exec p -- env --kubeconfig c.yaml", None),
            ("get sa --kubeconfigs x", None),
            ("get sa", None),
        ] {
            let args: Vec<String> = line.split(' ').map(str::to_owned).collect();
            assert_eq!(kubeconfig_of(&args).as_deref(), want, "{line}");
        }
    }
}
