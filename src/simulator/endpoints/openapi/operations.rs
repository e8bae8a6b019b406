//! What can be done at which path, before it is written in a dialect. Upstream: apiserver/pkg/endpoints/installer.go.

use crate::apimachinery::Resource;
use crate::simulator::registry::Strategy;

/// The group, version and kind an operation is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Empty for the core group.
    pub group: &'static str,
    /// `v1`
    pub version: &'static str,
    /// `Pod`
    pub kind: &'static str,
}

/// What an operation takes and gives, beside its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// One object is read.
    Get,
    /// A collection is read.
    List,
    /// An object is made.
    Post,
    /// An object is replaced.
    Put,
    /// An object is changed in part.
    Patch,
    /// An object is deleted.
    Delete,
    /// A collection is deleted.
    DeleteCollection,
    /// A connection is opened.
    Connect,
}

impl Action {
    /// As `x-kubernetes-action` names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::List => "list",
            Self::Post => "post",
            Self::Put => "put",
            Self::Patch => "patch",
            Self::Delete => "delete",
            Self::DeleteCollection => "deletecollection",
            Self::Connect => "connect",
        }
    }
}

/// One operation at a path.
pub struct Operation {
    /// `get`, `post`, …
    pub method: &'static str,
    /// What it does.
    pub action: Action,
    /// What it is about.
    pub kind: Kind,
    /// `readCoreV1NamespacedPod`
    pub id: String,
    /// One line.
    pub description: String,
    /// `core_v1`
    pub tag: String,
    /// The type of the answer, where the kind does not say it.
    pub answer: Option<String>,
}

/// A path and what can be done there.
pub struct Path {
    /// `/api/v1/namespaces/{namespace}/pods/{name}`
    pub path: String,
    /// `namespace` and `name`, where the path has them.
    pub variables: Vec<&'static str>,
    /// What can be done there.
    pub operations: Vec<Operation>,
}

/// All paths of a resource and its parts.
pub fn of(resource: &Resource, strategy: Option<&dyn Strategy>) -> Vec<Path> {
    let maker = Maker { resource };
    let mut paths = Vec::new();
    let has = |verb: &str| resource.verbs.contains(&verb);
    let mut collection = maker.path(true, "", "");
    if has("list") {
        collection.operations.push(maker.operation(&collection, "get", Action::List, resource.kind, ""));
    }
    if has("create") {
        collection.operations.push(maker.operation(&collection, "post", Action::Post, resource.kind, ""));
    }
    if has("deletecollection") {
        collection.operations.push(maker.operation(&collection, "delete", Action::DeleteCollection, resource.kind, ""));
    }
    paths.push(collection);
    let mut item = maker.path(true, "{name}", "");
    for (verb, method, action) in ITEM {
        if has(verb) {
            item.operations.push(maker.operation(&item, method, *action, resource.kind, ""));
        }
    }
    paths.push(item);
    for (name, kind, verbs) in strategy.into_iter().flat_map(Strategy::subresources) {
        let mut part = maker.path(true, "{name}", name);
        let connect = kind.ends_with("Options");
        for (verb, method, action) in PART {
            if verbs.contains(verb) {
                let action = if connect { Action::Connect } else { *action };
                part.operations.push(maker.operation(&part, method, action, kind, name));
            }
        }
        paths.push(part);
    }
    if resource.namespaced && has("list") {
        let mut everywhere = maker.path(false, "", "");
        let mut list = maker.operation(&everywhere, "get", Action::List, resource.kind, "");
        list.id = format!("list{}{}ForAllNamespaces", maker.prefix(), resource.kind);
        everywhere.operations.push(list);
        paths.push(everywhere);
    }
    paths.retain(|path| !path.operations.is_empty());
    paths
}

