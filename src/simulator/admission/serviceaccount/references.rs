//! What a pod may refer to: nothing from a mirror pod; the account's own secrets where the account enforces that.

use serde_json::Value;

use super::super::Attributes;
use crate::apimachinery::{Status, meta};
use crate::simulator::{ControlPlane, release};

const ENFORCE: &str = "kubernetes.io/enforce-mountable-secrets";
/// What Go's strconv.ParseBool takes for true.
const TRUE: &[&str] = &["1", "t", "T", "true", "TRUE", "True"];

fn list<'a>(object: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    object.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// A mirror pod exists on its node already; it may not ask the API for anything.
pub(super) fn validate_mirror(attributes: &Attributes<'_>, pod: &Value) -> Result<(), Status> {
    let refuse = |why: &str| Err(attributes.refuse(pod, why));
    if !text(pod, "/spec/serviceAccountName").is_empty() {
        return refuse("a mirror pod may not reference service accounts");
    }
    let containers = ["/spec/initContainers", "/spec/containers", "/spec/ephemeralContainers"];
    let from_environment = containers.into_iter().flat_map(|field| list(pod, field)).any(|container| {
        list(container, "/env").any(|env| env.pointer("/valueFrom/secretKeyRef").is_some())
            || list(container, "/envFrom").any(|env| env.get("secretRef").is_some())
    });
    let sources = || list(pod, "/spec/volumes").flat_map(|volume| list(volume, "/projected/sources"));
    if from_environment
        || list(pod, "/spec/imagePullSecrets").next().is_some()
        || list(pod, "/spec/volumes").any(|volume| volume.get("secret").is_some())
        || sources().any(|source| source.get("secret").is_some())
    {
        return refuse("a mirror pod may not reference secrets");
    }
    if sources().any(|source| source.get("serviceAccountToken").is_some()) {
        return refuse("a mirror pod may not use ServiceAccountToken volume projections");
    }
    Ok(())
}

/// An account with the annotation lets its pods use the secrets it lists, and no others.
pub(super) fn validate_mountable(plane: &ControlPlane, account: &Value, pod: &Value) -> Result<(), String> {
    if !meta::annotation(account, ENFORCE).is_some_and(|value| TRUE.contains(&value)) {
        return Ok(());
    }
    let refers = |field: &str, name: &str| list(account, field).any(|reference| reference["name"] == name);
    let name = meta::name(account);
    let check = |what: String, secret: &str| match refers("/secrets", secret) {
        true => Ok(()),
        false => Err(format!(
            "{what} secret.secretName=\"{secret}\" is not allowed because service account {name} does not reference that secret"
        )),
    };
    for volume in list(pod, "/spec/volumes").filter(|volume| volume.get("secret").is_some()) {
        check("volume with".to_owned(), text(volume, "/secret/secretName"))?;
    }
    for (field, kind) in [("/spec/initContainers", "init container"), ("/spec/containers", "container")] {
        for container in list(pod, field) {
            let who = format!("{kind} {}", text(container, "/name"));
            for env in list(container, "/env") {
                if let Some(secret) = env.pointer("/valueFrom/secretKeyRef") {
                    let what = format!("{who} with envVar {} referencing", text(env, "/name"));
                    check(what, text(secret, "/name"))?;
                }
            }
            let groups = list(container, "/envFrom").filter_map(|env| env.get("secretRef"));
            for secret in groups.filter(|_| plane.does(release::MOUNTABLE_ENV_FROM)) {
                check(format!("{who} with envFrom referencing"), text(secret, "/name"))?;
            }
        }
    }
    for (index, reference) in list(pod, "/spec/imagePullSecrets").enumerate() {
        let secret = text(reference, "/name");
        if !refers("/imagePullSecrets", secret) {
            return Err(format!(
                "imagePullSecrets[{index}].name=\"{secret}\" is not allowed because service account {name} does not reference that imagePullSecret"
            ));
        }
    }
    Ok(())
}
