//! What a body says it is, held against what is expected there. Upstream: apimachinery/pkg/runtime (scheme.go, serializer)
//! and apiserver/pkg/endpoints/handlers/rest.go:transformDecodeError.

use serde_json::{Value, json};

use crate::apimachinery::{Release, Status};
use crate::simulator::release;

/// What a body must be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected<'a> {
    /// `v1`, `apps/v1`
    pub api_version: &'a str,
    /// `ServiceAccount`
    pub kind: &'a str,
    /// Of which release the server is.
    pub release: Release,
}

/// The kinds that an API server can read, by version, without their lists.
const KNOWN: &[(&str, &[&str])] = &[
    (
        "v1",
        &[
            "Binding",
            "ComponentStatus",
            "ConfigMap",
            "Endpoints",
            "Event",
            "LimitRange",
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
        ],
    ),
    ("apps/v1", WORKLOADS),
    ("apps/v1beta2", WORKLOADS),
    ("apps/v1beta1", WORKLOADS),
    ("extensions/v1beta1", &["DaemonSet", "Deployment", "Ingress", "NetworkPolicy", "ReplicaSet"]),
    ("authentication.k8s.io/v1", &["SelfSubjectReview", "TokenRequest", "TokenReview"]),
    ("authentication.k8s.io/v1beta1", &["SelfSubjectReview", "TokenReview"]),
    ("authorization.k8s.io/v1", ACCESS_REVIEWS),
    ("authorization.k8s.io/v1beta1", ACCESS_REVIEWS),
    ("autoscaling/v1", &["HorizontalPodAutoscaler", "Scale"]),
    ("batch/v1", &["CronJob", "Job"]),
    ("coordination.k8s.io/v1", &["Lease"]),
    ("events.k8s.io/v1", &["Event"]),
    ("networking.k8s.io/v1", &["Ingress", "IngressClass", "NetworkPolicy"]),
    ("policy/v1", &["Eviction", "PodDisruptionBudget"]),
    ("policy/v1beta1", &["Eviction", "PodDisruptionBudget"]),
    ("rbac.authorization.k8s.io/v1", ROLES),
    ("rbac.authorization.k8s.io/v1beta1", ROLES),
    ("rbac.authorization.k8s.io/v1alpha1", ROLES),
    ("scheduling.k8s.io/v1", &["PriorityClass"]),
    ("storage.k8s.io/v1", &["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"]),
];
const WORKLOADS: &[&str] = &["ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"];
const ACCESS_REVIEWS: &[&str] =
    &["LocalSubjectAccessReview", "SelfSubjectAccessReview", "SelfSubjectRulesReview", "SubjectAccessReview"];
const ROLES: &[&str] = &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"];

/// Why a body is not what is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It does not even say what it is.
    Unrecognized(String),
    /// The refusal of what it says it is.
    Status(Status),
}

/// Makes an object say what it is, where it leaves that out.
///
/// # Errors
/// When it is no object, or of another kind or version.
pub(super) fn claim(object: &mut Value, expected: Expected<'_>) -> Result<(), Fault> {
    let unrecognized = |found: &Value, into: &str| {
        let found = word(found);
        Fault::Unrecognized(format!(
            "couldn't get version/kind; json parse error: json: cannot unmarshal {found} into Go {into}"
        ))
    };
    // Nothing is an object without fields.
    if object.is_null() {
        *object = json!({});
    }
    if !object.is_object() {
        const TYPE: &str = r#"value of type struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }"#;
        return Err(unrecognized(object, TYPE));
    }
    let said = |field: &str| match object.get(field) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(other) => Err(unrecognized(other, &format!("struct field .{field} of type string"))),
    };
    let (mut api_version, mut kind) = (said("apiVersion")?, said("kind")?);
    if api_version.matches('/').count() > 1 {
        return Err(Fault::Unrecognized(format!("unexpected GroupVersion string: {api_version}")));
    }
    if matches!(api_version.as_str(), "" | "/") {
        expected.api_version.clone_into(&mut api_version);
    }
    if kind.is_empty() {
        expected.kind.clone_into(&mut kind);
    }
    if (api_version.as_str(), kind.as_str()) != (expected.api_version, expected.kind) {
        return Err(Fault::Status(mistaken(&api_version, &kind, expected)));
    }
    object["apiVersion"] = json!(api_version);
    object["kind"] = json!(kind);
    Ok(())
}

