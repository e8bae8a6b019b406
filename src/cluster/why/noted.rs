//! The learner's requests on their way to a real cluster: what was asked, what was shown of who asks, and how the answer
//! began. Nothing here waits for more than that, and what passes is not changed.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures::StreamExt as _;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, BodyStream, StreamBody};
use jiff::Timestamp;
use kube::client::Body;
use serde_json::Value;

use crate::apimachinery::Status;
use crate::base::Clock;
use crate::simulator::endpoints::RequestInfo;

use super::way::Way;

/// How much of a refusal is read for its sentence, in bytes.
const MOST: usize = 64 * 1024;
/// How much of a refusal that is no Status is kept.
const SENTENCE: usize = 400;

/// The body of an answer that has passed.
type Passed = UnsyncBoxBody<Bytes, kube::Error>;
/// Who is told of each request.
type Listener = Arc<dyn Fn(Noted) + Send + Sync>;

/// A real cluster as the learner's requests reach it. Cloning it gives the same one.
#[derive(Clone)]
pub struct Outside {
    way: Way,
    listener: Arc<Mutex<Option<Listener>>>,
}

impl Outside {
    pub(in crate::cluster) fn new(way: Way) -> Self {
        Self { way, listener: Arc::default() }
    }

    /// The same cluster, with nobody told of anything yet.
    #[must_use]
    pub(in crate::cluster) fn afresh(&self) -> Self {
        Self::new(self.way.clone())
    }

    /// Tells each request of the learner's from now on, once its answer has begun.
    pub fn tell(&self, listener: impl Fn(Noted) + Send + Sync + 'static) {
        *self.listener.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(listener));
    }

    pub(super) fn way(&self) -> &Way {
        &self.way
    }

    /// The client at the learner's prompt.
    pub(in crate::cluster) fn learner(&self, clock: &Clock) -> kube::Client {
        self.client(clock, false)
    }

    /// A client at the learner's prompt that carries no identity.
    pub(in crate::cluster) fn anonymous(&self, clock: &Clock) -> kube::Client {
        self.client(clock, true)
    }

    fn client(&self, clock: &Clock, is_bare: bool) -> kube::Client {
        let (outside, clock) = (self.clone(), clock.clone());
        let service = tower::service_fn(move |request| {
            let (outside, clock) = (outside.clone(), clock.clone());
            async move { outside.pass(request, is_bare, &clock).await }
        });
        kube::Client::new(service, "default")
    }

    async fn pass(
        &self,
        request: Request<Body>,
        is_bare: bool,
        clock: &Clock,
    ) -> Result<Response<Passed>, kube::Error> {
        let listener = self.listener.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(listener) = listener else {
            return Ok(self.way.send(request, is_bare).await?.map(Body::boxed_unsync));
        };
        let info = RequestInfo::parse(request.method(), request.uri());
        let shown = Shown { is_bare, ..Shown::of(request.headers()) };
        let agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        let by_hand = agent.is_some_and(|agent| agent.starts_with("curl") || agent.starts_with("Wget"));
        let response = self.way.send(request, is_bare).await?;
        let code = response.status().as_u16();
        let (said, response) = match code {
            ..=399 => (Status::default(), response.map(Body::boxed_unsync)),
            _ => said(response).await,
        };
        listener(Noted { at: clock.now(), info, shown, by_hand, code, said });
        Ok(response)
    }
}

/// What a request showed of who asks. It is compared and sent, never printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Shown {
    /// The header of that name.
    pub authorization: Option<HeaderValue>,
    /// As whom the request acts: the headers that say so.
    pub acts: Vec<(HeaderName, HeaderValue)>,
    /// Whether it did not come with what the kubeconfig's user has.
    pub is_bare: bool,
}

impl Shown {
    fn of(headers: &HeaderMap) -> Self {
        let mut authorization = headers.get(header::AUTHORIZATION).cloned();
        if let Some(value) = &mut authorization {
            value.set_sensitive(true);
        }
        let acts = headers.iter().filter(|(name, _)| name.as_str().starts_with("impersonate-"));
        let acts = acts.map(|(name, value)| (name.clone(), value.clone())).collect();
        Self { authorization, acts, is_bare: false }
    }

    /// The same without acting as somebody else.
    pub(super) fn as_itself(&self) -> Self {
        Self { acts: Vec::new(), ..self.clone() }
    }

    /// Puts it on another request.
    pub(super) fn put(&self, headers: &mut HeaderMap) {
        if let Some(value) = &self.authorization {
            headers.insert(header::AUTHORIZATION, value.clone());
        }
        headers.extend(self.acts.iter().map(|(name, value)| (Some(name.clone()), value.clone())));
    }

    /// The bearer token, when there is one.
    pub(super) fn token(&self) -> Option<&str> {
        let (scheme, rest) = self.authorization.as_ref()?.to_str().ok()?.trim().split_once(' ')?;
        let token = rest.split(' ').next().filter(|token| !token.is_empty())?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token)
    }
}

/// A request of the learner's, and how it was answered.
pub struct Noted {
    pub(super) at: Timestamp,
    pub(super) info: RequestInfo,
    pub(super) shown: Shown,
    by_hand: bool,
    pub(super) code: u16,
    /// What the answer says, when it is a refusal.
    pub(super) said: Status,
}

impl Noted {
    /// Whether it is part of how clients find their way, and was granted.
    pub fn is_quiet(&self) -> bool {
        !self.info.is_resource && self.code < 400 && !self.by_hand
    }

    /// Whether it may have changed who may do what.
    pub(super) fn writes_rules(&self) -> bool {
        self.info.group == "rbac.authorization.k8s.io" && !self.info.is_reading()
    }
}

/// The sentence of a refusal, and the refusal as it was.
async fn said(response: Response<Body>) -> (Status, Response<Passed>) {
    let (parts, mut body) = response.into_parts();
    let (mut frames, mut text) = (Vec::new(), Vec::new());
    while text.len() < MOST
        && let Some(frame) = body.frame().await
    {
        let broke = frame.is_err();
        text.extend_from_slice(frame.as_ref().ok().and_then(|frame| frame.data_ref()).map_or(&[], |data| data));
        frames.push(frame);
        if broke {
            break;
        }
    }
    let value: Option<Value> = serde_json::from_slice(&text).ok();
    let status = value.as_ref().and_then(Status::from_value).unwrap_or_else(|| Status {
        message: String::from_utf8_lossy(&text).trim().chars().take(SENTENCE).collect(),
        ..Status::default()
    });
    let whole = futures::stream::iter(frames).chain(BodyStream::new(body));
    (status, Response::from_parts(parts, StreamBody::new(whole).boxed_unsync()))
}
