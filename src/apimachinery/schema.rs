//! How the parts of each kind are owned and merged: which lists are sets, which are keyed and by what, and which maps are
//! one whole. Upstream: the `listType`, `listMapKey`, `structType`, `mapType`, `patchStrategy` and `patchMergeKey` tags of k8s.io/api.

use serde_json::{Value, json};

/// A kind of value, with those of its fields that are more than plain. A field that is not listed is plain: maps are
/// owned field by field, lists as a whole.
#[derive(Debug)]
pub struct Type {
    /// Whether it is owned as one whole.
    pub whole: Whole,
    /// Its fields that are more than plain.
    pub fields: &'static [(&'static str, Shape)],
}

/// Whether a map is owned as one whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whole {
    /// Field by field.
    Never,
    /// As a whole where references are (see [`Schema::whole_references`]).
    Reference,
    /// As a whole.
    Always,
}

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// Anything without rules of its own.
    Plain,
    /// A map.
    Map(&'static Type),
    /// A list of plain values that merges as a set.
    Set,
    /// A list whose entries are known by these fields. A strategic merge patch knows them by the first alone.
    Keyed(&'static [&'static str], &'static Type),
    /// A list that is owned as a whole, though strategic merge patches know its entries by a field.
    Merged(&'static str, &'static Type),
}

/// The rules for the objects of one kind, in one release.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// The object itself.
    pub root: &'static Type,
    /// Whether references (to objects, keys, fields, roles) are owned as a whole.
    pub whole_references: bool,
}

impl Schema {
    /// The rules for a kind; one that is not known has plain fields and metadata.
    pub fn of(kind: &str, whole_references: bool) -> Self {
        let root = KINDS.iter().find(|(name, _)| *name == kind).map_or(&OBJECT, |(_, root)| *root);
        Self { root, whole_references }
    }

    /// Whether values of this type are owned as one.
    pub fn is_whole(&self, of: &Type) -> bool {
        match of.whole {
            Whole::Never => false,
            Whole::Reference => self.whole_references,
            Whole::Always => true,
        }
    }
}

impl Type {
    /// What one of its fields holds.
    pub fn field(&self, name: &str) -> Shape {
        self.fields.iter().find(|(field, _)| *field == name).map_or(Shape::Plain, |(_, shape)| *shape)
    }
}

/// A field of keyed lists that may be left out, and what it is then.
pub fn key_default(key: &str) -> Option<Value> {
    (key == "protocol").then(|| json!("TCP"))
}

/// What Go writes for a new object of this kind: the fields that are never left out.
pub fn empty(kind: &str) -> Value {
    let template = || json!({"metadata": {"creationTimestamp": null}, "spec": {"containers": null}});
    let mut object = match kind {
        "Pod" => json!({"spec": {"containers": null}, "status": {}}),
        "Deployment" => {
            json!({"spec": {"selector": null, "template": template(), "strategy": {}}, "status": {}})
        }
        "ReplicaSet" => json!({"spec": {"selector": null, "template": template()}, "status": {"replicas": 0}}),
        "Namespace" => json!({"spec": {}, "status": {}}),
        "Scale" => json!({"spec": {}, "status": {"replicas": 0}}),
        "Node" => json!({"spec": {}, "status": {"daemonEndpoints": {"kubeletEndpoint": {"Port": 0}}, "nodeInfo": {
            "machineID": "", "systemUUID": "", "bootID": "", "kernelVersion": "", "osImage": "",
            "containerRuntimeVersion": "", "kubeletVersion": "", "kubeProxyVersion": "", "operatingSystem": "",
            "architecture": ""}}}),
        "Role" | "ClusterRole" => json!({"rules": null}),
        "RoleBinding" | "ClusterRoleBinding" => json!({"roleRef": {"apiGroup": "", "kind": "", "name": ""}}),
        "Event" => json!({"involvedObject": {}, "source": {}, "firstTimestamp": null, "lastTimestamp": null,
            "eventTime": null, "reportingComponent": "", "reportingInstance": ""}),
        "TokenReview" => json!({"spec": {}, "status": {"user": {}}}),
        "TokenRequest" => json!({"spec": {"audiences": null, "expirationSeconds": null, "boundObjectRef": null},
            "status": {"token": "", "expirationTimestamp": null}}),
        "SelfSubjectRulesReview" => {
            json!({"spec": {}, "status": {"resourceRules": null, "nonResourceRules": null, "incomplete": false}})
        }
        "SubjectAccessReview" | "SelfSubjectAccessReview" | "LocalSubjectAccessReview" => {
            json!({"spec": {}, "status": {"allowed": false}})
        }
        "SelfSubjectReview" => json!({"status": {"userInfo": {}}}),
        _ => json!({}),
    };
    object["metadata"] = json!({"creationTimestamp": null});
    object
}

