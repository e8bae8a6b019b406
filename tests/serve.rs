//! `sa-tutor serve` as a user meets it: what it prints, what it writes, how it stops, and what it refuses.
#![cfg(unix)]

use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use http::Request;
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::{Value, json};

/// How long anything may take.
const LIMIT: Duration = Duration::from_secs(60);

struct Served {
    child: Child,
    kubeconfig: PathBuf,
    url: String,
    rest: BufReader<std::process::ChildStdout>,
}

impl Served {
    fn start(folder: &Path, args: &[&str]) -> Self {
        let kubeconfig = folder.join("kubeconfig");
        let mut child = command(folder, args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
        let mut rest = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        rest.read_line(&mut line).expect("a line");
        let url = line.trim_end().strip_prefix("serving ").unwrap_or_else(|| panic!("{line:?}")).to_owned();
        Self { child, kubeconfig, url, rest }
    }

    async fn client(&self) -> kube::Client {
        let kubeconfig = Kubeconfig::read_from(&self.kubeconfig).expect("a kubeconfig");
        let config = kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await;
        kube::Client::try_from(config.expect("a context")).expect("a client")
    }

    fn signal(&self, name: &str) {
        let done = Command::new("kill").args([name, &self.child.id().to_string()]).status().expect("run");
        assert!(done.success());
    }

    /// What else was printed on both outputs, and the exit code.
    fn end(mut self) -> (String, String, Option<i32>) {
        let status = self.child.wait().expect("an end");
        let (mut out, mut err) = (String::new(), String::new());
        self.rest.read_to_string(&mut out).expect("text");
        self.child.stderr.take().expect("a pipe").read_to_string(&mut err).expect("text");
        (out, err, status.code())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended already; a test that failed must not leave it running.
        let _ = self.child.kill();
    }
}

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sa-tutor"));
    command.current_dir(folder).arg("serve").args(["--kubeconfig", "kubeconfig"]).args(args);
    command
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).expect("there").permissions().mode() & 0o777
}

async fn ask(client: &kube::Client, request: Request<Vec<u8>>) -> Value {
    let text = tokio::time::timeout(LIMIT, client.request_text(request)).await.expect("in time").expect("an answer");
    serde_json::from_str(&text).expect("JSON")
}

fn get(path: &str) -> Request<Vec<u8>> {
    Request::get(path).body(Vec::new()).expect("a request")
}

#[tokio::test]
async fn it_serves_until_it_is_told_to_stop() {
    for signal in ["-TERM", "-INT"] {
        let folder = tempfile::tempdir().expect("a folder");
        // What stands there is replaced, and its mode with it.
        std::fs::write(folder.path().join("kubeconfig"), "old").expect("written");
        let served = Served::start(folder.path(), &["--audit-log-path", "audit.log"]);
        assert!(served.url.starts_with("https://127.0.0.1:"), "{}", served.url);
        assert_eq!(mode(&served.kubeconfig), 0o600);
        let text = std::fs::read_to_string(&served.kubeconfig).expect("readable");
        assert!(text.contains("current-context: kubernetes-admin@kubernetes") && text.contains(&served.url));

        let client = served.client().await;
        let me = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
        let me = Request::post("/apis/authentication.k8s.io/v1/selfsubjectreviews")
            .header("content-type", "application/json")
            .body(me.to_string().into_bytes());
        let info = ask(&client, me.expect("a request")).await["status"]["userInfo"].clone();
        assert_eq!(info["username"], "kubernetes-admin");
        assert_eq!(info["groups"], json!(["kubeadm:cluster-admins", "system:authenticated"]));

        // An open watch ends as if by itself.
        let watch = get("/api/v1/serviceaccounts?watch=true").map(kube::client::Body::from);
        let watch = client.send(watch).await.expect("an answer");
        assert_eq!(watch.status(), 200);
        let kubeconfig = served.kubeconfig.clone();
        served.signal(signal);
        let ended = http_body_util::BodyExt::collect(watch.into_body());
        tokio::time::timeout(LIMIT, ended).await.expect("in time").expect("a whole body");
        let (out, err, code) = served.end();
        assert_eq!((out.as_str(), err.as_str(), code), ("", "", Some(0)), "{signal}");
        assert!(kubeconfig.exists(), "a cluster's kubeconfig stays when the cluster is stopped");

        let log = folder.path().join("audit.log");
        assert_eq!(mode(&log), 0o600);
        let text = std::fs::read_to_string(&log).expect("readable");
        let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let mine = |event: &&Value| {
            event["requestURI"] == "/api/v1/serviceaccounts?watch=true" && event["sourceIPs"] == json!(["127.0.0.1"])
        };
        let stages: Vec<&Value> = events.iter().filter(mine).map(|event| &event["stage"]).collect();
        assert_eq!(stages, ["RequestReceived", "ResponseStarted", "ResponseComplete"]);
    }
}

