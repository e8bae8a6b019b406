//! What is shown of each kind of object. Everything that came from the cluster is made safe to draw here.

use std::sync::Arc;

use serde_json::Value;

use super::index::{Before, Id, Object};
use crate::base::sanitize_line;

/// What a kind shows, and what it hangs on.
#[derive(Clone, Debug, PartialEq)]
pub enum Detail {
    /// A service account.
    Account {
        /// `automountServiceAccountToken`
        automount: Option<bool>,
    },
    /// A pod.
    Pod {
        /// The account it runs as.
        account: String,
        /// `status.phase`, or `Terminating`.
        phase: String,
        /// The node it runs on.
        node: String,
        /// Its volumes.
        volumes: Arc<[Volume]>,
        /// The replica set (or other) that made it.
        owner: Option<Id>,
    },
    /// A secret.
    Secret {
        /// `type`
        kind: String,
        /// The account whose token it holds.
        account: Option<String>,
        /// Whether the token is there.
        filled: bool,
    },
    /// A config map.
    ConfigMap {
        /// How many keys it has.
        keys: usize,
    },
    /// A deployment.
    Deployment {
        /// Pods that are ready.
        ready: i64,
        /// Pods that are wanted.
        wanted: i64,
        /// The account its pods run as.
        account: String,
    },
    /// A replica set.
    ReplicaSet {
        /// Pods that are ready.
        ready: i64,
        /// Pods that are wanted.
        wanted: i64,
        /// The deployment that made it.
        owner: Option<Id>,
    },
    /// A role.
    Role {
        /// `get, list on pods; create on secrets`
        allows: String,
    },
    /// A role binding.
    Binding {
        /// `Role` or `ClusterRole`, and its name.
        role: (String, String),
        /// The account of its own namespace that it reaches: the first, when there are several.
        account: Option<String>,
        /// Whom it names, in words: `User web`, `sa web of other`.
        subjects: Vec<String>,
    },
    /// Anything else.
    Other,
}

/// A volume of a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volume {
    /// Its name.
    pub name: String,
    /// `projected`, `secret s`, `emptyDir`, …
    pub kind: String,
    /// What a projected volume is put together from: the file, and where it comes from.
    pub sources: Vec<(String, String)>,
    /// The same in a few words: `token 1h, ca.crt, namespace`.
    pub brief: String,
    /// Whether it brings a token.
    pub token: bool,
}

/// An object and where it is.
pub struct Found {
    /// Its namespace.
    pub namespace: String,
    /// Its kind and name.
    pub id: Id,
    /// The rest.
    pub object: Object,
}

impl Detail {
    /// The account this hangs on.
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::Pod { account, .. } => Some(account),
            Self::Secret { account, .. } | Self::Binding { account, .. } => account.as_deref(),
            _ => None,
        }
    }

    /// What made it.
    pub fn owner(&self) -> Option<&Id> {
        match self {
            Self::Pod { owner, .. } | Self::ReplicaSet { owner, .. } => owner.as_ref(),
            _ => None,
        }
    }

    /// Its volumes.
    fn volumes(&self) -> &[Volume] {
        if let Self::Pod { volumes, .. } = self { volumes } else { &[] }
    }

    /// Whether it hangs where the other does, with the same volumes.
    pub fn links_as(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
            && self.account() == other.account()
            && self.owner() == other.owner()
            && self.volumes() == other.volumes()
    }
}

/// The kinds that are followed as they change.
pub const KINDS: &[&str] =
    &["ServiceAccount", "Pod", "Secret", "ConfigMap", "Deployment", "ReplicaSet", "Role", "RoleBinding"];

/// Reads an object; `None` when it has no kind or no name.
pub fn read(value: Value) -> Option<Found> {
    let kind = text(&value, "/kind")?;
    let name = text(&value, "/metadata/name")?;
    let namespace = text(&value, "/metadata/namespace").unwrap_or_default();
    let object = Object {
        uid: text(&value, "/metadata/uid").unwrap_or_default(),
        created: value.pointer("/metadata/creationTimestamp").and_then(Value::as_str).and_then(|at| at.parse().ok()),
        detail: detail(&kind, &value),
        flash: None,
        value: Arc::new(value),
        before: Before::Same,
    };
    Some(Found { namespace, id: Id { kind, name }, object })
}

