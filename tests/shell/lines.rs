//! Any line at all, at the shell and at kubectl: no fall, no hang, nothing outside the private tree, no other door.

use std::net::TcpListener;
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use sa_tutor::kubectl;
use sa_tutor::shell::{Screen, Shell};

use super::rows::ROWS;
use crate::support::shell::shell;

/// How long a line may take before it is ended as Ctrl-C does.
const PATIENCE: Duration = Duration::from_millis(300);
/// How long ending it may take.
const LIMIT: Duration = Duration::from_secs(30);

/// A door on this machine that no line may reach.
static DOOR: LazyLock<TcpListener> = LazyLock::new(|| {
    let door = TcpListener::bind("127.0.0.1:0").expect("a port");
    door.set_nonblocking(true).expect("a door that does not wait");
    door
});

/// Lines that try to get out, in the places where a path or an address may stand.
fn escapes() -> Vec<String> {
    let port = DOOR.local_addr().expect("an address").port();
    let canary = canary().display();
    vec![
        format!("echo x > {canary}/file"),
        format!(
            "cp /etc/passwd {canary}; tee {canary}/a <<< x; touch {canary}/b; mkdir {canary}/c; mktemp {canary}/XXXX"
        ),
        format!("rm -rf {canary}; mv {canary}/kept /tmp/x; sed -i s/a/b/ {canary}/kept"),
        format!("cd {canary}; echo x > file; curl -k https://127.0.0.1:6443/ -o {canary}/d"),
        format!("curl -s http://127.0.0.1:{port}/; curl -k https://localhost:{port}/api; curl [::1]:{port}"),
        format!("kubectl --server=http://127.0.0.1:{port} get pods; kubectl -s 127.0.0.1:{port} version"),
        format!("kubectl apply -f http://127.0.0.1:{port}/x.yaml; kubectl --kubeconfig={canary}/kept get pods"),
        format!("kubectl config set-cluster x --server=http://127.0.0.1:{port}; kubectl get pods"),
        format!("exec 3<>/dev/tcp/127.0.0.1/{port}; echo > /dev/tcp/127.0.0.1/{port}; cat < /dev/tcp/127.0.0.1/{port}"),
        format!("openssl s_client -connect 127.0.0.1:{port}; nc 127.0.0.1 {port}; bash -c 'curl 127.0.0.1:{port}'"),
        format!(
            "kubectl get --raw http://127.0.0.1:{port}/; kubectl cp {canary}/kept x:/y; kubectl proxy --port={port}"
        ),
        format!("kubectl create secret generic s --from-file={canary}/kept -o yaml --dry-run=client"),
        format!(
            "curl -k --resolve x:{port}:127.0.0.1 https://x:{port}/; curl -x 127.0.0.1:{port} https://127.0.0.1:6443/"
        ),
        format!(
            "curl -k --connect-to ::127.0.0.1:{port} https://127.0.0.1:6443/; curl --unix-socket {canary}/s http://x/"
        ),
        format!(
            "cat {canary}/kept; grep . {canary}/kept; source {canary}/kept; bash {canary}/kept; jq -n -f {canary}/kept"
        ),
        format!("curl -k -d @{canary}/kept https://127.0.0.1:6443/; curl -T {canary}/kept https://127.0.0.1:6443/"),
    ]
}

/// A real folder with one real file, which nothing may read or change.
fn canary() -> &'static Path {
    static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("kept"), "echo the canary sings\n").expect("written");
        folder
    });
    FOLDER.path()
}

async fn run(shell: &mut Shell, line: &str) -> String {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut screen = Screen { stdout: &mut out, stderr: &mut err };
    // A line may be endless; then it has to end when it is told to, which it can only if it yields.
    let _ended = tokio::time::timeout(PATIENCE, shell.run(line, &mut screen)).await;
    let (mut out, err) = (String::from_utf8_lossy(&out).into_owned(), String::from_utf8_lossy(&err));
    out.push_str(&err);
    out
}

/// Runs a line and looks whether anything got out.
fn nothing_gets_out(line: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let began = std::time::Instant::now();
    let told = runtime.block_on(async {
        let mut shell = shell();
        let told = run(&mut shell, line).await;
        // The shell can be used again, whatever was.
        let works = run(&mut shell, "echo works").await;
        assert!(works.contains("works\n"), "after {line}: {works}");
        told
    });
    assert!(began.elapsed() < LIMIT, "{line} took {:?}", began.elapsed());
    assert!(!told.contains("the canary sings"), "{line} read the canary");
    assert!(DOOR.accept().is_err(), "{line} reached the door");
    let names: Vec<_> =
        std::fs::read_dir(canary()).expect("a folder").flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(names, ["kept"], "after {line}");
    let kept = std::fs::read_to_string(canary().join("kept")).expect("read");
    assert_eq!(kept, "echo the canary sings\n", "after {line}");
}

#[test]
fn no_line_gets_out() {
    for line in escapes() {
        nothing_gets_out(&line);
    }
}

