//! Answers `POST …/serviceaccounts/NAME/token`. Upstream: pkg/registry/core/serviceaccount/storage/token.go.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::apimachinery::field::{Errors, Path};
use crate::apimachinery::{Status, StatusReason, meta, names};
use crate::simulator::ControlPlane;
use crate::simulator::audit;
use crate::simulator::release;
use crate::simulator::storage::Key;

use super::claims::{Bound, EXPIRATION_EXTENSION, Ref, WARN_ONLY_BOUND_TOKEN_EXPIRATION};

const GROUP: &str = "authentication.k8s.io";
const KIND: &str = "TokenRequest";
const DEFAULT_SECONDS: i64 = 60 * 60;
const MIN_SECONDS: i64 = 10 * 60;
const MAX_SECONDS: i64 = 1 << 32;

/// Answers a token request: the TokenRequest with its status, and warnings for the header.
///
/// # Errors
/// As upstream, in upstream's order.
pub fn create_token(
    plane: &ControlPlane,
    namespace: &str,
    name: &str,
    body: Value,
) -> Result<(Value, Vec<String>), Status> {
    let spec = Spec::read(&body);
    let (account, audiences, seconds);
    if plane.does(release::TOKEN_REQUEST_METADATA) {
        must_match(name, "name", meta::name(&body), name)?;
        must_match(name, "namespace", meta::namespace(&body), namespace)?;
        account = find(plane, "serviceaccounts", namespace, name)?;
        check_uid(plane, name, &body, &account)?;
        (audiences, seconds) = spec.defaulted(plane);
        check_seconds(seconds)?;
    } else {
        // Validation came first in those days.
        (audiences, seconds) = spec.defaulted(plane);
        check_seconds(seconds)?;
        account = find(plane, "serviceaccounts", namespace, name)?;
    }
    let binding = Binding::find(plane, namespace, name, &account, spec.bound.as_ref())?;
    let mut warnings = Vec::new();
    let asked = seconds;
    let seconds = plane.issuer.max_expiration.map_or(asked, |max| asked.min(max));
    if seconds < asked && plane.does(release::TOKEN_REQUEST_METADATA) {
        warnings.push(format!("requested expiration of {asked} seconds shortened to {seconds} seconds"));
    }
    let now = plane.clock.now_seconds();
    let extended = is_extended(plane, binding.pod.is_some(), seconds, &audiences);
    let jti = plane.does(release::TOKEN_JTI).then(|| plane.ids.of(&format!("jti {namespace}/{name}")).uuid());
    let claims = Bound {
        issuer: plane.issuer.url(),
        audiences: audiences.clone(),
        issued_at: now.as_second(),
        lifetime: if extended { EXPIRATION_EXTENSION } else { seconds },
        jti: jti.clone(),
        namespace,
        account: reference(&account),
        pod: binding.pod,
        secret: binding.secret,
        node: binding.node,
        warn_after: extended.then(|| now.as_second().saturating_add(seconds)),
    };
    let token = plane
        .issuer
        .sign_claims(&claims.to_value())
        .map_err(|error| Status::internal(format!("failed to generate token: {error}")))?;
    if let Some(jti) = jti {
        audit::annotate("authentication.kubernetes.io/issued-credential-id", format!("JTI={jti}"));
    }
    let ends = Timestamp::from_second(now.as_second().saturating_add(seconds)).unwrap_or(Timestamp::MAX);
    let reply = json!({
        "kind": KIND,
        "apiVersion": "authentication.k8s.io/v1",
        "metadata": reply_metadata(plane, namespace, body, &account, now),
        "spec": {"audiences": audiences, "expirationSeconds": seconds, "boundObjectRef": spec.bound},
        "status": {"token": token, "expirationTimestamp": meta::time(ends)},
    });
    Ok((reply, warnings))
}

/// What is asked for.
struct Spec {
    audiences: Vec<String>,
    seconds: Option<i64>,
    bound: Option<Value>,
}

