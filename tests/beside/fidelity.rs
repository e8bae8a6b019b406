//! Holds the server against what real clusters printed: the same lines, typed into the real kubectl of the release,
//! and into ours, which must not be told from it.
//!
//! `fidelity/scenario.txt` is what was typed, `fidelity/recorded-RELEASE.txt` what a cluster of that release answered.
//! The kubectls come from `.ci/kubectls`; see [`crate::served::kubectl`].

use std::fmt::Write as _;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use libtest_mimic::Trial;

use crate::normalise::normalise;
use crate::served::{Served, kubectl};
use crate::{Compared, trial};

const SCENARIO: &str = include_str!("../fidelity/scenario.txt");

/// At least this part of the commands must match, in percent.
const BAR: f64 = 96.0;

struct Recording {
    release: &'static str,
    text: &'static str,
    /// Whether the pods were marked as running by a stand-in for the kubelet.
    stand_in: bool,
    /// Commands that differ, how often, and why. One that always matches must be taken off.
    different: &'static [(&'static str, RangeInclusive<usize>, &'static str)],
}

const RECORDINGS: &[Recording] = &[
    Recording { release: "1.20", text: include_str!("../fidelity/recorded-1.20.txt"), stand_in: true, different: &[] },
    Recording { release: "1.23", text: include_str!("../fidelity/recorded-1.23.txt"), stand_in: true, different: &[] },
    Recording {
        release: "1.25",
        text: include_str!("../fidelity/recorded-1.25.txt"),
        stand_in: true,
        different: &[(
            "SRV=$(kubectl config view --minify -o jsonpath='{.clusters[0].cluster.server}'); curl -sk -H \"Authorization: Bearer $(cat t.txt)\" $SRV/api",
            0..=1,
            "the token was used a moment before if both were requested in the same second, and is then remembered",
        )],
    },
    Recording { release: "1.36", text: include_str!("../fidelity/recorded-1.36.txt"), stand_in: false, different: &[] },
];

pub fn trials() -> Vec<Trial> {
    let trial = |recording: &'static Recording, program: Program| {
        trial(format!("fidelity::{}_{}", program.name(), recording.release.replace('.', "_")), move || {
            hold(recording, program)
        })
    };
    RECORDINGS
        .iter()
        .flat_map(|recording| [Program::Real, Program::Ours].map(|program| trial(recording, program)))
        .collect()
}

/// Which kubectl types the scenario.
#[derive(Clone, Copy, Debug)]
enum Program {
    Real,
    Ours,
}

impl Program {
    fn name(self) -> &'static str {
        match self {
            Self::Real => "release",
            Self::Ours => "ours",
        }
    }
}

fn hold(recording: &Recording, program: Program) -> Compared {
    let release = recording.release;
    let kubectl = match program {
        Program::Real => kubectl(release)?,
        Program::Ours => PathBuf::from(env!("CARGO_BIN_EXE_sa-tutor")),
    };
    let server = Served::start(release);
    let typed = play(&server, &kubectl);
    let wanted = blocks(recording.text);
    let mut next = 0;
    let (mut different, mut shown) = (Vec::new(), String::new());
    for (command, want) in &wanted {
        let found = typed[next..].iter().position(|(typed, _)| typed == command);
        next += found.map_or(0, |at| at + 1);
        let here = found.map_or("<not run>", |_| typed[next - 1].1.as_str());
        let (want, here) = (normalise(want, recording.stand_in), normalise(here, recording.stand_in));
        if want != here {
            different.push(command.as_str());
            let _ = write!(shown, "$ {command}\n--- recorded\n{want}\n--- here\n{here}\n\n");
        }
    }
    let matched = wanted.len() - different.len();
    let percent = 100.0 * matched as f64 / wanted.len() as f64;
    println!("{release} {program:?}: {matched} of {} commands match, {percent:.1} %", wanted.len());
    for (command, times, why) in recording.different {
        let count = different.iter().filter(|differs| *differs == command).count();
        assert!(times.contains(&count), "{release}: the row of `{command}` ({why}) is not what is seen\n{shown}");
    }
    let listed = |command: &&str| recording.different.iter().any(|(known, ..)| known == command);
    let new: Vec<&str> = different.into_iter().filter(|command| !listed(command)).collect();
    assert!(new.is_empty(), "{release}: {new:#?}\n{shown}");
    assert!(percent >= BAR, "{release}: {percent:.1} % is below {BAR} %");
    Ok(())
}

/// Types the scenario, and gives each command with all it printed.
fn play(server: &Served, kubectl: &Path) -> Vec<(String, String)> {
    let home = tempfile::tempdir().expect("a folder");
    let bin = home.path().join("bin");
    std::fs::create_dir(&bin).expect("made");
    std::os::unix::fs::symlink(kubectl, bin.join("kubectl")).expect("linked");
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
    let mut typed = Vec::new();
    let mut lines = SCENARIO.lines();
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix("file ") {
            let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "end").collect();
            std::fs::write(home.path().join(name), body.join("\n") + "\n").expect("written");
        } else if line.starts_with("sleep ") {
            server.settle();
        } else if !line.is_empty() && !line.starts_with('#') {
            typed.push((line.to_owned(), run(line, home.path(), &path, &server.kubeconfig())));
        }
    }
    typed
}

fn run(line: &str, home: &Path, path: &str, kubeconfig: &Path) -> String {
    let output = Command::new("bash")
        .args(["-c", line])
        .current_dir(home)
        .env("PATH", path)
        .env("HOME", home)
        .env("LC_ALL", "C")
        .env("KUBECONFIG", kubeconfig)
        .stdin(Stdio::null())
        .output()
        .expect("bash runs");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let mut text = out.into_owned();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    if !err.is_empty() {
        let _ = write!(text, "[stderr]\n{err}{}", if err.ends_with('\n') { "" } else { "\n" });
    }
    let code = output.status.code().map_or_else(|| "signal".to_owned(), |code| code.to_string());
    let _ = writeln!(text, "[exit {code}]");
    text
}

/// The commands of a recording with what they printed, without those that have no one truth: a verbose trace, an
/// answer cut in the middle, and `exec` where there was no kubelet.
fn blocks(recording: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for line in recording.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            found.push((command.to_owned(), String::new()));
        } else if let Some((_, body)) = found.last_mut().filter(|_| !line.starts_with("# ")) {
            body.push_str(line);
            body.push('\n');
        }
    }
    found.retain(|(command, body)| {
        let typed = !command.starts_with("sleep ") && !command.starts_with("cat ");
        typed && !command.contains(" -v=8") && !command.contains("head -c") && !body.contains("error dialing backend")
    });
    found
}