fn detail(kind: &str, value: &Value) -> Detail {
    let number = |pointer: &str| value.pointer(pointer).and_then(Value::as_i64);
    let length = |pointer: &str| value.pointer(pointer).and_then(Value::as_object).map_or(0, serde_json::Map::len);
    match kind {
        "ServiceAccount" => {
            Detail::Account { automount: value.pointer("/automountServiceAccountToken").and_then(Value::as_bool) }
        }
        "Pod" => Detail::Pod {
            account: text(value, "/spec/serviceAccountName").unwrap_or_else(|| "default".to_owned()),
            phase: match value.pointer("/metadata/deletionTimestamp") {
                Some(Value::String(_)) => "Terminating".to_owned(),
                _ => phase(value),
            },
            node: text(value, "/spec/nodeName").unwrap_or_default(),
            volumes: list(value, "/spec/volumes").map(volume).collect(),
            owner: owner(value),
        },
        "Secret" => {
            let kind = text(value, "/type").unwrap_or_else(|| "Opaque".to_owned());
            let holds = kind == "kubernetes.io/service-account-token";
            let account = text(value, "/metadata/annotations/kubernetes.io~1service-account.name");
            Detail::Secret { kind, account: account.filter(|_| holds), filled: value.pointer("/data/token").is_some() }
        }
        "ConfigMap" => Detail::ConfigMap { keys: length("/data") + length("/binaryData") },
        "Deployment" => Detail::Deployment {
            ready: number("/status/readyReplicas").unwrap_or(0),
            wanted: number("/spec/replicas").unwrap_or(1),
            account: text(value, "/spec/template/spec/serviceAccountName").unwrap_or_else(|| "default".to_owned()),
        },
        "ReplicaSet" => Detail::ReplicaSet {
            ready: number("/status/readyReplicas").unwrap_or(0),
            wanted: number("/spec/replicas").unwrap_or(1),
            owner: owner(value),
        },
        "Role" => Detail::Role { allows: list(value, "/rules").map(rule).collect::<Vec<_>>().join("; ") },
        "RoleBinding" => binding(value),
        _ => Detail::Other,
    }
}

/// `get, list on pods`
fn rule(value: &Value) -> String {
    let texts = |pointer: &str| {
        let all = list(value, pointer).filter_map(Value::as_str).map(|text| sanitize_line(text).into_owned());
        all.collect::<Vec<_>>().join(", ")
    };
    let names = texts("/resourceNames");
    let named = if names.is_empty() { String::new() } else { format!(" named {names}") };
    format!("{} on {}{named}", texts("/verbs"), texts("/resources"))
}

fn binding(value: &Value) -> Detail {
    let own = text(value, "/metadata/namespace").unwrap_or_default();
    let mut account = None;
    let mut subjects = Vec::new();
    for subject in list(value, "/subjects") {
        let (kind, name) = (text(subject, "/kind").unwrap_or_default(), text(subject, "/name").unwrap_or_default());
        let namespace = text(subject, "/namespace").filter(|namespace| !namespace.is_empty());
        match (kind.as_str(), namespace) {
            ("ServiceAccount", Some(namespace)) if namespace != own => {
                subjects.push(format!("sa {name} of {namespace}"))
            }
            ("ServiceAccount", _) => {
                subjects.push(format!("sa {name}"));
                account = account.or(Some(name));
            }
            _ => subjects.push(format!("{kind} {name}")),
        }
    }
    let role = (text(value, "/roleRef/kind").unwrap_or_default(), text(value, "/roleRef/name").unwrap_or_default());
    Detail::Binding { role, account, subjects }
}

/// The phase, or why a container waits: what `kubectl get pods` says under STATUS.
fn phase(value: &Value) -> String {
    list(value, "/status/containerStatuses")
        .find_map(|status| text(status, "/state/waiting/reason"))
        .or_else(|| text(value, "/status/phase"))
        .unwrap_or_else(|| "Pending".to_owned())
}

