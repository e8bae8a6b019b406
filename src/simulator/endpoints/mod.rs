//! The API's paths: who asks, may they, what is it about, what is the answer. Upstream: apiserver/pkg/endpoints.

mod apply;
mod body;
mod clock;
mod delete;
mod discovery;
mod kinds;
mod layout;
mod list_options;
mod managers;
mod metadata;
mod negotiation;
mod openapi;
mod patch;
mod read;
mod request_info;
mod respond;
mod watch;
mod write;

use std::sync::Arc;

use http::{Method, Request, Response, header};
use hyper::body::Incoming;

use crate::apimachinery::Status;
use crate::rbac::{Attributes, User};

use super::ControlPlane;
use super::audit::{self, Entry};
use super::authentication::Authenticated;
use super::kubelet::Kubelet;
use super::registry::{self, Review, Strategy};
use super::server::Body;
use super::{authentication, authorization, release};
use layout::Layout;
use respond::Answer;

pub use request_info::RequestInfo;

/// The API of one cluster: what both doors lead to.
pub struct Api {
    /// The cluster's state.
    pub plane: Arc<ControlPlane>,
    /// Answers for what runs on the node.
    pub kubelet: Kubelet,
    /// The address clients see in discovery documents: `127.0.0.1:6443`.
    pub address: String,
    /// Where requests are noted.
    pub audit: Arc<audit::Log>,
}

/// What a request turns out to be about.
enum Target {
    Object(&'static dyn Strategy),
    Review(&'static dyn Review),
}

impl Api {
    /// Answers one request. `peer` is who the connection belongs to, if its credentials say so.
    pub async fn handle(&self, request: Request<Incoming>, peer: Option<&User>) -> Response<Body> {
        let id = audit::id(&request, &self.plane.ids);
        let mut response = if self.audit.is_on() {
            let with_message = self.plane.does(release::AUDIT_STATUS_MESSAGE);
            let name = id.to_str().unwrap_or_default();
            let entry = Entry::begin(&self.audit, &self.plane.clock, with_message, name, &request, peer.is_some());
            let response = audit::within(Arc::clone(&entry), self.respond(request, peer)).await;
            respond::until_the_end(response, entry)
        } else {
            self.respond(request, peer).await
        };
        response.headers_mut().insert(audit::AUDIT_ID, id);
        response
    }

    async fn respond(&self, request: Request<Incoming>, peer: Option<&User>) -> Response<Body> {
        let layout = Layout::wanted(&request, &self.plane);
        let answer = self.answer(request, peer).await.unwrap_or_else(Answer::from);
        let said = audit::current().and_then(|_| answer.status());
        let response = answer.into_response(layout);
        if let Some(entry) = audit::current() {
            entry.answered(response.status(), said.as_ref());
        }
        response
    }

    async fn answer(&self, request: Request<Incoming>, peer: Option<&User>) -> Result<Answer, Status> {
        // Letters that no token has make a bad credential, not an absent one.
        let authorization = request.headers().get(header::AUTHORIZATION);
        let authorization = authorization.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let Authenticated { user, warnings, .. } =
            authentication::authenticate_with_warnings(&self.plane, peer, authorization.as_deref())
                .ok_or_else(Status::unauthorized)?;
        audit::authenticated(&user);
        // What there is to say of the credentials is said with a refusal too.
        let answer = self.answer_user(request, &user, peer.is_some()).await.unwrap_or_else(Answer::from);
        Ok(answer.with_warnings(warnings))
    }

    async fn answer_user(
        &self,
        request: Request<Incoming>,
        identity: &User,
        by_certificate: bool,
    ) -> Result<Answer, Status> {
        let user = authentication::impersonate(&self.plane, identity, request.headers())?;
        if user != *identity {
            audit::impersonated(&user);
        }
        let info = RequestInfo::parse(request.method(), request.uri());
        if info.path == clock::PATH {
            let is_admin = by_certificate && user == *identity && clock::is_admin(&user);
            return clock::answer(&self.plane.clock, is_admin, request, &info.attributes(user)).await;
        }
        self.authorize(&user, &info)?;
        if !info.is_resource {
            return discovery::answer(self, &request, &info);
        }
        self.dispatch(request, user, info).await
    }

    fn authorize(&self, user: &User, info: &RequestInfo) -> Result<(), Status> {
        let attributes = info.attributes(user.clone());
        let decision = authorization::authorize(&self.plane, &attributes);
        let word = if decision.allowed { "allow" } else { "forbid" };
        audit::annotate("authorization.k8s.io/decision", word);
        audit::annotate("authorization.k8s.io/reason", decision.reason.as_str());
        if decision.allowed { Ok(()) } else { Err(forbidden(&attributes, &decision.reason)) }
    }

    async fn dispatch(&self, request: Request<Incoming>, user: User, info: RequestInfo) -> Result<Answer, Status> {
        let target = self.target(&info).ok_or_else(Status::no_such_path)?;
        let agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        let agent = agent.unwrap_or_default().to_owned();
        let call = Call { api: self, user, info, agent };
        match target {
            Target::Review(review) => match (request.method(), call.info.name.is_empty()) {
                (&Method::POST, true) => {
                    negotiation::check(request.headers())?;
                    write::review(&call, review, request).await
                }
                _ => Err(Status::method_not_allowed()),
            },
            Target::Object(strategy) => call.object(strategy, request).await,
        }
    }

    fn target(&self, info: &RequestInfo) -> Option<Target> {
        let served = |resource: &crate::apimachinery::Resource| {
            resource.group_version.group == info.group
                && resource.group_version.version == info.version
                && resource.plural == info.resource
        };
        if let Some(strategy) = registry::ALL.iter().copied().find(|strategy| served(strategy.resource())) {
            return Some(Target::Object(strategy));
        }
        let here = |review: &&'static dyn Review| {
            served(review.resource()) && review.served().is_none_or(|behaviour| self.plane.does(behaviour))
        };
        registry::REVIEWS.iter().copied().find(here).map(Target::Review)
    }
}

/// The refusal of a request, worded for its reader.
fn forbidden(attributes: &Attributes, reason: &str) -> Status {
    let mut why = authorization::denial(attributes);
    if !reason.is_empty() {
        why = format!("{why}: {reason}");
    }
    let resource = match attributes.subresource.as_str() {
        "" => attributes.resource.clone(),
        subresource => format!("{}/{subresource}", attributes.resource),
    };
    let mut status = Status::forbidden(&attributes.group, &attributes.resource, &attributes.name, &why);
    if !attributes.subresource.is_empty() {
        status = Status::forbidden(&attributes.group, &resource, &attributes.name, &why);
        // The message names the subresource, the details do not.
        status.kind.clone_from(&attributes.resource);
    }
    status
}

/// One authorized request about a resource.
struct Call<'a> {
    api: &'a Api,
    user: User,
    info: RequestInfo,
    /// What the client calls itself.
    agent: String,
}

