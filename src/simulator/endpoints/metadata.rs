//! What the server itself writes into metadata, and what nobody may change there.
//! Upstream: apiserver/pkg/registry/rest/{create,update,meta}.go, apimachinery/pkg/api/validation/objectmeta.go.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::apimachinery::field::{Errors, Path};
use crate::apimachinery::{Resource, Status, meta, names};
use crate::simulator::ControlPlane;
use crate::simulator::registry::Strategy;

/// A generated name is cut to this before its five random letters.
const LONGEST_BASE: usize = 58;

/// Fills in what a new object gets from the server.
pub(super) fn fill(plane: &ControlPlane, strategy: &dyn Strategy, object: &mut Value, namespace: &str) {
    if meta::name(object).is_empty() && !meta::generate_name(object).is_empty() {
        draw_name(plane, strategy, object, namespace);
    }
    let metadata = meta::metadata_mut(object);
    if strategy.resource().namespaced {
        metadata.insert("namespace".to_owned(), json!(namespace));
    }
    for unwanted in ["deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"] {
        metadata.shift_remove(unwanted);
    }
    let name = metadata.get("name").and_then(Value::as_str).unwrap_or_default();
    let purpose = format!("uid {}/{namespace}/{name}", strategy.resource().plural);
    metadata.insert("uid".to_owned(), json!(plane.ids.of(&purpose).uuid()));
    metadata.insert("creationTimestamp".to_owned(), json!(meta::time(plane.clock.now())));
}

/// Gives an object a name after its `generateName`.
pub(super) fn draw_name(plane: &ControlPlane, strategy: &dyn Strategy, object: &mut Value, namespace: &str) {
    let base = meta::generate_name(object);
    let purpose = format!("name {}/{namespace}/{base}", strategy.resource().plural);
    let name = format!("{}{}", cut(base), plane.ids.of(&purpose).suffix(5));
    meta::metadata_mut(object).insert("name".to_owned(), json!(name));
}

fn cut(base: &str) -> &str {
    let end = base.char_indices().map(|(at, _)| at).take_while(|at| *at <= LONGEST_BASE).last().unwrap_or(0);
    if base.len() <= LONGEST_BASE { base } else { &base[..end] }
}

/// The faults in the metadata of a new object.
pub(super) fn validate(strategy: &dyn Strategy, object: &Value) -> Errors {
    let mut errors = Errors::default();
    let path = Path::new("metadata");
    let base = meta::generate_name(object);
    if !base.is_empty()
        && let Err(why) = strategy.validate_name(&masked(base))
    {
        errors.invalid(&path.child("generateName"), &json!(base), &why);
    }
    match meta::name(object) {
        "" => errors.required(&path.child("name"), "name or generateName is required"),
        name => {
            if let Err(why) = strategy.validate_name(name) {
                errors.invalid(&path.child("name"), &json!(name), &why);
            }
        }
    }
    validate_maps(object, &path, &mut errors);
    validate_owners(object, &path, &mut errors);
    validate_finalizers(object, &path, &mut errors);
    errors
}

/// The beginning of a name, as it is checked: a dash at its end is no fault. Upstream: maskTrailingDash.
fn masked(base: &str) -> String {
    match base.strip_suffix('-') {
        Some(rest) if base.len() > 1 => {
            let mut letters: Vec<char> = rest.chars().collect();
            letters.pop();
            letters.into_iter().chain(['a']).collect()
        }
        _ => base.to_owned(),
    }
}

/// Upstream: ValidateOwnerReferences.
fn validate_owners(object: &Value, path: &Path, errors: &mut Errors) {
    let path = path.child("ownerReferences");
    let owners = field_of(object, "ownerReferences");
    let text = |owner: &Value, field: &str| owner[field].as_str().unwrap_or_default().to_owned();
    let mut controller: Option<String> = None;
    for owner in owners.as_array().into_iter().flatten() {
        let (api_version, kind) = (text(owner, "apiVersion"), text(owner, "kind"));
        for (field, what, value) in [
            ("apiVersion", "version", api_version.rsplit('/').next().unwrap_or_default().to_owned()),
            ("kind", "kind", kind.clone()),
            ("name", "name", text(owner, "name")),
            ("uid", "uid", text(owner, "uid")),
        ] {
            if value.is_empty() {
                errors.invalid(&path.child(field), &json!(text(owner, field)), &format!("{what} must not be empty"));
            }
        }
        if (api_version.as_str(), kind.as_str()) == ("v1", "Event") {
            errors.invalid(&path, owner, "/v1, Kind=Event is disallowed from being an owner");
        }
        if owner["controller"] == true {
            let current = format!("{kind}/{}", text(owner, "name"));
            match &controller {
                None => controller = Some(current),
                Some(first) => errors.invalid(
                    &path,
                    &owners,
                    &format!(
                        "Only one reference can have Controller set to true. Found \"true\" in references for {first} and {current}"
                    ),
                ),
            }
        }
    }
}

