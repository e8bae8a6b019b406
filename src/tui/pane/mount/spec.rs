//! What a pod's object says of its mounts, and the keys of the config maps and secrets they come from. Everything that is
//! drawn was made safe here, except for paths, which are asked for as they are.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use crate::base::sanitize_line;
use crate::tui::msg::Feed;

/// Where tokens are mounted, unless the manifest says otherwise.
pub const ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// Namespace and name.
pub type Key = (String, String);

/// A pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pod {
    /// `metadata.uid`
    pub uid: String,
    /// `metadata.resourceVersion`
    pub version: String,
    /// The account it runs as.
    pub account: String,
    /// `spec.automountServiceAccountToken`
    pub automount: Option<bool>,
    /// `Running`, or what `kubectl get pods` says instead.
    pub phase: String,
    /// Why it is not on a node yet.
    pub unscheduled: Option<String>,
    /// Its containers.
    pub containers: Vec<Container>,
    /// Its volumes.
    pub volumes: Vec<Volume>,
}

/// A container of a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// What it does.
    pub state: State,
    /// What is mounted into it; the account's folder comes first.
    pub mounts: Vec<Mount>,
}

/// What a container does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It runs.
    Running,
    /// It waits: why, and what is said of it.
    Waiting(String, String),
    /// It has ended.
    Ended,
}

/// A mount of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// Where; as it is, not safe to draw.
    pub path: String,
    /// The volume.
    pub volume: String,
    /// The one part of the volume that is mounted.
    pub part: Option<String>,
    /// Whether the manifest says that it is read-only.
    pub read_only: bool,
}

/// A volume of a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volume {
    /// Its name.
    pub name: String,
    /// `projected`, `secret`, `configMap`, `emptyDir`, …
    pub kind: String,
    /// What the kubelet puts into it.
    pub sources: Vec<Source>,
    /// The thing outside it stands for: a claim's name, a path of the node, `Memory`.
    pub of: String,
}

/// What the kubelet makes files from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A token that it asks for.
    Token {
        /// The file.
        path: String,
        /// For whom; empty for the API server.
        audience: String,
        /// How long it is asked to live.
        seconds: i64,
    },
    /// Keys of a config map or a secret.
    Keys {
        /// `ConfigMap` or `Secret`.
        kind: &'static str,
        /// Its name.
        name: String,
        /// Key and file; empty for all keys.
        items: Vec<(String, String)>,
        /// Whether it may be missing.
        optional: bool,
    },
    /// A field of the pod itself.
    Field {
        /// The file.
        path: String,
        /// `metadata.namespace`
        field: String,
    },
    /// Something else: the file, and what it is.
    Other(String, String),
}

/// A config map or a secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// Its keys.
    pub names: Vec<String>,
    /// Whether it can never change.
    pub immutable: bool,
}

/// The pods that are there, and what their files come from.
#[derive(Clone, Debug, Default)]
pub struct Pods {
    /// By namespace and name.
    pub all: BTreeMap<Key, Pod>,
    /// By kind, namespace and name.
    keys: BTreeMap<(&'static str, Key), Keys>,
    /// The best to look at comes last: running before others, then the newest.
    ranked: BTreeSet<(u8, Timestamp, Key)>,
    ranks: BTreeMap<Key, (u8, Timestamp)>,
}

impl Pods {
    /// Takes a change in.
    pub fn take(&mut self, feed: &Feed) {
        match feed {
            Feed::Turns => {}
            Feed::Cleared => *self = Self::default(),
            Feed::Restarted(objects) => {
                *self = Self::default();
                objects.iter().for_each(|object| self.put(object));
            }
            Feed::Applied(object) => self.put(object),
            Feed::Deleted { kind, namespace, name } => {
                let key = (namespace.clone(), name.clone());
                match (kind.as_str(), holds(kind)) {
                    ("Pod", _) => self.remove(&key),
                    (_, Some(kind)) => drop(self.keys.remove(&(kind, key))),
                    _ => {}
                }
            }
        }
    }

    /// The running pod that was made last; else one that is to run, else one that has ended.
    pub fn newest(&self) -> Option<&Key> {
        self.ranked.last().map(|(_, _, key)| key)
    }

    /// The pod after this one, by name, around the end.
    pub fn after(&self, key: &Key) -> Option<&Key> {
        let mut later = self.all.range::<Key, _>((std::ops::Bound::Excluded(key), std::ops::Bound::Unbounded));
        later.next().or_else(|| self.all.iter().next()).map(|(key, _)| key)
    }

