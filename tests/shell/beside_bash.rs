//! Each row is run by the machine's own bash and by ours: output, errors and exit code have to be the same.
//!
//! A row whose program is not installed is left out; bash itself has to be there when `CI` is set.

use std::process::{Command, Stdio};

use kube::client::Body;
use sa_tutor::apimachinery::Release;
use sa_tutor::base::Clock;
use sa_tutor::kubectl;
use sa_tutor::shell::{Screen, Shell};

use super::rows::ROWS;

/// A shell whose server is never asked.
pub fn shell() -> Shell {
    let service = tower::service_fn(|_: http::Request<Body>| {
        std::future::ready(http::Response::builder().status(404).body(Body::from(b"{}".to_vec())))
    });
    Shell::new(kubectl::Config {
        client: kube::Client::new(service, "default"),
        namespace: "default".to_owned(),
        server: "https://127.0.0.1:6443".to_owned(),
        context: "tutor".to_owned(),
        release: Release::DEFAULT,
        clock: Clock::system(),
    })
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

#[tokio::test]
async fn the_same_lines_come_to_the_same() {
    if !is_installed("bash") {
        assert!(std::env::var_os("CI").is_none(), "bash is not installed");
        return;
    }
    let (mut wrong, mut compared) = (Vec::new(), 0);
    for line in ROWS {
        let words = line.split(|c: char| !c.is_ascii_alphanumeric());
        let missing = words.filter(|word| ["jq", "openssl", "diff", "xargs", "base64"].contains(word));
        if missing.into_iter().any(|program| !is_installed(program)) {
            continue;
        }
        compared += 1;
        let (theirs, ours) = (theirs(line), ours(line).await);
        let alike = theirs.0 == ours.0 && plain(&theirs.1) == plain(&ours.1) && theirs.2 == ours.2;
        if !alike {
            wrong.push(format!("{line}\n  bash {theirs:?}\n  ours {ours:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {compared} differ:\n{}", wrong.len(), wrong.join("\n"));
}
