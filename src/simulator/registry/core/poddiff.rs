//! How two pod specs differ, as the API server shows it: of its internal type, field by field.
//! Upstream: diff.Diff of core.PodSpec, apimachinery/pkg/util/diff.

use serde_json::{Value, json};
use similar::TextDiff;

use crate::apimachinery::Release;
use crate::simulator::gotypes::{Node, Package, Reader, cmp, marshal};
use crate::simulator::release::{POD_UPDATE_DIFF_SWAPPED, POD_UPDATE_DIFF_UNIFIED};

/// The difference as text.
pub fn diff(release: Release, old: &Value, new: &Value) -> String {
    let reader = Reader { package: Package::Core, release };
    let (old, new) = (internal(reader, old), internal(reader, new));
    if POD_UPDATE_DIFF_UNIFIED.holds(release) {
        return unified(&old, &new);
    }
    let (from, to) = if POD_UPDATE_DIFF_SWAPPED.holds(release) { (&new, &old) } else { (&old, &new) };
    cmp::diff(from, to, Package::Core)
}

/// The spec as the server holds it. The security context is always there, for it has what the host shares with a pod.
fn internal(reader: Reader, spec: &Value) -> Node {
    let mut spec = spec.clone();
    if spec["securityContext"].is_null() {
        spec["securityContext"] = json!({});
    }
    reader.read("PodSpec", &spec)
}

fn unified(old: &Node, new: &Node) -> String {
    let (old, new) = (marshal::indented(old), marshal::indented(new));
    let diff = TextDiff::from_lines(&old, &new);
    diff.unified_diff().context_radius(3).missing_newline_hint(false).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::diff;
    use crate::apimachinery::Release;

    /// A pod's spec as the server fills it in, with a token of its account.
    fn spec(release: u8, account: &str) -> Value {
        let token = if release < 21 {
            json!({"name": "token", "secret": {"defaultMode": 420, "secretName": "token-x"}})
        } else {
            json!({"name": "token", "projected": {"defaultMode": 420, "sources": [
                {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
                {"configMap": {"items": [{"key": "ca.crt", "path": "ca.crt"}], "name": "kube-root-ca.crt"}},
                {"downwardAPI": {"items": [{"path": "namespace",
                    "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]}},
            ]}})
        };
        let tolerated =
            |key: &str| json!({"effect": "NoExecute", "key": key, "operator": "Exists", "tolerationSeconds": 300});
        json!({
            "containers": [{"image": "my-kubernetes-dashboard", "imagePullPolicy": "Always",
                "name": "my-kubernetes-dashboard", "resources": {}, "terminationMessagePath": "/dev/termination-log",
                "terminationMessagePolicy": "File", "volumeMounts": [
                    {"mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "name": "token", "readOnly": true}]}],
            "dnsPolicy": "ClusterFirst", "enableServiceLinks": true, "nodeName": "node-1",
            "preemptionPolicy": "PreemptLowerPriority", "priority": 0, "restartPolicy": "Always",
            "schedulerName": "default-scheduler", "securityContext": {}, "serviceAccount": account,
            "serviceAccountName": account, "terminationGracePeriodSeconds": 30,
            "tolerations": [tolerated("node.kubernetes.io/not-ready"), tolerated("node.kubernetes.io/unreachable")],
            "volumes": [token],
        })
    }

    /// What clusters of these releases printed for another account.
    #[test]
    fn as_recorded() {
        let compared = |gone: &str, come: &str, rest: u8| {
            format!(
                "  core.PodSpec{{\n  \t... // 7 identical fields\n  \tDNSPolicy:                    \"ClusterFirst\",\n  \
                 \tNodeSelector:                 nil,\n- \tServiceAccountName:           \"{gone}\",\n\
                 + \tServiceAccountName:           \"{come}\",\n  \tAutomountServiceAccountToken: nil,\n  \
                 \tNodeName:                     \"node-1\",\n  \t... // {rest} identical fields\n  }}\n"
            )
        };
        let unified = "@@ -138,7 +138,7 @@\n  \"ActiveDeadlineSeconds\": null,\n  \"DNSPolicy\": \"ClusterFirst\",\n  \
            \"NodeSelector\": null,\n- \"ServiceAccountName\": \"default\",\n+ \"ServiceAccountName\": \"dashboard-sa\",\n  \
            \"AutomountServiceAccountToken\": null,\n  \"NodeName\": \"node-1\",\n  \"SecurityContext\": {\n";
        for (release, want) in [
            (20, compared("dashboard-sa", "default", 18)),
            (23, compared("dashboard-sa", "default", 19)),
            (25, compared("default", "dashboard-sa", 19)),
            (36, unified.to_owned()),
        ] {
            let (old, new) = (spec(release, "default"), spec(release, "dashboard-sa"));
            assert_eq!(diff(Release::minor(release), &old, &new), want, "1.{release}");
        }
    }

    /// What stands around a change in the security context, and how that is shown beside a change.
    #[test]
    fn by_the_rules_of_go_cmp() {
        for (field, value, want) in [
            (
                "hostNetwork",
                json!(true),
                "  core.PodSpec{\n  \t... // 10 identical fields\n  \tAutomountServiceAccountToken: nil,\n  \
                 \tNodeName:                     \"node-1\",\n  \tSecurityContext: &core.PodSecurityContext{\n\
                 - \t\tHostNetwork: false,\n+ \t\tHostNetwork: true,\n  \t\tHostPID:     false,\n  \
                 \t\tHostIPC:     false,\n  \t\t... // 12 identical fields\n  \t},\n  \tImagePullSecrets: nil,\n  \
                 \tHostname:         \"\",\n  \t... // 16 identical fields\n  }\n",
            ),
            (
                "automountServiceAccountToken",
                json!(false),
                "  core.PodSpec{\n  \t... // 8 identical fields\n  \tNodeSelector:                 nil,\n  \
                 \tServiceAccountName:           \"default\",\n- \tAutomountServiceAccountToken: nil,\n\
                 + \tAutomountServiceAccountToken: &false,\n  \tNodeName:                     \"node-1\",\n  \
                 \tSecurityContext:              &{},\n  \t... // 18 identical fields\n  }\n",
            ),
        ] {
            let (old, mut new) = (spec(25, "default"), spec(25, "default"));
            new[field] = value;
            assert_eq!(diff(Release::minor(25), &old, &new), want, "{field}");
        }
    }
}