/// verb, method, action of an object's own path, and of the path of a part.
const ITEM: &[(&str, &str, Action)] = &[
    ("get", "get", Action::Get),
    ("update", "put", Action::Put),
    ("delete", "delete", Action::Delete),
    ("patch", "patch", Action::Patch),
];
const PART: &[(&str, &str, Action)] = &[
    ("get", "get", Action::Get),
    ("update", "put", Action::Put),
    ("create", "post", Action::Post),
    ("delete", "delete", Action::Delete),
    ("patch", "patch", Action::Patch),
];

struct Maker<'a> {
    resource: &'a Resource,
}

impl Maker<'_> {
    fn path(&self, in_namespace: bool, name: &str, part: &str) -> Path {
        let group_version = self.resource.group_version;
        let mut path = match group_version.group {
            "" => format!("/api/{}", group_version.version),
            group => format!("/apis/{group}/{}", group_version.version),
        };
        let mut variables = Vec::new();
        if !name.is_empty() {
            variables.push("name");
        }
        if self.resource.namespaced && in_namespace {
            path.push_str("/namespaces/{namespace}");
            variables.push("namespace");
        }
        for segment in [self.resource.plural, name, part] {
            if !segment.is_empty() {
                path.push('/');
                path.push_str(segment);
            }
        }
        Path { path, variables, operations: Vec::new() }
    }

    /// `CoreV1`, `RbacAuthorizationV1`
    fn prefix(&self) -> String {
        let group_version = self.resource.group_version;
        format!("{}{}", group_title(group_version.group), title(group_version.version))
    }

    fn operation(
        &self,
        path: &Path,
        method: &'static str,
        action: Action,
        kind: &'static str,
        part: &str,
    ) -> Operation {
        let own = self.resource.group_version;
        let kind = match kind
            .rsplit_once('/')
            .and_then(|(group_version, kind)| Some((group_version.split_once('/')?, kind)))
        {
            Some(((group, version), kind)) => Kind { group, version, kind },
            None => Kind { group: own.group, version: own.version, kind },
        };
        let scope = if path.variables.contains(&"namespace") { "Namespaced" } else { "" };
        let (verb, middle) = match action {
            Action::Get => ("read", String::new()),
            Action::List => ("list", String::new()),
            Action::Post => ("create", String::new()),
            Action::Put => ("replace", String::new()),
            Action::Patch => ("patch", String::new()),
            Action::Delete => ("delete", String::new()),
            Action::DeleteCollection => ("delete", "Collection".to_owned()),
            Action::Connect => ("connect", title(method)),
        };
        let resource = self.resource.kind;
        let id = format!("{verb}{}{middle}{scope}{resource}{}", self.prefix(), title(part));
        let of = if part.is_empty() { String::new() } else { format!("{part} of ") };
        let description = match action {
            Action::Get => format!("read {of}the specified {resource}"),
            Action::List => format!("list or watch objects of kind {resource}"),
            Action::Post if part.is_empty() => format!("create {} {resource}", article(resource)),
            Action::Post => format!("create {of}{} {resource}", article(resource)),
            Action::Put => format!("replace {of}the specified {resource}"),
            Action::Patch => format!("partially update {of}the specified {resource}"),
            Action::Delete => format!("delete {} {resource}", article(resource)),
            Action::DeleteCollection => format!("delete collection of {resource}"),
            Action::Connect => format!("connect {} requests to {part} of {resource}", method.to_uppercase()),
        };
        let tag = format!("{}_{}", group_name(own.group), own.version);
        Operation { method, action, kind, id, description, tag, answer: None }
    }
}

/// `core`, `apps`, `rbacAuthorization`: as tags have it.
pub fn group_name(group: &str) -> String {
    let title = group_title(group);
    let mut letters = title.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// `Core`, `Apps`, `RbacAuthorization`: as operations begin with it.
pub fn group_title(group: &str) -> String {
    match group {
        "" => "Core".to_owned(),
        group => group.trim_end_matches(".k8s.io").split('.').map(title).collect(),
    }
}

/// The word with a capital.
pub fn title(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn article(kind: &str) -> &'static str {
    if kind.starts_with(['A', 'E', 'I', 'O', 'U']) { "an" } else { "a" }
}