use Shape::{Keyed, Map, Merged, Plain, Set};

const fn granular(fields: &'static [(&'static str, Shape)]) -> Type {
    Type { whole: Whole::Never, fields }
}

const NAME: &[&str] = &["name"];

static PLAIN: Type = granular(&[]);
static REFERENCE: Type = Type { whole: Whole::Reference, fields: &[] };
static LABEL_SELECTOR: Type = Type { whole: Whole::Always, fields: &[] };
static METADATA: Type =
    granular(&[("finalizers", Set), ("ownerReferences", Keyed(&["uid"], &REFERENCE)), ("managedFields", Plain)]);
static OBJECT: Type = granular(&[("metadata", Map(&METADATA))]);
/// A map without rules of its own.
pub static ANY: &Type = &PLAIN;

static VALUE_FROM: Type = granular(&[
    ("fieldRef", Map(&REFERENCE)),
    ("resourceFieldRef", Map(&REFERENCE)),
    ("configMapKeyRef", Map(&REFERENCE)),
    ("secretKeyRef", Map(&REFERENCE)),
    ("fileKeyRef", Map(&REFERENCE)),
]);
static ENV: Type = granular(&[("valueFrom", Map(&VALUE_FROM))]);
static RESOURCES: Type = granular(&[("claims", Keyed(NAME, &PLAIN))]);
static CONTAINER: Type = granular(&[
    ("env", Keyed(NAME, &ENV)),
    ("ports", Keyed(&["containerPort", "protocol"], &PLAIN)),
    ("resources", Map(&RESOURCES)),
    ("volumeDevices", Keyed(&["devicePath"], &PLAIN)),
    ("volumeMounts", Keyed(&["mountPath"], &PLAIN)),
]);
static SECRET_REFERENCE: Type = granular(&[("secretRef", Map(&REFERENCE)), ("nodePublishSecretRef", Map(&REFERENCE))]);
static CLAIM_SPEC: Type =
    granular(&[("selector", Map(&LABEL_SELECTOR)), ("dataSource", Map(&REFERENCE)), ("resources", Map(&PLAIN))]);
