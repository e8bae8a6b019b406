//! `/healthz`, `/livez` and `/readyz`: one word, or a line a check. Upstream: apiserver/pkg/server/healthz/healthz.go.
//!
//! The simulator is up when it answers, so every check passes; their names are those of a control plane.

use std::collections::BTreeSet;

use http::StatusCode;

use crate::apimachinery::Release;
use crate::simulator::release::{self, Behaviour};

use super::respond::{self, Answer};

/// The three paths.
pub(super) const ROOTS: [&str; 3] = ["healthz", "livez", "readyz"];

const ALWAYS: Option<Behaviour> = None;
const LATE: Option<Behaviour> = Some(release::MORE_HEALTH_CHECKS);

/// The checks in the order a control plane installs them, and since when.
const CHECKS: &[(&str, Option<Behaviour>)] = &[
    ("ping", ALWAYS),
    ("log", ALWAYS),
    ("etcd", ALWAYS),
    ("etcd-readiness", LATE),
    ("loopback-serving-certificate", LATE),
    ("informer-sync", ALWAYS),
    ("poststarthook/start-apiserver-admission-initializer", LATE),
    ("poststarthook/generic-apiserver-start-informers", ALWAYS),
    ("poststarthook/priority-and-fairness-config-consumer", ALWAYS),
    ("poststarthook/priority-and-fairness-filter", ALWAYS),
    ("poststarthook/storage-object-count-tracker-hook", LATE),
    ("poststarthook/storage-readiness", LATE),
    ("poststarthook/start-apiextensions-informers", ALWAYS),
    ("poststarthook/start-apiextensions-controllers", ALWAYS),
    ("poststarthook/crd-informer-synced", ALWAYS),
    ("poststarthook/peer-endpoint-reconciler-controller", LATE),
    ("poststarthook/start-system-namespaces-controller", LATE),
    ("poststarthook/start-cluster-authentication-info-controller", ALWAYS),
    ("poststarthook/start-kube-apiserver-identity-lease-controller", LATE),
    ("poststarthook/start-kube-apiserver-identity-lease-garbage-collector", LATE),
    ("poststarthook/start-legacy-token-tracking-controller", LATE),
    ("poststarthook/start-service-ip-repair-controllers", LATE),
    ("poststarthook/start-kubernetes-service-cidr-controller", LATE),
    ("poststarthook/rbac/bootstrap-roles", ALWAYS),
    ("poststarthook/scheduling/bootstrap-system-priority-classes", ALWAYS),
    ("poststarthook/priority-and-fairness-config-producer", ALWAYS),
    ("poststarthook/bootstrap-controller", ALWAYS),
    ("poststarthook/aggregator-reload-proxy-client-cert", LATE),
    ("poststarthook/start-kube-aggregator-informers", ALWAYS),
    ("poststarthook/apiservice-status-local-available-controller", LATE),
    ("poststarthook/apiservice-status-remote-available-controller", LATE),
    ("poststarthook/apiservice-registration-controller", ALWAYS),
    ("poststarthook/apiservice-wait-for-first-sync", LATE),
    ("poststarthook/apiservice-discovery-controller", LATE),
    ("poststarthook/kube-apiserver-autoregistration", ALWAYS),
    ("autoregister-completion", ALWAYS),
    ("poststarthook/apiservice-openapi-controller", ALWAYS),
    ("poststarthook/apiservice-openapiv3-controller", LATE),
    ("shutdown", ALWAYS),
];

/// The checks behind one of the paths.
pub(super) fn checks(release: Release, root: &str) -> Vec<&'static str> {
    let there = |(name, since): &(&'static str, Option<Behaviour>)| {
        let of_root = match *name {
            "etcd-readiness" | "informer-sync" | "shutdown" => root == "readyz",
            "loopback-serving-certificate" => root != "readyz",
            _ => true,
        };
        (of_root && since.is_none_or(|since| since.holds(release))).then_some(*name)
    };
    CHECKS.iter().filter_map(there).collect()
}

/// Answers for one of the paths, or for one check below it.
pub(super) fn answer(release: Release, root: &str, below: &[&str], query: &[(String, String)]) -> Answer {
    let checks = checks(release, root);
    let ok = |text: String| Answer::Text { code: StatusCode::OK, text };
    if !below.is_empty() {
        let is_one = checks.contains(&below.join("/").as_str());
        return if is_one { ok("ok".to_owned()) } else { respond::not_found() };
    }
    if !query.iter().any(|(key, _)| key == "verbose") {
        return ok("ok".to_owned());
    }
    let given = query.iter().filter(|(key, _)| key == "exclude");
    let mut excluded: BTreeSet<&str> = given.map(|(_, name)| name.as_str()).collect();
    let mut text = String::new();
    for check in checks {
        let left_out = if excluded.remove(check) { " excluded:" } else { "" };
        text.push_str(&format!("[+]{check}{left_out} ok\n"));
    }
    if !excluded.is_empty() {
        let unknown: Vec<String> = excluded.iter().map(|name| format!("{name:?}")).collect();
        let unknown = unknown.join(",");
        text.push_str(&format!("warn: some health checks cannot be excluded: no matches for {unknown}\n"));
    }
    ok(format!("{text}{root} check passed\n"))
}
