//! The official Python and JavaScript clients work with the server as with any cluster.
//!
//! `.ci/clients` installs them, into the folder `CLIENTS` or a cache folder. Without them the test says so; where `CI`
//! is set that is a failure.

#[path = "support/served.rs"]
mod served;

use std::path::{Path, PathBuf};
use std::process::Command;

use served::{Served, tools};

const STEPS: &[&str] =
    &["created and listed", "allowed", "watched", "executed", "token requested and reviewed", "deleted"];

#[test]
fn python() {
    session("python/bin/python", "session.py");
}

#[test]
fn javascript() {
    session("node", "session.mjs");
}

fn session(program: &str, script: &str) {
    let Some(folder) = tools("CLIENTS", "clients", program) else { return };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(script);
    for release in ["1.24", "1.36"] {
        let server = Served::start(release);
        let runtime = if program == "node" { PathBuf::from("node") } else { folder.join(program) };
        let output = Command::new("timeout")
            .arg("120")
            .arg(runtime)
            .arg(&script)
            .arg(folder.join("node"))
            .env("KUBECONFIG", server.kubeconfig())
            .output()
            .expect("runs");
        let said = String::from_utf8_lossy(&output.stdout);
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{release}: {}\n{said}\n{complaint}", output.status);
        for step in STEPS {
            assert!(said.contains(step), "{release}: not {step:?}\n{said}");
        }
    }
}
