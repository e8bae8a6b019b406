//! `-v`: what client-go logs of a command's requests, as klog prints it. Here bodies are JSON, where kubectl since 1.32
//! has protobuf for some; what is logged is what is sent.
//! Upstream: client-go/transport/round_trippers.go, client-go/rest/request.go (logBody), klog/internal/serialize.

use std::time::Duration;

use http::{HeaderMap, Method, Request, Response};

use super::Config;
use super::flags::Given;
use super::release::{self, LogPlaces};
use crate::apimachinery::{Release, Status};
use crate::base::{Clock, Order as _};

/// The log of one command: lines to be written, or nothing when the level is too low.
pub struct Klog {
    level: i64,
    release: Release,
    places: &'static LogPlaces,
    clock: Clock,
    server: String,
    /// Whether the kubeconfig's user has a token, which the client adds to each request by itself.
    bearer: bool,
}

impl Klog {
    /// The log that `-v` asks for.
    pub fn new(config: &Config, given: &Given, bearer: bool) -> Self {
        Self {
            level: given.int("v").unwrap_or(0),
            release: config.release,
            places: release::log_places(config.release),
            clock: config.clock.clone(),
            server: config.server.clone(),
            bearer,
        }
    }

    /// Whether lines of this level are written.
    pub fn enabled(&self, level: i64) -> bool {
        self.level >= level
    }

    /// A line with klog's head: severity, day, time, process, and the place in the sources.
    pub fn note(&self, severity: char, file: &str, at: u16, text: &str) -> String {
        let time = self.clock.now().to_zoned(jiff::tz::TimeZone::UTC).strftime("%m%d %H:%M:%S%.6f");
        format!("{severity}{time} {:>7} {file}:{at}] {text}\n", std::process::id())
    }

    fn line(&self, file: &str, at: u16, text: &str) -> String {
        self.note('I', file, at, text)
    }

    /// What is told before the first request: the kubeconfigs read, and client-go's gates.
    pub fn opening(&self, kubeconfigs: &[String]) -> String {
        let mut text = String::new();
        if self.enabled(6) {
            for path in kubeconfigs {
                text += &self.line("loader.go", self.places.loader, &format!("Config loaded from file:  {path}"));
            }
        }
        if self.enabled(1) {
            for (gate, enabled) in self.places.gates {
                let told = format!("\"Feature gate default state\" feature={gate:?} enabled={enabled}");
                text += &self.line("envvar.go", self.places.envvar, &told);
            }
        }
        text
    }

    /// A request about to be sent.
    pub fn request<B>(&self, request: &Request<B>, body: &[u8]) -> String {
        let (at, url) = (&self.places.trips, self.url(request));
        let mut text = self.body("Request Body", caller(request.method(), request.uri()), body);
        let headers = self.request_headers(request.headers());
        let line = |at: u16, text: &str| self.line("round_trippers.go", at, text);
        match self.level {
            ..=6 => {}
            7 | 8 if self.structured() => {
                let told =
                    format!("\"Request\" verb=\"{}\" url={url:?} headers=<\n{}", request.method(), tabbed(&headers));
                text += &line(at.request, &told);
            }
            7 | 8 => {
                text += &line(at.request, &format!("{} {url}", request.method()));
                text += &line(at.request_headers, "Request Headers:");
                for header in &headers {
                    text += &line(at.request_header, &format!("    {header}"));
                }
            }
            _ => {
                let headers: String = headers.iter().map(|header| format!(" -H {header:?}")).collect();
                let insecure = if release::LOG_CURL_INSECURE.holds(self.release) { "-k " } else { "" };
                let curl = format!("curl {insecure}-v -X{} {headers} '{url}'", request.method());
                let host = self.server.split("://").last().unwrap_or_default();
                if self.structured() {
                    text += &line(at.request, &format!("\"Request\" curlCommand=<\n\t{curl}\n >"));
                    let told = format!("\"HTTP Trace: Dial succeed\" network=\"tcp\" address={host:?}");
                    text += &line(at.dial, &told);
                } else {
                    text += &line(at.curl, &curl);
                    if release::LOG_TRACE.holds(self.release) {
                        text += &line(at.dial, &format!("HTTP Trace: Dial to tcp:{host} succeed"));
                    }
                }
            }
        }
        text
    }

    /// An answer that began to arrive `after` this long. `of` is the request's method and address.
    pub fn response<B>(&self, of: &(Method, String), response: &Response<B>, after: Duration) -> String {
        let ((verb, url), at, spent) = (of, &self.places.trips, after.as_millis());
        let code = response.status();
        let status = format!("{} {}", code.as_u16(), code.canonical_reason().unwrap_or_default());
        let headers = listed(response.headers());
        let line = |at: u16, text: &str| self.line("round_trippers.go", at, text);
        if self.structured() {
            let named = if self.level == 6 || self.enabled(9) {
                format!("verb=\"{verb}\" url={url:?} ")
            } else {
                String::new()
            };
            let told = if self.enabled(8) { format!(" headers=<\n{}", tabbed(&headers)) } else { String::new() };
            let traced = format!(
                " dnsLookupMilliseconds=0 dialMilliseconds=0 tlsHandshakeMilliseconds=0 serverProcessingMilliseconds={spent}"
            );
            let traced = if self.enabled(9) { traced } else { String::new() };
            let text = format!("\"Response\" {named}status={status:?}{told} milliseconds={spent}{traced}");
            return if self.enabled(6) { line(at.response, &text) } else { String::new() };
        }
        let mut text = String::new();
        if self.level == 6 || self.enabled(9) {
            text += &line(at.timing, &format!("{verb} {url} {status} in {spent} milliseconds"));
        } else if self.enabled(7) {
            text += &line(at.response, &format!("Response Status: {status} in {spent} milliseconds"));
        }
        if self.enabled(9) && release::LOG_TRACE.holds(self.release) {
            let told = format!(
                "HTTP Statistics: DNSLookup 0 ms Dial 0 ms TLSHandshake 0 ms ServerProcessing {spent} ms Duration {spent} ms"
            );
            text += &line(at.statistics, &told);
        }
        if self.enabled(8) {
            text += &line(at.response_headers, "Response Headers:");
            for header in &headers {
                text += &line(at.response_header, &format!("    {header}"));
            }
        }
        text
    }

