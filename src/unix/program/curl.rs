//! `curl`, to what the machine's network reaches, with no identity but what its own headers carry.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, Method, Request};

use super::url::Place;
use super::{Call, Program, Run, args};
use crate::unix::{Unreached, ansi};

pub(super) const CURL: Program = Program {
    name: "curl",
    summary: "sends a request to the cluster's API server",
    usage: "[-ksSifvI] [-X METHOD] [-H HEADER] [-d DATA] [-o FILE] [-w FORMAT] [--cacert FILE] URL",
    run: Run::Later(run),
};

/// The most of an answer that is kept for a file.
const ANSWER_LIMIT: usize = 1 << 20;

const LONG: &[(&str, char)] = &[
    ("insecure", 'k'),
    ("silent", 's'),
    ("show-error", 'S'),
    ("include", 'i'),
    ("head", 'I'),
    ("fail", 'f'),
    ("verbose", 'v'),
    ("location", 'L'),
    ("no-buffer", 'N'),
    ("request", 'X'),
    ("header", 'H'),
    ("data", 'd'),
    ("data-raw", 'd'),
    ("data-binary", 'B'),
    ("json", 'J'),
    ("output", 'o'),
    ("write-out", 'w'),
    ("user", 'u'),
    ("user-agent", 'A'),
    ("max-time", 'm'),
    ("oauth2-bearer", 'T'),
    ("cacert", 'C'),
    ("cert", 'E'),
    ("key", 'K'),
    ("url", 'U'),
    ("connect-timeout", 'm'),
];

/// A fault: curl's number for it, and its words.
type Fault = (i32, String);

fn run<'a>(call: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    async move {
        let parsed = match args::parse(call.args, "ksSifvILNX:H:d:B:J:o:w:u:A:m:T:C:E:K:U:", LONG) {
            Ok(parsed) => parsed,
            Err(fault) => {
                let _ = writeln!(call.stderr, "curl: {}", fault.replace("unrecognized option", "option"));
                let _ = writeln!(call.stderr, "curl: try 'curl --help' for more information");
                return 2;
            }
        };
        match send(call, &parsed).await {
            Ok(()) => 0,
            Err((status, fault)) => {
                if !parsed.has('s') || parsed.has('S') {
                    let _ = writeln!(call.stderr, "curl: ({status}) {fault}");
                }
                status
            }
        }
    }
    .boxed()
}

async fn send(call: &mut Call<'_>, parsed: &args::Parsed) -> Result<(), Fault> {
    let url =
        parsed.rest.first().map(String::as_str).or(parsed.value('U')).ok_or((2, "no URL specified".to_owned()))?;
    let Some(network) = call.shell.machine.network.clone() else {
        return Err((7, "curl is not available on this cluster; kubectl get --raw is".to_owned()));
    };
    let place = place(url)?;
    let reach = network.reach(&place.host, place.port).map_err(|why| unreached(&place, why))?;
    match (reach.tls, place.secure) {
        (true, false) => {
            call.print("Client sent an HTTP request to an HTTPS server.\n");
            return Ok(());
        }
        (false, true) => {
            return Err((35, "TLS connect error: error:0A0000C6:SSL routines::packet length too long".to_owned()));
        }
        _ => {}
    }
    if reach.tls && !parsed.has('k') {
        trust(call, parsed)?;
    }
    let target = place.target.as_str();
    if parsed.has('E') || parsed.has('K') {
        return Err((58, "client certificates are not part of this shell".to_owned()));
    }
    let request = request(call, parsed, target).await?;
    if parsed.has('v') {
        let _ = writeln!(call.stderr, "> {} {target} HTTP/2", request.method());
        for (name, value) in request.headers() {
            let _ = writeln!(call.stderr, "> {name}: {}", String::from_utf8_lossy(value.as_bytes()));
        }
        let _ = writeln!(call.stderr, "> ");
    }
    let head = request.method() == Method::HEAD;
    let answer = network
        .send(&place.host, place.port, request)
        .await
        .map_err(|e| (7, format!("Failed to connect to the server: {e}")))?;
    let (parts, mut body) = answer.into_parts();
    let mut title = format!("HTTP/2 {} \r\n", parts.status.as_u16());
    for (name, value) in &parts.headers {
        title.push_str(&format!("{name}: {}\r\n", String::from_utf8_lossy(value.as_bytes())));
    }
    title.push_str("\r\n");
    if parsed.has('v') {
        let _ = call.stderr.write_all(title.lines().map(|line| format!("< {line}\n")).collect::<String>().as_bytes());
    }
    if parsed.has('f') && parts.status.as_u16() >= 400 {
        return Err((22, format!("The requested URL returned error: {}", parts.status.as_u16())));
    }
    let file = parsed.value('o');
    let mut kept = Vec::new();
    let mut size = 0;
    if parsed.has('i') || head {
        match file {
            Some(_) => kept.extend_from_slice(title.as_bytes()),
            None => call.print(&title),
        }
    }
    // A watch answers bit by bit: each bit is shown as it comes.
    while let Some(bytes) = body.next().await {
        let bytes = bytes.map_err(|error| (18, format!("transfer closed: {error}")))?;
        if head {
            continue;
        }
        size += bytes.len();
        match file {
            Some(_) if kept.len() + bytes.len() > ANSWER_LIMIT => {
                return Err((23, "Failure writing output to destination".to_owned()));
            }
            Some(_) => kept.extend_from_slice(&bytes),
            None => {
                call.write(&bytes);
                let _ = call.stdout.flush();
            }
        }
    }
    if let Some(path) = file.filter(|path| *path != "/dev/null") {
        let written = call.shell.files.write(path, &kept);
        written.map_err(|error| (23, format!("Failed to open the file {path}: {error}")))?;
    }
    if let Some(format) = parsed.value('w') {
        let code = parts.status.as_u16().to_string();
        let kind =
            parts.headers.get("content-type").map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let text = ansi::unescape(format, ansi::Kind::Format).0;
        let text = text.replace("%{http_code}", &code).replace("%{response_code}", &code);
        let text = text.replace("%{size_download}", &size.to_string()).replace("%{url}", url);
        call.print(&text.replace("%{content_type}", &kind.unwrap_or_default()));
    }
    Ok(())
}

