//! The official Python and JavaScript clients work with the server as with any cluster.
//!
//! `.ci/clients` installs them; see [`crate::served::tools`].

use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::Trial;

use crate::served::{Served, tools};
use crate::{Compared, trial};

const STEPS: &[&str] =
    &["created and listed", "allowed", "watched", "executed", "token requested and reviewed", "deleted"];

pub fn trials() -> Vec<Trial> {
    vec![
        trial("clients::python", || session("python/bin/python", "session.py")),
        trial("clients::javascript", || session("node", "session.mjs")),
    ]
}

fn session(program: &str, script: &str) -> Compared {
    let folder = tools("CLIENTS", "clients", program)?;
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
    Ok(())
}
