//! What went wrong in a command, and the words kubectl says it with.
//! Upstream: kubectl/pkg/cmd/util/helpers.go (checkErr, StandardErrorMessage, MultipleErrors).

use super::discovery::Found;
use crate::apimachinery::{Status, StatusReason};

/// Why a command failed.
#[derive(Debug, Clone)]
pub enum Error {
    /// The API server refused.
    Status(Box<Status>),
    /// kubectl's own complaint; printed after `error: `.
    Text(String),
    /// Words that are printed as they are.
    Raw(String),
    /// Several failures, each on its own line.
    Many(Vec<Error>),
    /// The API server could not be reached; printed as it is.
    Unreachable(String),
    /// A failure already told, or one that needs no words: the exit code.
    Exit(i32),
    /// The remote command's exit code.
    Remote(i32),
}

impl From<Status> for Error {
    fn from(status: Status) -> Self {
        Self::Status(Box::new(status))
    }
}

impl Error {
    /// kubectl's own complaint.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A complaint about how a command was called, with where to look. Upstream: UsageErrorf.
    pub fn usage(path: &str, text: &str) -> Self {
        Self::Text(format!("{text}\nSee '{path} -h' for help and examples"))
    }

    /// Whether the server said that there is no such thing.
    pub fn is_not_found(&self) -> bool {
        self.is(StatusReason::NotFound)
    }

    /// Whether the server gave this reason.
    pub fn is(&self, reason: StatusReason) -> bool {
        matches!(self, Self::Status(status) if status.is(reason))
    }

    /// The error's own sentence, as Go's `err.Error()`.
    pub fn message(&self) -> String {
        match self {
            Self::Status(status) => status.message.clone(),
            Self::Text(text) | Self::Raw(text) | Self::Unreachable(text) => text.clone(),
            Self::Many(errors) => {
                let mut messages: Vec<String> = errors.iter().map(Self::message).collect();
                if messages.len() == 1 { messages.remove(0) } else { format!("[{}]", messages.join(", ")) }
            }
            Self::Exit(code) => format!("exit status {code}"),
            Self::Remote(code) => format!("command terminated with exit code {code}"),
        }
    }

    /// The same failure told as part of a longer sentence: `failed to create token: …`.
    #[must_use]
    pub fn wrap(self, prefix: &str) -> Self {
        match self {
            Self::Exit(code) => Self::Exit(code),
            other => Self::Text(format!("{prefix}{}", other.message())),
        }
    }

    /// The server's error with what was being done: `error when creating "FILE": …`. Upstream: AddSourceToErr.
    #[must_use]
    pub fn with_source(self, verb: &str, source: &str) -> Self {
        if source.is_empty() {
            return self;
        }
        match self {
            Self::Status(mut status) => {
                status.message = format!("error when {verb} {source:?}: {}", status.message);
                Self::Status(status)
            }
            Self::Exit(code) => Self::Exit(code),
            other => Self::Text(format!("error when {verb} {source:?}: {}", other.message())),
        }
    }

    /// Neither a name nor a file. Upstream: cli-runtime/pkg/resource/builder.go, missingResourceError.
    pub fn nothing_named() -> Self {
        Self::text(
            "You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'",
        )
    }

    /// The server's refusal of a list, with what was looked for. Upstream: cli-runtime/pkg/resource/selector.go.
    #[must_use]
    pub fn of_list(self, resource: &Found, labels: &str, fields: &str) -> Self {
        match self {
            Self::Status(mut status) if status.is(StatusReason::BadRequest) || status.is(StatusReason::NotFound) => {
                let of = format!(
                    "{}, Resource={}",
                    if resource.group.is_empty() { format!("/{}", resource.version) } else { resource.api_version() },
                    resource.plural
                );
                status.message = if labels.is_empty() && fields.is_empty() {
                    format!("Unable to list {of:?}: {}", status.message)
                } else {
                    format!(
                        "Unable to find {of:?} that match label selector {labels:?}, field selector {fields:?}: {}",
                        status.message
                    )
                };
                Self::Status(status)
            }
            other => other,
        }
    }

