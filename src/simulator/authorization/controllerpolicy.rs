//! The roles of the single controllers, one for each account in kube-system they act as.
//! Upstream: plugin/pkg/auth/authorizer/rbac/bootstrappolicy/controller_policy.go.

use serde_json::{Value, json};

use crate::apimachinery::Release;
use crate::simulator::release::{self, Behaviour};

/// One controller: its name, the releases that run it (none: all), and what it may do: groups, resources, verbs, each
/// a list of words. `-` stands for the core group.
struct Policy {
    name: &'static str,
    since: Option<Behaviour>,
    rules: &'static [Rule],
}

type Rule = (&'static str, &'static str, &'static str);

const fn policy(name: &'static str, rules: &'static [Rule]) -> Policy {
    Policy { name, since: None, rules }
}

const fn newer(name: &'static str, since: Behaviour, rules: &'static [Rule]) -> Policy {
    Policy { name, since: Some(since), rules }
}

const READ: &str = "get list watch";
const EVENTS: Rule = ("- events.k8s.io", "events", "create patch update");
const APPS: &str = "apps extensions";
const STORAGE: &str = "storage.k8s.io";
const CERTIFICATES: &str = "certificates.k8s.io";

/// The signers of the certificate controller, which its rules name.
const SIGNERS: &[&str] = &[
    "kubernetes.io/kube-apiserver-client",
    "kubernetes.io/kube-apiserver-client-kubelet",
    "kubernetes.io/kubelet-serving",
    "kubernetes.io/legacy-unknown",
];

static ALL: &[Policy] = &[
    policy(
        "attachdetach-controller",
        &[
            ("-", "persistentvolumeclaims persistentvolumes", "list watch"),
            ("-", "nodes", READ),
            ("-", "nodes/status", "patch update"),
            ("-", "pods", "list watch"),
            EVENTS,
            (STORAGE, "volumeattachments", "create delete get list watch"),
            (STORAGE, "csidrivers", READ),
            (STORAGE, "csinodes", READ),
        ],
    ),
    policy(
        "certificate-controller",
        &[
            (CERTIFICATES, "certificatesigningrequests", "delete get list watch"),
            (CERTIFICATES, "certificatesigningrequests/approval certificatesigningrequests/status", "update"),
            (CERTIFICATES, "signers", "approve"),
            (CERTIFICATES, "signers", "sign"),
            ("authorization.k8s.io", "subjectaccessreviews", "create"),
            EVENTS,
        ],
    ),
    policy(
        "clusterrole-aggregation-controller",
        &[("rbac.authorization.k8s.io", "clusterroles", "escalate get list patch update watch")],
    ),
    policy(
        "cronjob-controller",
        &[
            ("batch", "cronjobs", "get list update watch"),
            ("batch", "jobs", "create delete get list patch update watch"),
            ("batch", "cronjobs/status", "update"),
            ("batch", "cronjobs/finalizers", "update"),
            ("-", "pods", "delete list watch"),
            EVENTS,
        ],
    ),
    policy(
        "daemon-set-controller",
        &[
            (APPS, "daemonsets", READ),
            (APPS, "daemonsets/status", "update"),
            (APPS, "daemonsets/finalizers", "update"),
            ("-", "nodes", "list watch"),
            ("-", "pods", "create delete list patch watch"),
            ("-", "pods/binding", "create"),
            ("apps", "controllerrevisions", "create delete get list patch update watch"),
            EVENTS,
        ],
    ),
    policy(
        "deployment-controller",
        &[
            (APPS, "deployments", "get list update watch"),
            (APPS, "deployments/status", "update"),
            (APPS, "deployments/finalizers", "update"),
            (APPS, "replicasets", "create delete get list patch update watch"),
            ("-", "pods", "get list update watch"),
            EVENTS,
        ],
    ),
    newer(
        "device-taint-eviction-controller",
        release::DEVICE_TAINT_EVICTION,
        &[
            ("-", "pods", "delete get list watch"),
            ("-", "pods/status", "patch update"),
            ("resource.k8s.io", "resourceclaims", READ),
            ("resource.k8s.io", "resourceslices", READ),
            ("resource.k8s.io", "deviceclasses", READ),
            EVENTS,
        ],
    ),
    policy(
        "disruption-controller",
        &[
            (APPS, "deployments", READ),
            (APPS, "replicasets", READ),
            ("-", "replicationcontrollers", READ),
            ("policy", "poddisruptionbudgets", READ),
            ("apps", "statefulsets", READ),
            ("policy", "poddisruptionbudgets/status", "update"),
            ("-", "pods/status", "patch update"),
            ("*", "*/scale", "get"),
            EVENTS,
        ],
    ),
    policy(
        "endpoint-controller",
        &[
            ("-", "pods services", READ),
            ("-", "endpoints", "create delete get list update watch"),
            ("-", "endpoints/restricted", "create"),
            EVENTS,
        ],
    ),
    policy(
        "endpointslice-controller",
        &[
            ("-", "nodes pods services", READ),
            ("-", "services/finalizers", "update"),
            ("discovery.k8s.io", "endpointslices", "create delete get list update watch"),
            EVENTS,
        ],
    ),
    policy(
        "endpointslicemirroring-controller",
        &[
            ("-", "endpoints services", READ),
            ("-", "services/finalizers", "update"),
            ("-", "endpoints/finalizers", "update"),
            ("discovery.k8s.io", "endpointslices", "create delete get list update watch"),
            EVENTS,
        ],
    ),
    newer(
        "ephemeral-volume-controller",
        release::TTL_AFTER_FINISHED,
        &[
            ("-", "pods", READ),
            ("-", "pods/finalizers", "update"),
            ("-", "persistentvolumeclaims", "create get list watch"),
            EVENTS,
        ],
    ),
    policy(
        "expand-controller",
        &[
            ("-", "persistentvolumes", "get list patch update watch"),
            ("-", "persistentvolumeclaims/status", "patch update"),
            ("-", "persistentvolumeclaims", READ),
            EVENTS,
        ],
    ),
    policy("generic-garbage-collector", &[("*", "*", "delete get list patch update watch"), EVENTS]),
    policy(
        "horizontal-pod-autoscaler",
        &[
            ("autoscaling", "horizontalpodautoscalers", READ),
            ("autoscaling", "horizontalpodautoscalers/status", "update"),
            ("*", "*/scale", "get update"),
            ("-", "pods", "list watch"),
            ("metrics.k8s.io", "pods", "list watch"),
            ("custom.metrics.k8s.io", "*", READ),
            ("external.metrics.k8s.io", "*", READ),
            EVENTS,
        ],
    ),
    policy(
        "job-controller",
        &[
            ("batch", "jobs", "get list patch update watch"),
            ("batch", "jobs/status", "update"),
            ("batch", "jobs/finalizers", "update"),
            ("-", "pods", "create delete list patch watch"),
            EVENTS,
        ],
    ),
    newer(
        "legacy-service-account-token-cleaner",
        release::LEGACY_TOKEN_CLEANUP,
        &[("-", "configmaps", "get"), ("-", "secrets", "delete patch")],
    ),
    policy(
        "namespace-controller",
        &[
            ("-", "namespaces", "delete get list watch"),
            ("-", "namespaces/finalize namespaces/status", "update"),
            ("*", "*", "delete deletecollection get list watch"),
        ],
    ),
    policy(
        "node-controller",
        &[
            ("-", "nodes", "delete get list patch update watch"),
            ("-", "nodes/status", "patch update"),
            ("-", "pods/status", "patch update"),
            ("-", "pods", "delete get list watch"),
            EVENTS,
        ],
    ),
    policy(
        "persistent-volume-binder",
        &[
            ("-", "persistentvolumes", "create delete get list update watch"),
            ("-", "persistentvolumes/status", "update"),
            ("-", "persistentvolumeclaims", "get list update watch"),
            ("-", "persistentvolumeclaims/status", "update"),
            ("-", "pods", "create delete get list watch"),
            (STORAGE, "storageclasses", READ),
            ("-", "nodes", "list watch"),
            EVENTS,
            ("-", "events", "watch"),
        ],
    ),
    policy(
        "pod-garbage-collector",
        &[("-", "pods", "delete list watch"), ("-", "nodes", READ), ("-", "pods/status", "patch")],
    ),
    policy("pv-protection-controller", &[("-", "persistentvolumes", "get list update watch"), EVENTS]),
    policy(
        "pvc-protection-controller",
        &[
            ("-", "persistentvolumeclaims", "get list update watch"),
            ("-", "persistentvolumeclaims/status", "update"),
            ("-", "pods", READ),
            EVENTS,
        ],
    ),
    policy(
        "replicaset-controller",
        &[
            (APPS, "replicasets", "get list update watch"),
            (APPS, "replicasets/status", "update"),
            (APPS, "replicasets/finalizers", "update"),
            ("-", "pods", "create delete list patch watch"),
            EVENTS,
        ],
    ),
    policy(
        "replication-controller",
        &[
            ("-", "replicationcontrollers", "get list update watch"),
            ("-", "replicationcontrollers/status", "update"),
            ("-", "replicationcontrollers/finalizers", "update"),
            ("-", "pods", "create delete list patch watch"),
            EVENTS,
        ],
    ),
    newer(
        "resource-claim-controller",
        release::RESOURCE_CLAIMS,
        &[
            ("-", "pods", READ),
            ("-", "pods/finalizers", "update"),
            ("resource.k8s.io", "resourceclaims", "create delete get list watch"),
            ("resource.k8s.io", "resourceclaims resourceclaims/status", "patch update"),
            ("-", "pods/status", "patch update"),
            EVENTS,
        ],
    ),
    policy("resourcequota-controller", &[("*", "*", "list watch"), ("-", "resourcequotas/status", "update"), EVENTS]),
    policy("root-ca-cert-publisher", &[("-", "configmaps", "create update"), EVENTS]),
    policy("route-controller", &[("-", "nodes", "list watch"), ("-", "nodes/status", "patch"), EVENTS]),
    newer(
        "selinux-warning-controller",
        release::SELINUX_WARNING,
        &[
            EVENTS,
            ("-", "persistentvolumes", READ),
            ("-", "persistentvolumeclaims", READ),
            ("-", "pods", READ),
            (STORAGE, "csidrivers", READ),
        ],
    ),
    policy("service-account-controller", &[("-", "serviceaccounts", "create"), EVENTS]),
    newer(
        "service-cidrs-controller",
        release::SELINUX_WARNING,
        &[
            ("networking.k8s.io", "servicecidrs", "get list patch update watch"),
            ("networking.k8s.io", "servicecidrs/finalizers", "patch update"),
            ("networking.k8s.io", "servicecidrs/status", "patch update"),
            ("networking.k8s.io", "ipaddresses", READ),
            EVENTS,
        ],
    ),
    policy(
        "service-controller",
        &[("-", "services", READ), ("-", "services/status", "patch update"), ("-", "nodes", "list watch"), EVENTS],
    ),
    policy(
        "statefulset-controller",
        &[
            ("-", "pods", "list watch"),
            ("apps", "statefulsets", READ),
            ("apps", "statefulsets/status", "update"),
            ("apps", "statefulsets/finalizers", "update"),
            ("-", "pods", "create delete get patch update"),
            ("apps", "controllerrevisions", "create delete get list patch update watch"),
            ("-", "persistentvolumeclaims", "create get list watch"),
            EVENTS,
        ],
    ),
    newer(
        "ttl-after-finished-controller",
        release::TTL_AFTER_FINISHED,
        &[("batch", "jobs", "delete get list watch"), EVENTS],
    ),
    policy("ttl-controller", &[("-", "nodes", "list patch update watch"), EVENTS]),
    newer(
        "validatingadmissionpolicy-status-controller",
        release::VALIDATING_ADMISSION_POLICY,
        &[
            ("admissionregistration.k8s.io", "validatingadmissionpolicies", READ),
            ("admissionregistration.k8s.io", "validatingadmissionpolicies/status", "get patch update"),
            EVENTS,
        ],
    ),
    newer(
        "volumeattributesclass-protection-controller",
        release::RESOURCE_CLAIMS,
        &[
            ("-", "persistentvolumeclaims", READ),
            ("-", "persistentvolumes", READ),
            (STORAGE, "volumeattributesclasses", "get list update watch"),
            EVENTS,
        ],
    ),
];

/// Controllers that have a role, though no controller manager here starts them: they have no account.
const NOT_STARTED: &[&str] = &["route-controller"];

/// Name and rules of every controller of a release.
pub(super) fn roles(release: Release) -> impl Iterator<Item = (&'static str, Vec<Value>)> {
    let present = move |policy: &&Policy| policy.since.is_none_or(|since| since.holds(release));
    ALL.iter()
        .filter(present)
        .map(|policy| (policy.name, policy.rules.iter().map(|rule| to_value(policy.name, rule)).collect()))
}

/// The accounts in kube-system that controllers of a release act as.
pub fn accounts(release: Release) -> Vec<&'static str> {
    let present = |policy: &&Policy| policy.since.is_none_or(|since| since.holds(release));
    ALL.iter().filter(present).map(|policy| policy.name).filter(|name| !NOT_STARTED.contains(name)).collect()
}

fn to_value(controller: &str, (groups, resources, verbs): &Rule) -> Value {
    let words = |text: &str| -> Vec<String> {
        text.split_whitespace().map(|word| if word == "-" { String::new() } else { word.to_owned() }).collect()
    };
    let mut rule = json!({"verbs": words(verbs), "apiGroups": words(groups), "resources": words(resources)});
    let names = match (controller, *resources, *verbs) {
        ("certificate-controller", "signers", "approve") => &SIGNERS[1..2],
        ("certificate-controller", "signers", _) => SIGNERS,
        ("legacy-service-account-token-cleaner", "configmaps", _) => {
            &["kube-apiserver-legacy-service-account-token-tracking"]
        }
        _ => &[],
    };
    if !names.is_empty() {
        rule["resourceNames"] = json!(names);
    }
    rule
}
