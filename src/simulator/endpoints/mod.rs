//! The API's paths: who asks, may they, what is it about, what is the answer. Upstream: apiserver/pkg/endpoints.

mod apply;
mod body;
pub mod clock;
mod delete;
mod discovery;
mod flowcontrol;
mod health;
mod kinds;
mod layout;
mod list_options;
mod managers;
mod metadata;
mod negotiation;
mod openapi;
mod options;
mod patch;
mod read;
mod request_info;
mod respond;
mod watch;
mod write;

use std::sync::Arc;

use http::{Method, Request, Response, header};
use hyper::body::Incoming;
use serde_json::json;

use crate::apimachinery::protobuf::in_order;
use crate::apimachinery::{Status, names};
use crate::rbac::User;

use super::ControlPlane;
use super::audit::{self, Entry};
use super::authentication::{Authenticated, Refusal};
use super::kubelet::Kubelet;
use super::registry::{self, Review, Strategy};
use super::server::Body;
use super::{authentication, authorization, release, trace};
use flowcontrol::Flow;
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
    /// Who is told how requests came to their answers.
    pub traces: trace::Traces,
}

/// What a request turns out to be about.
enum Target {
    Object(&'static dyn Strategy),
    Review(&'static dyn Review),
}

/// What the headers of an answer tell beside it.
#[derive(Default)]
struct About {
    /// What there is to say of the credentials.
    warnings: Vec<String>,
    /// Which flow the request belongs to.
    flow: Option<Flow>,
}

impl Api {
    /// Answers one request. `peer` is who the connection belongs to, if its credentials say so.
    pub async fn handle(&self, request: Request<Incoming>, peer: Option<&User>) -> Response<Body> {
        let now = self.plane.clock.now();
        trace::within(&self.traces, now, request, async |request| self.handle_noted(request, peer).await).await
    }

    async fn handle_noted(&self, request: Request<Incoming>, peer: Option<&User>) -> Response<Body> {
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
        let mut about = About::default();
        let answer = self.answer(request, peer, &mut about).await;
        trace::answered(answer.as_ref().err());
        let answer = answer.unwrap_or_else(Answer::from);
        let said = audit::current().and_then(|_| answer.status());
        let mut response = answer.into_response(layout);
        respond::warn(response.headers_mut(), about.warnings);
        if let Some(flow) = about.flow {
            flow.note(response.headers_mut());
        }
        if let Some(entry) = audit::current() {
            entry.answered(response.status(), said.as_ref());
        }
        response
    }

    async fn answer(
        &self,
        request: Request<Incoming>,
        peer: Option<&User>,
        about: &mut About,
    ) -> Result<Answer, Status> {
        // Letters that no token has make a bad credential, not an absent one.
        let authorization = request.headers().get(header::AUTHORIZATION);
        let authorization = authorization.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let found = authentication::authenticate_with_warnings(&self.plane, peer, authorization.as_deref());
        trace::authenticated(found.as_ref().map(|found| &found.user));
        let Authenticated { user, warnings, .. } = found.ok_or_else(Status::unauthorized)?;
        audit::authenticated(&user);
        // What there is to say of the credentials is said with a refusal too.
        about.warnings = warnings;
        self.answer_user(request, &user, peer.is_some(), about).await
    }

    async fn answer_user(
        &self,
        request: Request<Incoming>,
        identity: &User,
        by_certificate: bool,
        about: &mut About,
    ) -> Result<Answer, Status> {
        let info = RequestInfo::parse(request.method(), request.uri());
        let asked = info.attributes(identity.clone());
        let impersonated = authentication::impersonate(&self.plane, &asked, request.headers());
        trace::impersonated(&impersonated);
        let user = match impersonated {
            Ok(None) => identity.clone(),
            Ok(Some(done)) => {
                audit::impersonated(&done);
                done.user
            }
            Err(Refusal::Status(status)) => return Err(status),
            Err(Refusal::Internal(why)) => return Ok(respond::internal_error(request.uri(), &why)),
        };
        if info.path == clock::PATH {
            let is_admin = by_certificate && user == *identity && clock::is_admin(&user);
            return clock::answer(&self.plane.clock, is_admin, request, &info.attributes(user)).await;
        }
        about.flow = Flow::of(&self.plane, &user, &info);
        self.authorize(&user, &info)?;
        if !info.is_resource {
            return discovery::answer(self, &request, &info);
        }
        self.dispatch(request, user, info).await
    }

    fn authorize(&self, user: &User, info: &RequestInfo) -> Result<(), Status> {
        let attributes = info.attributes(user.clone());
        let decision = authorization::authorize(&self.plane, &attributes);
        trace::authorized(&self.plane, &attributes, &decision);
        let word = if decision.allowed { "allow" } else { "forbid" };
        audit::annotate("authorization.k8s.io/decision", word);
        audit::annotate("authorization.k8s.io/reason", decision.reason.as_str());
        if decision.allowed { Ok(()) } else { Err(authorization::forbidden(&attributes, &decision.reason)) }
    }

    async fn dispatch(&self, request: Request<Incoming>, user: User, info: RequestInfo) -> Result<Answer, Status> {
        let target = self.target(&info).filter(|_| !info.path.starts_with("//"));
        let Some(target) = target else { return self.nothing_of(&info).map_or_else(|| self.no_such_path(&info), Ok) };
        let agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        let agent = agent.unwrap_or_default().to_owned();
        let call = Call { api: self, user, info, agent };
        match target {
            Target::Review(review) => {
                let is_there = review.resource().namespaced != call.info.namespace.is_empty();
                match (request.method(), is_there && call.info.name.is_empty()) {
                    (_, false) => Err(Status::no_such_path()),
                    (&Method::POST, true) => {
                        negotiation::check(request.headers())?;
                        write::review(&call, review, request).await
                    }
                    _ => Err(Status::method_not_allowed()),
                }
            }
            Target::Object(strategy) => call.object(strategy, request).await,
        }
    }

    /// The list of a resource of which there is never one here.
    fn nothing_of(&self, info: &RequestInfo) -> Option<Answer> {
        let wanted = (info.group.as_str(), info.version.as_str(), info.resource.as_str());
        let (group, version, _, kind) = registry::EMPTY
            .iter()
            .find(|(group, version, plural, _)| (*group, *version, *plural) == wanted && info.verb == "list")?;
        let metadata = json!({"resourceVersion": self.plane.store.revision().to_string()});
        let api_version = format!("{group}/{version}");
        Some(Answer::ok(json!({"kind": kind, "apiVersion": api_version, "metadata": metadata, "items": []})))
    }

    /// 404: what belongs to a group is answered by it, the rest by Go's server.
    fn no_such_path(&self, info: &RequestInfo) -> Result<Answer, Status> {
        let is_of_group = info.group.is_empty() || discovery::groups(self).contains(&info.group.as_str());
        if is_of_group && !info.path.starts_with("//") { Err(Status::no_such_path()) } else { Ok(respond::not_found()) }
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
        self.check_place(strategy)?;
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

    /// Whether there is such a path, and whether what it names can be a name.
    fn check_place(&self, strategy: &'static dyn Strategy) -> Result<(), Status> {
        let (info, resource) = (&self.info, strategy.resource());
        let is_in_namespace = !info.namespace.is_empty();
        let is_there = match (resource.plural, resource.namespaced) {
            ("namespaces", _) => !is_in_namespace || info.name == info.namespace,
            (_, false) => !is_in_namespace,
            // All namespaces are listed and watched at once, and nothing else.
            (_, true) => is_in_namespace || info.name.is_empty() || info.verb == "watch",
        };
        if !is_there {
            return Err(Status::no_such_path());
        }
        let of_all = resource.namespaced && !is_in_namespace;
        if of_all && !matches!(info.verb.as_str(), "list" | "watch") {
            return Err(Status::method_not_allowed());
        }
        match names::path_segment(&info.name).first() {
            Some(why) => Err(Status::bad_request(format!("Name parameter invalid: {:?}: {why}", info.name))),
            None => Ok(()),
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
    Ok(in_order(object))
}