    /// One failure as it is, several together.
    pub fn all(mut errors: Vec<Self>) -> Result<(), Self> {
        match errors.len() {
            0 => Ok(()),
            1 => Err(errors.remove(0)),
            _ => Err(Self::Many(errors)),
        }
    }

    /// What is written on standard error, and the exit code.
    pub fn told(&self) -> (String, i32) {
        let text = match self {
            Self::Exit(code) => return (String::new(), *code),
            Self::Remote(code) => return (with_newline(self.message()), *code),
            Self::Status(status) if status.is(StatusReason::Invalid) => invalid(status),
            Self::Many(errors) => errors.iter().map(|error| error.line() + "\n").collect(),
            Self::Text(text) if !text.starts_with("error: ") => format!("error: {text}"),
            _ => self.line(),
        };
        (with_newline(text), 1)
    }

    /// The standard sentence for an error among others.
    fn line(&self) -> String {
        match self {
            Self::Status(status) if status.is(StatusReason::Unauthorized) => {
                format!("error: You must be logged in to the server ({})", status.message)
            }
            Self::Status(status) if status.reason.is_empty() => format!("Error from server: {}", status.message),
            Self::Status(status) => format!("Error from server ({}): {}", status.reason, status.message),
            other => other.message(),
        }
    }
}

fn with_newline(mut text: String) -> String {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// `The Pod "x" is invalid: …`; several causes become a list.
fn invalid(status: &Status) -> String {
    let head = match (status.kind.as_str(), status.causes.is_empty()) {
        ("", true) => return format!("The request is invalid: {}", status.message),
        ("", false) => "The request is invalid".to_owned(),
        (kind, _) => format!("The {kind} {:?} is invalid", status.name),
    };
    let mut causes: Vec<String> = Vec::new();
    for cause in &status.causes {
        let told = format!("{}: {}", cause.field, cause.message);
        if !causes.contains(&told) {
            causes.push(told);
        }
    }
    match causes.as_slice() {
        [] => head,
        [one] => format!("{head}: {one}\n"),
        many => many.iter().fold(format!("{head}: \n"), |text, cause| text + &format!("* {cause}\n")),
    }
}

#[cfg(test)]
mod tests {
    use super::Error;
    use crate::apimachinery::Status;
    use crate::apimachinery::field::{Errors, Path};

    #[test]
    fn told() {
        let mut one = Errors::default();
        one.required(&Path::new("a"), "");
        let mut two = one.clone();
        two.required(&Path::new("b"), "");
        let rows: Vec<(Error, &str, i32)> = vec![
            (
                Error::Status(Status::invalid("", "", "", one.clone())),
                "The request is invalid: a: Required value\n",
                1,
            ),
            (Error::text("nope"), "error: nope\n", 1),
            (Status::not_found("", "pods", "x").into(), "Error from server (NotFound): pods \"x\" not found\n", 1),
            (
                Error::from(Status::not_found("", "pods", "x")).wrap("failed to create token: "),
                "error: failed to create token: pods \"x\" not found\n",
                1,
            ),
            (
                Error::from(Status::already_exists("", "serviceaccounts", "x")).with_source("creating", "sa.yaml"),
                "Error from server (AlreadyExists): error when creating \"sa.yaml\": serviceaccounts \"x\" already exists\n",
                1,
            ),
            (Status::unauthorized().into(), "error: You must be logged in to the server (Unauthorized)\n", 1),
            (Status::invalid("", "Pod", "x", one).into(), "The Pod \"x\" is invalid: a: Required value\n", 1),
            (
                Status::invalid("", "Pod", "x", two).into(),
                "The Pod \"x\" is invalid: \n* a: Required value\n* b: Required value\n",
                1,
            ),
            (Error::Remote(3), "command terminated with exit code 3\n", 3),
            (Error::Exit(2), "", 2),
            (
                Error::Many(vec![Status::not_found("", "pods", "x").into(), Error::text("y")]),
                "Error from server (NotFound): pods \"x\" not found\ny\n",
                1,
            ),
        ];
        for (error, text, code) in rows {
            assert_eq!(error.told(), (text.to_owned(), code));
        }
    }
}
