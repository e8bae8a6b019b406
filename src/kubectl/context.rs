//! What a running command holds: its flags, its streams, the way to the server.

use std::time::Duration;

use futures::{Stream, StreamExt, TryStreamExt};
use http_body_util::BodyExt;
use jiff::Timestamp;
use serde_json::Value;

use super::discovery::{Discovery, Found, Memory};
use super::errors::Error;
use super::flags::Given;
use super::klog::{self, Klog};
use super::release::{self, Behaviour};
use super::rest::{Call, Rest};
use super::{Config, Files, Streams};
use crate::base::human_duration;

/// One running command.
pub struct Context<'a> {
    /// The kubeconfig's part.
    pub config: &'a Config,
    /// Files named on the command line.
    pub files: &'a dyn Files,
    /// Where output goes.
    pub streams: Streams<'a>,
    /// The flags and arguments given.
    pub given: Given,
    /// The command's words: `kubectl create token`.
    pub path: String,
    /// What `--help` says.
    pub help: String,
    /// The way to the server.
    pub rest: Rest,
    /// What the server can do, as far as it was asked.
    pub discovery: Discovery,
    /// What `-v` tells.
    pub klog: Klog,
    warned: Vec<String>,
    /// Which function sent the last request, for the log of its answer.
    caller: (&'static str, u16),
}

impl<'a> Context<'a> {
    /// A command about to run.
    pub fn new(
        config: &'a Config,
        files: &'a dyn Files,
        streams: Streams<'a>,
        given: Given,
        path: String,
        help: String,
        rest: Rest,
        klog: Klog,
    ) -> Self {
        let discovery = files.memory().map(Memory::recall).unwrap_or_default();
        Self { config, files, streams, given, path, help, rest, discovery, klog, warned: Vec::new(), caller: ("", 0) }
    }

    /// Whether this kubectl behaves so.
    pub fn does(&self, behaviour: Behaviour) -> bool {
        behaviour.holds(self.config.release)
    }

    /// Writes on standard output.
    ///
    /// # Errors
    /// When nobody reads any more: the command ends quietly.
    pub fn print(&mut self, text: &str) -> Result<(), Error> {
        self.streams.stdout.write_all(text.as_bytes()).map_err(|_| Error::Exit(1))
    }

    /// Writes on standard error.
    pub fn complain(&mut self, text: &str) {
        // Nothing can be reported when standard error itself is gone.
        let _ = self.streams.stderr.write_all(text.as_bytes());
    }

    /// Prints `Warning: TEXT`, each text once.
    pub fn warn(&mut self, text: &str) {
        if !self.warned.iter().any(|seen| seen == text) {
            self.warned.push(text.to_owned());
            self.complain(&format!("Warning: {text}\n"));
        }
    }

    /// A complaint about how the command was called.
    pub fn usage_error(&self, text: &str) -> Error {
        Error::usage(&self.path, text)
    }

    /// The namespace this command works in.
    pub fn namespace(&self) -> String {
        match self.given.text("namespace") {
            "" if self.config.namespace.is_empty() => "default".to_owned(),
            "" => self.config.namespace.clone(),
            named => named.to_owned(),
        }
    }

    /// The namespace, if it was named or the context has one that is not `default`: what is written into an object.
    pub fn explicit_namespace(&self) -> Option<String> {
        let namespace = self.namespace();
        (self.given.changed("namespace") || namespace != "default").then_some(namespace)
    }

    /// Sends a call and tells the server's warnings.
    ///
    /// # Errors
    /// The server's refusal.
    pub async fn open(&mut self, call: Call) -> Result<http::Response<kube::client::Body>, Error> {
        let (request, body) = self.rest.request(call)?;
        self.caller = klog::caller(request.method(), request.uri());
        let of = (request.method().clone(), self.klog.url(&request));
        let told = self.klog.request(&request, &body);
        self.complain(&told);
        let sent = tokio::time::Instant::now();
        let response = self.rest.send(request).await?;
        let told = self.klog.response(&of, &response, sent.elapsed());
        self.complain(&told);
        let warnings: Vec<String> = response
            .headers()
            .get_all("Warning")
            .iter()
            .filter_map(|header| header.to_str().ok().and_then(warning_text))
            .collect();
        for warning in warnings {
            self.warn(&warning);
        }
        let code = response.status();
        if !Rest::is_refusal(code) {
            return Ok(response);
        }
        let text = self.body(response).await?;
        Err(Rest::refusal(code, &text))
    }

