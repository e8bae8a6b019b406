//! The types that every real cluster has, to tell a type that only this simulator lacks from a word that is misspelled.

use crate::base::nearest;

/// A type of object.
#[derive(Debug)]
pub struct Kind {
    /// `ServiceAccount`
    pub kind: &'static str,
    /// `serviceaccounts`
    pub plural: &'static str,
    /// `sa`
    pub short: &'static [&'static str],
    /// `v1`, `apps/v1`, …
    pub version: &'static str,
    /// Whether the simulator has it, too.
    pub here: bool,
}

const fn here(kind: &'static str, plural: &'static str, short: &'static [&'static str], version: &'static str) -> Kind {
    Kind { kind, plural, short, version, here: true }
}

const fn elsewhere(
    kind: &'static str,
    plural: &'static str,
    short: &'static [&'static str],
    version: &'static str,
) -> Kind {
    Kind { kind, plural, short, version, here: false }
}

/// Those of a cluster to which nobody has added any. What is only reviewed and never kept is left out.
pub const KINDS: &[Kind] = &[
    here("ConfigMap", "configmaps", &["cm"], "v1"),
    here("Event", "events", &["ev"], "v1"),
    here("Namespace", "namespaces", &["ns"], "v1"),
    here("Node", "nodes", &["no"], "v1"),
    here("Pod", "pods", &["po"], "v1"),
    here("Secret", "secrets", &[], "v1"),
    here("ServiceAccount", "serviceaccounts", &["sa"], "v1"),
    here("Deployment", "deployments", &["deploy"], "apps/v1"),
    here("ReplicaSet", "replicasets", &["rs"], "apps/v1"),
    here("ClusterRoleBinding", "clusterrolebindings", &[], "rbac.authorization.k8s.io/v1"),
    here("ClusterRole", "clusterroles", &[], "rbac.authorization.k8s.io/v1"),
    here("RoleBinding", "rolebindings", &[], "rbac.authorization.k8s.io/v1"),
    here("Role", "roles", &[], "rbac.authorization.k8s.io/v1"),
    elsewhere("ComponentStatus", "componentstatuses", &["cs"], "v1"),
    elsewhere("Endpoints", "endpoints", &["ep"], "v1"),
    elsewhere("LimitRange", "limitranges", &["limits"], "v1"),
    elsewhere("PersistentVolume", "persistentvolumes", &["pv"], "v1"),
    elsewhere("PersistentVolumeClaim", "persistentvolumeclaims", &["pvc"], "v1"),
    elsewhere("PodTemplate", "podtemplates", &[], "v1"),
    elsewhere("ReplicationController", "replicationcontrollers", &["rc"], "v1"),
    elsewhere("ResourceQuota", "resourcequotas", &["quota"], "v1"),
    elsewhere("Service", "services", &["svc"], "v1"),
    elsewhere("ControllerRevision", "controllerrevisions", &[], "apps/v1"),
    elsewhere("DaemonSet", "daemonsets", &["ds"], "apps/v1"),
    elsewhere("StatefulSet", "statefulsets", &["sts"], "apps/v1"),
    elsewhere("CronJob", "cronjobs", &["cj"], "batch/v1"),
    elsewhere("Job", "jobs", &[], "batch/v1"),
    elsewhere("HorizontalPodAutoscaler", "horizontalpodautoscalers", &["hpa"], "autoscaling/v2"),
    elsewhere("Ingress", "ingresses", &["ing"], "networking.k8s.io/v1"),
    elsewhere("IngressClass", "ingressclasses", &[], "networking.k8s.io/v1"),
    elsewhere("NetworkPolicy", "networkpolicies", &["netpol"], "networking.k8s.io/v1"),
    elsewhere("PodDisruptionBudget", "poddisruptionbudgets", &["pdb"], "policy/v1"),
    elsewhere("CSIDriver", "csidrivers", &[], "storage.k8s.io/v1"),
    elsewhere("CSINode", "csinodes", &[], "storage.k8s.io/v1"),
    elsewhere("StorageClass", "storageclasses", &["sc"], "storage.k8s.io/v1"),
    elsewhere("VolumeAttachment", "volumeattachments", &[], "storage.k8s.io/v1"),
    elsewhere("PriorityClass", "priorityclasses", &["pc"], "scheduling.k8s.io/v1"),
    elsewhere("Lease", "leases", &[], "coordination.k8s.io/v1"),
    elsewhere("EndpointSlice", "endpointslices", &[], "discovery.k8s.io/v1"),
    elsewhere("CertificateSigningRequest", "certificatesigningrequests", &["csr"], "certificates.k8s.io/v1"),
    elsewhere("CustomResourceDefinition", "customresourcedefinitions", &["crd", "crds"], "apiextensions.k8s.io/v1"),
    elsewhere("APIService", "apiservices", &[], "apiregistration.k8s.io/v1"),
    elsewhere("MutatingWebhookConfiguration", "mutatingwebhookconfigurations", &[], "admissionregistration.k8s.io/v1"),
    elsewhere(
        "ValidatingWebhookConfiguration",
        "validatingwebhookconfigurations",
        &[],
        "admissionregistration.k8s.io/v1",
    ),
    elsewhere("RuntimeClass", "runtimeclasses", &[], "node.k8s.io/v1"),
];

/// The type that goes by this word at the prompt: its plural, its singular or a short name, whatever the case.
pub fn find(word: &str) -> Option<&'static Kind> {
    let word = word.to_lowercase();
    KINDS
        .iter()
        .find(|kind| kind.plural == word || kind.kind.to_lowercase() == word || kind.short.contains(&word.as_str()))
}

/// The type of the simulator that is meant by a word that is nearly its name.
pub fn near(word: &str) -> Option<&'static Kind> {
    let names = KINDS.iter().filter(|kind| kind.here).flat_map(|kind| [kind.plural, kind.kind]);
    let meant = nearest(word, names)?;
    // A name stands where a type belongs as often as a type is misspelled: one slip in three letters is too many.
    let slips = strsim::osa_distance(&word.to_lowercase(), &meant.to_lowercase());
    if slips > word.chars().count() / 3 || word.chars().count() < 4 {
        return None;
    }
    KINDS.iter().find(|kind| kind.plural == meant || kind.kind == meant)
}

#[cfg(test)]
mod tests {
    use super::{find, near};

    #[test]
    fn words_and_types() {
        for (word, want) in [
            ("svc", Some("Service")),
            ("Service", Some("Service")),
            ("jobs", Some("Job")),
            ("PVC", Some("PersistentVolumeClaim")),
            ("sa", Some("ServiceAccount")),
            ("dashboard-sa", None),
            ("users", None),
        ] {
            assert_eq!(find(word).map(|kind| kind.kind), want, "{word}");
        }
        for (word, want) in [
            ("serviceacounts", Some("ServiceAccount")),
            ("Serviceaccuont", Some("ServiceAccount")),
            ("pdos", Some("Pod")),
            ("rolebindngs", Some("RoleBinding")),
            ("podz", Some("Pod")),
            ("dashboard-sa", None),
            ("builder", None),
            ("users", None),
            ("groups", None),
            ("p", None),
        ] {
            assert_eq!(near(word).map(|kind| kind.kind), want, "{word}");
        }
    }
}
