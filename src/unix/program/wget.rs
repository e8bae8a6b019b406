//! `wget`, as BusyBox has it: fetches a file, without any identity but what its headers carry.

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use http::header::{HeaderName, HeaderValue};
use http::{Method, Request};

use super::url::Place;
use super::{Call, Program, Run, args};
use crate::unix::{Unreached, limits};

pub(super) const WGET: Program = Program {
    name: "wget",
    summary: "fetches a file",
    usage: "[-q] [-O FILE] [--header STR] [--no-check-certificate] [--post-data STR] URL...",
    run: Run::Later(run),
};

fn run<'a>(call: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    async move {
        let long = [
            ("quiet", 'q'),
            ("output-document", 'O'),
            ("header", 'H'),
            ("no-check-certificate", 'k'),
            ("ca-certificate", 'C'),
            ("post-data", 'd'),
            ("user-agent", 'U'),
            ("timeout", 'T'),
            ("server-response", 'S'),
        ];
        let parsed = match args::parse(call.args, "qO:H:kC:d:U:T:S", &long) {
            Ok(parsed) => parsed,
            Err(fault) => return call.misused(&fault, 1),
        };
        if parsed.rest.is_empty() {
            return call.misused("missing URL", 1);
        }
        for url in &parsed.rest {
            if let Err(fault) = fetch(call, &parsed, url).await {
                call.complain(&fault);
                return 1;
            }
        }
        0
    }
    .boxed()
}

async fn fetch(call: &mut Call<'_>, parsed: &args::Parsed, url: &str) -> Result<(), String> {
    let place = Place::of(url).map_err(|()| format!("not an http or ftp url: {url}"))?;
    let host = &place.host;
    let bad = || format!("bad address '{host}'");
    let refused = || format!("can't connect to remote host ({host}): Connection refused");
    let network = call.shell.machine.network.clone().ok_or_else(bad)?;
    let reach = network.reach(host, place.port).map_err(|why| match why {
        Unreached::NoSuchHost => bad(),
        Unreached::Refused => refused(),
    })?;
    if reach.tls != place.secure {
        return Err(match reach.tls {
            true => "server returned error: HTTP/1.0 400 Bad Request".to_owned(),
            false => "TLS error from peer".to_owned(),
        });
    }
    let data = parsed.value('d').map(str::to_owned);
    let mut request = Request::new(Bytes::from(data.clone().unwrap_or_default()));
    *request.method_mut() = if data.is_some() { Method::POST } else { Method::GET };
    *request.uri_mut() = place.target.parse().map_err(|_| bad())?;
    let mut headers = vec![("user-agent", parsed.value('U').unwrap_or("Wget"))];
    headers.extend(
        parsed.options.iter().filter(|(letter, _)| *letter == 'H').filter_map(|(_, text)| text.split_once(':')),
    );
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name.trim()), HeaderValue::try_from(value.trim())) {
            request.headers_mut().insert(name, value);
        }
    }
    let answer = network.send(host, place.port, request).await.map_err(|_| refused())?;
    let status = answer.status();
    if !status.is_success() {
        return Err(format!("server returned error: HTTP/1.1 {status}"));
    }
    let last = place.target.split('?').next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    let file = parsed.value('O').unwrap_or(if last.is_empty() { "index.html" } else { last }).to_owned();
    let mut kept = Vec::new();
    let mut body = answer.into_body();
    while let Some(bytes) = body.next().await {
        let bytes = bytes.map_err(|_| "error getting response: Connection reset by peer".to_owned())?;
        if file == "-" {
            call.write(&bytes);
        } else if kept.len() + bytes.len() > limits::FILE {
            return Err("write error: No space left on device".to_owned());
        } else {
            kept.extend_from_slice(&bytes);
        }
    }
    if file != "-" {
        call.shell.files.write(&file, &kept).map_err(|error| format!("can't open '{file}': {error}"))?;
    }
    Ok(())
}
