//! Service accounts. Upstream: pkg/registry/core/serviceaccount.

use serde_json::{Value, json};

use super::super::common::{self, ALL_VERBS, age, decode, list_mut, name};
use super::super::{Strategy, Subresource};
use crate::apimachinery::strict::Decoded;
use crate::apimachinery::table::Column;
use crate::apimachinery::{GroupVersion, Release, Resource, Status, meta};
use crate::simulator::{ControlPlane, release};

/// `serviceaccounts`
pub static RESOURCE: Resource = Resource {
    group_version: GroupVersion::CORE,
    plural: "serviceaccounts",
    singular: "serviceaccount",
    kind: "ServiceAccount",
    short_names: &["sa"],
    categories: &[],
    namespaced: true,
    verbs: ALL_VERBS,
};

/// What the part `token` of a service account speaks.
pub static TOKEN_REQUEST: Resource = Resource {
    group_version: GroupVersion { group: "authentication.k8s.io", version: "v1" },
    plural: "tokenrequests",
    singular: "tokenrequest",
    kind: "TokenRequest",
    short_names: &[],
    categories: &[],
    namespaced: true,
    verbs: &["create"],
};

/// Reads a token request from the wire through its type.
///
/// # Errors
/// 400 when a field has the wrong type.
pub fn decode_token_request(plane: &ControlPlane, mut object: Value) -> Result<Decoded, Status> {
    let has_attestations = object.pointer("/spec/attestations").is_some();
    let is_unknown = has_attestations && !plane.does(release::TOKEN_ATTESTATIONS);
    if is_unknown && let Some(Value::Object(spec)) = object.get_mut("spec") {
        spec.shift_remove("attestations");
    }
    let mut decoded = decode(&TOKEN_REQUEST, object)?;
    if is_unknown {
        decoded.unknown.push("spec.attestations".to_owned());
    }
    Ok(decoded)
}

const ENFORCE_MOUNTABLE: &str = "kubernetes.io/enforce-mountable-secrets";
const DEPRECATED: &str = "metadata.annotations[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets";

/// `serviceaccounts`
pub struct ServiceAccounts;

/// Upstream keeps the names of secret references alone (cleanSecretReferences).
fn clean(object: &mut Value) {
    for reference in list_mut(object, "/secrets") {
        let kept = reference.get("name").cloned();
        *reference = kept.map_or_else(|| json!({}), |name| json!({"name": name}));
    }
}

impl Strategy for ServiceAccounts {
    fn resource(&self) -> &'static Resource {
        &RESOURCE
    }

    fn subresources(&self) -> &'static [Subresource] {
        &[("token", "authentication.k8s.io/v1/TokenRequest", &["create"])]
    }

    fn decode(&self, object: Value) -> Result<Decoded, Status> {
        decode(&RESOURCE, object)
    }

    fn prepare_for_create(&self, _plane: &ControlPlane, object: &mut Value) {
        clean(object);
    }

    fn prepare_for_update(&self, _plane: &ControlPlane, object: &mut Value, _old: &Value) {
        clean(object);
    }

    fn warnings(&self, plane: &ControlPlane, object: &Value, old: Option<&Value>) -> Vec<String> {
        let set = |object: &Value| meta::annotation(object, ENFORCE_MOUNTABLE).is_some();
        let newly = set(object) && !old.is_some_and(set);
        if newly && plane.does(release::ENFORCE_MOUNTABLE_SECRETS_DEPRECATED) {
            vec![DEPRECATED.to_owned()]
        } else {
            Vec::new()
        }
    }

    fn returns_deleted_object(&self) -> bool {
        true
    }

    fn columns(&self, release: Release) -> Vec<Column> {
        let old = "Secrets is the list of secrets allowed to be used by pods running using this ServiceAccount. More info: https://kubernetes.io/docs/concepts/configuration/secret";
        let secrets = Column::new(
            "Secrets",
            "string",
            if !release::SECRETS_OF_ACCOUNT_EXPLAINED.holds(release) {
                old
            } else {
                "Secrets is a list of the secrets in the same namespace that pods running using this ServiceAccount are allowed to use. Pods are only limited to this list if this service account has a \"kubernetes.io/enforce-mountable-secrets\" annotation set to \"true\". This field should not be used to find auto-generated service account token secrets for use outside of pods. Instead, tokens can be requested directly using the TokenRequest API, or service account token secrets can be manually created. More info: https://kubernetes.io/docs/concepts/configuration/secret"
            },
        );
        let mut columns = vec![Column::name(), secrets, Column::age()];
        if !release::SERVICE_ACCOUNT_SECRETS_COLUMN.holds(release) {
            columns.remove(1);
        }
        columns
    }

    fn cells(&self, plane: &ControlPlane, object: &Value) -> Vec<Value> {
        let secrets = common::list(object, "/secrets").len();
        let mut cells = vec![name(object), secrets.into(), age(plane, object)];
        if !plane.does(release::SERVICE_ACCOUNT_SECRETS_COLUMN) {
            cells.remove(1);
        }
        cells
    }
}
