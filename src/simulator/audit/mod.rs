//! The audit log: who asked for what, when, and what came of it, one `audit.k8s.io/v1` Event a line.
//! Upstream: apiserver/pkg/audit and apiserver/pkg/endpoints/filters/audit.go, at level Metadata, with every stage.
//!
//! Bodies and the `Authorization` header are never written; a token in a URI or a message is blotted out. Events are
//! written as they happen (upstream's `--audit-log-mode=blocking`) and not kept.

mod event;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::io::Write;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use http::{HeaderMap, HeaderValue, Request};
use serde_json::Value;

use crate::base::Ids;
use crate::rbac::User;
use crate::simulator::authentication::Impersonated;
use crate::token;

pub use event::Entry;

/// The header that names a request in the log and in the answer.
pub const AUDIT_ID: &str = "audit-id";
/// The longest name a client may give its request.
const LONGEST_ID: usize = 64;

/// Where a request came from. The doors put it among the request's extensions.
#[derive(Clone, Copy, Debug)]
pub struct Source(pub IpAddr);

/// Where events are written; nowhere at first.
#[derive(Default)]
pub struct Log(Mutex<Option<Box<dyn Write + Send>>>);

impl Log {
    /// Writes events there from now on, one JSON document a line. What cannot be written is lost: tell from the
    /// writer.
    pub fn write_to(&self, writer: Box<dyn Write + Send>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(writer);
    }

    /// Whether anybody reads.
    pub fn is_on(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn write(&self, event: &Value) {
        let text = event.to_string();
        let mut line =
            token::find_in(&text).into_iter().fold(text.clone(), |text, token| text.replace(token, "[token]"));
        line.push('\n');
        if let Some(writer) = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut()
            && let Err(error) = writer.write_all(line.as_bytes()).and_then(|()| writer.flush())
        {
            tracing::error!(%error, "an audit event was not written");
        }
    }
}

tokio::task_local! {
    /// The entry of the request this task answers. Upstream carries it in the request's context.
    static CURRENT: Arc<Entry>;
    /// The annotations made meanwhile, for one who will repeat them.
    static NOTED: RefCell<Vec<(&'static str, String)>>;
}

/// Answers a request as part of an entry: what is noted meanwhile belongs to it.
pub async fn within<T>(entry: Arc<Entry>, answer: impl Future<Output = T>) -> T {
    CURRENT.scope(entry, answer).await
}

/// The entry of the request that is being answered, for what goes on after its answer has begun.
pub fn current() -> Option<Arc<Entry>> {
    CURRENT.try_with(Arc::clone).ok()
}

/// Adds an annotation to the event of the request that is being answered. Upstream: audit.AddAuditAnnotation.
pub fn annotate(key: &'static str, value: impl Into<String>) {
    let value = value.into();
    // Nobody has to be noting.
    let _ = NOTED.try_with(|noted| noted.borrow_mut().push((key, value.clone())));
    with(|entry| entry.annotate(key, value));
}

/// Does something, and tells which annotations it made on the way.
pub fn noting<T>(act: impl FnOnce() -> T) -> (T, Vec<(&'static str, String)>) {
    NOTED.sync_scope(RefCell::default(), || {
        let done = act();
        (done, NOTED.with(RefCell::take))
    })
}

/// Says who asks; the request counts as received.
pub fn authenticated(user: &User) {
    with(|entry| entry.authenticated(user));
}

/// Says whom the asker acts as, and by which verb.
pub fn impersonated(done: &Impersonated) {
    with(|entry| entry.impersonated(done));
}

/// Completes the reference with what the body names. Upstream: audit.LogRequestObject.
pub fn object(object: &Value) {
    with(|entry| entry.object(object));
}

fn with(note: impl FnOnce(&Entry)) {
    // Outside a request nobody is there to note anything for.
    let _ = CURRENT.try_with(|entry| note(entry));
}

/// The name of a request: the client's own, or a new one.
pub fn id<B>(request: &Request<B>, ids: &Ids) -> HeaderValue {
    let given = request.headers().get(AUDIT_ID).filter(|value| !value.is_empty() && value.to_str().is_ok());
    let cut = given.and_then(|value| HeaderValue::from_bytes(value.as_bytes().get(..LONGEST_ID)?).ok());
    cut.or_else(|| given.cloned())
        .or_else(|| HeaderValue::from_str(&ids.uuid()).ok())
        .unwrap_or_else(|| HeaderValue::from_static("unknown"))
}

/// Where a request came from: as proxies say, then as the connection says. Upstream: apimachinery/pkg/util/net.SourceIPs.
fn source_ips(headers: &HeaderMap, source: Option<IpAddr>) -> Vec<String> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut found: Vec<IpAddr> =
        text("x-forwarded-for").split(',').filter_map(|part| part.trim().parse().ok()).collect();
    let real = text("x-real-ip").trim().parse().ok();
    found.extend(real.filter(|real| !found.contains(real)));
    if source.is_some() && found.last() != source.as_ref() {
        found.extend(source);
    }
    found.iter().map(IpAddr::to_string).collect()
}