    /// The whole body of an answer.
    async fn body(&mut self, response: http::Response<kube::client::Body>) -> Result<Vec<u8>, Error> {
        let body = self.rest.body(response).await?;
        let told = self.klog.body("Response Body", self.caller, &body);
        self.complain(&told);
        Ok(body)
    }

    /// Sends a call and reads the object that comes back.
    ///
    /// # Errors
    /// The server's refusal.
    pub async fn send(&mut self, call: Call) -> Result<Value, Error> {
        let response = self.open(call).await?;
        let body = self.body(response).await?;
        serde_json::from_slice(&body)
            .map_err(|cause| Error::text(format!("unable to decode the server's answer: {cause}")))
    }

    /// Reads the objects of one kind that the command's selectors choose.
    ///
    /// # Errors
    /// The server's refusal, with what was looked for.
    pub async fn select(&mut self, resource: &Found, namespace: &str) -> Result<Vec<Value>, Error> {
        let (labels, fields) = (self.given.text("selector").to_owned(), self.given.text("field-selector").to_owned());
        let call =
            Call::get(resource.collection(namespace)).query("labelSelector", &labels).query("fieldSelector", &fields);
        let list = self.send(call).await.map_err(|error| error.of_list(resource, &labels, &fields))?;
        Ok(list["items"].as_array().cloned().unwrap_or_default())
    }

    /// Sends a call and reads the text that comes back.
    ///
    /// # Errors
    /// The server's refusal.
    pub async fn send_raw(&mut self, call: Call) -> Result<Vec<u8>, Error> {
        let response = self.open(call).await?;
        self.body(response).await
    }

    /// Sends a call whose answer has no end, and gives it line by line.
    ///
    /// # Errors
    /// The server's refusal.
    pub async fn lines(&mut self, call: Call) -> Result<impl Stream<Item = String> + Send + Unpin + use<>, Error> {
        let response = self.open(call).await?;
        let reader = tokio_lines(response);
        Ok(Box::pin(reader))
    }

    /// Tells of a server that refuses connections as often as kubectl asks it what resources it has. Upstream:
    /// client-go/discovery/cached/memory/memcache.go.
    pub fn unreached(&mut self, error: &Error, times: usize) {
        let refused = matches!(error, Error::Unreachable(text) if text.contains("was refused"));
        if !refused || !self.does(release::DISCOVERY_COMPLAINS) {
            return;
        }
        let url = self.rest.server.trim_end_matches('/').to_owned();
        let host = url.split("://").last().unwrap_or_default().replace("localhost", "127.0.0.1");
        let timeout = match self.given.text("request-timeout") {
            "" | "0" => "32s".to_owned(),
            seconds if seconds.parse::<u64>().is_ok() => format!("{seconds}s"),
            given => given.to_owned(),
        };
        let why = format!("Get \"{url}/api?timeout={timeout}\": dial tcp {host}: connect: connection refused");
        let (at, text) = if self.does(release::DISCOVERY_COMPLAINS_ELSEWHERE) {
            (381, format!("\"Couldn't get current server API group list\" err={why:?}"))
        } else if self.does(release::DISCOVERY_COMPLAINS_STRUCTURED) {
            let told = format!("couldn't get current server API group list: {why}");
            (265, format!("\"Unhandled Error\" err={told:?}"))
        } else {
            (265, format!("couldn't get current server API group list: {why}"))
        };
        for _ in 0..times {
            let line = self.klog.note('E', "memcache.go", at, &text);
            self.complain(&line);
        }
    }

    /// Finds a resource by any of its names.
    ///
    /// # Errors
    /// `the server doesn't have a resource type "x"`
    pub async fn resource(&mut self, name: &str) -> Result<Found, Error> {
        let found = self.look_up(name).await;
        if let Err(error) = &found {
            self.unreached(error, 2);
        }
        found
    }

    /// The same, and nothing told of a server that is not there.
    ///
    /// # Errors
    /// `the server doesn't have a resource type "x"`
    pub async fn look_up(&mut self, name: &str) -> Result<Found, Error> {
        let mut discovery = std::mem::take(&mut self.discovery);
        let found = discovery.find(self, name).await;
        self.remember(discovery);
        found
    }

