//! Notes, while a request is answered, what each rung of its ladder looked at and found: see [`crate::why`].
//!
//! Nothing is worked out twice for it but what would have allowed a request that was refused.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use http::Request;
use jiff::Timestamp;
use serde_json::Value;

use crate::apimachinery::Status;
use crate::rbac::{self, Attributes, User};
use crate::simulator::ControlPlane;
use crate::simulator::authentication::{Impersonated, Refusal};
use crate::simulator::authorization::{Decision, Stored};
use crate::simulator::endpoints::RequestInfo;
use crate::why::{Check, Origin, Rung, Sign, Step, Trace};

/// Who is told of a request once it is answered.
pub type Listener = Arc<dyn Fn(Trace) + Send + Sync>;

/// Who is told of the requests of one connection, instead of those who are told of all.
#[derive(Clone)]
pub struct Told(pub Listener);

/// Whom to tell; nobody at first. And how often the learner has changed something.
#[derive(Default)]
pub struct Traces {
    listener: Mutex<Option<Listener>>,
    changes: AtomicU64,
}

impl Traces {
    /// Tells each request that comes from a learner or a pod from now on, once it is answered.
    pub fn tell(&self, listener: impl Fn(Trace) + Send + Sync + 'static) {
        *self.listener.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(listener));
    }

    /// How many requests of the prompt have changed an object so far.
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::Relaxed)
    }

    fn listener(&self) -> Option<Listener> {
        self.listener.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

tokio::task_local! {
    static CURRENT: RefCell<Draft>;
}

/// What is known so far of the request that is being answered.
#[derive(Default)]
struct Draft {
    user: String,
    steps: Vec<Step>,
}

impl Draft {
    fn step(&mut self, rung: Rung) -> Option<&mut Step> {
        if self.steps.last().is_none_or(|last| last.rung < rung) {
            self.steps.push(Step { rung, stopped: false, say: String::new(), checks: Vec::new() });
        }
        self.steps.iter_mut().find(|step| step.rung == rung)
    }
}

/// Answers a request, and tells how it came about when somebody wants to know.
pub async fn within<B>(
    traces: &Traces,
    now: Timestamp,
    request: Request<B>,
    answer: impl AsyncFnOnce(Request<B>) -> http::Response<super::server::Body>,
) -> http::Response<super::server::Body> {
    let origin = request.extensions().get::<Origin>().copied();
    let told = request.extensions().get::<Told>().map(|told| Arc::clone(&told.0));
    let (Some(origin), Some(listener)) = (origin, told.or_else(|| traces.listener())) else {
        return answer(request).await;
    };
    let info = RequestInfo::parse(request.method(), request.uri());
    let agent = request.headers().get(http::header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    let is_change = origin == Origin::Learner && changes(&info, request.uri());
    let by_hand = agent.is_some_and(|agent| agent.starts_with("curl") || agent.starts_with("Wget"));
    CURRENT
        .scope(RefCell::default(), async move {
            let response = answer(request).await;
            let Draft { user, mut steps } = CURRENT.with(RefCell::take);
            let code = response.status().as_u16();
            if is_change && code < 300 {
                traces.changes.fetch_add(1, Ordering::Relaxed);
            }
            // Some failures are no Status: a path that nothing answers, what the kubelet says.
            let unclaimed = code >= 400 && !steps.iter().any(|step| step.stopped);
            if let Some(last) = steps.last_mut().filter(|_| unclaimed) {
                (last.stopped, last.say) = (true, response.status().to_string());
            }
            let is_quiet = !info.is_resource && code < 400 && !by_hand;
            listener(Trace { at: now, origin, asks: info.asks(), user, steps, code, is_quiet });
            response
        })
        .await
}

/// Whether a request changes an object when it succeeds. Reviews and tokens are answers, and nothing is kept of them.
fn changes(info: &RequestInfo, uri: &http::Uri) -> bool {
    let writes = matches!(info.verb.as_str(), "create" | "update" | "patch" | "delete" | "deletecollection");
    let is_answer =
        info.resource.ends_with("reviews") || matches!(info.subresource.as_str(), "token" | "exec" | "attach");
    let is_trial = uri.query().is_some_and(|query| query.contains("dryRun="));
    info.is_resource && writes && !is_answer && !is_trial
}

fn with(note: impl FnOnce(&mut Draft)) {
    // Outside a traced request nobody is there to note anything for.
    let _ = CURRENT.try_with(|draft| note(&mut draft.borrow_mut()));
}

/// Notes that something was looked at.
pub fn check(rung: Rung, sign: Sign, name: &str, say: impl FnOnce() -> String) {
    with(|draft| {
        if let Some(step) = draft.step(rung) {
            step.checks.push(Check { sign, name: name.to_owned(), say: say() });
        }
    });
}

/// Notes what came of a check that can fail, and hands it on.
pub fn checked<T>(
    rung: Rung,
    name: &str,
    result: Result<T, String>,
    good: impl FnOnce(&T) -> String,
) -> Result<T, String> {
    match &result {
        Ok(value) => check(rung, Sign::Good, name, || good(value)),
        Err(why) => check(rung, Sign::Bad, name, || why.clone()),
    }
    result
}

/// Says what came of a rung.
fn conclude(rung: Rung, stopped: bool, say: impl FnOnce() -> String) {
    with(|draft| {
        if let Some(step) = draft.step(rung) {
            (step.stopped, step.say) = (stopped, say());
        }
    });
}

/// It was found out who asks, or was not.
pub fn authenticated(user: Option<&User>) {
    with(|draft| draft.user = user.map(|user| user.name.clone()).unwrap_or_default());
    conclude(Rung::Authentication, user.is_none(), || match user {
        Some(user) => user.name.clone(),
        None => "nobody knows who this is".to_owned(),
    });
}

/// It was found out whom they act as, or that they may not.
pub fn impersonated(result: &Result<Option<Impersonated>, Refusal>) {
    match result {
        Ok(None) | Err(Refusal::Internal(_)) => {}
        Ok(Some(done)) => {
            with(|draft| draft.user.clone_from(&done.user.name));
            check(Rung::Authentication, Sign::Plain, "acts as", || done.user.name.clone());
        }
        Err(Refusal::Status(status)) => {
            check(Rung::Authorization, Sign::Bad, "acts as", || status.message.clone());
            conclude(Rung::Authorization, true, || "they may not act as somebody else".to_owned());
        }
    }
}

/// It was decided whether they may.
pub fn authorized(plane: &ControlPlane, attributes: &Attributes, decision: &Decision) {
    if !is_on() {
        return;
    }
    let note = |sign, name: &str, say: String| check(Rung::Authorization, sign, name, || say);
    with(|draft| draft.user.clone_from(&attributes.user.name));
    if decision.allowed {
        let reason = match decision.reason.as_str() {
            "" => "members of system:masters may do everything; no rule is asked",
            reason => reason.strip_prefix("RBAC: ").unwrap_or(reason),
        };
        note(Sign::Good, "", reason.to_owned());
        conclude(Rung::Authorization, false, || "allowed".to_owned());
        return;
    }
    let near = rbac::near(attributes, &Stored(&plane.store));
    for (binding, why) in near.misses {
        note(Sign::Bad, &binding, why);
    }
    for line in near.changes {
        note(Sign::Command, "would do", line);
    }
    conclude(Rung::Authorization, true, || "no rule allows it".to_owned());
}

/// Whether the request that is being answered is traced.
pub fn is_on() -> bool {
    CURRENT.try_with(|_| ()).is_ok()
}

/// An admission plugin let the request in, or did not; what it was before, when the plugin may have changed it.
pub fn admitted(plugin: &str, before: Option<&Value>, after: &Value, result: &Result<(), Status>) {
    if !is_on() {
        return;
    }
    match result {
        Ok(()) => {
            let changed = before.map(|before| changed(before, after)).unwrap_or_default();
            if !changed.is_empty() {
                let say = format!("filled in {}", changed.join(", "));
                check(Rung::Admission, Sign::Good, plugin, || say);
            }
            conclude(Rung::Admission, false, || "no plugin refuses it".to_owned());
        }
        Err(status) => {
            check(Rung::Admission, Sign::Bad, plugin, || status.message.clone());
            conclude(Rung::Admission, true, || format!("the plugin {plugin} refuses it"));
        }
    }
}

/// The fields that differ, two levels deep: `spec.serviceAccountName`.
fn changed(before: &Value, after: &Value) -> Vec<String> {
    let (Some(before), Some(after)) = (before.as_object(), after.as_object()) else { return Vec::new() };
    let mut fields = Vec::new();
    for (key, value) in after.iter().filter(|(key, value)| before.get(*key) != Some(value)) {
        match (before.get(key).and_then(Value::as_object), value.as_object()) {
            (Some(old), Some(new)) => {
                let inner = new.iter().filter(|(name, value)| old.get(*name) != Some(value));
                fields.extend(inner.map(|(name, _)| format!("{key}.{name}")));
            }
            _ => fields.push(key.clone()),
        }
    }
    fields
}

/// The answer is known. A failure that no rung before has claimed is the request's own.
pub fn answered(failure: Option<&Status>) {
    with(|draft| {
        let claimed = draft.steps.iter().any(|step| step.stopped);
        if claimed || draft.steps.is_empty() {
            return;
        }
        if let Some(step) = draft.step(Rung::Request) {
            step.stopped = failure.is_some();
            step.say = failure.map_or_else(|| "done".to_owned(), |status| status.message.clone());
        }
    });
}