impl Call<'_> {
    async fn object(&self, strategy: &'static dyn Strategy, request: Request<Incoming>) -> Result<Answer, Status> {
        let info = &self.info;
        if !info.namespace.is_empty() && !strategy.resource().namespaced && strategy.resource().plural != "namespaces" {
            return Err(Status::no_such_path());
        }
        if !info.subresource.is_empty() {
            return self.subresource(strategy, request).await;
        }
        if !strategy.resource().verbs.contains(&info.verb.as_str()) {
            return Err(Status::method_not_allowed());
        }
        negotiation::check(request.headers())?;
        match info.verb.as_str() {
            "update" | "patch" if info.name.is_empty() => Err(Status::method_not_allowed()),
            "get" => read::get(self, strategy, &request),
            "list" => read::list(self, strategy, &request),
            "watch" => watch::watch(self, strategy, &request),
            "create" => write::create(self, strategy, request).await,
            "update" => write::update(self, strategy, request).await,
            "patch" => patch::patch(self, strategy, request).await,
            "delete" => delete::one(self, strategy, request).await,
            "deletecollection" => delete::collection(self, strategy, request).await,
            _ => Err(Status::method_not_allowed()),
        }
    }

    async fn subresource(&self, strategy: &'static dyn Strategy, request: Request<Incoming>) -> Result<Answer, Status> {
        let info = &self.info;
        let (name, _, verbs) = strategy
            .subresources()
            .iter()
            .find(|(name, _, _)| *name == info.subresource)
            .ok_or_else(Status::no_such_path)?;
        if !verbs.contains(&info.verb.as_str()) && !matches!(*name, "exec" | "attach" | "portforward") {
            return Err(Status::method_not_allowed());
        }
        if !matches!(*name, "exec" | "attach" | "portforward" | "log") {
            negotiation::check(request.headers())?;
        }
        match (strategy.resource().plural, *name) {
            ("serviceaccounts", "token") => write::token(self, strategy, request).await,
            ("pods", "exec" | "log" | "attach" | "portforward") => {
                read::existing(self, strategy)?;
                let name = info.name.clone();
                Ok(Answer::Raw(self.api.kubelet.serve(request, &info.namespace, &name, &info.subresource).await))
            }
            ("pods", "binding" | "eviction") => write::action(self, strategy, request).await,
            _ if info.verb == "get" => read::get(self, strategy, &request),
            _ => write::subresource(self, strategy, request).await,
        }
    }
}

/// An object made ready to be stored, past the checks of a request: for what a cluster is born with.
pub(super) fn prepare(
    plane: &ControlPlane,
    strategy: &dyn Strategy,
    object: serde_json::Value,
    namespace: &str,
) -> Result<serde_json::Value, Status> {
    let mut object = strategy.decode(object)?.object;
    strategy.default(plane, &mut object);
    strategy.prepare_for_create(plane, &mut object);
    managers::note_own(plane, strategy, &mut object);
    metadata::fill(plane, strategy, &mut object, namespace);
    Ok(metadata::in_order(object))
}
