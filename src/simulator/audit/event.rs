//! One request in the log, from its arrival to the end of its answer. Upstream: apiserver/pkg/audit/request.go.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{HeaderMap, Request, StatusCode, header};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{Log, Source, source_ips};
use crate::apimachinery::meta;
use crate::base::Clock;
use crate::rbac::User;
use crate::simulator::authentication::Impersonated;
use crate::simulator::endpoints::RequestInfo;
use crate::simulator::registry::user_info;

/// The longest name of a program that is written. Upstream: maxUserAgentLength.
const LONGEST_AGENT: usize = 1024;
/// Subresources whose answers take as long as the client likes. Upstream: BasicLongRunningRequestCheck.
const LONG_RUNNING: &[&str] = &["attach", "exec", "log", "portforward", "proxy"];

/// A request in the log. Its last event is written when nobody holds it any more: the answer has ended then.
pub struct Entry {
    log: Arc<Log>,
    clock: Clock,
    /// Whether a failure is written with its message and details.
    with_message: bool,
    is_long_running: bool,
    draft: Mutex<Draft>,
}

struct Draft {
    /// What is known from the start, in the order it is written.
    audit_id: String,
    uri: String,
    verb: String,
    user: Value,
    impersonated: Option<Value>,
    constraint: String,
    source_ips: Vec<String>,
    agent: String,
    reference: Option<Reference>,
    status: Option<Value>,
    received: Timestamp,
    annotations: BTreeMap<&'static str, String>,
    attempted: String,
    is_known: bool,
}

/// `objectRef`
#[derive(Default)]
struct Reference {
    resource: String,
    namespace: String,
    name: String,
    uid: String,
    group: String,
    version: String,
    resource_version: String,
    subresource: String,
}

