//! The API's answer when it is not an object. Upstream: apimachinery/pkg/api/errors/errors.go.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::field::Errors;

/// One fault among several in a `Status`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// `FieldValueInvalid`, …
    pub reason: String,
    /// `Invalid value: …`
    pub message: String,
    /// `metadata.name`
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub field: String,
}

/// Why a request failed, in one of the API's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the API's own")]
pub enum StatusReason {
    Unknown,
    Unauthorized,
    Forbidden,
    NotFound,
    AlreadyExists,
    Conflict,
    Gone,
    Invalid,
    ServerTimeout,
    BadRequest,
    MethodNotAllowed,
    NotAcceptable,
    RequestEntityTooLarge,
    UnsupportedMediaType,
    InternalError,
    Expired,
    Timeout,
}

impl StatusReason {
    /// The word on the wire and the HTTP code that goes with it.
    pub fn word_and_code(self) -> (&'static str, u16) {
        match self {
            Self::Unknown => ("", 500),
            Self::Unauthorized => ("Unauthorized", 401),
            Self::Forbidden => ("Forbidden", 403),
            Self::NotFound => ("NotFound", 404),
            Self::AlreadyExists => ("AlreadyExists", 409),
            Self::Conflict => ("Conflict", 409),
            Self::Gone => ("Gone", 410),
            Self::Invalid => ("Invalid", 422),
            Self::ServerTimeout => ("ServerTimeout", 500),
            Self::BadRequest => ("BadRequest", 400),
            Self::MethodNotAllowed => ("MethodNotAllowed", 405),
            Self::NotAcceptable => ("NotAcceptable", 406),
            Self::RequestEntityTooLarge => ("RequestEntityTooLarge", 413),
            Self::UnsupportedMediaType => ("UnsupportedMediaType", 415),
            Self::InternalError => ("InternalError", 500),
            Self::Expired => ("Expired", 410),
            Self::Timeout => ("Timeout", 504),
        }
    }
}

/// A failure (or a plain success) as the API reports it. As a Rust error it prints its message.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Status {
    /// The HTTP code.
    pub code: u16,
    /// One of [`StatusReason`]'s words; may be empty.
    pub reason: String,
    /// The sentence for people.
    pub message: String,
    /// `details.name`
    pub name: String,
    /// `details.group`
    pub group: String,
    /// `details.kind`: the resource's plural for most errors, the kind for `Invalid`.
    pub kind: String,
    /// `details.uid`
    pub uid: String,
    /// `details.causes`
    pub causes: Vec<Cause>,
    /// `details.retryAfterSeconds`
    pub retry_after: u32,
}

impl Status {
    /// A failure with a reason and a message, and no details.
    pub fn failure(reason: StatusReason, message: impl Into<String>) -> Self {
        let (word, code) = reason.word_and_code();
        Self { code, reason: word.to_owned(), message: message.into(), ..Self::default() }
    }

    fn about(mut self, group: &str, kind: &str, name: &str) -> Self {
        (self.group, self.kind, self.name) = (group.to_owned(), kind.to_owned(), name.to_owned());
        self
    }

    /// 404 `serviceaccounts "x" not found`
    pub fn not_found(group: &str, resource: &str, name: &str) -> Self {
        Self::failure(StatusReason::NotFound, format!("{} {name:?} not found", qualified(group, resource)))
            .about(group, resource, name)
    }

    /// 404 for a path that nothing answers.
    pub fn no_such_path() -> Self {
        Self::failure(StatusReason::NotFound, "the server could not find the requested resource")
    }

    /// 409 `serviceaccounts "x" already exists`
    pub fn already_exists(group: &str, resource: &str, name: &str) -> Self {
        Self::failure(StatusReason::AlreadyExists, format!("{} {name:?} already exists", qualified(group, resource)))
            .about(group, resource, name)
    }

    /// 409 `Operation cannot be fulfilled on pods "x": …`
    pub fn conflict(group: &str, resource: &str, name: &str, why: &str) -> Self {
        let message = format!("Operation cannot be fulfilled on {} {name:?}: {why}", qualified(group, resource));
        Self::failure(StatusReason::Conflict, message).about(group, resource, name)
    }

    /// 403 `pods "x" is forbidden: …`, or `pods is forbidden: …` without a name.
    pub fn forbidden(group: &str, resource: &str, name: &str, why: &str) -> Self {
        let resource_name = qualified(group, resource);
        let message = match (resource_name.as_str(), name) {
            ("", _) => format!("forbidden: {why}"),
            (resource, "") => format!("{resource} is forbidden: {why}"),
            (resource, name) => format!("{resource} {name:?} is forbidden: {why}"),
        };
        Self::failure(StatusReason::Forbidden, message).about(group, resource, name)
    }

