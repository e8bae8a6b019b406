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
    let mut wrong = Vec::new();
    for (line, stdout, stderr, status) in rows {
        let (out, err, outcome) = runtime.block_on(async { run(&mut shell(), line).await });
        if (out.as_str(), err.as_str(), outcome.status) != (*stdout, *stderr, *status) {
            wrong.push(format!(
                "{line}\n  gave {out:?} {err:?} {}\n  want {stdout:?} {stderr:?} {status}",
                outcome.status
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
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
        (
            "A=pod.tar.gz; echo ${A%.*} ${A%%.*} ${A#*.} ${A##*.} ${#A} ${A/tar/zip}",
            "pod.tar pod tar.gz gz 10 pod.zip.gz\n",
            "",
            0,
        ),
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
        ("echo $((1+1))", "2\n", "", 0),
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
        ("while true; do echo x; done | head -n 1", "x\n", "", 0),
        ("X=5 env | grep ^X; echo \"[$X]\"", "X=5\n[]\n", "", 0),
        ("export A=\"b c\"; env | grep ^A", "A=b c\n", "", 0),
        ("kubctl get sa", "", "bash: kubctl: command not found\nDid you mean `kubectl`?\n", 127),
        ("foo", "", "bash: foo: command not found\n`help` lists the commands that are here.\n", 127),
        ("./run.sh", "", "bash: ./run.sh: No such file or directory\n", 127),
        ("touch run.sh; ./run.sh", "", "bash: ./run.sh: Permission denied\n", 126),
        ("f() { echo in; }; f", "in\n", "", 0),
        ("[[ a = a ]]", "", "", 0),
        (
            "sleep 1 &",
            "",
            "bash: `&': nothing runs in the background here; leave it out, and press Ctrl-C to end what runs\n",
            2,
        ),
        ("A=(1 2); echo ${A[1]}", "2\n", "", 0),
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
        ("A=v; B=$(cat << EOF\nis $A\nEOF\n); echo \"[$B]\"", "[is v]\n", "", 0),
        ("cat <<$(x)\n", "", "bash: `<<': the word that ends a here-document is a plain one in this shell\n", 2),
        ("cat none 2> e; cat e", "cat: none: No such file or directory\n", "", 0),
        ("cat none 2>&1 | tr a-z A-Z", "CAT: NONE: NO SUCH FILE OR DIRECTORY\n", "", 0),
        ("cat none > both 2>&1; cat both", "cat: none: No such file or directory\n", "", 0),
        ("cat none &> both; cat both", "cat: none: No such file or directory\n", "", 0),
        ("cat none 2>/dev/null", "", "", 1),
        ("echo lost > /dev/null", "", "", 0),
        ("echo e >&2", "", "e\n", 0),
        ("cat < none", "", "bash: none: No such file or directory\n", 1),
        ("echo x > /etc/motd", "", "bash: /etc/motd: Permission denied\n", 1),
        ("echo x > /tmp", "", "bash: /tmp: Is a directory\n", 1),
        ("touch a b; echo x > *", "", "bash: *: ambiguous redirect\n", 1),
        ("echo b > f; sort f > f; cat f", "", "", 0),
        ("echo x > f; > f; wc -c f", "0 f\n", "", 0),
        ("cat <(echo a)", "a\n", "", 0),
        ("echo a > >(cat)", "", "bash: >(...) is not part of this shell; use a pipe instead\n", 1),
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
        ("ls /", "bin  dev  etc  home  tmp  usr\n", "", 0),
        (
            "mkdir -p a/b; touch a/x; ls a | cat; ls none",
            "b\nx\n",
            "ls: cannot access 'none': No such file or directory\n",
            2,
        ),
        ("touch x; ls -l", "total 0\n-rw-r--r-- 1 learner learner 0 Nov 14 22:13 x\n", "", 0),
        (
            "pwd; cd /tmp; pwd; cd -; cd none",
            "/home/learner\n/tmp\n/home/learner\n",
            "bash: cd: none: No such file or directory\n",
            1,
        ),
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
        ("echo x | sed 'k'", "", "sed: -e expression #1, char 1: unknown command: `k'\n", 1),
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
        ("sleep soon", "", "sleep: invalid time interval ‘soon’\nTry 'sleep --help' for more information.\n", 1),
    ]);
}

#[test]
fn jq() {
    let token = "TOKEN=eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.eyJpc3MiOiJodHRwczovL2siLCJleHAiOjE3MDAwMDM2MDB9.c2lnbmVk-_;";
    let course = "jq -R 'split(\".\") | select(length > 0) | .[0],.[1] | @base64d | fromjson' <<< $TOKEN";
    let decoded =
        "{\n  \"alg\": \"RS256\",\n  \"kid\": \"x\"\n}\n{\n  \"iss\": \"https://k\",\n  \"exp\": 1700003600\n}\n";
    check(&[
        (&format!("{token} {course}"), decoded, "", 0),
        (
            "echo '{\"a\":[1,{\"b\":null}],\"c\":{}}' | jq",
            "{\n  \"a\": [\n    1,\n    {\n      \"b\": null\n    }\n  ],\n  \"c\": {}\n}\n",
            "",
            0,
        ),
        ("echo '{\"b\":1,\"a\":\"x\"}' | jq -Sc .", "{\"a\":\"x\",\"b\":1}\n", "", 0),
        ("echo '{\"a\":\"x\"}' | jq -r .a", "x\n", "", 0),
        ("echo '{\"a\":\"x\"}' | jq '.a, .b'", "\"x\"\nnull\n", "", 0),
        ("echo '[1,2]' | jq '.[] | select(. > 1)'", "2\n", "", 0),
        (
            "jq -n --arg a x --argjson b '{\"c\":1}' -c '[$a, $b.c, $ENV.HOME, env.USER]'",
            "[\"x\",1,\"/home/learner\",\"learner\"]\n",
            "",
            0,
        ),
        ("jq -n 'now, (now|todate), ($ENV|has(\"PATH\"))'", "1700000000.0\n\"2023-11-14T22:13:20Z\"\nfalse\n", "", 0),
        ("printf '1 2 3' | jq -s add", "6\n", "", 0),
        ("printf 'a\\nb\\n' | jq -R .", "\"a\"\n\"b\"\n", "", 0),
        ("printf 'a\\nb\\n' | jq -Rs .", "\"a\\nb\\n\"\n", "", 0),
        ("printf '1 2' | jq -n '[inputs]' -c", "[1,2]\n", "", 0),
        ("echo false | jq -e .", "false\n", "", 1),
        ("echo '[\"a\",\"b\"]' | jq -j '.[]'", "ab", "", 0),
        ("echo '{\"a\":\"x\"}' | jq .a.b", "", "jq: error (at <stdin>:1): Cannot index string with \"b\"\n", 5),
        ("echo '\"abc\"' | jq '.[]'", "", "jq: error (at <stdin>:1): Cannot iterate over string (\"abc\")\n", 5),
        (
            "echo '\"eyJhbGciOiJSUzI1-\"' | jq @base64d",
            "",
            "jq: error (at <stdin>:1): string (\"eyJhbGciOi...) is not valid base64 data\n",
            5,
        ),
        ("echo eyJhbGci.x | jq .", "", "jq: parse error: Invalid numeric literal at line 1, column 11\n", 2),
        (
            "echo 1 | jq foo",
            "",
            "jq: error: foo/0 is not defined at <top-level>, line 1:\nfoo\njq: 1 compile error\n",
            3,
        ),
        (
            "echo 1 | jq '.['",
            "",
            "jq: error: syntax error, unexpected end of file (Unix shell quoting issues?) at <top-level>, line 1:\n.[\njq: 1 compile error\n",
            3,
        ),
        ("jq . none", "", "jq: error: Could not open none: No such file or directory\n", 2),
        (
            "echo '[3,1]' | jq -c 'sort, length, map(.+1), (map(tostring)|join(\",\"))'",
            "[1,3]\n2\n[4,2]\n\"3,1\"\n",
            "",
            0,
        ),
        (
            "echo '{\"a\":{\"b\":1}}' | jq -c '.a.b |= 5 | del(.x) | [paths], to_entries'",
            "[[\"a\"],[\"a\",\"b\"]]\n[{\"key\":\"a\",\"value\":{\"b\":5}}]\n",
            "",
            0,
        ),
        ("echo '[[\"a\",1]]' | jq -r '.[] | @csv, @tsv'", "\"a\",1\na\t1\n", "", 0),
        ("jq -n '\"\\(1+1) x\" , (\"ab\"|test(\"^a\")), (3 * 2), (\"ab\" * 2)'", "\"2 x\"\ntrue\n6\n\"abab\"\n", "", 0),
    ]);
}

#[test]
fn jq_stays_within_bounds() {
    let stopped = "jq: error: this filter takes more time or memory than this shell gives\n";
    check(&[
        ("jq -n 'def f: f; f'", "", stopped, 5),
        ("jq -n 'def f: 1 + f; f'", "", stopped, 5),
        ("jq -n 'def f: try f catch f; f'", "", stopped, 5),
        ("jq -n '[repeat(1)]'", "", stopped, 5),
        ("jq -n '[range(1e12)]'", "", stopped, 5),
        ("jq -n 'last(range(infinite))'", "", stopped, 5),
        ("jq -n '\"x\" * 1000000000'", "", stopped, 5),
        ("jq -n 'reduce range(64) as $i (\"x\"; . + .)'", "", stopped, 5),
        ("jq -n 'reduce range(64) as $i (9; . * .)'", "", stopped, 5),
        ("jq -n '[range(1000)] | [.[] + .[] + .[]]'", "", stopped, 5),
    ]);
}

#[test]
fn the_host_is_out_of_reach() {
    check(&[
        ("cat /etc/shadow", "", "cat: /etc/shadow: No such file or directory\n", 1),
        ("cat ../../../etc/hosts", "", "cat: ../../../etc/hosts: No such file or directory\n", 1),
        ("grep -c : /etc/passwd", "3\n", "", 0),
        (
            "head /proc/self/environ",
            "",
            "head: cannot open '/proc/self/environ' for reading: No such file or directory\n",
            1,
        ),
        ("ls /etc", "group  passwd\n", "", 0),
        ("echo /*", "/bin /dev /etc /home /tmp /usr\n", "", 0),
        ("cp /etc/shadow .", "", "cp: cannot stat '/etc/shadow': No such file or directory\n", 1),
        ("cd /root", "", "bash: cd: /root: No such file or directory\n", 1),
        ("echo $PATH$CARGO_PKG_NAME", "\n", "", 0),
    ]);
}

#[tokio::test]
async fn curl_carries_no_identity() {
    let mut shell = shell();
    let (_, stderr, outcome) = run(&mut shell, "curl -k https://127.0.0.1:6443/version").await;
    assert_eq!(
        (stderr.as_str(), outcome.status),
        ("curl: (7) curl is not available on this cluster; kubectl get --raw is\n", 7)
    );
    let (client, seen) = client(403, "{\"kind\":\"Status\"}");
    shell.anonymous = Some(client);
    let unknown = "curl: (60) SSL certificate problem: unable to get local issuer certificate\nMore details";
    for (line, stdout, stderr, status, request) in [
        ("curl -sk https://127.0.0.1:6443/api?x=1", "{\"kind\":\"Status\"}", "", 0, "GET /api?x=1 -"),
        ("curl -k https://localhost:6443 -o /dev/null -w '%{http_code}\\n'", "403\n", "", 0, "GET / -"),
        (
            "T=abc; curl -sk -H \"Authorization: Bearer $T\" https://kubernetes.default.svc/api -o f; cat f",
            "{\"kind\":\"Status\"}",
            "",
            0,
            "GET /api Bearer abc",
        ),
        (
            "curl -kX POST -d '{}' https://kubernetes.default.svc/api -f",
            "",
            "curl: (22) The requested URL returned error: 403\n",
            22,
            "POST /api -",
        ),
        (
            "curl -kI https://127.0.0.1:6443/",
            "HTTP/2 403 \r\ncontent-type: application/json\r\n\r\n",
            "",
            0,
            "HEAD / -",
        ),
        ("curl https://127.0.0.1:6443/", "", unknown, 60, ""),
        (
            "curl --cacert ca.crt https://127.0.0.1:6443/",
            "",
            "curl: (77) error setting certificate verify locations:  CAfile: ca.crt CApath: /etc/ssl/certs\n",
            77,
            "",
        ),
        ("curl http://127.0.0.1:6443/", "Client sent an HTTP request to an HTTPS server.\n", "", 0, ""),
        ("curl https://example.com", "", "curl: (6) Could not resolve host: example.com\n", 6, ""),
        ("curl -s https://example.com", "", "", 6, ""),
        (
            "curl https://169.254.169.254/latest",
            "",
            "curl: (7) Failed to connect to 169.254.169.254 port 443 after 0 ms: Couldn't connect to server\n",
            7,
            "",
        ),
        (
            "curl localhost:8080",
            "",
            "curl: (7) Failed to connect to localhost port 8080 after 0 ms: Couldn't connect to server\n",
            7,
            "",
        ),
        ("curl file:///etc/passwd", "", "curl: (1) Protocol \"file\" not supported\n", 1, ""),
        ("curl", "", "curl: (2) no URL specified\n", 2, ""),
    ] {
        let (out, err, outcome) = run(&mut shell, line).await;
        assert_eq!((out.as_str(), outcome.status), (stdout, status), "{line}: {err}");
        assert!(err == stderr || (status == 60 && err.starts_with(stderr)), "{line}: {err}");
        let asked = std::mem::take(&mut *seen.lock().unwrap()).join(",");
        assert_eq!(asked, request, "{line}");
    }
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
fn nesting_has_an_end() {
    let lines = [
        "(".repeat(20_000),
        "$(".repeat(23) + "echo" + &")".repeat(23),
        "((".repeat(12) + "1" + &"))".repeat(12),
        "{ ".repeat(24) + "echo;" + &" }".repeat(24),
        "(".repeat(24) + "echo" + &")".repeat(24),
        "${A:-".repeat(23) + &"}".repeat(23),
        "\"$(".repeat(23) + "x" + &")\"".repeat(23),
        "{a,".repeat(23) + &"}".repeat(23),
        "{a,b}".repeat(40),
        "@(".repeat(23) + &")".repeat(23),
        "if ".repeat(40) + "true",
        "! ".repeat(5_000),
        "echo ".to_owned() + &"*".repeat(5_000),
        "`".repeat(5_001),
        "echo a".to_owned() + &" | cat".repeat(300),
        "a=1 ".repeat(5_000),
        "A=x; ".to_owned() + &"A=$A$A$A$A; ".repeat(40),
        "echo ".to_owned() + &"\\".repeat(9_999),
        format!("jq -n '{}1{}'", "[".repeat(150), "]".repeat(150)),
        format!("echo '{}' | jq -c .", "[".repeat(9_000) + &"]".repeat(9_000)),
        format!("jq -n '{}'", "1+".repeat(4_000) + "1"),
        format!("jq -n '{}'", "-".repeat(8_000) + "1"),
        format!("jq -n '{} .'", "if . then ".repeat(800)),
        format!("jq -n '{} .'", "def f: ".repeat(1_000)),
        format!("jq -n '{}'", "try ".repeat(2_000)),
        format!("jq -n '{}'", "1|".repeat(4_000) + "1"),
        format!("jq -n '{}'", "1 as $x | ".repeat(700) + "1"),
        format!("[ {} x ]", "! ".repeat(9_000)),
    ];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for line in lines {
        let start: String = line.chars().take(30).collect();
        let began = std::time::Instant::now();
        runtime.block_on(async { run(&mut shell(), &line).await });
        let took = began.elapsed();
        assert!(took < Duration::from_secs(10), "{start} took {took:?}");
        let _ = Shell::is_incomplete(&line);
    }
}

#[test]
fn commands_can_run_beside_the_screen() {
    fn is_send(_: impl Send) {}
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _inside = runtime.enter();
    let mut shell = shell();
    is_send(shell.run("", &mut Screen { stdout: &mut stdout, stderr: &mut stderr }));
    is_send(shell.complete("", 0));
}

#[test]
fn incomplete_lines() {
    for (line, want) in [
        ("echo 'a", true),
        ("cat <<EOF\nx", true),
        ("cat <<EOF\nx\nEOF\n", false),
        // A document that ends at an empty line.
        ("cat <<'' ", true),
        ("cat <<-\"\" # why", true),
        ("cat <<''\nx\n", true),
        ("cat <<''\nx\n\n", false),
        ("cat <<<'' ", false),
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

#[tokio::test]
async fn completion() {
    let mut shell = shell();
    let service = tower::service_fn(|request: http::Request<Body>| {
        let body = match request.uri().path() {
            "/api/v1" => {
                r#"{"kind":"APIResourceList","groupVersion":"v1","resources":[
                {"name":"pods","singularName":"pod","shortNames":["po"],"kind":"Pod","namespaced":true},
                {"name":"pods/log","singularName":"","kind":"Pod","namespaced":true},
                {"name":"serviceaccounts","singularName":"serviceaccount","shortNames":["sa"],"kind":"ServiceAccount","namespaced":true}]}"#
            }
            "/api/v1/namespaces/default/serviceaccounts" => {
                r#"{"items":[{"metadata":{"name":"builder"}},{"metadata":{"name":"default"}}]}"#
            }
            "/api/v1/namespaces/shop/serviceaccounts" => {
                r#"{"kind":"Table","columnDefinitions":[{"name":"Age","format":""},{"name":"Name","format":"name"}],
                "rows":[{"cells":["1s","clerk"]},{"cells":["2s"]},{"cells":["3s",4]}]}"#
            }
            _ => "{}",
        };
        std::future::ready(http::Response::builder().status(200).body(Body::from(body.as_bytes().to_vec())))
    });
    shell.kubectl.client = kube::Client::new(service, "default");
    shell.run("mkdir -p dir; touch pod.yaml", &mut Screen { stdout: &mut Vec::new(), stderr: &mut Vec::new() }).await;
    let rows: &[(&str, usize, &[&str])] = &[
        ("kub", 0, &["kubectl"]),
        ("echo a | base6", 9, &["base64"]),
        ("cat po", 4, &["pod.yaml"]),
        ("cat ", 4, &["dir/", "pod.yaml"]),
        ("k apply -f p", 11, &["pod.yaml"]),
        ("echo $HO", 5, &["$HOME"]),
        ("kubectl desc", 8, &["describe"]),
        ("k create tok", 9, &["token"]),
        ("k auth who", 7, &["whoami"]),
        ("k get --all-n", 6, &["--all-namespaces"]),
        ("k get -o y", 9, &["yaml"]),
        ("k get --output=wi", 15, &["wide"]),
        ("k create token d --dur", 17, &["--duration"]),
        ("k get s", 6, &["serviceaccounts"]),
        ("k get sa ", 9, &["builder", "default"]),
        ("k get sa/b", 6, &["sa/builder"]),
        ("k -n shop get sa ", 17, &["clerk"]),
        ("k create token d", 15, &["default"]),
        ("T=$(k create token d", 19, &["default"]),
        ("echo é", 5, &[]),
    ];
    for (line, start, want) in rows {
        let found = shell.complete(line, line.len()).await;
        let texts: Vec<&str> = found.iter().map(|candidate| candidate.text.as_str()).collect();
        assert_eq!(texts, *want, "{line}");
        assert!(found.iter().all(|candidate| candidate.start == *start), "{line}: {found:?}");
        assert!(!line.contains(" desc") || found.iter().all(|candidate| !candidate.help.is_empty()), "{found:?}");
    }
}
