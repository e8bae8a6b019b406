//! Reads and writes objects as JSON through a client: what controllers and the kubelet share.

use http::{Method, Request};
use kube::Client;
use serde_json::{Value, json};

use crate::apimachinery::meta;

/// A kind of object and where the API keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind {
    /// `v1`, `apps/v1`
    pub api_version: &'static str,
    /// `Pod`
    pub kind: &'static str,
    /// `pods`
    pub plural: &'static str,
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
}

const fn kind(api_version: &'static str, kind: &'static str, plural: &'static str, namespaced: bool) -> Kind {
    Kind { api_version, kind, plural, namespaced }
}

/// Namespaces.
pub const NAMESPACES: Kind = kind("v1", "Namespace", "namespaces", false);
/// Nodes.
pub const NODES: Kind = kind("v1", "Node", "nodes", false);
/// Pods.
pub const PODS: Kind = kind("v1", "Pod", "pods", true);
/// Secrets.
pub const SECRETS: Kind = kind("v1", "Secret", "secrets", true);
/// Config maps.
pub const CONFIGMAPS: Kind = kind("v1", "ConfigMap", "configmaps", true);
/// Service accounts.
pub const SERVICEACCOUNTS: Kind = kind("v1", "ServiceAccount", "serviceaccounts", true);
/// Events.
pub const EVENTS: Kind = kind("v1", "Event", "events", true);
/// Replica sets.
pub const REPLICASETS: Kind = kind("apps/v1", "ReplicaSet", "replicasets", true);
/// Deployments.
pub const DEPLOYMENTS: Kind = kind("apps/v1", "Deployment", "deployments", true);
/// Roles.
pub const ROLES: Kind = kind("rbac.authorization.k8s.io/v1", "Role", "roles", true);
/// Cluster roles.
pub const CLUSTERROLES: Kind = kind("rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", false);
/// Role bindings.
pub const ROLEBINDINGS: Kind = kind("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings", true);

impl Kind {
    /// The path of a collection, an object or one of its parts; empty parts are left out.
    pub fn path(&self, namespace: &str, name: &str, subresource: &str) -> String {
        let root = if self.api_version.contains('/') { "/apis" } else { "/api" };
        let mut path = format!("{root}/{}", self.api_version);
        if self.namespaced && !namespace.is_empty() {
            path.push_str("/namespaces/");
            path.push_str(namespace);
        }
        for part in [self.plural, name, subresource] {
            if !part.is_empty() {
                path.push('/');
                path.push_str(part);
            }
        }
        path
    }
}

/// Names one object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Its kind.
    pub kind: Kind,
    /// Its namespace; empty for what lives in none.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl Key {
    /// A key from its parts.
    pub fn new(kind: Kind, namespace: &str, name: &str) -> Self {
        Self { kind, namespace: namespace.to_owned(), name: name.to_owned() }
    }

    /// The key of an object of this kind.
    pub fn of(kind: Kind, object: &Value) -> Self {
        Self::new(kind, meta::namespace(object), meta::name(object))
    }

    /// The path of the object, or of a part of it.
    pub fn path(&self, subresource: &str) -> String {
        self.kind.path(&self.namespace, &self.name, subresource)
    }
}

/// Why a request did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// The HTTP code; 0 when no answer came.
    pub code: u16,
    /// The API's word for it.
    pub reason: String,
    /// The API's sentence.
    pub message: String,
}

impl Failure {
    /// A failure that is not the API's.
    pub fn other(message: impl Into<String>) -> Self {
        Self { code: 0, reason: String::new(), message: message.into() }
    }

    /// The object is not there.
    pub fn is_not_found(&self) -> bool {
        self.code == 404
    }

    /// The object was changed meanwhile.
    pub fn is_conflict(&self) -> bool {
        self.reason == "Conflict"
    }

    /// The object is there already.
    pub fn is_exists(&self) -> bool {
        self.reason == "AlreadyExists"
    }

    /// The namespace takes in nothing new, because it is being deleted.
    pub fn is_namespace_terminating(&self) -> bool {
        self.code == 403 && self.message.contains("because it is being terminated")
    }
}

impl From<kube::Error> for Failure {
    fn from(error: kube::Error) -> Self {
        match error {
            kube::Error::Api(status) => {
                Self { code: status.code, reason: status.reason.clone(), message: status.message.clone() }
            }
            other => Self::other(other.to_string()),
        }
    }
}

/// What a request gives.
pub type Answer<T = Value> = Result<T, Failure>;

/// A client for JSON objects.
#[derive(Clone)]
pub struct Api {
    client: Client,
    /// Writes, if somebody else than the reader does.
    writer: Option<Client>,
    agent: Option<&'static str>,
}

impl Api {
    /// Speaks through `client`.
    pub fn new(client: Client) -> Self {
        Self { client, writer: None, agent: None }
    }

    /// The same, writing through another client.
    #[must_use]
    pub fn writing_as(mut self, writer: Client) -> Self {
        self.writer = Some(writer);
        self
    }

