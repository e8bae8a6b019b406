//! How two pod specs differ, as the API server shows it: of its internal type, field by field.
//! Upstream: diff.Diff of core.PodSpec, apimachinery/pkg/util/diff.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use similar::TextDiff;

use super::podcmp;
use super::podfields::{POD_SPEC, Shape, Type};
use crate::simulator::{ControlPlane, release};

/// The difference as text.
pub fn diff(plane: &ControlPlane, old: &Value, new: &Value) -> String {
    let (old, new) = (context_joined(old), context_joined(new));
    if plane.does(release::POD_UPDATE_DIFF_UNIFIED) {
        return unified(plane, &old, &new);
    }
    let (first, second) = if plane.does(release::POD_UPDATE_DIFF_SWAPPED) { (&new, &old) } else { (&old, &new) };
    podcmp::compared(plane, &POD_SPEC, first, second)
}

/// The spec with the host's namespaces where the internal type has them: in the security context, which is always there.
fn context_joined(spec: &Value) -> Value {
    let mut spec = spec.clone();
    let Value::Object(fields) = &mut spec else { return spec };
    let moved: Vec<(String, Value)> = ["hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "hostUsers"]
        .into_iter()
        .filter_map(|field| fields.shift_remove(field).map(|value| (field.to_owned(), value)))
        .collect();
    if let Value::Object(context) = fields.entry("securityContext").or_insert_with(|| json!({})) {
        context.extend(moved);
    }
    spec
}

fn unified(plane: &ControlPlane, old: &Value, new: &Value) -> String {
    let text = |spec: &Value| {
        let mut fields = Map::new();
        write(plane, &POD_SPEC, spec, &mut fields);
        indented(&Value::Object(fields))
    };
    let (old, new) = (text(old), text(new));
    let diff = TextDiff::from_lines(&old, &new);
    diff.unified_diff().context_radius(3).missing_newline_hint(false).to_string()
}

/// JSON indented by one space, as Go's `json.MarshalIndent(v, "", " ")`.
fn indented(value: &Value) -> String {
    use serde::Serialize as _;
    let mut out = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b" ");
    let written = value.serialize(&mut serde_json::Serializer::with_formatter(&mut out, formatter));
    if written.is_err() {
        return String::new();
    }
    String::from_utf8(out).unwrap_or_default()
}

/// Writes a struct in the shape of the internal type: every field, set or not.
fn write(plane: &ControlPlane, kind: &Type, value: &Value, out: &mut Map<String, Value>) {
    for field in kind.fields.iter().filter(|field| field.since.is_none_or(|since| plane.does(since))) {
        let given = value.get(field.wire).filter(|given| !given.is_null());
        let written = match (field.shape, given) {
            (Shape::Embedded(inner), _) => {
                write(plane, inner, value, out);
                continue;
            }
            (Shape::Text, None) => json!(""),
            (Shape::Number, None) => json!(0),
            (Shape::Flag, None) => json!(false),
            (Shape::One(inner) | Shape::Context(inner), given) => whole(plane, inner, given.unwrap_or(&Value::Null)),
            (Shape::Maybe(inner), Some(given)) => whole(plane, inner, given),
            (Shape::List(inner), Some(Value::Array(items))) => {
                items.iter().map(|item| whole(plane, inner, item)).collect()
            }
            (Shape::Map(_), Some(Value::Object(entries))) => {
                entries.clone().into_iter().collect::<BTreeMap<_, _>>().into_iter().collect()
            }
            (Shape::Any, Some(given)) => go_names(given),
            (_, Some(given)) => given.clone(),
            (_, None) => Value::Null,
        };
        out.insert(field.go.to_owned(), written);
    }
}

fn whole(plane: &ControlPlane, kind: &Type, value: &Value) -> Value {
    let mut fields = Map::new();
    write(plane, kind, value, &mut fields);
    Value::Object(fields)
}

/// Field names as Go writes them: `mountPath` is `MountPath`. They are sorted, so that the order in which a client
/// wrote them is no difference.
fn go_names(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let sorted: BTreeMap<String, Value> =
                map.iter().map(|(key, value)| (exported(key), go_names(value))).collect();
            sorted.into_iter().collect()
        }
        Value::Array(items) => items.iter().map(go_names).collect(),
        other => other.clone(),
    }
}

