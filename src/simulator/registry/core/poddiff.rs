//! How two pod specs differ, as the API server shows it: of its internal type, field by field.
//! Upstream: diff.Diff of core.PodSpec, apimachinery/pkg/util/diff.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use similar::TextDiff;

use crate::simulator::{ControlPlane, release};

/// The fields of core.PodSpec in order: Go's name and the API's.
const FIELDS: &[(&str, &str)] = &[
    ("Volumes", "volumes"),
    ("InitContainers", "initContainers"),
    ("Containers", "containers"),
    ("EphemeralContainers", "ephemeralContainers"),
    ("RestartPolicy", "restartPolicy"),
    ("TerminationGracePeriodSeconds", "terminationGracePeriodSeconds"),
    ("ActiveDeadlineSeconds", "activeDeadlineSeconds"),
    ("DNSPolicy", "dnsPolicy"),
    ("NodeSelector", "nodeSelector"),
    ("ServiceAccountName", "serviceAccountName"),
    ("AutomountServiceAccountToken", "automountServiceAccountToken"),
    ("NodeName", "nodeName"),
    ("SecurityContext", "securityContext"),
    ("ImagePullSecrets", "imagePullSecrets"),
    ("Hostname", "hostname"),
    ("Subdomain", "subdomain"),
    ("SetHostnameAsFQDN", "setHostnameAsFQDN"),
    ("Affinity", "affinity"),
    ("SchedulerName", "schedulerName"),
    ("Tolerations", "tolerations"),
    ("HostAliases", "hostAliases"),
    ("PriorityClassName", "priorityClassName"),
    ("Priority", "priority"),
    ("PreemptionPolicy", "preemptionPolicy"),
    ("DNSConfig", "dnsConfig"),
    ("ReadinessGates", "readinessGates"),
    ("RuntimeClassName", "runtimeClassName"),
    ("Overhead", "overhead"),
    ("EnableServiceLinks", "enableServiceLinks"),
    ("TopologySpreadConstraints", "topologySpreadConstraints"),
    ("OS", "os"),
    ("SchedulingGates", "schedulingGates"),
    ("ResourceClaims", "resourceClaims"),
    ("Resources", "resources"),
];
/// Fields that are plain strings in Go: empty, not nil.
const STRINGS: &[&str] =
    &["serviceAccountName", "nodeName", "hostname", "subdomain", "schedulerName", "priorityClassName"];

/// The difference as text.
pub fn diff(plane: &ControlPlane, old: &Value, new: &Value) -> String {
    if plane.does(release::POD_UPDATE_DIFF_UNIFIED) {
        return unified(old, new);
    }
    if plane.does(release::POD_UPDATE_DIFF_SWAPPED) { compared(new, old) } else { compared(old, new) }
}

fn unified(old: &Value, new: &Value) -> String {
    let (old, new) = (indented(&internal(old)), indented(&internal(new)));
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

/// The spec in the shape of the internal type.
fn internal(spec: &Value) -> Value {
    let mut fields = Map::new();
    for (go, wire) in FIELDS {
        let value = match spec.get(*wire) {
            Some(value) if *wire == "securityContext" => security_context(spec, value),
            Some(value) => go_names(value),
            None if STRINGS.contains(wire) => json!(""),
            None if *wire == "securityContext" => security_context(spec, &json!({})),
            None => Value::Null,
        };
        fields.insert((*go).to_owned(), value);
    }
    Value::Object(fields)
}

/// The host's namespaces are fields of the internal security context.
fn security_context(spec: &Value, context: &Value) -> Value {
    let mut fields = Map::new();
    for (go, wire) in [("HostNetwork", "hostNetwork"), ("HostPID", "hostPID"), ("HostIPC", "hostIPC")] {
        fields.insert(go.to_owned(), spec.get(wire).cloned().unwrap_or(Value::Bool(false)));
    }
    for (go, wire) in [("ShareProcessNamespace", "shareProcessNamespace"), ("HostUsers", "hostUsers")] {
        fields.insert(go.to_owned(), spec.get(wire).cloned().unwrap_or_default());
    }
    for (go, wire) in [
        ("SELinuxOptions", "seLinuxOptions"),
        ("WindowsOptions", "windowsOptions"),
        ("RunAsUser", "runAsUser"),
        ("RunAsGroup", "runAsGroup"),
        ("RunAsNonRoot", "runAsNonRoot"),
        ("SupplementalGroups", "supplementalGroups"),
        ("SupplementalGroupsPolicy", "supplementalGroupsPolicy"),
        ("FSGroup", "fsGroup"),
        ("FSGroupChangePolicy", "fsGroupChangePolicy"),
        ("Sysctls", "sysctls"),
        ("SeccompProfile", "seccompProfile"),
        ("AppArmorProfile", "appArmorProfile"),
        ("SELinuxChangePolicy", "seLinuxChangePolicy"),
    ] {
        fields.insert(go.to_owned(), context.get(wire).map(go_names).unwrap_or_default());
    }
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

/// The way of go-cmp: changed fields with two equal ones on each side.
fn compared(old: &Value, new: &Value) -> String {
    let (old, new) = (internal(old), internal(new));
    let changed: Vec<usize> = (0..FIELDS.len()).filter(|&at| old[FIELDS[at].0] != new[FIELDS[at].0]).collect();
    let shown: Vec<usize> =
        (0..FIELDS.len()).filter(|at| changed.iter().any(|change| at.abs_diff(*change) <= 2)).collect();
    let widest = shown.iter().map(|&at| FIELDS[at].0.len()).max().unwrap_or_default() + 2;
    let mut lines = vec!["  core.PodSpec{".to_owned()];
    let skip = |from: usize, to: usize| (to > from).then(|| format!("  \t... // {} identical fields", to - from));
    let mut next = 0;
    for at in shown {
        lines.extend(skip(next, at));
        next = at + 1;
        let name = FIELDS[at].0;
        let line = |mark: char, value: &Value| format!("{mark} \t{:widest$}{},", format!("{name}:"), go_literal(value));
        if old[name] == new[name] {
            lines.push(line(' ', &old[name]));
        } else {
            lines.push(line('-', &old[name]));
            lines.push(line('+', &new[name]));
        }
    }
    lines.extend(skip(next, FIELDS.len()));
    lines.push("  }\n".to_owned());
    lines.join("\n")
}

fn go_literal(value: &Value) -> String {
    match value {
        Value::Null => "nil".to_owned(),
        Value::Bool(flag) => format!("&{flag}"),
        Value::Array(_) | Value::Object(_) => "{...}".to_owned(),
        other => other.to_string(),
    }
}
