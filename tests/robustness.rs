//! Nonsense, excess, slowness and haste at the network door: each gets its proper error, and the server goes on.

use http_body_util::BodyExt as _;
use kube::client::Body;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::support::door::{Door, PATIENCE, Reply, ask, limited};
use crate::support::panics;

const JSON: (&str, &[u8]) = ("Content-Type", b"application/json");
const MAPS: &str = "/api/v1/namespaces/default/configmaps";
const LIMIT: usize = 3 * 1024 * 1024;

/// One cluster for the tests that leave nothing behind.
async fn door() -> Door {
    panics::watch();
    Door::open(36).await
}

async fn admin(door: &Door, method: &str, path: &str, headers: &[(&str, &[u8])], body: &[u8]) -> Reply {
    ask(&mut door.http(true).await, method, path, headers, body).await
}

/// The server answers as on its first day.
#[track_caller]
fn alive(door: &Door) -> impl Future<Output = ()> {
    let what = std::panic::Location::caller();
    async move {
        let reply = admin(door, "GET", "/api/v1/namespaces/default/serviceaccounts/default", &[], b"").await;
        assert_eq!((reply.code, &reply.json()["kind"]), (200, &json!("ServiceAccount")), "after {what}");
        panics::expect_none(what);
    }
}

/// What went wrong in a table, told at its end.
#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    fn check(&mut self, holds: bool, what: &str, got: &str) {
        if !holds {
            self.0.push(format!("{what}: {got:.300}"));
        }
    }

    #[track_caller]
    fn none(&self) {
        assert!(self.0.is_empty(), "{}", self.0.join("\n"));
    }
}