    /// Every resource the server has.
    ///
    /// # Errors
    /// When the server refuses to say.
    pub async fn resources(&mut self) -> Result<Vec<Found>, Error> {
        let mut discovery = std::mem::take(&mut self.discovery);
        let all = discovery.all(self).await;
        self.remember(discovery);
        all
    }

    /// The resource of an object's `apiVersion` and `kind`.
    ///
    /// # Errors
    /// When the server refuses to say; `None` when it has no such kind.
    pub async fn resource_of(&mut self, api_version: &str, kind: &str) -> Result<Option<Found>, Error> {
        let mut discovery = std::mem::take(&mut self.discovery);
        let found = discovery.find_kind(self, api_version, kind).await;
        self.remember(discovery);
        found
    }

    fn remember(&mut self, discovery: Discovery) {
        if let Some(memory) = self.files.memory() {
            memory.keep(&discovery);
        }
        self.discovery = discovery;
    }

    /// The age of something that began then.
    pub fn age(&self, since: Option<Timestamp>) -> String {
        since.map_or_else(
            || "<unknown>".to_owned(),
            |since| human_duration(self.config.clock.now().duration_since(since)),
        )
    }

    /// A deadline `after` from now; zero means none.
    pub fn deadline(&self, after: Duration) -> Deadline {
        let started = self.config.clock.now();
        Deadline { started, real: tokio::time::Instant::now(), after: (!after.is_zero()).then_some(after) }
    }

    /// Waits a moment between two looks; an error when the deadline has passed.
    ///
    /// # Errors
    /// `timed out waiting for the condition`
    pub async fn pause(&mut self, deadline: &Deadline) -> Result<(), Error> {
        if deadline.passed(self.config) {
            return Err(Error::text("timed out waiting for the condition"));
        }
        // Close looks first, for a simulator answers at once; then at the pace of a real cluster.
        let nap = if deadline.real.elapsed() < Duration::from_secs(3) { 50 } else { 500 };
        tokio::time::sleep(Duration::from_millis(nap)).await;
        Ok(())
    }
}

/// When waiting ends: by the session's clock, or by the wall's if that one stands still.
pub struct Deadline {
    started: Timestamp,
    real: tokio::time::Instant,
    after: Option<Duration>,
}

impl Deadline {
    /// Whether it is over.
    pub fn passed(&self, config: &Config) -> bool {
        self.after.is_some_and(|after| {
            let virtually = config.clock.now().duration_since(self.started);
            self.real.elapsed() >= after || Duration::try_from(virtually).is_ok_and(|waited| waited >= after)
        })
    }
}

fn tokio_lines(response: http::Response<kube::client::Body>) -> impl Stream<Item = String> + Send {
    let chunks = response.into_body().into_data_stream().map_ok(|bytes| bytes.to_vec());
    futures::stream::unfold(
        (Box::pin(chunks), Vec::<u8>::new(), false),
        |(mut chunks, mut buffer, mut ended)| async move {
            loop {
                if let Some(end) = buffer.iter().position(|&b| b == b'\n') {
                    let rest = buffer.split_off(end + 1);
                    let line = String::from_utf8_lossy(&buffer).into_owned();
                    return Some((line, (chunks, rest, ended)));
                }
                if ended {
                    if buffer.is_empty() {
                        return None;
                    }
                    let line = String::from_utf8_lossy(&buffer).into_owned();
                    return Some((line, (chunks, Vec::new(), ended)));
                }
                match chunks.next().await {
                    Some(Ok(bytes)) => buffer.extend(bytes),
                    Some(Err(_)) | None => ended = true,
                }
            }
        },
    )
}

/// The text of a warning header: `299 - "text"`.
fn warning_text(header: &str) -> Option<String> {
    let quoted = header.splitn(3, ' ').nth(2)?;
    let inner = quoted.strip_prefix('"')?;
    let mut text = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => text.extend(chars.next()),
            '"' => break,
            c => text.push(c),
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::warning_text;

    #[test]
    fn warnings() {
        assert_eq!(warning_text(r#"299 - "use \"x\" instead""#).as_deref(), Some("use \"x\" instead"));
        assert_eq!(warning_text("299"), None);
    }
}