    /// A body, cut at the length of the level.
    pub fn body(&self, what: &str, caller: (&str, u16), body: &[u8]) -> String {
        if !self.enabled(8) {
            return String::new();
        }
        let text = String::from_utf8_lossy(body);
        let most = match self.level {
            8 => 1024,
            9 => 10240,
            _ => usize::MAX,
        };
        let kept = (0..=most.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or_default();
        let cut = if kept < text.len() { format!(" [truncated {} chars]", text.len() - kept) } else { String::new() };
        let text = format!("{}{cut}", &text[..kept]);
        if release::LOG_BODIES_STRUCTURED.holds(self.release) {
            return self.line(caller.0, caller.1, &format!("{what:?} body={}", value(&text)));
        }
        // These releases say nothing of a body that is not there.
        if body.is_empty() {
            return String::new();
        }
        self.line("request.go", self.places.body, &format!("{what}: {text}"))
    }

    /// A refusal, whole.
    pub fn refusal(&self, status: &Status) -> String {
        if !self.enabled(4) {
            return String::new();
        }
        let form = if release::LOG_REFUSAL_FORM.holds(self.release) { "%s" } else { "" };
        let shown = serde_json::to_string_pretty(&status.to_value()).unwrap_or_default();
        let told = format!("server response object: {form}[{}]", shown);
        self.line("helpers.go", self.places.helpers, &told)
    }

    /// The request's whole address.
    pub fn url<B>(&self, request: &Request<B>) -> String {
        format!("{}{}", self.server, request.uri())
    }

    fn structured(&self) -> bool {
        release::LOG_STRUCTURED.holds(self.release)
    }

    /// The headers as they leave; who asks stays hidden. Upstream: maskValue.
    fn request_headers(&self, headers: &HeaderMap) -> Vec<String> {
        let mut all = headers.clone();
        if self.bearer && !all.contains_key("authorization") {
            all.insert("authorization", http::HeaderValue::from_static("Bearer "));
        }
        if let Some(value) = all.get_mut("authorization") {
            let scheme = value.to_str().unwrap_or_default().split(' ').next().unwrap_or_default();
            let masked = match scheme {
                "Basic" => "Basic <masked>",
                "Negotiate" => "Negotiate <masked>",
                "Bearer" => "Bearer <masked>",
                _ => "<masked>",
            };
            *value = http::HeaderValue::from_static(masked);
        }
        listed(&all)
    }
}

/// The headers as Go names them, in order of their names.
fn listed(headers: &HeaderMap) -> Vec<String> {
    let mut all: Vec<String> = headers
        .iter()
        .map(|(name, value)| format!("{}: {}", canonical(name.as_str()), String::from_utf8_lossy(value.as_bytes())))
        .collect();
    all.order();
    all
}

/// `content-type` as `Content-Type`.
fn canonical(name: &str) -> String {
    let parts = name.split('-').map(|part| {
        let mut letters = part.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
    });
    parts.collect::<Vec<_>>().join("-")
}

/// Lines of a value that has several, as klog sets them off.
fn tabbed(lines: &[String]) -> String {
    lines.iter().map(|line| format!("\t{line}\n")).collect::<String>() + " >"
}

/// A text value: quoted, or set off when it has more lines than one.
fn value(text: &str) -> String {
    if !text.contains('\n') {
        return format!("{text:?}");
    }
    let lines: Vec<String> = text.strip_suffix('\n').unwrap_or(text).split('\n').map(str::to_owned).collect();
    format!("<\n{}", tabbed(&lines))
}

/// Which function of client-go or cli-runtime sends such a request, for the lines that name it.
pub fn caller(method: &Method, uri: &http::Uri) -> (&'static str, u16) {
    let (path, query) = (uri.path(), uri.query().unwrap_or_default());
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    // What stands behind the group's version: with a namespace, kind and name are two further on.
    let of_version = if parts[0] == "api" { 2 } else { 3 };
    let own = parts.get(of_version..).unwrap_or_default();
    let own = if own.len() > 2 && own[0] == "namespaces" { &own[2..] } else { own };
    match (method.as_str(), own) {
        ("GET", _) if parts[0] == "openapi" => ("client.go", 46),
        ("GET", _) if path == "/version" => ("discovery_client.go", 667),
        ("GET", _) if matches!(path, "/api" | "/apis") => ("discovery_client.go", 255),
        ("GET", []) => ("discovery_client.go", 413),
        ("GET", [_]) if query.contains("watch=true") => ("helper.go", 170),
        ("GET", [_]) => ("helper.go", 113),
        ("GET", [_, _, "log"]) => ("logs.go", 497),
        ("DELETE", _) => ("helper.go", 202),
        ("PATCH", _) => ("helper.go", 269),
        ("POST", [_, _, "token"]) => ("serviceaccount.go", 87),
        ("POST", [kind]) if kind.ends_with("reviews") => ("type.go", 213),
        ("POST", _) => ("helper.go", 246),
        ("PUT", _) => ("helper.go", 319),
        _ => ("helper.go", 105),
    }
}
