//! Command lines through the public door: what they print and how they end.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use kube::client::Body;
use proptest::prelude::*;

use super::{Outcome, Request, Screen, Shell};
use crate::apimachinery::Release;
use crate::base::Clock;
use crate::kubectl;

/// A client of a server that answers everything the same, and the requests it saw.
fn client(status: u16, body: &'static str) -> (kube::Client, Arc<Mutex<Vec<String>>>) {
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = seen.clone();
    let service = tower::service_fn(move |request: http::Request<Body>| {
        let auth = request.headers().get("authorization").and_then(|value| value.to_str().ok()).unwrap_or("-");
        let line = format!("{} {} {auth}", request.method(), request.uri());
        kept.lock().unwrap().push(line);
        let answer = http::Response::builder().status(status).header("content-type", "application/json");
        std::future::ready(answer.body(Body::from(body.as_bytes().to_vec())))
    });
    (kube::Client::new(service, "default"), seen)
}

fn shell() -> Shell {
    let (client, _) = client(404, "{}");
    Shell::new(kubectl::Config {
        client,
        namespace: "default".to_owned(),
        server: "https://127.0.0.1:6443".to_owned(),
        context: "tutor".to_owned(),
        release: Release::DEFAULT,
        clock: Clock::still(Timestamp::from_second(1_700_000_000).unwrap()),
    })
}

async fn run(shell: &mut Shell, line: &str) -> (String, String, Outcome) {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let outcome = shell.run(line, &mut Screen { stdout: &mut stdout, stderr: &mut stderr }).await;
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    (text(&stdout), text(&stderr), outcome)
}

/// Each row in a shell of its own: line, standard output, standard error, exit code.
#[track_caller]
fn check(rows: &[(&str, &str, &str, i32)]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for (line, stdout, stderr, status) in rows {
        let (out, err, outcome) = runtime.block_on(run(&mut shell(), line));
        assert_eq!((out.as_str(), err.as_str(), outcome.status), (*stdout, *stderr, *status), "{line}");
    }
}

#[test]
fn words() {
    check(&[
        ("echo hello   world", "hello world\n", "", 0),
        ("echo 'a  b' \"c  d\" e\\ \\ f", "a  b c  d e  f\n", "", 0),
        ("A=1; echo $A ${A} \"$A\" '$A'", "1 1 1 $A\n", "", 0),
        ("echo ${X:-none} ${X-unset} ${HOME:+set}", "none unset set\n", "", 0),
        ("echo ${X:=new}; echo $X", "new\nnew\n", "", 0),
        ("echo ${X:?is needed}", "", "bash: X: is needed\n", 1),
        ("A=pod.tar.gz; echo ${A%.*} ${A%%.*} ${A#*.} ${A##*.} ${#A} ${A/tar/zip}", "pod.tar pod tar.gz gz 10 pod.zip.gz\n", "", 0),
        ("echo $(echo in; echo ner) `echo old`", "in ner old\n", "", 0),
        ("A='x   y'; echo $A; echo \"$A\"", "x y\nx   y\n", "", 0),
        ("echo $'a\\tb\\x41'", "a\tbA\n", "", 0),
        ("echo ~ ~/x", "/home/learner /home/learner/x\n", "", 0),
        ("echo a{1,2}b {1..3}", "a1b a2b 1 2 3\n", "", 0),
        ("false; echo $?", "1\n", "", 0),
        ("echo \"$(echo \"quoted $(echo deep)\")\"", "quoted deep\n", "", 0),
        ("touch b.yaml a.yaml c; echo *.yaml '*.yaml' *.none", "a.yaml b.yaml *.yaml *.none\n", "", 0),
        ("E=; echo a $E b \"$E\" c", "a b  c\n", "", 0),
        ("A=a; A+=b; echo $A", "ab\n", "", 0),
        ("T=$(false); echo $?", "1\n", "", 0),
        ("T=$(exit 3); echo $? still here", "3 still here\n", "", 0),
        ("echo {1..99999999999} | wc -w", "0\n", "bash: argument list too long\n", 0),
        ("echo $((1+1))", "", "bash: arithmetic is not part of this shell\n", 1),
        ("# a comment", "", "", 0),
        ("", "", "", 0),
    ]);
}