static CLAIM_TEMPLATE: Type = granular(&[("metadata", Map(&METADATA)), ("spec", Map(&CLAIM_SPEC))]);
static EPHEMERAL: Type = granular(&[("volumeClaimTemplate", Map(&CLAIM_TEMPLATE))]);
static VOLUME: Type = granular(&[
    ("cephfs", Map(&SECRET_REFERENCE)),
    ("cinder", Map(&SECRET_REFERENCE)),
    ("csi", Map(&SECRET_REFERENCE)),
    ("ephemeral", Map(&EPHEMERAL)),
    ("flexVolume", Map(&SECRET_REFERENCE)),
    ("iscsi", Map(&SECRET_REFERENCE)),
    ("rbd", Map(&SECRET_REFERENCE)),
    ("scaleIO", Map(&SECRET_REFERENCE)),
    ("storageos", Map(&SECRET_REFERENCE)),
]);
static NODE_AFFINITY: Type = granular(&[("requiredDuringSchedulingIgnoredDuringExecution", Map(&REFERENCE))]);
static AFFINITY: Type = granular(&[("nodeAffinity", Map(&NODE_AFFINITY))]);
static SPREAD: Type = granular(&[("labelSelector", Map(&LABEL_SELECTOR))]);
static POD_SPEC: Type = granular(&[
    ("affinity", Map(&AFFINITY)),
    ("containers", Keyed(NAME, &CONTAINER)),
    ("ephemeralContainers", Keyed(NAME, &CONTAINER)),
    ("hostAliases", Keyed(&["ip"], &PLAIN)),
    ("imagePullSecrets", Keyed(NAME, &REFERENCE)),
    ("initContainers", Keyed(NAME, &CONTAINER)),
    ("nodeSelector", Map(&REFERENCE)),
    ("resourceClaims", Keyed(NAME, &PLAIN)),
    ("resources", Map(&RESOURCES)),
    ("schedulingGates", Keyed(NAME, &PLAIN)),
    ("topologySpreadConstraints", Keyed(&["topologyKey", "whenUnsatisfiable"], &SPREAD)),
    ("volumes", Keyed(NAME, &VOLUME)),
]);
static POD_STATUS: Type = granular(&[
    ("conditions", Keyed(&["type"], &PLAIN)),
    ("hostIPs", Merged("ip", &PLAIN)),
    ("podIPs", Keyed(&["ip"], &PLAIN)),
    ("resourceClaimStatuses", Keyed(NAME, &PLAIN)),
]);
static POD: Type = granular(&[("metadata", Map(&METADATA)), ("spec", Map(&POD_SPEC)), ("status", Map(&POD_STATUS))]);
static TEMPLATE: Type = granular(&[("metadata", Map(&METADATA)), ("spec", Map(&POD_SPEC))]);
static WORKLOAD_SPEC: Type = granular(&[("selector", Map(&LABEL_SELECTOR)), ("template", Map(&TEMPLATE))]);
static CONDITIONS: Type = granular(&[("conditions", Keyed(&["type"], &PLAIN))]);
static WORKLOAD: Type =
    granular(&[("metadata", Map(&METADATA)), ("spec", Map(&WORKLOAD_SPEC)), ("status", Map(&CONDITIONS))]);
static NAMESPACE: Type = granular(&[("metadata", Map(&METADATA)), ("status", Map(&CONDITIONS))]);
static NODE_SPEC: Type = granular(&[("podCIDRs", Set)]);
static NODE_STATUS: Type =
    granular(&[("addresses", Keyed(&["type"], &PLAIN)), ("conditions", Keyed(&["type"], &PLAIN))]);
static NODE: Type = granular(&[("metadata", Map(&METADATA)), ("spec", Map(&NODE_SPEC)), ("status", Map(&NODE_STATUS))]);
static SERVICE_ACCOUNT: Type = granular(&[("metadata", Map(&METADATA)), ("secrets", Keyed(NAME, &REFERENCE))]);
static EVENT: Type =
    granular(&[("metadata", Map(&METADATA)), ("involvedObject", Map(&REFERENCE)), ("related", Map(&REFERENCE))]);
static BINDING: Type = granular(&[("metadata", Map(&METADATA)), ("roleRef", Map(&REFERENCE))]);
static SERVICE_SPEC: Type = granular(&[("ports", Keyed(&["port", "protocol"], &PLAIN)), ("selector", Map(&REFERENCE))]);
static SERVICE: Type =
    granular(&[("metadata", Map(&METADATA)), ("spec", Map(&SERVICE_SPEC)), ("status", Map(&CONDITIONS))]);

/// The kinds that have more than plain fields and metadata.
const KINDS: &[(&str, &Type)] = &[
    ("Pod", &POD),
    ("Deployment", &WORKLOAD),
    ("ReplicaSet", &WORKLOAD),
    ("Namespace", &NAMESPACE),
    ("Node", &NODE),
    ("ServiceAccount", &SERVICE_ACCOUNT),
    ("Event", &EVENT),
    ("RoleBinding", &BINDING),
    ("ClusterRoleBinding", &BINDING),
    ("Service", &SERVICE),
];
