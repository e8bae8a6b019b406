//! Who is asking: certificates, bearer tokens, anonymous. Upstream: apiserver/pkg/authentication.

mod impersonation;
mod token_cache;

use crate::rbac::User;

use super::ControlPlane;
use super::audit;
use super::release;
use super::serviceaccount;
use super::trace;
use crate::why::{Rung, Sign};

pub use impersonation::{Impersonated, Refusal, Tracker, impersonate};
pub use token_cache::TokenCache;

/// Who shows no credentials.
pub const ANONYMOUS: &str = "system:anonymous";
/// The group of those who show none.
pub const UNAUTHENTICATED: &str = "system:unauthenticated";
/// The group of all others.
pub const AUTHENTICATED: &str = "system:authenticated";

/// A known sender, and what there is to say to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authenticated {
    /// Who it is.
    pub user: User,
    /// For whom the token is, of those it was looked at for; empty for other credentials.
    pub audiences: Vec<String>,
    /// Sentences for the `Warning` header.
    pub warnings: Vec<String>,
}

/// Finds out who sends a request. `peer` is who the connection's certificate names (or the in-process door's user);
/// `authorization` is the header of that name. Gives `None` when credentials were shown and none was accepted (401).
/// Without any credentials the user is `system:anonymous`.
pub fn authenticate(plane: &ControlPlane, peer: Option<&User>, authorization: Option<&str>) -> Option<User> {
    authenticate_with_warnings(plane, peer, authorization).map(|found| found.user)
}

/// As [`authenticate`], with the sentences for the `Warning` header.
pub fn authenticate_with_warnings(
    plane: &ControlPlane,
    peer: Option<&User>,
    authorization: Option<&str>,
) -> Option<Authenticated> {
    if let Some(peer) = peer {
        let say = || format!("signed by the cluster's authority, for {}", peer.name);
        trace::check(Rung::Authentication, Sign::Good, "client certificate", say);
        return Some(authenticated(peer.clone()));
    }
    let anonymous = Authenticated { user: nobody(), audiences: Vec::new(), warnings: Vec::new() };
    match bearer(authorization.unwrap_or_default()) {
        Bearer::None => {
            let say = || "neither a certificate nor a token was sent".to_owned();
            trace::check(Rung::Authentication, Sign::Plain, "no credentials", say);
            Some(anonymous)
        }
        Bearer::ExtraSpace => {
            let say = || "there are two blanks before it, so it is not read".to_owned();
            trace::check(Rung::Authentication, Sign::Bad, "token", say);
            let mut anonymous = anonymous;
            if plane.does(release::EXTRA_SPACE_WARNING) {
                anonymous.warnings.push(
                    "the provided Authorization header contains extra space before the bearer token, and is ignored"
                        .to_owned(),
                );
            }
            Some(anonymous)
        }
        Bearer::Token(token) => authenticate_bearer(plane, token, &[]).ok(),
    }
}

/// Finds out whose a token under review is, for these audiences (none: the API server's own). It is looked at as if it
/// came in a header, so what follows a blank is not part of it, and nothing but blanks is no credential at all.
///
/// # Errors
/// The reasons, as TokenReview's `status.error` gives them.
pub fn authenticate_token(plane: &ControlPlane, token: &str, audiences: &[String]) -> Result<Authenticated, String> {
    match bearer(&format!("Bearer {token}")) {
        Bearer::Token(token) => authenticate_bearer(plane, token, audiences),
        Bearer::None | Bearer::ExtraSpace => {
            Ok(Authenticated { user: nobody(), audiences: audiences.to_vec(), warnings: Vec::new() })
        }
    }
}

fn authenticate_bearer(plane: &ControlPlane, token: &str, audiences: &[String]) -> Result<Authenticated, String> {
    let now = plane.clock.now();
    if let Some((found, annotations)) = plane.accepted_tokens.get(now, token, audiences) {
        annotations.into_iter().for_each(|(key, value)| audit::annotate(key, value));
        let say = || "looked at less than 10 seconds ago, and good then; what has changed since is not seen".to_owned();
        trace::check(Rung::Authentication, Sign::Good, "token", say);
        return Ok(found);
    }
    let (outcome, annotations) = audit::noting(|| serviceaccount::validate(plane, token, audiences));
    match outcome {
        Ok(Some(found)) => {
            let known = authenticated(found.user);
            let found = Authenticated { audiences: found.audiences, warnings: found.warnings, ..known };
            plane.accepted_tokens.put(now, token, audiences, &found, annotations);
            Ok(found)
        }
        Ok(None) => Err("invalid bearer token".to_owned()),
        Err(why) => Err(format!("[invalid bearer token, {why}]")),
    }
}

fn nobody() -> User {
    User { name: ANONYMOUS.to_owned(), groups: vec![UNAUTHENTICATED.to_owned()], ..User::default() }
}

/// Adds the group of everybody who is known. Upstream: apiserver/pkg/authentication/group.
fn authenticated(mut user: User) -> Authenticated {
    let settled = |group: &String| group == AUTHENTICATED || group == UNAUTHENTICATED;
    if user.name != ANONYMOUS && !user.groups.iter().any(settled) {
        user.groups.push(AUTHENTICATED.to_owned());
    }
    Authenticated { user, audiences: Vec::new(), warnings: Vec::new() }
}

enum Bearer<'a> {
    None,
    ExtraSpace,
    Token(&'a str),
}

/// Upstream: apiserver/pkg/authentication/request/bearertoken.
fn bearer(header: &str) -> Bearer<'_> {
    let header = header.trim();
    match header.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => match token.split(' ').next() {
            Some("") | None => Bearer::ExtraSpace,
            Some(token) => Bearer::Token(token),
        },
        _ => Bearer::None,
    }
}