#[test]
fn commands() {
    check(&[
        ("true && echo yes || echo no", "yes\n", "", 0),
        ("false && echo yes || echo no", "no\n", "", 0),
        ("! true", "", "", 1),
        ("echo b a | tr ' ' '\\n' | sort", "a\nb\n", "", 0),
        ("A=1 | true; echo \"[$A]\"", "[]\n", "", 0),
        ("(cd /tmp; pwd); pwd", "/tmp\n/home/learner\n", "", 0),
        ("{ echo a; echo b; } | wc -l", "2\n", "", 0),
        ("for i in a b c; do echo $i; done", "a\nb\nc\n", "", 0),
        ("for i in a b c; do if [ $i = b ]; then break; fi; echo $i; done", "a\n", "", 0),
        ("for i in a b c; do [ $i = b ] && continue; echo $i; done", "a\nc\n", "", 0),
        ("if false; then echo a; elif true; then echo b; else echo c; fi", "b\n", "", 0),
        ("case abc in x*) echo x;; a*|b*) echo ab;; *) echo other;; esac", "ab\n", "", 0),
        ("while true; do echo x; done | tail -n 1", "x\n", "bash: this loop went round 1000 times; it ends here\n", 0),
        ("X=5 env | grep ^X; echo \"[$X]\"", "X=5\n[]\n", "", 0),
        ("export A=\"b c\"; env | grep ^A", "A=b c\n", "", 0),
        ("foo", "", "bash: foo: command not found\n`help` lists the commands that are here.\n", 127),
        ("./run.sh", "", "bash: ./run.sh: No such file or directory\n", 127),
        ("touch run.sh; ./run.sh", "", "bash: ./run.sh: Permission denied\n", 126),
        ("f() { echo; }", "", "bash: functions are not part of this shell\n", 2),
        ("[[ a = a ]]", "", "bash: [[ is not part of this shell\n", 2),
        ("sleep 1 &", "", "bash: background jobs are not part of this shell\n", 2),
        ("A=(1 2)", "", "bash: arrays are not part of this shell\n", 1),
        ("alias g='grep -c'; echo x | g x", "1\n", "", 0),
        ("echo | | wc", "", "bash: syntax error near unexpected token `|'\n", 2),
        ("| wc", "", "bash: syntax error near unexpected token `|'\n", 2),
        ("echo )", "", "bash: syntax error near unexpected token `)'\n", 2),
        ("echo ;;", "", "bash: syntax error near unexpected token `;;'\n", 2),
        ("fi", "", "bash: syntax error near unexpected token `fi'\n", 2),
        ("echo >", "", "bash: syntax error near unexpected token `newline'\n", 2),
        ("echo 'open", "", "bash: unexpected EOF while looking for matching `''\n", 2),
        ("echo \"open", "", "bash: unexpected EOF while looking for matching `\"'\n", 2),
        ("echo $(open", "", "bash: unexpected EOF while looking for matching `)'\n", 2),
        ("if true", "", "bash: syntax error: unexpected end of file\n", 2),
    ]);
}

#[test]
fn redirections() {
    check(&[
        ("echo a > f; echo b >> f; cat f", "a\nb\n", "", 0),
        ("echo a > f; cat < f", "a\n", "", 0),
        ("cat <<< 'x y'", "x y\n", "", 0),
        ("A=v; cat <<EOF\nis $A\nEOF\n", "is v\n", "", 0),
        ("A=v; cat <<'EOF'\nis $A \"q\"\nEOF\n", "is $A \"q\"\n", "", 0),
        ("cat <<-EOF | tr a b\n\ta\n\tEOF\n", "b\n", "", 0),
        ("cat none 2> e; cat e", "cat: none: No such file or directory\n", "", 0),
        ("cat none 2>&1 | tr a-z A-Z", "CAT: NONE: NO SUCH FILE OR DIRECTORY\n", "", 0),
        ("cat none > both 2>&1; cat both", "cat: none: No such file or directory\n", "", 0),
        ("cat none &> both; cat both", "cat: none: No such file or directory\n", "", 0),
        ("cat none 2>/dev/null", "", "", 1),
        ("echo lost > /dev/null", "", "", 0),
        ("echo e >&2", "", "e\n", 0),
        ("cat < none", "", "bash: none: No such file or directory\n", 1),
        ("echo x > /etc/motd", "", "bash: /etc/motd: No such file or directory\n", 1),
        ("echo x > /tmp", "", "bash: /tmp: Is a directory\n", 1),
        ("touch a b; echo x > *", "", "bash: *: ambiguous redirect\n", 1),
        ("echo b > f; sort f > f; cat f", "", "", 0),
        ("echo x > f; > f; wc -c f", "0 f\n", "", 0),
        ("cat <(echo a)", "", "bash: process substitution is not part of this shell\n", 1),
    ]);
}

