//! Acting as somebody else. Upstream: apiserver/pkg/endpoints/filters/impersonation.go.

use std::collections::BTreeMap;

use crate::apimachinery::Status;
use crate::rbac::{Attributes, User};
use crate::simulator::ControlPlane;
use crate::simulator::authorization::{authorize, denial_with_reason};
use crate::simulator::serviceaccount::service_account;

use super::{ANONYMOUS, AUTHENTICATED, UNAUTHENTICATED};

/// The user a request acts as: the sender's own self without `Impersonate-…` headers.
///
/// # Errors
/// 403 when the sender may not act as them, 500 when the headers name nobody.
pub fn impersonate(plane: &ControlPlane, user: &User, headers: &http::HeaderMap) -> Result<User, Status> {
    let asked = Asked::read(headers)?;
    let Some(asked) = asked else { return Ok(user.clone()) };
    let account = service_account_name(&asked.user);
    let may = |attributes: Attributes| {
        let attributes = Attributes { user: user.clone(), verb: "impersonate".to_owned(), ..attributes };
        let decision = authorize(plane, &attributes);
        if decision.allowed {
            return Ok(());
        }
        let why = denial_with_reason(&attributes, &decision);
        Err(Status::forbidden(&attributes.group, &attributes.resource, &attributes.name, &why))
    };
    let of = |group: &str, resource: &str, name: &str| Attributes {
        group: group.to_owned(),
        resource: resource.to_owned(),
        name: name.to_owned(),
        ..Attributes::default()
    };
    match account {
        Some((namespace, name)) => {
            may(Attributes { namespace: namespace.to_owned(), ..of("", "serviceaccounts", name) })?;
        }
        None => may(of("", "users", &asked.user))?,
    }
    for group in &asked.groups {
        may(of("", "groups", group))?;
    }
    for (key, values) in &asked.extra {
        for value in values {
            may(Attributes { subresource: key.clone(), ..of("authentication.k8s.io", "userextras", value) })?;
        }
    }
    if !asked.uid.is_empty() {
        may(of("authentication.k8s.io", "uids", &asked.uid))?;
    }
    let mut groups = asked.groups;
    if let (Some((namespace, name)), true) = (account, groups.is_empty()) {
        groups = service_account(namespace, name, "").groups;
    }
    // Whoever acts as somebody known is known; who acts as nobody is not.
    if asked.user == ANONYMOUS {
        if !groups.iter().any(|group| group == UNAUTHENTICATED) {
            groups.push(UNAUTHENTICATED.to_owned());
        }
    } else if !groups.iter().any(|group| group == AUTHENTICATED || group == UNAUTHENTICATED) {
        groups.push(AUTHENTICATED.to_owned());
    }
    Ok(User { name: asked.user, uid: asked.uid, groups, extra: asked.extra })
}

/// What the headers ask for.
#[derive(Default)]
struct Asked {
    user: String,
    uid: String,
    groups: Vec<String>,
    extra: BTreeMap<String, Vec<String>>,
}

impl Asked {
    fn read(headers: &http::HeaderMap) -> Result<Option<Self>, Status> {
        let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let one = |name: &str| headers.get(name).map(text).unwrap_or_default();
        let mut asked = Self {
            user: one("impersonate-user"),
            uid: one("impersonate-uid"),
            groups: headers.get_all("impersonate-group").iter().map(text).collect(),
            extra: BTreeMap::new(),
        };
        for (name, value) in headers {
            if let Some(key) = name.as_str().strip_prefix("impersonate-extra-") {
                asked.extra.entry(unescape(key)).or_default().push(text(value));
            }
        }
        if !asked.user.is_empty() {
            return Ok(Some(asked));
        }
        if asked.groups.is_empty() && asked.uid.is_empty() && asked.extra.is_empty() {
            return Ok(None);
        }
        let list: Vec<String> = asked.groups.iter().map(|group| format!("{group:?}")).collect();
        let why = format!(
            "requested {} without impersonating a user",
            if list.is_empty() { "details".to_owned() } else { format!("[{}]", list.join(" ")) }
        );
        Err(Status::internal(why))
    }
}

/// Undoes the percent-encoding that keys with a slash need in a header's name.
fn unescape(key: &str) -> String {
    let mut bytes = Vec::with_capacity(key.len());
    let mut rest = key.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match hex.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| byte == b'%') {
            Some(decoded) => {
                bytes.push(decoded);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| key.to_owned())
}

/// `(namespace, name)` of a service account's user name. Upstream: serviceaccount.SplitUsername.
fn service_account_name(user: &str) -> Option<(&str, &str)> {
    let (namespace, name) = user.strip_prefix("system:serviceaccount:")?.split_once(':')?;
    let fits = |part: &str| crate::apimachinery::names::Rules::default().dns_subdomain(part).is_empty();
    (fits(namespace) && fits(name)).then_some((namespace, name))
}
