//! The internal type of a pod's spec, field by field in Go's order, as far as pods here use it.
//! Upstream: pkg/apis/core/types.go. What a refused update prints is made of it.

use crate::simulator::release::{self, Behaviour};

/// A struct: its name, and its fields.
pub(super) struct Type {
    pub name: &'static str,
    pub fields: &'static [Field],
}

/// A field: its name in Go, its name in the API, what it holds, and the releases that have it (none: all).
pub(super) struct Field {
    pub go: &'static str,
    pub wire: &'static str,
    pub shape: Shape,
    pub since: Option<Behaviour>,
}

/// What a field holds.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// A string; empty when there is none.
    Text,
    /// A number; zero when there is none.
    Number,
    /// A truth; false when there is none.
    Flag,
    /// A pointer to one of the former.
    Pointer,
    /// A list of strings or numbers, of this Go type.
    Plain(&'static str),
    /// A map of strings, of this Go type.
    Map(&'static str),
    /// A list of structs.
    List(&'static Type),
    /// A struct.
    One(&'static Type),
    /// A pointer to a struct.
    Maybe(&'static Type),
    /// A struct whose fields stand, in JSON, among those of the outer one.
    Embedded(&'static Type),
    /// A struct whose fields stand, in the API's JSON, with those of the spec itself: the security context's first.
    Context(&'static Type),
    /// Something that is shown as it is.
    Any,
}

use Shape::{Any, Context, Embedded, Flag, List, Map, Maybe, Number, One, Plain, Pointer, Text};

const fn field(go: &'static str, wire: &'static str, shape: Shape) -> Field {
    Field { go, wire, shape, since: None }
}

const fn newer(go: &'static str, wire: &'static str, shape: Shape, since: Behaviour) -> Field {
    Field { go, wire, shape, since: Some(since) }
}

macro_rules! types {
    ($($id:ident = $name:literal { $($field:expr),* $(,)? })*) => {
        $(static $id: Type = Type { name: $name, fields: &[$($field),*] };)*
    };
}

/// core.PodSpec
pub(super) static POD_SPEC: Type = Type {
    name: "core.PodSpec",
    fields: &[
        field("Volumes", "volumes", List(&VOLUME)),
        field("InitContainers", "initContainers", List(&CONTAINER)),
        field("Containers", "containers", List(&CONTAINER)),
        field("EphemeralContainers", "ephemeralContainers", List(&CONTAINER)),
        field("RestartPolicy", "restartPolicy", Text),
        field("TerminationGracePeriodSeconds", "terminationGracePeriodSeconds", Pointer),
        field("ActiveDeadlineSeconds", "activeDeadlineSeconds", Pointer),
        field("DNSPolicy", "dnsPolicy", Text),
        field("NodeSelector", "nodeSelector", Map("map[string]string")),
        field("ServiceAccountName", "serviceAccountName", Text),
        field("AutomountServiceAccountToken", "automountServiceAccountToken", Pointer),
        field("NodeName", "nodeName", Text),
        field("SecurityContext", "securityContext", Context(&POD_SECURITY_CONTEXT)),
        field("ImagePullSecrets", "imagePullSecrets", List(&LOCAL_OBJECT_REFERENCE)),
        field("Hostname", "hostname", Text),
        field("Subdomain", "subdomain", Text),
        field("SetHostnameAsFQDN", "setHostnameAsFQDN", Pointer),
        field("Affinity", "affinity", Any),
        field("SchedulerName", "schedulerName", Text),
        field("Tolerations", "tolerations", List(&TOLERATION)),
        field("HostAliases", "hostAliases", List(&HOST_ALIAS)),
        field("PriorityClassName", "priorityClassName", Text),
        field("Priority", "priority", Pointer),
        field("PreemptionPolicy", "preemptionPolicy", Pointer),
        field("DNSConfig", "dnsConfig", Maybe(&DNS_CONFIG)),
        field("ReadinessGates", "readinessGates", List(&READINESS_GATE)),
        field("RuntimeClassName", "runtimeClassName", Pointer),
        field("Overhead", "overhead", Map("core.ResourceList")),
        field("EnableServiceLinks", "enableServiceLinks", Pointer),
        field("TopologySpreadConstraints", "topologySpreadConstraints", Any),
        newer("OS", "os", Maybe(&POD_OS), release::POD_OS),
        newer("SchedulingGates", "schedulingGates", List(&SCHEDULING_GATE), release::POD_SCHEDULING_GATES),
        newer("ResourceClaims", "resourceClaims", Any, release::POD_SCHEDULING_GATES),
        newer("Resources", "resources", Maybe(&RESOURCES), release::POD_LEVEL_RESOURCES),
        newer("HostnameOverride", "hostnameOverride", Pointer, release::POD_UPDATE_DIFF_UNIFIED),
    ],
};

types! {
    POD_SECURITY_CONTEXT = "core.PodSecurityContext" {
        field("HostNetwork", "hostNetwork", Flag),
        field("HostPID", "hostPID", Flag),
        field("HostIPC", "hostIPC", Flag),
        field("ShareProcessNamespace", "shareProcessNamespace", Pointer),
        newer("HostUsers", "hostUsers", Pointer, release::POD_HOST_USERS),
        field("SELinuxOptions", "seLinuxOptions", Maybe(&SELINUX)),
        field("WindowsOptions", "windowsOptions", Any),
        field("RunAsUser", "runAsUser", Pointer),
        field("RunAsGroup", "runAsGroup", Pointer),
        field("RunAsNonRoot", "runAsNonRoot", Pointer),
        field("SupplementalGroups", "supplementalGroups", Plain("[]int64")),
        newer("SupplementalGroupsPolicy", "supplementalGroupsPolicy", Pointer, release::CONTAINER_STATUS_MOUNTS),
        field("FSGroup", "fsGroup", Pointer),
        field("FSGroupChangePolicy", "fsGroupChangePolicy", Pointer),
        field("Sysctls", "sysctls", Any),
        field("SeccompProfile", "seccompProfile", Maybe(&SECCOMP)),
        newer("AppArmorProfile", "appArmorProfile", Maybe(&APP_ARMOR), release::APP_ARMOR_FIELDS),
        newer("SELinuxChangePolicy", "seLinuxChangePolicy", Pointer, release::POD_LEVEL_RESOURCES),
    }
    CONTAINER = "core.Container" {
        field("Name", "name", Text),
        field("Image", "image", Text),
        field("Command", "command", Plain("[]string")),
        field("Args", "args", Plain("[]string")),
        field("WorkingDir", "workingDir", Text),
        field("Ports", "ports", List(&PORT)),
        field("EnvFrom", "envFrom", List(&ENV_FROM)),
        field("Env", "env", List(&ENV)),
        field("Resources", "resources", One(&RESOURCES)),
        newer("ResizePolicy", "resizePolicy", Any, release::CONTAINER_RESIZE_POLICY),
        newer("RestartPolicy", "restartPolicy", Pointer, release::CONTAINER_RESTART_POLICY),
        newer("RestartPolicyRules", "restartPolicyRules", Any, release::POD_UPDATE_DIFF_UNIFIED),
        field("VolumeMounts", "volumeMounts", List(&VOLUME_MOUNT)),
        field("VolumeDevices", "volumeDevices", Any),
        field("LivenessProbe", "livenessProbe", Maybe(&PROBE)),
        field("ReadinessProbe", "readinessProbe", Maybe(&PROBE)),
        field("StartupProbe", "startupProbe", Maybe(&PROBE)),
        field("Lifecycle", "lifecycle", Any),
        field("TerminationMessagePath", "terminationMessagePath", Text),
        field("TerminationMessagePolicy", "terminationMessagePolicy", Text),
        field("ImagePullPolicy", "imagePullPolicy", Text),
        field("SecurityContext", "securityContext", Maybe(&SECURITY_CONTEXT)),
        field("Stdin", "stdin", Flag),
        field("StdinOnce", "stdinOnce", Flag),
        field("TTY", "tty", Flag),
    }
    PORT = "core.ContainerPort" {
        field("Name", "name", Text),
        field("HostPort", "hostPort", Number),
        field("ContainerPort", "containerPort", Number),
        field("Protocol", "protocol", Text),
        field("HostIP", "hostIP", Text),
    }
    ENV_FROM = "core.EnvFromSource" {
        field("Prefix", "prefix", Text),
        field("ConfigMapRef", "configMapRef", Maybe(&OPTIONAL_REFERENCE)),
        field("SecretRef", "secretRef", Maybe(&OPTIONAL_REFERENCE)),
    }
    OPTIONAL_REFERENCE = "core.SecretEnvSource" {
        field("LocalObjectReference", "", Embedded(&LOCAL_OBJECT_REFERENCE)),
        field("Optional", "optional", Pointer),
    }
    LOCAL_OBJECT_REFERENCE = "core.LocalObjectReference" { field("Name", "name", Text) }
    ENV = "core.EnvVar" {
        field("Name", "name", Text),
        field("Value", "value", Text),
        field("ValueFrom", "valueFrom", Maybe(&ENV_SOURCE)),
    }
    ENV_SOURCE = "core.EnvVarSource" {
        field("FieldRef", "fieldRef", Maybe(&FIELD_REF)),
        field("ResourceFieldRef", "resourceFieldRef", Maybe(&RESOURCE_REF)),
        field("ConfigMapKeyRef", "configMapKeyRef", Maybe(&KEY_REF)),
        field("SecretKeyRef", "secretKeyRef", Maybe(&KEY_REF)),
        newer("FileKeyRef", "fileKeyRef", Any, release::POD_UPDATE_DIFF_UNIFIED),
    }
    FIELD_REF = "core.ObjectFieldSelector" {
        field("APIVersion", "apiVersion", Text),
        field("FieldPath", "fieldPath", Text),
    }
    RESOURCE_REF = "core.ResourceFieldSelector" {
        field("ContainerName", "containerName", Text),
        field("Resource", "resource", Text),
        field("Divisor", "divisor", Any),
    }
    KEY_REF = "core.SecretKeySelector" {
        field("LocalObjectReference", "", Embedded(&LOCAL_OBJECT_REFERENCE)),
        field("Key", "key", Text),
        field("Optional", "optional", Pointer),
    }
    RESOURCES = "core.ResourceRequirements" {
        field("Limits", "limits", Map("core.ResourceList")),
        field("Requests", "requests", Map("core.ResourceList")),
        newer("Claims", "claims", Any, release::POD_SCHEDULING_GATES),
    }
    VOLUME_MOUNT = "core.VolumeMount" {
        field("Name", "name", Text),
        field("ReadOnly", "readOnly", Flag),
        newer("RecursiveReadOnly", "recursiveReadOnly", Pointer, release::APP_ARMOR_FIELDS),
        field("MountPath", "mountPath", Text),
        field("SubPath", "subPath", Text),
        field("MountPropagation", "mountPropagation", Pointer),
        field("SubPathExpr", "subPathExpr", Text),
    }
    PROBE = "core.Probe" {
        field("ProbeHandler", "", Embedded(&HANDLER)),
        field("InitialDelaySeconds", "initialDelaySeconds", Number),
        field("TimeoutSeconds", "timeoutSeconds", Number),
        field("PeriodSeconds", "periodSeconds", Number),
        field("SuccessThreshold", "successThreshold", Number),
        field("FailureThreshold", "failureThreshold", Number),
        field("TerminationGracePeriodSeconds", "terminationGracePeriodSeconds", Pointer),
    }
    HANDLER = "core.ProbeHandler" {
        field("Exec", "exec", Maybe(&EXEC)),
        field("HTTPGet", "httpGet", Maybe(&HTTP_GET)),
        field("TCPSocket", "tcpSocket", Any),
        field("GRPC", "grpc", Any),
    }
    EXEC = "core.ExecAction" { field("Command", "command", Plain("[]string")) }
    HTTP_GET = "core.HTTPGetAction" {
        field("Path", "path", Text),
        field("Port", "port", Any),
        field("Host", "host", Text),
        field("Scheme", "scheme", Text),
        field("HTTPHeaders", "httpHeaders", Any),
    }
    SECURITY_CONTEXT = "core.SecurityContext" {
        field("Capabilities", "capabilities", Maybe(&CAPABILITIES)),
        field("Privileged", "privileged", Pointer),
        field("SELinuxOptions", "seLinuxOptions", Maybe(&SELINUX)),
        field("WindowsOptions", "windowsOptions", Any),
        field("RunAsUser", "runAsUser", Pointer),
        field("RunAsGroup", "runAsGroup", Pointer),
        field("RunAsNonRoot", "runAsNonRoot", Pointer),
        field("ReadOnlyRootFilesystem", "readOnlyRootFilesystem", Pointer),
        field("AllowPrivilegeEscalation", "allowPrivilegeEscalation", Pointer),
        field("ProcMount", "procMount", Pointer),
        field("SeccompProfile", "seccompProfile", Maybe(&SECCOMP)),
        newer("AppArmorProfile", "appArmorProfile", Maybe(&APP_ARMOR), release::APP_ARMOR_FIELDS),
    }
    CAPABILITIES = "core.Capabilities" {
        field("Add", "add", Plain("[]core.Capability")),
        field("Drop", "drop", Plain("[]core.Capability")),
    }
    SELINUX = "core.SELinuxOptions" {
        field("User", "user", Text),
        field("Role", "role", Text),
        field("Type", "type", Text),
        field("Level", "level", Text),
    }
    SECCOMP = "core.SeccompProfile" {
        field("Type", "type", Text),
        field("LocalhostProfile", "localhostProfile", Pointer),
    }
    APP_ARMOR = "core.AppArmorProfile" {
        field("Type", "type", Text),
        field("LocalhostProfile", "localhostProfile", Pointer),
    }
    TOLERATION = "core.Toleration" {
        field("Key", "key", Text),
        field("Operator", "operator", Text),
        field("Value", "value", Text),
        field("Effect", "effect", Text),
        field("TolerationSeconds", "tolerationSeconds", Pointer),
    }
    HOST_ALIAS = "core.HostAlias" { field("IP", "ip", Text), field("Hostnames", "hostnames", Plain("[]string")) }
    DNS_CONFIG = "core.PodDNSConfig" {
        field("Nameservers", "nameservers", Plain("[]string")),
        field("Searches", "searches", Plain("[]string")),
        field("Options", "options", List(&DNS_OPTION)),
    }
    DNS_OPTION = "core.PodDNSConfigOption" { field("Name", "name", Text), field("Value", "value", Pointer) }
    READINESS_GATE = "core.PodReadinessGate" { field("ConditionType", "conditionType", Text) }
    POD_OS = "core.PodOS" { field("Name", "name", Text) }
    SCHEDULING_GATE = "core.PodSchedulingGate" { field("Name", "name", Text) }
    VOLUME = "core.Volume" {
        field("Name", "name", Text),
        field("VolumeSource", "", Embedded(&VOLUME_SOURCE)),
    }
    VOLUME_SOURCE = "core.VolumeSource" {
        field("HostPath", "hostPath", Maybe(&HOST_PATH)),
        field("EmptyDir", "emptyDir", Maybe(&EMPTY_DIR)),
        field("GCEPersistentDisk", "gcePersistentDisk", Any),
        field("AWSElasticBlockStore", "awsElasticBlockStore", Any),
        field("GitRepo", "gitRepo", Any),
        field("Secret", "secret", Maybe(&SECRET_VOLUME)),
        field("NFS", "nfs", Any),
        field("ISCSI", "iscsi", Any),
        field("Glusterfs", "glusterfs", Any),
        field("PersistentVolumeClaim", "persistentVolumeClaim", Maybe(&CLAIM_VOLUME)),
        field("RBD", "rbd", Any),
        field("Quobyte", "quobyte", Any),
        field("FlexVolume", "flexVolume", Any),
        field("Cinder", "cinder", Any),
        field("CephFS", "cephfs", Any),
        field("Flocker", "flocker", Any),
        field("DownwardAPI", "downwardAPI", Maybe(&DOWNWARD_VOLUME)),
        field("FC", "fc", Any),
        field("AzureFile", "azureFile", Any),
        field("ConfigMap", "configMap", Maybe(&CONFIG_MAP_VOLUME)),
        field("VsphereVolume", "vsphereVolume", Any),
        field("AzureDisk", "azureDisk", Any),
        field("PhotonPersistentDisk", "photonPersistentDisk", Any),
        field("Projected", "projected", Maybe(&PROJECTED_VOLUME)),
        field("PortworxVolume", "portworxVolume", Any),
        field("ScaleIO", "scaleIO", Any),
        field("StorageOS", "storageos", Any),
        field("CSI", "csi", Any),
        field("Ephemeral", "ephemeral", Any),
        newer("Image", "image", Any, release::CONTAINER_STATUS_MOUNTS),
    }
    HOST_PATH = "core.HostPathVolumeSource" { field("Path", "path", Text), field("Type", "type", Pointer) }
    EMPTY_DIR = "core.EmptyDirVolumeSource" { field("Medium", "medium", Text), field("SizeLimit", "sizeLimit", Pointer) }
    SECRET_VOLUME = "core.SecretVolumeSource" {
        field("SecretName", "secretName", Text),
        field("Items", "items", List(&KEY_TO_PATH)),
        field("DefaultMode", "defaultMode", Pointer),
        field("Optional", "optional", Pointer),
    }
    CLAIM_VOLUME = "core.PersistentVolumeClaimVolumeSource" {
        field("ClaimName", "claimName", Text),
        field("ReadOnly", "readOnly", Flag),
    }
    DOWNWARD_VOLUME = "core.DownwardAPIVolumeSource" {
        field("Items", "items", List(&DOWNWARD_FILE)),
        field("DefaultMode", "defaultMode", Pointer),
    }
    CONFIG_MAP_VOLUME = "core.ConfigMapVolumeSource" {
        field("LocalObjectReference", "", Embedded(&LOCAL_OBJECT_REFERENCE)),
        field("Items", "items", List(&KEY_TO_PATH)),
        field("DefaultMode", "defaultMode", Pointer),
        field("Optional", "optional", Pointer),
    }
    PROJECTED_VOLUME = "core.ProjectedVolumeSource" {
        field("Sources", "sources", List(&PROJECTION)),
        field("DefaultMode", "defaultMode", Pointer),
    }
    PROJECTION = "core.VolumeProjection" {
        field("Secret", "secret", Maybe(&PROJECTED_KEYS)),
        field("DownwardAPI", "downwardAPI", Maybe(&PROJECTED_DOWNWARD)),
        field("ConfigMap", "configMap", Maybe(&PROJECTED_KEYS)),
        field("ServiceAccountToken", "serviceAccountToken", Maybe(&PROJECTED_TOKEN)),
        newer("ClusterTrustBundle", "clusterTrustBundle", Any, release::APP_ARMOR_FIELDS),
        newer("PodCertificate", "podCertificate", Any, release::POD_UPDATE_DIFF_UNIFIED),
    }
    PROJECTED_TOKEN = "core.ServiceAccountTokenProjection" {
        field("Audience", "audience", Text),
        field("ExpirationSeconds", "expirationSeconds", Number),
        field("Path", "path", Text),
    }
    PROJECTED_KEYS = "core.ConfigMapProjection" {
        field("LocalObjectReference", "", Embedded(&LOCAL_OBJECT_REFERENCE)),
        field("Items", "items", List(&KEY_TO_PATH)),
        field("Optional", "optional", Pointer),
    }
    PROJECTED_DOWNWARD = "core.DownwardAPIProjection" { field("Items", "items", List(&DOWNWARD_FILE)) }
    KEY_TO_PATH = "core.KeyToPath" {
        field("Key", "key", Text),
        field("Path", "path", Text),
        field("Mode", "mode", Pointer),
    }
    DOWNWARD_FILE = "core.DownwardAPIVolumeFile" {
        field("Path", "path", Text),
        field("FieldRef", "fieldRef", Maybe(&FIELD_REF)),
        field("ResourceFieldRef", "resourceFieldRef", Maybe(&RESOURCE_REF)),
        field("Mode", "mode", Pointer),
    }
}