#[test]
fn programs() {
    check(&[
        ("echo -n a; echo -e 'b\\tc'", "ab\tc\n", "", 0),
        ("printf '%s=%d\\n' a 1 b 2", "a=1\nb=2\n", "", 0),
        ("printf '%-5s|%05d|%x' ab 42 255", "ab   |00042|ff", "", 0),
        ("echo hello | base64", "aGVsbG8K\n", "", 0),
        ("echo aGVsbG8K | base64 -d", "hello\n", "", 0),
        ("echo eyJhIjoxfQ | base64 -d", "{\"a\":1}", "base64: invalid input\n", 1),
        ("ls /", "home  tmp\n", "", 0),
        ("mkdir -p a/b; touch a/x; ls a | cat; ls none", "b\nx\n", "ls: cannot access 'none': No such file or directory\n", 2),
        ("touch x; ls -l", "total 0\n-rw-r--r-- 1 learner learner 0 Nov 14 22:13 x\n", "", 0),
        ("pwd; cd /tmp; pwd; cd -; cd none", "/home/learner\n/tmp\n/home/learner\n", "bash: cd: none: No such file or directory\n", 1),
        ("printf 'a\\nb\\nab\\n' | grep b", "b\nab\n", "", 0),
        ("printf 'a\\nb\\nab\\n' | grep -vn b; echo x | grep -q y", "1:a\n", "", 1),
        ("echo '\"token\": \"x\"' | grep -o '\"[a-z]*\"'", "\"token\"\n\"x\"\n", "", 0),
        ("printf '1\\n2\\n3\\n' | head -n 2 | tail -1", "2\n", "", 0),
        ("echo a.b.c | cut -d. -f2", "b\n", "", 0),
        ("echo a.b.c | cut -d . -f 1,3-", "a.c\n", "", 0),
        ("printf 'b\\na\\nb\\n' | sort -u", "a\nb\n", "", 0),
        ("printf '10\\n9\\n' | sort -n", "9\n10\n", "", 0),
        ("printf 'a\\na\\nb\\n' | uniq -c", "      2 a\n      1 b\n", "", 0),
        ("echo name: x | sed 's/name: \\(.*\\)/[\\1]/'", "[x]\n", "", 0),
        ("printf 'a\\nb\\nc\\n' | sed -n '2,3p'", "b\nc\n", "", 0),
        ("printf 'a\\nb\\n' | sed '/a/d; s|b|/|g'", "/\n", "", 0),
        ("echo x | sed 'y/a/b/'", "", "sed: -e expression #1, char 1: unknown command: `y'\n", 1),
        ("echo a-b_c | tr '_-' '/+'", "a+b/c\n", "", 0),
        ("echo aabb | tr -d a; echo aabb | tr -s ab", "bb\nab\n", "", 0),
        ("echo x | tee f; cat f", "x\nx\n", "", 0),
        ("printf 'a b\\nc\\n' | wc", "      2       3       6\n", "", 0),
        ("date -u; date +%s; date -d @0 +%F", "Tue Nov 14 22:13:20 UTC 2023\n1700000000\n1970-01-01\n", "", 0),
        ("[ -n \"\" ] || [ 2 -gt 1 -a -d /tmp ] && echo yes", "yes\n", "", 0),
        ("rm none", "", "rm: cannot remove 'none': No such file or directory\n", 1),
        ("mkdir d; rm d", "", "rm: cannot remove 'd': Is a directory\n", 1),
        ("cat -Z", "", "cat: invalid option -- 'Z'\nTry 'cat --help' for more information.\n", 1),
        ("pwd --help", "Usage: pwd \nShows the current directory.\n", "", 0),
        ("echo a > x; cp x y; mv y z; cat z; ls", "a\nx  z\n", "", 0),
        ("sleep 0", "", "", 0),
        ("sleep soon", "", "sleep: invalid time interval 'soon'\nTry 'sleep --help' for more information.\n", 1),
    ]);
}

