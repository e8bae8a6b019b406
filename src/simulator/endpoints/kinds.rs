//! Whether a body is what it is sent as: its `apiVersion` and `kind` may be left out, and must fit where they are given.
//! Upstream: apimachinery/pkg/runtime/serializer/{json,versioning} and transformDecodeError in
//! apiserver/pkg/endpoints/handlers/rest.go.

use serde_json::{Value, json};

use crate::apimachinery::{Status, gojson};
use crate::simulator::{ControlPlane, release};

/// The kinds the API server knows, served here or not, by group and version.
const REGISTERED: &[(&str, &str, &[&str])] = &[
    (
        "",
        "v1",
        &[
            "Binding",
            "ComponentStatus",
            "ConfigMap",
            "DeleteOptions",
            "Endpoints",
            "Event",
            "LimitRange",
            "List",
            "Namespace",
            "Node",
            "PersistentVolume",
            "PersistentVolumeClaim",
            "Pod",
            "PodTemplate",
            "ReplicationController",
            "ResourceQuota",
            "Secret",
            "Service",
            "ServiceAccount",
            "Status",
        ],
    ),
    ("apps", "v1", &["ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"]),
    ("apps", "v1beta1", &["ControllerRevision", "Deployment", "Scale", "StatefulSet"]),
    ("apps", "v1beta2", &["ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "Scale", "StatefulSet"]),
    ("authentication.k8s.io", "v1", &["SelfSubjectReview", "TokenRequest", "TokenReview"]),
    ("authentication.k8s.io", "v1beta1", &["SelfSubjectReview", "TokenReview"]),
    (
        "authorization.k8s.io",
        "v1",
        &["LocalSubjectAccessReview", "SelfSubjectAccessReview", "SelfSubjectRulesReview", "SubjectAccessReview"],
    ),
    (
        "authorization.k8s.io",
        "v1beta1",
        &["LocalSubjectAccessReview", "SelfSubjectAccessReview", "SelfSubjectRulesReview", "SubjectAccessReview"],
    ),
    ("autoscaling", "v1", &["HorizontalPodAutoscaler", "Scale"]),
    ("batch", "v1", &["CronJob", "Job"]),
    ("batch", "v1beta1", &["CronJob"]),
    ("networking.k8s.io", "v1", &["Ingress", "IngressClass", "NetworkPolicy"]),
    ("policy", "v1", &["Eviction", "PodDisruptionBudget"]),
    ("policy", "v1beta1", &["Eviction", "PodDisruptionBudget"]),
    ("rbac.authorization.k8s.io", "v1", &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"]),
    ("rbac.authorization.k8s.io", "v1beta1", &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"]),
    ("storage.k8s.io", "v1", &["StorageClass", "VolumeAttachment"]),
];

/// What a body is wrong for.
pub enum Fault {
    /// It does not say what it is in words that can be read.
    Unrecognized(String),
    /// It says so, and it is something else.
    Refused(Status),
}

impl Fault {
    /// What is wrong, without whose fault it is.
    pub fn bare(&self) -> String {
        match self {
            Self::Unrecognized(why) => why.clone(),
            Self::Refused(status) => {
                let message = &status.message;
                message
                    .split_once(" cannot be handled as a ")
                    .and_then(|(_, rest)| rest.split_once(": "))
                    .map_or_else(|| message.clone(), |(_, why)| why.to_owned())
            }
        }
    }
}

/// Checks what a body says it is, and says it where it does not.
pub fn check(plane: &ControlPlane, object: &mut Value, api_version: &str, kind: &str) -> Result<(), Fault> {
    let (said_version, said_kind) = said(object, api_version, kind).map_err(Fault::Unrecognized)?;
    if !fits(&said_version, &said_kind, api_version, kind) {
        return Err(Fault::Refused(refusal(plane, (&said_version, &said_kind), (api_version, kind))));
    }
    object["kind"] = json!(kind);
    object["apiVersion"] = json!(api_version);
    Ok(())
}

/// Checks the options of a deletion, which may be those of any group.
pub fn check_options(options: &mut Value) -> Result<(), String> {
    let (version, kind) = said(options, "v1", "DeleteOptions")?;
    let (group, number) = split(&version);
    if kind == "DeleteOptions" && is_registered(group, number, &kind) {
        return Ok(());
    }
    Err(format!(
        "no kind {kind:?} is registered for version {version:?} in scheme \"k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:28\""
    ))
}

/// The `apiVersion` and `kind` of a body, with what it leaves out filled in.
fn said(object: &mut Value, api_version: &str, kind: &str) -> Result<(String, String), String> {
    let unrecognized = Err;
    if object.is_null() {
        *object = json!({});
    }
    let Some(fields) = object.as_object() else {
        return unrecognized(format!(
            "couldn't get version/kind; json parse error: json: cannot unmarshal {} into Go value of type struct {{ APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }}",
            gojson::kind(object)
        ));
    };
    let mut said = [String::new(), String::new()];
    for (field, said) in ["apiVersion", "kind"].into_iter().zip(&mut said) {
        match fields.get(field) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => said.clone_from(text),
            Some(other) => {
                return unrecognized(format!(
                    "couldn't get version/kind; json parse error: json: cannot unmarshal {} into Go struct field .{field} of type string",
                    gojson::kind(other)
                ));
            }
        }
    }
    let [mut said_version, mut said_kind] = said;
    if said_version.matches('/').count() > 1 {
        return unrecognized(format!("unexpected GroupVersion string: {said_version}"));
    }
    if said_version.is_empty() {
        api_version.clone_into(&mut said_version);
    }
    if said_kind.is_empty() {
        kind.clone_into(&mut said_kind);
    }
    Ok((said_version, said_kind))
}

fn fits(said_version: &str, said_kind: &str, api_version: &str, kind: &str) -> bool {
    // Evictions of both versions are taken at the same door.
    let eviction = kind == "Eviction" && said_version == "policy/v1beta1";
    said_kind == kind && (said_version == api_version || eviction)
}

/// Group and version of an `apiVersion`.
fn split(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

fn is_registered(group: &str, version: &str, kind: &str) -> bool {
    // Every group and version has lists of its kinds, and options for deletions.
    let single = kind.strip_suffix("List").unwrap_or(kind);
    let mut known = REGISTERED.iter().filter(|(in_group, in_version, _)| *in_group == group && *in_version == version);
    known.any(|(_, _, kinds)| kinds.contains(&kind) || kinds.contains(&single) || kind == "DeleteOptions")
}

/// The package of a group's internal types.
fn package(group: &str) -> &str {
    if group.is_empty() { "core" } else { group.split('.').next().unwrap_or(group) }
}

fn refusal(plane: &ControlPlane, said: (&str, &str), wanted: (&str, &str)) -> Status {
    let ((said_version, said_kind), (api_version, kind)) = (said, wanted);
    let ((said_group, version), (group, _)) = (split(said_version), split(api_version));
    let why = if !is_registered(said_group, version, said_kind) {
        let path = if plane.does(release::SCHEME_PATH_SHORT) { "" } else { "k8s.io/kubernetes/" };
        format!(
            "no kind {said_kind:?} is registered for version {said_version:?} in scheme \"{path}pkg/api/legacyscheme/scheme.go:30\""
        )
    } else if (said_group, said_kind) == (group, kind) {
        return Status::bad_request(format!(
            "the API version in the data ({said_version}) does not match the expected API version ({api_version})"
        ));
    } else {
        format!("converting ({version}.{said_kind}) to ({}.{kind}): unknown conversion", package(group))
    };
    Status::bad_request(format!("{said_kind} in version {version:?} cannot be handled as a {kind}: {why}"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Fault, check};
    use crate::simulator::serviceaccount::tests;

    #[track_caller]
    fn refused(minor: u8, mut body: Value, api_version: &str, kind: &str, want: &str) {
        let fault = check(&tests::plane(minor), &mut body, api_version, kind).expect_err("refused");
        let got = match fault {
            Fault::Unrecognized(why) => why,
            Fault::Refused(status) => status.message,
        };
        assert_eq!(got, want, "{body}");
    }

    #[test]
    fn bodies_of_another_kind() {
        let body = |version: &str, kind: &str| json!({"apiVersion": version, "kind": kind});
        for (body, want) in [
            (
                body("v1", "Pod"),
                "Pod in version \"v1\" cannot be handled as a ServiceAccount: converting (v1.Pod) to (core.ServiceAccount): unknown conversion",
            ),
            (
                body("apps/v1", "Deployment"),
                "Deployment in version \"v1\" cannot be handled as a ServiceAccount: converting (v1.Deployment) to (core.ServiceAccount): unknown conversion",
            ),
            (
                body("v1", "serviceaccount"),
                "serviceaccount in version \"v1\" cannot be handled as a ServiceAccount: no kind \"serviceaccount\" is registered for version \"v1\" in scheme \"pkg/api/legacyscheme/scheme.go:30\"",
            ),
            (
                body("apps/v1", "ServiceAccount"),
                "ServiceAccount in version \"v1\" cannot be handled as a ServiceAccount: no kind \"ServiceAccount\" is registered for version \"apps/v1\" in scheme \"pkg/api/legacyscheme/scheme.go:30\"",
            ),
            (body("a/b/c", "ServiceAccount"), "unexpected GroupVersion string: a/b/c"),
            (
                json!({"kind": 5}),
                "couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .kind of type string",
            ),
            (
                json!([]),
                "couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type struct { APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }",
            ),
        ] {
            refused(36, body, "v1", "ServiceAccount", want);
        }
        let (version, kind) = ("authentication.k8s.io/v1", "TokenReview");
        refused(
            36,
            body("authentication.k8s.io/v1beta1", kind),
            version,
            kind,
            "the API version in the data (authentication.k8s.io/v1beta1) does not match the expected API version (authentication.k8s.io/v1)",
        );
        refused(
            36,
            body(version, "TokenRequest"),
            version,
            kind,
            "TokenRequest in version \"v1\" cannot be handled as a TokenReview: converting (v1.TokenRequest) to (authentication.TokenReview): unknown conversion",
        );
        refused(
            20,
            body("v1", "pod"),
            "v1",
            "Pod",
            "pod in version \"v1\" cannot be handled as a Pod: no kind \"pod\" is registered for version \"v1\" in scheme \"k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30\"",
        );
    }

    #[test]
    fn what_is_left_out_is_filled_in() {
        for mut body in [json!(null), json!({}), json!({"kind": "Pod"}), json!({"apiVersion": "v1", "kind": ""})] {
            assert!(check(&tests::plane(36), &mut body, "v1", "Pod").is_ok(), "{body}");
            assert_eq!(body, json!({"apiVersion": "v1", "kind": "Pod"}));
        }
    }
}