impl Spec {
    /// Reads a request that was read through its type.
    fn read(body: &Value) -> Self {
        let spec = body.get("spec").unwrap_or(&Value::Null);
        let audiences = spec.get("audiences").and_then(Value::as_array).into_iter().flatten();
        let bound = spec.get("boundObjectRef").and_then(Value::as_object).map(|reference| {
            let fields = ["kind", "apiVersion", "name", "uid"];
            let fields = fields.into_iter().filter_map(|field| Some((field.to_owned(), reference.get(field)?.clone())));
            Value::Object(fields.collect())
        });
        Self {
            audiences: audiences.filter_map(Value::as_str).map(str::to_owned).collect(),
            seconds: spec.get("expirationSeconds").and_then(Value::as_i64),
            bound,
        }
    }

    fn defaulted(&self, plane: &ControlPlane) -> (Vec<String>, i64) {
        let audiences =
            if self.audiences.is_empty() { plane.issuer.audiences().to_vec() } else { self.audiences.clone() };
        (audiences, self.seconds.unwrap_or(DEFAULT_SECONDS))
    }
}

fn must_match(account: &str, field: &str, given: &str, wanted: &str) -> Result<(), Status> {
    if given.is_empty() || given == wanted {
        return Ok(());
    }
    let mut errors = Errors::default();
    let detail = format!("must match the service account {field} if specified");
    errors.invalid(&Path::new("metadata").child(field), &json!(given), &detail);
    Err(Status::invalid(GROUP, KIND, account, errors))
}

fn check_uid(plane: &ControlPlane, name: &str, body: &Value, account: &Value) -> Result<(), Status> {
    let (given, uid) = (meta::uid(body), meta::uid(account));
    if !plane.does(release::TOKEN_REQUEST_UID) || given.is_empty() || given == uid {
        return Ok(());
    }
    let why = format!("the UID in the token request ({given}) does not match the UID of the service account ({uid})");
    Err(conflict(GROUP, KIND, name, &why))
}

fn check_seconds(seconds: i64) -> Result<(), Status> {
    let mut errors = Errors::default();
    let path = Path::new("spec").child("expirationSeconds");
    if seconds < MIN_SECONDS {
        errors.invalid(&path, &json!(seconds), "may not specify a duration less than 10 minutes");
    }
    if seconds > MAX_SECONDS {
        errors.invalid(&path, &json!(seconds), "may not specify a duration larger than 2^32 seconds");
    }
    if errors.is_empty() { Ok(()) } else { Err(Status::invalid(GROUP, KIND, "", errors)) }
}

fn conflict(group: &str, kind: &str, name: &str, why: &str) -> Status {
    let qualified = if group.is_empty() { kind.to_owned() } else { format!("{kind}.{group}") };
    let message = format!("Operation cannot be fulfilled on {qualified} {name:?}: {why}");
    let mut status = Status::failure(StatusReason::Conflict, message);
    (status.group, status.kind, status.name) = (group.to_owned(), kind.to_owned(), name.to_owned());
    status
}

fn find(plane: &ControlPlane, resource: &str, namespace: &str, name: &str) -> Result<Arc<Value>, Status> {
    plane.store.get(&Key::new(resource, namespace, name)).ok_or_else(|| Status::not_found("", resource, name))
}

fn reference(object: &Value) -> Ref {
    Ref { name: meta::name(object).to_owned(), uid: meta::uid(object).to_owned() }
}

/// The object a token lives and dies with.
#[derive(Default)]
struct Binding {
    pod: Option<Ref>,
    secret: Option<Ref>,
    node: Option<Ref>,
}