fn exported(field: &str) -> String {
    let mut letters = field.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::diff;
    use crate::simulator::serviceaccount::tests::plane;
    use serde_json::{Value, json};

    /// The pod of the recordings.
    fn spec() -> Value {
        json!({
            "volumes": [{"name": "kube-api-access-5xbqd", "projected": {"defaultMode": 420, "sources": [
                {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
                {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
                {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]}},
            ]}}],
            "containers": [{"name": "c", "image": "i", "resources": {}, "imagePullPolicy": "Always",
                "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
                "volumeMounts": [{"name": "kube-api-access-5xbqd", "readOnly": true, "mountPath": "/m"}]}],
            "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst",
            "serviceAccountName": "default", "serviceAccount": "default", "nodeName": "node-1", "securityContext": {},
            "schedulerName": "default-scheduler", "priority": 0, "enableServiceLinks": true,
            "preemptionPolicy": "PreemptLowerPriority",
        })
    }

    /// Recorded on real clusters, but for the two that say otherwise.
    #[test]
    fn differences() {
        let account = |fields: &str, minus: &str, plus: &str| {
            format!(
                "  core.PodSpec{{\n  \t... // 7 identical fields\n  \tDNSPolicy:                    \"ClusterFirst\",\n  \tNodeSelector:                 nil,\n- \tServiceAccountName:           \"{minus}\",\n+ \tServiceAccountName:           \"{plus}\",\n  \tAutomountServiceAccountToken: nil,\n  \tNodeName:                     \"node-1\",\n  \t... // {fields} identical fields\n  }}\n"
            )
        };
        let unified = "@@ -138,7 +138,7 @@\n  \"ActiveDeadlineSeconds\": null,\n  \"DNSPolicy\": \"ClusterFirst\",\n  \"NodeSelector\": null,\n- \"ServiceAccountName\": \"default\",\n+ \"ServiceAccountName\": \"dashboard-sa\",\n  \"AutomountServiceAccountToken\": null,\n  \"NodeName\": \"node-1\",\n  \"SecurityContext\": {\n";
        let context = "  core.PodSpec{\n  \t... // 10 identical fields\n  \tAutomountServiceAccountToken: nil,\n  \tNodeName:                     \"node-1\",\n  \tSecurityContext: &core.PodSecurityContext{\n- \t\tHostNetwork: false,\n+ \t\tHostNetwork: true,\n  \t\tHostPID:     false,\n  \t\tHostIPC:     false,\n  \t\t... // 12 identical fields\n  \t},\n  \tImagePullSecrets: nil,\n  \tHostname:         \"\",\n  \t... // 16 identical fields\n  }\n";
        let automount = "  core.PodSpec{\n  \t... // 8 identical fields\n  \tNodeSelector:                 nil,\n  \tServiceAccountName:           \"default\",\n- \tAutomountServiceAccountToken: nil,\n+ \tAutomountServiceAccountToken: &false,\n  \tNodeName:                     \"node-1\",\n  \tSecurityContext:              &{},\n  \t... // 18 identical fields\n  }\n";
        for (minor, field, value, want) in [
            (20, "serviceAccountName", json!("dashboard-sa"), account("18", "dashboard-sa", "default")),
            (23, "serviceAccountName", json!("dashboard-sa"), account("19", "dashboard-sa", "default")),
            (25, "serviceAccountName", json!("dashboard-sa"), account("19", "default", "dashboard-sa")),
            (31, "serviceAccountName", json!("dashboard-sa"), account("21", "default", "dashboard-sa")),
            (33, "serviceAccountName", json!("dashboard-sa"), account("22", "default", "dashboard-sa")),
            (36, "serviceAccountName", json!("dashboard-sa"), unified.to_owned()),
            // Not recorded; made by the rules of go-cmp.
            (25, "automountServiceAccountToken", json!(false), automount.to_owned()),
            (25, "hostNetwork", json!(true), context.to_owned()),
        ] {
            let mut new = spec();
            new[field] = value;
            assert_eq!(diff(&plane(minor), &spec(), &new), want, "1.{minor} {field}");
        }
    }
}