    /// The same, calling itself `agent`: under that name it manages fields.
    #[must_use]
    pub fn called(mut self, agent: &'static str) -> Self {
        self.agent = Some(agent);
        self
    }

    /// The client it speaks through.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Sends one request.
    ///
    /// # Errors
    /// What the API answered, or that it did not.
    pub async fn send(&self, method: Method, path: &str, content_type: &str, body: Option<&Value>) -> Answer {
        let bytes = match body {
            Some(body) => serde_json::to_vec(body).map_err(|error| Failure::other(error.to_string()))?,
            None => Vec::new(),
        };
        let method_writes = method != Method::GET;
        let mut request = Request::builder().method(method).uri(path).header("accept", "application/json");
        if body.is_some() {
            request = request.header("content-type", content_type);
        }
        if let Some(agent) = self.agent {
            request = request.header("user-agent", agent);
        }
        let request = request.body(bytes).map_err(|error| Failure::other(error.to_string()))?;
        let client = match &self.writer {
            Some(writer) if method_writes => writer,
            _ => &self.client,
        };
        Ok(client.request::<Value>(request).await?)
    }

    /// Reads a path.
    ///
    /// # Errors
    /// What the API answered.
    pub async fn get_path(&self, path: &str) -> Answer {
        self.send(Method::GET, path, "", None).await
    }

    /// The object, or `None` when it is not there.
    ///
    /// # Errors
    /// What the API answered, unless that was "not found".
    pub async fn get(&self, key: &Key) -> Answer<Option<Value>> {
        match self.get_path(&key.path("")).await {
            Ok(object) => Ok(Some(object)),
            Err(failure) if failure.is_not_found() => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// The objects of a kind; `namespace` may be empty for all, `selector` is a label selector or empty.
    ///
    /// # Errors
    /// What the API answered.
    pub async fn list(&self, kind: Kind, namespace: &str, selector: &str) -> Answer<Vec<Value>> {
        let mut path = kind.path(namespace, "", "");
        if !selector.is_empty() {
            path.push_str("?labelSelector=");
            path.push_str(&escape(selector));
        }
        let mut list = self.get_path(&path).await?;
        Ok(match list["items"].take() {
            Value::Array(items) => items,
            _ => Vec::new(),
        })
    }

    /// Creates an object.
    ///
    /// # Errors
    /// What the API answered.
    pub async fn create(&self, kind: Kind, namespace: &str, object: &Value) -> Answer {
        self.send(Method::POST, &kind.path(namespace, "", ""), "application/json", Some(object)).await
    }

    /// Posts to a part of an object (`binding`, `token`).
    ///
    /// # Errors
    /// What the API answered.
    pub async fn post(&self, key: &Key, subresource: &str, body: &Value) -> Answer {
        self.send(Method::POST, &key.path(subresource), "application/json", Some(body)).await
    }

    /// Replaces an object, or a part of it such as `status`.
    ///
    /// # Errors
    /// What the API answered.
    pub async fn update(&self, kind: Kind, object: &Value, subresource: &str) -> Answer {
        let path = Key::of(kind, object).path(subresource);
        self.send(Method::PUT, &path, "application/json", Some(object)).await
    }

    /// Changes an object by a merge patch.
    ///
    /// # Errors
    /// What the API answered.
    pub async fn patch(&self, key: &Key, subresource: &str, patch: &Value) -> Answer {
        self.send(Method::PATCH, &key.path(subresource), "application/merge-patch+json", Some(patch)).await
    }

    /// Deletes an object if it still has this uid (unless that is empty). That it is gone already is no failure.
    ///
    /// # Errors
    /// What the API answered.
    pub async fn delete(&self, key: &Key, uid: &str, grace: Option<i64>) -> Answer<()> {
        let mut options = json!({"kind": "DeleteOptions", "apiVersion": "v1"});
        if let Some(grace) = grace {
            options["gracePeriodSeconds"] = json!(grace);
        }
        if !uid.is_empty() {
            options["preconditions"] = json!({"uid": uid});
        }
        match self.send(Method::DELETE, &key.path(""), "application/json", Some(&options)).await {
            Ok(_) => Ok(()),
            Err(failure) if failure.is_not_found() => Ok(()),
            Err(failure) => Err(failure),
        }
    }
}

/// Makes a text fit for a query.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{CONFIGMAPS, DEPLOYMENTS, NAMESPACES, escape};

    #[test]
    fn paths() {
        assert_eq!(CONFIGMAPS.path("", "", ""), "/api/v1/configmaps");
        assert_eq!(DEPLOYMENTS.path("shop", "web", "status"), "/apis/apps/v1/namespaces/shop/deployments/web/status");
        assert_eq!(NAMESPACES.path("", "shop", "finalize"), "/api/v1/namespaces/shop/finalize");
        assert_eq!(escape("a=b,c in (d)"), "a%3Db%2Cc%20in%20%28d%29");
    }
}