#[test]
fn the_host_is_out_of_reach() {
    check(&[
        ("cat /etc/passwd", "", "cat: /etc/passwd: No such file or directory\n", 1),
        ("cat ../../../etc/passwd", "", "cat: ../../../etc/passwd: No such file or directory\n", 1),
        ("grep root /etc/passwd", "", "grep: /etc/passwd: No such file or directory\n", 2),
        ("head /proc/self/environ", "", "head: /proc/self/environ: No such file or directory\n", 1),
        ("ls /etc", "", "ls: cannot access '/etc': No such file or directory\n", 2),
        ("echo /*", "/home /tmp\n", "", 0),
        ("cp /etc/passwd .", "", "cp: cannot stat '/etc/passwd': No such file or directory\n", 1),
        ("cd /usr", "", "bash: cd: /usr: No such file or directory\n", 1),
        ("echo $PATH$CARGO_PKG_NAME", "\n", "", 0),
    ]);
}

#[tokio::test]
async fn requests_reach_the_tutor() {
    let mut shell = shell();
    for (line, wanted) in [
        ("clear", vec![Request::Clear]),
        ("vi pod.yaml", vec![Request::Edit("/home/learner/pod.yaml".to_owned())]),
        ("exit; echo never", vec![Request::Exit]),
        ("(exit)", vec![]),
        ("exit | cat", vec![]),
    ] {
        let (stdout, stderr, outcome) = run(&mut shell, line).await;
        assert_eq!((stdout.as_str(), stderr.as_str()), ("", ""), "{line}");
        assert_eq!(outcome.requests, wanted, "{line}");
    }
    assert_eq!(shell.history.len(), 5);
}

#[tokio::test]
async fn sleep_follows_the_clock_and_can_be_dropped() {
    let mut shell = shell();
    let clock = shell.kubectl.clock.clone();
    {
        let waiting = run(&mut shell, "echo a; sleep 1h; echo b");
        tokio::pin!(waiting);
        assert!(futures::poll!(&mut waiting).is_pending());
    }
    let (stdout, ..) = run(&mut shell, "echo works").await;
    assert_eq!(stdout, "works\n");
    let waiting = run(&mut shell, "sleep 1h; echo awake");
    let (done, ()) = tokio::join!(waiting, async {
        // The sleep has to begin first.
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
        clock.advance(jiff::SignedDuration::from_hours(1));
    });
    assert_eq!(done.0, "awake\n");
}

#[test]
fn incomplete_lines() {
    for (line, want) in [
        ("echo 'a", true),
        ("cat <<EOF\nx", true),
        ("cat <<EOF\nx\nEOF\n", false),
        ("for i in a; do", true),
        ("echo a |", true),
        ("echo a", false),
        ("echo | | a", false),
        ("", false),
    ] {
        assert_eq!(Shell::is_incomplete(line), want, "{line}");
    }
}

/// Pieces that lines are made of, so that they often mean something.
fn piece() -> impl Strategy<Value = String> {
    let known = "echo cat ls printf grep sed tr cut head tail sort base64 jq curl test [ ] if then else fi for in do done \
                 while case esac | || && ; & ( ) { } < > >> << <<< 2>&1 &> $( ` ' \" $ ${ } A A= =x $A ${A:- * ? [a-z] \
                 \\ ! # ~ -n -e -d . / 's/a/b/g' '.[]' {1..5} 0 1 EOF \n $'\\x \u{e9} %s %*d";
    let words: Vec<String> = known.split(' ').map(str::to_owned).collect();
    prop_oneof![8 => proptest::sample::select(words), 1 => "\\PC{0,6}", 3 => Just(" ".to_owned())]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_line_panics_or_hangs(pieces in proptest::collection::vec(piece(), 0..24)) {
        let line = pieces.concat();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut shell = shell();
            let limit = Duration::from_secs(20);
            // A sleep may wait for ever on a clock that stands still; anything else has to end.
            let ended = tokio::time::timeout(limit, run(&mut shell, &line)).await.is_ok();
            assert!(ended || line.contains("sleep"), "{line}");
        });
        let _ = super::words::split(&line);
        let _ = Shell::is_incomplete(&line);
    }
}