impl Entry {
    /// An entry for a request that has just come.
    pub fn begin<B>(
        log: &Arc<Log>,
        clock: &Clock,
        with_message: bool,
        audit_id: &str,
        request: &Request<B>,
        is_x509: bool,
    ) -> Arc<Self> {
        let info = RequestInfo::parse(request.method(), request.uri());
        let text =
            |name| request.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let mut agent = text(header::USER_AGENT).unwrap_or_default();
        if agent.len() > LONGEST_AGENT {
            let end = (0..=LONGEST_AGENT).rev().find(|end| agent.is_char_boundary(*end)).unwrap_or(0);
            agent.truncate(end);
            agent.push_str("...TRUNCATED");
        }
        let source = request.extensions().get::<Source>().map(|source| source.0);
        let is_long_running =
            info.is_resource && (info.verb == "watch" || LONG_RUNNING.contains(&info.subresource.as_str()));
        let uri = request.uri().path_and_query().map_or_else(|| info.path.clone(), ToString::to_string);
        let draft = Draft {
            audit_id: audit_id.to_owned(),
            uri,
            verb: info.verb.clone(),
            user: json!({}),
            impersonated: None,
            constraint: String::new(),
            source_ips: source_ips(request.headers(), source),
            agent,
            reference: info.is_resource.then(|| Reference::of(info)),
            status: None,
            received: clock.now(),
            annotations: BTreeMap::new(),
            attempted: attempted(request.headers(), is_x509),
            is_known: false,
        };
        Arc::new(Self {
            log: Arc::clone(log),
            clock: clock.clone(),
            with_message,
            is_long_running,
            draft: Mutex::new(draft),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Draft> {
        self.draft.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn annotate(&self, key: &'static str, value: String) {
        self.lock().annotations.insert(key, value);
    }

    pub(super) fn authenticated(&self, user: &User) {
        {
            let mut draft = self.lock();
            draft.user = user_info(user);
            draft.is_known = true;
        }
        self.write("RequestReceived");
    }

    pub(super) fn impersonated(&self, done: &Impersonated) {
        let mut draft = self.lock();
        draft.impersonated = Some(user_info(&done.user));
        draft.constraint.clone_from(&done.constraint);
    }

    pub(super) fn object(&self, object: &Value) {
        let mut draft = self.lock();
        let Some(reference) = &mut draft.reference else { return };
        let fill = |field: &mut String, value: &str| {
            if field.is_empty() {
                value.clone_into(field);
            }
        };
        fill(&mut reference.namespace, meta::namespace(object));
        fill(&mut reference.name, meta::name(object));
        fill(&mut reference.uid, meta::uid(object));
        fill(&mut reference.resource_version, meta::resource_version(object));
    }

    /// The answer begins; `body` is its object, if it is one and known.
    pub fn answered(&self, code: StatusCode, body: Option<&Value>) {
        let is_known = {
            let mut draft = self.lock();
            let mut status = json!({"metadata": {}});
            if !draft.is_known {
                status["message"] = json!(draft.attempted);
            } else if let Some(body) = body.filter(|body| body["kind"] == "Status") {
                let fields: &[&str] =
                    if self.with_message { &["status", "message", "reason", "details"] } else { &["status", "reason"] };
                for field in fields.iter().filter(|field| body.get(**field).is_some_and(|value| !value.is_null())) {
                    status[*field] = body[*field].clone();
                }
            }
            status["code"] = json!(code.as_u16());
            draft.status = Some(status);
            draft.is_known
        };
        // Who is not known gets one event, and none before or after it.
        if self.is_long_running || !is_known {
            self.write("ResponseStarted");
        }
    }

    fn write(&self, stage: &str) {
        let draft = self.lock();
        let event = draft.event(stage, self.clock.now());
        drop(draft);
        self.log.write(&event);
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        if self.lock().is_known {
            self.write("ResponseComplete");
        }
    }
}

impl Draft {
    /// The event, its fields in the order Go writes them.
    fn event(&self, stage: &str, now: Timestamp) -> Value {
        let mut event = Map::new();
        let mut put = |key: &str, value: Value| {
            let is_empty = match &value {
                Value::Null => true,
                Value::String(text) => text.is_empty(),
                Value::Array(list) => list.is_empty(),
                _ => false,
            };
            if !is_empty {
                event.insert(key.to_owned(), value);
            }
        };
        put("kind", "Event".into());
        put("apiVersion", "audit.k8s.io/v1".into());
        put("level", "Metadata".into());
        put("auditID", self.audit_id.as_str().into());
        put("stage", stage.into());
        put("requestURI", self.uri.as_str().into());
        put("verb", self.verb.as_str().into());
        put("user", self.user.clone());
        put("impersonatedUser", self.impersonated.clone().unwrap_or_default());
        if !self.constraint.is_empty() {
            put("authenticationMetadata", json!({"impersonationConstraint": self.constraint}));
        }
        put("sourceIPs", self.source_ips.clone().into());
        put("userAgent", self.agent.as_str().into());
        put("objectRef", self.reference.as_ref().map(Reference::to_value).unwrap_or_default());
        put("responseStatus", self.status.clone().unwrap_or_default());
        put("requestReceivedTimestamp", micros(self.received).into());
        put("stageTimestamp", micros(now).into());
        if !self.annotations.is_empty() {
            put("annotations", json!(self.annotations));
        }
        Value::Object(event)
    }
}

impl Reference {
    fn of(info: RequestInfo) -> Self {
        Self {
            resource: info.resource,
            namespace: info.namespace,
            name: info.name,
            group: info.group,
            version: info.version,
            subresource: info.subresource,
            ..Self::default()
        }
    }

    fn to_value(&self) -> Value {
        let fields = [
            ("resource", &self.resource),
            ("namespace", &self.namespace),
            ("name", &self.name),
            ("uid", &self.uid),
            ("apiGroup", &self.group),
            ("apiVersion", &self.version),
            ("resourceVersion", &self.resource_version),
            ("subresource", &self.subresource),
        ];
        let there = fields.into_iter().filter(|(_, value)| !value.is_empty());
        there.map(|(key, value)| (key.to_owned(), json!(value))).collect::<Map<_, _>>().into()
    }
}

/// What a refused client tried. Upstream: apiserver/pkg/endpoints/filters/authn_audit.go:getAuthMethods.
fn attempted(headers: &HeaderMap, is_x509: bool) -> String {
    let given = headers.get(header::AUTHORIZATION).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let scheme = given.as_deref().unwrap_or_default().trim().split_once(' ').map(|(scheme, _)| scheme.to_lowercase());
    let mut methods: Vec<&str> = Vec::new();
    methods.extend(["basic", "bearer"].into_iter().filter(|known| scheme.as_deref() == Some(known)));
    methods.extend(is_x509.then_some("x509"));
    if methods.is_empty() {
        return "Authentication failed, no credentials provided".to_owned();
    }
    format!("Authentication failed, attempted: {}", methods.join(", "))
}

/// As Go writes a `metav1.MicroTime`.
fn micros(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}