#[tokio::test]
async fn the_same_seed_gives_the_same_names() {
    let mut seen: Vec<Value> = Vec::new();
    for seed in ["7", "7", "8"] {
        let folder = tempfile::tempdir().expect("a folder");
        let served = Served::start(folder.path(), &["--seed", seed, "--release", "1.23"]);
        let client = served.client().await;
        let account = ask(&client, get("/api/v1/namespaces/default/serviceaccounts/default")).await;
        let keys = ask(&client, get("/openid/v1/jwks")).await;
        seen.push(json!([account["metadata"]["uid"], account["secrets"], keys["keys"][0]["kid"]]));
    }
    assert_eq!(seen[0], seen[1]);
    assert_ne!(seen[0], seen[2]);
    assert!(seen[0][1][0]["name"].as_str().is_some_and(|name| name.starts_with("default-token-")), "{}", seen[0]);
}

#[test]
fn the_audit_log_follows_the_address_on_standard_output() {
    let folder = tempfile::tempdir().expect("a folder");
    let served = Served::start(folder.path(), &["--audit-log-path", "-"]);
    served.signal("-TERM");
    let (out, _, code) = served.end();
    assert_eq!(code, Some(0));
    assert!(
        out.lines().all(|line| line.starts_with("{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\"")),
        "{out}"
    );
}

#[test]
fn who_listens_further_is_told_what_that_means() {
    let folder = tempfile::tempdir().expect("a folder");
    let served = Served::start(folder.path(), &["--listen", "0.0.0.0:0"]);
    assert!(served.url.starts_with("https://127.0.0.1:"), "{}", served.url);
    served.signal("-TERM");
    let (_, err, _) = served.end();
    assert!(err.starts_with("warning: 0.0.0.0:") && err.contains("can be reached from other machines"), "{err}");
}

#[test]
fn what_cannot_be_served_is_said_plainly() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = taken.local_addr().map(|address| (taken, address.to_string())).expect("an address");
    std::fs::write(here.join("not-a-key"), "hello").expect("written");
    std::os::unix::fs::symlink("elsewhere", here.join("link")).expect("made");
    std::fs::create_dir(here.join("folder")).expect("made");
    let rows: &[(&[&str], i32, &str)] = &[
        (&["--release", "1.19"], 2, "`1.19` is not a release known here; write one from 1.20 to 1.37"),
        (&["--release", "latest"], 2, "`latest` is not a release known here"),
        (&["--listen", "here"], 2, "invalid value 'here' for '--listen"),
        (&["--listen", &taken.1], 1, "another program listens on 127.0.0.1:"),
        (&["--listen", "192.0.2.1:0"], 1, "cannot listen on 192.0.2.1:0"),
        (&["--cluster", "kind"], 1, "only the simulator can be served"),
        (&["--seed", "x"], 2, "invalid value 'x' for '--seed"),
        (
            &["--service-account-signing-key-file", "nowhere"],
            1,
            "cannot read the signing key nowhere: there is no such file",
        ),
        (
            &["--service-account-signing-key-file", "not-a-key"],
            1,
            "the signing key not-a-key is of no use: no PEM block",
        ),
        (&["--audit-log-path", "no/audit.log"], 1, "cannot write the audit log no/audit.log: its folder is not there"),
    ];
    for (args, code, say) in rows {
        refused(&command(here, args).output().expect("run"), *code, say);
    }
    for (file, say) in [
        ("link", "the kubeconfig link is a symbolic link"),
        ("folder", "the kubeconfig folder is a folder"),
        ("no/kubeconfig", "cannot write the kubeconfig no/kubeconfig: its folder is not there"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sa-tutor"));
        refused(&command.current_dir(here).args(["serve", "--kubeconfig", file]).output().expect("run"), 1, say);
    }
    assert!(!here.join("elsewhere").exists());
}

#[track_caller]
fn refused(output: &Output, code: i32, say: &str) {
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{err}");
    assert!(output.stdout.is_empty());
    assert!(err.contains(say), "{err}");
}
