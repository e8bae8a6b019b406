//! Watches: a stream of events, one JSON document a line. Upstream: apiserver/pkg/endpoints/handlers/watch.go.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use futures::stream;
use http::{HeaderValue, Request, Response, header};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::apimachinery::{Status, StatusReason};
use crate::simulator::ControlPlane;
use crate::simulator::registry::Strategy;
use crate::simulator::storage::{Event, EventType, Watch};

use super::Call;
use super::negotiation::{self, Form};
use super::read::Filter;
use super::respond::Answer;

/// How often a client that allows them gets a bookmark.
const BOOKMARK_EVERY: SignedDuration = SignedDuration::from_secs(60);

struct Watcher {
    plane: Arc<ControlPlane>,
    strategy: &'static dyn Strategy,
    filter: Filter,
    form: Form,
    watch: Watch,
    pending: VecDeque<Bytes>,
    bookmarks: bool,
    sent_columns: bool,
    next_bookmark: Timestamp,
    ends: Option<Timestamp>,
    finished: bool,
}

pub(super) fn watch<B>(
    call: &Call<'_>,
    strategy: &'static dyn Strategy,
    request: &Request<B>,
) -> Result<Answer, Status> {
    let resource = strategy.resource();
    let plane = &call.api.plane;
    let mut filter = Filter::of(call, strategy)?;
    super::list_options::validate(call, true)?;
    if !call.info.name.is_empty() {
        filter.fields = crate::apimachinery::labels::Selector::fields(&format!("metadata.name={}", call.info.name))
            .map_err(Status::bad_request)?;
    }
    call.info.number("limit")?;
    let namespace = (!call.info.namespace.is_empty() && resource.namespaced).then_some(call.info.namespace.as_str());
    let version = call.info.param("resourceVersion").unwrap_or_default();
    let initial = call.info.flag("sendInitialEvents");
    let (since, existing) = if matches!(version, "" | "0") || initial {
        let (objects, revision) = plane.store.list(&resource.qualified(), namespace);
        (revision, objects)
    } else {
        let since = version.parse().map_err(|_| {
            let why = format!(
                "resourceVersion: Invalid value: {version:?}: strconv.ParseUint: parsing {version:?}: invalid syntax"
            );
            Status::failure(StatusReason::Invalid, why)
        })?;
        (since, Vec::new())
    };
    let watch = plane
        .store
        .watch(&resource.qualified(), namespace, since)
        .map_err(|expired| Status::failure(StatusReason::Expired, expired.to_string()))?;
    let now = plane.clock.now();
    let seconds = call.info.number("timeoutSeconds")?.filter(|seconds| *seconds > 0);
    let mut watcher = Watcher {
        plane: Arc::clone(plane),
        strategy,
        filter,
        form: Form::of(request.headers(), &call.info)?,
        watch,
        pending: VecDeque::new(),
        bookmarks: call.info.flag("allowWatchBookmarks"),
        sent_columns: false,
        next_bookmark: now.saturating_add(BOOKMARK_EVERY).unwrap_or(Timestamp::MAX),
        ends: seconds.and_then(|seconds| now.checked_add(SignedDuration::from_secs(seconds)).ok()),
        finished: false,
    };
    for object in existing {
        if !watcher.filter.matches(&object) {
            continue;
        }
        let line = watcher.line("ADDED", &object);
        watcher.pending.push_back(line);
    }
    if initial && watcher.bookmarks {
        let line = watcher.bookmark(true);
        watcher.pending.push_back(line);
    }
    let frames = stream::unfold(watcher, |mut watcher| async move {
        let line = watcher.next().await?;
        Some((Ok::<_, Infallible>(Frame::data(line)), watcher))
    });
    let mut response = Response::new(StreamBody::new(frames).boxed_unsync());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, private"));
    Ok(Answer::Raw(response))
}

impl Watcher {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(line) = self.pending.pop_front() {
                return Some(line);
            }
            if self.finished {
                return None;
            }
            let clock = self.plane.clock.clone();
            let wake = match self.ends {
                Some(ends) if self.bookmarks => ends.min(self.next_bookmark),
                Some(ends) => ends,
                None if self.bookmarks => self.next_bookmark,
                None => Timestamp::MAX,
            };
            tokio::select! {
                events = self.watch.next() => match events {
                    Ok(events) => {
                        for event in events {
                            if let Some(line) = self.event(&event) {
                                self.pending.push_back(line);
                            }
                        }
                    }
                    Err(expired) => {
                        let status = Status::failure(StatusReason::Expired, expired.to_string());
                        self.pending.push_back(write("ERROR", &status.to_value()));
                        self.finished = true;
                    }
                },
                () = clock.sleep_until(wake) => {
                    let now = clock.now();
                    if self.ends.is_some_and(|ends| now >= ends) {
                        return None;
                    }
                    self.next_bookmark = now.saturating_add(BOOKMARK_EVERY).unwrap_or(Timestamp::MAX);
                    return Some(self.bookmark(false));
                }
            }
        }
    }

    /// An event as this watcher sees it: an object that starts or stops being selected is added or deleted.
    fn event(&mut self, event: &Event) -> Option<Bytes> {
        let before = event.previous.as_ref().is_some_and(|previous| self.filter.matches(previous));
        let after = event.kind != EventType::Deleted && self.filter.matches(&event.object);
        let kind = match (before, after) {
            (false, false) => return None,
            (false, true) => "ADDED",
            (true, true) => "MODIFIED",
            (true, false) => "DELETED",
        };
        Some(self.line(kind, &event.object))
    }

    fn line(&mut self, kind: &str, object: &Value) -> Bytes {
        let shown = match self.form {
            Form::Objects => return write(kind, object),
            Form::Metadata(version) | Form::MetadataList(version) => negotiation::partial(object, version),
            Form::Table(version, include) => {
                let metadata = json!({"resourceVersion": crate::apimachinery::meta::resource_version(object)});
                let with_columns = !std::mem::replace(&mut self.sent_columns, true);
                let of = (version, include);
                negotiation::table(&self.plane, self.strategy, of, std::iter::once(object), metadata, with_columns)
            }
        };
        write(kind, &shown)
    }

    fn bookmark(&self, initial_ended: bool) -> Bytes {
        let resource = self.strategy.resource();
        let mut metadata = json!({"resourceVersion": self.watch.revision().to_string(), "creationTimestamp": null});
        if initial_ended {
            metadata["annotations"] = json!({"k8s.io/initial-events-end": "true"});
        }
        let object =
            json!({"kind": resource.kind, "apiVersion": resource.group_version.api_version(), "metadata": metadata});
        write("BOOKMARK", &object)
    }
}

/// One event, on a line of its own.
fn write(kind: &str, object: &Value) -> Bytes {
    Bytes::from(format!("{{\"type\":\"{kind}\",\"object\":{object}}}\n"))
}