/// Upstream: ValidateFinalizers.
fn validate_finalizers(object: &Value, path: &Path, errors: &mut Errors) {
    let path = path.child("finalizers");
    let finalizers = field_of(object, "finalizers");
    let named: Vec<&str> = finalizers.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for finalizer in &named {
        if let Err(why) = names::qualified_name(finalizer) {
            errors.invalid(&path, &json!(finalizer), &why);
        }
    }
    if named.contains(&"orphan") && named.contains(&"foregroundDeletion") {
        let why = "finalizer orphan and foregroundDeletion cannot be both set";
        errors.invalid(&path, &finalizers, why);
    }
    for (index, finalizer) in named.iter().enumerate() {
        if !finalizer.contains('/') && !matches!(*finalizer, "kubernetes" | "orphan" | "foregroundDeletion") {
            let why = "name is neither a standard finalizer name nor is it fully qualified";
            errors.invalid(&path.index(index), &json!(finalizer), why);
        }
    }
}

/// An object that is being deleted takes no new finalizers. Upstream: ValidateNoNewFinalizers.
fn no_new_finalizers(object: &Value, old: &Value, path: &Path, errors: &mut Errors) {
    let of = |object: &Value| -> BTreeSet<String> {
        let finalizers = field_of(object, "finalizers");
        finalizers.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let added: Vec<String> = of(object).difference(&of(old)).map(|finalizer| format!("{finalizer:?}")).collect();
    if !added.is_empty() && meta::deleting_since(old).is_some() {
        let why = format!(
            "no new finalizers can be added if the object is being deleted, found new finalizers []string{{{}}}",
            added.join(", ")
        );
        errors.forbidden(&path.child("finalizers"), &why);
    }
}

fn validate_maps(object: &Value, path: &Path, errors: &mut Errors) {
    let map = |field: &str| object.get("metadata").and_then(|metadata| metadata.get(field)).and_then(Value::as_object);
    for (key, value) in map("labels").into_iter().flatten() {
        let path = path.child("labels");
        if let Err(why) = names::qualified_name(key) {
            errors.invalid(&path, &json!(key), &why);
        }
        if let Err(why) = names::label_value(value.as_str().unwrap_or_default()) {
            errors.invalid(&path, value, &why);
        }
    }
    for key in map("annotations").into_iter().flat_map(Map::keys) {
        if let Err(why) = names::qualified_name(&key.to_lowercase()) {
            errors.invalid(&path.child("annotations"), &json!(key), &why);
        }
    }
}

/// Carries over what an update may not touch; finds what it may not change.
pub(super) fn carry_over(strategy: &dyn Strategy, object: &mut Value, old: &Value) -> Errors {
    let mut errors = Errors::default();
    let path = Path::new("metadata");
    let (uid, kept) = (field_of(object, "uid"), field_of(old, "uid"));
    if !uid.is_null() && uid != kept {
        errors.invalid(&path.child("uid"), &uid, "field is immutable");
    }
    meta::metadata_mut(object).insert("uid".to_owned(), kept);
    // Another time of creation is not refused, it is overlooked.
    meta::metadata_mut(object).insert("creationTimestamp".to_owned(), field_of(old, "creationTimestamp"));
    validate_finalizers(object, &path, &mut errors);
    no_new_finalizers(object, old, &path, &mut errors);
    for field in ["deletionTimestamp", "deletionGracePeriodSeconds", "generation", "generateName"] {
        let old = field_of(old, field);
        let metadata = meta::metadata_mut(object);
        if old.is_null() {
            metadata.shift_remove(field);
        } else {
            metadata.insert(field.to_owned(), old);
        }
    }
    if strategy.resource().namespaced {
        meta::metadata_mut(object).insert("namespace".to_owned(), field_of(old, "namespace"));
    }
    validate_maps(object, &path, &mut errors);
    validate_owners(object, &path, &mut errors);
    errors
}

fn field_of(object: &Value, field: &str) -> Value {
    object.get("metadata").and_then(|metadata| metadata.get(field)).cloned().unwrap_or_default()
}

/// Gives an object the namespace it was sent to, or takes one away that it cannot live in.
/// Upstream: EnsureObjectNamespaceMatchesRequestNamespace.
///
/// # Errors
/// 400 when it says that it lives in another.
pub(super) fn match_namespace(resource: &Resource, object: &mut Value, namespace: &str) -> Result<(), Status> {
    if !resource.namespaced {
        if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
            metadata.shift_remove("namespace");
        }
        return Ok(());
    }
    match meta::namespace(object) {
        "" => drop(meta::metadata_mut(object).insert("namespace".to_owned(), json!(namespace))),
        said if said == namespace => {}
        _ => {
            return Err(Status::bad_request(
                "the namespace of the provided object does not match the namespace sent on the request",
            ));
        }
    }
    Ok(())
}

/// Checks a body against the URL it was sent to: namespace, name.
pub(super) fn match_url(
    strategy: &dyn Strategy,
    object: &mut Value,
    namespace: &str,
    name: Option<&str>,
) -> Result<(), Status> {
    match_namespace(strategy.resource(), object, namespace)?;
    if let Some(name) = name {
        match meta::name(object) {
            "" => {
                return Err(Status::bad_request(format!(
                    "the name of the object ({name} based on URL) was undeterminable: name must be provided"
                )));
            }
            said if said != name => {
                return Err(Status::bad_request(format!(
                    "the name of the object ({said}) does not match the name on the URL ({name})"
                )));
            }
            _ => {}
        }
    }
    Ok(())
}
