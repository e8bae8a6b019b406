//! The modes of constrained impersonation: whom each is for, and what it takes. Upstream: …/filters/impersonation/mode.go.
//!
//! Each takes two rights: `impersonate:<mode>` on the parts of the user, and `impersonate-on:<mode>:<verb>` on what the
//! request is about.

use std::collections::BTreeMap;

use crate::apimachinery::{Status, names};
use crate::rbac::{Attributes, User};
use crate::simulator::ControlPlane;
use crate::simulator::authorization::{MASTERS, forbidden};

use super::{AUTHENTICATION, Verb, may, node_name, service_account_name, settled, with_fixed_groups};

/// From so many groups or values on, it is asked first whether all are allowed.
const MANY: usize = 4;
/// The extra that names the node of a pod's token.
const NODE_NAME: &str = "authentication.kubernetes.io/node-name";
/// What of its extras a service account shows when it acts as its node: their names.
const NODE_KEYS: &str = "authentication.kubernetes.io/associated-node-keys";

/// A way to act as somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// A service account acts as the node its pod is on.
    AssociatedNode,
    /// As any node.
    ArbitraryNode,
    /// As a service account.
    ServiceAccount,
    /// As anybody else, with groups, uid and extras.
    UserInfo,
}

impl Mode {
    /// In the order they are tried.
    pub(super) const ALL: [Self; 4] = [Self::AssociatedNode, Self::ArbitraryNode, Self::ServiceAccount, Self::UserInfo];

    fn name(self) -> &'static str {
        match self {
            Self::AssociatedNode => "associated-node",
            Self::ArbitraryNode => "arbitrary-node",
            Self::ServiceAccount => "serviceaccount",
            Self::UserInfo => "user-info",
        }
    }

    /// `impersonate:user-info`
    pub(super) fn verb(self) -> String {
        format!("impersonate:{}", self.name())
    }

    /// Whether this is the way to act as them. All but the last take a name and nothing else.
    pub(super) fn is_for(self, wanted: &User, requestor: &User) -> bool {
        let only_named = wanted.uid.is_empty() && wanted.groups.is_empty() && wanted.extra.is_empty();
        let (node, account) = (node_name(&wanted.name), service_account_name(&wanted.name));
        match self {
            Self::AssociatedNode => {
                let its_own = requestor.extra.get(NODE_NAME).and_then(|values| match values.as_slice() {
                    [one] => Some(one.as_str()),
                    _ => None,
                });
                let is_account = service_account_name(&requestor.name).is_some();
                only_named && is_account && node.is_some() && node == its_own
            }
            Self::ArbitraryNode => only_named && node.is_some(),
            Self::ServiceAccount => only_named && account.is_some(),
            Self::UserInfo => node.is_none() && account.is_none(),
        }
    }

    /// The user and the attributes by which a success is remembered: a service account on many nodes is one.
    pub(super) fn remembered_by(self, wanted: &User, attributes: &Attributes) -> (User, Attributes) {
        match self {
            Self::AssociatedNode => {
                let any = User { name: "system:node:*".to_owned(), ..User::default() };
                (any, Attributes { user: nameless(&attributes.user), ..attributes.clone() })
            }
            _ => (wanted.clone(), attributes.clone()),
        }
    }

    /// Whether the sender may do what the request does while acting so.
    pub(super) fn check_request(self, plane: &ControlPlane, attributes: &Attributes) -> Result<(), Status> {
        let verb = format!("impersonate-on:{}:{}", self.name(), attributes.verb);
        self.may(plane, Attributes { verb, ..attributes.clone() })
    }

    /// Whether the sender may act as them at all, and who they are then.
    pub(super) fn check_user(self, plane: &ControlPlane, wanted: &User, requestor: &User) -> Result<User, Status> {
        let verb = self.verb();
        let verb = Verb { name: &verb, group: AUTHENTICATION, requestor };
        let mut actual = wanted.clone();
        self.may(
            plane,
            match node_name(&wanted.name) {
                Some(node) => {
                    actual.groups = vec!["system:nodes".to_owned()];
                    verb.on("nodes", node)
                }
                None => verb.on_name(&wanted.name),
            },
        )?;
        if !wanted.uid.is_empty() {
            may(plane, &verb.on_uid(&wanted.uid))?;
        }
        check_groups(plane, &verb, &wanted.groups)?;
        check_extra(plane, &verb, &wanted.extra)?;
        Ok(settled(with_fixed_groups(actual)))
    }

    /// Asks, for a node of its own with what is the same on every node.
    fn may(self, plane: &ControlPlane, attributes: Attributes) -> Result<(), Status> {
        if self != Self::AssociatedNode {
            return may(plane, &attributes);
        }
        let name = if attributes.verb == self.verb() { "*".to_owned() } else { attributes.name };
        may(plane, &Attributes { user: nameless(&attributes.user), name, ..attributes })
    }
}

/// A user whose extras are reduced to their names.
fn nameless(user: &User) -> User {
    let keys = user.extra.keys().cloned().collect();
    User { extra: BTreeMap::from([(NODE_KEYS.to_owned(), keys)]), ..user.clone() }
}

fn check_groups(plane: &ControlPlane, verb: &Verb<'_>, groups: &[String]) -> Result<(), Status> {
    if groups.iter().any(String::is_empty) {
        return Err(forbidden(&verb.on("groups", ""), "impersonating the empty string group is not allowed"));
    }
    if groups.iter().any(|group| group == MASTERS) {
        return Err(forbidden(&verb.on("groups", MASTERS), "impersonating the system:masters group is not allowed"));
    }
    if groups.len() >= MANY && may(plane, &verb.on("groups", "*")).is_ok() {
        return Ok(());
    }
    groups.iter().try_for_each(|group| may(plane, &verb.on("groups", group)))
}

fn check_extra(plane: &ControlPlane, verb: &Verb<'_>, extra: &BTreeMap<String, Vec<String>>) -> Result<(), Status> {
    if let Some(why) = extra.iter().find_map(|(key, values)| fault_of_extra(key, values)) {
        return Err(forbidden(&verb.on_extra("", ""), &why));
    }
    let many = extra.len() >= MANY || extra.values().map(Vec::len).sum::<usize>() >= MANY;
    if many && may(plane, &verb.on_extra("*", "*")).is_ok() {
        return Ok(());
    }
    let pairs = extra.iter().flat_map(|(key, values)| values.iter().map(move |value| (key, value)));
    pairs.into_iter().try_for_each(|(key, value)| may(plane, &verb.on_extra(key, value)))
}

/// What is wrong with an extra. Upstream: validateExtra and IsDomainPrefixedPath.
fn fault_of_extra(key: &str, values: &[String]) -> Option<String> {
    if key.is_empty() {
        return Some("impersonating the empty string key in extra is not allowed".to_owned());
    }
    let invalid = |why: &str| Some(format!("impersonating an invalid key in extra is not allowed: extra.key: {why}"));
    match key.split_once('/') {
        None | Some(("", _) | (_, "")) => {
            return invalid(&format!(
                "Invalid value: {key:?}: must be a domain-prefixed path (such as \"acme.io/foo\")"
            ));
        }
        Some((domain, _)) => {
            if let Some(why) = names::Rules::default().dns_subdomain(domain).first() {
                return invalid(&format!("Invalid value: {domain:?}: {why}"));
            }
        }
    }
    if key != key.to_lowercase() {
        return Some(format!("impersonating a non-lowercase key in extra is not allowed: {key:?}"));
    }
    let is_blank = values.iter().any(String::is_empty);
    is_blank.then(|| "impersonating the empty string value in extra is not allowed".to_owned())
}