    /// 401 `Unauthorized`
    pub fn unauthorized() -> Self {
        Self::failure(StatusReason::Unauthorized, "Unauthorized")
    }

    /// 400
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::failure(StatusReason::BadRequest, message)
    }

    /// 500 `Internal error occurred: …`
    pub fn internal(why: impl std::fmt::Display) -> Self {
        let mut status = Self::failure(StatusReason::InternalError, format!("Internal error occurred: {why}"));
        status.causes = vec![Cause { message: why.to_string(), ..Cause::default() }];
        status
    }

    /// 405 for a verb the resource has not.
    pub fn method_not_allowed() -> Self {
        Self::failure(StatusReason::MethodNotAllowed, "the server does not allow this method on the requested resource")
    }

    /// 422 `ServiceAccount "x" is invalid: field: message`, or `[a, b]` when several fields are wrong.
    pub fn invalid(group: &str, kind: &str, name: &str, errors: Errors) -> Self {
        let causes = errors.causes();
        let mut listed: Vec<String> = Vec::new();
        for cause in &causes {
            let line = format!("{}: {}", cause.field, cause.message);
            if !listed.contains(&line) {
                listed.push(line);
            }
        }
        let detail = if listed.len() == 1 { listed.remove(0) } else { format!("[{}]", listed.join(", ")) };
        let dot = if group.is_empty() { "" } else { "." };
        let mut status =
            Self::failure(StatusReason::Invalid, format!("{kind}{dot}{group} {name:?} is invalid: {detail}"))
                .about(group, kind, name);
        status.causes = causes;
        status
    }

    /// Whether the failure has this reason.
    pub fn is(&self, reason: StatusReason) -> bool {
        self.reason == reason.word_and_code().0
    }

    /// The `Status` object, fields in the order the API server writes them.
    pub fn to_value(&self) -> Value {
        let mut value =
            json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": self.message});
        if !self.reason.is_empty() {
            value["reason"] = json!(self.reason);
        }
        let mut details = serde_json::Map::new();
        for (key, text) in [("name", &self.name), ("group", &self.group), ("kind", &self.kind), ("uid", &self.uid)] {
            if !text.is_empty() {
                details.insert(key.to_owned(), json!(text));
            }
        }
        if !self.causes.is_empty() {
            let causes = self.causes.iter().map(|cause| {
                let mut shown = serde_json::Map::new();
                for (key, text) in [("reason", &cause.reason), ("message", &cause.message), ("field", &cause.field)] {
                    if !text.is_empty() {
                        shown.insert(key.to_owned(), json!(text));
                    }
                }
                Value::Object(shown)
            });
            details.insert("causes".to_owned(), causes.collect());
        }
        if self.retry_after > 0 {
            details.insert("retryAfterSeconds".to_owned(), json!(self.retry_after));
        }
        // Refusals that speak of no object still have details, empty ones.
        let generic =
            ["the server ", "forbidden: ", "406: ", "415: "].iter().any(|start| self.message.starts_with(start));
        if !details.is_empty() || generic {
            value["details"] = Value::Object(details);
        }
        value["code"] = json!(self.code);
        value
    }

    /// Reads a `Status` object; `None` when the value is something else.
    pub fn from_value(value: &Value) -> Option<Self> {
        if value.get("kind")? != "Status" {
            return None;
        }
        let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let causes = value.pointer("/details/causes").cloned().unwrap_or_default();
        Some(Self {
            code: value
                .get("code")
                .and_then(Value::as_u64)
                .and_then(|code| u16::try_from(code).ok())
                .unwrap_or_default(),
            reason: text("/reason"),
            message: text("/message"),
            name: text("/details/name"),
            group: text("/details/group"),
            kind: text("/details/kind"),
            uid: text("/details/uid"),
            causes: serde_json::from_value::<Vec<LooseCause>>(causes)
                .unwrap_or_default()
                .into_iter()
                .map(Cause::from)
                .collect(),
            retry_after: value
                .pointer("/details/retryAfterSeconds")
                .and_then(Value::as_u64)
                .and_then(|s| u32::try_from(s).ok())
                .unwrap_or_default(),
        })
    }
}

/// A cause from the wire, where every field may be left out.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct LooseCause {
    reason: String,
    message: String,
    field: String,
}

impl From<LooseCause> for Cause {
    fn from(loose: LooseCause) -> Self {
        Self { reason: loose.reason, message: loose.message, field: loose.field }
    }
}

fn qualified(group: &str, name: &str) -> String {
    if group.is_empty() || name.is_empty() { name.to_owned() } else { format!("{name}.{group}") }
}
