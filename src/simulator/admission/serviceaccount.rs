//! Gives pods their service account, its token and its pull secrets. Upstream: plugin/pkg/admission/serviceaccount.

mod references;

use serde_json::{Value, json};

use super::{Attributes, Plugin};
use crate::apimachinery::{Status, StatusReason, meta};
use crate::simulator::storage::Key;
use crate::simulator::{ControlPlane, release};

const MOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
const PREFIX: &str = "kube-api-access-";
const TOKEN_TYPE: &str = "kubernetes.io/service-account-token";

/// `ServiceAccount`
pub struct ServiceAccount;

impl Plugin for ServiceAccount {
    fn name(&self) -> &'static str {
        "ServiceAccount"
    }

    fn admit(&self, plane: &ControlPlane, attributes: &Attributes<'_>, pod: &mut Value) -> Result<(), Status> {
        if !attributes.is_about_pods() || attributes.operation != "CREATE" {
            return Ok(());
        }
        if is_mirror(pod) {
            return references::validate_mirror(attributes, pod);
        }
        let spec = meta::child_mut(pod, "spec");
        if spec.get("serviceAccountName").and_then(Value::as_str).unwrap_or_default().is_empty() {
            spec.insert("serviceAccountName".to_owned(), json!("default"));
        }
        let account = lookup(plane, attributes, pod)?;
        let wanted =
            pod.pointer("/spec/automountServiceAccountToken").or_else(|| account.get("automountServiceAccountToken"));
        if wanted != Some(&Value::Bool(false)) {
            mount(plane, attributes.namespace, &account, pod)?;
        }
        let own = pod.pointer("/spec/imagePullSecrets").and_then(Value::as_array).is_some_and(|list| !list.is_empty());
        if let (false, Some(secrets)) = (own, account.get("imagePullSecrets")) {
            pod["spec"]["imagePullSecrets"] = secrets.clone();
        }
        self.validate(plane, attributes, pod)
    }

    fn validate(&self, plane: &ControlPlane, attributes: &Attributes<'_>, pod: &Value) -> Result<(), Status> {
        if !attributes.is_about_pods() || attributes.operation != "CREATE" {
            return Ok(());
        }
        if is_mirror(pod) {
            return references::validate_mirror(attributes, pod);
        }
        if pod.pointer("/spec/serviceAccountName").and_then(Value::as_str).unwrap_or_default().is_empty() {
            let why = format!("no service account specified for pod {}/{}", attributes.namespace, meta::name(pod));
            return Err(attributes.refuse(pod, &why));
        }
        let account = lookup(plane, attributes, pod)?;
        references::validate_mountable(plane, &account, pod).map_err(|why| attributes.refuse(pod, &why))
    }
}

/// Whether the kubelet made it after a file on its node.
fn is_mirror(pod: &Value) -> bool {
    meta::annotation(pod, "kubernetes.io/config.mirror").is_some()
}

fn lookup(plane: &ControlPlane, attributes: &Attributes<'_>, pod: &Value) -> Result<Value, Status> {
    let account = pod.pointer("/spec/serviceAccountName").and_then(Value::as_str).unwrap_or_default();
    let namespace = attributes.namespace;
    let found = plane.store.get(&Key::new("serviceaccounts", namespace, account));
    found.map(|found| Value::clone(&found)).ok_or_else(|| {
        let why =
            format!("error looking up service account {namespace}/{account}: serviceaccount \"{account}\" not found");
        attributes.refuse(pod, &why)
    })
}

fn mount(plane: &ControlPlane, namespace: &str, account: &Value, pod: &mut Value) -> Result<(), Status> {
    let volumes = pod.pointer("/spec/volumes").and_then(Value::as_array).cloned().unwrap_or_default();
    let name_of = |volume: &Value| volume["name"].as_str().unwrap_or_default().to_owned();
    let (name, volume) = if plane.does(release::SECRET_TOKEN_VOLUME) {
        let secret = token_secret(plane, namespace, account)?;
        match volumes.iter().find(|volume| volume.pointer("/secret/secretName") == Some(&json!(secret))) {
            Some(volume) => (name_of(volume), None),
            None => {
                let mut name = secret.replace('.', "-");
                if volumes.iter().any(|volume| volume["name"] == name) {
                    name = format!("{name}-{}", plane.ids.suffix(5));
                }
                (name.clone(), Some(json!({"name": name, "secret": {"secretName": secret}})))
            }
        }
    } else {
        match volumes.iter().map(name_of).find(|name| name.starts_with(PREFIX)) {
            Some(name) => (name, None),
            None => {
                let owner = format!("token volume {namespace}/{}{}", meta::name(pod), meta::generate_name(pod));
                let name = format!("{PREFIX}{}", plane.ids.of(&owner).suffix(5));
                let sources = json!([
                    {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
                    {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
                    {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]}},
                ]);
                (name.clone(), Some(json!({"name": name, "projected": {"sources": sources, "defaultMode": 420}})))
            }
        }
    };
    let mut mounted = false;
    for field in ["/spec/initContainers", "/spec/containers"] {
        for container in pod.pointer_mut(field).and_then(Value::as_array_mut).into_iter().flatten() {
            let Value::Object(container) = container else { continue };
            let mounts = container.entry("volumeMounts").or_insert_with(|| json!([]));
            if let Value::Array(mounts) = mounts
                && !mounts.iter().any(|mount| mount["mountPath"] == MOUNT)
            {
                mounts.push(json!({"name": name, "readOnly": true, "mountPath": MOUNT}));
                mounted = true;
            }
        }
    }
    if let (true, Some(volume)) = (mounted, volume)
        && let Value::Array(volumes) = meta::child_mut(pod, "spec").entry("volumes").or_insert_with(|| json!([]))
    {
        volumes.push(volume);
    }
    Ok(())
}

/// The first token secret of the account among those it lists.
fn token_secret(plane: &ControlPlane, namespace: &str, account: &Value) -> Result<String, Status> {
    let listed = account.get("secrets").and_then(Value::as_array).into_iter().flatten();
    let ours = |name: &&str| {
        plane.store.get(&Key::new("secrets", namespace, *name)).is_some_and(|secret| {
            secret["type"] == TOKEN_TYPE
                && meta::annotation(&secret, "kubernetes.io/service-account.uid") == Some(meta::uid(account))
        })
    };
    listed.filter_map(|reference| reference["name"].as_str()).find(ours).map(str::to_owned).ok_or_else(|| {
        let account = meta::name(account);
        let mut status = Status::failure(
            StatusReason::ServerTimeout,
            format!("No API token found for service account \"{account}\", retry after the token is automatically created and added to the service account"),
        );
        status.retry_after = 1;
        status
    })
}
