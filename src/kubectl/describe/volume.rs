//! `Volumes:` of pods and pod templates. Upstream: describeVolumes and the print…VolumeSource functions.

use serde_json::Value;

use super::View;
use super::page::{Page, each, text};
use crate::base::Order as _;
use crate::kubectl::release;

/// A plain kind of volume: its field, what it is called, and label and place of what is told.
type Plain = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// Kinds of which nothing but fields is told.
const PLAIN: &[Plain] = &[
    (
        "persistentVolumeClaim",
        "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
        &[("ClaimName", "claimName"), ("ReadOnly", "readOnly?")],
    ),
    (
        "nfs",
        "NFS (an NFS mount that lasts the lifetime of a pod)",
        &[("Server", "server"), ("Path", "path"), ("ReadOnly", "readOnly?")],
    ),
    (
        "gitRepo",
        "GitRepo (a volume that is pulled from git when the pod is created)",
        &[("Repository", "repository"), ("Revision", "revision")],
    ),
    ("secret", "Secret (a volume populated by a Secret)", &[("SecretName", "secretName"), ("Optional", "optional?")]),
    ("configMap", "ConfigMap (a volume populated by a ConfigMap)", &[("Name", "name"), ("Optional", "optional?")]),
    ("image", "Image (a container image or OCI artifact)", &[("Reference", "reference"), ("PullPolicy", "pullPolicy")]),
];

/// `Volumes:`
pub fn show(page: &mut Page, view: &View<'_>, list: &Value, indent: &str) {
    let mut list = each(list).peekable();
    if list.peek().is_none() {
        page.line(0, &format!("{indent}Volumes:\t<none>"));
        return;
    }
    page.line(0, &format!("{indent}Volumes:"));
    let nudge = if indent.is_empty() { "" } else { " " };
    for volume in list {
        page.line(1, &format!("{nudge}{}:", text(volume, "/name")));
        source(page, view, volume);
    }
}

fn source(page: &mut Page, view: &View<'_>, volume: &Value) {
    if let Some((field, title, told)) = PLAIN.iter().find(|(field, ..)| volume[*field].is_object()) {
        page.field(2, "Type", title);
        for (label, at) in *told {
            match at.strip_suffix('?') {
                Some(at) => page.field(2, label, yes(&volume[*field][at])),
                None => page.field(2, label, volume[*field][*at].as_str().unwrap_or_default()),
            }
        }
    } else if volume["projected"].is_object() {
        page.field(2, "Type", "Projected (a volume that contains injected data from multiple sources)");
        each(&volume["projected"]["sources"]).for_each(|source| projected(page, view, source));
    } else if volume["emptyDir"].is_object() {
        let limit = text(volume, "/emptyDir/sizeLimit");
        page.field(2, "Type", "EmptyDir (a temporary directory that shares a pod's lifetime)");
        page.field(2, "Medium", text(volume, "/emptyDir/medium"));
        page.field(2, "SizeLimit", if matches!(limit, "" | "0") { "<unset>" } else { limit });
    } else if volume["hostPath"].is_object() {
        page.field(2, "Type", "HostPath (bare host directory volume)");
        page.field(2, "Path", text(volume, "/hostPath/path"));
        page.field(2, "HostPathType", volume["hostPath"]["type"].as_str().unwrap_or("<none>"));
    } else if volume["downwardAPI"].is_object() {
        page.field(2, "Type", "DownwardAPI (a volume populated by information about the pod)");
        page.line(2, "Items:");
        for item in each(&volume["downwardAPI"]["items"]) {
            for from in ["/fieldRef/fieldPath", "/resourceFieldRef/resource"] {
                if !text(item, from).is_empty() {
                    page.line(3, &format!("{} -> {}", text(item, from), text(item, "/path")));
                }
            }
        }
    } else if volume["csi"].is_object() {
        let csi = &volume["csi"];
        page.field(2, "Type", "CSI (a Container Storage Interface (CSI) volume source)");
        page.field(2, "Driver", text(csi, "/driver"));
        page.field(2, "FSType", text(csi, "/fsType"));
        page.field(2, "ReadOnly", yes(&csi["readOnly"]));
        let mut attributes: Vec<(&String, &Value)> =
            csi["volumeAttributes"].as_object().into_iter().flatten().collect();
        attributes.order_by_key(|(key, _)| key.as_str());
        let attributes: Vec<String> = attributes
            .into_iter()
            .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
            .collect();
        page.line(2, &format!("VolumeAttributes:\t{}", told_or_none(&attributes.join("\n    \t"))));
    } else {
        page.line(1, "<unknown>");
    }
}

fn projected(page: &mut Page, view: &View<'_>, source: &Value) {
    // Clients before 1.33 print the pointer: `<nil>` when it is not set.
    let raw = view.does(release::DESCRIBE_CONFIG_MAP_OPTIONAL);
    let optional = |of: &Value| if raw && of["optional"].is_null() { "<nil>" } else { yes(&of["optional"]) };
    if source["secret"].is_object() {
        page.field(2, "SecretName", text(source, "/secret/name"));
        page.field(2, if raw { "SecretOptionalName" } else { "Optional" }, optional(&source["secret"]));
    } else if source["downwardAPI"].is_object() {
        page.field(2, "DownwardAPI", "true");
    } else if source["configMap"].is_object() {
        page.field(2, "ConfigMapName", text(source, "/configMap/name"));
        page.field(2, if raw { "ConfigMapOptional" } else { "Optional" }, optional(&source["configMap"]));
    } else if source["serviceAccountToken"].is_object() {
        let seconds = source["serviceAccountToken"]["expirationSeconds"].as_i64().unwrap_or(3600);
        page.field(2, "TokenExpirationSeconds", &seconds.to_string());
    }
}

fn yes(value: &Value) -> &'static str {
    if value == true { "true" } else { "false" }
}

fn told_or_none(text: &str) -> &str {
    if text.is_empty() { "<none>" } else { text }
}
