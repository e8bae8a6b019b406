//! A server in a process of its own, on loopback, and the real kubectls to speak to it.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::Value;

use crate::Missing;

/// How long anything may take. Generous: machines that build are slow.
const LIMIT: Duration = Duration::from_secs(60);
/// How often a state is looked at, and how often it must be the same to count as settled.
const LOOK: Duration = Duration::from_millis(40);
const SAME: usize = 16;

/// A running `sa-tutor serve`. Dropping it stops it.
pub struct Served {
    process: Child,
    /// Looks at the server from here; a process for each look would take most of the time of these tests.
    runtime: tokio::runtime::Runtime,
    client: kube::Client,
    folder: tempfile::TempDir,
    /// `https://127.0.0.1:PORT`.
    pub url: String,
}

impl Served {
    /// Starts a server of this release and waits until it serves.
    pub fn start(release: &str) -> Self {
        Self::with(release, &[])
    }

    /// The same with more arguments.
    pub fn with(release: &str, more: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut process = Command::new(env!("CARGO_BIN_EXE_sa-tutor"))
            .args(["serve", "--release", release, "--listen", "127.0.0.1:0", "--kubeconfig"])
            .arg(folder.path().join("config"))
            .args(more)
            .env("SA_TUTOR_HOME", folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("started");
        let mut line = String::new();
        let output = process.stdout.take().expect("its output");
        BufReader::new(output).read_line(&mut line).expect("a line");
        let url = line.trim().strip_prefix("serving ").unwrap_or_else(|| panic!("it said {line:?}")).to_owned();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let kubeconfig = Kubeconfig::read_from(folder.path().join("config")).expect("a kubeconfig");
        let client = runtime.block_on(async {
            let config = kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await;
            kube::Client::try_from(config.expect("a context")).expect("a client")
        });
        let served = Self { process, runtime, client, folder, url };
        served.settle();
        served
    }

    /// The admin's kubeconfig.
    pub fn kubeconfig(&self) -> PathBuf {
        self.folder.path().join("config")
    }

    /// Waits until nothing changes any more: the newest version of anything stays what it is.
    pub fn settle(&self) {
        let start = Instant::now();
        let (mut last, mut same) = (String::new(), 0);
        while same < SAME {
            assert!(start.elapsed() < LIMIT, "the cluster does not come to rest");
            let now = self.version();
            same = if now == last { same + 1 } else { 0 };
            last = now;
            thread::sleep(LOOK);
        }
    }

    /// The newest version of anything.
    fn version(&self) -> String {
        let request = http::Request::get("/api/v1/namespaces").body(Vec::new()).expect("a request");
        let list: Value = self.runtime.block_on(self.client.request(request)).expect("an answer");
        list["metadata"]["resourceVersion"].as_str().expect("a version").to_owned()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The real kubectl of a release; `.ci/kubectls` fetches it.
pub fn kubectl(release: &str) -> Result<PathBuf, Missing> {
    let program = format!("kubectl-{release}");
    tools("KUBECTLS", "kubectls", &program).map(|folder| folder.join(program))
}

/// The folder that holds this program: the one the variable names, or where the scripts in `.ci` put such things.
pub fn tools(variable: &str, kind: &str, program: &str) -> Result<PathBuf, Missing> {
    let named = std::env::var_os(variable).map(PathBuf::from);
    let cache = || std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache"));
    let folder = named.or_else(|| Some(cache().or_else(home)?.join("sa-tutor").join(kind)));
    let folder = folder.filter(|folder| folder.join(program).exists());
    folder.ok_or_else(|| Missing(format!("{program} is not here; .ci/{kind} fetches it")))
}