impl Binding {
    fn find(
        plane: &ControlPlane,
        namespace: &str,
        account_name: &str,
        account: &Value,
        wanted: Option<&Value>,
    ) -> Result<Self, Status> {
        let Some(wanted) = wanted else { return Ok(Self::default()) };
        let text = |field: &str| wanted.get(field).and_then(Value::as_str).unwrap_or_default();
        let (kind, name) = (text("kind"), text("name"));
        let (group, version) = match text("apiVersion") {
            // What cannot be read as a version is none.
            unreadable if unreadable.matches('/').count() > 1 => ("", ""),
            version => version.split_once('/').unwrap_or(("", version)),
        };
        let named = || {
            if name.is_empty() {
                return Err(Status::bad_request("Name parameter required."));
            }
            match names::path_segment(name) {
                faults if faults.is_empty() => Ok(()),
                faults => {
                    let why = faults.join(";");
                    Err(Status::bad_request(format!("Name parameter invalid: {name:?}: {why}")))
                }
            }
        };
        let mut binding = Self::default();
        let found = match (group, kind) {
            ("", "Pod") => {
                named()?;
                let pod = find(plane, "pods", namespace, name)?;
                if pod.pointer("/spec/serviceAccountName").and_then(Value::as_str) != Some(meta::name(account)) {
                    return Err(Status::bad_request(format!(
                        "cannot bind token for serviceaccount {account_name:?} to pod running with different serviceaccount name."
                    )));
                }
                binding.pod = Some(reference(&pod));
                if plane.does(release::TOKEN_NODE_CLAIM) {
                    binding.node = node_of(plane, &pod);
                }
                pod
            }
            ("", "Secret") => {
                named()?;
                let secret = find(plane, "secrets", namespace, name)?;
                binding.secret = Some(reference(&secret));
                secret
            }
            ("", "Node") if plane.does(release::NODE_BOUND_TOKENS) => {
                named()?;
                let node = find(plane, "nodes", "", name)?;
                binding.node = Some(reference(&node));
                node
            }
            ("", "Node") if plane.does(release::NODE_BOUND_TOKENS_GATED) => {
                return Err(Status::bad_request(
                    "cannot bind token to a Node object as the \"ServiceAccountTokenNodeBinding\" feature-gate is disabled",
                ));
            }
            _ => {
                return Err(Status::bad_request(format!(
                    "cannot bind token to object of type {group}/{version}, Kind={kind}"
                )));
            }
        };
        let (given, uid) = (text("uid"), meta::uid(&found));
        if !given.is_empty() && given != uid {
            let why = format!(
                "the UID in the bound object reference ({given}) does not match the UID in record. The object might have been deleted and then recreated"
            );
            return Err(conflict("", kind, name, &why));
        }
        Ok(binding)
    }
}

/// The node a pod was placed on; its uid too, if the node is known.
fn node_of(plane: &ControlPlane, pod: &Value) -> Option<Ref> {
    let name = pod.pointer("/spec/nodeName")?.as_str().filter(|name| !name.is_empty())?;
    let uid = plane.store.get(&Key::new("nodes", "", name)).map(|node| meta::uid(&node).to_owned());
    Some(Ref { name: name.to_owned(), uid: uid.unwrap_or_default() })
}

/// Whether the token lives for a year, because clients once could not be trusted to read it again.
fn is_extended(plane: &ControlPlane, bound_to_pod: bool, seconds: i64, audiences: &[String]) -> bool {
    let ours = plane.issuer.audiences();
    plane.issuer.extend_expiration
        && bound_to_pod
        && seconds == WARN_ONLY_BOUND_TOKEN_EXPIRATION
        && (!plane.does(release::EXTENSION_FOR_API_AUDIENCE_ONLY)
            || audiences.iter().all(|audience| ours.contains(audience)))
}

/// What was asked with, filled up.
fn reply_metadata(plane: &ControlPlane, namespace: &str, mut body: Value, account: &Value, now: Timestamp) -> Value {
    let metadata = meta::metadata_mut(&mut body);
    metadata.shift_remove("managedFields");
    let mut fill = |field: &str, value: Value| drop(metadata.insert(field.to_owned(), value));
    if !plane.does(release::TOKEN_REQUEST_METADATA) {
        fill("creationTimestamp", Value::Null);
        return body["metadata"].take();
    }
    fill("name", json!(meta::name(account)));
    fill("namespace", json!(namespace));
    if plane.does(release::TOKEN_REQUEST_UID) {
        fill("uid", json!(meta::uid(account)));
    }
    fill("creationTimestamp", json!(meta::time(now)));
    body["metadata"].take()
}
