//! Which rung stopped a request, told from the code and the sentence of its answer.

use crate::rbac::Attributes;

use super::noted::Noted;

/// What stopped a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// Nothing.
    Nothing,
    /// It is not known who asks.
    Who,
    /// They may not act as somebody else.
    ActAs,
    /// They may not.
    May(Denied),
    /// A plugin refuses; its name, as far as its words tell.
    Plugin(Option<String>),
    /// The request itself.
    Request,
}

/// What RBAC's sentence names: `User "U" cannot list resource "pods" in API group "" in the namespace "default"`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Denied {
    pub user: String,
    pub verb: String,
    pub group: String,
    pub resource: String,
    pub subresource: String,
    pub namespace: String,
    pub path: Option<String>,
}

/// What plugins say, and which plugin says it. Upstream: plugin/pkg/admission and the apiserver's own.
const WORDS: &[(&str, &str)] = &[
    ("error looking up service account ", "ServiceAccount"),
    ("no service account specified for pod", "ServiceAccount"),
    ("no API token found for service account", "ServiceAccount"),
    ("a mirror pod may not", "ServiceAccount"),
    ("because service account ", "ServiceAccount"),
    ("because it is being terminated", "NamespaceLifecycle"),
    ("this namespace may not be deleted", "NamespaceLifecycle"),
    ("no PriorityClass with name ", "Priority"),
    ("priority admission controller", "Priority"),
    ("violates PodSecurity ", "PodSecurity"),
    ("exceeded quota: ", "ResourceQuota"),
    ("failed quota: ", "ResourceQuota"),
    (" usage per ", "LimitRanger"),
    ("cannot set an ownerRef ", "OwnerReferencesPermissionEnforcement"),
    ("cannot set blockOwnerDeletion ", "OwnerReferencesPermissionEnforcement"),
];

impl Stop {
    /// What stopped the request.
    pub(super) fn of(noted: &Noted) -> Self {
        let message = noted.said.message.as_str();
        match noted.code {
            ..=399 => Self::Nothing,
            401 => Self::Who,
            403 => {
                if let Some(denied) = Denied::read(message) {
                    let acts = denied.verb.starts_with("impersonate") && !noted.shown.acts.is_empty();
                    return if acts { Self::ActAs } else { Self::May(denied) };
                }
                // The check that nobody hands out more than they have, and servers that stand before the API server.
                if message.contains("attempting to grant RBAC permissions") || noted.info.is_reading() {
                    return Self::Request;
                }
                let of_node = message.contains(" is forbidden: node ") || message.contains("can only create tokens");
                Self::Plugin(plugin(message).or_else(|| of_node.then(|| "NodeRestriction".to_owned())))
            }
            404 if noted.said.kind == "namespaces" && noted.info.resource != "namespaces" => {
                Self::Plugin(Some("NamespaceLifecycle".to_owned()))
            }
            _ => plugin(message).map_or(Self::Request, |plugin| Self::Plugin(Some(plugin))),
        }
    }
}

/// The plugin whose words these are.
fn plugin(message: &str) -> Option<String> {
    if let Some(name) = between(message, "admission webhook \"", "\" denied the request") {
        return Some(format!("of the webhook {name}"));
    }
    if let Some(name) = between(message, "ValidatingAdmissionPolicy '", "'") {
        return Some(format!("ValidatingAdmissionPolicy, by the policy {name},"));
    }
    WORDS.iter().find(|(words, _)| message.contains(words)).map(|(_, plugin)| (*plugin).to_owned())
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split_once(before)?.1.split_once(after).map(|(part, _)| part)
}

impl Denied {
    fn read(message: &str) -> Option<Self> {
        let (_, rest) = message.split_once("forbidden: User \"")?;
        let (user, rest) = rest.split_once("\" cannot ")?;
        let (verb, rest) = rest.split_once(' ')?;
        let plain = |text: &str| text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        let named = Self { user: plain(user), verb: plain(verb), ..Self::default() };
        if let Some(path) = rest.strip_prefix("path \"") {
            return Some(Self { path: Some(plain(path.split_once('"')?.0)), ..named });
        }
        let (resource, rest) = rest.strip_prefix("resource \"")?.split_once('"')?;
        let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
        Some(Self {
            group: plain(between(rest, "in API group \"", "\"").unwrap_or_default()),
            resource: plain(resource),
            subresource: plain(subresource),
            namespace: plain(between(rest, "in the namespace \"", "\"").unwrap_or_default()),
            ..named
        })
    }

    /// What was asked for, in the cluster's own words: it may ask for more than the request says.
    pub(super) fn attributes(self, asked: Attributes) -> Attributes {
        let Self { verb, group, resource, subresource, namespace, path, .. } = self;
        Attributes { verb, group, resource, subresource, namespace, path, ..asked }
    }
}

#[cfg(test)]
mod tests {
    use super::{Denied, plugin};

    #[test]
    fn what_is_denied() {
        let denied = |user: &str, verb: &str, group: &str, resource: &str, subresource: &str, namespace: &str| Denied {
            user: user.to_owned(),
            verb: verb.to_owned(),
            group: group.to_owned(),
            resource: resource.to_owned(),
            subresource: subresource.to_owned(),
            namespace: namespace.to_owned(),
            path: None,
        };
        for (message, want) in [
            (
                r#"pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default""#,
                Some(denied("jane", "list", "", "pods", "", "default")),
            ),
            (
                r#"deployments.apps "d" is forbidden: User "a&lt;b&gt;" cannot patch resource "deployments/scale" in API group "apps" at the cluster scope: RBAC: role.rbac.authorization.k8s.io "x" not found"#,
                Some(denied("a<b>", "patch", "apps", "deployments", "scale", "")),
            ),
            (
                r#"forbidden: User "jane" cannot get path "/metrics""#,
                Some(Denied { path: Some("/metrics".to_owned()), ..denied("jane", "get", "", "", "", "") }),
            ),
            (r#"pods "p" is forbidden: error looking up service account default/ghost"#, None),
            ("", None),
        ] {
            assert_eq!(Denied::read(message), want, "{message}");
        }
    }

    #[test]
    fn who_says_so() {
        for (message, want) in [
            (
                r#"pods "p" is forbidden: error looking up service account d/g: serviceaccount "g" not found"#,
                "ServiceAccount",
            ),
            (r#"pods "p" is forbidden: violates PodSecurity "restricted:latest": x"#, "PodSecurity"),
            (r#"pods "p" is forbidden: exceeded quota: q, requested: pods=1"#, "ResourceQuota"),
            (r#"admission webhook "a.b.c" denied the request: no"#, "of the webhook a.b.c"),
            (
                "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no",
                "ValidatingAdmissionPolicy, by the policy p,",
            ),
            (r#"pods "p" not found"#, ""),
        ] {
            assert_eq!(plugin(message).unwrap_or_default(), want, "{message}");
        }
    }
}
