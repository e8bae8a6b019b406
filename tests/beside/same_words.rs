//! Our kubectl says what the real one says, and says the same in the prompt: the same lines to both, each on a server of
//! its own, and what they print compared, with exit codes. The lines are in `same_words/lines.txt`.
//!
//! The real kubectl comes from `.ci/kubectls`; see [`crate::served::kubectl`].

mod prompt;

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use libtest_mimic::Trial;

use crate::normalise::normalise;
use crate::served::{Served, kubectl};
use crate::{Compared, trial};

const LINES: &str = include_str!("same_words/lines.txt");

/// A line, and all it printed.
type Typed = (&'static str, String);

/// Something to do.
enum Row {
    /// Write a file: its name and what is in it.
    File(&'static str, String),
    /// Wait until the cluster is at rest.
    Settle,
    /// Type this line.
    Type(&'static str),
}

/// Lines that differ, and why. One that does not differ must be taken off.
const DIFFERENT: &[(&str, &str)] = &[];

pub fn trials() -> Vec<Trial> {
    vec![
        trial("same_words::our_kubectl_says_what_the_real_one_says", our_kubectl_says_what_the_real_one_says),
        trial("same_words::the_prompt_says_what_the_binary_says", the_prompt_says_what_the_binary_says),
    ]
}

fn our_kubectl_says_what_the_real_one_says() -> Compared {
    let real = kubectl("1.36")?;
    let theirs = std::thread::spawn(move || play(&real));
    let ours = binary();
    compare(&theirs.join().expect("played"), ours, DIFFERENT);
    Ok(())
}

fn the_prompt_says_what_the_binary_says() -> Compared {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let prompt = runtime.block_on(prompt::play());
    compare(binary(), &prompt, prompt::DIFFERENT);
    Ok(())
}

/// What our binary says; it is asked once for both.
fn binary() -> &'static [Typed] {
    static PLAYED: LazyLock<Vec<Typed>> = LazyLock::new(|| play(Path::new(env!("CARGO_BIN_EXE_sa-tutor"))));
    &PLAYED
}

/// Holds two plays of the lines against each other. `known` are the lines that may differ, and must.
fn compare(want: &[Typed], here: &[Typed], known: &[(&str, &str)]) {
    let (mut differ, mut shown) = (Vec::new(), String::new());
    for ((line, want), (_, here)) in want.iter().zip(here) {
        let (want, here) = (normalise(want, false), normalise(here, false));
        if want != here {
            differ.push(*line);
            let _ = write!(shown, "$ {line}\n--- wanted\n{want}\n--- said\n{here}\n\n");
        }
    }
    println!("{} of {} lines match", want.len() - differ.len(), want.len());
    let settled: Vec<&str> = known.iter().map(|(line, _)| *line).filter(|line| !differ.contains(line)).collect();
    differ.retain(|line| !known.iter().any(|(known, _)| known == line));
    assert!(
        differ.is_empty() && settled.is_empty(),
        "new: {differ:#?}\nto be taken off the list: {settled:#?}\n{shown}"
    );
    assert_eq!(want.len(), here.len());
    assert!(want.len() >= 150, "too few lines: {}", want.len());
}

/// What is in `lines.txt`.
fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    let mut lines = LINES.lines();
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix("file ") {
            let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "end").collect();
            rows.push(Row::File(name, body.join("\n") + "\n"));
        } else if line == "settle" {
            rows.push(Row::Settle);
        } else if !line.is_empty() && !line.starts_with('#') {
            rows.push(Row::Type(line));
        }
    }
    rows
}

/// Types the lines into bash, where `kubectl` is this program, on a server of its own, and gives each with all it printed.
fn play(program: &Path) -> Vec<Typed> {
    let server = Served::with("1.36", &["--seed", "7"]);
    let home = tempfile::tempdir().expect("a folder");
    let bin = home.path().join("bin");
    std::fs::create_dir(&bin).expect("made");
    std::os::unix::fs::symlink(program, bin.join("kubectl")).expect("linked");
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
    let mut typed = Vec::new();
    for row in rows() {
        match row {
            Row::File(name, body) => std::fs::write(home.path().join(name), body).expect("written"),
            Row::Settle => server.settle(),
            Row::Type(line) => typed.push((line, run(line, home.path(), &path, &server))),
        }
    }
    typed
}

fn run(line: &str, home: &Path, path: &str, server: &Served) -> String {
    let output = Command::new("bash")
        .args(["-c", line])
        .current_dir(home)
        .env("PATH", path)
        .env("HOME", home)
        .env("LC_ALL", "C")
        .env("KUBECONFIG", server.kubeconfig())
        .stdin(Stdio::null())
        .output()
        .expect("bash runs");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    // Where a server listens and a file lies is their own affair.
    let text = said(&out, &err, output.status.code().unwrap_or(-1)).replace(&server.url, "<server>");
    text.replace(&server.kubeconfig().display().to_string(), "<kubeconfig>")
}

/// All that a line printed, and how it ended.
fn said(out: &str, err: &str, status: i32) -> String {
    format!("{out}\n[stderr]\n{err}\n[exit {status}]\n")
}
