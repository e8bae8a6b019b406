//! `curl`: speaks to the API server, with curl's own words when it cannot.

use futures::future::BoxFuture;
use http::Method;

use super::http::{Url, header, send};
use super::{Process, Program};

/// The program.
pub struct Curl;

#[derive(Default)]
struct Wish {
    urls: Vec<String>,
    headers: Vec<(String, String)>,
    method: Option<String>,
    data: Option<String>,
    insecure: bool,
    ca: Option<String>,
    silent: bool,
    show_errors: bool,
    with_headers: bool,
    fail: bool,
    output: Option<String>,
    write_out: Option<String>,
}

impl Program for Curl {
    fn names(&self) -> &'static [&'static str] {
        &["curl"]
    }

    fn run(&self, process: Process) -> BoxFuture<'static, i32> {
        Box::pin(async move {
            let wish = match read_options(process.arguments()) {
                Ok(wish) => wish,
                Err(why) => {
                    (process.stderr)(format!("curl: {why}\ncurl: try 'curl --help' for more information\n").as_bytes());
                    return 2;
                }
            };
            if wish.urls.is_empty() {
                (process.stderr)(b"curl: (2) no URL specified\ncurl: try 'curl --help' for more information\n");
                return 2;
            }
            let mut code = 0;
            for url in &wish.urls {
                code = fetch(&process, &wish, url).await;
            }
            code
        })
    }
}

fn read_options(words: &[String]) -> Result<Wish, String> {
    let mut wish = Wish::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut letters: Vec<(String, Option<String>)> = Vec::new();
        if let Some(long) = word.strip_prefix("--") {
            letters.push((long.to_owned(), None));
        } else if let Some(short) = word.strip_prefix('-').filter(|short| !short.is_empty()) {
            // What follows a letter that wants a value is its value.
            for (at, letter) in short.char_indices() {
                if "HXdowmA".contains(letter) {
                    let rest = &short[at + letter.len_utf8()..];
                    letters.push((letter.to_string(), (!rest.is_empty()).then(|| rest.to_owned())));
                    break;
                }
                letters.push((letter.to_string(), None));
            }
        } else {
            wish.urls.push(word.clone());
        }
        for (option, value) in letters {
            let mut value = || {
                let next = value.clone().or_else(|| words.next().cloned());
                next.ok_or_else(|| format!("option {word}: requires parameter"))
            };
            match option.as_str() {
                "H" | "header" => wish.headers.extend(header(&value()?)),
                "oauth2-bearer" => wish.headers.push(("Authorization".to_owned(), format!("Bearer {}", value()?))),
                "X" | "request" => wish.method = Some(value()?),
                "d" | "data" | "data-raw" => wish.data = Some(value()?),
                "cacert" => wish.ca = Some(value()?),
                "o" | "output" => wish.output = Some(value()?),
                "w" | "write-out" => wish.write_out = Some(value()?),
                "m" | "max-time" | "connect-timeout" | "A" | "user-agent" => drop(value()?),
                "k" | "insecure" => wish.insecure = true,
                "s" | "silent" => wish.silent = true,
                "S" | "show-error" => wish.show_errors = true,
                "i" | "include" => wish.with_headers = true,
                "f" | "fail" => wish.fail = true,
                "L" | "location" | "v" | "verbose" | "g" => {}
                _ => return Err(format!("option {word}: is unknown")),
            }
        }
    }
    Ok(wish)
}

async fn fetch(process: &Process, wish: &Wish, text: &str) -> i32 {
    let complain = |code: i32, why: String| {
        if !wish.silent || wish.show_errors {
            (process.stderr)(format!("curl: ({code}) {why}\n").as_bytes());
        }
        code
    };
    let url = Url::parse(text);
    if !url.is_api_server() {
        return complain(6, format!("Could not resolve host: {}", url.host));
    }
    if url.port != 443 {
        return complain(
            7,
            format!("Failed to connect to {} port {} after 0 ms: Could not connect to server", url.host, url.port),
        );
    }
    if !url.secure {
        process.print("Client sent an HTTP request to an HTTPS server.\n");
        return 0;
    }
    if !wish.insecure {
        let Some(ca) = &wish.ca else {
            return complain(60, "SSL certificate problem: unable to get local issuer certificate\nMore details here: https://curl.se/docs/sslcerts.html\n\ncurl failed to verify the legitimacy of the server and therefore could not\nestablish a secure connection to it. To learn more about this situation and\nhow to fix it, please visit the webpage mentioned above.".to_owned());
        };
        if !process.read(ca).is_ok_and(|bytes| bytes.starts_with(b"-----BEGIN CERTIFICATE-----")) {
            return complain(77, format!("error adding trust anchors from file: {ca}"));
        }
    }
    let default = if wish.data.is_some() { "POST" } else { "GET" };
    let method = Method::from_bytes(wish.method.as_deref().unwrap_or(default).as_bytes()).unwrap_or(Method::GET);
    let mut headers = wish.headers.clone();
    let mut body = Vec::new();
    if let Some(data) = &wish.data {
        match data.strip_prefix('@').map(|file| process.read(file)) {
            Some(Ok(bytes)) => body = bytes.to_vec(),
            Some(Err(_)) => return complain(26, "Failed to open".to_owned()),
            None => body = data.clone().into_bytes(),
        }
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            headers.push(("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned()));
        }
    }
    let answer = match send(process, method, &url, &headers, body).await {
        Ok(answer) => answer,
        Err(why) => return complain(7, why),
    };
    let status = answer.status();
    if wish.fail && status.as_u16() >= 400 {
        return complain(22, format!("The requested URL returned error: {}", status.as_u16()));
    }
    let mut out = Vec::new();
    if wish.with_headers {
        out.extend(format!("HTTP/2 {} \r\n", status.as_u16()).into_bytes());
        for (name, value) in answer.headers() {
            out.extend(format!("{name}: {}\r\n", value.to_str().unwrap_or_default()).into_bytes());
        }
        out.extend(b"\r\n");
    }
    out.extend_from_slice(answer.body());
    match wish.output.as_deref() {
        Some("/dev/null") => {}
        Some(file) => {
            if process.files.write(file, &out).is_err() {
                return complain(23, format!("Failure writing output to destination, {file}"));
            }
        }
        None => process.print(&out),
    }
    if let Some(format) = &wish.write_out {
        process.print(format.replace("%{http_code}", status.as_str()).replace("\\n", "\n"));
    }
    0
}
