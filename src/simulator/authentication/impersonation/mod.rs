//! Acting as somebody else. Upstream: apiserver/pkg/endpoints/filters/impersonation.

mod constrained;
mod tracker;
mod wanted;

use crate::apimachinery::{Status, names};
use crate::rbac::{Attributes, User};
use crate::simulator::authorization::{authorize, forbidden};
use crate::simulator::serviceaccount::service_account;
use crate::simulator::{ControlPlane, release};

use super::{ANONYMOUS, AUTHENTICATED, UNAUTHENTICATED};
use wanted::Wanted;

pub use tracker::Tracker;

/// Why somebody is not acted as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// What the API answers.
    Status(Status),
    /// Headers that name nobody, as releases before 1.35 took them: for a fault of the server's own.
    Internal(String),
}

/// Who a request acts as.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Impersonated {
    /// The user.
    pub user: User,
    /// The verb of constrained impersonation that allowed it; empty for the plain one.
    pub constraint: String,
}

/// The user a request acts as: none without `Impersonate-…` headers. `attributes` is the request as its sender makes it.
///
/// # Errors
/// When the sender may not act as them, or the headers name nobody.
pub fn impersonate(
    plane: &ControlPlane,
    attributes: &Attributes,
    headers: &http::HeaderMap,
) -> Result<Option<Impersonated>, Refusal> {
    let wanted = Wanted::read(headers, plane.does(release::IMPERSONATE_UID));
    if !wanted.asks() {
        return Ok(None);
    }
    if wanted.user.name.is_empty() {
        return Err(if plane.does(release::CONSTRAINED_IMPERSONATION) {
            let why = format!("requested {} without impersonating a user name", wanted.as_user());
            Refusal::Status(Status::bad_request(why))
        } else {
            let why = format!("requested {} without impersonating a user", wanted.as_references());
            match plane.does(release::IMPERSONATING_NOBODY_IS_BAD) {
                true => Refusal::Status(Status::bad_request(why)),
                false => Refusal::Internal(why),
            }
        });
    }
    let done = if plane.does(release::CONSTRAINED_IMPERSONATION) {
        plane.impersonations.impersonate(plane, &wanted.user, attributes)
    } else {
        plain(plane, &wanted.user, &attributes.user).map(|user| Impersonated { user, constraint: String::new() })
    };
    done.map(Some).map_err(Refusal::Status)
}

/// Who may `impersonate` each part of a user may act as them. Upstream: WithImpersonation.
fn plain(plane: &ControlPlane, wanted: &User, requestor: &User) -> Result<User, Status> {
    let verb = Verb { name: "impersonate", group: "", requestor };
    may(plane, &verb.on_name(&wanted.name))?;
    wanted.groups.iter().try_for_each(|group| may(plane, &verb.on("groups", group)))?;
    wanted
        .extra
        .iter()
        .try_for_each(|(key, values)| values.iter().try_for_each(|value| may(plane, &verb.on_extra(key, value))))?;
    if !wanted.uid.is_empty() {
        may(plane, &verb.on_uid(&wanted.uid))?;
    }
    Ok(settled(with_fixed_groups(wanted.clone())))
}

/// A verb somebody needs for the parts of a user: names and groups are resources of `group`, the rest of one of its own.
struct Verb<'a> {
    name: &'a str,
    group: &'a str,
    requestor: &'a User,
}

impl Verb<'_> {
    fn on(&self, resource: &str, name: &str) -> Attributes {
        Attributes {
            user: self.requestor.clone(),
            verb: self.name.to_owned(),
            group: self.group.to_owned(),
            resource: resource.to_owned(),
            name: name.to_owned(),
            ..Attributes::default()
        }
    }

    /// A user's name, or a service account's.
    fn on_name(&self, name: &str) -> Attributes {
        match service_account_name(name) {
            Some((namespace, name)) => {
                Attributes { namespace: namespace.to_owned(), ..self.on("serviceaccounts", name) }
            }
            None => self.on("users", name),
        }
    }

    fn on_uid(&self, uid: &str) -> Attributes {
        Attributes { group: AUTHENTICATION.to_owned(), ..self.on("uids", uid) }
    }

    fn on_extra(&self, key: &str, value: &str) -> Attributes {
        let group = AUTHENTICATION.to_owned();
        Attributes { group, subresource: key.to_owned(), ..self.on("userextras", value) }
    }
}

/// The group of what users are made of.
const AUTHENTICATION: &str = "authentication.k8s.io";

fn may(plane: &ControlPlane, attributes: &Attributes) -> Result<(), Status> {
    let decision = authorize(plane, attributes);
    if decision.allowed { Ok(()) } else { Err(forbidden(attributes, &decision.reason)) }
}

/// A service account's groups are known, where none are asked for.
fn with_fixed_groups(mut user: User) -> User {
    if let (Some((namespace, name)), true) = (service_account_name(&user.name), user.groups.is_empty()) {
        user.groups = service_account(namespace, name, "").groups;
    }
    user
}

/// Whoever acts as somebody known is known; who acts as nobody is not.
fn settled(mut user: User) -> User {
    let has = |group: &str| user.groups.iter().any(|its| its == group);
    let missing = match user.name == ANONYMOUS {
        true => (!has(UNAUTHENTICATED)).then_some(UNAUTHENTICATED),
        false => (!has(AUTHENTICATED) && !has(UNAUTHENTICATED)).then_some(AUTHENTICATED),
    };
    user.groups.extend(missing.map(str::to_owned));
    user
}

/// `(namespace, name)` of a service account's user name. Upstream: serviceaccount.SplitUsername.
fn service_account_name(user: &str) -> Option<(&str, &str)> {
    let (namespace, name) = user.strip_prefix("system:serviceaccount:")?.split_once(':')?;
    (names::Rules::default().dns_label(namespace).is_empty() && names::Rules::default().dns_subdomain(name).is_empty())
        .then_some((namespace, name))
}

/// The node a user name is of.
fn node_name(user: &str) -> Option<&str> {
    user.strip_prefix("system:node:").filter(|name| names::Rules::default().dns_subdomain(name).is_empty())
}