/// The codes of the answers in a text of several.
fn codes(text: &str) -> Vec<u16> {
    let text = text.replace("HTTP/1.0 ", "HTTP/1.1 ");
    text.split("HTTP/1.1 ").skip(1).map(|answer| answer[..3].parse().expect("a code")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn malformed_http_is_refused() {
    let door = door().await;
    let close = "Host: x\r\nConnection: close\r\n\r\n";
    let rows: Vec<(&str, Vec<u8>, &[u16])> = vec![
        ("nothing but a line end", b"\r\n\r\n\r\n".to_vec(), &[]),
        ("noise", vec![0xff, 0, 1, 2, 3, 0xfe, b'\r', b'\n', b'\r', b'\n'], &[400]),
        ("one word", b"HELLO\r\n\r\n".to_vec(), &[400]),
        ("no path", b"GET  HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(), &[400]),
        ("a version of nobody", format!("GET /api HTTP/9.9\r\n{close}").into(), &[400]),
        ("HTTP/2 without asking", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), &[400]),
        ("a header without a colon", b"GET /api HTTP/1.1\r\nHost x\r\n\r\n".to_vec(), &[400]),
        ("a header with a blank in its name", b"GET /api HTTP/1.1\r\nHo st: x\r\n\r\n".to_vec(), &[400]),
        ("a header with a null", b"GET /api HTTP/1.1\r\nHost: x\0y\r\n\r\n".to_vec(), &[400]),
        ("a folded header", b"GET /api HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n".to_vec(), &[400]),
        ("two lengths", format!("POST {MAPS} HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n{close}{{}}").into(), &[400]),
        ("a length that is a word", format!("POST {MAPS} HTTP/1.1\r\nContent-Length: many\r\n{close}").into(), &[400]),
        ("a length below zero", format!("POST {MAPS} HTTP/1.1\r\nContent-Length: -1\r\n{close}").into(), &[400]),
        ("a length beyond counting", format!("POST {MAPS} HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n{close}").into(), &[400]),
        ("a coding of nobody", format!("POST {MAPS} HTTP/1.1\r\nTransfer-Encoding: zipped\r\n{close}").into(), &[400]),
        ("a chunk that is no number", format!("POST {MAPS} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n{close}zz\r\n{{}}\r\n0\r\n\r\n").into(), &[400]),
        ("a chunk beyond counting", format!("POST {MAPS} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n{close}ffffffffffffffffff\r\n{{}}\r\n").into(), &[400]),
        ("more headers than anybody needs", format!("GET /api HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(20_000)).into(), &[431]),
        ("a header of two megabytes", format!("GET /api HTTP/1.1\r\nX: {}\r\n{close}", "y".repeat(2 << 20)).into(), &[431]),
        ("a path of two megabytes", format!("GET /{} HTTP/1.1\r\n{close}", "y".repeat(2 << 20)).into(), &[414, 431]),
        ("a path of sixty thousand letters", format!("GET /api/v1/{} HTTP/1.1\r\n{close}", "y".repeat(60_000)).into(), &[404]),
        ("a hundred thousand slashes", format!("GET {} HTTP/1.1\r\n{close}", "/".repeat(60_000)).into(), &[200, 404]),
        ("a whole URL", format!("GET http://elsewhere/version HTTP/1.1\r\n{close}").into(), &[200]),
        ("a star", format!("OPTIONS * HTTP/1.1\r\n{close}").into(), &[403, 404, 405]),
        ("a proxy's request", b"CONNECT elsewhere:443 HTTP/1.1\r\nHost: elsewhere:443\r\nConnection: close\r\n\r\n".to_vec(), &[400, 403, 404, 405]),
        ("a verb of nobody", format!("FROB {MAPS} HTTP/1.1\r\n{close}").into(), &[405]),
        ("TRACE", format!("TRACE {MAPS} HTTP/1.1\r\n{close}").into(), &[405]),
        ("HTTP/1.0", b"GET /version HTTP/1.0\r\n\r\n".to_vec(), &[200]),
        ("a path out of the tree", format!("GET /api/v1/namespaces/../../../etc/passwd HTTP/1.1\r\n{close}").into(), &[404]),
        ("the same in percents", format!("GET /api/v1/namespaces/%2e%2e%2f%2e%2e/pods HTTP/1.1\r\n{close}").into(), &[200, 404]),
        ("a null in percents", format!("GET {MAPS}/a%00b HTTP/1.1\r\n{close}").into(), &[404]),
        ("half a percent", format!("GET {MAPS}/a%2 HTTP/1.1\r\n{close}").into(), &[400]),
        ("no letters in percents", format!("GET {MAPS}/%ff%fe HTTP/1.1\r\n{close}").into(), &[404]),
        ("a slash in percents", format!("GET {MAPS}/a%2fb HTTP/1.1\r\n{close}").into(), &[404]),
        ("deep below an object", format!("GET {MAPS}/a/b/c/d/e/f HTTP/1.1\r\n{close}").into(), &[404]),
        ("HTTP without TLS inside TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec(), &[400]),
        ("three requests in one piece", format!("GET /version HTTP/1.1\r\nHost: x\r\n\r\nGET {MAPS}/nobody HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\n{close}").into(), &[200]),
        ("a body that was not announced", format!("GET /version HTTP/1.1\r\nHost: x\r\n\r\n{{}}GET /version HTTP/1.1\r\n{close}").into(), &[200]),
        ("a request hidden in a body", format!("POST {MAPS} HTTP/1.1\r\nHost: x\r\nContent-Length: 44\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nDELETE /api/v1/namespaces/default HTTP/1.1\r\nHost: x\r\n\r\n").into(), &[400]),
    ];
    let mut faults = Faults::default();
    for (what, bytes, wanted) in rows {
        // A client that sends nothing whole waits for the server's patience to end; so it leaves first.
        let answer = if wanted.is_empty() {
            let mut stream = door.connect_as_admin().await;
            stream.write_all(&bytes).await.expect("written");
            String::new()
        } else {
            door.raw(&bytes).await
        };
        match codes(&answer).first() {
            Some(code) => faults.check(wanted.contains(code), what, &answer),
            // To close at once is an answer to what is no HTTP, and to what is too much to be read.
            None => faults.check(wanted.iter().all(|code| matches!(code, 400 | 431 | 414)), what, "closed"),
        }
    }
    let answer = door.raw(format!("GET /version HTTP/1.1\r\nHost: x\r\n\r\nGET {MAPS}/nobody HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\n{close}").as_bytes()).await;
    assert_eq!(codes(&answer), [200, 404, 200], "pipelined requests are answered in order");
    // The namespace that the hidden request wanted to delete is as it was.
    let reply = admin(&door, "GET", "/api/v1/namespaces/default", &[], b"").await;
    assert_eq!(reply.json()["status"]["phase"], "Active");
    faults.none();
    alive(&door).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_have_a_limit_and_a_language() {
    let door = door().await;
    let too_large = format!("Request entity too large: limit is {LIMIT}");
    let map =
        |size: usize| json!({"metadata": {"name": "big"}, "data": {"a": "x".repeat(size)}}).to_string().into_bytes();
    let deep = |open: &str, close: &str, times: usize| {
        [
            format!("{{\"metadata\":{{\"name\":\"deep\"}},\"x\":{}", open.repeat(times)),
            "1".to_owned(),
            close.repeat(times),
            "}".to_owned(),
        ]
        .concat()
        .into_bytes()
    };
    let bomb = {
        let mut text = "a: &a [x,x,x,x,x,x,x,x,x]\n".to_owned();
        for (last, next) in "abcdefgh".chars().zip("bcdefghi".chars()) {
            let aliases = vec![format!("*{last}"); 9].join(",");
            text.push_str(&format!("{next}: &{next} [{aliases}]\n"));
        }
        text.into_bytes()
    };
    let merge = "application/merge-patch+json";
    let yaml = "application/yaml";
    let map_path = format!("{MAPS}/kube-root-ca.crt");
    let operations = vec![json!({"op": "test", "path": "/kind", "value": "ConfigMap"}); 10_001];
    let operations = Value::from(operations).to_string().into_bytes();
    /// What it is, method, path, media type, body; the code and part of the message wanted.
    type Row<'a> = (&'a str, &'a str, &'a str, &'a str, Vec<u8>, u16, &'a str);
    let rows: Vec<Row<'_>> = vec![
        ("a body just over the limit", "POST", MAPS, "application/json", map(LIMIT), 413, &too_large),
        ("a large patch", "PATCH", &map_path, merge, map(LIMIT), 413, &too_large),
        ("a large replacement", "PUT", &map_path, "application/json", map(LIMIT), 413, &too_large),
        ("large options", "DELETE", &map_path, "application/json", map(LIMIT), 413, &too_large),
        (
            "a large review",
            "POST",
            "/apis/authentication.k8s.io/v1/tokenreviews",
            "application/json",
            map(LIMIT),
            413,
            &too_large,
        ),
        (
            "a large token request",
            "POST",
            "/api/v1/namespaces/default/serviceaccounts/default/token",
            "application/json",
            map(LIMIT),
            413,
            &too_large,
        ),
        (
            "too many operations",
            "PATCH",
            &map_path,
            "application/json-patch+json",
            operations,
            413,
            "Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001",
        ),
        ("nothing", "POST", MAPS, "application/json", Vec::new(), 400, "unexpected end of JSON input"),
        (
            "half an object",
            "POST",
            MAPS,
            "application/json",
            b"{\"metadata\":{".to_vec(),
            400,
            "unexpected end of JSON input",
        ),
        ("no JSON", "POST", MAPS, "application/json", b"<html>".to_vec(), 400, "looking for beginning of value"),
        ("two objects", "POST", MAPS, "application/json", b"{}{}".to_vec(), 400, "after top-level value"),
        ("a list", "POST", MAPS, "application/json", b"[]".to_vec(), 400, ""),
        ("a text", "POST", MAPS, "application/json", b"\"x\"".to_vec(), 400, ""),
        ("a null", "POST", MAPS, "application/json", b"null".to_vec(), 422, ""),
        ("no letters", "POST", MAPS, "application/json", vec![b'{', b'"', 0xff, 0xfe, b'"', b':', b'1', b'}'], 400, ""),
        (
            "a text for a token request",
            "POST",
            "/api/v1/namespaces/default/serviceaccounts/default/token",
            "application/json",
            b"\"x\"".to_vec(),
            400,
            "json parse error: json: cannot unmarshal",
        ),
        (
            "a list for a review",
            "POST",
            "/apis/authentication.k8s.io/v1/tokenreviews",
            "application/json",
            b"[]".to_vec(),
            400,
            "json parse error: json: cannot unmarshal",
        ),
        (
            "a number for a review",
            "POST",
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            "application/json",
            b"7".to_vec(),
            400,
            "json parse error: json: cannot unmarshal",
        ),
        (
            "another kind",
            "POST",
            MAPS,
            "application/json",
            b"{\"kind\":\"Pod\",\"apiVersion\":\"v1\"}".to_vec(),
            400,
            "",
        ),
        ("deep lists", "POST", MAPS, "application/json", deep("[", "]", 100_000), 400, ""),
        ("deep objects", "POST", MAPS, "application/json", deep("{\"a\":", "}", 100_000), 400, ""),
        ("a deep patch", "PATCH", &map_path, merge, deep("[", "]", 100_000), 400, ""),
        ("deep YAML", "POST", MAPS, yaml, [vec![b'['; 100_000], vec![b']'; 100_000]].concat(), 400, ""),
        ("YAML that grows", "POST", MAPS, yaml, bomb, 400, ""),
        ("broken YAML", "POST", MAPS, yaml, b"a: b: c".to_vec(), 400, ""),
        ("YAML with tabs", "POST", MAPS, yaml, b"a:\n\t- b".to_vec(), 400, ""),
        (
            "a form",
            "POST",
            MAPS,
            "application/x-www-form-urlencoded",
            b"a=b".to_vec(),
            415,
            "the body of the request was in an unknown format",
        ),
        (
            "a text file",
            "POST",
            MAPS,
            "text/plain",
            b"{}".to_vec(),
            415,
            "the body of the request was in an unknown format",
        ),
        (
            "an object as a patch",
            "PATCH",
            &map_path,
            "application/json",
            b"{}".to_vec(),
            415,
            "415: Unsupported Media Type",
        ),
        ("a media type of nonsense", "POST", MAPS, ";;;", b"{}".to_vec(), 415, ""),
        ("a merge patch that is a list", "PATCH", &map_path, merge, b"[]".to_vec(), 400, ""),
        ("a merge patch that is a text", "PATCH", &map_path, merge, b"\"x\"".to_vec(), 400, ""),
        ("a JSON patch that is an object", "PATCH", &map_path, "application/json-patch+json", b"{}".to_vec(), 400, ""),
        (
            "an operation of nobody",
            "PATCH",
            &map_path,
            "application/json-patch+json",
            br#"[{"op":"frob","path":"/a"}]"#.to_vec(),
            422,
            "",
        ),
        (
            "a patch of what is not there",
            "PATCH",
            &map_path,
            "application/json-patch+json",
            br#"[{"op":"remove","path":"/nothing/here"}]"#.to_vec(),
            422,
            "",
        ),
        (
            "a test that fails",
            "PATCH",
            &map_path,
            "application/json-patch+json",
            br#"[{"op":"test","path":"/kind","value":"Pod"}]"#.to_vec(),
            422,
            "",
        ),
        (
            "a directive of nobody",
            "PATCH",
            &map_path,
            "application/strategic-merge-patch+json",
            br#"{"data":{"$patch":"frob"}}"#.to_vec(),
            500,
            "",
        ),
    ];
    let mut faults = Faults::default();
    for (what, method, path, kind, body, code, message) in rows {
        let reply = admin(&door, method, path, &[("Content-Type", kind.as_bytes())], &body).await;
        faults.check(reply.code == code, &format!("{what}, {code} wanted"), &reply.text);
        faults.check(reply.message().contains(message), &format!("{what}, {message:?} wanted"), &reply.text);
        faults.check(reply.json()["kind"] == "Status", &format!("{what}, a status wanted"), &reply.text);
    }
    // Just below the limit of a body, the object is too large for what Kubernetes lets a config map hold.
    let reply = admin(&door, "POST", MAPS, &[JSON], &map(LIMIT - 100)).await;
    faults.check(reply.code == 422, "an object that is too large", &reply.text);
    let reply = admin(&door, "POST", MAPS, &[JSON], &map(1_000_000)).await;
    assert_eq!(reply.code, 201, "{:.300}", reply.text);
    // A body in pieces has the same limit, and what announces too much is refused.
    let head = format!(
        "POST {MAPS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    );
    let chunk = format!("{:x}\r\n{}\r\n", 1 << 20, "x".repeat(1 << 20));
    let answer = door.raw(format!("{head}{}0\r\n\r\n", chunk.repeat(4)).as_bytes()).await;
    assert!(answer.is_empty() || codes(&answer) == [413], "{answer:.300}");
    faults.none();
    alive(&door).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_parameters_are_refused() {
    let door = door().await;
    let mut faults = Faults::default();
    for (query, code, message) in [
        ("limit=abc", 400, "strconv.ParseInt: parsing \"abc\": invalid syntax"),
        ("limit=99999999999999999999", 400, "strconv.ParseInt: parsing \"99999999999999999999\": value out of range"),
        ("limit=-1", 200, ""),
        ("watch=true&timeoutSeconds=soon", 400, "strconv.ParseInt: parsing \"soon\": invalid syntax"),
        ("labelSelector=a%3D%3Db%3D%3Dc", 400, "found '==', expected: ',' or 'end of string'"),
        ("labelSelector=a+in+(", 400, "unable to parse requirement"),
        ("labelSelector=-bad-", 400, "unable to parse requirement"),
        ("labelSelector=a%3D%ff", 400, ""),
        ("fieldSelector=spec.colour%3Dred", 400, "is not a known field selector: only"),
        ("fieldSelector=%3D%3D%3D", 400, ""),
        ("resourceVersion=yesterday", 400, "strconv.ParseUint: parsing \"yesterday\": invalid syntax"),
        ("resourceVersion=-1", 400, ""),
        ("watch=true&resourceVersion=yesterday", 422, ""),
        ("continue=garbage", 400, "continue key is not valid"),
        ("continue=%00", 400, "continue key is not valid"),
        ("watch=false", 200, ""),
        ("watch=0", 200, ""),
        ("&&&=&=a&b=&%", 200, ""),
        ("pretty=maybe", 200, ""),
        ("x=y", 200, ""),
    ] {
        let reply = admin(&door, "GET", &format!("{MAPS}?{query}"), &[], b"").await;
        faults.check(reply.code == code, &format!("{query}, {code} wanted"), &reply.text);
        faults.check(reply.message().contains(message), &format!("{query}, {message:?} wanted"), &reply.text);
    }
    for (method, query, code) in [("POST", "dryRun=maybe", 422), ("POST", "fieldValidation=Sometimes", 422)] {
        let path = if method == "POST" { MAPS.to_owned() } else { format!("{MAPS}/kube-root-ca.crt") };
        let body = if method == "POST" { &b"{}"[..] } else { b"" };
        let reply = admin(&door, method, &format!("{path}?{query}"), &[JSON], body).await;
        faults.check(reply.code == code, &format!("{method} {query}, {code} wanted"), &reply.text);
    }
    for (accept, code) in [
        ("text/html", 406),
        ("application/json", 200),
        ("*/*", 200),
        (";;q=,,", 406),
        ("application/json;as=Table;v=v9;g=x,application/json", 200),
    ] {
        let reply = admin(&door, "GET", MAPS, &[("Accept", accept.as_bytes())], b"").await;
        faults.check(reply.code == code, &format!("{accept}, {code} wanted"), &reply.text);
    }
    // Headers of impersonation that say nothing useful.
    for (name, value, code) in [
        ("Impersonate-Group", &b"g"[..], 400),
        ("Impersonate-Uid", b"u", 400),
        ("Impersonate-User", b"\xff\xfe", 403),
        ("Impersonate-Extra-%zz", b"x", 400),
    ] {
        let reply = admin(&door, "GET", MAPS, &[(name, value)], b"").await;
        faults.check(reply.code == code, &format!("{name}, {code} wanted"), &reply.text);
    }
    faults.none();
    alive(&door).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_and_rude_clients_hurt_nobody() {
    let door = door().await;
    // They connect and say nothing, stop in the middle of a head, of a body, of a handshake.
    let mut held = Vec::new();
    for begun in [
        "",
        "GET /api HTTP/1.1\r\nHost",
        &format!("POST {MAPS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{"),
    ] {
        for _ in 0..20 {
            let mut stream = door.connect_as_admin().await;
            stream.write_all(begun.as_bytes()).await.expect("written");
            held.push(stream);
        }
    }
    let mut strangers = Vec::new();
    for bytes in [&b""[..], b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x00", b"\x16\x03\x03\xff\xff\x01"] {
        for _ in 0..20 {
            let mut stream = tokio::net::TcpStream::connect(door.address).await.expect("connected");
            stream.write_all(bytes).await.expect("written");
            strangers.push(stream);
        }
    }
    alive(&door).await;
    // One who sends a letter at a time is served at the end.
    let mut stream = door.connect_as_admin().await;
    for byte in b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" {
        stream.write_all(&[*byte]).await.expect("written");
        stream.flush().await.expect("sent");
    }
    let mut answer = String::new();
    limited("an answer", stream.read_to_string(&mut answer)).await.expect("text");
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("ok"), "{answer}");
    // One who says no more after the request is answered or left, at once.
    let mut stream = door.connect_as_admin().await;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("written");
    stream.shutdown().await.expect("half closed");
    let mut answer = Vec::new();
    let _ = limited("an end", stream.read_to_end(&mut answer)).await;
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 200 "));
    // Those who go away in the middle take nothing with them: not a half-sent object, not the connection's task.
    drop(held);
    drop(strangers);
    let half = format!(
        "POST {MAPS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{\"metadata\":{{\"name\":\"half\"}}"
    );
    let mut stream = door.connect_as_admin().await;
    stream.write_all(half.as_bytes()).await.expect("written");
    drop(stream);
    // Ten who ask for much and never read.
    let many = json!({"metadata": {"name": "much"}, "data": {"a": "x".repeat(900_000)}}).to_string();
    assert_eq!(admin(&door, "POST", MAPS, &[JSON], many.as_bytes()).await.code, 201);
    let mut deaf = Vec::new();
    for _ in 0..10 {
        let mut stream = door.connect_as_admin().await;
        stream
            .write_all(format!("GET {MAPS} HTTP/1.1\r\nHost: x\r\n\r\n").repeat(20).as_bytes())
            .await
            .expect("written");
        deaf.push(stream);
    }
    alive(&door).await;
    assert_eq!(admin(&door, "GET", &format!("{MAPS}/half"), &[], b"").await.code, 404);
    drop(deaf);
    alive(&door).await;
}

/// How many connections the server holds at its door; nothing where that cannot be asked.
fn connections(door: &Door) -> usize {
    // The second word of a row is the server's address, the fourth is 01 for a connection that stands.
    let port = format!(":{:04X}", door.address.port());
    let table = std::fs::read_to_string("/proc/self/net/tcp").unwrap_or_default();
    let stands = |line: &&str| {
        let mut words = line.split_whitespace().skip(1);
        words.next().is_some_and(|local| local.ends_with(&port)) && words.nth(1) == Some("01")
    };
    table.lines().filter(stands).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_write_reaches_thousands_of_watches() {
    const INSIDE: usize = 2000;
    const OUTSIDE: usize = 300;
    let door = door().await;
    let path = format!("{MAPS}?watch=true&resourceVersion={}", door.simulator.plane().store.revision());
    let client = door.simulator.admin();
    let mut watches = Vec::new();
    for _ in 0..INSIDE {
        let request = http::Request::get(&path).body(Body::empty()).expect("a request");
        watches.push(limited("a stream", client.send(request)).await.expect("a stream").into_body());
    }
    let before = connections(&door);
    let mut streams = Vec::new();
    for _ in 0..OUTSIDE {
        let mut stream = door.connect_as_admin().await;
        stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes()).await.expect("written");
        streams.push(stream);
    }
    let wanted = r#""name":"news""#;
    let read_one = async |stream: &mut (dyn tokio::io::AsyncRead + Unpin + Send)| {
        let (mut text, mut chunk) = (String::new(), vec![0; 8192]);
        while !text.contains(wanted) {
            let count = limited("the news", stream.read(&mut chunk)).await.expect("bytes");
            assert!(count > 0, "the stream ended: {text}");
            text.push_str(&String::from_utf8_lossy(&chunk[..count]));
        }
        text
    };
    let news = json!({"metadata": {"name": "news"}}).to_string();
    assert_eq!(admin(&door, "POST", MAPS, &[JSON], news.as_bytes()).await.code, 201);
    for watch in &mut watches {
        let frame = limited("the news", watch.frame()).await.expect("the stream goes on").expect("a frame");
        let text = String::from_utf8(frame.into_data().expect("data").to_vec()).expect("text");
        assert!(text.contains(wanted) && text.contains(r#""type":"ADDED""#), "{text}");
    }
    for stream in &mut streams {
        let text = read_one(stream).await;
        assert_eq!(codes(&text), [200]);
        assert_eq!(text.matches(wanted).count(), 1, "{text}");
    }
    alive(&door).await;
    // Most of those outside break off; the others miss nothing, and what the broken ones held is given back.
    streams.truncate(OUTSIDE / 10);
    let more = json!({"metadata": {"labels": {"more": "news"}}}).to_string();
    let patch = [("Content-Type", &b"application/merge-patch+json"[..])];
    assert_eq!(admin(&door, "PATCH", &format!("{MAPS}/news"), &patch, more.as_bytes()).await.code, 200);
    for stream in &mut streams {
        let text = read_one(stream).await;
        assert!(text.contains(r#""type":"MODIFIED""#), "{text}");
    }
    drop(watches);
    drop(streams);
    let gone = tokio::time::timeout(PATIENCE, async {
        // Every request gives the server's tasks a turn to notice.
        while connections(&door) > before + 20 {
            alive(&door).await;
        }
    });
    assert!(gone.await.is_ok(), "connections that are gone are still held: {}, {before} before", connections(&door));
}