/// The refusal of something else.
fn mistaken(api_version: &str, kind: &str, expected: Expected<'_>) -> Status {
    let version = api_version.rsplit('/').next().unwrap_or_default();
    let refuse = |why: &str| {
        Status::bad_request(format!("{kind} in version {version:?} cannot be handled as a {}: {why}", expected.kind))
    };
    let kinds = KNOWN.iter().find(|(known, _)| *known == api_version).map(|(_, kinds)| *kinds).unwrap_or_default();
    if !kinds.contains(&kind.strip_suffix("List").unwrap_or(kind)) {
        return refuse(&format!(
            "no kind {kind:?} is registered for version {api_version:?} in scheme {:?}",
            name_of_scheme(expected.release)
        ));
    }
    // Another version of the same can be read, but not here.
    if kind == expected.kind {
        let wanted = expected.api_version;
        return Status::bad_request(format!(
            "the API version in the data ({api_version}) does not match the expected API version ({wanted})"
        ));
    }
    let internal = match expected.api_version.split_once('/') {
        None => "core",
        Some((group, _)) => group.split('.').next().unwrap_or_default(),
    };
    refuse(&format!("converting ({version}.{kind}) to ({internal}.{}): unknown conversion", expected.kind))
}

/// Where the API server's source makes its scheme, as its build knows the path.
fn name_of_scheme(of: Release) -> &'static str {
    match release::SCHEME_BY_WHOLE_PATH.holds(of) {
        true => "k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30",
        false => "pkg/api/legacyscheme/scheme.go:30",
    }
}

/// What Go's decoder calls a value.
pub(super) fn word(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use super::{Expected, Fault, claim};
    use crate::apimachinery::Release;
    use serde_json::{Value, json};

    #[test]
    fn what_a_body_says_it_is() {
        let account = ("v1", "ServiceAccount");
        let role = ("rbac.authorization.k8s.io/v1", "Role");
        for (minor, (api_version, kind), body, want) in [
            (36, account, json!({}), ""),
            (36, account, Value::Null, ""),
            (36, account, json!({"apiVersion": "v1"}), ""),
            (36, account, json!({"kind": "ServiceAccount"}), ""),
            (
                36,
                account,
                json!([]),
                r#"couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }"#,
            ),
            (
                36,
                account,
                json!({"apiVersion": 1}),
                "couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .apiVersion of type string",
            ),
            (36, account, json!({"apiVersion": "a/b/c"}), "unexpected GroupVersion string: a/b/c"),
            (
                36,
                account,
                json!({"apiVersion": "v1", "kind": "Secret"}),
                r#"Secret in version "v1" cannot be handled as a ServiceAccount: converting (v1.Secret) to (core.ServiceAccount): unknown conversion"#,
            ),
            (
                36,
                account,
                json!({"apiVersion": "v1", "kind": "serviceaccount"}),
                r#"serviceaccount in version "v1" cannot be handled as a ServiceAccount: no kind "serviceaccount" is registered for version "v1" in scheme "pkg/api/legacyscheme/scheme.go:30""#,
            ),
            (
                20,
                account,
                json!({"apiVersion": "v2", "kind": "ServiceAccount"}),
                r#"ServiceAccount in version "v2" cannot be handled as a ServiceAccount: no kind "ServiceAccount" is registered for version "v2" in scheme "k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30""#,
            ),
            (
                36,
                role,
                json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole"}),
                r#"ClusterRole in version "v1" cannot be handled as a Role: converting (v1.ClusterRole) to (rbac.Role): unknown conversion"#,
            ),
            (
                36,
                role,
                json!({"apiVersion": "rbac.authorization.k8s.io/v1beta1", "kind": "Role"}),
                "the API version in the data (rbac.authorization.k8s.io/v1beta1) does not match the expected API version (rbac.authorization.k8s.io/v1)",
            ),
            (
                36,
                role,
                json!({"apiVersion": "v1", "kind": "Role"}),
                r#"Role in version "v1" cannot be handled as a Role: no kind "Role" is registered for version "v1" in scheme "pkg/api/legacyscheme/scheme.go:30""#,
            ),
        ] {
            let mut object = body.clone();
            let said = match claim(&mut object, Expected { api_version, kind, release: Release::minor(minor) }) {
                Ok(()) => {
                    assert_eq!(object, json!({"apiVersion": api_version, "kind": kind}), "{body}");
                    String::new()
                }
                Err(Fault::Unrecognized(why)) => why,
                Err(Fault::Status(status)) => status.message,
            };
            assert_eq!(said, want, "{body}");
        }
    }
}
