//! Which flow a request belongs to, as the headers of its answer tell. Upstream: apiserver/pkg/server/filters/priority-and-fairness.go
//! and apiserver/pkg/apis/flowcontrol/bootstrap. The simulator has room for all of them.

use aws_lc_rs::digest::{SHA256, digest};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::apimachinery::meta;
use crate::rbac::User;
use crate::simulator::authorization::MASTERS;
use crate::simulator::plane::{ControlPlane, KUBE_SYSTEM};
use crate::simulator::storage::Key;

use super::health;
use super::request_info::RequestInfo;

const SCHEMA: HeaderName = HeaderName::from_static("x-kubernetes-pf-flowschema-uid");
const LEVEL: HeaderName = HeaderName::from_static("x-kubernetes-pf-prioritylevel-uid");

/// The flow schema and the priority level of a request: the first that fits, by precedence.
fn classify(user: &User, info: &RequestInfo) -> (&'static str, &'static str) {
    let is_of = |group: &str| user.groups.iter().any(|its| its == group);
    let root = info.path.trim_start_matches('/').split('/').next().unwrap_or_default();
    if is_of(MASTERS) {
        return ("exempt", "exempt");
    }
    if health::ROOTS.contains(&root) {
        return ("probes", "exempt");
    }
    if is_of("system:nodes") {
        return ("system-nodes", "system");
    }
    match user.name.as_str() {
        "system:kube-controller-manager" => return ("kube-controller-manager", "workload-high"),
        "system:kube-scheduler" => return ("kube-scheduler", "workload-high"),
        _ => {}
    }
    if is_of("system:serviceaccounts:kube-system") {
        return ("kube-system-service-accounts", "workload-high");
    }
    if is_of("system:serviceaccounts") {
        return ("service-accounts", "workload-low");
    }
    if is_of("system:authenticated") || is_of("system:unauthenticated") {
        return ("global-default", "global-default");
    }
    ("catch-all", "catch-all")
}

/// The flow a request belongs to: the uids of its schema and its level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Flow {
    schema: String,
    level: String,
}

impl Flow {
    /// The flow of a request; streams into a pod belong to none.
    pub(super) fn of(plane: &ControlPlane, user: &User, info: &RequestInfo) -> Option<Self> {
        if matches!(info.subresource.as_str(), "attach" | "exec" | "log" | "portforward" | "proxy") {
            return None;
        }
        let (schema, level) = classify(user, info);
        let uid = |kind: &str, name: &str| uid(plane, &format!("{kind}/{name}"));
        Some(Self { schema: uid("flowschemas", schema), level: uid("prioritylevelconfigurations", level) })
    }

    /// Tells it in an answer's headers.
    pub(super) fn note(&self, headers: &mut HeaderMap) {
        for (name, uid) in [(SCHEMA, &self.schema), (LEVEL, &self.level)] {
            if let Ok(uid) = HeaderValue::from_str(uid) {
                headers.insert(name, uid);
            }
        }
    }
}

/// The uid of an object that every cluster has and this one does not keep: another in each cluster, the same as long as it lives.
fn uid(plane: &ControlPlane, object: &str) -> String {
    let key = Key::new("namespaces", "", KUBE_SYSTEM);
    let cluster = plane.store.get(&key).map(|namespace| meta::uid(&namespace).to_owned()).unwrap_or_default();
    let digest = digest(&SHA256, format!("{cluster} {object}").as_bytes());
    let hex: Vec<String> = digest.as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let hex = hex.concat();
    // As a random one: version 4.
    format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use super::classify;
    use crate::rbac::User;
    use crate::simulator::endpoints::RequestInfo;

    #[test]
    fn the_first_that_fits() {
        for (groups, path, schema, level) in [
            (&["system:masters", "system:authenticated"][..], "/api/v1/pods", "exempt", "exempt"),
            (&["system:unauthenticated"], "/healthz", "probes", "exempt"),
            (&["system:nodes"], "/api/v1/pods", "system-nodes", "system"),
            (
                &["system:serviceaccounts", "system:serviceaccounts:shop"],
                "/api/v1/pods",
                "service-accounts",
                "workload-low",
            ),
            (
                &["system:serviceaccounts", "system:serviceaccounts:kube-system"],
                "/api/v1/pods",
                "kube-system-service-accounts",
                "workload-high",
            ),
            (&["system:authenticated"], "/api/v1/pods", "global-default", "global-default"),
            (&["system:unauthenticated"], "/api/v1/pods", "global-default", "global-default"),
        ] {
            let user = User { groups: groups.iter().map(|group| (*group).to_owned()).collect(), ..User::default() };
            let info = RequestInfo { path: path.to_owned(), ..RequestInfo::default() };
            assert_eq!(classify(&user, &info), (schema, level), "{groups:?} {path}");
        }
    }
}
