//! Each row is run by the machine's own bash and by ours: output, errors and exit code have to be the same.
//!
//! Rows that need a program that not every machine has are a test of their own, so that a missing one is seen.

use std::process::{Command, Stdio};

use libtest_mimic::Trial;
use sa_tutor::shell::Screen;

use crate::rows::ROWS;
use crate::shell::shell;
use crate::{Compared, Missing, trial};

/// Programs that may be missing where there is a bash.
const SEPARATE: &[&str] = &["jq", "openssl", "diff", "xargs", "base64"];

pub fn trials() -> Vec<Trial> {
    let apart = |program: &'static str| trial(format!("bash::lines_with_{program}"), || compare(Some(program)));
    std::iter::once(trial("bash::lines", || compare(None))).chain(SEPARATE.iter().copied().map(apart)).collect()
}

/// The one of the separate programs that a line belongs to: the first that it names.
fn names(line: &str) -> Option<&'static str> {
    let words: Vec<&str> = line.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    SEPARATE.iter().copied().find(|program| words.contains(program))
}

async fn ours(line: &str) -> (String, String, i32) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let outcome = shell().run(line, &mut Screen { stdout: &mut out, stderr: &mut err }).await;
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    (text(&out), text(&err), outcome.status)
}

fn theirs(line: &str) -> (String, String, i32) {
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new("bash")
        .args(["--norc", "--noprofile", "-c", line, "bash"])
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("LC_ALL", "C.UTF-8")
        .env("TZ", "UTC")
        .env("HOME", folder.path())
        .stdin(Stdio::null())
        .output()
        .expect("bash runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr), output.status.code().unwrap_or(-1))
}

fn is_installed(program: &str) -> bool {
    ["/usr/local/bin", "/usr/bin", "/bin"].iter().any(|folder| std::path::Path::new(folder).join(program).exists())
}

/// What both say, without what only tells which shell it is: `bash: line 1: `, `/usr/bin/grep: `, and where to find help.
fn plain(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.starts_with("`help` lists"));
    let mut out = String::new();
    for line in lines {
        let line = &line.replace("bash: -c: line ", "bash: line ");
        let line = match line.strip_prefix("bash: line ").and_then(|rest| rest.split_once(": ")) {
            Some((number, rest)) if number.bytes().all(|byte| byte.is_ascii_digit()) => format!("bash: {rest}"),
            _ => line.replace("/usr/bin/", ""),
        };
        // bash shows the line it could not read once more.
        if !line.starts_with("bash: `") {
            out.push_str(&line);
            out.push('\n');
        }
    }
    out
}

fn compare(program: Option<&'static str>) -> Compared {
    for needed in std::iter::once("bash").chain(program) {
        if !is_installed(needed) {
            return Err(Missing(format!("{needed} is not installed")));
        }
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let rows: Vec<&str> = ROWS.iter().copied().filter(|line| names(line) == program).collect();
    assert!(!rows.is_empty(), "no row is for {program:?}");
    let mut wrong = Vec::new();
    for line in &rows {
        let (theirs, ours) = (theirs(line), runtime.block_on(ours(line)));
        let alike = theirs.0 == ours.0 && plain(&theirs.1) == plain(&ours.1) && theirs.2 == ours.2;
        if !alike {
            wrong.push(format!("{line}\n  bash {theirs:?}\n  ours {ours:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
    Ok(())
}