fn place(url: &str) -> Result<Place, Fault> {
    let scheme = url.split_once("://").map(|(scheme, _)| scheme.to_lowercase());
    match scheme {
        Some(scheme) if scheme != "http" && scheme != "https" => {
            Err((1, format!("Protocol \"{scheme}\" not supported")))
        }
        _ => Place::of(url).map_err(|()| (3, format!("URL rejected: Malformed input to a URL function: {url}"))),
    }
}

fn unreached(Place { host, port, .. }: &Place, why: Unreached) -> Fault {
    match why {
        Unreached::NoSuchHost => (6, format!("Could not resolve host: {host}")),
        Unreached::Refused => {
            (7, format!("Failed to connect to {host} port {port} after 0 ms: Couldn't connect to server"))
        }
    }
}

/// Without `-k` the cluster's own authority has to be named.
fn trust(call: &Call<'_>, parsed: &args::Parsed) -> Result<(), Fault> {
    let unknown = "SSL certificate problem: unable to get local issuer certificate\n\
                   More details here: https://curl.se/docs/sslcerts.html\n\n\
                   curl failed to verify the legitimacy of the server and therefore could not\n\
                   establish a secure connection to it. To learn more about this situation and\n\
                   how to fix it, please visit the webpage mentioned above.";
    let Some(path) = parsed.value('C') else { return Err((60, unknown.to_owned())) };
    let content = call.shell.files.read(path).unwrap_or_default();
    if !String::from_utf8_lossy(&content).contains("-----BEGIN CERTIFICATE-----") {
        return Err((
            77,
            format!("error setting certificate verify locations:  CAfile: {path} CApath: /etc/ssl/certs"),
        ));
    }
    Ok(())
}

async fn request(call: &Call<'_>, parsed: &args::Parsed, target: &str) -> Result<Request<Bytes>, Fault> {
    let mut data: Option<Vec<u8>> = None;
    let mut kind = None;
    for (letter, value) in parsed.options.iter().filter(|(letter, _)| matches!(letter, 'd' | 'B' | 'J')) {
        let bytes = match value.strip_prefix('@') {
            Some("-") => call.stdin.all().await.unwrap_or_default(),
            Some(path) => {
                let read = call.shell.files.read(path);
                let read = read.map_err(|error| (26, format!("Failed to open {path}: {error}")))?;
                // `-d` joins the lines of a file, `--data-binary` keeps them.
                read.into_iter().filter(|byte| *letter != 'd' || !matches!(byte, b'\n' | b'\r')).collect()
            }
            None => value.as_bytes().to_vec(),
        };
        kind = Some(if *letter == 'J' { "application/json" } else { "application/x-www-form-urlencoded" });
        match &mut data {
            Some(all) => {
                all.extend(if *letter == 'J' { &b""[..] } else { b"&" });
                all.extend(bytes);
            }
            None => data = Some(bytes),
        }
    }
    let mut headers = HeaderMap::new();
    let mut set = |name: &str, value: &str| {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name.trim()), HeaderValue::try_from(value.trim())) {
            headers.insert(name, value);
        }
    };
    set("user-agent", parsed.value('A').unwrap_or("curl/8.5.0"));
    set("accept", if kind == Some("application/json") { "application/json" } else { "*/*" });
    if let Some(kind) = kind {
        set("content-type", kind);
    }
    if let Some(user) = parsed.value('u') {
        set("authorization", &format!("Basic {}", STANDARD.encode(user)));
    }
    if let Some(token) = parsed.value('T') {
        set("authorization", &format!("Bearer {token}"));
    }
    let mut removed = Vec::new();
    for (_, header) in parsed.options.iter().filter(|(letter, _)| *letter == 'H') {
        match header.split_once(':') {
            // `-H 'Accept:'` takes a header away.
            Some((name, "")) => removed.push(name.to_owned()),
            Some((name, value)) => set(name, value),
            None => {}
        }
    }
    for name in removed {
        headers.remove(name);
    }
    let method = match parsed.value('X') {
        Some(method) => Method::from_bytes(method.as_bytes()).map_err(|_| (3, format!("bad method: {method}")))?,
        None if parsed.has('I') => Method::HEAD,
        None if data.is_some() => Method::POST,
        None => Method::GET,
    };
    let mut request = Request::new(Bytes::from(data.unwrap_or_default()));
    *request.method_mut() = method;
    *request.uri_mut() = target.parse().map_err(|_| (3, format!("URL rejected: {target}")))?;
    *request.headers_mut() = headers;
    Ok(request)
}