fn owner(value: &Value) -> Option<Id> {
    let owner = list(value, "/metadata/ownerReferences")
        .find(|owner| owner.pointer("/controller").and_then(Value::as_bool) == Some(true))?;
    Some(Id { kind: text(owner, "/kind")?, name: text(owner, "/name")? })
}

fn volume(value: &Value) -> Volume {
    let name = text(value, "/name").unwrap_or_default();
    let kind = value.as_object().and_then(|fields| fields.keys().find(|key| *key != "name")).cloned();
    let kind = sanitize_line(kind.as_deref().unwrap_or("volume")).into_owned();
    let secret = text(value, "/secret/secretName");
    let parts: Vec<Part> = list(value, "/projected/sources").flat_map(source).collect();
    let token = parts.iter().any(|part| part.life.is_some()) || secret.is_some();
    let brief: Vec<String> = parts.iter().map(Part::brief).collect();
    let sources = parts.into_iter().map(|part| (part.file, part.from)).collect();
    let kind = match secret {
        Some(secret) => format!("secret {secret}"),
        None => kind,
    };
    Volume { name, kind, sources, brief: brief.join(", "), token }
}

/// A file that a projected source makes.
struct Part {
    file: String,
    from: String,
    /// How many seconds the token in it is good for, when it is one.
    life: Option<i64>,
}

impl Part {
    fn brief(&self) -> String {
        let life = self.life.map(life_text);
        // The seconds that tell one default from another stand in the file's own row.
        let life = life.as_deref().and_then(|life| life.split(' ').next());
        life.map_or_else(|| self.file.clone(), |life| format!("{} {life}", self.file))
    }
}

/// The files a projected source makes, and where each comes from.
fn source(value: &Value) -> Vec<Part> {
    let part = |file: String, from: String| Part { file, from, life: None };
    let items = |pointer: &str, from: String| -> Vec<Part> {
        let files: Vec<String> = list(value, pointer).filter_map(|item| text(item, "/path")).collect();
        if files.is_empty() {
            vec![part("*".to_owned(), from)]
        } else {
            files.into_iter().map(|file| part(file, from.clone())).collect()
        }
    };
    let has = |pointer: &str| value.pointer(pointer).is_some();
    match () {
        () if has("/serviceAccountToken") => {
            let life = value.pointer("/serviceAccountToken/expirationSeconds").and_then(Value::as_i64).unwrap_or(3600);
            let mut from = format!("token for {}", life_text(life));
            if let Some(audience) = text(value, "/serviceAccountToken/audience") {
                from.push_str(&format!(", audience {audience}"));
            }
            let file = text(value, "/serviceAccountToken/path").unwrap_or_else(|| "token".to_owned());
            vec![Part { file, from, life: Some(life) }]
        }
        () if has("/configMap") => {
            items("/configMap/items", format!("from cm {}", text(value, "/configMap/name").unwrap_or_default()))
        }
        () if has("/secret") => {
            items("/secret/items", format!("from secret {}", text(value, "/secret/name").unwrap_or_default()))
        }
        () if has("/downwardAPI") => list(value, "/downwardAPI/items")
            .map(|item| {
                let field = text(item, "/fieldRef/fieldPath").unwrap_or_default();
                part(text(item, "/path").unwrap_or_default(), format!("pod's {field}"))
            })
            .collect(),
        () => Vec::new(),
    }
}

/// Seconds as people say them: `1h 0m 7s`, `10m`.
pub fn life_text(seconds: i64) -> String {
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let mut parts = Vec::new();
    for (number, unit) in [(hours, 'h'), (minutes, 'm'), (rest, 's')] {
        if number != 0 || (unit == 'm' && hours != 0 && rest != 0) {
            parts.push(format!("{number}{unit}"));
        }
    }
    if parts.is_empty() { "0s".to_owned() } else { parts.join(" ") }
}

fn list<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

fn text(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer).and_then(Value::as_str).map(|text| sanitize_line(text).into_owned())
}