#[test]
fn bombs_and_endless_lines_end() {
    for line in [
        "while true; do :; done",
        "until false; do true; done",
        "for ((;;)); do :; done",
        "f() { f; }; f",
        "f() { f | f; }; f",
        "f() { (f); }; f",
        "f() { $(f); }; f",
        "f() { eval f; }; f",
        "alias a='a; a'; a",
        "echo 'source s' > s; source s",
        "echo 'bash s' > s; bash s",
        "eval 'eval \"eval \\\"eval true\\\"\"'",
        "A=x; while true; do A=$A$A; done",
        "A=(x); while true; do A+=(\"${A[@]}\"); done",
        "echo {1..99999}{1..99999}",
        "cat <<  ",
        "x && (<<  ",
        "cat <<E$( ",
        "cat <<E\\ ",
        "echo $(yes)",
        "yes | sort",
        "yes > f",
        "yes | cat | cat | tail -n 1",
        "watch -n 0 true",
        "cat <(yes)",
        "mapfile A < <(yes)",
        "printf '%*d' 999999999 1",
        "printf '%.999999999f' 1",
        "seq 1 999999999999 | tail -n1",
        "A=A; echo $((A))",
        "A='A+A'; B='A+B'; echo $((B))",
        "xargs xargs xargs echo <<< a",
        "echo xargs | xargs -I{} {} {} {}",
        "timeout 1d watch timeout 1d yes",
        "read -d x A < <(yes); echo ${#A}",
        "${A:-${B:-${C:-${D:-${E:-${F:-$(yes)}}}}}}",
    ] {
        nothing_gets_out(line);
    }
}

fn piece() -> impl Strategy<Value = String> {
    let known = "echo cat ls printf grep sed tr cut head tail sort base64 jq curl test [ ] [[ ]] if then else fi for in do done \
                 while case esac | || && ; & ( ) (( )) { } < > >> << <<< 2>&1 &> $( ` ' \" $ ${ } A A= =x $A ${A:- * ? [a-z] \
                 \\ ! # ~ -n -e -d . / 's/a/b/g' '.[]' {1..5} 0 1 EOF \n $'\\x \u{e9} %s %*d f() local read xargs eval source \
                 <( $(( )) $@ $# ${#A} ${A//x/ ${A[ A=( set -x shift return break seq yes kubectl get pods -o yaml -f - -w \
                 --raw -n 1 create token jsonpath={.items[*] describe delete --all -A";
    let words: Vec<String> = known.split(' ').map(str::to_owned).collect();
    prop_oneof![8 => select(words), 1 => "\\PC{0,6}", 4 => Just(" ".to_owned())]
}

/// A real line, some of whose characters are gone, doubled or something else.
fn mutated() -> impl Strategy<Value = String> {
    let lines: Vec<String> = ROWS.iter().map(|line| (*line).to_owned()).chain(escapes()).collect();
    (select(lines), vec((any::<Index>(), any::<char>(), 0u8..4), 1..6)).prop_map(|(line, changes)| {
        let mut letters: Vec<char> = line.chars().collect();
        for (index, other, kind) in changes {
            let at = index.index(letters.len().max(1)).min(letters.len().saturating_sub(1));
            match kind {
                _ if letters.is_empty() => letters.push(other),
                0 => drop(letters.remove(at)),
                1 => letters[at] = other,
                2 => letters.insert(at, letters[at]),
                _ => letters.truncate(at),
            }
        }
        letters.into_iter().collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn words_in_any_order(pieces in vec(piece(), 0..30)) {
        let line = pieces.concat();
        nothing_gets_out(&line);
        let _ = Shell::is_incomplete(&line);
    }

    #[test]
    fn real_lines_gone_wrong(line in mutated()) {
        nothing_gets_out(&line);
        let _ = Shell::is_incomplete(&line);
    }

    #[test]
    fn any_bytes(bytes in vec(any::<u8>(), 0..200)) {
        let line = String::from_utf8_lossy(&bytes).into_owned();
        nothing_gets_out(&line);
        let _ = Shell::is_incomplete(&line);
    }

    #[test]
    fn any_arguments_of_kubectl(
        verb in select(kubectl::commands()),
        rest in vec(prop_oneof![
            select("pods sa/default -o yaml json jsonpath={.x[?(@.a==\"b\")]} -l a=b,c in (d) -f none.yaml - -- --as x --raw /api -A -n \
                    --all --dry-run=client --dry-run=x --from-literal=a=b --type=json -p [] {} {\"a\":null} go-template={{.x}} \
                    custom-columns=A:.b --sort-by=.metadata.name -w=false --timeout=0s deployment/x --image=y a=b a- --replicas=1"
                .split(' ').map(str::to_owned).collect::<Vec<_>>()),
            "\\PC{0,12}",
        ], 0..6),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let shell = shell();
            let args: Vec<String> = verb.split(' ').map(str::to_owned).chain(rest).collect();
            let (mut out, mut err) = (Vec::new(), Vec::new());
            let mut streams = kubectl::Streams { stdin: b"{", stdout: &mut out, stdout_is_terminal: false, stderr: &mut err };
            let run = kubectl::run(&args, &shell.kubectl, &shell.unix.files, &mut streams);
            let _ended = tokio::time::timeout(PATIENCE, run).await;
        });
        assert!(DOOR.accept().is_err());
    }
}