    /// A config map or secret.
    pub fn keys(&self, kind: &'static str, namespace: &str, name: &str) -> Option<&Keys> {
        self.keys.get(&(kind, (namespace.to_owned(), name.to_owned())))
    }

    fn put(&mut self, object: &Value) {
        let Some(name) = text(object, "/metadata/name") else { return };
        let kind = object.pointer("/kind").and_then(Value::as_str).unwrap_or_default();
        let key = (text(object, "/metadata/namespace").unwrap_or_default(), name);
        if kind == "Pod" {
            self.remove(&key);
            let pod = pod(object);
            let standing = match pod.phase.as_str() {
                "Running" => 2,
                "Succeeded" | "Failed" | "Terminating" => 0,
                _ => 1,
            };
            let made = text(object, "/metadata/creationTimestamp").and_then(|at| at.parse().ok());
            let made = made.unwrap_or(Timestamp::UNIX_EPOCH);
            self.ranked.insert((standing, made, key.clone()));
            self.ranks.insert(key.clone(), (standing, made));
            self.all.insert(key, pod);
        } else if let Some(kind) = holds(kind) {
            let of = |field: &str| {
                let keys = object.get(field).and_then(Value::as_object).into_iter().flatten();
                keys.map(|(key, _)| sanitize_line(key).into_owned()).collect::<Vec<_>>()
            };
            let names = [of("data"), of("binaryData")].concat();
            let immutable = object.pointer("/immutable").and_then(Value::as_bool).unwrap_or(false);
            self.keys.insert((kind, key), Keys { names, immutable });
        }
    }

    fn remove(&mut self, key: &Key) {
        if let Some((standing, made)) = self.ranks.remove(key) {
            self.ranked.remove(&(standing, made, key.clone()));
        }
        self.all.remove(key);
    }
}

/// The kinds that files come from.
fn holds(kind: &str) -> Option<&'static str> {
    ["ConfigMap", "Secret"].into_iter().find(|known| *known == kind)
}

fn pod(object: &Value) -> Pod {
    let phase = match object.pointer("/metadata/deletionTimestamp") {
        Some(Value::String(_)) => "Terminating".to_owned(),
        _ => text(object, "/status/phase").unwrap_or_else(|| "Pending".to_owned()),
    };
    let scheduled = list(object, "/status/conditions")
        .find(|condition| text(condition, "/type").is_some_and(|kind| kind == "PodScheduled"));
    let unscheduled = scheduled.filter(|condition| text(condition, "/status").is_some_and(|status| status == "False"));
    Pod {
        uid: text(object, "/metadata/uid").unwrap_or_default(),
        version: text(object, "/metadata/resourceVersion").unwrap_or_default(),
        account: text(object, "/spec/serviceAccountName").unwrap_or_else(|| "default".to_owned()),
        automount: object.pointer("/spec/automountServiceAccountToken").and_then(Value::as_bool),
        unscheduled: unscheduled.map(|condition| text(condition, "/message").unwrap_or_default()),
        containers: containers(object, &phase),
        volumes: list(object, "/spec/volumes").map(volume).collect(),
        phase,
    }
}

/// The pod's containers; those of its beginning only while they run.
fn containers(object: &Value, phase: &str) -> Vec<Container> {
    let lists = [
        ("/spec/containers", "/status/containerStatuses"),
        ("/spec/initContainers", "/status/initContainerStatuses"),
        ("/spec/ephemeralContainers", "/status/ephemeralContainerStatuses"),
    ];
    let mut all = Vec::new();
    for (specs, statuses) in lists {
        for spec in list(object, specs) {
            let name = text(spec, "/name").unwrap_or_default();
            let status = list(object, statuses).find(|status| text(status, "/name").as_ref() == Some(&name));
            let state = state(status, phase);
            if specs == "/spec/containers" || state == State::Running {
                let mut mounts: Vec<Mount> = list(spec, "/volumeMounts").filter_map(mount).collect();
                if let Some(at) = mounts.iter().position(|mount| mount.path == ACCOUNT) {
                    mounts.get_mut(..=at).into_iter().for_each(|first| first.rotate_right(1));
                }
                all.push(Container { name, state, mounts });
            }
        }
    }
    all
}

