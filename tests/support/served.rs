//! A server in a process of its own, on loopback, and the real kubectls to speak to it.
#![allow(dead_code, reason = "each test binary uses its own part of this")]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take. Generous: machines that build are slow.
const LIMIT: Duration = Duration::from_secs(60);
/// How often a state is looked at, and how often it must be the same to count as settled.
const LOOK: Duration = Duration::from_millis(40);
const SAME: usize = 8;

/// A running `sa-tutor serve`. Dropping it stops it.
pub struct Served {
    process: Child,
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
        let served = Self { process, folder, url };
        served.settle();
        served
    }

    /// The admin's kubeconfig.
    pub fn kubeconfig(&self) -> PathBuf {
        self.folder.path().join("config")
    }

    /// A folder of this server's own, gone with it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Waits until nothing changes any more: the newest version of anything stays what it is.
    pub fn settle(&self) {
        let start = Instant::now();
        let (mut last, mut same) = (String::new(), 0);
        while same < SAME {
            assert!(start.elapsed() < LIMIT, "the cluster does not come to rest");
            let output = self.own(&["get", "namespaces", "-o", "jsonpath={.metadata.resourceVersion}"]);
            let now = String::from_utf8_lossy(&output.stdout).into_owned();
            same = if now == last && output.status.success() { same + 1 } else { 0 };
            last = now;
            thread::sleep(LOOK);
        }
    }

    /// Runs our own kubectl as the admin.
    pub fn own(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_sa-tutor"))
            .arg("kubectl")
            .args(args)
            .env("KUBECONFIG", self.kubeconfig())
            .env("SA_TUTOR_HOME", self.folder.path())
            .stdin(Stdio::null())
            .output()
            .expect("runs")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The real kubectl of a release; `.ci/kubectls` fetches it.
pub fn kubectl(release: &str) -> Option<PathBuf> {
    let program = format!("kubectl-{release}");
    tools("KUBECTLS", "kubectls", &program).map(|folder| folder.join(program))
}

/// The folder that holds this program: the one the variable names, or where the scripts in `.ci` put such things. Says
/// so when the program is not there, and fails where `CI` is set.
pub fn tools(variable: &str, kind: &str, program: &str) -> Option<PathBuf> {
    let named = std::env::var_os(variable).map(PathBuf::from);
    let cache = || std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache"));
    let folder = named.or_else(|| Some(cache().or_else(home)?.join("sa-tutor").join(kind)))?;
    if folder.join(program).exists() {
        return Some(folder);
    }
    assert!(std::env::var_os("CI").is_none(), "{} is missing: run .ci/{kind}", folder.join(program).display());
    println!("skipped: there is no {}; .ci/{kind} fetches it", folder.join(program).display());
    None
}