fn state(status: Option<&Value>, phase: &str) -> State {
    let Some(status) = status else {
        return match phase {
            "Running" => State::Running,
            "Succeeded" | "Failed" => State::Ended,
            _ => State::Waiting(String::new(), String::new()),
        };
    };
    if status.pointer("/state/running").is_some_and(|state| !state.is_null()) {
        return State::Running;
    }
    if status.pointer("/state/terminated").is_some_and(|state| !state.is_null()) {
        return State::Ended;
    }
    let said = |field: &str| text(status, &format!("/state/waiting/{field}")).unwrap_or_default();
    State::Waiting(said("reason"), said("message"))
}

fn mount(value: &Value) -> Option<Mount> {
    let path = value.pointer("/mountPath").and_then(Value::as_str)?.to_owned();
    let part = text(value, "/subPath").or_else(|| text(value, "/subPathExpr")).filter(|part| !part.is_empty());
    let read_only = value.pointer("/readOnly").and_then(Value::as_bool).unwrap_or(false);
    Some(Mount { path, volume: text(value, "/name").unwrap_or_default(), part, read_only })
}

fn volume(value: &Value) -> Volume {
    let name = text(value, "/name").unwrap_or_default();
    let kind = value.as_object().and_then(|fields| fields.keys().find(|key| *key != "name")).cloned();
    let kind = sanitize_line(kind.as_deref().unwrap_or("emptyDir")).into_owned();
    let sources = match kind.as_str() {
        "projected" => list(value, "/projected/sources").flat_map(projected).collect(),
        "secret" => vec![keys(value, "/secret", "Secret", "secretName")],
        "configMap" => vec![keys(value, "/configMap", "ConfigMap", "name")],
        "downwardAPI" => fields(value).collect(),
        _ => Vec::new(),
    };
    let of = ["/persistentVolumeClaim/claimName", "/hostPath/path", "/emptyDir/medium", "/csi/driver"];
    let of = of.into_iter().find_map(|pointer| text(value, pointer)).unwrap_or_default();
    Volume { name, kind, sources, of }
}

/// What one entry of a projected volume brings: an entry may hold several.
fn projected(value: &Value) -> Vec<Source> {
    let has = |field: &str| value.get(field).is_some_and(|found| !found.is_null());
    let mut found = Vec::new();
    if has("serviceAccountToken") {
        let seconds = value.pointer("/serviceAccountToken/expirationSeconds").and_then(Value::as_i64);
        found.push(Source::Token {
            path: text(value, "/serviceAccountToken/path").unwrap_or_else(|| "token".to_owned()),
            audience: text(value, "/serviceAccountToken/audience").unwrap_or_default(),
            seconds: seconds.unwrap_or(3600),
        });
    }
    if has("configMap") {
        found.push(keys(value, "/configMap", "ConfigMap", "name"));
    }
    if has("secret") {
        found.push(keys(value, "/secret", "Secret", "name"));
    }
    found.extend(fields(value));
    if has("clusterTrustBundle") {
        let path = text(value, "/clusterTrustBundle/path").unwrap_or_default();
        found.push(Source::Other(path, "certificates to trust, from a ClusterTrustBundle".to_owned()));
    }
    if has("podCertificate") {
        let names = ["credentialBundlePath", "keyPath", "certificateChainPath"];
        let paths = names.into_iter().filter_map(|name| text(value, &format!("/podCertificate/{name}")));
        let say = "a certificate of the pod's own, asked for by the kubelet";
        found.extend(paths.map(|path| Source::Other(path, say.to_owned())));
    }
    found
}

fn keys(value: &Value, below: &str, kind: &'static str, name: &str) -> Source {
    let item = |item: &Value| Some((text(item, "/key")?, text(item, "/path")?));
    Source::Keys {
        kind,
        name: text(value, &format!("{below}/{name}")).unwrap_or_default(),
        items: list(value, &format!("{below}/items")).filter_map(item).collect(),
        optional: value.pointer(&format!("{below}/optional")).and_then(Value::as_bool).unwrap_or(false),
    }
}

fn fields(value: &Value) -> impl Iterator<Item = Source> {
    list(value, "/downwardAPI/items").filter_map(|item| {
        let field = text(item, "/fieldRef/fieldPath").or_else(|| text(item, "/resourceFieldRef/resource"));
        Some(Source::Field { path: text(item, "/path")?, field: field.unwrap_or_default() })
    })
}

fn list<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

fn text(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer).and_then(Value::as_str).map(|text| sanitize_line(text).into_owned())
}
